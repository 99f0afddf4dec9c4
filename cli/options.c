// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Not getopt, argp or popt: all three of them accept abbreviations or take the next
 * option for a value, getopt_long knows no "-u=V", and popt replaces "!#:+" in values.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "options.h"
#include "tip.h"
#include "usage.h"
#include "util/text.h"

struct parser {
	const struct cmd *cmd;
	const char *program;
	const char *const *next; /* word to look at */
	char *values;
	FILE *errors;
	uint64_t given; /* a bit for each option in the command's table */
	bool only_arguments;
	enum options_result result;
};

static uint64_t bit_of(const struct parser *parser, const struct cli_option *option)
{
	return UINT64_C(1) << (option - parser->cmd->options);
}

static bool is_given(const struct parser *parser, const struct cli_option *option)
{
	return parser->given & bit_of(parser, option);
}

/*
 * The parsing functions return whether to continue. If not, the result is known, and a mistake has
 * been printed.
 */
static bool decide(struct parser *parser, enum options_result result)
{
	parser->result = result;
	return false;
}

/* Usage errors --------------------------------------------------------------- */

static bool end_error(struct parser *parser, uint64_t used)
{
	usage_synopsis(parser->errors, parser->cmd, parser->program, used);
	fputs("\n", parser->errors);
	usage_end(parser->errors);
	return decide(parser, OPTIONS_WRONG);
}

/* @word is not an option; @length of its bytes are worth showing. */
static bool unexpected(struct parser *parser, const char *word, size_t length)
{
	usage_error(parser->errors, "unexpected argument '%.*s' found", (int)length, word);
	tip_for_option(parser->errors, parser->cmd, word, length);
	return end_error(parser, 0);
}

static bool missing_value(struct parser *parser, const struct cli_option *option)
{
	usage_error(parser->errors, "a value is required for '--%s <%s>' but none was supplied",
		    option->name, option_value_name(option));
	usage_end(parser->errors);
	return decide(parser, OPTIONS_WRONG);
}

static bool invalid_value(struct parser *parser, const struct cli_option *option, const char *value,
			  const char *reason)
{
	usage_error(parser->errors, "invalid value '%s' for '--%s <%s>': %s", value, option->name,
		    option_value_name(option), reason);
	usage_end(parser->errors);
	return decide(parser, OPTIONS_WRONG);
}

/* Values ----------------------------------------------------------------- */

static bool store_uuid(struct parser *parser, const struct cli_option *option, const char *value,
		       struct mdev_uuid *field)
{
	size_t digits = strspn(value, "0123456789abcdefABCDEF");
	char reason[96] = "not a UUID such as 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";

	if (mdev_uuid_parse(value, field) == 0)
		return true;
	if (value[digits] == '\0')
		snprintf(reason, sizeof(reason),
			 "invalid length: expected length 32 for simple format, found %zu", digits);
	return invalid_value(parser, option, value, reason);
}

/* Why @text is not a number of at most @max, or NULL; @number gets the number. */
static const char *parse_integer(const char *text, unsigned long max, unsigned long *number)
{
	if (!*text)
		return "cannot parse integer from empty string";
	if (text[strspn(text, "0123456789")] != '\0')
		return "invalid digit found in string";
	errno = 0;
	*number = strtoul(text, NULL, 10);
	return errno || *number > max ? "number too large" : NULL;
}

const char *options_parse_seconds(const char *text, unsigned int *milliseconds)
{
	unsigned long seconds;
	const char *wrong = parse_integer(text, UINT_MAX / 1000, &seconds);

	if (!wrong)
		*milliseconds = seconds * 1000;
	return wrong;
}

static bool store_number(struct parser *parser, const struct cli_option *option, const char *value,
			 void *field)
{
	struct option_seconds seconds = { .given = true };
	unsigned long number = 0;
	const char *wrong;

	if (option->kind == OPTION_SECONDS)
		wrong = options_parse_seconds(value, &seconds.milliseconds);
	else
		wrong = parse_integer(value, UINT32_MAX, &number);
	if (!wrong && option->kind == OPTION_COUNT && number == 0)
		wrong = "must not be 0";
	if (wrong)
		return invalid_value(parser, option, value, wrong);
	if (option->kind == OPTION_SECONDS)
		*(struct option_seconds *)field = seconds;
	else
		*(struct option_index *)field =
			(struct option_index){ .given = true, .index = number };
	return true;
}

static bool store_when(struct parser *parser, const struct cli_option *option, const char *value,
		       enum option_when *field)
{
	static const char *const words[] = {
		[OPTION_AUTO] = "auto",
		[OPTION_ALWAYS] = "always",
		[OPTION_NEVER] = "never",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(value, words[i]) == 0) {
			*field = (enum option_when)i;
			return true;
		}
	}
	return invalid_value(parser, option, value, "not auto, always or never");
}

static bool append(struct parser *parser, const struct cli_option *option, const char *value,
		   struct option_list *list)
{
	struct option_item *items =
		reallocarray(list->items, list->count + 1, sizeof(*list->items));

