// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "store.h"
#include "watch.h"
#include "util/array.h"
#include "util/buffer.h"
#include "util/io.h"
#include "util/text.h"

/*
 * One mask for all: the same directory may be watched for several reasons, under one watch
 * descriptor. A definition is made by linkat(), replaced by rename() and, by others, written.
 */
#define MASK (IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | \
	      IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

/* It says something else now, even if that cannot be seen from outside. */
#define WRITTEN (IN_CLOSE_WRITE | IN_MOVED_TO)

/* The properties that change with the contents of a file. */
struct stamp {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec modified;
};

struct file {
	struct mdev_uuid uuid;
	struct stamp stamp;
	char name[];
};

/* A parent's directory. */
struct directory {
	char *parent;
	int wd;			/* -1 if it cannot be watched */
	dev_t device;
	ino_t inode;
	struct file **files;	/* sorted by name */
	size_t count;
};

struct watch {
	struct mdev_ctx *ctx;
	watch_fn *fn;
	void *data;
	char *path;		/* of the definition directory ... */
	size_t root;		/* ... of which so much is the root directory */
	int fd;
	int above;		/* watches the deepest directory above it that there is ... */
	const char *awaited;	/* ... for this entry: the rest of path from there on */
	int store;		/* watches the definition directory; -1 without one */
	struct directory **directories;
	size_t count;
	bool quiet;		/* no callback is called */
	bool stale;		/* everything must be looked at again ... */
	bool told;		/* ... and the caller knows that changes may be missing */
};

/* Watch descriptors ---------------------------------------------------------- */

/* Removes a watch that is no longer used here. */
static void watch_release(const struct watch *watch, int wd)
{
	if (wd < 0 || wd == watch->above || wd == watch->store)
		return;
	for (size_t i = 0; i < watch->count; i++)
		if (watch->directories[i]->wd == wd)
			return;
	/* It fails if the directory has gone and the watch with it. */
	inotify_rm_watch(watch->fd, wd);
}

static int watch_fail(const struct watch *watch, int r)
{
	log_about(watch->ctx, .file = watch->path);
	return log_fail_kernel(watch->ctx, r, "Failed to watch %s: " OS_ERROR, watch->path,
			       OS_ERROR_ARGS(r));
}

static bool watch_is_missing(int r)
{
	return r == -ENOENT || r == -ENOTDIR || r == -ELOOP;
}

/* Return: 1 if there is a directory, 0 if there is none, -errno if that is unknown. */
static int watch_stat_directory(const char *path, struct stat *st)
{
	if (stat(path, st) < 0)
		return watch_is_missing(-errno) ? 0 : -errno;
	return S_ISDIR(st->st_mode);
}

/* Return: a watch descriptor, or -errno, unreported. */
static int watch_add(const struct watch *watch, const char *path)
{
	int wd = inotify_add_watch(watch->fd, *path ? path : "/", MASK);

	return wd < 0 ? -errno : wd;
}

/* Files ---------------------------------------------------------------------- */

static int watch_tell(const struct watch *watch, enum mdev_event_kind kind,
		      const struct mdev_uuid *uuid, const char *parent)
{
	return watch->quiet ? 0 : watch->fn(watch->data, kind, uuid, parent);
}

static int file_compare(const void *file, const void *name)
{
	return strcmp((*(struct file *const *)file)->name, name);
}

static int watch_add_file(struct directory *directory, size_t place,
			  const struct mdev_uuid *uuid, const char *name, const struct stamp *stamp)
{
	struct file *file = malloc(sizeof(*file) + strlen(name) + 1);

	if (!file)
		return -ENOMEM;
	if (array_reserve(&directory->files, directory->count, sizeof(*directory->files)) < 0) {
		free(file);
		return -ENOMEM;
	}
	file->uuid = *uuid;
	file->stamp = *stamp;
	strcpy(file->name, name);
	array_make_gap(directory->files, directory->count, place, sizeof(*directory->files));
	directory->files[place] = file;
	directory->count++;
	return 0;
}

static void watch_remove_file(struct directory *directory, size_t place)
{
	free(directory->files[place]);
	array_close_gap(directory->files, directory->count, place, sizeof(*directory->files));
	directory->count--;
}

