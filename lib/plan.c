// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "definition.h"
#include "device.h"
#include "log.h"
#include "machine_state.h"
#include "operation.h"
#include "plan.h"
#include "start.h"
#include "status_drift.h"
#include "type.h"
#include "util/array.h"
#include "util/text.h"

struct plan {
	struct mdev_ctx *ctx;
	unsigned int flags;
	const struct mdev_document *document;
	struct machine_state state;
	struct mdev_change **items;
	size_t count;
};

static void plan_clear(struct plan *plan)
{
	state_clear(&plan->state);
	for (size_t i = 0; i < plan->count; i++)
		mdev_change_unref(plan->items[i]);
	free(plan->items);
}

/* Reasons ----------------------------------------------------------------------------- */

/* Adds a part, which begins in lower case. */
_printf_format_(2, 3) static void plan_say(struct buffer *reason, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	if (reason->length > 0)
		buffer_add_string(reason, "; ");
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (text)
		buffer_add_string(reason, text);
	else
		reason->failed = true;
	free(text);
}

static void plan_say_attrs(struct buffer *reason, const struct config *config)
{
	for (size_t i = 0; i < config->n_attrs; i++)
		buffer_add_format(reason, "%s%s=%s", i > 0 ? ", " : " ", config->attrs[i].name,
				  config->attrs[i].value);
	if (config->n_attrs == 0)
		buffer_add_string(reason, " none");
}

static bool plan_same_attrs(const struct config *a, const struct config *b)
{
	const struct config x = { .attrs = a->attrs, .n_attrs = a->n_attrs };
	const struct config y = { .attrs = b->attrs, .n_attrs = b->n_attrs };

	return cfg_equal(&x, &y);
}

static const char *start_word(const struct config *config)
{
	return config->start == MDEV_START_AUTO ? "auto" : "manual";
}

static const char *label_word(const char *label)
{
	return label ? label : "none";
}

/* How the stored definition differs from the wanted one. */
static void plan_compare_definitions(const struct mdev_change *change, struct buffer *reason)
{
	const struct config *is = definition_config(change->defined);
	const struct config *wanted = definition_config(change->wanted);

	if (strcmp(is->type, wanted->type) != 0)
		plan_say(reason, "defined type is %s, wanted is %s", is->type, wanted->type);
	if (is->start != wanted->start)
		plan_say(reason, "start mode is %s, wanted is %s", start_word(is),
			 start_word(wanted));
	if (!plan_same_attrs(is, wanted)) {
		plan_say(reason, "defined attributes are");
		plan_say_attrs(reason, is);
		buffer_add_string(reason, ", wanted are");
		plan_say_attrs(reason, wanted);
	}
	if (!text_same(is->owner, wanted->owner))
		plan_say(reason, "owner is %s, wanted is %s", label_word(is->owner),
			 label_word(wanted->owner));
	if (!text_same(is->access, wanted->access))
		plan_say(reason, "access is %s, wanted is %s", label_word(is->access),
			 label_word(wanted->access));
}

/* Steps ------------------------------------------------------------------------------- */

/* The steps that make the definition as it is described. */
static void plan_definition(struct mdev_change *change, const struct document_entry *entry,
			    struct buffer *reason)
{
	if (!entry->is_defined && change->defined) {
		change->steps |= STEP_UNDEFINE;
		plan_say(reason, "it is defined");
	}
	if (!entry->is_defined)
		return;
	if (!change->defined) {
		change->steps |= STEP_DEFINE;
		plan_say(reason, "it is not defined");
		return;
	}
	plan_compare_definitions(change, reason);
	if (reason->length > 0)
		change->steps |= STEP_MODIFY;
}

/*
 * The steps that make the active device as it is described. Attributes that cannot be compared are
 * written when the definition gets others.
 */
static int plan_active(struct plan *plan, struct mdev_change *change, struct buffer *reason)
{
	const char *type = change->active ? mdev_device_get_type(change->active) : NULL;
	enum journal_state state = JOURNAL_WHOLE;
	size_t length = reason->length;
	int r;

	if (!type) {
		change->steps |= STEP_START;
		if (!change->elsewhere)
			plan_say(reason, "it is not active");
		else
			plan_say(reason, "it is active on %s",
				 mdev_device_get_parent(change->elsewhere));
		return 0;
	}
	if (strcmp(type, change->type) != 0) {
		change->steps |= STEP_STOP | STEP_START;
		plan_say(reason, "its type is %s, wanted is %s", type, change->type);
		return 0;
	}
	if (start_find_state(change->active, &state) < 0)
		return log_no_memory(plan->ctx);
	if (state == JOURNAL_LEFT) {
		change->steps |= STEP_START;
		plan_say(reason, "its start was killed, so attributes may be missing");
		return 0;
	}
	r = status_find_drift(change->active, change->wanted, "wanted",
			      plan->flags & MDEV_OP_NO_CALLOUTS, reason);
	if (reason->length > length ||
	    (change->defined && !plan_same_attrs(definition_config(change->defined),
						 definition_config(change->wanted))))
		change->steps |= STEP_SET;
	return r;
}

