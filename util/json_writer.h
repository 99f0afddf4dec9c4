/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON to the byte as mdevctl 1.4.0 writes it: two blanks a level, "name": value, [] and {}
 * when empty, no newline at the end. Bytes that are no UTF-8 become U+FFFD.
 */
#ifndef UTIL_JSON_WRITER_H
#define UTIL_JSON_WRITER_H

#include "util/buffer.h"
#include "util/json_tree.h"

/* Only @buffer and @compact are the caller's. */
struct json_writer {
	struct buffer *buffer;
	bool compact;		/* in one line, without blanks */
	bool filled;		/* the innermost array or object has something in it */
	unsigned int depth;
};

/* @name: of a member; NULL in an array and for the whole text. @bracket: { or [ */
void writer_begin(struct json_writer *writer, const char *name, char bracket);
/* @bracket: } or ] */
void writer_end(struct json_writer *writer, char bracket);

void writer_string(struct json_writer *writer, const char *name, const char *string);
/* true, false or null */
void writer_word(struct json_writer *writer, const char *name, const char *word);
void writer_number(struct json_writer *writer, const char *name, unsigned int number);

/* With its own name, if it is a member. Numbers stay as they were read. */
void writer_value(struct json_writer *writer, const struct json_value *value);

#endif
