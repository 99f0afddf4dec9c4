// SPDX-License-Identifier: LGPL-2.1-or-later
#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "util/text.h"
#include "usage.h"

/* Similar words -------------------------------------------------------------- */

#define MAX_WORD 32

/* Insertions, deletions and replacements that make @b of @a (Levenshtein's distance). */
static size_t edit_distance(const char *a, size_t a_length, const char *b)
{
	size_t row[MAX_WORD + 1], b_length = strlen(b);

	for (size_t j = 0; j <= b_length; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
			size_t moved = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

			diagonal = row[j];
			row[j] = replaced < moved ? replaced : moved;
		}
	}
	return row[b_length];
}

/* A word with more than a third of it different is another word. */
static size_t difference(const char *word, size_t length, const char *name)
{
	size_t longer = strlen(name) > length ? strlen(name) : length, distance;

	if (longer > MAX_WORD)
		return SIZE_MAX;
	distance = edit_distance(word, length, name);
	return distance * 3 <= longer + 1 ? distance : SIZE_MAX;
}

const struct cli_option *usage_similar_option(const struct cmd *cmd, const char *word,
					      size_t length)
{
	const struct cli_option *option, *similar = NULL;
	size_t least = SIZE_MAX;

	for (size_t i = 0; (option = option_at(cmd, i)); i++) {
		size_t distance =
			option->argument ? SIZE_MAX : difference(word, length, option->name);

		if (distance < least) {
			least = distance;
			similar = option;
		}
	}
	return similar;
}

static const struct cmd *similar_command(const char *word)
{
	const struct cmd *similar = NULL;
	size_t least = SIZE_MAX;

	for (const struct cmd *const *cmd = cmd_mdevctl.commands; *cmd; cmd++) {
		size_t distance =
			(*cmd)->hidden ? SIZE_MAX : difference(word, strlen(word), (*cmd)->name);

		if (distance < least) {
			least = distance;
			similar = *cmd;
		}
	}
	return similar;
}

/* Parts -------------------------------------------------------------------- */

void usage_option(FILE *file, const struct cli_option *option)
{
	const char *value = option_value_name(option);

	if (option->argument)
		fprintf(file, option->required ? "<%s>" : "[%s]", value);
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
	fprintf(file, "error: %s\n\n", text);
}

void usage_end(FILE *file)
{
	fputs("For more information, try '--help'.\n", file);
}

int usage_unknown_command(FILE *file, const char *word)
{
	const struct cmd *similar = similar_command(word);

	usage_error(file, "unrecognized subcommand '%s'", word);
	if (similar)
		fprintf(file, "  tip: a similar subcommand exists: '%s'\n\n", similar->name);
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
		width = snprintf(text, sizeof(text), option->required ? "<%s>" : "[%s]", value);
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

/* What the table says about the option besides its help. */
static void option_rules(FILE *file, const struct cmd *cmd, const struct cli_option *option)
{
	if (option->required && !option->argument)
		fputs(" [required]", file);
	if (option->repeats)
		fputs(" [repeatable]", file);
	rule(file, cmd, " [required without ", NULL, &option->unless, 1);
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
