// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "floor.h"
#include "tree.h"

/* Calls @each, unless it is NULL, for the entries of a directory. */
static void floor_walk(int root, const char *path, void (*each)(int dir, const char *name))
{
	int fd = openat(root, path, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	require(dir != NULL, path);
	while ((entry = readdir(dir)))
		if (each && entry->d_name[0] != '.')
			each(dirfd(dir), entry->d_name);
	closedir(dir);
}

static void floor_read_file(int dir, const char *name)
{
	char text[4096];
	int fd = openat(dir, name, O_RDONLY);

	require(fd >= 0 && read(fd, text, sizeof(text)) > 0, name);
	close(fd);
}

/* What "types" shows of a type. */
static void floor_read_type(int dir, const char *name)
{
	static const char *const files[] = {
		"available_instances", "device_api", "name", "description",
	};
	char path[NAME_MAX + 64];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", name, files[i]);
		floor_read_file(dir, path);
	}
}

static void floor_read_types(int dir, const char *name)
{
	char path[NAME_MAX + 64];

	snprintf(path, sizeof(path), "%s/mdev_supported_types", name);
	floor_walk(dir, path, floor_read_type);
}

static void floor_nothing(int root)
{
	(void)root;
}

static void floor_devices(int root)
{
	floor_walk(root, "sys/class/mdev_bus", NULL);
	floor_walk(root, TREE_TYPES "/mtty-1/devices", NULL);
	floor_walk(root, TREE_TYPES "/mtty-2/devices", NULL);
}

static void floor_definitions(int root)
{
	floor_walk(root, TREE_DEFS, floor_read_file);
}

static void floor_both(int root)
{
	floor_devices(root);
	floor_definitions(root);
}

static void floor_types(int root)
{
	floor_walk(root, "sys/class/mdev_bus", floor_read_types);
}

int floor_run(const char *name, const char *path)
{
	static const struct {
		const char *name;
		void (*run)(int root);
	} floors[] = {
		{ "nothing", floor_nothing },	      { "devices", floor_devices },
		{ "definitions", floor_definitions }, { "both", floor_both },
		{ "types", floor_types },
	};
	int root = open(path, O_RDONLY | O_DIRECTORY);

	require(root >= 0, path);
	for (size_t i = 0; i < sizeof(floors) / sizeof(floors[0]); i++)
		if (strcmp(floors[i].name, name) == 0) {
			floors[i].run(root);
			return EXIT_SUCCESS;
		}
	fprintf(stderr, "%s: no such floor\n", name);
	return 2;
}
