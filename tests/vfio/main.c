// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-check [-i] [-n COUNT] NAME UUID...
 *
 * Runs the check of that name, or those of that group, or "all" that need nothing but devices, on
 * each of the devices that it is for, and prints TAP. -i opens devices by iommufd, -n says how
 * many random requests there are. Without arguments it lists the checks. Exit status: 0 all have
 * passed, 1 one has not, 2 the command line is no good.
 */
#include <sys/wait.h>

#include "check.h"

#define MAX_DEVICES 16
#define EXIT_USAGE 2

static const struct check *const groups[] = {
	device_checks, config_checks, region_checks, irq_checks, msi_checks, reset_checks, uart_checks,
	express_checks, migration_checks, hostile_checks, dma_checks, dma_log_checks,
	dma_migration_checks, doorbell_checks, iommufd_checks, stress_checks, life_checks,
	fault_checks, end_checks, burst_checks, mtty_migration_checks,
};

struct run {
	const char *selected;
	bool by_iommufd;
	struct device devices[MAX_DEVICES];
	unsigned int count;
	unsigned int results;
	unsigned int failed;
};

static unsigned long requests;

unsigned long count_or(unsigned long count)
{
	return requests ? requests : count;
}

static bool is_selected(const struct run *run, const struct check *check)
{
	size_t length = strlen(run->selected);

	if (!strcmp(run->selected, check->name))
		return true;
	if (check->on & ALONE && !strcmp(run->selected, "all"))
		return false;
	return !strcmp(run->selected, "all") ||
	       (!strncmp(run->selected, check->name, length) && check->name[length] == '_');
}

/* What the check leaves behind, in this process and in the kernel, goes with this process. */
static void __attribute__((noreturn)) run_here(const struct check *check, struct device *dev)
{
	bool open = !(check->on & NOT_OPEN);

	if (open && (vfio_open(dev) || (check->on & PAIR && vfio_open(dev->peer))))
		tap_bail_out("the device cannot be opened");
	check->run(dev);
	vfio_close(dev);
	if (dev->peer)
		vfio_close(dev->peer);
	exit(tap_passed() ? EXIT_SUCCESS : EXIT_FAILURE);
}

static int status_of(const struct check *check, struct device *dev)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		run_here(check, dev);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return EXIT_FAILURE;
	if (WIFSIGNALED(status))
		tap_note("killed by signal %d", WTERMSIG(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

static void report(struct run *run, const struct check *check, const char *on, int status)
{
	bool passed = status == EXIT_SUCCESS || status == CHECK_SKIPPED;

	run->failed += !passed;
	printf("%s %u - %s on %s: %s%s\n", passed ? "ok" : "not ok", ++run->results, check->name, on,
	       check->says, status == CHECK_SKIPPED ? " # SKIP" : "");
}

/* A check that finds no device is one that has been forgotten. */
static void run_check(struct run *run, const struct check *check)
{
	unsigned int i, found = 0;

	if (check->on & (run->by_iommufd ? BY_GROUP : IOMMUFD)) {
		report(run, check, "devices that are opened otherwise", CHECK_SKIPPED);
		return;
	}
	for (i = 0; i < run->count; i++) {
		struct device *dev = &run->devices[i];

		if (!(check->on & dev->kind->bit))
			continue;
		if (check->on & PAIR) {
			if (++i == run->count || run->devices[i].kind != dev->kind)
				break;
			dev->peer = &run->devices[i];
		}
		found++;
		report(run, check, dev->kind->type, status_of(check, dev));
		dev->peer = NULL;
	}
	if (!found)
		report(run, check, "none of these devices", EXIT_FAILURE);
}

static int for_each_check(struct run *run)
{
	const struct check *check;
	unsigned int found = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(groups); i++) {
		for (check = groups[i]; check->name; check++) {
			if (!run->selected) {
				printf("%-28s %s\n", check->name, check->says);
			} else if (is_selected(run, check)) {
				run_check(run, check);
				found++;
			}
		}
	}
	if (!run->selected)
		return EXIT_SUCCESS;
	if (!found) {
		fprintf(stderr, "Error: there is no check or group %s\n", run->selected);
		return EXIT_USAGE;
	}
	printf("1..%u\n", run->results);
	return run->failed || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static bool add_device(struct run *run, const char *uuid)
{
	struct device *dev = &run->devices[run->count];

	if (run->count == MAX_DEVICES)
		return false;
	*dev = (struct device){ .uuid = uuid, .by_iommufd = run->by_iommufd, .container = -1,
				.group = -1, .iommufd = -1, .fd = -1 };
	dev->kind = kind_of(dev);
	run->count++;
	return true;
}

int main(int argc, char **argv)
{
	struct run run = { 0 };
	bool good = true;
	int option;

	while ((option = getopt(argc, argv, "in:")) != -1) {
		if (option == 'i')
			run.by_iommufd = true;
		else if (option == 'n')
			requests = strtoul(optarg, NULL, 10);
		good = good && option != '?';
	}
	if (optind < argc)
		run.selected = argv[optind++];
	while (optind < argc)
		good = add_device(&run, argv[optind++]) && good;
	if (!good || (run.selected && !run.count)) {
		fprintf(stderr, "Usage: %s [-i] [-n COUNT] [CHECK|GROUP|all UUID...]\n", argv[0]);
		return EXIT_USAGE;
	}
	return for_each_check(&run);
}
