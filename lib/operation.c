// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "definition.h"
#include "log.h"
#include "operation.h"

int operation_check_flags(struct mdev_ctx *ctx, unsigned int flags, unsigned int known)
{
	if (flags & ~known)
		return log_fail(ctx, -EINVAL, "Unknown flags %#x", flags & ~known);
	return 0;
}

struct callout_subject operation_subject(const struct mdev_definition *definition)
{
	if (!definition)
		return (struct callout_subject){ 0 };
	return (struct callout_subject){
		.uuid = mdev_definition_get_uuid(definition),
		.parent = mdev_definition_get_parent(definition),
		.type = mdev_definition_get_type(definition),
		.config = definition_config(definition),
	};
}

