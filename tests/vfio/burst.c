// SPDX-License-Identifier: GPL-2.0-only
/*
 * A terminal that its user keeps full, and a driver that reads as long as characters come, as
 * Linux's does with interrupts off: it has to come to an end long before the user does, and an
 * interrupt has to call it again for the rest.
 */
#include <unistd.h>

#include "mtty.h"
#include "util/clock.h"

#define TOTAL 65536

/* After so many characters there is room for more. */
#define REFILL 1000

/* Half of what a pause should be: of the time before, and of the longest one. */
#define LEAST_PART	8
#define LEAST_MS	1000

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
	/* A driver that is held up just then for a tick misses a pause, but there are several. */
	tap_ok(longest < TOTAL, "no interrupt has the driver read all");
	tap_note("%zu bytes at most", longest);
	tap_is(driver.got, TOTAL, "interrupts call the driver until it has all");
	tap_is(driver.right, TOTAL, "all bytes arrive, in their order");
}

/*
 * Reads one run, with a rest after each 64 characters, as a slow machine does. Return: a
 * time when the last one was still to be read, so that who is held up then sees no shorter pause.
 */
static uint64_t read_slowly(struct driver *driver)
{
	uint64_t last = 0;

	while (guest_in(&driver->ends, UART_LSR) & UART_LSR_DR) {
		last = clock_ms();
		guest_in(&driver->ends, UART_RX);
		if (++driver->got % REFILL == 0)
			fill_terminal(driver);
		if (driver->got % 64 == 0)
			usleep(1000);
	}
	return last;
}

static void burst_slow_reader(struct device *dev)
{
	struct driver driver;
	uint64_t began, last, taken, pause;

	open_driver(&driver, dev);
	fill_terminal(&driver);
	began = clock_ms();
	last = read_slowly(&driver);
	taken = last - began;
	do
		pause = clock_ms() - last;
	while (!(guest_in(&driver.ends, UART_LSR) & UART_LSR_DR) && pause < taken);
	tap_note("%zu characters in %llu ms, then a pause of %llu ms", driver.got,
		 (unsigned long long)taken, (unsigned long long)pause);
	tap_ok(driver.got < TOTAL, "no run has the driver read all");
	tap_ok(pause >= taken / LEAST_PART || pause >= LEAST_MS,
	       "a slow driver has a part of its time for other work");
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
	CHECK(burst_slow_reader, MTTY | ALONE, "a slow driver has time for other work in between"),
	CHECK(burst_nobody, MTTY | ALONE, "nor does it wait for a driver that does not read"),
	{ 0 },
};
