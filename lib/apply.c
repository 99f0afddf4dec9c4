// SPDX-License-Identifier: LGPL-2.1-or-later
/* Carries out the changes of a document, each device whole or not at all. */
#include <errno.h>
#include <string.h>

#include "define.h"
#include "definition.h"
#include "device.h"
#include "lock.h"
#include "node.h"
#include "operation.h"
#include "plan.h"
#include "util/text.h"

/* Not "NAME.lock", which are those of parents. */
#define LOCK_NAME "apply"

/* Scripts and modules, as all steps take them. */
#define STEP_FLAGS  (MDEV_OP_NO_CALLOUTS | MDEV_OP_FORCE)
#define START_FLAGS (STEP_FLAGS | MDEV_OP_NO_MODULE | MDEV_OP_NO_WAIT)

/* What makes room for others comes first; what needs room and makes none comes last. */
enum unit_turn { TURN_RELEASE, TURN_RESTART, TURN_REST, TURNS };

/* The changes of one device: on all parents. */
struct unit {
	struct mdev_change **items;
	size_t count;
	enum unit_turn turn;
	bool is_settled;
	int result; /* of the last attempt */
	char *error;
};

struct apply {
	struct mdev_ctx *ctx;
	unsigned int flags;
	mdev_apply_fn *fn;
	void *data;
	struct mdev_change **changes;
	size_t n_changes;
	struct unit *units;
	size_t n_units;
	size_t done, total;   /* changes that are any */
	struct buffer failed; /* names of devices */
	size_t n_failed;
	bool is_stopped; /* by the callback */
	int lock;
};

static void apply_clear(struct apply *apply)
{
	mdev_change_list_free(apply->changes);
	for (size_t i = 0; i < apply->n_units; i++)
		free(apply->units[i].error);
	free(apply->units);
	buffer_clear(&apply->failed);
	util_close(apply->lock);
}

static unsigned int apply_flags(const struct apply *apply, unsigned int taken)
{
	return apply->flags & taken;
}

/* Steps ------------------------------------------------------------------------------- */

/* Whether a later attribute has the same name. */
static bool apply_comes_again(const struct config *config, size_t index)
{
	for (size_t i = index + 1; i < config->n_attrs; i++)
		if (strcmp(config->attrs[i].name, config->attrs[index].name) == 0)
			return true;
	return false;
}

/*
 * Adds the attributes of @as with the values that @device shows. Those that it does not show have
 * the value of @as if @any.
 */
static int apply_read_attrs(const struct mdev_device *device, const struct config *as, bool any,
			    struct mdev_definition *before)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < as->n_attrs; i++) {
		const char *name = as->attrs[i].name, *value = any ? as->attrs[i].value : NULL;
		_cleanup_free_ char *shown = NULL, *why = NULL;

		if (!apply_comes_again(as, i)) {
			log_catch(device_ctx(device), &why);
			r = mdev_device_read_attr(device, name, &shown);
		}
		if (r == -ENOMEM)
			return r;
		r = 0;
		if (shown)
			value = shown;
		if (value)
			r = mdev_definition_insert_attr(before, MDEV_ATTR_END, name, value);
	}
	return r;
}

/*
 * How an active device is before a step that can be undone. A script may report its attributes;
 * otherwise they are those of @as.
 */
static int apply_note_before(const struct apply *apply, struct mdev_change *change,
			     const struct mdev_definition *as, bool any)
{
	_cleanup_(definition_unrefp) struct mdev_definition *before = NULL;
	int r;

	r = mdev_device_get_definition(change->active, apply_flags(apply, MDEV_OP_NO_CALLOUTS),
				       &before);
	if (r == 0 && as && mdev_definition_count_attrs(before) == 0)
		r = apply_read_attrs(change->active, definition_config(as), any, before);
	if (r < 0)
		return r;
	mdev_definition_unref(change->before);
	change->before = TAKE_PTR(before);
	return 0;
}

static int apply_stop(const struct apply *apply, struct mdev_change *change)
{
	const struct mdev_definition *as = change->defined;
	int r;

	if (as && !mdev_definition_get_type(as))
		as = NULL;
	r = apply_note_before(apply, change, as, true);
	return r < 0 ? r : mdev_stop(change->active, apply_flags(apply, STEP_FLAGS));
}

static int apply_set(const struct apply *apply, struct mdev_change *change)
{
	int r = apply_note_before(apply, change, change->wanted, false);

	return r < 0 ? r
		     : mdev_modify_live(change->active, change->wanted,
					apply_flags(apply, MDEV_OP_NO_CALLOUTS));
}

