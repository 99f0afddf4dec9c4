// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The callout protocol, by shell scripts that write down how they are called: which one,
 * with what, in which order, and what their answer changes.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"

#define USR "usr/lib/mdevctl/scripts.d/"
#define ETC "etc/mdevctl.d/scripts.d/"

/* Appends "<name>:<event>-<action>-<state> " to "calls". */
#define NOTE "while [ $# -gt 0 ]; do eval \"opt_${1#-}=\\$2\"; shift 2; done\n" \
	     "printf '%s:%s-%s-%s ' ${0##*/} $opt_e $opt_a $opt_s >> ${0%%/usr/*}/calls\n"
/* For a script without capabilities: those are not its business. */
#define OLD NOTE "if [ $opt_e = get ]; then exit 2; fi\n"
#define ABLE(actions, events)                                                          \
	NOTE "if [ $opt_a = capabilities ]; then cat > ${0%%/usr/*}/provided\n"         \
	"echo '{\"supports\":{\"version\":2,\"actions\":[" actions "],\"events\":[" events \
	"],\"more\":1}}'; exit; fi\n"
#define ALL_ACTIONS "\"start\",\"stop\",\"define\",\"undefine\",\"modify\",\"attributes\"," \
		    "\"capabilities\""
#define ALL_EVENTS "\"pre\",\"post\",\"get\",\"live\",\"notify\""
#define ALL ABLE(ALL_ACTIONS, ALL_EVENTS)
#define FAIL_IN(event, status) "[ $opt_e = " event " ] && exit " status "\nexit 0\n"

static void make_executable(struct fixture *f, const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s/%s", f->root, path);
	assert_int_equal(chmod(full, 0755), 0);
}

/* A script in three parts, the middle one being what a test varies. */
static void make_script_of(struct fixture *f, const char *path, const char *head,
			   const char *middle, const char *tail)
{
	char text[4096];
	int length = snprintf(text, sizeof(text), "#!/bin/sh\n%s%s%s", head, middle, tail);

	assert_true(length < (int)sizeof(text));
	make_file(f, path, text);
	make_executable(f, path);
}

static void make_script(struct fixture *f, const char *path, const char *body)
{
	make_script_of(f, path, body, "", "");
}

static void assert_calls(struct fixture *f, const char *expected)
{
	if (exists(f, "calls"))
		assert_file(f, "calls", expected);
	else
		assert_string_equal("", expected);
	remove_tree(f, "calls");
}

static void make_machine(struct fixture *f)
{
	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "4");
}

static int define_with(struct fixture *f, unsigned int flags)
{
	struct mdev_definition *definition = new_definition(f, U1, "mtty", "mtty-1", "a", "5", NULL);
	int r = mdev_define(definition, flags);

	mdev_definition_unref(definition);
	return r;
}

static int define(struct fixture *f)
{
	return define_with(f, 0);
}

static int undefine(struct fixture *f)
{
	struct mdev_definition *definition;
	int r;

	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U1), "mtty", &definition), 0);
	r = mdev_undefine(definition, 0);
	mdev_definition_unref(definition);
	return r;
}

static int start(struct fixture *f)
{
	struct mdev_definition *definition = new_definition(f, U1, "mtty", "mtty-1", NULL);
	int r = mdev_start(definition, 0);

	mdev_definition_unref(definition);
	return r;
}

static struct mdev_device *get_device(struct fixture *f)
{
	struct mdev_device *device;

	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), 0);
	return device;
}

static int stop_device(struct fixture *f)
{
	struct mdev_device *device = get_device(f);
	int r = mdev_stop(device, 0);

	mdev_device_unref(device);
	return r;
}

/* "Script '<root>/<path>' <what>" */
static void assert_says_of_script(struct fixture *f, const char *text, const char *path,
				  const char *what)
{
	char expected[1024];

	snprintf(expected, sizeof(expected), "Script '%s/%s' %s", f->root, path, what);
	assert_string_equal(text, expected);
}

static void assert_refusal(struct fixture *f, const char *path, const char *what)
{
	assert_says_of_script(f, mdev_ctx_last_error(f->ctx), path, what);
}

/* Which script, and how --------------------------------------------------- */

static void without_scripts_operations_just_happen(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	assert_int_equal(define(f), 0);
	make_dir(f, USR "callouts");
	make_dir(f, ETC "notifiers");
	assert_int_equal(undefine(f), 0);
	assert_int_equal(start(f), 0);
	assert_int_equal(stop_device(f), 0);
	assert_string_equal(f->warnings, "");
}

