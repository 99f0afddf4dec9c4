// SPDX-License-Identifier: LGPL-2.1-or-later
#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "terminal.h"
#include "tip.h"
#include "usage.h"
#include "util/text.h"

/* Parts -------------------------------------------------------------------- */

/* An argument as text of at most @size bytes. Return: its length. */
static int format_argument(char *text, size_t size, const struct cli_option *option)
{
	return snprintf(text, size, option->required ? "<%s>%s" : "[%s]%s",
			option_value_name(option), option->repeats ? "..." : "");
}

void usage_option(FILE *file, const struct cli_option *option)
{
	const char *value = option_value_name(option);
	char text[80];

	if (option->argument && format_argument(text, sizeof(text), option) > 0)
		fputs(text, file);
	else if (value)
		fprintf(file, "--%s <%s>", option->name, value);
	else
		fprintf(file, "--%s", option->name);
}

void usage_options(FILE *file, const struct cmd *cmd, uint64_t mask)
{
	for (; mask; mask &= mask - 1) {
		fputs("  ", file);
		usage_option(file, &cmd->options[__builtin_ctzll(mask)]);
		fputs("\n", file);
	}
}

void usage_choice(FILE *file, const struct cmd *cmd, uint64_t mask)
{
	bool single = !(mask & (mask - 1));
	const char *separator = single ? "  " : "  <";

	if (!mask)
		return;
	for (; mask; mask &= mask - 1) {
		fputs(separator, file);
		usage_option(file, &cmd->options[__builtin_ctzll(mask)]);
		separator = "|";
	}
	fputs(single ? "\n" : ">\n", file);
}

void usage_synopsis(FILE *file, const struct cmd *cmd, const char *program, uint64_t used)
{
	const struct cli_option *options = cmd->options;

	fprintf(file, "Usage: %s", program);
	if (cmd->commands)
		fputs(" <COMMAND>", file);
	else if (!used)
		fputs(" [OPTIONS]", file);
	for (size_t i = 0; options && options[i].name; i++) {
		if (options[i].required || used & (UINT64_C(1) << i) ||
		    (options[i].argument && !used)) {
			fputs(" ", file);
			usage_option(file, &options[i]);
		}
	}
	fputs("\n", file);
}

/* Errors ------------------------------------------------------------------- */

void usage_error(FILE *file, const char *format, ...)
{
	_cleanup_(freep) char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (!text)
		return;
	text_make_line(text);
	terminal_print_line(file, "error: ", text);
	fputs("\n", file);
}

void usage_end(FILE *file)
{
	fputs("For more information, try '--help'.\n", file);
}

int usage_unknown_command(FILE *file, const char *word)
{
	usage_error(file, "unrecognized subcommand '%s'", word);
	tip_for_command(file, word);
	usage_synopsis(file, &cmd_mdevctl, cmd_mdevctl.name, 0);
	fputs("\n", file);
	usage_end(file);
	return EXIT_USAGE;
}

/* Help --------------------------------------------------------------------- */

/* Prints the first column of an option to @file, which may be NULL; its width. */
static int option_column(FILE *file, const struct cli_option *option)
{
	const char *value = option_value_name(option);
	char text[80];
	int width;

	if (option->argument)
		width = format_argument(text, sizeof(text), option);
	else
		width = snprintf(text, sizeof(text), "%s%s%s --%s%s%s%s",
				 option->letter ? "-" : " ", option->letter ?: " ",
				 option->letter ? "," : " ", option->name, value ? " <" : "",
				 value ?: "", value ? ">" : "");
	if (file)
		fputs(text, file);
	return width;
}

/* An option without its value, as rules name it. */
static void reference(FILE *file, const struct cmd *cmd, const char *name)
{
	const struct cli_option *option = option_of_rule(cmd, name);

	if (option->argument)
		fputs(option_value_name(option), file);
	else
		fprintf(file, "--%s", name);
}

/* A list of options in brackets, nothing for an empty one. */
static void rule(FILE *file, const struct cmd *cmd, const char *words, const char *separator,
		 const char *const *names, size_t max)
{
	for (size_t i = 0; i < max && names[i]; i++) {
		fputs(i ? separator : words, file);
		reference(file, cmd, names[i]);
	}
	if (names[0])
		fputs("]", file);
}

/* The rules of the option's table row, besides its help. */
static void option_rules(FILE *file, const struct cmd *cmd, const struct cli_option *option)
{
	if (option->required && !option->argument)
		fputs(" [required]", file);
	if (option->repeats && !option->argument)
		fputs(" [repeatable]", file);
	rule(file, cmd, " [required without ", " or ", option->unless, OPTION_MAX_UNLESS);
	rule(file, cmd, " [needs ", " or ", option->needs, OPTION_MAX_NEEDS);
	rule(file, cmd, " [not with ", ", ", option->excludes, OPTION_MAX_EXCLUDES);
}

static void help_options(FILE *file, const struct cmd *cmd, bool arguments)
{
	const struct cli_option *option;
	const char *title = arguments ? "\nArguments:\n" : "\nOptions:\n";
	int widest = 0;

	for (size_t i = 0; (option = option_at(cmd, i)); i++) {
		if (option->argument == arguments && option_column(NULL, option) > widest)
			widest = option_column(NULL, option);
	}
	for (size_t i = 0; (option = option_at(cmd, i)); i++) {
		if (option->argument != arguments)
			continue;
		fprintf(file, "%s  ", title);
		title = "";
		fprintf(file, "%*s%s", widest - option_column(file, option) + 2, "", option->help);
		option_rules(file, cmd, option);
		fputs("\n", file);
	}
}

void usage_help(FILE *file, const struct cmd *cmd, const char *program)
{
	fprintf(file, "%s\n\n", cmd->summary);
	usage_synopsis(file, cmd, program, 0);
	if (cmd->commands) {
		fputs("\nCommands:\n", file);
		for (const struct cmd *const *each = cmd->commands; *each; each++) {
			if (!(*each)->hidden)
				fprintf(file, "  %-10s %s\n", (*each)->name, (*each)->summary);
		}
	}
	help_options(file, cmd, true);
	help_options(file, cmd, false);
}
