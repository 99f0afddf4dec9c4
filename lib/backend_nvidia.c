// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vGPUs of NVIDIA's vendor VFIO framework, which kernels without mdev_set_iommu_device() get, from
 * Linux 6.8 on. A parent is a physical function, which means any of its virtual functions, or one
 * of these; a device is a virtual function that has a type.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "backend.h"
#include "log.h"
#include "pci.h"
#include "sysfs.h"
#include "util/text.h"
#include "vgpu_device.h"
#include "vgpu_explain.h"
#include "vgpu_record.h"

#define DEVICES "bus/pci/devices"
#define API     "vfio-pci"
/* As events spell it. */
#define VENDOR  "10DE"

/* Parents -------------------------------------------------------------------- */

static int nvidia_check(struct mdev_ctx *ctx)
{
	_cleanup_strings_ struct strings names = { 0 };
	int r = vgpu_list_physical(ctx, &backend_nvidia, &names);

	if (r < 0)
		return r;
	return names.count > 0 ? 0 : -ENODEV;
}

static int nvidia_list_parents(struct mdev_ctx *ctx, struct strings *names)
{
	return vgpu_list_physical(ctx, &backend_nvidia, names);
}

/* Whether it is one of the functions that may have a type, or has some: 0, -ENODEV, -errno. */
static int nvidia_look(struct mdev_ctx *ctx, const char *name, int dir)
{
	_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;
	int r = vgpu_open_again(ctx, &backend_nvidia, name, dir, &function);

	if (r != -ENODEV)
		return r;
	r = vgpu_has_functions(ctx, &backend_nvidia, name, dir);
	return r > 0 ? 0 : r == 0 ? -ENODEV : r;
}

static int nvidia_open_parent(struct mdev_ctx *ctx, const char *name, struct handle *parent)
{
	return vgpu_parent_open(ctx, &backend_nvidia, name, nvidia_look, parent);
}

static void nvidia_free_cache(void *cache)
{
	vgpu_view_free(cache);
}

/* Of a device it is only where the address is kept. */
static struct vgpu_view *nvidia_view(const struct handle *handle)
{
	return handle->cache;
}

/* That of the first function: they come and go together. */
static int nvidia_read_registration(const struct handle *parent, uint64_t *registration)
{
	_cleanup_strings_ struct strings names = { 0 };
	int r;

	r = vgpu_view_list(parent->ctx, &backend_nvidia, nvidia_view(parent)->parent, parent->dir,
			   &names);
	for (size_t i = 0; r == 0 && i < names.count; i++) {
		_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;

		if (vgpu_open(parent->ctx, &backend_nvidia, names.items[i], &function) == 0 &&
		    function.transport->read_registration(&function, registration) == 0)
			return 0;
	}
	return r < 0 ? r : -ENODEV;
}

/* Which device it is, and whether it has virtual functions, is told of any PCI device. */
static void nvidia_explain_absent(struct mdev_ctx *ctx, const char *parent, struct buffer *out)
{
	_cleanup_close_ int dir = -1;

	if (!pci_is_name(parent) || sysfs_open(ctx, &dir, DEVICES "/%s", parent) < 0)
		return;
	if (sysfs_exists(dir, "physfn") && sysfs_exists(dir, "nvidia"))
		buffer_add_string(out, "; its driver has not added the files of vGPU types to it");
}

/* Types ---------------------------------------------------------------------- */

static int nvidia_list_types(const struct handle *parent, struct strings *ids)
{
	struct vgpu_view *view = nvidia_view(parent);
	int r = vgpu_view_fill(parent->ctx, parent->dir, view);

	if (r == 0)
		vgpu_view_warn_nameless(parent->ctx, view);
	for (size_t i = 0; r == 0 && i < view->count; i++) {
		char id[VGPU_ID_SIZE];

		vgpu_format_id(view->types[i].id, id);
		r = strings_add(ids, id);
	}
	return r;
}

/* The function beside it may list what this one has, or has no room for. Return: 0, -ENOMEM. */
static int nvidia_find_name(const struct handle *parent, unsigned int number, char **name)
{
	const struct vgpu_view_type *type;
	struct vgpu_view *view;
	int r = 0;

	if (!sysfs_exists(parent->dir, "physfn"))
		return 0;
	view = vgpu_view_new_beside(parent->ctx, parent->backend, nvidia_view(parent)->parent,
				    parent->dir);
	type = view ? vgpu_view_find(view, number) : NULL;
	if (type && type->name) {
		*name = strdup(type->name);
		r = *name ? 0 : -ENOMEM;
	}
	if (view)
		vgpu_view_free(view);
	return r;
}

static int nvidia_fill_text(const struct handle *parent, const char *id, struct type_text *text)
{
	const struct vgpu_view_type *type = NULL;
	unsigned int number;

	if (!vgpu_parse_id(id, &number))
		return -ENOENT;
	type = vgpu_view_find(nvidia_view(parent), number);
	if (!type && !vgpu_view_may_have(parent->ctx, parent->dir, nvidia_view(parent)))
		return -ENOENT;
	if (asprintf(&text->available_instances, "%u", type ? type->available : 0) < 0)
		text->available_instances = NULL;
	text->device_api = strdup(API);
	if (!text->available_instances || !text->device_api)
		return -ENOMEM;
	text->used = type ? type->used : 0;
	if (!type || !type->name)
		return nvidia_find_name(parent, number, &text->name);
	text->name = strdup(type->name);
	return text->name ? 0 : -ENOMEM;
}

