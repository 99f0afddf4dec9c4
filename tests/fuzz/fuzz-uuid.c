// SPDX-License-Identifier: LGPL-2.1-or-later
/* Fuzz target: any string as a UUID. What is accepted is canonical and stays what it is. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <uuid/uuid.h>

#include "libmdev.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mdev_uuid uuid, again;
	char *text = malloc(size + 1);
	char other[MDEV_UUID_STRING_SIZE];
	uuid_t binary;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (mdev_uuid_parse(text, &uuid) == 0) {
		require(strlen(uuid.text) == MDEV_UUID_STRING_SIZE - 1);
		require(mdev_uuid_parse(uuid.text, &again) == 0);
		require(strcmp(uuid.text, again.text) == 0);
		require(uuid_parse(uuid.text, binary) == 0);
		uuid_unparse_lower(binary, other);
		require(strcmp(uuid.text, other) == 0);
	} else {
		/* What libuuid takes we take as well. */
		require(uuid_parse(text, binary) < 0);
	}
	free(text);
	return 0;
}
