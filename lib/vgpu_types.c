// SPDX-License-Identifier: LGPL-2.1-or-later
/* The driver's list of types, in the forms that its releases have been seen to print. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/text.h"
#include "vgpu.h"

#define BLANKS " \t\r"
#define DIGITS "0123456789"
/* Around a number or a name. */
#define OPENERS "([<|\"'"
#define CLOSERS ")]>\"'"
/* Of number and name, with blanks or without. */
#define SEPARATORS ":|=,;"

void vgpu_types_clear(struct vgpu_types *types)
{
	for (size_t i = 0; i < types->count; i++)
		free(types->items[i].name);
	free(types->items);
	free(types->odd_line);
	*types = (struct vgpu_types){ 0 };
}

const struct vgpu_type *vgpu_types_find(const struct vgpu_types *types, unsigned int id)
{
	for (size_t i = 0; i < types->count; i++)
		if (types->items[i].id == id)
			return &types->items[i];
	return NULL;
}

const struct vgpu_type *vgpu_types_find_name(const struct vgpu_types *types, const char *name)
{
	for (size_t i = 0; i < types->count; i++)
		if (strcasecmp(types->items[i].name, name) == 0)
			return &types->items[i];
	return NULL;
}

int vgpu_types_add(struct vgpu_types *types, unsigned int id, const char *name, size_t length)
{
	_cleanup_free_ char *copy = NULL;

	if (vgpu_types_find(types, id))
		return 0;
	copy = strndup(name, length);
	if (!copy || array_reserve(&types->items, types->count, sizeof(*types->items)) < 0)
		return -ENOMEM;
	text_make_line(copy);
	types->items[types->count++] = (struct vgpu_type){ .id = id, .name = TAKE_PTR(copy) };
	return 0;
}

