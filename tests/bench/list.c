// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What listing costs, compared with the bare system calls over the same tree in the same
 * run: active devices with a readdir and readlink loop, definitions with a readdir, open,
 * read, close loop. The tree is on a tmpfs, which is no slower than sysfs.
 *
 * list [DEVICES [DEFINITIONS [PROGRAM]]]	also with PROGRAM, which is list.py
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <libmdev.h>

#include "tree.h"

#define ROUNDS 15

static int root;

static DIR *open_dir(const char *path)
{
	int fd = openat(root, path, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	require(dir != NULL, path);
	return dir;
}

static size_t bare_devices(struct mdev_ctx *ctx)
{
	DIR *dir = open_dir(TREE_BUS);
	struct dirent *entry;
	char target[4096];
	size_t count = 0;

	(void)ctx;
	while ((entry = readdir(dir)))
		count += readlinkat(dirfd(dir), entry->d_name, target, sizeof(target)) > 0;
	closedir(dir);
	return count;
}

static size_t bare_definitions(struct mdev_ctx *ctx)
{
	DIR *dir = open_dir(TREE_DEFS);
	struct dirent *entry;
	char text[4096];
	size_t count = 0;

	(void)ctx;
	while ((entry = readdir(dir))) {
		int fd;

		if (entry->d_name[0] == '.')
			continue;
		fd = openat(dirfd(dir), entry->d_name, O_RDONLY);
		count += read(fd, text, sizeof(text)) > 0;
		close(fd);
	}
	closedir(dir);
	return count;
}

static size_t list_devices(struct mdev_ctx *ctx)
{
	struct mdev_device **devices;
	size_t count = 0;

	require(mdev_device_list(ctx, NULL, NULL, &devices) == 0, "mdev_device_list");
	while (devices[count])
		count++;
	mdev_device_list_free(devices);
	return count;
}

static size_t list_definitions(struct mdev_ctx *ctx)
{
	struct mdev_definition **definitions;
	size_t count = 0;

	require(mdev_definition_list(ctx, NULL, NULL, &definitions) == 0, "mdev_definition_list");
	while (definitions[count])
		count++;
	mdev_definition_list_free(definitions);
	return count;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

/* The best of some rounds, in ms: what else runs only makes it longer. */
static void measure(struct mdev_ctx *ctx, size_t (*function)(struct mdev_ctx *ctx), size_t expected,
		    double *best)
{
	double start = now(), time;

	require(function(ctx) == expected, "number of entries");
	time = now() - start;
	if (*best == 0 || time < *best)
		*best = time;
}

/* The program prints the times of making a list, and of also reading what it has. */
static void compare_python(struct mdev_ctx *ctx, const char *program, const char *path,
			   size_t count)
{
	double bare_time = 0, make_time, read_time;
	char line[4096];
	FILE *pipe;

	for (int i = 0; i < ROUNDS; i++)
		measure(ctx, bare_devices, count, &bare_time);
	snprintf(line, sizeof(line), "%s %s %d", program, path, ROUNDS);
	pipe = popen(line, "r");
	require(pipe && fscanf(pipe, "%lf %lf", &make_time, &read_time) == 2, program);
	require(pclose(pipe) == 0, program);
	printf("%-22s %6zu: bare loop %8.3f ms, Python %9.3f ms, ratio %.2f; read, too: "
	       "%.3f ms, ratio %.2f\n", "Context.device_list", count, bare_time, make_time,
	       make_time / bare_time, read_time, read_time / bare_time);
}

static void compare(struct mdev_ctx *ctx, const char *name, size_t count,
		    size_t (*bare)(struct mdev_ctx *ctx), size_t (*list)(struct mdev_ctx *ctx))
{
	double bare_time = 0, list_time = 0;

	for (int i = 0; i < ROUNDS; i++) {
		measure(ctx, bare, count, &bare_time);
		measure(ctx, list, count, &list_time);
	}
	printf("%-22s %6zu: bare loop %8.3f ms, library %8.3f ms, ratio %.2f\n", name, count,
	       bare_time, list_time, list_time / bare_time);
}

int main(int argc, char **argv)
{
	const struct tree tree = {
		.devices = argc > 1 ? atoi(argv[1]) : 10000,
		.definitions = argc > 2 ? atoi(argv[2]) : 1000,
	};
	char path[sizeof(TREE_PATH)];
	struct mdev_ctx *ctx;

	tree_make(&tree, path);
	root = open(path, O_RDONLY | O_DIRECTORY);
	require(root >= 0, path);
	require(mdev_ctx_new(&ctx) == 0 && mdev_ctx_set_root(ctx, path) == 0, "mdev_ctx_new");
	compare(ctx, "mdev_device_list", tree.devices, bare_devices, list_devices);
	compare(ctx, "mdev_definition_list", tree.definitions, bare_definitions, list_definitions);
	if (argc > 3)
		compare_python(ctx, argv[3], path, tree.devices);
	mdev_ctx_unref(ctx);
	tree_remove(path);
	return EXIT_SUCCESS;
}
