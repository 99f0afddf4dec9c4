// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "device.h"
#include "log.h"
#include "parent.h"
#include "sysfs.h"
#include "util/array.h"
#include "util/buffer.h"
#include "util/io.h"
#include "util/refs.h"
#include "util/text.h"

#define DEVICES "bus/mdev/devices"

struct mdev_device {
	struct mdev_ctx *ctx;
	unsigned int refs;
	char uuid[MDEV_UUID_STRING_SIZE];
	const char *type;	/* behind the parent's name in names */
	char names[];		/* one allocation a device: lists are long */
};

struct devices {
	struct mdev_device **items;
	size_t count;
};

struct mdev_ctx *device_ctx(const struct mdev_device *device)
{
	return device ? device->ctx : NULL;
}

const struct backend *device_backend(const struct mdev_device *device)
{
	(void)device;
	return &backend_mdev;
}

static int make(struct mdev_ctx *ctx, const char *uuid, const char *parent, const char *type,
		struct mdev_device **device)
{
	size_t parent_size = strlen(parent) + 1, type_size = strlen(type) + 1;
	struct mdev_device *new = malloc(sizeof(*new) + parent_size + type_size);

	if (!new)
		return log_no_memory(ctx);
	new->ctx = mdev_ctx_ref(ctx);
	new->refs = 1;
	memcpy(new->uuid, uuid, sizeof(new->uuid));
	memcpy(new->names, parent, parent_size);
	memcpy(new->names + parent_size, type, type_size);
	new->type = new->names + parent_size;
	*device = new;
	return 0;
}

MDEV_EXPORT struct mdev_device *mdev_device_ref(struct mdev_device *device)
{
	refs_get(&device->refs);
	return device;
}

MDEV_EXPORT void mdev_device_unref(struct mdev_device *device)
{
	if (!device || !refs_put(&device->refs))
		return;
	mdev_ctx_unref(device->ctx);
	free(device);
}

MDEV_EXPORT const char *mdev_device_get_uuid(const struct mdev_device *device)
{
	return device->uuid;
}

MDEV_EXPORT const char *mdev_device_get_parent(const struct mdev_device *device)
{
	return device->names;
}

MDEV_EXPORT const char *mdev_device_get_type(const struct mdev_device *device)
{
	return device->type;
}

static void devices_clear(struct devices *list)
{
	for (size_t i = 0; i < list->count; i++)
		mdev_device_unref(list->items[i]);
	free(list->items);
	*list = (struct devices){ 0 };
}

/* Takes over the caller's reference, also on failure. */
static int add(struct mdev_ctx *ctx, struct devices *list, struct mdev_device *device)
{
	if (array_reserve(&list->items, list->count, sizeof(*list->items)) < 0) {
		mdev_device_unref(device);
		return log_no_memory(ctx);
	}
	list->items[list->count++] = device;
	list->items[list->count] = NULL;
	return 0;
}

/* One device by its links -------------------------------------------------- */

/* The directory above the last component of @path, cut out of it. */
static const char *parent_of(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return NULL;
	*slash = '\0';
	return path_base(path);
}

/* Reads parent and type of the device @name below @bus; -errno, unreported. */
static int read_links(struct mdev_ctx *ctx, int bus, const char *name, const char *uuid,
		      struct mdev_device **device)
{
	_cleanup_free_ char *path = NULL, *type = NULL, *link = NULL;
	_cleanup_buffer_ struct buffer buffer = { 0 };
	const char *parent;
	int r;

	r = sysfs_read_link(bus, name, &path);
	if (r < 0)
		return r;
	buffer_add_format(&buffer, "%s/mdev_type", name);
	r = buffer_take(&buffer, &link);
	if (r == 0)
		r = sysfs_read_link(bus, link, &type);
	if (r < 0)
		return r;
	parent = parent_of(path);
	if (!parent || !name_is_valid(parent))
		return -EBADMSG;
	return make(ctx, uuid, parent, path_base(type), device);
}

int device_find(struct mdev_ctx *ctx, const char *uuid, struct mdev_device **device)
{
	_cleanup_close_ int bus = -1;
	int r;

	r = sysfs_open(ctx, &bus, DEVICES);
	if (r == 0)
		r = read_links(ctx, bus, uuid, uuid, device);
	if (r == -ENOENT || r == -ENODEV)
		return -ENODEV;
	log_about(ctx, .uuid = uuid);
	if (r < 0)
		return log_fail_kernel(ctx, r, "Failed to read device %s: " OS_ERROR, uuid,
				OS_ERROR_ARGS(r));
	return 0;
}

