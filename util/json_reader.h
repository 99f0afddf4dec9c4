/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON according to RFC 8259, in UTF-8, without extensions, so that the result does not depend on
 * an installed library. Numbers keep their text.
 */
#ifndef UTIL_JSON_READER_H
#define UTIL_JSON_READER_H

#include "util/json_tree.h"

/* A mistake in a text and its position; lines and columns count from 1, columns in characters. */
struct json_problem {
	const char *what;
	size_t line, column;
};

/* Where the byte at @at is; all zero before the first use. */
struct json_place {
	size_t at, line, column;
};

/*
 * Moves @place to the byte at @at of @text, from where it is if that is before. What precedes
 * that byte is UTF-8.
 */
void locate_json(const char *text, size_t at, struct json_place *place);

/* Return: 0, -EBADMSG with a @problem, -EFBIG above 2 GiB, -ENOMEM. */
_must_check_ int read_json(const char *text, size_t length, struct json_tree *tree,
			   struct json_problem *problem);

#endif
