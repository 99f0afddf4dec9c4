// SPDX-License-Identifier: GPL-2.0-only
/*
 * A terminal that is full, and a driver that reads as long as characters come, as Linux's does
 * with interrupts off: it has to come to an end long before the terminal, and an interrupt has
 * to call it again for the rest.
 */
#include "mtty.h"

/* What the terminal takes at once. */
#define FILLING 4096

/* Far less than a driver may read at a time (Linux: 131072), and than its terminal keeps (65536). */
#define RUN_MAX 2048

struct driver {
	struct ends ends;
	int irq;
	size_t got;
	size_t right;
};

static void open_driver(struct driver *driver, struct device *dev)
{
	*driver = (struct driver){ .ends = { .dev = dev, .tty = tty_open(dev, 0) } };
	ends_set_up(&driver->ends, 0, CS8);
	driver->irq = listen_to(dev, INTX);
}

static void fill_terminal(const struct driver *driver)
{
	uint8_t bytes[FILLING];
	size_t i;

	for (i = 0; i < FILLING; i++)
		bytes[i] = byte_at(i);
	tap_is(write(driver->ends.tty, bytes, FILLING), FILLING, "the terminal takes %d bytes",
	       FILLING);
}

/* What the handler of one interrupt reads. */
static size_t read_run(struct driver *driver)
{
	size_t run = 0;

	while (guest_in(&driver->ends, UART_LSR) & UART_LSR_DR) {
		driver->right += guest_in(&driver->ends, UART_RX) == byte_at(driver->got++);
		run++;
	}
	return run;
}

/* The longest run until all has come, or no interrupt comes for the rest. */
static size_t read_all(struct driver *driver)
{
	size_t run, longest = 0;

	guest_out(&driver->ends, UART_IER, UART_IER_RDI);
	while (driver->got < FILLING && wait_signal(driver->irq)) {
		run = read_run(driver);
		longest = run > longest ? run : longest;
		vfio_irq_act(driver->ends.dev, UNMASK, INTX);
	}
	return longest;
}

static void burst_reader(struct device *dev)
{
	struct driver driver;
	size_t longest;

	open_driver(&driver, dev);
	fill_terminal(&driver);
	longest = read_all(&driver);
	tap_ok(longest <= RUN_MAX, "no interrupt has the driver read more than %d bytes: %zu",
	       RUN_MAX, longest);
	tap_is(driver.got, FILLING, "interrupts call the driver until it has all");
	tap_is(driver.right, FILLING, "all bytes arrive, in their order");
}

/* As a port that a program has closed: its divisor stays. */
static void burst_nobody(struct device *dev)
{
	struct driver driver;

	open_driver(&driver, dev);
	guest_out(&driver.ends, UART_LCR, UART_LCR_DLAB | UART_LCR_WLEN8);
	guest_out(&driver.ends, UART_DLL, 1);
	guest_out(&driver.ends, UART_LCR, UART_LCR_WLEN8);
	guest_out(&driver.ends, UART_IER, 0);
	guest_out(&driver.ends, UART_MCR, 0);
	fill_terminal(&driver);
	tap_ok(tty_drains(&driver.ends), "a driver that no longer reads holds nothing up");
}

const struct check burst_checks[] = {
	CHECK(burst_reader, MTTY | ALONE, "a full terminal does not keep a driver reading for ever"),
	CHECK(burst_nobody, MTTY | ALONE, "nor does it wait for a driver that does not read"),
	{ 0 },
};
