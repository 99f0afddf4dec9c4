// SPDX-License-Identifier: GPL-2.0-only
/* A port by its registers: what a driver finds there, and that data comes back. */
#include "mtty.h"

#define IIR_SOURCE	0x0f
#define STREAM_LENGTH	(100 * 1024)

struct fcr_mode {
	uint8_t fcr;
	const char *name;
};

static const struct fcr_mode modes[] = {
	{ 0, "without FIFOs" },
	{ FIFO | UART_FCR_TRIGGER_1, "with FIFOs, trigger level 1" },
	{ FIFO | UART_FCR_TRIGGER_4, "with FIFOs, trigger level 4" },
	{ FIFO | UART_FCR_TRIGGER_8, "with FIFOs, trigger level 8" },
	{ FIFO | UART_FCR_TRIGGER_14, "with FIFOs, trigger level 14" },
};

#define MODES ARRAY_SIZE(modes)

static void test_identity(struct device *dev, unsigned int port)
{
	uart_set_up(dev, port, 0);
	tap_is(uart_in(dev, port, UART_IIR), UART_IIR_NO_INT, "no FIFOs before they are enabled");
	uart_out(dev, port, UART_FCR, FIFO);
	tap_is(uart_in(dev, port, UART_IIR) & 0xf0, IIR_FIFOS, "a 16550A: its FIFOs work");
	uart_out(dev, port, UART_LCR, UART_LCR_DLAB);
	uart_out(dev, port, UART_FCR, FIFO | UART_FCR7_64BYTE);
	tap_is(uart_in(dev, port, UART_IIR) & 0xf0, IIR_FIFOS, "no 16750: no FIFO of 64 bytes");
	uart_out(dev, port, UART_LCR, 0);
	uart_out(dev, port, UART_IER, 0xff);
	tap_is(uart_in(dev, port, UART_IER), 0x0f, "IER has four bits");
	uart_out(dev, port, UART_IER, 0);
	tap_is(uart_in(dev, port, UART_IER), 0, "IER can be cleared");
}

static void test_stored_values(struct device *dev, unsigned int port)
{
	unsigned int value, scratch = 0, lcr = 0;

	for (value = 0; value < 256; value++) {
		uart_out(dev, port, UART_SCR, (uint8_t)value);
		scratch += uart_in(dev, port, UART_SCR) == value;
		uart_out(dev, port, UART_LCR, (uint8_t)value);
		lcr += uart_in(dev, port, UART_LCR) == value;
	}
	tap_is(scratch, 256, "the scratch register keeps every value");
	tap_is(lcr, 256, "LCR keeps every value");

	uart_out(dev, port, UART_LCR, UART_LCR_DLAB);
	uart_out(dev, port, UART_DLL, 0x34);
	uart_out(dev, port, UART_DLM, 0x12);
	tap_is(uart_in(dev, port, UART_DLL) | uart_in(dev, port, UART_DLM) << 8, 0x1234,
	       "the divisor is kept");
	uart_out(dev, port, UART_LCR, UART_LCR_WLEN8);
	uart_set_up(dev, port, FIFO);
}

static void test_accesses(struct device *dev, unsigned int port)
{
	uint8_t all[2 * MTTY_BAR_SIZE];

	uart_out(dev, port, UART_SCR, 0x5a);
	tap_is(vfio_read(dev, port, 0, all, sizeof(all)), MTTY_BAR_SIZE,
	       "a read across the end of the BAR is short");
	tap_ok(all[UART_LCR] == UART_LCR_WLEN8 && all[UART_LSR] == LSR_IDLE && all[UART_SCR] == 0x5a,
	       "it reads the registers one by one");
	tap_ok(vfio_read(dev, port, MTTY_BAR_SIZE, all, 1) <= 0 &&
	       vfio_read(dev, port, MTTY_BAR_SIZE + 1, all, 1) <= 0,
	       "nothing is read at or past the end of the BAR");
	tap_ok(vfio_write(dev, port, MTTY_BAR_SIZE, all, 1) <= 0 &&
	       vfio_write(dev, port, MTTY_BAR_SIZE + 1, all, 1) <= 0,
	       "nothing is written at or past the end of the BAR");
	tap_is(vfio_write(dev, port, UART_SCR, "\x77z", 2), 1,
	       "a write across the end of the BAR is short");
	tap_is(uart_in(dev, port, UART_SCR), 0x77, "it writes the last register");
	tap_is(vfio_read(dev, port, UART_SCR, NULL, 1), -EFAULT, "a read to no memory says EFAULT");
	tap_is(vfio_write(dev, port, UART_SCR, NULL, 1), -EFAULT,
	       "a write from no memory says EFAULT");
	tap_is(uart_in(dev, port, UART_SCR), 0x77, "which changes nothing");
}

