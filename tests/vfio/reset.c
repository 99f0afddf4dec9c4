// SPDX-License-Identifier: GPL-2.0-only
/* VFIO_DEVICE_RESET of mtty, and that a new user finds the device as after one. */
#include "mtty.h"

static void change_all(struct device *dev)
{
	uint8_t ones[MTTY_CONFIG_SIZE];
	unsigned int port, i;

	memset(ones, 0xff, sizeof(ones));
	vfio_write(dev, CONFIG, 0, ones, sizeof(ones));
	for (port = 0; port < dev->kind->ports; port++) {
		uart_set_up(dev, port, FIFO);
		for (i = 0; i < 20; i++)
			uart_out(dev, port, UART_TX, 0x5a);
		uart_out(dev, port, UART_SCR, 0x5a);
		uart_out(dev, port, UART_MCR, UART_MCR_DTR);
		uart_out(dev, port, UART_IER, 0x0f);
		uart_out(dev, port, UART_LCR, UART_LCR_DLAB);
		uart_out(dev, port, UART_DLL, 0x5a);
		uart_out(dev, port, UART_DLM, 0x5a);
	}
}

static void port_is_initial(struct device *dev, unsigned int port, const char *when)
{
	tap_ok(uart_in(dev, port, UART_IER) == 0 && uart_in(dev, port, UART_IIR) == UART_IIR_NO_INT &&
	       uart_in(dev, port, UART_LCR) == 0 && uart_in(dev, port, UART_MCR) == 0 &&
	       uart_in(dev, port, UART_LSR) == LSR_IDLE && uart_in(dev, port, UART_MSR) == 0,
	       "%s the registers of port %u are as after power-on", when, port);
	uart_out(dev, port, UART_FCR, FIFO);
	tap_ok(uart_in(dev, port, UART_RX) == 0 && uart_in(dev, port, UART_SCR) == 0,
	       "%s nothing is left in port %u", when, port);
	uart_out(dev, port, UART_LCR, UART_LCR_DLAB);
	tap_ok(uart_in(dev, port, UART_DLL) == 0 && uart_in(dev, port, UART_DLM) == 0,
	       "%s nor in its divisor latch", when);
	uart_out(dev, port, UART_LCR, 0);
	uart_out(dev, port, UART_FCR, 0);
}

static void ports_are_initial(struct device *dev, const char *when)
{
	unsigned int port;

	for (port = 0; port < dev->kind->ports; port++)
		port_is_initial(dev, port, when);
}

static void all_is_initial(struct device *dev, const char *when)
{
	uint8_t config[MTTY_CONFIG_SIZE];

	get_config(dev, config);
	tap_ok(!memcmp(config, dev->kind->config, sizeof(config)),
	       "%s the configuration space is as at first", when);
	ports_are_initial(dev, when);
}

/* The configuration space is the user's: vfio-pci restores it after a reset. */
static void reset_of_all(struct device *dev)
{
	uint8_t before[MTTY_CONFIG_SIZE], after[MTTY_CONFIG_SIZE];
	unsigned int i;

	all_is_initial(dev, "opened,");
	change_all(dev);
	get_config(dev, before);
	tap_is(vfio_reset(dev), 0, "reset");
	/* The bit shows the interrupt, which the reset takes away. */
	before[PCI_STATUS] &= (uint8_t)~PCI_STATUS_INTERRUPT;
	get_config(dev, after);
	tap_ok(!memcmp(before, after, sizeof(after)), "reset, the configuration space is as it was");
	ports_are_initial(dev, "reset,");
	for (i = 0; i < 1000; i++)
		if (vfio_reset(dev))
			break;
	tap_is(i, 1000, "reset a thousand times");
}

static void reset_interrupts(struct device *dev)
{
	int fd = listen_to(dev, INTX);

	uart_raise(dev, 0);
	tap_is(signals(fd), 1, "an interrupt before the reset");
	tap_is(vfio_reset(dev), 0, "reset with an interrupt under way");
	vfio_irq_act(dev, UNMASK, INTX);
	tap_is(signals(fd), 0, "it takes the interrupt away");
	uart_raise(dev, 0);
	tap_is(signals(fd), 1, "the eventfd is still there for the next");
}

static void reset_reopening(struct device *dev)
{
	int fd;

	uart_out(dev, 0, UART_SCR, 0x3c);
	fd = vfio_device_fd(dev);
	if (tap_ok(fd >= 0, "a second descriptor of the device")) {
		tap_is(uart_in(dev, 0, UART_SCR), 0x3c, "does not reset it");
		close(fd);
		tap_is(uart_in(dev, 0, UART_SCR), 0x3c, "nor does its closing");
	}
	change_all(dev);
	equal(vfio_reopen(dev), 0);
	all_is_initial(dev, "opened again,");
}

const struct check reset_checks[] = {
	CHECK(reset_of_all, MTTY, "a reset brings the ports back to power-on"),
	CHECK(reset_interrupts, MTTY, "a reset takes interrupts away, and keeps eventfds"),
	CHECK(reset_reopening, MTTY | BY_GROUP, "a new user finds the device as at power-on"),
	{ "reset_works", MTTY, mtty_works_still, "after all this the device works" },
	{ 0 },
};
