// SPDX-License-Identifier: LGPL-2.1-or-later
/* Whether devices are as their definitions want them, and why not. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "attempt.h"
#include "definition.h"
#include "device.h"
#include "device_info.h"
#include "explain.h"
#include "explain_parent.h"
#include "journal.h"
#include "module.h"
#include "parent.h"
#include "start.h"
#include "status_drift.h"
#include "util/array.h"
#include "util/buffer.h"
#include "util/refs.h"
#include "util/text.h"

struct mdev_status {
	unsigned int refs;
	struct mdev_uuid uuid;
	char *parent, *type, *owner;
	bool active;
	enum mdev_verdict verdict;
	char *reason, *advice;
	struct attempt attempt;	/* the last one, if it failed */
};

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

/* A list that is being made --------------------------------------------------- */

struct status_listing {
	struct mdev_ctx *ctx;
	unsigned int flags;
	struct mdev_definition **definitions;	/* of all parents: a device may be on another */
	struct mdev_definition **by_uuid;	/* the same, once they are needed */
	size_t definition_count;
	struct mdev_device **devices;
	struct mdev_status **items;
	size_t count;
	const char *there;			/* the parent that was seen last */
};

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

/*
 * Gives a verdict. @reason, which is taken over, and the advice may be empty. Values of attributes
 * and names come from outside: each text is made one line.
 */
_printf_format_(5, 6) static int status_judge(struct mdev_ctx *ctx, struct mdev_status *status,
					      enum mdev_verdict verdict, struct buffer *reason,
					      const char *format, ...)
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

/* Definitions of devices that are not active ---------------------------------------- */

/* How a device is named to the command, on the one parent that is meant. */
#define STATUS_NAME	    "-u %s -p %s"
#define STATUS_NAME_ARGS(s) (s)->uuid.text, (s)->parent

/* The file says nothing of use; reading it again says why. */
static int status_judge_file(struct mdev_ctx *ctx, struct mdev_status *status)
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

/* Whether the kernel has no interface for mediated devices; -ENOMEM. */
static int status_lacks_core(struct mdev_ctx *ctx)
{
	_cleanup_free_ char *why = NULL;
	int r;

	log_catch(ctx, &why);
	r = mdev_ctx_check_core(ctx);
	return r == -ENOMEM ? r : r == -ENODEV;
}

static int status_judge_module(struct mdev_ctx *ctx, struct mdev_status *status,
			       struct buffer *reason, const char *module,
			       enum mdev_module_state state)
{
	buffer_add_format(reason, "; kernel module %s is not loaded", module);
	if (state == MDEV_MODULE_BLOCKED) {
		buffer_add_string(reason, " and is on the block list");
		return status_judge(ctx, status, MDEV_VERDICT_NO_MODULE, reason,
				    "take %s off the block list of modprobe.d(5)", module);
	}
	return status_judge(ctx, status, MDEV_VERDICT_NO_MODULE, reason, "modprobe %s", module);
}

static int status_judge_absent(struct mdev_ctx *ctx, struct mdev_status *status,
			       struct buffer *reason)
{
	_cleanup_free_ char *module = NULL;
	enum mdev_module_state state;
	int r;

	r = module_find_for_parent(ctx, status->parent, &module, &state);
	if (r > 0)
		return status_judge_module(ctx, status, reason, module, state);
	/* What offers virtual functions is no parent before they are enabled, on any kernel. */
	if (r == 0 && !explain_is_disabled(ctx, status->parent))
		r = status_lacks_core(ctx);
	if (r < 0)
		return r;
	if (r > 0)
		return status_judge(ctx, status, MDEV_VERDICT_NO_MODULE, reason,
				    "load the kernel module of the driver of %s", status->parent);
	return status_judge(
		ctx, status, MDEV_VERDICT_NO_PARENT, reason,
		"%s the driver of %s, or remove the definition: "
		"mdevctl undefine " STATUS_NAME,
		explain_is_disabled(ctx, status->parent)
			? "enable the virtual functions, as by sriov-manage -e or sriov_numvfs, "
			  "load or bind"
			: "load or bind",
		status->parent, STATUS_NAME_ARGS(status));
}

