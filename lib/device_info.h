/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared by the details of devices and of parents. */
#ifndef LIB_DEVICE_INFO_H
#define LIB_DEVICE_INFO_H

#include "ctx.h"
#include "util/buffer.h"

/*
 * Where udev and devtmpfs put VFIO's nodes: the kernel's drivers/vfio name them
 * "vfio/<group>" and "vfio/devices/<device>".
 */
#define GROUP_NODES  "/dev/vfio"
#define DEVICE_NODES "/dev/vfio/devices"

/* As mdev_device_get_info(). Return: 0, -ENODEV if it has gone, other -errno; unreported. */
_must_check_ int device_info_get(const struct mdev_device *device, struct mdev_device_info **info);

/* Adds a sentence about what a virtual machine misses of an active device, if it does. */
void device_info_explain(struct mdev_ctx *ctx, const struct mdev_device_info *info,
			 struct buffer *out);

/* The last component of where a link points to; *name is left alone if there is none. */
_must_check_ int info_read_base(int dir, const char *link, char **name);

/* The NUMA node of a device by its directory; -1 if the kernel does not know. */
_must_check_ int info_read_numa_node(struct mdev_ctx *ctx, int parent, int *node);

#endif
