// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts: VFIO_DEVICE_SET_IRQS in every form, good and bad, and what follows. An eventfd is
 * signalled before the call that causes it returns, so "not signalled" needs no waiting; only a
 * signal that an eventfd of the user's sets off comes later.
 */
#include "irq.h"
#include "mtty.h"

void drop_intx(struct device *dev)
{
	if (dev->kind->bit == TESTDEV)
		poke(dev, TESTDEV_CONTROL, TESTDEV_LEVEL, 2, 0);
	else
		uart_out(dev, 0, UART_IER, 0);
}

/* What is up goes down first. */
void raise_intx(struct device *dev)
{
	drop_intx(dev);
	if (dev->kind->bit == TESTDEV)
		poke(dev, TESTDEV_CONTROL, TESTDEV_LEVEL, 2, 1);
	else
		uart_raise(dev, 0);
}

static int act(struct device *dev, uint32_t action)
{
	return vfio_irq_act(dev, action, INTX);
}

static int set_bool(struct device *dev, uint32_t action, uint8_t value)
{
	return vfio_irq_bool(dev, action, INTX, value);
}

static int set_eventfd(struct device *dev, uint32_t action, int fd)
{
	return vfio_irq_eventfd(dev, action, INTX, fd);
}

static int listen_intx(struct device *dev)
{
	int fd = new_eventfd();

	tap_is(set_eventfd(dev, TRIGGER, fd), 0, "INTx takes an eventfd");
	return fd;
}

/* Until the kernel has taken the signal, and after that done what it asked for. */
static void wait_until_taken(struct device *dev, uint32_t action, int fd)
{
	equal(set_eventfd(dev, action, fd), 0);
}

