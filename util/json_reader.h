/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON as RFC 8259 has it, in UTF-8, and nothing beyond: what is read does not depend on any
 * library that is installed. Numbers stay the text that they were.
 */
#ifndef UTIL_JSON_READER_H
#define UTIL_JSON_READER_H

#include "util/json_tree.h"

/* What is wrong with a text, and where: both count from 1, columns in characters. */
struct json_problem {
	const char *what;
	size_t line, column;
};

/* Return: 0, -EBADMSG with a @problem, -EFBIG above 2 GiB, -ENOMEM. */
_must_check_ int read_json(const char *text, size_t length, struct json_tree *tree,
			   struct json_problem *problem);

#endif
