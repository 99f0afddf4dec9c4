// SPDX-License-Identifier: GPL-2.0-only
/*
 * hostile-user [-n COUNT] [-s SEED] [-f LIFE] [-w UUID]... UUID...
 *
 * Gives devices to a hostile user without privileges, who lives again and again until it has done
 * COUNT operations, by groups and, where the kernel has it, by iommufd. The devices of -w are used
 * meanwhile by others. Afterwards all are as they were, and nothing is pinned. SEED and LIFE are
 * those that another run has printed: it begins with that life. Exit status: 0 nobody has noticed
 * anything, 1 somebody has, 2 the command line is no good.
 */
#include <grp.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tests/vfio/dma.h"
#include "user.h"

#define COUNT 20000
#define EXIT_USAGE 2
#define IOMMU "/dev/iommu"
/* That it reaches now and then: a driver that forgets to unpin is one of its devices. */
#define LOCKED_MAX (64 * PAGE)
#define LIFE_MIN 200
#define LIFE_MAX 3000
/* What has this weight at least must have succeeded once. */
#define COMMON 10

struct run {
	uint64_t seed;
	unsigned long count;
	unsigned long life;
	struct target own[TARGETS], foreign[TARGETS];
	unsigned int owns, foreigns;
	uint8_t config[TARGETS][256];	/* of its own ones, before */
	bool has_iommufd;
	struct shared *shared;
};

static void find_paths(struct target *target)
{
	char group[32];

	equal(vfio_link(&target->dev, "iommu_group", group, sizeof(group)), 0);
	snprintf(target->group_path, sizeof(target->group_path), "/dev/vfio/%s", group);
	if (access(IOMMU, F_OK) || vfio_character_device(&target->dev, target->character_path,
							  sizeof(target->character_path)))
		target->character_path[0] = '\0';
}

static bool add_device(struct target *targets, unsigned int *count, const char *uuid)
{
	struct target *target = &targets[*count];

	if (*count == TARGETS)
		return false;
	target->dev = (struct device){ .uuid = uuid, .container = -1, .group = -1, .iommufd = -1,
				       .fd = -1 };
	target->dev.kind = kind_of(&target->dev);
	(*count)++;
	return target->dev.kind->bit != ABSENT;
}

/* The devices of @run->own are those of this user. */
static void give_to(struct run *run, uid_t user)
{
	unsigned int i;

	if (run->has_iommufd)
		equal(chown(IOMMU, user, 0), 0);
	for (i = 0; i < run->owns; i++) {
		equal(chown(run->own[i].group_path, user, 0), 0);
		if (run->has_iommufd)
			equal(chown(run->own[i].character_path, user, 0), 0);
	}
}

