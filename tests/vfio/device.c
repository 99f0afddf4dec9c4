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

#include "device.h"
#include "uapi.h"

#define CONTAINER "/dev/vfio/vfio"
#define IOMMU "/dev/iommu"

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

long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

int vfio_link(const struct device *dev, const char *link, char *target, size_t size)
{
	char path[256], text[256];
	const char *name;
	ssize_t length;

	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/%s", dev->uuid, link);
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

static int open_container(struct device *dev)
{
	dev->container = open(CONTAINER, O_RDWR | O_CLOEXEC);
	if (dev->container < 0)
		return fail(errno, CONTAINER);
	if (ioctl(dev->container, VFIO_GET_API_VERSION) != VFIO_API_VERSION ||
	    ioctl(dev->container, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU) <= 0)
		return fail(ENOTSUP, CONTAINER ": version or IOMMU type");
	return 0;
}

static int open_group(struct device *dev)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char number[32], path[64];
	int ret;

	ret = vfio_link(dev, "iommu_group", number, sizeof(number));
	if (ret)
		return ret;
	snprintf(path, sizeof(path), "/dev/vfio/%s", number);
	dev->group = open(path, O_RDWR | O_CLOEXEC);
	if (dev->group < 0 || ioctl(dev->group, VFIO_GROUP_GET_STATUS, &status) < 0)
		return fail(errno, "%s", path);
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return fail(EPERM, "%s: the group is not viable", path);
	if (ioctl(dev->group, VFIO_GROUP_SET_CONTAINER, &dev->container) < 0)
		return fail(errno, "%s: set container", path);
	if (ioctl(dev->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
		return fail(errno, "%s: set IOMMU", path);
	return 0;
}

static int open_by_group(struct device *dev)
{
	int ret = open_container(dev);

	ret = ret ? ret : open_group(dev);
	if (ret)
		return ret;
	dev->fd = vfio_device_fd(dev);
	return dev->fd < 0 ? fail(-dev->fd, "%s: open device", dev->uuid) : 0;
}

/* The only entry of the device's directory vfio-dev is named like its character device. */
int vfio_character_device(const struct device *dev, char *path, size_t size)
{
	struct dirent *entry;
	char sysfs[128];
	DIR *dir;
	int ret;

	snprintf(sysfs, sizeof(sysfs), "/sys/bus/mdev/devices/%s/vfio-dev", dev->uuid);
	dir = opendir(sysfs);
	if (!dir)
		return -errno;
	errno = ENODEV; /* which the end of the directory leaves */
	do
		entry = readdir(dir);
	while (entry && entry->d_name[0] == '.');
	ret = entry ? 0 : -errno;
	if (entry)
		snprintf(path, size, "/dev/vfio/devices/%s", entry->d_name);
	closedir(dir);
	return ret;
}

static int open_character_device(struct device *dev)
{
	char path[512];
	int ret = vfio_character_device(dev, path, sizeof(path));

	if (ret)
		return fail(-ret, "%s: character device", dev->uuid);
	dev->fd = open(path, O_RDWR | O_CLOEXEC);
	return dev->fd < 0 ? fail(errno, "%s", path) : 0;
}

static int open_by_iommufd(struct device *dev)
{
	struct iommufd_alloc alloc = { .size = sizeof(alloc) };
	int ret;

	dev->iommufd = open(IOMMU, O_RDWR | O_CLOEXEC);
	if (dev->iommufd < 0)
		return fail(errno, IOMMU);
	if (ioctl(dev->iommufd, IOMMUFD_IOAS_ALLOC, &alloc) < 0)
		return fail(errno, IOMMU ": address space");
	dev->ioas = alloc.out_ioas_id;
	ret = open_character_device(dev);
	ret = ret ? ret : vfio_bind(dev);
	ret = ret ? ret : vfio_attach(dev);
	return ret ? fail(-ret, "%s: bind or attach", dev->uuid) : 0;
}

int vfio_open(struct device *dev)
{
	int ret;

	dev->container = dev->group = dev->iommufd = dev->fd = -1;
	ret = dev->by_iommufd ? open_by_iommufd(dev) : open_by_group(dev);
	if (ret)
		vfio_close(dev);
	return ret;
}

/* The device first: its group cannot leave the container before. */
void vfio_close(struct device *dev)
{
	if (dev->fd >= 0)
		close(dev->fd);
	if (dev->group >= 0)
		close(dev->group);
	if (dev->container >= 0)
		close(dev->container);
	if (dev->iommufd >= 0)
		close(dev->iommufd);
	dev->container = dev->group = dev->iommufd = dev->fd = -1;
}

int vfio_reopen(struct device *dev)
{
	vfio_close(dev);
	return vfio_open(dev);
}

int vfio_bind(struct device *dev)
{
	struct device_bind bind = { .argsz = sizeof(bind), .iommufd = dev->iommufd };

	return (int)result(ioctl(dev->fd, DEVICE_BIND_IOMMUFD, &bind));
}

int vfio_attach(struct device *dev)
{
	struct device_attach attach = { .argsz = sizeof(attach), .pt_id = dev->ioas };

	return (int)result(ioctl(dev->fd, DEVICE_ATTACH_PT, &attach));
}

int vfio_detach(struct device *dev)
{
	struct device_detach detach = { .argsz = sizeof(detach) };

	return (int)result(ioctl(dev->fd, DEVICE_DETACH_PT, &detach));
}

static int map_iommufd(struct device *dev, uint64_t iova, void *memory,
		       uint64_t size, uint32_t flags)
{
	struct iommufd_map map = {
		.size = sizeof(map),
		.flags = IOMMUFD_MAP_FIXED_IOVA |
			 (flags & VFIO_DMA_MAP_FLAG_READ ? IOMMUFD_MAP_READABLE : 0) |
			 (flags & VFIO_DMA_MAP_FLAG_WRITE ? IOMMUFD_MAP_WRITEABLE : 0),
		.ioas_id = dev->ioas,
		.user_va = (uintptr_t)memory,
		.length = size,
		.iova = iova,
	};

	return (int)result(ioctl(dev->iommufd, IOMMUFD_IOAS_MAP, &map));
}

int vfio_map(struct device *dev, uint64_t iova, void *memory, uint64_t size, uint32_t flags)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = flags,
		.vaddr = (uintptr_t)memory,
		.iova = iova,
		.size = size,
	};

	if (dev->iommufd >= 0)
		return map_iommufd(dev, iova, memory, size, flags);
	return (int)result(ioctl(dev->container, VFIO_IOMMU_MAP_DMA, &map));
}