/* Type and its name, start mode, attributes, owner and access of @to become those of @from. */
static int apply_copy(const struct mdev_definition *from, struct mdev_definition *to)
{
	const struct config *config = definition_config(from);
	int r;

	mdev_definition_clear_attrs(to);
	mdev_definition_set_start(to, config->start);
	r = mdev_definition_set_type(to, config->type);
	if (r == 0 && config->type_name)
		r = definition_set_type_name(to, config->type_name);
	if (r == 0)
		r = mdev_definition_set_owner(to, config->owner);
	if (r == 0)
		r = mdev_definition_set_access(to, config->access);
	for (size_t i = 0; r == 0 && i < config->n_attrs; i++)
		r = mdev_definition_insert_attr(to, MDEV_ATTR_END, config->attrs[i].name,
						config->attrs[i].value);
	return r;
}

/* An active device's nodes get the permissions of the definition that has been stored. */
static int apply_renew_access(const struct mdev_change *change)
{
	const char *is = mdev_definition_get_access(change->defined);
	const char *wanted = mdev_definition_get_access(change->wanted);
	int r;

	if (!change->active || text_same(is, wanted))
		return 0;
	r = node_renew_access(change->active);
	return r == -ENODEV ? 0 : r;
}

/* The stored definition has members that are not ours, and remembers what its file said. */
static int apply_modify(const struct apply *apply, struct mdev_change *change)
{
	int r = 0;

	if (!change->modified) {
		r = mdev_definition_copy(change->defined, &change->modified);
		if (r == 0)
			r = apply_copy(change->wanted, change->modified);
	}
	if (r == 0)
		r = mdev_modify(change->modified, apply_flags(apply, STEP_FLAGS));
	return r < 0 ? r : apply_renew_access(change);
}

/* A type of vGPUs that is given by its name may be listed only after others have been stopped. */
static int apply_define(const struct apply *apply, struct mdev_change *change)
{
	int r = plan_resolve_type(apply->ctx, change);

	return r < 0 ? r : mdev_define(change->wanted, apply_flags(apply, STEP_FLAGS));
}

static int apply_start(const struct apply *apply, struct mdev_change *change)
{
	int r = plan_resolve_type(apply->ctx, change);

	return r < 0 ? r : mdev_start(change->wanted, apply_flags(apply, START_FLAGS));
}

static int apply_step(const struct apply *apply, struct mdev_change *change, enum change_step step)
{
	switch (step) {
	case STEP_STOP:
		return apply_stop(apply, change);
	case STEP_DEFINE:
		return apply_define(apply, change);
	case STEP_SET:
		return apply_set(apply, change);
	case STEP_START:
		return apply_start(apply, change);
	case STEP_MODIFY:
		return apply_modify(apply, change);
	default:
		return define_remove_known(change->defined, apply_flags(apply, STEP_FLAGS));
	}
}

/* Undoing ----------------------------------------------------------------------------- */

static int apply_undo_start(const struct apply *apply, const struct mdev_change *change)
{
	_cleanup_(device_unrefp) struct mdev_device *device = NULL;
	int r = mdev_device_lookup(apply->ctx, &change->uuid, &device);

	return r < 0 ? r : mdev_stop(device, apply_flags(apply, STEP_FLAGS));
}

static int apply_undo_modify(const struct apply *apply, const struct mdev_change *change)
{
	int r = apply_copy(change->defined, change->modified);

	return r < 0 ? r : mdev_modify(change->modified, apply_flags(apply, STEP_FLAGS));
}

static int apply_undo_step(const struct apply *apply, struct mdev_change *change,
			   enum change_step step)
{
	switch (step) {
	case STEP_STOP:
		return mdev_start(change->before, apply_flags(apply, START_FLAGS));
	case STEP_DEFINE:
		return define_remove_known(change->wanted, apply_flags(apply, STEP_FLAGS));
	case STEP_SET:
		return mdev_modify_live(change->active, change->before,
					apply_flags(apply, MDEV_OP_NO_CALLOUTS));
	case STEP_START:
		return apply_undo_start(apply, change);
	case STEP_MODIFY:
		return apply_undo_modify(apply, change);
	default:
		return mdev_define(change->defined, apply_flags(apply, STEP_FLAGS));
	}
}

/* What cannot be undone becomes part of the error. */
static void unit_undo_step(const struct apply *apply, struct mdev_change *change,
			   enum change_step step)
{
	_cleanup_free_ char *why = NULL;
	int r;

