// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "device.h"
#include "log.h"
#include "reported.h"

/* A device, or, with an empty UUID, a parent. */
struct item {
	struct mdev_uuid uuid;
	char *type;	/* of a device; NULL if it is not known */
	char parent[];
};

/* In the order of parent and UUID: a parent comes before its devices. */
struct items {
	struct item **list;
	size_t count;
};

struct reported {
	struct mdev_ctx *ctx;	/* for reports */
	/* Looks at the root that the context had at first; nobody hears of what it warns of. */
	struct mdev_ctx *own;
	struct items known;
};

static void item_free(struct item *item)
{
	if (item)
		free(item->type);
	free(item);
}

static void items_clear(struct items *items)
{
	for (size_t i = 0; i < items->count; i++)
		item_free(items->list[i]);
	free(items->list);
}

static bool item_is_device(const struct item *item)
{
	return *item->uuid.text;
}

/* What an item is found by. */
struct item_key {
	const char *uuid, *parent;
};

static int item_compare(const void *item, const void *key)
{
	const struct item *one = *(struct item *const *)item;
	const struct item_key *other = key;
	int order = strcmp(one->parent, other->parent);

	return order ? order : strcmp(one->uuid.text, other->uuid);
}

static bool items_find(const struct items *items, const struct mdev_uuid *uuid, const char *parent,
		       size_t *place)
{
	const struct item_key key = { uuid->text, parent };

	return array_find(items->list, items->count, sizeof(*items->list), item_compare, &key,
			  place);
}

static int item_make(const struct mdev_uuid *uuid, const char *parent, const char *type,
		     struct item **item)
{
	struct item *new = malloc(sizeof(*new) + strlen(parent) + 1);

	if (!new)
		return -ENOMEM;
	new->uuid = *uuid;
	strcpy(new->parent, parent);
	new->type = type ? strdup(type) : NULL;
	if (type && !new->type) {
		item_free(new);
		return -ENOMEM;
	}
	*item = new;
	return 0;
}

static int items_insert(struct items *items, size_t place, const struct mdev_uuid *uuid,
			const char *parent, const char *type)
{
	struct item *item;

	if (array_reserve(&items->list, items->count, sizeof(*items->list)) < 0 ||
	    item_make(uuid, parent, type, &item) < 0)
		return -ENOMEM;
	array_make_gap(items->list, items->count, place, sizeof(*items->list));
	items->list[place] = item;
	items->count++;
	return 0;
}

static void items_remove(struct items *items, size_t place)
{
	item_free(items->list[place]);
	array_close_gap(items->list, items->count, place, sizeof(*items->list));
	items->count--;
}

static int items_add(struct items *items, const struct mdev_uuid *uuid, const char *parent,
		     const char *type)
{
	size_t place;

	return items_find(items, uuid, parent, &place) ?
		       0 : items_insert(items, place, uuid, parent, type);
}

/* What there is -------------------------------------------------------------------- */

static const struct mdev_uuid no_uuid = { "" };

static void parent_list_freep(struct mdev_parent ***parents)
{
	mdev_parent_list_free(*parents);
}

static int reported_list(struct mdev_ctx *own, struct items *items)
{
	_cleanup_(parent_list_freep) struct mdev_parent **parents = NULL;
	_cleanup_(device_list_freep) struct mdev_device **devices = NULL;
	int r;

	/* The parents last: a device that has come meanwhile is never without its parent. */
	r = mdev_device_list(own, NULL, NULL, &devices);
	if (r == 0)
		r = mdev_parent_list(own, &parents);
	for (size_t i = 0; r == 0 && parents[i]; i++)
		r = items_add(items, &no_uuid, mdev_parent_get_name(parents[i]), NULL);
	for (size_t i = 0; r == 0 && devices[i]; i++)
		r = items_add(items, mdev_device_get_uuid(devices[i]),
			      mdev_device_get_parent(devices[i]), mdev_device_get_type(devices[i]));
	return r;
}

static int reported_fail(const struct reported *reported, int r)
{
	if (r == -ENOMEM)
		return log_no_memory(reported->ctx);
	return log_failure(reported->ctx, mdev_ctx_last_error_domain(reported->own), r, "%s",
			   mdev_ctx_last_error(reported->own));
}

void reported_free(struct reported *reported)
{
	if (!reported)
		return;
	items_clear(&reported->known);
	mdev_ctx_unref(reported->own);
	free(reported);
}

static void reported_freep(struct reported **reported)
{
	reported_free(*reported);
}

