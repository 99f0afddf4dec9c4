// SPDX-License-Identifier: GPL-2.0-only
/*
 * A port in host mode from both of its ends: the guest's by registers, the host's by the
 * terminal. In one thread, so that what each end does is in a known order.
 */

#include "mtty.h"
#include "util/clock.h"

#define STREAM_LENGTH	(100 * 1024)

/* More than a terminal keeps for its reader, and what is sent after it began to read. */
#define LIMIT		(1024 * 1024)
#define EXTRA		(16 * 1024)
#define UNREAD_LENGTH	(64 * 1024)

/* For what must not come. */
#define QUIET_MS	50

static int modem(const struct ends *ends)
{
	int lines = 0;

	ioctl(ends->tty, TIOCMGET, &lines);
	return lines;
}

static void test_lines(const struct ends *ends)
{
	int lines = TIOCM_DTR;

	ends_set_up(ends, 0, CS8);
	tap_is(modem(ends), TIOCM_DTR | TIOCM_RTS | TIOCM_DSR | TIOCM_CAR | TIOCM_CTS,
	       "the terminal sees the guest's DTR and RTS");
	guest_out(ends, UART_MCR, UART_MCR_RTS);
	tap_is(modem(ends), TIOCM_DTR | TIOCM_RTS | TIOCM_CTS, "and that DTR goes off");
	tap_is(guest_in(ends, UART_MSR), UART_MSR_DSR | UART_MSR_DCD | UART_MSR_CTS,
	       "the guest sees the terminal's");
	ioctl(ends->tty, TIOCMBIC, &lines);
	tap_is(guest_in(ends, UART_MSR), UART_MSR_CTS | UART_MSR_DDSR | UART_MSR_DDCD,
	       "and that DTR goes off, which it is told");
	ioctl(ends->tty, TIOCMBIS, &lines);
	guest_in(ends, UART_MSR);
	guest_out(ends, UART_MCR, UART_MCR_LOOP | UART_MCR_DTR | UART_MCR_RTS);
	tap_is(modem(ends), TIOCM_DTR | TIOCM_RTS, "loopback mode takes the guest's off");
}

static void test_breaks(const struct ends *ends)
{
	ends_set_up(ends, PARMRK, CS8);
	guest_out(ends, UART_TX, 'a');
	guest_out(ends, UART_LCR, UART_LCR_WLEN8 | UART_LCR_SBC);
	guest_out(ends, UART_LCR, UART_LCR_WLEN8);
	guest_out(ends, UART_TX, 'b');
	tap_ok(tty_hears(ends, "a\377\0\0b", 5), "the terminal hears a break of the guest");
	ioctl(ends->tty, TIOCSBRK);
	tap_ok(guest_hears(ends, UART_LSR_BI | UART_LSR_FE, 0), "the guest one of the terminal");
	tty_says(ends, "c");
	tap_is(guest_in(ends, UART_LSR), LSR_IDLE, "nothing arrives while it lasts");
	ioctl(ends->tty, TIOCCBRK);
	tap_ok(guest_hears(ends, 0, 'c'), "but what was sent does afterwards");
}

/* 'C' has an odd number of ones in seven bits, so that even parity is a one. */
static void test_settings(const struct ends *ends)
{
	ends_set_up(ends, 0, CS7 | PARENB);
	tty_says(ends, "C");
	tap_ok(guest_hears(ends, 0, 'C' | 0x80), "7e1 is heard as 8n1 with the parity bit on top");
	ends_set_up(ends, PARMRK | INPCK, CS7 | PARENB);
	guest_out(ends, UART_TX, 'C');
	tap_ok(tty_hears(ends, "\377\0C", 3), "a parity error that the terminal finds");
	guest_out(ends, UART_TX, 'C' | 0x80);
	tap_ok(tty_hears(ends, "C", 1), "and does not where there is none");
	ends_set_up(ends, 0, CS8 | PARENB | PARODD);
	tty_says(ends, "C");
	tap_ok(guest_hears(ends, UART_LSR_FE, 'C'), "a framing error that the guest finds");
	guest_out(ends, UART_LCR, UART_LCR_WLEN8 | UART_LCR_PARITY | UART_LCR_EPAR);
	tty_says(ends, "C");
	tap_ok(guest_hears(ends, UART_LSR_PE, 'C'), "a parity error that it finds");
}

static void test_interrupt(const struct ends *ends)
{
	int fd = listen_to(ends->dev, INTX);

	ends_set_up(ends, 0, CS8);
	guest_out(ends, UART_IER, UART_IER_RDI);
	tap_is(signals(fd), 0, "no interrupt before there is data");
	tty_says(ends, "i");
	tap_is(wait_signal(fd), 1, "what the terminal sends interrupts the guest");
	guest_out(ends, UART_IER, 0);
	vfio_irq_disable(ends->dev, INTX);
	close(fd);
}

