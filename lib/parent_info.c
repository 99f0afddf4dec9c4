// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "device_info.h"
#include "log.h"
#include "parent.h"
#include "sysfs.h"
#include "util/refs.h"

struct mdev_parent_info {
	unsigned int refs;
	char *path;
	char *driver, *module;
	char *modalias;
	char *physfn;
	int numa_node;
};

static void parent_info_unrefp(struct mdev_parent_info **info)
{
	mdev_parent_info_unref(*info);
}

MDEV_EXPORT struct mdev_parent_info *mdev_parent_info_ref(struct mdev_parent_info *info)
{
	refs_get(&info->refs);
	return info;
}

MDEV_EXPORT void mdev_parent_info_unref(struct mdev_parent_info *info)
{
	if (!info || !refs_put(&info->refs))
		return;
	free(info->path);
	free(info->driver);
	free(info->module);
	free(info->modalias);
	free(info->physfn);
	free(info);
}

MDEV_EXPORT const char *mdev_parent_info_get_path(const struct mdev_parent_info *info)
{
	return info->path;
}

MDEV_EXPORT const char *mdev_parent_info_get_driver(const struct mdev_parent_info *info)
{
	return info->driver;
}

MDEV_EXPORT const char *mdev_parent_info_get_module(const struct mdev_parent_info *info)
{
	return info->module;
}

MDEV_EXPORT const char *mdev_parent_info_get_modalias(const struct mdev_parent_info *info)
{
	return info->modalias;
}

MDEV_EXPORT int mdev_parent_info_get_numa_node(const struct mdev_parent_info *info)
{
	return info->numa_node;
}

MDEV_EXPORT const char *mdev_parent_info_get_physfn(const struct mdev_parent_info *info)
{
	return info->physfn;
}

static int parent_info_fill(const struct mdev_parent *parent, struct mdev_parent_info *info)
{
	struct mdev_ctx *ctx = parent_ctx(parent);
	_cleanup_handle_ struct handle handle = HANDLE_NONE;
	int r;

	r = parent_reopen(parent, &handle);
	if (r < 0)
		return r;
	r = parent_resolve(parent, &info->path);
	if (r < 0)
		return r;
	r = info_read_numa_node(ctx, handle.dir, &info->numa_node);
	if (r < 0)
		return r;
	r = info_read_base(handle.dir, "driver", &info->driver);
	if (r < 0)
		return r;
	/* A driver that is built in has no module. */
	r = info_read_base(handle.dir, "driver/module", &info->module);
	if (r < 0)
		return r;
	r = info_read_base(handle.dir, "physfn", &info->physfn);
	if (r < 0)
		return r;
	r = sysfs_read(ctx, handle.dir, "modalias", &info->modalias);
	return r == -ENOENT ? 0 : r;
}

static int parent_info_fail(const struct mdev_parent *parent, int r)
{
	const char *name = mdev_parent_get_name(parent);
	struct mdev_ctx *ctx = parent_ctx(parent);

	if (r == -ENOMEM)
		return log_no_memory(ctx);
	if (r == -ENOENT || r == -ENODEV)
		return log_fail(ctx, -ENODEV,
				"Parent %s is not currently registered for mdev support", name);
	return log_fail_kernel(ctx, r, "Failed to read parent %s: " OS_ERROR, name,
			       OS_ERROR_ARGS(r));
}

MDEV_EXPORT int mdev_parent_get_info(const struct mdev_parent *parent,
				     struct mdev_parent_info **info)
{
	_cleanup_(parent_info_unrefp) struct mdev_parent_info *new = NULL;
	int r;

	if (ANY_NULL(parent, info))
		return log_null(parent_ctx(parent));
	log_call(parent_ctx(parent), .parent = mdev_parent_get_name(parent));
	new = calloc(1, sizeof(*new));
	if (!new)
		return log_no_memory(parent_ctx(parent));
	new->refs = 1;
	r = parent_info_fill(parent, new);
	if (r < 0)
		return parent_info_fail(parent, r);
	*info = TAKE_PTR(new);
	return 0;
}
