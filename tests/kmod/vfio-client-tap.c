// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "vfio-client-tap.h"

static unsigned int tests, failed;

static void result_line(const char *result, const char *format, va_list args)
{
	printf("%s %u - ", result, ++tests);
	vprintf(format, args);
}

static void result(bool passed, const char *format, va_list args)
{
	if (!passed)
		failed++;
	result_line(passed ? "ok" : "not ok", format, args);
	putchar('\n');
	fflush(stdout);
}

bool tap_ok(bool passed, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	result(passed, format, args);
	va_end(args);
	return passed;
}

bool tap_is(long long got, long long expected, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	result(got == expected, format, args);
	va_end(args);
	if (got != expected)
		tap_note("got %lld (%#llx), expected %lld (%#llx)", got, got, expected, expected);
	return got == expected;
}

void tap_skip(const char *reason, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	result_line("ok", format, args);
	va_end(args);
	printf(" # SKIP %s\n", reason);
}

void tap_note(const char *format, ...)
{
	va_list args;

	fputs("# ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

void tap_bail_out(const char *format, ...)
{
	va_list args;

	fputs("Bail out! ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	exit(EXIT_FAILURE);
}

int tap_done(void)
{
	printf("1..%u\n", tests);
	return failed || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
