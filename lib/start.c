// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "callout.h"
#include "definition.h"
#include "device.h"
#include "explain.h"
#include "log.h"
#include "module.h"
#include "operation.h"
#include "parent.h"
#include "sysfs.h"
#include "type.h"

/* What is being started, taken out of the definition once. */
struct start {
	struct mdev_ctx *ctx;
	const struct mdev_definition *definition;
	const char *uuid, *parent, *type;
	unsigned int flags;
	struct handle parent_handle, device;
};

static void start_clear(struct start *start)
{
	handle_close(&start->device);
	handle_close(&start->parent_handle);
}

static int check_not_active(const struct start *start)
{
	_cleanup_(device_unrefp) struct mdev_device *device = NULL;
	const char *parent, *type, *what;
	int r;

	r = device_find(start->ctx, start->uuid, &device);
	if (r < 0)
		return r == -ENODEV ? 0 : r;
	parent = mdev_device_get_parent(device);
	type = mdev_device_get_type(device);
	if (strcmp(parent, start->parent) != 0)
		what = "Device exists under different parent";
	else if (strcmp(type, start->type) != 0)
		what = "Device exists with different type";
	else
		what = "Device already exists";
	return log_fail(start->ctx, -EEXIST, "%s: %s is active on %s, type %s", what, start->uuid,
			parent, type);
}

/* As sysfs_wait(), where waiting is wanted at all. */
static bool wait_a_little(const struct start *start, unsigned int *waited)
{
	return !(start->flags & MDEV_OP_NO_WAIT) && sysfs_wait(start->ctx, waited);
}

static int find_parent(const struct start *start, struct mdev_parent **parent)
{
	_cleanup_free_ char *note = NULL;
	unsigned int waited = 0;
	int r;

	if (!(start->flags & MDEV_OP_NO_MODULE) && !parent_exists(start->ctx, start->parent)) {
		r = module_load_for_parent(start->ctx, start->parent, &note);
		if (r < 0)
			return r;
		/* A module may register its parents after it is loaded. */
		while (r > 0 && !parent_exists(start->ctx, start->parent) &&
		       wait_a_little(start, &waited))
			;
	}
	return parent_find(start->ctx, start->parent, note ? note : "", parent);
}

static int check_type(const struct start *start, const struct mdev_parent *parent)
{
	_cleanup_free_ char *why = NULL;
	unsigned int count;
	int r;

	r = type_count_available(parent, start->type, &count);
	if (r < 0 || count > 0)
		return r;
	why = explain_instances(start->ctx, start->parent);
	return log_fail(start->ctx, -EUSERS, "No available instances of %s on %s%s", start->type,
			start->parent, why ? why : "");
}

static int fail_create(const struct start *start, int r)
{
	_cleanup_free_ char *why = explain_create(start->ctx, r, start->definition);

	return log_fail_kernel(start->ctx, r, "Failed to create mdev %s, type %s on %s: " OS_ERROR "%s",
			start->uuid, start->type, start->parent, OS_ERROR_ARGS(r),
			why ? why : "");
}

static int create(struct start *start)
{
	int r;

	r = parent_open(start->ctx, start->parent, &start->parent_handle);
	if (r == 0)
		r = start->parent_handle.backend->create(&start->parent_handle, start->type,
							 start->uuid, &start->device);
	return r < 0 ? fail_create(start, r) : 0;
}

/* Its parent unregistered, or somebody else stopped it. */
static int fail_vanished(const struct start *start)
{
	return log_fail(start->ctx, -ENODEV, "Device %s, type %s on %s vanished while it was started",
			start->uuid, start->type, start->parent);
}

/* Writes an attribute, waiting for its file if a driver adds it late. */
static int write_attr(const struct start *start, const char *name, const char *value)
{
	const struct handle *device = &start->device;
	_cleanup_free_ char *why = NULL;
	unsigned int waited = 0;
	int r;

	do
		r = sysfs_write(start->ctx, device->dir, name, value);
	while (r == -ENOENT && device->backend->is_alive(device) && wait_a_little(start, &waited));
	if (r == 0)
		return 0;
	if (!device->backend->is_alive(device))
		return fail_vanished(start);
	if (r == -ENOENT)
		return log_fail(start->ctx, r, "Invalid attribute '%s' of device %s, type %s on %s",
				name, start->uuid, start->type, start->parent);
	why = explain_write(start->ctx, r, device->dir, name);
	return log_fail_kernel(start->ctx, r, "Failed to write %s to attribute %s of device %s: " OS_ERROR
			"%s", value, name, start->uuid, OS_ERROR_ARGS(r), why ? why : "");
}

/* Takes the device back after a failure, which stays the error. */
static void roll_back(const struct start *start)
{
	_cleanup_free_ char *why = NULL;
	int r;

	r = start->device.backend->remove(&start->device);
	/* It is gone, which is what is wanted. */
	if (r == 0 || r == -ENODEV)
		return;
	why = explain_remove(start->ctx, r, NULL);
	log_append(start->ctx, "; then: Error removing device %s: " OS_ERROR "%s", start->uuid,
		   OS_ERROR_ARGS(r), why ? why : "");
}

static int write_attrs(const struct start *start)
{
	const char *name, *value;
	size_t count;
	int r = 0;

	count = mdev_definition_count_attrs(start->definition);
	for (size_t i = 0; i < count && r == 0; i++) {
		r = mdev_definition_get_attr(start->definition, i, &name, &value);
		if (r < 0)
			return r;
		log_about(start->ctx, .attr = name);
		r = write_attr(start, name, value);
	}
	return r;
}

/* What happens between the scripts for "pre" and "post". */
static int start_device(struct mdev_ctx *ctx, void *data, unsigned int flags)
{
	_cleanup_(parent_unrefp) struct mdev_parent *parent = NULL;
	struct start *start = data;
	int r;

	(void)ctx, (void)flags;
	r = check_not_active(start);
	if (r == 0)
		r = find_parent(start, &parent);
	if (r == 0)
		r = check_type(start, parent);
	if (r == 0)
		r = create(start);
	if (r < 0 || mdev_definition_count_attrs(start->definition) == 0)
		return r;
	r = write_attrs(start);
	if (r < 0)
		roll_back(start);
	return r;
}

MDEV_EXPORT int mdev_start(const struct mdev_definition *definition, unsigned int flags)
{
	const struct callout_subject subject = operation_subject(definition);
	_cleanup_(start_clear) struct start start = {
		.ctx = definition_ctx(definition),
		.definition = definition,
		.uuid = subject.uuid,
		.parent = subject.parent,
		.type = subject.type,
		.flags = flags,
		.parent_handle = HANDLE_NONE,
		.device = HANDLE_NONE,
	};
	int r;

	if (!definition)
		return -EINVAL;
	operation_about(start.ctx, &subject);
	r = operation_check_flags(start.ctx, flags,
				  MDEV_OP_NO_MODULE | MDEV_OP_NO_CALLOUTS | MDEV_OP_FORCE |
				  MDEV_OP_NO_WAIT);
	if (r == 0)
		r = definition_check_complete(definition);
	if (r < 0)
		return r;
	return callout_around(start.ctx, &subject, CALLOUT_START, flags, start_device, &start);
}
