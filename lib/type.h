/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A type as the operations see it. */
#ifndef LIB_TYPE_H
#define LIB_TYPE_H

#include "ctx.h"

/*
 * How many instances of the type @id are left, all that starting needs of a type.
 * Fails as mdev_type_lookup() does.
 */
_must_check_ int type_count_available(const struct mdev_parent *parent, const char *id,
				      unsigned int *count);

/* Whether an instance of the type @id could be created now; only debug records tell why not. */
bool type_is_available(struct mdev_ctx *ctx, const char *parent, const char *id);

#endif
