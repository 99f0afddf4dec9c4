// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stdio.h>

#include "interrupt.h"
#include "sysfs.h"
#include "wait.h"

/* Short at first, since most things come at once: 1, 2, 4 ... 64 ms. */
#define LONGEST_PAUSE_MS 64

static unsigned int wait_limit(const struct wait *wait)
{
	return wait->usual_ms > 0 && !wait->ctx->timeout_is_set ? wait->usual_ms :
								  wait->ctx->timeout_ms;
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

bool wait_a_little(struct wait *wait)
{
	unsigned int left;

	if (wait->never || wait->used_ms >= wait_limit(wait) ||
	    wait_is_interrupted(wait->ctx))
		return false;
	left = wait_limit(wait) - wait->used_ms;
	if (wait->pause_ms < LONGEST_PAUSE_MS)
		wait->pause_ms = wait->pause_ms ? 2 * wait->pause_ms : 1;
	if (wait->pause_ms > left)
		wait->pause_ms = left;
	wait_tell(wait);
	wait->ctx->sysfs->sleep(wait->ctx->sysfs_data, wait->pause_ms);
	wait->used_ms += wait->pause_ms;
	return !wait_is_interrupted(wait->ctx);
}
