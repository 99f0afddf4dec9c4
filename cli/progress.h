/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an operation waits for, on a line of the terminal that goes away again. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <libmdev.h>

/* Has it shown on standard error, if that is a terminal. */
void progress_open(struct mdev_ctx *ctx);

/* Erases the line of the terminal. */
#define PROGRESS_ERASE "\r\033[K"

#endif
