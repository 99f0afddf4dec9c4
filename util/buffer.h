/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text under construction. */
#ifndef UTIL_BUFFER_H
#define UTIL_BUFFER_H

#include <string.h>

#include "util/cleanup.h"

/* The first failed allocation makes it fail at the end. */
struct buffer {
	char *text;
	size_t length, allocated;
	bool failed;
};

/* Makes room for @length more bytes and a NUL. Return: whether there is. */
bool buffer_reserve(struct buffer *buffer, size_t length);

/* Inline, because lists and documents are put together from very short pieces. */
static inline void buffer_add(struct buffer *buffer, const char *bytes, size_t length)
{
	if (length >= buffer->allocated - buffer->length && !buffer_reserve(buffer, length))
		return;
	memcpy(buffer->text + buffer->length, bytes, length);
	buffer->length += length;
	buffer->text[buffer->length] = '\0';
}

static inline void buffer_add_string(struct buffer *buffer, const char *string)
{
	buffer_add(buffer, string, strlen(string));
}

_printf_format_(2, 3) void buffer_add_format(struct buffer *buffer, const char *format, ...);

/* Hands over the text with a NUL at its end, or -ENOMEM; the buffer is empty afterwards. */
_must_check_ int buffer_take(struct buffer *buffer, char **text);
/* The same for what may be missing: NULL if it is empty or there was no memory for it. */
char *buffer_take_note(struct buffer *buffer);

void buffer_clear(struct buffer *buffer);

#define _cleanup_buffer_ _cleanup_(buffer_clear)

#endif
