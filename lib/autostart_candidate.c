// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attempt.h"
#include "autostart.h"
#include "callout.h"
#include "definition.h"
#include "device.h"
#include "parent.h"
#include "type.h"

#define FIRST_PAUSE_MS 1000

/* How long a device with scripts is waited for in place at its first attempt. */
#define SHORTEST_WAIT_MS 250

void run_parent_close(struct run_parent *parent)
{
	handle_close(&parent->handle);
	if (parent->lock_users == 0)
		util_close(TAKE_FD(parent->lock));
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

int candidate_is_active(struct mdev_ctx *ctx, const struct candidate *candidate)
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

int candidate_end(struct candidate *candidate, int r)
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

bool candidate_has_failed(const struct candidate *candidate)
{
	return candidate->result < 0 && candidate->result != -EALREADY;
}

/* For mdev_status_list(). A start that succeeds takes the record away. */
static void candidate_record(const struct autostart *run, const struct candidate *candidate)
{
	const struct mdev_definition *definition = candidate->definition;
	_cleanup_free_ char *text = NULL;

	if (!candidate_has_failed(candidate))
		return;
	log_quietly(run->ctx);
	if (mdev_definition_get_json(definition, &text) == 0)
		attempt_record(run->ctx, mdev_definition_get_uuid(definition),
			       mdev_definition_get_parent(definition), text, candidate->result,
			       mdev_ctx_last_error(run->ctx));
}

static void candidate_put_off(struct autostart *run, struct candidate *candidate, int result)
{
	candidate->result = result;
	candidate->pause = candidate->pause ? 2 * candidate->pause : FIRST_PAUSE_MS;
	candidate->next = run->wait.used_ms + candidate->pause;
	log_info(run->ctx, "Trying again to start %s in %u seconds: %s",
		 mdev_definition_get_uuid(candidate->definition)->text, candidate->pause / 1000,
		 mdev_ctx_last_error(run->ctx));
	candidate_record(run, candidate);
}

/* The callback may make calls of its own, which replace the error. */
static int autostart_report(struct autostart *run, const struct candidate *candidate)
{
	_cleanup_free_ char *error = NULL;

	if (!run->fn)
		return 0;
	wait_end(&run->wait);
	error = strdup(candidate_has_failed(candidate) ? mdev_ctx_last_error(run->ctx) : "");
	if (!error)
		return log_no_memory(run->ctx);
	if (run->fn(run->data, candidate->definition, candidate->result, error) != 0)
		run->is_stopped = true;
	return 0;
}

int candidate_settle(struct autostart *run, struct candidate *candidate, int result)
{
	candidate->registration = candidate->parent->registration;
	candidate->is_settled = true;
	candidate->result = result;
	run->n_failed += candidate_has_failed(candidate);
	candidate_record(run, candidate);
	return autostart_report(run, candidate);
}

int candidate_try(struct autostart *run, struct candidate *candidate)
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
