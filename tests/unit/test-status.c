// SPDX-License-Identifier: LGPL-2.1-or-later
/* The status of devices: verdicts and reasons, each by itself; tests/cli/status.bats has more. */
#include <errno.h>
#include <string.h>

#include "fixture.h"
#include "../../lib/log.h"

static void make_machine(struct fixture *f)
{
	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "4");
	make_type(f, "mtty", "mtty-2", "0");
}

static void make_auto(struct fixture *f, const char *parent, const char *uuid, const char *type,
		      const char *attrs)
{
	char path[256], text[512];

	snprintf(path, sizeof(path), DEFS "/%s/%s", parent, uuid);
	snprintf(text, sizeof(text), "{\"mdev_type\":\"%s\",\"start\":\"auto\",\"attrs\":[%s]}", type,
		 attrs);
	make_file(f, path, text);
}

static struct mdev_status *only_status(struct fixture *f, const char *uuid, const char *parent)
{
	struct mdev_status **statuses, *status;

	assert_int_equal(mdev_status_list(f->ctx, UUID(uuid), parent, 0, &statuses), 0);
	assert_non_null(statuses[0]);
	assert_null(statuses[1]);
	status = mdev_status_ref(statuses[0]);
	mdev_status_list_free(statuses);
	return status;
}

static void assert_verdict(struct fixture *f, const char *parent, enum mdev_verdict verdict,
			   const char *word, const char *reason)
{
	struct mdev_status *status = only_status(f, U1, parent);

	assert_int_equal(mdev_status_get_verdict(status), verdict);
	assert_string_equal(mdev_status_get_word(status), word);
	if (reason)
		assert_string_equal(mdev_status_get_reason(status), reason);
	else
		assert_null(mdev_status_get_reason(status));
	assert_int_equal(!mdev_status_get_advice(status), mdev_status_is_well(status));
	mdev_status_unref(status);
}

static void each_device_and_definition_is_listed_once(void **state)
{
	struct mdev_status **statuses;
	struct fixture *f = *state;

	assert_int_equal(mdev_status_list(f->ctx, NULL, NULL, 0, &statuses), 0);
	assert_null(statuses[0]);
	mdev_status_list_free(statuses);

	make_machine(f);
	make_device(f, "mtty", "mtty-1", U2);
	make_definition(f, "mtty", U2);
	make_device(f, "mtty", "mtty-1", UA);
	make_definition(f, "mtty", U1);
	make_definition(f, "absent", UA);
	assert_int_equal(mdev_status_list(f->ctx, NULL, NULL, 0, &statuses), 0);
	for (size_t i = 0; i < 4; i++)
		assert_non_null(statuses[i]);
	assert_null(statuses[4]);
	assert_string_equal(mdev_status_get_parent(statuses[0]), "absent");
	assert_string_equal(mdev_status_get_uuid(statuses[0])->text, UA);
	assert_string_equal(mdev_status_get_uuid(statuses[1])->text, U1);
	assert_false(mdev_status_is_active(statuses[1]));
	assert_string_equal(mdev_status_get_uuid(statuses[2])->text, U2);
	assert_true(mdev_status_is_active(statuses[2]));
	assert_string_equal(mdev_status_get_type(statuses[2]), "mtty-1");
	assert_string_equal(mdev_status_get_uuid(statuses[3])->text, UA);
	mdev_status_list_free(statuses);
}

static void a_device_that_is_well_needs_no_reason(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_definition(f, "mtty", U1);
	assert_verdict(f, NULL, MDEV_VERDICT_STOPPED, "stopped", NULL);
	make_device(f, "mtty", "mtty-1", U1);
	assert_verdict(f, NULL, MDEV_VERDICT_RUNNING, "running", NULL);
	remove_tree(f, DEFS);
	assert_verdict(f, NULL, MDEV_VERDICT_TRANSIENT, "transient", NULL);
}

static void why_a_device_is_not_active_is_what_starting_it_would_say(void **state)
{
	struct fixture *f = *state;

	make_auto(f, "mtty", U1, "mtty-2", "");
	assert_verdict(f, NULL, MDEV_VERDICT_NO_MODULE, "no-module",
		       "Unable to find parent device 'mtty'; the mdev core is not loaded");
	make_parent(f, "other");
	assert_verdict(f, NULL, MDEV_VERDICT_NO_PARENT, "no-parent",
		       "Unable to find parent device 'mtty'");
	make_parent(f, "mtty");
	assert_verdict(f, NULL, MDEV_VERDICT_NO_TYPE, "no-type",
		       "Parent mtty does not support mdev type mtty-2");
	make_type(f, "mtty", "mtty-2", "0");
	make_device(f, "mtty", "mtty-2", U2);
	assert_verdict(f, NULL, MDEV_VERDICT_NO_INSTANCE, "no-instance",
		       "No available instances of mtty-2 on mtty; active on it: 1 of type mtty-2; "
		       "they are held by " U2);
	make_type(f, "other", "mtty-2", "1");
	make_device(f, "other", "mtty-2", U1);
	assert_verdict(f, "mtty", MDEV_VERDICT_UUID_IN_USE, "uuid-in-use",
		       "Device exists under different parent: " U1 " is active on other, type mtty-2");
	assert_verdict(f, "other", MDEV_VERDICT_DIFFERENT, "different",
		       "It is defined for another parent: mtty");
	make_auto(f, "mtty", UA, "mtty-2", "");
	make_auto(f, "early", U1, "mtty-2", "");
	make_auto(f, "early", U2, "mtty-2", "");
	assert_verdict(f, "other", MDEV_VERDICT_DIFFERENT, "different",
		       "It is defined for another parent: early, mtty");
	assert_string_equal(f->written, "");
	assert_string_equal(f->warnings, "");
}