static void a_script_gets_the_arguments_in_their_order(void **state)
{
	struct fixture *f = *state;

	make_script(f, USR "callouts/a", "[ $4 = get ] && exit 2\n"
		    "echo \"$# $*\" >> ${0%%/usr/*}/args\ncat >> ${0%%/usr/*}/input\n");
	assert_int_equal(define(f), 0);
	assert_file(f, "args", "12 -t mtty-1 -e pre -a define -s none -u " U1 " -p mtty\n"
			       "12 -t mtty-1 -e post -a define -s success -u " U1 " -p mtty\n");
#define INPUT "{\"mdev_type\":\"mtty-1\",\"start\":\"manual\",\"attrs\":[{\"a\":\"5\"}]}"
	assert_file(f, "input", INPUT INPUT);
}

static void pre_and_post_have_the_caller_as_their_parent(void **state)
{
	char expected[64];
	struct fixture *f = *state;

	make_script(f, USR "callouts/a", OLD "echo $PPID >> ${0%%/usr/*}/parents\n");
	assert_int_equal(define(f), 0);
	snprintf(expected, sizeof(expected), "%d\n%d\n", getpid(), getpid());
	assert_file(f, "parents", expected);
}

static void a_lock_in_the_parents_name_is_held_from_pre_to_post(void **state)
{
	struct fixture *f = *state;

	/* As s390's ap-check does it. */
	make_script(f, USR "callouts/ap-check", ALL
		    "lock=${0%%/usr/*}/lock\n"
		    "if [ $opt_e = pre ]; then [ -e $lock ] && exit 1; echo $PPID > $lock\n"
		    "elif [ $opt_e = post ]; then [ \"$(cat $lock)\" = $PPID ] && rm $lock; fi\n");
	make_machine(f);
	assert_int_equal(define(f), 0);
	assert_false(exists(f, "lock"));
	assert_int_equal(start(f), 0);
	assert_int_equal(start(f), -EEXIST);
	assert_false(exists(f, "lock"));
	f->warnings[0] = '\0';
	assert_int_equal(stop_device(f), 0);
	assert_int_equal(undefine(f), 0);
	assert_false(exists(f, "lock"));
	assert_string_equal(f->warnings, "");
}

static void a_versioned_script_is_asked_once_and_alone(void **state)
{
	struct fixture *f = *state;

	make_script(f, USR "callouts/a", OLD);
	make_script(f, USR "callouts/b", ALL);
	make_script(f, USR "callouts/c", ALL);
	assert_int_equal(define(f), 0);
	assert_calls(f, "a:get-capabilities-none b:get-capabilities-none b:pre-define-none "
			"b:post-define-success ");
	assert_file(f, "provided",
		    "{\"provides\":{\"version\":2,\"actions\":[\"start\",\"stop\",\"define\",\"undefine\","
		    "\"modify\",\"attributes\",\"capabilities\"],\"events\":[\"pre\",\"post\",\"notify\","
		    "\"get\",\"live\"]}}");
	assert_int_equal(undefine(f), 0);
	assert_calls(f, "b:pre-undefine-none b:post-undefine-success ");
}

static void unversioned_scripts_are_tried_until_one_is_responsible(void **state)
{
	struct fixture *f = *state;

	make_script(f, USR "callouts/a", OLD "exit 2\n");
	make_script(f, USR "callouts/b", OLD "exit 0\n");
	make_script(f, USR "callouts/c", OLD "exit 0\n");
	assert_int_equal(define(f), 0);
	assert_calls(f, "a:get-capabilities-none b:get-capabilities-none c:get-capabilities-none "
			"a:pre-define-none b:pre-define-none b:post-define-success ");
}

static void scripts_of_usr_come_before_those_of_etc(void **state)
{
	struct fixture *f = *state;

	make_script(f, USR "callouts/z", OLD "exit 2\n");
	make_script(f, ETC "callouts/a", "[ $4 = get ] && exit 2\necho etc > ${0%%/etc/*}/found\n");
	assert_int_equal(define(f), 0);
	/* z is not asked again with post: a has been found by then. */
	assert_calls(f, "z:get-capabilities-none z:pre-define-none ");
	assert_file(f, "found", "etc\n");
}

