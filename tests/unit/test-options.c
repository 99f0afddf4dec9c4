// SPDX-License-Identifier: LGPL-2.1-or-later
/* Command lines against a table of options, and what is said about wrong ones. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../cli/options.h"
#include "../../cli/usage.h"

#define U1	 "11111111-1111-1111-1111-111111111111"
#define U1_PLAIN "11111111111111111111111111111111"

struct values {
	struct mdev_uuid uuid;
	const char *parent;
	const char *file;
	bool verbose;
	bool defined;
	struct option_seconds wait;
	const char *command;
	enum option_when when;
};

static const struct cli_option options[] = {
	OPTION(values, uuid, "u", OPTION_UUID, .unless = { "parent" }, .help = "The UUID"),
	OPTION(values, parent, "p", OPTION_PARENT, .help = "The parent"),
	OPTION(values, file, NULL, OPTION_FILE, .excludes = { "verbose", "wait" },
	       .help = "A file"),
	OPTION(values, verbose, "v", OPTION_FLAG, .help = "More"),
	OPTION(values, defined, "d", OPTION_FLAG, .help = "Defined"),
	OPTION(values, wait, NULL, OPTION_SECONDS, .help = "Seconds"),
	OPTION(values, when, NULL, OPTION_WHEN, .help = "When"),
	OPTION(values, command, NULL, OPTION_COMMAND, .argument = true, .help = "A command"),
	{ 0 }
};

static const struct cmd cmd_try = { .name = "try", .summary = "Try", .options = options };
static const struct cmd *const commands[] = { &cmd_try, NULL };
const struct cmd cmd_mdevctl = {
	.name = "mdevctl", .summary = "Test", .version = true, .commands = commands
};

static const struct cli_option strict_options[] = {
	OPTION(values, uuid, "u", OPTION_UUID, .required = true, .help = "The UUID"),
	OPTION(values, parent, "p", OPTION_PARENT, .help = "The parent"),
	{ 0 }
};

static const struct cmd cmd_strict = { .name = "strict", .options = strict_options };

struct line {
	struct values values;
	enum options_result result;
	char *error;
};

static void parse_with(struct line *line, const struct cmd *cmd, const char *const *args)
{
	size_t size;
	FILE *errors;

	memset(line, 0, sizeof(*line));
	errors = open_memstream(&line->error, &size);
	assert_non_null(errors);
	line->result = options_parse(cmd, "mdevctl try", args, &line->values, errors);
	fclose(errors);
}

#define parse(line, ...) parse_with(line, &cmd_try, (const char *const[]){ __VA_ARGS__, NULL })

static void accept_(struct line *line, const char *const *args)
{
	parse_with(line, &cmd_try, args);
	assert_string_equal(line->error, "");
	assert_int_equal(line->result, OPTIONS_RUN);
	free(line->error);
}

#define accept(line, ...) accept_(line, (const char *const[]){ __VA_ARGS__, NULL })

/* The error begins with @expected; it is always followed by the pointer to the help. */
static void refuse_(const struct cmd *cmd, const char *expected, const char *const *args)
{
	static const char end[] = "\n\nFor more information, try '--help'.\n";
	struct line line;
	size_t length;

	parse_with(&line, cmd, args);
	assert_int_equal(line.result, OPTIONS_WRONG);
	length = strlen(line.error);
	assert_true(length > strlen(end));
	assert_string_equal(line.error + length - strlen(end), end);
	assert_null(strstr(line.error, "\n\n\n"));
	if (length > strlen(expected))
		line.error[strlen(expected)] = '\0';
	assert_string_equal(line.error, expected);
	free(line.error);
}

#define refuse(expected, ...)                                                                      \
	refuse_(&cmd_try, expected, (const char *const[]){ __VA_ARGS__, NULL })

