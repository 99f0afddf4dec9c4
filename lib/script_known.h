/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finds the callout script that is responsible for a type of a parent. Scripts are asked once,
 * and again when scripts were installed, changed or removed.
 */
#ifndef LIB_SCRIPT_KNOWN_H
#define LIB_SCRIPT_KNOWN_H

#include "config.h"
#include "ctx.h"

struct script_known;

/* The scripts of one operation. */
struct scripts {
	struct strings paths;			/* all that are installed */
	struct script_known *known;		/* NULL without any */
	const char *script;			/* the one that answers; NULL while none has */
};

/*
 * Finds the scripts and the responsible one. Signals must be held: see operation_hold().
 * Return: 0, -errno reported.
 */
_must_check_ int scripts_open(struct mdev_ctx *ctx, const char *uuid, const char *parent,
			      const char *type, struct scripts *scripts);
void scripts_close(struct scripts *scripts);

/* The capabilities of the responsible script; NULL if it has none and must be tried instead. */
const struct capabilities *scripts_capabilities(const struct scripts *scripts);

/* Whether a script that could not be asked may be the one that is responsible. */
bool scripts_are_unsure(const struct scripts *scripts);

/* The words of the protocol. */
struct script_word;
extern const struct script_word script_get, script_attributes;

/* "Not my type of device", says a script that ends with this status. */
#define SCRIPT_NOT_MINE 2

#endif
