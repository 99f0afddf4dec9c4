// SPDX-License-Identifier: GPL-2.0-only
/* A port by its registers: what a driver finds there, and that data comes back. */
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vfio-client-tap.h"
#include "vfio-client-tests.h"

#define FIFO		UART_FCR_ENABLE_FIFO
#define IIR_FIFOS	0xc0
#define IIR_SOURCE	0x0f
#define LSR_IDLE	(UART_LSR_THRE | UART_LSR_TEMT)
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

#define MODES (sizeof(modes) / sizeof(modes[0]))

static void test_identity(const struct mtty *mtty, unsigned int port)
{
	mtty_set_up_port(mtty, port, 0);
	tap_is(mtty_in(mtty, port, UART_IIR), UART_IIR_NO_INT, "no FIFOs before they are enabled");
	mtty_out(mtty, port, UART_FCR, FIFO);
	tap_is(mtty_in(mtty, port, UART_IIR) & 0xf0, IIR_FIFOS, "a 16550A: its FIFOs work");
	mtty_out(mtty, port, UART_LCR, UART_LCR_DLAB);
	mtty_out(mtty, port, UART_FCR, FIFO | UART_FCR7_64BYTE);
	tap_is(mtty_in(mtty, port, UART_IIR) & 0xf0, IIR_FIFOS, "no 16750: no FIFO of 64 bytes");
	mtty_out(mtty, port, UART_LCR, 0);
	mtty_out(mtty, port, UART_IER, 0xff);
	tap_is(mtty_in(mtty, port, UART_IER), 0x0f, "IER has four bits");
	mtty_out(mtty, port, UART_IER, 0);
	tap_is(mtty_in(mtty, port, UART_IER), 0, "IER can be cleared");
}

static void test_stored_values(const struct mtty *mtty, unsigned int port)
{
	unsigned int value, scratch = 0, lcr = 0;

	for (value = 0; value < 256; value++) {
		mtty_out(mtty, port, UART_SCR, (uint8_t)value);
		scratch += mtty_in(mtty, port, UART_SCR) == value;
		mtty_out(mtty, port, UART_LCR, (uint8_t)value);
		lcr += mtty_in(mtty, port, UART_LCR) == value;
	}
	tap_is(scratch, 256, "the scratch register keeps every value");
	tap_is(lcr, 256, "LCR keeps every value");

	mtty_out(mtty, port, UART_LCR, UART_LCR_DLAB);
	mtty_out(mtty, port, UART_DLL, 0x34);
	mtty_out(mtty, port, UART_DLM, 0x12);
	tap_is(mtty_in(mtty, port, UART_DLL) | mtty_in(mtty, port, UART_DLM) << 8, 0x1234,
	       "the divisor is kept");
	mtty_out(mtty, port, UART_LCR, UART_LCR_WLEN8);
	mtty_set_up_port(mtty, port, FIFO);
}

static void test_accesses(const struct mtty *mtty, unsigned int port)
{
	uint8_t all[2 * MTTY_BAR_SIZE];

	mtty_out(mtty, port, UART_SCR, 0x5a);
	tap_is(vfio_client_read(&mtty->client, port, 0, all, sizeof(all)), MTTY_BAR_SIZE,
	       "a read across the end of the BAR is short");
	tap_ok(all[UART_LCR] == UART_LCR_WLEN8 && all[UART_LSR] == LSR_IDLE && all[UART_SCR] == 0x5a,
	       "it reads the registers one by one");
	tap_ok(vfio_client_read(&mtty->client, port, MTTY_BAR_SIZE, all, 1) <= 0 &&
	       vfio_client_read(&mtty->client, port, MTTY_BAR_SIZE + 1, all, 1) <= 0,
	       "nothing is read at or past the end of the BAR");
	tap_ok(vfio_client_write(&mtty->client, port, MTTY_BAR_SIZE, all, 1) <= 0 &&
	       vfio_client_write(&mtty->client, port, MTTY_BAR_SIZE + 1, all, 1) <= 0,
	       "nothing is written at or past the end of the BAR");
	tap_is(vfio_client_write(&mtty->client, port, UART_SCR, "\x77z", 2), 1,
	       "a write across the end of the BAR is short");
	tap_is(mtty_in(mtty, port, UART_SCR), 0x77, "it writes the last register");
	tap_is(vfio_client_read(&mtty->client, port, UART_SCR, NULL, 1), -EFAULT,
	       "a read to no memory says EFAULT");
	tap_is(vfio_client_write(&mtty->client, port, UART_SCR, NULL, 1), -EFAULT,
	       "a write from no memory says EFAULT");
	tap_is(mtty_in(mtty, port, UART_SCR), 0x77, "which changes nothing");
}

