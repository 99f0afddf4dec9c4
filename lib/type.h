/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A type as devices and operations see it. */
#ifndef LIB_TYPE_H
#define LIB_TYPE_H

#include "ctx.h"

static inline void type_unrefp(struct mdev_type **type)
{
	mdev_type_unref(*type);
}

static inline void type_list_freep(struct mdev_type ***types)
{
	mdev_type_list_free(*types);
}

#endif
