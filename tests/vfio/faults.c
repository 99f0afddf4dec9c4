// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of what a user's requests do when an allocation fails, for each allocation in turn: the
 * user gets the error, nothing is done by half, and the same request succeeds afterwards. They
 * need a kernel with fault injection.
 */
#include "../kmod/fail-nth.h"
#include "dma.h"
#include "stream.h"

static void fail(const char *what, const struct fault_test *test, void *data)
{
	/* Once without: what user space and the kernel allocate only once is there then. */
	test->settle(data, test->operate(data));
	printf("%s: %u allocations\n", what, fail_each(test, data));
}

static int open_device(void *data)
{
	return vfio_open(data);
}

static void settle_open(void *data, int result)
{
	struct device *dev = data;
	struct vfio_device_info info;

	if (result)
		equal(open_device(dev), 0);
	equal(vfio_info(dev, &info), 0);
	vfio_close(dev);
}

static void fault_open(struct device *dev)
{
	static const struct fault_test test = { .operate = open_device, .settle = settle_open };

	fail("open", &test, dev);
}

static int get_info(void *data)
{
	struct vfio_device_info info;

	return vfio_info(data, &info);
}

/* With room for capabilities. */
static int get_regions(void *data)
{
	struct device *dev = data;
	uint64_t answer[64];
	struct vfio_region_info *info = (void *)answer;
	unsigned int index;

	for (index = 0; index < VFIO_PCI_NUM_REGIONS; index++) {
		*info = (struct vfio_region_info){ .argsz = sizeof(answer), .index = index };
		if (ioctl(dev->fd, VFIO_DEVICE_GET_REGION_INFO, info) < 0)
			return -errno;
	}
	return 0;
}

static int get_irqs(void *data)
{
	struct vfio_irq_info info;

	return vfio_irq_info(data, INTX, &info);
}

static int read_and_write(void *data)
{
	uint32_t value;
	ssize_t count = vfio_read(data, CONFIG, PCI_BASE_ADDRESS_0, &value, sizeof(value));

	if (count == sizeof(value))
		count = vfio_write(data, CONFIG, PCI_BASE_ADDRESS_0, &value, sizeof(value));
	if (count < 0)
		return (int)count;
	return count == sizeof(value) ? 0 : -EFAULT;
}

static int reset(void *data)
{
	return vfio_reset(data);
}

static void settle_request(void *data, int result)
{
	struct vfio_device_info info;

	(void)result;
	equal(vfio_info(data, &info), 0);
	equal(info.num_irqs, VFIO_PCI_NUM_IRQS);
}

static void fault_requests(struct device *dev)
{
	static const struct { const char *name; int (*operate)(void *data); } cases[] = {
		{ "device information", get_info },
		{ "region information", get_regions },
		{ "interrupt information", get_irqs },
	};
	struct fault_test test = { .settle = settle_request };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		test.operate = cases[i].operate;
		fail(cases[i].name, &test, dev);
	}
	/* They allocate nothing, which is no mistake. */
	fail_nth_begin(1);
	equal(read_and_write(dev), 0);
	equal(reset(dev), 0);
	fail_nth_end();
}

#define VECTORS 8

