// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a missing parent tells where there is no usable libkmod. */
#include <errno.h>
#include <string.h>

#include "fixture.h"

static void an_unusable_libkmod_is_told_with_the_missing_parent(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition = new_definition(f, U1, "no-such-parent", "t", NULL);

	/* Of the real /sys only the absence of a parent is read. */
	assert_int_equal(mdev_ctx_set_root(f->ctx, "/"), 0);
	assert_int_equal(mdev_start(definition, 0), -ENODEV);
	assert_error_has(f, "Unable to find parent device 'no-such-parent'; "
			    "cannot load kernel modules: ");
	assert_error_has(f, "libkmod.so.2");
	assert_int_equal(mdev_start(definition, MDEV_OP_NO_MODULE), -ENODEV);
	/* What else is known of it depends on the machine. */
	assert_error_has(f, "Unable to find parent device 'no-such-parent'");
	assert_null(strstr(mdev_ctx_last_error(f->ctx), "kernel modules"));
	assert_int_equal(mdev_module_load(f->ctx, "mdev"), -EOPNOTSUPP);
	assert_error_has(f, "Cannot look up kernel modules: ");
	mdev_definition_unref(definition);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(an_unusable_libkmod_is_told_with_the_missing_parent),
	};

	return cmocka_run_group_tests_name("nokmod", tests, NULL, NULL);
}
