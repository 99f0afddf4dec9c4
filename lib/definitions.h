/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A list of definitions while it grows: it becomes what mdev_definition_list_free() frees. */
#ifndef LIB_DEFINITIONS_H
#define LIB_DEFINITIONS_H

#include "ctx.h"

struct definitions {
	struct mdev_definition **items; /* ended by NULL once there is one, or it is taken */
	size_t count;
};

void definitions_clear(struct definitions *list);

/* Takes over @definition, also if it fails. Return: 0, -ENOMEM unreported. */
_must_check_ int definitions_add(struct definitions *list, struct mdev_definition *definition);

/* Moves all to @definitions, which needs an array even if there are none. -ENOMEM unreported. */
_must_check_ int definitions_take(struct definitions *list, struct mdev_definition ***definitions);

#endif
