// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Stands in for libudev. The test finds these variables with dlsym(): uevents that are to be
 * received next, and one end of a socket that tells of them.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libudev.h>

struct udev_device {
	const char *action, *subsystem, *path, *state;
	int error;	/* receiving fails with it instead */
};

/* Up to the first one without an action and an error. */
struct udev_device fake_udev_events[16];
int fake_udev_next;
int fake_udev_open;	/* objects that have not been released */

static int object;

#define OBJECT ((void *)&object)

struct udev *udev_new(void)
{
	fake_udev_open++;
	return OBJECT;
}

struct udev *udev_unref(struct udev *udev)
{
	(void)udev;
	fake_udev_open--;
	return NULL;
}

struct udev_monitor *udev_monitor_new_from_netlink(struct udev *udev, const char *name)
{
	(void)udev;
	if (strcmp(name, "udev") != 0 && strcmp(name, "kernel") != 0)
		abort();
	fake_udev_open++;
	fake_udev_next = 0;
	return OBJECT;
}

int udev_monitor_set_receive_buffer_size(struct udev_monitor *monitor, int size)
{
	(void)monitor;
	return size > 0 ? -EPERM : -EINVAL;
}

static int sockets[2] = { -1, -1 };

int udev_monitor_enable_receiving(struct udev_monitor *monitor)
{
	(void)monitor;
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0 ? -errno : 0;
}

int udev_monitor_get_fd(struct udev_monitor *monitor)
{
	(void)monitor;
	return sockets[0];
}

static bool has_more(void)
{
	const struct udev_device *next = &fake_udev_events[fake_udev_next];

	return next->action || next->error;
}

/* Makes the descriptor readable. */
void fake_udev_wake(void);
void fake_udev_wake(void)
{
	if (write(sockets[1], "", 1) != 1)
		abort();
}

struct udev_device *udev_monitor_receive_device(struct udev_monitor *monitor)
{
	struct udev_device *next = &fake_udev_events[fake_udev_next];
	char byte;

	(void)monitor;
	if (!has_more()) {
		recv(sockets[0], &byte, 1, MSG_DONTWAIT);
		errno = EAGAIN;
		return NULL;
	}
	fake_udev_next++;
	if (next->error) {
		errno = next->error;
		return NULL;
	}
	fake_udev_open++;
	return next;
}

struct udev_monitor *udev_monitor_unref(struct udev_monitor *monitor)
{
	(void)monitor;
	close(sockets[0]);
	close(sockets[1]);
	fake_udev_open--;
	return NULL;
}

const char *udev_device_get_action(struct udev_device *device)
{
	return device->action;
}

const char *udev_device_get_devpath(struct udev_device *device)
{
	return device->path;
}

const char *udev_device_get_subsystem(struct udev_device *device)
{
	return device->subsystem;
}

const char *udev_device_get_property_value(struct udev_device *device, const char *key)
{
	return strcmp(key, "MDEV_STATE") == 0 ? device->state : NULL;
}

struct udev_device *udev_device_unref(struct udev_device *device)
{
	(void)device;
	fake_udev_open--;
	return NULL;
}
