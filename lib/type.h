/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A type as the operations see it. */
#ifndef LIB_TYPE_H
#define LIB_TYPE_H

#include "backend.h"

/*
 * How many instances of the type @id are left, all that starting needs of a type.
 * Fails as mdev_type_lookup() does.
 */
_must_check_ int type_count_available(const struct mdev_parent *parent, const char *id,
				      const char *name, unsigned int *count);

/* The same of a parent that is held; @name: what it is called. */
_must_check_ int type_count_left(const struct handle *parent, const char *name, const char *id,
				 unsigned int *count);

/*
 * Which of the parent's ids @type is now; @name: of the vendor, when it was defined, or NULL.
 * Fails as mdev_type_lookup() does.
 */
_must_check_ int type_resolve(const struct handle *parent, const char *parent_name,
			      const char *type, const char *name, char **id);

/*
 * What the vendor calls a type whose id may change, and its id, as @type may be the name; both NULL
 * if the parent is not there, has not got the type, or its ids do not change. Return: 0, -ENOMEM,
 * unreported.
 */
_must_check_ int type_name(struct mdev_ctx *ctx, const char *parent, const char *type, char **id,
			   char **name);

/* What the id is of a type that the parent, which is there, may have as soon as it has room. */
enum type_guess type_guess_unlisted(struct mdev_ctx *ctx, const char *parent, const char *id);

/* Whether an instance of the type @id could be created now; only debug records say why not. */
bool type_is_available(const struct handle *parent, const char *name, const char *id);

/* Whether the parent has the type: 0, -ENOENT if not, -ENODEV if it has gone; unreported. */
_must_check_ int type_find(const struct handle *parent, const char *id);

/*
 * Warns of a parent or type for which nothing could be started although the parent is there, or
 * one that may have been meant. A parent that is merely absent may come later.
 */
void type_warn_if_doubtful(struct mdev_ctx *ctx, const char *parent, const char *id,
			   const char *name);

/*
 * For the error that @parent has no such type: ". Did you mean <types that resemble it>?" or
 * "; it has <all of its types>"; NULL if there is nothing to say.
 */
char *type_suggest_on(struct mdev_ctx *ctx, const char *parent, const char *id);

#endif