int64_t vfio_unmap(struct device *dev, uint64_t iova, uint64_t size)
{
	struct vfio_iommu_type1_dma_unmap group = { .argsz = sizeof(group), .iova = iova, .size = size };
	struct iommufd_unmap space = { sizeof(space), dev->ioas, iova, size };
	bool by_space = dev->iommufd >= 0;
	long ret = result(by_space ? ioctl(dev->iommufd, IOMMUFD_IOAS_UNMAP, &space) :
			  ioctl(dev->container, VFIO_IOMMU_UNMAP_DMA, &group));

	return ret ? ret : (int64_t)(by_space ? space.length : group.size);
}

int vfio_device_fd(struct device *dev)
{
	return (int)result(ioctl(dev->group, VFIO_GROUP_GET_DEVICE_FD, dev->uuid));
}

int vfio_info(struct device *dev, struct vfio_device_info *info)
{
	*info = (struct vfio_device_info){ .argsz = sizeof(*info) };
	return (int)result(ioctl(dev->fd, VFIO_DEVICE_GET_INFO, info));
}

int vfio_region_info(struct device *dev, uint32_t index, struct vfio_region_info *info)
{
	*info = (struct vfio_region_info){ .argsz = sizeof(*info), .index = index };
	return (int)result(ioctl(dev->fd, VFIO_DEVICE_GET_REGION_INFO, info));
}

int vfio_irq_info(struct device *dev, uint32_t index, struct vfio_irq_info *info)
{
	*info = (struct vfio_irq_info){ .argsz = sizeof(*info), .index = index };
	return (int)result(ioctl(dev->fd, VFIO_DEVICE_GET_IRQ_INFO, info));
}

int vfio_reset(struct device *dev)
{
	return (int)result(ioctl(dev->fd, VFIO_DEVICE_RESET));
}

static off_t position(uint32_t region, uint64_t offset)
{
	return (off_t)(((uint64_t)region << REGION_SHIFT) + offset);
}

ssize_t vfio_read(struct device *dev, uint32_t region, uint64_t offset, void *buffer, size_t size)
{
	return result(pread(dev->fd, buffer, size, position(region, offset)));
}

ssize_t vfio_write(struct device *dev, uint32_t region, uint64_t offset,
		   const void *buffer, size_t size)
{
	return result(pwrite(dev->fd, buffer, size, position(region, offset)));
}

int vfio_set_irqs(struct device *dev, uint32_t flags, uint32_t index,
		  uint32_t start, uint32_t count, const void *data, size_t size)
{
	struct vfio_irq_set *set = malloc(sizeof(*set) + size);
	int ret;

	if (!set)
		return -ENOMEM;
	*set = (struct vfio_irq_set){ (uint32_t)(sizeof(*set) + size), flags, index, start, count };
	if (size)
		memcpy(set->data, data, size);
	ret = (int)result(ioctl(dev->fd, VFIO_DEVICE_SET_IRQS, set));
	free(set);
	return ret;
}

int vfio_irq_eventfd(struct device *dev, uint32_t action, uint32_t index, int fd)
{
	int32_t data = fd;

	return vfio_set_irqs(dev, EVENTFD | action, index, 0, 1, &data, sizeof(data));
}

int vfio_irq_act(struct device *dev, uint32_t action, uint32_t index)
{
	return vfio_set_irqs(dev, NONE | action, index, 0, 1, NULL, 0);
}

int vfio_irq_bool(struct device *dev, uint32_t action, uint32_t index, uint8_t value)
{
	return vfio_set_irqs(dev, BOOL | action, index, 0, 1, &value, sizeof(value));
}

int vfio_irq_disable(struct device *dev, uint32_t index)
{
	return vfio_set_irqs(dev, NONE | TRIGGER, index, 0, 0, NULL, 0);
}

long long signals(int eventfd)
{
	long long count;

	return read(eventfd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

long long wait_signal(int eventfd)
{
	struct pollfd event = { .fd = eventfd, .events = POLLIN };
	int ready;

	do
		ready = poll(&event, 1, WAIT_MS);
	while (ready < 0 && errno == EINTR);
	return signals(eventfd);
}
