/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The nodes that VFIO makes for a device: of its group, and of the device itself. */
#ifndef LIB_VFIO_NODE_H
#define LIB_VFIO_NODE_H

#include "ctx.h"
#include "util/cleanup.h"

/*
 * Has udev apply its rules to the nodes of the device with the directory @dir once more: whose they
 * are has changed since they appeared. One that is not there has nothing to be changed.
 *
 * Return: 0, -errno unreported.
 */
_must_check_ int vfio_node_announce(struct mdev_ctx *ctx, int dir);

#endif
