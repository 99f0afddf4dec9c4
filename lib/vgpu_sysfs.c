// SPDX-License-Identifier: LGPL-2.1-or-later
/* The files that NVIDIA's driver adds to virtual functions, since release 525. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sysfs.h"
#include "util/text.h"
#include "vgpu.h"

#define DIRECTORY "nvidia"
#define CURRENT   DIRECTORY "/current_vgpu_type"
#define CREATABLE DIRECTORY "/creatable_vgpu_types"

/* The files go with the function, or before it. */
static int vgpu_gone(int r)
{
	return r == -ENOENT ? -ENODEV : r;
}

static bool vgpu_sysfs_offers(struct mdev_ctx *ctx, int dir)
{
	(void)ctx;
	return sysfs_exists(dir, CURRENT);
}

static int vgpu_sysfs_read_registration(const struct vgpu_function *function,
					uint64_t *registration)
{
	return vgpu_gone(sysfs_get_inode(function->dir, DIRECTORY, registration));
}

static int vgpu_sysfs_list_types(const struct vgpu_function *function, struct vgpu_types *types)
{
	_cleanup_free_ char *text = NULL;
	int r = sysfs_read(function->ctx, function->dir, CREATABLE, &text);

	return r < 0 ? vgpu_gone(r) : vgpu_types_parse(text, types);
}

static int vgpu_sysfs_read_current(const struct vgpu_function *function, unsigned int *id)
{
	_cleanup_free_ char *text = NULL;
	int r = sysfs_read(function->ctx, function->dir, CURRENT, &text);

	if (r < 0)
		return vgpu_gone(r);
	return vgpu_parse_number(text, id) ? 0 : -EPROTO;
}

static int vgpu_sysfs_assign(const struct vgpu_function *function, unsigned int id)
{
	char text[sizeof("4294967295")];

	snprintf(text, sizeof(text), "%u", id);
	return vgpu_gone(sysfs_write(function->ctx, function->dir, CURRENT, text));
}

static int vgpu_sysfs_take_away(const struct vgpu_function *function)
{
	return vgpu_sysfs_assign(function, 0);
}

/* With the directory, too: mdevs of the same vendor have these files at "nvidia/vgpu_params". */
static const char *vgpu_sysfs_find_attr(const char *name)
{
	static const char *const attrs[] = {
		DIRECTORY "/vgpu_params",
		DIRECTORY "/placement_id",
		DIRECTORY "/gpu_instance_id",
		DIRECTORY "/warm_update",
	};

	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++)
		if (strcmp(attrs[i], name) == 0 || strcmp(path_base(attrs[i]), name) == 0)
			return attrs[i];
	return NULL;
}

const struct vgpu_transport vgpu_sysfs = {
	.backend = &backend_nvidia,
	.format_type = vgpu_format_id,
	.offers = vgpu_sysfs_offers,
	.read_registration = vgpu_sysfs_read_registration,
	.list_types = vgpu_sysfs_list_types,
	.read_current = vgpu_sysfs_read_current,
	.assign = vgpu_sysfs_assign,
	.take_away = vgpu_sysfs_take_away,
	.find_attr = vgpu_sysfs_find_attr,
};