MDEV_EXPORT int mdev_device_lookup(struct mdev_ctx *ctx, const char *uuid,
				   struct mdev_device **device)
{
	char canonical[MDEV_UUID_STRING_SIZE] = "";
	int r;

	if (ANY_NULL(ctx, uuid, device))
		return log_null(ctx);
	log_call(ctx, .uuid = canonical);
	if (mdev_uuid_parse(uuid, canonical) < 0)
		return log_fail(ctx, -EINVAL, "Invalid UUID '%s'", uuid);
	r = device_find(ctx, canonical, device);
	if (r == -ENODEV)
		log_fail(ctx, r, "Mediated device %s is not active", canonical);
	return r;
}

int device_reopen(const struct mdev_device *device, struct handle *handle)
{
	_cleanup_free_ char *path = NULL, *type = NULL;
	_cleanup_close_ int bus = -1, dir = -1;
	const char *parent;
	int r;

	r = sysfs_open(device->ctx, &bus, DEVICES);
	if (r == 0)
		r = sysfs_read_link(bus, device->uuid, &path);
	/* Not through the link, which may have been replaced: the parent is part of the path. */
	if (r == 0)
		r = sysfs_open_at(device->ctx, bus, path, &dir);
	if (r == 0)
		r = sysfs_read_link_base(dir, "mdev_type", &type);
	if (r < 0)
		return r == -ENOENT ? -ENODEV : r;
	parent = parent_of(path);
	if (!parent || strcmp(parent, device->names) != 0 || strcmp(type, device->type) != 0)
		return -ENODEV;
	*handle = (struct handle){
		.ctx = device->ctx,
		.backend = &backend_mdev,
		.dir = TAKE_FD(dir),
	};
	return 0;
}

int device_resolve(const struct mdev_device *device, char **path)
{
	_cleanup_close_ int bus = -1;
	int r;

	r = sysfs_open(device->ctx, &bus, DEVICES);
	return r < 0 ? r : sysfs_resolve(device->ctx, bus, device->uuid, path);
}

int device_fail(const struct mdev_device *device, int r, const char *what)
{
	log_about(device->ctx, .uuid = device->uuid, .parent = device->names);

	if (r == -ENODEV)
		return log_fail(device->ctx, r, "Mediated device %s is not active on %s any more",
				device->uuid, device->names);
	return log_fail_kernel(device->ctx, r, "Failed to %s device %s: " OS_ERROR, what, device->uuid,
			OS_ERROR_ARGS(r));
}

/* Lists -------------------------------------------------------------------- */

static int compare_devices(const void *a, const void *b)
{
	const struct mdev_device *x = *(struct mdev_device *const *)a;
	const struct mdev_device *y = *(struct mdev_device *const *)b;
	int order = strcmp(x->names, y->names);

	return order ? order : memcmp(x->uuid, y->uuid, sizeof(x->uuid));
}

struct listing {
	struct mdev_ctx *ctx;
	const char *parent, *type;	/* whose directory is being read */
	struct strings names;		/* what the bus shows */
	struct devices found;
};

static void listing_clear(struct listing *list)
{
	strings_clear(&list->names);
	devices_clear(&list->found);
}

static int add_name(void *data, int dir, const struct dirent *entry)
{
	char uuid[MDEV_UUID_STRING_SIZE];
	struct listing *list = data;

	(void)dir;
	if (mdev_uuid_parse(entry->d_name, uuid) < 0) {
		log_warning(list->ctx, "Can't determine uuid for file '%s'", entry->d_name);
		return 0;
	}
	return strings_add(&list->names, entry->d_name);
}

static int read_bus(struct listing *list, int *bus)
{
	int r = sysfs_open(list->ctx, bus, DEVICES);

	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = walk_directory(*bus, add_name, list);
	if (r < 0)
		return log_fail_kernel(list->ctx, r, "Failed to list the devices in " DEVICES ": "
				OS_ERROR, OS_ERROR_ARGS(r));
	return 0;
}

static int add_of_type(void *data, int dir, const struct dirent *entry)
{
	struct mdev_device *device = NULL;
	char uuid[MDEV_UUID_STRING_SIZE];
	struct listing *list = data;
	int r;

	(void)dir;
	if (mdev_uuid_parse(entry->d_name, uuid) < 0)
		return 0;
	r = make(list->ctx, uuid, list->parent, list->type, &device);
	return r < 0 ? r : add(list->ctx, &list->found, device);
}

static int read_type(void *data, int types, const struct dirent *entry)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_buffer_ struct buffer buffer = { 0 };
	_cleanup_close_ int dir = -1;
	struct listing *list = data;
	int r;

	list->type = entry->d_name;
	buffer_add_format(&buffer, "%s/devices", entry->d_name);
	r = buffer_take(&buffer, &path);
	if (r == 0)
		r = sysfs_open_at(list->ctx, types, path, &dir);
	return r < 0 ? r : walk_directory(dir, add_of_type, list);
}

