// SPDX-License-Identifier: GPL-2.0-only
/* MSI, and what it and INTx allow each other, on testdev. */
#include "irq.h"

static void send_msi(struct device *dev, unsigned int vector)
{
	poke(dev, TESTDEV_CONTROL, TESTDEV_MSI, 2, vector);
}

static int set_trigger(struct device *dev, uint32_t index, int fd)
{
	return vfio_irq_eventfd(dev, TRIGGER, index, fd);
}

static int set_one(struct device *dev, uint32_t flags, uint32_t index, int32_t data)
{
	size_t size = flags & EVENTFD ? 4 : flags & BOOL ? 1 : 0;

	return vfio_set_irqs(dev, flags, index, 0, 1, &data, size);
}

/* Every kind of data with every action, on each index that testdev has. */
static void msi_forms(struct device *dev)
{
	static const uint32_t data[] = { NONE, BOOL, EVENTFD };
	int fd = new_eventfd();
	unsigned int i;

	equal(set_trigger(dev, REQ, fd), 0);
	for (i = 0; i < 3; i++) {
		int32_t value = data[i] == EVENTFD ? fd : 1;

		equal(set_trigger(dev, INTX, fd), 0);
		equal(set_one(dev, data[i] | TRIGGER, INTX, value), 0);
		equal(set_one(dev, data[i] | MASK, INTX, value), 0);
		equal(set_one(dev, data[i] | UNMASK, INTX, value), 0);
		equal(vfio_irq_disable(dev, INTX), 0);
		equal(set_trigger(dev, MSI, fd), 0);
		equal(set_one(dev, data[i] | TRIGGER, MSI, value), 0);
		equal(set_one(dev, data[i] | MASK, MSI, value), -ENOTTY);
		equal(set_one(dev, data[i] | UNMASK, MSI, value), -ENOTTY);
		equal(vfio_irq_disable(dev, MSI), 0);
		equal(set_one(dev, data[i] | TRIGGER, REQ, value), 0);
		equal(set_one(dev, data[i] | MASK, REQ, value), -ENOTTY);
		equal(set_one(dev, data[i] | TRIGGER, MSIX, value), -EINVAL);
		equal(set_one(dev, data[i] | TRIGGER, VFIO_PCI_NUM_IRQS, value), -EINVAL);
		equal(set_one(dev, data[i] | TRIGGER, UINT32_MAX, value), -EINVAL);
		/* No action, two of them, an unknown flag. */
		equal(set_one(dev, data[i], INTX, value), -EINVAL);
		equal(set_one(dev, data[i] | MASK | UNMASK, INTX, value), -EINVAL);
		equal(set_one(dev, data[i] | TRIGGER | 1 << 6, INTX, value), -EINVAL);
	}
}

/* One way to interrupt at a time, and nothing but eventfds to an index that is not enabled. */
static void msi_one_type(struct device *dev)
{
	int fd = new_eventfd();

	equal(set_one(dev, NONE | TRIGGER, INTX, 0), -EINVAL);
	equal(set_one(dev, BOOL | TRIGGER, MSI, 1), -EINVAL);
	equal(set_one(dev, NONE | TRIGGER, REQ, 0), -EINVAL);
	equal(set_one(dev, NONE | MASK, INTX, 0), -EINVAL);
	equal(set_one(dev, EVENTFD | UNMASK, INTX, fd), -EINVAL);

	equal(set_trigger(dev, INTX, fd), 0);
	equal(set_trigger(dev, MSI, fd), -EINVAL);
	send_msi(dev, 0);
	equal(signals(fd), 0);
	/* The others are not the device's. */
	equal(set_trigger(dev, REQ, fd), 0);
	/* Disabling what is not enabled is no mistake, and changes nothing. */
	equal(vfio_irq_disable(dev, MSI), 0);
	raise_intx(dev);
	equal(signals(fd), 1);

	equal(vfio_irq_disable(dev, INTX), 0);
	/* Enabled without an eventfd, as QEMU enables MSI-X before it has a vector. */
	equal(set_trigger(dev, MSI, -1), 0);
	equal(set_trigger(dev, INTX, fd), -EINVAL);
	equal(set_one(dev, NONE | TRIGGER, MSI, 0), 0);
	equal(set_trigger(dev, MSI, fd), 0);
	equal(signals(fd), 0);
	send_msi(dev, 0);
	equal(signals(fd), 1);
	/* What fails enables nothing. */
	equal(vfio_irq_disable(dev, MSI), 0);
	equal(set_trigger(dev, MSI, 1000), -EBADF);
	equal(set_trigger(dev, INTX, fd), 0);
}

