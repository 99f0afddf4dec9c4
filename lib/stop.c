// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "callout.h"
#include "definition.h"
#include "device.h"
#include "explain.h"
#include "log.h"
#include "operation.h"

static int stop_device(struct mdev_ctx *ctx, void *data, unsigned int flags)
{
	const struct mdev_device *device = data;
	const char *uuid = mdev_device_get_uuid(device);
	_cleanup_handle_ struct handle handle = HANDLE_NONE;
	_cleanup_free_ char *why = NULL;
	int r;

	(void)flags;
	r = device_reopen(device, &handle);
	if (r < 0)
		return device_fail(device, r, "open");
	r = handle.backend->remove(&handle);
	if (r == -ENODEV)
		return device_fail(device, r, "stop");
	if (r < 0) {
		why = explain_remove(ctx, r, device);
		return log_fail_kernel(ctx, r, "Error removing device %s: " OS_ERROR "%s", uuid,
				OS_ERROR_ARGS(r), why ? why : "");
	}
	return 0;
}

/* The stored definition of just this device, NULL if there is none that can be read. */
static int find_definition(struct mdev_ctx *ctx, const struct callout_subject *subject,
			   struct mdev_definition **definition)
{
	int r;

	log_about(ctx, .level = MDEV_LOG_DEBUG);
	r = definition_find(ctx, subject->parent, subject->uuid, definition);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (strcmp(mdev_definition_get_type(*definition), subject->type) != 0)
		mdev_definition_unref(TAKE_PTR(*definition));
	return 0;
}

MDEV_EXPORT int mdev_stop(const struct mdev_device *device, unsigned int flags)
{
	_cleanup_(definition_unrefp) struct mdev_definition *definition = NULL;
	struct config unknown = { .start = MDEV_START_MANUAL };
	struct callout_subject subject;
	struct mdev_ctx *ctx;
	int r;

	if (!device)
		return -EINVAL;
	ctx = device_ctx(device);
	unknown.type = (char *)mdev_device_get_type(device);
	subject = (struct callout_subject){
		.uuid = mdev_device_get_uuid(device),
		.parent = mdev_device_get_parent(device),
		.type = mdev_device_get_type(device),
		.config = &unknown,
	};
	operation_about(ctx, &subject);
	r = operation_check_flags(ctx, flags, MDEV_OP_NO_CALLOUTS | MDEV_OP_FORCE);
	if (r == 0)
		r = find_definition(ctx, &subject, &definition);
	if (r < 0)
		return r;
	if (definition)
		subject.config = definition_config(definition);
	return callout_around(ctx, &subject, CALLOUT_STOP, flags, stop_device, (void *)device);
}
