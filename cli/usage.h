/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Help and usage errors, derived from the option tables. */
#ifndef CLI_USAGE_H
#define CLI_USAGE_H

#include <stdio.h>

#include "option_table.h"

/* What --help prints. */
void usage_help(FILE *file, const struct cmd *cmd, const char *program);

/* "error: ..." and the empty line after it. */
_printf_format_(2, 3) void usage_error(FILE *file, const char *format, ...);

/* "Usage: ..." with the options of the mask @used, and required ones; in general if 0. */
void usage_synopsis(FILE *file, const struct cmd *cmd, const char *program, uint64_t used);

/* The options of the mask, one a line. */
void usage_options(FILE *file, const struct cmd *cmd, uint64_t mask);

/* One line for the options of the mask, of which one is needed; nothing for 0. */
void usage_choice(FILE *file, const struct cmd *cmd, uint64_t mask);

/* The last line of a usage error. */
void usage_end(FILE *file);

/* An option as messages name it: "--uuid <UUID>". */
void usage_option(FILE *file, const struct cli_option *option);

/* The error of a word that is no command, with a tip; EXIT_USAGE. */
int usage_unknown_command(FILE *file, const char *word);

#endif
