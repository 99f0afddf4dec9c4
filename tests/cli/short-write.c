// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Preloaded, it has the SHORT_WRITE'th write of a program to a file write only half of what it is
 * given, and makes the empty file SHORT_WRITE_DONE then.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

typedef ssize_t write_fn(int fd, const void *bytes, size_t size);

ssize_t write(int fd, const void *bytes, size_t size)
{
	static int count;
	write_fn *real = (write_fn *)dlsym(RTLD_NEXT, "write");
	const char *nth = getenv("SHORT_WRITE"), *done = getenv("SHORT_WRITE_DONE");

	/* A byte has no half; standard output and error are no files of the command. */
	if (fd > STDERR_FILENO && size > 1 && nth && done && ++count == atoi(nth)) {
		close(creat(done, 0600));
		size /= 2;
	}
	return real(fd, bytes, size);
}
