// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks that nothing a user does brings the kernel down: the kernel's own checks are the
 * judge, best those of a kernel built for debugging. Random numbers come from a fixed seed.
 */
#include "mtty.h"
#include "stream.h"

#define DEVICES (DUAL | TESTDEV | EXPRESS | ALONE)
#define REQUESTS 120000
#define THREADS 8
#define THREAD_REQUESTS 10000
#define DESCRIPTORS 8
#define BUFFER 65536

struct chaos {
	struct device *dev;
	unsigned int seed;
	int fds[DESCRIPTORS];
	uint8_t *end;	/* of BUFFER bytes, behind which there is no memory */
};

static uint32_t any(struct chaos *chaos)
{
	/* rand_r() gives 31 bits, of which the low ones are not good. */
	uint32_t high = rand_r(&chaos->seed) >> 8, low = rand_r(&chaos->seed) >> 8;

	return high << 16 ^ low;
}

static uint32_t below(struct chaos *chaos, uint32_t limit)
{
	return any(chaos) % limit;
}

static void new_chaos(struct chaos *chaos, struct device *dev, unsigned int seed)
{
	unsigned int i;

	chaos->dev = dev;
	chaos->seed = seed;
	for (i = 0; i < DESCRIPTORS; i++)
		chaos->fds[i] = new_eventfd();
	chaos->end = end_of_memory(BUFFER);
}

/* Mostly what makes sense, so that the kernel gets beyond the first check, but not always. */
static uint32_t likely(struct chaos *chaos, uint32_t limit)
{
	switch (below(chaos, 20)) {
	case 0:
		return any(chaos);
	case 1:
		return limit;
	case 2:
		return UINT32_MAX;
	default:
		return below(chaos, limit);
	}
}

static off_t random_position(struct chaos *chaos)
{
	off_t offset = below(chaos, 4) ? below(chaos, 300) : any(chaos);

	if (below(chaos, 50) == 0)
		return (off_t)any(chaos) << 32 | any(chaos);
	return ((off_t)likely(chaos, 10) << REGION_SHIFT) + offset;
}

static void random_access(struct chaos *chaos)
{
	size_t size = below(chaos, 10) ? below(chaos, 16) : below(chaos, 2000);
	uint8_t *buffer = below(chaos, 64) ? chaos->end - below(chaos, 3000) : NULL;
	off_t position = random_position(chaos);
	ssize_t ret;

	if (below(chaos, 200) == 0)
		size = (size_t)any(chaos) << 32 | any(chaos);
	memset(chaos->end - 3000, any(chaos), 3000);
	ret = below(chaos, 2) ? pread(chaos->dev->fd, buffer, size, position) :
				pwrite(chaos->dev->fd, buffer, size, position);
	is_true(ret <= (ssize_t)BUFFER);
}

static int32_t random_fd(struct chaos *chaos)
{
	return below(chaos, 8) ? chaos->fds[below(chaos, DESCRIPTORS)] :
				 (int32_t)below(chaos, 12) - 2;
}

static void random_irqs(struct chaos *chaos)
{
	union {
		struct vfio_irq_set set;
		uint8_t bytes[sizeof(struct vfio_irq_set) + 64 * 4];
	} request;
	int32_t fd;
	unsigned int i;

	request.set.argsz = below(chaos, 10) ? sizeof(request) : likely(chaos, sizeof(request));
	request.set.flags = below(chaos, 20) ?
			    (1U << below(chaos, 3)) | (8U << below(chaos, 3)) : any(chaos);
	request.set.index = likely(chaos, 5);
	request.set.start = below(chaos, 3) ? 0 : likely(chaos, 5);
	request.set.count = below(chaos, 3) ? 1 : likely(chaos, 6);
	for (i = 0; i < 64; i++) {
		fd = below(chaos, 2) ? random_fd(chaos) : (int32_t)below(chaos, 3) - 1;
		memcpy(request.set.data + 4 * i, &fd, 4);
	}
	ioctl(chaos->dev->fd, VFIO_DEVICE_SET_IRQS, &request);
}

static void random_info(struct chaos *chaos)
{
	static const unsigned long commands[] = {
		VFIO_DEVICE_GET_INFO, VFIO_DEVICE_GET_REGION_INFO, VFIO_DEVICE_GET_IRQ_INFO,
		VFIO_DEVICE_FEATURE, VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, VFIO_DEVICE_IOEVENTFD,
		VFIO_DEVICE_QUERY_GFX_PLANE,
	};
	uint32_t request[64];
	unsigned int i;

	for (i = 0; i < 64; i++)
		request[i] = likely(chaos, 12);
	request[0] = likely(chaos, sizeof(request));
	ioctl(chaos->dev->fd, commands[below(chaos, ARRAY_SIZE(commands))], request);
}

/* Any ioctl of VFIO's, on memory that may end anywhere. */
static void random_ioctl(struct chaos *chaos)
{
	uint8_t *argument = chaos->end - below(chaos, 100);
	unsigned int i;

	for (i = 0; i < 100; i++)
		*(chaos->end - 100 + i) = below(chaos, 3) ? 0 : any(chaos);
	ioctl(chaos->dev->fd, _IO(VFIO_TYPE, VFIO_BASE + below(chaos, 32)), argument);
}