static void a_definition_that_is_of_no_use_says_why(void **state)
{
	struct fixture *f = *state;
	char expected[256];

	make_machine(f);
	make_auto(f, "mtty", U1, "mtty-1", "{\"remove\":\"1\"}");
	assert_verdict(f, NULL, MDEV_VERDICT_REFUSED, "refused", "Attribute 'remove' cannot be set: "
		       "with it the kernel removes the device");
	make_file(f, DEFS "/mtty/" U1, "{\n\"mdev_type\":\n}");
	snprintf(expected, sizeof(expected), "%s/" DEFS "/mtty/" U1
		 ": value expected at line 3 column 1", f->root);
	assert_verdict(f, NULL, MDEV_VERDICT_MALFORMED, "malformed", expected);
	make_device(f, "mtty", "mtty-1", U1);
	assert_verdict(f, NULL, MDEV_VERDICT_MALFORMED, "malformed", expected);
	assert_string_equal(f->warnings, "");
}

static void attributes_are_compared_as_far_as_they_can_be_read(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_auto(f, "mtty", U1, "mtty-1",
		  "{\"absent\":\"1\"},{\"a\":\"1\"},{\"b/c\":\"0x10\"},{\"a\":\"x\\n\"}");
	make_device(f, "mtty", "mtty-1", U1);
	make_file(f, MTTY "/" U1 "/a", "x\n");
	make_file(f, MTTY "/" U1 "/b/c", "16\n");
	assert_verdict(f, NULL, MDEV_VERDICT_RUNNING, "running", NULL);
	make_file(f, MTTY "/" U1 "/a", "y\n");
	make_file(f, MTTY "/" U1 "/b/c", "17\n");
	assert_verdict(f, NULL, MDEV_VERDICT_DIFFERENT, "different",
		       "Attribute b/c is 17, defined is 0x10; attribute a is y, defined is x?");
	make_file(f, MTTY "/" U1 "/a", "x\ny\n");
	make_file(f, MTTY "/" U1 "/b/c", "16 \n");
	assert_verdict(f, NULL, MDEV_VERDICT_DIFFERENT, "different",
		       "Attribute b/c is 16 , defined is 0x10; attribute a is x?y, defined is x?");
}

static void the_type_is_compared(void **state)
{
	struct fixture *f = *state;

	make_machine(f);
	make_definition(f, "mtty", U1);
	make_device(f, "mtty", "mtty-2", U1);
	assert_verdict(f, NULL, MDEV_VERDICT_DIFFERENT, "different",
		       "Its type is mtty-2, defined is mtty-1");
}

static void answers_are_not_errors(void **state)
{
	struct mdev_status **statuses;
	struct fixture *f = *state;

	assert_int_equal(mdev_ctx_set_root(f->ctx, ""), -EINVAL);
	f->warnings[0] = '\0';
	make_auto(f, "mtty", U1, "mtty-1", "");
	make_file(f, DEFS "/mtty/" U2, "nonsense");
	assert_int_equal(mdev_status_list(f->ctx, NULL, NULL, 0, &statuses), 0);
	mdev_status_list_free(statuses);
	assert_int_equal(mdev_ctx_last_error_number(f->ctx), -EINVAL);
	assert_string_equal(f->warnings, "");
	statuses = NULL;
	assert_int_equal(mdev_status_list(f->ctx, NULL, NULL, MDEV_OP_FORCE, &statuses), -EINVAL);
	assert_null(statuses);
}

static void the_last_failure_in_a_scope_is_caught(void **state)
{
	struct fixture *f = *state;
	char *text = NULL;

	{
		log_catch(f->ctx, &text);
		assert_int_equal(log_fail(f->ctx, -EIO, "first"), -EIO);
		assert_int_equal(log_fail(f->ctx, -EIO, "sec\nond"), -EIO);
		log_quietly(f->ctx);
		assert_int_equal(log_fail(f->ctx, -EIO, "only explains"), -EIO);
	}
	assert_string_equal(text, "sec?ond");
	free(text);
	assert_error(f, "");
	assert_string_equal(f->warnings, "");
}

static void a_machine_without_parents_is_explained(void **state)
{
	struct fixture *f = *state;
	char *text;

	assert_int_equal(mdev_ctx_explain_parents(f->ctx, &text), 0);
	assert_true(strncmp(text, "The mdev core is not loaded", 27) == 0);
	assert_non_null(strstr(text, "\nNo IOMMU is in use"));
	free(text);
	make_dir(f, "sys/class/mdev_bus");
	make_dir(f, "sys/class/iommu/dmar0");
	assert_int_equal(mdev_ctx_explain_parents(f->ctx, &text), 0);
	assert_string_equal(text, "No parent device is registered: the driver of the physical device is "
			    "not loaded or offers no mediated devices");
	free(text);
	make_parent(f, "mtty");
	assert_int_equal(mdev_ctx_explain_parents(f->ctx, &text), 0);
	assert_string_equal(text, "");
	free(text);
	assert_error(f, "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(each_device_and_definition_is_listed_once),
		fixture_test(a_device_that_is_well_needs_no_reason),
		fixture_test(why_a_device_is_not_active_is_what_starting_it_would_say),
		fixture_test(a_definition_that_is_of_no_use_says_why),
		fixture_test(attributes_are_compared_as_far_as_they_can_be_read),
		fixture_test(the_type_is_compared),
		fixture_test(answers_are_not_errors),
		fixture_test(the_last_failure_in_a_scope_is_caught),
		fixture_test(a_machine_without_parents_is_explained),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
