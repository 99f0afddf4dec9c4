/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The VFIO nodes of an active device. */
#ifndef LIB_NODE_H
#define LIB_NODE_H

#include "libmdev.h"
#include "util/cleanup.h"

/* As mdev_device_renew_access(). Return: 0, -errno reported. */
_must_check_ int node_renew_access(const struct mdev_device *device);

#endif