/* What Linux' driver looks for when it opens a port: enabled twice, reported twice. */
static void test_thre(struct device *dev, unsigned int port)
{
	unsigned int i;

	uart_set_up(dev, port, FIFO);
	for (i = 0; i < 2; i++) {
		uart_out(dev, port, UART_IER, UART_IER_THRI);
		tap_is(uart_in(dev, port, UART_IIR), IIR_FIFOS | UART_IIR_THRI,
		       "enabling THRI reports that the transmitter is empty");
		tap_is(uart_in(dev, port, UART_IIR), IIR_FIFOS | UART_IIR_NO_INT,
		       "reading IIR takes that back");
		uart_out(dev, port, UART_IER, 0);
	}
}

static void test_modem_lines(struct device *dev, unsigned int port)
{
	uart_set_up(dev, port, FIFO);
	tap_is(uart_in(dev, port, UART_MSR), UART_MSR_CTS | UART_MSR_DSR | UART_MSR_DCD,
	       "the plug wires RTS to CTS and DTR to DSR and DCD");
	uart_out(dev, port, UART_MCR, UART_MCR_DTR);
	tap_is(uart_in(dev, port, UART_MSR), UART_MSR_DSR | UART_MSR_DCD | UART_MSR_DCTS,
	       "RTS off takes CTS away and says so");
	uart_out(dev, port, UART_MCR, UART_MCR_LOOP | UART_MCR_OUT2 | UART_MCR_RTS);
	tap_is(uart_in(dev, port, UART_MSR) & 0xf0, UART_MSR_DCD | UART_MSR_CTS,
	       "in loopback mode OUT2 is DCD and RTS is CTS");
}

static void test_loopback(struct device *dev, unsigned int port)
{
	uart_set_up(dev, port, FIFO);
	uart_out(dev, port, UART_MCR, UART_MCR_LOOP);
	tap_is(uart_poll_bytes(dev, port, 256), 256, "256 bytes in loopback mode");
	uart_out(dev, port, UART_LCR, UART_LCR_WLEN8 | UART_LCR_SBC);
	tap_is(uart_in(dev, port, UART_LSR), LSR_IDLE, "a break does not come back there");
	tap_is(uart_poll_bytes(dev, port, 256), 256, "and bytes do during it");
	uart_out(dev, port, UART_MCR, UART_MCR_DTR | UART_MCR_RTS);
	tap_is(uart_in(dev, port, UART_LSR),
	       LSR_IDLE | UART_LSR_DR | UART_LSR_BI | UART_LSR_FE | UART_LSR_FIFOE,
	       "but by the plug, without a stop bit");
	tap_is(uart_in(dev, port, UART_RX), 0, "as a zero byte");
	tap_is(uart_in(dev, port, UART_LSR), LSR_IDLE, "once");
	uart_set_up(dev, port, FIFO);
}

static void test_bursts(struct device *dev, unsigned int port, const struct fcr_mode *mode)
{
	size_t burst, intact = 0;

	uart_set_up(dev, port, mode->fcr);
	for (burst = 1; burst <= 64; burst++)
		intact += uart_poll_bursts(dev, port, 3 * burst, burst) == 3 * burst;
	tap_is(intact, 64, "bursts of 1 to 64 bytes come back, %s", mode->name);
}

static void test_polled_stream(struct device *dev, unsigned int port)
{
	uart_set_up(dev, port, FIFO);
	tap_is(uart_poll_bytes(dev, port, STREAM_LENGTH), STREAM_LENGTH,
	       "100 kB come back, polled");
}

/*
 * A driver in interrupt mode. For each interrupt it serves one cause and unmasks, so that the
 * rest has to be raised again.
 */
struct driver {
	struct device *dev;
	unsigned int port;
	unsigned int room;
	int trigger;
	int unmask;
	size_t total;
	size_t sent;
	size_t received;
	unsigned int interrupts;
	bool wrong;
};

static void receive_while_ready(struct driver *driver)
{
	while (uart_in(driver->dev, driver->port, UART_LSR) & UART_LSR_DR) {
		if (uart_in(driver->dev, driver->port, UART_RX) != byte_at(driver->received++))
			driver->wrong = true;
	}
}

static void send_after_thre(struct driver *driver)
{
	unsigned int room = driver->room;

	while (room-- && driver->sent < driver->total)
		uart_out(driver->dev, driver->port, UART_TX, byte_at(driver->sent++));
}

static void serve(struct driver *driver)
{
	switch (uart_in(driver->dev, driver->port, UART_IIR) & IIR_SOURCE) {
	case UART_IIR_RDI:
	case UART_IIR_RX_TIMEOUT:
		receive_while_ready(driver);
		break;
	case UART_IIR_THRI:
		send_after_thre(driver);
		break;
	default:
		driver->wrong = true;
	}
}

