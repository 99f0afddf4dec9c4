// SPDX-License-Identifier: GPL-2.0-only
/* VFIO_DEVICE_SET_IRQS in every form, good and bad, and what its interrupts do. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vfio-client-tap.h"
#include "vfio-client-tests.h"

#define INTX	VFIO_PCI_INTX_IRQ_INDEX
#define MSI	VFIO_PCI_MSI_IRQ_INDEX
#define REQ	VFIO_PCI_REQ_IRQ_INDEX

#define NONE	VFIO_IRQ_SET_DATA_NONE
#define BOOL	VFIO_IRQ_SET_DATA_BOOL
#define EVENTFD	VFIO_IRQ_SET_DATA_EVENTFD
#define MASK	VFIO_IRQ_SET_ACTION_MASK
#define UNMASK	VFIO_IRQ_SET_ACTION_UNMASK
#define TRIGGER	VFIO_IRQ_SET_ACTION_TRIGGER

#define PCI_COMMAND		0x04
#define PCI_COMMAND_INTX_OFF	0x0400
#define PCI_STATUS		0x06
#define PCI_STATUS_INTERRUPT	0x0008

static int new_eventfd(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		tap_bail_out("eventfd: %s", strerror(errno));
	return fd;
}

static void signal_eventfd(int fd)
{
	uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) != sizeof(one))
		tap_bail_out("eventfd: %s", strerror(errno));
}

static int act(const struct mtty *mtty, uint32_t action)
{
	return vfio_client_irq_act(&mtty->client, action, INTX);
}

static int set_bool(const struct mtty *mtty, uint32_t action, uint32_t index, uint8_t value)
{
	return vfio_client_set_irqs(&mtty->client, BOOL | action, index, 0, 1, &value, 1);
}

static int set_eventfd(const struct mtty *mtty, uint32_t action, int fd)
{
	return vfio_client_irq_eventfd(&mtty->client, action, INTX, fd);
}

static uint16_t config_word(const struct mtty *mtty, unsigned int offset)
{
	uint16_t value = 0;

	vfio_client_read(&mtty->client, VFIO_PCI_CONFIG_REGION_INDEX, offset, &value, sizeof(value));
	return value;
}

static void set_command(const struct mtty *mtty, uint16_t value)
{
	vfio_client_write(&mtty->client, VFIO_PCI_CONFIG_REGION_INDEX, PCI_COMMAND, &value,
			  sizeof(value));
}

/* Every test begins with the device reset, and INTx as it is for a new user. */
static int with_intx(const struct mtty *mtty)
{
	int fd = new_eventfd();

	vfio_client_reset(&mtty->client);
	vfio_client_irq_disable(&mtty->client, INTX);
	tap_is(set_eventfd(mtty, TRIGGER, fd), 0, "INTx takes an eventfd");
	return fd;
}

static void without_intx(const struct mtty *mtty, int fd)
{
	mtty_drop_interrupt(mtty, 0);
	vfio_client_irq_disable(&mtty->client, INTX);
	close(fd);
}

static void test_info_of_irqs(const struct mtty *mtty)
{
	struct vfio_irq_info info;
	unsigned int i;

	for (i = 0; i < mtty->expected->num_irqs; i++) {
		/* As vfio-pci does for a device that is no PCI Express one; QEMU counts on it. */
		if (i == VFIO_PCI_ERR_IRQ_INDEX) {
			tap_is(vfio_client_irq_info(&mtty->client, i, &info), -EINVAL,
			       "there is no interrupt %u to report errors by", i);
			continue;
		}
		tap_is(vfio_client_irq_info(&mtty->client, i, &info), 0,
		       "information on interrupt %u", i);
		tap_is(info.count, mtty->expected->irq[i].count, "its count");
		tap_is(info.flags, mtty->expected->irq[i].flags, "its flags");
	}
}

