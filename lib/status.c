// SPDX-License-Identifier: LGPL-2.1-or-later
/* Whether devices are as their definitions want them, and why not. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "definition.h"
#include "device.h"
#include "log.h"
#include "operation.h"
#include "status.h"
#include "util/array.h"
#include "util/refs.h"
#include "util/text.h"

static const struct {
	const char *word;
	bool is_well;
} verdicts[] = {
	[MDEV_VERDICT_RUNNING] = { "running", true },
	[MDEV_VERDICT_TRANSIENT] = { "transient", true },
	[MDEV_VERDICT_STOPPED] = { "stopped", true },
	[MDEV_VERDICT_DIFFERENT] = { "different", false },
	[MDEV_VERDICT_NOT_STARTED] = { "not-started", false },
	[MDEV_VERDICT_NO_MODULE] = { "no-module", false },
	[MDEV_VERDICT_NO_PARENT] = { "no-parent", false },
	[MDEV_VERDICT_NO_TYPE] = { "no-type", false },
	[MDEV_VERDICT_NO_INSTANCE] = { "no-instance", false },
	[MDEV_VERDICT_UUID_IN_USE] = { "uuid-in-use", false },
	[MDEV_VERDICT_REFUSED] = { "refused", false },
	[MDEV_VERDICT_MALFORMED] = { "malformed", false },
	[MDEV_VERDICT_UNREADABLE] = { "unreadable", false },
	[MDEV_VERDICT_STARTING] = { "starting", false },
	[MDEV_VERDICT_HALF_STARTED] = { "half-started", false },
	[MDEV_VERDICT_UNUSABLE] = { "unusable", false },
};

MDEV_EXPORT struct mdev_status *mdev_status_ref(struct mdev_status *status)
{
	refs_get(&status->refs);
	return status;
}

MDEV_EXPORT void mdev_status_unref(struct mdev_status *status)
{
	if (!status || !refs_put(&status->refs))
		return;
	free(status->parent);
	free(status->type);
	free(status->owner);
	free(status->reason);
	free(status->advice);
	attempt_clear(&status->attempt);
	free(status);
}

MDEV_EXPORT const struct mdev_uuid *mdev_status_get_uuid(const struct mdev_status *status)
{
	return &status->uuid;
}

MDEV_EXPORT const char *mdev_status_get_parent(const struct mdev_status *status)
{
	return status->parent;
}

MDEV_EXPORT const char *mdev_status_get_type(const struct mdev_status *status)
{
	return status->type;
}

MDEV_EXPORT const char *mdev_status_get_owner(const struct mdev_status *status)
{
	return status->owner;
}

MDEV_EXPORT bool mdev_status_is_active(const struct mdev_status *status)
{
	return status->active;
}

MDEV_EXPORT enum mdev_verdict mdev_status_get_verdict(const struct mdev_status *status)
{
	return status->verdict;
}

MDEV_EXPORT const char *mdev_status_get_word(const struct mdev_status *status)
{
	return verdicts[status->verdict].word;
}

MDEV_EXPORT bool mdev_status_is_well(const struct mdev_status *status)
{
	return verdicts[status->verdict].is_well;
}

MDEV_EXPORT const char *mdev_status_get_reason(const struct mdev_status *status)
{
	return status->reason;
}

MDEV_EXPORT const char *mdev_status_get_advice(const struct mdev_status *status)
{
	return status->advice;
}

MDEV_EXPORT const char *mdev_status_get_attempt(const struct mdev_status *status)
{
	return status->attempt.error;
}

MDEV_EXPORT const char *mdev_status_get_attempt_time(const struct mdev_status *status)
{
	return status->attempt.time;
}

MDEV_EXPORT const char *mdev_status_get_attempt_by(const struct mdev_status *status)
{
	return status->attempt.by;
}

/* Verdicts -------------------------------------------------------------------- */

int status_judge(struct mdev_ctx *ctx, struct mdev_status *status, enum mdev_verdict verdict,
		 struct buffer *reason, const char *format, ...)
{
	va_list args;
	int r = 0;

	status->verdict = verdict;
	if (reason && (reason->length > 0 || reason->failed)) {
		r = buffer_take(reason, &status->reason);
		if (r == 0)
			text_make_line(status->reason);
	}
	if (r == 0 && format) {
		va_start(args, format);
		if (vasprintf(&status->advice, format, args) < 0) {
			status->advice = NULL;
			r = -ENOMEM;
		}
		va_end(args);
	}
	return r < 0 ? log_no_memory(ctx) : 0;
}

int status_judge_file(struct mdev_ctx *ctx, struct mdev_status *status)
{
	_cleanup_(definition_unrefp) struct mdev_definition *definition = NULL;
	_cleanup_buffer_ struct buffer reason = { 0 };
	_cleanup_free_ char *why = NULL;
	int r;

	{
		log_catch(ctx, &why);
		r = definition_find(ctx, status->parent, &status->uuid, &definition);
	}
	if (r == -ENOMEM)
		return r;
	/* Without a failure another process has repaired or removed it meanwhile. */
	buffer_add_string(&reason, why ? why : "Its definition changed while it was read");
	if (r == -EACCES || r == -EPERM)
		return status_judge(ctx, status, MDEV_VERDICT_UNREADABLE, &reason,
				    "run this as root");
	return status_judge(ctx, status, MDEV_VERDICT_MALFORMED, &reason,
			    "repair the file, or remove it: mdevctl undefine " STATUS_NAME,
			    STATUS_NAME_ARGS(status));
}

