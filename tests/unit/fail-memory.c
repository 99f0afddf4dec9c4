// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Allocations. What libc and json-c allocate inside is not counted: their own failure is
 * simulated as a whole.
 */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "fail.h"

WRAP(void *, NULL, malloc, (size_t size), (size))
WRAP(void *, NULL, calloc, (size_t count, size_t size), (count, size))
WRAP(void *, NULL, realloc, (void *old, size_t size), (old, size))
WRAP(void *, NULL, reallocarray, (void *old, size_t count, size_t size), (old, count, size))
WRAP(char *, NULL, strdup, (const char *text), (text))
WRAP(char *, NULL, strndup, (const char *text, size_t length), (text, length))
WRAP(int, -1, vasprintf, (char **text, const char *format, va_list args), (text, format, args))
WRAP(DIR *, NULL, fdopendir, (int fd), (fd))
WRAP(struct json_tokener *, NULL, json_tokener_new_ex, (int depth), (depth))
WRAP(const char *, NULL, json_object_to_json_string_ext, (struct json_object *object, int flags),
     (object, flags))
WRAP(int, -1, json_object_object_add,
     (struct json_object *object, const char *name, struct json_object *value),
     (object, name, value))

int __wrap_asprintf(char **text, const char *format, ...);
int __wrap_asprintf(char **text, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = __wrap_vasprintf(text, format, args);
	va_end(args);
	return length;
}
