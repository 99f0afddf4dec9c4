/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's files. Hides where sysfs is mounted, and short or interrupted
 * calls; knows nothing of what the files mean. Functions return 0 or -errno and
 * leave it to the caller to say what that means.
 */
#ifndef LIB_SYSFS_H
#define LIB_SYSFS_H

#include <stdint.h>
#include <sys/types.h>

#include "ctx.h"

/* What touches the kernel, so that tests can stand in for it. */
struct sysfs_ops {
	/* As openat() and write(), but -errno on failure. */
	int (*open)(void *data, int dir, const char *path, int flags);
	ssize_t (*write)(void *data, int fd, const char *bytes, size_t length);
	void (*sleep)(void *data, unsigned int milliseconds);
};

extern const struct sysfs_ops sysfs_kernel_ops;

/* Opens a directory by its path below the mount point of sysfs. */
_must_check_ _printf_format_(3, 4) int sysfs_open(struct mdev_ctx *ctx, int *dir,
						  const char *format, ...);

/* Opens a directory below another one. */
_must_check_ int sysfs_open_at(struct mdev_ctx *ctx, int parent, const char *path, int *dir);

/* The number of the inode of @path, which nothing else gets as long as the kernel runs. */
_must_check_ int sysfs_get_inode(int dir, const char *path, uint64_t *inode);

/* Looks for @path below @dir. Return: 0, -ENOENT if there is none or its link leads nowhere. */
_must_check_ int sysfs_probe(int dir, const char *path);

static inline bool sysfs_exists(int dir, const char *path)
{
	return sysfs_probe(dir, path) == 0;
}

/* Whether the mode of @path lets anybody write: without, root may not, either. */
bool sysfs_is_writable(int dir, const char *path);

/* Reads a value of any size, without the newlines at its end. */
_must_check_ int sysfs_read(struct mdev_ctx *ctx, int dir, const char *path, char **value);

/* Reads a number that is not negative. Return: 0, -ENODEV without the file, -errno. */
_must_check_ int sysfs_read_number(struct mdev_ctx *ctx, int dir, const char *path,
				   unsigned int *number);

/* As sysfs_read(), but never through a symbolic link, which leads to other devices. */
_must_check_ int sysfs_read_below(struct mdev_ctx *ctx, int dir, const char *path, char **value);

/* Writes a value in one call, as drivers expect it, and an empty one as an empty line. */
_must_check_ int sysfs_write(struct mdev_ctx *ctx, int dir, const char *path, const char *value);

/* The same, but never through a symbolic link. */
_must_check_ int sysfs_write_below(struct mdev_ctx *ctx, int dir, const char *path,
				   const char *value);

/* Where a symbolic link points to, as it is written in the link. */
_must_check_ int sysfs_read_link(int dir, const char *path, char **target);

/* The same without the directories: "12" of "../../kernel/iommu_groups/12". */
_must_check_ int sysfs_read_link_base(int dir, const char *path, char **name);

/* The path, from the root on, of what a relative link of the kernel's with this text points to. */
_must_check_ int sysfs_resolve(const struct mdev_ctx *ctx, const char *target, char **path);

#endif