static void test_level(const struct mtty *mtty)
{
	int fd = with_intx(mtty);

	tap_is((long long)vfio_client_signals(fd), 0, "an idle device does not signal");
	mtty_raise_interrupt(mtty, 0);
	tap_is((long long)vfio_client_signals(fd), 1, "an interrupt signals");
	tap_is(act(mtty, UNMASK), 0, "it can be unmasked");
	tap_is((long long)vfio_client_signals(fd), 1, "unmasking raises again what is still there");
	mtty_raise_interrupt(mtty, 0);
	mtty_raise_interrupt(mtty, 0);
	tap_is((long long)vfio_client_signals(fd), 0, "a signalled interrupt is masked");
	mtty_drop_interrupt(mtty, 0);
	tap_is(act(mtty, UNMASK), 0, "it can be unmasked when it is gone");
	tap_is((long long)vfio_client_signals(fd), 0, "what is gone does not signal");
	mtty_raise_interrupt(mtty, 0);
	tap_is((long long)vfio_client_signals(fd), 1, "the next one does");
	without_intx(mtty, fd);
}

static void test_mask(const struct mtty *mtty)
{
	int fd = with_intx(mtty);

	tap_is(act(mtty, MASK), 0, "INTx can be masked");
	mtty_raise_interrupt(mtty, 0);
	tap_is((long long)vfio_client_signals(fd), 0, "then it does not signal");
	tap_is(act(mtty, UNMASK), 0, "INTx can be unmasked");
	tap_is((long long)vfio_client_signals(fd), 1, "then it does");

	mtty_drop_interrupt(mtty, 0);
	act(mtty, UNMASK);
	tap_is(set_bool(mtty, MASK, INTX, 0), 0, "masking with a false");
	mtty_raise_interrupt(mtty, 0);
	tap_is((long long)vfio_client_signals(fd), 1, "does not mask");
	tap_is(set_bool(mtty, UNMASK, INTX, 0), 0, "unmasking with a false");
	tap_is((long long)vfio_client_signals(fd), 0, "does not unmask");
	tap_is(set_bool(mtty, UNMASK, INTX, 1), 0, "unmasking with a true");
	tap_is((long long)vfio_client_signals(fd), 1, "unmasks");
	mtty_drop_interrupt(mtty, 0);
	act(mtty, UNMASK);
	tap_is(set_bool(mtty, MASK, INTX, 1), 0, "masking with a true");
	mtty_raise_interrupt(mtty, 0);
	tap_is((long long)vfio_client_signals(fd), 0, "masks");
	without_intx(mtty, fd);
}

static void test_unmask_eventfd(const struct mtty *mtty)
{
	int fd = with_intx(mtty), unmask = new_eventfd();
	unsigned int i;

	tap_is(set_eventfd(mtty, UNMASK, unmask), 0, "INTx takes an eventfd to unmask");
	mtty_raise_interrupt(mtty, 0);
	tap_is((long long)vfio_client_signals(fd), 1, "an interrupt signals");
	for (i = 0; i < 100; i++) {
		signal_eventfd(unmask);
		if (vfio_client_wait(fd) != 1)
			break;
	}
	tap_is(i, 100, "each signal unmasks, and what is still there is raised again");
	tap_is((long long)vfio_client_signals(unmask), 0, "the signals have been taken");
	tap_is(set_eventfd(mtty, UNMASK, -1), 0, "the eventfd can be taken away");
	signal_eventfd(unmask);
	tap_is((long long)vfio_client_signals(unmask), 1, "then nobody takes its signals");
	tap_is((long long)vfio_client_signals(fd), 0, "and nothing is unmasked");

	signal_eventfd(unmask);
	tap_is(set_eventfd(mtty, UNMASK, unmask), 0, "an eventfd that was signalled before");
	tap_is((long long)vfio_client_wait(fd), 1, "unmasks at once");
	close(unmask);
	without_intx(mtty, fd);
}

/*
 * Masking by eventfd may take effect any time after the signal, and a delivered interrupt
 * is masked anyhow: it is tried until an interrupt does not come.
 */
static void test_mask_eventfd(const struct mtty *mtty)
{
	int fd = with_intx(mtty), mask = new_eventfd();
	unsigned int tries;
	bool masked = false;

	tap_is(set_eventfd(mtty, MASK, mask), 0, "INTx takes an eventfd to mask");
	for (tries = 0; tries < 10000 && !masked; tries++) {
		act(mtty, UNMASK);
		signal_eventfd(mask);
		usleep(100);
		act(mtty, TRIGGER);
		masked = !vfio_client_signals(fd);
	}
	tap_ok(masked, "a signal masks");
	tap_is(set_eventfd(mtty, MASK, -1), 0, "the eventfd can be taken away");
	close(mask);
	without_intx(mtty, fd);
}

