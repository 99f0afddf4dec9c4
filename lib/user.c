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
	size_t device;		/* its index in the list of devices */
	struct mdev_uuid uuid;
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

MDEV_EXPORT const struct mdev_uuid *mdev_user_get_uuid(const struct mdev_user *user)
{
	return &user->uuid;
}

MDEV_EXPORT int mdev_user_get_pid(const struct mdev_user *user)
{
	return user->pid;
}

MDEV_EXPORT const char *mdev_user_get_command(const struct mdev_user *user)
{
	return user->command;
}

/*
 * A node of a device, below /dev: libvirt gives a virtual machine a /dev of its own, mounted
 * elsewhere, so that only the end of a path can be compared.
 */
#define NODES "/vfio/"

struct scan_node {
	const char *path;	/* from NODES on */
	size_t device;
};

/* All processes, while they are gone through. */
struct scan {
	struct mdev_device *const *devices;
	struct mdev_device_info *known;		/* of the only device; NULL: it is looked up */
	struct mdev_device_info **infos;	/* of each; NULL if it is gone */
	struct scan_node *nodes;		/* sorted */
	size_t node_count;
	struct mdev_user **found;
	size_t count;
	size_t *held;		/* devices that a process has open, each once */
	size_t held_count;
	bool hidden;		/* there was one that could not be looked into */
};

static void scan_clear(struct scan *scan)
{
	for (size_t i = 0; scan->infos && scan->devices[i]; i++)
		mdev_device_info_unref(scan->infos[i]);
	for (size_t i = 0; i < scan->count; i++)
		mdev_user_unref(scan->found[i]);
	free(scan->infos);
	free(scan->nodes);
	free(scan->found);
	free(scan->held);
}

/* The last NODES in @path and what follows. */
static const char *scan_find_nodes(const char *path)
{
	const char *found = NULL;

	while (path && (path = strstr(path, NODES)))
		found = path++;
	return found;
}

