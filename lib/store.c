// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "paths.h"
#include "store.h"
#include "store_file.h"
#include "store_place.h"
#include "util/array.h"
#include "util/io.h"
#include "util/text.h"

#define STORE SYSCONFDIR "/mdevctl.d"

void store_entries_clear(struct store_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		free(entries->items[i].other);
	free(entries->items);
	*entries = (struct store_entries){ 0 };
}

void store_text_clear(struct store_text *text)
{
	free(text->bytes);
	*text = (struct store_text){ 0 };
}

char *store_place(const struct mdev_ctx *ctx, const char *parent, const char *file)
{
	char *path;

	if (asprintf(&path, "%s" STORE "%s%s%s%s", ctx->prefix, parent ? "/" : "",
		     parent ? parent : "", file ? "/" : "", file ? file : "") < 0)
		return NULL;
	return path;
}

int store_fail(struct mdev_ctx *ctx, int r, const char *what, const char *parent, const char *file)
{
	_cleanup_free_ char *path = store_place(ctx, parent, file);

	if (!path)
		return log_no_memory(ctx);
	log_about(ctx, .parent = parent, .file = path);
	return log_fail_kernel(ctx, r, "%s %s: " OS_ERROR, what, path, OS_ERROR_ARGS(r));
}

int store_get_path(const struct mdev_ctx *ctx, char **path)
{
	char *place = store_place(ctx, NULL, NULL);

	if (!place)
		return -ENOMEM;
	*path = place;
	return 0;
}

bool store_is_parent(const char *name)
{
	return name_is_valid(name) && strcmp(name, STORE_SCRIPTS) != 0;
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

/* What everybody may change says nothing of what the administrator wants. */
static int store_check_directory(struct mdev_ctx *ctx, int dir, const char *parent)
{
	struct stat st;

	if (fstat(dir, &st) < 0)
		return store_fail(ctx, -errno, "Failed to read", parent, NULL);
	return st.st_mode & S_IWOTH ? store_fault(ctx, -EPERM, parent, NULL, STORE_OPEN) : 0;
}

int store_open(struct mdev_ctx *ctx, const char *what, int *dir)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_close_ int fd = -1;
	int r;

	r = store_get_path(ctx, &path);
	if (r < 0)
		return log_no_memory(ctx);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ENOENT : store_fail(ctx, -errno, what, NULL, NULL);
	r = store_check_directory(ctx, fd, NULL);
	if (r == 0)
		*dir = TAKE_FD(fd);
	return r;
}

