/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The removal of a device. The kernel asks its users to release it and waits for them, which
 * nothing can interrupt: so it waits in a process of its own, which can be left alone.
 */
#ifndef LIB_REMOVAL_H
#define LIB_REMOVAL_H

#include "backend.h"
#include "wait.h"

struct removal {
	const struct handle *handle;
	const struct mdev_uuid *uuid;
	const struct mdev_device *device;	/* that of the handle; NULL if it is only now being made */
	struct wait wait;
	struct mdev_device_info *info;	/* has the nodes, which cannot be looked up later */
	char *users;		/* who has not released it, as by explain_users(); NULL if none is seen */
	char *reason;	/* "; <why>", or NULL, after removal_explain() */
};

/* @limit_ms: how long to wait; 0: as mdev_ctx_set_timeout() says */
struct removal removal_of(const struct handle *handle, const struct mdev_uuid *uuid,
			  const struct mdev_device *device, unsigned int limit_ms);

/* How long the removal of a device that nobody is seen to use may take at least. */
#define REMOVAL_MS 5000

/*
 * Has the kernel remove the device.
 *
 * Return: 0, -ETIMEDOUT or -EINTR if the kernel is still waiting and removes it later, other -errno
 * if it is not removed; unreported.
 */
_must_check_ int removal_run(struct removal *removal);

/* What to say of a failure of removal_run(); NULL without memory. Finds the reason. */
char *removal_explain(struct removal *removal, int r);

void removal_clear(struct removal *removal);

#define _cleanup_removal_ _cleanup_(removal_clear)

#endif
