// SPDX-License-Identifier: LGPL-2.1-or-later
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/text.h"
#include "vgpu.h"
#include "vgpu_line.h"

/* Parts of lines ------------------------------------------------------------------ */

void span_skip(struct span *span, size_t count)
{
	span->text += count;
	span->length -= count;
}

void span_trim_start(struct span *span, const char *set)
{
	while (span->length > 0 && strchr(set, *span->text))
		span_skip(span, 1);
}

void span_trim_end(struct span *span, const char *set)
{
	while (span->length > 0 && strchr(set, span->text[span->length - 1]))
		span->length--;
}

size_t span_count_end(const struct span *span, const char *set)
{
	struct span rest = *span;

	span_trim_end(&rest, set);
	return span->length - rest.length;
}

bool span_has(const struct span *span, const char *set)
{
	for (size_t i = 0; i < span->length; i++)
		if (strchr(set, span->text[i]))
			return true;
	return false;
}

bool span_same(const struct span *a, const struct span *b)
{
	return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

/* Numbers ------------------------------------------------------------------------ */

static bool is_hex(const char *text, size_t length)
{
	return length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

bool span_read_id(const struct span *span, unsigned int *id)
{
	char digits[sizeof("0xffffffff")], *end;

	if (span->length >= sizeof(digits))
		return false;
	memcpy(digits, span->text, span->length);
	digits[span->length] = '\0';
	if (!is_hex(digits, span->length))
		return parse_number(digits, id) == 0 && *id > 0;
	*id = strtoul(digits + 2, &end, 16);
	return isxdigit((unsigned char)digits[2]) && *end == '\0' && *id > 0;
}

bool vgpu_parse_number(const char *text, unsigned int *number)
{
	struct span first;

	text += strspn(text, LINE_BLANKS);
	first = (struct span){ text, strcspn(text, LINE_BLANKS) };
	if (span_read_id(&first, number))
		return true;
	*number = 0;
	return *text == '0' && text[strspn(text, "0xX" LINE_BLANKS)] == '\0';
}

/* Lines ----------------------------------------------------------------------------- */

/* "nvidia-" is how types are called here, and were by mdevs of this driver. */
#define PREFIX_LENGTH strlen(VGPU_TYPE_PREFIX)

static bool is_prefix(const char *text)
{
	return strncasecmp(text, VGPU_TYPE_PREFIX, PREFIX_LENGTH) == 0;
}

/* What is between two columns. Return: whether there is anything, or an end; *separator: which one. */
static bool line_skip_separator(struct span *line, char *separator)
{
	size_t length = line->length;

	*separator = ' ';
	span_trim_start(line, LINE_CLOSERS);
	span_trim_start(line, LINE_BLANKS);
	if (line->length > 0 && strchr(LINE_SEPARATORS, *line->text)) {
		*separator = *line->text;
		span_skip(line, 1);
	} else if (line->length > 1 && strchr("-.", *line->text) &&
		   strchr(LINE_BLANKS, line->text[1])) {
		span_skip(line, 1);
	}
	if (length > 0 && length == line->length)
		return false;
	span_trim_start(line, LINE_BLANKS);
	return true;
}

/* The number that @rest starts with is a column if the same separator comes after all of them. */
static bool line_take_first(struct list_line *line, struct span rest)
{
	const char *start = rest.text;
	char separator;

	if (line->n_columns == 0 && is_hex(start, rest.length))
		span_trim_start(&rest, LINE_DIGITS "abcdefABCDEFxX");
	else
		span_trim_start(&rest, LINE_DIGITS);
	if (rest.text == start)
		return false;
	line->columns[line->n_columns] = (struct span){ start, rest.text - start };
	if (!line_skip_separator(&rest, &separator))
		return false;
	if (line->n_columns == 0)
		line->separator = separator;
	else if (rest.length > 0 && separator != line->separator)
		return false;
	line->rest[++line->n_columns] = rest;
	return true;
}

/* "901   : NVIDIA X20-1B", or with other separators, some of which may be part of the name. */
static bool line_split_first(struct list_line *line)
{
	struct span rest = line->text;

	span_trim_start(&rest, LINE_OPENERS LINE_BLANKS);
	if (rest.length > PREFIX_LENGTH && is_prefix(rest.text))
		span_skip(&rest, PREFIX_LENGTH);
	while (line->n_columns < LINE_COLUMNS && line_take_first(line, rest))
		rest = line->rest[line->n_columns];
	return line->n_columns > 0;
}

static bool line_take_last(struct list_line *line, struct span rest)
{
	char separator = ' ';
	size_t length;

	span_trim_end(&rest, LINE_CLOSERS LINE_BLANKS);
	length = span_count_end(&rest, LINE_DIGITS);
	rest.length -= length;
	if (length == 0)
		return false;
	line->columns[line->n_columns] = (struct span){ rest.text + rest.length, length };
	if (rest.length > PREFIX_LENGTH && is_prefix(rest.text + rest.length - PREFIX_LENGTH))
		rest.length -= PREFIX_LENGTH;
	length = rest.length;
	for (; rest.length > 0 && strchr(LINE_OPENERS LINE_SEPARATORS LINE_BLANKS, rest.text[rest.length - 1]);
	     rest.length--)
		if (strchr(LINE_SEPARATORS, rest.text[rest.length - 1]))
			separator = rest.text[rest.length - 1];
	if (rest.length == 0 || length == rest.length)
		return false;
	if (line->n_columns == 0)
		line->separator = separator;
	else if (separator != line->separator)
		return false;
	line->rest[++line->n_columns] = rest;
	return true;
}

/* "NVIDIA X20-1B    901", as in the vendor's manual. */
static bool line_split_last(struct list_line *line)
{
	struct span rest = line->text;

	span_trim_start(&rest, "|" LINE_BLANKS);
	span_trim_end(&rest, "|" LINE_BLANKS);
	while (line->n_columns < LINE_COLUMNS && line_take_last(line, rest))
		rest = line->rest[line->n_columns];
	return line->n_columns > 0;
}

void line_split(struct span text, struct list_line *line)
{
	*line = (struct list_line){ .text = text };
	if (line_split_first(line))
		line->form = LINE_NUMBER_FIRST;
	else if (line_split_last(line))
		line->form = LINE_NUMBER_LAST;
}
