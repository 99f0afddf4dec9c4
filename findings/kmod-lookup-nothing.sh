#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# libkmod: a lookup that finds nothing succeeds and returns an empty list.

# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"

kmod_tree
compile bookworm lookup libkmod.so.2 <<'END'
#include <libkmod.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	const char *config[] = { NULL };
	struct kmod_ctx *ctx = kmod_new(argv[argc - 2], config);
	struct kmod_list *list = NULL;
	int status = kmod_module_new_from_lookup(ctx, argv[argc - 1], &list);

	printf("%d %s\n", status, list ? "found" : "empty");
	kmod_module_unref_list(list);
	kmod_unref(ctx);
	return 0;
}
END
for suite in bookworm trixie; do
	expect "$suite, low" '0 found' "$(in_suite $suite "$work/lookup" "$root/lib/modules/1.0" low)"
	expect "$suite, nothing" '0 empty' "$(in_suite $suite "$work/lookup" "$root/lib/modules/1.0" nothing)"
done
