// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "pci.h"
#include "store.h"
#include "sysfs.h"
#include "vfio_node.h"
#include "vgpu_device.h"
#include "vgpu_failures.h"
#include "vgpu_record.h"

#define DEVICES "bus/pci/devices"

/* Of a device it is only where the address is kept. */
static struct vgpu_view *handle_view(const struct handle *handle)
{
	return handle->cache;
}

int vgpu_parent_open(struct mdev_ctx *ctx, const struct backend *backend, const char *name,
		     int (*look)(struct mdev_ctx *ctx, const char *name, int dir),
		     struct handle *parent)
{
	_cleanup_close_ int dir = -1;
	struct vgpu_view *view;
	int r;

	if (!pci_is_name(name))
		return -ENODEV;
	r = sysfs_open(ctx, &dir, DEVICES "/%s", name);
	if (r == 0)
		r = look(ctx, name, dir);
	if (r < 0)
		return r == -ENOENT ? -ENODEV : r;
	view = vgpu_view_new(backend, name);
	if (!view)
		return -ENOMEM;
	*parent = (struct handle){
		.ctx = ctx, .backend = backend, .dir = TAKE_FD(dir), .cache = view
	};
	return 0;
}

int vgpu_device_resolve(struct mdev_ctx *ctx, const char *name, char **path)
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

/* One device ----------------------------------------------------------------------- */

static int device_fill_place(const struct vgpu_function *function, const char *parent,
			     const char *type, struct device_place *place)
{
	int r = vgpu_device_resolve(function->ctx, function->name, &place->path);

	place->parent = strdup(parent);
	place->type = strdup(type);
	if (r == 0 && (!place->parent || !place->type))
		r = -ENOMEM;
	if (r < 0)
		device_place_clear(place);
	else
		place->backend = function->transport->backend;
	return r;
}

static int device_hold(struct vgpu_function *function, unsigned int current, struct handle *device)
{
	struct vgpu_view *view = vgpu_view_new(function->transport->backend, function->name);

	if (!view)
		return -ENOMEM;
	*device = (struct handle){ .ctx = function->ctx,
				   .backend = function->transport->backend,
				   .dir = TAKE_FD(function->dir),
				   .mark = current,
				   .cache = view };
	return 0;
}

int vgpu_device_open(const struct handle *device, struct vgpu_function *function)
{
	return vgpu_open_again(device->ctx, device->backend, handle_view(device)->parent,
			       device->dir, function);
}

/* One that was started by this library: its record tells where it is. */
static int device_find_recorded(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
				struct device_place *place, struct handle *device)
{
	_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;
	_cleanup_vgpu_record_ struct vgpu_record record = { 0 };
	unsigned int current;
	int r;

	r = vgpu_record_read(ctx, uuid, &record);
	if (r == 0)
		r = vgpu_open(ctx, NULL, record.function, &function);
	if (r == 0)
		r = function.transport->read_current(&function, &current);
	if (r == 0)
		r = vgpu_record_holds(&record, &function, current);
	if (r == 0)
		r = -ENODEV;
	if (r > 0)
		r = device_fill_place(&function, record.parent, record.type, place);
	if (r == 0 && device)
		r = device_hold(&function, current, device);
	return r;
}

/* Lists of devices ------------------------------------------------------------------ */

/* Takes what a walk over functions finds. */
struct vgpu_walk {
	struct mdev_ctx *ctx;
	const struct backend *backend;
	struct vgpu_records records;
	/* Return: 0 to go on, else what the walk returns. */
	int (*found)(struct vgpu_walk *walk, struct vgpu_function *function, unsigned int current,
		     const struct vgpu_record *record);
	struct vgpu_failures failures; /* of one parent */
	struct device_sink *sink; /* of a list */
	/* Of a search by UUID. */
	const struct mdev_uuid *uuid;
	struct device_place *place;
	struct handle *device;
};

