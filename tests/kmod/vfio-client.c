// SPDX-License-Identifier: GPL-2.0-only
/* The ioctls of VFIO as functions. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vfio-client.h"
#include "vfio-uapi.h"

#define CONTAINER "/dev/vfio/vfio"
#define IOMMUFD "/dev/iommu"

/* For what is sure to come, under any load; a test that passes never waits this long. */
#define WAIT_MS 120000

static int __attribute__((format(printf, 2, 3))) fail(int error, const char *format, ...)
{
	va_list args;

	fputs("Error: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, ": %s\n", strerror(error));
	return -error;
}

static int result(int ret)
{
	return ret < 0 ? -errno : ret;
}

int vfio_client_link(const char *uuid, const char *link, char *target, size_t size)
{
	char path[256], text[256];
	const char *name;
	ssize_t length;

	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/%s", uuid, link);
	length = readlink(path, text, sizeof(text) - 1);
	if (length < 0)
		return fail(errno, "%s", path);
	text[length] = '\0';
	name = strrchr(text, '/');
	name = name ? name + 1 : text;
	if (strlen(name) >= size)
		return fail(ENAMETOOLONG, "%s", path);
	strcpy(target, name);
	return 0;
}

static int open_container(struct vfio_client *client)
{
	client->container = open(CONTAINER, O_RDWR | O_CLOEXEC);
	if (client->container < 0)
		return fail(errno, CONTAINER);
	if (ioctl(client->container, VFIO_GET_API_VERSION) != VFIO_API_VERSION ||
	    ioctl(client->container, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU) <= 0)
		return fail(ENOTSUP, CONTAINER ": version or IOMMU type");
	return 0;
}

static int open_group(struct vfio_client *client)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char number[32], path[64];
	int ret;

	ret = vfio_client_link(client->uuid, "iommu_group", number, sizeof(number));
	if (ret)
		return ret;
	snprintf(path, sizeof(path), "/dev/vfio/%s", number);
	client->group = open(path, O_RDWR | O_CLOEXEC);
	if (client->group < 0 || ioctl(client->group, VFIO_GROUP_GET_STATUS, &status) < 0)
		return fail(errno, "%s", path);
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return fail(EPERM, "%s: the group is not viable", path);
	if (ioctl(client->group, VFIO_GROUP_SET_CONTAINER, &client->container) < 0)
		return fail(errno, "%s: set container", path);
	if (ioctl(client->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
		return fail(errno, "%s: set IOMMU", path);
	return 0;
}

static int open_by_group(struct vfio_client *client)
{
	int ret;

	ret = open_container(client);
	if (!ret)
		ret = open_group(client);
	if (ret)
		return ret;
	client->device = vfio_client_device_fd(client);
	return client->device < 0 ? fail(-client->device, "%s: open device", client->uuid) : 0;
}

/* The only entry of the device's directory vfio-dev is named like its character device. */
static int open_character_device(struct vfio_client *client)
{
	char path[512];
	struct dirent *entry;
	DIR *dir;
	int ret;

	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/vfio-dev", client->uuid);
	dir = opendir(path);
	if (!dir)
		return fail(errno, "%s", path);
	errno = ENODEV; /* which the end of the directory leaves */
	do
		entry = readdir(dir);
	while (entry && entry->d_name[0] == '.');
	ret = entry ? 0 : fail(errno, "%s", path);
	if (entry)
		snprintf(path, sizeof(path), "/dev/vfio/devices/%s", entry->d_name);
	closedir(dir);
	if (ret)
		return ret;
	client->device = open(path, O_RDWR | O_CLOEXEC);
	return client->device < 0 ? fail(errno, "%s", path) : 0;
}

static int open_by_iommufd(struct vfio_client *client)
{
	struct iommufd_alloc alloc = { .size = sizeof(alloc) };
	int ret;

	client->iommufd = open(IOMMUFD, O_RDWR | O_CLOEXEC);
	if (client->iommufd < 0)
		return fail(errno, IOMMUFD);
	if (ioctl(client->iommufd, IOMMUFD_IOAS_ALLOC, &alloc) < 0)
		return fail(errno, IOMMUFD ": address space");
	client->ioas = alloc.out_ioas_id;
	ret = open_character_device(client);
	if (!ret)
		ret = vfio_client_bind(client);
	if (!ret)
		ret = vfio_client_attach(client);
	return ret ? fail(-ret, "%s: bind or attach", client->uuid) : 0;
}

int vfio_client_open(struct vfio_client *client, const char *uuid)
{
	const char *way = getenv("VFIO_CLIENT");
	int ret;

	*client = (struct vfio_client){ uuid, -1, -1, -1, 0, -1 };
	ret = way && !strcmp(way, "iommufd") ? open_by_iommufd(client) : open_by_group(client);
	if (ret)
		vfio_client_close(client);
	return ret;
}

/* The device first: its group cannot leave the container before. */
void vfio_client_close(struct vfio_client *client)
{
	if (client->device >= 0)
		close(client->device);
	if (client->group >= 0)
		close(client->group);
	if (client->container >= 0)
		close(client->container);
	if (client->iommufd >= 0)
		close(client->iommufd);
	client->container = client->group = client->iommufd = client->device = -1;
}

int vfio_client_bind(const struct vfio_client *client)
{
	struct device_bind bind = { .argsz = sizeof(bind), .iommufd = client->iommufd };

	return result(ioctl(client->device, DEVICE_BIND_IOMMUFD, &bind));
}

int vfio_client_attach(const struct vfio_client *client)
{
	struct device_attach attach = { .argsz = sizeof(attach), .pt_id = client->ioas };

	return result(ioctl(client->device, DEVICE_ATTACH_PT, &attach));
}

int vfio_client_detach(const struct vfio_client *client)
{
	struct device_detach detach = { .argsz = sizeof(detach) };

	return result(ioctl(client->device, DEVICE_DETACH_PT, &detach));
}

static int map_iommufd(const struct vfio_client *client, uint64_t iova, void *memory,
		       uint64_t size, uint32_t flags)
{
	struct iommufd_map map = {
		.size = sizeof(map),
		.flags = IOMMUFD_MAP_FIXED_IOVA |
			 (flags & VFIO_DMA_MAP_FLAG_READ ? IOMMUFD_MAP_READABLE : 0) |
			 (flags & VFIO_DMA_MAP_FLAG_WRITE ? IOMMUFD_MAP_WRITEABLE : 0),
		.ioas_id = client->ioas,
		.user_va = (uintptr_t)memory,
		.length = size,
		.iova = iova,
	};

	return result(ioctl(client->iommufd, IOMMUFD_IOAS_MAP, &map));
}

int vfio_client_map(const struct vfio_client *client, uint64_t iova, void *memory, uint64_t size,
		    uint32_t flags)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = flags,
		.vaddr = (uintptr_t)memory,
		.iova = iova,
		.size = size,
	};

	if (client->iommufd >= 0)
		return map_iommufd(client, iova, memory, size, flags);
	return result(ioctl(client->container, VFIO_IOMMU_MAP_DMA, &map));
}

