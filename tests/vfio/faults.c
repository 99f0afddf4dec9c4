// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of what a user's requests do when an allocation fails, for each allocation in turn: the
 * user gets the error, nothing is done by half, and the same request succeeds afterwards. They
 * need a kernel with fault injection.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "../kmod/fail-nth.h"
#include "dma.h"
#include "stream.h"

static void fail(const char *what, const struct fault_test *test, void *data)
{
	/* Once without: what user space and the kernel allocate only once is there then. */
	test->settle(data, test->operate(data));
	printf("%s: %u allocations\n", what, fail_each(test, data));
}

/* Opening --------------------------------------------------------------------------------- */

static int open_device(void *data)
{
	struct vfio_client *client = data;

	return vfio_client_open(client, client->uuid);
}

static void settle_open(void *data, int result)
{
	struct vfio_client *client = data;
	struct vfio_device_info info;

	if (result)
		equal(open_device(client), 0);
	equal(vfio_client_info(client, &info), 0);
	vfio_client_close(client);
}

static void opening(struct vfio_client *client)
{
	static const struct fault_test test = { .operate = open_device, .settle = settle_open };

	fail("open", &test, client);
}

/* Requests that change nothing ------------------------------------------------------------ */

static int get_info(void *data)
{
	struct vfio_device_info info;

	return vfio_client_info(data, &info);
}

/* With room for capabilities. */
static int get_regions(void *data)
{
	struct vfio_client *client = data;
	uint64_t answer[64];
	struct vfio_region_info *info = (void *)answer;
	unsigned int index;

	for (index = 0; index < VFIO_PCI_NUM_REGIONS; index++) {
		*info = (struct vfio_region_info){ .argsz = sizeof(answer), .index = index };
		if (ioctl(client->device, VFIO_DEVICE_GET_REGION_INFO, info) < 0)
			return -errno;
	}
	return 0;
}

static int get_irqs(void *data)
{
	struct vfio_irq_info info;

	return vfio_client_irq_info(data, VFIO_PCI_INTX_IRQ_INDEX, &info);
}

static int read_and_write(void *data)
{
	uint32_t value;
	ssize_t count = vfio_client_read(data, CONFIG, PCI_BASE_ADDRESS_0, &value, sizeof(value));

	/* What has been copied before the failure counts. */
	if (count == sizeof(value))
		count = vfio_client_write(data, CONFIG, PCI_BASE_ADDRESS_0, &value, sizeof(value));
	if (count < 0)
		return (int)count;
	return count == sizeof(value) ? 0 : -EFAULT;
}

static int reset(void *data)
{
	return vfio_client_reset(data);
}

static void settle_request(void *data, int result)
{
	struct vfio_device_info info;

	(void)result;
	equal(vfio_client_info(data, &info), 0);
	equal(info.num_irqs, VFIO_PCI_NUM_IRQS);
}

static void requests(struct vfio_client *client)
{
	static const struct { const char *name; int (*operate)(void *data); } cases[] = {
		{ "device information", get_info },
		{ "region information", get_regions },
		{ "interrupt information", get_irqs },
		{ "reading and writing", read_and_write },
	};
	struct fault_test test = { .settle = settle_request };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test.operate = cases[i].operate;
		fail(cases[i].name, &test, client);
	}
	/* It allocates nothing, which is no mistake. */
	fail_nth_begin(1);
	equal(reset(client), 0);
	fail_nth_end();
}

/* Interrupts ------------------------------------------------------------------------------ */

#define VECTORS 8

struct irq_fault {
	struct vfio_client *client;
	uint32_t index;
	uint32_t count;
	int old;
	int new;
};

static int set_triggers(struct irq_fault *fault, int fd)
{
	int32_t fds[VECTORS];
	unsigned int i;

	for (i = 0; i < VECTORS; i++)
		fds[i] = fd;
	return vfio_client_set_irqs(fault->client, EVENTFD | TRIGGER, fault->index, 0, fault->count,
				    fds, fault->count * sizeof(fds[0]));
}

static int set_new_triggers(void *data)
{
	struct irq_fault *fault = data;

	return set_triggers(fault, fault->new);
}

/* All vectors have the new eventfd or all the old one. */
static void settle_triggers(void *data, int result)
{
	struct irq_fault *fault = data;

	equal(vfio_client_set_irqs(fault->client, NONE | TRIGGER, fault->index, 0, fault->count,
				   NULL, 0), 0);
	equal(vfio_client_signals(fault->new), result ? 0 : fault->count);
	equal(vfio_client_signals(fault->old), result ? fault->count : 0);
	/* Forgets that INTx has masked itself. */
	equal(vfio_client_irq_disable(fault->client, fault->index), 0);
	equal(set_triggers(fault, fault->old), 0);
}

