// SPDX-License-Identifier: LGPL-2.1-or-later
#include "words.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>

#include "mem.h"

static char unescape(char c)
{
	return c == 'n' ? '\n' : c == 't' ? '\t' : c;
}

char *word_next(char **rest)
{
	char *from = *rest + strspn(*rest, " \t"), *word = from, *to = from;
	bool quoted = false;

	if (!*from)
		return NULL;
	for (; *from && (quoted || (*from != ' ' && *from != '\t')); from++) {
		if (*from == '"')
			quoted = !quoted;
		else if (quoted && *from == '\\' && from[1])
			*to++ = unescape(*++from);
		else
			*to++ = *from;
	}
	*rest = *from ? from + 1 : from;
	*to = '\0';
	return word;
}

const char *word_value(const char *word, const char *key)
{
	size_t length = strlen(key);

	return !strncmp(word, key, length) && word[length] == '=' ? word + length + 1 : NULL;
}

int word_number(const char *text, int base, unsigned int *value)
{
	unsigned long long got;
	char *end;

	if (!text || !*text)
		return -EINVAL;
	errno = 0;
	got = strtoull(text, &end, base);
	if (errno || *end || got > INT_MAX)
		return -EINVAL;
	*value = (unsigned int)got;
	return 0;
}

int word_errno(const char *name)
{
	for (int i = 1; name && i < 134; i++)
		if (strerrorname_np(i) && !strcmp(strerrorname_np(i), name))
			return i;
	return 0;
}
