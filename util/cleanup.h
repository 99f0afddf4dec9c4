/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Missing in C: cleanup by scope, and visible transfer of ownership. */
#ifndef UTIL_CLEANUP_H
#define UTIL_CLEANUP_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(function)  __attribute__((cleanup(function)))
#define _must_check_         __attribute__((warn_unused_result))
#define _printf_format_(f,a) __attribute__((format(printf, f, a)))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Transfers ownership: sets a pointer with cleanup to NULL and returns its value. */
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

/* Defines NAMEp(), which _cleanup_() takes, for a release function that takes a pointer. */
#define DEFINE_CLEANUP(type, release)         \
	static inline void release##p(type *p) \
	{                                     \
		release(*p);                  \
	}

static inline void freep(void *pointer)
{
	free(*(void **)pointer);
}

/* Closes without touching errno; accepts -1. */
static inline void util_close(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
}

static inline void closep(const int *fd)
{
	util_close(*fd);
}

#define _cleanup_free_  _cleanup_(freep)
#define _cleanup_close_ _cleanup_(closep)

/* Whether one of the pointers is NULL. */
#define ANY_NULL(...)                                     \
	any_null((const void *const[]){ __VA_ARGS__ },    \
		 sizeof((const void *const[]){ __VA_ARGS__ }) / sizeof(const void *))

static inline bool any_null(const void *const pointers[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!pointers[i])
			return true;
	return false;
}

#endif
