// SPDX-License-Identifier: LGPL-2.1-or-later
/* Several devices of one kind in one call: all of them, or none. */
#include <errno.h>
#include <string.h>

#include "definition.h"
#include "definitions.h"
#include "device.h"
#include "operation.h"
#include "place.h"
#include "start.h"
#include "util/buffer.h"

struct instances;

/* What is done with each of them. */
struct instances_kind {
	const char *done, *undone;	/* for messages */
	unsigned int flags;		/* that it takes */
	int (*make)(const struct instances *run, const struct mdev_definition *definition,
		    unsigned int flags);
	int (*undo)(const struct instances *run, const struct mdev_definition *definition);
	/* Takes from the instances that are left those that are spoken for. */
	int (*reserve)(const struct instances *run, struct places *places);
};

struct instances {
	struct mdev_ctx *ctx;
	const struct instances_kind *kind;
	const struct mdev_definition *model;
	size_t wanted;
	unsigned int flags;
	mdev_instance_fn *fn;
	void *data;
	struct definitions made;
};

static void instances_clear(struct instances *run)
{
	definitions_clear(&run->made);
}

/* Making one ------------------------------------------------------------------- */

/* The first has the UUID of the model, the others have new ones. */
static int instances_describe(const struct instances *run, const struct place *place,
			      struct mdev_definition **definition)
{
	const struct mdev_uuid *uuid =
		run->made.count == 0 ? mdev_definition_get_uuid(run->model) : NULL;
	_cleanup_(definition_unrefp) struct mdev_definition *new = NULL;
	_cleanup_(cfg_clear) struct config config = { 0 };
	int r;

	if (cfg_copy(definition_config(run->model), &config) < 0)
		return log_no_memory(run->ctx);
	r = definition_make(run->ctx, place->parent, uuid, &config, &new);
	if (r == 0)
		r = mdev_definition_set_type(new, place->type);
	if (r == 0)
		*definition = TAKE_PTR(new);
	return r;
}

/* Return: 0, -ENOMEM reported, other -errno of the operation. */
static int instances_make_at(struct instances *run, const struct place *place)
{
	_cleanup_(definition_unrefp) struct mdev_definition *definition = NULL;
	int r;

	r = instances_describe(run, place, &definition);
	if (r == 0)
		r = run->kind->make(run, definition, run->flags & run->kind->flags);
	if (r == 0 && definitions_add(&run->made, mdev_definition_ref(definition)) < 0) {
		run->kind->undo(run, definition);
		return log_no_memory(run->ctx);
	}
	return r;
}

/* Another process was faster, or the driver has less room than it says: elsewhere may be some. */
static bool instances_may_go_on(int r)
{
	return r == -EUSERS || r == -ENODEV || r == -ENOSPC || r == -EBUSY;
}

static int instances_make_one(struct instances *run)
{
	const char *parent = mdev_definition_get_parent(run->model);
	const char *type = mdev_definition_get_type(run->model);
	_cleanup_(places_clear) struct places places = { 0 };
	bool tried = false;
	int r;

	r = places_find(run->ctx, parent, type, run->flags & MDEV_OP_ANY, &places);
	if (r == 0 && !places.is_literal)
		r = run->kind->reserve(run, &places);
	if (r < 0)
		return r;
	for (size_t i = 0; i < places.count; i++) {
		if (places.items[i].left == 0)
			continue;
		tried = true;
		r = instances_make_at(run, &places.items[i]);
		if (r == 0 || !instances_may_go_on(r))
			return r;
	}
	return tried ? r : places_fail_full(run->ctx, parent, type);
}

/* All of them ------------------------------------------------------------------ */

/* Undoes what was made, the last first, and adds to the error what became of it. */
static void instances_undo(struct instances *run)
{
	struct interrupt *interrupt = operation_shield(run->ctx);
	_cleanup_buffer_ struct buffer left = { 0 };
	_cleanup_free_ char *note = NULL;

	for (size_t i = run->made.count; i-- > 0;) {
		const struct mdev_definition *definition = run->made.items[i];
		_cleanup_free_ char *why = NULL;

		log_catch(run->ctx, &why);
		if (run->kind->undo(run, definition) < 0)
			buffer_add_format(&left, "; %s on %s could not be %s again: %s",
					  mdev_definition_get_uuid(definition)->text,
					  mdev_definition_get_parent(definition), run->kind->undone,
					  why ? why : strerror(ENOMEM));
	}
	operation_unshield(run->ctx, interrupt);
	note = buffer_take_note(&left);
	if (run->wanted > 1)
		log_append(run->ctx, "; %zu of %zu devices had been %s, and were %s again%s%s",
			   run->made.count, run->wanted, run->kind->done, run->kind->undone,
			   note ? ", except" : "", note ? note + 1 : "");
	else if (note)
		log_append(run->ctx, "%s", note);
}

static int instances_check_interrupt(const struct instances *run)
{
	if (!wait_is_interrupted(run->ctx))
		return 0;
	return log_fail(run->ctx, -EINTR, "Interrupted before all devices were %s",
			run->kind->done);
}

static int instances_make_all(struct instances *run)
{
	while (run->made.count < run->wanted) {
		int r = instances_check_interrupt(run);

		if (r == 0)
			r = instances_make_one(run);
		if (r < 0)
			return r;
		if (run->fn &&
		    run->fn(run->data, run->made.items[run->made.count - 1], run->made.count) != 0)
			return log_fail(run->ctx, -EINTR,
					"Ended by the caller before all devices were %s",
					run->kind->done);
	}
	return 0;
}

