/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The definition that a command is about. */
#ifndef CLI_STORED_H
#define CLI_STORED_H

#include "cli.h"

/* Finds that of the parent, or the only one; prints the error; the exit status. */
int stored_find(struct cli *cli, const struct mdev_uuid *uuid, const char *parent,
		struct mdev_definition **definition);

#endif
