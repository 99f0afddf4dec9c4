// SPDX-License-Identifier: GPL-2.0-only
/*
 * What serial programs ask of a terminal beyond termios: ioctls, flow control by the host,
 * hangups. Where one waits for what the guest does, it is a child.
 */
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "mtty.h"

#define LIMIT	(1024 * 1024)
#define NOBODY	65534

#define PARITY_EVEN	(UART_LCR_WLEN8 | UART_LCR_PARITY | UART_LCR_EPAR)

/* The kernel's flags of a struct serial_struct: these two belong to the rate. */
#define SPD_VHI		0x20
#define LOW_LATENCY	0x2000
#define WAIT_NONE	65535
#define WAIT_ENDLESS	0

static void pause_briefly(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

/* A child's exit status is what waits() gives, as an errno. */
static pid_t start(const struct ends *ends, int (*waits)(const struct ends *ends))
{
	pid_t pid = fork();

	if (pid < 0)
		tap_bail_out("no child: %s", strerror(errno));
	if (!pid)
		_exit(waits(ends));
	return pid;
}

/* Returns when it is in that system call, and sleeps there. */
static void await_call(pid_t pid, long call)
{
	unsigned int tries = TTY_WAIT_MS;
	char path[32], text[32];
	long number = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/syscall", (int)pid);
	while (number != call && tries--) {
		pause_briefly();
		file = fopen(path, "r");
		number = -1;
		if (file && fgets(text, sizeof(text), file))
			sscanf(text, "%ld", &number);
		if (file)
			fclose(file);
	}
	if (number != call)
		tap_bail_out("the child does not wait");
}

/* The errno that it ended with, -1 for none in time. */
static int ended(pid_t pid)
{
	unsigned int tries = TTY_WAIT_MS;
	int status;

	while (tries--) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		pause_briefly();
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return -1;
}

static bool waits_still(pid_t pid)
{
	return !waitpid(pid, NULL, WNOHANG);
}

static void test_counters(const struct ends *ends)
{
	struct serial_icounter_struct before, now;
	int lines = TIOCM_DTR;

	ends_set_up(ends, 0, CS7 | PARENB);
	before = tty_counters(ends);
	/* The terminal takes the eighth bit for the parity bit, and that for a stop bit. */
	guest_out(ends, UART_LCR, PARITY_EVEN);
	guest_out(ends, UART_TX, 'C');
	guest_out(ends, UART_TX, 'A');
	guest_out(ends, UART_LCR, PARITY_EVEN | UART_LCR_SBC);
	guest_out(ends, UART_LCR, PARITY_EVEN);
	tty_says(ends, "abc");
	now = tty_counters(ends);
	tap_is(now.rx - before.rx, 3, "characters that arrived are counted");
	tap_is(now.tx - before.tx, 3, "those that left");
	tap_is(now.parity - before.parity, 1, "wrong parity");
	tap_is(now.frame - before.frame, 1, "missing stop bits");
	tap_is(now.brk - before.brk, 1, "breaks");

	ends_set_up(ends, 0, CS8);
	before = tty_counters(ends);
	guest_out(ends, UART_MCR, UART_MCR_DTR);
	guest_out(ends, UART_MCR, 0);
	guest_out(ends, UART_MCR, UART_MCR_RTS | UART_MCR_OUT1 | UART_MCR_OUT2);
	ioctl(ends->tty, TIOCMBIC, &lines);
	ioctl(ends->tty, TIOCMBIS, &lines);
	now = tty_counters(ends);
	tap_is(now.cts - before.cts, 2, "both changes of the guest's RTS");
	tap_ok(now.dsr - before.dsr == 1 && now.dcd - before.dcd == 1, "the one of its DTR");
	tap_ok(!now.rng && !now.overrun, "RI is not on the cable, and nothing overruns it");
}

static int wait_for_dtr(const struct ends *ends)
{
	return ioctl(ends->tty, TIOCMIWAIT, TIOCM_DSR) ? errno : 0;
}

static int wait_for_rts(const struct ends *ends)
{
	return ioctl(ends->tty, TIOCMIWAIT, TIOCM_CTS | TIOCM_RNG) ? errno : 0;
}

static void test_waiting_for_lines(const struct ends *ends)
{
	pid_t dtr, rts;

	ends_set_up(ends, 0, CS8);
	dtr = start(ends, wait_for_dtr);
	rts = start(ends, wait_for_rts);
	await_call(dtr, SYS_ioctl);
	await_call(rts, SYS_ioctl);
	guest_out(ends, UART_MCR, UART_MCR_RTS);
	tap_is(ended(dtr), 0, "who waits for DTR is told");
	tap_ok(waits_still(rts), "and who waits for RTS waits on");
	/* There and back is a change, too. */
	guest_out(ends, UART_MCR, 0);
	guest_out(ends, UART_MCR, UART_MCR_RTS);
	tap_is(ended(rts), 0, "until it has changed, if only for a moment");
	dtr = start(ends, wait_for_dtr);
	await_call(dtr, SYS_ioctl);
	kill(dtr, SIGTERM);
	tap_is(ended(dtr), -1, "a signal ends it");
}

static int open_anew(const struct ends *ends)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends->tty);
	return open(path, O_RDWR | O_NOCTTY) < 0 ? errno : 0;
}