static const struct bad_request bad_ranges[] = {
	{ "five of four", EVENTFD | TRIGGER, MSI, 0, 5, 20 },
	{ "one too many at the end", EVENTFD | TRIGGER, MSI, 3, 2, 8 },
	{ "one behind the end", EVENTFD | TRIGGER, MSI, 4, 1, 4 },
	{ "the last there could be", EVENTFD | TRIGGER, MSI, UINT32_MAX, 1, 4 },
	{ "as many as there could be", EVENTFD | TRIGGER, MSI, 1, UINT32_MAX, 4 },
	{ "a size that wraps", EVENTFD | TRIGGER, MSI, 0, 0x40000001, 4 },
	{ "a byte too few for four eventfds", EVENTFD | TRIGGER, MSI, 0, 4, 15 },
	{ "a byte too few for four bools", BOOL | TRIGGER, MSI, 0, 4, 3 },
	{ "no eventfds at all", EVENTFD | TRIGGER, MSI, 0, 0, 0 },
};

void irq_refuses(struct device *dev, const struct bad_request *bad, size_t count)
{
	uint8_t data[20];

	memset(data, 0xff, sizeof(data));
	for (; count--; bad++)
		tap_is(vfio_set_irqs(dev, bad->flags, bad->index, bad->start, bad->count, data,
				     bad->data_size), -EINVAL, "EINVAL for %s", bad->why);
}

static void msi_ranges(struct device *dev)
{
	int32_t none[4] = { -1, -1, -1, -1 };

	equal(vfio_set_irqs(dev, EVENTFD | TRIGGER, MSI, 0, 4, none, sizeof(none)), 0);
	irq_refuses(dev, bad_ranges, ARRAY_SIZE(bad_ranges));
}

static void msi_vectors(struct device *dev)
{
	int fd[4] = { new_eventfd(), new_eventfd(), new_eventfd(), new_eventfd() };
	int32_t none = -1, two[2] = { fd[1], fd[2] };
	uint8_t some[4] = { 1, 0, 1, 1 };
	unsigned int i;

	/* Nobody listens: lost, not kept. */
	send_msi(dev, 1);
	equal(vfio_set_irqs(dev, EVENTFD | TRIGGER, MSI, 1, 2, two, 8), 0);
	equal(signals(fd[1]), 0);
	for (i = 0; i < 6; i++)
		send_msi(dev, i);
	send_msi(dev, 2);
	send_msi(dev, 0xffff);
	equal(signals(fd[0]), 0);
	equal(signals(fd[1]), 1);
	equal(signals(fd[2]), 2);
	equal(signals(fd[3]), 0);

	equal(vfio_set_irqs(dev, EVENTFD | TRIGGER, MSI, 0, 4, fd, 16), 0);
	equal(vfio_set_irqs(dev, BOOL | TRIGGER, MSI, 0, 4, some, 4), 0);
	equal(vfio_set_irqs(dev, NONE | TRIGGER, MSI, 2, 2, NULL, 0), 0);
	equal(vfio_set_irqs(dev, EVENTFD | TRIGGER, MSI, 3, 1, &none, 4), 0);
	send_msi(dev, 3);
	equal(signals(fd[0]), 1);
	equal(signals(fd[1]), 0);
	equal(signals(fd[2]), 2);
	equal(signals(fd[3]), 2);

	/* A range with a bad one in it changes none of them. */
	two[0] = fd[3];
	two[1] = 1000;
	equal(vfio_set_irqs(dev, EVENTFD | TRIGGER, MSI, 1, 2, two, 8), -EBADF);
	send_msi(dev, 1);
	equal(signals(fd[1]), 1);
	equal(vfio_irq_disable(dev, MSI), 0);
	for (i = 0; i < 4; i++)
		send_msi(dev, i);
	for (i = 0; i < 4; i++)
		equal(signals(fd[i]), 0);
}

const struct check msi_checks[] = {
	CHECK(msi_forms, TESTDEV, "every form of VFIO_IRQ_SET is accepted or refused"),
	CHECK(msi_one_type, TESTDEV, "a device interrupts in one way at a time"),
	CHECK(msi_ranges, TESTDEV, "ranges of vectors that are none are refused"),
	CHECK(msi_vectors, TESTDEV, "MSI vectors are set in ranges and signalled one by one"),
	{ 0 },
};
