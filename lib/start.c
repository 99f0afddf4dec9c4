// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "attempt.h"
#include "attr.h"
#include "callout.h"
#include "definition.h"
#include "device.h"
#include "explain.h"
#include "lock.h"
#include "module.h"
#include "parent.h"
#include "removal.h"
#include "start.h"
#include "type.h"

/* A driver may wait for those who use the device when it is to go. */
static int start_check_unused(const struct mdev_device *device)
{
	_cleanup_free_ char *users = explain_users(device, NULL);

	if (!users)
		return 0;
	return log_fail(device_ctx(device), -EBUSY, "Device %s on %s was not started to its end, and "
			"is in use%s", mdev_device_get_uuid(device)->text,
			mdev_device_get_parent(device), users);
}

static int start_remove_left(const struct mdev_device *device, const struct handle *handle)
{
	_cleanup_removal_ struct removal removal =
		removal_of(handle, mdev_device_get_uuid(device), device, REMOVAL_MS);
	int r;

	r = start_check_unused(device);
	if (r < 0)
		return r;
	log_warning(device_ctx(device), "Device %s on %s was not started to its end: starting it "
		    "again", mdev_device_get_uuid(device)->text, mdev_device_get_parent(device));
	r = removal_run(&removal);
	return r < 0 && r != -ENODEV ? device_fail(device, r, "undo the start of") : 1;
}

int start_clear_left(const struct mdev_device *device)
{
	_cleanup_(journal_close) struct journal journal = { 0 };
	_cleanup_handle_ struct handle handle = HANDLE_NONE;
	enum journal_state state;
	int r;

	r = device_reopen(device, &handle);
	if (r < 0)
		return r == -ENODEV ? 1 : device_fail(device, r, "open");
	r = journal_look(device_ctx(device), mdev_device_get_uuid(device),
			 mdev_device_get_parent(device), mdev_device_get_type(device), &handle,
			 &journal, &state);
	if (r < 0)
		return log_no_memory(device_ctx(device));
	if (state != JOURNAL_LEFT)
		return state == JOURNAL_STARTING ? -EWOULDBLOCK : 0;
	r = start_remove_left(device, &handle);
	journal.stays = r < 0;
	return r;
}

int start_find_state(const struct mdev_device *device, enum journal_state *state)
{
	_cleanup_handle_ struct handle handle = HANDLE_NONE;

	*state = JOURNAL_WHOLE;
	if (device_reopen(device, &handle) < 0)
		return 0;
	return journal_peek(device_ctx(device), mdev_device_get_uuid(device),
			    mdev_device_get_parent(device), mdev_device_get_type(device), &handle,
			    state);
}

static int start_fail_active(const struct operation *start, const struct mdev_device *device)
{
	const char *parent = mdev_device_get_parent(device), *type = mdev_device_get_type(device);
	const char *what;

	if (strcmp(parent, start->parent) != 0)
		what = "Device exists under different parent";
	else if (strcmp(type, start->type) != 0)
		what = "Device exists with different type";
	else
		what = "Device already exists";
	return log_fail(start->ctx, -EEXIST, "%s: %s is active on %s, type %s", what,
			start->uuid->text, parent, type);
}

static int start_check_not_active(const struct operation *start)
{
	_cleanup_(device_unrefp) struct mdev_device *device = NULL;
	int r;

	r = device_find(start->ctx, start->uuid, &device);
	if (r < 0)
		return r == -ENODEV ? 0 : r;
	return start_fail_active(start, device);
}

/*
 * The same, but takes away what a start that was killed has left. Only of the device that is to be
 * started: any other is the user's to stop.
 */
static int start_clear(const struct operation *start)
{
	_cleanup_(device_unrefp) struct mdev_device *device = NULL;
	int r;

	r = device_find(start->ctx, start->uuid, &device);
	if (r < 0)
		return r == -ENODEV ? 0 : r;
	if (strcmp(mdev_device_get_parent(device), start->parent) != 0 ||
	    strcmp(mdev_device_get_type(device), start->type) != 0)
		return start_fail_active(start, device);
	r = start_clear_left(device);
	if (r > 0)
		return start_check_not_active(start);
	return r == 0 || r == -EWOULDBLOCK ? start_fail_active(start, device) : r;
}

static bool start_open_parent(const struct operation *start)
{
	return start->on->dir >= 0 || parent_open(start->ctx, start->parent, start->on) == 0;
}