	if (!items) {
		usage_error(parser->errors, "%s", strerror(ENOMEM));
		return end_error(parser, 0);
	}
	items[list->count++] = (struct option_item){ .option = option, .value = value };
	list->items = items;
	return true;
}

static bool store(struct parser *parser, const struct cli_option *option, const char *value)
{
	void *field = parser->values + option->offset;

	if (option->kind == OPTION_FLAG) {
		*(bool *)field = true;
		return true;
	}
	if (option->kind != OPTION_FILE && option->kind != OPTION_DOCUMENT &&
	    !utf8_is_valid(value)) {
		usage_error(parser->errors, "invalid UTF-8 was detected in one or more arguments");
		return end_error(parser, 0);
	}
	if (option->kind == OPTION_UUID)
		return store_uuid(parser, option, value, field);
	if (option->kind == OPTION_SECONDS || option->kind == OPTION_INDEX ||
	    option->kind == OPTION_COUNT)
		return store_number(parser, option, value, field);
	if (!*value && option->kind != OPTION_VALUE && option->kind != OPTION_ACCESS)
		return missing_value(parser, option);
	if (option->kind == OPTION_SETTING && !strchr(value + 1, '='))
		return invalid_value(parser, option, value, "not a name, \"=\" and a value");
	if (option->kind == OPTION_WHEN)
		return store_when(parser, option, value, field);
	if (option->repeats)
		return append(parser, option, value, field);
	*(const char **)field = value;
	return true;
}

static bool take(struct parser *parser, const struct cli_option *option, const char *value)
{
	if (option == &option_help)
		return decide(parser, OPTIONS_HELP);
	if (option == &option_version)
		return decide(parser, OPTIONS_VERSION);
	if (is_given(parser, option) && !option->repeats) {
		fputs("error: the argument '", parser->errors);
		usage_option(parser->errors, option);
		fputs("' cannot be used multiple times\n\n", parser->errors);
		return end_error(parser, 0);
	}
	parser->given |= bit_of(parser, option);
	return store(parser, option, value);
}

/* A single byte is shown of a text that may not be UTF-8. */
static size_t character_length(const char *text)
{
	size_t length = utf8_length(text, strlen(text));

	return length ? length : 1;
}

/* A word that begins with a dash is a value only after "=". */
static bool take_next(struct parser *parser, const struct cli_option *option)
{
	const char *word = *parser->next;
	size_t length;

	if (!word)
		return missing_value(parser, option);
	if (word[0] != '-' || word[1] == '\0') {
		parser->next++;
		return take(parser, option, word);
	}
	length = strcspn(word, "=");
	if (word[1] == '-' ? length == 2 || option_by_name(parser->cmd, word + 2, length - 2)
			   : !!option_by_letter(parser->cmd, word[1]))
		return missing_value(parser, option);
	return unexpected(parser, word, word[1] == '-' ? length : 1 + character_length(word + 1));
}

/* Words -------------------------------------------------------------------- */

/* @name is what follows "--". */
static bool parse_name(struct parser *parser, const char *name)
{
	size_t length = strcspn(name, "=");
	const char *value = name[length] ? name + length + 1 : NULL;
	const struct cli_option *option = option_by_name(parser->cmd, name, length);

	if (!option)
		return unexpected(parser, name - 2, length + 2);
	if (option->kind == OPTION_FLAG && value) {
		usage_error(parser->errors,
			    "unexpected value '%s' for '--%s' found; no more were expected", value,
			    option->name);
		return end_error(parser, 0);
	}
	if (option->kind == OPTION_FLAG || value)
		return take(parser, option, value);
	return take_next(parser, option);
}

static bool unexpected_letter(struct parser *parser, const char *letter)
{
	char word[8] = "-";

	strncat(word, letter, character_length(letter));
	return unexpected(parser, word, strlen(word));
}

/* @letters is what follows "-": flags, the last of which may be an option with a value. */
static bool parse_letters(struct parser *parser, const char *letters)
{
	bool goes_on = true;

	for (; *letters && goes_on; letters++) {
		const struct cli_option *option = option_by_letter(parser->cmd, *letters);

		if (!option)
			return unexpected_letter(parser, letters);
		if (option->kind == OPTION_FLAG) {
			goes_on = take(parser, option, NULL);
			continue;
		}
		if (letters[1] == '\0')
			return take_next(parser, option);
		return take(parser, option, letters + 1 + (letters[1] == '='));
	}
	return goes_on;
}

static bool parse_argument(struct parser *parser, const char *word)
{
	const struct cli_option *option;

	for (size_t i = 0; (option = option_at(parser->cmd, i)); i++) {
		if (option->argument && (option->repeats || !is_given(parser, option)))
			return take(parser, option, word);
	}
	usage_error(parser->errors, "unexpected argument '%s' found", word);
	tip_for_argument(parser->errors, parser->cmd, word, parser->given);
	return end_error(parser, 0);
}

