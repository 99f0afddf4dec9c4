/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Locks between processes: files in <root>/run/mdevctl that only their owner can open, so that
 * no other user holds up the administrator. Closing the file releases the lock.
 */
#ifndef LIB_LOCK_H
#define LIB_LOCK_H

#include "ctx.h"

/*
 * Waits for the lock of that name.
 *
 * Return: 0; -ENOENT, unreported, if there is no place for it, as /run is missing or read-only
 * for everybody; -errno, reported.
 */
_must_check_ int lock_take(struct mdev_ctx *ctx, const char *name, int *lock);

/* The same without waiting: -EWOULDBLOCK, unreported, if another process has it. */
_must_check_ int lock_try(struct mdev_ctx *ctx, const char *name, int *lock);

/* Releases a lock without closing its file, and tries to take it again. Return: as lock_try(). */
void lock_release(int lock);
_must_check_ int lock_try_again(int lock);

/* As lock_take(), unreported. Return: 0, also without a lock if its file has no place; -errno. */
_must_check_ int lock_take_quietly(struct mdev_ctx *ctx, const char *name, int *lock);

/*
 * The same for a lock whose file goes with it, unreported: to be dropped by lock_drop(). Return: 0,
 * also without a place for it, and *lock stays as it was; -errno.
 */
_must_check_ int lock_take_brief(struct mdev_ctx *ctx, const char *name, int *lock);
void lock_drop(struct mdev_ctx *ctx, const char *name, int lock);

/* Waits for an exclusive flock() on @fd. Return: 0, -EINTR if it is to end; unreported. */
_must_check_ int lock_wait(struct mdev_ctx *ctx, int fd, const char *path);

/*
 * Opens the file of that name in their directory, which is made for O_CREAT; its @path is to be
 * freed. Return: 0, -ENOENT as lock_take(), or if there is no such file; -errno, unreported.
 */
_must_check_ int lock_open(struct mdev_ctx *ctx, const char *name, int flags, char **path, int *fd);

/*
 * Writes the file of that name in their directory whole or not at all: another process may be
 * reading or writing it. @mode: its permissions. Return: 0, -errno as lock_open(), unreported.
 */
_must_check_ int lock_replace(struct mdev_ctx *ctx, const char *name, mode_t mode,
			      const char *text);

/* Reads one. Return: 0, -ENOENT if it is not a regular file, too; -errno, unreported. */
_must_check_ int lock_read(struct mdev_ctx *ctx, const char *name, size_t limit, char **text,
			   size_t *length);

/* Removes one, if it is there. */
void lock_remove(struct mdev_ctx *ctx, const char *name);

#endif