int64_t vfio_client_unmap(const struct vfio_client *client, uint64_t iova, uint64_t size)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = iova,
		.size = size,
	};
	struct iommufd_unmap iommufd_unmap = {
		.size = sizeof(iommufd_unmap),
		.ioas_id = client->ioas,
		.iova = iova,
		.length = size,
	};
	int ret;

	if (client->iommufd >= 0) {
		ret = result(ioctl(client->iommufd, IOMMUFD_IOAS_UNMAP, &iommufd_unmap));
		return ret ? ret : (int64_t)iommufd_unmap.length;
	}
	ret = result(ioctl(client->container, VFIO_IOMMU_UNMAP_DMA, &unmap));
	return ret ? ret : (int64_t)unmap.size;
}

int vfio_client_device_fd(const struct vfio_client *client)
{
	return result(ioctl(client->group, VFIO_GROUP_GET_DEVICE_FD, client->uuid));
}

int vfio_client_info(const struct vfio_client *client, struct vfio_device_info *info)
{
	*info = (struct vfio_device_info){ .argsz = sizeof(*info) };
	return result(ioctl(client->device, VFIO_DEVICE_GET_INFO, info));
}

int vfio_client_region_info(const struct vfio_client *client, uint32_t index,
			    struct vfio_region_info *info)
{
	*info = (struct vfio_region_info){ .argsz = sizeof(*info), .index = index };
	return result(ioctl(client->device, VFIO_DEVICE_GET_REGION_INFO, info));
}

int vfio_client_irq_info(const struct vfio_client *client, uint32_t index,
			 struct vfio_irq_info *info)
{
	*info = (struct vfio_irq_info){ .argsz = sizeof(*info), .index = index };
	return result(ioctl(client->device, VFIO_DEVICE_GET_IRQ_INFO, info));
}

int vfio_client_reset(const struct vfio_client *client)
{
	return result(ioctl(client->device, VFIO_DEVICE_RESET));
}

static off_t position(uint32_t region, uint64_t offset)
{
	return (off_t)(((uint64_t)region << VFIO_CLIENT_REGION_SHIFT) + offset);
}

ssize_t vfio_client_read(const struct vfio_client *client, uint32_t region, uint64_t offset,
			 void *buffer, size_t size)
{
	ssize_t count = pread(client->device, buffer, size, position(region, offset));

	return count < 0 ? -errno : count;
}

ssize_t vfio_client_write(const struct vfio_client *client, uint32_t region, uint64_t offset,
			  const void *buffer, size_t size)
{
	ssize_t count = pwrite(client->device, buffer, size, position(region, offset));

	return count < 0 ? -errno : count;
}

int vfio_client_set_irqs(const struct vfio_client *client, uint32_t flags, uint32_t index,
			 uint32_t start, uint32_t count, const void *data, size_t size)
{
	struct vfio_irq_set *set = calloc(1, sizeof(*set) + size);
	int ret;

	if (!set)
		return -ENOMEM;
	set->argsz = (uint32_t)(sizeof(*set) + size);
	set->flags = flags;
	set->index = index;
	set->start = start;
	set->count = count;
	if (size)
		memcpy(set->data, data, size);
	ret = result(ioctl(client->device, VFIO_DEVICE_SET_IRQS, set));
	free(set);
	return ret;
}

int vfio_client_irq_eventfd(const struct vfio_client *client, uint32_t action, uint32_t index,
			    int fd)
{
	int32_t data = fd;

	return vfio_client_set_irqs(client, VFIO_IRQ_SET_DATA_EVENTFD | action, index, 0, 1,
				    &data, sizeof(data));
}

int vfio_client_irq_act(const struct vfio_client *client, uint32_t action, uint32_t index)
{
	return vfio_client_set_irqs(client, VFIO_IRQ_SET_DATA_NONE | action, index, 0, 1, NULL, 0);
}

int vfio_client_irq_disable(const struct vfio_client *client, uint32_t index)
{
	return vfio_client_set_irqs(client, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
				    index, 0, 0, NULL, 0);
}

uint64_t vfio_client_signals(int eventfd)
{
	uint64_t count;

	return read(eventfd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

uint64_t vfio_client_wait(int eventfd)
{
	struct pollfd event = { .fd = eventfd, .events = POLLIN };
	int ready;

	do
		ready = poll(&event, 1, WAIT_MS);
	while (ready < 0 && errno == EINTR);
	return vfio_client_signals(eventfd);
}