int reported_new(struct mdev_ctx *ctx, struct reported **reported)
{
	_cleanup_(reported_freep) struct reported *new = calloc(1, sizeof(*new));
	int r;

	if (!new || mdev_ctx_new(&new->own) < 0 || mdev_ctx_set_root(new->own, ctx->root) < 0)
		return log_no_memory(ctx);
	new->ctx = ctx;
	new->own->backends = ctx->backends;
	new->own->transports = ctx->transports;
	new->own->sysfs = ctx->sysfs;
	new->own->sysfs_data = ctx->sysfs_data;
	r = reported_list(new->own, &new->known);
	if (r < 0)
		return reported_fail(new, r);
	*reported = TAKE_PTR(new);
	return 0;
}

/* Events --------------------------------------------------------------------------- */

/* The type of an active device; NULL if it has gone, or the kernel does not show it yet. */
static int reported_look_up(struct reported *reported, const struct mdev_uuid *uuid,
			     const char *parent, char **type)
{
	_cleanup_(device_unrefp) struct mdev_device *device = NULL;
	int r = device_find(reported->own, uuid, &device);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (strcmp(mdev_device_get_parent(device), parent) != 0)
		return 0;
	*type = strdup(mdev_device_get_type(device));
	return *type ? 0 : -ENOMEM;
}

static int reported_note_there(struct reported *reported, const struct mdev_uuid *uuid,
				const char *parent, bool is_new, char **type)
{
	struct item *item;
	size_t place;
	int r = 0;

	if (!items_find(&reported->known, uuid, parent, &place)) {
		r = items_insert(&reported->known, place, uuid, parent, NULL);
		is_new = true;
	}
	if (r < 0 || !*uuid->text)
		return r;
	item = reported->known.list[place];
	/* A device that was made anew may have another type. */
	if (is_new || !item->type) {
		_cleanup_free_ char *found = NULL;

		r = reported_look_up(reported, uuid, parent, &found);
		free(item->type);
		item->type = TAKE_PTR(found);
	}
	if (r < 0 || !item->type)
		return r;
	*type = strdup(item->type);
	return *type ? 0 : -ENOMEM;
}

static void reported_note_gone(struct reported *reported, const struct mdev_uuid *uuid,
				const char *parent, char **type)
{
	size_t place;

	if (!items_find(&reported->known, uuid, parent, &place))
		return;
	*type = TAKE_PTR(reported->known.list[place]->type);
	items_remove(&reported->known, place);
}

int reported_note(struct reported *reported, enum mdev_event_kind kind,
		   const struct mdev_uuid *uuid, const char *parent, char **type)
{
	*type = NULL;
	switch (kind) {
	case MDEV_EVENT_DEVICE_ADDED:
	case MDEV_EVENT_PARENT_ADDED:
		return reported_note_there(reported, uuid, parent, true, type);
	case MDEV_EVENT_DEVICE_CHANGED:
		return reported_note_there(reported, uuid, parent, false, type);
	case MDEV_EVENT_DEVICE_REMOVED:
	case MDEV_EVENT_PARENT_REMOVED:
		reported_note_gone(reported, uuid, parent, type);
		return 0;
	default:
		return 0;
	}
}

/* Comparison ----------------------------------------------------------------------- */

static bool item_is_in(const struct item *item, const struct items *items)
{
	size_t place;

	if (!items_find(items, &item->uuid, item->parent, &place))
		return false;
	/* One whose type was not known is not another one. */
	return !item->type || !items->list[place]->type ||
	       strcmp(item->type, items->list[place]->type) == 0;
}

static int item_tell(const struct item *item, bool is_there, reported_fn *fn, void *data)
{
	enum mdev_event_kind kind;

	if (item_is_device(item))
		kind = is_there ? MDEV_EVENT_DEVICE_ADDED : MDEV_EVENT_DEVICE_REMOVED;
	else
		kind = is_there ? MDEV_EVENT_PARENT_ADDED : MDEV_EVENT_PARENT_REMOVED;
	return fn(data, kind, &item->uuid, item->parent, item->type);
}

int reported_compare(struct reported *reported, reported_fn *fn, void *data)
{
	_cleanup_(items_clear) struct items now = { 0 };
	struct items *known = &reported->known;
	int r;

	r = reported_list(reported->own, &now);
	if (r < 0)
		return reported_fail(reported, r);
	for (size_t i = known->count; r == 0 && i-- > 0;) {
		if (item_is_in(known->list[i], &now))
			continue;
		r = item_tell(known->list[i], false, fn, data);
		if (r == 0)
			items_remove(known, i);
	}
	for (size_t i = 0; r == 0 && i < now.count; i++) {
		const struct item *item = now.list[i];

		if (item_is_in(item, known))
			continue;
		r = items_add(known, &item->uuid, item->parent, item->type);
		if (r == 0)
			r = item_tell(item, true, fn, data);
	}
	return r < 0 ? log_no_memory(reported->ctx) : 0;
}
