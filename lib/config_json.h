/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parts of a definition's text that a document has, too. */
#ifndef LIB_CONFIG_JSON_H
#define LIB_CONFIG_JSON_H

#include "config.h"
#include "util/json_tree.h"
#include "util/json_writer.h"

/* Return: -EBADMSG with a @problem, -ENOMEM. */
_printf_format_(2, 3) int cfg_bad(char **problem, const char *format, ...);

/* An element of "attrs", which becomes the last attribute. Return: 0, -EBADMSG, -ENOMEM. */
_must_check_ int cfg_take_attr(const struct json_value *element, struct config *config,
			       char **problem);

void cfg_write_attrs(struct json_writer *writer, const struct config *config);

#endif
