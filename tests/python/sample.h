/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a header can have that libmdev.h need not have, for tests/python/generator.bats.
 *
 *   -EINVAL            malformed
 *   -ENODEV            not there
 *   -ECANCELED         refused
 *   -EOPNOTSUPP        cannot be done
 */
#ifndef SAMPLE_H
#define SAMPLE_H

/** struct mdev_ctx - whose error it is */
struct mdev_ctx;

/* Version ------------------------------------------------------------------ */

/** First number. */
#define MDEV_VERSION_MAJOR 2
/** Second number, in another notation. */
#define MDEV_VERSION_MINOR 0x10u
/** Both in one. */
#define MDEV_VERSION_NUMBER \
	(MDEV_VERSION_MAJOR << 8 | \
	 MDEV_VERSION_MINOR)
/** Both as a text. */
#define MDEV_VERSION "2.16"
/** Is it at least that one? */
#define MDEV_VERSION_AT_LEAST(major, minor) \
	(MDEV_VERSION_NUMBER >= ((major) << 8 | (minor)))

/** mdev_version() - version of the library that runs. Since: 0.1 */
const char *mdev_version(void);

/* Context ------------------------------------------------------------------ */

/** enum mdev_error_domain - whose an error is */
enum mdev_error_domain {
	/** The caller's. */
	MDEV_ERROR_ARGUMENT = 1,
	/** A script's. */
	MDEV_ERROR_SCRIPT = 4,
};

/**
 * mdev_ctx_new() - make a context
 * @ctx: gets the context
 *
 * Return: 0, -EINVAL.
 * Since: 0.1
 */
int mdev_ctx_new(struct mdev_ctx **ctx);

/** mdev_ctx_ref() - take a reference; returns @ctx. Since: 0.1 */
struct mdev_ctx *mdev_ctx_ref(struct mdev_ctx *ctx);

/** mdev_ctx_unref() - drop a reference. Since: 0.1 */
void mdev_ctx_unref(struct mdev_ctx *ctx);

/** mdev_ctx_last_error() - its text. Since: 0.1 */
const char *mdev_ctx_last_error(const struct mdev_ctx *ctx);

/**
 * mdev_ctx_last_error_number() - its number
 * @ctx: context
 *
 * Return: -errno.
 * Since: 0.1
 */
int mdev_ctx_last_error_number(const struct mdev_ctx *ctx);

/** mdev_ctx_last_error_domain() - whose it is. Since: 0.1 */
enum mdev_error_domain mdev_ctx_last_error_domain(const struct mdev_ctx *ctx);

/** mdev_ctx_last_error_file() - its file, NULL for none. Since: 0.1 */
const char *mdev_ctx_last_error_file(const struct mdev_ctx *ctx);

/**
 * mdev_ctx_fail() - fail as told
 * @ctx: context
 * @number: of the error
 * @domain: whose it is to be
 *
 * Return: 0, -EINVAL.
 * Since: 0.1
 */
int mdev_ctx_fail(struct mdev_ctx *ctx, int number, enum mdev_error_domain domain);

/**
 * mdev_count_fn - hears a number
 * @data: what was given to mdev_ctx_count()
 * @number: how far it has got
 *
 * Return: 0 to go on; anything else ends it.
 */
typedef int mdev_count_fn(void *data, int number);

/**
 * mdev_ctx_count() - count until told to end
 * @ctx: context
 * @limit: where to end at the latest
 * @fn: called for each number
 * @data: handed to @fn
 * @reached: gets the last number
 * @answer: gets the last answer of @fn
 *
 * Return: 0, -EINVAL.
 * Since: 0.1
 */
int mdev_ctx_count(struct mdev_ctx *ctx, int limit, mdev_count_fn *fn, void *data, int *reached,
		   int *answer);

/**
 * mdev_ctx_cancel() - end what another thread waits for
 * @ctx: context, which may be in use by another thread
 *
 * Return: 0, -EINVAL.
 * Since: 0.1
 */
int mdev_ctx_cancel(struct mdev_ctx *ctx);

/**
 * mdev_ctx_wait() - wait for mdev_ctx_cancel()
 * @ctx: context
 *
 * Return: 0, -EINVAL.
 * Since: 0.1
 */
int mdev_ctx_wait(struct mdev_ctx *ctx);

#endif
