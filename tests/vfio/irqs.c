// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks of interrupts, most of them on testdev, whose registers raise what they are told.
 * An eventfd is signalled before the call that causes it returns, so "not signalled" needs
 * no waiting; only a signal that an eventfd of the user's sets off comes later.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "check.h"

static void set_level(struct vfio_client *client, bool level)
{
	write_register(client, TESTDEV_CONTROL, TESTDEV_LEVEL, 2, level);
}

static void send_msi(struct vfio_client *client, unsigned int vector)
{
	write_register(client, TESTDEV_CONTROL, TESTDEV_MSI, 2, vector);
}

static int set_trigger(struct vfio_client *client, uint32_t index, int fd)
{
	return vfio_client_irq_eventfd(client, TRIGGER, index, fd);
}

static int listen_intx(struct vfio_client *client)
{
	int fd = new_eventfd();

	equal(set_trigger(client, INTX, fd), 0);
	return fd;
}

static void signal_eventfd(int fd)
{
	uint64_t one = 1;

	equal(write(fd, &one, sizeof(one)), sizeof(one));
}

/* Until the kernel has taken the signal, and after that done what it asked for. */
static void wait_until_taken(struct vfio_client *client, uint32_t action, int fd)
{
	equal(vfio_client_irq_eventfd(client, action, INTX, fd), 0);
}

static void expect_info(struct vfio_client *client, uint32_t index, uint32_t count, uint32_t flags)
{
	struct vfio_irq_info info;

	equal(vfio_client_irq_info(client, index, &info), 0);
	equal(info.count, count);
	equal(info.flags, flags);
}

static void dual_info(struct vfio_client *client)
{
	struct vfio_irq_info info;

	expect_info(client, INTX, 1, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_MASKABLE |
		    VFIO_IRQ_INFO_AUTOMASKED);
	expect_info(client, MSI, 0, 0);
	expect_info(client, VFIO_PCI_MSIX_IRQ_INDEX, 0, 0);
	expect_info(client, REQ, 1, VFIO_IRQ_INFO_EVENTFD);
	/* As vfio-pci says it, of which QEMU does not warn. */
	equal(vfio_client_irq_info(client, VFIO_PCI_ERR_IRQ_INDEX, &info), -EINVAL);
	equal(vfio_client_irq_info(client, VFIO_PCI_NUM_IRQS, &info), -EINVAL);
	equal(vfio_client_irq_info(client, UINT32_MAX, &info), -EINVAL);

	info = (struct vfio_irq_info){ .argsz = offsetof(struct vfio_irq_info, count) };
	equal(ioctl(client->device, VFIO_DEVICE_GET_IRQ_INFO, &info), -1);
	equal(errno, EINVAL);
	equal(ioctl(client->device, VFIO_DEVICE_GET_IRQ_INFO, NULL), -1);
	equal(errno, EFAULT);
}

static void testdev_info(struct vfio_client *client)
{
	expect_info(client, MSI, 4, VFIO_IRQ_INFO_EVENTFD);
}

static int set_one(struct vfio_client *client, uint32_t flags, uint32_t index, int32_t data)
{
	size_t size = flags & EVENTFD ? 4 : flags & BOOL ? 1 : 0;

	return vfio_client_set_irqs(client, flags, index, 0, 1, &data, size);
}