static void every_form_of_an_option_gives_its_value(void **state)
{
	static const char *const forms[][4] = {
		{ "--parent", "mtty" }, { "--parent=mtty" }, { "-p", "mtty" },
		{ "-pmtty" },		{ "-p=mtty" },	     { "-vdp", "mtty" },
		{ "-vpmtty" },		{ "-vp=mtty" },	     { "-v", "--parent=mtty", "-d" },
	};
	struct line line;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		accept_(&line, forms[i]);
		assert_string_equal(line.values.parent, "mtty");
	}
}

static void values_arrive_byte_for_byte(void **state)
{
	static const char *const texts[] = { "!#:+", "a!#:+b",	 "=",  "a=b", "--=-",
					     " ",    "\xc3\xa4", "-x", "--" };
	struct line line;
	char word[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		snprintf(word, sizeof(word), "--parent=%s", texts[i]);
		accept(&line, word, "-d");
		assert_string_equal(line.values.parent, texts[i]);
		assert_true(line.values.defined);
	}
	accept(&line, "-p", "-");
	assert_string_equal(line.values.parent, "-");
}

static void flags_combine(void **state)
{
	struct line line;

	(void)state;
	accept(&line, "-dvu" U1);
	assert_true(line.values.defined);
	assert_true(line.values.verbose);
	assert_string_equal(line.values.uuid.text, U1);
	accept(&line, "-u", U1);
	assert_false(line.values.defined);
	assert_null(line.values.parent);
}

static void uuids_become_canonical(void **state)
{
	static const char *const forms[] = { U1, U1_PLAIN, "{" U1 "}", "urn:uuid:" U1 };
	struct line line;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		accept(&line, "--uuid", forms[i]);
		assert_string_equal(line.values.uuid.text, U1);
	}
}

static void when_is_one_of_three_words(void **state)
{
	struct line line;

	(void)state;
	accept(&line, "-pm");
	assert_int_equal(line.values.when, OPTION_AUTO);
	accept(&line, "-pm", "--when", "auto");
	assert_int_equal(line.values.when, OPTION_AUTO);
	accept(&line, "-pm", "--when=always");
	assert_int_equal(line.values.when, OPTION_ALWAYS);
	accept(&line, "-pm", "--when=never");
	assert_int_equal(line.values.when, OPTION_NEVER);
	refuse("error: invalid value 'Always' for '--when <WHEN>': not auto, always or never",
	       "--when=Always");
	refuse("error: a value is required for '--when <WHEN>' but none was supplied", "--when=");
}

static void what_is_no_uuid_is_refused_with_the_reason(void **state)
{
	(void)state;
	refuse("error: invalid value '123' for '--uuid <UUID>': invalid length: expected length 32 "
	       "for simple format, found 3\n\nFor more",
	       "-u", "123");
	refuse("error: invalid value '' for '--uuid <UUID>': invalid length", "--uuid=");
	refuse("error: invalid value 'x' for '--uuid <UUID>': not a UUID", "-ux");
	refuse("error: invalid value 'a?b' for '--uuid <UUID>': not a UUID", "-ua\nb");
}

static void seconds_become_milliseconds(void **state)
{
	struct line line;

	(void)state;
	accept(&line, "-pm", "--wait=0");
	assert_true(line.values.wait.given);
	assert_int_equal(line.values.wait.milliseconds, 0);
	accept(&line, "-pm", "--wait", "4294967");
	assert_int_equal(line.values.wait.milliseconds, 4294967000u);
	accept(&line, "-pm");
	assert_false(line.values.wait.given);
}

static void what_is_no_number_of_seconds_is_refused(void **state)
{
	(void)state;
	refuse("error: invalid value '4294968' for '--wait <SECONDS>': number too large",
	       "--wait=4294968");
	refuse("error: invalid value '99999999999999999999' for '--wait <SECONDS>': number too "
	       "large",
	       "--wait=99999999999999999999");
	refuse("error: invalid value '1x' for '--wait <SECONDS>': invalid digit", "--wait=1x");
	refuse("error: invalid value ' 1' for '--wait <SECONDS>': invalid digit", "--wait= 1");
	refuse("error: invalid value '' for '--wait <SECONDS>': cannot parse", "--wait=");
}

