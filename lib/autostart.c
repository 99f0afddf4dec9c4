// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attempt.h"
#include "callout.h"
#include "definition.h"
#include "device.h"
#include "lock.h"
#include "module.h"
#include "parent.h"
#include "start.h"
#include "type.h"
#include "util/array.h"

#define FIRST_PAUSE_MS 1000

/* How long a device with scripts is waited for in place at its first attempt. */
#define SHORTEST_WAIT_MS 250

/* A definition that is to be started. */
struct candidate {
	struct mdev_definition *definition;
	struct operation start;	/* under way while is_begun */
	struct wait wait;	/* of this attempt */
	unsigned int pause;	/* between the last attempt and the next; 0 before the first */
	unsigned int next;	/* no attempt before so much was waited */
	int result;		/* of the last attempt */
	bool is_begun, is_settled;
	bool has_lock;		/* its parent's */
	bool is_absent;		/* no device of its UUID was active when that was looked for */
	uint64_t registration;	/* of its parent, when the result was settled */
	struct run_parent *parent;
};

/* Shared by the candidates of one parent. */
struct run_parent {
	const char *name;
	uint64_t registration;	/* as it was when all were looked at last; 0 without */
	/* Both are opened for the first of its candidates and closed after the last one. */
	struct handle handle;
	int lock;
	unsigned int lock_users; /* candidates that are begun */
};

struct autostart {
	struct mdev_ctx *ctx;
	unsigned int flags;
	mdev_autostart_fn *fn;
	void *data;
	struct candidate *candidates;
	size_t n_candidates;
	struct run_parent *parents;
	size_t n_parents;
	struct wait wait;	/* for all together, as all become late together */
	bool is_last;		/* there is no time left to wait */
	bool is_stopped;	/* by the callback */
	size_t n_failed;
};

static void run_parent_close(struct run_parent *parent)
{
	handle_close(&parent->handle);
	if (parent->lock_users == 0)
		util_close(TAKE_FD(parent->lock));
}

static void autostart_clear(struct autostart *run)
{
	for (size_t i = 0; i < run->n_candidates; i++)
		mdev_definition_unref(run->candidates[i].definition);
	for (size_t i = 0; i < run->n_parents; i++)
		run_parent_close(&run->parents[i]);
	free(run->candidates);
	free(run->parents);
}

static int run_parent_lock(struct autostart *run, struct run_parent *parent)
{
	_cleanup_free_ char *name = NULL;

	if (parent->lock >= 0)
		return lock_try_again(parent->lock);
	log_about(run->ctx, .level = MDEV_LOG_INFO);
	if (asprintf(&name, "%s.lock", parent->name) < 0) {
		name = NULL;
		return log_no_memory(run->ctx);
	}
	return lock_try(run->ctx, name, &parent->lock);
}

/*
 * Keeps other runs for the parent away while one looks whether a device is active, and until
 * it is whole or taken back. Where this cannot be, starting is only less quiet: the kernel lets
 * one of two win.
 *
 * Return: 0, -EWOULDBLOCK, unreported, if another run has the lock, -ENOMEM reported.
 */
static int candidate_lock(struct autostart *run, struct candidate *candidate)
{
	struct run_parent *parent = candidate->parent;
	int r;

	if (parent->lock_users == 0) {
		r = run_parent_lock(run, parent);
		if (r == -EWOULDBLOCK || r == -ENOMEM)
			return r;
	}
	parent->lock_users++;
	candidate->has_lock = true;
	return 0;
}

/* Between two devices another run may have it. */
static void candidate_unlock(struct candidate *candidate)
{
	struct run_parent *parent = candidate->parent;

	if (candidate->has_lock && --parent->lock_users == 0 && parent->lock >= 0)
		lock_release(parent->lock);
	candidate->has_lock = false;
}

/* Return: 1 with the @device if it is active as it is defined, 0 if not, -errno reported. */
static int candidate_find(struct mdev_ctx *ctx, const struct candidate *candidate,
			  struct mdev_device **device)
{
	const struct mdev_definition *wanted = candidate->definition;
	int r;