static void what_cannot_be_run_is_passed_over(void **state)
{
	struct fixture *f = *state;

	make_file(f, USR "callouts/a", "#!/bin/sh\nexit 1\n");
	make_file(f, USR "callouts/b", "exit 1\n");
	make_executable(f, USR "callouts/b");
	make_dir(f, USR "callouts/c");
	make_link(f, USR "callouts/d", "nowhere");
	make_script(f, USR "callouts/e", OLD);
	assert_int_equal(define(f), 0);
	assert_calls(f, "e:get-capabilities-none e:pre-define-none e:post-define-success ");
	assert_string_equal(f->warnings, "");
}

static void garbage_instead_of_capabilities_is_no_capabilities(void **state)
{
	static const char *const garbage[] = {
		"echo hello", "printf '\\377\\376'", "echo '{}'", "echo '[]'", "echo null",
		"echo '{\"supports\":{\"version\":2,\"actions\":[]}}'",
		"echo '{\"supports\":{\"version\":\"2\",\"actions\":[],\"events\":[]}}'", ":",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(garbage); i++) {
		assert_int_equal(mdev_ctx_set_root(f->ctx, f->root), 0);
		make_script_of(f, USR "callouts/a", NOTE "[ $opt_e = get ] && { ", garbage[i],
			       "; exit 0; }\nexit 0\n");
		assert_int_equal(define(f), 0);
		assert_calls(f, "a:get-capabilities-none a:pre-define-none a:post-define-success ");
		remove_tree(f, DEFS "/mtty");
	}
	assert_string_equal(f->warnings, "");
}

static void capabilities_may_end_with_nuls(void **state)
{
	struct fixture *f = *state;

	make_script(f, USR "callouts/a", NOTE
		    "[ $opt_e = get ] && printf '{\"supports\":{\"version\":2,\"actions\":[],"
		    "\"events\":[]}}\\n\\0\\0'\nexit 0\n");
	assert_int_equal(define(f), -EOPNOTSUPP);
	assert_refusal(f, USR "callouts/a", "does not support action 'Define'");
}

/* What a script's answer changes ------------------------------------------- */

static void a_failing_pre_refuses_the_operation(void **state)
{
	struct fixture *f = *state;

	make_script(f, USR "callouts/a", OLD FAIL_IN("pre", "1"));
	make_script(f, USR "notifiers/n", NOTE);
	assert_int_equal(define(f), -ECANCELED);
	assert_refusal(f, USR "callouts/a", "failed with status '1'");
	assert_calls(f, "a:get-capabilities-none a:pre-define-none n:notify-define-none ");
	assert_false(exists(f, DEFS "/mtty"));
}

static void force_carries_on_after_a_refusal(void **state)
{
	struct fixture *f = *state;

	make_script(f, USR "callouts/a", OLD FAIL_IN("pre", "3"));
	assert_int_equal(define_with(f, MDEV_OP_FORCE), 0);
	assert_non_null(strstr(f->warnings, "Forcing operation 'define' despite callout failure. "
			       "Error was: Script '"));
	assert_non_null(strstr(f->warnings, "callouts/a' failed with status '3'"));
	assert_calls(f, "a:get-capabilities-none a:pre-define-none a:post-define-success ");
	assert_true(exists(f, DEFS "/mtty/" U1));
}

static void status_2_of_a_versioned_script_is_a_failure(void **state)
{
	struct fixture *f = *state;

	make_script(f, USR "callouts/a", ALL FAIL_IN("pre", "2"));
	assert_int_equal(define(f), -ECANCELED);
	assert_refusal(f, USR "callouts/a", "failed with status '2'");
}

static void a_script_that_is_renamed_is_found_again(void **state)
{
	struct fixture *f = *state;
	char from[256], to[256];

	make_machine(f);
	make_script(f, USR "callouts/vendor-1", ALL "exit 0\n");
	assert_int_equal(define(f), 0);
	snprintf(from, sizeof(from), "%s/" USR "callouts/vendor-1", f->root);
	snprintf(to, sizeof(to), "%s/" USR "callouts/vendor-2", f->root);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(undefine(f), 0);
	assert_int_equal(define(f), 0);
	assert_string_equal(f->warnings, "");
}

static void copies_of_scripts_are_not_run(void **state)
{
	static const char *const names[] = {
		"ap~", "ap.dpkg-old", ".ap.swp", "#ap#", "ap.rpmsave", ".hidden",
	};
	struct fixture *f = *state;
	char path[256];

	make_machine(f);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), USR "callouts/%s", names[i]);
		make_script(f, path, ALL "exit 1\n");
	}
	assert_int_equal(define(f), 0);
}