/* A module may register its parents after it is loaded. */
static int start_load_module(const struct operation *start, char **note)
{
	int r;

	if (start_open_parent(start) || (start->flags & MDEV_OP_NO_MODULE))
		return 0;
	r = module_load_for_parent(start->ctx, start->parent, note);
	if (r <= 0)
		return r;
	wait_begin(start->wait, "parent %s", start->parent);
	while (!start_open_parent(start) && wait_a_little(start->wait))
		;
	wait_end(start->wait);
	return 0;
}

static int start_find_parent(const struct operation *start)
{
	_cleanup_free_ char *note = NULL;
	int r;

	r = start_load_module(start, &note);
	if (r < 0 || start->on->dir >= 0)
		return r;
	return parent_hold(start->ctx, start->parent, note ? note : "", start->on);
}

static int start_find_type(struct operation *start)
{
	char *found;
	int r;

	r = type_resolve(start->on, start->parent, start->type, start->config->type_name, &found);
	if (r < 0)
		return r;
	/* The device has the type that its definition names, whichever id that is today. */
	if (!definition_stored(start->definition)->known)
		start->type = found;
	free(start->found_type);
	start->found_type = found;
	return 0;
}

static int start_check_type(struct operation *start)
{
	_cleanup_free_ char *why = NULL;
	unsigned int count;
	int r;

	r = start_find_type(start);
	if (r == 0 && start->is_checked && strcmp(start->found_type, start->type) == 0)
		return 0;
	if (r == 0)
		r = type_count_left(start->on, start->parent, start->found_type, &count);
	if (r < 0 || count > 0)
		return r;
	why = explain_instances(start->ctx, start->parent);
	log_about(start->ctx, .reason = why);
	return log_fail(start->ctx, -EUSERS, "No available instances of %s on %s%s", start->type,
			start->parent, why ? why : "");
}

static int start_create(struct operation *start)
{
	const struct device_request request = {
		.uuid = start->uuid,
		.parent = start->parent,
		.type = start->type,
		.found_type = start->found_type,
		.owner = start->config->owner,
		.more = start->more,
	};
	_cleanup_free_ char *why = NULL;
	int r;

	/* A device without attributes is whole when it is made. An older note would say it is not. */
	if (start->config->n_attrs > 0)
		journal_begin(start->ctx, start->uuid, start->parent, start->type,
			      &start->journal);
	else
		journal_forget(start->ctx, start->uuid);
	r = start->on->backend->create(start->on, &request, &start->handle);
	if (r == 0)
		backend_forget_elsewhere(start->ctx, start->on->backend, start->uuid);
	if (r == 0 && start->handle.dir >= 0)
		journal_add_device(&start->journal, &start->handle);
	if (r == 0)
		return 0;
	why = explain_create(start->ctx, start->on, r, start->definition);
	log_about(start->ctx, .reason = why);
	return log_fail_kernel(start->ctx, r, "Failed to create mdev %s, type %s on %s: " OS_ERROR
			       "%s", start->uuid->text, start->type, start->parent, OS_ERROR_ARGS(r),
			       why ? why : "");
}

/*
 * An interface does not know the devices of another, and vGPUs have no UUIDs in the kernel: of
 * those who start one of this UUID at once, each looks again when the one before is through.
 */
static int start_create_once(struct operation *start)
{
	char name[sizeof(start->uuid->text) + sizeof(".create")];
	int r, lock = -1;

	snprintf(name, sizeof(name), "%s.create", start->uuid->text);
	r = lock_take_brief(start->ctx, name, &lock);
	/* Who cannot have it may still create mdevs, where the user was given that right. */
	if (r == -ENOMEM)
		return log_no_memory(start->ctx);
	r = operation_check_interrupt(start);
	if (r == 0)
		r = start_check_not_active(start);
	if (r == 0)
		r = start_create(start);
	lock_drop(start->ctx, name, lock);
	return r;
}

static struct attrs start_attrs(const struct operation *start)
{
	return (struct attrs){
		.handle = start->handle,
		.uuid = start->uuid->text,
		.parent = start->parent,
		.is_new = true,
	};
}

int start_go_on(struct operation *start)
{
	const struct attrs attrs = start_attrs(start);
	int r;

	/* The device is gone already. Without attributes to write this is not our failure. */
	if (start->handle.dir < 0 && start->config->n_attrs > 0)
		return log_fail(start->ctx, -ENODEV,
				"Mediated device %s is no longer active on %s", start->uuid->text,
				start->parent);
	for (; start->n_written < start->config->n_attrs; start->n_written++) {
		const struct attr *attr = &start->config->attrs[start->n_written];

		r = attr_try_write(&attrs, attr->name, attr->value);
		if (r != 0)
			return r;
	}
	return 0;
}

