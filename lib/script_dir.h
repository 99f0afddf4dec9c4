/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where callout scripts and notifiers are installed. Hides the two families of
 * directories.
 */
#ifndef LIB_SCRIPT_DIR_H
#define LIB_SCRIPT_DIR_H

#include "ctx.h"
#include "util/array.h"

/*
 * Paths of the files in the directories "callouts" or "notifiers", in the order in
 * which they are run: vendors' before the administrator's, each sorted by name. A
 * directory that is not there has none.
 */
_must_check_ int script_dir_list(struct mdev_ctx *ctx, const char *kind, struct strings *paths);

#endif
