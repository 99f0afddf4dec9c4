// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "util/text.h"

struct log_scope *log_scope_enter(struct mdev_ctx *ctx, struct log_scope *scope)
{
	if (!ctx)
		return NULL;
	scope->ctx = ctx;
	scope->outer = ctx->scope;
	ctx->scope = scope;
	return scope;
}

static void log_free_error(struct last_error *error)
{
	free(error->text);
	free(error->uuid);
	free(error->parent);
	free(error->attr);
	free(error->file);
	free(error->reason);
	*error = (struct last_error){ 0 };
}

void log_scope_leave(struct log_scope **scope)
{
	if (!*scope)
		return;
	log_free_error(&(*scope)->former);
	(*scope)->ctx->scope = (*scope)->outer;
}

/* The level at which the scopes let a record pass. */
static enum mdev_log_level log_level_here(const struct mdev_ctx *ctx, enum mdev_log_level level)
{
	for (const struct log_scope *scope = ctx->scope; scope; scope = scope->outer)
		if (scope->level > level)
			level = scope->level;
	return level;
}

static bool log_is_quiet(const struct mdev_ctx *ctx)
{
	for (const struct log_scope *scope = ctx->scope; scope; scope = scope->outer)
		if (scope->quiet)
			return true;
	return false;
}

/* Where the text of a failure goes if that is an answer; lookups that only explain it are not. */
static char **log_find_catcher(const struct mdev_ctx *ctx)
{
	for (const struct log_scope *scope = ctx->scope; scope && !scope->quiet; scope = scope->outer)
		if (scope->caught)
			return scope->caught;
	return NULL;
}

static bool log_is_wanted(const struct mdev_ctx *ctx, enum mdev_log_level level)
{
	return ctx->log && level <= ctx->log_level;
}

/* A name from outside must not make two records, or two lines, of one. */
_printf_format_(1, 0) static char *log_render(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		return NULL;
	text_make_line(text);
	return text;
}

void log_record(struct mdev_ctx *ctx, enum mdev_log_level level, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list args;

	level = log_level_here(ctx, level);
	if (!log_is_wanted(ctx, level))
		return;
	va_start(args, format);
	text = log_render(format, args);
	va_end(args);
	ctx->log(ctx->log_data, level, text ? text : format);
}

static struct mdev_uuid *log_copy_uuid(const char *text)
{
	struct mdev_uuid *uuid = malloc(sizeof(*uuid));

	if (uuid)
		snprintf(uuid->text, sizeof(uuid->text), "%s", text);
	return uuid;
}

/* The innermost scope knows a part best. */
static void log_complete(struct last_error *error, const struct log_scope *scope)
{
	for (; scope; scope = scope->outer) {
		if (!error->uuid && scope->uuid)
			error->uuid = log_copy_uuid(scope->uuid);
		if (!error->parent && scope->parent)
			error->parent = strdup(scope->parent);
		if (!error->attr && scope->attr)
			error->attr = strdup(scope->attr);
		if (!error->file && scope->file)
			error->file = strdup(scope->file);
		if (!error->reason && scope->reason)
			error->reason = strdup(scope->reason + strspn(scope->reason, "; "));
	}
}

/*
 * The outermost call that began while the present error was the last one. Its arguments, or those
 * of calls in its callback, may be parts of that error.
 */
static struct last_error *log_find_former(const struct mdev_ctx *ctx)
{
	struct last_error *former = NULL;

	for (struct log_scope *scope = ctx->scope; scope; scope = scope->outer)
		if (scope->is_call && !scope->former.number)
			former = &scope->former;
	return former;
}

static void log_keep_error(struct mdev_ctx *ctx, enum mdev_error_domain domain, int r, char *text)
{
	struct last_error former = ctx->error, *kept = log_find_former(ctx);

	ctx->error = (struct last_error){
		.text = text,
		.text_lost = !text,
		.number = r,
		.domain = domain,
	};
	log_complete(&ctx->error, ctx->scope);
	if (kept && former.number)
		*kept = former;
	else
		log_free_error(&former);
}

int log_failure(struct mdev_ctx *ctx, enum mdev_error_domain domain, int r, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	enum mdev_log_level level = log_level_here(ctx, MDEV_LOG_ERROR);
	char **caught = log_find_catcher(ctx);
	va_list args;

	if (r == -ENOMEM && !log_is_quiet(ctx))
		level = MDEV_LOG_ERROR;
	if (level != MDEV_LOG_ERROR && !caught && !log_is_wanted(ctx, level))
		return r;
	va_start(args, format);
	text = log_render(format, args);
	va_end(args);
	if (log_is_wanted(ctx, level))
		ctx->log(ctx->log_data, level, text ? text : format);
	if (domain == MDEV_DOMAIN_LIBRARY && r == -EINVAL)
		domain = MDEV_DOMAIN_ARGUMENT;
	if (level == MDEV_LOG_ERROR) {
		log_keep_error(ctx, domain, r, TAKE_PTR(text));
	} else if (caught) {
		free(*caught);
		*caught = TAKE_PTR(text);
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
	more = log_render(format, args);
	va_end(args);
	if (!more || asprintf(&text, "%s%s", mdev_ctx_last_error(ctx), more) < 0) {
		text = NULL;
		return;
	}
	log_info(ctx, "%s", text);
	free(ctx->error.text);
	ctx->error.text = TAKE_PTR(text);
	ctx->error.text_lost = false;
}

void log_forget(struct mdev_ctx *ctx)
{
	log_free_error(&ctx->error);
}