static void a_flood_is_cut_with_a_line_that_says_how_much(void **state)
{
	struct fixture *f = *state;
	size_t lines = 0;

	make_machine(f);
	make_script(f, USR "callouts/a", ALL "[ $opt_e = pre ] && "
		    "head -c 300000 /dev/zero | tr '\\0' '\\n' | sed 's/^/x/' | head -c 200000 >&2\nexit 0\n");
	fixture_keep_log(f, MDEV_LOG_SCRIPT);
	assert_int_equal(define(f), 0);
	for (const char *c = f->warnings; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 101);
	assert_non_null(strstr(f->warnings, "wrote 199800 bytes more, which are not shown\n"));
}

static void death_by_a_signal_is_a_failure(void **state)
{
	struct fixture *f = *state;

	make_script(f, USR "callouts/a", ALL "[ $opt_e = pre ] && kill -TERM $$\nexit 0\n");
	assert_int_equal(define(f), -ECANCELED);
	assert_error_has(f, "callouts/a' was terminated by signal 15 (Terminated)");
	assert_false(exists(f, DEFS "/mtty"));
	make_script(f, USR "callouts/a", OLD "[ $opt_e = pre ] && kill -TERM $$\nexit 0\n");
	assert_int_equal(mdev_ctx_set_root(f->ctx, f->root), 0);
	assert_int_equal(define(f), -ECANCELED);
	assert_error_has(f, "callouts/a' was terminated by signal 15 (Terminated)");
}

static void a_signal_instead_of_capabilities_is_warned_about(void **state)
{
	struct fixture *f = *state;

	make_script(f, USR "callouts/a", NOTE "[ $opt_e = get ] && kill -TERM $$\nexit 2\n");
	make_script(f, USR "callouts/b", ALL);
	assert_int_equal(define(f), 0);
	assert_says_of_script(f, f->warnings, USR "callouts/a", "was terminated by signal 15 (Terminated)\n");
	assert_calls(f, "a:get-capabilities-none b:get-capabilities-none b:pre-define-none "
			"b:post-define-success ");
}

static void names_of_a_later_version_are_warned_about_and_do_no_harm(void **state)
{
	struct fixture *f = *state;

	make_script(f, USR "callouts/a", ABLE("\"define\",\"later\"", "\"pre\",\"post\""));
	assert_int_equal(define(f), 0);
	assert_says_of_script(f, f->warnings, USR "callouts/a", "supports unknown action 'later'\n");
	assert_calls(f, "a:get-capabilities-none a:pre-define-none a:post-define-success ");
}

static void what_a_versioned_script_does_not_support_is_refused(void **state)
{
	struct fixture *f = *state;

	make_script(f, USR "callouts/a", ABLE("\"start\"", "\"pre\""));
	make_machine(f);
	assert_int_equal(define(f), -EOPNOTSUPP);
	assert_refusal(f, USR "callouts/a", "does not support action 'Define'");
	/* It may leave out what is not needed. */
	assert_int_equal(start(f), 0);
	assert_calls(f, "a:get-capabilities-none a:pre-start-none ");
}

static void post_learns_of_the_failure_and_cannot_change_it(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_script(f, USR "callouts/a", OLD FAIL_IN("post", "1"));
	make_script(f, USR "notifiers/n", NOTE);
	f->fail_write = "/create";
	f->fail_error = ENOSPC;
	assert_int_equal(start(f), -ENOSPC);
	assert_error_has(f, "Failed to create mdev " U1);
	assert_calls(f, "a:get-capabilities-none a:pre-start-none a:post-start-failure "
			"n:notify-start-failure ");
}

static void a_failing_post_is_a_warning(void **state)
{
	struct fixture *f = *state;

	make_script(f, USR "callouts/a", OLD FAIL_IN("post", "1"));
	assert_int_equal(define(f), 0);
	assert_says_of_script(f, f->warnings, USR "callouts/a", "failed with status '1'\n");
	assert_true(exists(f, DEFS "/mtty/" U1));
}