static int status_judge_exhausted(struct mdev_ctx *ctx, struct mdev_status *status,
				  struct buffer *reason)
{
	_cleanup_free_ char *holders = explain_holders(ctx, status->parent);

	/* Nothing of its own takes the room: the reason says what does. */
	if (!holders)
		return status_judge(ctx, status, MDEV_VERDICT_NO_INSTANCE, reason, NULL);
	buffer_add_string(reason, holders);
	return status_judge(ctx, status, MDEV_VERDICT_NO_INSTANCE, reason,
			    "stop a device of %s", status->parent);
}

static int status_judge_startable(struct mdev_ctx *ctx, struct mdev_status *status,
				  const struct mdev_definition *definition)
{
	/* As if the driver had refused it: what that depends on is likely to be why. */
	_cleanup_free_ char *state = explain_create(ctx, NULL, -EBUSY, definition);
	_cleanup_buffer_ struct buffer reason = { 0 };

	buffer_add_string(&reason, "Nothing that can be seen prevents its start");
	if (state)
		buffer_add_string(&reason, state);
	return status_judge(ctx, status, MDEV_VERDICT_NOT_STARTED, &reason,
			    "mdevctl start " STATUS_NAME, STATUS_NAME_ARGS(status));
}

/* A device that should be active and is not: @r and @why are of start_check(). */
static int status_judge_check(struct mdev_ctx *ctx, struct mdev_status *status, int r,
			      const char *why)
{
	_cleanup_buffer_ struct buffer reason = { 0 };

	if (why)
		buffer_add_string(&reason, why);
	switch (r) {
	case -ENODEV:
		return status_judge_absent(ctx, status, &reason);
	case -ENOENT:
		return status_judge(ctx, status, MDEV_VERDICT_NO_TYPE, &reason,
				    "change the type: mdevctl modify " STATUS_NAME " -t TYPE",
				    STATUS_NAME_ARGS(status));
	case -EUSERS:
		return status_judge_exhausted(ctx, status, &reason);
	case -EEXIST:
		return status_judge(ctx, status, MDEV_VERDICT_UUID_IN_USE, &reason,
				    "stop the other device: mdevctl stop -u %s",
				    status->uuid.text);
	case -EINVAL:
		return status_judge(ctx, status, MDEV_VERDICT_REFUSED, &reason,
				    "correct the definition: mdevctl edit " STATUS_NAME,
				    STATUS_NAME_ARGS(status));
	default:
		return status_judge(ctx, status, MDEV_VERDICT_REFUSED, &reason,
				    "look for messages of the driver in the kernel's log: dmesg");
	}
}

static int status_judge_missing(struct mdev_ctx *ctx, struct mdev_status *status,
				const struct mdev_definition *definition)
{
	_cleanup_operation_ struct operation start =
		operation_of_definition(OPERATION_START, definition, MDEV_OP_NO_MODULE);
	_cleanup_handle_ struct handle parent = HANDLE_NONE;
	_cleanup_free_ char *why = NULL;
	int r;

	start.on = &parent;
	{
		log_catch(ctx, &why);
		r = definition_check_complete(definition);
		if (r == 0)
			r = start_check(&start);
	}
	if (r == -ENOMEM)
		return r;
	if (r == 0)
		return status_judge_startable(ctx, status, definition);
	return status_judge_check(ctx, status, r, why);
}

static int status_read_attempt(struct mdev_ctx *ctx, struct mdev_status *status,
			       const struct mdev_definition *definition)
{
	_cleanup_free_ char *text = NULL;
	int r;

	r = mdev_definition_get_json(definition, &text);
	if (r < 0)
		return r;
	r = attempt_read(ctx, &status->uuid, status->parent, text, &status->attempt);
	return r < 0 ? log_no_memory(ctx) : 0;
}

/* That it is stopped is right, and may be all that it can be. */
static int status_judge_manual(struct status_listing *list, struct mdev_status *status)
{
	_cleanup_buffer_ struct buffer reason = { 0 };

	if (!list->there || strcmp(list->there, status->parent) != 0)
		parent_add_absence(list->ctx, status->parent, &reason);
	if (reason.length == 0)
		list->there = status->parent;
	return status_judge(list->ctx, status, MDEV_VERDICT_STOPPED, &reason, NULL);
}

