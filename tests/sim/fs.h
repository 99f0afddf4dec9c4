/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file system's operations, for whoever mounts it; a session's user data is the sim. */
#ifndef SIM_FS_H
#define SIM_FS_H

#define FUSE_USE_VERSION 312

#include <fuse_lowlevel.h>

#include "sim.h"

extern const struct fuse_lowlevel_ops fs_operations;

#endif
