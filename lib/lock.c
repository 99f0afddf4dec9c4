// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lock.h"
#include "log.h"
#include "wait.h"
#include "util/io.h"

#define LOCKS "run/mdevctl"

/* Writers hold it for some writes to the disk; what takes longer is worth a word. */
#define LOCK_PAUSE_MS    5
#define LOCK_PATIENCE_MS 2000

static int lock_try_fd(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
}

/* Not in flock() itself: an operation holds back the signals that would end that. */
int lock_wait(struct mdev_ctx *ctx, int fd, const char *path)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_MS * 1000000L };
	int r;

	for (unsigned int waited = 0; (r = lock_try_fd(fd)) == -EWOULDBLOCK;
	     waited += LOCK_PAUSE_MS) {
		if (wait_is_interrupted(ctx))
			return -EINTR;
		if (waited == LOCK_PATIENCE_MS)
			log_warning(ctx, "Waiting for another process to unlock %s", path);
		nanosleep(&pause, NULL);
	}
	return r;
}

static int lock_fail(struct mdev_ctx *ctx, int r, const char *path)
{
	return log_fail_kernel(ctx, r, "Failed to lock %s: " OS_ERROR, path, OS_ERROR_ARGS(r));
}

static int lock_path(const struct mdev_ctx *ctx, const char *name, char **path)
{
	if (asprintf(path, "%s/" LOCKS "/%s", ctx->prefix, name) >= 0)
		return 0;
	*path = NULL;
	return -ENOMEM;
}

/* Whether the directory is there, or has been made. */
static bool lock_has_directory(const struct mdev_ctx *ctx)
{
	_cleanup_free_ char *dir = NULL;

	if (asprintf(&dir, "%s/" LOCKS, ctx->prefix) >= 0)
		return mkdir(dir, 0755) == 0 || errno == EEXIST;
	dir = NULL;
	return false;
}

int lock_open(struct mdev_ctx *ctx, const char *name, int flags, char **path, int *fd)
{
	int r, new;

	r = lock_path(ctx, name, path);
	if (r < 0)
		return r;
	flags |= O_NOFOLLOW | O_CLOEXEC;
	new = open(*path, flags, 0600);
	if (new < 0 && errno == ENOENT && (flags & O_CREAT) && lock_has_directory(ctx))
		new = open(*path, flags, 0600);
	if (new < 0)
		return errno == ENOTDIR || errno == EROFS ? -ENOENT : -errno;
	*fd = new;
	return 0;
}

int lock_replace(struct mdev_ctx *ctx, const char *name, mode_t mode, const char *text)
{
	_cleanup_free_ char *new = NULL, *path = NULL, *target = NULL;
	_cleanup_close_ int fd = -1;
	int r;

	if (asprintf(&new, "%s.%d", name, (int)getpid()) < 0) {
		new = NULL;
		return -ENOMEM;
	}
	r = lock_open(ctx, new, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, &path, &fd);
	if (r < 0)
		return r;
	r = write_all(fd, text, strlen(text));
	if (r == 0 && fchmod(fd, mode) < 0)
		r = -errno;
	target = strndup(path, strlen(path) - (strlen(new) - strlen(name)));
	if (r == 0 && !target)
		r = -ENOMEM;
	if (r == 0 && rename(path, target) < 0)
		r = -errno;
	if (r < 0)
		unlink(path);
	return r;
}

int lock_read(struct mdev_ctx *ctx, const char *name, size_t limit, char **text, size_t *length)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r;

	r = lock_open(ctx, name, O_RDONLY | O_NONBLOCK, &path, &fd);
	if (r == 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)))
		r = -ENOENT;
	return r < 0 ? r : read_all(fd, 0, limit, text, length);
}

void lock_remove(struct mdev_ctx *ctx, const char *name)
{
	_cleanup_free_ char *path = NULL;

	if (lock_path(ctx, name, &path) == 0)
		unlink(path);
}

/* Opens the file of a lock. Return: 0, -ENOENT, unreported, -errno reported. */
static int lock_prepare(struct mdev_ctx *ctx, const char *name, char **path, int *fd)
{
	int r = lock_open(ctx, name, O_RDWR | O_CREAT, path, fd);

	if (r == -ENOMEM)
		return log_no_memory(ctx);
	return r == 0 || r == -ENOENT ? r : lock_fail(ctx, r, *path);
}

int lock_take(struct mdev_ctx *ctx, const char *name, int *lock)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int fd = -1;
	int r;

	r = lock_prepare(ctx, name, &path, &fd);
	if (r < 0)
		return r;
	r = lock_wait(ctx, fd, path);
	if (r < 0)
		return lock_fail(ctx, r, path);
	*lock = TAKE_FD(fd);
	return 0;
}

int lock_try(struct mdev_ctx *ctx, const char *name, int *lock)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int fd = -1;
	int r;

	r = lock_prepare(ctx, name, &path, &fd);
	if (r == 0)
		r = lock_try_fd(fd);
	if (r == 0)
		*lock = TAKE_FD(fd);
	return r;
}

void lock_release(int lock)
{
	flock(lock, LOCK_UN);
}

int lock_try_again(int lock)
{
	return lock_try_fd(lock);
}

int lock_take_quietly(struct mdev_ctx *ctx, const char *name, int *lock)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int fd = -1;
	int r;

	r = lock_open(ctx, name, O_RDWR | O_CREAT, &path, &fd);
	if (r == 0)
		r = lock_wait(ctx, fd, path);
	if (r == 0)
		*lock = TAKE_FD(fd);
	return r == -ENOENT ? 0 : r;
}

int lock_take_brief(struct mdev_ctx *ctx, const char *name, int *lock)
{
	for (;;) {
		_cleanup_close_ int fd = -1;
		struct stat st;
		int r = lock_take_quietly(ctx, name, &fd);

		if (r < 0)
			return r;
		/* Whoever had it has removed the file: the next one has another. */
		if (fd >= 0 && fstat(fd, &st) == 0 && st.st_nlink == 0)
			continue;
		*lock = TAKE_FD(fd);
		return 0;
	}
}

void lock_drop(struct mdev_ctx *ctx, const char *name, int lock)
{
	if (lock < 0)
		return;
	lock_remove(ctx, name);
	close(lock);
}
