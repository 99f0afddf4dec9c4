// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "tip.h"

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

/* The option of @cmd whose name @word, of @length bytes, may be a misspelling of, or NULL. */
static const struct cli_option *similar_option(const struct cmd *cmd, const char *word,
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

/* Options ------------------------------------------------------------------- */

/* Bytes of the dashes that @word begins with: U+2010 to U+2015 and U+2212 are such, too. */
static size_t dashes_length(const char *word)
{
	const unsigned char *bytes = (const unsigned char *)word;

	for (;;) {
		if (*bytes == '-')
			bytes++;
		else if (bytes[0] == 0xe2 && bytes[1] == 0x80 && bytes[2] >= 0x90 &&
			 bytes[2] <= 0x95)
			bytes += 3;
		else if (bytes[0] == 0xe2 && bytes[1] == 0x88 && bytes[2] == 0x92)
			bytes += 3;
		else
			return bytes - (const unsigned char *)word;
	}
}

/* The option of @cmd that @name, without dashes, is the long name or the letter of. */
static const struct cli_option *named_option(const struct cmd *cmd, const char *name, size_t length)
{
	return length == 1 ? option_by_letter(cmd, *name) : option_by_name(cmd, name, length);
}

bool tip_has_wrong_dashes(const struct cmd *cmd, const char *word)
{
	size_t dashes = dashes_length(word), length = strcspn(word + dashes, "=");
	const struct cli_option *option = named_option(cmd, word + dashes, length);
	size_t right = length == 1 ? 1 : 2;

	if (!dashes || !option)
		return false;
	if (dashes == right && word[0] == '-')
		return false;
	/* By letters, this asks for help as well. */
	return !(option == &option_help && dashes == 1);
}

/* The commands that have the option, which was given to none of them. */
static void tip_owners(FILE *file, const struct cmd *cmd, const char *name, size_t length)
{
	bool found = false;

	for (const struct cmd *const *each = cmd->commands; *each; each++) {
		if ((*each)->hidden || !named_option(*each, name, length))
			continue;
		if (!found)
			fprintf(file,
				"  tip: '%s%.*s' comes after a command: ", length == 1 ? "-" : "--",
				(int)length, name);
		fprintf(file, "%s'%s'", found ? ", " : "", (*each)->name);
		found = true;
	}
	if (found)
		fputs("\n\n", file);
}

void tip_for_option(FILE *file, const struct cmd *cmd, const char *word, size_t length)
{
	size_t dashes = dashes_length(word);
	const struct cli_option *option;

	if (dashes >= length)
		return;
	word += dashes;
	length -= dashes;
	option = named_option(cmd, word, length);
	if (option && length == 1)
		fprintf(file, "  tip: a similar argument exists: '-%s'\n\n", option->letter);
	if (!option && length > 1)
		option = similar_option(cmd, word, length);
	if (option && length > 1)
		fprintf(file, "  tip: a similar argument exists: '--%s'\n\n", option->name);
	if (!option && cmd->commands)
		tip_owners(file, cmd, word, length);
}

void tip_for_argument(FILE *file, const struct cmd *cmd, const char *word, uint64_t given)
{
	const struct cli_option *options = cmd->options;
	struct mdev_uuid uuid;

	if (mdev_uuid_parse(word, &uuid) < 0)
		return;
	for (size_t i = 0; options && options[i].name; i++) {
		if (options[i].kind == OPTION_UUID && !(given & (UINT64_C(1) << i)))
			fprintf(file, "  tip: a UUID needs its option: '--%s %s'\n\n",
				options[i].name, uuid.text);
	}
}

/* Commands ------------------------------------------------------------------ */

/* Commands of earlier versions of mdevctl and of similar programs, and their names today. */
static const struct {
	const char *word;
	const char *today[2];
} earlier_commands[] = {
	{ "create", { "start", "define" } },
	{ "create-mdev", { "start", "define" } },
	{ "start-mdev", { "start" } },
	{ "stop-mdev", { "stop" } },
	{ "destroy", { "stop" } },
	{ "remove", { "stop", "undefine" } },
	{ "remove-mdev", { "stop", "undefine" } },
	{ "delete", { "stop", "undefine" } },
	{ "define-mdev", { "define" } },
	{ "undefine-mdev", { "undefine" } },
	{ "modify-mdev", { "modify" } },
	{ "set-start", { "modify --auto", "modify --manual" } },
	{ "set-additional-config", { "modify --setattr" } },
	{ "list-mdevs", { "list" } },
	{ "list-saved", { "list --defined" } },
	{ "list-defined", { "list --defined" } },
	{ "list-types", { "types" } },
	{ "list-available", { "types" } },
	{ "list-all", { "types" } },
	{ "lsmdev", { "list" } },
	{ "version", { "--version" } },
};

static bool tip_earlier_command(FILE *file, const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(earlier_commands); i++) {
		const char *const *today = earlier_commands[i].today;

		if (strcmp(word, earlier_commands[i].word) != 0)
			continue;
		fprintf(file, "  tip: this command is now '%s %s'", cmd_mdevctl.name, today[0]);
		if (today[1])
			fprintf(file, " or '%s %s'", cmd_mdevctl.name, today[1]);
		fputs("\n\n", file);
		return true;
	}
	return false;
}

/* Whether @word is a command and an option with no blank between, "start--uuid", which is said. */
static bool tip_missing_blank(FILE *file, const char *word)
{
	const char *dashes = strstr(word, "--");

	for (const struct cmd *const *cmd = cmd_mdevctl.commands; dashes && *cmd; cmd++) {
		size_t length = strcspn(dashes + 2, "=");

		if (strlen((*cmd)->name) != (size_t)(dashes - word) ||
		    memcmp((*cmd)->name, word, dashes - word) != 0 ||
		    !option_by_name(*cmd, dashes + 2, length))
			continue;
		fprintf(file, "  tip: a space is missing: '%s --%.*s'\n\n", (*cmd)->name,
			(int)length, dashes + 2);
		return true;
	}
	return false;
}

void tip_for_command(FILE *file, const char *word)
{
	const struct cmd *similar;

	if (tip_earlier_command(file, word) || tip_missing_blank(file, word))
		return;
	similar = similar_command(word);
	if (similar)
		fprintf(file, "  tip: a similar subcommand exists: '%s'\n\n", similar->name);
}
