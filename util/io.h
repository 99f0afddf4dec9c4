/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whole files and directories. */
#ifndef UTIL_IO_H
#define UTIL_IO_H

#include "util/cleanup.h"

/*
 * read_all() - read to the end of @fd
 * @size: how long it is, which saves looking for its end; 0 if that is not known
 * @limit: the most bytes that are taken
 * @text: gets what was read, with a NUL after the last byte, to be freed
 *
 * Return: 0, -EFBIG if there is more, -errno.
 */
_must_check_ int read_all(int fd, size_t size, size_t limit, char **text,
			  size_t *length);

/* Writes all of @length bytes; -errno. */
_must_check_ int write_all(int fd, const char *bytes, size_t length);

/*
 * Calls @each for the entries of the directory @dir but "." and ".." until it
 * returns something else than 0, which is returned; -errno if reading fails.
 * Reads through @dir itself, from its beginning: @each must not do so, too.
 */
struct dirent64;
typedef int walk_fn(void *data, int dir, const struct dirent64 *entry);
_must_check_ int walk_directory(int dir, walk_fn *each, void *data);

/* For walk_directory(): adds the entry's name to @data, a struct strings. */
int walk_add_name(void *data, int dir, const struct dirent64 *entry);

#endif
