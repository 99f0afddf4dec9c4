// SPDX-License-Identifier: LGPL-2.1-or-later
/* How definitions are stored and removed. tests/models/store.pml shows why in this order. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lock.h"
#include "log.h"
#include "store.h"
#include "store_file.h"
#include "store_place.h"

/* Not "NAME.lock", which are those of parents. */
#define LOCK_NAME "definitions"

/* Whatever the umask is: what everybody may write to is not used. */
#define STORE_MODE 0755

/*
 * Takes the writers' lock, to be given back by closing @lock and @store. In the directory
 * itself a lock file would wake whoever watches that, and stay behind at purge.
 *
 * Where /run is missing or read-only for everybody, as in the root of an image, the directory
 * is locked. Everywhere else it is not: anyone who may read it could hold that lock, and the
 * administrator up.
 */
static int store_lock(struct mdev_ctx *ctx, int store, int *lock)
{
	int r;

	/* A caller without permission must get that error, not one about the lock. */
	if (faccessat(store, ".", W_OK, AT_EACCESS) < 0)
		return store_fail(ctx, -errno, "Failed to write", NULL, NULL);
	r = lock_take(ctx, LOCK_NAME, lock);
	if (r != -ENOENT)
		return r;
	r = lock_wait(ctx, store, "the definition directory");
	return r < 0 ? store_fail(ctx, r, "Failed to lock", NULL, NULL) : 0;
}

/* mkdir, and the entry is on the disk. */
static int store_make_directory(const char *path)
{
	_cleanup_close_ int dir = -1, above = -1;
	int r = 0;

	if (mkdir(path, STORE_MODE) < 0)
		return errno == EEXIST ? 0 : -errno;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0)
		above = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (above < 0 || fsync(above) < 0) {
		r = -errno;
		rmdir(path);
	}
	return r;
}

/* The same for all directories above that are not there. */
static int store_make_directories(char *path)
{
	int r = 0;

	for (char *slash = path; r == 0 && slash;) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		r = store_make_directory(path);
		if (slash)
			*slash = '/';
	}
	return r;
}

static int store_make(struct mdev_ctx *ctx, int *store)
{
	_cleanup_free_ char *path = NULL;
	int r;

	r = store_open(ctx, "Failed to create", store);
	if (r != -ENOENT)
		return r;
	r = store_get_path(ctx, &path);
	if (r == 0)
		r = store_make_directories(path);
	if (r == 0)
		r = store_open(ctx, "Failed to create", store);
	else
		r = store_fail(ctx, r, "Failed to create", NULL, NULL);
	/* It has gone again. */
	return r == -ENOENT ? store_fail(ctx, r, "Failed to create", NULL, NULL) : r;
}

static void store_take_back(int store, const char *parent, const char *file)
{
	_cleanup_close_ int dir = openat(store, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir >= 0)
		unlinkat(dir, file, 0);
}

/* @in_way: what file_create() or file_replace() found in the definition directory */
static int store_fail_write(struct mdev_ctx *ctx, int r, const char *parent, const char *file,
			    const char *in_way)
{
	return store_fail(ctx, r, "Failed to write", in_way ? NULL : parent,
			  in_way ? in_way : file);
}

