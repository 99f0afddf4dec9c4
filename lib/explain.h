/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why the kernel refused, as far as can be seen from here: "; <explanation>" to
 * go after its error, or NULL. Never fails and never reports anything.
 */
#ifndef LIB_EXPLAIN_H
#define LIB_EXPLAIN_H

#include "backend.h"

/* @parent: NULL if no driver has been asked. */
char *explain_create(struct mdev_ctx *ctx, const struct handle *parent, int r,
		     const struct mdev_definition *definition);
char *explain_instances(struct mdev_ctx *ctx, const char *parent);

/* Which devices are active on @parent. */
char *explain_holders(struct mdev_ctx *ctx, const char *parent);

/* @device: that of the handle; NULL if it is only now being made. */
char *explain_remove(const struct handle *handle, int r, const struct mdev_device *device);

/* Of reading an attribute of the device. */
char *explain_read(const struct handle *device, int r);

/* Of a write to @attr of the device. */
char *explain_write(const struct handle *device, int r, const char *attr);

#define EXPLAIN_BY " by "

/*
 * EXPLAIN_BY "<command> (process <pid>), ..." of those who use @device; NULL if nobody is seen.
 * @info: has the nodes, as of when they could be looked up; NULL: they are looked up
 */
char *explain_users(const struct mdev_device *device, struct mdev_device_info *info);

#endif
