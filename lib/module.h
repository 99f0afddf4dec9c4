/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Kernel modules. Hides libkmod, which is opened on first use: on some systems it
 * brings a large crypto library with it.
 */
#ifndef LIB_MODULE_H
#define LIB_MODULE_H

#include "ctx.h"

/*
 * module_load_for_parent() - load the modules that supply a parent
 * @note: gets "; <what was in the way>", if anything was, to go after the error
 *	that the parent is not there; NULL otherwise
 *
 * Return: number of modules that were loaded, 0 if there was nothing to load or
 * it could not be, -ENOMEM.
 */
_must_check_ int module_load_for_parent(struct mdev_ctx *ctx, const char *parent, char **note);

/*
 * module_find_for_parent() - which module that supplies a parent is not loaded?
 * @name: gets the name of one, to be freed
 * @state: gets whether it can be loaded
 *
 * Return: 1 if there is one, 0 if not or if that cannot be known, -ENOMEM reported.
 */
_must_check_ int module_find_for_parent(struct mdev_ctx *ctx, const char *parent, char **name,
					enum mdev_module_state *state);

#endif
