// SPDX-License-Identifier: GPL-2.0-only
/*
 * mdev-stress ROUNDS: creates, removes and unregisters from several threads at once, on
 * the parents of mdevtest.ko, whose drivers come and go meanwhile. Every operation may lose
 * against another one, but only with the errors that say so; and afterwards nothing may be left.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PARENTS "/sys/devices/virtual/mdevtest"
#define DEVICES "/sys/bus/mdev/devices"
#define DRIVERS "/sys/bus/mdev/drivers"
#define UUID_FORMAT "00000000-0000-4000-8000-%012x"
#define UUIDS 24

struct worker {
	pthread_t thread;
	const char *name;
	int (*operation)(unsigned int random);
	const int *allowed; /* errnos, ended by 0 */
	unsigned int rounds;
	unsigned int seed;
	unsigned int done;
	unsigned int lost;
	int unexpected;
};

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = errno;
	close(fd);
	return ret;
}

static int create(unsigned int random)
{
	static const char *const types[] = {
		PARENTS "/mdevtest0/mdev_supported_types/mdevtest-plain/create",
		PARENTS "/mdevtest0/mdev_supported_types/mdevtest-bare/create",
		PARENTS "/mdevtest1/mdev_supported_types/mdevtest-plain/create",
		PARENTS "/mdevtest2/mdev_supported_types/mdevtest-counted/create",
	};
	char uuid[64];

	snprintf(uuid, sizeof(uuid), UUID_FORMAT, random % UUIDS);
	return write_file(types[random / UUIDS % 4], uuid);
}

static int remove_device(unsigned int random)
{
	char path[128];

	snprintf(path, sizeof(path), DEVICES "/" UUID_FORMAT "/remove", random % UUIDS);
	return write_file(path, "1");
}

static int toggle_parent(unsigned int random)
{
	char path[128];

	snprintf(path, sizeof(path), PARENTS "/mdevtest%u/registered", random / 2 % 2);
	return write_file(path, random % 2 ? "1" : "0");
}

/*
 * The driver core may let the directory of a driver go later than the driver, on the debug kernel
 * always; until then there cannot be another one of that name.
 */
static void wait_for_drivers_to_go(void)
{
	while (access(DRIVERS "/mdevtest", F_OK) == 0 ||
	       access(DRIVERS "/mdevtest_counted", F_OK) == 0)
		usleep(1000);
}

static int toggle_drivers(unsigned int random)
{
	bool wanted = random % 2;
	int error;

	error = write_file(PARENTS "/mdevtest0/drivers", wanted ? "1" : "0");
	if (!error && !wanted)
		wait_for_drivers_to_go();
	return error;
}

static bool is_toggle(const struct worker *worker)
{
	return worker->operation == toggle_parent || worker->operation == toggle_drivers;
}

static bool is_allowed(const int *allowed, int error)
{
	for (; *allowed; allowed++)
		if (*allowed == error)
			return true;
	return false;
}

static void *work(void *data)
{
	struct worker *worker = data;

	for (unsigned int i = 0; i < worker->rounds; i++) {
		int error = worker->operation(rand_r(&worker->seed));

		if (!error)
			worker->done++;
		else if (is_allowed(worker->allowed, error))
			worker->lost++;
		else
			worker->unexpected = error;
	}
	/* Those who have more rounds to go need drivers, and both parents. */
	if (is_toggle(worker)) {
		worker->operation(1);
		worker->operation(3);
	}
	return NULL;
}

static int report(const struct worker *worker)
{
	printf("%s: %u done, %u lost\n", worker->name, worker->done, worker->lost);
	if (worker->unexpected)
		printf("%s: unexpected: %s\n", worker->name, strerror(worker->unexpected));
	return worker->unexpected || !worker->done;
}

static int remove_rest(void)
{
	for (unsigned int i = 0; i < UUIDS; i++) {
		int error = remove_device(i);

		if (error && error != ENOENT) {
			printf("device %u cannot be removed: %s\n", i, strerror(error));
			return 1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const int create_errors[] = { EEXIST, EUSERS, ENOSPC, ENODEV, EAGAIN, ENOENT, 0 };
	static const int remove_errors[] = { ENODEV, EAGAIN, ENOENT, 0 };
	static const int toggle_errors[] = { 0 };
	unsigned int rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 1000;
	struct worker workers[] = {
		{ .name = "create", .operation = create, .allowed = create_errors },
		{ .name = "create", .operation = create, .allowed = create_errors },
		{ .name = "create", .operation = create, .allowed = create_errors },
		{ .name = "remove", .operation = remove_device, .allowed = remove_errors },
		{ .name = "remove", .operation = remove_device, .allowed = remove_errors },
		{ .name = "register", .operation = toggle_parent, .allowed = toggle_errors },
		{ .name = "drivers", .operation = toggle_drivers, .allowed = toggle_errors },
	};
	const unsigned int count = sizeof(workers) / sizeof(*workers);
	int ret = 0;

	for (unsigned int i = 0; i < count; i++) {
		workers[i].seed = i + 1;
		workers[i].rounds = is_toggle(&workers[i]) ? rounds / 20 : rounds;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i])) {
			perror("pthread_create");
			return 1;
		}
	}
	for (unsigned int i = 0; i < count; i++) {
		pthread_join(workers[i].thread, NULL);
		ret |= report(&workers[i]);
	}
	return ret | remove_rest();
}
