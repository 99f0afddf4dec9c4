// SPDX-License-Identifier: LGPL-2.1-or-later
#include "interrupt.h"
#include "sysfs.h"
#include "wait.h"

/* Short at first, since most things come at once: 1, 2, 4 ... 64 ms. */
#define LONGEST_PAUSE_MS 64

void wait_begin(struct wait *wait)
{
	wait->pause_ms = 0;
}

bool wait_is_interrupted(const struct mdev_ctx *ctx)
{
	return ctx->interrupt && !ctx->interrupt->is_ending &&
	       interrupt_is_pending(ctx->interrupt);
}

bool wait_a_little(struct wait *wait)
{
	unsigned int left;

	if (wait->never || wait->used_ms >= wait->ctx->timeout_ms ||
	    wait_is_interrupted(wait->ctx))
		return false;
	left = wait->ctx->timeout_ms - wait->used_ms;
	if (wait->pause_ms < LONGEST_PAUSE_MS)
		wait->pause_ms = wait->pause_ms ? 2 * wait->pause_ms : 1;
	if (wait->pause_ms > left)
		wait->pause_ms = left;
	wait->ctx->sysfs->sleep(wait->ctx->sysfs_data, wait->pause_ms);
	wait->used_ms += wait->pause_ms;
	return !wait_is_interrupted(wait->ctx);
}
