// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "util/array.h"

int array_reserve(void *array, size_t count, size_t size)
{
	void *grown, *old;

	/* Full when count + 1 is a power of two: the capacity is twice that. */
	if (count & (count + 1))
		return 0;
	memcpy(&old, array, sizeof(old));
	grown = reallocarray(old, 2 * (count + 1), size);
	if (!grown)
		return -ENOMEM;
	memcpy(array, &grown, sizeof(grown));
	return 0;
}

void array_make_gap(void *items, size_t count, size_t place, size_t size)
{
	char *gap = (char *)items + place * size;

	memmove(gap + size, gap, (count - place) * size);
}

void array_close_gap(void *items, size_t count, size_t place, size_t size)
{
	char *gap = (char *)items + place * size;

	memmove(gap, gap + size, (count - place - 1) * size);
}

bool array_find(const void *items, size_t count, size_t size,
		int (*compare)(const void *item, const void *key), const void *key, size_t *place)
{
	const char *first = items;
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(first + middle * size, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*place = low;
	return low < count && compare(first + low * size, key) == 0;
}

int strings_add(struct strings *strings, const char *string)
{
	char *copy;

	if (array_reserve(&strings->items, strings->count, sizeof(*strings->items)) < 0)
		return -ENOMEM;
	strings->items[strings->count] = NULL;
	copy = strdup(string);
	if (!copy)
		return -ENOMEM;
	strings->items[strings->count++] = copy;
	strings->items[strings->count] = NULL;
	return 0;
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strings_sort(struct strings *strings)
{
	if (strings->count > 1)
		qsort(strings->items, strings->count, sizeof(*strings->items), compare_strings);
}

bool strings_have(const struct strings *strings, const char *string)
{
	for (size_t i = 0; i < strings->count; i++)
		if (strcmp(strings->items[i], string) == 0)
			return true;
	return false;
}

void strings_clear(struct strings *strings)
{
	for (size_t i = 0; i < strings->count; i++)
		free(strings->items[i]);
	free(strings->items);
	*strings = (struct strings){ 0 };
}