static int scan_compare_nodes(const void *a, const void *b)
{
	const struct scan_node *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* The process or its descriptor has gone meanwhile. */
static bool user_has_ended(int r)
{
	return r == -ENOENT || r == -ESRCH;
}

static bool scan_is_held(const struct scan *scan, size_t device)
{
	for (size_t i = 0; i < scan->held_count; i++)
		if (scan->held[i] == device)
			return true;
	return false;
}

/* Devices may share a node: those of a group, or one that is listed twice. */
static void scan_hold(struct scan *scan, const struct scan_node *node)
{
	const struct scan_node *end = scan->nodes + scan->node_count;
	const char *path = node->path;

	while (node > scan->nodes && strcmp(node[-1].path, path) == 0)
		node--;
	for (; node < end && strcmp(node->path, path) == 0; node++)
		if (!scan_is_held(scan, node->device))
			scan->held[scan->held_count++] = node->device;
}

static int scan_check_descriptor(void *data, int dir, const struct dirent64 *entry)
{
	struct scan_node *node, wanted;
	struct scan *scan = data;
	char path[PATH_MAX];
	ssize_t length;

	length = readlinkat(dir, entry->d_name, path, sizeof(path) - 1);
	if (length < 0)
		return user_has_ended(-errno) ? 0 : -errno;
	path[length] = '\0';
	wanted.path = scan_find_nodes(path);
	if (!wanted.path)
		return 0;
	node = bsearch(&wanted, scan->nodes, scan->node_count, sizeof(*node), scan_compare_nodes);
	if (node)
		scan_hold(scan, node);
	return 0;
}

static int scan_read_command(int process, char **command)
{
	_cleanup_close_ int fd = openat(process, "comm", O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	int r = fd < 0 ? -errno : read_all(fd, 0, MAX_COMMAND, command, &length);

	while (r == 0 && length > 0 && (*command)[length - 1] == '\n')
		(*command)[--length] = '\0';
	return r;
}

static int scan_add_user(struct scan *scan, size_t device, int pid, const char *command)
{
	size_t size = strlen(command) + 1;
	struct mdev_user *user;

	if (array_reserve(&scan->found, scan->count, sizeof(*scan->found)) < 0)
		return -ENOMEM;
	user = malloc(sizeof(*user) + size);
	if (!user)
		return -ENOMEM;
	user->refs = 1;
	user->device = device;
	user->uuid = *mdev_device_get_uuid(scan->devices[device]);
	user->pid = pid;
	memcpy(user->command, command, size);
	scan->found[scan->count++] = user;
	return 0;
}

static int scan_look_into(struct scan *scan, int process, int pid)
{
	_cleanup_close_ int fds = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *command = NULL;
	int r;

	scan->held_count = 0;
	r = fds < 0 ? -errno : walk_directory(fds, scan_check_descriptor, scan);
	if (r < 0 || scan->held_count == 0)
		return r;
	r = scan_read_command(process, &command);
	for (size_t i = 0; r == 0 && i < scan->held_count; i++)
		r = scan_add_user(scan, scan->held[i], pid, command);
	return r;
}

static int scan_check_process(void *data, int proc, const struct dirent64 *entry)
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

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
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

static void scan_add_node(struct scan *scan, const char *path, size_t device)
{
	path = scan_find_nodes(path);
	if (path)
		scan->nodes[scan->node_count++] =
			(struct scan_node){ .path = path, .device = device };
}

/* Without a driver a device has no nodes. */
static int scan_add_device(struct scan *scan, size_t device)
{
	int r = 0;

	if (scan->known)
		scan->infos[device] = mdev_device_info_ref(scan->known);
	else
		r = device_info_get(scan->devices[device], &scan->infos[device]);
	if (r < 0)
		return r;
	scan_add_node(scan, mdev_device_info_get_group_node(scan->infos[device]), device);
	scan_add_node(scan, mdev_device_info_get_vfio_node(scan->infos[device]), device);
	return 0;
}

/* @must_exist: a device that is gone is a failure. */
static int scan_add_devices(struct scan *scan, bool must_exist)
{
	size_t count = 0;

	while (scan->devices[count])
		count++;
	scan->infos = calloc(count + 1, sizeof(*scan->infos));
	scan->held = calloc(count + 1, sizeof(*scan->held));
	/* A group node and a node of its own each. */
	scan->nodes = calloc(2 * count + 1, sizeof(*scan->nodes));
	if (!scan->infos || !scan->held || !scan->nodes)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		int r = scan_add_device(scan, i);

		if (r < 0 && (must_exist || r != -ENODEV))
			return r;
	}
	qsort(scan->nodes, scan->node_count, sizeof(*scan->nodes), scan_compare_nodes);
	return 0;
}

static int scan_users(const struct mdev_ctx *ctx, struct scan *scan, bool must_exist,
		      struct mdev_user ***users)
{
	int r = scan_add_devices(scan, must_exist);

	if (r == 0)
		r = scan_processes(ctx, scan);
	if (r < 0)
		return r;
	*users = TAKE_PTR(scan->found);
	scan->count = 0;
	return scan->hidden;
}

int user_list(const struct mdev_device *device, struct mdev_device_info *info,
	      struct mdev_user ***users)
{
	/* Nothing is changed: the type is that of lists. */
	struct mdev_device *const devices[] = { (struct mdev_device *)device, NULL };
	_cleanup_(scan_clear) struct scan scan = { .devices = devices, .known = info };

	return scan_users(device_ctx(device), &scan, true, users);
}

MDEV_EXPORT int mdev_device_list_users(const struct mdev_device *device,
				       struct mdev_user ***users)
{
	int r;

	if (ANY_NULL(device, users))
		return log_null(device_ctx(device));
	r = user_list(device, NULL, users);
	return r < 0 ? device_fail(device, r, "look for users of") : r;
}

MDEV_EXPORT int mdev_user_list(struct mdev_ctx *ctx, struct mdev_device *const *devices,
			       struct mdev_user ***users)
{
	_cleanup_(scan_clear) struct scan scan = { .devices = devices };
	int r;

	if (ANY_NULL(ctx, devices, users))
		return log_null(ctx);
	log_call(ctx);
	r = scan_users(ctx, &scan, false, users);
	if (r == -ENOMEM)
		return log_no_memory(ctx);
	return r < 0 ? log_fail_kernel(ctx, r, "Failed to look for users of devices: " OS_ERROR,
				       OS_ERROR_ARGS(r)) : r;
}

MDEV_EXPORT void mdev_user_list_free(struct mdev_user **users)
{
	if (!users)
		return;
	for (size_t i = 0; users[i]; i++)
		mdev_user_unref(users[i]);
	free(users);
}
