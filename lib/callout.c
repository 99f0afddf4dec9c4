// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "callout.h"
#include "log.h"
#include "script.h"
#include "script_dir.h"
#include "util/array.h"
#include "util/text.h"

/* "Not my type of device", says a script that ends with this status. */
#define STATUS_NOT_MINE 2

enum event { EVENT_PRE, EVENT_POST, EVENT_GET, EVENT_LIVE, EVENT_NOTIFY };

struct word {
	const char *name;	/* as scripts get it */
	const char *title;	/* as messages say it */
};

static const struct word actions[] = {
	[CALLOUT_START] = { "start", "Start" },
	[CALLOUT_STOP] = { "stop", "Stop" },
	[CALLOUT_DEFINE] = { "define", "Define" },
	[CALLOUT_UNDEFINE] = { "undefine", "Undefine" },
	[CALLOUT_MODIFY] = { "modify", "Modify" },
};

static const struct word attributes = { "attributes", "Attributes" };
static const struct word capabilities = { "capabilities", "Capabilities" };

static const struct word events[] = {
	[EVENT_PRE] = { "pre", "Pre" },
	[EVENT_POST] = { "post", "Post" },
	[EVENT_GET] = { "get", "Get" },
	[EVENT_LIVE] = { "live", "Live" },
	[EVENT_NOTIFY] = { "notify", "Notify" },
};

static const char provides[] =
	"{\"provides\":{\"version\":2,"
	"\"actions\":[\"start\",\"stop\",\"define\",\"undefine\",\"modify\","
	"\"attributes\",\"capabilities\"],"
	"\"events\":[\"pre\",\"post\",\"notify\",\"get\",\"live\"]}}";

/* Which script is responsible for a type of a parent: asked once per context. */
struct known {
	struct known *next;
	char *parent, *type;
	char *script;		/* NULL: none that tells its capabilities */
	struct capabilities capabilities;
};

struct callout_cache {
	struct known *first;
};

/* One operation's scripts. */
struct callout {
	struct mdev_ctx *ctx;
	const struct callout_subject *subject;
	struct strings scripts;
	const struct known *known;	/* NULL if there are no scripts */
	const char *script;		/* the one that has answered; NULL before */
};

static void known_free(struct known *known)
{
	capabilities_clear(&known->capabilities);
	free(known->script);
	free(known->parent);
	free(known->type);
	free(known);
}

static void known_freep(struct known **known)
{
	if (*known)
		known_free(*known);
}

static void cache_free(struct callout_cache *cache)
{
	for (struct known *known = cache->first, *next; known; known = next) {
		next = known->next;
		known_free(known);
	}
	free(cache);
}

/* Running one script ------------------------------------------------------- */

/* Each line of what a script says goes to the log under the script's name. */
static void log_output(struct mdev_ctx *ctx, const char *path, struct script_result *result)
{
	char *line, *rest = result->err;

	for (size_t i = 0; i < result->err_length; i++) {
		if (rest[i] == '\0' || rest[i] == '\r')
			rest[i] = '\n';
		else if (rest[i] == '\t')
			rest[i] = ' ';
	}
	while ((line = strsep(&rest, "\n")))
		if (*line)
			log_script(ctx, "%s: %s", path_base(path), line);
}

/* Whether the script does not count because it is none, or has gone. */
static bool is_no_script(int r)
{
	return r == -ENOEXEC || r == -EACCES || r == -ENOENT;
}

static int run_script(const struct callout *callout, const char *path, enum event event,
		      const struct word *action, const char *state, const char *input,
		      struct script_result *result)
{
	const struct callout_subject *subject = callout->subject;
	const char *const argv[] = {
		path,
		"-t", subject->type,
		"-e", events[event].name,
		"-a", action->name,
		"-s", state,
		"-u", subject->uuid,
		"-p", subject->parent,
		NULL
	};
	int r;

	log_debug(callout->ctx, "Running %s for %s-%s of %s", path, events[event].name,
		  action->name, subject->uuid);
	r = script_run(argv, input, callout->ctx->callout_timeout_ms, result);
	if (is_no_script(r))
		log_debug(callout->ctx, "%s cannot be run: " OS_ERROR, path, OS_ERROR_ARGS(r));
	return r;
}

