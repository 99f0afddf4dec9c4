// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tree.h"

/* No attributes: starting would write them to a device that nobody makes. */
#define DEFINITION(start) \
	"{\n  \"mdev_type\": \"mtty-2\",\n  \"start\": \"" start "\",\n  \"attrs\": []\n}"
/* Where the UUIDs of definitions that are of no device begin. */
#define APART 1000000
#define SCRIPT "#!/bin/sh\nexit 2\n"
#define TYPES  10	/* of each further parent */

void require(int condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(EXIT_FAILURE);
}

void tree_uuid(char uuid[TREE_UUID_SIZE], unsigned int number)
{
	unsigned int mixed = number * 2654435761u;

	snprintf(uuid, TREE_UUID_SIZE, "%08x-1111-4111-8111-%012x", mixed, number);
}

static void make_dir(int root, const char *path)
{
	char copy[256];

	snprintf(copy, sizeof(copy), "%s/", path);
	for (char *slash = strchr(copy, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		require(mkdirat(root, copy, 0755) == 0 || errno == EEXIST, copy);
		*slash = '/';
	}
}

static void make_file(int root, const char *path, const char *text, mode_t mode)
{
	int fd = openat(root, path, O_WRONLY | O_CREAT | O_EXCL, mode);

	require(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
	close(fd);
}

static void make_link(int root, const char *path, const char *target)
{
	require(symlinkat(target, root, path) == 0, path);
}

static void make_type(int root, const char *parent, const char *type)
{
	static const char *const files[][2] = {
		{ "create", "" }, { "available_instances", "24\n" }, { "device_api", "vfio-pci\n" },
		{ "name", "Serial ports\n" }, { "description", "Serial ports\n" },
	};
	char path[256];

	snprintf(path, sizeof(path), "%s/mdev_supported_types/%s/devices", parent, type);
	make_dir(root, path);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/mdev_supported_types/%s/%s", parent, type,
			 files[i][0]);
		make_file(root, path, files[i][1], 0644);
	}
}

static void make_parent(int root, unsigned int number)
{
	char path[256], link[256], target[256], type[32];

	snprintf(path, sizeof(path), TREE_PARENTS "/parent%u", number);
	for (unsigned int i = 0; i < TYPES; i++) {
		snprintf(type, sizeof(type), "type-%u", i);
		make_type(root, path, type);
	}
	snprintf(link, sizeof(link), "sys/class/mdev_bus/parent%u", number);
	snprintf(target, sizeof(target), "../../devices/virtual/mtty/parent%u", number);
	make_link(root, link, target);
}

static void make_device(int root, unsigned int number)
{
	char uuid[TREE_UUID_SIZE], path[256], target[256];
	const char *type = number % 2 ? "mtty-1" : "mtty-2";

	tree_uuid(uuid, number);
	snprintf(path, sizeof(path), TREE_PARENT "/%s", uuid);
	require(mkdirat(root, path, 0755) == 0, path);
	snprintf(path, sizeof(path), TREE_PARENT "/%s/remove", uuid);
	make_file(root, path, "", 0644);
	snprintf(path, sizeof(path), TREE_PARENT "/%s/mdev_type", uuid);
	snprintf(target, sizeof(target), "../mdev_supported_types/%s", type);
	make_link(root, path, target);
	snprintf(path, sizeof(path), TREE_BUS "/%s", uuid);
	snprintf(target, sizeof(target), "../../../devices/virtual/mtty/mtty/%s", uuid);
	make_link(root, path, target);
	snprintf(path, sizeof(path), TREE_TYPES "/%s/devices/%s", type, uuid);
	snprintf(target, sizeof(target), "../../../%s", uuid);
	make_link(root, path, target);
}

static void make_common(int root)
{
	make_dir(root, "proc");
	make_dir(root, "sys/class/mdev_bus");
	make_dir(root, TREE_BUS);
	make_dir(root, TREE_DEFS);
	make_dir(root, TREE_SCRIPTS);
	make_dir(root, "usr/lib/mdevctl/scripts.d/notifiers");
	make_type(root, TREE_PARENT, "mtty-1");
	make_type(root, TREE_PARENT, "mtty-2");
	make_link(root, "sys/class/mdev_bus/mtty", "../../devices/virtual/mtty/mtty");
}

void tree_make(const struct tree *tree, char path[sizeof(TREE_PATH)])
{
	const char *definition = tree->apart ? DEFINITION("manual") : DEFINITION("auto");
	char file[256], uuid[TREE_UUID_SIZE];
	int root;

	strcpy(path, TREE_PATH);
	require(mkdtemp(path) != NULL, path);
	root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	require(root >= 0, path);
	make_common(root);
	for (unsigned int i = 0; i < tree->parents; i++)
		make_parent(root, i);
	for (unsigned int i = 0; i < tree->devices; i++)
		make_device(root, i);
	for (unsigned int i = 0; i < tree->definitions; i++) {
		tree_uuid(uuid, tree->apart ? APART + i : i);
		snprintf(file, sizeof(file), TREE_DEFS "/%s", uuid);
		make_file(root, file, definition, 0644);
	}
	if (tree->has_script)
		make_file(root, TREE_SCRIPTS "/foreign", SCRIPT, 0755);
	close(root);
}

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

void tree_define(const char *path, const char *uuid)
{
	char file[256];

	snprintf(file, sizeof(file), "%s/" TREE_DEFS "/%s", path, uuid);
	unlink(file);
	make_file(AT_FDCWD, file, DEFINITION("auto"), 0644);
}

void tree_remove(const char *path)
{
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
