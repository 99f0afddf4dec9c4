// SPDX-License-Identifier: GPL-2.0-only
/* Checks of devices that come and go while they are used, and of what outlives them. */
#include "stream.h"

#define TYPE "/sys/devices/virtual/testdev/testdev/mdev_supported_types/testdev-express"
#define LIVES 60
#define USERS 3

struct life {
	struct device *dev;
	_Atomic unsigned int uses;
	_Atomic bool over;
};

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	is_true(fd >= 0);
	equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* All kinds of things, of which any may find the device gone: no result says anything. */
static void use(struct device *dev, unsigned int seed)
{
	int fds[2] = { new_eventfd(), new_eventfd() }, stream;
	uint8_t byte = 0;

	vfio_set_irqs(dev, EVENTFD | TRIGGER, MSIX, seed % 64, 2, fds, sizeof(fds));
	vfio_irq_eventfd(dev, TRIGGER, INTX, fds[0]);
	vfio_irq_eventfd(dev, UNMASK, INTX, fds[1]);
	vfio_write(dev, TESTDEV_CONTROL, TESTDEV_LEVEL, &byte, 1);
	set_state(dev, seed % 3 ? VFIO_DEVICE_STATE_STOP_COPY : VFIO_DEVICE_STATE_RESUMING, &stream);
	if (seed % 2)
		vfio_reset(dev);
	if (seed % 5)
		vfio_close(dev);
	if (stream >= 0) {
		(void)!read(stream, &byte, 1);
		close(stream);
	}
	close(fds[0]);
	close(fds[1]);
	vfio_close(dev);
}

static void *user(void *data)
{
	struct life *life = data;
	struct device dev = *life->dev;
	unsigned int seed = 0;

	while (!life->over) {
		if (vfio_open(&dev))
			continue;
		use(&dev, seed++);
		life->uses++;
	}
	return NULL;
}

/* Creates and removes a device again and again under users that never cease. */
static void life(struct device *dev)
{
	struct life life = { .dev = dev };
	pthread_t threads[USERS];
	char remove[128];
	unsigned int i;

	snprintf(remove, sizeof(remove), "/sys/bus/mdev/devices/%s/remove", dev->uuid);
	for (i = 0; i < USERS; i++)
		equal(pthread_create(&threads[i], NULL, user, &life), 0);
	for (i = 0; i < LIVES; i++) {
		write_file(TYPE "/create", dev->uuid);
		life.uses = 0;
		while (life.uses < i % 3)
			usleep(1000);
		write_file(remove, "1");
	}
	life.over = true;
	for (i = 0; i < USERS; i++)
		equal(pthread_join(threads[i], NULL), 0);
}

/* Leaves a stream open, and the device closed, until its input ends. */
static void hold_stream(struct device *dev)
{
	char byte;
	int fd;

	equal(set_state(dev, VFIO_DEVICE_STATE_STOP_COPY, &fd), 0);
	vfio_close(dev);
	tap_note("held");
	equal(read(STDIN_FILENO, &byte, 1), 0);
}

const struct check life_checks[] = {
	CHECK(life, ABSENT | NOT_OPEN | ALONE, "devices are created, used and removed at once"),
	CHECK(hold_stream, TESTDEV | ALONE, "keeps a stream open, not its device, until input ends"),
	{ 0 },
};
