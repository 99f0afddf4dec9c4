// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "ctx.h"

#define URN "urn:uuid:"

/* The lower-case form of a hexadecimal digit, 0 for anything else, in any locale. */
static const char uuid_digits[256] = {
	['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5',
	['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9',
	['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e', ['f'] = 'f',
	['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd', ['E'] = 'e', ['F'] = 'f',
};

/* The digits between the hyphens of the canonical form. */
struct uuid_group {
	unsigned char start, length;
};

static const struct uuid_group uuid_groups[] = {
	{ 0, 8 }, { 9, 4 }, { 14, 4 }, { 19, 4 }, { 24, 12 },
};

/* Return: whether those are digits. */
static bool uuid_take_group(const char *text, const struct uuid_group *group,
			    struct mdev_uuid *uuid)
{
	char *to = uuid->text + group->start, *end = to + group->length;

	while (to < end && (*to = uuid_digits[(unsigned char)*text++]))
		to++;
	return to == end;
}

/* By hand: libuuid knows the hyphenated form only, and lists of devices come through here. */
MDEV_EXPORT int mdev_uuid_parse(const char *text, struct mdev_uuid *uuid)
{
	struct mdev_uuid canonical = { "        -    -    -    -            " };
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

	for (size_t i = 0; i < ARRAY_SIZE(uuid_groups); i++) {
		if (hyphens && i > 0 && *text++ != '-')
			return -EINVAL;
		if (!uuid_take_group(text, &uuid_groups[i], &canonical))
			return -EINVAL;
		text += uuid_groups[i].length;
	}
	*uuid = canonical;
	return 0;
}