struct irq_fault {
	struct device *dev;
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
	return vfio_set_irqs(fault->dev, EVENTFD | TRIGGER, fault->index, 0, fault->count,
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

	equal(vfio_set_irqs(fault->dev, NONE | TRIGGER, fault->index, 0, fault->count, NULL, 0), 0);
	equal(signals(fault->new), result ? 0 : fault->count);
	equal(signals(fault->old), result ? fault->count : 0);
	/* Forgets that INTx has masked itself. */
	equal(vfio_irq_disable(fault->dev, fault->index), 0);
	equal(set_triggers(fault, fault->old), 0);
}

static int set_new_unmask(void *data)
{
	struct irq_fault *fault = data;

	return vfio_irq_eventfd(fault->dev, UNMASK, INTX, fault->new);
}

/* The one that is set unmasks: what is pending comes. */
static void settle_unmask(void *data, int result)
{
	struct irq_fault *fault = data;
	int trigger = new_eventfd(), unmask = result ? fault->old : fault->new;
	uint64_t one = 1;

	equal(vfio_irq_eventfd(fault->dev, TRIGGER, INTX, trigger), 0);
	equal(vfio_irq_act(fault->dev, MASK, INTX), 0);
	equal(vfio_irq_act(fault->dev, TRIGGER, INTX), 0);
	equal(signals(trigger), 0);
	equal(write(unmask, &one, sizeof(one)), sizeof(one));
	equal(wait_signal(trigger), 1);
	equal(vfio_irq_eventfd(fault->dev, TRIGGER, INTX, -1), 0);
	equal(close(trigger), 0);
	equal(vfio_irq_eventfd(fault->dev, UNMASK, INTX, fault->old), 0);
}

static void fault_interrupts(struct device *dev)
{
	static const struct fault_test triggers = { .operate = set_new_triggers, .settle = settle_triggers };
	static const struct fault_test unmask = { .operate = set_new_unmask, .settle = settle_unmask };
	struct irq_fault fault = { dev, 0, 0, new_eventfd(), new_eventfd() };
	struct vfio_irq_info info;
	char name[32];

	for (fault.index = 0; fault.index < VFIO_PCI_NUM_IRQS; fault.index++) {
		if (vfio_irq_info(dev, fault.index, &info) || !info.count)
			continue;
		fault.count = info.count < VECTORS ? info.count : VECTORS;
		equal(set_triggers(&fault, fault.old), 0);
		snprintf(name, sizeof(name), "eventfds of index %u", fault.index);
		fail(name, &triggers, &fault);
		/* One kind at a time. */
		equal(vfio_irq_disable(dev, fault.index), 0);
	}
	equal(vfio_irq_eventfd(dev, TRIGGER, INTX, fault.old), 0);
	equal(vfio_irq_eventfd(dev, UNMASK, INTX, fault.old), 0);
	fail("eventfd that unmasks", &unmask, &fault);
}

#define MARK 0x1122334455667788ULL

struct migration_fault {
	struct device *dev;
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
	ret = set_state(fault->dev, VFIO_DEVICE_STATE_STOP_COPY, &fd);
	if (ret)
		return ret;
	ret = read_all(fault, fd);
	close(fd);
	return ret ? ret : set_state(fault->dev, VFIO_DEVICE_STATE_RUNNING, &none);
}

static int save_in_advance(void *data)
{
	struct migration_fault *fault = data;
	struct precopy_info info = { .argsz = sizeof(info) };
	int fd, none, ret;

	fault->size = 0;
	ret = set_state(fault->dev, MIG_STATE_PRE_COPY, &fd);
	if (ret)
		return ret;
	ret = ioctl(fd, MIG_GET_PRECOPY_INFO, &info) < 0 ? -errno : read_all(fault, fd);
	if (!ret)
		ret = set_state(fault->dev, VFIO_DEVICE_STATE_STOP_COPY, &none);
	if (!ret)
		ret = read_all(fault, fd);
	close(fd);
	return ret ? ret : set_state(fault->dev, VFIO_DEVICE_STATE_RUNNING, &none);
}

/* Wherever it has got stuck, it runs on as if nothing had been. */
static void settle_save(void *data, int result)
{
	struct migration_fault *fault = data;
	int none;

	equal(set_state(fault->dev, VFIO_DEVICE_STATE_RUNNING, &none), 0);
	equal(peek(fault->dev, 0, 0, 8), MARK);
	is_true(result || fault->size > STREAM_HEADER);
}

static int load(void *data)
{
	struct migration_fault *fault = data;
	ssize_t count;
	int fd, none, ret;

	ret = set_state(fault->dev, VFIO_DEVICE_STATE_RESUMING, &fd);
	if (ret)
		return ret;
	count = write(fd, fault->stream, fault->size);
	ret = count < 0 ? -errno : 0;
	if (!ret)
		ret = set_state(fault->dev, VFIO_DEVICE_STATE_RUNNING, &none);
	close(fd);
	return ret;
}

static void settle_load(void *data, int result)
{
	struct migration_fault *fault = data;

	if (!result)
		equal(peek(fault->dev, 0, 0, 8), MARK);
	equal(vfio_reset(fault->dev), 0);
	equal(state_of(fault->dev), VFIO_DEVICE_STATE_RUNNING);
	equal(peek(fault->dev, 0, 0, 8), 0);
}

static void fault_migration(struct device *dev)
{
	static const struct fault_test saving = { .operate = save, .settle = settle_save };
	static const struct fault_test in_advance = { .operate = save_in_advance, .settle = settle_save };
	static const struct fault_test loading = { .operate = load, .settle = settle_load };
	struct migration_fault fault = { .dev = dev, .stream = malloc(STREAM_MAX) };

	is_true(fault.stream);
	poke(dev, 0, 0, 8, MARK);
	if (has_precopy(dev))
		fail("saving in advance", &in_advance, &fault);
	fail("saving", &saving, &fault);
	fail("loading", &loading, &fault);
}

#define WORKER_FAULTS 30

static int map(void *data)
{
	struct engine *engine = data;

	return vfio_map(engine->dev, FROM, engine->from, SIZE, VFIO_DMA_MAP_FLAG_READ);
}

/* The last thing that can fail is to tell the user that it is mapped. */
static void settle_map(void *data, int result)
{
	struct engine *engine = data;
	int64_t unmapped = vfio_unmap(engine->dev, FROM, SIZE);

	is_true(unmapped == SIZE || (result && unmapped <= 0));
	is_true(engine_copy(engine, FROM, TO, 1, 0));
}

static int unmap(void *data)
{
	struct engine *engine = data;
	int64_t size = vfio_unmap(engine->dev, TO, SIZE);

	return size == SIZE ? 0 : (int)size;
}

static void settle_unmap(void *data, int result)
{
	struct engine *engine = data;

	if (result)
		vfio_unmap(engine->dev, TO, SIZE);
	equal(vfio_map(engine->dev, TO, engine->to, SIZE, RW), 0);
	equal(map(engine), 0);
	equal(engine_copy(engine, FROM, TO, SIZE, 0), 0);
	equal(vfio_unmap(engine->dev, FROM, SIZE), SIZE);
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

static void fault_dma(struct device *dev)
{
	static const struct fault_test mapping = { .operate = map, .settle = settle_map };
	static const struct fault_test unmapping = { .operate = unmap, .settle = settle_unmap };
	struct engine engine;
	unsigned int way;

	engine_set_up(&engine, dev);
	for (way = 0; way < WAYS; way++)
		fail_in_workers(&engine, ways[way]);
	equal(vfio_unmap(dev, FROM, SIZE), SIZE);
	fail("mapping", &mapping, &engine);
	equal(map(&engine), 0);
	equal(engine_copy(&engine, FROM, TO, SIZE, 0), 0);
	equal(vfio_unmap(dev, FROM, SIZE), SIZE);
	fail("unmapping", &unmapping, &engine);
}

const struct check fault_checks[] = {
	CHECK(fault_open, MTTY | NOT_OPEN | ALONE, "a device is opened, or can be opened again"),
	CHECK(fault_requests, EXPRESS | ALONE, "a request is done, or changes nothing"),
	CHECK(fault_interrupts, TESTDEV | EXPRESS | ALONE, "all eventfds are set, or none"),
	CHECK(fault_migration, TESTDEV | ALONE, "what is not saved runs on; what is not loaded can be reset"),
	CHECK(fault_dma, MDMA | ALONE, "a device whose DMA fails says so, and goes on"),
	{ 0 },
};
