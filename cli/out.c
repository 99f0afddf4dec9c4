// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "out.h"
#include "terminal.h"
#include "util/buffer.h"
#include "util/io.h"
#include "util/json_writer.h"

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

/* Writing ------------------------------------------------------------------ */

int out_write(const char *text, size_t length)
{
	return write_all(STDOUT_FILENO, text, length);
}

bool out_is_terminal(void)
{
	return isatty(STDOUT_FILENO);
}

/* JSON need not escape C1 and DEL, but may: a terminal gets them escaped. */
int out_write_json(const struct buffer *json)
{
	_cleanup_buffer_ struct buffer shown = { 0 };

	if (!out_is_terminal())
		return out_write(json->text, json->length);
	terminal_add_lines(&shown, json->text);
	return shown.failed ? -ENOMEM : out_write(shown.text, shown.length);
}

/* A long list does not stand in memory as a whole beside its text. */
#define OUT_PART (64 * 1024)

/* Writes a part that is complete, and starts the next one. */
static int out_flush(struct buffer *buffer, int (*write_part)(const struct buffer *part))
{
	int r;

	if (buffer->failed || buffer->length < OUT_PART)
		return 0;
	r = write_part(buffer);
	buffer->length = 0;
	return r;
}

static int out_write_part(const struct buffer *part)
{
	return out_write(part->text, part->length);
}

/* Text --------------------------------------------------------------------- */

/* Adds a string to the output: unchanged, or in the form for a terminal. */
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

static void text_line(struct buffer *buffer, add_fn *add, const char *indent, const char *string)
{
	buffer_add_string(buffer, indent);
	add(buffer, string);
	buffer_add_string(buffer, "\n");
}

static void text_row(const struct out *out, const union out_cell *row, struct buffer *buffer,
		     add_fn *add)
{
	bool filled = false;

	for (size_t i = 0; i < out->column_count; i++) {
		if (out->columns[i].kind != OUT_STRING || !row[i].string)
			continue;
		if (filled)
			buffer_add(buffer, " ", 1);
		add(buffer, row[i].string);
		filled = true;
	}
	buffer_add(buffer, "\n", 1);
	for (size_t i = 0; i < out->column_count; i++) {
		if (out->columns[i].kind == OUT_PAIRS)
			text_pairs(buffer, add, &out->columns[i], row[i].object);
		else if (out->columns[i].kind == OUT_BELOW && row[i].string)
			text_line(buffer, add, "  ", row[i].string);
	}
}

static int print_lines(const struct out *out, struct buffer *buffer, add_fn *add)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < out->row_count; i++) {
		text_row(out, row_at(out, i), buffer, add);
		r = out_flush(buffer, out_write_part);
	}
	return r;
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

static void text_number(struct buffer *buffer, const struct out *out, const union out_cell *row,
			size_t i)
{
	size_t before = buffer->length;

	buffer_add_format(buffer, "    %s: %u", out->columns[i].label, row[i].number);
	if (out->bars.columns && i + 1 < out->column_count && out->columns[i + 1].kind == OUT_USED)
		bar_add(buffer, &out->bars, (unsigned int)(buffer->length - before),
			row[i + 1].number, row[i].number);
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
				text_number(buffer, out, row, i);
			else if (row[i].string)
				text_member(buffer, add, column, row[i].string);
		}
	}
}

/* JSON --------------------------------------------------------------------- */

static void json_pairs(struct json_writer *writer, const struct out_column *column,
		       const void *object)
{
	const char *name, *value;

	writer_begin(writer, column->key, '[');
	for (size_t i = 0; object && column->pair(object, i, &name, &value); i++) {
		writer_begin(writer, NULL, '{');
		writer_string(writer, name, value);
		writer_end(writer, '}');
	}
	writer_end(writer, ']');
}

static void json_joined(struct json_writer *writer, const char *key, const char *string)
{
	_cleanup_buffer_ struct buffer joined = { 0 };

	add_joined(&joined, string);
	if (joined.failed)
		writer->buffer->failed = true;
	else
		writer_string(writer, key, joined.length > 0 ? joined.text : "");
}

static void json_cell(struct json_writer *writer, const struct out_column *column,
		      union out_cell cell)
{
	if (column->kind == OUT_PAIRS)
		json_pairs(writer, column, cell.object);
	else if (column->kind == OUT_NUMBER)
		writer_number(writer, column->key, cell.number);
	else if (cell.string && column->kind == OUT_JOINED)
		json_joined(writer, column->key, cell.string);
	else if (cell.string)
		writer_string(writer, column->key, cell.string);
}

