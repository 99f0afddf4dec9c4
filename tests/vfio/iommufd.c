// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of the character device and iommufd. With -i main() opens the device by them, bound and
 * attached; nearly all other checks can run like this, too.
 */
#include "dma.h"
#include "uapi.h"

static void iommufd_bind_and_attach(struct device *dev)
{
	struct device_attach attach = { .argsz = sizeof(attach), .pt_id = 12345 };
	struct vfio_device_info info;

	is_true(dev->iommufd >= 0);
	/* Once. */
	equal(vfio_bind(dev), -EINVAL);
	equal(vfio_info(dev, &info), 0);
	equal(vfio_detach(dev), 0);
	equal(vfio_detach(dev), 0);
	/* It works without an address space, but for DMA. */
	equal(vfio_info(dev, &info), 0);
	equal(result(ioctl(dev->fd, DEVICE_ATTACH_PT, &attach)), -ENOENT);
	attach.argsz = sizeof(attach) - 1;
	equal(result(ioctl(dev->fd, DEVICE_ATTACH_PT, &attach)), -EINVAL);
	attach = (struct device_attach){ .argsz = sizeof(attach), .flags = 1U << 31 };
	equal(result(ioctl(dev->fd, DEVICE_ATTACH_PT, &attach)), -EINVAL);
	equal(vfio_attach(dev), 0);
	equal(vfio_attach(dev), 0);
}

/* Another descriptor of the character device, which is not bound and cannot be. */
static void iommufd_second_user(struct device *dev)
{
	struct device_bind bind = { .argsz = sizeof(bind), .iommufd = 1000 };
	struct vfio_device_info info;
	struct device other = *dev;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", dev->fd);
	other.fd = open(path, O_RDWR | O_CLOEXEC);
	is_true(other.fd >= 0);
	/* Nothing works before it is bound. */
	equal(vfio_info(&other, &info), -EINVAL);
	equal(vfio_bind(&other), -EINVAL);
	equal(result(ioctl(other.fd, DEVICE_BIND_IOMMUFD, &bind)), -EBADF);
	bind.iommufd = new_eventfd();
	equal(result(ioctl(other.fd, DEVICE_BIND_IOMMUFD, &bind)), -EBADFD);
	equal(close(bind.iommufd), 0);
	bind.iommufd = -1;
	equal(result(ioctl(other.fd, DEVICE_BIND_IOMMUFD, &bind)), -EINVAL);
	bind = (struct device_bind){ .argsz = sizeof(bind) - 1, .iommufd = dev->iommufd };
	equal(result(ioctl(other.fd, DEVICE_BIND_IOMMUFD, &bind)), -EINVAL);
	equal(close(other.fd), 0);
	equal(vfio_info(dev, &info), 0);
}

static void iommufd_reopen(struct device *dev)
{
	unsigned int i;

	for (i = 0; i < 20; i++) {
		equal(vfio_reopen(dev), 0);
		if (i % 2)
			equal(vfio_detach(dev), 0);
	}
}

/* The group and the character device exclude each other. */
static void iommufd_and_group(struct device *dev)
{
	struct device_bind bind = { .argsz = sizeof(bind) };
	struct device_detach detach = { .argsz = sizeof(detach) };
	char group[32], path[64];
	struct device other = *dev;

	equal(vfio_link(dev, "iommu_group", group, sizeof(group)), 0);
	snprintf(path, sizeof(path), "/dev/vfio/%s", group);
	equal(result(open(path, O_RDWR | O_CLOEXEC)), -EBUSY);
	bind.iommufd = dev->iommufd;
	dev->iommufd = -1;
	vfio_close(dev);

	dev->by_iommufd = false;
	equal(vfio_open(dev), 0);
	is_true(vfio_open(&other));
	/* The device's descriptor from the group is not for binding. */
	equal(result(ioctl(dev->fd, DEVICE_BIND_IOMMUFD, &bind)), -EINVAL);
	equal(result(ioctl(dev->fd, DEVICE_DETACH_PT, &detach)), -ENOTTY);
	vfio_close(dev);
	equal(vfio_open(&other), 0);
	vfio_close(&other);
	equal(close(bind.iommufd), 0);
}

