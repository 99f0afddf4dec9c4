// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "callout.h"
#include "definition.h"
#include "device.h"
#include "log.h"
#include "operation.h"

/* How the stored definition is started, manually if there is none that can be read. */
static int take_stored_start(const struct callout_subject *subject,
			     struct mdev_definition *definition)
{
	_cleanup_(definition_unrefp) struct mdev_definition *stored = NULL;
	int r;

	log_about(definition_ctx(definition), .level = MDEV_LOG_DEBUG);
	r = definition_find(definition_ctx(definition), subject->parent, subject->uuid, &stored);
	if (r == 0)
		mdev_definition_set_start(definition, mdev_definition_get_start(stored));
	return r == -ENOMEM ? r : 0;
}

static int ask_attrs(const struct callout_subject *subject, bool live,
		     struct mdev_definition *definition)
{
	_cleanup_(cfg_clear) struct config found = { 0 };
	struct mdev_ctx *ctx = definition_ctx(definition);
	int r;

	/* A live change with only some of them would take the others away. */
	log_about(ctx, .level = live ? 0 : MDEV_LOG_WARNING);
	r = live ? callout_get_live_attrs(ctx, subject, &found) :
		   callout_get_attrs(ctx, subject, &found);
	if (r == -ENOMEM || (r < 0 && live))
		return r;
	r = 0;
	for (size_t i = 0; r == 0 && i < found.n_attrs; i++)
		r = mdev_definition_insert_attr(definition, MDEV_ATTR_END, found.attrs[i].name,
						found.attrs[i].value);
	return r == -EINVAL && !live ? 0 : r;
}

MDEV_EXPORT int mdev_device_get_definition(const struct mdev_device *device, unsigned int flags,
					   struct mdev_definition **definition)
{
	_cleanup_(definition_unrefp) struct mdev_definition *new = NULL;
	struct mdev_ctx *ctx = device_ctx(device);
	struct callout_subject subject;
	int r;

	if (ANY_NULL(device, definition))
		return log_null(ctx);
	subject = (struct callout_subject){
		.uuid = mdev_device_get_uuid(device),
		.parent = mdev_device_get_parent(device),
		.type = mdev_device_get_type(device),
	};
	operation_about(ctx, &subject);
	r = operation_check_flags(ctx, flags, MDEV_OP_NO_CALLOUTS | MDEV_OP_LIVE);
	if (r == 0)
		r = mdev_definition_new(ctx, subject.uuid, &new);
	if (r == 0)
		r = mdev_definition_set_parent(new, subject.parent);
	if (r == 0)
		r = mdev_definition_set_type(new, subject.type);
	if (r == 0)
		r = take_stored_start(&subject, new);
	if (r == 0 && !(flags & MDEV_OP_NO_CALLOUTS))
		r = ask_attrs(&subject, flags & MDEV_OP_LIVE, new);
	if (r < 0)
		return r;
	*definition = TAKE_PTR(new);
	return 0;
}
