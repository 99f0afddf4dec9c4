// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks that nothing a user does brings the kernel down: the kernel's own checks are the
 * judge, best those of a kernel built for debugging. Random numbers come from a fixed seed.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "stream.h"

#define REQUESTS 120000
#define THREAD_REQUESTS 8000
#define EVENTFDS 4
#define BUFFER 65536

struct chaos {
	struct vfio_client *client;
	unsigned int seed;
	int eventfds[EVENTFDS];
	uint8_t *buffer;	/* BUFFER bytes, and an unmapped page behind them */
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

static void new_chaos(struct chaos *chaos, struct vfio_client *client, unsigned int seed)
{
	unsigned int i;

	chaos->client = client;
	chaos->seed = seed;
	for (i = 0; i < EVENTFDS; i++)
		chaos->eventfds[i] = new_eventfd();
	chaos->buffer = mmap(NULL, BUFFER + 4096, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	is_true(chaos->buffer != MAP_FAILED);
	equal(munmap(chaos->buffer + BUFFER, 4096), 0);
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
	return ((off_t)likely(chaos, 10) << VFIO_CLIENT_REGION_SHIFT) + offset;
}

static void random_access(struct chaos *chaos)
{
	size_t size = below(chaos, 10) ? below(chaos, 16) : below(chaos, 2000);
	uint8_t *buffer = chaos->buffer + BUFFER - below(chaos, 3000);
	off_t position = random_position(chaos);
	ssize_t ret;

	if (below(chaos, 200) == 0)
		size = (size_t)any(chaos) << 32 | any(chaos);
	memset(chaos->buffer + BUFFER - 3000, any(chaos), 3000);
	ret = below(chaos, 2) ? pread(chaos->client->device, buffer, size, position) :
				pwrite(chaos->client->device, buffer, size, position);
	is_true(ret <= (ssize_t)BUFFER);
}

static int32_t random_fd(struct chaos *chaos)
{
	return below(chaos, 8) ? chaos->eventfds[below(chaos, EVENTFDS)] :
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
	ioctl(chaos->client->device, VFIO_DEVICE_SET_IRQS, &request);
}

static void random_info(struct chaos *chaos)
{
	static const unsigned long commands[] = {
		VFIO_DEVICE_GET_INFO, VFIO_DEVICE_GET_REGION_INFO, VFIO_DEVICE_GET_IRQ_INFO,
	};
	uint32_t request[64];
	unsigned int i;

	for (i = 0; i < 64; i++)
		request[i] = likely(chaos, 12);
	request[0] = likely(chaos, sizeof(request));
	ioctl(chaos->client->device, commands[below(chaos, 3)], request);
}

/* Any ioctl of VFIO's, on memory that may end anywhere. */
static void random_ioctl(struct chaos *chaos)
{
	uint8_t *argument = chaos->buffer + BUFFER - below(chaos, 100);
	unsigned int i;

	for (i = 0; i < 100; i++)
		chaos->buffer[BUFFER - 100 + i] = below(chaos, 3) ? 0 : any(chaos);
	ioctl(chaos->client->device, _IO(VFIO_TYPE, VFIO_BASE + below(chaos, 32)), argument);
}

static void random_signal(struct chaos *chaos)
{
	uint64_t count = 1 + below(chaos, 3);

	if (below(chaos, 2))
		vfio_client_signals(chaos->eventfds[below(chaos, EVENTFDS)]);
	else
		is_true(write(chaos->eventfds[below(chaos, EVENTFDS)], &count, 8) == 8 ||
			errno == EAGAIN);
}

/* The eventfd goes, and what the kernel holds of it stays. */
static void random_replacement(struct chaos *chaos)
{
	int *fd = &chaos->eventfds[below(chaos, EVENTFDS)];

	equal(close(*fd), 0);
	*fd = new_eventfd();
}

/* Through the states, with whatever is in the buffer as the stream. */
static void random_migration(struct chaos *chaos)
{
	uint8_t *data = chaos->buffer + BUFFER - below(chaos, 2000);
	int fd;

	set_state(chaos->client, likely(chaos, 8), &fd);
	if (fd < 0)
		return;
	is_true(read(fd, data, below(chaos, 3000)) <= 3000);
	is_true(write(fd, data, below(chaos, 3000)) <= 3000);
	ioctl(fd, MIG_GET_PRECOPY_INFO, data);
	equal(close(fd), 0);
}

static void random_mapping(struct chaos *chaos)
{
	off_t position = ((off_t)likely(chaos, 10) << VFIO_CLIENT_REGION_SHIFT) +
			 4096 * (off_t)likely(chaos, 20);
	size_t size = 4096 * (1 + (size_t)likely(chaos, 5));
	volatile uint8_t *memory;

	memory = mmap(NULL, size, 1 + below(chaos, 3), MAP_SHARED, chaos->client->device, position);
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
	case 97 ... 98:
		random_replacement(chaos);
		break;
	default:
		vfio_client_reset(chaos->client);
	}
}

/* After all that the device is for its next user what it was for the first. */
static void still_works(struct vfio_client *client, const uint8_t config[256])
{
	const char *uuid = client->uuid;
	uint8_t now[256];

	equal(vfio_client_reset(client), 0);
	vfio_client_close(client);
	equal(vfio_client_open(client, uuid), 0);
	equal(vfio_client_read(client, CONFIG, 0, now, 256), 256);
	equal(memcmp(now, config, 256), 0);
}

static void garbage(struct vfio_client *client)
{
	uint8_t config[256];
	struct chaos chaos;
	unsigned int i;

	equal(vfio_client_read(client, CONFIG, 0, config, 256), 256);
	new_chaos(&chaos, client, 1);
	for (i = 0; i < REQUESTS; i++) {
		random_request(&chaos);
		if (i % 10000 == 9999) {
			const char *uuid = client->uuid;

			vfio_client_close(client);
			equal(vfio_client_open(client, uuid), 0);
		}
	}
	still_works(client, config);
}

static void *chaos_thread(void *data)
{
	struct chaos *chaos = data;
	unsigned int i;

	for (i = 0; i < THREAD_REQUESTS; i++)
		random_request(chaos);
	return NULL;
}

static void threads(struct vfio_client *client)
{
	uint8_t config[256];
	struct chaos chaos[4];
	pthread_t thread[4];
	unsigned int i;

	equal(vfio_client_read(client, CONFIG, 0, config, 256), 256);
	for (i = 0; i < 4; i++) {
		new_chaos(&chaos[i], client, i + 10);
		equal(pthread_create(&thread[i], NULL, chaos_thread, &chaos[i]), 0);
	}
	for (i = 0; i < 4; i++)
		equal(pthread_join(thread[i], NULL), 0);
	still_works(client, config);
}

/* Every value into every register of every region, at every width. */
static void registers(struct vfio_client *client)
{
	uint8_t config[256];
	struct vfio_region_info info;
	unsigned int index, offset, value, size;

	equal(vfio_client_read(client, CONFIG, 0, config, 256), 256);
	for (index = 0; index < VFIO_PCI_NUM_REGIONS; index++) {
		equal(vfio_client_region_info(client, index, &info), 0);
		for (offset = 0; offset < info.size && offset < 64; offset++) {
			for (value = 0; value < 256; value++) {
				uint64_t data = value * 0x0101010101010101ULL;

				size = 1U << value % 4;
				vfio_client_write(client, index, offset, &data, size);
				vfio_client_read(client, index, offset, &data, size);
			}
		}
	}
	still_works(client, config);
}

const struct check stress_checks[] = {
	{ .name = "stress-garbage", .run = garbage },
	{ .name = "stress-threads", .run = threads },
	{ .name = "stress-registers", .run = registers },
	{ 0 },
};
