// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "out.h"
#include "terminal.h"
#include "util/io.h"
#include "util/text.h"

void out_clear(struct out *out)
{
	free(out->cells);
	out->cells = NULL;
	out->row_count = out->allocated = 0;
}

int out_add(struct out *out, const union out_cell *cells)
{
	size_t columns = out->column_count;

	if (out->row_count == out->allocated) {
		size_t more = out->allocated ? out->allocated * 2 : 16;
		union out_cell *grown = reallocarray(out->cells, more * columns, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		out->cells = grown;
		out->allocated = more;
	}
	memcpy(&out->cells[out->row_count++ * columns], cells, columns * sizeof(*cells));
	return 0;
}

static const union out_cell *row_at(const struct out *out, size_t row)
{
	return &out->cells[row * out->column_count];
}

/* The cell of @row by which it belongs to a group; every set of columns has both. */
static const char *group_of(const struct out *out, const union out_cell *row, unsigned int group)
{
	size_t i = 0;

	while (out->columns[i].group != group)
		i++;
	return row[i].string;
}

static bool begins_group(const struct out *out, size_t row)
{
	return row == 0 || strcmp(group_of(out, row_at(out, row - 1), 1),
				  group_of(out, row_at(out, row), 1)) != 0;
}

/* Text --------------------------------------------------------------------- */

/* Adds a string to what is printed: as it is, or as a terminal gets it. */
typedef void add_fn(struct buffer *buffer, const char *string);

/* A string of several lines as one. */
static void add_joined(struct buffer *buffer, const char *string)
{
	for (; *string; string++)
		buffer_add(buffer, *string == '\n' ? ", " : string, *string == '\n' ? 2 : 1);
}

static void text_pairs(struct buffer *buffer, add_fn *add, const struct out_column *column,
		       const void *object)
{
	const char *name, *value;

	for (size_t i = 0; object && column->pair(object, i, &name, &value); i++) {
		if (i == 0)
			buffer_add_format(buffer, "  %s:\n", column->label);
		buffer_add_format(buffer, "    @{%zu}: {\"", i);
		add(buffer, name);
		buffer_add_string(buffer, "\":\"");
		add(buffer, value);
		buffer_add_string(buffer, "\"}\n");
	}
}

static void print_lines(const struct out *out, struct buffer *buffer, add_fn *add)
{
	for (size_t r = 0; r < out->row_count; r++) {
		const union out_cell *row = row_at(out, r);
		const char *separator = "";

		for (size_t i = 0; i < out->column_count; i++) {
			if (out->columns[i].kind != OUT_STRING || !row[i].string)
				continue;
			buffer_add_string(buffer, separator);
			add(buffer, row[i].string);
			separator = " ";
		}
		buffer_add_string(buffer, "\n");
		for (size_t i = 0; i < out->column_count; i++) {
			if (out->columns[i].kind == OUT_PAIRS)
				text_pairs(buffer, add, &out->columns[i], row[i].object);
		}
	}
}

static void text_member(struct buffer *buffer, add_fn *add, const struct out_column *column,
			const char *string)
{
	_cleanup_buffer_ struct buffer joined = { 0 };

	buffer_add_format(buffer, "    %s: ", column->label);
	if (column->kind == OUT_JOINED) {
		add_joined(&joined, string);
		buffer->failed |= joined.failed;
		string = joined.text ?: "";
	}
	add(buffer, string);
	buffer_add_string(buffer, "\n");
}

static void text_line(struct buffer *buffer, add_fn *add, const char *indent, const char *string)
{
	buffer_add_string(buffer, indent);
	add(buffer, string);
	buffer_add_string(buffer, "\n");
}

static void print_tree(const struct out *out, struct buffer *buffer, add_fn *add)
{
	for (size_t r = 0; r < out->row_count; r++) {
		const union out_cell *row = row_at(out, r);

		if (begins_group(out, r))
			text_line(buffer, add, "", group_of(out, row, 1));
		text_line(buffer, add, "  ", group_of(out, row, 2));
		for (size_t i = 0; i < out->column_count; i++) {
			const struct out_column *column = &out->columns[i];

			if (!column->label || column->kind == OUT_PAIRS)
				continue;
			if (column->kind == OUT_NUMBER)
				buffer_add_format(buffer, "    %s: %u\n", column->label,
						  row[i].number);
			else if (row[i].string)
				text_member(buffer, add, column, row[i].string);
		}
	}
}

/* JSON --------------------------------------------------------------------- */

static void put(FILE *file, const char *string)
{
	fputs_unlocked(string, file);
}

/*
 * Two blanks a level, "key": value, [] and {} when empty, no newline at the end.
 * Written as it goes: json-c needs a tree first, three hash tables a row, and formats
 * it differently from version to version.
 */
struct json {
	FILE *file;
	unsigned int depth;
	bool filled; /* the innermost array or object has something in it */
};

/* How many bytes from here on stand for themselves. */
static size_t plain_length(const char *string)
{
	const char *end = string;
	size_t length;

	while ((unsigned char)*end >= ' ' && *end != '"' && *end != '\\' &&
	       (length = utf8_length(end, SIZE_MAX)) > 0)
		end += length;
	return end - string;
}

/* @newline is what the end of a line becomes. */
static void json_string(struct json *json, const char *string, const char *newline)
{
	static const char short_escapes[] = {
		['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\r'] = 'r', ['\t'] = 't',
	};
	FILE *file = json->file;

	putc_unlocked('"', file);
	for (;;) {
		size_t length = plain_length(string);
		unsigned char c = string[length];

		fwrite_unlocked(string, 1, length, file);
		if (!c)
			break;
		if (c == '\n')
			put(file, newline);
		else if (c < sizeof(short_escapes) && short_escapes[c])
			fprintf(file, "\\%c", short_escapes[c]);
		else if (c < ' ')
			fprintf(file, "\\u%04x", c);
		else
			put(file, "\xef\xbf\xbd"); /* the replacement character, U+FFFD */
		string += length + 1;
	}
	putc_unlocked('"', file);
}

/* Begins the next element: separator, line, and key in an object. */
static void json_next(struct json *json, const char *key)
{
	if (json->filled)
		putc_unlocked(',', json->file);
	if (json->depth)
		putc_unlocked('\n', json->file);
	for (unsigned int i = 0; i < json->depth; i++)
		put(json->file, "  ");
	json->filled = true;
	if (key) {
		json_string(json, key, "\\n");
		put(json->file, ": ");
	}
}

static void json_open(struct json *json, const char *key, char bracket)
{
	json_next(json, key);
	putc_unlocked(bracket, json->file);
	json->depth++;
	json->filled = false;
}

static void json_close(struct json *json, char bracket)
{
	json->depth--;
	if (json->filled) {
		putc_unlocked('\n', json->file);
		for (unsigned int i = 0; i < json->depth; i++)
			put(json->file, "  ");
	}
	putc_unlocked(bracket, json->file);
	json->filled = true;
}

static void json_pairs(struct json *json, const struct out_column *column, const void *object)
{
	const char *name, *value;

	json_open(json, column->key, '[');
	for (size_t i = 0; object && column->pair(object, i, &name, &value); i++) {
		json_open(json, NULL, '{');
		json_next(json, name);
		json_string(json, value, "\\n");
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void json_cell(struct json *json, const struct out_column *column, union out_cell cell)
{
	if (column->kind == OUT_PAIRS) {
		json_pairs(json, column, cell.object);
	} else if (column->kind == OUT_NUMBER) {
		json_next(json, column->key);
		fprintf(json->file, "%u", cell.number);
	} else if (cell.string) {
		json_next(json, column->key);
		json_string(json, cell.string, column->kind == OUT_JOINED ? ", " : "\\n");
	}
}

static void json_row(struct json *json, const struct out *out, const char *key,
		     const union out_cell *row)
{
	json_open(json, key, '{');
	for (size_t i = 0; i < out->column_count; i++) {
		if (out->columns[i].key)
			json_cell(json, &out->columns[i], row[i]);
	}
	json_close(json, '}');
}

static void print_json(const struct out *out, FILE *file)
{
	struct json json = { .file = file };

	json_open(&json, NULL, '[');
	for (size_t r = 0; r < out->row_count; r++) {
		const union out_cell *row = row_at(out, r);

		if (r == 0)
			json_open(&json, NULL, '{');
		else if (begins_group(out, r))
			json_close(&json, ']');
		if (begins_group(out, r))
			json_open(&json, group_of(out, row, 1), '[');
		json_open(&json, NULL, '{');
		json_row(&json, out, group_of(out, row, 2), row);
		json_close(&json, '}');
	}
	if (out->row_count) {
		json_close(&json, ']');
		json_close(&json, '}');
	}
	json_close(&json, ']');
}

static void print_single(const struct out *out, FILE *file)
{
	struct json json = { .file = file };

	json_row(&json, out, NULL, row_at(out, 0));
}

/* Standard output ---------------------------------------------------------- */

int out_write(const char *text, size_t length)
{
	return write_all(STDOUT_FILENO, text, length);
}

static bool is_on_terminal(void)
{
	return isatty(STDOUT_FILENO);
}

static int print_text(const struct out *out, enum out_format format)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	add_fn *add = is_on_terminal() ? terminal_add : buffer_add_string;

	if (format == OUT_LINES)
		print_lines(out, &buffer, add);
	else
		print_tree(out, &buffer, add);
	return buffer.failed ? -ENOMEM : out_write(buffer.text, buffer.length);
}

/* JSON need not escape C1 and DEL, but may: a terminal gets them escaped. */
static int write_json(const char *text, size_t length)
{
	_cleanup_buffer_ struct buffer shown = { 0 };

	if (!is_on_terminal())
		return out_write(text, length);
	terminal_add_lines(&shown, text);
	return shown.failed ? -ENOMEM : out_write(shown.text, shown.length);
}

int out_print(const struct out *out, enum out_format format)
{
	_cleanup_(freep) char *text = NULL;
	size_t length = 0;
	FILE *file;

	if (format == OUT_LINES || format == OUT_TREE)
		return print_text(out, format);
	file = open_memstream(&text, &length);
	if (!file)
		return -errno;
	if (format == OUT_JSON_SINGLE && out->row_count == 1)
		print_single(out, file);
	else
		print_json(out, file);
	if (fclose(file) != 0)
		return -errno;
	return write_json(text, length);
}

int out_print_line(const char *text)
{
	_cleanup_buffer_ struct buffer line = { 0 };

	if (is_on_terminal())
		terminal_add(&line, text);
	else
		buffer_add_string(&line, text);
	buffer_add_string(&line, "\n");
	return line.failed ? -ENOMEM : out_write(line.text, line.length);
}

int out_probe(void)
{
	struct pollfd output = { .fd = STDOUT_FILENO };

	/* An empty write fails on a closed or full device, but not on a pipe without a reader. */
	if (write(STDOUT_FILENO, "", 0) < 0)
		return -errno;
	if (poll(&output, 1, 0) < 0)
		return -errno;
	return output.revents & POLLERR ? -EPIPE : 0;
}