static void want_carrier(const struct ends *ends)
{
	struct termios mode;

	ends_set_up(ends, 0, CS8);
	tcgetattr(ends->tty, &mode);
	mode.c_cflag &= ~(tcflag_t)CLOCAL;
	tcsetattr(ends->tty, TCSANOW, &mode);
}

/* Without CLOCAL. The terminal is opened again after each. */
static void test_carrier(struct ends *ends)
{
	pid_t child;
	char byte;

	want_carrier(ends);
	guest_out(ends, UART_MCR, 0);
	tap_ok(tty_ready(ends, POLLHUP, TTY_WAIT_MS), "a guest that drops DTR hangs it up");
	tap_is(read(ends->tty, &byte, 1), 0, "which is at its end then");
	close(ends->tty);

	ends->tty = tty_open(ends->dev, ends->port);
	child = start(ends, open_anew);
	await_call(child, SYS_openat);
	tap_ok(waits_still(child), "who opens it waits for the guest's DTR");
	guest_out(ends, UART_MCR, UART_MCR_DTR);
	tap_is(ended(child), 0, "and has it then");

	child = start(ends, wait_for_rts);
	await_call(child, SYS_ioctl);
	guest_out(ends, UART_MCR, 0);
	tap_is(ended(child), EIO, "a hangup ends waiting for modem lines");
	close(ends->tty);

	ends->tty = tty_open(ends->dev, ends->port);
	ends_set_up(ends, 0, CS8);
	guest_out(ends, UART_MCR, 0);
	guest_out(ends, UART_TX, 'l');
	tap_ok(tty_hears(ends, "l", 1), "CLOCAL: the terminal stays");
}

static struct serial_struct serial_of(const struct ends *ends)
{
	struct serial_struct serial = { 0 };

	if (ioctl(ends->tty, TIOCGSERIAL, &serial))
		tap_bail_out("TIOCGSERIAL: %s", strerror(errno));
	return serial;
}

static int set_serial(const struct ends *ends, const struct serial_struct *serial)
{
	return ioctl(ends->tty, TIOCSSERIAL, serial) ? errno : 0;
}

static void set_closing_wait(const struct ends *ends, unsigned short wait)
{
	struct serial_struct serial = serial_of(ends);

	serial.closing_wait = wait;
	if (set_serial(ends, &serial))
		tap_bail_out("closing_wait %u: %s", wait, strerror(errno));
}

