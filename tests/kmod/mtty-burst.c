// SPDX-License-Identifier: GPL-2.0-only
/*
 * A terminal that its user keeps full, and a driver that reads as long as characters come, as
 * Linux's does with interrupts off: it has to come to an end long before the user does, and an
 * interrupt has to call it again for the rest.
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

#define TOTAL 65536

/* After so many characters there is room for more. */
#define REFILL 1000

struct driver {
	struct ends ends;
	int irq;
	size_t sent;
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

/* As much as there is room for. */
static void fill_terminal(struct driver *driver)
{
	uint8_t bytes[4096];
	ssize_t count = 0;
	size_t i, size;

	do {
		driver->sent += (size_t)count;
		size = TOTAL - driver->sent < sizeof(bytes) ? TOTAL - driver->sent : sizeof(bytes);
		for (i = 0; i < size; i++)
			bytes[i] = mtty_byte_at(driver->sent + i);
		count = size ? write(driver->ends.tty, bytes, size) : 0;
	} while (count > 0);
}

/* What the handler of one interrupt reads. */
static size_t read_run(struct driver *driver)
{
	size_t run = 0;

	while (guest_in(&driver->ends, UART_LSR) & UART_LSR_DR) {
		driver->right += guest_in(&driver->ends, UART_RX) == mtty_byte_at(driver->got);
		driver->got++;
		if (++run % REFILL == 0)
			fill_terminal(driver);
	}
	return run;
}

/* The longest run until all has come, or no interrupt comes for the rest. */
static size_t read_all(struct driver *driver)
{
	const struct vfio_client *client = &driver->ends.mtty->client;
	size_t run, longest = 0;

	guest_out(&driver->ends, UART_IER, UART_IER_RDI);
	while (driver->got < TOTAL && vfio_client_wait(driver->irq)) {
		fill_terminal(driver);
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
	/* A driver that is held up just then for a tick misses a pause, but there are several. */
	tap_ok(longest < TOTAL, "no interrupt has the driver read all");
	tap_note("%zu bytes at most", longest);
	tap_is((long long)driver.got, TOTAL, "interrupts call the driver until it has all");
	tap_is((long long)driver.right, TOTAL, "all bytes arrive, in their order");
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
