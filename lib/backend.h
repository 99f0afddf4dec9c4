/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a kernel offers slices of a device. The objects (parent, type, device) and the
 * operations know no path and no file name of sysfs: each kernel interface is one file,
 * backend_NAME.c, and a row in backends[].
 */
#ifndef LIB_BACKEND_H
#define LIB_BACKEND_H

#include "ctx.h"

/*
 * A parent or a device of the kernel, held open. What was checked is what is written: the
 * descriptor stays with the object, whoever else takes its name meanwhile.
 */
struct handle {
	struct mdev_ctx *ctx;
	const struct backend *backend;
	int dir;	/* its directory in sysfs; -1: none is held */
};

#define HANDLE_NONE { .dir = -1 }

/*
 * Functions return 0 or -errno and report nothing: the caller knows what the failure means.
 * -ENODEV: what the handle stands for has gone.
 */
struct backend {
	const char *name;

	/* Has the kernel make a device, and holds it. A failure leaves none. */
	int (*create)(const struct handle *parent, const char *type, const char *uuid,
		      struct handle *device);
	/* Has the kernel take it away. */
	int (*remove)(const struct handle *device);
	/* Whether the kernel still has it. */
	bool (*is_alive)(const struct handle *device);
	/* Whether the file is the kernel's way to take the device away, and no attribute. */
	bool (*is_reserved)(const char *attr);
};

extern const struct backend backend_mdev;

static inline void handle_close(struct handle *handle)
{
	util_close(TAKE_FD(handle->dir));
}

#define _cleanup_handle_ _cleanup_(handle_close)

#endif