/* What was started and is not active has a reason for that, too. */
static int status_add_lost(struct mdev_ctx *ctx, struct mdev_status *status)
{
	_cleanup_buffer_ struct buffer lost = { 0 };
	char *reason;

	log_quietly(ctx);
	backend_explain_lost(ctx, &status->uuid, status->parent, &lost);
	if (lost.length == 0 && !lost.failed)
		return 0;
	if (lost.failed || asprintf(&reason, "%s%s", status->reason ?: "It is not active",
				    lost.text) < 0)
		return log_no_memory(ctx);
	free(status->reason);
	status->reason = reason;
	return 0;
}

static int status_judge_definition(struct status_listing *list, struct mdev_status *status,
				   const struct mdev_definition *definition)
{
	int r;

	if (mdev_definition_get_start(definition) != MDEV_START_AUTO)
		return status_judge_manual(list, status);
	r = status_read_attempt(list->ctx, status, definition);
	return r < 0 ? r : status_judge_missing(list->ctx, status, definition);
}

static int status_add_definition(struct status_listing *list,
				 const struct mdev_definition *definition)
{
	const char *type = mdev_definition_get_type(definition);
	struct mdev_status *status;
	int r;

	r = status_add(list, mdev_definition_get_uuid(definition),
		       mdev_definition_get_parent(definition), type, &status);
	if (r == 0)
		r = status_take_owner(list, status, definition);
	if (r < 0)
		return r;
	if (!type)
		return status_judge_file(list->ctx, status);
	r = status_judge_definition(list, status, definition);
	return r < 0 ? r : status_add_lost(list->ctx, status);
}

/* Active devices -------------------------------------------------------------------- */

static int status_compare_uuids(const void *a, const void *b)
{
	const struct mdev_definition *x = *(struct mdev_definition *const *)a;
	const struct mdev_definition *y = *(struct mdev_definition *const *)b;
	int order = strcmp(mdev_definition_get_uuid(x)->text, mdev_definition_get_uuid(y)->text);

	return order ? order : strcmp(mdev_definition_get_parent(x), mdev_definition_get_parent(y));
}

/* The definitions by UUID, then parent. */
static int status_sort_definitions(struct status_listing *list)
{
	size_t count = 0;

	if (list->by_uuid)
		return 0;
	while (list->definitions[count])
		count++;
	list->by_uuid = reallocarray(NULL, count + 1, sizeof(*list->by_uuid));
	if (!list->by_uuid)
		return log_no_memory(list->ctx);
	memcpy(list->by_uuid, list->definitions, count * sizeof(*list->by_uuid));
	qsort(list->by_uuid, count, sizeof(*list->by_uuid), status_compare_uuids);
	list->definition_count = count;
	return 0;
}

static int status_compare_uuid(const void *item, const void *uuid)
{
	const struct mdev_definition *definition = *(struct mdev_definition *const *)item;

	return strcmp(mdev_definition_get_uuid(definition)->text, uuid);
}

/* It has no definition for its parent; it may have one for another. */
static int status_judge_undefined(struct status_listing *list, struct mdev_status *status)
{
	_cleanup_buffer_ struct buffer reason = { 0 };
	size_t first, count;
	int r;

	r = status_sort_definitions(list);
	if (r < 0)
		return r;
	count = array_find(list->by_uuid, list->definition_count, sizeof(*list->by_uuid),
			   status_compare_uuid, status->uuid.text, &first);
	for (size_t i = first; i < first + count; i++)
		buffer_add_format(&reason, "%s%s",
				  reason.length > 0 ? ", " : "It is defined for another parent: ",
				  mdev_definition_get_parent(list->by_uuid[i]));
	if (reason.length == 0 && !reason.failed)
		return status_judge(list->ctx, status, MDEV_VERDICT_TRANSIENT, NULL, NULL);
	return status_judge(list->ctx, status, MDEV_VERDICT_DIFFERENT, &reason,
			    "stop it: mdevctl stop -u %s", status->uuid.text);
}

