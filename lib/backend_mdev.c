// SPDX-License-Identifier: LGPL-2.1-or-later
/* The mediated device core: Documentation/driver-api/vfio-mediated-device.rst. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend.h"
#include "log.h"
#include "sysfs.h"
#include "util/buffer.h"

#define TYPES "mdev_supported_types"

/* What cannot be held cannot be used: it goes again. */
static void mdev_remove_by_name(const struct handle *parent, const char *uuid)
{
	char path[MDEV_UUID_STRING_SIZE + sizeof("/remove")];
	int r;

	snprintf(path, sizeof(path), "%s/remove", uuid);
	r = sysfs_write(parent->ctx, parent->dir, path, "1");
	if (r < 0)
		log_warning(parent->ctx, "Error removing device %s: " OS_ERROR, uuid,
			    OS_ERROR_ARGS(r));
}

static int mdev_create(const struct handle *parent, const char *type, const char *uuid,
		       struct handle *device)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	_cleanup_free_ char *path = NULL;
	int r, dir;

	buffer_add_format(&buffer, TYPES "/%s/create", type);
	r = buffer_take(&buffer, &path);
	if (r == 0)
		r = sysfs_write(parent->ctx, parent->dir, path, uuid);
	/* A driver that was interrupted may have made it all the same: then it can be opened. */
	if (r == -EINTR && sysfs_exists(parent->dir, uuid))
		r = 0;
	/* The type was there a moment ago: the parent has unregistered. */
	if (r < 0)
		return r == -ENOENT ? -ENODEV : r;
	/* It is there, with its links, when the write returns; unless somebody has removed it. */
	r = sysfs_open_at(parent->ctx, parent->dir, uuid, &dir);
	if (r == -ENOENT)
		return -ENODEV;
	if (r < 0) {
		mdev_remove_by_name(parent, uuid);
		return r;
	}
	*device = (struct handle){ .ctx = parent->ctx, .backend = parent->backend, .dir = dir };
	return 0;
}

static int mdev_remove(const struct handle *device)
{
	int r = sysfs_write(device->ctx, device->dir, "remove", "1");

	return r == -ENOENT ? -ENODEV : r;
}

/* The link goes first when the core removes a device. */
static bool mdev_is_alive(const struct handle *device)
{
	return sysfs_exists(device->dir, "mdev_type");
}

static bool mdev_is_reserved(const char *attr)
{
	return strcmp(attr, "remove") == 0;
}

const struct backend backend_mdev = {
	.name = "mdev",
	.create = mdev_create,
	.remove = mdev_remove,
	.is_alive = mdev_is_alive,
	.is_reserved = mdev_is_reserved,
};