/* Every kind of data with every action, on each index that testdev has. */
static void testdev_forms(struct vfio_client *client)
{
	static const uint32_t data[] = { NONE, BOOL, EVENTFD };
	int fd = new_eventfd();
	unsigned int i;

	equal(set_one(client, EVENTFD | TRIGGER, REQ, fd), 0);
	for (i = 0; i < 3; i++) {
		int32_t value = data[i] == EVENTFD ? fd : 1;

		equal(set_trigger(client, INTX, fd), 0);
		equal(set_one(client, data[i] | TRIGGER, INTX, value), 0);
		equal(set_one(client, data[i] | MASK, INTX, value), 0);
		equal(set_one(client, data[i] | UNMASK, INTX, value), 0);
		equal(vfio_client_irq_disable(client, INTX), 0);
		equal(set_trigger(client, MSI, fd), 0);
		equal(set_one(client, data[i] | TRIGGER, MSI, value), 0);
		equal(set_one(client, data[i] | MASK, MSI, value), -ENOTTY);
		equal(set_one(client, data[i] | UNMASK, MSI, value), -ENOTTY);
		equal(vfio_client_irq_disable(client, MSI), 0);
		equal(set_one(client, data[i] | TRIGGER, REQ, value), 0);
		equal(set_one(client, data[i] | MASK, REQ, value), -ENOTTY);
		equal(set_one(client, data[i] | TRIGGER, VFIO_PCI_MSIX_IRQ_INDEX, value), -EINVAL);
		equal(set_one(client, data[i] | TRIGGER, VFIO_PCI_NUM_IRQS, value), -EINVAL);
		equal(set_one(client, data[i] | TRIGGER, UINT32_MAX, value), -EINVAL);
		/* No action, two of them, an unknown flag. */
		equal(set_one(client, data[i], INTX, value), -EINVAL);
		equal(set_one(client, data[i] | MASK | UNMASK, INTX, value), -EINVAL);
		equal(set_one(client, data[i] | TRIGGER | 1 << 6, INTX, value), -EINVAL);
	}
	equal(set_one(client, TRIGGER, INTX, fd), -EINVAL);
	equal(set_one(client, NONE | BOOL | TRIGGER, INTX, fd), -EINVAL);
}

/* One way to interrupt at a time, and nothing but eventfds to an index that is not enabled. */
static void testdev_one_type(struct vfio_client *client)
{
	int fd = new_eventfd();

	equal(set_one(client, NONE | TRIGGER, INTX, 0), -EINVAL);
	equal(set_one(client, BOOL | TRIGGER, MSI, 1), -EINVAL);
	equal(set_one(client, NONE | TRIGGER, REQ, 0), -EINVAL);
	equal(set_one(client, NONE | MASK, INTX, 0), -EINVAL);
	equal(set_one(client, EVENTFD | UNMASK, INTX, fd), -EINVAL);

	equal(set_trigger(client, INTX, fd), 0);
	equal(set_trigger(client, MSI, fd), -EINVAL);
	send_msi(client, 0);
	equal(vfio_client_signals(fd), 0);
	/* The others are not the device's. */
	equal(set_trigger(client, REQ, fd), 0);
	/* Disabling what is not enabled is no mistake, and changes nothing. */
	equal(vfio_client_irq_disable(client, MSI), 0);
	set_level(client, true);
	equal(vfio_client_signals(fd), 1);

	equal(vfio_client_irq_disable(client, INTX), 0);
	/* Enabled without an eventfd, as QEMU enables MSI-X before it has a vector. */
	equal(set_trigger(client, MSI, -1), 0);
	equal(set_trigger(client, INTX, fd), -EINVAL);
	equal(set_one(client, NONE | TRIGGER, MSI, 0), 0);
	equal(set_trigger(client, MSI, fd), 0);
	equal(vfio_client_signals(fd), 0);
	send_msi(client, 0);
	equal(vfio_client_signals(fd), 1);
	/* What fails enables nothing. */
	equal(vfio_client_irq_disable(client, MSI), 0);
	equal(set_trigger(client, MSI, 1000), -EBADF);
	equal(set_trigger(client, INTX, fd), 0);
}

