// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "store_file.h"
#include "util/io.h"

/* Directly in the definition directory; in a parent's if that is on another file system. */
#define TEMP_FILE ".new"

bool file_is_temp(const char *name)
{
	return strcmp(name, TEMP_FILE) == 0;
}

static int file_write(int fd, const char *text)
{
	int r = write_all(fd, text, strlen(text));

	return r == 0 && fsync(fd) < 0 ? -errno : r;
}

static int file_open_temp(int dir, const char **in_way)
{
	int fd;

	/* A file that a crash left may have become a link to another file: no O_TRUNC. */
	if (unlinkat(dir, TEMP_FILE, 0) < 0 && errno != ENOENT) {
		if (errno == EISDIR)
			*in_way = TEMP_FILE;
		return -errno;
	}
	/* Whatever the umask is, not for everybody to write. */
	fd = openat(dir, TEMP_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	return fd < 0 ? -errno : fd;
}

/*
 * Gives the temporary file its name, unless the name exists. A link is best: it is one event for
 * watchers, which may have seen the file already when its directory appeared. vfat and some of FUSE
 * and 9p have no links, but renames that replace nothing.
 */
static int file_name_temp(int temp_dir, int dir, const char *name)
{
	int r;

	if (linkat(temp_dir, TEMP_FILE, dir, name, 0) == 0)
		return 0;
	r = -errno;
	if (r != -EPERM && r != -EOPNOTSUPP && r != -ENOSYS)
		return r;
	if (renameat2(temp_dir, TEMP_FILE, dir, name, RENAME_NOREPLACE) == 0)
		return 0;
	/* Neither exists here: report the first failure. */
	return errno == EINVAL || errno == ENOSYS ? r : -errno;
}

/* Makes @dir/@name from a file in @temp_dir, which must be on the same file system. */
static int file_create_in(int temp_dir, int dir, const char *name, const char *text,
			  const char **in_way)
{
	_cleanup_close_ int fd = file_open_temp(temp_dir, in_way);
	int r;

	if (fd < 0)
		return fd;
	r = file_write(fd, text);
	/* Before it has its name: whoever watches that would see it written then. */
	util_close(TAKE_FD(fd));
	if (r == 0)
		r = file_name_temp(temp_dir, dir, name);
	unlinkat(temp_dir, TEMP_FILE, 0);
	return r;
}

int file_create(int temp_dir, int dir, const char *name, const char *text, const char **in_way)
{
	const char *there = NULL;
	int r;

	r = file_create_in(temp_dir, dir, name, text, in_way);
	/* The parent's directory may be a link to another file system. */
	if (r == -EXDEV)
		r = file_create_in(dir, dir, name, text, &there);
	/* What may not be on the disk is not there. */
	if (r == 0 && fsync(dir) < 0) {
		r = -errno;
		unlinkat(dir, name, 0);
	}
	return r;
}

/* Where a file really is: the directory, and its name in it, to be freed. */
static int file_resolve(int dir, const char *file, int *real_dir, char **name)
{
	_cleanup_free_ char *path = NULL, *real = NULL;
	char *slash;
	int fd;

	if (asprintf(&path, "/proc/self/fd/%d/%s", dir, file) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	real = realpath(path, NULL);
	if (!real)
		return -errno;
	slash = strrchr(real, '/');
	*slash = '\0';
	fd = open(*real ? real : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*name = strdup(slash + 1);
	if (!*name) {
		util_close(fd);
		return -ENOMEM;
	}
	*real_dir = fd;
	return 0;
}

/*
 * Whether an extended attribute belongs to the file whatever its contents. Hashes and signatures of
 * the contents do not, nor do the private attributes of overlay file systems.
 */
static bool file_keeps_xattr(const char *name)
{
	return strncmp(name, "user.", strlen("user.")) == 0 ||
	       strcmp(name, "system.posix_acl_access") == 0 ||
	       strcmp(name, "security.selinux") == 0 || strcmp(name, "security.SMACK64") == 0;
}

static int file_copy_xattr(int from, int to, const char *name)
{
	ssize_t size = fgetxattr(from, name, NULL, 0);
	_cleanup_free_ char *value = NULL;

	if (size < 0)
		return 0;
	value = malloc(size + 1);
	if (!value)
		return -ENOMEM;
	size = fgetxattr(from, name, value, size);
	/* Not everybody may, as with the owner. */
	if (size >= 0 && fsetxattr(to, name, value, size, 0) < 0 && errno == ENOSPC)
		return -ENOSPC;
	return 0;
}

static int file_copy_xattrs(int from, int to)
{
	ssize_t size = flistxattr(from, NULL, 0);
	_cleanup_free_ char *names = NULL;
	int r = 0;

	if (size <= 0)
		return 0;
	names = malloc(size);
	if (!names)
		return -ENOMEM;
	size = flistxattr(from, names, size);
	for (ssize_t i = 0; r == 0 && i < size; i += strlen(names + i) + 1)
		if (file_keeps_xattr(names + i))
			r = file_copy_xattr(from, to, names + i);
	return r;
}

/* Owner, mode, and what else is attached to @dir/@name. @st: its own */
static int file_copy_rights(int dir, const char *name, const struct stat *st, int to)
{
	_cleanup_close_ int from = -1;
	int r = 0;

	/* Only root can give it back to another owner. */
	if (fchown(to, st->st_uid, st->st_gid) < 0 && errno != EPERM)
		return -errno;
	/* One that cannot be read is replaced all the same. */
	if (S_ISREG(st->st_mode))
		from = openat(dir, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (from >= 0)
		r = file_copy_xattrs(from, to);
	/* Last, as the others may change it. */
	return r == 0 && fchmod(to, st->st_mode & 07777) < 0 ? -errno : r;
}

static int file_replace_in(int temp_dir, int dir, const char *name, const char *text,
			   const char **in_way)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r;

	if (fstatat(dir, name, &st, 0) < 0)
		return -errno;
	fd = file_open_temp(temp_dir, in_way);
	if (fd < 0)
		return fd;
	r = file_copy_rights(dir, name, &st, fd);
	if (r == 0)
		r = file_write(fd, text);
	/* Before it has its name: whoever watches that would see it written twice. */
	util_close(TAKE_FD(fd));
	if (r == 0 && renameat(temp_dir, TEMP_FILE, dir, name) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(temp_dir, TEMP_FILE, 0);
	return r;
}

int file_replace(int temp_dir, int dir, const char *file, const char *text, const char **in_way)
{
	_cleanup_free_ char *name = NULL;
	_cleanup_close_ int real = -1;
	const char *there = NULL;
	int r;

	r = file_resolve(dir, file, &real, &name);
	if (r == 0)
		r = file_replace_in(temp_dir, real, name, text, in_way);
	if (r == -EXDEV)
		r = file_replace_in(real, real, name, text, &there);
	if (r == 0 && fsync(real) < 0)
		r = -errno;
	return r;
}