	{
		log_catch(apply->ctx, &why);
		r = apply_undo_step(apply, change, step);
	}
	change->done &= ~step;
	if (r < 0)
		log_append(apply->ctx, "; then: failed to undo the step '%s' on %s: %s",
			   change_word(step), change->parent, why ? why : strerror(-r));
}

/* An interruption must not end this. */
static void unit_undo(const struct apply *apply, const struct unit *unit)
{
	struct interrupt *interrupt = apply->ctx->interrupt;

	interrupt->is_ending = true;
	interrupt_rearm(interrupt);
	for (unsigned int step = STEP_END; step >>= 1;)
		for (size_t i = unit->count; i-- > 0;)
			if (unit->items[i]->done & step)
				unit_undo_step(apply, unit->items[i], step);
	interrupt->is_ending = false;
}

/* Devices ----------------------------------------------------------------------------- */

/* @steps: only these. Return: 0, -errno reported. */
static int unit_do(const struct apply *apply, const struct unit *unit, unsigned int steps)
{
	int r = 0;

	for (unsigned int step = 1; step < STEP_END; step <<= 1)
		for (size_t i = 0; i < unit->count; i++) {
			struct mdev_change *change = unit->items[i];

			if (!(change->steps & ~change->done & steps & step))
				continue;
			r = apply_step(apply, change, step);
			if (r < 0)
				return r;
			change->done |= step;
		}
	return r;
}

/* Whatever is left of a device that failed is undone. Return: -ENOMEM if that is to end all. */
static int unit_try(const struct apply *apply, struct unit *unit, unsigned int steps)
{
	int r = unit_do(apply, unit, steps);

	unit->result = r;
	if (r == 0)
		return 0;
	unit_undo(apply, unit);
	free(unit->error);
	unit->error = strdup(mdev_ctx_last_error(apply->ctx));
	if (!unit->error)
		return log_no_memory(apply->ctx);
	return r == -ENOMEM ? r : 0;
}

static void apply_report(struct apply *apply, const struct mdev_change *change, int result,
			 const char *error)
{
	apply->done++;
	if (apply->fn &&
	    apply->fn(apply->data, change, apply->done, apply->total, result, error) != 0)
		apply->is_stopped = true;
}

/* The result of the last attempt is the last one. */
static void unit_settle(struct apply *apply, struct unit *unit)
{
	unit->is_settled = true;
	if (unit->result < 0) {
		apply->n_failed++;
		buffer_add_format(&apply->failed, "%s%s", apply->failed.length > 0 ? ", " : "",
				  unit->items[0]->uuid.text);
	}
	for (size_t i = 0; i < unit->count && !apply->is_stopped; i++)
		if (unit->items[i]->steps)
			apply_report(apply, unit->items[i], unit->result,
				     unit->result < 0 ? unit->error : "");
}

/* A conflict is reported by itself: the device may have changes on other parents. */
static void unit_report_conflicts(struct apply *apply, const struct unit *unit)
{
	for (size_t i = 0; i < unit->count && !apply->is_stopped; i++) {
		const struct mdev_change *change = unit->items[i];

		if (change->action != MDEV_ACTION_CONFLICT)
			continue;
		apply->n_failed++;
		buffer_add_format(&apply->failed, "%s%s", apply->failed.length > 0 ? ", " : "",
				  change->uuid.text);
		apply_report(apply, change, -EPERM, change->reason);
	}
}

/* Turns ------------------------------------------------------------------------------- */

static bool apply_is_to_end(const struct apply *apply)
{
	return apply->is_stopped || wait_is_interrupted(apply->ctx);
}

/*
 * Tries each device whose turn has come. One that finds no instance is tried again after the
 * others. Return: whether one has changed, -errno reported.
 */
static int apply_try_all(struct apply *apply, enum unit_turn turn)
{
	bool changed = false;

	for (size_t i = 0; i < apply->n_units && !apply_is_to_end(apply); i++) {
		struct unit *unit = &apply->units[i];

		if (unit->is_settled || unit->turn > turn)
			continue;
		if (unit_try(apply, unit, ~0U) < 0)
			return -ENOMEM;
		if (unit->result == -EUSERS)
			continue;
		changed = changed || unit->result == 0;
		unit_settle(apply, unit);
	}
	return changed;
}

