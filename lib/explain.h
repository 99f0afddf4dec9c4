/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why the kernel refused, as far as can be seen from here: "; <explanation>" to
 * go behind its error, or NULL. Never fails and never reports anything.
 */
#ifndef LIB_EXPLAIN_H
#define LIB_EXPLAIN_H

#include "ctx.h"
#include "util/buffer.h"

/* The text, or NULL if it is empty or there was no memory for it. */
char *explain_finish(struct buffer *buffer);

char *explain_create(struct mdev_ctx *ctx, int r, const struct mdev_definition *definition);
char *explain_instances(struct mdev_ctx *ctx, const char *parent);

/* @device: NULL if it is only now being made. */
char *explain_remove(struct mdev_ctx *ctx, int r, const struct mdev_device *device);

/* Of a write to @attr in the directory @device. */
char *explain_write(struct mdev_ctx *ctx, int r, int device, const char *attr);

/* Why there is no parent @name, and why there is none at all. */
char *explain_missing_parent(struct mdev_ctx *ctx, const char *name);
char *explain_no_parent(struct mdev_ctx *ctx);

#endif
