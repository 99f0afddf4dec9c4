// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "definition.h"
#include "device.h"
#include "lock.h"
#include "log.h"
#include "module.h"
#include "operation.h"
#include "parent.h"
#include "sysfs.h"
#include "type.h"
#include "util/array.h"

#define FIRST_PAUSE_MS 1000

/* A definition that is to be started. */
struct candidate {
	struct mdev_definition *definition;
	unsigned int pause;	/* between the last attempt and the next; 0 before the first */
	unsigned int next;	/* no attempt before so much was waited */
	bool settled;
};

struct autostart {
	struct mdev_ctx *ctx;
	unsigned int flags;
	mdev_autostart_fn *fn;
	void *data;
	struct candidate *candidates;
	size_t n_candidates;
	unsigned int waited;	/* for all together, as all become late together */
	bool last;		/* there is no time left to wait */
	size_t n_failed;
};

static void autostart_clear(struct autostart *run)
{
	for (size_t i = 0; i < run->n_candidates; i++)
		mdev_definition_unref(run->candidates[i].definition);
	free(run->candidates);
}

/*
 * Keeps other runs for the parent away until the lock is closed. Where this cannot
 * be, starting is only less quiet: the kernel lets one of two win.
 */
static int lock_parent(struct mdev_ctx *ctx, const char *parent, int *lock)
{
	_cleanup_free_ char *name = NULL;

	log_about(ctx, .level = MDEV_LOG_INFO);
	if (asprintf(&name, "%s.lock", parent) < 0) {
		name = NULL;
		return log_no_memory(ctx);
	}
	return lock_take(ctx, name, lock) == -ENOMEM ? -ENOMEM : 0;
}

/* Return: 1 if it is active as it is defined, 0 if not. */
static int is_active(struct mdev_ctx *ctx, const struct mdev_definition *wanted)
{
	_cleanup_(device_unrefp) struct mdev_device *device = NULL;
	int r;

	r = device_find(ctx, mdev_definition_get_uuid(wanted), &device);
	if (r < 0)
		return r == -ENODEV ? 0 : r;
	return strcmp(mdev_device_get_parent(device), mdev_definition_get_parent(wanted)) == 0 &&
	       strcmp(mdev_device_get_type(device), mdev_definition_get_type(wanted)) == 0;
}

/* Return: 0 if it was started, -EALREADY if it was active as defined. */
static int start(struct autostart *run, const struct mdev_definition *definition)
{
	_cleanup_close_ int lock = -1;
	int r;

	r = lock_parent(run->ctx, mdev_definition_get_parent(definition), &lock);
	if (r == 0)
		r = is_active(run->ctx, definition);
	if (r != 0)
		return r < 0 ? r : -EALREADY;
	r = mdev_start(definition, run->flags);
	/* Somebody who does not take the lock was faster. */
	if (r == -EEXIST && is_active(run->ctx, definition) == 1)
		return -EALREADY;
	return r;
}

/* Drivers register parents, types and instances in their own time. */
static bool is_due(struct autostart *run, const struct candidate *candidate)
{
	return run->last || (run->waited >= candidate->next &&
			     type_is_available(run->ctx,
					       mdev_definition_get_parent(candidate->definition),
					       mdev_definition_get_type(candidate->definition)));
}

/* What a driver, or a service that it needs, says while it is not ready. */
static bool may_pass(int r)
{
	switch (r) {
	case -EAGAIN:
	case -EBUSY:
	case -EIO:
	case -ENODEV:
	case -ENOSPC:
	case -EUSERS:
		return true;
	default:
		return false;
	}
}

static void put_off(struct autostart *run, struct candidate *candidate)
{
	candidate->pause = candidate->pause ? 2 * candidate->pause : FIRST_PAUSE_MS;
	candidate->next = run->waited + candidate->pause;
	log_info(run->ctx, "Trying again to start %s in %u seconds: %s",
		 mdev_definition_get_uuid(candidate->definition), candidate->pause / 1000,
		 mdev_ctx_last_error(run->ctx));
}

static void settle(struct autostart *run, struct candidate *candidate, int result)
{
	bool failed = result < 0 && result != -EALREADY;

	candidate->settled = true;
	if (failed)
		run->n_failed++;
	if (run->fn)
		run->fn(run->data, candidate->definition, result,
			failed ? mdev_ctx_last_error(run->ctx) : "");
}