static int plan_entry(struct plan *plan, struct mdev_change *change,
		      const struct document_entry *entry, struct buffer *reason)
{
	plan_definition(change, entry, reason);
	if (entry->run == RUN_ACTIVE)
		return plan_active(plan, change, reason);
	if (entry->run == RUN_INACTIVE && change->active) {
		change->steps |= STEP_STOP;
		plan_say(reason, "it is active");
	}
	return 0;
}

/* What the user can do about it. */
#define PLAN_ADOPT "; --adopt takes it over"

/* Says why a described device is none of ours, or nothing. */
static void plan_find_conflict(const struct plan *plan, const struct mdev_change *change,
			       const struct document_entry *entry, struct buffer *reason)
{
	const char *owner = change->defined ? mdev_definition_get_owner(change->defined) : NULL;
	const char *claimed = document_get_owner(plan->document, entry);

	if (change->defined && !mdev_definition_get_type(change->defined))
		plan_say(reason, "its definition cannot be read: see mdevctl status -u %s",
			 change->uuid.text);
	else if ((plan->flags & MDEV_OP_ADOPT) || (!entry->is_defined && !change->defined))
		return;
	else if (change->defined && !text_same(owner, claimed))
		plan_say(reason,
			 owner ? "it belongs to owner %s" PLAN_ADOPT : "it has no owner" PLAN_ADOPT,
			 owner);
	else if (!change->defined && change->active && claimed)
		plan_say(reason,
			 "it is active without a definition, so it has no owner" PLAN_ADOPT);
}

/* Making the list ----------------------------------------------------------------------- */

/* @type: NULL if it is not known */
static int plan_add(struct plan *plan, const struct mdev_definition *of, const char *owner,
		    struct mdev_change **change)
{
	const char *type = mdev_definition_get_type(of), *parent = mdev_definition_get_parent(of);
	struct mdev_change *new;

	if (array_reserve(&plan->items, plan->count, sizeof(*plan->items)) < 0)
		return log_no_memory(plan->ctx);
	new = calloc(1, sizeof(*new));
	if (!new)
		return log_no_memory(plan->ctx);
	new->refs = 1;
	plan->items[plan->count++] = new;
	plan->items[plan->count] = NULL;
	new->uuid = *mdev_definition_get_uuid(of);
	new->parent = strdup(parent);
	new->type = strdup(type);
	new->owner = owner ? strdup(owner) : NULL;
	if (!new->parent || !new->type || (owner && !new->owner))
		return log_no_memory(plan->ctx);
	*change = new;
	return 0;
}

/* What the machine has of the device. */
static void plan_look(const struct plan *plan, struct mdev_change *change)
{
	struct mdev_definition *defined =
		state_find_definition(&plan->state, &change->uuid, change->parent);
	struct mdev_device *device = state_find_device(&plan->state, &change->uuid, NULL);
	bool here = device && strcmp(mdev_device_get_parent(device), change->parent) == 0;

	if (defined)
		change->defined = mdev_definition_ref(defined);
	if (device && here)
		change->active = mdev_device_ref(device);
	else if (device)
		change->elsewhere = mdev_device_ref(device);
}

static bool plan_is_stored(const struct config *is, const char *type)
{
	return is->type && (strcmp(is->type, type) == 0 ||
			    (is->type_name && strcasecmp(is->type_name, type) == 0));
}

/* Of the stored definition if it has the type, else of the parent; *id: NULL if nothing is to be added. */
static int plan_find_type(struct mdev_ctx *ctx, const struct mdev_change *change, char **id,
			  char **name)
{
	const struct config *is = change->defined ? definition_config(change->defined) : NULL;
	const char *type = mdev_definition_get_type(change->wanted);

	if (!is || !plan_is_stored(is, type))
		return type_name(ctx, change->parent, type, id, name);
	if (!is->type_name)
		return 0;
	*id = strdup(is->type);
	*name = strdup(is->type_name);
	return *id && *name ? 0 : -ENOMEM;
}

int plan_resolve_type(struct mdev_ctx *ctx, struct mdev_change *change)
{
	_cleanup_free_ char *id = NULL, *name = NULL;
	int r;

	if (mdev_definition_get_type_name(change->wanted))
		return 0;
	if (plan_find_type(ctx, change, &id, &name) < 0)
		return log_no_memory(ctx);
	if (!id)
		return 0;
	r = mdev_definition_set_type(change->wanted, id);
	if (r == 0)
		r = definition_set_type_name(change->wanted, name);
	if (r < 0)
		return r;
	free(change->type);
	change->type = TAKE_PTR(id);
	return 0;
}

