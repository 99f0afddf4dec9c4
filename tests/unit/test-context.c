// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "../../lib/log.h"
#include "fixture.h"

static void a_new_context_looks_at_the_system_itself(void **state)
{
	struct mdev_ctx *ctx;

	(void)state;
	unsetenv("MDEVCTL_ENV_ROOT");
	assert_int_equal(mdev_ctx_new(&ctx), 0);
	assert_string_equal(mdev_ctx_get_root(ctx), "/");
	assert_true(ctx_is_live(ctx));
	assert_string_equal(mdev_ctx_last_error(ctx), "");
	mdev_ctx_unref(ctx);
}

static void the_environment_names_another_root(void **state)
{
	struct mdev_ctx *ctx;

	(void)state;
	setenv("MDEVCTL_ENV_ROOT", "/some/where/", 1);
	assert_int_equal(mdev_ctx_new(&ctx), 0);
	assert_string_equal(mdev_ctx_get_root(ctx), "/some/where/");
	assert_false(ctx_is_live(ctx));
	mdev_ctx_unref(ctx);
	unsetenv("MDEVCTL_ENV_ROOT");
}

static void an_empty_root_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mdev_ctx_set_root(f->ctx, ""), -EINVAL);
	assert_string_equal(mdev_ctx_get_root(f->ctx), f->root);
	assert_error_has(f, "root directory");
}

static void contexts_with_different_roots_do_not_mix(void **state)
{
	struct mdev_definition **mine, **theirs;
	struct fixture *f = *state, *g;
	void *other;

	assert_int_equal(fixture_set_up(&other), 0);
	g = other;
	make_definition(f, "mtty", U1);
	make_definition(g, "mtty", U2);
	assert_int_equal(mdev_definition_list(f->ctx, NULL, NULL, &mine), 0);
	assert_int_equal(mdev_definition_list(g->ctx, NULL, NULL, &theirs), 0);
	assert_string_equal(mdev_definition_get_uuid(mine[0])->text, U1);
	assert_string_equal(mdev_definition_get_uuid(theirs[0])->text, U2);
	assert_null(mine[1]);
	assert_null(theirs[1]);

	assert_int_equal(mdev_ctx_set_root(f->ctx, ""), -EINVAL);
	assert_string_equal(mdev_ctx_last_error(g->ctx), "");
	mdev_definition_list_free(mine);
	mdev_definition_list_free(theirs);
	fixture_tear_down(&other);
}

static void objects_keep_their_context(void **state)
{
	struct mdev_definition *definition;
	struct mdev_ctx *ctx;

	(void)state;
	assert_int_equal(mdev_ctx_new(&ctx), 0);
	assert_int_equal(mdev_definition_new(ctx, NULL, &definition), 0);
	mdev_ctx_unref(ctx);
	assert_int_equal(mdev_definition_set_parent(definition, ".."), -EINVAL);
	mdev_definition_unref(definition);
	mdev_ctx_unref(NULL);
}

static void a_failure_is_told_once_and_kept(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(log_fail(f->ctx, -ENODEV, "no %s", "x"), -ENODEV);
	assert_string_equal(f->warnings, "no x\n");
	assert_error(f, "no x");
}

static void a_warning_is_no_error(void **state)
{
	struct fixture *f = *state;

	log_warning(f->ctx, "careful");
	{
		log_about(f->ctx, .level = MDEV_LOG_WARNING);
		assert_int_equal(log_fail_kernel(f->ctx, -EIO, "broken"), -EIO);
	}
	log_info(f->ctx, "not wanted at this level");
	assert_string_equal(f->warnings, "careful\nbroken\n");
	assert_error(f, "");
}

static void running_out_of_memory_is_never_only_a_warning(void **state)
{
	struct fixture *f = *state;

	log_about(f->ctx, .level = MDEV_LOG_WARNING);
	log_fail_kernel(f->ctx, -ENOMEM, "no memory");
	assert_error(f, "no memory");
}

