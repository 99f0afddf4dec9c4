// SPDX-License-Identifier: LGPL-2.1-or-later
/* The mediated device core: Documentation/driver-api/vfio-mediated-device.rst. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "backend.h"
#include "log.h"
#include "sysfs.h"
#include "util/io.h"
#include "util/text.h"

#define PARENTS "class/mdev_bus"
#define DEVICES "bus/mdev/devices"
#define TYPES   "mdev_supported_types"

/* If sysfs has no such file, the object of the handle or name is gone. */
static int mdev_gone(int r)
{
	return r == -ENOENT ? -ENODEV : r;
}

/* Parents -------------------------------------------------------------------- */

static int mdev_check(struct mdev_ctx *ctx)
{
	_cleanup_close_ int dir = -1;

	return mdev_gone(sysfs_open(ctx, &dir, PARENTS));
}

static int mdev_list_parents(struct mdev_ctx *ctx, struct strings *names)
{
	_cleanup_close_ int dir = -1;
	int r;

	r = sysfs_open(ctx, &dir, PARENTS);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return walk_directory(dir, walk_add_name, names);
}

static int mdev_open_parent(struct mdev_ctx *ctx, const char *name, struct handle *parent)
{
	int r, dir;

	r = sysfs_open(ctx, &dir, PARENTS "/%s", name);
	if (r < 0)
		return mdev_gone(r);
	*parent = (struct handle){ .ctx = ctx, .backend = &backend_mdev, .dir = dir };
	return 0;
}

/* The core makes the directory when the parent registers. */
static int mdev_read_registration(const struct handle *parent, uint64_t *registration)
{
	return mdev_gone(sysfs_get_inode(parent->dir, TYPES, registration));
}

static int mdev_resolve_parent(struct mdev_ctx *ctx, const char *name, char **path)
{
	_cleanup_free_ char *target = NULL;
	_cleanup_close_ int dir = -1;
	int r;

	r = sysfs_open(ctx, &dir, PARENTS);
	if (r == 0)
		r = sysfs_read_link(dir, name, &target);
	return r < 0 ? mdev_gone(r) : sysfs_resolve(ctx, target, path);
}

/* Modules may be installed with such an alias for the parents that they bring. */
static int mdev_list_aliases(const char *parent, struct strings *aliases)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	_cleanup_free_ char *alias = NULL;
	int r;

	buffer_add_format(&buffer, "mdev-parent:%s", parent);
	r = buffer_take(&buffer, &alias);
	return r < 0 ? r : strings_add(aliases, alias);
}

static void mdev_explain_absent(struct mdev_ctx *ctx, const char *parent, struct buffer *out)
{
	(void)parent;
	if (mdev_check(ctx) == -ENODEV)
		buffer_add_string(out, "; the mdev core is not loaded");
}

/* Types ---------------------------------------------------------------------- */

/* With the core any card may offer mdevs, whose types are what they are. */
static enum type_guess mdev_guess_type(struct mdev_ctx *ctx, const char *type)
{
	/* Drivers have no blanks in their ids, but vendors have them in names. */
	return strchr(type, ' ') || mdev_check(ctx) == -ENODEV ? TYPE_UNKNOWN : TYPE_FIXED;
}

static int mdev_open_types(const struct handle *parent, int *dir)
{
	return mdev_gone(sysfs_open_at(parent->ctx, parent->dir, TYPES, dir));
}

static int mdev_list_types(const struct handle *parent, struct strings *ids)
{
	_cleanup_close_ int types = -1;
	int r;

	r = mdev_open_types(parent, &types);
	return r < 0 ? r : walk_directory(types, walk_add_name, ids);
}

/* Whether a file of a type could not be read, or the type or its parent is gone. */
static int mdev_fail_type(const struct handle *parent, const char *id, const char *file,
			  struct type_text *text, int r)
{
	_cleanup_close_ int types = -1;

	if (mdev_open_types(parent, &types) == -ENODEV)
		return -ENODEV;
	if (types >= 0 && !sysfs_exists(types, id))
		return -ENOENT;
	text->failed = file;
	return r;
}

static int mdev_open_type(const struct handle *parent, const char *id, struct type_text *text,
			  int *dir)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	_cleanup_free_ char *path = NULL;
	int r;

	buffer_add_format(&buffer, TYPES "/%s", id);
	r = buffer_take(&buffer, &path);
	if (r < 0)
		return r;
	r = sysfs_open_at(parent->ctx, parent->dir, path, dir);
	return r < 0 ? mdev_fail_type(parent, id, "the directory", text, r) : 0;
}

/* A file that every type has. */
static int mdev_read_file(const struct handle *parent, int dir, const char *id, const char *file,
			  struct type_text *text, char **value)
{
	int r = sysfs_read(parent->ctx, dir, file, value);