static void test_loopback_mode(const struct ends *ends)
{
	ends_set_up(ends, 0, CS8);
	guest_out(ends, UART_MCR, UART_MCR_LOOP);
	tty_says(ends, "w");
	guest_out(ends, UART_TX, 'l');
	tap_ok(guest_hears(ends, 0, 'l'), "in loopback mode the guest hears itself");
	tap_ok(!tty_ready(ends, POLLIN, QUIET_MS), "and the terminal nothing");
	tap_ok(tty_drains(ends), "what the terminal sent does not wait");
	guest_out(ends, UART_MCR, UART_MCR_DTR | UART_MCR_RTS);
	tap_is(guest_in(ends, UART_LSR), LSR_IDLE, "and is lost: the receiver was not connected");
	ends_set_up(ends, 0, CS8 | CRTSCTS);
	guest_out(ends, UART_MCR, UART_MCR_LOOP | UART_MCR_RTS);
	tty_says(ends, "c");
	guest_out(ends, UART_MCR, UART_MCR_DTR | UART_MCR_RTS);
	tap_ok(guest_hears(ends, 0, 'c'), "but not with CRTSCTS: RTS was off at the connector");
}

static void test_hardware_flow_control(const struct ends *ends)
{
	ends_set_up(ends, 0, CS8 | CRTSCTS);
	guest_out(ends, UART_MCR, UART_MCR_DTR);
	tty_says(ends, "r");
	tap_is(guest_in(ends, UART_LSR), LSR_IDLE, "CRTSCTS: the terminal waits for the guest's RTS");
	guest_out(ends, UART_MCR, UART_MCR_DTR | UART_MCR_RTS);
	tap_ok(guest_hears(ends, 0, 'r'), "and goes on with it");
}

static void test_software_flow_control(const struct ends *ends)
{
	ends_set_up(ends, IXON, CS8);
	guest_out(ends, UART_TX, XOFF);
	/* Behind the XOFF, so once it is there the XOFF has done its work. */
	guest_out(ends, UART_TX, 'x');
	tap_ok(tty_hears(ends, "x", 1), "XOFF is not heard");
	tty_says(ends, "s");
	tap_is(guest_in(ends, UART_LSR), LSR_IDLE, "but stops the terminal");
	guest_out(ends, UART_TX, XON);
	guest_out(ends, UART_TX, 'y');
	tap_ok(tty_hears(ends, "y", 1) && guest_hears(ends, 0, 's'), "until XON");
}

/* More than the terminal keeps, and nobody waits for it. */
static bool goes_at_once(const struct ends *ends)
{
	size_t sent = 0;

	while (sent < STREAM_LENGTH && tty_says(ends, "abcd"))
		sent += 4;
	return sent >= STREAM_LENGTH && tty_drains(ends);
}

static void reset_guest(const struct ends *ends)
{
	if (vfio_reset(ends->dev))
		tap_bail_out("the device cannot be reset");
}

static void test_guest_that_is_not_set_up(const struct ends *ends)
{
	ends_set_up(ends, 0, CS8);
	reset_guest(ends);
	tap_ok(goes_at_once(ends), "nobody waits for a guest that has not set up its port");
	ioctl(ends->tty, TIOCSBRK);
	ioctl(ends->tty, TIOCCBRK);
	tap_is(guest_in(ends, UART_LSR), LSR_IDLE, "which hears nothing");
	ends_set_up(ends, 0, CS8 | CRTSCTS);
	reset_guest(ends);
	tap_ok(goes_at_once(ends), "nor with CRTSCTS");
	ends_set_up(ends, IXON, CS8);
	guest_out(ends, UART_TX, XOFF);
	guest_out(ends, UART_TX, 'x');
	tap_ok(tty_hears(ends, "x", 1) && tty_says(ends, "held"), "XOFF holds the terminal");
	reset_guest(ends);
	tap_ok(goes_at_once(ends), "but not for a guest that is reset: that cannot send XON");
}

/* As Linux leaves a port that is closed. */
static void test_guest_that_does_not_read(const struct ends *ends)
{
	unsigned int i, intact = 0;

	ends_set_up(ends, 0, CS8);
	guest_out(ends, UART_MCR, 0);
	guest_out(ends, UART_LCR, UART_LCR_DLAB);
	guest_out(ends, UART_DLL, 1);
	guest_out(ends, UART_LCR, UART_LCR_WLEN8);
	tap_ok(goes_at_once(ends), "nobody waits for a guest that does not read");
	tap_is(guest_in(ends, UART_LSR), LSR_IDLE | UART_LSR_DR | UART_LSR_OE, "its receiver is overrun");
	for (i = 0; i < 16; i++)
		intact += guest_in(ends, UART_RX) == "abcd"[i % 4];
	tap_is(intact, 16, "and has the first 16 characters");
	ends_set_up(ends, 0, CS8 | CRTSCTS);
	guest_out(ends, UART_MCR, 0);
	tty_says(ends, "r");
	tap_is(guest_in(ends, UART_LSR), LSR_IDLE, "CRTSCTS: the terminal waits for its RTS");
	guest_out(ends, UART_MCR, UART_MCR_RTS);
	tap_ok(guest_hears(ends, 0, 'r'), "and goes on with it");
}

