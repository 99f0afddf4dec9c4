// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/array.h"
#include "util/buffer.h"
#include "util/io.h"

int read_all(int fd, size_t size, size_t limit, char **text, size_t *length)
{
	_cleanup_buffer_ struct buffer buffer = { 0 };
	ssize_t n;

	if (size > limit)
		return -EFBIG;
	/* One byte more than it is said to have, to see that there is more. */
	if (size > 0) {
		buffer.text = malloc(size + 2);
		if (!buffer.text)
			return -ENOMEM;
		buffer.allocated = size + 2;
	}
	do {
		if ((size == 0 || buffer.length > size) && !buffer_reserve(&buffer, 128))
			return -ENOMEM;
		n = read(fd, buffer.text + buffer.length, buffer.allocated - buffer.length - 1);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			buffer.length += n;
		if (buffer.length > limit)
			return -EFBIG;
	} while (n != 0 && (size == 0 || buffer.length != size));
	*length = buffer.length;
	return buffer_take(&buffer, text);
}

int write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, bytes, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		length -= n;
	}
	return 0;
}

static bool is_dot(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* Not by opendir(), which takes five more system calls. */
int walk_directory(int dir, walk_fn *each, void *data)
{
	_Alignas(struct dirent64) char entries[32768];
	ssize_t length;
	int r = 0;

	if (lseek(dir, 0, SEEK_SET) < 0)
		return -errno;
	while (r == 0 && (length = getdents64(dir, entries, sizeof(entries))) > 0)
		for (char *at = entries; r == 0 && at < entries + length;) {
			const struct dirent64 *entry = (const struct dirent64 *)at;

			if (!is_dot(entry->d_name))
				r = each(data, dir, entry);
			at += entry->d_reclen;
		}
	return r == 0 && length < 0 ? -errno : r;
}

int walk_add_name(void *data, int dir, const struct dirent64 *entry)
{
	(void)dir;
	return strings_add(data, entry->d_name);
}
