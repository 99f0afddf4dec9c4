// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cycles PARENT TYPE COUNT: in one process, with one context, defines, starts, lists, stops and
 * undefines a device COUNT times, and fails if that takes more memory or descriptors in the end
 * than after the first tenth.
 */
#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmdev.h>

struct use {
	size_t memory, descriptors;
};

static size_t count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

static struct use look(void)
{
	return (struct use){ .memory = mallinfo2().uordblks, .descriptors = count_descriptors() };
}

static int list(struct mdev_ctx *ctx)
{
	struct mdev_definition **definitions;
	struct mdev_device **devices;
	int r;

	r = mdev_device_list(ctx, NULL, NULL, &devices);
	if (r < 0)
		return r;
	r = devices[0] ? 0 : -ENOENT;
	mdev_device_list_free(devices);
	if (r == 0)
		r = mdev_definition_list(ctx, NULL, NULL, &definitions);
	if (r < 0)
		return r;
	r = definitions[0] ? 0 : -ENOENT;
	mdev_definition_list_free(definitions);
	return r;
}

static int stop(struct mdev_ctx *ctx, const struct mdev_uuid *uuid)
{
	struct mdev_device *device;
	int r;

	r = mdev_device_lookup(ctx, uuid, &device);
	if (r < 0)
		return r;
	r = mdev_stop(device, 0);
	mdev_device_unref(device);
	return r;
}

static int cycle(struct mdev_ctx *ctx, const char *parent, const char *type)
{
	struct mdev_definition *definition;
	int r;

	r = mdev_definition_new(ctx, NULL, &definition);
	if (r < 0)
		return r;
	r = mdev_definition_set_parent(definition, parent);
	if (r == 0)
		r = mdev_definition_set_type(definition, type);
	if (r == 0)
		r = mdev_define(definition, 0);
	if (r == 0)
		r = mdev_start(definition, 0);
	if (r == 0)
		r = list(ctx);
	if (r == 0)
		r = stop(ctx, mdev_definition_get_uuid(definition));
	if (r == 0)
		r = mdev_undefine(definition, 0);
	mdev_definition_unref(definition);
	return r;
}

static struct use tell(long cycles)
{
	struct use use = look();

	printf("after %ld cycles: %zu bytes, %zu descriptors\n", cycles, use.memory,
	       use.descriptors);
	return use;
}

int main(int argc, char *argv[])
{
	long count = argc == 4 ? atol(argv[3]) : 0;
	struct use before = { 0 }, use = { 0 };
	struct mdev_ctx *ctx;
	int r = 0;

	if (count < 10 || mdev_ctx_new(&ctx) < 0)
		return 2;
	/* A buffer would be memory, too. */
	setvbuf(stdout, NULL, _IONBF, 0);
	for (long i = 1; r == 0 && i <= count; i++) {
		r = cycle(ctx, argv[1], argv[2]);
		if (i % (count / 10) == 0)
			use = tell(i);
		if (i == count / 10)
			before = use;
	}
	if (r < 0)
		fprintf(stderr, "%s: %s\n", strerror(-r), mdev_ctx_last_error(ctx));
	mdev_ctx_unref(ctx);
	return r < 0 || use.memory > before.memory || use.descriptors > before.descriptors;
}