static void test_guest_that_goes(const struct ends *ends)
{
	ends_set_up(ends, IXON, CS8 | CRTSCTS);
	guest_out(ends, UART_TX, XOFF);
	guest_out(ends, UART_TX, 'x');
	tap_ok(tty_hears(ends, "x", 1) && tty_says(ends, "held"), "XOFF holds the terminal");
	vfio_close(ends->dev);
	tap_ok(goes_at_once(ends), "but not when the guest has gone");
	equal(vfio_open(ends->dev), 0);
	ends_set_up(ends, 0, CS8);
	tty_says(ends, "n");
	tap_ok(guest_hears(ends, 0, 'n'), "the next guest hears nothing of that");
}

/* As a console does it, with more patience. */
static bool guest_can_send(const struct ends *ends)
{
	uint64_t end = clock_ms() + TTY_WAIT_MS;

	while (!(guest_in(ends, UART_LSR) & UART_LSR_THRE))
		if (clock_ms() > end)
			return false;
	return true;
}

static size_t read_intact(const struct ends *ends, size_t total)
{
	size_t got = 0, intact = 0;
	uint8_t bytes[4096];
	ssize_t i, count;

	while (got < total && tty_ready(ends, POLLIN, TTY_WAIT_MS)) {
		count = read(ends->tty, bytes, sizeof(bytes));
		for (i = 0; i < count; i++)
			intact += bytes[i] == byte_at(got++);
	}
	return intact;
}

/* The guest's console must not come to a stand because nobody looks at it. */
static void test_unread_terminal(const struct ends *ends)
{
	struct serial_icounter_struct before, after;
	size_t sent = 0, lost;
	uint64_t start;

	ends_set_up(ends, 0, CS8);
	before = tty_counters(ends);
	start = clock_ms();
	while (sent < UNREAD_LENGTH && guest_can_send(ends))
		guest_out(ends, UART_TX, byte_at(sent++));
	tap_is(sent, UNREAD_LENGTH, "a terminal that nobody reads lets the guest send");
	tap_note("%zu bytes in %llu ms", sent, (unsigned long long)(clock_ms() - start));
	after = tty_counters(ends);
	lost = (size_t)(after.buf_overrun - before.buf_overrun);
	tap_is(after.rx - before.rx, sent, "the terminal has counted them");
	tap_ok(lost > 0 && lost < sent, "and those that it had no room for");
	tap_is(read_intact(ends, sent - lost), (sent - lost),
	       "the others are intact, one after the other");
	guest_out(ends, UART_TX, 'z');
	tap_ok(tty_hears(ends, "z", 1), "and so is what is sent once it reads");
}

/* The guest sends what it may until the terminal has had it all, which starts late. */
static void test_slow_terminal(const struct ends *ends)
{
	struct serial_icounter_struct start;
	size_t sent = 0, got = 0, intact = 0, before, i;
	uint8_t bytes[4096];
	ssize_t count;

	ends_set_up(ends, 0, CS8 | CRTSCTS);
	start = tty_counters(ends);
	while (sent < LIMIT && guest_in(ends, UART_LSR) & UART_LSR_THRE)
		guest_out(ends, UART_TX, byte_at(sent++));
	before = sent;
	tap_ok(before < LIMIT, "CRTSCTS: a terminal that does not read stops the guest");
	while (got < before + EXTRA && tty_ready(ends, POLLIN, TTY_WAIT_MS)) {
		count = read(ends->tty, bytes, sizeof(bytes));
		for (i = 0; count > 0 && i < (size_t)count; i++)
			intact += bytes[i] == byte_at(got++);
		while (sent < before + EXTRA && guest_in(ends, UART_LSR) & UART_LSR_THRE)
			guest_out(ends, UART_TX, byte_at(sent++));
	}
	tap_is(intact, sent, "when it reads, nothing has been lost");
	tap_is(tty_counters(ends).buf_overrun, start.buf_overrun, "as the terminal's counter says");
	tap_note("%zu bytes before it read", before);
}

