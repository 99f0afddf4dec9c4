// SPDX-License-Identifier: LGPL-2.1-or-later
/* Attributes of an active device, one at a time; mdev_modify_live() changes several or none. */
#include <errno.h>
#include <string.h>

#include "device.h"
#include "log.h"
#include "sysfs.h"
#include "util/text.h"

/* The device, for an attribute that may be in it. */
static int open_for(const struct mdev_device *device, const char *name, struct handle *handle)
{
	int r;

	/* What writing "remove" means is mdev_stop(), with its scripts. */
	if (!path_is_below(name) || !utf8_is_valid(name) || device_backend(device)->is_reserved(name))
		return log_fail(device_ctx(device), -EINVAL, "Invalid attribute '%s'", name);
	r = device_reopen(device, handle);
	return r < 0 ? device_fail(device, r, "open") : 0;
}

static int fail(const struct mdev_device *device, const struct handle *handle, const char *what,
		const char *name, int r)
{
	if (r == -ENODEV || !handle->backend->is_alive(handle))
		return device_fail(device, -ENODEV, what);
	if (r == -ENOENT)
		return log_fail(device_ctx(device), r, "Device %s has no attribute '%s'",
				mdev_device_get_uuid(device), name);
	return log_fail_kernel(device_ctx(device), r, "Failed to %s attribute %s of device %s: " OS_ERROR,
			what, name, mdev_device_get_uuid(device), OS_ERROR_ARGS(r));
}

/* From here on failures are about the attribute. */
#define device_attr_about(device, name)                                       \
	log_call(device_ctx(device), .uuid = mdev_device_get_uuid(device), \
		 .parent = mdev_device_get_parent(device), .attr = name)

static int read_attr(const struct mdev_device *device, const char *name, char **value)
{
	struct mdev_ctx *ctx = device_ctx(device);
	_cleanup_handle_ struct handle handle = HANDLE_NONE;
	int r;

	r = open_for(device, name, &handle);
	if (r < 0)
		return r;
	r = sysfs_read_below(ctx, handle.dir, name, value);
	if (r == -ENOMEM)
		return log_no_memory(ctx);
	return r < 0 ? fail(device, &handle, "read", name, r) : 0;
}

static int write_attr(const struct mdev_device *device, const char *name, const char *value)
{
	_cleanup_handle_ struct handle handle = HANDLE_NONE;
	int r;

	r = open_for(device, name, &handle);
	if (r < 0)
		return r;
	r = sysfs_write(handle.ctx, handle.dir, name, value);
	return r < 0 ? fail(device, &handle, "write", name, r) : 0;
}

MDEV_EXPORT int mdev_device_read_attr(const struct mdev_device *device, const char *name,
				      char **value)
{
	if (ANY_NULL(device, name, value))
		return log_null(device_ctx(device));
	device_attr_about(device, name);
	return read_attr(device, name, value);
}

MDEV_EXPORT int mdev_device_write_attr(const struct mdev_device *device, const char *name,
				       const char *value)
{
	if (ANY_NULL(device, name, value))
		return log_null(device_ctx(device));
	device_attr_about(device, name);
	return write_attr(device, name, value);
}