static void a_missing_value_is_told(void **state)
{
	static const char message[] =
		"error: a value is required for '--parent <PARENT>' but none was supplied\n\nFor";

	(void)state;
	refuse(message, "--parent");
	refuse(message, "-p");
	refuse(message, "-vp");
	refuse(message, "--parent=");
	refuse(message, "-p", "");
	refuse(message, "-p=");
	refuse(message, "-p", "--verbose");
	refuse(message, "-p", "-v");
	refuse(message, "-p", "--help");
	refuse(message, "-p", "--", "x");
}

static void a_separate_value_cannot_begin_with_a_hyphen(void **state)
{
	(void)state;
	refuse("error: unexpected argument '-1' found\n\nUsage: mdevctl try [OPTIONS]", "-p", "-1");
	refuse("error: unexpected argument '--x' found\n\nUsage", "-p", "--x=y");
}

static void an_unknown_option_is_told_with_a_similar_one(void **state)
{
	(void)state;
	refuse("error: unexpected argument '--uid' found\n\n"
	       "  tip: a similar argument exists: '--uuid'\n\nUsage",
	       "--uid=3");
	refuse("error: unexpected argument '--nonsense' found\n\nUsage", "--nonsense");
	refuse("error: unexpected argument '-x' found\n\nUsage", "-vx");
	refuse("error: unexpected argument '--paren' found", "--paren", "x");
	refuse("error: unexpected argument '-=' found", "-v=1");
	refuse("error: unexpected argument '--0123456789012345678901234567890123456789' found",
	       "--0123456789012345678901234567890123456789");
}

static void a_long_option_after_one_dash_is_no_row_of_letters(void **state)
{
	static const char *const words[][3] = {
		{ "-uuid", U1 },     { "-uuid=" U1 },	   { "-parent", "mtty" },
		{ "-parent=mtty" },  { "-parent" },	   { "-file", "x" },
		{ "-verbose" },	     { "-defined" },	   { "-verbose=1" },
		{ "-wait", "3" },    { "-wait=3" },	   { "-d", "-parent" },
		{ "-parent", "-h" }, { "---parent", "x" },
	};
	struct line line;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *word = words[i][0][2] ? words[i][0] : words[i][1];
		int length = strcspn(word, "="), dashes = strspn(word, "-");
		char expected[160];

		snprintf(expected, sizeof(expected),
			 "error: unexpected argument '%.*s' found\n\n"
			 "  tip: a similar argument exists: '--%.*s'\n\nUsage: mdevctl try",
			 length, word, length - dashes, word + dashes);
		refuse_(&cmd_try, expected, words[i]);
	}
	parse(&line, "-help");
	assert_int_equal(line.result, OPTIONS_HELP);
	free(line.error);
}

static void what_only_begins_like_a_long_option_is_letters(void **state)
{
	static const char *const forms[][3] = {
		{ "-parents" }, { "-parenT" }, { "-paren" }, { "-p=arent" }, { "-p", "arent" },
	};
	static const char *const values[] = { "arents", "arenT", "aren", "arent", "arent" };
	struct line line;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		accept_(&line, forms[i]);
		assert_string_equal(line.values.parent, values[i]);
	}
	accept(&line, "-px", "--", "-parent");
	assert_string_equal(line.values.command, "-parent");
}

static void dashes_of_a_word_processor_lead_to_those_of_options(void **state)
{
	(void)state;
	refuse("error: unexpected argument '\xe2\x80\x93parent' found\n\n"
	       "  tip: a similar argument exists: '--parent'\n\nUsage",
	       "\xe2\x80\x93parent", "mtty");
	refuse("error: unexpected argument '\xe2\x80\x94wait' found\n\n"
	       "  tip: a similar argument exists: '--wait'\n\nUsage",
	       "\xe2\x80\x94wait=3");
	refuse("error: unexpected argument '\xe2\x88\x92p' found\n\n"
	       "  tip: a similar argument exists: '-p'\n\nUsage",
	       "\xe2\x88\x92p", "mtty");
	refuse("error: unexpected argument '--p' found\n\n"
	       "  tip: a similar argument exists: '-p'\n\nUsage",
	       "--p", "mtty");
}

