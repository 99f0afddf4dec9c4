// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "explain.h"
#include "parent.h"
#include "sysfs.h"
#include "util/array.h"
#include "util/buffer.h"
#include "util/io.h"
#include "util/text.h"

#define PCI_DEVICES "bus/pci/devices"

/* The names in a directory of sysfs, sorted; as many as can be read. */
static void list_names(struct mdev_ctx *ctx, const char *path, struct strings *names)
{
	_cleanup_close_ int dir = -1;

	if (sysfs_open(ctx, &dir, "%s", path) < 0 || walk_directory(dir, walk_add_name, names) < 0)
		return;
	strings_sort(names);
}

/* A parent that is missing ------------------------------------------------- */

static void add_place(struct buffer *out, const char *bus, int device)
{
	_cleanup_free_ char *driver = NULL;

	buffer_add_format(out, "; it is on bus %s, ", bus);
	if (sysfs_read_link_base(device, "driver", &driver) == 0)
		buffer_add_format(out, "but its driver %s has not registered it", driver);
	else
		buffer_add_string(out, "but no driver is bound to it");
}

/* The device may be there, with the host's own driver or with none. */
static void add_places(struct mdev_ctx *ctx, const char *name, struct buffer *out)
{
	_cleanup_strings_ struct strings buses = { 0 };

	list_names(ctx, "bus", &buses);
	for (size_t i = 0; i < buses.count; i++) {
		_cleanup_close_ int device = -1;

		if (sysfs_open(ctx, &device, "bus/%s/devices/%s", buses.items[i], name) == 0)
			add_place(out, buses.items[i], device);
	}
}

char *explain_missing_parent(struct mdev_ctx *ctx, const char *name)
{
	_cleanup_buffer_ struct buffer out = { 0 };
	_cleanup_strings_ struct strings names = { 0 };

	if (!parent_class_exists(ctx))
		buffer_add_string(&out, "; the mdev core is not loaded");
	else if (parent_list_names(ctx, &names) == 0 && names.count == 0)
		buffer_add_string(&out, "; no parent device is registered");
	add_places(ctx, name, &out);
	return explain_finish(&out);
}

/* No parent at all --------------------------------------------------------- */

/* NVIDIA's driver on kernels for which it has given up mdev. */
static bool has_own_framework(int device)
{
	return sysfs_exists(device, "nvidia/creatable_vgpu_types");
}

static bool read_number(struct mdev_ctx *ctx, int device, const char *file, unsigned int *number)
{
	_cleanup_free_ char *text = NULL;

	return sysfs_read(ctx, device, file, &text) == 0 && parse_number(text, number) == 0;
}

/*
 * How many virtual functions a display controller could have but has not. Other devices have
 * them, too, network cards above all, but none whose driver offers types on them only.
 */
static unsigned int count_disabled_vfs(struct mdev_ctx *ctx, int device)
{
	_cleanup_free_ char *class = NULL;
	unsigned int total, enabled;

	if (sysfs_read(ctx, device, "class", &class) < 0 || strncmp(class, "0x03", 4) != 0 ||
	    !read_number(ctx, device, "sriov_totalvfs", &total) ||
	    !read_number(ctx, device, "sriov_numvfs", &enabled) || enabled > 0)
		return 0;
	return total;
}

/* One device stands for all of its kind. */
char *explain_no_parent(struct mdev_ctx *ctx)
{
	_cleanup_buffer_ struct buffer out = { 0 };
	_cleanup_strings_ struct strings names = { 0 };
	bool told_framework = false, told_vfs = false;

	list_names(ctx, PCI_DEVICES, &names);
	for (size_t i = 0; i < names.count && !(told_framework && told_vfs); i++) {
		_cleanup_close_ int device = -1;
		unsigned int vfs;

		if (sysfs_open(ctx, &device, PCI_DEVICES "/%s", names.items[i]) < 0)
			continue;
		if (!told_framework && has_own_framework(device)) {
			buffer_add_format(&out, "; %s offers its types in its directory nvidia "
					  "instead: its driver has a VFIO framework of its own",
					  names.items[i]);
			told_framework = true;
		}
		vfs = told_vfs ? 0 : count_disabled_vfs(ctx, device);
		if (vfs > 0) {
			buffer_add_format(&out, "; %s has 0 of %u virtual functions enabled, and "
					  "its driver may offer types on these only",
					  names.items[i], vfs);
			told_vfs = true;
		}
	}
	return explain_finish(&out);
}
