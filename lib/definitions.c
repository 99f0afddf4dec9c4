// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>

#include "definitions.h"
#include "util/array.h"

void definitions_clear(struct definitions *list)
{
	for (size_t i = 0; i < list->count; i++)
		mdev_definition_unref(list->items[i]);
	free(list->items);
}

int definitions_add(struct definitions *list, struct mdev_definition *definition)
{
	int r = array_reserve(&list->items, list->count, sizeof(*list->items));

	if (r < 0) {
		mdev_definition_unref(definition);
		return r;
	}
	list->items[list->count++] = definition;
	list->items[list->count] = NULL;
	return 0;
}

int definitions_take(struct definitions *list, struct mdev_definition ***definitions)
{
	int r = array_reserve(&list->items, list->count, sizeof(*list->items));

	if (r < 0)
		return r;
	list->items[list->count] = NULL;
	*definitions = TAKE_PTR(list->items);
	list->count = 0;
	return 0;
}

MDEV_EXPORT void mdev_definition_list_free(struct mdev_definition **definitions)
{
	if (!definitions)
		return;
	for (size_t i = 0; definitions[i]; i++)
		mdev_definition_unref(definitions[i]);
	free(definitions);
}
