// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vGPUs of NVIDIA's vendor VFIO framework, which kernels without mdev_set_iommu_device() get, from
 * Linux 6.8 on. A parent is a physical function, which means any of its virtual functions, or one
 * of these; a device is a virtual function that has a type.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend.h"
#include "log.h"
#include "pci.h"
#include "sysfs.h"
#include "util/text.h"
#include "vgpu_explain.h"
#include "vgpu_record.h"
#include "vgpu_view.h"

#define DEVICES "bus/pci/devices"
#define API     "vfio-pci"
/* As events spell it. */
#define VENDOR  "10DE"

/* Parents -------------------------------------------------------------------- */

static int nvidia_check(struct mdev_ctx *ctx)
{
	_cleanup_strings_ struct strings names = { 0 };
	int r = vgpu_list_physical(ctx, &names);

	if (r < 0)
		return r;
	return names.count > 0 ? 0 : -ENODEV;
}

static int nvidia_list_parents(struct mdev_ctx *ctx, struct strings *names)
{
	return vgpu_list_physical(ctx, names);
}

/* Whether it is one of the functions that may have a type, or has some: 0, -ENODEV, -errno. */
static int nvidia_look(struct mdev_ctx *ctx, const char *name, int dir)
{
	_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;
	int r = vgpu_open_again(ctx, name, dir, &function);

	if (r != -ENODEV)
		return r;
	r = vgpu_has_functions(ctx, dir);
	return r > 0 ? 0 : r == 0 ? -ENODEV : r;
}

static int nvidia_open_parent(struct mdev_ctx *ctx, const char *name, struct handle *parent)
{
	_cleanup_close_ int dir = -1;
	struct vgpu_view *view;
	int r;

	if (!pci_is_name(name))
		return -ENODEV;
	r = sysfs_open(ctx, &dir, DEVICES "/%s", name);
	if (r == 0)
		r = nvidia_look(ctx, name, dir);
	if (r < 0)
		return r == -ENOENT ? -ENODEV : r;
	view = vgpu_view_new(name);
	if (!view)
		return -ENOMEM;
	*parent = (struct handle){ .ctx = ctx, .backend = &backend_nvidia, .dir = TAKE_FD(dir),
				   .cache = view };
	return 0;
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

	r = vgpu_view_list(parent->ctx, nvidia_view(parent)->parent, parent->dir, &names);
	for (size_t i = 0; r == 0 && i < names.count; i++) {
		_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;

		if (vgpu_open(parent->ctx, names.items[i], &function) == 0 &&
		    function.transport->read_registration(&function, registration) == 0)
			return 0;
	}
	return r < 0 ? r : -ENODEV;
}

static int nvidia_resolve_parent(struct mdev_ctx *ctx, const char *name, char **path)
{
	_cleanup_free_ char *target = NULL;
	_cleanup_close_ int dir = -1;
	int r;

	r = sysfs_open(ctx, &dir, DEVICES);
	if (r == 0)
		r = sysfs_read_link(dir, name, &target);
	/* What stands in for sysfs may have the directory itself there. */
	if (r == -EINVAL)
		r = asprintf(&target, DEVICES "/%s", name) < 0 ? -ENOMEM : 0;
	if (r == 0)
		r = sysfs_resolve(ctx, target, path);
	return r == -ENOENT ? -ENODEV : r;
}

/* The driver makes its functions by itself, or has a tool for it: no module to load by a name. */
static int nvidia_list_aliases(const char *parent, struct strings *aliases)
{
	(void)parent;
	(void)aliases;
	return 0;
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

	for (size_t i = 0; r == 0 && i < view->count; i++) {
		char id[VGPU_ID_SIZE];

		vgpu_format_id(view->types[i].id, id);
		r = strings_add(ids, id);
	}
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
		return 0;
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
	nvidia_view(parent)->is_filled = false;
	return nvidia_read_type(parent, id, text);
}

static int nvidia_resolve_type(const struct handle *parent, const char *type, const char *name,
			       char **id)
{
	int r = vgpu_view_fill(parent->ctx, parent->dir, nvidia_view(parent));

	return r < 0 ? r : vgpu_view_resolve(nvidia_view(parent), type, name, id);
}

/* One device ----------------------------------------------------------------------- */

static int nvidia_fill_place(const struct vgpu_function *function, const char *parent,
			     const char *type, struct device_place *place)
{
	int r = nvidia_resolve_parent(function->ctx, function->name, &place->path);

	place->parent = strdup(parent);
	place->type = strdup(type);
	if (r == 0 && (!place->parent || !place->type))
		r = -ENOMEM;
	if (r < 0)
		device_place_clear(place);
	return r;
}

