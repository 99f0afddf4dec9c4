// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>

#include "check.h"

/* A subtest is indented. */
#define SUBTEST "    "

static unsigned int subtests, failed;

static void say(const char *format, va_list args)
{
	vprintf(format, args);
	putchar('\n');
	fflush(stdout);
}

bool tap_ok(bool passed, const char *format, ...)
{
	va_list args;

	failed += !passed;
	printf(SUBTEST "%s %u - ", passed ? "ok" : "not ok", ++subtests);
	va_start(args, format);
	say(format, args);
	va_end(args);
	return passed;
}

void tap_note(const char *format, ...)
{
	va_list args;

	printf(SUBTEST "# ");
	va_start(args, format);
	say(format, args);
	va_end(args);
}

void skip_check(const char *reason)
{
	tap_note("%s", reason);
	exit(CHECK_SKIPPED);
}

bool tap_passed(void)
{
	return !failed;
}

void check_equal(const char *file, int line, const char *what, long long got, long long want)
{
	if (got != want)
		tap_bail_out("%s:%d: %s is %lld (0x%llx), not %lld (0x%llx)", file, line, what, got,
			     got, want, want);
}

int new_eventfd(void)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	is_true(fd >= 0);
	return fd;
}

int listen_to(struct device *dev, uint32_t index)
{
	int fd = new_eventfd();

	equal(vfio_irq_eventfd(dev, TRIGGER, index, fd), 0);
	return fd;
}

void signal_eventfd(int fd)
{
	uint64_t one = 1;

	equal(write(fd, &one, sizeof(one)), sizeof(one));
}

uint64_t peek(struct device *dev, uint32_t region, uint64_t offset, size_t size)
{
	uint64_t value = 0;
	ssize_t count = vfio_read(dev, region, offset, &value, size);

	if (count != (ssize_t)size)
		tap_bail_out("reading %zu bytes at %#llx of region %u gives %zd", size,
			     (unsigned long long)offset, region, count);
	return value;
}

void poke(struct device *dev, uint32_t region, uint64_t offset, size_t size, uint64_t value)
{
	ssize_t count = vfio_write(dev, region, offset, &value, size);

	if (count != (ssize_t)size)
		tap_bail_out("writing %zu bytes at %#llx of region %u gives %zd", size,
			     (unsigned long long)offset, region, count);
}

uint8_t *end_of_memory(size_t size)
{
	uint8_t *memory = mmap(NULL, size + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

	is_true(memory != MAP_FAILED);
	equal(munmap(memory + size, 4096), 0);
	return memory + size;
}

void get_config(struct device *dev, uint8_t config[256])
{
	equal(vfio_read(dev, CONFIG, 0, config, 256), 256);
}
