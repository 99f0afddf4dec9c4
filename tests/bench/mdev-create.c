// SPDX-License-Identifier: GPL-2.0-only
/*
 * mdev-create [--keep] [--first N] TYPE COUNT [AT]...: creates COUNT devices of the type in
 * the directory TYPE, with UUIDs that count from N on, and, without --keep, removes them
 * again, the last one first. Prints what a create and a remove cost, in microseconds, as the
 * median of a hundred, when the AT-th device is the last one, and on the average.
 */
#include <fcntl.h>
#include <getopt.h>
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

static void create_all(const char *type, long first, long count, double *cost)
{
	char path[512], uuid[64];
	int fd;

	snprintf(path, sizeof(path), "%s/create", type);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		die(path);
	for (long i = 0; i < count; i++) {
		int length = snprintf(uuid, sizeof(uuid), UUID_FORMAT, first + i);
		double start = now();

		if (write(fd, uuid, length) != length)
			die(uuid);
		cost[i] = now() - start;
	}
	close(fd);
}

/* The device that is the last of so many: @cost gets it in the same place. */
static void remove_all(long first, long count, double *cost)
{
	char path[128];

	for (long i = count - 1; i >= 0; i--) {
		double start = now();
		int fd;

		snprintf(path, sizeof(path), "/sys/bus/mdev/devices/" UUID_FORMAT "/remove",
			 first + i);
		fd = open(path, O_WRONLY);
		if (fd < 0 || write(fd, "1", 1) != 1)
			die(path);
		close(fd);
		cost[i] = now() - start;
	}
}

static void print_costs(const char *what, const double *cost, long count, char *const *at)
{
	double sum = 0;

	for (long i = 0; i < count; i++)
		sum += cost[i];
	printf("%s: %.0f us each\n", what, sum / count);
	for (; *at; at++) {
		long number = strtol(*at, NULL, 0);

		if (number > 0 && number <= count)
			printf("%s %ld: %.0f us\n", what, number, median_before(cost, number));
	}
}

static void usage(void)
{
	fprintf(stderr, "Usage: mdev-create [--keep] [--first N] TYPE COUNT [AT]...\n");
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "keep", no_argument, NULL, 'k' },
		{ "first", required_argument, NULL, 'f' },
		{ 0 },
	};
	double *cost;
	bool keep = false;
	long first = 0, count;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'k')
			keep = true;
		else if (option == 'f')
			first = strtol(optarg, NULL, 0);
		else
			usage();
	}
	if (argc - optind < 2)
		usage();
	count = strtol(argv[optind + 1], NULL, 0);
	cost = calloc(count, sizeof(*cost));
	if (!cost)
		die("calloc");

	create_all(argv[optind], first, count, cost);
	print_costs("create", cost, count, argv + optind + 2);
	if (!keep) {
		remove_all(first, count, cost);
		print_costs("remove", cost, count, argv + optind + 2);
	}
	free(cost);
	return 0;
}