/* What Linux' driver looks for when it opens a port: enabled twice, reported twice. */
static void test_thre(const struct mtty *mtty, unsigned int port)
{
	unsigned int i;

	mtty_set_up_port(mtty, port, FIFO);
	for (i = 0; i < 2; i++) {
		mtty_out(mtty, port, UART_IER, UART_IER_THRI);
		tap_is(mtty_in(mtty, port, UART_IIR), IIR_FIFOS | UART_IIR_THRI,
		       "enabling THRI reports that the transmitter is empty");
		tap_is(mtty_in(mtty, port, UART_IIR), IIR_FIFOS | UART_IIR_NO_INT,
		       "reading IIR takes that back");
		mtty_out(mtty, port, UART_IER, 0);
	}
}

static void test_modem_lines(const struct mtty *mtty, unsigned int port)
{
	mtty_set_up_port(mtty, port, FIFO);
	tap_is(mtty_in(mtty, port, UART_MSR), UART_MSR_CTS | UART_MSR_DSR | UART_MSR_DCD,
	       "the plug wires RTS to CTS and DTR to DSR and DCD");
	mtty_out(mtty, port, UART_MCR, UART_MCR_DTR);
	tap_is(mtty_in(mtty, port, UART_MSR), UART_MSR_DSR | UART_MSR_DCD | UART_MSR_DCTS,
	       "RTS off takes CTS away and says so");
	mtty_out(mtty, port, UART_MCR, UART_MCR_LOOP | UART_MCR_OUT2 | UART_MCR_RTS);
	tap_is(mtty_in(mtty, port, UART_MSR) & 0xf0, UART_MSR_DCD | UART_MSR_CTS,
	       "in loopback mode OUT2 is DCD and RTS is CTS");
}

static void test_loopback(const struct mtty *mtty, unsigned int port)
{
	mtty_set_up_port(mtty, port, FIFO);
	mtty_out(mtty, port, UART_MCR, UART_MCR_LOOP);
	tap_is((long long)mtty_poll_bytes(mtty, port, 256), 256, "256 bytes in loopback mode");
	mtty_out(mtty, port, UART_LCR, UART_LCR_WLEN8 | UART_LCR_SBC);
	tap_is(mtty_in(mtty, port, UART_LSR), LSR_IDLE, "a break does not come back there");
	tap_is((long long)mtty_poll_bytes(mtty, port, 256), 256, "and bytes do during it");
	mtty_out(mtty, port, UART_MCR, UART_MCR_DTR | UART_MCR_RTS);
	tap_is(mtty_in(mtty, port, UART_LSR),
	       LSR_IDLE | UART_LSR_DR | UART_LSR_BI | UART_LSR_FE | UART_LSR_FIFOE,
	       "but by the plug, without a stop bit");
	tap_is(mtty_in(mtty, port, UART_RX), 0, "as a zero byte");
	tap_is(mtty_in(mtty, port, UART_LSR), LSR_IDLE, "once");
	mtty_set_up_port(mtty, port, FIFO);
}

static void test_bursts(const struct mtty *mtty, unsigned int port, const struct fcr_mode *mode)
{
	size_t burst, intact = 0;

	mtty_set_up_port(mtty, port, mode->fcr);
	for (burst = 1; burst <= 64; burst++)
		intact += mtty_poll_bursts(mtty, port, 3 * burst, burst) == 3 * burst;
	tap_is((long long)intact, 64, "bursts of 1 to 64 bytes come back, %s", mode->name);
}

static void test_polled_stream(const struct mtty *mtty, unsigned int port)
{
	mtty_set_up_port(mtty, port, FIFO);
	tap_is((long long)mtty_poll_bytes(mtty, port, STREAM_LENGTH), STREAM_LENGTH,
	       "100 kB come back, polled");
}

/*
 * A driver in interrupt mode. For each interrupt it serves one cause and unmasks, so that the
 * rest has to be raised again.
 */
struct driver {
	const struct mtty *mtty;
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
	while (mtty_in(driver->mtty, driver->port, UART_LSR) & UART_LSR_DR) {
		if (mtty_in(driver->mtty, driver->port, UART_RX) !=
		    mtty_byte_at(driver->received++))
			driver->wrong = true;
	}
}

