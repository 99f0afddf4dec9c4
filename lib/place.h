/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a device could be made: "any virtual function of this card", "any parent with this type".
 * Hides how parents are found and types are matched.
 */
#ifndef LIB_PLACE_H
#define LIB_PLACE_H

#include "ctx.h"

struct place {
	char *parent, *type;
	unsigned int left;	/* instances */
	size_t order;		/* of its parent among the others */
};

struct places {
	struct place *items;
	size_t count;
	/* The parent and type are those that were asked for: nothing was looked up or counted. */
	bool is_literal;
};

void places_clear(struct places *places);

/*
 * Finds the places for a device of @type on @parent, in the order in which they are to be used.
 *
 * A parent that is not registered, but is a PCI physical function, stands for those of its virtual
 * functions that are. @any: no parent stands for all, and @type may also be the name or the device
 * API of a type; an id takes precedence over a name, and a name over an API.
 *
 * Return: 0, -ENOENT if there is no such type, -ENODEV if @any and there is no such parent, other
 * -errno; reported.
 */
_must_check_ int places_find(struct mdev_ctx *ctx, const char *parent, const char *type, bool any,
			     struct places *places);

/* Reports that no instance is left in any place. Return: -EUSERS. */
int places_fail_full(struct mdev_ctx *ctx, const char *parent, const char *type);

#endif
