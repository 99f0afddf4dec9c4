// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "util/text.h"

static bool component_is_valid(const char *name, size_t length)
{
	if (length == 0 || length > NAME_MAX)
		return false;
	return !(name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.')));
}

bool name_is_valid(const char *name)
{
	/* Lists have a line for each: no name of the kernel's has control characters. */
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return false;
	return !strchr(name, '/') && component_is_valid(name, strlen(name));
}

bool path_is_below(const char *path)
{
	size_t length;

	if (strlen(path) >= PATH_MAX)
		return false;
	for (;;) {
		length = strcspn(path, "/");
		if (!component_is_valid(path, length))
			return false;
		if (!path[length])
			return true;
		path += length + 1;
	}
}

int parse_number(const char *text, unsigned int *number)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9')
		return -EBADMSG;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno != 0 || *end || value > UINT_MAX)
		return -EBADMSG;
	*number = value;
	return 0;
}

/*
 * RFC 3629, section 4: the first byte tells the length and which second bytes are allowed;
 * the others are 80 to BF.
 */
size_t utf8_length(const char *text, size_t available)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned char low = 0x80, high = 0xbf;
	size_t length;

	if (available == 0 || s[0] < 0x80)
		return available > 0;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	length = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (available < length || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	return length;
}

size_t utf8_prefix(const char *text, size_t length)
{
	size_t valid = 0, next;

	while ((next = utf8_length(text + valid, length - valid)) > 0)
		valid += next;
	return valid;
}

/* Byte by byte as far as they are ASCII, which names and values are. */
size_t utf8_plain_length(const char *text, size_t length)
{
	static const bool plain[256] = {
		[' ' ... '!'] = true, ['#' ... '['] = true, [']' ... 0x7f] = true,
	};
	size_t end = 0, next;

	for (;;) {
		while (end < length && plain[(unsigned char)text[end]])
			end++;
		if (end == length || (unsigned char)text[end] < 0x80)
			return end;
		next = utf8_length(text + end, length - end);
		if (next == 0)
			return end;
		end += next;
	}
}

bool utf8_is_valid(const char *text)
{
	size_t length = strlen(text);

	return utf8_prefix(text, length) == length;
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}


/* U+0080 to U+009F, which some terminals read as ESC and a letter. */
static bool is_c1(const unsigned char *bytes)
{
	return bytes[0] == 0xc2 && bytes[1] >= 0x80 && bytes[1] <= 0x9f;
}

void text_make_line(char *text)
{
	unsigned char *from = (unsigned char *)text, *to = from;

	for (; *from; from++) {
		bool c1 = is_c1(from);

		*to++ = c1 || *from < 0x20 || *from == 0x7f ? '?' : *from;
		from += c1;
	}
	*to = '\0';
}

bool text_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

uint64_t text_digest(uint64_t digest, const char *text)
{
	for (; *text; text++)
		digest = (digest ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return digest;
}

bool text_has_control(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if (*c < 0x20 || *c == 0x7f || is_c1(c))
			return true;
	return false;
}