static void a_script_that_hangs_is_killed_and_named(void **state)
{
	struct fixture *f = *state;

	/* Time enough for a shell to begin on a busy machine. */
	mdev_ctx_set_callout_timeout(f->ctx, 3000);
	make_script(f, USR "callouts/a",
		    OLD "[ $opt_e = pre ] && { echo stuck >&2; exec sleep 1000; }\nexit 0\n");
	fixture_keep_log(f, MDEV_LOG_SCRIPT);
	assert_int_equal(define(f), -ETIMEDOUT);
	assert_refusal(f, USR "callouts/a", "was killed: it ran for more than 3 s");
	assert_non_null(strstr(f->warnings, "a: stuck\n"));
	assert_false(exists(f, DEFS "/mtty"));
}

/* Ends what scripts have left in the background. */
static void kill_left(struct fixture *f)
{
	char *pids = read_text(f, "left"), *rest = pids;
	long pid;

	while ((pid = strtol(rest, &rest, 10)) > 0)
		assert_int_equal(kill(pid, SIGKILL), 0);
	free(pids);
}

static void what_a_script_leaves_in_the_background_holds_up_nobody(void **state)
{
	struct fixture *f = *state;

	make_script(f, USR "callouts/a",
		    OLD "sleep 1000 &\necho $! >> ${0%%/usr/*}/left\nexit 0\n");
	assert_int_equal(define(f), 0);
	assert_string_equal(f->warnings, "");
	kill_left(f);
}

static void a_script_that_writes_before_it_reads_does_not_block(void **state)
{
	enum { SIZE = 300000 };
	struct mdev_definition *definition;
	char *value = malloc(SIZE + 1);
	struct fixture *f = *state;

	assert_non_null(value);
	memset(value, 'x', SIZE);
	value[SIZE] = '\0';
	make_script(f, USR "callouts/a", OLD
		    "head -c 300000 /dev/zero | tr '\\0' y\nhead -c 300000 /dev/zero | tr '\\0' z >&2\n"
		    "wc -c >> ${0%%/usr/*}/count\n");
	definition = new_definition(f, U1, "mtty", "mtty-1", "a", value, NULL);
	assert_int_equal(mdev_define(definition, 0), 0);
	assert_file(f, "count", "300058\n300058\n");
	mdev_definition_unref(definition);
	free(value);
}

static void a_script_that_writes_without_end_is_killed(void **state)
{
	struct fixture *f = *state;

	make_script(f, USR "callouts/a", OLD "exec cat /dev/zero\n");
	assert_int_equal(define(f), -EFBIG);
	assert_refusal(f, USR "callouts/a", "was killed: it wrote too much");
}

static void each_line_of_stderr_is_logged_under_the_scripts_name(void **state)
{
	struct fixture *f = *state;

	fixture_keep_log(f, MDEV_LOG_SCRIPT);
	make_script(f, USR "callouts/a", OLD "echo 'not mine' >&2; exit 2\n");
	make_script(f, USR "callouts/b", OLD "[ $opt_e = post ] && exit 0\n"
		    "echo stdout\nprintf 'one\\ntwo\\tthree\\n\\nbytes \\377\\0four' >&2\n");
	make_script(f, USR "notifiers/n", "echo 'of no interest' >&2\n");
	assert_int_equal(define(f), 0);
	assert_string_equal(f->warnings, "b: one\nb: two three\nb: bytes \377\nb: four\n");
}

static void no_callouts_runs_nothing(void **state)
{
	struct fixture *f = *state;

	make_script(f, USR "callouts/a", ALL FAIL_IN("pre", "1"));
	make_script(f, USR "notifiers/n", NOTE);
	assert_int_equal(define_with(f, MDEV_OP_NO_CALLOUTS), 0);
	assert_calls(f, "");
}

static void notifiers_run_sorted_and_matter_to_nothing(void **state)
{
	struct fixture *f = *state;

	make_script(f, USR "notifiers/b", NOTE "exit 1\n");
	make_script(f, USR "notifiers/c", NOTE "[ -n \"$(cat)\" ] && echo input >> calls\n");
	make_script(f, USR "notifiers/a", NOTE "kill -KILL $$\n");
	make_script(f, ETC "notifiers/0", "echo \"$*\" > ${0%%/etc/*}/args\n");
	assert_int_equal(define(f), 0);
	assert_calls(f, "a:notify-define-success b:notify-define-success c:notify-define-success ");
	assert_file(f, "args", "-t mtty-1 -e notify -a define -s success -u " U1 " -p mtty\n");
	assert_string_equal(f->warnings, "");
}

/* What scripts are told ------------------------------------------------------ */

#define KEEP_INPUT OLD "cat > ${0%%/usr/*}/$opt_a-$opt_e\n"