static void test_what_can_be_set(const struct ends *ends)
{
	struct serial_struct serial = serial_of(ends), now;

	tap_ok(serial.type == PORT_16550A && serial.baud_base == 115200 && !serial.irq &&
	       !serial.port && !serial.flags, "the terminal is a 16550A without resources");
	tap_is(serial.closing_wait, 500, "close() waits 5 s for a guest");
	tap_is(set_serial(ends, &serial), 0, "what it is can be set");
	serial.closing_wait = 1;
	serial.close_delay = 20;
	serial.flags = LOW_LATENCY;
	serial.xmit_fifo_size = 0;
	tap_is(set_serial(ends, &serial), 0, "and so can two times and low_latency");
	now = serial_of(ends);
	tap_ok(now.closing_wait == 1 && now.close_delay == 20 && now.flags == LOW_LATENCY,
	       "which are there then");
	set_closing_wait(ends, WAIT_NONE);
	tap_is(serial_of(ends).closing_wait, WAIT_NONE, "to wait not at all");
	set_closing_wait(ends, WAIT_ENDLESS);
	tap_is(serial_of(ends).closing_wait, WAIT_ENDLESS, "to wait without end");
	serial.closing_wait = 500;
	serial.close_delay = 50;
	serial.flags = 0;
	set_serial(ends, &serial);
}

static void test_what_cannot_be_set(const struct ends *ends)
{
	const struct serial_struct now = serial_of(ends);
	struct serial_struct wrong[10];
	unsigned int i, refused = 0;

	for (i = 0; i < 10; i++)
		wrong[i] = now;
	wrong[0].type = PORT_16750;
	wrong[1].port = 0x3f8;
	wrong[2].irq = 4;
	wrong[3].baud_base = 9600;
	wrong[4].custom_divisor = 3;
	wrong[5].xmit_fifo_size = 16;
	wrong[6].hub6 = 1;
	wrong[7].io_type = 2;
	wrong[8].iomem_reg_shift = 2;
	wrong[9].flags = SPD_VHI;
	for (i = 0; i < 10; i++) {
		wrong[i].closing_wait = 1;
		if (set_serial(ends, &wrong[i]) == EINVAL)
			refused++;
		else
			tap_note("change %u is not refused", i);
	}
	tap_is(refused, 10, "what is no matter of a terminal is refused");
	tap_is(serial_of(ends).closing_wait, now.closing_wait, "and changes nothing");
}

static int set_as_nobody(const struct ends *ends)
{
	const struct serial_struct now = serial_of(ends);
	struct serial_struct serial = now;

	if (setuid(NOBODY))
		return errno;
	serial.flags = LOW_LATENCY;
	if (set_serial(ends, &serial))
		return EIO;
	serial.flags = 0;
	if (set_serial(ends, &serial))
		return EIO;
	serial.irq = 4;
	if (set_serial(ends, &serial) != EPERM)
		return EINVAL;
	serial = now;
	serial.closing_wait = 1;
	return set_serial(ends, &serial);
}

/* Waits until the parent has closed the terminal: the last close is that of the child. */
static int close_with_data(const struct ends *ends, int gate)
{
	char byte;

	if (read(gate, &byte, 1))
		return EIO;
	return tty_says(ends, "d") && !close(ends->tty) ? 0 : EIO;
}

/* The guest holds it back by RTS. */
static pid_t start_close(struct ends *ends, unsigned short wait)
{
	int gate[2];
	pid_t child;

	ends_set_up(ends, 0, CS8 | CRTSCTS);
	set_closing_wait(ends, wait);
	guest_out(ends, UART_MCR, UART_MCR_DTR);
	if (pipe(gate))
		tap_bail_out("no pipe: %s", strerror(errno));
	child = fork();
	if (child < 0)
		tap_bail_out("no child: %s", strerror(errno));
	if (!child) {
		close(gate[1]);
		_exit(close_with_data(ends, gate[0]));
	}
	close(ends->tty);
	close(gate[0]);
	close(gate[1]);
	return child;
}