static bool is_hex(const char *text, size_t length)
{
	return length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

/* 0 means that there is no type. */
static bool line_number(const char *text, size_t length, unsigned int *number)
{
	char digits[sizeof("0xffffffff")], *end;

	if (length >= sizeof(digits))
		return false;
	memcpy(digits, text, length);
	digits[length] = '\0';
	if (!is_hex(text, length))
		return parse_number(digits, number) == 0 && *number > 0;
	*number = strtoul(digits + 2, &end, 16);
	return isxdigit((unsigned char)digits[2]) && *end == '\0' && *number > 0;
}

bool vgpu_parse_number(const char *text, unsigned int *number)
{
	text += strspn(text, BLANKS);
	if (line_number(text, strcspn(text, BLANKS), number))
		return true;
	*number = 0;
	return *text == '0' && text[strspn(text, "0xX" BLANKS)] == '\0';
}

/* A part of a line; nothing in it is owned. */
struct span {
	const char *text;
	size_t length;
};

static void span_skip(struct span *span, size_t count)
{
	span->text += count;
	span->length -= count;
}

/* Drops characters of @set from the start, and from the end. */
static void span_trim_start(struct span *span, const char *set)
{
	while (span->length > 0 && strchr(set, *span->text))
		span_skip(span, 1);
}

static void span_trim_end(struct span *span, const char *set)
{
	while (span->length > 0 && strchr(set, span->text[span->length - 1]))
		span->length--;
}

static size_t span_count_end(const struct span *span, const char *set)
{
	struct span rest = *span;

	span_trim_end(&rest, set);
	return span->length - rest.length;
}

/* Columns behind the name that are only numbers, and change: how many there can be, or are. */
static void name_drop_counts(struct span *name, char separator)
{
	struct span rest;
	size_t digits;

	for (;;) {
		rest = *name;
		span_trim_end(&rest, BLANKS);
		digits = span_count_end(&rest, DIGITS);
		rest.length -= digits;
		span_trim_end(&rest, BLANKS);
		if (digits == 0 || rest.length < 2 || rest.text[rest.length - 1] != separator)
			return;
		rest.length--;
		/* A colon may be part of a name: "X20: 5". */
		if (separator == ':' && !strchr(BLANKS, rest.text[rest.length - 1]))
			return;
		span_trim_end(&rest, BLANKS);
		*name = rest;
	}
}

/* Quotes around it, and what a table has at the end of its lines. */
static void name_trim(struct span *name)
{
	span_trim_end(name, BLANKS "|");
	if (name->length > 2 && (*name->text == '"' || *name->text == '\'') &&
	    name->text[name->length - 1] == *name->text) {
		span_skip(name, 1);
		name->length--;
	}
}

/* "nvidia-" is how types are called here, and were by mdevs of this driver. */
#define PREFIX_LENGTH strlen(VGPU_TYPE_PREFIX)

static bool is_prefix(const char *text)
{
	return strncasecmp(text, VGPU_TYPE_PREFIX, PREFIX_LENGTH) == 0;
}

static void line_skip_prefix(struct span *line)
{
	if (line->length > PREFIX_LENGTH && is_prefix(line->text))
		span_skip(line, PREFIX_LENGTH);
}

/* What is between number and name. Return: whether there is anything; *separator: which one. */
static bool line_skip_separator(struct span *line, char *separator)
{
	size_t length = line->length;

	span_trim_start(line, CLOSERS);
	span_trim_start(line, BLANKS);
	*separator = length > line->length ? line->text[-1] : '\0';
	if (line->length > 0 && strchr(SEPARATORS, *line->text)) {
		*separator = *line->text;
		span_skip(line, 1);
	} else if (line->length > 1 && strchr("-.", *line->text) &&
		   strchr(BLANKS, line->text[1])) {
		span_skip(line, 1);
	}
	if (length == line->length)
		return false;
	span_trim_start(line, BLANKS);
	return line->length > 0;
}

/* "901   : NVIDIA X20-1B", or with other separators, some of which may be part of the name. */
static bool line_number_first(struct span line, unsigned int *id, struct span *name)
{
	const char *start;
	char separator;

	span_trim_start(&line, OPENERS BLANKS);
	line_skip_prefix(&line);
	start = line.text;
	if (is_hex(start, line.length))
		span_trim_start(&line, DIGITS "abcdefABCDEFxX");
	else
		span_trim_start(&line, DIGITS);
	if (!line_number(start, line.text - start, id) || !line_skip_separator(&line, &separator))
		return false;
	*name = line;
	name_trim(name);
	if (separator != '\0' && strchr(SEPARATORS, separator))
		name_drop_counts(name, separator);
	return name->length > 0;
}

/* "NVIDIA X20-1B    901", as in the vendor's manual. */
static bool line_number_last(struct span line, unsigned int *id, struct span *name)
{
	size_t digits, length;

	span_trim_end(&line, CLOSERS "|" BLANKS);
	digits = span_count_end(&line, DIGITS);
	line.length -= digits;
	if (!line_number(line.text + line.length, digits, id))
		return false;
	length = line.length;
	if (length > PREFIX_LENGTH && is_prefix(line.text + length - PREFIX_LENGTH))
		line.length -= PREFIX_LENGTH;
	span_trim_end(&line, OPENERS SEPARATORS BLANKS);
	if (length == line.length)
		return false;
	span_trim_start(&line, "|" BLANKS);
	*name = line;
	name_trim(name);
	return name->length > 0;
}

/* A header has no number. */
static int types_add_odd(struct vgpu_types *types, const struct span *line)
{
	if (types->odd_line || strcspn(line->text, DIGITS) >= line->length)
		return 0;
	types->odd_line = strndup(line->text, line->length);
	if (!types->odd_line)
		return -ENOMEM;
	text_make_line(types->odd_line);
	return 0;
}

static int types_add_line(struct vgpu_types *types, struct span line)
{
	const struct vgpu_type *same = NULL;
	struct span name;
	unsigned int id;

	span_trim_start(&line, BLANKS);
	span_trim_end(&line, BLANKS);
	if (line_number_first(line, &id, &name) || line_number_last(line, &id, &name))
		same = vgpu_types_find(types, id);
	else
		return types_add_odd(types, &line);
	/* Two types of one number: it is something else, as a size. */
	if (same && (strlen(same->name) != name.length ||
		     memcmp(same->name, name.text, name.length) != 0))
		return types_add_odd(types, &line);
	return vgpu_types_add(types, id, name.text, name.length);
}

int vgpu_types_parse(const char *text, struct vgpu_types *types)
{
	for (const char *line = text, *end; *line; line = *end ? end + 1 : end) {
		int r;

		end = line + strcspn(line, "\n");
		r = types_add_line(types, (struct span){ .text = line, .length = end - line });
		if (r < 0)
			return r;
	}
	return 0;
}

void vgpu_format_id(unsigned int id, char text[VGPU_ID_SIZE])
{
	snprintf(text, VGPU_ID_SIZE, VGPU_TYPE_PREFIX "%u", id);
}

bool vgpu_parse_id(const char *text, unsigned int *id)
{
	size_t prefix = strlen(VGPU_TYPE_PREFIX);

	return strncmp(text, VGPU_TYPE_PREFIX, prefix) == 0 &&
	       parse_number(text + prefix, id) == 0 && *id > 0;
}
