/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files that are made and replaced whole or not at all, and are on the disk then. Hides
 * temporary names and symbolic links. Reports nothing.
 */
#ifndef LIB_STORE_FILE_H
#define LIB_STORE_FILE_H

#include <stdbool.h>

#include "util/cleanup.h"

/* Whether a file is a temporary one, which a process that was killed has left. */
bool file_is_temp(const char *name);

/*
 * Makes @dir/@name. @temp_dir is where the temporary file is, if it is on the same file
 * system. @in_way: gets the name of a directory in @temp_dir that is in its place, which is
 * not touched otherwise. Return: 0, -EEXIST, -errno.
 */
_must_check_ int file_create(int temp_dir, int dir, const char *name, const char *text,
			     const char **in_way);

/*
 * Replaces @dir/@name, which keeps its owner, mode and, where that is allowed, its access
 * control list, security label and user attributes. A symbolic link stays one.
 */
_must_check_ int file_replace(int temp_dir, int dir, const char *name, const char *text,
			      const char **in_way);

#endif