static uint64_t is_pending(struct device *dev)
{
	return peek(dev, CONFIG, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT;
}

/* ERR as vfio-pci has it for a device that is no PCI Express one; QEMU counts on it. */
static void irq_info(struct device *dev)
{
	struct vfio_irq_info info;
	unsigned int i;

	for (i = 0; i < VFIO_PCI_NUM_IRQS; i++) {
		if (i == ERR && !dev->kind->irq[i].count) {
			tap_is(vfio_irq_info(dev, i, &info), -EINVAL,
			       "there is no interrupt %u to report errors by", i);
			continue;
		}
		tap_is(vfio_irq_info(dev, i, &info), 0, "information on interrupt %u", i);
		tap_is(info.count, dev->kind->irq[i].count, "its count");
		tap_is(info.flags, dev->kind->irq[i].flags, "its flags");
	}
}

static void irq_automask(struct device *dev)
{
	int fd = listen_intx(dev);

	tap_is(signals(fd), 0, "an idle device does not signal");
	raise_intx(dev);
	tap_is(signals(fd), 1, "an interrupt signals");
	tap_is(act(dev, UNMASK), 0, "it can be unmasked");
	tap_is(signals(fd), 1, "unmasking raises again what is still there");
	raise_intx(dev);
	raise_intx(dev);
	tap_is(signals(fd), 0, "a signalled interrupt is masked");
	drop_intx(dev);
	tap_is(act(dev, UNMASK), 0, "it can be unmasked when it is gone");
	tap_is(signals(fd), 0, "what is gone does not signal");
	raise_intx(dev);
	tap_is(signals(fd), 1, "the next one does");
}

static void irq_mask(struct device *dev)
{
	int fd = listen_intx(dev);

	tap_is(act(dev, MASK), 0, "INTx can be masked");
	raise_intx(dev);
	tap_is(signals(fd), 0, "then it does not signal");
	tap_is(act(dev, UNMASK), 0, "INTx can be unmasked");
	tap_is(signals(fd), 1, "then it does");

	drop_intx(dev);
	act(dev, UNMASK);
	tap_is(set_bool(dev, MASK, 0), 0, "masking with a false");
	raise_intx(dev);
	tap_is(signals(fd), 1, "does not mask");
	tap_is(set_bool(dev, UNMASK, 0), 0, "unmasking with a false");
	tap_is(signals(fd), 0, "does not unmask");
	tap_is(set_bool(dev, UNMASK, 1), 0, "unmasking with a true");
	tap_is(signals(fd), 1, "unmasks");
	drop_intx(dev);
	act(dev, UNMASK);
	tap_is(set_bool(dev, MASK, 1), 0, "masking with a true");
	raise_intx(dev);
	tap_is(signals(fd), 0, "masks");
}

static void irq_unmask_eventfd(struct device *dev)
{
	int fd = listen_intx(dev), unmask = new_eventfd();
	unsigned int i;

	tap_is(set_eventfd(dev, UNMASK, unmask), 0, "INTx takes an eventfd to unmask");
	raise_intx(dev);
	tap_is(signals(fd), 1, "an interrupt signals");
	for (i = 0; i < 100; i++) {
		signal_eventfd(unmask);
		if (wait_signal(fd) != 1)
			break;
	}
	tap_is(i, 100, "each signal unmasks, and what is still there is raised again");
	tap_is(signals(unmask), 0, "the signals have been taken");
	tap_is(set_eventfd(dev, UNMASK, -1), 0, "the eventfd can be taken away");
	signal_eventfd(unmask);
	tap_is(signals(unmask), 1, "then nobody takes its signals");
	tap_is(signals(fd), 0, "and nothing is unmasked");

	signal_eventfd(unmask);
	tap_is(set_eventfd(dev, UNMASK, unmask), 0, "an eventfd that was signalled before");
	tap_is(wait_signal(fd), 1, "unmasks at once");
	tap_is(signals(unmask), 0, "and its signal has been taken");
}

static void irq_mask_eventfd(struct device *dev)
{
	int fd = listen_intx(dev), mask = new_eventfd(), unmask = new_eventfd();

	tap_is(set_eventfd(dev, MASK, mask), 0, "INTx takes an eventfd to mask");
	equal(set_eventfd(dev, UNMASK, unmask), 0);
	signal_eventfd(mask);
	wait_until_taken(dev, MASK, mask);
	raise_intx(dev);
	tap_is(signals(fd), 0, "a signal masks");
	signal_eventfd(unmask);
	tap_is(wait_signal(fd), 1, "a signal of the other unmasks");
	drop_intx(dev);
	signal_eventfd(unmask);
	wait_until_taken(dev, UNMASK, unmask);
	signal_eventfd(mask);
	wait_until_taken(dev, MASK, mask);
	raise_intx(dev);
	tap_is(signals(fd), 0, "the last one to signal is right");
	tap_is(set_eventfd(dev, MASK, -1), 0, "the eventfd can be taken away");
}

/* What an eventfd does it has done when the write to it returns: the last one to speak is right. */
static void irq_eventfds_in_order(struct device *dev)
{
	int fd = listen_intx(dev), mask = new_eventfd(), unmask = new_eventfd();
	unsigned int i;

	equal(set_eventfd(dev, MASK, mask), 0);
	equal(set_eventfd(dev, UNMASK, unmask), 0);
	for (i = 0; i < 200; i++) {
		signal_eventfd(unmask);
		equal(act(dev, MASK), 0);
		raise_intx(dev);
		equal(signals(fd), 0);
		drop_intx(dev);

		signal_eventfd(mask);
		equal(act(dev, UNMASK), 0);
		raise_intx(dev);
		equal(signals(fd), 1);
		drop_intx(dev);

		signal_eventfd(unmask);
		signal_eventfd(mask);
		raise_intx(dev);
		equal(signals(fd), 0);
		drop_intx(dev);
		signal_eventfd(unmask);
		raise_intx(dev);
		equal(signals(fd), 1);
		drop_intx(dev);
	}
	/* None of the signals of before comes late. */
	wait_until_taken(dev, UNMASK, unmask);
	wait_until_taken(dev, MASK, mask);
	equal(signals(fd), 0);
}

static void *up_and_down(void *dev)
{
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		raise_intx(dev);
		drop_intx(dev);
	}
	return NULL;
}

/* The signal of INTx unmasks it, from a second thread too: no order of locks is turned round. */
static void irq_crossed_eventfds(struct device *dev)
{
	int fd = listen_intx(dev);
	pthread_t thread;
	unsigned int i;

	equal(set_eventfd(dev, UNMASK, fd), 0);
	equal(pthread_create(&thread, NULL, up_and_down, dev), 0);
	for (i = 0; i < 2000; i++)
		signal_eventfd(fd);
	equal(pthread_join(thread, NULL), 0);
	equal(vfio_irq_disable(dev, INTX), 0);
}