/* The terminal sends what it may before the guest reads anything. */
static void test_slow_guest(const struct ends *ends)
{
	size_t sent = 0, got = 0, intact = 0;
	uint8_t byte;

	ends_set_up(ends, 0, CS8);
	while (byte = byte_at(sent), write(ends->tty, &byte, 1) == 1)
		sent++;
	tap_ok(errno == EAGAIN && sent >= 16, "a guest that does not read stops the terminal");
	tap_ok(!tty_ready(ends, POLLOUT, 0), "which cannot write then");
	tap_note("%zu bytes before it read", sent);
	while (guest_in(ends, UART_LSR) & UART_LSR_DR)
		intact += guest_in(ends, UART_RX) == byte_at(got++);
	tap_is(intact, sent, "when it reads, nothing has been lost");
	tap_ok(tty_ready(ends, POLLOUT, TTY_WAIT_MS), "and the terminal can write again");
}

/* Both ways at once: how far either end of either way is. */
struct streams {
	size_t total, intact;
	size_t sent, received;
	size_t tty_sent, tty_received;
};

static void run_guest(const struct ends *ends, struct streams *streams, unsigned int room)
{
	uint8_t lsr;

	while ((lsr = guest_in(ends, UART_LSR)) & UART_LSR_DR)
		streams->intact += guest_in(ends, UART_RX) == byte_at(streams->received++);
	while (lsr & UART_LSR_THRE && room-- && streams->sent < streams->total)
		guest_out(ends, UART_TX, byte_at(streams->sent++));
}

static void run_tty(const struct ends *ends, struct streams *streams)
{
	uint8_t bytes[256];
	ssize_t count;
	size_t i;

	count = read(ends->tty, bytes, sizeof(bytes));
	for (i = 0; count > 0 && i < (size_t)count; i++)
		streams->intact += bytes[i] == byte_at(streams->tty_received++);
	for (i = 0; i < sizeof(bytes) && streams->tty_sent + i < streams->total; i++)
		bytes[i] = byte_at(streams->tty_sent + i);
	count = i ? write(ends->tty, bytes, i) : 0;
	if (count > 0)
		streams->tty_sent += (size_t)count;
}

static void test_streams(const struct ends *ends, uint8_t fcr, size_t total)
{
	struct streams streams = { .total = total };
	unsigned int room = fcr & FIFO ? 16 : 1;

	ends_set_up(ends, 0, CS8);
	guest_out(ends, UART_FCR, fcr);
	while (streams.received < total || streams.tty_received < total) {
		run_guest(ends, &streams, room);
		run_tty(ends, &streams);
		if (streams.sent == total && streams.received == total &&
		    streams.tty_received < total && !tty_ready(ends, POLLIN, TTY_WAIT_MS))
			break;
	}
	tap_is(streams.intact, 2 * total, "%zu bytes each way at once, %s FIFOs",
	       total, fcr ? "with" : "without");
}

static void test_closed_terminal(struct ends *ends)
{
	size_t sent = 0;

	ends_set_up(ends, 0, CS8 | HUPCL);
	close(ends->tty);
	tap_is(guest_in(ends, UART_MSR) & 0xf0, 0, "a terminal that is closed has no line on");
	while (sent < STREAM_LENGTH && guest_in(ends, UART_LSR) & UART_LSR_THRE)
		guest_out(ends, UART_TX, byte_at(sent++));
	tap_is(sent, STREAM_LENGTH, "and does not hold the guest up");
	ends->tty = tty_open(ends->dev, ends->port);
	tap_ok(!tty_ready(ends, POLLIN, QUIET_MS), "opened again, it hears nothing of that");
	tap_is(guest_in(ends, UART_MSR) & 0xf0, UART_MSR_DSR | UART_MSR_DCD | UART_MSR_CTS,
	       "and has its lines on");
}

static void tty(struct device *dev)
{
	unsigned int port = dev->kind->ports - 1;
	struct ends ends = { dev, port, tty_open(dev, port) };

	test_lines(&ends);
	test_breaks(&ends);
	test_settings(&ends);
	test_interrupt(&ends);
	test_loopback_mode(&ends);
	test_hardware_flow_control(&ends);
	test_software_flow_control(&ends);
	test_guest_that_is_not_set_up(&ends);
	test_guest_that_does_not_read(&ends);
	test_guest_that_goes(&ends);
	test_unread_terminal(&ends);
	test_slow_terminal(&ends);
	test_slow_guest(&ends);
	test_streams(&ends, 0, STREAM_LENGTH / 16);
	test_streams(&ends, FIFO | UART_FCR_TRIGGER_14, STREAM_LENGTH);
	test_closed_terminal(&ends);
	close(ends.tty);
}

const struct check end_checks[] = {
	CHECK(tty, MTTY | ALONE, "guest and terminal talk in data, breaks, errors and modem lines"),
	CHECK(serial, MTTY | ALONE, "the terminal answers what serial programs ask"),
	{ 0 },
};
