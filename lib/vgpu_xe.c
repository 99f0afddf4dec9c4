// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Virtual functions of Intel's GPUs as a transport: such a function has "a type" while a driver of
 * VFIO is bound to it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sysfs.h"
#include "util/text.h"
#include "vgpu_xe.h"

#define DRIVERS	 "bus/pci/drivers"
#define OVERRIDE "driver_override"

/* The driver for migration first; neither binds to a device by itself. */
static const char *const xe_drivers[] = { "xe-vfio-pci", "vfio-pci" };

static bool xe_offers(struct mdev_ctx *ctx, int dir)
{
	(void)ctx;
	return sysfs_exists(dir, "physfn/" XE_ADMIN);
}

static int xe_gone(int r)
{
	return r == -ENOENT ? -ENODEV : r;
}

/* The functions are made anew each time that they are enabled. */
static int xe_read_registration(const struct vgpu_function *function, uint64_t *registration)
{
	return xe_gone(sysfs_get_inode(function->dir, "vendor", registration));
}

int xe_read_driver(int dir, char **driver)
{
	int r = sysfs_read_link_base(dir, "driver", driver);

	if (r == -ENOENT && sysfs_exists(dir, "vendor"))
		return 0;
	return xe_gone(r);
}

static int xe_read_current(const struct vgpu_function *function, unsigned int *id)
{
	_cleanup_free_ char *driver = NULL;
	int r = xe_read_driver(function->dir, &driver);

	if (r == 0)
		*id = driver && strstr(driver, "vfio") ? XE_NUMBER : 0;
	return r;
}

/* One that another driver of the host has is not free. */
static int xe_list_types(const struct vgpu_function *function, struct vgpu_types *types)
{
	_cleanup_free_ char *driver = NULL;
	int r = xe_read_driver(function->dir, &driver);

	if (r < 0 || driver)
		return r;
	return vgpu_types_add(types, XE_NUMBER, XE_NAME, strlen(XE_NAME));
}

static int xe_write_driver(struct mdev_ctx *ctx, const char *driver, const char *file,
			   const char *name)
{
	_cleanup_close_ int dir = -1;
	int r = sysfs_open(ctx, &dir, DRIVERS "/%s", driver);

	return r < 0 ? r : sysfs_write(ctx, dir, file, name);
}

static int xe_bind(const struct vgpu_function *function, const char *driver)
{
	int r;

	r = xe_gone(sysfs_write(function->ctx, function->dir, OVERRIDE, driver));
	if (r == 0)
		r = xe_write_driver(function->ctx, driver, "bind", function->name);
	/* A driver that does not take the function, or is not loaded, gets it from nobody else. */
	if (r < 0 && sysfs_write(function->ctx, function->dir, OVERRIDE, "") == -ENODEV)
		r = -ENODEV;
	return r;
}

/* Return: -ENOPKG if none of the drivers is loaded. */
static int xe_assign(const struct vgpu_function *function, unsigned int id)
{
	int r = -ENOENT;

	(void)id;
	for (size_t i = 0; i < ARRAY_SIZE(xe_drivers) && r == -ENOENT; i++) {
		_cleanup_close_ int dir = -1;

		r = sysfs_open(function->ctx, &dir, DRIVERS "/%s", xe_drivers[i]);
		if (r == 0)
			r = xe_bind(function, xe_drivers[i]);
	}
	return r == -ENOENT ? -ENOPKG : r;
}

static int xe_take_away(const struct vgpu_function *function)
{
	_cleanup_free_ char *driver = NULL;
	int r;

	r = xe_read_driver(function->dir, &driver);
	if (r == 0 && driver)
		r = xe_gone(xe_write_driver(function->ctx, driver, "unbind", function->name));
	if (r == 0)
		r = xe_gone(sysfs_write(function->ctx, function->dir, OVERRIDE, ""));
	return r;
}

/* Those of all functions, and what stops one, belong to no definition. */
static const char *xe_find_attr(const char *name)
{
	static const char *const attrs[] = {
		"profile/exec_quantum_ms",
		"profile/preempt_timeout_us",
		"profile/sched_priority",
		"profile/vram_quota",
	};

	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++)
		if (strcmp(attrs[i], name) == 0 || strcmp(path_base(attrs[i]), name) == 0)
			return attrs[i];
	return NULL;
}

static void xe_format_type(unsigned int id, char text[VGPU_ID_SIZE])
{
	(void)id;
	snprintf(text, VGPU_ID_SIZE, "%s", XE_TYPE);
}

const struct vgpu_transport vgpu_xe = {
	.backend = &backend_xe,
	.format_type = xe_format_type,
	.offers = xe_offers,
	.read_registration = xe_read_registration,
	.list_types = xe_list_types,
	.read_current = xe_read_current,
	.assign = xe_assign,
	.take_away = xe_take_away,
	.find_attr = xe_find_attr,
};