	return r < 0 ? mdev_fail_type(parent, id, file, text, r) : 0;
}

/* A file that a driver may leave out: NULL if it does, or if it is empty. */
static int mdev_read_optional(struct mdev_ctx *ctx, int dir, const char *file, char **value)
{
	int r = sysfs_read(ctx, dir, file, value);

	if (r == 0 && !**value)
		free(TAKE_PTR(*value));
	return r == -ENOMEM ? r : 0;
}

static int mdev_count_entry(void *data, int dir, const struct dirent64 *entry)
{
	unsigned int *count = data;

	(void)dir, (void)entry;
	(*count)++;
	return 0;
}

/* Like what a driver may leave out, it does not keep anybody from the type. */
static int mdev_count_devices(struct mdev_ctx *ctx, int type, unsigned int *count)
{
	_cleanup_close_ int dir = -1;
	int r = sysfs_open_at(ctx, type, "devices", &dir);

	if (r == 0)
		r = walk_directory(dir, mdev_count_entry, count);
	if (r < 0)
		*count = 0;
	return r == -ENOMEM ? r : 0;
}

static int mdev_read_type(const struct handle *parent, const char *id, struct type_text *text)
{
	_cleanup_close_ int dir = -1;
	int r;

	r = mdev_open_type(parent, id, text, &dir);
	if (r < 0)
		return r;
	r = mdev_read_file(parent, dir, id, "device_api", text, &text->device_api);
	if (r < 0)
		return r;
	r = mdev_read_file(parent, dir, id, "available_instances", text,
			   &text->available_instances);
	if (r < 0)
		return r;
	r = mdev_count_devices(parent->ctx, dir, &text->used);
	if (r < 0)
		return r;
	r = mdev_read_optional(parent->ctx, dir, "name", &text->name);
	return r < 0 ? r : mdev_read_optional(parent->ctx, dir, "description", &text->description);
}

static int mdev_read_available(const struct handle *parent, const char *id, struct type_text *text)
{
	_cleanup_buffer_ struct buffer path = { 0 };
	_cleanup_close_ int dir = -1;
	int r;

	buffer_add_format(&path, TYPES "/%s/available_instances", id);
	if (!path.failed &&
	    sysfs_read(parent->ctx, parent->dir, path.text, &text->available_instances) == 0)
		return 0;
	/* Step by step, to tell what it is that fails. */
	r = mdev_open_type(parent, id, text, &dir);
	return r < 0 ? r : mdev_read_file(parent, dir, id, "available_instances", text,
					  &text->available_instances);
}

/* One device by its links ------------------------------------------------------ */

/* The name of the directory above the last component; NULL if it has no valid one. */
static int mdev_copy_parent(const char *path, char **parent)
{
	_cleanup_free_ char *above = strdup(path);
	char *slash, *copy;

	if (!above)
		return -ENOMEM;
	slash = strrchr(above, '/');
	if (!slash)
		return -EBADMSG;
	*slash = '\0';
	if (!name_is_valid(path_base(above)))
		return -EBADMSG;
	copy = strdup(path_base(above));
	if (!copy)
		return -ENOMEM;
	*parent = copy;
	return 0;
}

/*
 * The path is that which the device's link on the bus has, and the type is read below it, not
 * below the link: that may lead to another device by now. A device whose type is not there is
 * not active.
 */
static int mdev_read_links(struct mdev_ctx *ctx, const char *name, struct device_place *place,
			   int *dir)
{
	char below[sizeof(DEVICES "/") + NAME_MAX];
	_cleanup_free_ char *link = NULL, *target = NULL;
	int r;

	snprintf(below, sizeof(below), DEVICES "/%s", name);
	r = sysfs_resolve(ctx, below, &link);
	if (r == 0)
		r = sysfs_read_link(AT_FDCWD, link, &target);
	if (r == 0)
		r = sysfs_resolve(ctx, target, &place->path);
	if (r == 0)
		r = sysfs_open_at(ctx, AT_FDCWD, place->path, dir);
	if (r < 0)
		return r;
	r = sysfs_read_link_base(*dir, "mdev_type", &place->type);
	if (r == 0)
		r = sysfs_probe(*dir, "mdev_type");
	if (r < 0)
		return r;
	return r < 0 ? r : mdev_copy_parent(target, &place->parent);
}

static int mdev_find_device(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
			    struct device_place *place, struct handle *device)
{
	_cleanup_close_ int dir = -1;
	int r;

	r = mdev_read_links(ctx, uuid->text, place, &dir);
	if (r < 0) {
		device_place_clear(place);
		return mdev_gone(r);
	}
	place->backend = &backend_mdev;
	if (device)
		*device = (struct handle){ .ctx = ctx, .backend = &backend_mdev,
					   .dir = TAKE_FD(dir) };
	return 0;
}