static void testdev_ranges(struct vfio_client *client)
{
	int32_t fds[5] = { -1, -1, -1, -1, -1 };
	struct vfio_irq_set set = { 0 };

	equal(vfio_client_set_irqs(client, EVENTFD | TRIGGER, MSI, 0, 4, fds, 16), 0);
	equal(vfio_client_set_irqs(client, EVENTFD | TRIGGER, MSI, 0, 5, fds, 20), -EINVAL);
	equal(vfio_client_set_irqs(client, EVENTFD | TRIGGER, MSI, 3, 2, fds, 8), -EINVAL);
	equal(vfio_client_set_irqs(client, EVENTFD | TRIGGER, MSI, 4, 1, fds, 4), -EINVAL);
	equal(vfio_client_set_irqs(client, EVENTFD | TRIGGER, MSI, UINT32_MAX, 1, fds, 4), -EINVAL);
	equal(vfio_client_set_irqs(client, EVENTFD | TRIGGER, MSI, 1, UINT32_MAX, fds, 4), -EINVAL);
	equal(vfio_client_set_irqs(client, EVENTFD | TRIGGER, MSI, 0, 0x40000001, fds, 4), -EINVAL);
	/* Less data than the count says, and none at all. */
	equal(vfio_client_set_irqs(client, EVENTFD | TRIGGER, MSI, 0, 4, fds, 15), -EINVAL);
	equal(vfio_client_set_irqs(client, BOOL | TRIGGER, MSI, 0, 4, fds, 3), -EINVAL);
	equal(vfio_client_set_irqs(client, EVENTFD | TRIGGER, MSI, 0, 0, NULL, 0), -EINVAL);
	equal(vfio_client_set_irqs(client, NONE | MASK, INTX, 0, 0, NULL, 0), -EINVAL);

	set.argsz = sizeof(set) - 1;
	set.flags = NONE | TRIGGER;
	equal(ioctl(client->device, VFIO_DEVICE_SET_IRQS, &set), -1);
	equal(errno, EINVAL);
	equal(ioctl(client->device, VFIO_DEVICE_SET_IRQS, NULL), -1);
	equal(errno, EFAULT);
}

static void testdev_automask(struct vfio_client *client)
{
	int fd = listen_intx(client);

	set_level(client, true);
	equal(vfio_client_signals(fd), 1);
	/* Masked by its delivery: whatever the device does, no further signal. */
	set_level(client, true);
	set_level(client, false);
	set_level(client, true);
	equal(vfio_client_signals(fd), 0);
	/* Still asserted: the unmask delivers again, and masks again. */
	equal(vfio_client_irq_act(client, UNMASK, INTX), 0);
	equal(vfio_client_signals(fd), 1);
	equal(vfio_client_signals(fd), 0);
	/* Deasserted: nothing to deliver, until the next time. */
	set_level(client, false);
	equal(vfio_client_irq_act(client, UNMASK, INTX), 0);
	equal(vfio_client_signals(fd), 0);
	set_level(client, true);
	equal(vfio_client_signals(fd), 1);
}

static void testdev_mask(struct vfio_client *client)
{
	int fd = listen_intx(client);
	uint8_t yes = 1, no = 0;

	equal(vfio_client_irq_act(client, MASK, INTX), 0);
	set_level(client, true);
	equal(vfio_client_signals(fd), 0);
	equal(vfio_client_set_irqs(client, BOOL | UNMASK, INTX, 0, 1, &no, 1), 0);
	equal(vfio_client_signals(fd), 0);
	equal(vfio_client_set_irqs(client, BOOL | UNMASK, INTX, 0, 1, &yes, 1), 0);
	equal(vfio_client_signals(fd), 1);
}

static void testdev_mask_eventfds(struct vfio_client *client)
{
	int fd = listen_intx(client), mask = new_eventfd(), unmask = new_eventfd();

	equal(vfio_client_irq_eventfd(client, MASK, INTX, mask), 0);
	equal(vfio_client_irq_eventfd(client, UNMASK, INTX, unmask), 0);
	set_level(client, true);
	equal(vfio_client_signals(fd), 1);
	signal_eventfd(unmask);
	equal(vfio_client_wait(fd), 1);
	/* The kernel has read them. */
	equal(vfio_client_signals(unmask), 0);

	set_level(client, false);
	signal_eventfd(unmask);
	wait_until_taken(client, UNMASK, unmask);
	signal_eventfd(mask);
	wait_until_taken(client, MASK, mask);
	set_level(client, true);
	equal(vfio_client_signals(fd), 0);
	signal_eventfd(unmask);
	equal(vfio_client_wait(fd), 1);

	/* A signal from before it is set counts; one without an owner does not. */
	equal(vfio_client_irq_eventfd(client, UNMASK, INTX, -1), 0);
	signal_eventfd(unmask);
	equal(vfio_client_signals(fd), 0);
	equal(vfio_client_irq_eventfd(client, UNMASK, INTX, unmask), 0);
	equal(vfio_client_wait(fd), 1);
	equal(vfio_client_signals(unmask), 0);
}