static int fail_run(struct mdev_ctx *ctx, const char *path, int r)
{
	log_about(ctx, .file = path);
	if (r == -ETIMEDOUT)
		return log_fail_script(ctx, r, "Script '%s' was killed: it ran for more than %g s",
				       path, ctx->callout_timeout_ms / 1000.0);
	if (r == -EFBIG)
		return log_fail_script(ctx, r, "Script '%s' was killed: it wrote too much", path);
	if (r == -EINTR)
		return log_fail_script(ctx, r, "Script '%s' was killed: it went on after a signal",
				       path);
	return log_fail_script(ctx, r, "Script '%s' cannot be run: " OS_ERROR, path,
			       OS_ERROR_ARGS(r));
}

static int check_status(struct mdev_ctx *ctx, const char *path, int status)
{
	log_about(ctx, .file = path);
	if (WIFSIGNALED(status))
		return log_fail_script(ctx, -ECANCELED,
				       "Script '%s' was terminated by signal %d (%s)", path,
				       WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) != 0)
		return log_fail_script(ctx, -ECANCELED, "Script '%s' failed with status '%d'", path,
				       WEXITSTATUS(status));
	return 0;
}

/* Finding the script that is responsible ------------------------------------ */

/*
 * Scripts without capabilities are asked with each event instead. A script that
 * fails here is taken for one of those and passed over.
 *
 * Return: 1 if the script tells its capabilities, 0 if not, -ENOMEM.
 */
static int ask_capabilities(const struct callout *callout, const char *path,
			    struct capabilities *found)
{
	_cleanup_script_result_ struct script_result result = { 0 };
	int r;

	r = run_script(callout, path, EVENT_GET, &capabilities, "none", provides, &result);
	if (r == -ENOMEM)
		return r;
	if (is_no_script(r))
		return 0;
	log_about(callout->ctx, .level = MDEV_LOG_WARNING);
	if (r < 0) {
		fail_run(callout->ctx, path, r);
		return 0;
	}
	if (WIFSIGNALED(result.status)) {
		check_status(callout->ctx, path, result.status);
		return 0;
	}
	if (WEXITSTATUS(result.status) == STATUS_NOT_MINE)
		return 0;
	return cfg_parse_capabilities(result.out, result.out_length, found);
}

static bool is_one_of(const struct word *words, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i].name, name) == 0)
			return true;
	return false;
}

/* Those of a later version do no harm, but nor would they be what a slip of the pen meant. */
static void warn_unknown(struct mdev_ctx *ctx, const char *path, const struct capabilities *able)
{
	for (size_t i = 0; i < able->actions.count; i++) {
		const char *name = able->actions.items[i];

		if (!is_one_of(actions, ARRAY_SIZE(actions), name) &&
		    strcmp(name, attributes.name) != 0 && strcmp(name, capabilities.name) != 0)
			log_warning(ctx, "Script '%s' supports unknown action '%s'", path, name);
	}
	for (size_t i = 0; i < able->events.count; i++)
		if (!is_one_of(events, ARRAY_SIZE(events), able->events.items[i]))
			log_warning(ctx, "Script '%s' supports unknown event '%s'", path,
				    able->events.items[i]);
}

static int find_versioned(const struct callout *callout, struct known *known)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < callout->scripts.count; i++) {
		r = ask_capabilities(callout, callout->scripts.items[i], &known->capabilities);
		if (r == 1) {
			warn_unknown(callout->ctx, callout->scripts.items[i],
				     &known->capabilities);
			known->script = strdup(callout->scripts.items[i]);
			r = known->script ? 1 : -ENOMEM;
		}
	}
	return r < 0 ? r : 0;
}

static const struct known *find_known(const struct callout_cache *cache,
				      const struct callout_subject *subject)
{
	for (const struct known *known = cache->first; known; known = known->next)
		if (strcmp(known->parent, subject->parent) == 0 &&
		    strcmp(known->type, subject->type) == 0)
			return known;
	return NULL;
}

static int get_known(struct callout *callout)
{
	_cleanup_(known_freep) struct known *known = NULL;
	struct callout_cache **cache = &callout->ctx->callouts;

	if (!*cache)
		*cache = calloc(1, sizeof(**cache));
	if (!*cache)
		return -ENOMEM;
	callout->ctx->callouts_free = cache_free;
	callout->known = find_known(*cache, callout->subject);
	if (callout->known)
		return 0;

	known = calloc(1, sizeof(*known));
	if (!known)
		return -ENOMEM;
	known->parent = strdup(callout->subject->parent);
	known->type = strdup(callout->subject->type);
	if (!known->parent || !known->type || find_versioned(callout, known) < 0)
		return -ENOMEM;
	known->next = (*cache)->first;
	callout->known = (*cache)->first = TAKE_PTR(known);
	return 0;
}

