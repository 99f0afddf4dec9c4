// SPDX-License-Identifier: LGPL-2.1-or-later
// What tests/python/sample.h declares.
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "sample.h"

struct mdev_ctx {
	int references, number;
	enum mdev_error_domain domain;
	int pipe[2];
};

const char *mdev_version(void)
{
	return MDEV_VERSION;
}

int mdev_ctx_new(struct mdev_ctx **ctx)
{
	*ctx = calloc(1, sizeof(**ctx));
	(*ctx)->references = 1;
	return pipe((*ctx)->pipe);
}

struct mdev_ctx *mdev_ctx_ref(struct mdev_ctx *ctx)
{
	ctx->references++;
	return ctx;
}

void mdev_ctx_unref(struct mdev_ctx *ctx)
{
	if (--ctx->references == 0)
		free(ctx);
}

const char *mdev_ctx_last_error(const struct mdev_ctx *ctx)
{
	return ctx->number ? "It failed" : "";
}

int mdev_ctx_last_error_number(const struct mdev_ctx *ctx)
{
	return ctx->number;
}

enum mdev_error_domain mdev_ctx_last_error_domain(const struct mdev_ctx *ctx)
{
	return ctx->domain;
}

const char *mdev_ctx_last_error_file(const struct mdev_ctx *ctx)
{
	return ctx->number ? "/file" : NULL;
}

int mdev_ctx_fail(struct mdev_ctx *ctx, int number, enum mdev_error_domain domain)
{
	ctx->domain = domain;
	return ctx->number = -number;
}

int mdev_ctx_count(struct mdev_ctx *ctx, int limit, mdev_count_fn *fn, void *data, int *reached,
		   int *answer)
{
	(void)ctx;
	*answer = 0;
	for (*reached = 1; *reached < limit; ++*reached) {
		*answer = fn(data, *reached);
		if (*answer)
			break;
	}
	return 0;
}

int mdev_ctx_cancel(struct mdev_ctx *ctx)
{
	return write(ctx->pipe[1], "", 1) == 1 ? 0 : -EIO;
}

int mdev_ctx_wait(struct mdev_ctx *ctx)
{
	char byte;

	return read(ctx->pipe[0], &byte, 1) == 1 ? 0 : -EIO;
}