/* Makes the file in the parent's directory, which is in @store. */
static int store_create_in_parent(struct mdev_ctx *ctx, int store, const char *parent,
				  const struct mdev_uuid *uuid, const char *text)
{
	_cleanup_(store_entries_clear) struct store_entries same = { 0 };
	_cleanup_close_ int dir = openat(store, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *in_way = NULL;
	int r;

	if (dir < 0)
		return store_fail(ctx, -errno, "Failed to open", parent, NULL);
	/* The same UUID may be there in another form, in capitals for instance. */
	r = store_list_files(ctx, dir, parent, uuid, &same);
	if (r < 0)
		return r;
	if (same.count > 0)
		return -EEXIST;
	r = file_create(store, dir, uuid->text, text, &in_way);
	if (r < 0 && r != -EEXIST)
		return store_fail_write(ctx, r, parent, uuid->text, in_way);
	return r;
}

/* Has what is in @store on the disk, whoever has made it: that process may have been killed. */
static int store_sync(int store)
{
	_cleanup_close_ int above = openat(store, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* Some file systems cannot, but then none of us has made the directory there. */
	if (above >= 0)
		(void)fsync(above);
	return fsync(store) < 0 ? -errno : 0;
}

/* The same, and the parent's directory is on the disk, even if it was there before. */
static int store_create_durably(struct mdev_ctx *ctx, int store, const char *parent,
				const struct mdev_uuid *uuid, const char *text)
{
	int r;

	r = store_create_in_parent(ctx, store, parent, uuid, text);
	if (r < 0)
		return r;
	r = store_sync(store);
	if (r < 0) {
		store_take_back(store, parent, uuid->text);
		return store_fail(ctx, r, "Failed to write", parent, NULL);
	}
	return 0;
}

int store_check_size(struct mdev_ctx *ctx, const char *parent, const char *file, size_t length)
{
	if (length > MDEV_JSON_SIZE_MAX)
		return store_fault(ctx, -EFBIG, parent, file, STORE_TOO_LARGE);
	return 0;
}

int store_create(struct mdev_ctx *ctx, const char *parent, const struct mdev_uuid *uuid,
		 const char *text)
{
	_cleanup_close_ int store = -1, lock = -1;
	bool is_new;
	int r;

	r = store_make(ctx, &store);
	if (r == 0)
		r = store_lock(ctx, store, &lock);
	if (r < 0)
		return r;
	is_new = mkdirat(store, parent, STORE_MODE) == 0;
	if (!is_new && errno != EEXIST)
		return store_fail(ctx, -errno, "Failed to create", parent, NULL);
	r = store_create_durably(ctx, store, parent, uuid, text);
	if (r < 0 && is_new)
		unlinkat(store, parent, AT_REMOVEDIR);
	return r;
}

/* Opens and locks an existing parent's directory for a writer; -ENOENT, unreported, without one. */
static int store_open_to_change(struct mdev_ctx *ctx, const char *parent, int *store, int *lock,
				int *dir)
{
	int r;

	r = store_open_parent(ctx, parent, dir);
	if (r < 0)
		return r;
	r = store_open(ctx, "Failed to open", store);
	return r < 0 ? r : store_lock(ctx, *store, lock);
}

int store_replace(struct mdev_ctx *ctx, const char *parent, const struct mdev_uuid *uuid,
		  const char *text, const struct store_text *known)
{
	_cleanup_(store_entries_clear) struct store_entries files = { 0 };
	_cleanup_close_ int store = -1, lock = -1, dir = -1;
	const char *in_way = NULL;
	int r;

	r = store_open_to_change(ctx, parent, &store, &lock, &dir);
	if (r == 0)
		r = store_list(ctx, dir, parent, uuid, &files);
	if (r < 0)
		return r;
	if (files.count == 0)
		return -ENOENT;
	r = store_compare(ctx, dir, parent, store_file_of(&files.items[0]), known);
	if (r < 0)
		return r;
	r = file_replace(store, dir, store_file_of(&files.items[0]), text, &in_way);
	if (r < 0)
		return store_fail_write(ctx, r, parent, store_file_of(&files.items[0]), in_way);
	return 0;
}

/* Forms of one UUID: the one that counts goes last, or another would count for a moment. */
static int store_remove_files(struct mdev_ctx *ctx, int dir, const char *parent,
			      const struct store_entries *files)
{
	for (size_t i = files->count; i-- > 0;) {
		const char *file = store_file_of(&files->items[i]);

		/* Synced before and after that. */
		if (unlinkat(dir, file, 0) < 0 || (i <= 1 && fsync(dir) < 0))
			return store_fail(ctx, -errno, "Failed to remove", parent, file);
	}
	return 0;
}

int store_remove(struct mdev_ctx *ctx, const char *parent, const struct mdev_uuid *uuid,
		 const struct store_text *known)
{
	_cleanup_(store_entries_clear) struct store_entries files = { 0 };
	_cleanup_close_ int store = -1, lock = -1, dir = -1;
	int r;

	r = store_open_to_change(ctx, parent, &store, &lock, &dir);
	if (r == 0)
		r = store_list_files(ctx, dir, parent, uuid, &files);
	if (r < 0)
		return r;
	if (files.count == 0)
		return -ENOENT;
	if (known->known)
		r = store_check(ctx, parent, uuid, known);
	if (r == 0)
		r = store_remove_files(ctx, dir, parent, &files);
	if (r < 0)
		return r;

	/* Refused, as it should be, while it holds anything or is a link. */
	if (unlinkat(store, parent, AT_REMOVEDIR) == 0 && fsync(store) < 0)
		return store_fail(ctx, -errno, "Failed to remove", parent, NULL);
	return 0;
}
