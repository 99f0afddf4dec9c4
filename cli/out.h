/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All data on standard output. A command describes its columns once, adds rows and
 * has them printed as text or JSON; the result is checked.
 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>

#include "bar.h"

enum out_kind {
	OUT_STRING,
	OUT_JOINED, /* string whose lines are shown as one, with commas between them */
	OUT_NUMBER,
	OUT_USED,  /* number, text only: a bar behind that of the column before, of what is left */
	OUT_PAIRS, /* names with values, in order */
	OUT_BELOW, /* string: an indented line of its own below the row's */
};

/* Gets the pair of @object at @index; false after the last one. */
typedef bool out_pair_fn(const void *object, size_t index, const char **name, const char **value);

/**
 * struct out_column - what is the same in all rows
 * @kind: type of the cells
 * @group: in JSON, cells with the same value in columns of group 1 are one member,
 *	named by the value, of an object; its value is the array of their rows, each an
 *	object with one member named by the cell of group 2. 0 for other columns.
 * @key: name of the member in JSON, NULL for a column that is only in the text
 * @label: name in the text, if the layout shows names
 * @pair: reads the cells of OUT_PAIRS
 */
struct out_column {
	enum out_kind kind;
	unsigned int group;
	const char *key;
	const char *label;
	out_pair_fn *pair;
};

/* Strings and objects must stay valid until the rows are printed. */
union out_cell {
	const char *string; /* NULL: left out */
	unsigned int number;
	const void *object; /* NULL: no pairs, shown in JSON only */
};

enum out_format {
	OUT_LINES,	 /* one line per row: strings with a blank between; pairs on lines below */
	OUT_TREE,	 /* a line per group, a line per row, then "label: cell" lines; no pairs */
	OUT_JSON,	 /* an array with one object of all groups, empty without rows */
	OUT_JSON_ROWS,	 /* an array with an object per row, without groups */
	OUT_JSON_LINES,	 /* a line with an object per row, without groups */
	OUT_JSON_SINGLE, /* the only row without its groups; OUT_JSON if there are others */
};

struct out {
	const struct out_column *columns;
	size_t column_count;
	union out_cell *cells;
	size_t row_count, allocated;
	struct bar_style bars; /* of OUT_TREE; none at first */
};

/* For columns that are an array. */
#define OUT_NEW(columns_)                                                                          \
	{                                                                                          \
		.columns = columns_, .column_count = sizeof(columns_) / sizeof((columns_)[0])      \
	}

/* For _cleanup_(). */
void out_clear(struct out *out);

/* Adds a row, a cell for each column. Return: 0, -ENOMEM. */
int out_add(struct out *out, const union out_cell *cells);

/* The same for rows of OUT_LINES, which may be printed at once. Return: 0, -errno. */
int out_add_line(struct out *out, const union out_cell *cells);

/* Rows with the same group must follow each other. Return: 0, -errno. */
int out_print(const struct out *out, enum out_format format);

/* Prints one line. Return: 0, -errno. */
int out_print_line(const char *text);

/* Prints a text that is JSON already, and ends its last line. Return: 0, -errno. */
int out_print_json(const char *text);

/*
 * Whether a person reads standard output: it is a terminal or the journal. Progress is for them
 * only, as programs get from a pipe or file what mdevctl 1.4.0 writes to it.
 */
bool out_is_read_by_person(void);

/* Writes @length bytes to standard output. Return: 0, -errno. */
int out_write(const char *text, size_t length);

/* Writes JSON as standard output gets it. Return: 0, -errno. */
struct buffer;
int out_write_json(const struct buffer *json);

/*
 * For commands that print when something happens: waits until @fd can be read, @milliseconds at
 * most unless they are negative. A reader that ends meanwhile is noticed at once, and SIGPIPE
 * acts as it does when something is written.
 *
 * Return: 1, 0 if the time is over, -EPIPE if the reader has ended, other -errno.
 */
int out_wait(int fd, int milliseconds);

/* Whether standard output is a terminal. */
bool out_is_terminal(void);

/*
 * Whether standard output can be written, as far as that can be known beforehand:
 * for commands that change something and then print. Return: 0, -errno.
 */
int out_probe(void);

#endif