static int set_new_unmask(void *data)
{
	struct irq_fault *fault = data;

	return vfio_client_irq_eventfd(fault->client, UNMASK, INTX, fault->new);
}

/* The one that is set unmasks: what is pending comes. */
static void settle_unmask(void *data, int result)
{
	struct irq_fault *fault = data;
	int trigger = new_eventfd(), unmask = result ? fault->old : fault->new;
	uint64_t one = 1;

	equal(vfio_client_irq_eventfd(fault->client, TRIGGER, INTX, trigger), 0);
	equal(vfio_client_irq_act(fault->client, MASK, INTX), 0);
	equal(vfio_client_irq_act(fault->client, TRIGGER, INTX), 0);
	equal(vfio_client_signals(trigger), 0);
	equal(write(unmask, &one, sizeof(one)), sizeof(one));
	equal(vfio_client_wait(trigger), 1);
	equal(vfio_client_irq_eventfd(fault->client, TRIGGER, INTX, -1), 0);
	equal(close(trigger), 0);
	equal(vfio_client_irq_eventfd(fault->client, UNMASK, INTX, fault->old), 0);
}

static void interrupts(struct vfio_client *client)
{
	static const struct fault_test triggers = { .operate = set_new_triggers, .settle = settle_triggers };
	static const struct fault_test unmask = { .operate = set_new_unmask, .settle = settle_unmask };
	struct irq_fault fault = { client, 0, 0, new_eventfd(), new_eventfd() };
	struct vfio_irq_info info;
	char name[32];

	for (fault.index = 0; fault.index < VFIO_PCI_NUM_IRQS; fault.index++) {
		if (vfio_client_irq_info(client, fault.index, &info) || !info.count)
			continue;
		fault.count = info.count < VECTORS ? info.count : VECTORS;
		equal(set_triggers(&fault, fault.old), 0);
		snprintf(name, sizeof(name), "eventfds of index %u", fault.index);
		fail(name, &triggers, &fault);
	}
	equal(vfio_client_irq_disable(client, INTX), 0);
	equal(vfio_client_irq_eventfd(client, UNMASK, INTX, fault.old), 0);
	fail("eventfd that unmasks", &unmask, &fault);
}

/* Migration ------------------------------------------------------------------------------- */

#define MARK 0x1122334455667788ULL

struct migration_fault {
	struct vfio_client *client;
	uint8_t *stream;
	size_t size;
};

static int read_all(struct migration_fault *fault, int fd)
{
	ssize_t count;

	do {
		count = read(fd, fault->stream + fault->size, STREAM_MAX - fault->size);
		fault->size += count > 0 ? count : 0;
	} while (count > 0);
	return count < 0 && errno != ENOMSG ? -errno : 0;
}

static int save(void *data)
{
	struct migration_fault *fault = data;
	int fd, none, ret;

	fault->size = 0;
	ret = set_state(fault->client, VFIO_DEVICE_STATE_STOP_COPY, &fd);
	if (ret)
		return ret;
	ret = read_all(fault, fd);
	close(fd);
	return ret ? ret : set_state(fault->client, VFIO_DEVICE_STATE_RUNNING, &none);
}

static int save_in_advance(void *data)
{
	struct migration_fault *fault = data;
	struct precopy_info info = { .argsz = sizeof(info) };
	int fd, none, ret;

	fault->size = 0;
	ret = set_state(fault->client, MIG_STATE_PRE_COPY, &fd);
	if (ret)
		return ret;
	ret = ioctl(fd, MIG_GET_PRECOPY_INFO, &info) < 0 ? -errno : read_all(fault, fd);
	if (!ret)
		ret = set_state(fault->client, VFIO_DEVICE_STATE_STOP_COPY, &none);
	if (!ret)
		ret = read_all(fault, fd);
	close(fd);
	return ret ? ret : set_state(fault->client, VFIO_DEVICE_STATE_RUNNING, &none);
}

/* Wherever it has got stuck, it runs on as if nothing had been. */
static void settle_save(void *data, int result)
{
	struct migration_fault *fault = data;
	int none;

	equal(set_state(fault->client, VFIO_DEVICE_STATE_RUNNING, &none), 0);
	equal(read_register(fault->client, 0, 0, 8), MARK);
	is_true(result || fault->size > STREAM_HEADER);
}

