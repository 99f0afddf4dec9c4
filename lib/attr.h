/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attributes of an active device: the one place that reads and writes them, for starting,
 * live changes and single attributes. Failures are reported in one wording.
 */
#ifndef LIB_ATTR_H
#define LIB_ATTR_H

#include "backend.h"
#include "wait.h"

struct attr;

/* A device's attributes. Nothing in it is owned. */
struct attrs {
	struct handle handle;
	const char *uuid, *parent;
	bool is_new;	/* its driver may still add files */
};

/* Fails with -EINVAL, reported, if the name is not that of an attribute of a device. */
_must_check_ int attr_check_name(const struct attrs *attrs, const char *name);

/* Gives the value without the newlines at its end. Return: 0, -errno reported. */
_must_check_ int attr_read(const struct attrs *attrs, const char *name, char **value);

/*
 * attr_write() - write a value, in one write
 * @wait: while the driver says -EAGAIN, and for a file that it adds late to a new device;
 *	NULL for not at all
 *
 * Return: 0, -errno reported: -ENODEV if the device has gone.
 */
_must_check_ int attr_write(const struct attrs *attrs, const char *name, const char *value,
			    struct wait *wait);

/* The same without waiting. Return: also 1, unreported, if it may be written later. */
_must_check_ int attr_try_write(const struct attrs *attrs, const char *name, const char *value);

/* A write that can be undone. */
struct attr_change {
	const char *name;	/* belongs to the attribute that was written */
	char *former;		/* NULL if it could not be read */
};

/*
 * Writes a value unless the attribute shows it already.
 * Return: 1 with what was changed, 0 if nothing was, -errno reported.
 */
_must_check_ int attr_change(const struct attrs *attrs, const struct attr *attr, struct wait *wait,
			     struct attr_change *change);

/* Takes changes back, the last one first. Return: text of what could not be, or NULL. */
char *attr_restore(const struct attrs *attrs, const struct attr_change *changes, size_t count);

#endif
