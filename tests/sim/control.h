/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the commands of the control language share. */
#ifndef SIM_CONTROL_H
#define SIM_CONTROL_H

#include "sim.h"

/**
 * struct command - a word at the beginning of a line
 * @run: takes its other words off *@rest; 0, or -EINVAL with the reason in the sim's @error
 */
struct command {
	const char *name;
	int (*run)(struct sim *sim, char **rest);
};

/* Each ends with a row without a name. */
extern const struct command gpu_commands[];

/** control_refuse() - -EINVAL, and the reason: @what is wrong, and with which @word, or NULL */
int control_refuse(struct sim *sim, const char *what, const char *word);

/** control_outcome() - 0, or that @what has failed by -@rc */
int control_outcome(struct sim *sim, int rc, const char *what);

#endif