/* What an eventfd does it has done when the write to it returns: the last one to speak is right. */
static void testdev_eventfds_in_order(struct vfio_client *client)
{
	int fd = listen_intx(client), mask = new_eventfd(), unmask = new_eventfd();
	unsigned int i;

	equal(vfio_client_irq_eventfd(client, MASK, INTX, mask), 0);
	equal(vfio_client_irq_eventfd(client, UNMASK, INTX, unmask), 0);
	for (i = 0; i < 200; i++) {
		signal_eventfd(unmask);
		equal(vfio_client_irq_act(client, MASK, INTX), 0);
		set_level(client, true);
		equal(vfio_client_signals(fd), 0);
		set_level(client, false);

		signal_eventfd(mask);
		equal(vfio_client_irq_act(client, UNMASK, INTX), 0);
		set_level(client, true);
		equal(vfio_client_signals(fd), 1);
		set_level(client, false);

		signal_eventfd(unmask);
		signal_eventfd(mask);
		set_level(client, true);
		equal(vfio_client_signals(fd), 0);
		set_level(client, false);
		signal_eventfd(unmask);
		set_level(client, true);
		equal(vfio_client_signals(fd), 1);
		set_level(client, false);
	}
	/* None of the signals of before comes late. */
	wait_until_taken(client, UNMASK, unmask);
	wait_until_taken(client, MASK, mask);
	equal(vfio_client_signals(fd), 0);
}

static void *level_up_and_down(void *data)
{
	unsigned int i;

	for (i = 0; i < 2000; i++)
		set_level(data, i % 2);
	return NULL;
}

/* The signal of INTx unmasks it, from a second thread too: no order of locks is turned round. */
static void testdev_crossed_eventfds(struct vfio_client *client)
{
	int fd = listen_intx(client);
	pthread_t thread;
	unsigned int i;

	equal(vfio_client_irq_eventfd(client, UNMASK, INTX, fd), 0);
	equal(pthread_create(&thread, NULL, level_up_and_down, client), 0);
	for (i = 0; i < 2000; i++)
		signal_eventfd(fd);
	equal(pthread_join(thread, NULL), 0);
	set_level(client, false);
	equal(vfio_client_irq_disable(client, INTX), 0);
}

/* One eventfd for all: it must not lock up. The signals feed each other until the level ends. */
static void testdev_same_eventfd(struct vfio_client *client)
{
	int fd = listen_intx(client);

	equal(vfio_client_irq_eventfd(client, UNMASK, INTX, fd), 0);
	equal(vfio_client_irq_eventfd(client, MASK, INTX, fd), 0);
	set_level(client, true);
	set_level(client, false);
	equal(vfio_client_irq_disable(client, INTX), 0);
}

static void testdev_late_listener(struct vfio_client *client)
{
	int first, second = new_eventfd();

	/* Nobody listens: not masked either. */
	set_level(client, true);
	first = listen_intx(client);
	equal(vfio_client_signals(first), 1);
	/* A new one does not unmask. */
	equal(set_trigger(client, INTX, second), 0);
	equal(vfio_client_signals(second), 0);
	equal(vfio_client_irq_act(client, UNMASK, INTX), 0);
	equal(vfio_client_signals(second), 1);
	equal(vfio_client_signals(first), 0);
}

