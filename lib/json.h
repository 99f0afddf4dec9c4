/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The text form of a definition. Hides json-c: its leniency, its versions'
 * differences and its formatting. (Named cfg_ because json_ is json-c's.)
 */
#ifndef LIB_JSON_H
#define LIB_JSON_H

#include "libmdev.h"
#include "util.h"

struct json_object;

struct attr {
	char *name;
	char *value;
};

/* What a definition's file says. */
struct config {
	char *type;			/* NULL if not chosen yet */
	enum mdev_start_mode start;
	struct attr *attrs;
	size_t n_attrs;
	struct json_object *unknown;	/* members that are not ours, NULL if none */
};

void cfg_clear(struct config *config);

/* Both strings are copied. @index is not checked. */
_must_check_ int cfg_insert_attr(struct config *config, size_t index, const char *name,
				 const char *value);
void cfg_remove_attr(struct config *config, size_t index);

/*
 * cfg_parse() - read the text form
 * @config: replaced on success, untouched otherwise
 * @problem: gets what is wrong with the text, to be freed, on -EBADMSG
 *
 * Return: 0, -EBADMSG, -ENOMEM.
 */
_must_check_ int cfg_parse(const char *text, size_t length, struct config *config,
			   char **problem);

/* Writes the text form, as mdevctl 1.4.0 does to the byte. */
_must_check_ int cfg_format(const struct config *config, char **text);

#endif