static bool watch_is_same_stamp(const struct stamp *a, const struct stamp *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->modified.tv_sec == b->modified.tv_sec &&
	       a->modified.tv_nsec == b->modified.tv_nsec;
}

/* Return: 1 if there is a file, or a link to nowhere; 0 if there is none; -errno. */
static int watch_read_stamp(const struct watch *watch, const char *parent, const char *name,
			    struct stamp *stamp)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	_cleanup_free_ char *path = NULL;
	struct stat st;
	int r;

	buffer_add_format(&buffer, "%s/%s/%s", watch->path, parent, name);
	r = buffer_take(&buffer, &path);
	if (r < 0)
		return r;
	if (stat(path, &st) < 0 && lstat(path, &st) < 0)
		return watch_is_missing(-errno) ? 0 : -errno;
	*stamp = (struct stamp){ st.st_dev, st.st_ino, st.st_size, st.st_mtim };
	return !S_ISDIR(st.st_mode);
}

/* Compares a file with its remembered state. @written: it has certainly changed. */
static int watch_check_file(const struct watch *watch, struct directory *directory,
			    const char *name, bool written)
{
	struct mdev_uuid uuid;
	struct stamp stamp;
	bool known;
	size_t place;
	int r;

	if (mdev_uuid_parse(name, &uuid) < 0)
		return 0;
	known = array_find(directory->files, directory->count, sizeof(*directory->files),
			   file_compare, name, &place);
	r = watch_read_stamp(watch, directory->parent, name, &stamp);
	if (r < 0)
		return r;
	if (r == 0) {
		if (!known)
			return 0;
		watch_remove_file(directory, place);
		return watch_tell(watch, MDEV_EVENT_DEFINITION_REMOVED, &uuid, directory->parent);
	}
	if (!known) {
		r = watch_add_file(directory, place, &uuid, name, &stamp);
		return r < 0 ? r
			     : watch_tell(watch, MDEV_EVENT_DEFINITION_ADDED, &uuid,
					  directory->parent);
	}
	if (!written && watch_is_same_stamp(&directory->files[place]->stamp, &stamp))
		return 0;
	directory->files[place]->stamp = stamp;
	return watch_tell(watch, MDEV_EVENT_DEFINITION_CHANGED, &uuid, directory->parent);
}

/* By the path that is watched: the context may have another root by now. */
static int watch_list_names(const char *path, struct strings *names)
{
	_cleanup_close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = dir < 0 ? -errno : walk_directory(dir, walk_add_name, names);

	strings_sort(names);
	return watch_is_missing(r) ? 0 : r;
}

static int watch_make_path(const struct watch *watch, const char *parent, char **path)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };

	buffer_add_format(&buffer, "%s/%s", watch->path, parent);
	return buffer_take(&buffer, path);
}

/* What there is now, and what there was. */
static int watch_check_files(const struct watch *watch, struct directory *directory)
{
	_cleanup_strings_ struct strings names = { 0 };
	_cleanup_free_ char *path = NULL;
	int r;

	r = watch_make_path(watch, directory->parent, &path);
	if (r == 0)
		r = watch_list_names(path, &names);
	for (size_t i = 0; r == 0 && i < names.count; i++)
		r = watch_check_file(watch, directory, names.items[i], false);
	for (size_t i = directory->count; r == 0 && i-- > 0;) {
		_cleanup_free_ char *name = strdup(directory->files[i]->name);

		r = name ? watch_check_file(watch, directory, name, false) : -ENOMEM;
	}
	return r;
}

/* Directories ---------------------------------------------------------------- */

static void watch_directory_free(struct directory *directory)
{
	for (size_t i = 0; i < directory->count; i++)
		free(directory->files[i]);
	free(directory->files);
	free(directory->parent);
	free(directory);
}

static bool watch_find_directory(const struct watch *watch, const char *parent, size_t *place)
{
	for (*place = 0; *place < watch->count; ++*place)
		if (strcmp(watch->directories[*place]->parent, parent) == 0)
			return true;
	return false;
}