static uint32_t new_ioas(struct device *dev)
{
	struct iommufd_alloc alloc = { .size = sizeof(alloc) };

	equal(ioctl(dev->iommufd, IOMMUFD_IOAS_ALLOC, &alloc), 0);
	return alloc.out_ioas_id;
}

static int destroy(struct device *dev, uint32_t id)
{
	struct iommufd_destroy request = { .size = sizeof(request), .id = id };

	return ioctl(dev->iommufd, IOMMUFD_DESTROY, &request) ? -errno : 0;
}

/* Moving to another address space takes the pinned pages away, like leaving one. */
static void iommufd_other_space(struct device *dev)
{
	uint32_t first = dev->ioas, second = new_ioas(dev);
	struct engine engine;

	engine_set_up(&engine, dev);
	equal(engine_copy(&engine, FROM, TO, SIZE, 0), 0);
	equal(peek(dev, 0, PINNED, 8), 2);

	dev->ioas = second;
	equal(vfio_attach(dev), 0);
	equal(peek(dev, 0, PINNED, 8), 0);
	is_true(engine_copy(&engine, FROM, TO, 1, 0));
	equal(vfio_map(dev, TO, engine.from, SIZE, VFIO_DMA_MAP_FLAG_READ), 0);
	equal(vfio_map(dev, FROM, engine.to, SIZE, RW), 0);
	memset(engine.to, 0, SIZE);
	equal(engine_copy(&engine, TO, FROM, SIZE, BUFFER), 0);
	equal(memcmp(engine.from, engine.to, SIZE), 0);
	equal(destroy(dev, second), -EBUSY);

	dev->ioas = first;
	equal(vfio_attach(dev), 0);
	equal(destroy(dev, second), 0);
	memset(engine.to, 0, SIZE);
	equal(engine_copy(&engine, FROM, TO, SIZE, 0), 0);
	equal(memcmp(engine.from, engine.to, SIZE), 0);
}

static void iommufd_detach_in_use(struct device *dev)
{
	struct engine engine;
	unsigned int i;

	engine_set_up(&engine, dev);
	for (i = 0; i < 50; i++) {
		engine_start(&engine, FROM, TO, SIZE, ways[i % WAYS]);
		equal(vfio_detach(dev), 0);
		engine_wait(&engine);
		equal(peek(dev, 0, PINNED, 8), 0);
		is_true(engine_copy(&engine, FROM, TO, 1, ways[i % WAYS]));
		equal(vfio_attach(dev), 0);
		equal(engine_copy(&engine, FROM, TO, SIZE, ways[i % WAYS]), 0);
	}
	equal(memcmp(engine.from, engine.to, SIZE), 0);
}

/* The device keeps what it is bound to. */
static void iommufd_closed_first(struct device *dev)
{
	struct engine engine;
	unsigned int i;

	for (i = 0; i < 10; i++) {
		engine_set_up(&engine, dev);
		equal(close(dev->iommufd), 0);
		dev->iommufd = -1;
		equal(engine_copy(&engine, FROM, TO, SIZE, ways[i % WAYS]), 0);
		equal(memcmp(engine.from, engine.to, SIZE), 0);
		engine_start(&engine, FROM, TO, SIZE, ways[i % WAYS]);
		engine_reopen(&engine);
	}
}

const struct check iommufd_checks[] = {
	CHECK(iommufd_bind_and_attach, DUAL | IOMMUFD, "it is bound once, and attached at will"),
	CHECK(iommufd_second_user, DUAL | IOMMUFD, "another descriptor cannot be bound"),
	CHECK(iommufd_reopen, MDMA | IOMMUFD, "it is opened again and again"),
	CHECK(iommufd_and_group, DUAL | IOMMUFD, "group and character device exclude each other"),
	CHECK(iommufd_other_space, MDMA | IOMMUFD, "it moves to another address space without pins"),
	CHECK(iommufd_detach_in_use, MDMA | IOMMUFD, "and leaves one in the middle of a transfer"),
	CHECK(iommufd_closed_first, MDMA | IOMMUFD, "it keeps the iommufd it is bound to"),
	{ 0 },
};