static int nvidia_hold(struct vgpu_function *function, unsigned int current, struct handle *device)
{
	struct vgpu_view *view = vgpu_view_new(function->name);

	if (!view)
		return -ENOMEM;
	*device = (struct handle){ .ctx = function->ctx, .backend = &backend_nvidia,
				   .dir = TAKE_FD(function->dir), .mark = current, .cache = view };
	return 0;
}

static int nvidia_open_device(const struct handle *device, struct vgpu_function *function)
{
	return vgpu_open_again(device->ctx, nvidia_view(device)->parent, device->dir, function);
}

/* One that was started by this library: its record tells where it is. */
static int nvidia_find_recorded(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
				struct device_place *place, struct handle *device)
{
	_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;
	_cleanup_vgpu_record_ struct vgpu_record record = { 0 };
	unsigned int current;
	int r;

	r = vgpu_record_read(ctx, uuid, &record);
	if (r == 0)
		r = vgpu_open(ctx, record.function, &function);
	if (r == 0)
		r = function.transport->read_current(&function, &current);
	if (r == 0)
		r = vgpu_record_holds(&record, &function, current);
	if (r == 0)
		r = -ENODEV;
	if (r > 0)
		r = nvidia_fill_place(&function, record.parent, record.type, place);
	if (r == 0 && device)
		r = nvidia_hold(&function, current, device);
	return r;
}

/* Lists of devices ------------------------------------------------------------------ */

/* Takes what a walk over functions finds. */
struct nvidia_walk {
	struct mdev_ctx *ctx;
	struct vgpu_records records;
	/* Return: 0 to go on, else what the walk returns. */
	int (*found)(struct nvidia_walk *walk, struct vgpu_function *function,
		     unsigned int current, const struct vgpu_record *record);
	struct device_sink *sink;	/* of a list */
	/* Of a search by UUID. */
	const struct mdev_uuid *uuid;
	struct device_place *place;
	struct handle *device;
};

/* @record: gets that of the function; NULL if it has none. Return: 0, -ENOMEM. */
static int nvidia_find_record(const struct nvidia_walk *walk, const struct vgpu_function *function,
			      unsigned int current, const struct vgpu_record **record)
{
	int r = 0;

	*record = NULL;
	for (size_t i = 0; r == 0 && i < walk->records.count; i++) {
		r = vgpu_record_holds(&walk->records.items[i], function, current);
		if (r > 0)
			*record = &walk->records.items[i];
	}
	return r < 0 ? r : 0;
}

static int nvidia_walk_function(struct nvidia_walk *walk, const char *name)
{
	_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;
	const struct vgpu_record *record;
	unsigned int current = 0;
	int r;

	r = vgpu_open(walk->ctx, name, &function);
	if (r == 0)
		r = function.transport->read_current(&function, &current);
	if (r == 0 && current == 0)
		return 0;
	if (r == 0)
		r = nvidia_find_record(walk, &function, current, &record);
	if (r == 0)
		r = walk->found(walk, &function, current, record);
	if (r >= 0 || r == -ENOMEM)
		return r;
	/* One that cannot be read does not hide the others. */
	if (r != -ENODEV)
		log_warning(walk->ctx, "Ignoring virtual function %s: " OS_ERROR, name,
			    OS_ERROR_ARGS(r));
	return 0;
}

static int nvidia_walk_parent(struct nvidia_walk *walk, const char *parent)
{
	_cleanup_strings_ struct strings names = { 0 };
	_cleanup_close_ int dir = -1;
	int r;

	if (!pci_is_name(parent))
		return 0;
	r = sysfs_open(walk->ctx, &dir, DEVICES "/%s", parent);
	if (r == 0)
		r = vgpu_view_list(walk->ctx, parent, dir, &names);
	if (r < 0)
		return r == -ENOENT || r == -ENODEV ? 0 : r;
	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = nvidia_walk_function(walk, names.items[i]);
	return r;
}

/* All functions, or those that @parent means. */
static int nvidia_walk(struct nvidia_walk *walk, const char *parent)
{
	_cleanup_strings_ struct strings parents = { 0 };
	int r;

	if (parent)
		r = strings_add(&parents, parent);
	else
		r = vgpu_list_physical(walk->ctx, &parents);
	if (r == 0 && parents.count > 0)
		r = vgpu_records_read(walk->ctx, &walk->records);
	for (size_t i = 0; r == 0 && i < parents.count; i++)
		r = nvidia_walk_parent(walk, parents.items[i]);
	vgpu_records_clear(&walk->records);
	return r;
}

