/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The columns that tables have on request: their names, and what an item has in them. */
#ifndef CLI_COLUMN_H
#define CLI_COLUMN_H

#include "inventory.h"

enum column_kind {
	COLUMN_STRING,
	COLUMN_NUMBER,
	COLUMN_FLAG,  /* text: yes or no */
	COLUMN_USERS, /* text: COMMAND(PID),... */
	COLUMN_ATTRS, /* text: NAME=VALUE,... */
};

/* What an item has in a column; nothing: @exists is not set. */
struct cell {
	bool exists;
	const char *string;
	unsigned int number; /* of a flag: 0 or 1 */
};

/**
 * struct column - a column
 * @name: in capitals; in JSON in lower case
 * @kind: of its cells
 * @parts: what has to be read for it, of enum inventory_part
 * @items: the kinds of items that it is for, of enum item_kind
 * @wraps: it may take several lines where a terminal is too narrow
 * @get: NULL for users and attributes, which the item itself has
 */
struct column {
	const char *name;
	enum column_kind kind;
	unsigned int parts, items;
	bool wraps;
	struct cell (*get)(const struct item *item);
};

/* Columns of a table. */
#define COLUMN_MAX 64
struct column_list {
	const struct column *columns[COLUMN_MAX + 1]; /* room for one that a tree needs */
	size_t count;
	size_t name; /* which one is the first that shows names, for a tree */
};

/* All columns, and how many. */
extern const struct column column_table[];
extern const size_t column_count;

/**
 * column_parse() - choose columns
 * @text: names in any case with commas between them; "+" at its start: after the default ones.
 *	NULL: the default ones
 * @defaults: names in the same form
 * @items: the kinds of items that the table has: other columns are unknown
 * @list: gets the columns
 *
 * Prints a usage error that lists the columns if one is unknown, or if they are too many.
 *
 * Return: whether they are right.
 */
bool column_parse(const char *text, const char *defaults, unsigned int items,
		  struct column_list *list);

/* Has the columns begin with the names, if they are not among them. */
void column_make_tree(struct column_list *list);

/* All that these columns need. */
unsigned int column_parts(const struct column_list *list);

/* The item's cell as text, to be freed; empty if there is nothing. NULL: no memory. */
char *column_text(const struct column *column, const struct item *item);

#endif
