/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Output for terminals. Names and values come from files, drivers and scripts: a control character
 * among them could command the terminal or forge a line. They are shown as in JSON, and bytes that
 * are not UTF-8 as \x9b. Files and pipes get everything unchanged.
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdio.h>

#include "util/buffer.h"

/* Adds @string as a terminal gets it: nothing in it is the end of a line. */
void terminal_add(struct buffer *buffer, const char *string);

/* Likewise for a text that has lines. */
void terminal_add_lines(struct buffer *buffer, const char *text);

/* Columns of the terminal that is standard output, or else of $COLUMNS, or 80. */
unsigned int terminal_width(void);

/* Prints @text after @prefix, up to the end of the line, as @file gets it. */
void terminal_print_line(FILE *file, const char *prefix, const char *text);

#endif
