/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What C lacks: cleanup by scope, growing arrays, a string buffer. Knows nothing
 * of mediated devices.
 */
#ifndef LIB_UTIL_H
#define LIB_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#define MDEV_EXPORT          __attribute__((visibility("default")))
#define _cleanup_(function)  __attribute__((cleanup(function)))
#define _must_check_         __attribute__((warn_unused_result))
#define _printf_format_(f,a) __attribute__((format(printf, f, a)))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Gives the value away: what was a pointer to be cleaned up becomes NULL. */
#define TAKE_PTR(pointer)                       \
	({                                      \
		__typeof__(pointer) _p = (pointer); \
		(pointer) = NULL;               \
		_p;                             \
	})

#define TAKE_FD(fd)           \
	({                    \
		int _f = (fd); \
		(fd) = -1;    \
		_f;           \
	})

static inline void freep(void *pointer)
{
	free(*(void **)pointer);
}

/* Whether one of the pointers is NULL. */
#define ANY_NULL(...)                                     \
	any_null((const void *const[]){ __VA_ARGS__ },    \
		 sizeof((const void *const[]){ __VA_ARGS__ }) / sizeof(const void *))
bool any_null(const void *const pointers[], size_t count);

/* Closes without touching errno; accepts -1. */
void util_close(int fd);

static inline void closep(const int *fd)
{
	util_close(*fd);
}

#define _cleanup_free_  _cleanup_(freep)
#define _cleanup_close_ _cleanup_(closep)

/*
 * array_reserve() - make room in an array of @size bytes an element
 * @array: address of the pointer to the array, which may be NULL
 * @count: elements in use
 *
 * There is room for one more element and for a terminating one behind it
 * afterwards. The caller counts and writes the elements; the capacity follows
 * from @count, so this must be called for every element.
 */
_must_check_ int array_reserve(void *array, size_t count, size_t size);

/* A list of strings that owns them; items is NULL or ends with a NULL. */
struct strings {
	char **items;
	size_t count;
};

_must_check_ int strings_add(struct strings *strings, const char *string);
void strings_sort(struct strings *strings);
void strings_clear(struct strings *strings);

#define _cleanup_strings_ _cleanup_(strings_clear)

/* Text under construction. The first failed allocation makes it fail at the end. */
struct buffer {
	char *text;
	size_t length, allocated;
	bool failed;
};

void buffer_add(struct buffer *buffer, const char *bytes, size_t length);
void buffer_add_string(struct buffer *buffer, const char *string);
_printf_format_(2, 3) void buffer_add_format(struct buffer *buffer, const char *format, ...);

/* Hands over the text with a NUL at its end, or -ENOMEM; the buffer is empty afterwards. */
_must_check_ int buffer_take(struct buffer *buffer, char **text);
void buffer_clear(struct buffer *buffer);

#define _cleanup_buffer_ _cleanup_(buffer_clear)

/* Whether @name can be one component of a path, and nothing but that. */
bool name_is_valid(const char *name);

/* Whether @path is relative and has only valid names as its components. */
bool path_is_below(const char *path);

/* A decimal number and nothing else; -EBADMSG. */
_must_check_ int parse_number(const char *text, unsigned int *number);

/* How many bytes of @text are whole UTF-8 characters. */
size_t utf8_prefix(const char *text, size_t length);
bool utf8_is_valid(const char *text);

/* The part of @path behind its last slash. */
const char *path_base(const char *path);

/*
 * Reads all of @fd, with a NUL behind the last byte. @hint: how long it is, which saves
 * looking for its end; 0 if that is not known.
 */
_must_check_ int read_all(int fd, size_t hint, char **text, size_t *length);

/*
 * Calls @each for the entries of the directory @dir but "." and ".." until it
 * returns something else than 0, which is returned; -errno if reading fails.
 */
struct dirent;
typedef int walk_fn(void *data, int dir, const struct dirent *entry);
_must_check_ int walk_directory(int dir, walk_fn *each, void *data);

#endif