static void testdev_replace(struct vfio_client *client)
{
	int first = listen_intx(client), second = new_eventfd(), null = open("/dev/null", O_RDWR);
	unsigned int i;

	/* What fails changes nothing. */
	equal(set_trigger(client, INTX, null), -EINVAL);
	equal(set_trigger(client, INTX, 1000), -EBADF);
	equal(vfio_client_irq_eventfd(client, UNMASK, INTX, null), -EINVAL);
	set_level(client, true);
	equal(vfio_client_signals(first), 1);
	set_level(client, false);
	equal(vfio_client_irq_act(client, UNMASK, INTX), 0);

	for (i = 0; i < 100; i++)
		equal(set_trigger(client, INTX, i % 2 ? first : second), 0);
	/* Closed by the user, it is still a valid place to signal to. */
	equal(close(first), 0);
	set_level(client, true);
	set_level(client, false);
	equal(set_trigger(client, INTX, second), 0);
	equal(vfio_client_irq_act(client, UNMASK, INTX), 0);
	set_level(client, true);
	equal(vfio_client_signals(second), 1);

	equal(set_trigger(client, INTX, -1), 0);
	equal(set_trigger(client, INTX, -1), 0);
	equal(vfio_client_irq_act(client, UNMASK, INTX), 0);
	equal(vfio_client_signals(second), 0);
	for (i = 0; i < 3; i++)
		equal(vfio_client_irq_disable(client, INTX), 0);
}

static void testdev_fd_zero(struct vfio_client *client)
{
	int fd = new_eventfd();

	equal(dup2(fd, 0), 0);
	equal(set_trigger(client, INTX, 0), 0);
	equal(vfio_client_irq_eventfd(client, UNMASK, INTX, 0), 0);
	equal(vfio_client_irq_eventfd(client, UNMASK, INTX, -1), 0);
	set_level(client, true);
	equal(vfio_client_signals(fd), 1);
}

static void testdev_disable(struct vfio_client *client)
{
	int fd = listen_intx(client), unmask = new_eventfd();

	equal(vfio_client_irq_eventfd(client, UNMASK, INTX, unmask), 0);
	set_level(client, true);
	equal(vfio_client_signals(fd), 1);
	equal(vfio_client_irq_disable(client, INTX), 0);
	/* Forgotten: the eventfds and the mask. */
	signal_eventfd(unmask);
	equal(vfio_client_signals(unmask), 1);
	equal(vfio_client_irq_act(client, UNMASK, INTX), -EINVAL);
	equal(vfio_client_signals(fd), 0);
	equal(set_trigger(client, INTX, fd), 0);
	equal(vfio_client_signals(fd), 1);
}