static void random_signal(struct chaos *chaos)
{
	uint64_t count = 1 + below(chaos, 3);

	if (below(chaos, 2))
		signals(chaos->fds[below(chaos, DESCRIPTORS)]);
	else
		is_true(write(chaos->fds[below(chaos, DESCRIPTORS)], &count, 8) == 8 ||
			errno == EAGAIN);
}

/* It goes, and what the kernel holds of it stays. What takes its place may be no eventfd. */
static void random_replacement(struct chaos *chaos)
{
	int *fd = &chaos->fds[below(chaos, DESCRIPTORS)];

	equal(close(*fd), 0);
	*fd = below(chaos, 8) ? new_eventfd() : open("/dev/null", O_RDWR | O_CLOEXEC);
}

static void random_opening(struct chaos *chaos)
{
	close(vfio_device_fd(chaos->dev));
}

/* Through the states, with whatever is in the buffer as the stream. */
static void random_migration(struct chaos *chaos)
{
	uint8_t *data = chaos->end - below(chaos, 2000);
	int fd;

	set_state(chaos->dev, likely(chaos, 8), &fd);
	if (fd < 0)
		return;
	is_true(read(fd, data, below(chaos, 3000)) <= 3000);
	is_true(write(fd, data, below(chaos, 3000)) <= 3000);
	ioctl(fd, MIG_GET_PRECOPY_INFO, data);
	equal(close(fd), 0);
}

static void random_mapping(struct chaos *chaos)
{
	off_t position = ((off_t)likely(chaos, 10) << REGION_SHIFT) +
			 4096 * (off_t)likely(chaos, 20);
	size_t size = 4096 * (1 + (size_t)likely(chaos, 5));
	volatile uint8_t *memory;

	memory = mmap(NULL, size, 1 + below(chaos, 3), MAP_SHARED, chaos->dev->fd, position);
	if (memory != MAP_FAILED)
		equal(munmap((void *)memory, size), 0);
}

static void random_request(struct chaos *chaos)
{
	switch (below(chaos, 100)) {
	case 0 ... 49:
		random_access(chaos);
		break;
	case 50 ... 79:
		random_irqs(chaos);
		break;
	case 80 ... 84:
		random_info(chaos);
		break;
	case 85 ... 89:
		random_ioctl(chaos);
		break;
	case 90 ... 92:
		random_signal(chaos);
		break;
	case 93 ... 94:
		random_migration(chaos);
		break;
	case 95 ... 96:
		random_mapping(chaos);
		break;
	case 97:
		random_replacement(chaos);
		break;
	case 98:
		random_opening(chaos);
		break;
	default:
		vfio_reset(chaos->dev);
	}
}

/* After all that the device is for its next user what it was for the first. */
static void still_works(struct device *dev, const uint8_t config[256])
{
	uint8_t now[256];
	unsigned int i;

	for (i = 0; i < VFIO_PCI_NUM_IRQS; i++)
		vfio_irq_disable(dev, i);
	equal(vfio_reset(dev), 0);
	equal(vfio_reopen(dev), 0);
	get_config(dev, now);
	equal(memcmp(now, config, 256), 0);
	if (dev->kind->ports)
		tap_ok(mtty_works(dev), "after it the device works");
}

static void stress_garbage(struct device *dev)
{
	unsigned long i, count = count_or(REQUESTS);
	uint8_t config[256];
	struct chaos chaos;

	get_config(dev, config);
	new_chaos(&chaos, dev, 1);
	for (i = 0; i < count; i++) {
		random_request(&chaos);
		if (i % 10000 == 9999)
			equal(vfio_reopen(dev), 0);
	}
	still_works(dev, config);
}

static void *chaos_thread(void *data)
{
	unsigned long i, count = count_or(THREAD_REQUESTS);

	for (i = 0; i < count; i++)
		random_request(data);
	return NULL;
}

static void stress_threads(struct device *dev)
{
	struct chaos chaos[THREADS];
	pthread_t thread[THREADS];
	uint8_t config[256];
	unsigned int i;

	get_config(dev, config);
	for (i = 0; i < THREADS; i++) {
		new_chaos(&chaos[i], dev, i + 10);
		equal(pthread_create(&thread[i], NULL, chaos_thread, &chaos[i]), 0);
	}
	for (i = 0; i < THREADS; i++)
		equal(pthread_join(thread[i], NULL), 0);
	still_works(dev, config);
}

/* Every value into every register of every region, at every width. */
static void stress_registers(struct device *dev)
{
	uint8_t config[256];
	struct vfio_region_info info;
	unsigned int index, offset, value, size;

	get_config(dev, config);
	for (index = 0; index < VFIO_PCI_NUM_REGIONS; index++) {
		equal(vfio_region_info(dev, index, &info), 0);
		for (offset = 0; offset < info.size && offset < 64; offset++) {
			for (value = 0; value < 256; value++) {
				uint64_t data = value * 0x0101010101010101ULL;

				size = 1U << value % 4;
				vfio_write(dev, index, offset, &data, size);
				vfio_read(dev, index, offset, &data, size);
			}
		}
	}
	still_works(dev, config);
}

const struct check stress_checks[] = {
	CHECK(stress_garbage, LINES | EXPRESS | ALONE, "120,000 random requests do no harm"),
	CHECK(stress_threads, DEVICES, "eight threads with random requests do no harm"),
	CHECK(stress_registers, DEVICES, "every value in every register does no harm"),
	{ 0 },
};
