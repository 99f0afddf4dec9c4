// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stdio.h>

#include "util/buffer.h"

bool buffer_reserve(struct buffer *buffer, size_t length)
{
	size_t need = buffer->length + length + 1;
	char *grown;

	if (buffer->failed)
		return false;
	if (need <= buffer->allocated)
		return true;
	need = need < 128 ? 128 : 2 * need;
	grown = realloc(buffer->text, need);
	if (!grown) {
		buffer->failed = true;
		return false;
	}
	buffer->text = grown;
	buffer->allocated = need;
	return true;
}

void buffer_add_format(struct buffer *buffer, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0 || !buffer_reserve(buffer, length)) {
		buffer->failed = true;
		return;
	}
	va_start(args, format);
	vsnprintf(buffer->text + buffer->length, length + 1, format, args);
	va_end(args);
	buffer->length += length;
}

int buffer_take(struct buffer *buffer, char **text)
{
	if (!buffer_reserve(buffer, 0)) {
		buffer_clear(buffer);
		return -ENOMEM;
	}
	buffer->text[buffer->length] = '\0';
	*text = TAKE_PTR(buffer->text);
	buffer_clear(buffer);
	return 0;
}

char *buffer_take_note(struct buffer *buffer)
{
	char *text = NULL;

	if (buffer->length == 0 || buffer_take(buffer, &text) < 0)
		buffer_clear(buffer);
	return text;
}

void buffer_clear(struct buffer *buffer)
{
	free(buffer->text);
	*buffer = (struct buffer){ 0 };
}
