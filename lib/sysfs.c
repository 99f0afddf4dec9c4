// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sysfs.h"
#include "util/buffer.h"
#include "util/io.h"
#include "util/text.h"

/* Attributes have a page at most; a binary one, or what stands in for sysfs, may have more. */
#define MAX_VALUE (1024 * 1024)

static int kernel_open(void *data, int dir, const char *path, int flags)
{
	int fd;

	(void)data;
	do
		fd = openat(dir, path, flags);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

static ssize_t kernel_write(void *data, int fd, const char *bytes, size_t length)
{
	ssize_t n;

	(void)data;
	/* Not repeated on EINTR: a driver may have acted before it was interrupted. */
	n = write(fd, bytes, length);
	return n < 0 ? -errno : n;
}

static void kernel_sleep(void *data, unsigned int milliseconds)
{
	struct timespec time = {
		.tv_sec = milliseconds / 1000,
		.tv_nsec = milliseconds % 1000 * 1000000L,
	};

	(void)data;
	nanosleep(&time, NULL);
}

const struct sysfs_ops sysfs_kernel_ops = {
	.open = kernel_open,
	.write = kernel_write,
	.sleep = kernel_sleep,
};

static int open_any(struct mdev_ctx *ctx, int dir, const char *path, int flags, int *fd)
{
	int r = ctx->sysfs->open(ctx->sysfs_data, dir, path, flags | O_CLOEXEC);

	if (r < 0)
		return r;
	*fd = r;
	return 0;
}

int sysfs_open(struct mdev_ctx *ctx, int *dir, const char *format, ...)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	_cleanup_free_ char *below = NULL, *path = NULL;
	va_list args;
	int r;

	va_start(args, format);
	r = vasprintf(&below, format, args);
	va_end(args);
	if (r < 0) {
		below = NULL;
		return -ENOMEM;
	}
	buffer_add_format(&buffer, "%s/sys/%s", ctx->prefix, below);
	r = buffer_take(&buffer, &path);
	if (r < 0)
		return r;
	return open_any(ctx, AT_FDCWD, path, O_RDONLY | O_DIRECTORY, dir);
}

int sysfs_open_at(struct mdev_ctx *ctx, int parent, const char *path, int *dir)
{
	return open_any(ctx, parent, path, O_RDONLY | O_DIRECTORY, dir);
}

int sysfs_get_inode(int dir, const char *path, uint64_t *inode)
{
	struct stat st;

	if (fstatat(dir, path, &st, 0) < 0)
		return -errno;
	*inode = st.st_ino;
	return 0;
}

int sysfs_probe(int dir, const char *path)
{
	struct stat st;

	return fstatat(dir, path, &st, 0) < 0 ? -errno : 0;
}

bool sysfs_is_writable(int dir, const char *path)
{
	struct stat st;

	return fstatat(dir, path, &st, 0) == 0 && (st.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH));
}

static int read_value(int fd, char **value)
{
	_cleanup_free_ char *text = NULL;
	size_t length;
	int r;

	r = read_all(fd, 0, MAX_VALUE, &text, &length);
	if (r < 0)
		return r;
	while (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	*value = TAKE_PTR(text);
	return 0;
}

int sysfs_read(struct mdev_ctx *ctx, int dir, const char *path, char **value)
{
	_cleanup_close_ int fd = -1;
	int r;

	r = open_any(ctx, dir, path, O_RDONLY, &fd);
	return r < 0 ? r : read_value(fd, value);
}

int sysfs_read_number(struct mdev_ctx *ctx, int dir, const char *path, unsigned int *number)
{
	_cleanup_free_ char *text = NULL;
	int r = sysfs_read(ctx, dir, path, &text);

	if (r < 0)
		return r == -ENOENT ? -ENODEV : r;
	return parse_number(text, number);
}

/* Opens what @path names, going down a component at a time and never through a link. */
static int open_below(struct mdev_ctx *ctx, int dir, const char *path, int flags, int *fd)
{
	_cleanup_close_ int level = -1;
	char name[NAME_MAX + 1];
	int r, next = -1;

	for (;;) {
		size_t length = strcspn(path, "/");

		if (!path[length])
			return open_any(ctx, level < 0 ? dir : level, path, flags | O_NOFOLLOW, fd);
		if (length > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, path, length);
		name[length] = '\0';
		r = open_any(ctx, level < 0 ? dir : level, name,
			     O_PATH | O_DIRECTORY | O_NOFOLLOW, &next);
		if (r < 0)
			return r;
		util_close(level);
		level = next;
		path += length + 1;
	}
}

int sysfs_read_below(struct mdev_ctx *ctx, int dir, const char *path, char **value)
{
	_cleanup_close_ int fd = -1;
	int r;

	r = open_below(ctx, dir, path, O_RDONLY, &fd);
	return r < 0 ? r : read_value(fd, value);
}

static int write_value(struct mdev_ctx *ctx, int fd, const char *value)
{
	/* The driver is not called for nothing, and takes an empty line for an empty value. */
	const char *bytes = *value ? value : "\n";
	size_t length = strlen(bytes);
	ssize_t n;

	n = ctx->sysfs->write(ctx->sysfs_data, fd, bytes, length);
	if (n < 0)
		return n;
	/* The rest would be a value of its own for the driver. */
	return (size_t)n == length ? 0 : -EIO;
}

int sysfs_write(struct mdev_ctx *ctx, int dir, const char *path, const char *value)
{
	_cleanup_close_ int fd = -1;
	int r;

	r = open_any(ctx, dir, path, O_WRONLY | O_NOFOLLOW, &fd);
	return r < 0 ? r : write_value(ctx, fd, value);
}

int sysfs_write_below(struct mdev_ctx *ctx, int dir, const char *path, const char *value)
{
	_cleanup_close_ int fd = -1;
	int r;

	r = open_below(ctx, dir, path, O_WRONLY, &fd);
	return r < 0 ? r : write_value(ctx, fd, value);
}

int sysfs_read_link(int dir, const char *path, char **target)
{
	char text[PATH_MAX];
	ssize_t length = readlinkat(dir, path, text, sizeof(text));
	char *copy;

	if (length < 0)
		return -errno;
	if ((size_t)length == sizeof(text))
		return -ENAMETOOLONG;
	copy = strndup(text, length);
	if (!copy)
		return -ENOMEM;
	*target = copy;
	return 0;
}

int sysfs_read_link_base(int dir, const char *path, char **name)
{
	_cleanup_free_ char *target = NULL;
	char *copy;
	int r;

	r = sysfs_read_link(dir, path, &target);
	if (r < 0)
		return r;
	copy = strdup(path_base(target));
	if (!copy)
		return -ENOMEM;
	*name = copy;
	return 0;
}

int sysfs_resolve(const struct mdev_ctx *ctx, const char *target, char **path)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	const char *below;

	/* All of them go up to the mount point first. */
	for (below = target; strncmp(below, "../", 3) == 0; below += 3)
		;
	buffer_add_format(&buffer, "%s/sys/%s", ctx->prefix, below);
	return buffer_take(&buffer, path);
}