static int watch_forget_directory(struct watch *watch, size_t place)
{
	struct directory *directory = watch->directories[place];
	int r = 0;

	watch->directories[place] = watch->directories[--watch->count];
	watch_release(watch, directory->wd);
	for (size_t i = 0; r == 0 && i < directory->count; i++)
		r = watch_tell(watch, MDEV_EVENT_DEFINITION_REMOVED, &directory->files[i]->uuid,
			       directory->parent);
	watch_directory_free(directory);
	return r;
}

/* @st: what it is now */
static int watch_add_directory(struct watch *watch, const char *parent, const char *path,
			       const struct stat *st)
{
	struct directory *new;
	int wd;

	wd = watch_add(watch, path);
	/* Its entries cannot be read either. */
	if (wd == -EACCES)
		log_warning(watch->ctx, "Failed to watch %s: " OS_ERROR, path, OS_ERROR_ARGS(wd));
	else if (wd < 0)
		return watch_is_missing(wd) ? 0 : wd;
	new = calloc(1, sizeof(*new));
	if (new)
		new->parent = strdup(parent);
	if (!new || !new->parent ||
	    array_reserve(&watch->directories, watch->count, sizeof(*watch->directories)) < 0) {
		if (new)
			watch_directory_free(new);
		watch_release(watch, wd);
		return -ENOMEM;
	}
	new->wd = wd < 0 ? -1 : wd;
	new->device = st->st_dev;
	new->inode = st->st_ino;
	watch->directories[watch->count++] = new;
	return wd < 0 ? 0 : watch_check_files(watch, new);
}

/* Compares a parent's directory with its remembered state, without its entries. */
static int watch_check_directory(struct watch *watch, const char *parent)
{
	_cleanup_free_ char *path = NULL;
	bool known, there;
	struct stat st;
	size_t place;
	int r;

	if (!store_is_parent(parent))
		return 0;
	known = watch_find_directory(watch, parent, &place);
	r = watch_make_path(watch, parent, &path);
	if (r == 0)
		r = watch_stat_directory(path, &st);
	if (r < 0)
		return r;
	there = r;
	if (known && there && watch->directories[place]->wd >= 0 &&
	    watch->directories[place]->device == st.st_dev &&
	    watch->directories[place]->inode == st.st_ino)
		return 0;
	r = known ? watch_forget_directory(watch, place) : 0;
	/* @parent may have been the forgotten one's. */
	return r < 0 || !there ? r : watch_add_directory(watch, path_base(path), path, &st);
}

static int watch_check_store(struct watch *watch)
{
	_cleanup_strings_ struct strings parents = { 0 };
	int r;

	r = watch_list_names(watch->path, &parents);
	for (size_t i = 0; r == 0 && i < parents.count; i++)
		r = watch_check_directory(watch, parents.items[i]);
	for (size_t i = watch->count; r == 0 && i-- > 0;) {
		_cleanup_free_ char *parent = strdup(watch->directories[i]->parent);

		r = parent ? watch_check_directory(watch, parent) : -ENOMEM;
	}
	for (size_t i = 0; r == 0 && i < watch->count; i++)
		r = watch_check_files(watch, watch->directories[i]);
	return r;
}

/* Watches the deepest directory there is above the definitions', from the root on. */
static int watch_above(struct watch *watch)
{
	char *slash = watch->path + watch->root;
	int former = watch->above, wd;

	for (;;) {
		char *next = strchr(slash + 1, '/');
		struct stat st;
		int there;

		watch->awaited = slash + 1;
		*slash = '\0';
		wd = watch_add(watch, watch->path);
		*slash = '/';
		if (wd < 0)
			return wd;
		/* Looked at when it is watched already: it cannot come unseen. */
		watch->above = wd;
		watch_release(watch, former);
		if (!next)
			return 0;
		*next = '\0';
		there = watch_stat_directory(watch->path, &st);
		*next = '/';
		if (there <= 0)
			return there;
		former = wd;
		slash = next;
	}
}

/* Looks at everything; -errno, unreported. */
static int watch_look_anew(struct watch *watch)
{
	int former = watch->store;
	int r;

	/* A directory may have vanished in between: start again from the root. */
	do
		r = watch_above(watch);
	while (watch_is_missing(r) && watch->awaited != watch->path + watch->root + 1);
	if (r < 0)
		return r;
	r = watch_add(watch, watch->path);
	if (r < 0 && !watch_is_missing(r))
		return r;
	watch->store = r < 0 ? -1 : r;
	if (former != watch->store)
		watch_release(watch, former);
	return watch_check_store(watch);
}

