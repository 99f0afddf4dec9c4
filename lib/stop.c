// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "device.h"
#include "explain.h"
#include "log.h"
#include "operation.h"
#include "sysfs.h"

static int fail_gone(struct mdev_ctx *ctx, const struct mdev_device *device)
{
	return log_fail(ctx, -ENODEV, "Mediated device %s is not active on %s any more",
			mdev_device_get_uuid(device), mdev_device_get_parent(device));
}

MDEV_EXPORT int mdev_stop(const struct mdev_device *device, unsigned int flags)
{
	struct mdev_ctx *ctx = device_ctx(device);
	const char *uuid = mdev_device_get_uuid(device);
	_cleanup_(device_unrefp) struct mdev_device *now = NULL;
	_cleanup_free_ char *why = NULL;
	_cleanup_close_ int dir = -1;
	int r;

	r = operation_check_flags(ctx, flags, 0);
	if (r < 0)
		return r;
	/* The snapshot may be old: another device of this UUID is not the one that is meant. */
	r = device_open(ctx, uuid, &dir);
	if (r == 0)
		r = device_find(ctx, uuid, &now);
	if (r == -ENOENT || r == -ENODEV ||
	    (r == 0 && strcmp(mdev_device_get_parent(now), mdev_device_get_parent(device)) != 0))
		return fail_gone(ctx, device);
	if (r == 0)
		r = sysfs_write(ctx, dir, "remove", "1");
	if (r == -ENODEV || r == -ENOENT)
		return fail_gone(ctx, device);
	if (r < 0) {
		why = explain_remove(ctx, r);
		return log_fail(ctx, r, "Error removing device %s: " OS_ERROR "%s", uuid,
				OS_ERROR_ARGS(r), why ? why : "");
	}
	return 0;
}