static int try_candidate(struct autostart *run, struct candidate *candidate)
{
	int r;

	r = is_active(run->ctx, candidate->definition);
	if (r == 0 && !is_due(run, candidate))
		return 0;
	if (r == 0)
		r = start(run, candidate->definition);
	else if (r > 0)
		r = -EALREADY;
	if (may_pass(r) && !run->last)
		put_off(run, candidate);
	else
		settle(run, candidate, r);
	return r == -ENOMEM ? r : 0;
}

/* One that has to wait or fails keeps none of the others waiting. */
static int try_all(struct autostart *run, size_t *n_unsettled)
{
	int r = 0;

	*n_unsettled = 0;
	for (size_t i = 0; r == 0 && i < run->n_candidates; i++) {
		struct candidate *candidate = &run->candidates[i];

		if (!candidate->settled)
			r = try_candidate(run, candidate);
		*n_unsettled += !candidate->settled;
	}
	return r;
}

static int add_candidate(struct autostart *run, const struct mdev_definition *place)
{
	_cleanup_(definition_unrefp) struct mdev_definition *definition = NULL;
	int r;

	log_about(run->ctx, .level = MDEV_LOG_WARNING);
	r = definition_find(run->ctx, mdev_definition_get_parent(place),
			    mdev_definition_get_uuid(place), &definition);
	if (r == -ENOMEM || r == -ENOENT)
		return r == -ENOENT ? 0 : r;
	/* It may be one to start: nobody knows. */
	if (r < 0)
		run->n_failed++;
	if (r < 0 || mdev_definition_get_start(definition) != MDEV_START_AUTO)
		return 0;
	if (array_reserve(&run->candidates, run->n_candidates, sizeof(*run->candidates)) < 0)
		return log_no_memory(run->ctx);
	run->candidates[run->n_candidates++] = (struct candidate){
		.definition = TAKE_PTR(definition),
	};
	return 0;
}

/* Once for a parent; the candidates are in the order of parents. */
static int load_modules(struct autostart *run)
{
	const char *last = "";
	int r = 0;

	for (size_t i = 0; r >= 0 && i < run->n_candidates; i++) {
		const char *parent = mdev_definition_get_parent(run->candidates[i].definition);
		_cleanup_free_ char *note = NULL;

		/* What is in the way is told when the start fails. */
		if (strcmp(parent, last) != 0 && !parent_exists(run->ctx, parent))
			r = module_load_for_parent(run->ctx, parent, &note);
		last = parent;
	}
	return r < 0 ? r : 0;
}

/*
 * Where all parents are meant, one that is not there fails nothing and is not waited for:
 * its own event starts what is defined for it.
 */
static void leave_absent(struct autostart *run)
{
	for (size_t i = 0; i < run->n_candidates; i++) {
		const char *parent = mdev_definition_get_parent(run->candidates[i].definition);

		if (parent_exists(run->ctx, parent))
			continue;
		run->candidates[i].settled = true;
		if (run->fn)
			run->fn(run->data, run->candidates[i].definition, -ENODEV, "");
	}
}

static int start_candidates(struct autostart *run)
{
	size_t n_unsettled;
	int r;

	while ((r = try_all(run, &n_unsettled)) == 0 && n_unsettled > 0)
		run->last = !sysfs_wait(run->ctx, &run->waited);
	return r;
}

MDEV_EXPORT int mdev_autostart(struct mdev_ctx *ctx, const char *parent, unsigned int flags,
			       mdev_autostart_fn *fn, void *data)
{
	_cleanup_(definition_list_freep) struct mdev_definition **places = NULL;
	_cleanup_(autostart_clear) struct autostart run = {
		.ctx = ctx, .flags = flags, .fn = fn, .data = data,
		.last = flags & MDEV_OP_NO_WAIT,
	};
	int r;

	if (!ctx)
		return -EINVAL;
	log_call(ctx, .parent = parent);
	r = operation_check_flags(ctx, flags, MDEV_OP_NO_MODULE | MDEV_OP_NO_CALLOUTS |
				  MDEV_OP_NO_WAIT);
	if (r == 0)
		r = mdev_definition_list_places(ctx, NULL, parent, &places);
	for (size_t i = 0; r == 0 && places[i]; i++)
		r = add_candidate(&run, places[i]);
	if (r == 0 && !(flags & MDEV_OP_NO_MODULE))
		r = load_modules(&run);
	if (r < 0)
		return r;
	if (!parent)
		leave_absent(&run);
	r = start_candidates(&run);
	if (r < 0)
		return r;
	if (run.n_failed == 0)
		return 0;
	return log_fail(ctx, -ECANCELED, "%zu of the devices%s%s could not be started",
			run.n_failed, parent ? " of parent " : "", parent ? parent : "");
}
