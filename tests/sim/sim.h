/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One simulated machine: its tree, a test's rules and the record of writes. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <pthread.h>

#include "gpu.h"
#include "model.h"
#include "record.h"
#include "rules.h"
#include "xe.h"

/* What is below this is the test's own: no rule is about it. */
#define CONTROL_DIR ".sim"

/* What would be in /dev. */
#define NODES_DIR CONTROL_DIR "/dev"

/**
 * struct sim - a machine
 * @lock: taken by whoever touches any of the rest
 * @error: why the last control command failed; never NULL
 */
struct sim {
	pthread_mutex_t lock;
	struct model *model;
	struct gpus *gpus;
	struct xes *xes;
	struct rules *rules;
	struct record *record;
	char *error;
};

/** control_run() - carry out the lines of @text; 0, or -EINVAL with the reason in @error */
int control_run(struct sim *sim, const char *text);

/** control_load() - carry out a machine file; 0, or -errno with the reason in @error */
int control_load(struct sim *sim, const char *path);

/** mount_run() - mount the machine and serve it until it is unmounted; an exit status */
int mount_run(struct sim *sim, const char *directory, pid_t watched, bool foreground);

#endif