/* @record: gets that of the function; NULL if it has none. Return: 0, -ENOMEM. */
static int walk_find_record(const struct vgpu_walk *walk, const struct vgpu_function *function,
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

/*
 * The note of a device is older than its type and goes after it. Of one that has been started since
 * the notes were read, it is seen when they are read again; of one that has been stopped meanwhile,
 * the type is not seen again.
 *
 * Return: 1, 0 if the function has not got the type any longer, -errno.
 */
static int walk_find_owner(struct vgpu_walk *walk, const struct vgpu_function *function,
			   unsigned int current, const struct vgpu_record **record)
{
	unsigned int now;
	int r;

	r = walk_find_record(walk, function, current, record);
	if (r < 0 || *record)
		return r < 0 ? r : 1;
	vgpu_records_clear(&walk->records);
	r = vgpu_records_read(walk->ctx, &walk->records);
	if (r == 0)
		r = walk_find_record(walk, function, current, record);
	if (r < 0 || *record)
		return r < 0 ? r : 1;
	r = function->transport->read_current(function, &now);
	return r < 0 ? r : now == current;
}

static int vgpu_walk_function(struct vgpu_walk *walk, const char *name)
{
	_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;
	const struct vgpu_record *record;
	unsigned int current = 0;
	int r;

	r = vgpu_open(walk->ctx, walk->backend, name, &function);
	if (r == 0)
		r = function.transport->read_current(&function, &current);
	if (r == 0 && current == 0)
		return 0;
	if (r == 0)
		r = walk_find_owner(walk, &function, current, &record);
	if (r > 0)
		r = walk->found(walk, &function, current, record);
	if (r >= 0 || r == -ENOMEM)
		return r;
	/* One that cannot be read does not hide the others. */
	return r == -ENODEV ? 0 : vgpu_failures_add(&walk->failures, name, r);
}

static void vgpu_walk_warn(const struct vgpu_walk *walk, const char *parent)
{
	const struct vgpu_failures *failures = &walk->failures;

	if (failures->count == 1)
		log_warning(walk->ctx, "Ignoring virtual function %s: " OS_ERROR, failures->first,
			    OS_ERROR_ARGS(failures->error));
	else if (failures->count > 1)
		log_warning(walk->ctx, "Ignoring %u virtual functions of %s, such as %s: " OS_ERROR,
			    failures->count, parent, failures->first,
			    OS_ERROR_ARGS(failures->error));
}

static int vgpu_walk_parent(struct vgpu_walk *walk, const char *parent)
{
	_cleanup_strings_ struct strings names = { 0 };
	_cleanup_close_ int dir = -1;
	int r;

	if (!pci_is_name(parent))
		return 0;
	r = sysfs_open(walk->ctx, &dir, DEVICES "/%s", parent);
	if (r == 0)
		r = vgpu_view_list(walk->ctx, walk->backend, parent, dir, &names);
	if (r < 0)
		return r == -ENOENT || r == -ENODEV ? 0 : r;
	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = vgpu_walk_function(walk, names.items[i]);
	vgpu_walk_warn(walk, parent);
	vgpu_failures_clear(&walk->failures);
	return r;
}

/* All functions, or those that @parent means. */
static int vgpu_walk(struct vgpu_walk *walk, const char *parent)
{
	_cleanup_strings_ struct strings parents = { 0 };
	int r;

	if (parent)
		r = strings_add(&parents, parent);
	else
		r = walk->backend->list_parents(walk->ctx, &parents);
	if (r == 0 && parents.count > 0)
		r = vgpu_records_read(walk->ctx, &walk->records);
	for (size_t i = 0; r == 0 && i < parents.count; i++)
		r = vgpu_walk_parent(walk, parents.items[i]);
	vgpu_records_clear(&walk->records);
	return r;
}

static int walk_add_device(struct vgpu_walk *walk, struct vgpu_function *function,
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
	function->transport->format_type(current, type);
	return walk->sink->add(walk->sink, &uuid, function->name, type);
}

int vgpu_device_list(struct mdev_ctx *ctx, const struct backend *backend, const char *parent,
		     struct device_sink *sink)
{
	struct vgpu_walk walk = {
		.ctx = ctx, .backend = backend, .found = walk_add_device, .sink = sink
	};

	return vgpu_walk(&walk, parent);
}

static int walk_take_device(struct vgpu_walk *walk, struct vgpu_function *function,
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
	function->transport->format_type(current, type);
	r = device_fill_place(function, function->name, type, walk->place);
	if (r == 0 && walk->device)
		r = device_hold(function, current, walk->device);
	return r < 0 ? r : 1;
}

/* One that somebody else has started: only a UUID of the kind that these have is worth a search. */
static int device_find_other(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
			     struct device_place *place, struct handle *device)
{
	struct vgpu_walk walk = { .ctx = ctx,
				  .found = walk_take_device,
				  .uuid = uuid,
				  .place = place,
				  .device = device };
	int r = 0;

	if (!vgpu_is_made_uuid(uuid))
		return -ENODEV;
	for (const struct vgpu_transport *const *row = ctx->transports; r == 0 && *row; row++) {
		walk.backend = (*row)->backend;
		r = vgpu_walk(&walk, NULL);
	}
	return r > 0 ? 0 : r == 0 ? -ENODEV : r;
}

int vgpu_device_find(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
		     struct device_place *place, struct handle *device)
{
	int r = device_find_recorded(ctx, uuid, place, device);

	return r == -ENODEV ? device_find_other(ctx, uuid, place, device) : r;
}

/* Making and removing --------------------------------------------------------------- */

/* A function has its nodes before it has a type, and keeps them: only whose they are changes. */
static void device_announce(const struct handle *device)
{
	int r = vfio_node_announce(device->ctx, device->dir);

	if (r < 0)
		log_debug(device->ctx, "Failed to announce the nodes of %s: " OS_ERROR,
			  handle_view(device)->parent, OS_ERROR_ARGS(r));
}

static int device_read_current(const struct handle *device, unsigned int *current)
{
	_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;
	int r = vgpu_device_open(device, &function);

	return r < 0 ? r : function.transport->read_current(&function, current);
}

bool vgpu_device_is_alive(const struct handle *device)
{
	unsigned int current;

	return device_read_current(device, &current) == 0 && current == device->mark;
}

/* Under the lock of the physical function. */
static int device_create_on(struct vgpu_function *function, const struct device_request *request,
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
	r = device_hold(function, id, device);
	if (r == 0)
		device_announce(device);
	else if (vgpu_take_away(function, id) == 0)
		vgpu_record_remove(function->ctx, request->uuid);
	return r;
}

/* A function that has no room, or is in disorder, leaves it to the next one. */
static int device_try_create(const struct handle *parent, const char *name,
			     const struct device_request *request, unsigned int id,
			     struct handle *device)
{
	_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;
	_cleanup_close_ int lock = -1;
	int r;

	r = vgpu_open(parent->ctx, parent->backend, name, &function);
	if (r == 0)
		r = vgpu_lock(&function, &lock);
	return r < 0 ? r : device_create_on(&function, request, id, device);
}

/* Adds those of @all that other devices are defined for, or those that none is. Return: -ENOMEM. */
static int device_add_functions(const struct handle *parent, const struct mdev_uuid *uuid,
				const struct strings *all, bool are_named, struct strings *names)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < all->count; i++)
		if ((store_count_others(parent->ctx, all->items[i], uuid) > 0) == are_named)
			r = strings_add(names, all->items[i]);
	return r;
}

