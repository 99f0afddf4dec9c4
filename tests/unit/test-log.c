// SPDX-License-Identifier: LGPL-2.1-or-later
/* What MDEVCTL_LOG means to the command. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../cli/log.h"

#define LEVEL_OFF (-1)

static void without_the_variable_warnings_are_shown(void **state)
{
	(void)state;
	assert_int_equal(log_parse_level(NULL), MDEV_LOG_WARNING);
	assert_int_equal(log_parse_level(""), MDEV_LOG_WARNING);
}

static void a_level_is_for_all_targets(void **state)
{
	(void)state;
	assert_int_equal(log_parse_level("off"), LEVEL_OFF);
	assert_int_equal(log_parse_level("error"), MDEV_LOG_ERROR);
	assert_int_equal(log_parse_level("warn"), MDEV_LOG_WARNING);
	assert_int_equal(log_parse_level("info"), MDEV_LOG_INFO);
	assert_int_equal(log_parse_level("debug"), MDEV_LOG_DEBUG);
	assert_int_equal(log_parse_level("trace"), MDEV_LOG_DEBUG);
	assert_int_equal(log_parse_level("DEBUG"), MDEV_LOG_DEBUG);
}

static void a_target_may_be_named(void **state)
{
	(void)state;
	assert_int_equal(log_parse_level("mdevctl=debug"), MDEV_LOG_DEBUG);
	assert_int_equal(log_parse_level("mdevctl=off"), LEVEL_OFF);
	assert_int_equal(log_parse_level("mdevctl"), MDEV_LOG_DEBUG);
	assert_int_equal(log_parse_level("libvirt=debug"), MDEV_LOG_WARNING);
	assert_int_equal(log_parse_level("libvirt"), MDEV_LOG_WARNING);
}

static void the_last_element_that_matches_decides(void **state)
{
	(void)state;
	assert_int_equal(log_parse_level("error,mdevctl=info"), MDEV_LOG_INFO);
	assert_int_equal(log_parse_level("error, mdevctl=info , libvirt=off"), MDEV_LOG_INFO);
}

static void nonsense_is_ignored(void **state)
{
	(void)state;
	assert_int_equal(log_parse_level("loud"), MDEV_LOG_WARNING);
	assert_int_equal(log_parse_level("mdevctl=loud"), MDEV_LOG_WARNING);
	assert_int_equal(log_parse_level("mdevctl="), MDEV_LOG_WARNING);
	assert_int_equal(log_parse_level(",,=,"), MDEV_LOG_WARNING);
	assert_int_equal(log_parse_level("info/text"), MDEV_LOG_INFO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_the_variable_warnings_are_shown),
		cmocka_unit_test(a_level_is_for_all_targets),
		cmocka_unit_test(a_target_may_be_named),
		cmocka_unit_test(the_last_element_that_matches_decides),
		cmocka_unit_test(nonsense_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
