/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Definitions: what the library itself needs besides mdev_define() and the others. */
#ifndef LIB_DEFINE_H
#define LIB_DEFINE_H

#include "libmdev.h"
#include "util/cleanup.h"

/*
 * mdev_undefine() of a definition with a type, unless it has changed since it was read.
 *
 * Return: 0, -ENOENT if it has gone, -ESTALE if it changed, other -errno; reported.
 */
_must_check_ int define_remove_known(const struct mdev_definition *definition, unsigned int flags);

#endif
