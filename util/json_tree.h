/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The values of a JSON text: what read_json() makes and writer_value() writes. */
#ifndef UTIL_JSON_TREE_H
#define UTIL_JSON_TREE_H

#include <string.h>

#include "util/cleanup.h"

enum json_type {
	JSON_NULL,
	JSON_BOOLEAN,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

/*
 * struct json_value - one of the values of a text, which stand in one array in its order
 * @type: what it is
 * @replaced: a member of the same name came later; never handed out
 * @name: of a member, without escapes and with a NUL after it; NULL for other values
 * @text: a string's contents, a number, true, false or null as it was written; with a NUL
 *	after it, which is not the only one if the text has \u0000
 * @name_length, @length: bytes in them
 * @span: how many values from here on it takes, with those inside it
 * @child, @children: where those inside it begin, counted from here, and how many
 *	they are, with those inside them
 * @at: where it begins in the text, a member with its name
 */
struct json_value {
	unsigned char type;
	bool replaced;
	const char *name, *text;
	unsigned int name_length, length;
	unsigned int span, child, children;
	unsigned int at;
};

struct json_tree {
	struct json_value *values;	/* the first one is the whole */
	char *strings;
};

void tree_clear(struct json_tree *tree);

static inline bool value_is(const struct json_value *value, enum json_type type)
{
	return value && value->type == type;
}

/*
 * The values in an array or object one after the other, starting with @last = NULL; NULL
 * after the last one. Of several members of a name the last one is there, in the first
 * one's place.
 */
const struct json_value *value_next(const struct json_value *in, const struct json_value *last);

#define value_foreach(in, value) \
	for (value = value_next(in, NULL); value; value = value_next(in, value))

/* How many those are. */
size_t value_count(const struct json_value *in);

/* The member of @object; NULL if there is none, if it is null, or if @object is another type. */
const struct json_value *value_member(const struct json_value *object, const char *name);

/* NULL if @value is NULL or not a string, or has a NUL inside, which C cannot represent. */
const char *value_string(const struct json_value *value);

/* Inline, so that the length of a constant name is one: all members are compared with some. */
static inline bool value_is_named(const struct json_value *member, const char *name)
{
	return member->name_length == strlen(name) &&
	       memcmp(member->name, name, member->name_length) == 0;
}

/* The name of a member; NULL if it has a NUL inside. */
const char *value_name(const struct json_value *member);

/* The second member of a name that @object, if it is one, has twice; NULL if there is none. */
const struct json_value *value_duplicate(const struct json_value *object);

/* For the reader, at the end of an object. Return: 0, -ENOMEM. */
_must_check_ int value_replace_duplicates(struct json_value *object);

#endif