static void json_row(struct json_writer *writer, const struct out *out, const char *name,
		     const union out_cell *row)
{
	writer_begin(writer, name, '{');
	for (size_t i = 0; i < out->column_count; i++)
		if (out->columns[i].key)
			json_cell(writer, &out->columns[i], row[i]);
	writer_end(writer, '}');
}

static int print_json(const struct out *out, struct buffer *buffer)
{
	struct json_writer writer = { .buffer = buffer };
	int r = 0;

	writer_begin(&writer, NULL, '[');
	for (size_t i = 0; r == 0 && i < out->row_count; i++) {
		const union out_cell *row = row_at(out, i);
		bool begins = begins_group(out, i);

		if (i == 0)
			writer_begin(&writer, NULL, '{');
		else if (begins)
			writer_end(&writer, ']');
		if (begins)
			writer_begin(&writer, group_of(out, row, 1), '[');
		writer_begin(&writer, NULL, '{');
		json_row(&writer, out, group_of(out, row, 2), row);
		writer_end(&writer, '}');
		r = out_flush(buffer, out_write_json);
	}
	if (out->row_count) {
		writer_end(&writer, ']');
		writer_end(&writer, '}');
	}
	writer_end(&writer, ']');
	return r;
}

static void print_rows(const struct out *out, struct buffer *buffer)
{
	struct json_writer writer = { .buffer = buffer };

	writer_begin(&writer, NULL, '[');
	for (size_t r = 0; r < out->row_count; r++)
		json_row(&writer, out, NULL, row_at(out, r));
	writer_end(&writer, ']');
}

static void print_objects(const struct out *out, struct buffer *buffer)
{
	for (size_t r = 0; r < out->row_count; r++) {
		struct json_writer writer = { .buffer = buffer, .compact = true };

		json_row(&writer, out, NULL, row_at(out, r));
		buffer_add_string(buffer, "\n");
	}
}

static void print_single(const struct out *out, struct buffer *buffer)
{
	struct json_writer writer = { .buffer = buffer };

	json_row(&writer, out, NULL, row_at(out, 0));
}

/* Standard output ---------------------------------------------------------- */

/* "DEVICE:INODE" of the stream that goes to the journal: systemd.exec(5). */
static bool is_journal(void)
{
	const char *stream = secure_getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat st;

	return stream && sscanf(stream, "%ju:%ju", &device, &inode) == 2 &&
	       fstat(STDOUT_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

bool out_is_read_by_person(void)
{
	return out_is_terminal() || is_journal();
}

static int print_text(const struct out *out, enum out_format format)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	add_fn *add = out_is_terminal() ? terminal_add : buffer_add_string;
	int r = 0;

	if (format == OUT_LINES)
		r = print_lines(out, &buffer, add);
	else
		print_tree(out, &buffer, add);
	if (r < 0)
		return r;
	return buffer.failed ? -ENOMEM : out_write(buffer.text, buffer.length);
}

int out_print(const struct out *out, enum out_format format)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	int r = 0;

	if (format == OUT_LINES || format == OUT_TREE)
		return print_text(out, format);
	if (format == OUT_JSON_SINGLE && out->row_count == 1)
		print_single(out, &buffer);
	else if (format == OUT_JSON_ROWS)
		print_rows(out, &buffer);
	else if (format == OUT_JSON_LINES)
		print_objects(out, &buffer);
	else
		r = print_json(out, &buffer);
	if (r < 0)
		return r;
	return buffer.failed ? -ENOMEM : out_write_json(&buffer);
}

/* A part of a long list; it need not stand in memory as a whole. */
#define OUT_ROWS 1024

int out_add_line(struct out *out, const union out_cell *cells)
{
	int r = out_add(out, cells);

	if (r < 0 || out->row_count < OUT_ROWS)
		return r;
	r = out_print(out, OUT_LINES);
	out->row_count = 0;
	return r;
}

int out_print_json(const char *text)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };

	buffer_add_format(&buffer, "%s\n", text);
	return buffer.failed ? -ENOMEM : out_write_json(&buffer);
}

int out_print_line(const char *text)
{
	_cleanup_buffer_ struct buffer line = { 0 };

	if (out_is_terminal())
		terminal_add(&line, text);
	else
		buffer_add_string(&line, text);
	buffer_add_string(&line, "\n");
	return line.failed ? -ENOMEM : out_write(line.text, line.length);
}

int out_wait(int fd, int milliseconds)
{
	struct pollfd polled[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = STDOUT_FILENO },
	};
	int r;

	do
		r = poll(polled, sizeof(polled) / sizeof(polled[0]), milliseconds);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	if (polled[1].revents) {
		raise(SIGPIPE);
		return -EPIPE;
	}
	return r > 0;
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