static void test_trigger(const struct mtty *mtty)
{
	int fd = with_intx(mtty);

	tap_is(act(mtty, TRIGGER), 0, "the user can trigger INTx");
	tap_is((long long)vfio_client_signals(fd), 1, "which signals");
	act(mtty, UNMASK);
	tap_is((long long)vfio_client_signals(fd), 0, "once");
	tap_is(set_bool(mtty, TRIGGER, INTX, 1), 0, "and with a true");
	tap_is((long long)vfio_client_signals(fd), 1, "which signals");
	act(mtty, UNMASK);
	tap_is(set_bool(mtty, TRIGGER, INTX, 0), 0, "and with a false");
	tap_is((long long)vfio_client_signals(fd), 0, "which does not");
	without_intx(mtty, fd);
}

static void test_disable_bit(const struct mtty *mtty)
{
	int fd = with_intx(mtty);

	set_command(mtty, PCI_COMMAND_INTX_OFF);
	mtty_raise_interrupt(mtty, 0);
	tap_is((long long)vfio_client_signals(fd), 0, "the command register can disable INTx");
	tap_is(config_word(mtty, PCI_STATUS) & PCI_STATUS_INTERRUPT, PCI_STATUS_INTERRUPT,
	       "the status register shows it still");
	set_command(mtty, 0);
	tap_is((long long)vfio_client_signals(fd), 1, "and enable it, which raises what is there");
	mtty_drop_interrupt(mtty, 0);
	tap_is(config_word(mtty, PCI_STATUS) & PCI_STATUS_INTERRUPT, 0,
	       "the status register shows nothing when it is gone");
	without_intx(mtty, fd);
}

static void test_replacing(const struct mtty *mtty)
{
	int first = with_intx(mtty), second = new_eventfd();

	tap_is(set_eventfd(mtty, TRIGGER, second), 0, "the eventfd can be replaced");
	mtty_raise_interrupt(mtty, 0);
	tap_is((long long)vfio_client_signals(first), 0, "the old one is not signalled");
	tap_is((long long)vfio_client_signals(second), 1, "the new one is");
	tap_is(set_eventfd(mtty, TRIGGER, second), 0, "by itself, too");
	act(mtty, UNMASK);
	tap_is((long long)vfio_client_signals(second), 1, "and goes on");

	tap_is(set_eventfd(mtty, TRIGGER, -1), 0, "the eventfd can be taken away");
	tap_is(set_eventfd(mtty, TRIGGER, -1), 0, "twice");
	act(mtty, UNMASK);
	tap_is((long long)vfio_client_signals(second), 0, "then nothing is signalled");
	tap_is(vfio_client_irq_disable(&mtty->client, INTX), 0, "INTx can be disabled");
	tap_is(vfio_client_irq_disable(&mtty->client, INTX), 0, "twice");

	tap_is(set_eventfd(mtty, TRIGGER, first), 0, "and enabled again");
	tap_is((long long)vfio_client_signals(first), 1,
	       "what was raised before the eventfd was there is signalled");
	close(second);
	without_intx(mtty, first);
}

/* Upstream's sample takes no descriptor 0. */
static void test_descriptor_zero(const struct mtty *mtty)
{
	int fd = with_intx(mtty), saved = fcntl(0, F_DUPFD_CLOEXEC, 3), zero = new_eventfd();

	dup2(zero, 0);
	tap_is(set_eventfd(mtty, TRIGGER, 0), 0, "an eventfd may be descriptor 0");
	mtty_raise_interrupt(mtty, 0);
	tap_is((long long)vfio_client_signals(zero), 1, "and is signalled");
	if (saved >= 0)
		dup2(saved, 0);
	close(saved);
	close(zero);
	without_intx(mtty, fd);
}

static void test_two_ports(const struct mtty *mtty)
{
	int fd;

	if (mtty->expected->ports < 2) {
		tap_skip("the card has one port", "both ports share INTx");
		return;
	}
	fd = with_intx(mtty);
	mtty_raise_interrupt(mtty, 0);
	mtty_raise_interrupt(mtty, 1);
	tap_is((long long)vfio_client_signals(fd), 1, "both ports share INTx");
	mtty_drop_interrupt(mtty, 0);
	act(mtty, UNMASK);
	tap_is((long long)vfio_client_signals(fd), 1, "one keeps it up when the other is done");
	mtty_drop_interrupt(mtty, 1);
	act(mtty, UNMASK);
	tap_is((long long)vfio_client_signals(fd), 0, "it falls with the last");
	without_intx(mtty, fd);
}