static void stopping_tells_the_stored_configuration(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_device(f, "mtty", "mtty-1", U1);
	make_script(f, USR "callouts/a", KEEP_INPUT);
	make_file(f, DEFS "/mtty/" U1, "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\","
				       "\"attrs\":[{\"a\":\"1\"}],\"owner\":\"me\"}");
	assert_int_equal(stop_device(f), 0);
	assert_file(f, "stop-pre", "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\","
				   "\"attrs\":[{\"a\":\"1\"}]}");
	assert_file(f, "stop-post", "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\","
				    "\"attrs\":[{\"a\":\"1\"}]}");
}

static void stopping_another_type_than_the_stored_tells_only_the_type(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_device(f, "mtty", "mtty-1", U1);
	make_script(f, USR "callouts/a", KEEP_INPUT);
	make_file(f, DEFS "/mtty/" U1, "{\"mdev_type\":\"mtty-2\",\"start\":\"auto\"}");
	assert_int_equal(stop_device(f), 0);
	assert_file(f, "stop-pre", "{\"mdev_type\":\"mtty-1\",\"start\":\"manual\",\"attrs\":[]}");
}

static void undefining_tells_what_the_file_says(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition = new_definition(f, U1, "mtty", "other", NULL);

	make_script(f, USR "callouts/a", KEEP_INPUT);
	make_file(f, DEFS "/mtty/" U1, "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\"}");
	assert_int_equal(mdev_undefine(definition, 0), 0);
	assert_file(f, "undefine-pre", "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\",\"attrs\":[]}");
	mdev_definition_unref(definition);
}

static void a_malformed_definition_is_undefined_without_scripts(void **state)
{
	struct mdev_definition *definition;
	struct fixture *f = *state;

	make_script(f, USR "callouts/a", ALL FAIL_IN("pre", "1"));
	make_file(f, DEFS "/mtty/" U1, "garbage");
	assert_int_equal(mdev_definition_new(f->ctx, UUID(U1), &definition), 0);
	assert_int_equal(mdev_definition_set_parent(definition, "mtty"), 0);
	assert_int_equal(mdev_undefine(definition, 0), 0);
	assert_false(exists(f, DEFS "/mtty"));
	assert_calls(f, "");
	mdev_definition_unref(definition);
}

static void scripts_are_not_bothered_with_what_cannot_be_done(void **state)
{
	struct mdev_definition *definition;
	struct fixture *f = *state;

	make_script(f, USR "callouts/a", ALL);
	make_definition(f, "mtty", U1);
	assert_int_equal(define(f), -EEXIST);
	definition = new_definition(f, U2, "mtty", "mtty-1", NULL);
	assert_int_equal(mdev_undefine(definition, 0), -ENOENT);
	assert_int_equal(mdev_modify(definition, 0), -ENOENT);
	mdev_definition_unref(definition);
	assert_calls(f, "");
}

/* Attributes of active devices ---------------------------------------------- */

static struct mdev_definition *describe(struct fixture *f, unsigned int flags)
{
	struct mdev_definition *definition;
	struct mdev_device *device;

	if (!exists(f, MTTY "/" U1)) {
		make_machine(f);
		make_device(f, "mtty", "mtty-1", U1);
	}
	device = get_device(f);
	assert_int_equal(mdev_device_get_definition(device, flags, &definition), 0);
	mdev_device_unref(device);
	return definition;
}

static void assert_attrs(struct fixture *f, const char *answer, size_t count, const char *warning)
{
	struct mdev_definition *definition;

	f->warnings[0] = '\0';
	assert_int_equal(mdev_ctx_set_root(f->ctx, f->root), 0);
	make_script_of(f, USR "callouts/a", ALL "[ $opt_a = attributes ] && ", answer,
		       "\nexit 0\n");
	definition = describe(f, 0);
	assert_int_equal(mdev_definition_count_attrs(definition), count);
	if (*warning)
		assert_non_null(strstr(f->warnings, warning));
	else
		assert_string_equal(f->warnings, "");
	mdev_definition_unref(definition);
}

