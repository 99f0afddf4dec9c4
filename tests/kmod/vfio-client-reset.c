// SPDX-License-Identifier: GPL-2.0-only
/* VFIO_DEVICE_RESET, and that a new user finds the device as after one. */
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "vfio-client-tap.h"
#include "vfio-client-tests.h"

#define INTX	VFIO_PCI_INTX_IRQ_INDEX
#define CONFIG	VFIO_PCI_CONFIG_REGION_INDEX

static void change_config(const struct mtty *mtty)
{
	uint8_t ones[MTTY_CONFIG_SIZE];

	memset(ones, 0xff, sizeof(ones));
	vfio_client_write(&mtty->client, CONFIG, 0, ones, sizeof(ones));
}

static void write_command(const struct mtty *mtty, uint16_t command)
{
	vfio_client_write(&mtty->client, CONFIG, PCI_COMMAND, &command, sizeof(command));
}

static void change_port(const struct mtty *mtty, unsigned int port)
{
	unsigned int i;

	mtty_set_up_port(mtty, port, UART_FCR_ENABLE_FIFO);
	for (i = 0; i < 20; i++)
		mtty_out(mtty, port, UART_TX, 0x5a);
	mtty_out(mtty, port, UART_SCR, 0x5a);
	mtty_out(mtty, port, UART_MCR, UART_MCR_DTR);
	mtty_out(mtty, port, UART_IER, 0x0f);
	mtty_out(mtty, port, UART_LCR, UART_LCR_DLAB);
	mtty_out(mtty, port, UART_DLL, 0x5a);
	mtty_out(mtty, port, UART_DLM, 0x5a);
}

static void change_all(const struct mtty *mtty)
{
	unsigned int port;

	change_config(mtty);
	for (port = 0; port < mtty->expected->ports; port++)
		change_port(mtty, port);
}

static void test_config_is_initial(const struct mtty *mtty, const char *when)
{
	uint8_t config[MTTY_CONFIG_SIZE] = { 0 };

	tap_ok(vfio_client_read(&mtty->client, CONFIG, 0, config, sizeof(config)) ==
	       sizeof(config) && !memcmp(config, mtty->expected->config, sizeof(config)),
	       "%s the configuration space is as at first", when);
}

static void test_port_is_initial(const struct mtty *mtty, unsigned int port, const char *when)
{
	tap_ok(mtty_in(mtty, port, UART_IER) == 0 &&
	       mtty_in(mtty, port, UART_IIR) == UART_IIR_NO_INT &&
	       mtty_in(mtty, port, UART_LCR) == 0 &&
	       mtty_in(mtty, port, UART_MCR) == 0 &&
	       mtty_in(mtty, port, UART_LSR) == (UART_LSR_THRE | UART_LSR_TEMT) &&
	       mtty_in(mtty, port, UART_MSR) == 0,
	       "%s the registers of port %u are as after power-on", when, port);
	mtty_out(mtty, port, UART_FCR, UART_FCR_ENABLE_FIFO);
	tap_ok(mtty_in(mtty, port, UART_RX) == 0 && mtty_in(mtty, port, UART_SCR) == 0,
	       "%s nothing is left in port %u", when, port);
	mtty_out(mtty, port, UART_LCR, UART_LCR_DLAB);
	tap_ok(mtty_in(mtty, port, UART_DLL) == 0 && mtty_in(mtty, port, UART_DLM) == 0,
	       "%s nor in its divisor latch", when);
	mtty_out(mtty, port, UART_LCR, 0);
	mtty_out(mtty, port, UART_FCR, 0);
}

static void test_ports_are_initial(const struct mtty *mtty, const char *when)
{
	unsigned int port;

	for (port = 0; port < mtty->expected->ports; port++)
		test_port_is_initial(mtty, port, when);
}

static void test_all_is_initial(const struct mtty *mtty, const char *when)
{
	test_config_is_initial(mtty, when);
	test_ports_are_initial(mtty, when);
}

/* The configuration space is the user's: vfio-pci restores it after a reset. */
static void test_reset_of_all(const struct mtty *mtty)
{
	uint8_t before[MTTY_CONFIG_SIZE] = { 0 }, after[MTTY_CONFIG_SIZE] = { 1 };

	change_all(mtty);
	vfio_client_read(&mtty->client, CONFIG, 0, before, sizeof(before));
	tap_is(vfio_client_reset(&mtty->client), 0, "reset");
	/* The bit shows the interrupt, which the reset takes away. */
	before[PCI_STATUS] &= (uint8_t)~PCI_STATUS_INTERRUPT;
	tap_ok(vfio_client_read(&mtty->client, CONFIG, 0, after, sizeof(after)) ==
	       sizeof(after) && !memcmp(before, after, sizeof(after)),
	       "reset, the configuration space is as it was");
	test_ports_are_initial(mtty, "reset,");
	write_command(mtty, 0);
}

static void test_interrupts_after_reset(const struct mtty *mtty)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	vfio_client_irq_eventfd(&mtty->client, VFIO_IRQ_SET_ACTION_TRIGGER, INTX, fd);
	mtty_raise_interrupt(mtty, 0);
	tap_is((long long)vfio_client_signals(fd), 1, "an interrupt before the reset");
	tap_is(vfio_client_reset(&mtty->client), 0, "reset with an interrupt under way");
	vfio_client_irq_act(&mtty->client, VFIO_IRQ_SET_ACTION_UNMASK, INTX);
	tap_is((long long)vfio_client_signals(fd), 0, "it takes the interrupt away");
	mtty_raise_interrupt(mtty, 0);
	tap_is((long long)vfio_client_signals(fd), 1, "the eventfd is still there for the next");
	vfio_client_irq_disable(&mtty->client, INTX);
	close(fd);
}

static void test_reset_without_need(const struct mtty *mtty)
{
	unsigned int i;

	for (i = 0; i < 1000; i++)
		if (vfio_client_reset(&mtty->client))
			break;
	tap_is(i, 1000, "reset a thousand times");
}

static void test_second_descriptor(const struct mtty *mtty)
{
	int fd;

	mtty_out(mtty, 0, UART_SCR, 0x3c);
	fd = vfio_client_device_fd(&mtty->client);
	if (!tap_ok(fd >= 0, "a second descriptor of the device"))
		return;
	tap_is(mtty_in(mtty, 0, UART_SCR), 0x3c, "does not reset it");
	close(fd);
	tap_is(mtty_in(mtty, 0, UART_SCR), 0x3c, "nor does its closing");
}

static void test_reopening(struct mtty *mtty)
{
	const char *uuid = mtty->client.uuid;

	change_all(mtty);
	mtty_close(mtty);
	mtty_open(mtty, uuid);
	test_all_is_initial(mtty, "opened again,");
}

void test_reset(struct mtty *mtty)
{
	test_all_is_initial(mtty, "opened,");
	test_reset_of_all(mtty);
	test_interrupts_after_reset(mtty);
	test_reset_without_need(mtty);
	test_second_descriptor(mtty);
	test_reopening(mtty);
	tap_ok(mtty_is_sane(mtty), "after all this the device works");
}
