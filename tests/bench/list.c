// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What listing costs, compared with the bare system calls over the same tree in the same
 * run: active devices with a readdir and readlink loop, definitions with a readdir, open,
 * read, close loop. The tree is on a tmpfs, which is no slower than sysfs.
 *
 * list [DEVICES [DEFINITIONS]]
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <libmdev.h>

#define TYPES     "sys/devices/virtual/mtty/mtty/mdev_supported_types"
#define BUS       "sys/bus/mdev/devices"
#define DEFS      "etc/mdevctl.d/mtty"
#define ROUNDS    15
#define ONE_DEFINITION                                                                      \
	"{\n  \"mdev_type\": \"mtty-2\",\n  \"start\": \"auto\",\n  \"attrs\": [\n    {\n" \
	"      \"attr_a\": \"5\"\n    }\n  ]\n}"

static int root;

static void require(int condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(EXIT_FAILURE);
}

static void make_dir(const char *path)
{
	char copy[256];

	snprintf(copy, sizeof(copy), "%s/", path);
	for (char *slash = strchr(copy, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		require(mkdirat(root, copy, 0755) == 0 || errno == EEXIST, copy);
		*slash = '/';
	}
}

static void make_file(const char *path, const char *text)
{
	int fd = openat(root, path, O_WRONLY | O_CREAT | O_EXCL, 0644);

	require(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
	close(fd);
}

static void make_link(const char *path, const char *target)
{
	require(symlinkat(target, root, path) == 0, path);
}

/* The same names in every run, in no order. */
static void make_uuid(char uuid[MDEV_UUID_STRING_SIZE], unsigned int number)
{
	unsigned int mixed = number * 2654435761u;

	snprintf(uuid, MDEV_UUID_STRING_SIZE, "%08x-1111-4111-8111-%012x", mixed, number);
}

static void make_device(unsigned int number)
{
	char uuid[MDEV_UUID_STRING_SIZE], path[256], target[256];
	const char *type = number % 2 ? "mtty-1" : "mtty-2";

	make_uuid(uuid, number);
	snprintf(path, sizeof(path), "sys/devices/virtual/mtty/mtty/%s", uuid);
	require(mkdirat(root, path, 0755) == 0, path);
	snprintf(path, sizeof(path), "sys/devices/virtual/mtty/mtty/%s/mdev_type", uuid);
	snprintf(target, sizeof(target), "../mdev_supported_types/%s", type);
	make_link(path, target);
	snprintf(path, sizeof(path), BUS "/%s", uuid);
	snprintf(target, sizeof(target), "../../../devices/virtual/mtty/mtty/%s", uuid);
	make_link(path, target);
	snprintf(path, sizeof(path), TYPES "/%s/devices/%s", type, uuid);
	snprintf(target, sizeof(target), "../../../%s", uuid);
	make_link(path, target);
}

static void make_tree(unsigned int devices, unsigned int definitions)
{
	char path[256], uuid[MDEV_UUID_STRING_SIZE];

	make_dir(TYPES "/mtty-1/devices");
	make_dir(TYPES "/mtty-2/devices");
	make_dir("sys/class/mdev_bus");
	make_dir(BUS);
	make_dir(DEFS);
	make_link("sys/class/mdev_bus/mtty", "../../devices/virtual/mtty/mtty");
	for (unsigned int i = 0; i < devices; i++)
		make_device(i);
	for (unsigned int i = 0; i < definitions; i++) {
		make_uuid(uuid, i);
		snprintf(path, sizeof(path), DEFS "/%s", uuid);
		make_file(path, ONE_DEFINITION);
	}
}

static DIR *open_dir(const char *path)
{
	int fd = openat(root, path, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	require(dir != NULL, path);
	return dir;
}

static size_t bare_devices(struct mdev_ctx *ctx)
{
	DIR *dir = open_dir(BUS);
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
	DIR *dir = open_dir(DEFS);
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

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

int main(int argc, char **argv)
{
	unsigned int devices = argc > 1 ? atoi(argv[1]) : 10000;
	unsigned int definitions = argc > 2 ? atoi(argv[2]) : 1000;
	char path[] = "/dev/shm/libmdev-bench-XXXXXX";
	struct mdev_ctx *ctx;

	require(mkdtemp(path) != NULL, path);
	root = open(path, O_RDONLY | O_DIRECTORY);
	require(root >= 0, path);
	make_tree(devices, definitions);
	require(mdev_ctx_new(&ctx) == 0 && mdev_ctx_set_root(ctx, path) == 0, "mdev_ctx_new");
	compare(ctx, "mdev_device_list", devices, bare_devices, list_devices);
	compare(ctx, "mdev_definition_list", definitions, bare_definitions, list_definitions);
	mdev_ctx_unref(ctx);
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	return EXIT_SUCCESS;
}
