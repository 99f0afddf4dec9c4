// SPDX-License-Identifier: LGPL-2.1-or-later
#include "util/json_tree.h"

#define FEW_MEMBERS 8

void tree_clear(struct json_tree *tree)
{
	free(tree->values);
	free(tree->strings);
	*tree = (struct json_tree){ 0 };
}

const struct json_value *value_next(const struct json_value *in, const struct json_value *last)
{
	const struct json_value *end = in + in->child + in->children;
	const struct json_value *next = last ? last + last->span : in + in->child;

	while (next < end && next->replaced)
		next += next->span;
	return next < end ? next : NULL;
}

size_t value_count(const struct json_value *in)
{
	const struct json_value *value;
	size_t count = 0;

	value_foreach(in, value)
		count++;
	return count;
}

const struct json_value *value_member(const struct json_value *object, const char *name)
{
	const struct json_value *member;

	if (!value_is(object, JSON_OBJECT))
		return NULL;
	value_foreach(object, member)
		if (value_is_named(member, name))
			return value_is(member, JSON_NULL) ? NULL : member;
	return NULL;
}

const struct json_value *value_duplicate(const struct json_value *object)
{
	const struct json_value *end = object + object->child + object->children;

	if (!value_is(object, JSON_OBJECT))
		return NULL;
	for (const struct json_value *v = object + object->child; v < end; v += v->span)
		if (v->replaced)
			return v;
	return NULL;
}

const char *value_string(const struct json_value *value)
{
	if (!value_is(value, JSON_STRING) || strlen(value->text) != value->length)
		return NULL;
	return value->text;
}

const char *value_name(const struct json_value *member)
{
	return strlen(member->name) == member->name_length ? member->name : NULL;
}

static int compare_names(const struct json_value *a, const struct json_value *b)
{
	if (a->name_length != b->name_length)
		return a->name_length < b->name_length ? -1 : 1;
	return memcmp(a->name, b->name, a->name_length);
}

static int compare_members(const void *a, const void *b)
{
	const struct json_value *x = *(struct json_value *const *)a;
	const struct json_value *y = *(struct json_value *const *)b;
	int order = compare_names(x, y);

	return order ? order : (x > y) - (x < y);
}

/* @last takes the place of @first, which keeps its own span. */
static void replace_member(struct json_value *first, struct json_value *last)
{
	unsigned int span = first->span;

	*first = *last;
	first->span = span;
	first->child += last - first;
	first->replaced = false;
}

static bool value_has_duplicates(const struct json_value *object)
{
	const struct json_value *end = object + object->child + object->children;
	const struct json_value *a, *b;

	for (a = object + object->child; a < end; a += a->span)
		for (b = a + a->span; b < end; b += b->span)
			if (compare_names(a, b) == 0)
				return true;
	return false;
}

/* Sorts, because a long text may consist of names that are equal or almost equal. */
static int value_sort_out_duplicates(struct json_value *object, size_t count)
{
	_cleanup_free_ struct json_value **members = NULL;
	const struct json_value *member;
	size_t i = 0, end;

	members = reallocarray(NULL, count, sizeof(struct json_value *));
	if (!members)
		return -ENOMEM;
	value_foreach(object, member)
		members[i++] = object + (member - object);
	qsort(members, count, sizeof(*members), compare_members);
	for (i = 0; i < count; i = end) {
		end = i + 1;
		while (end < count && compare_names(members[i], members[end]) == 0)
			members[end++]->replaced = true;
		if (end - i > 1)
			replace_member(members[i], members[end - 1]);
	}
	return 0;
}

int value_replace_duplicates(struct json_value *object)
{
	size_t count = value_count(object);

	/* Few are compared with each other sooner than sorted, and most have none. */
	if (count <= FEW_MEMBERS && !value_has_duplicates(object))
		return 0;
	return value_sort_out_duplicates(object, count);
}
