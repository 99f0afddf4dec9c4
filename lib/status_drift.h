/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the attributes of an active device differ from those of its definition. */
#ifndef LIB_STATUS_DRIFT_H
#define LIB_STATUS_DRIFT_H

#include "ctx.h"
#include "util/buffer.h"

/*
 * Adds a part to @reason for each attribute that differs. Attributes that neither a callout script
 * reports nor sysfs shows are taken to be as defined. @says: "defined", or "wanted" if the
 * definition is not stored.
 *
 * Return: 0, -errno reported.
 */
_must_check_ int status_find_drift(const struct mdev_device *device,
				   const struct mdev_definition *definition, const char *says,
				   unsigned int flags, struct buffer *reason);

/*
 * Adds the options of "mdevctl modify" that set all attributes as defined, for a person to copy.
 * If a shell would change them, or a name has several values, it is only said what they look like.
 */
void status_add_settings(const struct mdev_definition *definition, struct buffer *out);

#endif
