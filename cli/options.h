/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parser of command lines. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdio.h>

#include "option_table.h"

enum options_result {
	OPTIONS_RUN,	 /* values are set, run the command */
	OPTIONS_HELP,	 /* --help came before the first mistake */
	OPTIONS_VERSION, /* --version likewise */
	OPTIONS_WRONG,	 /* the mistake has been printed */
};

/**
 * options_parse() - bring a command line into a command's values
 * @cmd: command
 * @program: how it was called, for messages: "mdevctl list"
 * @args: what follows that, up to NULL; must outlive @values, which point into it
 * @values: zeroed structure of the command's values, to be released with
 *	options_release() whatever the result
 * @errors: gets the usage error, if there is one
 */
enum options_result options_parse(const struct cmd *cmd, const char *program,
				  const char *const *args, void *values, FILE *errors);

/* Frees the lists in @values, not @values itself. */
void options_release(const struct cmd *cmd, void *values);

/* Reads whole seconds. Return: NULL, or why @text is wrong. */
const char *options_parse_seconds(const char *text, unsigned int *milliseconds);

#endif
