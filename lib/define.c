// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "definition.h"
#include "log.h"
#include "operation.h"
#include "store.h"

MDEV_EXPORT int mdev_define(const struct mdev_definition *definition, unsigned int flags)
{
	struct mdev_ctx *ctx = definition_ctx(definition);
	const char *parent = mdev_definition_get_parent(definition);
	const char *uuid = mdev_definition_get_uuid(definition);
	_cleanup_free_ char *text = NULL;
	int r;

	r = operation_check_flags(ctx, flags, 0);
	if (r == 0)
		r = definition_check_complete(definition);
	if (r == 0)
		r = mdev_definition_get_json(definition, &text);
	if (r < 0)
		return r;
	r = store_create(ctx, parent, uuid, text);
	if (r == -EEXIST)
		return log_fail(ctx, r, "Device %s on %s already defined", uuid, parent);
	return r;
}

MDEV_EXPORT int mdev_undefine(const struct mdev_definition *definition, unsigned int flags)
{
	struct mdev_ctx *ctx = definition_ctx(definition);
	const char *parent = mdev_definition_get_parent(definition);
	const char *uuid = mdev_definition_get_uuid(definition);
	int r;

	r = operation_check_flags(ctx, flags, 0);
	if (r < 0)
		return r;
	if (!parent)
		return log_fail(ctx, -EINVAL, "No parent specified for device %s", uuid);
	r = store_remove(ctx, parent, uuid);
	if (r == -ENOENT)
		return log_fail(ctx, r, "Mediated device %s/%s is not defined", parent, uuid);
	return r;
}
