// SPDX-License-Identifier: LGPL-2.1-or-later
#include "backend.h"

const struct backend *const backends[] = {
	&backend_mdev,
	NULL,
};

void type_text_clear(struct type_text *text)
{
	free(text->available_instances);
	free(text->device_api);
	free(text->name);
	free(text->description);
	*text = (struct type_text){ 0 };
}

void device_place_clear(struct device_place *place)
{
	free(place->path);
	free(place->parent);
	free(place->type);
	*place = (struct device_place){ 0 };
}
