// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "paths.h"
#include "store.h"
#include "util/array.h"
#include "util/io.h"
#include "util/text.h"

#define STORE SYSCONFDIR "/mdevctl.d"

/*
 * Plain files directly in the directory: mdevctl passes over them in silence,
 * while a name that is no UUID in a parent's directory makes it complain.
 */
#define LOCK_FILE ".lock"
#define TEMP_FILE ".new"

/* A definition has a few lines. */
#define MAX_LENGTH (1024 * 1024)

/* Callout scripts of old installations, not a parent. */
#define SCRIPTS "scripts.d"

void store_entries_clear(struct store_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		free(entries->items[i].file);
	free(entries->items);
	*entries = (struct store_entries){ 0 };
}

/* <root>/etc/mdevctl.d[/<parent>[/<file>]]; NULL if there was no memory. */
static char *store_place(const struct mdev_ctx *ctx, const char *parent, const char *file)
{
	char *path;

	if (asprintf(&path, "%s" STORE "%s%s%s%s", ctx->prefix, parent ? "/" : "",
		     parent ? parent : "", file ? "/" : "", file ? file : "") < 0)
		return NULL;
	return path;
}

/* All failures here name the place. */
static int store_fail(struct mdev_ctx *ctx, int r, const char *what, const char *parent,
		      const char *file)
{
	_cleanup_free_ char *path = store_place(ctx, parent, file);

	if (!path)
		return log_no_memory(ctx);
	log_about(ctx, .parent = parent, .file = path);
	return log_fail_kernel(ctx, r, "%s %s: " OS_ERROR, what, path, OS_ERROR_ARGS(r));
}

int store_get_path(const struct mdev_ctx *ctx, char **path)
{
	char *text;

	if (asprintf(&text, "%s" STORE, ctx->prefix) < 0)
		return -ENOMEM;
	*path = text;
	return 0;
}

bool store_is_parent(const char *name)
{
	return name_is_valid(name) && strcmp(name, SCRIPTS) != 0;
}

static int open_store(struct mdev_ctx *ctx, int *dir)
{
	_cleanup_free_ char *path = NULL;
	int fd, r;

	r = store_get_path(ctx, &path);
	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*dir = fd;
	return 0;
}

int store_fault(struct mdev_ctx *ctx, int r, const char *parent, const char *file,
		const char *problem)
{
	_cleanup_free_ char *path = store_place(ctx, parent, file);

	if (!path)
		return log_no_memory(ctx);
	log_about(ctx, .parent = parent, .file = path);
	return log_fail(ctx, r, "%s: %s", path, problem);
}