	r = device_find(ctx, mdev_definition_get_uuid(wanted), device);
	if (r < 0)
		return r == -ENODEV ? 0 : r;
	return strcmp(mdev_device_get_parent(*device), mdev_definition_get_parent(wanted)) == 0 &&
	       strcmp(mdev_device_get_type(*device), mdev_definition_get_type(wanted)) == 0;
}

/* Return: 1 if it is active as it is defined, 0 if not, -errno reported. */
static int candidate_is_active(struct mdev_ctx *ctx, const struct candidate *candidate)
{
	_cleanup_(device_unrefp) struct mdev_device *device = NULL;

	return candidate_find(ctx, candidate, &device);
}

/*
 * What a run that was killed has left of a device is taken away. Return: 1 if it is active as it
 * is defined, 0 if not, -EWOULDBLOCK, unreported, if it is being started, other -errno reported.
 */
static int candidate_clear(struct autostart *run, struct candidate *candidate)
{
	_cleanup_(device_unrefp) struct mdev_device *device = NULL;
	int r;

	r = candidate_find(run->ctx, candidate, &device);
	candidate->is_absent = r == 0 && !device;
	if (r <= 0)
		return r;
	r = start_clear_left(device);
	return r < 0 ? r : !r;
}

/* Ends an attempt that is under way. */
static int candidate_end(struct candidate *candidate, int r)
{
	r = start_end(&candidate->start, r);
	operation_close(&candidate->start);
	candidate->is_begun = false;
	candidate_unlock(candidate);
	return r;
}

/*
 * Begins an attempt. One that has to wait for an attribute is left for later, so that it keeps
 * no other waiting, unless a script ran "pre": it may hold a lock until "post". Such a device is
 * waited for in place, longer at each attempt.
 *
 * Return: 0, 1 if it is left for later, -errno reported.
 */
static int candidate_begin(struct autostart *run, struct candidate *candidate)
{
	struct operation *start = &candidate->start;
	int r;

	*start = operation_of_definition(OPERATION_START, candidate->definition, run->flags);
	candidate->wait = (struct wait){ .ctx = run->ctx, .never = true };
	start->wait = &candidate->wait;
	start->on = &candidate->parent->handle;
	start->is_checked = candidate->is_absent && !run->is_last;
	candidate->is_begun = true;
	r = start_begin(start);
	if (r <= 0 || !callout_is_between(start))
		return r <= 0 ? candidate_end(candidate, r) : r;
	wait_begin(&run->wait, "the attributes of device %s", start->uuid->text);
	for (unsigned int end = run->wait.used_ms + (candidate->pause ?: SHORTEST_WAIT_MS);
	     r > 0 && run->wait.used_ms < end && wait_a_little(&run->wait);)
		r = start_go_on(start);
	wait_end(&run->wait);
	return candidate_end(candidate, r);
}

static bool run_parent_open(struct autostart *run, struct run_parent *parent)
{
	return parent->handle.dir >= 0 || parent_open(run->ctx, parent->name, &parent->handle) == 0;
}

/* Drivers register parents, types and instances in their own time. */
static bool candidate_is_due(struct autostart *run, const struct candidate *candidate)
{
	struct run_parent *parent = candidate->parent;

	return run->is_last ||
	       (run->wait.used_ms >= candidate->next && run_parent_open(run, parent) &&
		type_is_available(&parent->handle, parent->name,
				  mdev_definition_get_type(candidate->definition)));
}

/* Begins to start a device that is not active, with the lock held. Return: as candidate_start(). */
static int candidate_start_locked(struct autostart *run, struct candidate *candidate)
{
	int r = candidate_clear(run, candidate);

	if (r == -EWOULDBLOCK && !run->is_last)
		return 1;
	if (r != 0)
		return r < 0 && r != -EWOULDBLOCK ? r : -EALREADY;
	if (!candidate_is_due(run, candidate))
		return 1;
	r = candidate_begin(run, candidate);
	/* Another program, which does not take the lock, was faster. */
	if (r == -EEXIST && candidate_is_active(run->ctx, candidate) == 1)
		return -EALREADY;
	return r;
}