static void a_uuid_without_its_option_leads_to_that(void **state)
{
	(void)state;
	refuse_(&cmd_strict,
		"error: unexpected argument '" U1 "' found\n\n"
		"  tip: a UUID needs its option: '--uuid " U1 "'\n\nUsage",
		(const char *const[]){ U1, NULL });
	refuse_(&cmd_strict, "error: unexpected argument '" U1 "' found\n\nUsage",
		(const char *const[]){ "-u", U1, U1, NULL });
}

static void an_option_of_a_command_leads_to_the_command(void **state)
{
	static const char *const words[] = { "--parent", "--parent=x", "-p", "-parent", "-px" };
	struct line line;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		parse_with(&line, &cmd_mdevctl, (const char *const[]){ words[i], NULL });
		assert_int_equal(line.result, OPTIONS_WRONG);
		assert_non_null(strstr(line.error, "' comes after a command: 'try'\n\nUsage"));
		free(line.error);
	}
}

static void a_flag_takes_no_value(void **state)
{
	(void)state;
	refuse("error: unexpected value 'yes' for '--verbose' found; no more were "
	       "expected\n\nUsage",
	       "--verbose=yes");
	refuse("error: unexpected value '' for '--help' found; no more were expected", "--help=");
}

static void an_option_cannot_be_repeated(void **state)
{
	(void)state;
	refuse("error: the argument '--verbose' cannot be used multiple times\n\nUsage", "-vv");
	refuse("error: the argument '--parent <PARENT>' cannot be used multiple times\n\nUsage",
	       "-px", "--parent", "x");
}

static void only_as_many_arguments_as_there_are_names_for_are_taken(void **state)
{
	struct line line;

	(void)state;
	accept(&line, "-px", "list");
	assert_string_equal(line.values.command, "list");
	accept(&line, "-px", "--", "--help");
	assert_string_equal(line.values.command, "--help");
	refuse("error: unexpected argument 'two' found", "one", "two");
}

static void help_wins_over_rules_but_not_over_mistakes_before_it(void **state)
{
	struct line line;

	(void)state;
	parse(&line, "--help", "--nonsense");
	assert_int_equal(line.result, OPTIONS_HELP);
	free(line.error);
	parse(&line, "-vh");
	assert_int_equal(line.result, OPTIONS_HELP);
	free(line.error);
	refuse("error: unexpected argument '--nonsense' found", "--nonsense", "--help");
}

static void only_commands_with_a_version_take_the_option(void **state)
{
	struct line line;

	(void)state;
	parse_with(&line, &cmd_mdevctl, (const char *const[]){ "-V", NULL });
	assert_int_equal(line.result, OPTIONS_VERSION);
	free(line.error);
	refuse("error: unexpected argument '-V' found", "-V");
}

static void exclusions_name_both_sides(void **state)
{
	(void)state;
	refuse("error: the argument '--file <JSONFILE>' cannot be used with '--verbose'\n\n"
	       "Usage: mdevctl try --parent <PARENT> --file <JSONFILE>\n",
	       "-pm", "-v", "--file=x");
	refuse("error: the argument '--file <JSONFILE>' cannot be used with:\n"
	       "  --verbose\n  --wait <SECONDS>\n\n"
	       "Usage: mdevctl try --parent <PARENT> --file <JSONFILE>\n",
	       "--file=x", "-pm", "--wait=3", "-v");
}

static void missing_options_are_listed(void **state)
{
	(void)state;
	refuse("error: the following required arguments were not provided:\n  --uuid <UUID>\n\n"
	       "Usage: mdevctl try --uuid <UUID> --verbose\n",
	       "-v");
	refuse_(&cmd_strict,
		"error: the following required arguments were not provided:\n"
		"  --uuid <UUID>\n\nUsage: mdevctl try --uuid <UUID> --parent <PARENT>\n",
		(const char *const[]){ "-p", "x", NULL });
	refuse_(&cmd_strict,
		"error: unexpected argument 'x' found\n\n"
		"Usage: mdevctl try [OPTIONS] --uuid <UUID>\n",
		(const char *const[]){ "x", NULL });
}

