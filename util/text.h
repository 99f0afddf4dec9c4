/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names, numbers and UTF-8 (RFC 3629: no overlong forms, no surrogates). */
#ifndef UTIL_TEXT_H
#define UTIL_TEXT_H

#include <stdint.h>

#include "util/cleanup.h"

/* Whether @name is a valid component of a path. */
bool name_is_valid(const char *name);

/* Whether both are the same text, or both NULL. */
bool text_same(const char *a, const char *b);

/*
 * FNV-1a, which tells one text from the next and keeps no secret. @digest: TEXT_DIGEST, or that of
 * the texts before it.
 */
#define TEXT_DIGEST UINT64_C(0xcbf29ce484222325)
uint64_t text_digest(uint64_t digest, const char *text);

/* Whether there are control characters, also C1 in UTF-8. */
bool text_has_control(const char *text);

/* Whether @path is relative and has only valid names as its components. */
bool path_is_below(const char *path);

/* The part of @path after its last slash. */
const char *path_base(const char *path);

/* A decimal number and nothing else; -EBADMSG. */
_must_check_ int parse_number(const char *text, unsigned int *number);

/* Bytes of the character at the start of @text; 0 if it is malformed or there is none. */
size_t utf8_length(const char *text, size_t available);

/* How many bytes of @text are whole UTF-8 characters. */
size_t utf8_prefix(const char *text, size_t length);
bool utf8_is_valid(const char *text);

/* How many bytes of @text are whole characters that a string of JSON has without an escape. */
size_t utf8_plain_length(const char *text, size_t length);

/*
 * Replaces control characters, also C1 in UTF-8, by question marks, so that external text is one
 * line and cannot command a terminal.
 */
void text_make_line(char *text);

#endif
