// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "lock.h"
#include "log.h"

#define LOCKS "run/mdevctl"

int lock_wait(int fd)
{
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* Return: a descriptor; -ENOENT if there is no place for it; -errno. */
static int lock_open(const char *dir, const char *path)
{
	int fd = -1;

	if (mkdir(dir, 0755) == 0 || errno == EEXIST)
		fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == ENOTDIR || errno == EROFS ? -ENOENT : -errno;
	return fd;
}

/* @get: what takes the lock of a descriptor. */
static int lock_get(struct mdev_ctx *ctx, const char *name, int (*get)(int fd), int *lock)
{
	_cleanup_free_ char *dir = NULL, *path = NULL;
	_cleanup_close_ int fd = -1;
	int r;

	if (asprintf(&dir, "%s/" LOCKS, ctx->prefix) < 0)
		dir = NULL;
	if (!dir || asprintf(&path, "%s/%s", dir, name) < 0) {
		path = NULL;
		return log_no_memory(ctx);
	}
	fd = lock_open(dir, path);
	if (fd == -ENOENT)
		return fd;
	r = fd < 0 ? fd : get(fd);
	if (r == -EWOULDBLOCK)
		return r;
	if (r < 0)
		return log_fail_kernel(ctx, r, "Failed to lock %s: " OS_ERROR, path,
				       OS_ERROR_ARGS(r));
	*lock = TAKE_FD(fd);
	return 0;
}

int lock_take(struct mdev_ctx *ctx, const char *name, int *lock)
{
	return lock_get(ctx, name, lock_wait, lock);
}

static int lock_without_waiting(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
}

int lock_try(struct mdev_ctx *ctx, const char *name, int *lock)
{
	return lock_get(ctx, name, lock_without_waiting, lock);
}
