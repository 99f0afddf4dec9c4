// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of the character device and iommufd. main() opens the device by them, bound and
 * attached, when VFIO_CLIENT is iommufd; all other checks can run like this, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../kmod/vfio-uapi.h"
#include "check.h"

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

const struct check iommufd_checks[] = {
	{ .name = "iommufd-bind-and-attach", .run = bind_and_attach },
	{ .name = "iommufd-second-user", .run = second_user },
	{ .name = "iommufd-reopen", .run = reopen },
	{ 0 },
};
