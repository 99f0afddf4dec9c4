/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An active device as the operations see it. */
#ifndef LIB_DEVICE_H
#define LIB_DEVICE_H

#include "ctx.h"

struct mdev_ctx *device_ctx(const struct mdev_device *device);

static inline void device_unrefp(struct mdev_device **device)
{
	mdev_device_unref(*device);
}

static inline void device_list_freep(struct mdev_device ***devices)
{
	mdev_device_list_free(*devices);
}

/*
 * Finds an active device by its canonical UUID.
 *
 * Return: 0, -ENODEV, unreported, if it is not active, other -errno reported.
 */
_must_check_ int device_find(struct mdev_ctx *ctx, const char *uuid, struct mdev_device **device);

/* Opens the device's directory in sysfs; -errno, unreported. */
_must_check_ int device_open(struct mdev_ctx *ctx, const char *uuid, int *dir);

#endif