/* By ioctl, or by the eventfd if there is one. */
static bool unmask(struct driver *driver)
{
	uint64_t one = 1;

	if (driver->unmask >= 0)
		return write(driver->unmask, &one, sizeof(one)) == sizeof(one);
	return !vfio_irq_act(driver->dev, UNMASK, INTX);
}

/* An interrupt masks itself, so it is never signalled twice. */
static bool next_interrupt(struct driver *driver)
{
	uint64_t signals = wait_signal(driver->trigger);

	if (signals != 1) {
		tap_note("%llu signals at once", (unsigned long long)signals);
		return false;
	}
	driver->interrupts++;
	serve(driver);
	return !driver->wrong && unmask(driver);
}

static void set_eventfd(const struct driver *driver, uint32_t action, int fd)
{
	if (fd >= 0 && vfio_irq_eventfd(driver->dev, action, INTX, fd))
		tap_bail_out("INTx does not take an eventfd");
}

/* Returns when all is received, or at the first fault. */
static void run(struct driver *driver)
{
	set_eventfd(driver, TRIGGER, driver->trigger);
	set_eventfd(driver, UNMASK, driver->unmask);
	uart_out(driver->dev, driver->port, UART_IER, UART_IER_RDI | UART_IER_THRI);
	while (driver->received < driver->total && next_interrupt(driver))
		;
	uart_out(driver->dev, driver->port, UART_IER, 0);
	vfio_irq_disable(driver->dev, INTX);
}

static void test_interrupt_stream(struct device *dev, unsigned int port,
				  const struct fcr_mode *mode, size_t total, bool unmask_by_eventfd)
{
	struct driver driver = {
		.dev = dev,
		.port = port,
		.room = mode->fcr & FIFO ? 16 : 1,
		.trigger = new_eventfd(),
		.unmask = unmask_by_eventfd ? new_eventfd() : -1,
		.total = total,
	};

	uart_set_up(dev, port, mode->fcr);
	run(&driver);
	tap_ok(!driver.wrong && driver.received == total,
	       "%zu bytes come back by interrupt, unmasked by %s, %s", total,
	       unmask_by_eventfd ? "eventfd" : "ioctl", mode->name);
	tap_note("%zu sent, %zu received, %u interrupts", driver.sent, driver.received,
		 driver.interrupts);
	close(driver.trigger);
	close(driver.unmask);
}

static void test_other_port(struct device *dev, unsigned int port)
{
	unsigned int other = !port;

	if (dev->kind->ports < 2) {
		tap_ok(true, "the other port sees nothing # SKIP the card has one port");
		return;
	}
	uart_set_up(dev, port, FIFO);
	uart_set_up(dev, other, FIFO);
	uart_out(dev, other, UART_SCR, 0x11);
	uart_out(dev, port, UART_SCR, 0x22);
	uart_out(dev, port, UART_TX, 'x');
	tap_ok(uart_in(dev, other, UART_LSR) == LSR_IDLE &&
	       uart_in(dev, other, UART_SCR) == 0x11, "the other port sees nothing");
	uart_in(dev, port, UART_RX);
}

static void on_each_port(struct device *dev, void (*test)(struct device *dev, unsigned int port))
{
	unsigned int port;

	for (port = 0; port < dev->kind->ports; port++)
		test(dev, port);
}

static void test_registers(struct device *dev, unsigned int port)
{
	test_identity(dev, port);
	test_stored_values(dev, port);
	test_accesses(dev, port);
	test_thre(dev, port);
	test_modem_lines(dev, port);
	test_loopback(dev, port);
	test_other_port(dev, port);
}

static void test_data(struct device *dev, unsigned int port)
{
	unsigned int i;

	for (i = 0; i < MODES; i++)
		test_bursts(dev, port, &modes[i]);
	test_polled_stream(dev, port);
	test_interrupt_stream(dev, port, &modes[0], STREAM_LENGTH / 16, false);
	test_interrupt_stream(dev, port, &modes[0], STREAM_LENGTH / 16, true);
	for (i = 1; i < MODES; i++)
		test_interrupt_stream(dev, port, &modes[i], STREAM_LENGTH, false);
	test_interrupt_stream(dev, port, &modes[MODES - 1], STREAM_LENGTH, true);
}

static void uart_registers(struct device *dev)
{
	on_each_port(dev, test_registers);
}

static void uart_data(struct device *dev)
{
	on_each_port(dev, test_data);
}

const struct check uart_checks[] = {
	CHECK(uart_registers, MTTY, "a driver finds a 16550A at each port"),
	CHECK(uart_data, MTTY | ALONE, "data comes back, polled and by interrupt"),
	{ 0 },
};