static void test_close(struct ends *ends)
{
	pid_t child = start_close(ends, WAIT_NONE);

	tap_is(ended(child), 0, "a close that is not to wait does not");
	ends->tty = tty_open(ends->dev, ends->port);
	tap_is(serial_of(ends).closing_wait, WAIT_NONE, "and the time is kept");
	child = start_close(ends, 1);
	tap_is(ended(child), 0, "one that is to wait 10 ms ends");
	guest_out(ends, UART_MCR, UART_MCR_RTS | UART_MCR_DTR);
	tap_is(guest_in(ends, UART_LSR), LSR_IDLE, "and what the guest did not take is lost");
	ends->tty = tty_open(ends->dev, ends->port);
	child = start_close(ends, WAIT_ENDLESS);
	await_call(child, SYS_close);
	tap_ok(waits_still(child), "one that is to wait without end waits");
	guest_out(ends, UART_MCR, UART_MCR_RTS | UART_MCR_DTR);
	tap_ok(ended(child) == 0 && guest_hears(ends, 0, 'd'), "until the guest takes it");
	ends->tty = tty_open(ends->dev, ends->port);
	set_closing_wait(ends, 500);
}

/* The receiver is full, and more than fits waits when XOFF is sent. */
static void test_priority(const struct ends *ends)
{
	unsigned int i, intact = 0;

	ends_set_up(ends, 0, CS8);
	tty_says(ends, "0123456789abcdefgh");
	tcflow(ends->tty, TCIOFF);
	for (i = 0; i < 16; i++)
		intact += guest_in(ends, UART_RX) == "0123456789abcdef"[i];
	tap_is(intact, 16, "what was sent before XOFF arrives before it");
	tap_is(guest_in(ends, UART_RX), XOFF, "then XOFF");
	tap_ok(guest_in(ends, UART_RX) == 'g' && guest_hears(ends, 0, 'h'), "and then the rest");
	ends_set_up(ends, 0, CS8 | CRTSCTS);
	guest_out(ends, UART_MCR, UART_MCR_DTR);
	tty_says(ends, "d");
	tcflow(ends->tty, TCOOFF);
	tcflow(ends->tty, TCION);
	tap_ok(guest_hears(ends, 0, XON), "XON passes where RTS and hand hold data back");
	tcflow(ends->tty, TCOON);
	guest_out(ends, UART_MCR, UART_MCR_DTR | UART_MCR_RTS);
	tap_ok(guest_hears(ends, 0, 'd'), "which go on afterwards");
}

/* Waits for a byte at the guest's end. */
static bool guest_gets(const struct ends *ends, uint8_t byte)
{
	unsigned int tries = TTY_WAIT_MS;

	while (!(guest_in(ends, UART_LSR) & UART_LSR_DR) && tries--)
		pause_briefly();
	return guest_in(ends, UART_RX) == byte;
}

/* A guest that obeys sends until it is told to stop, and waits as long as that lasts. */
static void test_software_flow_control(const struct ends *ends)
{
	size_t sent = 0, got = 0, intact = 0;
	unsigned int lost;
	uint8_t lsr, byte;

	ends_set_up(ends, IXOFF, CS8);
	lost = (unsigned int)tty_counters(ends).buf_overrun;
	while (sent < LIMIT && !((lsr = guest_in(ends, UART_LSR)) & UART_LSR_DR))
		if (lsr & UART_LSR_THRE)
			guest_out(ends, UART_TX, byte_at(sent++));
	tap_ok(sent < LIMIT && guest_gets(ends, XOFF), "IXOFF: a terminal that is full says XOFF");
	while (got < sent && tty_ready(ends, POLLIN, TTY_WAIT_MS) && read(ends->tty, &byte, 1) == 1)
		intact += byte == byte_at(got++);
	tap_is(intact, sent, "nothing is lost");
	tap_is(tty_counters(ends).buf_overrun, lost, "as its counter says");
	tap_ok(guest_gets(ends, XON), "and when it has been read, it says XON");
}

void serial(struct device *dev)
{
	struct ends ends = { dev, 0, tty_open(dev, 0) };

	test_counters(&ends);
	test_waiting_for_lines(&ends);
	test_carrier(&ends);
	test_what_can_be_set(&ends);
	test_what_cannot_be_set(&ends);
	tap_is(ended(start(&ends, set_as_nobody)), EPERM, "unprivileged, only low_latency is set");
	test_close(&ends);
	test_priority(&ends);
	test_software_flow_control(&ends);
	close(ends.tty);
}
