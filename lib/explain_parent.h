/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why a parent is missing, as far as the buses show: "; <explanation>" to go after the error, or
 * NULL. Never fails and never reports anything.
 */
#ifndef LIB_EXPLAIN_PARENT_H
#define LIB_EXPLAIN_PARENT_H

#include "ctx.h"

/* Why there is no parent @name, and why there is none at all. */
char *explain_missing_parent(struct mdev_ctx *ctx, const char *name);
char *explain_no_parent(struct mdev_ctx *ctx);

/*
 * Whether the name is that of a PCI function whose virtual functions are not enabled, or of one of
 * these: nothing can be read of its types now.
 */
bool explain_is_disabled(struct mdev_ctx *ctx, const char *name);

#endif
