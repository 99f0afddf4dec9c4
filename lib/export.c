// SPDX-License-Identifier: LGPL-2.1-or-later
/* The devices that the machine has, as a document. */
#include <errno.h>
#include <string.h>

#include "definition.h"
#include "device.h"
#include "document.h"
#include "log.h"
#include "machine_state.h"
#include "operation.h"
#include "status_drift.h"

struct export
{
	struct mdev_ctx *ctx;
	unsigned int flags;
	struct machine_state state;
	struct document_entries *entries;
};

static void export_clear(struct export *export)
{
	state_clear(&export->state);
}

/* Whether @device is as its @definition; a warning says why it is not. -errno reported. */
static int export_is_as_defined(const struct export *export, const struct mdev_device *device,
				const struct mdev_definition *definition)
{
	const char *defined = mdev_definition_get_type(definition);
	const char *type = mdev_device_get_type(device);
	_cleanup_buffer_ struct buffer reason = { 0 };
	int r = 0;

	if (strcmp(type, defined) != 0)
		buffer_add_format(&reason, "Its type is %s, defined is %s", type, defined);
	else
		r = status_find_drift(device, definition, "defined", export->flags, &reason);
	if (r == 0 && reason.failed)
		r = log_no_memory(export->ctx);
	if (r < 0 || reason.length == 0)
		return r < 0 ? r : 1;
	log_warning(export->ctx,
		    "Exporting only the definition of device %s on %s, because the "
		    "active device is not as defined: %s",
		    mdev_device_get_uuid(device)->text, mdev_device_get_parent(device),
		    reason.text);
	return 0;
}

/* A definition that could not be stored again is no part of a document. */
static int export_check(const struct export *export, const struct mdev_definition *definition)
{
	_cleanup_free_ char *why = NULL;
	int r;

	/* That it cannot be read is in a warning already. */
	if (!mdev_definition_get_type(definition))
		return -EBADMSG;
	{
		log_catch(export->ctx, &why);
		r = definition_check_complete(definition);
	}
	if (r < 0 && r != -ENOMEM)
		log_warning(export->ctx, "Not exporting device %s on %s: %s",
			    mdev_definition_get_uuid(definition)->text,
			    mdev_definition_get_parent(definition), why ? why : "");
	return r;
}

static int export_definition(struct export *export, struct mdev_definition *definition)
{
	const struct mdev_uuid *uuid = mdev_definition_get_uuid(definition);
	const struct mdev_device *device =
		state_find_device(&export->state, uuid, mdev_definition_get_parent(definition));
	struct document_entry entry = {
		.is_defined = true,
		.names_owner = mdev_definition_get_owner(definition),
		.run = RUN_INACTIVE,
	};
	int r;

	r = export_check(export, definition);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (device) {
		r = export_is_as_defined(export, device, definition);
		entry.run = r > 0 ? RUN_ACTIVE : RUN_ANY;
	}
	if (r < 0)
		return r;
	entry.definition = mdev_definition_ref(definition);
	return document_add(export->ctx, export->entries, &entry);
}

static int export_device(struct export *export, const struct mdev_device *device)
{
	struct document_entry entry = { .run = RUN_ACTIVE };
	int r;

	if (state_find_definition(&export->state, mdev_device_get_uuid(device),
				  mdev_device_get_parent(device)))
		return 0;
	r = mdev_device_get_definition(device, export->flags, &entry.definition);
	return r < 0 ? r : document_add(export->ctx, export->entries, &entry);
}

static int export_all(struct export *export)
{
	const struct machine_state *state = &export->state;
	int r = 0;

	for (size_t i = 0; r == 0 && i < state->n_definitions; i++)
		r = export_definition(export, state->definitions[i]);
	for (size_t i = 0; r == 0 && i < state->n_devices; i++)
		r = export_device(export, state->devices[i]);
	return r;
}

MDEV_EXPORT int mdev_document_export(struct mdev_ctx *ctx, unsigned int flags,
				     struct mdev_document **document)
{
	_cleanup_(document_unrefp) struct mdev_document *new = NULL;
	_cleanup_(export_clear) struct export export = { .ctx = ctx, .flags = flags };
	const struct operation all = { .ctx = ctx, .flags = flags };
	int r;

	if (ANY_NULL(ctx, document))
		return log_null(ctx);
	log_call(ctx, .uuid = NULL);
	r = operation_check_flags(&all, MDEV_OP_NO_CALLOUTS);
	if (r == 0)
		r = mdev_document_new(ctx, &new);
	if (r == 0)
		r = state_read(ctx, MDEV_LOG_WARNING, &export.state);
	if (r < 0)
		return r;
	export.entries = &new->entries;
	r = export_all(&export);
	if (r < 0)
		return r;
	document_sort(&new->entries);
	*document = TAKE_PTR(new);
	return 0;
}
