/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words of a definition's text, for those who read and write it. */
#ifndef LIB_CONFIG_KEYS_H
#define LIB_CONFIG_KEYS_H

#include "libmdev.h"

#define KEY_TYPE  "mdev_type"
#define KEY_START "start"
#define KEY_ATTRS "attrs"

static const char *const cfg_start_modes[] = {
	[MDEV_START_MANUAL] = "manual",
	[MDEV_START_AUTO] = "auto",
};

#endif
