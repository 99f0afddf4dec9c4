// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends a pseudo-random stream to a serial port with a loop plug and compares what comes
 * back, byte for byte. Runs in the guest that has the card, so it is one static file.
 *
 *	serial-loop DEVICE TOTAL BURST [IDLE_MS]
 *
 * TOTAL bytes go out in bursts of BURST, each awaited before the next; 0 streams freely, and
 * FIRST-LAST goes through the sizes from the first to the last, again and again.
 * It gives up when nothing has come back for IDLE_MS (default 10000). Exit status: 0 all
 * came back, 1 it did not, 2 the port or the command line is no good.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define CHUNK 4096

struct loop {
	const char *device;
	int fd;
	long total;
	long first;
	long last;
	long burst;
	long limit;
	int idle_ms;
	long sent;
	long received;
};

static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *format, ...)
{
	va_list args;

	fputs("Error: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

/* The stream has no memory: any byte of it is known from its position (a mixing hash). */
static uint8_t byte_at(long position)
{
	uint32_t x = (uint32_t)position * 0x9e3779b9u;

	x ^= x >> 15;
	x *= 0x85ebca6bu;
	return x >> 24;
}

/* Behind the number there is nothing, or the terminator, which is where *end is. */
static long number(const char *text, char terminator, char **end, const char *what)
{
	long value;

	errno = 0;
	value = strtol(text, end, 10);
	if (errno || *end == text || (**end && **end != terminator) || value < 0)
		die("%s: \"%s\" is not a number", what, text);
	return value;
}

static void set_bursts(struct loop *loop, const char *text)
{
	char *end;

	loop->first = number(text, '-', &end, "BURST");
	loop->last = *end ? number(end + 1, '\0', &end, "BURST") : loop->first;
	if (loop->last < loop->first || (!loop->first && loop->last))
		die("BURST: %s is not a range of sizes", text);
	loop->burst = loop->last;
	loop->limit = loop->first ? 0 : loop->total;
}

/* Hardware flow control stays off: a loop plug would let the port throttle itself. */
static int open_raw(const char *device)
{
	struct termios mode;
	int fd;

	fd = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || tcgetattr(fd, &mode))
		die("%s: %s", device, strerror(errno));
	cfmakeraw(&mode);
	cfsetspeed(&mode, B115200);
	mode.c_cflag |= CLOCAL | CREAD;
	mode.c_cflag &= ~CRTSCTS;
	if (tcsetattr(fd, TCSANOW, &mode) || tcflush(fd, TCIOFLUSH))
		die("%s: %s", device, strerror(errno));
	return fd;
}

/* Begins when all of the burst before is back. */
static void begin_burst(struct loop *loop)
{
	loop->burst = loop->burst == loop->last ? loop->first : loop->burst + 1;
	loop->limit = loop->sent + loop->burst;
	if (loop->limit > loop->total)
		loop->limit = loop->total;
}

static void send_some(struct loop *loop)
{
	uint8_t chunk[CHUNK];
	long count = loop->limit - loop->sent;
	ssize_t written;
	long i;

	if (count > CHUNK)
		count = CHUNK;
	for (i = 0; i < count; i++)
		chunk[i] = byte_at(loop->sent + i);
	written = write(loop->fd, chunk, (size_t)count);
	if (written < 0 && errno != EAGAIN)
		die("%s: %s", loop->device, strerror(errno));
	if (written > 0)
		loop->sent += written;
}

static bool receive_some(struct loop *loop)
{
	uint8_t chunk[CHUNK];
	ssize_t i, count;

	count = read(loop->fd, chunk, sizeof(chunk));
	if (count < 0 && errno != EAGAIN)
		die("%s: %s", loop->device, strerror(errno));
	if (!count)
		die("%s: hung up", loop->device);
	for (i = 0; i < count; i++, loop->received++) {
		if (loop->received >= loop->sent) {
			printf("serial-loop: %s: FAIL: more came back than the %ld bytes sent\n",
			       loop->device, loop->sent);
			return false;
		}
		if (chunk[i] != byte_at(loop->received)) {
			printf("serial-loop: %s: FAIL: byte %ld is %#04x, sent was %#04x\n",
			       loop->device, loop->received, chunk[i], byte_at(loop->received));
			return false;
		}
	}
	return true;
}

static bool run(struct loop *loop)
{
	while (loop->received < loop->total) {
		struct pollfd port = { .fd = loop->fd, .events = POLLIN };
		int ready;

		if (loop->received == loop->limit)
			begin_burst(loop);
		if (loop->sent < loop->limit)
			port.events |= POLLOUT;
		ready = poll(&port, 1, loop->idle_ms);
		if (ready < 0 && errno != EINTR)
			die("%s: %s", loop->device, strerror(errno));
		if (!ready) {
			printf("serial-loop: %s: FAIL: %ld of %ld bytes sent, %ld came back\n",
			       loop->device, loop->sent, loop->total, loop->received);
			return false;
		}
		if (port.revents & POLLOUT)
			send_some(loop);
		if (port.revents & ~POLLOUT && !receive_some(loop))
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct loop loop = { .idle_ms = 10000 };
	bool intact;
	char *end;

	if (argc < 4 || argc > 5)
		die("usage: serial-loop DEVICE TOTAL BURST [IDLE_MS]");
	loop.device = argv[1];
	loop.total = number(argv[2], '\0', &end, "TOTAL");
	set_bursts(&loop, argv[3]);
	if (argc == 5)
		loop.idle_ms = (int)number(argv[4], '\0', &end, "IDLE_MS");
	loop.fd = open_raw(loop.device);

	intact = run(&loop);
	if (intact)
		printf("serial-loop: %s: %ld bytes in bursts of %s came back intact\n",
		       loop.device, loop.received, argv[3]);
	tcflush(loop.fd, TCIOFLUSH);
	return intact && !fflush(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
