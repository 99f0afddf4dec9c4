// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "autostart.h"
#include "definition.h"
#include "module.h"
#include "parent.h"
#include "util/array.h"

static void autostart_clear(struct autostart *run)
{
	for (size_t i = 0; i < run->n_candidates; i++)
		mdev_definition_unref(run->candidates[i].definition);
	for (size_t i = 0; i < run->n_parents; i++)
		run_parent_close(&run->parents[i]);
	free(run->candidates);
	free(run->parents);
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

	if (!candidate->is_settled || candidate_has_failed(candidate) || registration == 0 ||
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

		if (candidate_has_failed(candidate) ||
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
