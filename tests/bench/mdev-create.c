// SPDX-License-Identifier: GPL-2.0-only
/*
 * mdev-create [--keep] TYPE COUNT [AT]...: creates COUNT devices of the type in the
 * directory TYPE and, without --keep, removes them again. Prints what a create cost, in
 * microseconds, as the median of the hundred creates that end with the AT-th.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define UUID_FORMAT "00000000-0000-4000-9000-%012lx"
#define WINDOW 100

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_before(const double *cost, long at)
{
	long first = at > WINDOW ? at - WINDOW : 0;
	double window[WINDOW];

	memcpy(window, cost + first, (at - first) * sizeof(*cost));
	qsort(window, at - first, sizeof(*window), compare);
	return window[(at - first) / 2];
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void create_all(const char *type, long count, double *cost)
{
	char path[512], uuid[64];
	int fd;

	snprintf(path, sizeof(path), "%s/create", type);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		die(path);
	for (long i = 0; i < count; i++) {
		int length = snprintf(uuid, sizeof(uuid), UUID_FORMAT, i);
		double start = now();

		if (write(fd, uuid, length) != length)
			die(uuid);
		cost[i] = now() - start;
	}
	close(fd);
}

static void remove_all(long count)
{
	char path[128];

	for (long i = 0; i < count; i++) {
		int fd;

		snprintf(path, sizeof(path), "/sys/bus/mdev/devices/" UUID_FORMAT "/remove", i);
		fd = open(path, O_WRONLY);
		if (fd < 0 || write(fd, "1", 1) != 1)
			die(path);
		close(fd);
	}
}

int main(int argc, char **argv)
{
	double *cost, start;
	bool keep = false;
	long count;

	if (argc > 1 && !strcmp(argv[1], "--keep")) {
		keep = true;
		argv++;
		argc--;
	}
	if (argc < 3) {
		fprintf(stderr, "Usage: mdev-create [--keep] TYPE COUNT [AT]...\n");
		return 2;
	}
	count = strtol(argv[2], NULL, 0);
	cost = calloc(count, sizeof(*cost));
	if (!cost)
		die("calloc");

	create_all(argv[1], count, cost);
	for (int i = 3; i < argc; i++) {
		long at = strtol(argv[i], NULL, 0);

		if (at > 0 && at <= count)
			printf("create %ld: %.0f us\n", at, median_before(cost, at));
	}
	free(cost);
	if (keep)
		return 0;

	start = now();
	remove_all(count);
	printf("remove: %.0f us each\n", (now() - start) / count);
	return 0;
}
