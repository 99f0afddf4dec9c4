/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The words of a JSON text. Hides how strings and numbers are written; knows
 * nothing of objects. The problems are told in the terms of serde_json, which
 * users of mdevctl know.
 */
#ifndef LIB_LEX_H
#define LIB_LEX_H

#include "util.h"

#define LEX_END (-1)

struct lex {
	const char *text, *at, *end;
	const char *problem;	/* what is wrong at @at, once a function has failed */
	struct buffer word;	/* the string or number taken last, with a NUL behind it */
};

void lex_clear(struct lex *lex);

/* Sets the problem. Return: -EBADMSG. */
int lex_fail(struct lex *lex, const char *problem);

/* The next byte that is not white space, LEX_END if there is none. */
int lex_peek(struct lex *lex);

/* Goes past the next byte if it is @c. */
bool lex_take(struct lex *lex, char c);

/* Goes past @word if the text continues with it. */
bool lex_take_word(struct lex *lex, const char *word);

/* Takes the string that begins here: what it stands for is in word then. */
_must_check_ int lex_string(struct lex *lex);

/* Takes the number that begins here: word has it as it is written. */
_must_check_ int lex_number(struct lex *lex);

/* Line and column of the place, as serde_json counts. */
void lex_locate(const struct lex *lex, size_t *line, size_t *column);

#endif