/*
 * The functions in the order in which they are tried: a definition that names one has no other. What
 * cannot be read was told when the types were looked at.
 */
static int device_list_functions(const struct handle *parent, const struct mdev_uuid *uuid,
				 struct strings *names)
{
	_cleanup_strings_ struct strings all = { 0 };
	int r;

	log_quietly(parent->ctx);
	r = vgpu_view_list(parent->ctx, parent->backend, handle_view(parent)->parent, parent->dir,
			   &all);
	if (r == 0)
		r = device_add_functions(parent, uuid, &all, false, names);
	return r < 0 ? r : device_add_functions(parent, uuid, &all, true, names);
}

static bool device_ends_search(int r)
{
	return r == 0 || r == -ENOMEM || r == -ENOLCK || r == -EINTR || r == -EROFS;
}

int vgpu_device_create(const struct handle *parent, const struct device_request *request,
		       unsigned int id, struct handle *device)
{
	_cleanup_strings_ struct strings names = { 0 };
	int r, worst = -ENODEV;

	r = device_list_functions(parent, request->uuid, &names);
	if (r < 0)
		return r;
	for (size_t i = 0; i < names.count; i++) {
		r = device_try_create(parent, names.items[i], request, id, device);
		if (device_ends_search(r))
			return r;
		/* That one is full tells less than what its driver has said of another. */
		if (worst == -ENODEV || (worst == -EUSERS && r != -ENODEV))
			worst = r;
	}
	return worst;
}

/* Whether it is still this function that has the UUID. */
static int device_check_place(const struct handle *device, const struct mdev_uuid *uuid)
{
	_cleanup_(device_place_clear) struct device_place place = { 0 };
	_cleanup_handle_ struct handle now = HANDLE_NONE;
	int r;

	r = vgpu_device_find(device->ctx, uuid, &place, &now);
	if (r < 0)
		return r;
	return strcmp(handle_view(&now)->parent, handle_view(device)->parent) == 0 ? 0 : -ENODEV;
}

int vgpu_device_remove(const struct handle *device, const struct mdev_uuid *uuid)
{
	_cleanup_vgpu_function_ struct vgpu_function function = VGPU_FUNCTION_NONE;
	_cleanup_close_ int lock = -1;
	int r;

	r = vgpu_device_open(device, &function);
	if (r == 0)
		r = vgpu_lock(&function, &lock);
	if (r == 0)
		r = device_check_place(device, uuid);
	if (r == 0)
		r = vgpu_take_away(&function, device->mark);
	if (r == 0) {
		vgpu_record_remove(device->ctx, uuid);
		device_announce(device);
	}
	return r;
}

bool vgpu_may_change(const struct uevent *uevent, const char *vendor)
{
	const char *id;

	if (!uevent->subsystem || strcmp(uevent->subsystem, "pci") != 0)
		return false;
	id = uevent->get_property(uevent, "PCI_ID");
	return id && strncmp(id, vendor, strlen(vendor)) == 0 && id[strlen(vendor)] == ':';
}
