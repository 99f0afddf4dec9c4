// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "jsonfile.h"
#include "util/io.h"

void jsonfile_clear(struct jsonfile *file)
{
	free(file->text);
	file->text = NULL;
}

int jsonfile_read_up_to(struct jsonfile *file, const char *path, const char *what, size_t limit)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r = fd < 0 ? -errno : 0;

	if (r == 0) {
		what = "jsonfile";
		r = read_all(fd, 0, limit, &file->text, &file->length);
	}
	/* A file that does not end, such as /dev/zero, is too large. */
	if (r == -EFBIG)
		cli_error("Unable to read %s \"%s\": too large (limit %zu MiB)", what, path,
			  limit >> 20);
	else if (r < 0)
		cli_error("Unable to read %s \"%s\": %s (os error %d)", what, path, strerror(-r),
			  -r);
	file->path = path;
	return r;
}

int jsonfile_read(struct jsonfile *file, const char *path, const char *what)
{
	return jsonfile_read_up_to(file, path, what, MDEV_JSON_SIZE_MAX);
}

int jsonfile_apply(const struct cli *cli, const struct jsonfile *file,
		   struct mdev_definition *definition)
{
	int r = mdev_definition_set_json(definition, file->text, file->length);

	if (r < 0)
		cli_error("%s: %s", file->path, mdev_ctx_last_error(cli->ctx));
	return r;
}
