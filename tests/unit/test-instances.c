// SPDX-License-Identifier: LGPL-2.1-or-later
/* Several devices at once, and the place that is chosen for each. */
#include <errno.h>
#include <string.h>

#include "fixture.h"

#define PF  "0000:41:00.0"
#define PCI "sys/bus/pci/devices/"

/* A card with that many virtual functions, whose names are not in the order of their numbers. */
static void make_card(struct fixture *f, unsigned int count)
{
	char path[128], name[64];

	for (unsigned int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "0000:41:%02x.0", 0x20 - i);
		make_parent(f, name);
		make_type(f, name, "nvidia-745", "1\n");
		snprintf(path, sizeof(path), PCI PF "/virtfn%u", i);
		make_dir(f, PCI PF);
		snprintf(name, sizeof(name), "../0000:41:%02x.0", 0x20 - i);
		make_link(f, path, name);
	}
}

/* How many instances the function of that number has left. */
static void set_left(struct fixture *f, unsigned int number, const char *left)
{
	char name[64];

	snprintf(name, sizeof(name), "0000:41:%02x.0", 0x20 - number);
	make_type(f, name, "nvidia-745", left);
}

static struct mdev_definition *new_model(struct fixture *f, const char *parent, const char *type)
{
	struct mdev_definition *model;

	assert_int_equal(mdev_definition_new(f->ctx, UUID(U1), &model), 0);
	if (parent)
		assert_int_equal(mdev_definition_set_parent(model, parent), 0);
	if (type)
		assert_int_equal(mdev_definition_set_type(model, type), 0);
	return model;
}

/* Starts one device, which is on @expected then. */
static void starts_on(struct fixture *f, const char *parent, const char *type, unsigned int flags,
		      const char *expected, const char *expected_type)
{
	struct mdev_definition *model = new_model(f, parent, type), **started;

	assert_int_equal(mdev_start_instances(model, 1, flags, NULL, NULL, &started), 0);
	assert_string_equal(mdev_definition_get_parent(started[0]), expected);
	assert_string_equal(mdev_definition_get_type(started[0]), expected_type);
	assert_null(started[1]);
	mdev_definition_list_free(started);
	mdev_definition_unref(model);
	remove_device(f, expected, U1);
}

static int start_many(struct fixture *f, const char *parent, const char *type, size_t count,
		      unsigned int flags)
{
	struct mdev_definition *model = new_model(f, parent, type);
	int r = mdev_start_instances(model, count, flags, NULL, NULL, NULL);

	mdev_definition_unref(model);
	return r;
}

static void virtual_functions_come_in_the_order_of_their_numbers(void **state)
{
	struct fixture *f = *state;

	make_card(f, 12);
	starts_on(f, PF, "nvidia-745", 0, "0000:41:20.0", "nvidia-745");
	for (unsigned int i = 0; i < 11; i++)
		if (i != 2)
			set_left(f, i, "0\n");
	starts_on(f, PF, "nvidia-745", 0, "0000:41:1e.0", "nvidia-745");
	set_left(f, 2, "0\n");
	starts_on(f, PF, "nvidia-745", 0, "0000:41:15.0", "nvidia-745");
}

static void a_function_that_cannot_be_read_is_passed_over(void **state)
{
	struct fixture *f = *state;

	make_card(f, 2);
	set_left(f, 0, "many\n");
	starts_on(f, PF, "nvidia-745", 0, "0000:41:1f.0", "nvidia-745");
	set_left(f, 1, "0\n");
	assert_int_equal(start_many(f, PF, "nvidia-745", 1, 0), -EUSERS);
	assert_error(f, "No available instances of nvidia-745 on any virtual function of " PF);
}

static void an_id_goes_before_a_name_and_that_before_an_api(void **state)
{
	struct fixture *f = *state;

	make_parent(f, "a");
	make_type(f, "a", "a-1", "9\n");
	starts_on(f, NULL, "vfio-pci", MDEV_OP_ANY, "a", "a-1");
	make_parent(f, "b");
	make_type(f, "b", "b-1", "1\n");
	make_file(f, "sys/devices/virtual/mtty/b/mdev_supported_types/b-1/name", "vfio-PCI\n");
	starts_on(f, NULL, "vfio-pci", MDEV_OP_ANY, "b", "b-1");
	make_parent(f, "c");
	make_type(f, "c", "vfio-pci", "1\n");
	starts_on(f, NULL, "vfio-pci", MDEV_OP_ANY, "c", "vfio-pci");
	starts_on(f, "a", "vfio-pci", MDEV_OP_ANY, "a", "a-1");
}

static void the_smallest_slice_is_enough(void **state)
{
	struct fixture *f = *state;

	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-2", "2\n");
	make_type(f, "mtty", "mtty-1", "4\n");
	make_type(f, "mtty", "mtty-0", "4\n");
	starts_on(f, NULL, "vfio-pci", MDEV_OP_ANY, "mtty", "mtty-0");
	assert_int_equal(start_many(f, NULL, "vfio-ap", 1, MDEV_OP_ANY), -ENOENT);
	assert_error(f, "No type has the id, name or device API 'vfio-ap'");
}

