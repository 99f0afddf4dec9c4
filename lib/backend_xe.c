// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Virtual functions of Intel's GPUs, as the driver xe offers them since Linux 6.19. A parent is a
 * physical function, or one of its virtual functions; a device is a virtual function that a driver
 * of VFIO has. PCI enables all virtual functions at once, so the first device enables as many as
 * are defined or started with it, and the last one disables them.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pci.h"
#include "sysfs.h"
#include "util/io.h"
#include "util/text.h"
#include "vgpu_device.h"
#include "vgpu_explain.h"
#include "vgpu_record.h"
#include "vgpu_xe.h"

#define DEVICES	  "bus/pci/devices"
#define DRIVER	  "bus/pci/drivers/xe"
/* As events spell it. */
#define VENDOR	  "8086"
/* How often functions are looked at that others enable and disable all the time. */
#define LOOKS_MAX 10

/* Parents -------------------------------------------------------------------- */

/* "0000:03:00.0/sriov_admin" of the driver's directory. */
static int xe_add_physical(void *data, int dir, const struct dirent64 *entry)
{
	char path[NAME_MAX + sizeof("/" XE_ADMIN)];
	struct strings *names = data;

	if (!pci_is_name(entry->d_name))
		return 0;
	snprintf(path, sizeof(path), "%s/" XE_ADMIN, entry->d_name);
	return sysfs_exists(dir, path) ? strings_add(names, entry->d_name) : 0;
}

static int xe_list_parents(struct mdev_ctx *ctx, struct strings *names)
{
	_cleanup_close_ int dir = -1;
	int r;

	r = sysfs_open(ctx, &dir, DRIVER);
	if (r == 0)
		r = walk_directory(dir, xe_add_physical, names);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	strings_sort(names);
	return 0;
}

static int xe_check(struct mdev_ctx *ctx)
{
	_cleanup_strings_ struct strings names = { 0 };
	int r = xe_list_parents(ctx, &names);

	if (r < 0)
		return r;
	return names.count > 0 ? 0 : -ENODEV;
}

static int xe_look(struct mdev_ctx *ctx, const char *name, int dir)
{
	(void)ctx;
	(void)name;
	return sysfs_exists(dir, XE_ADMIN) || sysfs_exists(dir, "physfn/" XE_ADMIN) ? 0 : -ENODEV;
}

static int xe_open_parent(struct mdev_ctx *ctx, const char *name, struct handle *parent)
{
	return vgpu_parent_open(ctx, &backend_xe, name, xe_look, parent);
}

static struct vgpu_view *xe_view(const struct handle *handle)
{
	return handle->cache;
}

static void xe_free_cache(void *cache)
{
	vgpu_view_free(cache);
}

static int xe_read_registration(const struct handle *parent, uint64_t *registration)
{
	int r = sysfs_get_inode(parent->dir, XE_ADMIN, registration);

	if (r == -ENOENT)
		r = sysfs_get_inode(parent->dir, "vendor", registration);
	return r == -ENOENT ? -ENODEV : r;
}

/* The physical function of a parent or device, and its address; a physical one is its own. */
static int xe_open_physical(const struct handle *handle, char **name, int *dir)
{
	int r = sysfs_read_link_base(handle->dir, "physfn", name);

	if (r == 0)
		return sysfs_open_at(handle->ctx, handle->dir, "physfn", dir);
	if (r != -ENOENT)
		return r;
	*name = strdup(xe_view(handle)->parent);
	if (!*name)
		return -ENOMEM;
	return sysfs_open_at(handle->ctx, handle->dir, ".", dir);
}

/* Types ---------------------------------------------------------------------- */

static int xe_list_types(const struct handle *parent, struct strings *ids)
{
	(void)parent;
	return strings_add(ids, XE_TYPE);
}

/* A parent that is a virtual function has none. */
static int xe_count_functions(const struct handle *parent, struct xe_count *count)
{
	int r;

	*count = (struct xe_count){ 0 };
	r = xe_read_count(parent->ctx, parent->dir, count);
	return r == -ENODEV ? 0 : r;
}

/*
 * Looks at the functions between two equal counts of them: if somebody enables or disables them
 * meanwhile, it sees a number of them that there never was. The kernel shows a count only when it
 * has done with that.
 */