static bool is_directory(int dir, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK)
		return entry->d_type == DT_DIR;
	return fstatat(dir, entry->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static int add_parent(void *data, int dir, const struct dirent *entry)
{
	if (!is_directory(dir, entry) || strcmp(entry->d_name, SCRIPTS) == 0)
		return 0;
	return strings_add(data, entry->d_name);
}

int store_list_parents(struct mdev_ctx *ctx, struct strings *parents)
{
	_cleanup_strings_ struct strings found = { 0 };
	_cleanup_close_ int dir = -1;
	int r;

	r = open_store(ctx, &dir);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = walk_directory(dir, add_parent, &found);
	if (r < 0)
		return store_fail(ctx, r, "Failed to read", NULL, NULL);
	strings_sort(&found);
	*parents = found;
	found = (struct strings){ 0 };
	return 0;
}

int store_open_parent(struct mdev_ctx *ctx, const char *parent,
		      int *dir)
{
	_cleanup_close_ int store = -1;
	int fd, r;

	r = open_store(ctx, &store);
	if (r == -ENOENT)
		return r;
	if (r < 0)
		return store_fail(ctx, r, "Failed to open", NULL, NULL);
	fd = openat(store, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		r = -errno;
		return r == -ENOENT ? r : store_fail(ctx, r, "Failed to open", parent, NULL);
	}
	*dir = fd;
	return 0;
}

struct listing {
	struct mdev_ctx *ctx;
	const char *parent, *uuid;
	struct store_entries found;
};

static int add_definition(void *data, int dir, const struct dirent *entry)
{
	struct listing *list = data;
	struct store_entries *found = &list->found;
	char uuid[MDEV_UUID_STRING_SIZE];
	char *file;

	if (entry->d_type == DT_DIR)
		return 0;
	if (mdev_uuid_parse(entry->d_name, uuid) < 0) {
		if (!is_directory(dir, entry))
			log_warning(list->ctx, "Can't determine uuid for file '%s' in %s" STORE "/%s",
				    entry->d_name, list->ctx->prefix, list->parent);
		return 0;
	}
	if (list->uuid && strcmp(uuid, list->uuid) != 0)
		return 0;
	if (array_reserve(&found->items, found->count, sizeof(*found->items)) < 0)
		return -ENOMEM;
	file = strdup(entry->d_name);
	if (!file)
		return -ENOMEM;
	found->items[found->count].file = file;
	memcpy(found->items[found->count].uuid, uuid, sizeof(uuid));
	found->count++;
	return 0;
}

/* By UUID; among forms of the same one the canonical first, which is last in ASCII. */
static int compare_entries(const void *a, const void *b)
{
	const struct store_entry *x = a, *y = b;
	int order = strcmp(x->uuid, y->uuid);

	if (order != 0)
		return order;
	return (strcmp(y->file, y->uuid) == 0) - (strcmp(x->file, x->uuid) == 0);
}

/* Of several files for one UUID only the first counts. @entries is sorted. */
static void drop_duplicates(struct mdev_ctx *ctx, const char *parent, struct store_entries *entries)
{
	size_t kept = 0;

	for (size_t i = 0; i < entries->count; i++) {
		struct store_entry *entry = &entries->items[i];

		if (kept > 0 && strcmp(entry->uuid, entries->items[kept - 1].uuid) == 0) {
			log_warning(ctx, "Ignoring %s" STORE "/%s/%s: '%s' defines the same device",
				    ctx->prefix, parent, entry->file, entries->items[kept - 1].file);
			free(entry->file);
			continue;
		}
		entries->items[kept++] = *entry;
	}
	entries->count = kept;
}

/* All files that name a UUID, unsorted, in whatever form. */
static int list_files(struct mdev_ctx *ctx, int dir, const char *parent,
		      const char *uuid, struct store_entries *entries)
{
	struct listing list = { .ctx = ctx, .parent = parent, .uuid = uuid };
	int r;

	r = walk_directory(dir, add_definition, &list);
	/* The directory itself goes with its last definition. */
	if (r < 0 && r != -ENOENT) {
		store_entries_clear(&list.found);
		return store_fail(ctx, r, "Failed to read", parent, NULL);
	}
	*entries = list.found;
	return 0;
}

int store_list(struct mdev_ctx *ctx, int dir, const char *parent,
	       const char *uuid, struct store_entries *entries)
{
	struct store_entries found;
	int r;

	r = list_files(ctx, dir, parent, uuid, &found);
	if (r < 0)
		return r;
	if (found.count > 1)
		qsort(found.items, found.count, sizeof(*found.items), compare_entries);
	drop_duplicates(ctx, parent, &found);
	*entries = found;
	return 0;
}

/* A link to nowhere is listed but cannot be opened; what was undefined meanwhile is neither. */
static bool is_listed(int dir, const char *file)
{
	struct stat st;

	return fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

int store_read(struct mdev_ctx *ctx, int dir, const char *parent,
	       const char *file, char **text, size_t *length)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r;

	/* Not to be held up by a FIFO. */
	fd = openat(dir, file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && !is_listed(dir, file))
		return -ENOENT;
	if (fd < 0 || fstat(fd, &st) < 0)
		return store_fail(ctx, -errno, "Failed to read", parent, file);
	if (!S_ISREG(st.st_mode))
		return store_fault(ctx, -EBADMSG, parent, file, "not a regular file");
	r = read_all(fd, st.st_size, MAX_LENGTH, text, length);
	if (r < 0)
		return store_fail(ctx, r, "Failed to read", parent, file);
	return 0;
}

/* Takes the writers' lock, to be given back by closing @lock. */
static int lock_store(struct mdev_ctx *ctx, int store, int *lock)
{
	_cleanup_close_ int fd = -1;

	/* Its mode keeps other users from holding up the administrator. */
	fd = openat(store, LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return store_fail(ctx, -errno, "Failed to open", NULL, LOCK_FILE);
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return store_fail(ctx, -errno, "Failed to lock", NULL, LOCK_FILE);
	*lock = TAKE_FD(fd);
	return 0;
}

/* mkdir -p */
static int make_directories(char *path)
{
	for (char *slash = path; slash; ) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		if (mkdir(path, 0777) < 0 && errno != EEXIST)
			return -errno;
		if (slash)
			*slash = '/';
	}
	return 0;
}

static int make_store(struct mdev_ctx *ctx, int *store)
{
	_cleanup_free_ char *path = NULL;
	int r;

	r = open_store(ctx, store);
	if (r == -ENOENT) {
		r = store_get_path(ctx, &path);
		if (r == 0)
			r = make_directories(path);
		if (r == 0)
			r = open_store(ctx, store);
	}
	if (r < 0)
		return store_fail(ctx, r, "Failed to create", NULL, NULL);
	return 0;
}

static int write_durably(int fd, const char *text)
{
	int r = write_all(fd, text, strlen(text));

	return r == 0 && fsync(fd) < 0 ? -errno : r;
}

static int open_temp(int dir)
{
	int fd;

	/* What a crash left may by now be a link to somebody's definition: no O_TRUNC. */
	if (unlinkat(dir, TEMP_FILE, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(dir, TEMP_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	return fd < 0 ? -errno : fd;
}

/*
 * Makes @dir/@name from a file in @temp_dir, which must be on the same file
 * system. A link, not a rename: it never replaces what is there.
 */
static int create_by_link(int temp_dir, int dir, const char *name, const char *text)
{
	_cleanup_close_ int fd = open_temp(temp_dir);
	int r;

	if (fd < 0)
		return fd;
	r = write_durably(fd, text);
	if (r == 0 && linkat(temp_dir, TEMP_FILE, dir, name, 0) < 0)
		r = -errno;
	unlinkat(temp_dir, TEMP_FILE, 0);
	return r;
}

static int create_file(int store, int dir, const char *name, const char *text)
{
	int r;

	r = create_by_link(store, dir, name, text);
	/* The parent's directory may be a link to another file system. */
	if (r == -EXDEV)
		r = create_by_link(dir, dir, name, text);
	/* What may not be on the disk is not there. */
	if (r == 0 && fsync(dir) < 0) {
		r = -errno;
		unlinkat(dir, name, 0);
	}
	return r;
}

static void remove_from_parent(int store, const char *parent, const char *uuid)
{
	_cleanup_close_ int dir = openat(store, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir >= 0)
		unlinkat(dir, uuid, 0);
}

/* Makes the file in the parent's directory, which is in @store. */
static int create_in_parent(struct mdev_ctx *ctx, int store, const char *parent, const char *uuid,
			    const char *text)
{
	_cleanup_(store_entries_clear) struct store_entries same = { 0 };
	_cleanup_close_ int dir = openat(store, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (dir < 0)
		return store_fail(ctx, -errno, "Failed to open", parent, NULL);
	/* The same UUID may be there in another form, in capitals for instance. */
	r = list_files(ctx, dir, parent, uuid, &same);
	if (r < 0)
		return r;
	if (same.count > 0)
		return -EEXIST;
	r = create_file(store, dir, uuid, text);
	if (r < 0 && r != -EEXIST)
		return store_fail(ctx, r, "Failed to write", parent, uuid);
	return r;
}

/* The same with a new directory, which goes again if the file cannot be made. */
static int create_parent(struct mdev_ctx *ctx, int store, const char *parent, const char *uuid,
			 const char *text)
{
	int r;

	r = create_in_parent(ctx, store, parent, uuid, text);
	if (r == 0 && fsync(store) < 0) {
		r = store_fail(ctx, -errno, "Failed to write", parent, NULL);
		remove_from_parent(store, parent, uuid);
	}
	if (r < 0)
		unlinkat(store, parent, AT_REMOVEDIR);
	return r;
}

int store_create(struct mdev_ctx *ctx, const char *parent, const char *uuid, const char *text)
{
	_cleanup_close_ int store = -1, lock = -1;
	int r;

	if (strcmp(parent, SCRIPTS) == 0)
		return log_fail(ctx, -EINVAL, "Invalid parent name '%s'", parent);
	r = make_store(ctx, &store);
	if (r == 0)
		r = lock_store(ctx, store, &lock);
	if (r < 0)
		return r;
	if (mkdirat(store, parent, 0777) == 0)
		return create_parent(ctx, store, parent, uuid, text);
	if (errno != EEXIST)
		return store_fail(ctx, -errno, "Failed to create", parent, NULL);
	return create_in_parent(ctx, store, parent, uuid, text);
}

int store_exists(struct mdev_ctx *ctx, const char *parent, const char *uuid)
{
	_cleanup_(store_entries_clear) struct store_entries same = { 0 };
	_cleanup_close_ int dir = -1;
	int r;

	r = store_open_parent(ctx, parent, &dir);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (faccessat(dir, uuid, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	r = list_files(ctx, dir, parent, uuid, &same);
	return r < 0 ? r : same.count > 0;
}

/* Where a file really is: the directory, and its name in it, to be freed. */
static int resolve(int dir, const char *file, int *real_dir, char **name)
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

static int replace_by_rename(int temp_dir, int dir, const char *name, const char *text)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r;

	if (fstatat(dir, name, &st, 0) < 0)
		return -errno;
	fd = open_temp(temp_dir);
	if (fd < 0)
		return fd;
	/* Only root can give it back to another owner. */
	if (fchown(fd, st.st_uid, st.st_gid) < 0 && errno != EPERM)
		r = -errno;
	else
		r = fchmod(fd, st.st_mode & 07777) < 0 ? -errno : write_durably(fd, text);
	/* Before it has its name: whoever watches that would see it written twice. */
	util_close(TAKE_FD(fd));
	if (r == 0 && renameat(temp_dir, TEMP_FILE, dir, name) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(temp_dir, TEMP_FILE, 0);
	return r;
}

static int replace_file(int store, int dir, const char *file, const char *text)
{
	_cleanup_free_ char *name = NULL;
	_cleanup_close_ int real = -1;
	int r;

	r = resolve(dir, file, &real, &name);
	if (r == 0)
		r = replace_by_rename(store, real, name, text);
	if (r == -EXDEV)
		r = replace_by_rename(real, real, name, text);
	if (r == 0 && fsync(real) < 0)
		r = -errno;
	return r;
}

/* What a writer to an existing parent's directory needs; -ENOENT, unreported, without one. */
static int open_to_change(struct mdev_ctx *ctx, const char *parent, int *store, int *lock,
			  int *dir)
{
	int r;

	r = store_open_parent(ctx, parent, dir);
	if (r < 0)
		return r;
	r = open_store(ctx, store);
	if (r < 0)
		return r == -ENOENT ? r : store_fail(ctx, r, "Failed to open", NULL, NULL);
	return lock_store(ctx, *store, lock);
}

int store_replace(struct mdev_ctx *ctx, const char *parent, const char *uuid, const char *text)
{
	_cleanup_(store_entries_clear) struct store_entries files = { 0 };
	_cleanup_close_ int store = -1, lock = -1, dir = -1;
	int r;

	r = open_to_change(ctx, parent, &store, &lock, &dir);
	if (r == 0)
		r = store_list(ctx, dir, parent, uuid, &files);
	if (r < 0)
		return r;
	if (files.count == 0)
		return -ENOENT;
	r = replace_file(store, dir, files.items[0].file, text);
	if (r < 0)
		return store_fail(ctx, r, "Failed to write", parent, files.items[0].file);
	return 0;
}

int store_remove(struct mdev_ctx *ctx, const char *parent, const char *uuid)
{
	_cleanup_(store_entries_clear) struct store_entries files = { 0 };
	_cleanup_close_ int store = -1, lock = -1, dir = -1;
	int r;

	r = open_to_change(ctx, parent, &store, &lock, &dir);
	if (r == 0)
		r = list_files(ctx, dir, parent, uuid, &files);
	if (r < 0)
		return r;
	if (files.count == 0)
		return -ENOENT;
	for (size_t i = 0; i < files.count; i++)
		if (unlinkat(dir, files.items[i].file, 0) < 0)
			return store_fail(ctx, -errno, "Failed to remove", parent,
				    files.items[i].file);
	if (fsync(dir) < 0)
		return store_fail(ctx, -errno, "Failed to remove", parent, uuid);

	/* Refused, as it should be, while it holds anything or is a link. */
	if (unlinkat(store, parent, AT_REMOVEDIR) == 0 && fsync(store) < 0)
		return store_fail(ctx, -errno, "Failed to remove", parent, NULL);
	return 0;
}
