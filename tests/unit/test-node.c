// SPDX-License-Identifier: LGPL-2.1-or-later
/* Nodes of devices: whose they are, who can open them, and how udev is asked to look again. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"

#define GROUP_NODE "dev/vfio/12"
#define OWN_NODE   "dev/vfio/devices/vfio3"

/* With a driver, a group and a character device. */
static struct mdev_device *make_machine(struct fixture *f)
{
	struct mdev_device *device;

	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "4");
	make_device(f, "mtty", "mtty-1", U1);
	bind_to_vfio(f, U1);
	make_file(f, MTTY "/" U1 "/vfio-dev/vfio3/dev", "511:3\n");
	make_link(f, "sys/kernel/iommu_groups/12/devices/" U1, "../../../../../" MTTY "/" U1);
	make_link(f, "sys/class/vfio-dev/vfio3/device", "../../../../" MTTY "/" U1);
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), 0);
	return device;
}

static char *below(struct fixture *f, const char *path)
{
	char *text;

	assert_true(asprintf(&text, "%s/%s", f->root, path) > 0);
	return text;
}

/* Return: what mdev_device_lookup_node() does. */
static int look_up(struct fixture *f, const char *path, bool in_root)
{
	char *text = in_root ? below(f, path) : strdup(path);
	struct mdev_device *device = NULL;
	int r = mdev_device_lookup_node(f->ctx, text, &device);

	if (r == 0)
		assert_string_equal(mdev_device_get_uuid(device)->text, U1);
	mdev_device_unref(device);
	free(text);
	return r;
}

static void both_nodes_lead_to_the_device(void **state)
{
	mdev_device_unref(make_machine(*state));
	assert_int_equal(look_up(*state, GROUP_NODE, true), 0);
	assert_int_equal(look_up(*state, OWN_NODE, true), 0);
}

static void other_nodes_have_no_device(void **state)
{
	static const char *const paths[] = {
		"dev/vfio/13", "dev/vfio/vfio", "dev/vfio/..", "dev/vfio/", "dev/vfio/12/..",
		"dev/vfio/devices", "dev/vfio/devices/vfio4", "dev/null",
	};
	struct fixture *f = *state;

	mdev_device_unref(make_machine(f));
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(look_up(f, paths[i], true), -ENODEV);
	assert_int_equal(look_up(f, "/dev/vfio/12", false), -ENODEV);
	assert_error(f, "/dev/vfio/12 is not the node of a mediated device");
}

static void make_node(struct fixture *f, const char *path, unsigned int mode)
{
	char *text = below(f, path);

	make_file(f, path, "");
	assert_int_equal(chmod(text, mode), 0);
	free(text);
}

static void a_device_is_usable_once_each_of_its_nodes_is(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_machine(f);

	assert_int_equal(mdev_device_wait_access(device, "root", MDEV_OP_NO_WAIT), -ETIMEDOUT);
	make_node(f, GROUP_NODE, 0600);
	assert_int_equal(mdev_device_wait_access(device, "root", MDEV_OP_NO_WAIT), -ETIMEDOUT);
	assert_error_has(f, OWN_NODE " does not exist");
	make_node(f, OWN_NODE, 0600);
	assert_int_equal(mdev_device_wait_access(device, "root", MDEV_OP_NO_WAIT), 0);
	assert_int_equal(mdev_device_wait_access(device, "0:0", 0), 0);
	mdev_device_unref(device);
}

static void the_wait_is_as_long_as_the_timeout(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_machine(f);

	mdev_ctx_set_timeout(f->ctx, 200);
	assert_int_equal(mdev_device_wait_access(device, "root", 0), -ETIMEDOUT);
	assert_true(f->sleeps >= 3);
	assert_int_equal(mdev_device_wait_access(device, "root", ~0U), -EINVAL);
	mdev_device_unref(device);
}

static void without_a_driver_there_is_nothing_to_open(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device;

	make_parent(f, "mtty");
	make_type(f, "mtty", "mtty-1", "4");
	make_device(f, "mtty", "mtty-1", U1);
	assert_int_equal(mdev_device_lookup(f->ctx, UUID(U1), &device), 0);
	assert_int_equal(mdev_device_wait_access(device, "root", MDEV_OP_NO_WAIT), -ETIMEDOUT);
	assert_error_has(f, "yet: no driver is bound to it");
	remove_device(f, "mtty", U1);
	assert_int_equal(mdev_device_wait_access(device, "root", 0), -ENODEV);
	mdev_device_unref(device);
}

static void people_are_users_and_groups_that_exist(void **state)
{
	static const struct {
		const char *who;
		int result;
	} cases[] = {
		{ "root", 0 },		  { ":root", 0 },	    { "root:root", 0 },
		{ "4294967294", 0 },	  { ":4294967294", 0 },	    { "no-such-user", -ESRCH },
		{ ":no-such-group", -ESRCH }, { "root:nothing", -ESRCH }, { "", -EINVAL },
		{ ":", -EINVAL },	  { "::0660", -EINVAL },    { "a:b:0660", -EINVAL },
		{ "a b", -EINVAL },	  { "../x", -EINVAL },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (mdev_ctx_check_who(f->ctx, cases[i].who) != cases[i].result)
			fail_msg("'%s' is not %d", cases[i].who, cases[i].result);
}

static void a_renewal_is_an_event_for_each_node(void **state)
{
	struct fixture *f = *state;
	struct mdev_device *device = make_machine(f);

	/* Without files there is nothing to be told. */
	assert_int_equal(mdev_device_renew_access(device), 0);
	make_file(f, "sys/class/vfio/12/uevent", "");
	make_file(f, MTTY "/" U1 "/vfio-dev/vfio3/uevent", "");
	assert_int_equal(mdev_device_renew_access(device), 0);
	assert_string_equal(f->written, "uevent=change;uevent=change;");
	mdev_device_unref(device);
}

static void a_definition_has_an_access_of_one_form(void **state)
{
	static const char *const good[] = {
		"root", "root:", ":kvm", "a:b", "a:b:0660", "::600", "::0", "1:2:777", "a-b_c.d$",
	};
	static const char *const bad[] = {
		"", ":", "::", "a:b:c", "a:b:0660:", "::8", "::1777", "::00600", "a b", "-a", ".a",
		"a\n", "a/b", "a;b", "a\"", ":'",
	};
	struct mdev_definition *definition;
	struct fixture *f = *state;

	assert_int_equal(mdev_definition_new(f->ctx, UUID(U1), &definition), 0);
	assert_null(mdev_definition_get_access(definition));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(mdev_definition_set_access(definition, good[i]), 0);
		assert_string_equal(mdev_definition_get_access(definition), good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (mdev_definition_set_access(definition, bad[i]) != -EINVAL)
			fail_msg("'%s' is accepted", bad[i]);
	assert_string_equal(mdev_definition_get_access(definition), good[8]);
	assert_int_equal(mdev_definition_set_access(definition, NULL), 0);
	assert_null(mdev_definition_get_access(definition));
	mdev_definition_unref(definition);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(both_nodes_lead_to_the_device),
		fixture_test(other_nodes_have_no_device),
		fixture_test(a_device_is_usable_once_each_of_its_nodes_is),
		fixture_test(the_wait_is_as_long_as_the_timeout),
		fixture_test(without_a_driver_there_is_nothing_to_open),
		fixture_test(people_are_users_and_groups_that_exist),
		fixture_test(a_renewal_is_an_event_for_each_node),
		fixture_test(a_definition_has_an_access_of_one_form),
	};

	return cmocka_run_group_tests_name("node", tests, NULL, NULL);
}