/* Lists of devices --------------------------------------------------------------- */

struct mdev_listing {
	struct mdev_ctx *ctx;
	struct device_sink *sink;
	const char *parent, *type;	/* whose directory is being read */
	struct strings names;		/* the devices on the bus, if they are needed */
	unsigned int added;
};

static void mdev_listing_clear(struct mdev_listing *list)
{
	strings_clear(&list->names);
}

static int mdev_add_name(void *data, int dir, const struct dirent64 *entry)
{
	struct mdev_listing *list = data;
	struct mdev_uuid uuid;

	(void)dir;
	if (mdev_uuid_parse(entry->d_name, &uuid) < 0) {
		log_warning(list->ctx, "Can't determine uuid for file '%s'", entry->d_name);
		return 0;
	}
	return strings_add(&list->names, entry->d_name);
}

static int mdev_add_of_type(void *data, int dir, const struct dirent64 *entry)
{
	struct mdev_listing *list = data;
	struct mdev_uuid uuid;

	(void)dir;
	if (mdev_uuid_parse(entry->d_name, &uuid) < 0)
		return 0;
	list->added++;
	return list->sink->add(list->sink, &uuid, list->parent, list->type);
}

static int mdev_walk_type(void *data, int types, const struct dirent64 *entry)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int dir = -1;
	struct mdev_listing *list = data;
	int r;

	list->type = entry->d_name;
	buffer_add_format(&buffer, "%s/devices", entry->d_name);
	r = buffer_take(&buffer, &path);
	if (r == 0)
		r = sysfs_open_at(list->ctx, types, path, &dir);
	return r < 0 ? r : walk_directory(dir, mdev_add_of_type, list);
}

static int mdev_walk_types(struct mdev_listing *list, const char *parent)
{
	_cleanup_close_ int types = -1;
	int r;

	list->parent = parent;
	r = sysfs_open(list->ctx, &types, PARENTS "/%s/" TYPES, parent);
	return r < 0 ? r : walk_directory(types, mdev_walk_type, list);
}

/*
 * The bus shows all devices, but parent and type of each take more system calls. The kernel
 * also keeps the devices of a type in a directory of their own, where one getdents() shows
 * hundreds of them, parent and type being known.
 *
 * Return: 0 if all has been found in that way, else -errno.
 */
static int mdev_list_by_types(struct mdev_listing *list, int bus, const char *parent)
{
	_cleanup_strings_ struct strings parents = { 0 };
	unsigned int count = 0;
	int r;

	if (parent)
		return name_is_valid(parent) ? mdev_walk_types(list, parent) : -ENOENT;
	/* How many there are is enough: names of no device make a difference, too. */
	r = walk_directory(bus, mdev_count_entry, &count);
	if (r == 0)
		r = mdev_list_parents(list->ctx, &parents);
	for (size_t i = 0; r == 0 && i < parents.count; i++)
		r = mdev_walk_types(list, parents.items[i]);
	if (r < 0)
		return r;
	/* Devices came or went meanwhile, or one is on its way out with its parent. */
	return list->added == count ? 0 : -EAGAIN;
}

static int mdev_add_by_links(struct mdev_listing *list, const char *name, const char *parent)
{
	_cleanup_(device_place_clear) struct device_place place = { 0 };
	_cleanup_close_ int dir = -1;
	struct mdev_uuid uuid;
	int r;

	(void)mdev_uuid_parse(name, &uuid);
	r = mdev_read_links(list->ctx, name, &place, &dir);
	if (r == 0 && (!parent || strcmp(parent, place.parent) == 0))
		r = list->sink->add(list->sink, &uuid, place.parent, place.type);
	if (r == -ENOMEM)
		return r;
	if (r < 0 && r != -ENOENT && r != -ENODEV)
		log_warning(list->ctx, "Ignoring device %s: " OS_ERROR, name, OS_ERROR_ARGS(r));
	return 0;
}

static int mdev_list_devices(struct mdev_ctx *ctx, const char *parent, struct device_sink *sink)
{
	_cleanup_(mdev_listing_clear) struct mdev_listing list = { .ctx = ctx, .sink = sink };
	_cleanup_close_ int bus = -1;
	int r;

	r = sysfs_open(ctx, &bus, DEVICES);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = mdev_list_by_types(&list, bus, parent);
	if (r == 0 || r == -ENOMEM)
		return r;
	sink->restart(sink);
	r = walk_directory(bus, mdev_add_name, &list);
	for (size_t i = 0; r == 0 && i < list.names.count; i++)
		r = mdev_add_by_links(&list, list.names.items[i], parent);
	return r;
}

/* Making and removing --------------------------------------------------------------- */

/* The link goes first when the core removes a device. */
static bool mdev_is_alive(const struct handle *device)
{
	return sysfs_exists(device->dir, "mdev_type");
}