/*
 * The wait is over: writes the attributes that have appeared, and reports one that is still
 * missing.
 */
static int start_fail_late(struct operation *start)
{
	const struct attr *attr = &start->config->attrs[start->n_written];
	const struct attrs attrs = start_attrs(start);
	int r;

	r = operation_check_interrupt(start);
	if (r == 0)
		r = attr_write(&attrs, attr->name, attr->value, NULL);
	if (r < 0)
		return r;
	start->n_written++;
	return start_go_on(start);
}

/* A driver that has just made a device may need a moment before it takes it back. */
static int start_remove(const struct operation *start, struct removal *removal)
{
	const struct backend *backend = start->handle.backend;
	struct wait wait = { .ctx = start->ctx, .limit_ms = REMOVAL_MS };
	int r;

	wait_begin(&wait, "device %s, to be removed again", start->uuid->text);
	do {
		r = removal_run(removal);
		if (removal->wait.used_ms > wait.used_ms)
			wait.used_ms = removal->wait.used_ms;
	} while (r < 0 && backend->may_settle && backend->may_settle(r) && wait_a_little(&wait));
	wait_end(&wait);
	return r;
}

/* Takes the device back after a failure, which stays the error. */
static void start_take_back(struct operation *start)
{
	_cleanup_removal_ struct removal removal =
		removal_of(&start->handle, start->uuid, NULL, REMOVAL_MS);
	/* What has ended the start does not end this. */
	struct interrupt *interrupt = TAKE_PTR(start->ctx->interrupt);
	_cleanup_free_ char *why = NULL;
	int r;

	r = start_remove(start, &removal);
	start->ctx->interrupt = interrupt;
	/* It is gone, as intended. */
	if (r == 0 || r == -ENODEV)
		return;
	start->journal.stays = true;
	why = removal_explain(&removal, r);
	log_append(start->ctx, "; then: %s", why ? why : strerror(-r));
}

static int start_check_place(struct operation *start)
{
	int r = start_find_parent(start);

	return r < 0 ? r : start_check_type(start);
}

int start_check(struct operation *start)
{
	int r = start_check_not_active(start);

	return r < 0 ? r : start_check_place(start);
}

static int start_make(struct operation *start)
{
	int r = 0;

	if (callout_has_scripts(start)) {
		handle_close(start->on);
		start->is_checked = false;
	}
	if (!start->is_checked)
		r = start_clear(start);
	if (r == 0)
		r = start_check_place(start);
	return r < 0 ? r : start_create_once(start);
}

int start_begin(struct operation *start)
{
	int r;

	/* A file may hold names that could not be stored, such as one that is not an attribute. */
	r = definition_check_complete(start->definition);
	if (r == 0)
		r = callout_begin(start);
	if (r == 0)
		r = start_make(start);
	return r < 0 ? r : start_go_on(start);
}

int start_end(struct operation *start, int r)
{
	while (r > 0)
		r = start_fail_late(start);
	start->journal.stays = false;
	if (r < 0 && start->handle.dir >= 0)
		start_take_back(start);
	/* It is answered. */
	if (r == 0)
		attempt_forget(start->ctx, start->uuid, start->parent);
	return callout_end(start, r);
}

int start_one(const struct mdev_definition *definition, unsigned int flags, size_t more)
{
	_cleanup_operation_ struct operation start =
		operation_of_definition(OPERATION_START, definition, flags);
	_cleanup_handle_ struct handle parent = HANDLE_NONE;
	int r;

	start.more = more;
	operation_call(&start);
	r = operation_check_flags(&start, MDEV_OP_NO_MODULE | MDEV_OP_NO_CALLOUTS |
				  MDEV_OP_FORCE | MDEV_OP_NO_WAIT);
	if (r < 0)
		return r;
	start.on = &parent;
	start.wait = &(struct wait){ .ctx = start.ctx, .never = flags & MDEV_OP_NO_WAIT };
	r = start_begin(&start);
	wait_begin(start.wait, "the attributes of device %s", start.uuid->text);
	while (r > 0 && wait_a_little(start.wait))
		r = start_go_on(&start);
	wait_end(start.wait);
	return start_end(&start, r);
}

MDEV_EXPORT int mdev_start(const struct mdev_definition *definition, unsigned int flags)
{
	return definition ? start_one(definition, flags, 0) : -EINVAL;
}
