/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A parent as types and operations see it. */
#ifndef LIB_PARENT_H
#define LIB_PARENT_H

#include "backend.h"
#include "util/array.h"

struct mdev_ctx *parent_ctx(const struct mdev_parent *parent);

static inline void parent_unrefp(struct mdev_parent **parent)
{
	mdev_parent_unref(*parent);
}

/* Names of all parents, sorted; none if the class is not there. -errno, unreported. */
_must_check_ int parent_list_names(struct mdev_ctx *ctx, struct strings *names);

/* Whether the core's class of parents is there; never reports anything. */
bool parent_class_exists(struct mdev_ctx *ctx);

/* Whether a parent of this name is registered; never reports anything. */
bool parent_exists(struct mdev_ctx *ctx, const char *name);

/* As mdev_parent_lookup(); @note goes behind the error that there is no such parent. */
_must_check_ int parent_find(struct mdev_ctx *ctx, const char *name, const char *note,
			     struct mdev_parent **parent);

/* Opens the parent; -ENODEV if there is none of this name, other -errno; unreported. */
_must_check_ int parent_open(struct mdev_ctx *ctx, const char *name, struct handle *parent);

/* The path of the parent's directory, links resolved; -errno, unreported. */
_must_check_ int parent_resolve(const struct mdev_parent *parent, char **path);

/* Opens the parent's mdev_supported_types; -errno, unreported. */
_must_check_ int parent_open_types(struct mdev_ctx *ctx, const char *name, int *dir);

#endif