static void values_must_be_utf8_but_file_names_need_not(void **state)
{
	static const char *const malformed[] = { "-p\xff",
						 "-p\xc3",
						 "-p\xc0\xaf",
						 "-p\xe0\x80\xaf",
						 "-p\xed\xa0\x80",
						 "-p\xf4\x90\x80\x80",
						 "-p\xf0\x80\x80\x80",
						 "-p\xe2\x82",
						 "-p\x80" };
	static const char *const wellformed[] = { "-p\xc3\xa4", "-p\xe2\x82\xac",
						  "-p\xf0\x9f\x98\x80", "-p\xed\x9f\xbf",
						  "-p\xf4\x8f\xbf\xbf" };
	struct line line;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(malformed); i++)
		refuse("error: invalid UTF-8 was detected in one or more arguments\n\nUsage",
		       malformed[i]);
	for (size_t i = 0; i < ARRAY_SIZE(wellformed); i++)
		accept(&line, wellformed[i]);
	accept(&line, "-px", "--file=\xff");
	assert_string_equal(line.values.file, "\xff");
}

static void help_says_all_that_the_table_says(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	(void)state;
	usage_help(file, &cmd_try, "mdevctl try");
	fclose(file);
	assert_string_equal(text, "Try\n\n"
				  "Usage: mdevctl try [OPTIONS] [COMMAND]\n\n"
				  "Arguments:\n"
				  "  [COMMAND]  A command\n\n"
				  "Options:\n"
				  "  -u, --uuid <UUID>      The UUID [required without --parent]\n"
				  "  -p, --parent <PARENT>  The parent\n"
				  "      --file <JSONFILE>  A file [not with --verbose, --wait]\n"
				  "  -v, --verbose          More\n"
				  "  -d, --defined          Defined\n"
				  "      --wait <SECONDS>   Seconds\n"
				  "      --when <WHEN>      When\n"
				  "  -h, --help             Print help\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_an_option_gives_its_value),
		cmocka_unit_test(values_arrive_byte_for_byte),
		cmocka_unit_test(flags_combine),
		cmocka_unit_test(uuids_become_canonical),
		cmocka_unit_test(when_is_one_of_three_words),
		cmocka_unit_test(what_is_no_uuid_is_refused_with_the_reason),
		cmocka_unit_test(seconds_become_milliseconds),
		cmocka_unit_test(what_is_no_number_of_seconds_is_refused),
		cmocka_unit_test(a_missing_value_is_told),
		cmocka_unit_test(a_separate_value_cannot_begin_with_a_hyphen),
		cmocka_unit_test(an_unknown_option_is_told_with_a_similar_one),
		cmocka_unit_test(a_long_option_after_one_dash_is_no_row_of_letters),
		cmocka_unit_test(what_only_begins_like_a_long_option_is_letters),
		cmocka_unit_test(dashes_of_a_word_processor_lead_to_those_of_options),
		cmocka_unit_test(a_uuid_without_its_option_leads_to_that),
		cmocka_unit_test(an_option_of_a_command_leads_to_the_command),
		cmocka_unit_test(a_flag_takes_no_value),
		cmocka_unit_test(an_option_cannot_be_repeated),
		cmocka_unit_test(only_as_many_arguments_as_there_are_names_for_are_taken),
		cmocka_unit_test(help_wins_over_rules_but_not_over_mistakes_before_it),
		cmocka_unit_test(only_commands_with_a_version_take_the_option),
		cmocka_unit_test(exclusions_name_both_sides),
		cmocka_unit_test(missing_options_are_listed),
		cmocka_unit_test(values_must_be_utf8_but_file_names_need_not),
		cmocka_unit_test(help_says_all_that_the_table_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
