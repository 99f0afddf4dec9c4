// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "ctx.h"

#define URN "urn:uuid:"

/* The lower-case form of a hexadecimal digit, 0 for anything else, in any locale. */
static char hex_digit(char c)
{
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))
		return c;
	return c >= 'A' && c <= 'F' ? c - 'A' + 'a' : 0;
}

/* By hand: libuuid knows the hyphenated form only, and lists of devices come through here. */
MDEV_EXPORT int mdev_uuid_parse(const char *text, struct mdev_uuid *uuid)
{
	struct mdev_uuid canonical = { "" };
	bool hyphens = true;
	size_t length;

	if (ANY_NULL(text, uuid))
		return -EINVAL;
	length = strlen(text);
	if (length == 38 && text[0] == '{' && text[37] == '}')
		text++;
	else if (length == strlen(URN) + 36 && strncasecmp(text, URN, strlen(URN)) == 0)
		text += strlen(URN);
	else if (length == 32)
		hyphens = false;
	else if (length != 36)
		return -EINVAL;

	for (size_t i = 0; i < MDEV_UUID_STRING_SIZE - 1; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (hyphens && *text++ != '-')
				return -EINVAL;
			canonical.text[i] = '-';
			continue;
		}
		canonical.text[i] = hex_digit(*text++);
		if (!canonical.text[i])
			return -EINVAL;
	}
	*uuid = canonical;
	return 0;
}
