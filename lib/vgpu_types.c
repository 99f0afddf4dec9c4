// SPDX-License-Identifier: LGPL-2.1-or-later
/* The driver's list of types, in the forms that its releases have been seen to print. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "util/text.h"
#include "vgpu.h"

#define BLANKS " \t\r"
/* Of number and name. */
#define SEPARATORS ":|="

void vgpu_types_clear(struct vgpu_types *types)
{
	for (size_t i = 0; i < types->count; i++)
		free(types->items[i].name);
	free(types->items);
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

static bool line_number(const char *text, size_t length, unsigned int *number)
{
	char digits[sizeof("4294967295")];

	if (length >= sizeof(digits))
		return false;
	memcpy(digits, text, length);
	digits[length] = '\0';
	/* 0 means that there is no type. */
	return parse_number(digits, number) == 0 && *number > 0;
}

static size_t line_trim(const char *text, size_t length)
{
	while (length > 0 && strchr(BLANKS, text[length - 1]))
		length--;
	return length;
}

/* "901   : NVIDIA X20-1B", or without the colon, others of which may be part of the name. */
static bool line_number_first(const char *line, size_t length, unsigned int *id, const char **name,
			      size_t *name_length)
{
	size_t digits = strspn(line, "0123456789"), start = digits;

	start += strspn(line + start, BLANKS);
	if (!line_number(line, digits, id) || start >= length || start == 0 ||
	    (start == digits && !strchr(SEPARATORS, line[start])))
		return false;
	if (strchr(SEPARATORS, line[start]))
		start++;
	start += strspn(line + start, BLANKS);
	if (start >= length)
		return false;
	*name = line + start;
	*name_length = length - start;
	return true;
}

/* "NVIDIA X20-1B    901", as in the vendor's manual. */
static bool line_number_last(const char *line, size_t length, unsigned int *id, const char **name,
			     size_t *name_length)
{
	size_t start = length;

	while (start > 0 && isdigit((unsigned char)line[start - 1]))
		start--;
	if (start == 0 || !strchr(BLANKS, line[start - 1]) ||
	    !line_number(line + start, length - start, id))
		return false;
	*name = line;
	*name_length = line_trim(line, start);
	return *name_length > 0;
}

int vgpu_types_parse(const char *text, struct vgpu_types *types)
{
	for (const char *line = text, *end; *line; line = *end ? end + 1 : end) {
		size_t length, name_length;
		const char *name;
		unsigned int id;
		int r = 0;

		end = line + strcspn(line, "\n");
		while (line < end && strchr(BLANKS, *line))
			line++;
		length = line_trim(line, end - line);
		if (line_number_first(line, length, &id, &name, &name_length) ||
		    line_number_last(line, length, &id, &name, &name_length))
			r = vgpu_types_add(types, id, name, name_length);
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
	       line_number(text + prefix, strlen(text + prefix), id);
}
