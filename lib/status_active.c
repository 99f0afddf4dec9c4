// SPDX-License-Identifier: LGPL-2.1-or-later
/* Whether an active device is as its definition wants it, and can be used. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "definition.h"
#include "device.h"
#include "device_info.h"
#include "journal.h"
#include "log.h"
#include "start.h"
#include "status.h"
#include "status_drift.h"
#include "util/array.h"

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

static int status_judge_settings(struct status_listing *list, struct mdev_status *status,
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

int status_judge_active(struct status_listing *list, struct mdev_status *status,
			const struct mdev_device *device,
			const struct mdev_definition *definition)
{
	enum journal_state state;
	int r;

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
	return status_judge_settings(list, status, device, definition);
}
