// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>

#include "mtty.h"

uint8_t guest_in(const struct ends *ends, unsigned int reg)
{
	return uart_in(ends->dev, ends->port, reg);
}

void guest_out(const struct ends *ends, unsigned int reg, uint8_t value)
{
	uart_out(ends->dev, ends->port, reg, value);
}

bool tty_ready(const struct ends *ends, short events, int timeout)
{
	struct pollfd tty = { .fd = ends->tty, .events = events };

	return poll(&tty, 1, timeout) == 1 && tty.revents & events;
}

bool tty_hears(const struct ends *ends, const void *expected, size_t size)
{
	uint8_t bytes[64];
	size_t got = 0;
	ssize_t count;

	while (got < size && tty_ready(ends, POLLIN, TTY_WAIT_MS)) {
		count = read(ends->tty, bytes + got, size - got);
		if (count <= 0)
			break;
		got += (size_t)count;
	}
	return got == size && !memcmp(bytes, expected, size);
}

bool guest_hears(const struct ends *ends, uint8_t errors, uint8_t byte)
{
	uint8_t lsr = guest_in(ends, UART_LSR), expected = LSR_IDLE | UART_LSR_DR | errors;

	if (errors)
		expected |= UART_LSR_FIFOE;
	if (lsr != expected)
		tap_note("LSR is %#x, expected %#x", lsr, expected);
	return lsr == expected && guest_in(ends, UART_RX) == byte;
}

bool tty_says(const struct ends *ends, const char *text)
{
	return write(ends->tty, text, strlen(text)) == (ssize_t)strlen(text);
}

static void stop_waiting(int number)
{
	(void)number;
}

bool tty_drains(const struct ends *ends)
{
	const struct sigaction action = { .sa_handler = stop_waiting };
	int ret;

	sigaction(SIGALRM, &action, NULL);
	alarm(TTY_WAIT_MS / 1000);
	ret = tcdrain(ends->tty);
	alarm(0);
	return !ret;
}

void ends_set_up(const struct ends *ends, tcflag_t iflag, tcflag_t cflag)
{
	struct termios mode = { .c_iflag = iflag, .c_cflag = CREAD | CLOCAL | cflag };

	mode.c_cc[VMIN] = 1;
	mode.c_cc[VSTART] = XON;
	mode.c_cc[VSTOP] = XOFF;
	cfsetspeed(&mode, B115200);
	if (tcsetattr(ends->tty, TCSANOW, &mode) || tcflush(ends->tty, TCIOFLUSH))
		tap_bail_out("the terminal does not take its settings: %s", strerror(errno));
	uart_set_up(ends->dev, ends->port, UART_FCR_ENABLE_FIFO);
}

struct serial_icounter_struct tty_counters(const struct ends *ends)
{
	struct serial_icounter_struct counters = { 0 };

	if (ioctl(ends->tty, TIOCGICOUNT, &counters))
		tap_bail_out("the terminal does not count: %s", strerror(errno));
	return counters;
}

int tty_open(struct device *dev, unsigned int port)
{
	char path[256], device[64] = "/dev/";
	FILE *attribute;
	int fd = -1;

	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/mtty/port%u_tty", dev->uuid, port);
	attribute = fopen(path, "r");
	if (attribute && fscanf(attribute, "%50s", device + strlen(device)) == 1)
		fd = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (attribute)
		fclose(attribute);
	if (fd < 0)
		tap_bail_out("port %u has no terminal: %s", port, strerror(errno));
	return fd;
}