static int load(void *data)
{
	struct migration_fault *fault = data;
	ssize_t count;
	int fd, none, ret;

	ret = set_state(fault->client, VFIO_DEVICE_STATE_RESUMING, &fd);
	if (ret)
		return ret;
	count = write(fd, fault->stream, fault->size);
	ret = count < 0 ? -errno : 0;
	if (!ret)
		ret = set_state(fault->client, VFIO_DEVICE_STATE_RUNNING, &none);
	close(fd);
	return ret;
}

static void settle_load(void *data, int result)
{
	struct migration_fault *fault = data;

	if (!result)
		equal(read_register(fault->client, 0, 0, 8), MARK);
	equal(vfio_client_reset(fault->client), 0);
	equal(state_of(fault->client), VFIO_DEVICE_STATE_RUNNING);
	equal(read_register(fault->client, 0, 0, 8), 0);
}

static void migration(struct vfio_client *client)
{
	static const struct fault_test saving = { .operate = save, .settle = settle_save };
	static const struct fault_test in_advance = { .operate = save_in_advance, .settle = settle_save };
	static const struct fault_test loading = { .operate = load, .settle = settle_load };
	struct migration_fault fault = { .client = client, .stream = malloc(STREAM_MAX) };

	is_true(fault.stream);
	write_register(client, 0, 0, 8, MARK);
	if (has_precopy(client))
		fail("saving in advance", &in_advance, &fault);
	fail("saving", &saving, &fault);
	fail("loading", &loading, &fault);
}

/* DMA ------------------------------------------------------------------------------------- */

#define WORKER_FAULTS 30

static int map(void *data)
{
	struct engine *engine = data;

	return vfio_client_map(engine->client, FROM, engine->from, SIZE, VFIO_DMA_MAP_FLAG_READ);
}

/* The last thing that can fail is to tell the user that it is mapped. */
static void settle_map(void *data, int result)
{
	struct engine *engine = data;
	int64_t unmapped = vfio_client_unmap(engine->client, FROM, SIZE);

	is_true(unmapped == SIZE || (result && unmapped <= 0));
	is_true(engine_copy(engine, FROM, TO, 1, 0));
}

static int unmap(void *data)
{
	struct engine *engine = data;
	int64_t size = vfio_client_unmap(engine->client, TO, SIZE);

	return size == SIZE ? 0 : (int)size;
}

static void settle_unmap(void *data, int result)
{
	struct engine *engine = data;

	if (result)
		vfio_client_unmap(engine->client, TO, SIZE);
	equal(vfio_client_map(engine->client, TO, engine->to, SIZE, RW), 0);
	equal(map(engine), 0);
	equal(engine_copy(engine, FROM, TO, SIZE, 0), 0);
	equal(vfio_client_unmap(engine->client, FROM, SIZE), SIZE);
}

/* The engine works in a worker of the kernel: the copy is done, or has an error that says why. */
static void fail_in_workers(struct engine *engine, uint64_t way)
{
	unsigned int failures = 0, n;
	int error;

	for (n = 1; n <= WORKER_FAULTS; n++) {
		memset(engine->to, 0, SIZE);
		fail_nth_in_workers(n);
		error = engine_copy(engine, FROM, TO, SIZE, way);
		fail_nth_in_workers(0);
		is_true(!error || error == ENOMEM || error == EFAULT);
		failures += !!error;
		if (error)
			equal(engine_copy(engine, FROM, TO, SIZE, way), 0);
		equal(memcmp(engine->from, engine->to, SIZE), 0);
	}
	printf("copying: %u failures\n", failures);
	is_true(failures);
}

static void dma(struct vfio_client *client)
{
	static const struct fault_test mapping = { .operate = map, .settle = settle_map };
	static const struct fault_test unmapping = { .operate = unmap, .settle = settle_unmap };
	struct engine engine;
	unsigned int way;

	engine_set_up(&engine, client);
	for (way = 0; way < WAYS; way++)
		fail_in_workers(&engine, ways[way]);
	equal(vfio_client_unmap(client, FROM, SIZE), SIZE);
	fail("mapping", &mapping, &engine);
	equal(map(&engine), 0);
	equal(engine_copy(&engine, FROM, TO, SIZE, 0), 0);
	equal(vfio_client_unmap(client, FROM, SIZE), SIZE);
	fail("unmapping", &unmapping, &engine);
}

const struct check fault_checks[] = {
	{ .name = "fault-open", .run = opening, .no_device = true },
	{ .name = "fault-requests", .run = requests },
	{ .name = "fault-interrupts", .run = interrupts },
	{ .name = "fault-migration", .run = migration },
	{ .name = "fault-dma", .run = dma },
	{ 0 },
};
