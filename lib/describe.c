// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "callout.h"
#include "definition.h"
#include "definitions.h"
#include "device.h"
#include "script_dir.h"

/* The start mode of the stored definition; manual if there is none or it cannot be read. */
static int describe_start(const struct operation *describe, struct mdev_definition *definition)
{
	_cleanup_(definition_unrefp) struct mdev_definition *stored = NULL;
	int r;

	log_about(describe->ctx, .level = MDEV_LOG_DEBUG);
	r = definition_find(describe->ctx, describe->parent, describe->uuid, &stored);
	if (r == 0)
		mdev_definition_set_start(definition, mdev_definition_get_start(stored));
	return r == -ENOMEM ? r : 0;
}

static int describe_ask(struct operation *describe, struct mdev_definition *definition)
{
	_cleanup_(cfg_clear) struct config found = { 0 };
	int r, answered;

	answered = describe->flags & MDEV_OP_LIVE ? callout_get_live_attrs(describe, &found) :
						    callout_get_attrs(describe, &found);
	/* What precedes nonsense counts. */
	r = answered == -ENOMEM ? answered : 0;
	for (size_t i = 0; r == 0 && i < found.n_attrs; i++)
		r = mdev_definition_insert_attr(definition, MDEV_ATTR_END, found.attrs[i].name,
						found.attrs[i].value);
	return r < 0 ? r : answered;
}

static int describe_attrs(struct operation *describe, struct mdev_definition *definition)
{
	int r;

	if (describe->flags & MDEV_OP_NO_CALLOUTS)
		return 0;
	/* A live change with only some of them would take the others away. */
	if (describe->flags & MDEV_OP_LIVE)
		return describe_ask(describe, definition);
	log_about(describe->ctx, .level = MDEV_LOG_WARNING);
	r = describe_ask(describe, definition);
	return r == -ENOMEM ? r : 0;
}

/* @start: of the stored definition, if that is known; NULL: it is looked up */
static int describe_device(struct operation *describe, const enum mdev_start_mode *start,
			   struct mdev_definition **definition)
{
	_cleanup_(definition_unrefp) struct mdev_definition *new = NULL;
	int r;

	r = mdev_definition_new(describe->ctx, describe->uuid, &new);
	if (r == 0)
		r = mdev_definition_set_parent(new, describe->parent);
	if (r == 0)
		r = mdev_definition_set_type(new, describe->type);
	if (r == 0 && start)
		mdev_definition_set_start(new, *start);
	else if (r == 0)
		r = describe_start(describe, new);
	if (r == 0)
		r = describe_attrs(describe, new);
	if (r < 0)
		return r;
	*definition = TAKE_PTR(new);
	return 0;
}

MDEV_EXPORT int mdev_device_get_definition(const struct mdev_device *device, unsigned int flags,
					   struct mdev_definition **definition)
{
	_cleanup_operation_ struct operation describe =
		operation_of_device(OPERATION_DESCRIBE, device, flags);
	int r;

	if (ANY_NULL(device, definition))
		return log_null(device_ctx(device));
	operation_call(&describe);
	r = operation_check_flags(&describe, MDEV_OP_NO_CALLOUTS | MDEV_OP_LIVE);
	return r < 0 ? r : describe_device(&describe, NULL, definition);
}

/* Many ---------------------------------------------------------------------------- */

/* More devices than this are worth reading all definitions. */
#define MANY 16

struct describe_list {
	struct mdev_definition **stored;	/* NULL: they are looked up one by one */
	size_t count;
	unsigned int flags;
	struct definitions made;
};

static void describe_list_clear(struct describe_list *list)
{
	mdev_definition_list_free(list->stored);
	definitions_clear(&list->made);
}

/* What is wrong with the scripts is said of each device. */
static bool describe_finds_scripts(struct mdev_ctx *ctx)
{
	_cleanup_strings_ struct strings paths = { 0 };
	struct script_stamp stamp;

	log_quietly(ctx);
	return script_dir_list(ctx, "callouts", &paths, &stamp) < 0 || paths.count > 0;
}

/* Reads what is the same for all devices. -ENOMEM reported. */
static int describe_list_prepare(struct mdev_ctx *ctx, struct mdev_device *const *devices,
				 struct describe_list *list)
{
	size_t n_devices = 0;
	int r;

	while (devices[n_devices])
		n_devices++;
	if (n_devices <= MANY)
		return 0;
	if (!describe_finds_scripts(ctx))
		list->flags |= MDEV_OP_NO_CALLOUTS;
	log_about(ctx, .level = MDEV_LOG_DEBUG);
	r = definition_list_all(ctx, NULL, NULL, MDEV_LOG_DEBUG, &list->stored, NULL);
	while (r == 0 && list->stored[list->count])
		list->count++;
	return r == -ENOMEM ? r : 0;
}

static int describe_compare(const void *key, const void *element)
{
	const struct mdev_definition *definition = *(struct mdev_definition *const *)element;
	const struct operation *describe = key;
	int order = strcmp(describe->parent, mdev_definition_get_parent(definition));

	return order ? order : strcmp(describe->uuid->text,
				      mdev_definition_get_uuid(definition)->text);
}

static enum mdev_start_mode describe_find_start(const struct describe_list *list,
						const struct operation *describe)
{
	struct mdev_definition **found = bsearch(describe, list->stored, list->count,
						 sizeof(*list->stored), describe_compare);

	/* One that cannot be read has neither. */
	return found && mdev_definition_get_type(*found) ? mdev_definition_get_start(*found) :
							   MDEV_START_MANUAL;
}

static int describe_list_add(struct describe_list *list, const struct mdev_device *device)
{
	_cleanup_operation_ struct operation describe =
		operation_of_device(OPERATION_DESCRIBE, device, list->flags);
	struct mdev_definition *definition = NULL;
	enum mdev_start_mode start;
	int r;

	log_about(describe.ctx, .uuid = describe.uuid->text, .parent = describe.parent);
	if (list->stored)
		start = describe_find_start(list, &describe);
	r = describe_device(&describe, list->stored ? &start : NULL, &definition);
	if (r == 0 && definitions_add(&list->made, definition) < 0)
		r = log_no_memory(describe.ctx);
	return r;
}

MDEV_EXPORT int mdev_definition_list_active(struct mdev_ctx *ctx,
					    struct mdev_device *const *devices, unsigned int flags,
					    struct mdev_definition ***definitions)
{
	_cleanup_(describe_list_clear) struct describe_list list = { .flags = flags };
	const struct operation checked = { .ctx = ctx, .flags = flags };
	int r;

	if (ANY_NULL(ctx, devices, definitions))
		return log_null(ctx);
	log_call(ctx, .uuid = NULL);
	r = operation_check_flags(&checked, MDEV_OP_NO_CALLOUTS);
	if (r == 0)
		r = describe_list_prepare(ctx, devices, &list);
	for (; r == 0 && *devices; devices++)
		r = describe_list_add(&list, *devices);
	if (r < 0)
		return r;
	return definitions_take(&list.made, definitions) < 0 ? log_no_memory(ctx) : 0;
}