/* Devices that wait for the instances of each other are all stopped before one is started. */
static int apply_stop_waiting(struct apply *apply)
{
	for (unsigned int steps = STEP_STOP; steps; steps = steps == STEP_STOP ? ~0U : 0)
		for (size_t i = 0; i < apply->n_units && !apply_is_to_end(apply); i++) {
			struct unit *unit = &apply->units[i];

			if (unit->is_settled || unit->turn != TURN_RESTART)
				continue;
			if (unit_try(apply, unit, steps) < 0)
				return -ENOMEM;
			if (unit->result < 0 || steps != STEP_STOP)
				unit_settle(apply, unit);
		}
	return 0;
}

static int apply_run(struct apply *apply)
{
	int r = 0;

	for (enum unit_turn turn = 0; turn < TURNS && r >= 0; turn++) {
		do
			r = apply_try_all(apply, turn);
		while (r > 0);
		if (r == 0 && turn == TURN_RESTART)
			r = apply_stop_waiting(apply);
	}
	for (size_t i = 0; r >= 0 && i < apply->n_units && !apply_is_to_end(apply); i++)
		if (!apply->units[i].is_settled)
			unit_settle(apply, &apply->units[i]);
	return r;
}

/* Interrupted between two steps of several devices, or by the callback. */
static void apply_abandon(struct apply *apply)
{
	for (size_t i = 0; i < apply->n_units; i++)
		if (!apply->units[i].is_settled)
			unit_undo(apply, &apply->units[i]);
}

/* Preparing --------------------------------------------------------------------------- */

static enum unit_turn unit_find_turn(const struct unit *unit)
{
	unsigned int steps = 0;

	for (size_t i = 0; i < unit->count; i++)
		steps |= unit->items[i]->steps;
	if (!(steps & STEP_START))
		return TURN_RELEASE;
	return steps & STEP_STOP ? TURN_RESTART : TURN_REST;
}

static int apply_find_units(struct apply *apply)
{
	struct unit *unit = NULL;

	apply->units = calloc(apply->n_changes + 1, sizeof(*apply->units));
	if (!apply->units)
		return log_no_memory(apply->ctx);
	for (size_t i = 0; i < apply->n_changes; i += unit->count) {
		unit = &apply->units[apply->n_units++];
		unit->items = &apply->changes[i];
		unit->count = plan_count_same(unit->items, apply->n_changes - i);
		unit->turn = unit_find_turn(unit);
		unit->is_settled = true;
		for (size_t k = 0; k < unit->count; k++) {
			apply->total += unit->items[k]->action != MDEV_ACTION_NONE;
			unit->is_settled = unit->is_settled && unit->items[k]->steps == 0;
		}
	}
	return 0;
}

static int apply_prepare(struct apply *apply, const struct mdev_document *document)
{
	int r;

	/* Where that cannot be, the kernel lets one of two win. */
	r = lock_take(apply->ctx, LOCK_NAME, &apply->lock);
	if (r < 0 && r != -ENOENT)
		return r;
	r = plan_make(document, apply->flags, &apply->changes, &apply->n_changes);
	return r < 0 ? r : apply_find_units(apply);
}

static int apply_all(struct apply *apply)
{
	int r;

	for (size_t i = 0; i < apply->n_units; i++)
		unit_report_conflicts(apply, &apply->units[i]);
	r = apply_run(apply);
	if (r >= 0 && apply_is_to_end(apply))
		r = log_fail(apply->ctx, -EINTR, "Interrupted before all devices were changed");
	if (r < 0) {
		apply_abandon(apply);
		return r;
	}
	if (apply->n_failed == 0)
		return 0;
	if (apply->failed.failed)
		return log_no_memory(apply->ctx);
	return log_fail(apply->ctx, -ECANCELED, "%zu of the devices %s not as described: %s",
			apply->n_failed, apply->n_failed == 1 ? "is" : "are", apply->failed.text);
}

MDEV_EXPORT int mdev_document_apply(const struct mdev_document *document, unsigned int flags,
				    mdev_apply_fn *fn, void *data)
{
	struct mdev_ctx *ctx = document ? document->ctx : NULL;
	_cleanup_operation_ struct operation all = { .ctx = ctx,
						     .flags = flags,
						     .handle = HANDLE_NONE };
	_cleanup_(apply_clear) struct apply apply = {
		.ctx = ctx,
		.flags = flags,
		.fn = fn,
		.data = data,
		.lock = -1,
	};
	int r;

	if (!document)
		return -EINVAL;
	log_call(ctx, .uuid = NULL);
	r = operation_check_flags(&all, START_FLAGS | MDEV_OP_ADOPT);
	if (r == 0)
		r = operation_hold(&all);
	if (r == 0)
		r = apply_prepare(&apply, document);
	return r < 0 ? r : apply_all(&apply);
}
