// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "callout.h"
#include "definition.h"
#include "device.h"
#include "explain.h"
#include "removal.h"

/*
 * How long to wait until a device is released, if the application does not say. Other programs give
 * drivers of vGPUs 10 s.
 */
#define STOP_MS 15000

static bool stop_is_unused(const struct operation *stop)
{
	_cleanup_free_ char *users = explain_users(stop->device, NULL);

	return !users;
}

/* A removal that is begun late gets this much time all the same, so that its result is seen. */
#define STOP_LAST_MS 1000

/* One budget for all that is waited for. */
static int stop_try(struct removal *removal, struct wait *wait)
{
	unsigned int limit = wait_limit(wait);
	unsigned int late = limit > STOP_LAST_MS ? limit - STOP_LAST_MS : 0;
	int r;

	removal->wait.used_ms = wait->used_ms < late ? wait->used_ms : late;
	r = removal_run(removal);
	if (removal->wait.used_ms > wait->used_ms)
		wait->used_ms = removal->wait.used_ms;
	return r;
}

/* A driver may need a moment after the last user has gone; one that is there is not waited for. */
static int stop_remove(struct operation *stop, struct removal *removal)
{
	const struct backend *backend = stop->handle.backend;
	struct wait wait = { .ctx = stop->ctx, .usual_ms = STOP_MS };
	int r = 0, refused;

	if (backend->waits_for_users && !stop_is_unused(stop))
		return -EBUSY;
	wait_begin(&wait, "device %s, to be released", stop->uuid->text);
	do {
		refused = r;
		r = stop_try(removal, &wait);
	} while (r < 0 && backend->may_settle && backend->may_settle(r) && stop_is_unused(stop) &&
		 wait_a_little(&wait));
	wait_end(&wait);
	/* What the driver refused to do has happened by itself meanwhile. */
	return refused < 0 && r == -ENODEV ? 0 : r;
}

static int stop_opened_device(struct operation *stop)
{
	_cleanup_removal_ struct removal removal =
		removal_of(&stop->handle, stop->uuid, stop->device, 0);
	_cleanup_free_ char *why = NULL;
	int r;

	removal.wait.usual_ms = STOP_MS;
	r = stop_remove(stop, &removal);
	if (r == -ENODEV)
		return device_fail(stop->device, r, "stop");
	if (r == 0) {
		journal_forget(stop->ctx, stop->uuid);
		return 0;
	}
	why = removal_explain(&removal, r);
	log_about(stop->ctx, .reason = removal.reason);
	return log_fail_kernel(stop->ctx, r, "%s", why ? why : strerror(-r));
}

static int stop_device(struct operation *stop)
{
	int r;

	/* The snapshot may be old: another device of this UUID is not the one that is meant. */
	r = device_reopen(stop->device, &stop->handle);
	return r < 0 ? device_fail(stop->device, r, "stop") : stop_opened_device(stop);
}

/* The stored definition of this device; NULL if there is none or it cannot be read. */
static int stop_find_definition(const struct operation *stop, struct mdev_definition **definition)
{
	int r;

	log_about(stop->ctx, .level = MDEV_LOG_DEBUG);
	r = definition_find(stop->ctx, stop->parent, stop->uuid, definition);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (strcmp(mdev_definition_get_type(*definition), stop->type) != 0)
		mdev_definition_unref(TAKE_PTR(*definition));
	return 0;
}

MDEV_EXPORT int mdev_stop(const struct mdev_device *device, unsigned int flags)
{
	_cleanup_(definition_unrefp) struct mdev_definition *definition = NULL;
	_cleanup_operation_ struct operation stop =
		operation_of_device(OPERATION_STOP, device, flags);
	const struct config undefined = {
		.start = MDEV_START_MANUAL,
		.type = (char *)stop.type,
	};
	int r;

	if (!device)
		return -EINVAL;
	operation_call(&stop);
	r = operation_check_flags(&stop, MDEV_OP_NO_CALLOUTS | MDEV_OP_FORCE);
	if (r == 0)
		r = stop_find_definition(&stop, &definition);
	if (r < 0)
		return r;
	stop.config = definition ? definition_config(definition) : &undefined;
	return callout_run(&stop, stop_device);
}