/* Return: 0 if it was started, 1 if it is left for later, -EALREADY if it was active as defined. */
static int candidate_start(struct autostart *run, struct candidate *candidate)
{
	int r;

	r = candidate_lock(run, candidate);
	if (r == -EWOULDBLOCK && !run->is_last)
		return 1;
	if (r == -EWOULDBLOCK)
		return log_fail(run->ctx, -EBUSY, "Another process is starting devices on %s",
				candidate->parent->name);
	if (r < 0)
		return r;
	r = candidate_start_locked(run, candidate);
	if (!candidate->is_begun)
		candidate_unlock(candidate);
	return r;
}

/* Errors of a driver, or of a service that it needs, that is not ready. */
static bool may_pass(const struct mdev_ctx *ctx, int r)
{
	switch (r) {
	case -EADDRINUSE:
	case -EADDRNOTAVAIL:
	case -EAGAIN:
	case -EBUSY:
	case -EIO:
	case -ENODEV:
	case -ENOSPC:
	case -EUSERS:
		return true;
	case -ENOENT:
		/* An attribute whose file is late. */
		return mdev_ctx_last_error_attr(ctx);
	default:
		return false;
	}
}

static bool is_failure(int result)
{
	return result < 0 && result != -EALREADY;
}

/* For mdev_status_list(). A start that succeeds takes the record away. */
static void candidate_record(const struct autostart *run, const struct candidate *candidate,
			     int result)
{
	const struct mdev_definition *definition = candidate->definition;
	_cleanup_free_ char *text = NULL;

	if (!is_failure(result))
		return;
	log_quietly(run->ctx);
	if (mdev_definition_get_json(definition, &text) == 0)
		attempt_record(run->ctx, mdev_definition_get_uuid(definition),
			       mdev_definition_get_parent(definition), text, result,
			       mdev_ctx_last_error(run->ctx));
}

static void candidate_put_off(struct autostart *run, struct candidate *candidate, int result)
{
	candidate->pause = candidate->pause ? 2 * candidate->pause : FIRST_PAUSE_MS;
	candidate->next = run->wait.used_ms + candidate->pause;
	log_info(run->ctx, "Trying again to start %s in %u seconds: %s",
		 mdev_definition_get_uuid(candidate->definition)->text, candidate->pause / 1000,
		 mdev_ctx_last_error(run->ctx));
	candidate_record(run, candidate, result);
}

/* The callback may make calls of its own, which replace the error. */
static int autostart_report(struct autostart *run, const struct candidate *candidate)
{
	_cleanup_free_ char *error = NULL;

	if (!run->fn)
		return 0;
	wait_end(&run->wait);
	error = strdup(is_failure(candidate->result) ? mdev_ctx_last_error(run->ctx) : "");
	if (!error)
		return log_no_memory(run->ctx);
	if (run->fn(run->data, candidate->definition, candidate->result, error) != 0)
		run->is_stopped = true;
	return 0;
}

static int candidate_settle(struct autostart *run, struct candidate *candidate, int result)
{
	candidate->registration = candidate->parent->registration;
	candidate->is_settled = true;
	candidate->result = result;
	run->n_failed += is_failure(result);
	candidate_record(run, candidate, result);
	return autostart_report(run, candidate);
}

static int candidate_try(struct autostart *run, struct candidate *candidate)
{
	int r;

	if (candidate->is_begun) {
		r = start_go_on(&candidate->start);
		if (r <= 0 || run->is_last)
			r = candidate_end(candidate, r);
	} else {
		r = candidate_start(run, candidate);
	}
	if (r > 0)
		return 0;
	if (may_pass(run->ctx, r) && !run->is_last) {
		candidate_put_off(run, candidate, r);
		return 0;
	}
	return candidate_settle(run, candidate, r) ?: r == -ENOMEM ? r : 0;
}

static bool autostart_is_to_end(const struct autostart *run)
{
	return run->is_stopped || wait_is_interrupted(run->ctx);
}

/* The candidates are in the order of parents. */
static bool candidate_is_last_of_parent(const struct autostart *run, size_t i)
{
	return i + 1 == run->n_candidates ||
	       run->candidates[i + 1].parent != run->candidates[i].parent;
}

