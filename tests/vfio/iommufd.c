// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of the character device and iommufd. main() opens the device by them, bound and
 * attached, when VFIO_CLIENT is iommufd; all other checks can run like this, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../kmod/vfio-uapi.h"
#include "dma.h"

static void bind_and_attach(struct vfio_client *client)
{
	struct device_attach attach = { .argsz = sizeof(attach), .pt_id = 12345 };
	struct vfio_device_info info;

	is_true(client->iommufd >= 0);
	/* Once. */
	equal(vfio_client_bind(client), -EINVAL);
	equal(vfio_client_info(client, &info), 0);
	equal(vfio_client_detach(client), 0);
	equal(vfio_client_detach(client), 0);
	/* It works without an address space, but for DMA. */
	equal(vfio_client_info(client, &info), 0);
	equal(ioctl(client->device, DEVICE_ATTACH_PT, &attach), -1);
	equal(errno, ENOENT);
	attach.argsz = sizeof(attach) - 1;
	equal(ioctl(client->device, DEVICE_ATTACH_PT, &attach), -1);
	equal(errno, EINVAL);
	attach = (struct device_attach){ .argsz = sizeof(attach), .flags = 1U << 31 };
	equal(ioctl(client->device, DEVICE_ATTACH_PT, &attach), -1);
	equal(errno, EINVAL);
	equal(vfio_client_attach(client), 0);
	equal(vfio_client_attach(client), 0);
}

/* Another descriptor of the character device, which is not bound and cannot be. */
static void second_user(struct vfio_client *client)
{
	struct device_bind bind = { .argsz = sizeof(bind), .iommufd = 1000 };
	struct vfio_device_info info;
	struct vfio_client other = *client;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", client->device);
	other.device = open(path, O_RDWR | O_CLOEXEC);
	is_true(other.device >= 0);
	/* Nothing works before it is bound. */
	equal(vfio_client_info(&other, &info), -EINVAL);
	equal(vfio_client_bind(&other), -EINVAL);
	equal(ioctl(other.device, DEVICE_BIND_IOMMUFD, &bind), -1);
	equal(errno, EBADF);
	bind.iommufd = new_eventfd();
	equal(ioctl(other.device, DEVICE_BIND_IOMMUFD, &bind), -1);
	equal(errno, EBADFD);
	equal(close(bind.iommufd), 0);
	bind.iommufd = -1;
	equal(ioctl(other.device, DEVICE_BIND_IOMMUFD, &bind), -1);
	equal(errno, EINVAL);
	bind = (struct device_bind){ .argsz = sizeof(bind) - 1, .iommufd = client->iommufd };
	equal(ioctl(other.device, DEVICE_BIND_IOMMUFD, &bind), -1);
	equal(errno, EINVAL);
	equal(close(other.device), 0);
	equal(vfio_client_info(client, &info), 0);
}

static void reopen(struct vfio_client *client)
{
	const char *uuid = client->uuid;
	unsigned int i;

	for (i = 0; i < 20; i++) {
		vfio_client_close(client);
		equal(vfio_client_open(client, uuid), 0);
		if (i % 2)
			equal(vfio_client_detach(client), 0);
	}
}

/* The group and the character device exclude each other. */
static void and_group(struct vfio_client *client)
{
	struct device_bind bind = { .argsz = sizeof(bind) };
	struct device_detach detach = { .argsz = sizeof(detach) };
	char group[32], path[64];
	struct vfio_client other;

	equal(vfio_client_link(client->uuid, "iommu_group", group, sizeof(group)), 0);
	snprintf(path, sizeof(path), "/dev/vfio/%s", group);
	equal(open(path, O_RDWR | O_CLOEXEC), -1);
	equal(errno, EBUSY);
	bind.iommufd = client->iommufd;
	client->iommufd = -1;
	vfio_client_close(client);

	equal(unsetenv("VFIO_CLIENT"), 0);
	equal(vfio_client_open(client, client->uuid), 0);
	equal(setenv("VFIO_CLIENT", "iommufd", true), 0);
	is_true(vfio_client_open(&other, client->uuid));
	/* The device's descriptor from the group is not for binding. */
	equal(ioctl(client->device, DEVICE_BIND_IOMMUFD, &bind), -1);
	equal(errno, EINVAL);
	equal(ioctl(client->device, DEVICE_DETACH_PT, &detach), -1);
	equal(errno, ENOTTY);
	vfio_client_close(client);
	equal(vfio_client_open(&other, client->uuid), 0);
	vfio_client_close(&other);
	equal(close(bind.iommufd), 0);
}

