// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The library that lsblk and findmnt print their tables with lays out the text. It does not write
 * the JSON: it passes bytes that are not UTF-8 on, and knows no list of objects in a cell.
 */
#include <ctype.h>
#include <errno.h>
#include <libsmartcols.h>
#include <locale.h>
#include <string.h>

#include "out.h"
#include "table.h"
#include "terminal.h"
#include "util/array.h"
#include "util/buffer.h"
#include "util/json_writer.h"

/* Text ------------------------------------------------------------------------- */

DEFINE_CLEANUP(struct libscols_table *, scols_unref_table)

static int text_add_columns(const struct table *table, struct libscols_table *text)
{
	for (size_t i = 0; i < table->columns->count; i++) {
		const struct column *column = table->columns->columns[i];
		int flags = column->kind == COLUMN_NUMBER ? SCOLS_FL_RIGHT : 0;

		if (table->is_tree && i == table->columns->name)
			flags |= SCOLS_FL_TREE;
		if (!scols_table_new_column(text, column->name, 0, flags))
			return -ENOMEM;
	}
	return 0;
}

static int text_add_cells(const struct table *table, const struct item *item,
			  struct libscols_line *line)
{
	for (size_t i = 0; i < table->columns->count; i++) {
		char *cell = column_text(table->columns->columns[i], item);

		/*
		 * The line takes it over. What cannot be printed, the end of a line among it, is
		 * shown as \x1b.
		 */
		if (!cell || scols_line_refer_data(line, i, cell) < 0) {
			free(cell);
			return -ENOMEM;
		}
	}
	return 0;
}

/* @above: the line of the last item of each depth. */
static int text_add_lines(const struct table *table, struct libscols_table *text,
			  struct libscols_line **above)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < table->count; i++) {
		unsigned int depth = table->items[i].depth;
		struct libscols_line *line =
			scols_table_new_line(text, depth > 0 ? above[depth - 1] : NULL);

		if (!line)
			return -ENOMEM;
		above[depth] = line;
		r = text_add_cells(table, &table->items[i], line);
	}
	return r;
}

/* A tree has no more levels than items. */
static int text_fill(const struct table *table, struct libscols_table *text)
{
	_cleanup_(freep) struct libscols_line **above =
		calloc(table->count + 1, sizeof(struct libscols_line *));
	int r = above ? text_add_columns(table, text) : -ENOMEM;

	return r < 0 ? r : text_add_lines(table, text, above);
}

/* In a narrower column a cell that wraps is harder to read than a line that is too long. */
#define WRAP_LEAST 20

/*
 * Wraps long cells if the terminal is too narrow for them, but not to less than WRAP_LEAST.
 * @printed: the table without that, replaced if something is gained
 */
static int text_wrap(const struct table *table, struct libscols_table *text, char **printed)
{
	_cleanup_(freep) char *wrapped = NULL;
	size_t whole[COLUMN_MAX + 1];
	int r;

	for (size_t i = 0; i < table->columns->count; i++) {
		struct libscols_column *column = scols_table_get_column(text, i);

		whole[i] = scols_column_get_width(column);
		if (table->columns->columns[i]->wraps)
			scols_column_set_flags(column, SCOLS_FL_WRAP);
	}
	r = scols_print_table_to_string(text, &wrapped);
	if (r < 0)
		return r;
	for (size_t i = 0; i < table->columns->count; i++) {
		size_t width = scols_column_get_width(scols_table_get_column(text, i));

		if (width < whole[i] && width < WRAP_LEAST)
			return 0;
	}
	free(*printed);
	*printed = TAKE_PTR(wrapped);
	return 0;
}

int table_print(const struct table *table)
{
	_cleanup_(scols_unref_tablep) struct libscols_table *text = NULL;
	_cleanup_(freep) char *printed = NULL;
	int r;

	if (table->count == 0)
		return 0;
	/* Lines of the tree and widths are those of the user's character set. */
	setlocale(LC_CTYPE, "");
	text = scols_new_table();
	if (!text)
		return -ENOMEM;
	r = text_fill(table, text);
	if (r < 0)
		return r;
	scols_table_enable_minout(text, 1);
	scols_table_enable_noheadings(text, table->no_headings);
	r = scols_print_table_to_string(text, &printed);
	if (r == 0 && out_is_terminal())
		r = text_wrap(table, text, &printed);
	if (r < 0)
		return r;
	r = out_write(printed, strlen(printed));
	/* Some versions leave out the end of the last line. */
	return r < 0 || !*printed || printed[strlen(printed) - 1] == '\n' ? r : out_write("\n", 1);
}

/* JSON ------------------------------------------------------------------------- */

static void json_users(struct json_writer *writer, const char *key, const struct item *item)
{
	writer_begin(writer, key, '[');
	for (size_t i = 0; i < item->user_count; i++) {
		writer_begin(writer, NULL, '{');
		writer_number(writer, "pid", mdev_user_get_pid(item->users[i]));
		writer_string(writer, "command", mdev_user_get_command(item->users[i]));
		writer_end(writer, '}');
	}
	writer_end(writer, ']');
}

