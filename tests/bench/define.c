// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What it costs to define and to undefine through the library, with the assurance that both are on
 * the disk, beside the bare system calls that give it: write, fsync, rename and fsync of the
 * directory, then unlink and fsync of the directory.
 *
 * define DIRECTORY [COUNT]	the directory tells the file system
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <libmdev.h>

#include "tree.h"

#define PARENT "etc/mdevctl.d/mtty"
#define TEMP   PARENT "/.temp"
#define TEXT   "{\n  \"mdev_type\": \"mtty-2\",\n  \"start\": \"manual\",\n  \"attrs\": []\n}"
/* They take turns, so that what else the disk does disturbs both. */
#define ROUNDS 10

struct times {
	double wall, processor;	/* ms */
};

static struct times now(void)
{
	struct timespec wall, processor;

	clock_gettime(CLOCK_MONOTONIC, &wall);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &processor);
	return (struct times){
		.wall = wall.tv_sec * 1e3 + wall.tv_nsec / 1e6,
		.processor = processor.tv_sec * 1e3 + processor.tv_nsec / 1e6,
	};
}

static void bare(int root, const char *uuid)
{
	int dir = openat(root, PARENT, O_RDONLY | O_DIRECTORY);
	int fd = openat(root, TEMP, O_WRONLY | O_CREAT | O_EXCL, 0644);

	require(dir >= 0 && fd >= 0, TEMP);
	require(write(fd, TEXT, strlen(TEXT)) == (ssize_t)strlen(TEXT), TEMP);
	require(fsync(fd) == 0 && close(fd) == 0, TEMP);
	require(renameat(root, TEMP, dir, uuid) == 0 && fsync(dir) == 0, uuid);
	require(unlinkat(dir, uuid, 0) == 0 && fsync(dir) == 0, uuid);
	close(dir);
}

static void library(struct mdev_ctx *ctx, const char *uuid)
{
	struct mdev_definition *definition;
	struct mdev_uuid parsed;

	require(mdev_uuid_parse(uuid, &parsed) == 0, uuid);
	require(mdev_definition_new(ctx, &parsed, &definition) == 0, uuid);
	require(mdev_definition_set_parent(definition, "mtty") == 0, uuid);
	require(mdev_definition_set_type(definition, "mtty-2") == 0, uuid);
	require(mdev_define(definition, 0) == 0, mdev_ctx_last_error(ctx));
	require(mdev_undefine(definition, 0) == 0, mdev_ctx_last_error(ctx));
	mdev_definition_unref(definition);
}

/* @ctx: NULL for the bare system calls */
static void measure(struct mdev_ctx *ctx, int root, int first, int count, struct times *sum)
{
	char uuid[TREE_UUID_SIZE];
	struct times start = now(), end;

	for (int i = first; i < first + count; i++) {
		tree_uuid(uuid, i);
		if (ctx)
			library(ctx, uuid);
		else
			bare(root, uuid);
	}
	end = now();
	sum->wall += end.wall - start.wall;
	sum->processor += end.processor - start.processor;
}

static void make_root(int root)
{
	static const char *const dirs[] = {
		"etc", "etc/mdevctl.d", PARENT, "run", "sys", "usr",
	};
	int fd;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		require(mkdirat(root, dirs[i], 0755) == 0, dirs[i]);
	/* The parent has others, so its directory does not come and go. */
	fd = openat(root, PARENT "/ffffffff-ffff-4fff-8fff-ffffffffffff", O_WRONLY | O_CREAT, 0644);
	require(fd >= 0 && write(fd, TEXT, strlen(TEXT)) > 0, PARENT);
	close(fd);
}

int main(int argc, char **argv)
{
	struct times ours = { 0 }, floor = { 0 };
	int count = argc > 2 ? atoi(argv[2]) : 1000, root;
	char path[PATH_MAX];
	struct mdev_ctx *ctx;

	require(argc > 1 && count >= ROUNDS, "usage: define DIRECTORY [COUNT]");
	snprintf(path, sizeof(path), "%s/libmdev-bench-XXXXXX", argv[1]);
	require(mkdtemp(path) != NULL, path);
	root = open(path, O_RDONLY | O_DIRECTORY);
	require(root >= 0, path);
	make_root(root);
	require(mdev_ctx_new(&ctx) == 0 && mdev_ctx_set_root(ctx, path) == 0, "mdev_ctx_new");
	for (int i = 0; i < ROUNDS; i++) {
		measure(NULL, root, i * (count / ROUNDS), count / ROUNDS, &floor);
		measure(ctx, root, i * (count / ROUNDS), count / ROUNDS, &ours);
	}
	printf("define and undefine, %d times, ms: system calls %.0f (processor %.0f), "
	       "library %.0f (%.0f), ratio %.2f (%.2f)\n", count, floor.wall, floor.processor,
	       ours.wall, ours.processor, ours.wall / floor.wall, ours.processor / floor.processor);
	mdev_ctx_unref(ctx);
	close(root);
	tree_remove(path);
	return EXIT_SUCCESS;
}
