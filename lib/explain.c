// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "explain.h"
#include "log.h"
#include "parent.h"
#include "sysfs.h"
#include "type.h"
#include "user.h"
#include "util/buffer.h"

static bool explain_is_locked_down(struct mdev_ctx *ctx)
{
	_cleanup_free_ char *state = NULL;
	_cleanup_close_ int dir = -1;

	return sysfs_open(ctx, &dir, "kernel/security") == 0 &&
	       sysfs_read(ctx, dir, "lockdown", &state) == 0 && !strstr(state, "[none]");
}

static void explain_access(struct mdev_ctx *ctx, int r, struct buffer *out)
{
	if (r == -EROFS)
		buffer_add_string(out, "; sysfs is mounted read-only, as it is in containers");
	else if ((r == -EPERM || r == -EACCES) && geteuid() != 0)
		buffer_add_string(out, "; this needs root");
	else if (r == -EPERM && explain_is_locked_down(ctx))
		buffer_add_string(out, "; the kernel is locked down");
}

static void explain_driver(struct mdev_ctx *ctx, int r, struct buffer *out)
{
	if (r == -EIO)
		buffer_add_string(out, "; the vendor driver failed, the kernel's log may say why");
	else
		explain_access(ctx, r, out);
}

static void explain_add_instances(struct mdev_ctx *ctx, const char *parent, const char *type,
			  struct buffer *out)
{
	_cleanup_(parent_unrefp) struct mdev_parent *found = NULL;
	unsigned int count;

	if (mdev_parent_lookup(ctx, parent, &found) == 0 &&
	    type_count_available(found, type, NULL, &count) == 0)
		buffer_add_format(out, "; instances of %s left: %u", type, count);
}

/* Many drivers offer one type at a time, or types that share a pool. */
static void explain_add_active(struct mdev_ctx *ctx, const char *parent, struct buffer *out)
{
	_cleanup_(device_list_freep) struct mdev_device **devices = NULL;
	const char *separator = "; active on it: ";
	size_t i, j;

	if (mdev_device_list(ctx, NULL, parent, &devices) < 0)
		return;
	for (i = 0; devices[i]; i++) {
		const char *type = mdev_device_get_type(devices[i]);
		size_t count = 0;
		bool told = false;

		for (j = 0; j < i && !told; j++)
			told = strcmp(mdev_device_get_type(devices[j]), type) == 0;
		if (told)
			continue;
		for (j = i; devices[j]; j++)
			count += strcmp(mdev_device_get_type(devices[j]), type) == 0;
		buffer_add_format(out, "%s%zu of type %s", separator, count, type);
		separator = ", ";
	}
}

static void explain_add_owner(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
			      struct buffer *out)
{
	_cleanup_(device_unrefp) struct mdev_device *owner = NULL;

	if (device_find(ctx, uuid, &owner) == 0)
		buffer_add_format(out, "; it is active on %s, type %s",
				  mdev_device_get_parent(owner), mdev_device_get_type(owner));
}

/* The object may have vanished since the operation looked it up. */
static void explain_add_gone(struct mdev_ctx *ctx, const char *parent, const char *type,
		     struct buffer *out)
{
	_cleanup_handle_ struct handle handle = HANDLE_NONE;

	if (parent_open(ctx, parent, &handle) < 0 || type_find(&handle, type) == -ENODEV)
		buffer_add_format(out, "; parent %s is no longer registered", parent);
	else if (type_find(&handle, type) == -ENOENT)
		buffer_add_format(out, "; parent %s no longer supports type %s", parent,
				  type);
}

char *explain_create(struct mdev_ctx *ctx, const struct handle *handle, int r,
		     const struct mdev_definition *definition)
{
	const char *parent = mdev_definition_get_parent(definition);
	_cleanup_buffer_ struct buffer out = { 0 };

	log_quietly(ctx);
	if (handle && backend_explain(handle, BACKEND_CREATE, r, &out)) {
		explain_add_active(ctx, parent, &out);
		return buffer_take_note(&out);
	}
	switch (r) {
	case -EEXIST:
		explain_add_owner(ctx, mdev_definition_get_uuid(definition), &out);
		break;
	case -ENODEV:
	case -ENOENT:
		explain_add_gone(ctx, parent, mdev_definition_get_type(definition), &out);
		break;
	case -EINVAL:
	case -EBUSY:
	case -ENOSPC:
	case -EUSERS:
		explain_add_instances(ctx, parent, mdev_definition_get_type(definition), &out);
		explain_add_active(ctx, parent, &out);
		break;
	default:
		explain_driver(ctx, r, &out);
	}
	return buffer_take_note(&out);
}

