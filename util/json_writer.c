// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <string.h>

#include "util/json_tree.h"
#include "util/json_writer.h"
#include "util/text.h"

static void add_escaped(struct buffer *buffer, unsigned char c)
{
	static const char letters[] = {
		['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
		['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
	};

	if (c < sizeof(letters) && letters[c])
		buffer_add(buffer, (char[]){ '\\', letters[c] }, 2);
	else if (c < ' ')
		buffer_add_format(buffer, "\\u%04x", c);
	else
		buffer_add_string(buffer, "\xef\xbf\xbd");
}

static void add_quoted(struct buffer *buffer, const char *bytes, size_t length)
{
	size_t plain;

	buffer_add(buffer, "\"", 1);
	for (size_t i = 0;; i += plain + 1) {
		plain = utf8_plain_length(bytes + i, length - i);
		buffer_add(buffer, bytes + i, plain);
		if (i + plain == length)
			break;
		add_escaped(buffer, bytes[i + plain]);
	}
	buffer_add(buffer, "\"", 1);
}

#define LINE_DEPTH 8

static void add_line(struct json_writer *writer)
{
	static const char line[] = "\n                ";
	unsigned int depth = writer->depth;

	_Static_assert(sizeof(line) == 1 + 2 * LINE_DEPTH + 1, "blanks of all levels");
	if (writer->compact)
		return;
	/* The blanks of the first levels, which is where lists are, in one piece. */
	buffer_add(writer->buffer, line, 1 + 2 * (depth < LINE_DEPTH ? depth : LINE_DEPTH));
	for (; depth > LINE_DEPTH; depth--)
		buffer_add(writer->buffer, "  ", 2);
}

/* The separator, the line's beginning, and the name. */
static void begin_item(struct json_writer *writer, const char *name, size_t length)
{
	if (writer->filled)
		buffer_add(writer->buffer, ",", 1);
	if (writer->depth > 0)
		add_line(writer);
	writer->filled = true;
	if (!name)
		return;
	add_quoted(writer->buffer, name, length);
	buffer_add(writer->buffer, ": ", writer->compact ? 1 : 2);
}

static void begin_named(struct json_writer *writer, const char *name)
{
	begin_item(writer, name, name ? strlen(name) : 0);
}

static void open_bracket(struct json_writer *writer, char bracket)
{
	buffer_add(writer->buffer, &bracket, 1);
	writer->depth++;
	writer->filled = false;
}

void writer_begin(struct json_writer *writer, const char *name, char bracket)
{
	begin_named(writer, name);
	open_bracket(writer, bracket);
}

void writer_end(struct json_writer *writer, char bracket)
{
	writer->depth--;
	if (writer->filled)
		add_line(writer);
	buffer_add(writer->buffer, &bracket, 1);
	writer->filled = true;
}

void writer_string(struct json_writer *writer, const char *name, const char *string)
{
	begin_named(writer, name);
	add_quoted(writer->buffer, string, strlen(string));
}

void writer_word(struct json_writer *writer, const char *name, const char *word)
{
	begin_named(writer, name);
	buffer_add_string(writer->buffer, word);
}

void writer_number(struct json_writer *writer, const char *name, unsigned int number)
{
	begin_named(writer, name);
	buffer_add_format(writer->buffer, "%u", number);
}

void writer_value(struct json_writer *writer, const struct json_value *value)
{
	bool object = value_is(value, JSON_OBJECT);
	const struct json_value *inner;

	begin_item(writer, value->name, value->name_length);
	if (value_is(value, JSON_STRING)) {
		add_quoted(writer->buffer, value->text, value->length);
	} else if (object || value_is(value, JSON_ARRAY)) {
		open_bracket(writer, object ? '{' : '[');
		value_foreach(value, inner)
			writer_value(writer, inner);
		writer_end(writer, object ? '}' : ']');
	} else {
		buffer_add(writer->buffer, value->text, value->length);
	}
}
