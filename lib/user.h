/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Users of a device, for those that only explain something by them. */
#ifndef LIB_USER_H
#define LIB_USER_H

#include "ctx.h"

/*
 * As mdev_device_list_users(). @info: that of the device, which may be on its way out; NULL: it is
 * looked up. Return: the same, or -errno, unreported.
 */
_must_check_ int user_list(const struct mdev_device *device, struct mdev_device_info *info,
			   struct mdev_user ***users);

static inline void user_list_freep(struct mdev_user ***users)
{
	mdev_user_list_free(*users);
}

#endif
