/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Items with chosen columns, as a table, a tree or JSON. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "column.h"

struct table {
	const struct column_list *columns;
	const struct item *items;
	size_t count;
	bool is_tree; /* the first column of names shows the depth of the items */
	bool no_headings;
};

/* Prints it for a person or for cut(1). Return: 0, -errno. */
int table_print(const struct table *table);

/* An array of objects; in a tree an object has those below it as "children". */
int table_print_json(const struct table *table);

/* Prints the items of @inventory in one of these forms; the exit status. */
int table_run(const struct inventory *inventory, const struct column_list *columns, bool is_tree,
	      bool no_headings, bool json);

/* "NAME: text" lines of the only item, or an object. */
int table_print_item(const struct table *table);
int table_print_item_json(const struct table *table);

#endif
