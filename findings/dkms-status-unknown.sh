#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# dkms: for an unknown module, "dkms status" prints nothing and succeeds, in 3.0 and in 3.2.

# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"

unpack bookworm dkms=3.0.10-8+deb12u1
unpack trixie dkms=3.2.2-1~deb13u1
mkdir -p "$work"/{tree,source,install}
for suite in bookworm trixie; do
	status=0
	output=$(bash "$work/$suite/usr/sbin/dkms" status -m unknown --dkmstree "$work/tree" \
		--sourcetree "$work/source" --installtree "$work/install" 2>&1) || status=$?
	expect "$suite" "status 0, ''" "status $status, '$output'"
done
