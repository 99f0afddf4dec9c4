// SPDX-License-Identifier: LGPL-2.1-or-later
/* Attributes of an active device, one at a time; mdev_modify_live() changes several or none. */
#include <errno.h>

#include "attr.h"
#include "device.h"
#include "operation.h"

static void device_attr_close(struct attrs *attrs)
{
	handle_close(&attrs->handle);
}

static int device_attr_open(const struct mdev_device *device, const char *name,
			    struct attrs *attrs)
{
	int r;

	*attrs = (struct attrs){
		.handle = { .ctx = device_ctx(device), .backend = device_backend(device),
			    .dir = -1 },
		.uuid = mdev_device_get_uuid(device)->text,
		.parent = mdev_device_get_parent(device),
	};
	r = attr_check_name(attrs, name);
	if (r < 0)
		return r;
	r = device_reopen(device, &attrs->handle);
	return r < 0 ? device_fail(device, r, "open") : 0;
}

MDEV_EXPORT int mdev_device_read_attr(const struct mdev_device *device, const char *name,
				      char **value)
{
	_cleanup_(device_attr_close) struct attrs attrs = { .handle = HANDLE_NONE };
	int r;

	if (ANY_NULL(device, name, value))
		return log_null(device_ctx(device));
	log_call(device_ctx(device), .uuid = mdev_device_get_uuid(device)->text,
		 .parent = mdev_device_get_parent(device), .attr = name);
	r = device_attr_open(device, name, &attrs);
	return r < 0 ? r : attr_read(&attrs, name, value);
}

MDEV_EXPORT int mdev_device_write_attr(const struct mdev_device *device, const char *name,
				       const char *value)
{
	_cleanup_(device_attr_close) struct attrs attrs = { .handle = HANDLE_NONE };
	_cleanup_operation_ struct operation write =
		operation_of_device(OPERATION_MODIFY, device, 0);
	struct wait wait = { .ctx = device_ctx(device) };
	int r;

	if (ANY_NULL(device, name, value))
		return log_null(device_ctx(device));
	log_call(device_ctx(device), .uuid = mdev_device_get_uuid(device)->text,
		 .parent = mdev_device_get_parent(device), .attr = name);
	r = device_attr_open(device, name, &attrs);
	if (r == 0)
		r = operation_hold(&write);
	return r < 0 ? r : attr_write(&attrs, name, value, &wait);
}