static int xe_look_at_functions(const struct handle *parent, struct xe_count *count)
{
	struct xe_count before;
	int looked, r;

	for (unsigned int i = 1;; i++) {
		r = xe_count_functions(parent, &before);
		if (r < 0)
			return r;
		looked = vgpu_view_fill(parent->ctx, parent->dir, xe_view(parent));
		r = xe_count_functions(parent, count);
		if (r < 0)
			return r;
		if (count->enabled == before.enabled || i == LOOKS_MAX)
			return looked;
	}
}

/* Functions that are not enabled can all be had, as long as none is. */
static int xe_count_free(const struct handle *parent, unsigned int *available, unsigned int *used)
{
	const struct vgpu_view_type *type;
	struct xe_count count;
	int r;

	*available = *used = 0;
	r = xe_look_at_functions(parent, &count);
	if (r == 0) {
		type = vgpu_view_find(xe_view(parent), XE_NUMBER);
		*available = type ? type->available : 0;
		*used = type ? type->used : 0;
		return 0;
	}
	/* A virtual function that is a parent has gone. */
	if (r != -ENODEV || count.total == 0)
		return r;
	if (count.enabled == 0)
		*available = count.total;
	return 0;
}

static int xe_read_type(const struct handle *parent, const char *id, struct type_text *text)
{
	unsigned int available;
	int r;

	if (strcmp(id, XE_TYPE) != 0)
		return -ENOENT;
	r = xe_count_free(parent, &available, &text->used);
	if (r < 0) {
		text->failed = r == -ENODEV || r == -ENOMEM ? NULL : "the virtual functions";
		return r;
	}
	if (asprintf(&text->available_instances, "%u", available) < 0)
		text->available_instances = NULL;
	text->device_api = strdup("vfio-pci");
	text->name = strdup(XE_NAME);
	return text->available_instances && text->device_api && text->name ? 0 : -ENOMEM;
}

/* Devices -------------------------------------------------------------------------- */

static int xe_list_devices(struct mdev_ctx *ctx, const char *parent, struct device_sink *sink)
{
	return vgpu_device_list(ctx, &backend_xe, parent, sink);
}

/* Opens the physical function, and nobody else changes how many others it has. */
static int xe_hold_physical(const struct handle *handle, char **name, int *physical, int *lock)
{
	int r = xe_open_physical(handle, name, physical);

	if (r == 0)
		r = xe_lock(handle->ctx, *name, lock);
	return r == -ENOENT ? -ENODEV : r;
}

static int xe_create(const struct handle *parent, const struct device_request *request,
		     struct handle *device)
{
	_cleanup_close_ int lock = -1, physical = -1;
	_cleanup_free_ char *name = NULL;
	int r;

	r = xe_hold_physical(parent, &name, &physical, &lock);
	if (r == 0)
		r = xe_enable(parent->ctx, name, physical, request);
	if (r < 0)
		return r == -ENOENT ? -ENODEV : r;
	r = vgpu_device_create(parent, request, XE_NUMBER, device);
	if (r < 0)
		xe_disable_unused(parent->ctx, name, physical);
	return r;
}

static int xe_remove(const struct handle *device, const struct mdev_uuid *uuid)
{
	_cleanup_close_ int lock = -1, physical = -1;
	_cleanup_free_ char *name = NULL;
	int r;

	r = xe_hold_physical(device, &name, &physical, &lock);
	if (r < 0)
		return r;
	r = vgpu_device_remove(device, uuid);
	if (r == 0)
		xe_disable_unused(device->ctx, name, physical);
	return r;
}

/* Attributes ------------------------------------------------------------------------- */

static const char *xe_find_attr(const struct handle *device, const char *attr)
{
	(void)device;
	return vgpu_xe.find_attr(attr);
}

/* Below the physical function, where they count from 1: "vf1/device" leads to the first one. */
static int xe_open_attrs(const struct handle *device, int *dir)
{
	char path[sizeof("physfn/" XE_ADMIN "/vf4294967295/device")];
	int r = 0;

	for (unsigned int i = 1; r == 0; i++) {
		_cleanup_free_ char *name = NULL;
		int length = snprintf(path, sizeof(path), "physfn/" XE_ADMIN "/vf%u", i);

		snprintf(path + length, sizeof(path) - length, "/device");
		r = sysfs_read_link_base(device->dir, path, &name);
		path[length] = '\0';
		if (r == 0 && strcmp(name, xe_view(device)->parent) == 0)
			return sysfs_open_at(device->ctx, device->dir, path, dir);
	}
	return r;
}

