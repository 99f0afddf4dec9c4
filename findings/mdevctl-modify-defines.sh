#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdevctl: modify --jsonfile defines a device that is not defined.

# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"

mdevctl_tree
uuid=11111111-1111-1111-1111-111111111111
echo '{"mdev_type":"t","start":"auto"}' >"$work/new"
expect "before" '' "$(run_mdevctl list -d)"
run_mdevctl modify -u $uuid -p parent --jsonfile "$work/new"
expect "after" "$uuid parent t auto" "$(run_mdevctl list -d)"