static int read_types(struct listing *list, const char *parent)
{
	_cleanup_close_ int types = -1;
	int r;

	list->parent = parent;
	r = parent_open_types(list->ctx, parent, &types);
	return r < 0 ? r : walk_directory(types, read_type, list);
}

/*
 * The bus shows all devices, but parent and type of each take two more system
 * calls. The kernel also keeps the devices of a type in a directory of their own,
 * where one getdents() tells hundreds of them, parent and type being known.
 *
 * Return: 0 if all has been found in that way, else -errno, unreported.
 */
static int list_by_types(struct listing *list, const char *parent)
{
	_cleanup_strings_ struct strings parents = { 0 };
	int r;

	if (parent)
		return name_is_valid(parent) ? read_types(list, parent) : -ENOENT;
	r = parent_list_names(list->ctx, &parents);
	for (size_t i = 0; r == 0 && i < parents.count; i++)
		r = read_types(list, parents.items[i]);
	if (r < 0)
		return r;
	/* Devices came or went meanwhile, or one is on its way out with its parent. */
	return list->found.count == list->names.count ? 0 : -EAGAIN;
}

static int list_by_links(struct listing *list, int bus, const char *parent)
{
	char uuid[MDEV_UUID_STRING_SIZE];

	for (size_t i = 0; i < list->names.count; i++) {
		const char *name = list->names.items[i];
		struct mdev_device *device = NULL;
		int r;

		(void)mdev_uuid_parse(name, uuid);
		r = read_links(list->ctx, bus, name, uuid, &device);
		if (r == 0 && parent && strcmp(parent, device->names) != 0)
			mdev_device_unref(device);
		else if (r == 0)
			r = add(list->ctx, &list->found, device);
		if (r == -ENOMEM)
			return log_no_memory(list->ctx);
		if (r < 0 && r != -ENOENT && r != -ENODEV)
			log_warning(list->ctx, "Ignoring device %s: " OS_ERROR, name,
				    OS_ERROR_ARGS(r));
	}
	return 0;
}

/* All of @parent's devices, or of all parents if it is NULL. */
static int list_all(struct mdev_ctx *ctx, const char *parent, struct devices *found)
{
	_cleanup_(listing_clear) struct listing list = { .ctx = ctx };
	_cleanup_close_ int bus = -1;
	int r;

	r = read_bus(&list, &bus);
	if (r < 0)
		return r;
	r = list_by_types(&list, parent);
	if (r == -ENOMEM)
		return log_no_memory(ctx);
	if (r < 0) {
		devices_clear(&list.found);
		r = list_by_links(&list, bus, parent);
		if (r < 0)
			return r;
	}
	if (list.found.count > 1)
		qsort(list.found.items, list.found.count, sizeof(*list.found.items),
		      compare_devices);
	*found = list.found;
	list.found = (struct devices){ 0 };
	return 0;
}

static int list_one(struct mdev_ctx *ctx, const char *uuid, const char *parent,
		    struct devices *found)
{
	struct mdev_device *device = NULL;
	int r;

	r = device_find(ctx, uuid, &device);
	if (r < 0)
		return r == -ENODEV ? 0 : r;
	if (!parent || strcmp(parent, device->names) == 0)
		return add(ctx, found, device);
	mdev_device_unref(device);
	return 0;
}

MDEV_EXPORT int mdev_device_list(struct mdev_ctx *ctx, const char *uuid, const char *parent,
				 struct mdev_device ***devices)
{
	_cleanup_(devices_clear) struct devices found = { 0 };
	char canonical[MDEV_UUID_STRING_SIZE];
	int r;

	if (ANY_NULL(ctx, devices))
		return log_null(ctx);
	log_call(ctx, .parent = parent);
	if (uuid && mdev_uuid_parse(uuid, canonical) < 0)
		return log_fail(ctx, -EINVAL, "Invalid UUID '%s'", uuid);
	r = uuid ? list_one(ctx, canonical, parent, &found) : list_all(ctx, parent, &found);
	if (r < 0)
		return r;
	if (!found.items) {
		found.items = calloc(1, sizeof(*found.items));
		if (!found.items)
			return log_no_memory(ctx);
	}
	*devices = TAKE_PTR(found.items);
	found.count = 0;
	return 0;
}

MDEV_EXPORT void mdev_device_list_free(struct mdev_device **devices)
{
	if (!devices)
		return;
	for (size_t i = 0; devices[i]; i++)
		mdev_device_unref(devices[i]);
	free(devices);
}
