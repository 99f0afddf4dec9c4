// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests with random arguments, by one thread or by several at once. Answers do not
 * matter; the kernel must survive, and the device must work afterwards.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vfio-client-tap.h"
#include "vfio-client-tests.h"

#define THREADS 8
#define DESCRIPTORS 8

struct garbage {
	const struct mtty *mtty;
	uint64_t random;
	unsigned long count;
	int descriptors[DESCRIPTORS];
	unsigned long answered;
	unsigned long refused;
};

/* xorshift64*: the same requests for the same seed on any machine. */
static uint64_t next(struct garbage *garbage)
{
	garbage->random ^= garbage->random >> 12;
	garbage->random ^= garbage->random << 25;
	garbage->random ^= garbage->random >> 27;
	return garbage->random * 0x2545f4914f6cdd1dULL;
}

static uint32_t below(struct garbage *garbage, uint32_t limit)
{
	return (uint32_t)(next(garbage) >> 32) % limit;
}

/* Mostly values that nearly make sense: nonsense is turned down by the first check. */
static uint32_t number(struct garbage *garbage, uint32_t limit)
{
	switch (below(garbage, 16)) {
	case 0:
		return (uint32_t)next(garbage);
	case 1:
		return UINT32_MAX - below(garbage, 4);
	case 2:
		return 1U << below(garbage, 32);
	default:
		return below(garbage, limit + 2);
	}
}

static off_t position(struct garbage *garbage)
{
	static const uint32_t existing[] = {
		VFIO_PCI_BAR0_REGION_INDEX,
		VFIO_PCI_BAR1_REGION_INDEX,
		VFIO_PCI_CONFIG_REGION_INDEX,
	};
	uint64_t region = below(garbage, 8) ? existing[below(garbage, 3)] :
					      number(garbage, VFIO_PCI_NUM_REGIONS);
	uint64_t offset = below(garbage, 2) ? below(garbage, MTTY_BAR_SIZE + 2) :
					      number(garbage, MTTY_CONFIG_SIZE);

	if (!below(garbage, 16))
		return (off_t)next(garbage);
	return (off_t)((region << VFIO_CLIENT_REGION_SHIFT) + offset);
}

static int descriptor(struct garbage *garbage)
{
	switch (below(garbage, 8)) {
	case 0:
		return -1;
	case 1:
		return (int)number(garbage, 64);
	default:
		return garbage->descriptors[below(garbage, DESCRIPTORS)];
	}
}

static void account(struct garbage *garbage, long ret)
{
	if (ret < 0)
		garbage->refused++;
	else
		garbage->answered++;
}

/* Buffers are as large as the count says, or not there at all: the kernel may write to them. */
static void access_region(struct garbage *garbage)
{
	uint8_t buffer[1024];
	size_t i, size = below(garbage, 8) ? below(garbage, 9) : below(garbage, sizeof(buffer));
	bool nowhere = !below(garbage, 32);
	off_t where = position(garbage);

	for (i = 0; i < size; i++)
		buffer[i] = (uint8_t)next(garbage);
	if (nowhere && below(garbage, 2))
		size = number(garbage, 4096);
	if (below(garbage, 2))
		account(garbage, pread(garbage->mtty->client.device, nowhere ? NULL : buffer, size,
				       where));
	else
		account(garbage, pwrite(garbage->mtty->client.device, nowhere ? NULL : buffer, size,
					where));
}

static void set_irqs(struct garbage *garbage)
{
	struct {
		struct vfio_irq_set set;
		int32_t fds[16];
	} request;
	unsigned int i;

	for (i = 0; i < 16; i++)
		request.fds[i] = descriptor(garbage);
	request.set.argsz = below(garbage, 4) ? sizeof(request) :
						number(garbage, sizeof(request));
	request.set.flags = 1U << below(garbage, 3) | 1U << (3 + below(garbage, 3));
	if (!below(garbage, 8))
		request.set.flags = number(garbage, 64);
	request.set.index = below(garbage, 2) ? VFIO_PCI_INTX_IRQ_INDEX :
						number(garbage, VFIO_PCI_NUM_IRQS);
	request.set.start = below(garbage, 4) ? 0 : number(garbage, 2);
	request.set.count = below(garbage, 4) ? 1 : number(garbage, 4);
	account(garbage, ioctl(garbage->mtty->client.device, VFIO_DEVICE_SET_IRQS, &request));
}

