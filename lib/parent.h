/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A parent as types and operations see it. */
#ifndef LIB_PARENT_H
#define LIB_PARENT_H

#include "backend.h"

struct mdev_ctx *parent_ctx(const struct mdev_parent *parent);

static inline void parent_unrefp(struct mdev_parent **parent)
{
	mdev_parent_unref(*parent);
}

/* Whether a parent of this name is registered; never reports anything. */
bool parent_exists(struct mdev_ctx *ctx, const char *name);

/* As mdev_parent_lookup(). */
_must_check_ int parent_find(struct mdev_ctx *ctx, const char *name, struct mdev_parent **parent);

/* Opens the parent and fails likewise; @note goes after the error that there is no such parent. */
_must_check_ int parent_hold(struct mdev_ctx *ctx, const char *name, const char *note,
			     struct handle *parent);

/* Adds what parent_find() says of a parent that is not there; nothing of another one. */
void parent_add_absence(struct mdev_ctx *ctx, const char *name, struct buffer *out);

/* Which registration of the parent this is; 0 if it is not registered. Never reports anything. */
uint64_t parent_get_registration(struct mdev_ctx *ctx, const char *name);

/* Opens the parent; -ENODEV if there is none of this name, other -errno; unreported. */
_must_check_ int parent_open(struct mdev_ctx *ctx, const char *name, struct handle *parent);
_must_check_ int parent_reopen(const struct mdev_parent *parent, struct handle *handle);

/* The path of the parent's directory, links resolved; -errno, unreported. */
_must_check_ int parent_resolve(const struct mdev_parent *parent, char **path);

/*
 * Warns if the parent is not there, but one that @name may have meant is. That it is absent is
 * no mistake by itself. Return: whether it is absent.
 */
bool parent_warn_if_misspelt(struct mdev_ctx *ctx, const char *name);

#endif