/* Interrupts that are no lines: each trigger is a signal, and there is nothing to mask. */
static void test_edge(const struct mtty *mtty, uint32_t index, const char *name)
{
	uint8_t yes = 1;
	int fd;

	if (!mtty->expected->irq[index].count) {
		tap_skip("the device has none", "%s", name);
		return;
	}
	fd = new_eventfd();
	tap_is(vfio_client_irq_act(&mtty->client, TRIGGER, index), -EINVAL,
	       "%s cannot be triggered when nobody listens", name);
	tap_is(vfio_client_irq_eventfd(&mtty->client, TRIGGER, index, fd), 0, "%s takes an eventfd",
	       name);
	tap_is((long long)vfio_client_signals(fd), 0, "nothing is left over from before");
	vfio_client_irq_act(&mtty->client, TRIGGER, index);
	vfio_client_set_irqs(&mtty->client, BOOL | TRIGGER, index, 0, 1, &yes, 1);
	tap_is((long long)vfio_client_signals(fd), 2, "two triggers are two signals");
	tap_ok(vfio_client_irq_act(&mtty->client, MASK, index) < 0 &&
	       vfio_client_irq_act(&mtty->client, UNMASK, index) < 0 &&
	       vfio_client_irq_eventfd(&mtty->client, UNMASK, index, fd) < 0,
	       "%s cannot be masked", name);
	tap_is(vfio_client_irq_disable(&mtty->client, index), 0, "%s can be disabled", name);
	tap_is(vfio_client_irq_disable(&mtty->client, index), 0, "twice");
	vfio_client_irq_act(&mtty->client, TRIGGER, index);
	tap_is((long long)vfio_client_signals(fd), 0, "then it does not signal");
	close(fd);
}

/* A bad request, and what its arguments are; argsz is added to what the data needs. */
struct bad_request {
	const char *why;
	uint32_t flags;
	uint32_t index;
	uint32_t start;
	uint32_t count;
	size_t data_size;
};

static const struct bad_request bad_requests[] = {
	{ "no flags", 0, INTX, 0, 1, 4 },
	{ "no action", NONE, INTX, 0, 1, 0 },
	{ "no type of data", TRIGGER, INTX, 0, 1, 4 },
	{ "two actions", NONE | TRIGGER | UNMASK, INTX, 0, 1, 0 },
	{ "three actions", NONE | TRIGGER | UNMASK | MASK, INTX, 0, 1, 0 },
	{ "two types of data", BOOL | EVENTFD | TRIGGER, INTX, 0, 1, 4 },
	{ "no data and data", NONE | EVENTFD | TRIGGER, INTX, 0, 1, 4 },
	{ "an unknown flag", NONE | TRIGGER | 1 << 6, INTX, 0, 1, 0 },
	{ "the highest flag", NONE | TRIGGER | 1U << 31, INTX, 0, 1, 0 },
	{ "all flags", UINT32_MAX, INTX, 0, 1, 4 },
	{ "an index past the last", NONE | TRIGGER, VFIO_PCI_NUM_IRQS, 0, 1, 0 },
	{ "the highest index", NONE | TRIGGER, UINT32_MAX, 0, 1, 0 },
	{ "an interrupt that the device does not have", NONE | TRIGGER, VFIO_PCI_MSIX_IRQ_INDEX,
	  0, 1, 0 },
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

static void test_bad_requests(const struct mtty *mtty)
{
	int fd = with_intx(mtty);
	const struct bad_request *bad;
	uint8_t data[16];
	unsigned int i;

	memset(data, 0xff, sizeof(data));
	for (i = 0; i < sizeof(bad_requests) / sizeof(bad_requests[0]); i++) {
		bad = &bad_requests[i];
		tap_is(vfio_client_set_irqs(&mtty->client, bad->flags, bad->index, bad->start,
					    bad->count, data, bad->data_size),
		       -EINVAL, "EINVAL for %s", bad->why);
	}
	mtty_raise_interrupt(mtty, 0);
	tap_is((long long)vfio_client_signals(fd), 1, "after that INTx is as it was");
	without_intx(mtty, fd);
}

static void test_bad_descriptors(const struct mtty *mtty)
{
	int fd = with_intx(mtty), null = open("/dev/null", O_RDWR | O_CLOEXEC);
	static const uint32_t actions[] = { TRIGGER, MASK, UNMASK };
	static const char *const names[] = { "trigger", "mask", "unmask" };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		tap_is(set_eventfd(mtty, actions[i], 1 << 20), -EBADF,
		       "EBADF for a closed descriptor to %s", names[i]);
		tap_is(set_eventfd(mtty, actions[i], null), -EINVAL,
		       "EINVAL for a file that is no eventfd to %s", names[i]);
		tap_is(set_eventfd(mtty, actions[i], mtty->client.device), -EINVAL,
		       "EINVAL for the device itself to %s", names[i]);
	}
	mtty_raise_interrupt(mtty, 0);
	tap_is((long long)vfio_client_signals(fd), 1, "after that INTx is as it was");
	close(null);
	without_intx(mtty, fd);
}

