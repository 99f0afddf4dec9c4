// SPDX-License-Identifier: LGPL-2.1-or-later
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bar.h"
#include "terminal.h"

/* Narrower ones say nothing, wider ones no more. */
#define BAR_MIN 4
#define BAR_MAX 40

/* ECMA-48: set graphic rendition. */
#define BAR_GREEN  "\033[32m"
#define BAR_YELLOW "\033[33m"
#define BAR_RED	   "\033[31m"
#define BAR_PLAIN  "\033[0m"

/* As no-color.org has it: set and not empty. */
static bool bar_is_colored(enum option_when color)
{
	const char *none = getenv("NO_COLOR"), *terminal = getenv("TERM");

	if (color != OPTION_AUTO)
		return color == OPTION_ALWAYS;
	return isatty(STDOUT_FILENO) && !(none && *none) &&
	       !(terminal && strcmp(terminal, "dumb") == 0);
}

struct bar_style bar_choose(enum option_when bars, enum option_when color)
{
	if (bars == OPTION_NEVER || (bars == OPTION_AUTO && !isatty(STDOUT_FILENO)))
		return (struct bar_style){ 0 };
	setlocale(LC_CTYPE, "");
	return (struct bar_style){
		.columns = terminal_width(),
		.color = bar_is_colored(color),
		.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
	};
}

/* Something that is used, or left, is seen, however little it is. */
static unsigned int bar_fill(unsigned int width, unsigned int used, unsigned int available)
{
	unsigned long long all = (unsigned long long)used + available;
	unsigned int filled = all ? (unsigned int)(used * (unsigned long long)width / all) : 0;

	if (filled == 0 && used > 0)
		return 1;
	return filled;
}

/* The last quarter is yellow, the end is red. */
static const char *bar_color(unsigned int used, unsigned int available)
{
	if (available == 0)
		return BAR_RED;
	return available <= used / 3 ? BAR_YELLOW : BAR_GREEN;
}

void bar_add(struct buffer *buffer, const struct bar_style *style, unsigned int indent,
	     unsigned int used, unsigned int available)
{
	const char *full = style->ascii ? "#" : "\u2588", *empty = style->ascii ? "-" : "\u2591";
	unsigned int width, filled;
	char text[64];
	int length;

	length = snprintf(text, sizeof(text), "  %u of %llu used", used,
			  (unsigned long long)used + available);
	/* Two blanks before it, and the last column stays free. */
	if (style->columns < indent + length + 2 + BAR_MIN + 1)
		return;
	width = style->columns - indent - length - 3;
	if (width > BAR_MAX)
		width = BAR_MAX;
	filled = bar_fill(width, used, available);
	buffer_add_string(buffer, "  ");
	if (style->color)
		buffer_add_string(buffer, bar_color(used, available));
	for (unsigned int i = 0; i < width; i++)
		buffer_add_string(buffer, i < filled ? full : empty);
	if (style->color)
		buffer_add_string(buffer, BAR_PLAIN);
	buffer_add_string(buffer, text);
}
