/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An active device as the operations see it. */
#ifndef LIB_DEVICE_H
#define LIB_DEVICE_H

#include "backend.h"

struct mdev_ctx *device_ctx(const struct mdev_device *device);
const struct backend *device_backend(const struct mdev_device *device);

static inline void device_unrefp(struct mdev_device **device)
{
	mdev_device_unref(*device);
}

static inline void device_list_freep(struct mdev_device ***devices)
{
	mdev_device_list_free(*devices);
}

static inline void device_info_unrefp(struct mdev_device_info **info)
{
	mdev_device_info_unref(*info);
}

/*
 * Finds an active device by its UUID.
 *
 * Return: 0, -ENODEV, unreported, if it is not active, other -errno reported.
 */
_must_check_ int device_find(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
			      struct mdev_device **device);

/*
 * Opens this device, not another one with its UUID that was made since the snapshot, on another
 * parent or of another type. The check is made on the directory that is then held, so the
 * checked device is the one that is written.
 *
 * Return: 0, -ENODEV if it is no longer active, other -errno; unreported.
 */
_must_check_ int device_reopen(const struct mdev_device *device, struct handle *handle);

/* The same, and the path of its directory in sysfs, links resolved. */
_must_check_ int device_locate(const struct mdev_device *device, struct handle *handle,
			       char **path);

/* Reports that doing @what with a device failed, by -ENODEV that it has gone. Return: @r. */
int device_fail(const struct mdev_device *device, int r, const char *what);

#endif
