// SPDX-License-Identifier: GPL-2.0-only
/*
 * mdev-cycle TYPE UUID NUMBER: creates a device of a type, which is a directory in sysfs, and
 * removes it, so many times.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Ends the program unless all of @text is written. */
static void write_file(const char *path, const char *text)
{
	size_t length = strlen(text);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, length) != (ssize_t)length) {
		fprintf(stderr, "Error: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	close(fd);
}

int main(int argc, char **argv)
{
	char create[512], remove[512];
	unsigned long i, number;

	if (argc != 4) {
		fprintf(stderr, "Usage: %s TYPE UUID NUMBER\n", argv[0]);
		return 2;
	}
	snprintf(create, sizeof(create), "%s/create", argv[1]);
	snprintf(remove, sizeof(remove), "/sys/bus/mdev/devices/%s/remove", argv[2]);
	number = strtoul(argv[3], NULL, 0);
	for (i = 0; i < number; i++) {
		write_file(create, argv[2]);
		write_file(remove, "1");
	}
	return 0;
}