static int instances_check(const struct instances *run)
{
	const struct mdev_definition *model = run->model;

	if (run->wanted == 0)
		return log_fail(run->ctx, -EINVAL, "No devices were asked for");
	if (!(run->flags & MDEV_OP_ANY) || mdev_definition_get_parent(model))
		return definition_check_place(run->ctx, model);
	if (!mdev_definition_get_type(model))
		return log_fail(run->ctx, -EINVAL, "No type specified for device %s",
				mdev_definition_get_uuid(model)->text);
	return 0;
}

static int instances_run(struct instances *run, struct mdev_definition ***made)
{
	_cleanup_operation_ struct operation all = {
		.ctx = run->ctx, .flags = run->flags, .handle = HANDLE_NONE,
	};
	int r;

	r = operation_check_flags(&all, run->kind->flags | MDEV_OP_ANY);
	if (r == 0)
		r = instances_check(run);
	if (r == 0)
		r = operation_hold(&all);
	if (r < 0)
		return r;
	r = instances_make_all(run);
	if (r == 0 && made && definitions_take(&run->made, made) < 0)
		r = log_no_memory(run->ctx);
	if (r < 0 && run->made.count > 0)
		instances_undo(run);
	return r;
}

/* Starting --------------------------------------------------------------------- */

static int instances_start_one(const struct instances *run,
			       const struct mdev_definition *definition, unsigned int flags)
{
	return start_one(definition, flags, run->wanted - run->made.count - 1);
}

/* A script that refuses now has agreed to the start, which is being undone. */
static int instances_stop(const struct instances *run, const struct mdev_definition *definition)
{
	_cleanup_(device_unrefp) struct mdev_device *device = NULL;
	int r;

	r = device_find(run->ctx, mdev_definition_get_uuid(definition), &device);
	if (r == 0)
		r = mdev_stop(device, (run->flags & MDEV_OP_NO_CALLOUTS) | MDEV_OP_FORCE);
	return r == -ENODEV ? 0 : r;
}

/* The kernel counts what is active, and any process may have what is left. */
static int instances_reserve_none(const struct instances *run, struct places *places)
{
	(void)run;
	(void)places;
	return 0;
}

static const struct instances_kind instances_start = {
	.done = "started", .undone = "stopped",
	.flags = MDEV_OP_NO_MODULE | MDEV_OP_NO_CALLOUTS | MDEV_OP_FORCE | MDEV_OP_NO_WAIT,
	.make = instances_start_one,
	.undo = instances_stop,
	.reserve = instances_reserve_none,
};

MDEV_EXPORT int mdev_start_instances(const struct mdev_definition *model, size_t count,
				     unsigned int flags, mdev_instance_fn *fn, void *data,
				     struct mdev_definition ***started)
{
	_cleanup_(instances_clear) struct instances run = {
		.ctx = definition_ctx(model), .kind = &instances_start, .model = model,
		.wanted = count, .flags = flags, .fn = fn, .data = data,
	};

	if (!model)
		return -EINVAL;
	log_call(run.ctx, .parent = mdev_definition_get_parent(model));
	return instances_run(&run, started);
}

/* Defining --------------------------------------------------------------------- */

static int instances_define_one(const struct instances *run,
				const struct mdev_definition *definition, unsigned int flags)
{
	(void)run;
	return mdev_define(definition, flags);
}

static int instances_undefine(const struct instances *run,
			      const struct mdev_definition *definition)
{
	return mdev_undefine(definition, (run->flags & MDEV_OP_NO_CALLOUTS) | MDEV_OP_FORCE);
}

/* How many definitions for @parent have no device there yet, but will need an instance. */
static int instances_count_waiting(struct mdev_ctx *ctx, const char *parent, unsigned int *count)
{
	_cleanup_(definition_list_freep) struct mdev_definition **all = NULL;
	int r;

	log_about(ctx, .level = MDEV_LOG_DEBUG);
	*count = 0;
	r = definition_list_all(ctx, NULL, parent, MDEV_LOG_DEBUG, &all, NULL);
	for (size_t i = 0; r == 0 && all[i]; i++) {
		_cleanup_(device_unrefp) struct mdev_device *device = NULL;
		int active = device_find(ctx, mdev_definition_get_uuid(all[i]), &device);

		if (active == -ENOMEM)
			return active;
		*count += active < 0 || strcmp(mdev_device_get_parent(device), parent) != 0;
	}
	return r == -ENOMEM ? r : 0;
}

static int instances_reserve_defined(const struct instances *run, struct places *places)
{
	for (size_t i = 0; i < places->count; i++) {
		struct place *place = &places->items[i];
		unsigned int waiting;
		int r = instances_count_waiting(run->ctx, place->parent, &waiting);

		if (r < 0)
			return r;
		place->left -= waiting < place->left ? waiting : place->left;
	}
	return 0;
}

static const struct instances_kind instances_define = {
	.done = "defined", .undone = "undefined",
	.flags = MDEV_OP_NO_CALLOUTS | MDEV_OP_FORCE | MDEV_OP_STRICT,
	.make = instances_define_one,
	.undo = instances_undefine,
	.reserve = instances_reserve_defined,
};

MDEV_EXPORT int mdev_define_instances(const struct mdev_definition *model, size_t count,
				      unsigned int flags, mdev_instance_fn *fn, void *data,
				      struct mdev_definition ***defined)
{
	_cleanup_(instances_clear) struct instances run = {
		.ctx = definition_ctx(model), .kind = &instances_define, .model = model,
		.wanted = count, .flags = flags, .fn = fn, .data = data,
	};

	if (!model)
		return -EINVAL;
	log_call(run.ctx, .parent = mdev_definition_get_parent(model));
	return instances_run(&run, defined);
}
