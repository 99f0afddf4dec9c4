// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend.h"
#include "explain_parent.h"
#include "log.h"
#include "pci.h"
#include "resemble.h"
#include "sysfs.h"
#include "util/io.h"
#include "util/text.h"

#define PCI_DEVICES "bus/pci/devices"

/* The names in a directory of sysfs, sorted; as many as can be read. */
static void explain_list_names(struct mdev_ctx *ctx, const char *path, struct strings *names)
{
	_cleanup_close_ int dir = -1;

	if (sysfs_open(ctx, &dir, "%s", path) < 0 || walk_directory(dir, walk_add_name, names) < 0)
		return;
	strings_sort(names);
}

/* What PCI devices show ------------------------------------------------------- */

/* NVIDIA's driver on kernels for which it has given up mdev. */
static bool pci_has_own_framework(int device)
{
	return sysfs_exists(device, "nvidia/creatable_vgpu_types");
}

/*
 * How many virtual functions a display controller could have, and how many it has. Other devices
 * have them, too, network cards above all, but none whose driver offers types on them only.
 */
static bool pci_count_vfs(struct mdev_ctx *ctx, int device, unsigned int *total,
			  unsigned int *enabled)
{
	_cleanup_free_ char *class = NULL;

	return sysfs_read(ctx, device, "class", &class) == 0 && strncmp(class, "0x03", 4) == 0 &&
	       sysfs_read_number(ctx, device, "sriov_totalvfs", total) == 0 &&
	       sysfs_read_number(ctx, device, "sriov_numvfs", enabled) == 0 && *total > 0;
}

/* @name: "it", where the device has been named. */
static void pci_add_framework(struct buffer *out, const char *name)
{
	buffer_add_format(out, "; %s offers its types in its directory nvidia instead: its driver "
			  "has a VFIO framework of its own", name);
}

static void pci_add_disabled_vfs(struct buffer *out, const char *name, unsigned int total)
{
	buffer_add_format(out, "; %s has 0 of %u virtual functions enabled, and its driver may "
			  "offer types on these only", name, total);
}

/* A parent that is missing ------------------------------------------------------ */

static bool explain_is_parent(struct mdev_ctx *ctx, const char *name)
{
	_cleanup_handle_ struct handle parent = HANDLE_NONE;

	backend_foreach(ctx, backend)
		if (backend->open_parent(ctx, name, &parent) == 0)
			return true;
	return false;
}

/* Types are on the functions, as the first of them shows. */
static void explain_enabled_vfs(struct mdev_ctx *ctx, int device, unsigned int enabled,
				struct buffer *out)
{
	_cleanup_free_ char *first = NULL;
	_cleanup_close_ int function = -1;

	if (sysfs_read_link_base(device, "virtfn0", &first) < 0 || !name_is_valid(first))
		return;
	if (explain_is_parent(ctx, first))
		buffer_add_format(out, "; its %u virtual functions are parents instead, such as %s",
				  enabled, first);
	else if (sysfs_open(ctx, &function, PCI_DEVICES "/%s", first) == 0 &&
		 pci_has_own_framework(function))
		pci_add_framework(out, first);
}

static void explain_pci(struct mdev_ctx *ctx, int device, struct buffer *out)
{
	unsigned int total, enabled;

	if (pci_has_own_framework(device))
		pci_add_framework(out, "it");
	if (!pci_count_vfs(ctx, device, &total, &enabled))
		return;
	if (enabled == 0)
		pci_add_disabled_vfs(out, "it", total);
	else
		explain_enabled_vfs(ctx, device, enabled, out);
}

/* The only driver that may bind to the device, as "driverctl set-override" sets it. */
static char *explain_read_override(struct mdev_ctx *ctx, int device)
{
	_cleanup_free_ char *override = NULL;

	if (sysfs_read(ctx, device, "driver_override", &override) < 0 || !*override ||
	    strcmp(override, "(null)") == 0)
		return NULL;
	return TAKE_PTR(override);
}

static void explain_add_driver(struct mdev_ctx *ctx, int device, struct buffer *out)
{
	_cleanup_free_ char *override = explain_read_override(ctx, device);
	_cleanup_free_ char *driver = NULL;

	if (sysfs_read_link_base(device, "driver", &driver) == 0)
		buffer_add_format(out, "but its driver %s has not registered it", driver);
	else
		buffer_add_string(out, "but no driver is bound to it");
	if (override && (!driver || strcmp(driver, override) == 0))
		buffer_add_format(out, "; its driver_override allows %s only", override);
}

/*
 * The device may be there, with the host's own driver or with none. @known: by this name to who
 * asked for it.
 */
static void explain_places(struct mdev_ctx *ctx, const char *name, bool known, struct buffer *out)
{
	_cleanup_strings_ struct strings buses = { 0 };

	explain_list_names(ctx, "bus", &buses);
	for (size_t i = 0; i < buses.count; i++) {
		_cleanup_close_ int device = -1;

		if (sysfs_open(ctx, &device, "bus/%s/devices/%s", buses.items[i], name) < 0)
			continue;
		buffer_add_format(out, "; it is %s%son bus %s, ", known ? "" : name,
				  known ? "" : " ", buses.items[i]);
		explain_add_driver(ctx, device, out);
		if (strcmp(buses.items[i], "pci") == 0)
			explain_pci(ctx, device, out);
	}
}