static bool store_is_directory(int dir, const struct dirent64 *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK)
		return entry->d_type == DT_DIR;
	return fstatat(dir, entry->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

struct store_parents {
	struct mdev_ctx *ctx;
	struct strings names;
};

static int store_add_parent(void *data, int dir, const struct dirent64 *entry)
{
	struct store_parents *parents = data;

	if (!store_is_directory(dir, entry) || strcmp(entry->d_name, STORE_SCRIPTS) == 0)
		return 0;
	if (name_is_valid(entry->d_name))
		return strings_add(&parents->names, entry->d_name);
	log_warning(parents->ctx, "Ignoring %s" STORE "/%s: not the name of a parent",
		    parents->ctx->prefix, entry->d_name);
	return 0;
}

int store_list_parents(struct mdev_ctx *ctx, struct strings *parents)
{
	struct store_parents found = { .ctx = ctx };
	_cleanup_close_ int dir = -1;
	int r;

	r = store_open(ctx, "Failed to read", &dir);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = walk_directory(dir, store_add_parent, &found);
	if (r < 0) {
		strings_clear(&found.names);
		return store_fail(ctx, r, "Failed to read", NULL, NULL);
	}
	strings_sort(&found.names);
	*parents = found.names;
	return 0;
}

int store_open_parent(struct mdev_ctx *ctx, const char *parent, int *dir)
{
	_cleanup_close_ int store = -1, fd = -1;
	int r;

	r = store_open(ctx, "Failed to open", &store);
	if (r < 0)
		return r;
	fd = openat(store, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ENOENT
				       : store_fail(ctx, -errno, "Failed to open", parent, NULL);
	r = store_check_directory(ctx, fd, parent);
	if (r == 0)
		*dir = TAKE_FD(fd);
	return r;
}

struct store_listing {
	struct mdev_ctx *ctx;
	const char *parent;
	const struct mdev_uuid *uuid;	/* only this one; NULL for all */
	struct store_entries found;
};

static int store_add_entry(void *data, int dir, const struct dirent64 *entry)
{
	struct store_listing *list = data;
	struct store_entries *found = &list->found;
	struct store_entry new = { .is_file = entry->d_type == DT_REG };

	if (entry->d_type == DT_DIR || file_is_temp(entry->d_name))
		return 0;
	if (mdev_uuid_parse(entry->d_name, &new.uuid) < 0) {
		if (!store_is_directory(dir, entry))
			log_warning(list->ctx,
				    "Can't determine uuid for file '%s' in %s" STORE "/%s",
				    entry->d_name, list->ctx->prefix, list->parent);
		return 0;
	}
	if (list->uuid && strcmp(new.uuid.text, list->uuid->text) != 0)
		return 0;
	if (array_reserve(&found->items, found->count, sizeof(*found->items)) < 0)
		return -ENOMEM;
	if (strcmp(entry->d_name, new.uuid.text) != 0) {
		new.other = strdup(entry->d_name);
		if (!new.other)
			return -ENOMEM;
	}
	found->items[found->count++] = new;
	return 0;
}

/* By UUID; of forms of the same one the canonical first, then by name: always the same counts. */
static int store_compare_entries(const void *a, const void *b)
{
	const struct store_entry *x = a, *y = b;
	int order = strcmp(x->uuid.text, y->uuid.text);

	if (order != 0)
		return order;
	order = !y->other - !x->other;
	return order != 0 ? order : strcmp(store_file_of(x), store_file_of(y));
}

/* Of several files for one UUID only the first counts. @entries is sorted. */
static void store_drop_duplicates(struct mdev_ctx *ctx, const char *parent,
				  struct store_entries *entries)
{
	size_t kept = 0;

	for (size_t i = 0; i < entries->count; i++) {
		struct store_entry *entry = &entries->items[i];

		if (kept > 0 && strcmp(entry->uuid.text, entries->items[kept - 1].uuid.text) == 0) {
			log_warning(ctx, "Ignoring %s" STORE "/%s/%s: '%s' defines the same device",
				    ctx->prefix, parent, store_file_of(entry),
				    store_file_of(&entries->items[kept - 1]));
			free(entry->other);
			continue;
		}
		entries->items[kept++] = *entry;
	}
	entries->count = kept;
}

int store_list_files(struct mdev_ctx *ctx, int dir, const char *parent,
		     const struct mdev_uuid *uuid, struct store_entries *entries)
{
	struct store_listing list = { .ctx = ctx, .parent = parent, .uuid = uuid };
	int r;

	r = walk_directory(dir, store_add_entry, &list);
	/* The directory itself goes with its last definition. */
	if (r < 0 && r != -ENOENT) {
		store_entries_clear(&list.found);
		return store_fail(ctx, r, "Failed to read", parent, NULL);
	}
	if (list.found.count > 1)
		qsort(list.found.items, list.found.count, sizeof(*list.found.items),
		      store_compare_entries);
	*entries = list.found;
	return 0;
}

/* Return: 1 if @uuid has a file of the canonical name, which counts, 0 if not, -ENOMEM. */
static int store_find_canonical(int dir, const struct mdev_uuid *uuid,
				struct store_entries *entries)
{
	struct store_entry *item;
	struct stat st;

	if (fstatat(dir, uuid->text, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISDIR(st.st_mode))
		return 0;
	item = malloc(sizeof(*item));
	if (!item)
		return -ENOMEM;
	*item = (struct store_entry){ .uuid = *uuid, .is_file = S_ISREG(st.st_mode) };
	*entries = (struct store_entries){ .items = item, .count = 1 };
	return 1;
}

int store_list(struct mdev_ctx *ctx, int dir, const char *parent, const struct mdev_uuid *uuid,
	       struct store_entries *entries)
{
	int r = 0;

	/* The others are not read for one. */
	if (uuid)
		r = store_find_canonical(dir, uuid, entries);
	if (r != 0)
		return r < 0 ? log_no_memory(ctx) : 0;
	r = store_list_files(ctx, dir, parent, uuid, entries);

	if (r == 0)
		store_drop_duplicates(ctx, parent, entries);
	return r;
}

/*
 * A dangling link is listed but cannot be opened; a definition that was removed meanwhile is
 * neither.
 */
static bool store_is_listed(int dir, const char *file)
{
	struct stat st;

	return fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/*
 * Opens a definition's file. What is none is not opened, as that may do something: a watchdog
 * or a tape may be in its place. Return: 0, -EBADMSG if it is none, -EPERM if everybody may write
 * it, -errno, all unreported.
 */
static int store_open_file(int dir, const struct store_entry *entry, int *fd, struct stat *st)
{
	if (!entry->is_file && fstatat(dir, store_file_of(entry), st, 0) < 0)
		return -errno;
	if (!entry->is_file && !S_ISREG(st->st_mode))
		return -EBADMSG;
	/* Not to be held up by a FIFO that has taken its place. */
	*fd = openat(dir, store_file_of(entry), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0 || fstat(*fd, st) < 0)
		return -errno;
	if (!S_ISREG(st->st_mode))
		return -EBADMSG;
	return st->st_mode & S_IWOTH ? -EPERM : 0;
}

void store_result_clear(struct store_result *result)
{
	free(result->bytes);
	*result = (struct store_result){ 0 };
}

void store_read_quietly(int dir, const struct store_entry *entry, struct store_result *result)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r;

	*result = (struct store_result){ 0 };
	r = store_open_file(dir, entry, &fd, &st);
	if (r == -EBADMSG)
		result->fault = "not a regular file";
	else if (r == -EPERM && fd >= 0)
		result->fault = STORE_OPEN;
	else if (r == -ENOENT)
		result->gone = !store_is_listed(dir, store_file_of(entry));
	else if (r == 0)
		r = read_all(fd, st.st_size, MDEV_JSON_SIZE_MAX, &result->bytes, &result->length);
	if (r == -EFBIG) {
		r = -EBADMSG;
		result->fault = STORE_TOO_LARGE;
	}
	result->r = r;
}

int store_report(struct mdev_ctx *ctx, const char *parent, const struct store_entry *entry,
		 const struct store_result *result)
{
	if (result->r == 0 || result->gone)
		return result->r;
	if (result->fault)
		return store_fault(ctx, result->r, parent, store_file_of(entry), result->fault);
	return store_fail(ctx, result->r, "Failed to read", parent, store_file_of(entry));
}

int store_read(struct mdev_ctx *ctx, int dir, const char *parent, const struct store_entry *entry,
	       char **text, size_t *length)
{
	struct store_result result;

	store_read_quietly(dir, entry, &result);
	*text = result.bytes;
	*length = result.length;
	return store_report(ctx, parent, entry, &result);
}

int store_exists(struct mdev_ctx *ctx, const char *parent, const struct mdev_uuid *uuid)
{
	_cleanup_(store_entries_clear) struct store_entries same = { 0 };
	_cleanup_close_ int dir = -1;
	int r;

	r = store_open_parent(ctx, parent, &dir);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (store_is_listed(dir, uuid->text))
		return 1;
	r = store_list_files(ctx, dir, parent, uuid, &same);
	return r < 0 ? r : same.count > 0;
}

size_t store_count_others(struct mdev_ctx *ctx, const char *parent, const struct mdev_uuid *uuid)
{
	_cleanup_(store_entries_clear) struct store_entries entries = { 0 };
	_cleanup_close_ int dir = -1;
	size_t count = 0;

	log_quietly(ctx);
	if (store_open_parent(ctx, parent, &dir) < 0 ||
	    store_list(ctx, dir, parent, NULL, &entries) < 0)
		return 0;
	for (size_t i = 0; i < entries.count; i++)
		count += strcmp(entries.items[i].uuid.text, uuid->text) != 0;
	return count;
}

/* Return: 1 if what could not be read now can, 0 if not, -ENOENT, unreported, -ENOMEM. */
static int store_is_readable(struct mdev_ctx *ctx, int dir, const char *parent,
			     const struct store_entry *entry)
{
	_cleanup_free_ char *text = NULL;
	size_t length;
	int r;

	log_about(ctx, .level = MDEV_LOG_DEBUG);
	r = store_read(ctx, dir, parent, entry, &text, &length);
	if (r == -ENOENT || r == -ENOMEM)
		return r;
	return r == 0;
}

/* Return: 1 if the file says something else, 0 if not, -ENOENT, unreported, other -errno. */
static int store_differs(struct mdev_ctx *ctx, int dir, const char *parent,
			 const struct store_entry *entry, const struct store_text *known)
{
	_cleanup_free_ char *text = NULL;
	size_t length;
	int r;

	r = store_read(ctx, dir, parent, entry, &text, &length);
	if (r < 0)
		return r;
	return !known->bytes || length != known->length ||
	       memcmp(text, known->bytes, length) != 0;
}

int store_compare(struct mdev_ctx *ctx, int dir, const char *parent, const char *file,
		  const struct store_text *known)
{
	const struct store_entry entry = { .other = (char *)file };
	int r;

	if (!known->known)
		return 0;
	if (known->unreadable)
		r = store_is_readable(ctx, dir, parent, &entry);
	else
		r = store_differs(ctx, dir, parent, &entry, known);
	return r > 0 ? store_fault(ctx, -ESTALE, parent, file, "changed since it was read") : r;
}

int store_check(struct mdev_ctx *ctx, const char *parent, const struct mdev_uuid *uuid,
		const struct store_text *known)
{
	_cleanup_(store_entries_clear) struct store_entries files = { 0 };
	_cleanup_close_ int dir = -1;
	int r;

	r = store_open_parent(ctx, parent, &dir);
	if (r < 0)
		return r;
	/* Of several forms this one counts. */
	if (store_is_listed(dir, uuid->text))
		return store_compare(ctx, dir, parent, uuid->text, known);
	r = store_list(ctx, dir, parent, uuid, &files);
	if (r < 0)
		return r;
	if (files.count == 0)
		return -ENOENT;
	return store_compare(ctx, dir, parent, store_file_of(&files.items[0]), known);
}
