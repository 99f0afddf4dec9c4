// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <sys/wait.h>

#include "callout.h"
#include "script_call.h"
#include "script_dir.h"

static const struct script_word callout_actions[] = {
	[OPERATION_START] = { "start", "Start" },
	[OPERATION_STOP] = { "stop", "Stop" },
	[OPERATION_DEFINE] = { "define", "Define" },
	[OPERATION_UNDEFINE] = { "undefine", "Undefine" },
	[OPERATION_MODIFY] = { "modify", "Modify" },
};

static const struct script_word event_pre = { "pre", "Pre" };
static const struct script_word event_post = { "post", "Post" };
static const struct script_word event_live = { "live", "Live" };
static const struct script_word event_notify = { "notify", "Notify" };

static const struct script_word *callout_action(const struct operation *operation)
{
	return &callout_actions[operation->kind];
}

/* Calling the script that is responsible ------------------------------------------- */

/* The result of a call. */
struct callout_answer {
	const char *script;	/* NULL if no script is responsible */
	struct script_result result;
};

static void callout_answer_clear(struct callout_answer *answer)
{
	script_result_clear(&answer->result);
}

static struct script_call callout_make(const struct operation *operation,
				       const struct script_word *event,
				       const struct script_word *action, const char *state,
				       const char *input)
{
	return (struct script_call){
		.event = event,
		.action = action,
		.uuid = operation->uuid->text,
		.parent = operation->parent,
		.type = operation->type,
		.state = state,
		.input = input,
	};
}

static int callout_check_supported(const struct operation *operation,
				   const struct script_word *event,
				   const struct script_word *action)
{
	const struct capabilities *able = scripts_capabilities(&operation->scripts);
	const char *script = operation->scripts.script;
	struct mdev_ctx *ctx = operation->ctx;

	if (!able)
		return 0;
	log_about(ctx, .file = script);
	if (!strings_have(&able->actions, action->name))
		return log_fail_script(ctx, -EOPNOTSUPP, "Script '%s' does not support action '%s'",
				       script, action->title);
	if (!strings_have(&able->events, event->name))
		return log_fail_script(ctx, -EOPNOTSUPP, "Script '%s' does not support event '%s'",
				       script, event->title);
	return 0;
}

/* Calls one script; *mine is false if the script says that it does not handle the type. */
static int callout_call_one(const struct operation *operation, const char *path,
			    const struct script_call *call, struct script_result *result,
			    bool *mine)
{
	struct mdev_ctx *ctx = operation->ctx;
	int r;

	*mine = false;
	r = script_call(ctx, path, call, result);
	if (script_is_none(r) && !operation->scripts.script)
		return 0;
	if (r < 0) {
		/* A script's own output says best where it hangs. */
		if (result->err)
			script_show(ctx, path, result);
		return script_fail(ctx, path, r);
	}
	if (!scripts_capabilities(&operation->scripts) && WIFEXITED(result->status) &&
	    WEXITSTATUS(result->status) == SCRIPT_NOT_MINE)
		return 0;
	*mine = true;
	script_show(ctx, path, result);
	return script_check(ctx, path, result->status);
}

/*
 * Calls the responsible script. If no script has reported capabilities, tries each one until one
 * does not say "not mine"; that one gets all further events.
 */
static int callout_call(struct operation *operation, const struct script_call *call,
			struct callout_answer *answer)
{
	struct scripts *scripts = &operation->scripts;
	bool mine = false;
	int r = 0;

	for (size_t i = 0; r == 0 && !mine && i < scripts->paths.count; i++) {
		const char *path = scripts->script ?: scripts->paths.items[i];

		script_result_clear(&answer->result);
		r = callout_call_one(operation, path, call, &answer->result, &mine);
		if (mine)
			answer->script = scripts->script = path;
		else if (scripts->script)
			break;
	}
	return r;
}

static int callout_send(struct operation *operation, const struct script_word *event,
			const char *state)
{
	_cleanup_(callout_answer_clear) struct callout_answer answer = { 0 };
	_cleanup_free_ char *input = NULL;
	struct script_call call;

	if (operation->scripts.paths.count == 0)
		return 0;
	if (cfg_format_compact(operation->config, &input) < 0)
		return log_no_memory(operation->ctx);
	call = callout_make(operation, event, callout_action(operation), state, input);
	return callout_call(operation, &call, &answer);
}

/* All notifiers hear of the end of an operation; nothing they do matters to it. */
static void callout_notify(const struct operation *operation, const char *state)
{
	const struct script_call call = callout_make(operation, &event_notify,
						     callout_action(operation), state, "");
	_cleanup_strings_ struct strings notifiers = { 0 };
	struct mdev_ctx *ctx = operation->ctx;
	struct script_stamp stamp;

	log_about(ctx, .level = MDEV_LOG_WARNING);
	if (script_dir_list(ctx, "notifiers", &notifiers, &stamp) < 0)
		return;
	for (size_t i = 0; i < notifiers.count; i++) {
		_cleanup_script_result_ struct script_result result = { 0 };
		const char *path = notifiers.items[i];
		int r = script_call(ctx, path, &call, &result);

		if (r < 0 && !script_is_none(r))
			script_fail(ctx, path, r);
		if (r < 0)
			continue;
		log_about(ctx, .level = MDEV_LOG_INFO);
		script_check(ctx, path, result.status);
	}
}

/* The protocol -------------------------------------------------------------------- */

static bool callout_is_wanted(const struct operation *operation)
{
	return !(operation->flags & MDEV_OP_NO_CALLOUTS);
}

