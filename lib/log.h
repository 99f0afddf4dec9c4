/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All output of the library: records for the context's sink, and the last error. The reason of a
 * failure is reported once, where it is found; callers pass the number on. The scopes around that
 * place say what the failure is about.
 */
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include <errno.h>
#include <string.h>

#include "ctx.h"

/* For the cause after a colon: printf(": " OS_ERROR, OS_ERROR_ARGS(r)), r being -errno. */
#define OS_ERROR         "%s (os error %d)"
#define OS_ERROR_ARGS(r) strerror(-(r)), -(r)

/*
 * The objects that failures inside are about, and their severity. NULL and 0 leave that to outer
 * scopes.
 */
struct log_scope {
	struct mdev_ctx *ctx;
	struct log_scope *outer;
	const char *uuid, *parent, *attr, *file;
	const char *reason;	/* of a failure, as it is in the text: "; <explanation>" */
	/*
	 * Records inside are logged at this level at most; a failure below MDEV_LOG_ERROR does
	 * not become the last error. -ENOMEM always does, as it ends any call.
	 */
	enum mdev_log_level level;
	bool quiet;	/* not even that: lookups here only explain another error */
	char **caught;	/* gets the text of the last failure inside, which is an answer here */
	/*
	 * A call of an application's: its arguments may be parts of the error before it, which
	 * therefore lives until the call returns, here.
	 */
	bool is_call;
	struct last_error former;
};

struct log_scope *log_scope_enter(struct mdev_ctx *ctx, struct log_scope *scope);
void log_scope_leave(struct log_scope **scope);

#define LOG_SCOPE_JOIN(a, b) a##b
#define LOG_SCOPE_NAME(line) LOG_SCOPE_JOIN(log_scope_, line)

/* From here to the end of the block: log_about(ctx, .uuid = uuid, .parent = parent); */
#define log_about(ctx, ...)                                                                     \
	_cleanup_(log_scope_leave) __attribute__((unused)) struct log_scope                     \
		*LOG_SCOPE_NAME(__LINE__) =                                                     \
			log_scope_enter(ctx, &(struct log_scope){ __VA_ARGS__ })

/* The same for the whole of a public function. */
#define log_call(ctx, ...) log_about(ctx, .is_call = true, __VA_ARGS__)

/* From here to the end of the block nothing is reported but debug records. */
#define log_quietly(ctx) log_about(ctx, .level = MDEV_LOG_DEBUG, .quiet = true)

/*
 * From here to the end of the block a failure is an answer that was asked for: its text goes to
 * @text, to be freed, and it is no error. -ENOMEM is one as ever.
 */
#define log_catch(ctx, text) log_about(ctx, .level = MDEV_LOG_DEBUG, .caught = text)

_printf_format_(3, 4) void log_record(struct mdev_ctx *ctx, enum mdev_log_level level,
				      const char *format, ...);

/* Reports a failure and who it comes from. Return: @r. */
_printf_format_(4, 5) int log_failure(struct mdev_ctx *ctx, enum mdev_error_domain domain, int r,
				      const char *format, ...);

/* Adds a consequence to the text of the last error, which stays the error. */
_printf_format_(2, 3) void log_append(struct mdev_ctx *ctx, const char *format, ...);

/* A NULL argument of @function, which may be @ctx itself. Return: -EINVAL. */
int log_null_argument(struct mdev_ctx *ctx, const char *function);
#define log_null(ctx) log_null_argument(ctx, __func__)

/* Frees the last error. */
void log_forget(struct mdev_ctx *ctx);

/* For failures that the library finds itself; -EINVAL is the caller's. */
#define log_fail(ctx, r, ...) log_failure(ctx, MDEV_DOMAIN_LIBRARY, r, __VA_ARGS__)
/* For failures of system calls: the kernel, a vendor driver or a file system refuses. */
#define log_fail_kernel(ctx, r, ...) log_failure(ctx, MDEV_DOMAIN_KERNEL, r, __VA_ARGS__)
/* For callout scripts that refuse or fail. */
#define log_fail_script(ctx, r, ...) log_failure(ctx, MDEV_DOMAIN_SCRIPT, r, __VA_ARGS__)
#define log_no_memory(ctx) log_fail_kernel(ctx, -ENOMEM, OS_ERROR, OS_ERROR_ARGS(-ENOMEM))

#define log_warning(ctx, ...) log_record(ctx, MDEV_LOG_WARNING, __VA_ARGS__)
#define log_script(ctx, ...)  log_record(ctx, MDEV_LOG_SCRIPT, __VA_ARGS__)
#define log_info(ctx, ...)    log_record(ctx, MDEV_LOG_INFO, __VA_ARGS__)
#define log_debug(ctx, ...)   log_record(ctx, MDEV_LOG_DEBUG, __VA_ARGS__)

#endif