static int nvidia_add_device(struct nvidia_walk *walk, struct vgpu_function *function,
			     unsigned int current, const struct vgpu_record *record)
{
	struct mdev_uuid uuid;
	char type[VGPU_ID_SIZE];
	int r;

	if (record)
		return walk->sink->add(walk->sink, &record->uuid, record->parent, record->type);
	r = vgpu_make_uuid(function, current, &uuid);
	if (r < 0)
		return r;
	vgpu_format_id(current, type);
	return walk->sink->add(walk->sink, &uuid, function->name, type);
}

static int nvidia_list_devices(struct mdev_ctx *ctx, const char *parent, struct device_sink *sink)
{
	struct nvidia_walk walk = { .ctx = ctx, .found = nvidia_add_device, .sink = sink };

	return nvidia_walk(&walk, parent);
}

static int nvidia_take_device(struct nvidia_walk *walk, struct vgpu_function *function,
			      unsigned int current, const struct vgpu_record *record)
{
	struct mdev_uuid uuid;
	char type[VGPU_ID_SIZE];
	int r;

	if (record)
		return 0;
	r = vgpu_make_uuid(function, current, &uuid);
	if (r < 0 || strcmp(uuid.text, walk->uuid->text) != 0)
		return r;
	vgpu_format_id(current, type);
	r = nvidia_fill_place(function, function->name, type, walk->place);
	if (r == 0 && walk->device)
		r = nvidia_hold(function, current, walk->device);
	return r < 0 ? r : 1;
}

/* One that somebody else has started: only a UUID of the kind that these have is worth a search. */
static int nvidia_find_other(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
			     struct device_place *place, struct handle *device)
{
	struct nvidia_walk walk = { .ctx = ctx, .found = nvidia_take_device, .uuid = uuid,
				    .place = place, .device = device };
	int r;

	if (!vgpu_is_made_uuid(uuid))
		return -ENODEV;
	r = nvidia_walk(&walk, NULL);
	return r > 0 ? 0 : r == 0 ? -ENODEV : r;
}

static int nvidia_find_device(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
			      struct device_place *place, struct handle *device)
{
	int r = nvidia_find_recorded(ctx, uuid, place, device);

	return r == -ENODEV ? nvidia_find_other(ctx, uuid, place, device) : r;
}

/* Making and removing --------------------------------------------------------------- */

static int nvidia_read_current(const struct handle *device, unsigned int *current)
{
	_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;
	int r = nvidia_open_device(device, &function);

	return r < 0 ? r : function.transport->read_current(&function, current);
}

static bool nvidia_is_alive(const struct handle *device)
{
	unsigned int current;

	return nvidia_read_current(device, &current) == 0 && current == device->mark;
}

/* Under the lock of the physical function. */
static int nvidia_create_on(struct vgpu_function *function, const struct device_request *request,
			    unsigned int id, struct handle *device)
{
	_cleanup_free_ char *name = NULL;
	struct vgpu_record record = {
		.uuid = *request->uuid,
		.function = function->name,
		.parent = (char *)request->parent,
		.type = (char *)request->type,
		.id = id,
		.owner = (char *)request->owner,
	};
	int r;

	r = vgpu_check_free(function, id, &name);
	if (r < 0)
		return r;
	record.name = name;
	/* Before the type: whoever is killed in between leaves a record that holds for nothing. */
	r = vgpu_record_write(function, &record);
	if (r < 0)
		return r;
	r = vgpu_assign(function, id);
	if (r < 0) {
		vgpu_record_remove(function->ctx, request->uuid);
		return r;
	}
	r = nvidia_hold(function, id, device);
	if (r < 0 && vgpu_take_away(function, id) == 0)
		vgpu_record_remove(function->ctx, request->uuid);
	return r;
}

/* Another process of ours may have started it since that was looked for. */
static int nvidia_check_new(const struct handle *parent, const struct mdev_uuid *uuid)
{
	_cleanup_(device_place_clear) struct device_place place = { 0 };
	int r = nvidia_find_recorded(parent->ctx, uuid, &place, NULL);

	return r == 0 ? -EEXIST : r == -ENODEV ? 0 : r;
}

/* A function that has no room, or is in disorder, leaves it to the next one. */
static int nvidia_try_create(const struct handle *parent, const char *name,
			     const struct device_request *request, unsigned int id,
			     struct handle *device)
{
	_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;
	_cleanup_close_ int lock = -1;
	int r;

