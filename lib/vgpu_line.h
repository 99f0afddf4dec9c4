/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines of a driver's list of types, divided into numbers and the rest: vgpu_list.c knows which is which. */
#ifndef LIB_VGPU_LINE_H
#define LIB_VGPU_LINE_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_BLANKS " \t\r"
#define LINE_DIGITS "0123456789"
/* Around a number or a name. */
#define LINE_OPENERS "([<|\"'"
#define LINE_CLOSERS ")]>\"'"
/* Of number and name, with blanks or without. */
#define LINE_SEPARATORS ":|=,;"

/* A part of a text; nothing in it is owned. */
struct span {
	const char *text;
	size_t length;
};

void span_skip(struct span *span, size_t count);

/* Drop characters of @set from the start, and from the end. */
void span_trim_start(struct span *span, const char *set);
void span_trim_end(struct span *span, const char *set);

/* How many characters of @set are at the end. */
size_t span_count_end(const struct span *span, const char *set);
bool span_has(const struct span *span, const char *set);
bool span_same(const struct span *a, const struct span *b);

/* Reads the id of a type; 0 is none. */
bool span_read_id(const struct span *span, unsigned int *id);

/* More columns of numbers than this are part of the name. */
#define LINE_COLUMNS 8

enum line_form {
	LINE_OTHER,
	LINE_NUMBER_FIRST,
	LINE_NUMBER_LAST,
};

/* Columns count from the edge where the numbers are; rest[n]: the line without n of them. */
struct list_line {
	struct span text;
	enum line_form form;
	char separator;	/* of number and name; ' ' if it is none of LINE_SEPARATORS */
	size_t n_columns;
	struct span columns[LINE_COLUMNS];
	struct span rest[LINE_COLUMNS + 1];
};

/* Divides a line that has a digit, and no blanks around it. */
void line_split(struct span text, struct list_line *line);

#endif