static void attributes_of_an_active_device_are_asked_tolerantly(void **state)
{
	static const char nonsense[] = "Invalid JSON received from callout script";
	struct fixture *f = *state;

	assert_attrs(f, "echo '[{\"a\":\"1\"},{\"b\":\"2\"}]'", 2, "");
	assert_attrs(f, "printf '[{\"a\":\"1\"}]\\n\\0\\0'", 1, "");
	assert_attrs(f, "echo '[{}]'", 0, "");
	assert_attrs(f, "printf '[{}]'", 0, "");
	assert_attrs(f, "echo null", 0, "");
	assert_attrs(f, "echo", 0, "");
	assert_attrs(f, ":", 0, "");
	assert_attrs(f, "echo hello", 0, nonsense);
	assert_attrs(f, "printf '\\377'", 0, nonsense);
	assert_attrs(f, "echo '{}'", 0, nonsense);
	assert_attrs(f, "echo '[{\"a\":\"1\"},{\"b\":2},{\"c\":\"3\"}]'", 1, nonsense);
	assert_attrs(f, "exit 4", 0, "failed with status '4'");
}

static void attributes_are_asked_only_if_they_are_wanted(void **state)
{
	struct mdev_definition *definition;
	struct fixture *f = *state;
	struct mdev_device **devices;

	make_script(f, USR "callouts/a", ALL);
	make_file(f, DEFS "/mtty/" U1, "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\","
				       "\"attrs\":[{\"a\":\"1\"}]}");
	definition = describe(f, MDEV_OP_NO_CALLOUTS);
	assert_int_equal(mdev_definition_get_start(definition), MDEV_START_AUTO);
	assert_int_equal(mdev_definition_count_attrs(definition), 0);
	mdev_definition_unref(definition);
	assert_int_equal(mdev_device_list(f->ctx, NULL, NULL, &devices), 0);
	mdev_device_list_free(devices);
	assert_calls(f, "");
	mdev_definition_unref(describe(f, 0));
	assert_calls(f, "a:get-capabilities-none a:get-attributes-none ");
}

/* Fewer and more than are worth reading once for all what they share. */
static const size_t few_and_many[] = { 0, 1, 40 };
#define MANY 40

static void make_devices(struct fixture *f)
{
	char uuid[MDEV_UUID_STRING_SIZE], path[128];

	make_machine(f);
	for (int i = 0; i < MANY; i++) {
		snprintf(uuid, sizeof(uuid), "%08x-1111-4111-8111-111111111111", i);
		make_device(f, "mtty", "mtty-1", uuid);
		snprintf(path, sizeof(path), DEFS "/mtty/%s", uuid);
		if (i % 3 < 2)
			make_file(f, path, i % 3 ? "broken" :
				  "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\",\"attrs\":[]}");
	}
}

static void assert_listed_as_each(struct fixture *f, size_t count, unsigned int flags)
{
	struct mdev_device **devices, *last;
	struct mdev_definition **list, *one;

	assert_int_equal(mdev_device_list(f->ctx, NULL, NULL, &devices), 0);
	last = devices[count];
	devices[count] = NULL;
	assert_int_equal(mdev_definition_list_active(f->ctx, devices, flags, &list), 0);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(mdev_device_get_definition(devices[i], flags, &one), 0);
		assert_true(mdev_definition_equal(list[i], one));
		mdev_definition_unref(one);
	}
	assert_null(list[count]);
	mdev_definition_list_free(list);
	devices[count] = last;
	mdev_device_list_free(devices);
}

static void a_list_of_active_devices_describes_each_of_them(void **state)
{
	struct fixture *f = *state;

	make_devices(f);
	for (size_t i = 0; i < ARRAY_SIZE(few_and_many); i++)
		assert_listed_as_each(f, few_and_many[i], 0);
	assert_string_equal(f->warnings, "");
	make_script_of(f, USR "callouts/a", ALL "[ $opt_a = attributes ] && ",
		       "echo '[{\"a\":\"1\"}]'", "\nexit 0\n");
	for (size_t i = 0; i < ARRAY_SIZE(few_and_many); i++)
		assert_listed_as_each(f, few_and_many[i], MDEV_OP_NO_CALLOUTS);
	assert_calls(f, "");
	assert_listed_as_each(f, MANY, 0);
	assert_int_equal(mdev_definition_list_active(f->ctx, (struct mdev_device *[]){ NULL },
						     MDEV_OP_LIVE,
						     &(struct mdev_definition **){ NULL }),
			 -EINVAL);
}