/* One that has to wait or fails keeps none of the others waiting. */
static int autostart_try_all(struct autostart *run, size_t *n_unsettled)
{
	*n_unsettled = 0;
	for (size_t i = 0; i < run->n_candidates && !autostart_is_to_end(run); i++) {
		struct candidate *candidate = &run->candidates[i];
		int r = candidate->is_settled ? 0 : candidate_try(run, candidate);

		if (r < 0)
			return r;
		*n_unsettled += !candidate->is_settled;
		/* There may be more parents than files that can be open. */
		if (candidate_is_last_of_parent(run, i))
			run_parent_close(candidate->parent);
	}
	return 0;
}

/*
 * If a parent has registered again, its devices have gone with its first registration; its event
 * finds this run still active. So the devices are started again here.
 */
static void candidate_check_parent(struct autostart *run, struct candidate *candidate)
{
	uint64_t registration = candidate->parent->registration;

	if (!candidate->is_settled || is_failure(candidate->result) || registration == 0 ||
	    registration == candidate->registration)
		return;
	log_info(run->ctx, "Parent %s has registered again: checking device %s again",
		 candidate->parent->name, mdev_definition_get_uuid(candidate->definition)->text);
	candidate->is_settled = false;
}

static void autostart_check_parents(struct autostart *run)
{
	for (size_t i = 0; i < run->n_parents; i++)
		run->parents[i].registration =
			parent_get_registration(run->ctx, run->parents[i].name);
	for (size_t i = 0; i < run->n_candidates; i++)
		candidate_check_parent(run, &run->candidates[i]);
}

/*
 * Devices that have been stopped since are failures, but are not started again. Return: 0, -ENOMEM.
 */
static int autostart_check_active(struct autostart *run)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < run->n_candidates && !run->is_stopped; i++) {
		struct candidate *candidate = &run->candidates[i];

		if (is_failure(candidate->result) ||
		    candidate_is_active(run->ctx, candidate) != 0)
			continue;
		r = candidate_settle(run, candidate,
				     log_fail(run->ctx, -ENODEV,
					      "Device %s is no longer active",
					      mdev_definition_get_uuid(candidate->definition)->text));
	}
	return r;
}

/* The first of the devices that are waited for. */
static void autostart_name_wait(struct autostart *run)
{
	const struct candidate *candidate = run->candidates;
	const char *uuid, *parent, *type;

	while (candidate->is_settled)
		candidate++;
	uuid = mdev_definition_get_uuid(candidate->definition)->text;
	parent = mdev_definition_get_parent(candidate->definition);
	type = mdev_definition_get_type(candidate->definition);
	if (candidate->is_begun)
		wait_name(&run->wait, "the attributes of device %s", uuid);
	else if (!parent_exists(run->ctx, parent))
		wait_name(&run->wait, "parent %s of device %s", parent, uuid);
	else
		wait_name(&run->wait, "an instance of %s on %s for device %s", type, parent, uuid);
}

static int autostart_run(struct autostart *run)
{
	size_t n_unsettled;
	int r;

	for (;;) {
		autostart_check_parents(run);
		r = autostart_try_all(run, &n_unsettled);
		if (r < 0 || autostart_is_to_end(run))
			return r;
		if (n_unsettled == 0) {
			autostart_check_parents(run);
			r = autostart_try_all(run, &n_unsettled);
		}
		if (r < 0 || autostart_is_to_end(run))
			return r;
		if (n_unsettled == 0)
			return autostart_check_active(run);
		autostart_name_wait(run);
		run->is_last = !wait_a_little(&run->wait);
	}
}

/* A start that is unfinished when the run ends early is undone. */
static int autostart_abandon(struct autostart *run, int r)
{
	if (r == 0)
		r = log_fail(run->ctx, -EINTR, "Interrupted before all devices were started");
	for (size_t i = 0; i < run->n_candidates; i++)
		if (run->candidates[i].is_begun)
			candidate_end(&run->candidates[i], r);
	return r;
}

static int autostart_add(struct autostart *run, struct mdev_definition *definition)
{
	/* It cannot be read, and may be one to start: nobody knows. */
	if (!mdev_definition_get_type(definition))
		run->n_failed++;
	if (mdev_definition_get_start(definition) != MDEV_START_AUTO)
		return 0;
	if (array_reserve(&run->candidates, run->n_candidates, sizeof(*run->candidates)) < 0)
		return log_no_memory(run->ctx);
	run->candidates[run->n_candidates++] = (struct candidate){
		.definition = mdev_definition_ref(definition),
	};
	return 0;
}

