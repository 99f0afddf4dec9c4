// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "callout.h"
#include "definition.h"
#include "device.h"
#include "explain.h"
#include "log.h"
#include "operation.h"
#include "sysfs.h"
#include "util/buffer.h"

/* A write that has been done. */
struct change {
	const char *name;
	char *former;	/* NULL if it could not be read */
};

struct live {
	struct mdev_ctx *ctx;
	const char *uuid;
	const struct config *config;
	int dir;		/* the device's */
	struct change *changes;
	size_t n_changes;
};

static void live_clear(struct live *live)
{
	for (size_t i = 0; i < live->n_changes; i++)
		free(live->changes[i].former);
	free(live->changes);
	util_close(live->dir);
}

static int fail_write(const struct live *live, const struct attr *attr, int r)
{
	_cleanup_free_ char *why = NULL;

	log_about(live->ctx, .attr = attr->name);
	if (r == -ENOENT) {
		log_fail(live->ctx, r, "Invalid attribute '%s' of device %s", attr->name,
			 live->uuid);
	} else {
		why = explain_write(live->ctx, r, live->dir, attr->name);
		log_fail_kernel(live->ctx, r, "Failed to write %s to attribute %s of device %s: "
			 OS_ERROR "%s", attr->value, attr->name, live->uuid, OS_ERROR_ARGS(r),
			 why ? why : "");
	}
	return r;
}

/* Drivers end what they show with a newline, whether it was written or not. */
static bool is_same(const char *shown, const char *value)
{
	size_t length = strlen(value);

	while (length > 0 && value[length - 1] == '\n')
		length--;
	return strlen(shown) == length && memcmp(shown, value, length) == 0;
}

static int write_if_other(struct live *live, const struct attr *attr)
{
	_cleanup_free_ char *former = NULL;
	int r;

	r = sysfs_read(live->ctx, live->dir, attr->name, &former);
	if (r == -ENOMEM)
		return log_no_memory(live->ctx);
	if (r == 0 && is_same(former, attr->value))
		return 0;
	/* One that cannot be read is written, as nobody knows what it holds. */
	r = sysfs_write(live->ctx, live->dir, attr->name, attr->value);
	if (r < 0)
		return fail_write(live, attr, r);
	live->changes[live->n_changes++] = (struct change){
		.name = attr->name,
		.former = TAKE_PTR(former),
	};
	return 0;
}

/* Takes the writes back, the last one first; the failure stays the error. */
static void roll_back(const struct live *live)
{
	_cleanup_buffer_ struct buffer text = { 0 };
	_cleanup_free_ char *problems = NULL;

	for (size_t i = live->n_changes; i-- > 0;) {
		const struct change *change = &live->changes[i];
		int r = -ENODATA;

		if (change->former)
			r = sysfs_write(live->ctx, live->dir, change->name, change->former);
		if (r == 0)
			continue;
		buffer_add_format(&text, "; then: Failed to restore attribute %s: ", change->name);
		if (change->former)
			buffer_add_format(&text, OS_ERROR, OS_ERROR_ARGS(r));
		else
			buffer_add_string(&text, "its former value cannot be read");
	}
	if (text.length > 0 && buffer_take(&text, &problems) == 0)
		log_append(live->ctx, "%s", problems);
}

static int write_changes(struct mdev_ctx *ctx, void *data, unsigned int flags)
{
	struct live *live = data;
	int r;

	(void)flags;
	live->changes = calloc(live->config->n_attrs + 1, sizeof(*live->changes));
	if (!live->changes)
		return log_no_memory(ctx);
	r = device_open(ctx, live->uuid, &live->dir);
	if (r < 0)
		return log_fail_kernel(ctx, r, "Failed to open device %s: " OS_ERROR, live->uuid,
				OS_ERROR_ARGS(r));
	for (size_t i = 0; r == 0 && i < live->config->n_attrs; i++)
		r = write_if_other(live, &live->config->attrs[i]);
	if (r < 0)
		roll_back(live);
	return r;
}

static int check_same(struct mdev_ctx *ctx, const struct mdev_device *device,
		      const struct callout_subject *wanted)
{
	const char *what = NULL;

	if (strcmp(wanted->uuid, mdev_device_get_uuid(device)) != 0)
		what = "uuid";
	else if (strcmp(wanted->parent, mdev_device_get_parent(device)) != 0)
		what = "parent";
	else if (strcmp(wanted->type, mdev_device_get_type(device)) != 0)
		what = "type";
	if (what)
		return log_fail(ctx, -EINVAL, "'%s' cannot be changed on active mdev", what);
	return 0;
}

/* The snapshot may be old. */
static int check_still_there(struct mdev_ctx *ctx, const struct callout_subject *wanted)
{
	_cleanup_(device_unrefp) struct mdev_device *now = NULL;
	const char *what = NULL;
	int r;

	r = device_find(ctx, wanted->uuid, &now);
	if (r == -ENODEV)
		return log_fail(ctx, r, "Mediated device %s/%s is not active", wanted->parent,
				wanted->uuid);
	if (r < 0)
		return r;
	if (strcmp(wanted->parent, mdev_device_get_parent(now)) != 0)
		what = "under different parent";
	else if (strcmp(wanted->type, mdev_device_get_type(now)) != 0)
		what = "with different type";
	if (what)
		return log_fail(ctx, -ENODEV, "Device exists %s - cannot run live update", what);
	return 0;
}

MDEV_EXPORT int mdev_modify_live(const struct mdev_device *device,
				 const struct mdev_definition *definition, unsigned int flags)
{
	const struct callout_subject subject = operation_subject(definition);
	struct mdev_ctx *ctx = device_ctx(device);
	_cleanup_(live_clear) struct live live = {
		.ctx = ctx,
		.uuid = subject.uuid,
		.config = subject.config,
		.dir = -1,
	};
	int r;

	if (ANY_NULL(device, definition))
		return log_null(ctx);
	operation_about(ctx, &subject);
	if (definition_ctx(definition) != ctx)
		return log_fail(ctx, -EINVAL, "The definition of device %s is of another context",
				subject.uuid);
	r = operation_check_flags(ctx, flags, MDEV_OP_NO_CALLOUTS);
	if (r == 0)
		r = definition_check_complete(definition);
	if (r == 0)
		r = check_same(ctx, device, &subject);
	if (r == 0)
		r = check_still_there(ctx, &subject);
	if (r < 0)
		return r;
	return callout_live(ctx, &subject, flags, write_changes, &live);
}
