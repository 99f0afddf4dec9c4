// SPDX-License-Identifier: LGPL-2.1-or-later
/* Fuzz target: any text as a driver's list of vGPU types. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/vgpu.h"
#include "require.h"
#include "util/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vgpu_types types = { 0 };
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (vgpu_types_parse(text, &types) == 0)
		for (size_t i = 0; i < types.count; i++) {
			char id[VGPU_ID_SIZE];
			unsigned int again;

			require(types.items[i].id > 0);
			require(!text_has_control(types.items[i].name));
			require(vgpu_types_find(&types, types.items[i].id) == &types.items[i]);
			vgpu_format_id(types.items[i].id, id);
			require(vgpu_parse_id(id, &again) && again == types.items[i].id);
		}
	vgpu_types_clear(&types);
	free(text);
	return 0;
}
