/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why the kernel refused, as far as can be seen from here: "; <explanation>" to
 * go after its error, or NULL. Never fails and never reports anything.
 */
#ifndef LIB_EXPLAIN_H
#define LIB_EXPLAIN_H

#include "ctx.h"

char *explain_create(struct mdev_ctx *ctx, int r, const struct mdev_definition *definition);
char *explain_instances(struct mdev_ctx *ctx, const char *parent);

/* Which devices are active on @parent. */
char *explain_holders(struct mdev_ctx *ctx, const char *parent);

/* @device: NULL if it is only now being made. */
char *explain_remove(struct mdev_ctx *ctx, int r, const struct mdev_device *device);

/* Of a write to @attr in the directory @device. */
char *explain_write(struct mdev_ctx *ctx, int r, int device, const char *attr);

/* " by <command> (process <pid>), ..." of those who use @device; NULL if nobody is seen. */
char *explain_users(const struct mdev_device *device);

#endif
