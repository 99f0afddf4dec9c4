// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "device_info.h"
#include "log.h"
#include "user.h"
#include "util/array.h"
#include "util/buffer.h"
#include "util/io.h"
#include "util/refs.h"
#include "util/text.h"

/* The kernel cuts it to much less. */
#define MAX_COMMAND 4096

struct mdev_user {
	unsigned int refs;
	int pid;
	char command[];
};

MDEV_EXPORT struct mdev_user *mdev_user_ref(struct mdev_user *user)
{
	refs_get(&user->refs);
	return user;
}

MDEV_EXPORT void mdev_user_unref(struct mdev_user *user)
{
	if (user && refs_put(&user->refs))
		free(user);
}

MDEV_EXPORT int mdev_user_get_pid(const struct mdev_user *user)
{
	return user->pid;
}

MDEV_EXPORT const char *mdev_user_get_command(const struct mdev_user *user)
{
	return user->command;
}

/* All processes, while they are gone through. */
struct scan {
	const char *nodes[2];	/* a device's, below its /dev; NULL if it has none */
	struct mdev_user **found;
	size_t count;
	bool hidden;		/* there was one that could not be looked into */
};

static void scan_clear(struct scan *scan)
{
	for (size_t i = 0; i < scan->count; i++)
		mdev_user_unref(scan->found[i]);
	free(scan->found);
}

static bool user_ends_with(const char *path, const char *end)
{
	size_t length = strlen(path), end_length = strlen(end);

	return length >= end_length && strcmp(path + length - end_length, end) == 0;
}

/* The process or its descriptor has gone meanwhile. */
static bool user_has_ended(int r)
{
	return r == -ENOENT || r == -ESRCH;
}

/* Return: 1 if the descriptor is one of the device's nodes. */
static int scan_check_descriptor(void *data, int dir, const struct dirent *entry)
{
	const struct scan *scan = data;
	char path[PATH_MAX];
	ssize_t length;

	length = readlinkat(dir, entry->d_name, path, sizeof(path) - 1);
	if (length < 0)
		return user_has_ended(-errno) ? 0 : -errno;
	path[length] = '\0';
	/* Only the end: libvirt gives a virtual machine a /dev of its own, mounted elsewhere. */
	for (size_t i = 0; i < ARRAY_SIZE(scan->nodes); i++)
		if (scan->nodes[i] && user_ends_with(path, scan->nodes[i]))
			return 1;
	return 0;
}

static int scan_add_user(struct scan *scan, int process, int pid)
{
	_cleanup_close_ int fd = openat(process, "comm", O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *command = NULL;
	struct mdev_user *user;
	size_t length = 0;
	int r = fd < 0 ? -errno : read_all(fd, 0, MAX_COMMAND, &command, &length);

	if (r < 0)
		return user_has_ended(r) ? 0 : r;
	if (array_reserve(&scan->found, scan->count, sizeof(*scan->found)) < 0)
		return -ENOMEM;
	while (length > 0 && command[length - 1] == '\n')
		command[--length] = '\0';
	user = malloc(sizeof(*user) + length + 1);
	if (!user)
		return -ENOMEM;
	user->refs = 1;
	user->pid = pid;
	memcpy(user->command, command, length + 1);
	scan->found[scan->count++] = user;
	return 0;
}

static int scan_look_into(struct scan *scan, int process, int pid)
{
	_cleanup_close_ int fds = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fds < 0 ? -errno : walk_directory(fds, scan_check_descriptor, scan);

	return r == 1 ? scan_add_user(scan, process, pid) : r;
}

static int scan_check_process(void *data, int proc, const struct dirent *entry)
{
	_cleanup_close_ int process = -1;
	struct scan *scan = data;
	unsigned int pid;
	int r;

	if (parse_number(entry->d_name, &pid) < 0)
		return 0;
	process = openat(proc, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = process < 0 ? -errno : scan_look_into(scan, process, pid);
	if (r == -EACCES || r == -EPERM)
		scan->hidden = true;
	else if (r < 0 && !user_has_ended(r))
		return r;
	return 0;
}

static int user_compare(const void *a, const void *b)
{
	const struct mdev_user *x = *(struct mdev_user *const *)a;
	const struct mdev_user *y = *(struct mdev_user *const *)b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static int scan_processes(const struct mdev_ctx *ctx, struct scan *scan)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int proc = -1;
	int r;

	if (array_reserve(&scan->found, 0, sizeof(*scan->found)) < 0)
		return -ENOMEM;
	scan->found[0] = NULL;
	buffer_add_format(&buffer, "%s/proc", ctx->prefix);
	r = buffer_take(&buffer, &path);
	if (r < 0)
		return r;
	proc = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = proc < 0 ? -errno : walk_directory(proc, scan_check_process, scan);
	if (r < 0)
		return r;
	if (scan->count > 1)
		qsort(scan->found, scan->count, sizeof(*scan->found), user_compare);
	scan->found[scan->count] = NULL;
	return 0;
}

int user_list(const struct mdev_device *device, struct mdev_user ***users)
{
	struct mdev_ctx *ctx = device_ctx(device);
	_cleanup_(device_info_unrefp) struct mdev_device_info *info = NULL;
	_cleanup_(scan_clear) struct scan scan = { 0 };
	const char *group, *node;
	int r;

	r = device_info_get(device, &info);
	if (r < 0)
		return r;
	group = mdev_device_info_get_group_node(info);
	node = mdev_device_info_get_vfio_node(info);
	scan.nodes[0] = group ? strstr(group + strlen(ctx->prefix), "/vfio/") : NULL;
	scan.nodes[1] = node ? strstr(node + strlen(ctx->prefix), "/vfio/") : NULL;
	r = scan_processes(ctx, &scan);
	if (r < 0)
		return r;
	*users = TAKE_PTR(scan.found);
	scan.count = 0;
	return scan.hidden;
}

MDEV_EXPORT int mdev_device_list_users(const struct mdev_device *device,
				       struct mdev_user ***users)
{
	int r;

	if (ANY_NULL(device, users))
		return log_null(device_ctx(device));
	r = user_list(device, users);
	return r < 0 ? device_fail(device, r, "look for users of") : r;
}

MDEV_EXPORT void mdev_user_list_free(struct mdev_user **users)
{
	if (!users)
		return;
	for (size_t i = 0; users[i]; i++)
		mdev_user_unref(users[i]);
	free(users);
}
