/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where callout scripts and notifiers are installed. Hides the two families of
 * directories.
 */
#ifndef LIB_SCRIPT_DIR_H
#define LIB_SCRIPT_DIR_H

#include <stdint.h>

#include "ctx.h"
#include "util/array.h"

/* Changes when a script is installed, changed or removed. */
struct script_stamp {
	uint64_t value;
};

/*
 * script_dir_list() - the scripts to run
 * @kind: "callouts" or "notifiers"
 * @paths: gets their paths in the order in which they are run: vendors' before the
 *	administrator's, each sorted by name. A missing directory has none. Copies that
 *	editors and package managers make are left out.
 * @stamp: gets the stamp of all of them
 *
 * Return: 0, -errno reported.
 */
_must_check_ int script_dir_list(struct mdev_ctx *ctx, const char *kind, struct strings *paths,
				 struct script_stamp *stamp);

#endif
