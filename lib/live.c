// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "attr.h"
#include "callout.h"
#include "definition.h"
#include "device.h"

/* The writes that have been done. */
struct live_changes {
	struct attr_change *items;
	size_t count;
};

static void live_changes_clear(struct live_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++)
		free(changes->items[i].former);
	free(changes->items);
}

/* Takes the writes back; the failure stays the error. */
static void live_take_back(const struct attrs *attrs, const struct live_changes *changes)
{
	_cleanup_free_ char *problems = attr_restore(attrs, changes->items, changes->count);

	if (problems)
		log_append(attrs->handle.ctx, "%s", problems);
}

static int live_write(struct operation *live)
{
	_cleanup_(live_changes_clear) struct live_changes changes = { 0 };
	const struct attrs attrs = {
		.handle = live->handle,
		.uuid = live->uuid->text,
		.parent = live->parent,
	};
	int r = 0;

	changes.items = calloc(live->config->n_attrs + 1, sizeof(*changes.items));
	if (!changes.items)
		return log_no_memory(live->ctx);
	for (size_t i = 0; r >= 0 && i < live->config->n_attrs; i++) {
		r = operation_check_interrupt(live);
		if (r == 0)
			r = attr_change(&attrs, &live->config->attrs[i], live->wait,
					&changes.items[changes.count]);
		changes.count += r > 0;
	}
	if (r < 0)
		live_take_back(&attrs, &changes);
	return r < 0 ? r : 0;
}

static int live_check_same(const struct operation *live, const struct mdev_device *device)
{
	const char *what = NULL;

	if (strcmp(live->uuid->text, mdev_device_get_uuid(device)->text) != 0)
		what = "uuid";
	else if (strcmp(live->parent, mdev_device_get_parent(device)) != 0)
		what = "parent";
	else if (strcmp(live->type, mdev_device_get_type(device)) != 0)
		what = "type";
	if (what)
		return log_fail(live->ctx, -EINVAL, "'%s' cannot be changed on active mdev", what);
	return 0;
}

/* The snapshot may be old. The device that is opened here is the one that is written. */
static int live_open(struct operation *live)
{
	_cleanup_(device_unrefp) struct mdev_device *now = NULL;
	int r;

	r = device_reopen(live->device, &live->handle);
	if (r == 0)
		return 0;
	if (r != -ENODEV)
		return device_fail(live->device, r, "open");
	r = device_find(live->ctx, live->uuid, &now);
	if (r == -ENODEV)
		return log_fail(live->ctx, r, "Mediated device %s/%s is not active", live->parent,
				live->uuid->text);
	if (r < 0)
		return r;
	return log_fail(live->ctx, -ENODEV, "Device exists %s - cannot run live update",
			strcmp(live->parent, mdev_device_get_parent(now)) != 0 ?
			"under different parent" : "with different type");
}

MDEV_EXPORT int mdev_modify_live(const struct mdev_device *device,
				 const struct mdev_definition *definition, unsigned int flags)
{
	_cleanup_operation_ struct operation live =
		operation_of_definition(OPERATION_MODIFY, definition, flags);
	int r;

	if (ANY_NULL(device, definition))
		return log_null(device_ctx(device));
	if (definition_ctx(definition) != device_ctx(device))
		return log_fail(device_ctx(device), -EINVAL,
				"The definition of device %s is of another context", live.uuid->text);
	live.device = device;
	live.wait = &(struct wait){ .ctx = live.ctx };
	operation_call(&live);
	r = operation_check_flags(&live, MDEV_OP_NO_CALLOUTS);
	if (r == 0)
		r = definition_check_complete(definition);
	if (r == 0)
		r = live_check_same(&live, device);
	if (r == 0)
		r = live_open(&live);
	return r < 0 ? r : callout_run_live(&live, live_write);
}
