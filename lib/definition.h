/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A definition as the operations see it. Hides how it is put together. */
#ifndef LIB_DEFINITION_H
#define LIB_DEFINITION_H

#include "ctx.h"

struct mdev_ctx *definition_ctx(const struct mdev_definition *definition);

static inline void definition_unrefp(struct mdev_definition **definition)
{
	mdev_definition_unref(*definition);
}

/* Fails with -EINVAL, reported, unless parent and type are chosen. */
_must_check_ int definition_check_complete(const struct mdev_definition *definition);

#endif
