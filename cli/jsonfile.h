/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The configuration of a device in the file that --jsonfile names. */
#ifndef CLI_JSONFILE_H
#define CLI_JSONFILE_H

#include <stddef.h>

#include "cli.h"

struct jsonfile {
	const char *path;
	char *text;
	size_t length;
};

/* For _cleanup_(). */
void jsonfile_clear(struct jsonfile *file);

/*
 * Reads all of @path, which may be a pipe and is opened once. Prints an error if that fails;
 * @what is "file" or "jsonfile" for the message of a file that is not there. Return: 0, -errno.
 */
int jsonfile_read(struct jsonfile *file, const char *path, const char *what);

/* The same for a file of at most @limit bytes, whole MiB. */
int jsonfile_read_up_to(struct jsonfile *file, const char *path, const char *what, size_t limit);

/* Configures @definition from @file. Prints an error if that is invalid. Return: 0, -errno. */
int jsonfile_apply(const struct cli *cli, const struct jsonfile *file,
		   struct mdev_definition *definition);

#endif
