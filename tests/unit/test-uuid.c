// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "fixture.h"

static void every_form_becomes_hyphenated_lower_case(void **state)
{
	static const char *const forms[] = {
		"83b8f4f2-509f-382f-3c1e-e6bfe0fa1001",
		"83B8F4F2-509F-382F-3C1E-E6BFE0FA1001",
		"83b8f4f2509f382f3c1ee6bfe0fa1001",
		"{83b8f4f2-509F-382f-3c1e-e6bfe0fa1001}",
		"urn:uuid:83b8f4f2-509f-382f-3c1e-e6bfe0fa1001",
		"URN:UUID:83b8f4f2-509f-382f-3c1e-e6bfe0fa1001",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct mdev_uuid uuid;

		assert_int_equal(mdev_uuid_parse(forms[i], &uuid), 0);
		assert_string_equal(uuid.text, forms[0]);
	}
}

static void anything_else_is_refused_and_leaves_the_result_alone(void **state)
{
	static const char *const bad[] = {
		"", "123", "-", "83b8f4f2-509f-382f-3c1e-e6bfe0fa100",
		"83b8f4f2-509f-382f-3c1e-e6bfe0fa10011", "83b8f4f2-509f-382f-3c1e-e6bfe0fa100g",
		"83b8f4f2-509f-382f-3c1ee6bfe0fa10011-", "83b8f4f2_509f_382f_3c1e_e6bfe0fa1001",
		"{83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", "{83b8f4f2509f382f3c1ee6bfe0fa1001}",
		"urn:uuid:83b8f4f2509f382f3c1ee6bfe0fa1001", " 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001",
		"83b8f4f2-509f-382f-3c1e-e6bfe0fa1001\n", "\xff\xff\xff\xff-509f-382f-3c1e-e6bfe0fa1001",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct mdev_uuid uuid = { "untouched" };

		assert_int_equal(mdev_uuid_parse(bad[i], &uuid), -EINVAL);
		assert_string_equal(uuid.text, "untouched");
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_becomes_hyphenated_lower_case),
		cmocka_unit_test(anything_else_is_refused_and_leaves_the_result_alone),
	};

	return cmocka_run_group_tests_name("uuid", tests, NULL, NULL);
}
