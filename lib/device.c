// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "device.h"
#include "log.h"
#include "util/array.h"
#include "util/refs.h"

/* What the devices of a type of a parent share: lists of them are long. */
struct device_origin {
	unsigned int refs;
	struct mdev_ctx *ctx;
	const struct backend *backend;
	const char *parent, *type;
	char text[];	/* of both */
};

struct mdev_device {
	struct device_origin *origin;
	unsigned int refs;
	struct mdev_uuid uuid;
};

struct mdev_ctx *device_ctx(const struct mdev_device *device)
{
	return device ? device->origin->ctx : NULL;
}

const struct backend *device_backend(const struct mdev_device *device)
{
	return device->origin->backend;
}

/* NULL if there is no memory. */
static struct device_origin *origin_make(struct mdev_ctx *ctx, const struct backend *backend,
					 const char *parent, const char *type)
{
	size_t parent_size = strlen(parent) + 1, type_size = strlen(type) + 1;
	struct device_origin *new = malloc(sizeof(*new) + parent_size + type_size);

	if (!new)
		return NULL;
	new->refs = 1;
	new->ctx = mdev_ctx_ref(ctx);
	new->backend = backend;
	new->parent = memcpy(new->text, parent, parent_size);
	new->type = memcpy(new->text + parent_size, type, type_size);
	return new;
}

static void origin_unref(struct device_origin *origin)
{
	if (!origin || !refs_put(&origin->refs))
		return;
	mdev_ctx_unref(origin->ctx);
	free(origin);
}

/* NULL if there is no memory. */
static struct mdev_device *device_make(struct device_origin *origin, const struct mdev_uuid *uuid)
{
	struct mdev_device *new = malloc(sizeof(*new));

	if (!new)
		return NULL;
	refs_get(&origin->refs);
	*new = (struct mdev_device){ .origin = origin, .refs = 1, .uuid = *uuid };
	return new;
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
	origin_unref(device->origin);
	free(device);
}

MDEV_EXPORT const struct mdev_uuid *mdev_device_get_uuid(const struct mdev_device *device)
{
	return &device->uuid;
}

MDEV_EXPORT const char *mdev_device_get_parent(const struct mdev_device *device)
{
	return device->origin->parent;
}

MDEV_EXPORT const char *mdev_device_get_type(const struct mdev_device *device)
{
	return device->origin->type;
}

/* One by its UUID -------------------------------------------------------------- */

static int device_place_find(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
			     struct device_place *place)
{
	const struct backend *last = NULL;
	int r = -ENODEV;

	backend_foreach(ctx, row) {
		if (!last || row->find_device != last->find_device)
			r = row->find_device(ctx, uuid, place, NULL);
		if (r != -ENODEV)
			break;
		last = row;
	}
	return r;
}

/* -ENOMEM, unreported. */
static int device_make_at(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
			  const struct device_place *place, struct mdev_device **device)
{
	struct device_origin *origin = origin_make(ctx, place->backend, place->parent, place->type);
	struct mdev_device *new = origin ? device_make(origin, uuid) : NULL;

	origin_unref(origin);
	if (!new)
		return -ENOMEM;
	*device = new;
	return 0;
}

int device_find(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, struct mdev_device **device)
{
	_cleanup_(device_place_clear) struct device_place place = { 0 };
	int r;

	r = device_place_find(ctx, uuid, &place);
	if (r == 0)
		r = device_make_at(ctx, uuid, &place, device);
	if (r == 0 || r == -ENODEV)
		return r;
	log_about(ctx, .uuid = uuid->text);
	if (r == -ENOMEM)
		return log_no_memory(ctx);
	return log_fail_kernel(ctx, r, "Failed to read device %s: " OS_ERROR, uuid->text,
			       OS_ERROR_ARGS(r));
}

static int device_fail_inactive(struct mdev_ctx *ctx, const struct mdev_uuid *uuid)
{
	_cleanup_buffer_ struct buffer lost = { 0 };
	_cleanup_free_ char *why = NULL;

	backend_explain_lost(ctx, uuid, NULL, &lost);
	why = buffer_take_note(&lost);
	log_about(ctx, .reason = why);
	return log_fail(ctx, -ENODEV, "Mediated device %s is not active%s", uuid->text,
			why ? why : "");
}

MDEV_EXPORT int mdev_device_lookup(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
				   struct mdev_device **device)
{
	int r;

	if (ANY_NULL(ctx, uuid, device))
		return log_null(ctx);
	log_call(ctx, .uuid = uuid->text);
	r = device_find(ctx, uuid, device);
	return r == -ENODEV ? device_fail_inactive(ctx, uuid) : r;
}

