// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz target: any bytes as what a driver shows in the files of a type and of a device. Lists
 * are there all the same, without the type that makes no sense; reading one attribute gives its
 * text or tells why not.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libmdev.h"
#include "require.h"

#define UUID_TEXT "11111111-2222-3333-4444-555555555555"
#define PARENT	  "sys/devices/p"
#define TYPE	  PARENT "/mdev_supported_types/p-1"
#define DEVICE	  PARENT "/" UUID_TEXT

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The simulated machine, in a directory of this process. */
static char root[64];

static const char *const files[] = {
	TYPE "/available_instances", TYPE "/name", TYPE "/description", TYPE "/device_api",
	DEVICE "/attribute",
};
#define N_FILES (sizeof(files) / sizeof(*files))

static void make_directories(const char *path)
{
	char whole[PATH_MAX];

	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	for (char *slash = whole + strlen(root); slash;) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		require(mkdir(whole, 0755) == 0 || errno == EEXIST);
		if (slash)
			*slash = '/';
	}
}

static void make_link(const char *target, const char *path)
{
	char whole[PATH_MAX];

	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	require(symlink(target, whole) == 0);
}

static void make_file(const char *path, const void *data, size_t size)
{
	char whole[PATH_MAX];
	int fd;

	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	fd = open(whole, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	require(fd >= 0);
	require(write(fd, data, size) == (ssize_t)size);
	close(fd);
}

static void remove_machine(void)
{
	char command[PATH_MAX];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	require(system(command) == 0);
}

static void make_machine(void)
{
	strcpy(root, "/tmp/fuzz-sysfs.XXXXXX");
	require(mkdtemp(root));
	atexit(remove_machine);
	make_directories("sys/class/mdev_bus");
	make_directories("sys/bus/mdev/devices");
	make_directories(TYPE "/devices");
	make_directories(DEVICE);
	make_link("../../devices/p", "sys/class/mdev_bus/p");
	make_link("../../../devices/p/" UUID_TEXT, "sys/bus/mdev/devices/" UUID_TEXT);
	make_link("../mdev_supported_types/p-1", DEVICE "/mdev_type");
	make_link("../../../" UUID_TEXT, TYPE "/devices/" UUID_TEXT);
	for (size_t i = 0; i < N_FILES; i++)
		make_file(files[i], "1\n", 2);
}

static void list_types(struct mdev_ctx *ctx)
{
	struct mdev_parent *parent;
	struct mdev_type **types;
	int r;

	require(mdev_parent_lookup(ctx, "p", &parent) == 0);
	r = mdev_type_list(parent, &types);
	require(r == 0 || *mdev_ctx_last_error(ctx));
	for (size_t i = 0; r == 0 && types[i]; i++)
		require(strcmp(mdev_type_get_id(types[i]), "p-1") == 0);
	if (r == 0)
		mdev_type_list_free(types);
	mdev_parent_unref(parent);
}

static void read_device(struct mdev_ctx *ctx, size_t size)
{
	struct mdev_uuid uuid;
	struct mdev_device *device;
	char *value = NULL;

	require(mdev_uuid_parse(UUID_TEXT, &uuid) == 0);
	require(mdev_device_lookup(ctx, &uuid, &device) == 0);
	if (mdev_device_read_attr(device, "attribute", &value) == 0)
		require(strlen(value) <= size);
	else
		require(*mdev_ctx_last_error(ctx));
	free(value);
	mdev_device_unref(device);
}

/* The first byte says which file gets the others. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mdev_ctx *ctx;

	if (size == 0)
		return 0;
	if (!*root)
		make_machine();
	make_file(files[data[0] % N_FILES], data + 1, size - 1);
	require(mdev_ctx_new(&ctx) == 0);
	require(mdev_ctx_set_root(ctx, root) == 0);
	list_types(ctx);
	read_device(ctx, size);
	mdev_ctx_unref(ctx);
	make_file(files[data[0] % N_FILES], "1\n", 2);
	return 0;
}
