/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one way in which the library says something: records for the context's
 * sink, and the text of mdev_ctx_last_error(). The reason of a failure is told
 * once, where it is found; callers pass the number on.
 */
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include <errno.h>
#include <string.h>

#include "ctx.h"

/* For the cause behind a colon: printf(": " OS_ERROR, OS_ERROR_ARGS(r)), r being -errno. */
#define OS_ERROR         "%s (os error %d)"
#define OS_ERROR_ARGS(r) strerror(-(r)), -(r)

_printf_format_(3, 4) void log_record(struct mdev_ctx *ctx, enum mdev_log_level level,
				      const char *format, ...);

/*
 * A failure that the caller may only want to know as a warning (an element left
 * out of a list): at MDEV_LOG_ERROR the text becomes the last error.
 *
 * Return: @r.
 */
_printf_format_(4, 5) int log_fault(struct mdev_ctx *ctx, enum mdev_log_level level, int r,
				    const char *format, ...);

/* What a failure is about, as far as is known; NULL for the rest. */
struct about {
	const char *uuid, *parent, *attr, *file;
};

/* Completes the last error, which is that of @r, if it is one, with what it does not tell yet. */
int log_about_parts(struct mdev_ctx *ctx, int r, const struct about *about);
#define log_about(ctx, r, ...) log_about_parts(ctx, r, &(struct about){ __VA_ARGS__ })

/* The same for what log_fault() was told at @level: only at MDEV_LOG_ERROR it is the last error. */
#define log_about_at(ctx, level, r, ...) \
	((level) == MDEV_LOG_ERROR ? log_about(ctx, r, __VA_ARGS__) : (r))

/* Adds a consequence to the text of the last error, which stays the error. */
_printf_format_(2, 3) void log_append(struct mdev_ctx *ctx, const char *format, ...);

/* A NULL argument of @function, which may be @ctx itself. Return: -EINVAL. */
int log_null_argument(struct mdev_ctx *ctx, const char *function);
#define log_null(ctx) log_null_argument(ctx, __func__)

/* Frees the last error. */
void log_forget(struct mdev_ctx *ctx);

#define log_fail(ctx, r, ...) log_fault(ctx, MDEV_LOG_ERROR, r, __VA_ARGS__)
#define log_no_memory(ctx)    log_fail(ctx, -ENOMEM, OS_ERROR, OS_ERROR_ARGS(-ENOMEM))
#define log_warning(ctx, ...) log_record(ctx, MDEV_LOG_WARNING, __VA_ARGS__)
#define log_script(ctx, ...)  log_record(ctx, MDEV_LOG_SCRIPT, __VA_ARGS__)
#define log_info(ctx, ...)    log_record(ctx, MDEV_LOG_INFO, __VA_ARGS__)
#define log_debug(ctx, ...)   log_record(ctx, MDEV_LOG_DEBUG, __VA_ARGS__)

#endif