static void become_nobody(rlim_t locked)
{
	struct rlimit limit = { locked, locked };

	equal(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
	equal(setgroups(0, NULL), 0);
	equal(setgid(NOBODY), 0);
	equal(setuid(NOBODY), 0);
}

static void set_up(struct run *run)
{
	unsigned int i;

	run->shared = mmap(NULL, sizeof(*run->shared), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	is_true(run->shared != MAP_FAILED);
	for (i = 0; i < run->foreigns; i++)
		find_paths(&run->foreign[i]);
	run->has_iommufd = true;
	for (i = 0; i < run->owns; i++) {
		find_paths(&run->own[i]);
		run->has_iommufd = run->has_iommufd && run->own[i].character_path[0];
		equal(vfio_open(&run->own[i].dev), 0);
		get_config(&run->own[i].dev, run->config[i]);
		vfio_close(&run->own[i].dev);
	}
}

static struct plan plan_of(const struct run *run, unsigned long life)
{
	struct attacker chance = { .random = run->seed + life * 0x2545f4914f6cdd1d };
	struct plan plan = {
		.seed = any(&chance),
		.operations = LIFE_MIN + below(&chance, LIFE_MAX - LIFE_MIN),
		.threads = 1 + below(&chance, THREADS_MAX),
		.ending = below(&chance, ENDINGS),
		.by_iommufd = run->has_iommufd && below(&chance, 2),
		.one_container = below(&chance, 2),
	};

	/* Our modules are to be tested, and not the locks of Linux's type1. */
	if (!plan.by_iommufd)
		plan.threads = 1;
	return plan;
}

/* Returns the status of the process. */
static int run_life(struct run *run, const struct plan *plan)
{
	struct user user = {
		.plan = *plan, .shared = run->shared,
		.target = run->own, .targets = run->owns,
		.foreign = run->foreign, .foreigns = run->foreigns,
	};
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	is_true(pid >= 0);
	if (!pid) {
		become_nobody(LOCKED_MAX);
		_exit(live(&user));
	}
	equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Only one that was to be killed is. */
static bool live_on(struct run *run)
{
	static const char *const endings[ENDINGS] = { "closes all", "exits", "is killed" };
	struct plan plan = plan_of(run, run->life);
	int status = run_life(run, &plan);

	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return true;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && plan.ending == ENDING_KILL)
		return true;
	fprintf(stderr, "Error: life %lu of seed %#" PRIx64 " ended with status %#x\n", run->life,
		run->seed, status);
	fprintf(stderr, "It was of %lu operations of %u threads by %s, after which it %s\n",
		plan.operations, plan.threads, plan.by_iommufd ? "iommufd" : "groups",
		endings[plan.ending]);
	return false;
}

/* Whether a transfer that pins two pages is possible with that limit. */
static bool two_pages_fit(struct run *run, struct device *dev, bool by_iommufd, unsigned int limit)
{
	struct engine engine;
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	is_true(pid >= 0);
	if (!pid) {
		become_nobody((rlim_t)limit * PAGE);
		dev->by_iommufd = by_iommufd && run->has_iommufd;
		equal(vfio_open(dev), 0);
		engine_set_up(&engine, dev);
		_exit(engine_copy(&engine, FROM, TO, PAGE, 0) ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

/* If a page of the user's were still locked, two more would be too many. */
static void check_limits(struct run *run)
{
	unsigned int i, way;

	for (i = 0; i < run->owns; i++) {
		for (way = 0; run->own[i].dev.kind->bit == MDMA && way < 2; way++) {
			is_true(!two_pages_fit(run, &run->own[i].dev, way, 1));
			is_true(two_pages_fit(run, &run->own[i].dev, way, 2));
		}
	}
}

/* Of all processes. Each processor counts for itself before the kernel is made to add it up. */
static long pinned_pages(void)
{
	long acquired = 0, released = 0, value;
	int refresh = open("/proc/sys/vm/stat_refresh", O_WRONLY | O_CLOEXEC);
	FILE *file = fopen("/proc/vmstat", "re");
	char name[64];

	is_true(file);
	equal(write(refresh, "1", 1), 1);
	equal(close(refresh), 0);
	while (fscanf(file, "%63s %ld", name, &value) == 2) {
		if (!strcmp(name, "nr_foll_pin_acquired"))
			acquired = value;
		else if (!strcmp(name, "nr_foll_pin_released"))
			released = value;
	}
	fclose(file);
	return acquired - released;
}

/* For its next user each device is what it was. */
static void check_devices(struct run *run)
{
	uint8_t config[256];
	unsigned int i;

	for (i = 0; i < run->owns; i++) {
		struct device *dev = &run->own[i].dev;

		dev->by_iommufd = false;
		equal(vfio_open(dev), 0);
		get_config(dev, config);
		equal(memcmp(config, run->config[i], sizeof(config)), 0);
		vfio_close(dev);
		use_once(dev);
	}
}

/* Returns whether what was to be done has been. */
static bool report(struct run *run, unsigned long lives)
{
	struct shared *shared = run->shared;
	bool good = true;
	unsigned int i;

	for (i = 0; operations[i].name; i++) {
		const struct operation *operation = &operations[i];

		printf("# %8lu of %8lu: %s\n", shared->done[i], shared->tried[i], operation->name);
		if (operation->weight >= COMMON && !shared->done[i]) {
			fprintf(stderr, "Error: this was not done once: %s\n", operation->name);
			good = false;
		}
	}
	printf("# %lu operations in %lu lives\n", shared->operations, lives);
	for (i = 0; i < run->foreigns; i++) {
		printf("# %lu rounds beside it on %s\n", shared->rounds[i],
		       run->foreign[i].dev.kind->type);
		good = good && shared->rounds[i];
	}
	return good;
}

static pid_t start_watching(struct run *run, unsigned int i)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	is_true(pid >= 0);
	if (!pid) {
		watch(&run->foreign[i].dev, run->shared, &run->shared->rounds[i]);
		exit(EXIT_SUCCESS);
	}
	/* It has its device, and all is well, before anybody else comes. */
	while (!run->shared->rounds[i] && !waitpid(pid, NULL, WNOHANG))
		usleep(1000);
	is_true(run->shared->rounds[i]);
	return pid;
}

static bool attack_beside(struct run *run)
{
	unsigned long first = run->life;
	pid_t watchers[TARGETS];
	bool good = true;
	unsigned int i;
	int status;

	for (i = 0; i < run->foreigns; i++)
		watchers[i] = start_watching(run, i);
	while (good && run->shared->operations < run->count) {
		good = live_on(run);
		run->life++;
	}
	run->shared->over = true;
	for (i = 0; i < run->foreigns; i++) {
		equal(waitpid(watchers[i], &status, 0), watchers[i]);
		if (status)
			fprintf(stderr, "Error: device %s has been disturbed\n",
				run->foreign[i].dev.uuid);
		good = good && !status;
	}
	return good && report(run, run->life - first);
}

static bool get_options(struct run *run, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "n:s:f:w:")) != -1) {
		if (option == 'n')
			run->count = strtoul(optarg, NULL, 0);
		else if (option == 's')
			run->seed = strtoull(optarg, NULL, 0);
		else if (option == 'f')
			run->life = strtoul(optarg, NULL, 0);
		else if (option != 'w' || !add_device(run->foreign, &run->foreigns, optarg))
			return false;
	}
	while (optind < argc)
		if (!add_device(run->own, &run->owns, argv[optind++]))
			return false;
	return run->owns;
}

int main(int argc, char **argv)
{
	static struct run run = { .count = COUNT };
	long before;
	bool good;

	equal(getrandom(&run.seed, sizeof(run.seed), 0), sizeof(run.seed));
	if (!get_options(&run, argc, argv)) {
		fprintf(stderr, "Usage: %s [-n COUNT] [-s SEED] [-f LIFE] [-w UUID]... UUID...\n",
			argv[0]);
		return EXIT_USAGE;
	}
	printf("# seed %#" PRIx64 "\n", run.seed);
	set_up(&run);
	before = pinned_pages();
	give_to(&run, NOBODY);
	good = attack_beside(&run);
	check_limits(&run);
	give_to(&run, 0);
	equal(pinned_pages(), before);
	check_devices(&run);
	return good && !fflush(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
