// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * threads PARENT TYPE THREADS ROUNDS: each thread, with a context of its own, defines, starts, stops
 * and undefines a device that all share and one of its own. Fails unless what has succeeded is what
 * is there in the end, and everything with a device of its own has.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmdev.h>

static const char *parent, *type;
static long rounds;
static struct mdev_uuid shared;
static atomic_long defined, started;

static int definition_new(struct mdev_ctx *ctx, const struct mdev_uuid *uuid,
			  struct mdev_definition **definition)
{
	int r = mdev_definition_new(ctx, uuid, definition);

	if (r == 0)
		r = mdev_definition_set_parent(*definition, parent);
	return r ?: mdev_definition_set_type(*definition, type);
}

static int stop(struct mdev_ctx *ctx, const struct mdev_uuid *uuid)
{
	struct mdev_device *device;
	int r = mdev_device_lookup(ctx, uuid, &device);

	if (r < 0)
		return r;
	r = mdev_stop(device, 0);
	mdev_device_unref(device);
	return r;
}

static int work_alone(struct mdev_ctx *ctx, struct mdev_definition *own)
{
	return mdev_define(own, 0) ?: mdev_start(own, 0) ?:
	       stop(ctx, mdev_definition_get_uuid(own)) ?: mdev_undefine(own, 0);
}

static void work_together(struct mdev_ctx *ctx, struct mdev_definition *all)
{
	defined += mdev_define(all, 0) == 0;
	started += mdev_start(all, 0) == 0;
	started -= stop(ctx, &shared) == 0;
	defined -= mdev_undefine(all, 0) == 0;
}

static void *work(void *data)
{
	struct mdev_definition *own = NULL, *all = NULL;
	struct mdev_ctx *ctx;
	int r;

	(void)data;
	r = mdev_ctx_new(&ctx);
	if (r < 0)
		return (void *)1;
	r = definition_new(ctx, NULL, &own) ?: definition_new(ctx, &shared, &all);
	for (long i = 0; r == 0 && i < rounds; i++) {
		r = work_alone(ctx, own);
		if (r == 0)
			work_together(ctx, all);
	}
	if (r < 0)
		fprintf(stderr, "%s: %s\n", strerror(-r), mdev_ctx_last_error(ctx));
	mdev_definition_unref(own);
	mdev_definition_unref(all);
	mdev_ctx_unref(ctx);
	return r < 0 ? (void *)1 : NULL;
}

/* Return: 0 if what is there is what the threads have left. */
static int compare(void)
{
	struct mdev_definition *definition = NULL;
	struct mdev_device *device = NULL;
	struct mdev_ctx *ctx;
	long n_defined, n_started;

	if (mdev_ctx_new(&ctx) < 0)
		return 1;
	n_defined = mdev_definition_lookup(ctx, &shared, parent, &definition) == 0;
	n_started = mdev_device_lookup(ctx, &shared, &device) == 0;
	printf("defined %ld, in the store %ld; started %ld, active %ld\n", defined, n_defined,
	       started, n_started);
	mdev_definition_unref(definition);
	mdev_device_unref(device);
	mdev_ctx_unref(ctx);
	return n_defined != defined || n_started != started;
}

int main(int argc, char *argv[])
{
	size_t n_threads = argc == 5 ? strtoul(argv[3], NULL, 10) : 0, n_begun;
	pthread_t *threads = calloc(n_threads, sizeof(*threads));
	int failed = 0;

	if (n_threads == 0 || !threads ||
	    mdev_uuid_parse("5ea4ed00-0000-4000-8000-000000000001", &shared) < 0)
		return 2;
	parent = argv[1];
	type = argv[2];
	rounds = atol(argv[4]);
	for (n_begun = 0; n_begun < n_threads; n_begun++)
		if (pthread_create(&threads[n_begun], NULL, work, NULL) != 0)
			break;
	failed = n_begun < n_threads;
	for (size_t i = 0; i < n_begun; i++) {
		void *result;

		failed |= pthread_join(threads[i], &result) != 0 || result;
	}
	free(threads);
	return compare() || failed;
}