int device_locate(const struct mdev_device *device, struct handle *handle, char **path)
{
	_cleanup_(device_place_clear) struct device_place place = { 0 };
	const struct device_origin *origin = device->origin;
	_cleanup_handle_ struct handle now = HANDLE_NONE;
	int r;

	r = origin->backend->find_device(origin->ctx, &device->uuid, &place, &now);
	if (r < 0)
		return r;
	if (place.backend != origin->backend || strcmp(place.parent, origin->parent) != 0 ||
	    strcmp(place.type, origin->type) != 0)
		return -ENODEV;
	*handle = now;
	now = (struct handle)HANDLE_NONE;
	if (path)
		*path = TAKE_PTR(place.path);
	return 0;
}

int device_reopen(const struct mdev_device *device, struct handle *handle)
{
	return device_locate(device, handle, NULL);
}

int device_fail(const struct mdev_device *device, int r, const char *what)
{
	const struct device_origin *origin = device->origin;

	log_about(origin->ctx, .uuid = device->uuid.text, .parent = origin->parent);

	if (r == -ENODEV)
		return log_fail(origin->ctx, r, "Mediated device %s is no longer active on %s",
				device->uuid.text, origin->parent);
	return log_fail_kernel(origin->ctx, r, "Failed to %s device %s: " OS_ERROR, what,
			       device->uuid.text, OS_ERROR_ARGS(r));
}

/* Lists -------------------------------------------------------------------- */

static int device_compare(const void *a, const void *b)
{
	const struct mdev_device *x = *(struct mdev_device *const *)a;
	const struct mdev_device *y = *(struct mdev_device *const *)b;
	int order = 0;

	if (x->origin != y->origin)
		order = strcmp(x->origin->parent, y->origin->parent);
	return order ? order : strcmp(x->uuid.text, y->uuid.text);
}

struct devices {
	struct device_sink sink;
	struct mdev_ctx *ctx;
	const struct backend *backend;	/* that is being asked */
	struct device_origin *origin;	/* of the device that it named last */
	struct mdev_device **items;
	size_t count, begin;		/* its devices are those from here on */
};

static void devices_cut(struct devices *list, size_t count)
{
	while (list->count > count)
		mdev_device_unref(list->items[--list->count]);
	if (list->items)
		list->items[list->count] = NULL;
}

static void devices_clear(struct devices *list)
{
	devices_cut(list, 0);
	origin_unref(list->origin);
	free(list->items);
}

/* -ENOMEM */
static int devices_set_origin(struct devices *list, const char *parent, const char *type)
{
	const struct device_origin *last = list->origin;

	if (last && last->backend == list->backend && strcmp(last->type, type) == 0 &&
	    strcmp(last->parent, parent) == 0)
		return 0;
	origin_unref(list->origin);
	list->origin = origin_make(list->ctx, list->backend, parent, type);
	return list->origin ? 0 : -ENOMEM;
}

static int devices_add(struct device_sink *sink, const struct mdev_uuid *uuid, const char *parent,
		       const char *type)
{
	struct devices *list = (struct devices *)sink;
	struct mdev_device *device;

	if (devices_set_origin(list, parent, type) < 0 ||
	    array_reserve(&list->items, list->count, sizeof(*list->items)) < 0)
		return -ENOMEM;
	device = device_make(list->origin, uuid);
	if (!device)
		return -ENOMEM;
	list->items[list->count++] = device;
	list->items[list->count] = NULL;
	return 0;
}

static void devices_restart(struct device_sink *sink)
{
	struct devices *list = (struct devices *)sink;

	devices_cut(list, list->begin);
}

/* All of @parent's devices, or of all parents if it is NULL. */
static int devices_list(struct devices *list, const char *parent)
{
	int r;

	backend_foreach(list->ctx, backend) {
		list->backend = backend;
		list->begin = list->count;
		r = backend->list_devices(list->ctx, parent, &list->sink);
		if (r == -ENOMEM)
			return log_no_memory(list->ctx);
		if (r < 0)
			return log_fail_kernel(list->ctx, r, "Failed to list the devices in %s: "
					       OS_ERROR, backend->devices, OS_ERROR_ARGS(r));
	}
	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), device_compare);
	return 0;
}

static int devices_list_one(struct devices *list, const struct mdev_uuid *uuid,
			    const char *parent)
{
	_cleanup_(device_unrefp) struct mdev_device *device = NULL;
	int r;

	r = device_find(list->ctx, uuid, &device);
	if (r == -ENODEV)
		return 0;
	if (r < 0 || (parent && strcmp(parent, device->origin->parent) != 0))
		return r;
	if (array_reserve(&list->items, 0, sizeof(*list->items)) < 0)
		return log_no_memory(list->ctx);
	list->items[list->count++] = TAKE_PTR(device);
	list->items[list->count] = NULL;
	return 0;
}

MDEV_EXPORT int mdev_device_list(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
				 const char *parent, struct mdev_device ***devices)
{
	_cleanup_(devices_clear) struct devices found = {
		.sink = { .add = devices_add, .restart = devices_restart },
		.ctx = ctx,
	};
	int r;

	if (ANY_NULL(ctx, devices))
		return log_null(ctx);
	log_call(ctx, .parent = parent);
	r = uuid ? devices_list_one(&found, uuid, parent) : devices_list(&found, parent);
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
