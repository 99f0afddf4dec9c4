/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tip of a usage error: which name a word on the command line may have meant. */
#ifndef CLI_TIP_H
#define CLI_TIP_H

#include <stdio.h>

#include "option_table.h"

/*
 * Whether @word is an option but for its dashes: "-type", "--u", or with the dashes that word
 * processors make of them. Read by letters, "-type" would be "-t ype".
 */
bool tip_has_wrong_dashes(const struct cmd *cmd, const char *word);

/* For @length bytes of @word, which is no option of @cmd. Prints nothing if no idea. */
void tip_for_option(FILE *file, const struct cmd *cmd, const char *word, size_t length);

/* For @word, an argument too many; @given has a bit for each option of @cmd that was given. */
void tip_for_argument(FILE *file, const struct cmd *cmd, const char *word, uint64_t given);

/* For @word, which is no command: the spelling of today, or a similar command. */
void tip_for_command(FILE *file, const char *word);

#endif