/* A list that is being made --------------------------------------------------- */

static void status_listing_clear(struct status_listing *list)
{
	mdev_definition_list_free(list->definitions);
	free(list->by_uuid);
	mdev_device_list_free(list->devices);
	for (size_t i = 0; i < list->count; i++)
		mdev_status_unref(list->items[i]);
	free(list->items);
}

/* @type: NULL if it is not known */
static int status_add(struct status_listing *list, const struct mdev_uuid *uuid,
		      const char *parent, const char *type, struct mdev_status **status)
{
	struct mdev_status *new;

	if (array_reserve(&list->items, list->count, sizeof(*list->items)) < 0)
		return log_no_memory(list->ctx);
	new = calloc(1, sizeof(*new));
	if (!new)
		return log_no_memory(list->ctx);
	new->refs = 1;
	new->uuid = *uuid;
	list->items[list->count++] = new;
	list->items[list->count] = NULL;
	new->parent = strdup(parent);
	if (!new->parent)
		return log_no_memory(list->ctx);
	if (type) {
		new->type = strdup(type);
		if (!new->type)
			return log_no_memory(list->ctx);
	}
	*status = new;
	return 0;
}

/* @definition: NULL if it has none for its parent */
static int status_take_owner(struct status_listing *list, struct mdev_status *status,
			     const struct mdev_definition *definition)
{
	const char *owner = definition ? mdev_definition_get_owner(definition) : NULL;

	if (!owner)
		return 0;
	status->owner = strdup(owner);
	return status->owner ? 0 : log_no_memory(list->ctx);
}

static int status_add_definition(struct status_listing *list,
				 const struct mdev_definition *definition)
{
	struct mdev_status *status;
	int r;

	r = status_add(list, mdev_definition_get_uuid(definition),
		       mdev_definition_get_parent(definition),
		       mdev_definition_get_type(definition), &status);
	if (r == 0)
		r = status_take_owner(list, status, definition);
	return r < 0 ? r : status_judge_inactive(list, status, definition);
}

/* @definition: NULL if it has none for its parent */
static int status_add_device(struct status_listing *list, const struct mdev_device *device,
			     const struct mdev_definition *definition)
{
	struct mdev_status *status;
	int r;

	r = status_add(list, mdev_device_get_uuid(device), mdev_device_get_parent(device),
		       mdev_device_get_type(device), &status);
	if (r == 0)
		r = status_take_owner(list, status, definition);
	if (r < 0)
		return r;
	status->active = true;
	return status_judge_active(list, status, device, definition);
}

/* Both lists in step: they are in the order of parent, then UUID -------------------- */

static int status_compare(const struct mdev_device *device,
			  const struct mdev_definition *definition)
{
	int order;

	if (!device || !definition)
		return device ? -1 : 1;
	order = strcmp(mdev_device_get_parent(device), mdev_definition_get_parent(definition));
	return order ? order : strcmp(mdev_device_get_uuid(device)->text,
				      mdev_definition_get_uuid(definition)->text);
}

static int status_list_all(struct status_listing *list, const char *parent)
{
	struct mdev_definition *const *definition = list->definitions;
	struct mdev_device *const *device = list->devices;
	int order, r = 0;

	while (r == 0 && (*device || *definition)) {
		if (*definition && parent &&
		    strcmp(mdev_definition_get_parent(*definition), parent) != 0) {
			definition++;
			continue;
		}
		order = status_compare(*device, *definition);
		if (order > 0)
			r = status_add_definition(list, *definition);
		else
			r = status_add_device(list, *device, order == 0 ? *definition : NULL);
		device += order <= 0;
		definition += order >= 0;
	}
	return r;
}

MDEV_EXPORT int mdev_status_list(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
				 const char *parent, unsigned int flags,
				 struct mdev_status ***statuses)
{
	_cleanup_(status_listing_clear) struct status_listing list = { .ctx = ctx, .flags = flags };
	const struct operation all = { .ctx = ctx, .flags = flags };
	int r;

	if (ANY_NULL(ctx, statuses))
		return log_null(ctx);
	log_call(ctx, .parent = parent);
	r = operation_check_flags(&all, MDEV_OP_NO_CALLOUTS);
	if (r == 0)
		r = definition_list_all(ctx, uuid, NULL, MDEV_LOG_DEBUG, &list.definitions,
					NULL);
	if (r == 0)
		r = mdev_device_list(ctx, uuid, parent, &list.devices);
	if (r == 0)
		r = status_list_all(&list, parent);
	if (r < 0)
		return r;
	if (!list.items) {
		list.items = calloc(1, sizeof(*list.items));
		if (!list.items)
			return log_no_memory(ctx);
	}
	*statuses = TAKE_PTR(list.items);
	list.count = 0;
	return 0;
}

MDEV_EXPORT void mdev_status_list_free(struct mdev_status **statuses)
{
	if (!statuses)
		return;
	for (size_t i = 0; statuses[i]; i++)
		mdev_status_unref(statuses[i]);
	free(statuses);
}
