// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "callout.h"
#include "definition.h"
#include "device.h"

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

MDEV_EXPORT int mdev_device_get_definition(const struct mdev_device *device, unsigned int flags,
					   struct mdev_definition **definition)
{
	_cleanup_(definition_unrefp) struct mdev_definition *new = NULL;
	_cleanup_operation_ struct operation describe =
		operation_of_device(OPERATION_DESCRIBE, device, flags);
	int r;

	if (ANY_NULL(device, definition))
		return log_null(device_ctx(device));
	operation_call(&describe);
	r = operation_check_flags(&describe, MDEV_OP_NO_CALLOUTS | MDEV_OP_LIVE);
	if (r == 0)
		r = mdev_definition_new(describe.ctx, describe.uuid, &new);
	if (r == 0)
		r = mdev_definition_set_parent(new, describe.parent);
	if (r == 0)
		r = mdev_definition_set_type(new, describe.type);
	if (r == 0)
		r = describe_start(&describe, new);
	if (r == 0)
		r = describe_attrs(&describe, new);
	if (r < 0)
		return r;
	*definition = TAKE_PTR(new);
	return 0;
}
