/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A text in the user's editor. Hides temporary files and processes. */
#ifndef CLI_EDITOR_H
#define CLI_EDITOR_H

#include <stdbool.h>

/* Makes a file that only the user can read. @path is to be freed. Prints the error; -errno. */
int editor_make_file(const char *text, char **path);

/*
 * Runs $VISUAL, $EDITOR or vi on the file and waits for it. Prints the error, also if the editor
 * says that it failed. Return: 0, -errno.
 */
int editor_run(const char *path);

/* Asks whether to go on editing; false without a terminal to ask on. */
bool editor_ask_again(void);

#endif
