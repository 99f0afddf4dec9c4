// SPDX-License-Identifier: GPL-2.0-only
/*
 * A terminal that is full, and a driver that reads as long as characters come, as Linux's does
 * with interrupts off: it has to come to an end long before the terminal, and an interrupt has
 * to call it again for the rest.
 *
 *	mtty-burst UUID
 *
 * Exit status: 0 it is so, 1 it is not, 2 the command line is no good.
 */
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vfio-client-ends.h"
#include "vfio-client-tap.h"

#define INTX VFIO_PCI_INTX_IRQ_INDEX

/* What the terminal takes at once. */
#define FILLING 4096

/* Far less than a driver may read at a time (Linux: 131072), and than its terminal keeps (65536).
 */
#define RUN_MAX 2048

struct driver {
	struct ends ends;
	int irq;
	size_t got;
	size_t right;
};

static void open_driver(struct driver *driver, const struct mtty *mtty)
{
	driver->ends = (struct ends){ .mtty = mtty, .tty = tty_open(mtty, 0) };
	ends_set_up(&driver->ends, 0, CS8);
	driver->irq = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (vfio_client_irq_eventfd(&mtty->client, VFIO_IRQ_SET_ACTION_TRIGGER, INTX, driver->irq))
		tap_bail_out("INTx does not take an eventfd");
}

static void fill_terminal(const struct driver *driver)
{
	uint8_t bytes[FILLING];
	size_t i;

	for (i = 0; i < FILLING; i++)
		bytes[i] = mtty_byte_at(i);
	tap_is(write(driver->ends.tty, bytes, FILLING), FILLING, "the terminal takes %d bytes",
	       FILLING);
}

/* What the handler of one interrupt reads. */
static size_t read_run(struct driver *driver)
{
	size_t run = 0;

	while (guest_in(&driver->ends, UART_LSR) & UART_LSR_DR) {
		driver->right += guest_in(&driver->ends, UART_RX) == mtty_byte_at(driver->got);
		driver->got++;
		run++;
	}
	return run;
}

/* The longest run until all has come, or no interrupt comes for the rest. */
static size_t read_all(struct driver *driver)
{
	const struct vfio_client *client = &driver->ends.mtty->client;
	size_t run, longest = 0;

	guest_out(&driver->ends, UART_IER, UART_IER_RDI);
	while (driver->got < FILLING && vfio_client_wait(driver->irq)) {
		run = read_run(driver);
		longest = run > longest ? run : longest;
		vfio_client_irq_act(client, VFIO_IRQ_SET_ACTION_UNMASK, INTX);
	}
	return longest;
}

static void test_reader(const struct mtty *mtty)
{
	struct driver driver = { 0 };
	size_t longest;

	open_driver(&driver, mtty);
	fill_terminal(&driver);
	longest = read_all(&driver);
	tap_ok(longest <= RUN_MAX, "no interrupt has the driver read more than %d bytes: %zu",
	       RUN_MAX, longest);
	tap_is((long long)driver.got, FILLING, "interrupts call the driver until it has all");
	tap_is((long long)driver.right, FILLING, "all bytes arrive, in their order");
	close(driver.irq);
	close(driver.ends.tty);
}

/* As a port that a program has closed: its divisor stays. */
static void test_nobody(const struct mtty *mtty)
{
	struct driver driver = { 0 };

	open_driver(&driver, mtty);
	guest_out(&driver.ends, UART_LCR, UART_LCR_DLAB | UART_LCR_WLEN8);
	guest_out(&driver.ends, UART_DLL, 1);
	guest_out(&driver.ends, UART_LCR, UART_LCR_WLEN8);
	guest_out(&driver.ends, UART_IER, 0);
	guest_out(&driver.ends, UART_MCR, 0);
	fill_terminal(&driver);
	tap_ok(tty_drains(&driver.ends), "a driver that no longer reads holds nothing up");
	close(driver.irq);
	close(driver.ends.tty);
}

int main(int argc, char **argv)
{
	struct mtty mtty;

	if (argc != 2) {
		fputs("usage: mtty-burst UUID\n", stderr);
		return 2;
	}
	mtty_open(&mtty, argv[1]);
	test_reader(&mtty);
	test_nobody(&mtty);
	mtty_close(&mtty);
	return tap_done();
}