/* Holds signals, which scripts need, and finds the scripts. */
static int callout_open(struct operation *operation)
{
	int r = operation_hold(operation);

	if (r < 0 || !callout_is_wanted(operation))
		return r;
	return scripts_open(operation->ctx, operation->uuid->text, operation->parent, operation->type,
			    &operation->scripts);
}

static int callout_send_pre(struct operation *operation)
{
	struct mdev_ctx *ctx = operation->ctx;
	int r;

	r = callout_check_supported(operation, &event_pre, callout_action(operation));
	if (r == 0)
		r = callout_send(operation, &event_pre, "none");
	if (r == 0 || r == -ENOMEM || !(operation->flags & MDEV_OP_FORCE))
		return r;
	log_warning(ctx, "Forcing operation '%s' despite callout failure. Error was: %s",
		    callout_action(operation)->name, mdev_ctx_last_error(ctx));
	return 0;
}

int callout_begin(struct operation *operation)
{
	int r;

	r = callout_open(operation);
	if (r < 0)
		return r;
	operation->state = "none";
	if (callout_is_wanted(operation))
		r = callout_send_pre(operation);
	/* A script that was interrupted may have done half of it: "post" is for that, too. */
	operation->begun = r == 0 || wait_is_interrupted(operation->ctx);
	return r < 0 ? r : operation_check_interrupt(operation);
}

/* A script may well have nothing to do in the end. */
static bool callout_wants_post(const struct operation *operation)
{
	log_about(operation->ctx, .level = MDEV_LOG_DEBUG);
	return callout_check_supported(operation, &event_post, callout_action(operation)) == 0;
}

/* A failure here does not hide the operation's own. */
static void callout_send_post(struct operation *operation, int r)
{
	operation->state = r == 0 ? "success" : "failure";
	if (!callout_wants_post(operation))
		return;
	log_about(operation->ctx, .level = MDEV_LOG_WARNING);
	callout_send(operation, &event_post, operation->state);
}

int callout_end(struct operation *operation, int r)
{
	struct interrupt *interrupt = operation->ctx->interrupt;
	bool was_ending = interrupt && interrupt->is_ending;

	if (interrupt)
		interrupt->is_ending = true;
	if (callout_is_wanted(operation) && operation->begun)
		callout_send_post(operation, r);
	/* Without a state it has not even been looked for scripts. */
	if (callout_is_wanted(operation) && operation->state)
		callout_notify(operation, operation->state);
	operation->begun = false;
	operation->state = NULL;
	if (interrupt)
		interrupt->is_ending = was_ending;
	return r;
}

bool callout_has_scripts(const struct operation *operation)
{
	return operation->scripts.paths.count > 0;
}

bool callout_is_between(const struct operation *operation)
{
	return operation->begun && operation->scripts.script;
}

int callout_run(struct operation *operation, operation_fn *fn)
{
	int r = callout_begin(operation);

	if (r == 0)
		r = fn(operation);
	return callout_end(operation, r);
}

/* Whether a script has reported capabilities, so that it can change active devices. */
static bool callout_has_versioned(const struct operation *operation)
{
	return scripts_capabilities(&operation->scripts);
}

int callout_run_live(struct operation *operation, operation_fn *fn)
{
	int r;

	r = callout_open(operation);
	if (r == 0)
		r = operation_check_interrupt(operation);
	if (r == 0)
		r = callout_check_supported(operation, &event_live, callout_action(operation));
	if (r < 0)
		return r;
	/* Without the vendor's script, its part of the change would be missing. */
	if (scripts_are_unsure(&operation->scripts))
		return log_fail_script(operation->ctx, -EOPNOTSUPP, "Device %s was not changed: "
				       "some callout scripts could not be asked whether they "
				       "handle type %s", operation->uuid->text, operation->type);
	if (callout_has_versioned(operation))
		r = callout_send(operation, &event_live, "none");
	else
		r = fn(operation);
	if (callout_is_wanted(operation))
		callout_notify(operation, "none");
	return r;
}

/* Attributes ---------------------------------------------------------------------- */

static int callout_take_attrs(struct mdev_ctx *ctx, const struct callout_answer *answer,
			      struct config *attrs)
{
	_cleanup_free_ char *problem = NULL;
	int r;

	r = cfg_parse_attrs(answer->result.out, answer->result.out_length, attrs, &problem);
	if (r == 0)
		return 0;
	if (r != -EBADMSG)
		return log_no_memory(ctx);
	log_about(ctx, .file = answer->script);
	return log_fail_script(ctx, r, "Invalid JSON received from callout script '%s': %s",
			       answer->script, problem);
}

static int callout_ask_attrs(struct operation *operation, struct config *attrs)
{
	const struct script_call call = callout_make(operation, &script_get, &script_attributes,
						     "none", "");
	_cleanup_(callout_answer_clear) struct callout_answer answer = { 0 };
	int r;

	r = callout_check_supported(operation, &script_get, &script_attributes);
	if (r == 0)
		r = callout_call(operation, &call, &answer);
	if (r < 0 || !answer.script)
		return r;
	return callout_take_attrs(operation->ctx, &answer, attrs);
}

int callout_get_attrs(struct operation *operation, struct config *attrs)
{
	int r;

	r = operation->begun ? 0 : callout_open(operation);
	return r < 0 ? r : callout_ask_attrs(operation, attrs);
}

int callout_get_live_attrs(struct operation *operation, struct config *attrs)
{
	int r;

	r = callout_open(operation);
	if (r < 0 || !callout_has_versioned(operation))
		return r;
	return callout_ask_attrs(operation, attrs);
}
