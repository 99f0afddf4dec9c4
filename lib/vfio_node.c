// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>

#include "sysfs.h"
#include "util/io.h"
#include "vfio_node.h"

#define EVENT "uevent"

static int node_send(struct mdev_ctx *ctx, int dir)
{
	int r = sysfs_write(ctx, dir, EVENT, "change");

	return r == -ENOENT || r == -ENODEV ? 0 : r;
}

static int node_announce_group(struct mdev_ctx *ctx, int device)
{
	_cleanup_free_ char *group = NULL;
	_cleanup_close_ int dir = -1;
	int r;

	r = sysfs_read_link_base(device, "iommu_group", &group);
	if (r == 0)
		r = sysfs_open(ctx, &dir, "class/vfio/%s", group);
	if (r == 0)
		r = node_send(ctx, dir);
	return r == -ENOENT ? 0 : r;
}

static int node_announce_own(void *data, int devices, const struct dirent64 *entry)
{
	struct mdev_ctx *ctx = data;
	_cleanup_close_ int dir = -1;
	int r = sysfs_open_at(ctx, devices, entry->d_name, &dir);

	if (r == 0)
		r = node_send(ctx, dir);
	return r == -ENOENT ? 0 : r;
}

int vfio_node_announce(struct mdev_ctx *ctx, int dir)
{
	_cleanup_close_ int devices = -1;
	int r;

	r = node_announce_group(ctx, dir);
	if (r == 0)
		r = sysfs_open_at(ctx, dir, "vfio-dev", &devices);
	if (r == 0)
		r = walk_directory(devices, node_announce_own, ctx);
	return r == -ENOENT ? 0 : r;
}
