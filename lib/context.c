// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "ctx.h"
#include "log.h"
#include "sysfs.h"
#include "util/refs.h"
#include "vgpu.h"

#define DEFAULT_TIMEOUT_MS 5000
#define DEFAULT_CALLOUT_TIMEOUT_MS 60000

MDEV_EXPORT int mdev_ctx_new(struct mdev_ctx **ctx)
{
	_cleanup_(ctx_unrefp) struct mdev_ctx *new = NULL;
	const char *root = secure_getenv("MDEVCTL_ENV_ROOT");
	int r;

	if (!ctx)
		return -EINVAL;
	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->refs = 1;
	new->timeout_ms = DEFAULT_TIMEOUT_MS;
	new->callout_timeout_ms = DEFAULT_CALLOUT_TIMEOUT_MS;
	new->backends = backends;
	new->transports = vgpu_transports;
	new->sysfs = &sysfs_kernel_ops;
	r = mdev_ctx_set_root(new, root && *root ? root : "/");
	if (r < 0)
		return r;
	*ctx = TAKE_PTR(new);
	return 0;
}

MDEV_EXPORT struct mdev_ctx *mdev_ctx_ref(struct mdev_ctx *ctx)
{
	refs_get(&ctx->refs);
	return ctx;
}

static void ctx_forget_scripts(struct mdev_ctx *ctx)
{
	if (ctx->scripts)
		ctx->scripts_free(TAKE_PTR(ctx->scripts));
}

MDEV_EXPORT void mdev_ctx_unref(struct mdev_ctx *ctx)
{
	if (!ctx || !refs_put(&ctx->refs))
		return;
	ctx_forget_scripts(ctx);
	free(ctx->root);
	free(ctx->prefix);
	log_forget(ctx);
	free(ctx);
}

MDEV_EXPORT int mdev_ctx_set_root(struct mdev_ctx *ctx, const char *root)
{
	_cleanup_free_ char *copy = NULL, *prefix = NULL;
	size_t length;

	if (ANY_NULL(ctx, root))
		return log_null(ctx);
	length = strlen(root);
	if (length == 0)
		return log_fail(ctx, -EINVAL, "The name of the root directory is empty");
	copy = strdup(root);
	while (length > 0 && root[length - 1] == '/')
		length--;
	prefix = strndup(root, length);
	if (!copy || !prefix)
		return log_no_memory(ctx);
	/* Another root has other scripts. */
	ctx_forget_scripts(ctx);
	free(ctx->root);
	free(ctx->prefix);
	ctx->root = TAKE_PTR(copy);
	ctx->prefix = TAKE_PTR(prefix);
	return 0;
}

MDEV_EXPORT const char *mdev_ctx_get_root(const struct mdev_ctx *ctx)
{
	return ctx->root;
}

MDEV_EXPORT void mdev_ctx_set_log(struct mdev_ctx *ctx, enum mdev_log_level level, mdev_log_fn *fn,
				  void *data)
{
	ctx->log_level = level;
	ctx->log = fn;
	ctx->log_data = data;
}

MDEV_EXPORT void mdev_ctx_set_wait(struct mdev_ctx *ctx, mdev_wait_fn *fn, void *data)
{
	ctx->wait_fn = fn;
	ctx->wait_data = data;
}

MDEV_EXPORT void mdev_ctx_set_timeout(struct mdev_ctx *ctx, unsigned int milliseconds)
{
	ctx->timeout_ms = milliseconds;
	ctx->timeout_is_set = true;
}

MDEV_EXPORT void mdev_ctx_set_callout_timeout(struct mdev_ctx *ctx, unsigned int milliseconds)
{
	ctx->callout_timeout_ms = milliseconds;
}

MDEV_EXPORT void mdev_ctx_cancel(struct mdev_ctx *ctx)
{
	__atomic_store_n(&ctx->cancelled, 1, __ATOMIC_RELAXED);
}

MDEV_EXPORT const char *mdev_ctx_last_error(const struct mdev_ctx *ctx)
{
	if (ctx->error.text_lost)
		return "Cannot allocate memory (os error 12)";
	return ctx->error.text ? ctx->error.text : "";
}

MDEV_EXPORT int mdev_ctx_last_error_number(const struct mdev_ctx *ctx)
{
	return ctx->error.number;
}

MDEV_EXPORT enum mdev_error_domain mdev_ctx_last_error_domain(const struct mdev_ctx *ctx)
{
	return ctx->error.domain;
}

MDEV_EXPORT const char *mdev_version(void)
{
	return MDEV_VERSION;
}

MDEV_EXPORT const struct mdev_uuid *mdev_ctx_last_error_uuid(const struct mdev_ctx *ctx)
{
	return ctx->error.uuid;
}

MDEV_EXPORT const char *mdev_ctx_last_error_parent(const struct mdev_ctx *ctx)
{
	return ctx->error.parent;
}

MDEV_EXPORT const char *mdev_ctx_last_error_attr(const struct mdev_ctx *ctx)
{
	return ctx->error.attr;
}

MDEV_EXPORT const char *mdev_ctx_last_error_file(const struct mdev_ctx *ctx)
{
	return ctx->error.file;
}

MDEV_EXPORT const char *mdev_ctx_last_error_reason(const struct mdev_ctx *ctx)
{
	return ctx->error.reason;
}