/* It must not lock up. The signals feed each other until the level ends. */
static void irq_same_eventfd(struct device *dev)
{
	int fd = listen_intx(dev);

	equal(set_eventfd(dev, UNMASK, fd), 0);
	equal(set_eventfd(dev, MASK, fd), 0);
	raise_intx(dev);
	drop_intx(dev);
	equal(vfio_irq_disable(dev, INTX), 0);
}

/* The user plays the device, to test its own way of interrupts. */
static void irq_trigger(struct device *dev)
{
	int fd = listen_intx(dev);

	tap_is(act(dev, TRIGGER), 0, "the user can trigger INTx");
	tap_is(signals(fd), 1, "which signals");
	act(dev, UNMASK);
	tap_is(signals(fd), 0, "once");
	tap_is(set_bool(dev, TRIGGER, 1), 0, "and with a true");
	tap_is(signals(fd), 1, "which signals");
	act(dev, TRIGGER);
	tap_is(signals(fd), 0, "and masks");
	act(dev, UNMASK);
	tap_is(signals(fd), 1, "what was triggered then comes when it is unmasked");
	act(dev, UNMASK);
	tap_is(set_bool(dev, TRIGGER, 0), 0, "and with a false");
	tap_is(signals(fd), 0, "which does not");
}

static void irq_disable_bit(struct device *dev)
{
	int fd = listen_intx(dev);

	equal(is_pending(dev), 0);
	poke(dev, CONFIG, PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
	raise_intx(dev);
	tap_is(signals(fd), 0, "the command register can disable INTx");
	tap_is(is_pending(dev), PCI_STATUS_INTERRUPT, "the status register shows it still");
	is_true(peek(dev, CONFIG, PCI_STATUS, 1) & PCI_STATUS_INTERRUPT);
	is_true(peek(dev, CONFIG, PCI_COMMAND, 4) & PCI_STATUS_INTERRUPT << 16);
	poke(dev, CONFIG, PCI_COMMAND, 2, 0);
	tap_is(signals(fd), 1, "and enable it, which raises what is there");
	drop_intx(dev);
	tap_is(is_pending(dev), 0, "the status register shows nothing when it is gone");
}

static void irq_replace(struct device *dev)
{
	int first = listen_intx(dev), second = new_eventfd();
	unsigned int i;

	tap_is(set_eventfd(dev, TRIGGER, second), 0, "the eventfd can be replaced");
	raise_intx(dev);
	tap_is(signals(first), 0, "the old one is not signalled");
	tap_is(signals(second), 1, "the new one is");
	tap_is(set_eventfd(dev, TRIGGER, second), 0, "by itself, too");
	tap_is(signals(second), 0, "which does not unmask");
	act(dev, UNMASK);
	tap_is(signals(second), 1, "and goes on");

	tap_is(set_eventfd(dev, TRIGGER, -1), 0, "the eventfd can be taken away");
	tap_is(set_eventfd(dev, TRIGGER, -1), 0, "twice");
	act(dev, UNMASK);
	tap_is(signals(second), 0, "then nothing is signalled");
	for (i = 0; i < 100; i++)
		equal(set_eventfd(dev, TRIGGER, i % 2 ? second : first), 0);
	tap_is(vfio_irq_disable(dev, INTX), 0, "INTx can be disabled");
	tap_is(vfio_irq_disable(dev, INTX), 0, "twice");

	tap_is(signals(first) + signals(second), 1, "it was signalled to the one that came after none");
	tap_is(set_eventfd(dev, TRIGGER, first), 0, "and enabled again");
	tap_is(signals(first), 1, "what was raised before the eventfd was there is signalled");
	drop_intx(dev);
	act(dev, UNMASK);
	equal(close(first), 0);
	raise_intx(dev);
	drop_intx(dev);
	equal(set_eventfd(dev, TRIGGER, second), 0);
	act(dev, UNMASK);
	raise_intx(dev);
	tap_is(signals(second), 1, "one that the user has closed can be signalled, and replaced");
}

/* Upstream's sample takes no descriptor 0. */
static void irq_descriptor_zero(struct device *dev)
{
	int zero = new_eventfd();

	equal(dup2(zero, 0), 0);
	tap_is(set_eventfd(dev, TRIGGER, 0), 0, "an eventfd may be descriptor 0");
	equal(set_eventfd(dev, UNMASK, 0), 0);
	equal(set_eventfd(dev, UNMASK, -1), 0);
	raise_intx(dev);
	tap_is(signals(zero), 1, "and is signalled");
}

static void irq_disable(struct device *dev)
{
	int fd = listen_intx(dev), unmask = new_eventfd();

	equal(set_eventfd(dev, UNMASK, unmask), 0);
	raise_intx(dev);
	equal(signals(fd), 1);
	equal(vfio_irq_disable(dev, INTX), 0);
	/* Forgotten: the eventfds and the mask. */
	signal_eventfd(unmask);
	equal(signals(unmask), 1);
	equal(act(dev, UNMASK), -EINVAL);
	equal(signals(fd), 0);
	equal(set_eventfd(dev, TRIGGER, fd), 0);
	equal(signals(fd), 1);
}

static void irq_two_ports(struct device *dev)
{
	int fd = listen_intx(dev);
	unsigned int port;

	for (port = 0; port < 2; port++) {
		uart_raise(dev, port);
		equal(signals(fd), 1);
		is_true(is_pending(dev));
		uart_out(dev, port, UART_IER, 0);
		equal(is_pending(dev), 0);
		equal(act(dev, UNMASK), 0);
		equal(signals(fd), 0);
	}
	uart_raise(dev, 0);
	uart_raise(dev, 1);
	tap_is(signals(fd), 1, "both ports share INTx");
	drop_intx(dev);
	act(dev, UNMASK);
	tap_is(signals(fd), 1, "one keeps it up when the other is done");
	uart_out(dev, 1, UART_IER, 0);
	act(dev, UNMASK);
	tap_is(signals(fd), 0, "it falls with the last");
	uart_raise(dev, 1);
	equal(signals(fd), 1);
	equal(vfio_reset(dev), 0);
	act(dev, UNMASK);
	tap_is(signals(fd), 0, "and with a reset");
}

/* Interrupts that are no lines: each trigger is a signal, and there is nothing to mask. */
static void edge(struct device *dev, uint32_t index, const char *name)
{
	int fd;

	if (!dev->kind->irq[index].count) {
		tap_ok(true, "%s # SKIP the device has none", name);
		return;
	}
	fd = new_eventfd();
	tap_is(vfio_irq_act(dev, TRIGGER, index), -EINVAL,
	       "%s cannot be triggered when nobody listens", name);
	tap_is(vfio_irq_eventfd(dev, TRIGGER, index, fd), 0, "%s takes an eventfd", name);
	tap_is(signals(fd), 0, "nothing is left over from before");
	vfio_irq_act(dev, TRIGGER, index);
	vfio_irq_bool(dev, TRIGGER, index, 1);
	tap_is(signals(fd), 2, "two triggers are two signals");
	tap_ok(vfio_irq_act(dev, MASK, index) < 0 && vfio_irq_act(dev, UNMASK, index) < 0 &&
	       vfio_irq_eventfd(dev, UNMASK, index, fd) < 0, "%s cannot be masked", name);
	tap_is(vfio_irq_disable(dev, index), 0, "%s can be disabled", name);
	tap_is(vfio_irq_disable(dev, index), 0, "twice");
	vfio_irq_act(dev, TRIGGER, index);
	tap_is(signals(fd), 0, "then it does not signal");
}

static void irq_edges(struct device *dev)
{
	edge(dev, MSI, "MSI");
	edge(dev, REQ, "the request to give the device back");
}

static const struct bad_request bad_requests[] = {
	{ "no flags", 0, INTX, 0, 1, 4 },
	{ "no action", NONE, INTX, 0, 1, 0 },
	{ "no type of data", TRIGGER, INTX, 0, 1, 4 },
	{ "two actions", NONE | TRIGGER | UNMASK, INTX, 0, 1, 0 },
	{ "three actions", NONE | TRIGGER | UNMASK | MASK, INTX, 0, 1, 0 },
	{ "two types of data", BOOL | EVENTFD | TRIGGER, INTX, 0, 1, 4 },
	{ "no data and data", NONE | EVENTFD | TRIGGER, INTX, 0, 1, 4 },
	{ "no data and a bool", NONE | BOOL | TRIGGER, INTX, 0, 1, 1 },
	{ "an unknown flag", NONE | TRIGGER | 1 << 6, INTX, 0, 1, 0 },
	{ "the highest flag", NONE | TRIGGER | 1U << 31, INTX, 0, 1, 0 },
	{ "all flags", UINT32_MAX, INTX, 0, 1, 4 },
	{ "an index past the last", NONE | TRIGGER, VFIO_PCI_NUM_IRQS, 0, 1, 0 },
	{ "the highest index", NONE | TRIGGER, UINT32_MAX, 0, 1, 0 },
	{ "an interrupt that the device does not have", NONE | TRIGGER, MSIX, 0, 1, 0 },
	{ "two vectors of one", NONE | TRIGGER, INTX, 0, 2, 0 },
	{ "the second vector of one", NONE | TRIGGER, INTX, 1, 1, 0 },
	{ "the highest start", NONE | TRIGGER, INTX, UINT32_MAX, 1, 0 },
	{ "the highest count", NONE | TRIGGER, INTX, 0, UINT32_MAX, 0 },
	{ "a sum that wraps", NONE | TRIGGER, INTX, UINT32_MAX - 1, 2, 0 },
	{ "a highest count of eventfds", EVENTFD | TRIGGER, INTX, 0, UINT32_MAX, 4 },
	{ "a count whose bytes wrap", EVENTFD | TRIGGER, INTX, 0, 1U << 30, 4 },
	{ "no room for the eventfd", EVENTFD | TRIGGER, INTX, 0, 1, 0 },
	{ "half an eventfd", EVENTFD | TRIGGER, INTX, 0, 1, 2 },
	{ "no room for the bool", BOOL | TRIGGER, INTX, 0, 1, 0 },
	{ "masking nothing", NONE | MASK, INTX, 0, 0, 0 },
	{ "unmasking nothing", NONE | UNMASK, INTX, 0, 0, 0 },
	{ "disabling with bools", BOOL | TRIGGER, INTX, 0, 0, 0 },
};

static void irq_requests(struct device *dev)
{
	int fd = listen_intx(dev);

	irq_refuses(dev, bad_requests, ARRAY_SIZE(bad_requests));
	raise_intx(dev);
	tap_is(signals(fd), 1, "after that INTx is as it was");
}

static void irq_descriptors(struct device *dev)
{
	int fd = listen_intx(dev), null = open("/dev/null", O_RDWR | O_CLOEXEC);
	static const uint32_t actions[] = { TRIGGER, MASK, UNMASK };
	static const char *const names[] = { "trigger", "mask", "unmask" };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		tap_is(set_eventfd(dev, actions[i], 1 << 20), -EBADF,
		       "EBADF for a closed descriptor to %s", names[i]);
		tap_is(set_eventfd(dev, actions[i], null), -EINVAL,
		       "EINVAL for a file that is no eventfd to %s", names[i]);
		tap_is(set_eventfd(dev, actions[i], dev->fd), -EINVAL,
		       "EINVAL for the device itself to %s", names[i]);
	}
	raise_intx(dev);
	tap_is(signals(fd), 1, "after that INTx is as it was");
}

