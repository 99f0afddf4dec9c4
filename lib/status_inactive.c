// SPDX-License-Identifier: LGPL-2.1-or-later
/* Why a device that is defined is not active, and whether it should be. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "attempt.h"
#include "backend.h"
#include "definition.h"
#include "explain.h"
#include "explain_parent.h"
#include "log.h"
#include "module.h"
#include "parent.h"
#include "start.h"
#include "status.h"

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

int status_judge_inactive(struct status_listing *list, struct mdev_status *status,
			  const struct mdev_definition *definition)
{
	int r;

	if (!mdev_definition_get_type(definition))
		return status_judge_file(list->ctx, status);
	r = status_judge_definition(list, status, definition);
	return r < 0 ? r : status_add_lost(list->ctx, status);
}
