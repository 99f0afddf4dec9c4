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
#include "script_dir.h"
#include "util/io.h"

static const char *const script_dirs[] = {
	SCRIPTDIR,
	SYSCONFDIR "/mdevctl.d/scripts.d",	/* deprecated, but still in use */
};

/* What editors and package managers call their copies of a file. */
static const char *const copy_endings[] = {
	"~", ".swp", ".bak", ".orig", ".rej", ".save", ".disabled",
	".dpkg-old", ".dpkg-new", ".dpkg-dist", ".dpkg-tmp", ".dpkg-bak",
	".rpmsave", ".rpmnew", ".rpmorig", ".ucf-old", ".ucf-new", ".ucf-dist",
};

struct script_listing {
	struct mdev_ctx *ctx;
	const char *directory;
	struct strings found;
	struct script_stamp stamp;
	bool is_reported;	/* what has gone wrong */
};

static bool script_is_copy(const char *name)
{
	size_t length = strlen(name);

	if (name[0] == '.' || name[0] == '#')
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(copy_endings); i++) {
		size_t ending = strlen(copy_endings[i]);

		if (length > ending && strcmp(name + length - ending, copy_endings[i]) == 0)
			return true;
	}
	return false;
}

/* FNV-1a: forging a stamp gains nothing, because those who can write scripts can run them. */
static uint64_t stamp_mix(uint64_t value, const void *bytes, size_t length)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < length; i++)
		value = (value ^ byte[i]) * UINT64_C(0x100000001b3);
	return value;
}

/* Added up, as directories are read in any order. */
static void stamp_add(struct script_stamp *stamp, const char *path, const struct stat *st)
{
	uint64_t value = stamp_mix(UINT64_C(0xcbf29ce484222325), path, strlen(path));

	value = stamp_mix(value, &st->st_dev, sizeof(st->st_dev));
	value = stamp_mix(value, &st->st_ino, sizeof(st->st_ino));
	value = stamp_mix(value, &st->st_size, sizeof(st->st_size));
	value = stamp_mix(value, &st->st_mtim, sizeof(st->st_mtim));
	stamp->value += stamp_mix(value, &st->st_ctim, sizeof(st->st_ctim));
}

/* Who else may change what root runs; NULL if nobody. */
static const char *script_other_writer(const struct stat *st)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return "it belongs to another user than root";
	if (st->st_mode & S_IWOTH)
		return "every user may write to it";
	if ((st->st_mode & S_IWGRP) && st->st_gid != 0 && st->st_gid != getegid())
		return "its group may write to it";
	return NULL;
}

/* It may be one that refuses, so that it is not only left out. */
static int script_check_writers(struct script_listing *list, const char *path,
				const struct stat *st)
{
	const char *why = script_other_writer(st);

	if (!why)
		return 0;
	list->is_reported = true;
	log_about(list->ctx, .file = path);
	return log_fail_script(list->ctx, -EPERM, "Refused to run %s: %s", path, why);
}

static int script_add(void *data, int dir, const struct dirent64 *entry)
{
	struct script_listing *list = data;
	_cleanup_free_ char *path = NULL;
	struct stat st;
	int r;

	if (entry->d_type == DT_DIR)
		return 0;
	if (script_is_copy(entry->d_name)) {
		log_debug(list->ctx, "Ignoring %s/%s: the name is that of a copy",
			  list->directory, entry->d_name);
		return 0;
	}
	/* Files that cannot be run are skipped here instead of by trying. */
	if (faccessat(dir, entry->d_name, X_OK, AT_EACCESS) < 0 ||
	    fstatat(dir, entry->d_name, &st, 0) < 0) {
		log_debug(list->ctx, "%s/%s cannot be run: " OS_ERROR, list->directory,
			  entry->d_name, OS_ERROR_ARGS(-errno));
		return 0;
	}
	if (asprintf(&path, "%s/%s", list->directory, entry->d_name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	r = script_check_writers(list, path, &st);
	if (r < 0)
		return r;
	stamp_add(&list->stamp, path, &st);
	return strings_add(&list->found, path);
}

/* A directory that cannot be read may hold a script that refuses. */
static int script_dir_fail(struct mdev_ctx *ctx, const char *directory, int r)
{
	log_about(ctx, .file = directory);
	return log_fail_kernel(ctx, r, "Failed to read %s: " OS_ERROR, directory,
			       OS_ERROR_ARGS(r));
}

static int script_dir_read(struct mdev_ctx *ctx, const char *directory, struct strings *paths,
			   struct script_stamp *stamp)
{
	_cleanup_close_ int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct script_listing list = { .ctx = ctx, .directory = directory };
	struct stat st;
	int r;

	if (dir < 0)
		return errno == ENOENT ? 0 : script_dir_fail(ctx, directory, -errno);
	if (fstat(dir, &st) < 0)
		return script_dir_fail(ctx, directory, -errno);
	r = script_check_writers(&list, directory, &st);
	if (r < 0)
		return r;
	r = walk_directory(dir, script_add, &list);
	strings_sort(&list.found);
	for (size_t i = 0; r == 0 && i < list.found.count; i++)
		r = strings_add(paths, list.found.items[i]);
	strings_clear(&list.found);
	stamp->value += list.stamp.value;
	return r < 0 && !list.is_reported ? script_dir_fail(ctx, directory, r) : r;
}

int script_dir_list(struct mdev_ctx *ctx, const char *kind, struct strings *paths,
		    struct script_stamp *stamp)
{
	_cleanup_strings_ struct strings found = { 0 };

	*stamp = (struct script_stamp){ 0 };
	for (size_t i = 0; i < ARRAY_SIZE(script_dirs); i++) {
		_cleanup_free_ char *directory = NULL;
		int r;

		if (asprintf(&directory, "%s%s/%s", ctx->prefix, script_dirs[i], kind) < 0) {
			directory = NULL;
			return log_no_memory(ctx);
		}
		r = script_dir_read(ctx, directory, &found, stamp);
		if (r < 0)
			return r;
	}
	*paths = found;
	found = (struct strings){ 0 };
	return 0;
}
