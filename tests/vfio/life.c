// SPDX-License-Identifier: GPL-2.0-only
/* Checks of devices that come and go while they are used, and of what outlives them. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stream.h"

#define TYPE "/sys/devices/virtual/testdev/testdev/mdev_supported_types/testdev-express"
#define LIVES 60
#define USERS 3

struct life {
	const char *uuid;
	unsigned int uses;
	bool over;
	pthread_mutex_t lock;
};

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t count;

	if (fd < 0)
		return -errno;
	count = write(fd, text, strlen(text));
	count = count < 0 ? -errno : 0;
	close(fd);
	return (int)count;
}

static bool is_over(struct life *life, bool used)
{
	bool over;

	pthread_mutex_lock(&life->lock);
	life->uses += used;
	over = life->over;
	pthread_mutex_unlock(&life->lock);
	return over;
}

/* All kinds of things, of which any may find the device gone: no result says anything. */
static void use(struct vfio_client *client, unsigned int seed)
{
	int fds[2] = { new_eventfd(), new_eventfd() }, stream;
	uint8_t byte = 0;

	vfio_client_set_irqs(client, EVENTFD | TRIGGER, MSIX, seed % 64, 2, fds, sizeof(fds));
	vfio_client_irq_eventfd(client, TRIGGER, INTX, fds[0]);
	vfio_client_irq_eventfd(client, UNMASK, INTX, fds[1]);
	vfio_client_write(client, TESTDEV_CONTROL, TESTDEV_LEVEL, &byte, 1);
	set_state(client, seed % 3 ? VFIO_DEVICE_STATE_STOP_COPY : VFIO_DEVICE_STATE_RESUMING, &stream);
	if (seed % 2)
		vfio_client_reset(client);
	if (seed % 5)
		vfio_client_close(client);
	if (stream >= 0) {
		(void)!read(stream, &byte, 1);
		close(stream);
	}
	close(fds[0]);
	close(fds[1]);
	vfio_client_close(client);
}

static void *user(void *data)
{
	struct life *life = data;
	struct vfio_client client;
	unsigned int seed = 0;
	bool used = false;

	while (!is_over(life, used)) {
		used = !vfio_client_open(&client, life->uuid);
		if (used)
			use(&client, seed++);
	}
	return NULL;
}

static void wait_for_uses(struct life *life, unsigned int uses)
{
	bool enough = false;

	pthread_mutex_lock(&life->lock);
	life->uses = 0;
	pthread_mutex_unlock(&life->lock);
	while (!enough) {
		usleep(1000);
		pthread_mutex_lock(&life->lock);
		enough = life->uses >= uses;
		pthread_mutex_unlock(&life->lock);
	}
}

/* Creates and removes a device again and again under users that never cease. */
static void life(struct vfio_client *client)
{
	struct life life = { .uuid = client->uuid, .lock = PTHREAD_MUTEX_INITIALIZER };
	pthread_t threads[USERS];
	char remove[128];
	unsigned int i;

	snprintf(remove, sizeof(remove), "/sys/bus/mdev/devices/%s/remove", life.uuid);
	for (i = 0; i < USERS; i++)
		equal(pthread_create(&threads[i], NULL, user, &life), 0);
	for (i = 0; i < LIVES; i++) {
		equal(write_file(TYPE "/create", life.uuid), 0);
		wait_for_uses(&life, i % 3);
		equal(write_file(remove, "1"), 0);
	}
	pthread_mutex_lock(&life.lock);
	life.over = true;
	pthread_mutex_unlock(&life.lock);
	for (i = 0; i < USERS; i++)
		equal(pthread_join(threads[i], NULL), 0);
}

/* Leaves a stream open, and the device closed, until it is killed. */
static void hold_stream(struct vfio_client *client)
{
	int fd;

	equal(set_state(client, VFIO_DEVICE_STATE_STOP_COPY, &fd), 0);
	vfio_client_close(client);
	equal(write(STDOUT_FILENO, "held\n", 5), 5);
	pause();
}

const struct check life_checks[] = {
	{ .name = "stress-life", .run = life, .no_device = true },
	{ .name = "hold-stream", .run = hold_stream },
	{ 0 },
};
