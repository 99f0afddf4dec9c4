// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "log.h"
#include "paths.h"
#include "script_dir.h"
#include "util/array.h"
#include "util/io.h"

static const char *const directories[] = {
	SCRIPTDIR,
	SYSCONFDIR "/mdevctl.d/scripts.d",	/* deprecated, but still in use */
};

struct listing {
	struct mdev_ctx *ctx;
	const char *directory;
	struct strings found;
};

static int add_path(void *data, int dir, const struct dirent *entry)
{
	struct listing *list = data;
	_cleanup_free_ char *path = NULL;

	/* What cannot be run anyway, so that nobody has to find out by trying. */
	if (entry->d_type == DT_DIR)
		return 0;
	if (faccessat(dir, entry->d_name, X_OK, AT_EACCESS) < 0) {
		log_debug(list->ctx, "%s/%s cannot be run: " OS_ERROR, list->directory,
			  entry->d_name, OS_ERROR_ARGS(-errno));
		return 0;
	}
	if (asprintf(&path, "%s/%s", list->directory, entry->d_name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	return strings_add(&list->found, path);
}

/* What cannot be read may hold a script that refuses. */
static int script_dir_fail(struct mdev_ctx *ctx, const char *directory, int r)
{
	log_about(ctx, .file = directory);
	return log_fail_kernel(ctx, r, "Failed to read %s: " OS_ERROR, directory,
			       OS_ERROR_ARGS(r));
}

static int script_dir_read(struct mdev_ctx *ctx, const char *directory,
			  struct strings *paths)
{
	_cleanup_close_ int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct listing list = { .ctx = ctx, .directory = directory };
	int r;

	if (dir < 0)
		return errno == ENOENT ? 0 : script_dir_fail(ctx, directory, -errno);
	r = walk_directory(dir, add_path, &list);
	strings_sort(&list.found);
	for (size_t i = 0; r == 0 && i < list.found.count; i++)
		r = strings_add(paths, list.found.items[i]);
	strings_clear(&list.found);
	return r < 0 ? script_dir_fail(ctx, directory, r) : 0;
}

int script_dir_list(struct mdev_ctx *ctx, const char *kind,
		    struct strings *paths)
{
	_cleanup_strings_ struct strings found = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		_cleanup_free_ char *directory = NULL;
		int r;

		if (asprintf(&directory, "%s%s/%s", ctx->prefix, directories[i], kind) < 0) {
			directory = NULL;
			return log_no_memory(ctx);
		}
		r = script_dir_read(ctx, directory, &found);
		if (r < 0)
			return r;
	}
	*paths = found;
	found = (struct strings){ 0 };
	return 0;
}