static long set_raw(struct device *dev, void *set)
{
	return result(ioctl(dev->fd, VFIO_DEVICE_SET_IRQS, set));
}

/* The structure ends where memory ends; what it promises behind itself is not there. */
static void irq_bad_memory(struct device *dev)
{
	struct vfio_irq_set set = { .argsz = sizeof(set) + 4, .flags = EVENTFD | TRIGGER, .count = 1 };
	uint8_t *end = end_of_memory(4096);

	memcpy(end - sizeof(set), &set, sizeof(set));
	tap_is(set_raw(dev, NULL), -EFAULT, "EFAULT for no structure");
	tap_is(set_raw(dev, (void *)-4096), -EFAULT, "EFAULT for one in the kernel");
	tap_is(set_raw(dev, end - sizeof(set)), -EFAULT, "EFAULT for one whose data is not there");
	set.argsz = 0;
	set.flags = NONE | TRIGGER;
	tap_is(set_raw(dev, &set), -EINVAL, "EINVAL for a structure of no size");
	set.argsz = sizeof(set) - 1;
	tap_is(set_raw(dev, &set), -EINVAL, "EINVAL for a structure that is a byte short");
}

static void irq_reset(struct device *dev)
{
	int fd = listen_intx(dev);

	equal(act(dev, MASK), 0);
	raise_intx(dev);
	poke(dev, CONFIG, PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
	poke(dev, 0, 0, 8, 0x1122334455667788);
	equal(vfio_reset(dev), 0);
	equal(peek(dev, 0, 0, 8), 0);
	equal(peek(dev, CONFIG, PCI_COMMAND, 4) & (PCI_STATUS_INTERRUPT << 16 | 0xffff),
	      PCI_COMMAND_INTX_DISABLE);
	poke(dev, CONFIG, PCI_COMMAND, 2, 0);
	equal(act(dev, UNMASK), 0);
	equal(signals(fd), 0);
	/* The eventfd is still there. */
	raise_intx(dev);
	equal(signals(fd), 1);
}

static void irq_close(struct device *dev)
{
	int fd = listen_intx(dev), request = new_eventfd(), unmask = new_eventfd();

	equal(vfio_irq_eventfd(dev, TRIGGER, REQ, request), 0);
	equal(set_eventfd(dev, UNMASK, unmask), 0);
	raise_intx(dev);
	equal(signals(fd), 1);
	vfio_close(dev);
	signal_eventfd(unmask);
	equal(vfio_open(dev), 0);
	tap_is(signals(unmask), 1, "closing the device lets go of its eventfds");
	equal(is_pending(dev), 0);
	raise_intx(dev);
	tap_is(signals(fd), 0, "the next user does not signal them");
	/* Nothing is masked, or enabled, by what the last user did. */
	equal(vfio_irq_act(dev, TRIGGER, REQ), -EINVAL);
	equal(signals(request), 0);
	if (dev->kind->irq[MSI].count) {
		equal(vfio_irq_eventfd(dev, TRIGGER, MSI, request), 0);
		equal(vfio_irq_disable(dev, MSI), 0);
	}
	tap_is(set_eventfd(dev, TRIGGER, fd), 0, "and sets its own");
	tap_is(signals(fd), 1, "which finds INTx unmasked");
}

/* Waits for the request to let go of the device, and does. The caller removes it meanwhile. */
static void let_go(struct device *dev)
{
	int fd = listen_to(dev, REQ);

	tap_note("open");
	is_true(wait_signal(fd) > 0);
	/* It works to the end. */
	equal(peek(dev, CONFIG, PCI_VENDOR_ID, 2), 0x4348);
}

const struct check irq_checks[] = {
	CHECK(irq_info, LINES | EXPRESS, "all indexes are described as vfio-pci does"),
	CHECK(irq_automask, LINES, "INTx masks itself; unmasking delivers what is still there"),
	CHECK(irq_mask, LINES, "INTx is masked and unmasked by ioctl"),
	CHECK(irq_unmask_eventfd, LINES, "INTx is unmasked by eventfd"),
	CHECK(irq_mask_eventfd, LINES, "INTx is masked by eventfd"),
	CHECK(irq_eventfds_in_order, LINES, "masking is done when the signal is sent"),
	CHECK(irq_crossed_eventfds, LINES, "INTx that unmasks itself locks nothing up"),
	CHECK(irq_same_eventfd, LINES, "one eventfd may signal, mask and unmask"),
	CHECK(irq_trigger, LINES, "the user can raise an interrupt to test itself"),
	CHECK(irq_disable_bit, LINES, "the command register holds INTx back"),
	CHECK(irq_replace, LINES, "eventfds are replaced, closed and dropped in any order"),
	CHECK(irq_descriptor_zero, LINES, "descriptor 0 is as good as another"),
	CHECK(irq_disable, LINES, "disabling an index forgets its eventfds and its mask"),
	CHECK(irq_two_ports, DUAL, "the two ports of a card share its interrupt"),
	CHECK(irq_edges, LINES, "MSI and the request to let go are signals, and not masked"),
	CHECK(irq_requests, LINES, "requests that make no sense are refused"),
	CHECK(irq_descriptors, LINES, "descriptors that are no eventfds are refused"),
	CHECK(irq_bad_memory, LINES, "structures that are not there are refused"),
	CHECK(irq_reset, TESTDEV, "a reset takes back what is pending and keeps the eventfds"),
	CHECK(irq_close, LINES, "closing the device drops everything the user set"),
	{ "irq_works", MTTY, mtty_works_still, "after all this the device works" },
	CHECK(let_go, MTTY | ALONE, "a device that is open is asked for"),
	{ 0 },
};
