#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdevctl: members of a definition that it does not know are read without a word, and lost when
# it is modified.

# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"

mdevctl_tree
uuid=11111111-1111-1111-1111-111111111111
mkdir "$root/etc/mdevctl.d/parent"
file=$root/etc/mdevctl.d/parent/$uuid
echo '{"mdev_type":"t","start":"auto","owner":"me","attrs":[]}' >"$file"
expect "listed" "$uuid parent t auto" "$(run_mdevctl list -d 2>&1)"
run_mdevctl modify -u $uuid --manual
expect "members owner" 0 "$(grep -c owner "$file" || true)"
