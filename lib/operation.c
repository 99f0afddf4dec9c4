// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "log.h"
#include "operation.h"

int operation_check_flags(struct mdev_ctx *ctx, unsigned int flags, unsigned int known)
{
	if (flags & ~known)
		return log_fail(ctx, -EINVAL, "Unknown flags %#x", flags & ~known);
	return 0;
}
