// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/text.h"
#include "vgpu.h"

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