static void callout_close(struct callout *callout)
{
	strings_clear(&callout->scripts);
}

static int callout_open(struct mdev_ctx *ctx, const struct callout_subject *subject,
			struct callout *callout)
{
	int r;

	*callout = (struct callout){ .ctx = ctx, .subject = subject };
	r = script_dir_list(ctx, "callouts", &callout->scripts);
	if (r < 0 || callout->scripts.count == 0)
		return r;
	r = get_known(callout);
	if (r < 0) {
		callout_close(callout);
		return log_no_memory(ctx);
	}
	callout->script = callout->known->script;
	return 0;
}

/* Calling it ---------------------------------------------------------------- */

/* What a call came to. */
struct answer {
	const char *script;	/* NULL if no script is responsible */
	struct script_result result;
};

static void answer_clear(struct answer *answer)
{
	script_result_clear(&answer->result);
}

static int check_supported(const struct callout *callout, enum event event,
			   const struct word *action)
{
	const struct capabilities *able = &callout->known->capabilities;

	log_about(callout->ctx, .file = callout->script);
	if (!strings_have(&able->actions, action->name))
		return log_fail_script(callout->ctx, -EOPNOTSUPP,
				       "Script '%s' does not support action '%s'", callout->script,
				       action->title);
	if (!strings_have(&able->events, events[event].name))
		return log_fail_script(callout->ctx, -EOPNOTSUPP,
				       "Script '%s' does not support event '%s'", callout->script,
				       events[event].title);
	return 0;
}

/* One script; *mine is false if it says that the type is none of its own. */
static int call_one(const struct callout *callout, const char *path,
		    enum event event, const struct word *action, const char *state,
		    const char *input, struct script_result *result, bool *mine)
{
	int r;

	*mine = false;
	r = run_script(callout, path, event, action, state, input, result);
	if (is_no_script(r) && !callout->script)
		return 0;
	if (r < 0) {
		/* Where a script hangs is best told by itself. */
		if (result->err)
			log_output(callout->ctx, path, result);
		return fail_run(callout->ctx, path, r);
	}
	if (!callout->known->script && WIFEXITED(result->status) &&
	    WEXITSTATUS(result->status) == STATUS_NOT_MINE)
		return 0;
	*mine = true;
	log_output(callout->ctx, path, result);
	return check_status(callout->ctx, path, result->status);
}

/*
 * Calls the responsible script. Without one that told its capabilities, each is
 * tried until one does not say "not mine"; that one gets all further events.
 */
static int call(struct callout *callout, enum event event,
		const struct word *action, const char *state, const char *input,
		struct answer *answer)
{
	bool mine = false;
	int r = 0;

	if (callout->scripts.count == 0)
		return 0;
	if (callout->known->script) {
		/* A script may well have nothing to do in the end. */
		log_about(callout->ctx, .level = event == EVENT_POST ? MDEV_LOG_DEBUG : 0);
		r = check_supported(callout, event, action);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; r == 0 && !mine && i < callout->scripts.count; i++) {
		const char *path = callout->script ?: callout->scripts.items[i];

		script_result_clear(&answer->result);
		r = call_one(callout, path, event, action, state, input, &answer->result,
			     &mine);
		if (mine)
			answer->script = callout->script = path;
		else if (callout->script)
			break;
	}
	return r;
}

/* All notifiers hear of the end of an operation; nothing they do matters to it. */
static void notify(const struct callout *callout, const struct word *action, const char *state)
{
	_cleanup_strings_ struct strings notifiers = { 0 };

	log_about(callout->ctx, .level = MDEV_LOG_WARNING);
	if (script_dir_list(callout->ctx, "notifiers", &notifiers) < 0)
		return;
	for (size_t i = 0; i < notifiers.count; i++) {
		_cleanup_script_result_ struct script_result result = { 0 };
		const char *path = notifiers.items[i];
		int r;

		r = run_script(callout, path, EVENT_NOTIFY, action, state, "", &result);
		if (r < 0 && !is_no_script(r))
			fail_run(callout->ctx, path, r);
		if (r < 0)
			continue;
		log_about(callout->ctx, .level = MDEV_LOG_INFO);
		check_status(callout->ctx, path, result.status);
	}
}

/* The protocol -------------------------------------------------------------- */

static int call_with_config(struct callout *callout, enum event event,
			    enum callout_action action, const char *state)
{
	_cleanup_(answer_clear) struct answer answer = { 0 };
	_cleanup_free_ char *input = NULL;