static void wrong_arguments_are_refused(void **state)
{
	struct fixture *f = *state;

	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "4\n");
	assert_int_equal(start_many(f, "mtty", "mtty-1", 0, 0), -EINVAL);
	assert_int_equal(start_many(f, "mtty", "mtty-1", 1, MDEV_OP_LIVE), -EINVAL);
	assert_int_equal(start_many(f, "mtty", NULL, 1, 0), -EINVAL);
	assert_int_equal(start_many(f, NULL, "mtty-1", 1, 0), -EINVAL);
	assert_int_equal(start_many(f, NULL, NULL, 1, MDEV_OP_ANY), -EINVAL);
	assert_string_equal(f->written, "");
}

/* Ends after the second device. */
static int end_early(void *data, const struct mdev_definition *definition, size_t done)
{
	(void)data;
	(void)definition;
	return done == 2;
}

static int cancel_early(void *data, const struct mdev_definition *definition, size_t done)
{
	struct fixture *f = data;

	(void)definition;
	if (done == 2)
		mdev_ctx_cancel(f->ctx);
	return 0;
}

static size_t count_in(const char *text, const char *part)
{
	size_t count = 0;

	for (; (text = strstr(text, part)); text++)
		count++;
	return count;
}

static void who_ends_it_early_gets_none(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *model, **started = NULL;
	static mdev_instance_fn *const fns[] = { end_early, cancel_early };

	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "4\n");
	model = new_model(f, "mtty", "mtty-1");
	for (size_t i = 0; i < ARRAY_SIZE(fns); i++) {
		f->written[0] = '\0';
		assert_int_equal(mdev_start_instances(model, 4, 0, fns[i], f, &started), -EINTR);
		assert_null(started);
		assert_error_has(f, "; 2 of 4 devices had been started, and were stopped again");
		assert_int_equal(count_in(f->written, "create="), 2);
		assert_int_equal(count_in(f->written, "remove=1"), 2);
		remove_device(f, "mtty", U1);
	}
	mdev_definition_unref(model);
}

static void a_strict_definition_needs_the_type(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition = new_model(f, "mtty", "none");

	assert_int_equal(mdev_define(definition, MDEV_OP_STRICT), 0);
	assert_int_equal(mdev_undefine(definition, 0), 0);
	make_parent(f, "mtty");
	assert_int_equal(mdev_define(definition, MDEV_OP_STRICT), -ENOENT);
	assert_false(exists(f, DEFS "/mtty"));
	assert_int_equal(mdev_define(definition, MDEV_OP_STRICT | MDEV_OP_FORCE), 0);
	mdev_definition_unref(definition);
}

static void the_text_of_a_definition_is_replaced(void **state)
{
	static const char more[] = "{\"mdev_type\":\"a\",\"start\":\"auto\",\"owner\":1}";
	static const char less[] = "{\"mdev_type\":\"a\",\"start\":\"auto\"}";
	struct fixture *f = *state;
	struct mdev_definition *definition = new_model(f, "mtty", NULL);
	char *text;

	assert_int_equal(mdev_definition_get_text(definition, &text), -ENODATA);
	make_file(f, DEFS "/mtty/" U1, more);
	mdev_definition_unref(definition);
	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U1), NULL, &definition), 0);
	assert_int_equal(mdev_definition_get_text(definition, &text), 0);
	assert_string_equal(text, more);
	free(text);
	assert_int_equal(mdev_definition_replace_json(definition, "{", 1), -EBADMSG);
	assert_int_equal(mdev_definition_replace_json(definition, less, strlen(less)), 0);
	assert_int_equal(mdev_definition_get_json(definition, &text), 0);
	assert_null(strstr(text, "owner"));
	free(text);
	mdev_definition_unref(definition);
}

static void a_moved_definition_is_not_an_old_one(void **state)
{
	struct fixture *f = *state;
	struct mdev_definition *definition;

	make_definition(f, "mtty", U1);
	assert_int_equal(mdev_definition_lookup(f->ctx, UUID(U1), NULL, &definition), 0);
	make_file(f, DEFS "/mtty/" U1, "{}");
	assert_int_equal(mdev_move(definition, "other", 0, NULL), -ESTALE);
	remove_tree(f, DEFS "/mtty");
	assert_int_equal(mdev_move(definition, "other", 0, NULL), -ENOENT);
	assert_false(exists(f, DEFS "/other"));
	mdev_definition_unref(definition);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		fixture_test(virtual_functions_come_in_the_order_of_their_numbers),
		fixture_test(a_function_that_cannot_be_read_is_passed_over),
		fixture_test(an_id_goes_before_a_name_and_that_before_an_api),
		fixture_test(the_smallest_slice_is_enough),
		fixture_test(wrong_arguments_are_refused),
		fixture_test(who_ends_it_early_gets_none),
		fixture_test(a_strict_definition_needs_the_type),
		fixture_test(the_text_of_a_definition_is_replaced),
		fixture_test(a_moved_definition_is_not_an_old_one),
	};

	return cmocka_run_group_tests_name("instances", tests, NULL, NULL);
}
