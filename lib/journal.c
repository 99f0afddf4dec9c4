// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "journal.h"
#include "lock.h"
#include "log.h"
#include "util/io.h"

/* More than parent, type and number can have. */
#define JOURNAL_SIZE_MAX 4096

static int journal_open(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, int flags, char **path,
			int *fd)
{
	char name[sizeof(uuid->text) + sizeof(".start")];

	snprintf(name, sizeof(name), "%s.start", uuid->text);
	return lock_open(ctx, name, flags, path, fd);
}

static uintmax_t journal_number(const struct handle *device)
{
	struct stat st;

	return fstat(device->dir, &st) < 0 ? 0 : st.st_ino;
}

/* What a note begins with; then comes a line with the number of the device's directory. */
static int journal_format(const char *parent, const char *type, char **text)
{
	if (asprintf(text, "%s\n%s\n", parent, type) >= 0)
		return 0;
	*text = NULL;
	return -ENOMEM;
}

static int journal_write(int fd, const char *parent, const char *type)
{
	_cleanup_free_ char *text = NULL;
	int r;

	r = journal_format(parent, type, &text);
	return r < 0 ? r : write_all(fd, text, strlen(text));
}

/*
 * A lock of the open file, as that of flock(), which can also be asked for without being taken.
 * The kernel drops it with the descriptor, at the latest when the process ends.
 */
static int journal_lock(int fd, int command, struct flock *lock)
{
	*lock = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
	if (fcntl(fd, command, lock) == 0)
		return 0;
	return errno == EACCES ? -EWOULDBLOCK : -errno;
}

/* Whether the process that had the lock has removed the file. */
static bool journal_is_removed(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_nlink == 0;
}

/* Return: 0 with the lock, -EWOULDBLOCK if another process has it, -errno. */
static int journal_take(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, int flags,
			struct journal *journal)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int fd = -1;
	struct flock lock;
	int r;

	r = journal_open(ctx, uuid, flags, &path, &fd);
	if (r == 0)
		r = journal_lock(fd, F_OFD_SETLK, &lock);
	if (r < 0)
		return r;
	if (journal_is_removed(fd))
		return -EWOULDBLOCK;
	*journal = (struct journal){ .path = TAKE_PTR(path), .fd = TAKE_FD(fd) };
	return 0;
}

void journal_begin(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, const char *parent,
		   const char *type, struct journal *journal)
{
	int r;

	r = journal_take(ctx, uuid, O_RDWR | O_CREAT, journal);
	/* What an earlier one says may be longer. */
	if (r == 0 && ftruncate(journal->fd, 0) < 0)
		r = -errno;
	if (r == 0)
		r = journal_write(journal->fd, parent, type);
	journal->stays = r == 0;
	if (r < 0)
		log_debug(ctx, "The start of device %s is not noted: " OS_ERROR, uuid->text,
			  OS_ERROR_ARGS(r));
}

void journal_add_device(struct journal *journal, const struct handle *device)
{
	char line[32];

	if (!journal->path)
		return;
	/* Without it, or its end, the note is about any device of the UUID, parent and type. */
	snprintf(line, sizeof(line), "%ju\n", journal_number(device));
	(void)!write_all(journal->fd, line, strlen(line));
}

void journal_close(struct journal *journal)
{
	if (!journal->path)
		return;
	if (!journal->stays && !journal_is_removed(journal->fd))
		unlink(journal->path);
	util_close(journal->fd);
	free(journal->path);
	*journal = (struct journal){ 0 };
}

/* Return: 1 if the note is about this device, 0 if not, -ENOMEM. */
static int journal_is_about(const struct journal *journal, const char *parent, const char *type,
			    const struct handle *device)
{
	_cleanup_free_ char *text = NULL, *begin = NULL;
	uintmax_t number;
	size_t length;
	char *end;
	int r;

	r = journal_format(parent, type, &begin);
	if (r < 0)
		return r;
	if (read_all(journal->fd, 0, JOURNAL_SIZE_MAX, &text, &length) < 0 ||
	    strncmp(text, begin, strlen(begin)) != 0)
		return 0;
	number = strtoumax(text + strlen(begin), &end, 10);
	return *end == '\0' ||
	       (strcmp(end, "\n") == 0 && (number == 0 || number == journal_number(device)));
}

int journal_look(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, const char *parent,
		 const char *type, const struct handle *device, struct journal *journal,
		 enum journal_state *state)
{
	int r;

	*state = JOURNAL_WHOLE;
	r = journal_take(ctx, uuid, O_RDWR, journal);
	if (r == -EWOULDBLOCK)
		*state = JOURNAL_STARTING;
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = journal_is_about(journal, parent, type, device);
	if (r > 0)
		*state = JOURNAL_LEFT;
	/* A note about another device is of no use. */
	journal->stays = r != 0;
	if (r <= 0)
		journal_close(journal);
	return r < 0 ? r : 0;
}

int journal_peek(struct mdev_ctx *ctx, const struct mdev_uuid *uuid, const char *parent,
		 const char *type, const struct handle *device, enum journal_state *state)
{
	struct journal journal = { .fd = -1 };
	struct flock lock;
	int r;

	*state = JOURNAL_WHOLE;
	r = journal_open(ctx, uuid, O_RDONLY, &journal.path, &journal.fd);
	if (r == 0)
		r = journal_is_about(&journal, parent, type, device);
	/* In this order: a start that ends meanwhile removes the file before its lock. */
	if (r > 0 && journal_lock(journal.fd, F_OFD_GETLK, &lock) == 0 &&
	    !journal_is_removed(journal.fd))
		*state = lock.l_type == F_UNLCK ? JOURNAL_LEFT : JOURNAL_STARTING;
	util_close(journal.fd);
	free(journal.path);
	return r == -ENOMEM ? r : 0;
}

void journal_forget(struct mdev_ctx *ctx, const struct mdev_uuid *uuid)
{
	struct journal journal = { 0 };

	if (journal_take(ctx, uuid, O_RDWR, &journal) == 0)
		journal_close(&journal);
}