static int plan_add_entry(struct plan *plan, const struct document_entry *entry)
{
	/* A device that is not stored has no place for it. */
	const char *owner = entry->is_defined ? document_get_owner(plan->document, entry) : NULL;
	_cleanup_buffer_ struct buffer reason = { 0 };
	struct mdev_change *change;
	int r;

	r = plan_add(plan, entry->definition, owner, &change);
	if (r == 0)
		r = mdev_definition_copy(entry->definition, &change->wanted);
	if (r == 0)
		r = mdev_definition_set_owner(change->wanted, owner);
	if (r < 0)
		return r;
	plan_look(plan, change);
	r = plan_resolve_type(plan->ctx, change);
	if (r < 0)
		return r;
	/* As of a stored definition, the device has the type that is wanted, whichever id that has today. */
	definition_remember(change->wanted, &(struct store_text){ .known = true });
	plan_find_conflict(plan, change, entry, &reason);
	if (reason.length > 0 || reason.failed)
		return change_refuse(change, &reason) < 0 ? log_no_memory(plan->ctx) : 0;
	r = plan_entry(plan, change, entry, &reason);
	if (r < 0)
		return r;
	return change_settle(change, &reason) < 0 ? log_no_memory(plan->ctx) : 0;
}

/* A device of the document's owner that the document does not describe. */
static int plan_add_removal(struct plan *plan, const struct mdev_definition *defined)
{
	const char *owner = mdev_definition_get_owner(defined);
	_cleanup_buffer_ struct buffer reason = { 0 };
	struct mdev_change *change;
	int r;

	if (!owner || !text_same(owner, plan->document->owner))
		return 0;
	r = plan_add(plan, defined, owner, &change);
	if (r < 0)
		return r;
	plan_look(plan, change);
	change->steps = STEP_UNDEFINE | (change->active ? STEP_STOP : 0);
	return change_settle(change, &reason) < 0 ? log_no_memory(plan->ctx) : 0;
}

static int plan_compare(const struct mdev_definition *a, const struct mdev_definition *b)
{
	int order = strcmp(mdev_definition_get_uuid(a)->text, mdev_definition_get_uuid(b)->text);

	return order ? order : strcmp(mdev_definition_get_parent(a), mdev_definition_get_parent(b));
}

/* Both lists in step: they are in the order of UUID, then parent. */
static int plan_add_all(struct plan *plan)
{
	const struct document_entries *entries = &plan->document->entries;
	size_t i = 0, k = 0;
	int r = 0;

	while (r == 0 && (i < entries->count || k < plan->state.n_definitions)) {
		int order = i == entries->count ? 1
			    : k == plan->state.n_definitions
				    ? -1
				    : plan_compare(entries->items[i].definition,
						   plan->state.definitions[k]);

		r = order > 0 ? plan_add_removal(plan, plan->state.definitions[k])
			      : plan_add_entry(plan, &entries->items[i]);
		i += order <= 0;
		k += order >= 0;
	}
	return r;
}

size_t plan_count_same(struct mdev_change *const *changes, size_t count)
{
	size_t same = 1;

	while (same < count && strcmp(changes[same]->uuid.text, changes[0]->uuid.text) == 0)
		same++;
	return same;
}

/* A device cannot start while it is active on another parent, and nothing stops it there. */
static int plan_check_parents(struct plan *plan)
{
	size_t same;

	for (size_t i = 0; i < plan->count; i += same) {
		struct mdev_change **items = &plan->items[i];
		unsigned int steps = 0;

		same = plan_count_same(items, plan->count - i);
		for (size_t k = 0; k < same; k++)
			steps |= items[k]->steps & STEP_STOP;
		for (size_t k = 0; steps == 0 && k < same; k++) {
			_cleanup_buffer_ struct buffer reason = { 0 };

			if (!(items[k]->steps & STEP_START) || !items[k]->elsewhere)
				continue;
			plan_say(&reason,
				 "it is active on %s, where it is not this document's to stop",
				 mdev_device_get_parent(items[k]->elsewhere));
			if (change_refuse(items[k], &reason) < 0)
				return log_no_memory(plan->ctx);
		}
	}
	return 0;
}

int plan_make(const struct mdev_document *document, unsigned int flags,
	      struct mdev_change ***changes, size_t *count)
{
	_cleanup_(plan_clear) struct plan plan = {
		.ctx = document->ctx,
		.flags = flags,
		.document = document,
	};
	int r;

	r = state_read(plan.ctx, MDEV_LOG_DEBUG, &plan.state);
	if (r == 0)
		r = plan_add_all(&plan);
	if (r == 0)
		r = plan_check_parents(&plan);
	if (r < 0)
		return r;
	if (!plan.items) {
		plan.items = calloc(1, sizeof(*plan.items));
		if (!plan.items)
			return log_no_memory(plan.ctx);
	}
	*count = plan.count;
	*changes = TAKE_PTR(plan.items);
	plan.count = 0;
	return 0;
}

MDEV_EXPORT int mdev_document_plan(const struct mdev_document *document, unsigned int flags,
				   struct mdev_change ***changes)
{
	const struct operation all = { .ctx = document ? document->ctx : NULL, .flags = flags };
	size_t count;
	int r;

	if (ANY_NULL(document, changes))
		return log_null(document ? document->ctx : NULL);
	log_call(document->ctx, .uuid = NULL);
	r = operation_check_flags(&all, MDEV_OP_NO_CALLOUTS | MDEV_OP_ADOPT);
	return r < 0 ? r : plan_make(document, flags, changes, &count);
}
