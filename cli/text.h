/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* UTF-8 as RFC 3629 defines it, without overlong forms and surrogates; messages. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character at the start of @text, which ends with a NUL; 0 if malformed. */
size_t text_char_length(const char *text);

bool text_is_utf8(const char *text);

/* Replaces the control characters of @text by question marks: a message is one line. */
void text_make_line(char *text);

#endif
