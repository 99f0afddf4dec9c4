// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "device_info.h"
#include "log.h"
#include "pci.h"
#include "sysfs.h"
#include "util/buffer.h"
#include "util/io.h"
#include "util/refs.h"
#include "util/text.h"

struct mdev_device_info {
	unsigned int refs;
	char *path;
	char *driver;
	char *group_node, *vfio_node;
	int iommu_group, numa_node;
	bool is_registered;	/* with VFIO, as kernels since Linux 6.1 tell */
};

MDEV_EXPORT struct mdev_device_info *mdev_device_info_ref(struct mdev_device_info *info)
{
	refs_get(&info->refs);
	return info;
}

MDEV_EXPORT void mdev_device_info_unref(struct mdev_device_info *info)
{
	if (!info || !refs_put(&info->refs))
		return;
	free(info->path);
	free(info->driver);
	free(info->group_node);
	free(info->vfio_node);
	free(info);
}

MDEV_EXPORT const char *mdev_device_info_get_path(const struct mdev_device_info *info)
{
	return info->path;
}

MDEV_EXPORT const char *mdev_device_info_get_pci_name(const struct mdev_device_info *info)
{
	const char *name = path_base(info->path);

	return pci_is_name(name) ? name : NULL;
}

MDEV_EXPORT const char *mdev_device_info_get_driver(const struct mdev_device_info *info)
{
	return info->driver;
}

MDEV_EXPORT int mdev_device_info_get_iommu_group(const struct mdev_device_info *info)
{
	return info->iommu_group;
}

MDEV_EXPORT const char *mdev_device_info_get_group_node(const struct mdev_device_info *info)
{
	return info->group_node;
}

MDEV_EXPORT const char *mdev_device_info_get_vfio_node(const struct mdev_device_info *info)
{
	return info->vfio_node;
}

MDEV_EXPORT int mdev_device_info_get_numa_node(const struct mdev_device_info *info)
{
	return info->numa_node;
}

int info_read_base(int dir, const char *link, char **name)
{
	int r = sysfs_read_link_base(dir, link, name);

	return r == -ENOENT ? 0 : r;
}

int info_read_numa_node(struct mdev_ctx *ctx, int parent, int *node)
{
	_cleanup_free_ char *text = NULL;
	unsigned int number;
	int r;

	*node = -1;
	r = sysfs_read(ctx, parent, "numa_node", &text);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	/* The kernel says "-1" where it does not know. */
	if (parse_number(text, &number) == 0)
		*node = number;
	return 0;
}

static int info_make_node(const struct mdev_ctx *ctx, const char *directory, const char *name,
		     char **node)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };

	buffer_add_format(&buffer, "%s%s/%s", ctx->prefix, directory, name);
	return buffer_take(&buffer, node);
}

static int info_read_group(struct mdev_ctx *ctx, int dir, struct mdev_device_info *info)
{
	_cleanup_free_ char *name = NULL;
	unsigned int number;
	int r;

	info->iommu_group = -1;
	r = info_read_base(dir, "iommu_group", &name);
	if (r < 0 || !name)
		return r;
	r = parse_number(name, &number);
	if (r < 0)
		return r;
	info->iommu_group = number;
	return info_make_node(ctx, GROUP_NODES, name, &info->group_node);
}

struct vfio_search {
	struct mdev_ctx *ctx;
	char *node;
};

/* Before Linux 6.6, or if it is built without them, the device has no node, so no "dev". */
static int info_find_vfio_device(void *data, int dir, const struct dirent64 *entry)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	_cleanup_free_ char *path = NULL;
	struct vfio_search *search = data;
	int r;

	buffer_add_format(&buffer, "%s/dev", entry->d_name);
	r = buffer_take(&buffer, &path);
	if (r < 0 || !sysfs_exists(dir, path))
		return r;
	r = info_make_node(search->ctx, DEVICE_NODES, entry->d_name, &search->node);
	return r < 0 ? r : 1;
}

static int info_read_vfio_device(struct mdev_ctx *ctx, int dir, struct mdev_device_info *info)
{
	struct vfio_search search = { .ctx = ctx };
	_cleanup_close_ int devices = -1;
	int r;

	r = sysfs_open_at(ctx, dir, "vfio-dev", &devices);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	info->is_registered = true;
	r = walk_directory(devices, info_find_vfio_device, &search);
	info->vfio_node = search.node;
	return r < 0 ? r : 0;
}

/* Where there is no directory for nodes at all, as in a container, they cannot be missed. */
static bool info_lacks_node(const struct mdev_ctx *ctx, const struct mdev_device_info *info)
{
	_cleanup_free_ char *directory = NULL;

	if ((info->group_node && access(info->group_node, F_OK) == 0) ||
	    (info->vfio_node && access(info->vfio_node, F_OK) == 0))
		return false;
	if (asprintf(&directory, "%s" GROUP_NODES, ctx->prefix) < 0) {
		directory = NULL;
		return false;
	}
	return access(directory, F_OK) == 0;
}

void device_info_explain(struct mdev_ctx *ctx, const struct mdev_device_info *info,
			 struct buffer *out)
{
	const char *name = path_base(info->path);

	if (!info->driver)
		buffer_add_format(out, "No driver is bound to %s", name);
	else if (!info->is_registered)
		buffer_add_format(out, "%s is not registered with VFIO by its driver %s", name,
				  info->driver);
	else if (info_lacks_node(ctx, info))
		buffer_add_format(out, "The node %s of %s is missing",
				  info->group_node ?: info->vfio_node ?: "of VFIO", name);
}

static int device_info_fill(const struct handle *device, struct mdev_device_info *info)
{
	_cleanup_close_ int parent = -1;
	int r;

	r = sysfs_open_at(device->ctx, device->dir, "..", &parent);
	if (r < 0)
		return r;
	r = info_read_numa_node(device->ctx, parent, &info->numa_node);
	/* Of a function that stands on a bus by itself. */
	if (r == 0 && info->numa_node < 0)
		r = info_read_numa_node(device->ctx, device->dir, &info->numa_node);
	if (r < 0)
		return r;
	r = info_read_base(device->dir, "driver", &info->driver);
	if (r < 0)
		return r;
	r = info_read_group(device->ctx, device->dir, info);
	return r < 0 ? r : info_read_vfio_device(device->ctx, device->dir, info);
}

int device_info_get(const struct mdev_device *device, struct mdev_device_info **info)
{
	_cleanup_(device_info_unrefp) struct mdev_device_info *new = NULL;
	_cleanup_handle_ struct handle handle = HANDLE_NONE;
	int r;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->refs = 1;
	r = device_locate(device, &handle, &new->path);
	if (r < 0)
		return r;
	r = device_info_fill(&handle, new);
	/* A part may be missing because the device is being removed. */
	if (r == -ENOENT || (r == 0 && !handle.backend->is_alive(&handle)))
		r = -ENODEV;
	if (r < 0)
		return r;
	*info = TAKE_PTR(new);
	return 0;
}

MDEV_EXPORT int mdev_device_get_info(const struct mdev_device *device,
				     struct mdev_device_info **info)
{
	int r;

	if (ANY_NULL(device, info))
		return log_null(device_ctx(device));
	r = device_info_get(device, info);
	return r < 0 ? device_fail(device, r, "read") : 0;
}
