/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of the back-end for Intel's GPUs share; the rest is behind vgpu_xe. */
#ifndef LIB_VGPU_XE_H
#define LIB_VGPU_XE_H

#include "vgpu.h"

/* Documentation/ABI/testing/sysfs-driver-intel-xe-sriov: a directory of physical functions only. */
#define XE_ADMIN "sriov_admin"

/* All functions are alike, so there is one type: its id, its name, its number for a transport. */
#define XE_TYPE	  "xe-vf"
#define XE_NAME	  "Virtual function"
#define XE_NUMBER 1

/* The driver of a function; *driver stays NULL without one. Return: 0, -ENODEV, -errno. */
_must_check_ int xe_read_driver(int dir, char **driver);

/* How many of the virtual functions of a physical one are enabled, and how many there could be. */
struct xe_count {
	unsigned int enabled, total;
};

_must_check_ int xe_read_count(struct mdev_ctx *ctx, int physical, struct xe_count *count);

/*
 * Enables a virtual function of the physical one @name for each of its definitions, for each device
 * that is requested beside these, and all those that definitions name, as far as there are so many,
 * unless some are enabled. Return: 0, -errno.
 */
_must_check_ int xe_enable(struct mdev_ctx *ctx, const char *name, int physical,
			   const struct device_request *request);

/* Disables them if they were enabled so and none has a driver, as far as that is possible. */
void xe_disable_unused(struct mdev_ctx *ctx, const char *name, int physical);

/*
 * Keeps others from enabling and disabling functions until @lock is closed. Return: as
 * vgpu_lock().
 */
_must_check_ int xe_lock(struct mdev_ctx *ctx, const char *name, int *lock);

#endif
