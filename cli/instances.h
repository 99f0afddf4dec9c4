/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starting or defining several devices, with the progress on a terminal. */
#ifndef CLI_INSTANCES_H
#define CLI_INSTANCES_H

#include "cli.h"

struct instances {
	int (*make)(const struct mdev_definition *model, size_t count, unsigned int flags,
		    mdev_instance_fn *fn, void *data, struct mdev_definition ***made);
	const char *done;	/* what that does to a device, for messages */
	const struct mdev_definition *model;
	size_t count;
	unsigned int flags;
	bool print;		/* the UUIDs */
	const char *wait;	/* until who can use them; NULL for nobody */
};

/* Makes them and prints their UUIDs, or the error; the exit status. */
int instances_run(struct cli *cli, const struct instances *instances);

/* Waits until @who can use a device that was started, or prints the error; the exit status. */
int instances_wait_for(struct cli *cli, const struct mdev_definition *definition, const char *who);

#endif