static void json_attrs(struct json_writer *writer, const char *key, const struct item *item)
{
	const char *name, *value;

	writer_begin(writer, key, '[');
	for (size_t i = 0; item->attrs && i < mdev_definition_count_attrs(item->attrs); i++) {
		if (mdev_definition_get_attr(item->attrs, i, &name, &value) < 0)
			continue;
		writer_begin(writer, NULL, '{');
		writer_string(writer, name, value);
		writer_end(writer, '}');
	}
	writer_end(writer, ']');
}

static void json_cell(struct json_writer *writer, const char *key, enum column_kind kind,
		      struct cell cell)
{
	if (!cell.exists)
		writer_word(writer, key, "null");
	else if (kind == COLUMN_NUMBER)
		writer_number(writer, key, cell.number);
	else if (kind == COLUMN_FLAG)
		writer_word(writer, key, cell.number ? "true" : "false");
	else
		writer_string(writer, key, cell.string);
}

static void json_column(struct json_writer *writer, const struct column *column,
			const struct item *item)
{
	char key[32];
	size_t i;

	for (i = 0; i < sizeof(key) - 1 && column->name[i]; i++)
		key[i] = (char)tolower((unsigned char)column->name[i]);
	key[i] = '\0';
	if (item->kind != ITEM_DEVICE && !column->get)
		writer_word(writer, key, "null");
	else if (column->kind == COLUMN_USERS)
		json_users(writer, key, item);
	else if (column->kind == COLUMN_ATTRS)
		json_attrs(writer, key, item);
	else
		json_cell(writer, key, column->kind, column->get(item));
}

/* Columns that are chosen twice are one member. */
static void json_columns(struct json_writer *writer, const struct column_list *list,
			 const struct item *item)
{
	for (size_t i = 0; i < list->count; i++) {
		size_t first = 0;

		while (list->columns[first] != list->columns[i])
			first++;
		if (first == i)
			json_column(writer, list->columns[i], item);
	}
}

static size_t json_item(struct json_writer *writer, const struct table *table, size_t i);

/* Those from @i on that are deeper than @depth. Return: the index behind them. */
static size_t json_children(struct json_writer *writer, const struct table *table, size_t i,
			    unsigned int depth)
{
	if (i == table->count || table->items[i].depth <= depth)
		return i;
	writer_begin(writer, "children", '[');
	while (i < table->count && table->items[i].depth > depth)
		i = json_item(writer, table, i);
	writer_end(writer, ']');
	return i;
}

static size_t json_item(struct json_writer *writer, const struct table *table, size_t i)
{
	writer_begin(writer, NULL, '{');
	json_columns(writer, table->columns, &table->items[i]);
	i = json_children(writer, table, i + 1, table->items[i].depth);
	writer_end(writer, '}');
	return i;
}

int table_print_json(const struct table *table)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	struct json_writer writer = { .buffer = &buffer };

	writer_begin(&writer, NULL, '[');
	for (size_t i = 0; i < table->count;)
		i = json_item(&writer, table, i);
	writer_end(&writer, ']');
	buffer_add_string(&buffer, "\n");
	return buffer.failed ? -ENOMEM : out_write_json(&buffer);
}

int table_run(const struct inventory *inventory, const struct column_list *columns, bool is_tree,
	      bool no_headings, bool json)
{
	const struct table table = {
		.columns = columns,
		.items = inventory->items,
		.count = inventory->count,
		.is_tree = is_tree,
		.no_headings = no_headings,
	};

	return cli_written(json ? table_print_json(&table) : table_print(&table));
}

/* One item --------------------------------------------------------------------- */

static int item_widest(const struct column_list *list)
{
	size_t widest = 0;

	for (size_t i = 0; i < list->count; i++)
		if (strlen(list->columns[i]->name) > widest)
			widest = strlen(list->columns[i]->name);
	return (int)widest;
}

int table_print_item(const struct table *table)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	int width = item_widest(table->columns) + 1;

	for (size_t i = 0; i < table->columns->count; i++) {
		const struct column *column = table->columns->columns[i];
		_cleanup_(freep) char *cell = column_text(column, table->items);

		if (!cell)
			return -ENOMEM;
		if (!*cell)
			continue;
		buffer_add_format(&buffer, "%s:%*s", column->name,
				  width - (int)strlen(column->name), "");
		terminal_add(&buffer, cell);
		buffer_add_string(&buffer, "\n");
	}
	return buffer.failed ? -ENOMEM : out_write(buffer.text, buffer.length);
}

int table_print_item_json(const struct table *table)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	struct json_writer writer = { .buffer = &buffer };

	json_item(&writer, table, 0);
	buffer_add_string(&buffer, "\n");
	return buffer.failed ? -ENOMEM : out_write_json(&buffer);
}
