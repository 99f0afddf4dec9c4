// SPDX-License-Identifier: LGPL-2.1-or-later
/* System calls. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "fail.h"

WRAP(ssize_t, -1, read, (int fd, void *bytes, size_t size), (fd, bytes, size))
WRAP(ssize_t, -1, write, (int fd, const void *bytes, size_t size), (fd, bytes, size))
WRAP(int, -1, fsync, (int fd), (fd))
WRAP(int, -1, flock, (int fd, int operation), (fd, operation))
WRAP(int, -1, renameat, (int dir, const char *old, int new_dir, const char *new),
     (dir, old, new_dir, new))
WRAP(int, -1, linkat, (int dir, const char *old, int new_dir, const char *new, int flags),
     (dir, old, new_dir, new, flags))
WRAP(int, -1, unlinkat, (int dir, const char *path, int flags), (dir, path, flags))
WRAP(int, -1, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(int, -1, mkdirat, (int dir, const char *path, mode_t mode), (dir, path, mode))
WRAP(int, -1, fstat, (int fd, struct stat *st), (fd, st))
WRAP(int, -1, stat, (const char *path, struct stat *st), (path, st))
WRAP(int, -1, lstat, (const char *path, struct stat *st), (path, st))
WRAP(int, -1, fchown, (int fd, uid_t owner, gid_t group), (fd, owner, group))
WRAP(int, -1, fchmod, (int fd, mode_t mode), (fd, mode))
WRAP(ssize_t, -1, readlinkat, (int dir, const char *path, char *target, size_t size),
     (dir, path, target, size))
WRAP(char *, NULL, realpath, (const char *path, char *resolved), (path, resolved))
WRAP(ssize_t, -1, getdents64, (int fd, void *entries, size_t size), (fd, entries, size))
WRAP(int, -1, poll, (struct pollfd *polled, nfds_t count, int timeout), (polled, count, timeout))
WRAP(int, -1, pipe2, (int fds[2], int flags), (fds, flags))
WRAP(int, -1, memfd_create, (const char *name, unsigned int flags), (name, flags))
WRAP(off_t, -1, lseek, (int fd, off_t offset, int whence), (fd, offset, whence))
WRAP(int, -1, pidfd_open, (pid_t pid, unsigned int flags), (pid, flags))
WRAP(pid_t, -1, waitpid, (pid_t pid, int *status, int options), (pid, status, options))
WRAP(int, -1, inotify_init1, (int flags), (flags))
WRAP(int, -1, inotify_add_watch, (int fd, const char *path, uint32_t mask), (fd, path, mask))
WRAP(int, -1, epoll_create1, (int flags), (flags))
WRAP(int, -1, epoll_ctl, (int epoll, int operation, int fd, struct epoll_event *event),
     (epoll, operation, fd, event))
WRAP(int, -1, eventfd, (unsigned int value, int flags), (value, flags))
/* It returns the error. */
WRAP(int, errno, posix_spawn,
     (pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
      const posix_spawnattr_t *attributes, char *const argv[], char *const envp[]),
     (pid, path, actions, attributes, argv, envp))

static mode_t mode_of(int flags, va_list args)
{
	return flags & O_CREAT ? va_arg(args, mode_t) : 0;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	mode_t mode;
	va_list args;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	return fail_now("open") ? -1 : __real_open(path, flags, mode);
}

int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...)
{
	mode_t mode;
	va_list args;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	return fail_now("openat") ? -1 : __real_openat(dir, path, flags, mode);
}

/* What it is with _FORTIFY_SOURCE. */
int __wrap___openat_2(int dir, const char *path, int flags);
int __wrap___openat_2(int dir, const char *path, int flags)
{
	return fail_now("openat") ? -1 : __real_openat(dir, path, flags);
}
