// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

bool any_null(const void *const pointers[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!pointers[i])
			return true;
	return false;
}

void util_close(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
}

int array_reserve(void *array, size_t count, size_t size)
{
	void *grown, *old;

	/* Full when count + 1 is a power of two: the capacity is twice that. */
	if (count & (count + 1))
		return 0;
	memcpy(&old, array, sizeof(old));
	grown = reallocarray(old, 2 * (count + 1), size);
	if (!grown)
		return -ENOMEM;
	memcpy(array, &grown, sizeof(grown));
	return 0;
}

int strings_add(struct strings *strings, const char *string)
{
	char *copy;

	if (array_reserve(&strings->items, strings->count, sizeof(*strings->items)) < 0)
		return -ENOMEM;
	strings->items[strings->count] = NULL;
	copy = strdup(string);
	if (!copy)
		return -ENOMEM;
	strings->items[strings->count++] = copy;
	strings->items[strings->count] = NULL;
	return 0;
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strings_sort(struct strings *strings)
{
	if (strings->count > 1)
		qsort(strings->items, strings->count, sizeof(*strings->items), compare_strings);
}

void strings_clear(struct strings *strings)
{
	for (size_t i = 0; i < strings->count; i++)
		free(strings->items[i]);
	free(strings->items);
	*strings = (struct strings){ 0 };
}

/* Room for @length more bytes and a NUL. */
static bool buffer_reserve(struct buffer *buffer, size_t length)
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

void buffer_add(struct buffer *buffer, const char *bytes, size_t length)
{
	if (!buffer_reserve(buffer, length))
		return;
	memcpy(buffer->text + buffer->length, bytes, length);
	buffer->length += length;
	buffer->text[buffer->length] = '\0';
}

void buffer_add_string(struct buffer *buffer, const char *string)
{
	buffer_add(buffer, string, strlen(string));
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

void buffer_clear(struct buffer *buffer)
{
	free(buffer->text);
	*buffer = (struct buffer){ 0 };
}

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

/* Bytes that follow the first one of a UTF-8 sequence, -1 if it cannot be a first one. */
static int utf8_tail(unsigned char first, unsigned char second)
{
	if (first < 0x80)
		return 0;
	if (first >= 0xc2 && first <= 0xdf)
		return 1;
	if (first >= 0xe0 && first <= 0xef) {
		/* No overlong forms and no surrogates. */
		if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f))
			return -1;
		return 2;
	}
	if (first >= 0xf0 && first <= 0xf4) {
		/* No overlong forms and nothing above U+10FFFF. */
		if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
			return -1;
		return 3;
	}
	return -1;
}

static bool is_tail(const unsigned char *bytes, int count)
{
	for (int i = 0; i < count; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return false;
	return true;
}

size_t utf8_prefix(const char *text, size_t length)
{
	const unsigned char *byte = (const unsigned char *)text, *end = byte + length;

	while (byte < end) {
		int tail = utf8_tail(byte[0], byte + 1 < end ? byte[1] : 0);

		if (tail < 0 || tail >= end - byte || !is_tail(byte + 1, tail))
			break;
		byte += 1 + tail;
	}
	return byte - (const unsigned char *)text;
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

int read_all(int fd, size_t hint, char **text, size_t *length)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };

	while (hint == 0 || buffer.length < hint) {
		size_t room;
		ssize_t n;

		if (!buffer_reserve(&buffer, hint ? hint - buffer.length : 128))
			return -ENOMEM;
		room = buffer.allocated - buffer.length - 1;
		n = read(fd, buffer.text + buffer.length, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		buffer.length += n;
	}
	*length = buffer.length;
	return buffer_take(&buffer, text);
}

int walk_directory(int dir, walk_fn *each, void *data)
{
	struct dirent *entry;
	int r = 0, copy;
	DIR *stream;

	/* A description of its own, as closedir() closes what it was given. */
	copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (copy < 0)
		return -errno;
	stream = fdopendir(copy);
	if (!stream) {
		r = -errno;
		util_close(copy);
		return r;
	}
	while (r == 0 && (errno = 0, entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = each(data, dir, entry);
	if (!entry)
		r = -errno;
	closedir(stream);
	return r;
}
