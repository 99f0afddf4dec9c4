// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "fixture.h"
#include "../../lib/resemble.h"

static void pci_addresses_have_one_name(void **state)
{
	static const struct {
		const char *spelling, *name;	/* NULL: it is no address */
	} rows[] = {
		{ "0000:3b:00.4", "0000:3b:00.4" },
		{ "00000000:3B:00.4", "0000:3b:00.4" },
		{ "00010000:e1:00.0", "10000:e1:00.0" },
		{ "10000:e1:00.0", "10000:e1:00.0" },
		{ "3B:00.4", "0000:3b:00.4" },
		{ "3b:00", "0000:3b:00.0" },
		{ "0000:3b:00", "0000:3b:00.0" },
		{ "0000:3b.00.4", "0000:3b:00.4" },
		{ "pci_0000_3b_00_4", "0000:3b:00.4" },
		{ "PCI_0000_3B_00_4", "0000:3b:00.4" },
		{ "0000-3b-00-4", "0000:3b:00.4" },
		{ "0000:3b:20.0", NULL },
		{ "0000:3b:00.8", NULL },
		{ "0000:3b:00.00", NULL },
		{ "000:3b:00.0", NULL },
		{ "000000000:3b:00.0", NULL },
		{ "0000:3b:00.0:1", NULL },
		{ "0000:3b::00.0", NULL },
		{ "0000:3b:00.", NULL },
		{ "0.0.0052", NULL },
		{ "pci_", NULL },
		{ "3b", NULL },
		{ "mtty", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char name[PCI_NAME_SIZE] = "";

		assert_int_equal(resemble_pci_name(rows[i].spelling, name), rows[i].name != NULL);
		assert_string_equal(name, rows[i].name ? rows[i].name : "");
	}
}

static void a_parent_resembles_its_other_spellings(void **state)
{
	static const struct {
		const char *name, *wanted;
		bool resembles;
	} rows[] = {
		{ "0000:3b:00.4", "3B:00.4", true },
		{ "0001:04:00.0", "00000001:04:00.0", true },
		{ "0001:04:00.0", "04:00.0", true },
		{ "0001:04:00.0", "0000:04:00.0", false },
		{ "0000:3b:00.4", "3b:00", true },
		{ "0000:3b:00.4", "3b:00.5", false },
		{ "0.0.0052", "css_0_0_0052", true },
		{ "0.0.0052", "css_0_0_0053", false },
		{ "matrix", "ap_matrix", true },
		{ "matrix", "MATRIX", true },
		{ "matrix", "matri", false },
		{ "mtty", "mdpy", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(resemble_parent(rows[i].name, rows[i].wanted) > 0,
				 rows[i].resembles);
}

static void what_was_left_out_is_most_probably_zero(void **state)
{
	(void)state;
	assert_true(resemble_parent("0000:04:00.0", "04:00.0") >
		    resemble_parent("0001:04:00.0", "04:00.0"));
	assert_true(resemble_parent("0000:04:00.0", "04:00") >
		    resemble_parent("0000:04:00.4", "04:00"));
}

static void a_type_resembles_what_people_call_it(void **state)
{
	static const struct {
		const char *id, *name, *wanted;
		unsigned int likeness;
	} rows[] = {
		{ "nvidia-745", "NVIDIA A2-2Q", "NVIDIA A2-2Q", 2 },
		{ "nvidia-745", "NVIDIA A2-2Q", "A2-2Q", 2 },
		{ "nvidia-745", "NVIDIA A2-2Q", "nvidia-a2-2q", 2 },
		{ "nvidia-745", "NVIDIA A2-2Q", "GRID A2-2Q", 2 },
		{ "nvidia-745", "NVIDIA A2-2Q", "745", 2 },
		{ "nvidia-745", NULL, "NVIDIA-745", 2 },
		{ "nvidia-745", "NVIDIA A2-2Q", "A2", 1 },
		{ "nvidia-745", "NVIDIA A2-2Q", "2q", 1 },
		{ "nvidia-745", "NVIDIA A2-2Q", "RTX A2-2Q", 1 },
		{ "nvidia-745", "NVIDIA A2-2Q", "Q", 0 },
		{ "nvidia-745", "NVIDIA A2-2Q", "nvidia-746", 0 },
		{ "nvidia-74", NULL, "nvidia-745", 0 },
		{ "nvidia-745", NULL, "A2-2Q", 0 },
		{ "i915-GVTg_V5_4", NULL, "gvtg_v5_4", 1 },
		{ "mtty-2", "Dual port serial", "mtty2", 2 },
		{ "mtty-2", "", "-", 0 },
		{ "mtty-2", NULL, "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(resemble_type(rows[i].id, rows[i].name, rows[i].wanted),
				 rows[i].likeness);
}

/* No name is too long to be looked at. */
static void long_names_are_cut(void **state)
{
	char name[512];

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(resemble_type(name, name, name), 2);
	assert_int_equal(resemble_type("b", name, name), 2);
	assert_int_equal(resemble_parent(name, "0000:3b:00.0"), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pci_addresses_have_one_name),
		cmocka_unit_test(a_parent_resembles_its_other_spellings),
		cmocka_unit_test(what_was_left_out_is_most_probably_zero),
		cmocka_unit_test(a_type_resembles_what_people_call_it),
		cmocka_unit_test(long_names_are_cut),
	};

	return cmocka_run_group_tests_name("resemble", tests, NULL, NULL);
}
