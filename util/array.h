/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Growing arrays, and lists of strings. */
#ifndef UTIL_ARRAY_H
#define UTIL_ARRAY_H

#include "util/cleanup.h"

/*
 * array_reserve() - make room in an array of @size bytes an element
 * @array: address of the pointer to the array, which may be NULL
 * @count: elements in use
 *
 * Afterwards there is room for one more element and for a terminating one after it. The
 * caller counts and writes the elements; the capacity follows from @count, so this must be
 * called for every element.
 *
 * Return: 0, -ENOMEM.
 */
_must_check_ int array_reserve(void *array, size_t count, size_t size);

/*
 * Moves the elements from @place on, of @count in all, up or down by one: array_make_gap() for one
 * to be written there, after array_reserve(); array_close_gap() when that one is gone.
 */
void array_make_gap(void *items, size_t count, size_t place, size_t size);
void array_close_gap(void *items, size_t count, size_t place, size_t size);

/*
 * array_find() - look for an element of an ordered array
 * @size: bytes of an element
 * @compare: says whether @item comes before (< 0), is (0) or comes after (> 0) what @key names
 * @place: where the first one is or would be
 *
 * Return: whether there is one.
 */
bool array_find(const void *items, size_t count, size_t size,
		int (*compare)(const void *item, const void *key), const void *key, size_t *place);

/* A list of strings that owns them; items is NULL or ends with a NULL. */
struct strings {
	char **items;
	size_t count;
};

_must_check_ int strings_add(struct strings *strings, const char *string);
void strings_sort(struct strings *strings);
bool strings_have(const struct strings *strings, const char *string);
void strings_clear(struct strings *strings);

#define _cleanup_strings_ _cleanup_(strings_clear)

#endif