static int set_raw(const struct mtty *mtty, void *set)
{
	return ioctl(mtty->client.device, VFIO_DEVICE_SET_IRQS, set) < 0 ? -errno : 0;
}

/* The structure ends where memory ends; what it promises behind itself is not there. */
static int set_at_end_of_memory(const struct mtty *mtty)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct vfio_irq_set *set;
	int ret;

	if (pages == MAP_FAILED)
		tap_bail_out("mmap: %s", strerror(errno));
	munmap(pages + page, page);
	set = (void *)(pages + page - sizeof(*set));
	*set = (struct vfio_irq_set){
		.argsz = sizeof(*set) + sizeof(int32_t),
		.flags = EVENTFD | TRIGGER,
		.index = INTX,
		.count = 1,
	};
	ret = set_raw(mtty, set);
	munmap(pages, page);
	return ret;
}

static void test_bad_memory(const struct mtty *mtty)
{
	struct vfio_irq_set set = {
		.argsz = sizeof(set),
		.flags = NONE | TRIGGER,
		.index = INTX,
		.count = 1,
	};

	tap_is(set_raw(mtty, NULL), -EFAULT, "EFAULT for no structure");
	tap_is(set_raw(mtty, (void *)-4096), -EFAULT, "EFAULT for one in the kernel");
	tap_is(set_at_end_of_memory(mtty), -EFAULT, "EFAULT for one whose data is not there");
	set.argsz = 0;
	tap_is(set_raw(mtty, &set), -EINVAL, "EINVAL for a structure of no size");
	set.argsz = sizeof(set) - 1;
	tap_is(set_raw(mtty, &set), -EINVAL, "EINVAL for a structure that is a byte short");
}

static void test_close_while_set(struct mtty *mtty)
{
	int fd = with_intx(mtty), unmask = new_eventfd();
	const char *uuid = mtty->client.uuid;

	set_eventfd(mtty, UNMASK, unmask);
	mtty_raise_interrupt(mtty, 0);
	vfio_client_signals(fd);
	mtty_close(mtty);
	signal_eventfd(unmask);
	mtty_open(mtty, uuid);
	tap_is((long long)vfio_client_signals(unmask), 1,
	       "closing the device lets go of its eventfds");
	mtty_raise_interrupt(mtty, 0);
	tap_is((long long)vfio_client_signals(fd), 0, "the next user does not signal them");
	tap_is(set_eventfd(mtty, TRIGGER, fd), 0, "and sets its own");
	tap_is((long long)vfio_client_signals(fd), 1, "which finds INTx unmasked");
	close(unmask);
	without_intx(mtty, fd);
}

void test_irq(struct mtty *mtty)
{
	test_info_of_irqs(mtty);
	test_level(mtty);
	test_mask(mtty);
	test_unmask_eventfd(mtty);
	test_mask_eventfd(mtty);
	test_trigger(mtty);
	test_disable_bit(mtty);
	test_replacing(mtty);
	test_descriptor_zero(mtty);
	test_two_ports(mtty);
	test_edge(mtty, MSI, "MSI");
	test_edge(mtty, REQ, "the request to give the device back");
	test_bad_requests(mtty);
	test_bad_descriptors(mtty);
	test_bad_memory(mtty);
	test_close_while_set(mtty);
	tap_ok(mtty_is_sane(mtty), "after all this the device works");
}