static int status_judge_active(struct status_listing *list, struct mdev_status *status,
			       const struct mdev_device *device,
			       const struct mdev_definition *definition)
{
	const char *type = mdev_definition_get_type(definition);
	_cleanup_buffer_ struct buffer reason = { 0 }, settings = { 0 };
	int r;

	if (strcmp(type, status->type) != 0) {
		buffer_add_format(&reason, "Its type is %s, defined is %s", status->type, type);
		return status_judge(list->ctx, status, MDEV_VERDICT_DIFFERENT, &reason,
				    "stop it, then start it again: mdevctl start " STATUS_NAME,
				    STATUS_NAME_ARGS(status));
	}
	r = status_find_drift(device, definition, "defined", list->flags, &reason);
	if (r < 0)
		return r;
	if (reason.length == 0 && !reason.failed)
		return status_judge(list->ctx, status, MDEV_VERDICT_RUNNING, NULL, NULL);
	status_add_settings(definition, &settings);
	if (settings.failed)
		return log_no_memory(list->ctx);
	return status_judge(list->ctx, status, MDEV_VERDICT_DIFFERENT, &reason,
			    "set its attributes: mdevctl modify --live " STATUS_NAME "%s",
			    STATUS_NAME_ARGS(status), settings.text);
}

/* Return: 1 if it has got a verdict, 0 if a virtual machine can use it, -ENOMEM reported. */
static int status_judge_use(struct status_listing *list, struct mdev_status *status,
			    const struct mdev_device *device)
{
	_cleanup_(device_info_unrefp) struct mdev_device_info *info = NULL;
	_cleanup_buffer_ struct buffer reason = { 0 };
	int r;

	if (!device_backend(device)->is_pci)
		return 0;
	r = device_info_get(device, &info);
	if (r < 0)
		return r == -ENOMEM ? log_no_memory(list->ctx) : 0;
	device_info_explain(list->ctx, info, &reason);
	if (reason.length == 0 && !reason.failed)
		return 0;
	buffer_add_string(&reason, ": no virtual machine can use it");
	r = status_judge(list->ctx, status, MDEV_VERDICT_UNUSABLE, &reason,
			 "load or bind its driver, or stop it: mdevctl stop " STATUS_NAME,
			 STATUS_NAME_ARGS(status));
	return r < 0 ? r : 1;
}

static int status_judge_starting(struct mdev_ctx *ctx, struct mdev_status *status)
{
	_cleanup_buffer_ struct buffer reason = { 0 };

	buffer_add_string(&reason, "A process is starting it: attributes may be missing");
	return status_judge(ctx, status, MDEV_VERDICT_STARTING, &reason,
			    "wait until it is started");
}

/* @definition: NULL if it has none for its parent, so that nobody knows how to start it again */
static int status_judge_half_started(struct mdev_ctx *ctx, struct mdev_status *status,
				     const struct mdev_definition *definition)
{
	_cleanup_buffer_ struct buffer reason = { 0 };

	buffer_add_string(&reason, "The process that started it was killed: attributes may be "
			  "missing");
	if (definition && mdev_definition_get_type(definition))
		return status_judge(ctx, status, MDEV_VERDICT_HALF_STARTED, &reason,
				    "start it again: mdevctl start " STATUS_NAME,
				    STATUS_NAME_ARGS(status));
	return status_judge(ctx, status, MDEV_VERDICT_HALF_STARTED, &reason,
			    "stop it: mdevctl stop " STATUS_NAME, STATUS_NAME_ARGS(status));
}

/* @definition: NULL if it has none for its parent */
static int status_add_device(struct status_listing *list, const struct mdev_device *device,
			     const struct mdev_definition *definition)
{
	enum journal_state state;
	struct mdev_status *status;
	int r;

	r = status_add(list, mdev_device_get_uuid(device), mdev_device_get_parent(device),
		       mdev_device_get_type(device), &status);
	if (r == 0)
		r = status_take_owner(list, status, definition);
	if (r < 0)
		return r;
	status->active = true;
	r = start_find_state(device, &state);
	if (r < 0)
		return log_no_memory(list->ctx);
	if (state == JOURNAL_STARTING)
		return status_judge_starting(list->ctx, status);
	if (state == JOURNAL_LEFT)
		return status_judge_half_started(list->ctx, status, definition);
	if (definition && !mdev_definition_get_type(definition))
		return status_judge_file(list->ctx, status);
	r = status_judge_use(list, status, device);
	if (r != 0)
		return r < 0 ? r : 0;
	if (!definition)
		return status_judge_undefined(list, status);
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