/* "[low] normal high" has the value "low", which is what can be written. */
static int xe_tidy_attr(const char *attr, char *value)
{
	char *start = strchr(value, '['), *end = start ? strchr(start, ']') : NULL;

	if (!end || strcmp(path_base(attr), "sched_priority") != 0)
		return 0;
	memmove(value, start + 1, end - start - 1);
	value[end - start - 1] = '\0';
	return 0;
}

/* Failures and events ------------------------------------------------------------------ */

/* Why a function of those that are enabled cannot be had, and no other can be enabled. */
static bool xe_explain_full(const struct handle *parent, struct buffer *out)
{
	_cleanup_close_ int physical = -1;
	_cleanup_free_ char *name = NULL;
	struct xe_count count;

	if (xe_open_physical(parent, &name, &physical) < 0 ||
	    xe_read_count(parent->ctx, physical, &count) < 0 || count.enabled == 0)
		return false;
	buffer_add_format(out,
			  "; %u of %u virtual functions of %s are enabled, and are in use or "
			  "have another driver",
			  count.enabled, count.total, name);
	if (count.enabled < count.total)
		buffer_add_string(out, "; PCI enables others only after all have been disabled");
	return true;
}

static bool xe_explain_create(const struct handle *parent, int r, struct buffer *out)
{
	if (r == -EUSERS)
		return xe_explain_full(parent, out);
	if (r == -ENOPKG)
		buffer_add_string(out, "; neither xe-vfio-pci nor vfio-pci is loaded");
	else if (r == -EOPNOTSUPP)
		buffer_add_string(out, "; its driver does not enable virtual functions");
	else if (r == -EBUSY || r == -ENOSPC || r == -ENOMEM)
		buffer_add_string(out, "; its driver cannot enable virtual functions now");
	else
		return false;
	return true;
}

static bool xe_explain_attr(int r, struct buffer *out)
{
	if (r == -EUCLEAN)
		buffer_add_string(out, "; the parts of the GPU have different values: write one");
	else if (r == -EPERM && geteuid() == 0)
		buffer_add_string(out, "; this GPU or its firmware does not have that");
	else if (r == -EIO)
		buffer_add_string(out, "; the firmware of the GPU refuses the value");
	else
		return false;
	return true;
}

static bool xe_explain(const struct handle *handle, enum backend_action action, int r,
		       struct buffer *out)
{
	if (!handle->cache)
		return false;
	if (r == -ENOLCK)
		return vgpu_explain_record(out);
	if (action == BACKEND_CREATE)
		return xe_explain_create(handle, r, out);
	if (action == BACKEND_READ || action == BACKEND_WRITE)
		return xe_explain_attr(r, out);
	return false;
}

static bool xe_may_change(const struct uevent *uevent)
{
	return vgpu_may_change(uevent, VENDOR);
}

/* Without read_event(): events tell that a driver was bound, not whose device that is. */
const struct backend backend_xe = {
	.parents = DRIVER,
	.devices = DEVICES,
	.absence = "No GPU of the driver xe has a directory " XE_ADMIN,
	.waits_for_users = true,
	.is_pci = true,
	.check = xe_check,
	.list_parents = xe_list_parents,
	.open_parent = xe_open_parent,
	.read_registration = xe_read_registration,
	.resolve_parent = vgpu_device_resolve,
	.list_types = xe_list_types,
	.read_type = xe_read_type,
	.read_available = xe_read_type,
	.list_devices = xe_list_devices,
	.find_device = vgpu_device_find,
	.is_alive = vgpu_device_is_alive,
	.create = xe_create,
	.remove = xe_remove,
	.find_attr = xe_find_attr,
	.open_attrs = xe_open_attrs,
	.tidy_attr = xe_tidy_attr,
	.explain_lost = vgpu_explain_lost,
	.forget = vgpu_record_remove,
	.explain = xe_explain,
	.may_change = xe_may_change,
	.free_cache = xe_free_cache,
};
