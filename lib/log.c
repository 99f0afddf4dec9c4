// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "log.h"
#include "util/text.h"

/* A name from outside must not make two records, or two lines, of one. */
_printf_format_(1, 0) static char *render(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		return NULL;
	text_make_line(text);
	return text;
}

static bool is_wanted(const struct mdev_ctx *ctx, enum mdev_log_level level)
{
	return ctx->log && level <= ctx->log_level;
}

void log_record(struct mdev_ctx *ctx, enum mdev_log_level level, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list args;

	if (!is_wanted(ctx, level))
		return;
	va_start(args, format);
	text = render(format, args);
	va_end(args);
	ctx->log(ctx->log_data, level, text ? text : format);
}

int log_fault(struct mdev_ctx *ctx, enum mdev_log_level level, int r, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list args;

	/* Whatever was being read, running out of memory ends it. */
	if (r == -ENOMEM)
		level = MDEV_LOG_ERROR;
	if (level != MDEV_LOG_ERROR && !is_wanted(ctx, level))
		return r;
	va_start(args, format);
	text = render(format, args);
	va_end(args);
	if (is_wanted(ctx, level))
		ctx->log(ctx->log_data, level, text ? text : format);
	if (level == MDEV_LOG_ERROR) {
		log_forget(ctx);
		ctx->error.text_lost = !text;
		ctx->error.text = TAKE_PTR(text);
		ctx->error.number = r;
	}
	return r;
}

int log_null_argument(struct mdev_ctx *ctx, const char *function)
{
	return ctx ? log_fail(ctx, -EINVAL, "%s() was given NULL", function) : -EINVAL;
}

void log_append(struct mdev_ctx *ctx, const char *format, ...)
{
	_cleanup_free_ char *more = NULL, *text = NULL;
	va_list args;

	va_start(args, format);
	more = render(format, args);
	va_end(args);
	if (!more || asprintf(&text, "%s%s", mdev_ctx_last_error(ctx), more) < 0) {
		text = NULL;
		return;
	}
	if (is_wanted(ctx, MDEV_LOG_ERROR))
		ctx->log(ctx->log_data, MDEV_LOG_ERROR, text);
	free(ctx->error.text);
	ctx->error.text = TAKE_PTR(text);
	ctx->error.text_lost = false;
}

/* The outermost function that knows a part may not know it best: the first one counts. */
static void complete(char **part, const char *value)
{
	if (!*part && value)
		*part = strdup(value);
}

int log_about_parts(struct mdev_ctx *ctx, int r, const struct about *about)
{
	struct last_error *error = &ctx->error;

	if (r >= 0)
		return r;
	if (!*error->uuid && about->uuid)
		snprintf(error->uuid, sizeof(error->uuid), "%s", about->uuid);
	complete(&error->parent, about->parent);
	complete(&error->attr, about->attr);
	complete(&error->file, about->file);
	return r;
}

void log_forget(struct mdev_ctx *ctx)
{
	free(ctx->error.text);
	free(ctx->error.parent);
	free(ctx->error.attr);
	free(ctx->error.file);
	ctx->error = (struct last_error){ 0 };
}
