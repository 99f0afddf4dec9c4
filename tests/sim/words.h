/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words of a line of machine files and of .sim/control. */
#ifndef SIM_WORDS_H
#define SIM_WORDS_H

/**
 * word_next() - take the next word off *@rest; NULL: there is none
 *
 * Double quotes keep spaces together; a backslash within them works as in C for \n, \t, \" and
 * \\.
 */
char *word_next(char **rest);

/** word_value() - the value of KEY=VALUE, or NULL */
const char *word_value(const char *word, const char *key);

/** word_number() - 0, or -EINVAL for what is none; accepts NULL */
int word_number(const char *text, int base, unsigned int *value);

/** word_errno() - the errno of a name like "EIO", or 0 */
int word_errno(const char *name);

#endif
