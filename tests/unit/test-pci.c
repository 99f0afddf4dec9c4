// SPDX-License-Identifier: LGPL-2.1-or-later
/* Addresses of virtual functions, also of those that are not enabled. */
#include <errno.h>

#include "fixture.h"
#include "../../lib/pci.h"
#include "../../lib/store.h"

#define PF "0000:03:00.0"

static void a_function_has_the_number_of_its_address(void **state)
{
	static const struct {
		const char *name;
		struct pci_layout layout;
		unsigned int number;
	} cases[] = {
		{ "0000:03:00.1", { 1, 1, 12 }, 1 },  { "0000:03:01.4", { 1, 1, 12 }, 12 },
		{ "0000:03:01.5", { 1, 1, 12 }, 0 },  { "0000:03:00.0", { 1, 1, 12 }, 0 },
		{ "0000:03:00.4", { 4, 2, 3 }, 1 },   { "0000:03:00.6", { 4, 2, 3 }, 2 },
		{ "0000:03:00.5", { 4, 2, 3 }, 0 },   { "0000:04:00.0", { 256, 1, 4 }, 1 },
		{ "0001:03:00.1", { 1, 1, 12 }, 0 },  { "00000:03:00.1", { 1, 1, 12 }, 0 },
		{ "0000:03:00.1", { 1, 0, 1 }, 1 },   { "0000:03:00.2", { 1, 0, 2 }, 0 },
		{ "0000:03:00.1", { 1, 1, 0 }, 0 },   { "mtty", { 1, 1, 12 }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(pci_find_number(cases[i].name, PF, &cases[i].layout),
				 cases[i].number);
}

static void the_layout_is_that_of_the_files(void **state)
{
	struct fixture *f = *state;
	struct pci_layout layout;
	_cleanup_close_ int dir = -1;

	make_file(f, "sys/bus/pci/devices/" PF "/sriov_totalvfs", "12\n");
	make_file(f, "sys/bus/pci/devices/" PF "/sriov_offset", "4\n");
	assert_int_equal(sysfs_open(f->ctx, &dir, "bus/pci/devices/" PF), 0);
	assert_int_equal(pci_read_layout(f->ctx, dir, &layout), -ENODEV);
	make_file(f, "sys/bus/pci/devices/" PF "/sriov_stride", "2\n");
	assert_int_equal(pci_read_layout(f->ctx, dir, &layout), 0);
	assert_int_equal(layout.total, 12);
	assert_int_equal(layout.offset, 4);
	assert_int_equal(layout.stride, 2);
	make_file(f, "sys/bus/pci/devices/" PF "/sriov_totalvfs", "many\n");
	assert_int_equal(pci_read_layout(f->ctx, dir, &layout), -EBADMSG);
}

static void definitions_of_other_devices_are_counted(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(store_count_others(f->ctx, PF, UUID(U1)), 0);
	make_definition(f, PF, U1);
	assert_int_equal(store_count_others(f->ctx, PF, UUID(U1)), 0);
	make_definition(f, PF, U2);
	make_file(f, DEFS "/" PF "/notes", "no definition");
	assert_int_equal(store_count_others(f->ctx, PF, UUID(U1)), 1);
	assert_int_equal(store_count_others(f->ctx, PF, UUID(UA)), 2);
	assert_string_equal(mdev_ctx_last_error(f->ctx), "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_function_has_the_number_of_its_address),
		fixture_test(the_layout_is_that_of_the_files),
		fixture_test(definitions_of_other_devices_are_counted),
	};

	return cmocka_run_group_tests_name("pci", tests, NULL, NULL);
}