static bool parse_word(struct parser *parser, const char *word)
{
	if (parser->only_arguments)
		return parse_argument(parser, word);
	if (tip_has_wrong_dashes(parser->cmd, word))
		return unexpected(parser, word, strcspn(word, "="));
	if (word[0] != '-' || word[1] == '\0')
		return parse_argument(parser, word);
	if (word[1] != '-')
		return parse_letters(parser, word + 1);
	if (word[2] != '\0')
		return parse_name(parser, word + 2);
	parser->only_arguments = true;
	return true;
}

/* Rules -------------------------------------------------------------------- */

/* The given options that @option excludes. */
static uint64_t excluded(const struct parser *parser, const struct cli_option *option)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < OPTION_MAX_EXCLUDES && option->excludes[i]; i++)
		mask |= bit_of(parser, option_of_rule(parser->cmd, option->excludes[i]));
	return mask & parser->given;
}

static bool check_exclusions(struct parser *parser)
{
	const struct cli_option *options = parser->cmd->options;

	for (size_t i = 0; options[i].name; i++) {
		uint64_t mask = is_given(parser, &options[i]) ? excluded(parser, &options[i]) : 0;

		if (!mask)
			continue;
		fputs("error: the argument '", parser->errors);
		usage_option(parser->errors, &options[i]);
		if (mask & (mask - 1)) {
			fputs("' cannot be used with:\n", parser->errors);
			usage_options(parser->errors, parser->cmd, mask);
			fputs("\n", parser->errors);
		} else {
			fputs("' cannot be used with '", parser->errors);
			usage_option(parser->errors, &options[__builtin_ctzll(mask)]);
			fputs("'\n\n", parser->errors);
		}
		return end_error(parser, parser->given & ~mask);
	}
	return true;
}

/* The options of which at least one must be given for @option; 0 if nothing is missing. */
static uint64_t missing_for(const struct parser *parser, const struct cli_option *option)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < OPTION_MAX_NEEDS && option->needs[i]; i++)
		mask |= bit_of(parser, option_of_rule(parser->cmd, option->needs[i]));
	return is_given(parser, option) && !(mask & parser->given) ? mask : 0;
}

/* Likewise for those that are a choice. */
static uint64_t missing_choice(const struct parser *parser)
{
	const struct cli_option *options = parser->cmd->options;
	uint64_t mask = 0;

	for (size_t i = 0; options[i].name; i++) {
		if (options[i].choice)
			mask |= bit_of(parser, &options[i]);
	}
	return mask & parser->given ? 0 : mask;
}

static bool is_missing(const struct parser *parser, const struct cli_option *option)
{
	if (is_given(parser, option))
		return false;
	if (!option->unless[0])
		return option->required;
	for (size_t i = 0; i < OPTION_MAX_UNLESS && option->unless[i]; i++)
		if (is_given(parser, option_of_rule(parser->cmd, option->unless[i])))
			return false;
	return true;
}

/* The required options: all of @all, and one of each set of @one. */
struct missing {
	uint64_t all;
	uint64_t one[2];
};

static struct missing find_missing(const struct parser *parser)
{
	const struct cli_option *options = parser->cmd->options;
	struct missing missing = { .one = { missing_choice(parser) } };

	for (size_t i = 0; options[i].name; i++) {
		if (is_missing(parser, &options[i]))
			missing.all |= bit_of(parser, &options[i]);
		if (!missing.one[1])
			missing.one[1] = missing_for(parser, &options[i]);
	}
	return missing;
}

static bool check_requirements(struct parser *parser)
{
	struct missing missing = find_missing(parser);

	if (!missing.all && !missing.one[0] && !missing.one[1])
		return true;
	fputs("error: the following required arguments were not provided:\n", parser->errors);
	usage_options(parser->errors, parser->cmd, missing.all);
	for (size_t i = 0; i < ARRAY_SIZE(missing.one); i++)
		usage_choice(parser->errors, parser->cmd, missing.one[i]);
	fputs("\n", parser->errors);
	return end_error(parser, parser->given | missing.all);
}

enum options_result options_parse(const struct cmd *cmd, const char *program,
				  const char *const *args, void *values, FILE *errors)
{
	struct parser parser = {
		.cmd = cmd, .program = program, .next = args, .values = values, .errors = errors
	};
	bool goes_on = true;

	while (goes_on && *parser.next)
		goes_on = parse_word(&parser, *parser.next++);
	if (goes_on && cmd->options)
		goes_on = check_exclusions(&parser) && check_requirements(&parser);
	return goes_on ? OPTIONS_RUN : parser.result;
}

void options_release(const struct cmd *cmd, void *values)
{
	const struct cli_option *option;

	for (size_t i = 0; (option = option_at(cmd, i)); i++) {
		if (option->repeats) {
			struct option_list *list = (void *)((char *)values + option->offset);

			free(list->items);
			*list = (struct option_list){ 0 };
		}
	}
}