static void send_after_thre(struct driver *driver)
{
	unsigned int room = driver->room;

	while (room-- && driver->sent < driver->total)
		mtty_out(driver->mtty, driver->port, UART_TX, mtty_byte_at(driver->sent++));
}

static void serve(struct driver *driver)
{
	switch (mtty_in(driver->mtty, driver->port, UART_IIR) & IIR_SOURCE) {
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
	return !vfio_client_irq_act(&driver->mtty->client, VFIO_IRQ_SET_ACTION_UNMASK,
				    VFIO_PCI_INTX_IRQ_INDEX);
}

/* An interrupt masks itself, so it is never signalled twice. */
static bool next_interrupt(struct driver *driver)
{
	uint64_t signals = vfio_client_wait(driver->trigger);

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
	if (fd >= 0 && vfio_client_irq_eventfd(&driver->mtty->client, action,
					       VFIO_PCI_INTX_IRQ_INDEX, fd))
		tap_bail_out("INTx does not take an eventfd");
}

/* Returns when all is received, or at the first fault. */
static void run(struct driver *driver)
{
	set_eventfd(driver, VFIO_IRQ_SET_ACTION_TRIGGER, driver->trigger);
	set_eventfd(driver, VFIO_IRQ_SET_ACTION_UNMASK, driver->unmask);
	mtty_out(driver->mtty, driver->port, UART_IER, UART_IER_RDI | UART_IER_THRI);
	while (driver->received < driver->total && next_interrupt(driver))
		;
	mtty_out(driver->mtty, driver->port, UART_IER, 0);
	vfio_client_irq_disable(&driver->mtty->client, VFIO_PCI_INTX_IRQ_INDEX);
}

static void test_interrupt_stream(const struct mtty *mtty, unsigned int port,
				  const struct fcr_mode *mode, size_t total, bool unmask_by_eventfd)
{
	struct driver driver = {
		.mtty = mtty,
		.port = port,
		.room = mode->fcr & FIFO ? 16 : 1,
		.trigger = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.unmask = unmask_by_eventfd ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1,
		.total = total,
	};

	mtty_set_up_port(mtty, port, mode->fcr);
	run(&driver);
	tap_ok(!driver.wrong && driver.received == total,
	       "%zu bytes come back by interrupt, unmasked by %s, %s", total,
	       unmask_by_eventfd ? "eventfd" : "ioctl", mode->name);
	tap_note("%zu sent, %zu received, %u interrupts", driver.sent, driver.received,
		 driver.interrupts);
	close(driver.trigger);
	if (driver.unmask >= 0)
		close(driver.unmask);
}

static void test_other_port(const struct mtty *mtty, unsigned int port)
{
	unsigned int other = !port;

	if (mtty->expected->ports < 2) {
		tap_skip("the card has one port", "the other port sees nothing");
		return;
	}
	mtty_set_up_port(mtty, port, FIFO);
	mtty_set_up_port(mtty, other, FIFO);
	mtty_out(mtty, other, UART_SCR, 0x11);
	mtty_out(mtty, port, UART_SCR, 0x22);
	mtty_out(mtty, port, UART_TX, 'x');
	tap_ok(mtty_in(mtty, other, UART_LSR) == LSR_IDLE &&
	       mtty_in(mtty, other, UART_SCR) == 0x11, "the other port sees nothing");
	mtty_in(mtty, port, UART_RX);
}

void test_uart(struct mtty *mtty, unsigned int port)
{
	unsigned int i;

	test_identity(mtty, port);
	test_stored_values(mtty, port);
	test_accesses(mtty, port);
	test_thre(mtty, port);
	test_modem_lines(mtty, port);
	test_loopback(mtty, port);
	test_other_port(mtty, port);
	for (i = 0; i < MODES; i++)
		test_bursts(mtty, port, &modes[i]);
	test_polled_stream(mtty, port);
	test_interrupt_stream(mtty, port, &modes[0], STREAM_LENGTH / 16, false);
	test_interrupt_stream(mtty, port, &modes[0], STREAM_LENGTH / 16, true);
	for (i = 1; i < MODES; i++)
		test_interrupt_stream(mtty, port, &modes[i], STREAM_LENGTH, false);
	test_interrupt_stream(mtty, port, &modes[MODES - 1], STREAM_LENGTH, true);
}