/* A virtual function that is not enabled is not on the bus. Return: whether it is one. */
static bool explain_disabled_vf(struct mdev_ctx *ctx, const char *name, struct buffer *out)
{
	_cleanup_strings_ struct strings names = { 0 };
	_cleanup_close_ int present = -1;
	unsigned int total, enabled;

	if (!pci_is_name(name) || sysfs_open(ctx, &present, PCI_DEVICES "/%s", name) == 0)
		return false;
	explain_list_names(ctx, PCI_DEVICES, &names);
	for (size_t i = 0; i < names.count; i++) {
		_cleanup_close_ int device = -1;
		struct pci_layout layout;

		if (sysfs_open(ctx, &device, PCI_DEVICES "/%s", names.items[i]) < 0 ||
		    !pci_count_vfs(ctx, device, &total, &enabled) ||
		    pci_read_layout(ctx, device, &layout) < 0 ||
		    pci_find_number(name, names.items[i], &layout) == 0)
			continue;
		buffer_add_format(out,
				  "; it is a virtual function of %s, which has %u of %u enabled",
				  names.items[i], enabled, total);
		return true;
	}
	return false;
}

bool explain_is_disabled(struct mdev_ctx *ctx, const char *name)
{
	_cleanup_buffer_ struct buffer out = { 0 };
	_cleanup_close_ int device = -1;
	unsigned int total, enabled;

	if (!pci_is_name(name))
		return false;
	log_quietly(ctx);
	if (explain_disabled_vf(ctx, name, &out))
		return true;
	return sysfs_open(ctx, &device, PCI_DEVICES "/%s", name) == 0 &&
	       pci_count_vfs(ctx, device, &total, &enabled) && enabled == 0;
}

static bool explain_has_parents(struct mdev_ctx *ctx)
{
	backend_foreach(ctx, backend) {
		_cleanup_strings_ struct strings names = { 0 };

		if (backend->list_parents(ctx, &names) < 0 || names.count > 0)
			return true;
	}
	return false;
}

/* What interfaces say, as long as nothing that is seen of the parent itself is the reason. */
static void explain_interfaces(struct mdev_ctx *ctx, const char *name, struct buffer *out)
{
	if (explain_is_disabled(ctx, name))
		return;
	backend_foreach(ctx, backend)
		if (backend->explain_absent)
			backend->explain_absent(ctx, name, out);
	if (out->length == 0 && !explain_has_parents(ctx))
		buffer_add_string(out, "; no parent device is registered");
}

char *explain_missing_parent(struct mdev_ctx *ctx, const char *name)
{
	_cleanup_buffer_ struct buffer out = { 0 };
	char pci_name[PCI_NAME_SIZE];

	log_quietly(ctx);
	if (explain_disabled_vf(ctx, name, &out))
		return buffer_take_note(&out);
	explain_interfaces(ctx, name, &out);
	explain_places(ctx, name, true, &out);
	if (resemble_pci_name(name, pci_name) && strcmp(name, pci_name) != 0)
		explain_places(ctx, pci_name, false, &out);
	return buffer_take_note(&out);
}

/* No parent at all --------------------------------------------------------- */

/* More devices are counted. */
#define MAX_TOLD 3

/* "0000:3b:00.0 (driver nvidia)" */
static char *explain_name_device(int device, const char *name)
{
	_cleanup_free_ char *driver = NULL;
	char *text;

	(void)!sysfs_read_link_base(device, "driver", &driver);
	return asprintf(&text, driver ? "%s (driver %s)" : "%s (no driver)", name, driver) < 0
		       ? NULL
		       : text;
}

/* Return: whether it is a device that could have been a parent. */
static bool explain_candidate(struct mdev_ctx *ctx, int device, const char *name,
			      struct buffer *out)
{
	_cleanup_free_ char *full = explain_name_device(device, name);
	bool has_framework = pci_has_own_framework(device);
	unsigned int total, enabled;

	if (!full)
		return false;
	if (has_framework)
		pci_add_framework(out, full);
	if (!pci_count_vfs(ctx, device, &total, &enabled))
		return has_framework;
	if (enabled == 0)
		pci_add_disabled_vfs(out, full, total);
	else if (!has_framework)
		buffer_add_format(out, "; %s has %u virtual functions, none of which offers types",
				  full, enabled);
	return true;
}

char *explain_no_parent(struct mdev_ctx *ctx)
{
	_cleanup_buffer_ struct buffer out = { 0 }, rest = { 0 };
	_cleanup_strings_ struct strings names = { 0 };
	unsigned int count = 0;

	log_quietly(ctx);
	explain_list_names(ctx, PCI_DEVICES, &names);
	for (size_t i = 0; i < names.count; i++) {
		_cleanup_close_ int device = -1;

		if (sysfs_open(ctx, &device, PCI_DEVICES "/%s", names.items[i]) == 0 &&
		    explain_candidate(ctx, device, names.items[i], count < MAX_TOLD ? &out : &rest))
			count++;
	}
	if (count > MAX_TOLD)
		buffer_add_format(&out, "; so it is with %u others", count - MAX_TOLD);
	return buffer_take_note(&out);
}