static void ask(struct garbage *garbage)
{
	static const unsigned long numbers[] = {
		VFIO_DEVICE_GET_INFO,
		VFIO_DEVICE_GET_REGION_INFO,
		VFIO_DEVICE_GET_IRQ_INFO,
		VFIO_DEVICE_FEATURE,
		VFIO_DEVICE_GET_PCI_HOT_RESET_INFO,
		VFIO_DEVICE_IOEVENTFD,
		VFIO_DEVICE_QUERY_GFX_PLANE,
	};
	uint32_t words[64] = { 0 };
	unsigned long request;

	words[0] = below(garbage, 2) ? sizeof(words) : number(garbage, 64);
	words[1] = number(garbage, 1 << 10);
	words[2] = number(garbage, VFIO_PCI_NUM_REGIONS);
	request = numbers[below(garbage, sizeof(numbers) / sizeof(numbers[0]))];
	if (!below(garbage, 8))
		request = _IO(VFIO_TYPE, VFIO_BASE + below(garbage, 64));
	account(garbage, ioctl(garbage->mtty->client.device, request, words));
}

static void signal_something(struct garbage *garbage)
{
	uint64_t value = 1 + below(garbage, 3);

	account(garbage, write(garbage->descriptors[below(garbage, DESCRIPTORS)], &value,
			       sizeof(value)));
}

static void read_something(struct garbage *garbage)
{
	uint64_t value;

	account(garbage, read(garbage->descriptors[below(garbage, DESCRIPTORS)], &value,
			      sizeof(value)));
}

/* Descriptors that are in use as triggers or masks are closed, too. */
static void renew_descriptor(struct garbage *garbage)
{
	int *fd = &garbage->descriptors[below(garbage, DESCRIPTORS)];

	close(*fd);
	*fd = below(garbage, 8) ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) :
				  open("/dev/null", O_RDWR | O_CLOEXEC);
}

static void open_and_close(struct garbage *garbage)
{
	int fd = vfio_client_device_fd(&garbage->mtty->client);

	account(garbage, fd);
	if (fd >= 0)
		close(fd);
}

static void one_request(struct garbage *garbage)
{
	switch (below(garbage, 64)) {
	case 0:
		account(garbage, vfio_client_reset(&garbage->mtty->client));
		break;
	case 1:
		open_and_close(garbage);
		break;
	case 2:
	case 3:
		renew_descriptor(garbage);
		break;
	case 4 ... 7:
		signal_something(garbage);
		break;
	case 8 ... 11:
		read_something(garbage);
		break;
	case 12 ... 17:
		ask(garbage);
		break;
	case 18 ... 30:
		set_irqs(garbage);
		break;
	default:
		access_region(garbage);
	}
}

static void *run(void *argument)
{
	struct garbage *garbage = argument;
	unsigned long i;

	for (i = 0; i < DESCRIPTORS; i++)
		garbage->descriptors[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	for (i = 0; i < garbage->count; i++)
		one_request(garbage);
	for (i = 0; i < DESCRIPTORS; i++)
		close(garbage->descriptors[i]);
	return NULL;
}

/* Neighbouring seeds must not give neighbouring sequences, and 0 none at all. */
static struct garbage garbage_from(const struct mtty *mtty, unsigned long seed, unsigned long count)
{
	return (struct garbage){
		.mtty = mtty,
		.random = (seed + 1) * 0x9e3779b97f4a7c15ULL | 1,
		.count = count,
	};
}

static void check_device(const struct mtty *mtty)
{
	unsigned int i;

	for (i = 0; i < VFIO_PCI_NUM_IRQS; i++)
		vfio_client_irq_disable(&mtty->client, i);
	tap_ok(mtty_is_sane(mtty), "after it the device works");
}

void test_garbage(struct mtty *mtty, unsigned long seed, unsigned long count)
{
	struct garbage garbage = garbage_from(mtty, seed, count);

	tap_note("seed %lu", seed);
	run(&garbage);
	tap_ok(true, "%lu random requests with seed %lu", count, seed);
	tap_note("%lu answered, %lu refused", garbage.answered, garbage.refused);
	check_device(mtty);
}

void test_threads(struct mtty *mtty, unsigned long count)
{
	struct garbage garbage[THREADS];
	pthread_t threads[THREADS];
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		garbage[i] = garbage_from(mtty, i, count);
		if (pthread_create(&threads[i], NULL, run, &garbage[i]))
			tap_bail_out("thread %u cannot be started", i);
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	tap_ok(true, "%d threads with %lu random requests each", THREADS, count);
	for (i = 0; i < THREADS; i++)
		tap_note("%lu answered, %lu refused", garbage[i].answered, garbage[i].refused);
	check_device(mtty);
}
