// SPDX-License-Identifier: GPL-2.0-only
/*
 * A terminal that its user keeps full, and a driver that reads as long as characters come, as
 * Linux's does with interrupts off: it has to come to an end long before the user does, and an
 * interrupt has to call it again for the rest.
 */
#include "mtty.h"

#define TOTAL 65536

/* Far less than Linux's driver may read at a time, 131072, and than its terminal keeps, 65536. */
#define RUN_MAX 16384

/* After so many characters there is room for more. */
#define REFILL 1024

struct driver {
	struct ends ends;
	int irq;
	size_t sent;
	size_t got;
	size_t right;
};

static void open_driver(struct driver *driver, struct device *dev)
{
	*driver = (struct driver){ .ends = { .dev = dev, .tty = tty_open(dev, 0) } };
	ends_set_up(&driver->ends, 0, CS8);
	driver->irq = listen_to(dev, INTX);
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
			bytes[i] = byte_at(driver->sent + i);
		count = size ? write(driver->ends.tty, bytes, size) : 0;
	} while (count > 0);
}

/* What the handler of one interrupt reads. */
static size_t read_run(struct driver *driver)
{
	size_t run = 0;

	while (guest_in(&driver->ends, UART_LSR) & UART_LSR_DR) {
		driver->right += guest_in(&driver->ends, UART_RX) == byte_at(driver->got++);
		if (++run % REFILL == 0)
			fill_terminal(driver);
	}
	return run;
}

/* The longest run until all has come, or no interrupt comes for the rest. */
static size_t read_all(struct driver *driver)
{
	size_t run, longest = 0;

	guest_out(&driver->ends, UART_IER, UART_IER_RDI);
	while (driver->got < TOTAL && wait_signal(driver->irq)) {
		fill_terminal(driver);
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
	tap_is(driver.got, TOTAL, "interrupts call the driver until it has all");
	tap_is(driver.right, TOTAL, "all bytes arrive, in their order");
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
