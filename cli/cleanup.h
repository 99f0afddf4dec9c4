/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cleanup by scope for what the commands hold. */
#ifndef CLI_CLEANUP_H
#define CLI_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

#include <libmdev.h>

#define _cleanup_(function)   __attribute__((cleanup(function)))
#define _printf_format_(f, a) __attribute__((format(printf, f, a)))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Gives the value away: what was a pointer to be cleaned up becomes NULL. */
#define TAKE_PTR(pointer)                                                                          \
	({                                                                                         \
		__typeof__(pointer) _p = (pointer);                                                \
		(pointer) = NULL;                                                                  \
		_p;                                                                                \
	})

static inline void freep(void *pointer)
{
	free(*(void **)pointer);
}

static inline void closep(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define DEFINE_CLEANUP(type, release)                                                              \
	static inline void release##p(type *p)                                                     \
	{                                                                                          \
		release(*p);                                                                       \
	}

DEFINE_CLEANUP(struct mdev_ctx *, mdev_ctx_unref)
DEFINE_CLEANUP(struct mdev_parent *, mdev_parent_unref)
DEFINE_CLEANUP(struct mdev_parent **, mdev_parent_list_free)
DEFINE_CLEANUP(struct mdev_device *, mdev_device_unref)
DEFINE_CLEANUP(struct mdev_device **, mdev_device_list_free)
DEFINE_CLEANUP(struct mdev_definition *, mdev_definition_unref)
DEFINE_CLEANUP(struct mdev_definition **, mdev_definition_list_free)

#endif