char *explain_instances(struct mdev_ctx *ctx, const char *parent)
{
	_cleanup_handle_ struct handle handle = HANDLE_NONE;
	_cleanup_buffer_ struct buffer out = { 0 };

	log_quietly(ctx);
	explain_add_active(ctx, parent, &out);
	if (parent_open(ctx, parent, &handle) == 0)
		backend_explain(&handle, BACKEND_CREATE, -EUSERS, &out);
	return buffer_take_note(&out);
}

/* More are not named. */
#define MAX_HOLDERS 8

char *explain_holders(struct mdev_ctx *ctx, const char *parent)
{
	_cleanup_(device_list_freep) struct mdev_device **devices = NULL;
	_cleanup_buffer_ struct buffer out = { 0 };
	size_t count = 0;

	log_quietly(ctx);
	if (mdev_device_list(ctx, NULL, parent, &devices) < 0)
		return NULL;
	for (; devices[count]; count++)
		if (count < MAX_HOLDERS)
			buffer_add_format(&out, "%s%s", count ? ", " : "; they are held by ",
					  mdev_device_get_uuid(devices[count])->text);
	if (count > MAX_HOLDERS)
		buffer_add_format(&out, " and %zu others", count - MAX_HOLDERS);
	return buffer_take_note(&out);
}

static void explain_add_users(const struct mdev_device *device, struct mdev_device_info *info,
			      struct buffer *out)
{
	_cleanup_(user_list_freep) struct mdev_user **users = NULL;
	const char *separator = EXPLAIN_BY;

	if (user_list(device, info, &users) < 0)
		return;
	for (size_t i = 0; users[i]; i++) {
		buffer_add_format(out, "%s%s (process %d)", separator,
				  mdev_user_get_command(users[i]), mdev_user_get_pid(users[i]));
		separator = ", ";
	}
}

char *explain_users(const struct mdev_device *device, struct mdev_device_info *info)
{
	_cleanup_buffer_ struct buffer out = { 0 };

	log_quietly(device_ctx(device));
	explain_add_users(device, info, &out);
	return buffer_take_note(&out);
}

char *explain_remove(const struct handle *handle, int r, const struct mdev_device *device)
{
	struct mdev_ctx *ctx = handle->ctx;
	_cleanup_buffer_ struct buffer out = { 0 };
	_cleanup_free_ char *users = NULL;

	log_quietly(ctx);
	if (backend_explain(handle, BACKEND_REMOVE, r, &out)) {
		users = device ? explain_users(device, NULL) : NULL;
		if (users)
			buffer_add_format(&out, "; it is in use%s", users);
	} else if (r == -EBUSY) {
		buffer_add_string(&out, "; it is in use");
		if (device)
			explain_add_users(device, NULL, &out);
		buffer_add_string(&out, " and its driver does not release it");
	} else {
		explain_driver(ctx, r, &out);
	}
	return buffer_take_note(&out);
}

/* Drivers use network errors for these; the texts of the C library are misleading. */
static void explain_address(int r, const char *attr, struct buffer *out)
{
	/* Documentation/arch/s390/vfio-ap.rst: the attributes of a matrix of queues. */
	bool is_ap = strncmp(attr, "assign_", strlen("assign_")) == 0 ||
		     strcmp(attr, "ap_config") == 0;

	if (r == -EADDRINUSE && is_ap)
		buffer_add_string(out, "; another mediated device uses one of its queues");
	else if (r == -EADDRINUSE)
		buffer_add_string(out, "; another device uses the requested resource");
	else if (is_ap)
		buffer_add_string(out, "; not all of its queues are reserved for vfio_ap: see "
				  "apmask and aqmask of the bus ap, or chzdev(8)");
	else
		buffer_add_string(out, "; the driver does not have the requested resource");
}

char *explain_read(const struct handle *device, int r)
{
	_cleanup_buffer_ struct buffer out = { 0 };

	log_quietly(device->ctx);
	backend_explain(device, BACKEND_READ, r, &out);
	return buffer_take_note(&out);
}

/* The names are those of the back-end, so they may stand for a file elsewhere. */
static bool explain_is_read_only(const struct handle *device, const char *attr)
{
	const char *path = backend_find_attr(device, attr);
	_cleanup_close_ int own = -1;
	int dir = path ? backend_open_attrs(device, &own) : -ENOENT;

	return dir >= 0 && !sysfs_is_writable(dir, path);
}

char *explain_write(const struct handle *device, int r, const char *attr)
{
	struct mdev_ctx *ctx = device->ctx;
	_cleanup_buffer_ struct buffer out = { 0 };

	log_quietly(ctx);
	if (backend_explain(device, BACKEND_WRITE, r, &out))
		return buffer_take_note(&out);
	if (r == -EADDRNOTAVAIL || r == -EADDRINUSE)
		explain_address(r, attr, &out);
	else if (r == -EACCES && explain_is_read_only(device, attr))
		buffer_add_string(&out, "; this attribute can only be read");
	else
		explain_driver(ctx, r, &out);
	return buffer_take_note(&out);
}