static void defining_can_adopt_the_attributes(void **state)
{
	struct fixture *f = *state;

	make_script(f, USR "callouts/a", ALL
		    "[ $opt_a = attributes ] && echo '[{\"b\":\"6\"}]'\n"
		    "[ $opt_e = pre ] && cat > ${0%%/usr/*}/pre\n"
		    "[ $opt_e = post ] && cat > ${0%%/usr/*}/post\nexit 0\n");
	assert_int_equal(define_with(f, MDEV_OP_ADOPT), 0);
	assert_calls(f, "a:get-capabilities-none a:pre-define-none a:get-attributes-none "
			"a:post-define-success ");
	assert_file(f, "pre", INPUT);
	assert_file(f, "post", "{\"mdev_type\":\"mtty-1\",\"start\":\"manual\","
			       "\"attrs\":[{\"a\":\"5\"},{\"b\":\"6\"}]}");
	assert_file(f, DEFS "/mtty/" U1, "{\n  \"mdev_type\": \"mtty-1\",\n  \"start\": \"manual\",\n"
		    "  \"attrs\": [\n    {\n      \"a\": \"5\"\n    },\n    {\n      \"b\": \"6\"\n"
		    "    }\n  ]\n}");
}

static void attributes_that_cannot_be_adopted_abort_even_by_force(void **state)
{
	struct fixture *f = *state;

	make_script(f, USR "callouts/a", ALL "[ $opt_a = attributes ] && echo nonsense\nexit 0\n");
	assert_int_equal(define_with(f, MDEV_OP_ADOPT | MDEV_OP_FORCE), -EBADMSG);
	assert_error_has(f, "Invalid JSON received from callout script '");
	assert_calls(f, "a:get-capabilities-none a:pre-define-none a:get-attributes-none "
			"a:post-define-failure ");
	assert_false(exists(f, DEFS "/mtty"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(without_scripts_operations_just_happen),
		fixture_test(a_script_gets_the_arguments_in_their_order),
		fixture_test(pre_and_post_have_the_caller_as_their_parent),
		fixture_test(a_lock_in_the_parents_name_is_held_from_pre_to_post),
		fixture_test(a_versioned_script_is_asked_once_and_alone),
		fixture_test(unversioned_scripts_are_tried_until_one_is_responsible),
		fixture_test(scripts_of_usr_come_before_those_of_etc),
		fixture_test(what_cannot_be_run_is_passed_over),
		fixture_test(garbage_instead_of_capabilities_is_no_capabilities),
		fixture_test(capabilities_may_end_with_nuls),
		fixture_test(a_failing_pre_refuses_the_operation),
		fixture_test(force_carries_on_after_a_refusal),
		fixture_test(status_2_of_a_versioned_script_is_a_failure),
		fixture_test(death_by_a_signal_is_a_failure),
		fixture_test(a_script_that_is_renamed_is_found_again),
		fixture_test(copies_of_scripts_are_not_run),
		fixture_test(a_flood_is_cut_with_a_line_that_says_how_much),
		fixture_test(a_signal_instead_of_capabilities_is_warned_about),
		fixture_test(names_of_a_later_version_are_warned_about_and_do_no_harm),
		fixture_test(what_a_versioned_script_does_not_support_is_refused),
		fixture_test(post_learns_of_the_failure_and_cannot_change_it),
		fixture_test(a_failing_post_is_a_warning),
		fixture_test(a_script_that_hangs_is_killed_and_named),
		fixture_test(what_a_script_leaves_in_the_background_holds_up_nobody),
		fixture_test(a_script_that_writes_before_it_reads_does_not_block),
		fixture_test(a_script_that_writes_without_end_is_killed),
		fixture_test(each_line_of_stderr_is_logged_under_the_scripts_name),
		fixture_test(no_callouts_runs_nothing),
		fixture_test(notifiers_run_sorted_and_matter_to_nothing),
		fixture_test(stopping_tells_the_stored_configuration),
		fixture_test(stopping_another_type_than_the_stored_tells_only_the_type),
		fixture_test(undefining_tells_what_the_file_says),
		fixture_test(a_malformed_definition_is_undefined_without_scripts),
		fixture_test(scripts_are_not_bothered_with_what_cannot_be_done),
		fixture_test(attributes_of_an_active_device_are_asked_tolerantly),
		fixture_test(attributes_are_asked_only_if_they_are_wanted),
		fixture_test(a_list_of_active_devices_describes_each_of_them),
		fixture_test(defining_can_adopt_the_attributes),
		fixture_test(attributes_that_cannot_be_adopted_abort_even_by_force),
	};

	return cmocka_run_group_tests_name("callout", tests, NULL, NULL);
}
