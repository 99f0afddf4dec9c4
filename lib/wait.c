// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>

#include "interrupt.h"
#include "sysfs.h"
#include "util/clock.h"
#include "wait.h"

/* Short at first, since most things come at once: 1, 2, 4 ... 64 ms. */
#define LONGEST_PAUSE_MS 64

unsigned int wait_limit(const struct wait *wait)
{
	if (wait->limit_ms > 0)
		return wait->limit_ms;
	return wait->usual_ms > 0 && !wait->ctx->timeout_is_set ? wait->usual_ms
								: wait->ctx->timeout_ms;
}

static void wait_name_va(struct wait *wait, const char *format, va_list args)
{
	vsnprintf(wait->what, sizeof(wait->what), format, args);
}

void wait_begin(struct wait *wait, const char *format, ...)
{
	va_list args;

	wait_end(wait);
	wait->pause_ms = 0;
	va_start(args, format);
	wait_name_va(wait, format, args);
	va_end(args);
}

void wait_name(struct wait *wait, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	wait_name_va(wait, format, args);
	va_end(args);
}

void wait_end(struct wait *wait)
{
	if (wait->told)
		wait->ctx->wait_fn(wait->ctx->wait_data, NULL, wait->used_ms, wait_limit(wait));
	wait->told = false;
}

static void wait_tell(struct wait *wait)
{
	if (!wait->ctx->wait_fn)
		return;
	wait->told = true;
	wait->ctx->wait_fn(wait->ctx->wait_data, wait->what, wait->used_ms, wait_limit(wait));
}

bool wait_is_interrupted(const struct mdev_ctx *ctx)
{
	return ctx->interrupt && !ctx->interrupt->is_ending &&
	       interrupt_is_pending(ctx->interrupt);
}

/* Sets how long the next pause is, and tells the application. Return: whether there is one. */
static bool wait_begin_pause(struct wait *wait)
{
	unsigned int limit = wait_limit(wait);

	if (wait->never || wait->used_ms >= limit || wait_is_interrupted(wait->ctx))
		return false;
	if (wait->pause_ms < LONGEST_PAUSE_MS)
		wait->pause_ms = wait->pause_ms ? 2 * wait->pause_ms : 1;
	if (wait->pause_ms > limit - wait->used_ms)
		wait->pause_ms = limit - wait->used_ms;
	wait_tell(wait);
	return true;
}

bool wait_a_little(struct wait *wait)
{
	if (!wait_begin_pause(wait))
		return false;
	wait->ctx->sysfs->sleep(wait->ctx->sysfs_data, wait->pause_ms);
	wait->used_ms += wait->pause_ms;
	return !wait_is_interrupted(wait->ctx);
}

int wait_for_input(struct wait *wait, int fd)
{
	const struct interrupt *interrupt = wait->ctx->interrupt;
	struct pollfd polled[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = interrupt && !interrupt->is_ending ? interrupt->fd : -1, .events = POLLIN },
	};
	uint64_t began, passed, left;

	if (!wait_begin_pause(wait))
		return wait_is_interrupted(wait->ctx) ? -EINTR : -ETIMEDOUT;
	began = clock_ms();
	poll(polled, ARRAY_SIZE(polled), wait->pause_ms);
	/* On a busy machine that may be longer than was asked for. */
	passed = clock_ms() - began;
	left = wait_limit(wait) - wait->used_ms;
	wait->used_ms += passed < left ? passed : left;
	return polled[0].revents ? 1 : 0;
}
