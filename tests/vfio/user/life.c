// SPDX-License-Identifier: GPL-2.0-only
/* One life of a hostile user, from what it opens to how it ends. */
#include <signal.h>
#include <sys/syscall.h>

#include "tests/vfio/uapi.h"
#include "user.h"

#define CONTAINER "/dev/vfio/vfio"
#define IOMMU "/dev/iommu"
#define READ_WRITE (PROT_READ | PROT_WRITE)

static int open_rw(const char *path)
{
	return open(path, O_RDWR | O_CLOEXEC);
}

static uint32_t new_space(int iommufd)
{
	struct iommufd_alloc alloc = { .size = sizeof(alloc) };

	return ioctl(iommufd, IOMMUFD_IOAS_ALLOC, &alloc) < 0 ? 0 : alloc.out_ioas_id;
}

static bool enter_iommufd(struct user *user, struct target *target)
{
	unsigned int i;

	if (target->dev.iommufd >= 0)
		return false;
	target->dev.iommufd = user->plan.one_container && target != user->target ?
			      dup(user->target->dev.iommufd) : open_rw(IOMMU);
	for (i = 0; i < SPACES && target == user->target; i++)
		user->spaces[i] = new_space(target->dev.iommufd);
	target->dev.ioas = user->spaces[0];
	/* Each iommufd counts for itself: the first number is the same in all. */
	if (!user->plan.one_container && target != user->target)
		target->dev.ioas = new_space(target->dev.iommufd);
	return target->dev.iommufd >= 0;
}

bool enter(struct user *user, struct target *target)
{
	struct device *dev = &target->dev;

	if (user->plan.by_iommufd)
		return enter_iommufd(user, target);
	if (dev->container < 0)
		dev->container = user->plan.one_container && target != user->target ?
				 dup(user->target->dev.container) : open_rw(CONTAINER);
	if (dev->group < 0)
		dev->group = open_rw(target->group_path);
	if (ioctl(dev->group, VFIO_GROUP_SET_CONTAINER, &dev->container) < 0)
		return false;
	/* The container has one already if it is not the first device's. */
	ioctl(dev->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU);
	return true;
}

int open_target(struct user *user, struct target *target)
{
	struct device dev = target->dev;

	if (!user->plan.by_iommufd)
		return vfio_device_fd(&dev);
	dev.fd = open_rw(target->character_path);
	/* One that is bound is enough; what another one can do unbound is little. */
	if (dev.fd >= 0 && !vfio_bind(&dev))
		vfio_attach(&dev);
	return dev.fd;
}

/* The device as it is at first. */
static bool open_first(struct user *user, struct target *target)
{
	struct vfio_region_info region;
	struct vfio_irq_info irq;
	unsigned int i;

	if (!enter(user, target))
		return false;
	target->fds[0] = target->dev.fd = open_target(user, target);
	for (i = 1; i < OPENINGS; i++)
		target->fds[i] = -1;
	for (i = 0; i < VFIO_PCI_NUM_REGIONS; i++) {
		if (vfio_region_info(&target->dev, i, &region))
			return false;
		target->region_size[i] = region.size;
	}
	for (i = 0; i < VFIO_PCI_NUM_IRQS; i++) {
		/* There is an error for those that only others have. */
		target->irq_count[i] = vfio_irq_info(&target->dev, i, &irq) ? 0 : irq.count;
	}
	return true;
}

/* With nothing behind it: what the kernel writes too far must not be the program's own. */
static uint8_t *new_memory(size_t size, int protection)
{
	uint8_t *memory;

	memory = mmap(NULL, size + PAGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	is_true(memory != MAP_FAILED);
	equal(mprotect(memory, size, protection), 0);
	return memory;
}

static bool begin(struct user *user)
{
	unsigned int i;

	user->saved = (struct saved *)new_memory(TARGETS * sizeof(struct saved), READ_WRITE);
	user->memory = new_memory(MEMORY, READ_WRITE);
	user->windows = new_memory(WINDOWS * WINDOW_SIZE, PROT_NONE);
	user->nothing = new_memory(MEMORY, PROT_NONE);
	user->bucket = memfd_create("bucket", MFD_CLOEXEC);
	for (i = 0; i < EVENTFDS; i++)
		user->eventfds[i] = new_eventfd();
	for (i = 0; i < STREAMS; i++)
		user->streams[i] = -1;
	for (i = 0; i < user->targets; i++) {
		if (!open_first(user, &user->target[i])) {
			fprintf(stderr, "Error: device %s cannot be opened: %s\n",
				user->target[i].dev.uuid, strerror(errno));
			return false;
		}
		save_target(user, &user->target[i]);
	}
	return true;
}

/* The life ends where it is planned to, whatever its other threads are doing. */
static bool is_over(struct user *user)
{
	unsigned long number = user->operations++;

	if (number < user->plan.operations)
		return false;
	if (user->plan.ending == ENDING_KILL)
		kill(getpid(), SIGKILL);
	else if (user->plan.ending == ENDING_EXIT)
		_exit(EXIT_SUCCESS);
	return true;
}

static void *attack(void *data)
{
	struct attacker *me = data;

	while (!is_over(me->user)) {
		me->user->shared->operations++;
		run_operation(me);
	}
	return NULL;
}

/* What type1 has locked counts for the process: iommufd counts for the user, see main.c. */
static bool nothing_is_locked(void)
{
	char line[256];
	unsigned long locked = 1;
	FILE *status = fopen("/proc/self/status", "re");

	is_true(status);
	while (fgets(line, sizeof(line), status))
		if (sscanf(line, "VmLck: %lu", &locked) == 1)
			break;
	fclose(status);
	if (locked)
		fprintf(stderr, "Error: everything is closed, and %lu kB are locked\n", locked);
	return !locked;
}

/* In any order, and then what is left. */
static bool close_all(struct attacker *me)
{
	unsigned int i, tries = one_in(me, 2) ? 200 : 0;

	for (i = 0; i < tries; i++)
		close(3 + (int)below(me, 60));
	equal(syscall(SYS_close_range, 3U, ~0U, 0), 0);
	equal(munmap(me->user->windows, WINDOWS * WINDOW_SIZE), 0);
	return nothing_is_locked();
}

int live(struct user *user)
{
	struct attacker attackers[THREADS_MAX];
	pthread_t threads[THREADS_MAX];
	unsigned int i;

	if (!begin(user))
		return EXIT_FAILURE;
	for (i = 0; i < user->plan.threads; i++)
		attackers[i] = (struct attacker){ user, user->plan.seed + i,
						  new_memory(MEMORY, READ_WRITE) + MEMORY };
	for (i = 0; i < user->plan.threads; i++)
		equal(pthread_create(&threads[i], NULL, attack, &attackers[i]), 0);
	for (i = 0; i < user->plan.threads; i++)
		equal(pthread_join(threads[i], NULL), 0);
	return close_all(&attackers[0]) ? EXIT_SUCCESS : EXIT_FAILURE;
}