static void testdev_command_register(struct vfio_client *client)
{
	int fd = listen_intx(client);

	equal(read_register(client, CONFIG, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT, 0);
	write_register(client, CONFIG, PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
	set_level(client, true);
	equal(vfio_client_signals(fd), 0);
	is_true(read_register(client, CONFIG, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT);
	is_true(read_register(client, CONFIG, PCI_STATUS, 1) & PCI_STATUS_INTERRUPT);
	is_true(read_register(client, CONFIG, PCI_COMMAND, 4) & PCI_STATUS_INTERRUPT << 16);
	write_register(client, CONFIG, PCI_COMMAND, 2, 0);
	equal(vfio_client_signals(fd), 1);
	set_level(client, false);
	equal(read_register(client, CONFIG, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT, 0);
}

/* The user plays the device, to test its own way of interrupts. */
static void testdev_loopback(struct vfio_client *client)
{
	int fd = listen_intx(client);
	uint8_t no = 0;

	equal(vfio_client_irq_act(client, TRIGGER, INTX), 0);
	equal(vfio_client_signals(fd), 1);
	equal(vfio_client_irq_act(client, TRIGGER, INTX), 0);
	equal(vfio_client_signals(fd), 0);
	equal(vfio_client_irq_act(client, UNMASK, INTX), 0);
	equal(vfio_client_signals(fd), 1);
	equal(vfio_client_irq_act(client, UNMASK, INTX), 0);
	equal(vfio_client_signals(fd), 0);
	equal(vfio_client_set_irqs(client, BOOL | TRIGGER, INTX, 0, 1, &no, 1), 0);
	equal(vfio_client_signals(fd), 0);
}

static void testdev_msi(struct vfio_client *client)
{
	int fd[4] = { new_eventfd(), new_eventfd(), new_eventfd(), new_eventfd() };
	int32_t none = -1, two[2] = { fd[1], fd[2] };
	uint8_t some[4] = { 1, 0, 1, 1 };
	unsigned int i;

	/* Nobody listens: lost, not kept. */
	send_msi(client, 1);
	equal(vfio_client_set_irqs(client, EVENTFD | TRIGGER, MSI, 1, 2, two, 8), 0);
	equal(vfio_client_signals(fd[1]), 0);
	for (i = 0; i < 6; i++)
		send_msi(client, i);
	send_msi(client, 2);
	send_msi(client, 0xffff);
	equal(vfio_client_signals(fd[0]), 0);
	equal(vfio_client_signals(fd[1]), 1);
	equal(vfio_client_signals(fd[2]), 2);
	equal(vfio_client_signals(fd[3]), 0);

	equal(vfio_client_set_irqs(client, EVENTFD | TRIGGER, MSI, 0, 4, fd, 16), 0);
	equal(vfio_client_set_irqs(client, BOOL | TRIGGER, MSI, 0, 4, some, 4), 0);
	equal(vfio_client_set_irqs(client, NONE | TRIGGER, MSI, 2, 2, NULL, 0), 0);
	equal(vfio_client_set_irqs(client, EVENTFD | TRIGGER, MSI, 3, 1, &none, 4), 0);
	send_msi(client, 3);
	equal(vfio_client_signals(fd[0]), 1);
	equal(vfio_client_signals(fd[1]), 0);
	equal(vfio_client_signals(fd[2]), 2);
	equal(vfio_client_signals(fd[3]), 2);

	/* A range with a bad one in it changes none of them. */
	two[0] = fd[3];
	two[1] = 1000;
	equal(vfio_client_set_irqs(client, EVENTFD | TRIGGER, MSI, 1, 2, two, 8), -EBADF);
	send_msi(client, 1);
	equal(vfio_client_signals(fd[1]), 1);
	equal(vfio_client_irq_disable(client, MSI), 0);
	for (i = 0; i < 4; i++)
		send_msi(client, i);
	for (i = 0; i < 4; i++)
		equal(vfio_client_signals(fd[i]), 0);
}

static void testdev_reset(struct vfio_client *client)
{
	int fd = listen_intx(client);

	equal(vfio_client_irq_act(client, MASK, INTX), 0);
	set_level(client, true);
	write_register(client, CONFIG, PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
	write_register(client, 0, 0, 8, 0x1122334455667788);
	equal(vfio_client_reset(client), 0);
	equal(read_register(client, 0, 0, 8), 0);
	equal(read_register(client, CONFIG, PCI_COMMAND, 4) & (PCI_STATUS_INTERRUPT << 16 | 0xffff),
	      PCI_COMMAND_INTX_DISABLE);
	write_register(client, CONFIG, PCI_COMMAND, 2, 0);
	equal(vfio_client_irq_act(client, UNMASK, INTX), 0);
	equal(vfio_client_signals(fd), 0);
	/* The eventfd is still there. */
	set_level(client, true);
	equal(vfio_client_signals(fd), 1);
}

static void testdev_close(struct vfio_client *client)
{
	int fd = listen_intx(client), request = new_eventfd(), unmask = new_eventfd();
	const char *uuid = client->uuid;

	equal(set_trigger(client, REQ, request), 0);
	equal(vfio_client_irq_eventfd(client, UNMASK, INTX, unmask), 0);
	set_level(client, true);
	equal(vfio_client_signals(fd), 1);
	vfio_client_close(client);
	signal_eventfd(unmask);
	equal(vfio_client_signals(unmask), 1);
	equal(vfio_client_open(client, uuid), 0);
	equal(read_register(client, CONFIG, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT, 0);
	set_level(client, true);
	equal(vfio_client_signals(fd), 0);
	/* Nothing is masked, or enabled, by what the last user did. */
	equal(set_one(client, NONE | TRIGGER, REQ, 0), -EINVAL);
	equal(vfio_client_signals(request), 0);
	equal(set_trigger(client, MSI, request), 0);
	equal(vfio_client_irq_disable(client, MSI), 0);
	equal(set_trigger(client, INTX, fd), 0);
	equal(vfio_client_signals(fd), 1);
}

/* mtty: the transmitter is empty, and IER says that this interrupts. */
static void dual_uart(struct vfio_client *client)
{
	int fd = listen_intx(client);
	unsigned int bar;

	for (bar = 0; bar < 2; bar++) {
		write_register(client, bar, 1, 1, 2);
		equal(vfio_client_signals(fd), 1);
		is_true(read_register(client, CONFIG, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT);
		write_register(client, bar, 1, 1, 0);
		equal(read_register(client, CONFIG, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT, 0);
		equal(vfio_client_irq_act(client, UNMASK, INTX), 0);
		equal(vfio_client_signals(fd), 0);
	}
	/* Both want service: the line stays up until both have had it. */
	write_register(client, 0, 1, 1, 2);
	write_register(client, 1, 1, 1, 2);
	write_register(client, 0, 1, 1, 0);
	equal(vfio_client_signals(fd), 1);
	equal(vfio_client_irq_act(client, UNMASK, INTX), 0);
	equal(vfio_client_signals(fd), 1);
	equal(vfio_client_reset(client), 0);
	equal(vfio_client_irq_act(client, UNMASK, INTX), 0);
	equal(vfio_client_signals(fd), 0);
}

/* Waits for the request to let go of the device, and does. The caller removes it meanwhile. */
static void request(struct vfio_client *client)
{
	int fd = new_eventfd();

	equal(set_trigger(client, REQ, fd), 0);
	equal(write(STDOUT_FILENO, "open\n", 5), 5);
	is_true(vfio_client_wait(fd) > 0);
	/* It works to the end. */
	equal(read_register(client, CONFIG, PCI_VENDOR_ID, 2), 0x4348);
}

const struct check irq_checks[] = {
	{ .name = "irq-dual-info", .run = dual_info },
	{ .name = "irq-testdev-info", .run = testdev_info },
	{ .name = "irq-testdev-forms", .run = testdev_forms },
	{ .name = "irq-testdev-one-type", .run = testdev_one_type },
	{ .name = "irq-testdev-ranges", .run = testdev_ranges },
	{ .name = "irq-testdev-automask", .run = testdev_automask },
	{ .name = "irq-testdev-mask", .run = testdev_mask },
	{ .name = "irq-testdev-mask-eventfds", .run = testdev_mask_eventfds },
	{ .name = "irq-testdev-eventfds-in-order", .run = testdev_eventfds_in_order },
	{ .name = "irq-testdev-crossed-eventfds", .run = testdev_crossed_eventfds },
	{ .name = "irq-testdev-same-eventfd", .run = testdev_same_eventfd },
	{ .name = "irq-testdev-late-listener", .run = testdev_late_listener },
	{ .name = "irq-testdev-replace", .run = testdev_replace },
	{ .name = "irq-testdev-fd-zero", .run = testdev_fd_zero },
	{ .name = "irq-testdev-disable", .run = testdev_disable },
	{ .name = "irq-testdev-command-register", .run = testdev_command_register },
	{ .name = "irq-testdev-loopback", .run = testdev_loopback },
	{ .name = "irq-testdev-msi", .run = testdev_msi },
	{ .name = "irq-testdev-reset", .run = testdev_reset },
	{ .name = "irq-testdev-close", .run = testdev_close },
	{ .name = "irq-dual-uart", .run = dual_uart },
	{ .name = "irq-request", .run = request },
	{ 0 },
};