static int nvidia_read_type(const struct handle *parent, const char *id, struct type_text *text)
{
	struct vgpu_view *view = nvidia_view(parent);
	int r = view->is_filled ? 0 : vgpu_view_fill(parent->ctx, parent->dir, view);

	if (r < 0 && r != -ENODEV && r != -ENOMEM)
		text->failed = "the list of types";
	return r < 0 ? r : nvidia_fill_text(parent, id, text);
}

static int nvidia_read_available(const struct handle *parent, const char *id,
				 struct type_text *text)
{
	/* What is wrong with a function was told when the type was resolved. */
	log_quietly(parent->ctx);
	nvidia_view(parent)->is_filled = false;
	return nvidia_read_type(parent, id, text);
}

static int nvidia_resolve_type(const struct handle *parent, const char *type, const char *name,
			       char **id)
{
	struct vgpu_view *view = nvidia_view(parent);
	int r = vgpu_view_fill(parent->ctx, parent->dir, view);
	unsigned int number;

	if (r < 0)
		return r;
	if (name || !vgpu_parse_id(type, &number))
		vgpu_view_warn_nameless(parent->ctx, view);
	return vgpu_view_resolve(view, type, name, id);
}

/* Ids of other types have no blanks. */
static enum type_guess nvidia_guess_type(struct mdev_ctx *ctx, const char *type)
{
	unsigned int id;

	(void)ctx;
	if (vgpu_parse_id(type, &id))
		return TYPE_NUMBER;
	return strchr(type, ' ') ? TYPE_NAME : TYPE_UNKNOWN;
}

/* Devices -------------------------------------------------------------------------- */

static int nvidia_list_devices(struct mdev_ctx *ctx, const char *parent, struct device_sink *sink)
{
	return vgpu_device_list(ctx, &backend_nvidia, parent, sink);
}

static int nvidia_create(const struct handle *parent, const struct device_request *request,
			 struct handle *device)
{
	unsigned int id;

	if (!vgpu_parse_id(request->found_type, &id))
		return -ENOENT;
	return vgpu_device_create(parent, request, id, device);
}

/* For some seconds after a virtual machine has gone the driver refuses to take the type away. */
static bool nvidia_may_settle(int r)
{
	return r == -EPERM || r == -EBUSY || r == -EAGAIN;
}

/* Those of a function of the bus, by which it could be taken from its driver. */
static const char *nvidia_find_attr(const struct handle *device, const char *attr)
{
	_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;

	if (vgpu_device_open(device, &function) < 0)
		return NULL;
	return function.transport->find_attr(attr);
}

/* Some releases fail where there is no value, others say it. Parameters are any text. */
static int nvidia_tidy_attr(const char *attr, char *value)
{
	static const char words[] = "Not Applicable";

	if (strcmp(path_base(attr), "vgpu_params") == 0)
		return 0;
	return strncasecmp(value, words, strlen(words)) == 0 ? -ENXIO : 0;
}

/* Failures and events ------------------------------------------------------------------ */

static bool nvidia_explain(const struct handle *handle, enum backend_action action, int r,
			   struct buffer *out)
{
	/* Without a handle there is no parent to look at. */
	return handle->cache && vgpu_explain(handle, nvidia_view(handle), action, r, out);
}

/* The functions come and go with events of the bus, which say whose they are. */
static bool nvidia_may_change(const struct uevent *uevent)
{
	return vgpu_may_change(uevent, VENDOR);
}

/*
 * The driver makes its functions by itself, or has a tool for it: no module to load by a name. The
 * kernel says nothing when a function gets a type or loses it. No attribute is reserved, as
 * definitions for other interfaces may have any names; find_attr() knows ours.
 */
const struct backend backend_nvidia = {
	.parents = DEVICES,
	.devices = DEVICES,
	.absence = "No virtual function of a GPU has vGPU types in its directory nvidia",
	.is_pci = true,
	.check = nvidia_check,
	.list_parents = nvidia_list_parents,
	.open_parent = nvidia_open_parent,
	.read_registration = nvidia_read_registration,
	.resolve_parent = vgpu_device_resolve,
	.explain_absent = nvidia_explain_absent,
	.list_types = nvidia_list_types,
	.read_type = nvidia_read_type,
	.read_available = nvidia_read_available,
	.list_devices = nvidia_list_devices,
	.find_device = vgpu_device_find,
	.is_alive = vgpu_device_is_alive,
	.create = nvidia_create,
	.remove = vgpu_device_remove,
	.resolve_type = nvidia_resolve_type,
	.guess_type = nvidia_guess_type,
	.find_attr = nvidia_find_attr,
	.tidy_attr = nvidia_tidy_attr,
	.may_settle = nvidia_may_settle,
	.explain_lost = vgpu_explain_lost,
	.forget = vgpu_record_remove,
	.explain = nvidia_explain,
	.may_change = nvidia_may_change,
	.free_cache = nvidia_free_cache,
};