static void what_only_explains_reports_nothing(void **state)
{
	struct fixture *f = *state;

	log_fail(f->ctx, -EBUSY, "first");
	{
		log_quietly(f->ctx);
		log_warning(f->ctx, "careful");
		log_fail_kernel(f->ctx, -ENOMEM, "no memory");
	}
	assert_string_equal(f->warnings, "first\n");
	assert_error(f, "first");
}

static void an_error_is_about_the_scopes_that_it_is_found_in(void **state)
{
	struct fixture *f = *state;

	log_about(f->ctx, .uuid = U1, .parent = "outer");
	{
		log_about(f->ctx, .parent = "inner", .attr = "mode");
		log_fail_kernel(f->ctx, -EIO, "broken");
	}
	assert_string_equal(mdev_ctx_last_error_uuid(f->ctx)->text, U1);
	assert_string_equal(mdev_ctx_last_error_parent(f->ctx), "inner");
	assert_string_equal(mdev_ctx_last_error_attr(f->ctx), "mode");
	assert_int_equal(mdev_ctx_last_error_domain(f->ctx), MDEV_DOMAIN_KERNEL);
	log_fail(f->ctx, -EINVAL, "malformed");
	assert_string_equal(mdev_ctx_last_error_parent(f->ctx), "outer");
	assert_null(mdev_ctx_last_error_attr(f->ctx));
	assert_int_equal(mdev_ctx_last_error_domain(f->ctx), MDEV_DOMAIN_ARGUMENT);
}

/* What an application does that tries again. */
static void a_part_of_an_error_can_be_the_next_argument(void **state)
{
	struct mdev_definition *definition;
	struct fixture *f = *state;
	struct mdev_parent *parent;

	make_dir(f, "sys/class/mdev_bus");
	assert_int_equal(mdev_parent_lookup(f->ctx, "nosuch", &parent), -ENODEV);
	for (int i = 0; i < 3; i++) {
		const char *name = mdev_ctx_last_error_parent(f->ctx);

		assert_int_equal(mdev_parent_lookup(f->ctx, name, &parent), -ENODEV);
		assert_string_equal(mdev_ctx_last_error_parent(f->ctx), "nosuch");
	}
	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U1), "nosuch", &definition), -ENOENT);
	assert_int_equal(mdev_definition_lookup(f->ctx, mdev_ctx_last_error_uuid(f->ctx),
						mdev_ctx_last_error_parent(f->ctx), &definition),
			 -ENOENT);
	assert_string_equal(mdev_ctx_last_error_uuid(f->ctx)->text, U1);
}

static void one_record_is_one_line(void **state)
{
	struct fixture *f = *state;

	log_fail(f->ctx, -EINVAL, "bad name '%s'", "a\nb\x1b[31m\x7f");
	assert_error(f, "bad name 'a?b?[31m?'");
	assert_string_equal(f->warnings, "bad name 'a?b?[31m?'\n");
}

static void an_error_may_quote_the_one_before(void **state)
{
	struct fixture *f = *state;

	log_fail(f->ctx, -EIO, "first");
	log_fail(f->ctx, -EIO, "%s; second", mdev_ctx_last_error(f->ctx));
	assert_error(f, "first; second");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_context_looks_at_the_system_itself),
		cmocka_unit_test(the_environment_names_another_root),
		fixture_test(an_empty_root_is_refused),
		fixture_test(contexts_with_different_roots_do_not_mix),
		cmocka_unit_test(objects_keep_their_context),
		fixture_test(a_failure_is_told_once_and_kept),
		fixture_test(a_warning_is_no_error),
		fixture_test(running_out_of_memory_is_never_only_a_warning),
		fixture_test(what_only_explains_reports_nothing),
		fixture_test(an_error_is_about_the_scopes_that_it_is_found_in),
		fixture_test(a_part_of_an_error_can_be_the_next_argument),
		fixture_test(one_record_is_one_line),
		fixture_test(an_error_may_quote_the_one_before),
	};

	return cmocka_run_group_tests_name("context", tests, NULL, NULL);
}