/* Events --------------------------------------------------------------------- */

static bool watch_is_awaited(const struct watch *watch, const char *name)
{
	size_t length = strcspn(watch->awaited, "/");

	return strlen(name) == length && strncmp(watch->awaited, name, length) == 0;
}

static int watch_handle_in_directory(struct watch *watch, const struct inotify_event *event)
{
	int r = 0;

	/* Several parents may be links to one directory. */
	for (size_t i = watch->count; r == 0 && i-- > 0;) {
		struct directory *directory = watch->directories[i];

		if (directory->wd != event->wd)
			continue;
		if (event->len > 0) {
			r = watch_check_file(watch, directory, event->name, event->mask & WRITTEN);
			continue;
		}
		/* It was removed or moved, or only one of those that linked to it was. */
		if (event->mask & IN_IGNORED)
			directory->wd = -1;
		r = watch_check_directory(watch, directory->parent);
	}
	return r;
}

static int watch_handle_event(struct watch *watch, const struct inotify_event *event)
{
	bool about_store = event->wd == watch->store, about_above = event->wd == watch->above;
	int r;

	if (event->mask & IN_Q_OVERFLOW) {
		watch->stale = true;
		return 0;
	}
	if ((about_above && (event->len == 0 || watch_is_awaited(watch, event->name))) ||
	    (about_store && event->len == 0))
		return watch_look_anew(watch);
	if (about_store) {
		r = watch_check_directory(watch, event->name);
		if (r < 0)
			return r;
	}
	return watch_handle_in_directory(watch, event);
}

/* Tells the differences, but not of a file that was written and looks the same from outside. */
static int watch_catch_up(struct watch *watch)
{
	int r;

	if (!watch->told) {
		watch->told = true;
		return -EOVERFLOW;
	}
	r = watch_look_anew(watch);
	watch->stale = watch->told = r < 0;
	return r < 0 ? watch_fail(watch, r) : 1;
}

int watch_handle(struct watch *watch)
{
	union {
		struct inotify_event event;
		char bytes[4096];
	} buffer;
	ssize_t length;
	int r = 0;

	if (watch->stale)
		return watch_catch_up(watch);
	length = read(watch->fd, &buffer, sizeof(buffer));
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (length < 0) {
		watch->stale = watch->told = true;
		return watch_fail(watch, -errno);
	}
	for (char *at = buffer.bytes; r == 0 && at < buffer.bytes + length;) {
		const struct inotify_event *event = (const struct inotify_event *)at;

		r = watch_handle_event(watch, event);
		at += sizeof(*event) + event->len;
	}
	/* A failure tells it, too. */
	if (r < 0)
		watch->stale = watch->told = true;
	return r < 0 ? watch_fail(watch, r) : 1;
}

int watch_get_fd(const struct watch *watch)
{
	return watch->fd;
}

void watch_free(struct watch *watch)
{
	if (!watch)
		return;
	for (size_t i = 0; i < watch->count; i++)
		watch_directory_free(watch->directories[i]);
	free(watch->directories);
	free(watch->path);
	util_close(watch->fd);
	free(watch);
}

static void watch_freep(struct watch **watch)
{
	watch_free(*watch);
}

int watch_new(struct mdev_ctx *ctx, watch_fn *fn, void *data, struct watch **watch)
{
	_cleanup_(watch_freep) struct watch *new = calloc(1, sizeof(*new));
	int r;

	if (!new)
		return log_no_memory(ctx);
	*new = (struct watch){
		.ctx = ctx, .fn = fn, .data = data, .above = -1, .store = -1, .fd = -1,
		.quiet = true,
	};
	if (store_get_path(ctx, &new->path) < 0)
		return log_no_memory(ctx);
	new->root = strlen(ctx->prefix);
	new->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	r = new->fd < 0 ? -errno : watch_look_anew(new);
	if (r < 0)
		return watch_fail(new, r);
	new->quiet = false;
	*watch = TAKE_PTR(new);
	return 0;
}