	if (callout->scripts.count == 0)
		return 0;
	if (cfg_format_compact(callout->subject->config, &input) < 0)
		return log_no_memory(callout->ctx);
	return call(callout, event, &actions[action], state, input, &answer);
}

static int call_pre(struct callout *callout, enum callout_action action, unsigned int flags)
{
	int r;

	r = call_with_config(callout, EVENT_PRE, action, "none");
	if (r == 0 || r == -ENOMEM || !(flags & MDEV_OP_FORCE))
		return r;
	log_warning(callout->ctx, "Forcing operation '%s' despite callout failure. Error was: %s",
		    actions[action].name, mdev_ctx_last_error(callout->ctx));
	return 0;
}

static int run_around(struct mdev_ctx *ctx, const struct callout_subject *subject,
		      enum callout_action action, unsigned int flags,
		      callout_operation *operation, void *data)
{
	_cleanup_(callout_close) struct callout callout = { 0 };
	const char *state = "none";
	int r;

	r = callout_open(ctx, subject, &callout);
	if (r < 0)
		return r;
	r = call_pre(&callout, action, flags);
	if (r == 0) {
		r = operation(ctx, data, flags);
		state = r == 0 ? "success" : "failure";
		/* At this level a failure here does not hide the operation's own. */
		log_about(ctx, .level = MDEV_LOG_WARNING);
		call_with_config(&callout, EVENT_POST, action, state);
	}
	notify(&callout, &actions[action], state);
	return r;
}

int callout_around(struct mdev_ctx *ctx, const struct callout_subject *subject,
		   enum callout_action action, unsigned int flags, callout_operation *operation,
		   void *data)
{
	log_about(ctx, .uuid = subject->uuid, .parent = subject->parent);
	if (flags & MDEV_OP_NO_CALLOUTS)
		return operation(ctx, data, flags);
	return run_around(ctx, subject, action, flags, operation, data);
}

static int run_live(struct mdev_ctx *ctx, const struct callout_subject *subject,
		    unsigned int flags, callout_operation *operation, void *data)
{
	_cleanup_(callout_close) struct callout callout = { 0 };
	int r;

	r = callout_open(ctx, subject, &callout);
	if (r == 0 && callout.script)
		r = check_supported(&callout, EVENT_LIVE, &actions[CALLOUT_MODIFY]);
	if (r < 0)
		return r;
	if (callout.script)
		r = call_with_config(&callout, EVENT_LIVE, CALLOUT_MODIFY, "none");
	else
		r = operation(ctx, data, flags);
	notify(&callout, &actions[CALLOUT_MODIFY], "none");
	return r;
}

int callout_live(struct mdev_ctx *ctx, const struct callout_subject *subject, unsigned int flags,
		 callout_operation *operation, void *data)
{
	log_about(ctx, .uuid = subject->uuid, .parent = subject->parent);
	if (flags & MDEV_OP_NO_CALLOUTS)
		return operation(ctx, data, flags);
	return run_live(ctx, subject, flags, operation, data);
}

/* What a script answered to get-attributes. */
static int take_attrs(struct mdev_ctx *ctx, const struct answer *answer,
		      struct config *attrs)
{
	_cleanup_free_ char *problem = NULL;
	int r;

	r = cfg_parse_attrs(answer->result.out, answer->result.out_length, attrs, &problem);
	if (r == -EBADMSG) {
		log_about(ctx, .file = answer->script);
		return log_fail_script(ctx, r, "Invalid JSON received from callout script '%s': %s",
				       answer->script, problem);
	}
	return r < 0 ? log_no_memory(ctx) : 0;
}

static int get_attrs(struct callout *callout, struct config *attrs)
{
	_cleanup_(answer_clear) struct answer answer = { 0 };
	int r;

	r = call(callout, EVENT_GET, &attributes, "none", "", &answer);
	if (r < 0 || !answer.script)
		return r;
	return take_attrs(callout->ctx, &answer, attrs);
}

int callout_get_attrs(struct mdev_ctx *ctx, const struct callout_subject *subject,
		      struct config *attrs)
{
	_cleanup_(callout_close) struct callout callout = { 0 };
	int r;

	r = callout_open(ctx, subject, &callout);
	return r < 0 ? r : get_attrs(&callout, attrs);
}

int callout_get_live_attrs(struct mdev_ctx *ctx, const struct callout_subject *subject,
			   struct config *attrs)
{
	_cleanup_(callout_close) struct callout callout = { 0 };
	int r;

	r = callout_open(ctx, subject, &callout);
	if (r < 0 || !callout.script)
		return r;
	return get_attrs(&callout, attrs);
}