	r = vgpu_open(parent->ctx, name, &function);
	if (r == 0)
		r = vgpu_lock(&function, &lock);
	if (r == 0)
		r = nvidia_check_new(parent, request->uuid);
	return r < 0 ? r : nvidia_create_on(&function, request, id, device);
}

static bool nvidia_ends_search(int r)
{
	return r == 0 || r == -ENOMEM || r == -EEXIST || r == -ENOLCK || r == -EINTR ||
	       r == -EACCES || r == -EROFS;
}

static int nvidia_create(const struct handle *parent, const struct device_request *request,
			 struct handle *device)
{
	_cleanup_strings_ struct strings names = { 0 };
	int r, worst = -ENODEV;
	unsigned int id;

	if (!vgpu_parse_id(request->found_type, &id))
		return -ENOENT;
	r = vgpu_view_list(parent->ctx, nvidia_view(parent)->parent, parent->dir, &names);
	if (r < 0)
		return r;
	for (size_t i = 0; i < names.count; i++) {
		r = nvidia_try_create(parent, names.items[i], request, id, device);
		if (nvidia_ends_search(r))
			return r;
		/* That one is full tells less than what its driver has said of another. */
		if (worst == -ENODEV || (worst == -EUSERS && r != -ENODEV))
			worst = r;
	}
	return worst;
}

/* Whether it is still this function that has the UUID. */
static int nvidia_check_place(const struct handle *device, const struct mdev_uuid *uuid)
{
	_cleanup_(device_place_clear) struct device_place place = { 0 };
	_cleanup_handle_ struct handle now = HANDLE_NONE;
	int r;

	r = nvidia_find_device(device->ctx, uuid, &place, &now);
	if (r < 0)
		return r;
	return strcmp(nvidia_view(&now)->parent, nvidia_view(device)->parent) == 0 ? 0 : -ENODEV;
}

static int nvidia_remove(const struct handle *device, const struct mdev_uuid *uuid)
{
	_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;
	_cleanup_close_ int lock = -1;
	int r;

	r = nvidia_open_device(device, &function);
	if (r == 0)
		r = vgpu_lock(&function, &lock);
	if (r == 0)
		r = nvidia_check_place(device, uuid);
	if (r == 0)
		r = vgpu_take_away(&function, device->mark);
	if (r == 0)
		vgpu_record_remove(device->ctx, uuid);
	return r;
}

/* For some seconds after a virtual machine has gone the driver refuses to take the type away. */
static bool nvidia_may_settle(int r)
{
	return r == -EPERM || r == -EBUSY;
}

/* Those of a function of the bus, by which it could be taken from its driver. */
static const char *nvidia_find_attr(const struct handle *device, const char *attr)
{
	_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;

	if (nvidia_open_device(device, &function) < 0)
		return NULL;
	return function.transport->find_attr(attr);
}

/* Definitions for other interfaces may have any names; find_attr() knows ours. */
static bool nvidia_is_reserved(const char *attr)
{
	(void)attr;
	return false;
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
	const char *id;

	if (!uevent->subsystem || strcmp(uevent->subsystem, "pci") != 0)
		return false;
	id = uevent->get_property(uevent, "PCI_ID");
	return id && strncmp(id, VENDOR ":", strlen(VENDOR ":")) == 0;
}

/* The kernel says nothing when a function gets a type or loses it. */
static bool nvidia_read_event(const struct uevent *uevent, struct backend_event *event)
{
	(void)uevent;
	(void)event;
	return false;
}

const struct backend backend_nvidia = {
	.parents = DEVICES,
	.devices = DEVICES,
	.absence = "No virtual function of a GPU has vGPU types in its directory nvidia",
	.check = nvidia_check,
	.list_parents = nvidia_list_parents,
	.open_parent = nvidia_open_parent,
	.read_registration = nvidia_read_registration,
	.resolve_parent = nvidia_resolve_parent,
	.list_aliases = nvidia_list_aliases,
	.explain_absent = nvidia_explain_absent,
	.list_types = nvidia_list_types,
	.read_type = nvidia_read_type,
	.read_available = nvidia_read_available,
	.list_devices = nvidia_list_devices,
	.find_device = nvidia_find_device,
	.is_alive = nvidia_is_alive,
	.create = nvidia_create,
	.remove = nvidia_remove,
	.is_reserved = nvidia_is_reserved,
	.read_event = nvidia_read_event,
	.resolve_type = nvidia_resolve_type,
	.find_attr = nvidia_find_attr,
	.may_settle = nvidia_may_settle,
	.explain = nvidia_explain,
	.may_change = nvidia_may_change,
	.free_cache = nvidia_free_cache,
};
