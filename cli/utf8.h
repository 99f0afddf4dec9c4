/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates. */
#ifndef CLI_UTF8_H
#define CLI_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character at the start of @text, which ends with a NUL; 0 if malformed. */
size_t utf8_length(const char *text);

bool utf8_is_valid(const char *text);

#endif
