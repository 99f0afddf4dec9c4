// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <unistd.h>

#include "progress.h"
#include "terminal.h"

#define MS_PER_SECOND 1000

/* Nobody wonders about less than a second. Without a newline: what comes next takes its place. */
static void progress_show(void *data, const char *what, unsigned int waited, unsigned int limit)
{
	_cleanup_buffer_ struct buffer line = { 0 };

	(void)data;
	if (waited < MS_PER_SECOND)
		return;
	if (!what) {
		fputs(PROGRESS_ERASE, stderr);
		return;
	}
	terminal_add(&line, what);
	if (line.failed)
		return;
	fprintf(stderr, PROGRESS_ERASE "Waiting for %s: %u of %u s\r", line.text,
		waited / MS_PER_SECOND, limit / MS_PER_SECOND);
}

void progress_open(struct mdev_ctx *ctx)
{
	if (isatty(STDERR_FILENO))
		mdev_ctx_set_wait(ctx, progress_show, NULL);
}
