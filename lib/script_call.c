// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "interrupt.h"
#include "log.h"
#include "script_call.h"
#include "util/text.h"

bool script_is_none(int r)
{
	return r == -ENOEXEC || r == -EACCES || r == -ENOENT;
}

/* An operation that is to end has "post" run, but not for as long as others may. */
static unsigned int script_timeout(const struct mdev_ctx *ctx)
{
	if (interrupt_is_pending(ctx->interrupt) && ctx->callout_timeout_ms > SCRIPT_GRACE_MS)
		return SCRIPT_GRACE_MS;
	return ctx->callout_timeout_ms;
}

int script_call(struct mdev_ctx *ctx, const char *path, const struct script_call *call,
		struct script_result *result)
{
	const char *const argv[] = {
		path,
		"-t", call->type,
		"-e", call->event->name,
		"-a", call->action->name,
		"-s", call->state,
		"-u", call->uuid,
		"-p", call->parent,
		NULL
	};
	int r;

	log_debug(ctx, "Running %s for %s-%s of %s", path, call->event->name, call->action->name,
		  call->uuid);
	r = script_run(argv, call->input, script_timeout(ctx), ctx->interrupt, result);
	if (script_is_none(r))
		log_debug(ctx, "%s cannot be run: " OS_ERROR, path, OS_ERROR_ARGS(r));
	return r;
}

/* A script may write much, but must not flood a terminal or a journal. */
#define MAX_LINES 100

void script_show(struct mdev_ctx *ctx, const char *path, struct script_result *result)
{
	size_t n_lines = 0, left_out = result->err_left_out;
	char *line, *rest = result->err;

	for (size_t i = 0; i < result->err_length; i++) {
		if (rest[i] == '\0' || rest[i] == '\r')
			rest[i] = '\n';
		else if (rest[i] == '\t')
			rest[i] = ' ';
	}
	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		if (n_lines++ == MAX_LINES) {
			left_out += result->err + result->err_length - line;
			break;
		}
		log_script(ctx, "%s: %s", path_base(path), line);
	}
	if (left_out > 0)
		log_warning(ctx, "Script '%s' wrote %zu bytes more, which are not shown", path,
			    left_out);
}

int script_fail(struct mdev_ctx *ctx, const char *path, int r)
{
	log_about(ctx, .file = path);
	if (r == -ETIMEDOUT)
		return log_fail_script(ctx, r, "Script '%s' was killed: it ran for more than %g s",
				       path, ctx->callout_timeout_ms / 1000.0);
	if (r == -EFBIG)
		return log_fail_script(ctx, r, "Script '%s' was killed: it wrote too much", path);
	if (r == -EINTR)
		return log_fail_script(ctx, r, "Script '%s' was killed: still running %d s after "
				       "the signal", path, SCRIPT_GRACE_MS / 1000);
	return log_fail_script(ctx, r, "Script '%s' cannot be run: " OS_ERROR, path,
			       OS_ERROR_ARGS(r));
}

int script_check(struct mdev_ctx *ctx, const char *path, int status)
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