/* Once for a parent; the candidates are in the order of parents. */
static int autostart_load_modules(struct autostart *run)
{
	const char *last = "";
	int r = 0;

	for (size_t i = 0; r >= 0 && i < run->n_candidates; i++) {
		const char *parent = mdev_definition_get_parent(run->candidates[i].definition);
		_cleanup_free_ char *note = NULL;

		/* The reason is reported when the start fails. */
		if (strcmp(parent, last) != 0 && !parent_exists(run->ctx, parent))
			r = module_load_for_parent(run->ctx, parent, &note);
		last = parent;
	}
	return r < 0 ? r : 0;
}

/*
 * If all parents are meant, a missing one is not a failure, and the run does not wait for it: its
 * own event starts its devices.
 */
static void autostart_leave_absent(struct autostart *run)
{
	for (size_t i = 0; i < run->n_candidates && !run->is_stopped; i++) {
		struct candidate *candidate = &run->candidates[i];

		if (parent_exists(run->ctx, mdev_definition_get_parent(candidate->definition)))
			continue;
		candidate->is_settled = true;
		candidate->result = -ENODEV;
		if (run->fn && run->fn(run->data, candidate->definition, -ENODEV, "") != 0)
			run->is_stopped = true;
	}
}

static int autostart_find_parents(struct autostart *run)
{
	struct run_parent *parent = NULL;

	run->parents = calloc(run->n_candidates + 1, sizeof(*run->parents));
	if (!run->parents)
		return log_no_memory(run->ctx);
	for (size_t i = 0; i < run->n_candidates; i++) {
		const char *name = mdev_definition_get_parent(run->candidates[i].definition);

		if (!parent || strcmp(parent->name, name) != 0) {
			parent = &run->parents[run->n_parents++];
			*parent = (struct run_parent){
				.name = name,
				.handle = HANDLE_NONE,
				.lock = -1,
			};
		}
		run->candidates[i].parent = parent;
	}
	return 0;
}

/* Reads the definitions to start, and loads modules for them. */
static int autostart_prepare(struct autostart *run, const char *parent)
{
	_cleanup_(definition_list_freep) struct mdev_definition **all = NULL;
	size_t n_lost;
	int r;

	r = definition_list_all(run->ctx, NULL, parent, MDEV_LOG_WARNING, &all, &n_lost);
	/* As with a definition that cannot be read, nobody knows what is to be started. */
	run->n_failed += n_lost;
	for (size_t i = 0; r == 0 && all[i]; i++)
		r = autostart_add(run, all[i]);
	if (r == 0)
		r = autostart_find_parents(run);
	if (r == 0 && !(run->flags & MDEV_OP_NO_MODULE))
		r = autostart_load_modules(run);
	if (r == 0 && !parent)
		autostart_leave_absent(run);
	return r;
}

MDEV_EXPORT int mdev_autostart(struct mdev_ctx *ctx, const char *parent, unsigned int flags,
			       mdev_autostart_fn *fn, void *data)
{
	_cleanup_operation_ struct operation all = { .ctx = ctx, .flags = flags,
						     .handle = HANDLE_NONE };
	_cleanup_(autostart_clear) struct autostart run = {
		.ctx = ctx, .flags = flags, .fn = fn, .data = data,
		.wait = { .ctx = ctx, .never = flags & MDEV_OP_NO_WAIT },
	};
	int r;

	if (!ctx)
		return -EINVAL;
	log_call(ctx, .parent = parent);
	r = operation_check_flags(&all, MDEV_OP_NO_MODULE | MDEV_OP_NO_CALLOUTS |
				  MDEV_OP_NO_WAIT);
	if (r == 0)
		r = operation_hold(&all);
	if (r == 0)
		r = autostart_prepare(&run, parent);
	run.is_last = run.wait.never;
	if (r == 0)
		r = autostart_run(&run);
	if (r < 0 || autostart_is_to_end(&run))
		return autostart_abandon(&run, r);
	if (run.n_failed == 0)
		return 0;
	return log_fail(ctx, -ECANCELED, "%zu of the devices%s%s could not be started",
			run.n_failed, parent ? " of parent " : "", parent ? parent : "");
}