static uint32_t new_ioas(struct vfio_client *client)
{
	struct iommufd_alloc alloc = { .size = sizeof(alloc) };

	equal(ioctl(client->iommufd, IOMMUFD_IOAS_ALLOC, &alloc), 0);
	return alloc.out_ioas_id;
}

static int destroy(struct vfio_client *client, uint32_t id)
{
	struct iommufd_destroy request = { .size = sizeof(request), .id = id };

	return ioctl(client->iommufd, IOMMUFD_DESTROY, &request) ? -errno : 0;
}

/* Moving to another address space takes the pinned pages away, like leaving one. */
static void other_space(struct vfio_client *client)
{
	uint32_t first = client->ioas, second = new_ioas(client);
	struct engine engine;

	engine_set_up(&engine, client);
	equal(engine_copy(&engine, FROM, TO, SIZE, 0), 0);
	equal(read_register(client, 0, PINNED, 8), 2);

	client->ioas = second;
	equal(vfio_client_attach(client), 0);
	equal(read_register(client, 0, PINNED, 8), 0);
	is_true(engine_copy(&engine, FROM, TO, 1, 0));
	equal(vfio_client_map(client, TO, engine.from, SIZE, VFIO_DMA_MAP_FLAG_READ), 0);
	equal(vfio_client_map(client, FROM, engine.to, SIZE, RW), 0);
	memset(engine.to, 0, SIZE);
	equal(engine_copy(&engine, TO, FROM, SIZE, BUFFER), 0);
	equal(memcmp(engine.from, engine.to, SIZE), 0);
	equal(destroy(client, second), -EBUSY);

	client->ioas = first;
	equal(vfio_client_attach(client), 0);
	equal(destroy(client, second), 0);
	memset(engine.to, 0, SIZE);
	equal(engine_copy(&engine, FROM, TO, SIZE, 0), 0);
	equal(memcmp(engine.from, engine.to, SIZE), 0);
}

static void detach_in_use(struct vfio_client *client)
{
	struct engine engine;
	unsigned int i;

	engine_set_up(&engine, client);
	for (i = 0; i < 50; i++) {
		engine_start(&engine, FROM, TO, SIZE, ways[i % WAYS]);
		equal(vfio_client_detach(client), 0);
		engine_wait(&engine);
		equal(read_register(client, 0, PINNED, 8), 0);
		is_true(engine_copy(&engine, FROM, TO, 1, ways[i % WAYS]));
		equal(vfio_client_attach(client), 0);
		equal(engine_copy(&engine, FROM, TO, SIZE, ways[i % WAYS]), 0);
	}
	equal(memcmp(engine.from, engine.to, SIZE), 0);
}

/* The device keeps what it is bound to. */
static void closed_first(struct vfio_client *client)
{
	struct engine engine;
	unsigned int i;

	for (i = 0; i < 10; i++) {
		engine_set_up(&engine, client);
		equal(close(client->iommufd), 0);
		client->iommufd = -1;
		equal(engine_copy(&engine, FROM, TO, SIZE, ways[i % WAYS]), 0);
		equal(memcmp(engine.from, engine.to, SIZE), 0);
		engine_start(&engine, FROM, TO, SIZE, ways[i % WAYS]);
		engine_reopen(&engine);
	}
}

const struct check iommufd_checks[] = {
	{ .name = "iommufd-bind-and-attach", .run = bind_and_attach },
	{ .name = "iommufd-second-user", .run = second_user },
	{ .name = "iommufd-reopen", .run = reopen },
	{ .name = "iommufd-and-group", .run = and_group },
	{ .name = "iommufd-other-space", .run = other_space },
	{ .name = "iommufd-detach-in-use", .run = detach_in_use },
	{ .name = "iommufd-closed-first", .run = closed_first },
	{ 0 },
};