static int mdev_remove(const struct handle *device, const struct mdev_uuid *uuid)
{
	(void)uuid;
	return mdev_gone(sysfs_write(device->ctx, device->dir, "remove", "1"));
}

/* Takes back a device that was made and cannot be opened. */
static void mdev_take_back(const struct handle *parent, const char *uuid)
{
	char path[MDEV_UUID_STRING_SIZE + sizeof("/remove")];
	int r;

	/* No allocation: it may be memory that is short. */
	snprintf(path, sizeof(path), "%s/remove", uuid);
	r = sysfs_write(parent->ctx, parent->dir, path, "1");
	if (r < 0)
		log_warning(parent->ctx, "Failed to remove device %s again: " OS_ERROR, uuid,
			    OS_ERROR_ARGS(r));
}

static int mdev_create(const struct handle *parent, const struct device_request *request,
		       struct handle *device)
{
	const char *uuid = request->uuid->text;
	_cleanup_buffer_ struct buffer buffer = { 0 };
	_cleanup_free_ char *path = NULL;
	int r, dir;

	buffer_add_format(&buffer, TYPES "/%s/create", request->found_type);
	r = buffer_take(&buffer, &path);
	if (r == 0)
		r = sysfs_write(parent->ctx, parent->dir, path, uuid);
	/* A driver that was interrupted may have made it all the same: then it can be opened. */
	if (r == -EINTR && sysfs_exists(parent->dir, uuid))
		r = 0;
	/* The type was there a moment ago: the parent has unregistered. */
	if (r < 0)
		return mdev_gone(r);
	/*
	 * The device exists, with its links, when the write returns, unless it has been removed
	 * again.
	 */
	r = sysfs_open_at(parent->ctx, parent->dir, uuid, &dir);
	if (r == -ENOENT)
		return 0;
	if (r < 0) {
		mdev_take_back(parent, uuid);
		return r;
	}
	*device = (struct handle){ .ctx = parent->ctx, .backend = &backend_mdev, .dir = dir };
	return 0;
}

static bool mdev_is_reserved(const char *attr)
{
	return strcmp(attr, "remove") == 0;
}

/* Events ----------------------------------------------------------------------------- */

/* @path: ".../<parent>/<uuid>". */
static bool mdev_read_device_event(const char *action, const char *path,
				   struct backend_event *event)
{
	const char *name = path_base(path), *start;

	if (name == path || mdev_uuid_parse(name, &event->uuid) < 0)
		return false;
	for (start = name - 1; start > path && start[-1] != '/'; start--)
		;
	snprintf(event->parent, sizeof(event->parent), "%.*s", (int)(name - 1 - start), start);
	if (strcmp(action, "add") == 0)
		event->kind = MDEV_EVENT_DEVICE_ADDED;
	else if (strcmp(action, "remove") == 0)
		event->kind = MDEV_EVENT_DEVICE_REMOVED;
	else
		event->kind = MDEV_EVENT_DEVICE_CHANGED;
	return true;
}

/* The core sends a "change" of the parent, which is on any bus, with its state. */
static bool mdev_read_event(const struct uevent *uevent, struct backend_event *event)
{
	const char *state;

	if (uevent->subsystem && strcmp(uevent->subsystem, "mdev") == 0)
		return mdev_read_device_event(uevent->action, uevent->path, event);
	state = uevent->get_property(uevent, "MDEV_STATE");
	if (!state)
		return false;
	if (strcmp(state, "registered") == 0)
		event->kind = MDEV_EVENT_PARENT_ADDED;
	else if (strcmp(state, "unregistered") == 0)
		event->kind = MDEV_EVENT_PARENT_REMOVED;
	else
		return false;
	event->uuid.text[0] = '\0';
	snprintf(event->parent, sizeof(event->parent), "%s", path_base(uevent->path));
	return true;
}

const struct backend backend_mdev = {
	.parents = PARENTS,
	.devices = DEVICES,
	.absence = "The mdev core is not loaded: sysfs has no " PARENTS,
	.check = mdev_check,
	.list_parents = mdev_list_parents,
	.open_parent = mdev_open_parent,
	.read_registration = mdev_read_registration,
	.resolve_parent = mdev_resolve_parent,
	.list_aliases = mdev_list_aliases,
	.guess_type = mdev_guess_type,
	.explain_absent = mdev_explain_absent,
	.list_types = mdev_list_types,
	.read_type = mdev_read_type,
	.read_available = mdev_read_available,
	.list_devices = mdev_list_devices,
	.find_device = mdev_find_device,
	.is_alive = mdev_is_alive,
	.create = mdev_create,
	.remove = mdev_remove,
	.is_reserved = mdev_is_reserved,
	.read_event = mdev_read_event,
};
