#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdevctl: it reads unknown members of a definition without a warning, and drops them when the
# definition is modified.

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
