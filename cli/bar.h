/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much of something is used, as a bar for people. */
#ifndef CLI_BAR_H
#define CLI_BAR_H

#include <stdbool.h>

#include "option_table.h"
#include "util/buffer.h"

struct bar_style {
	unsigned int columns; /* that a line has; 0: no bars */
	bool color;
	bool ascii;
};

/* The style that standard output, NO_COLOR and the character set ask for. */
struct bar_style bar_choose(enum option_when bars, enum option_when color);

/* Adds the bar to the end of a line of @indent columns, as far as there is room. */
void bar_add(struct buffer *buffer, const struct bar_style *style, unsigned int indent,
	     unsigned int used, unsigned int available);

#endif
