#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdevctl: modify --type alone is a usage error; it needs another change.

# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"

mdevctl_tree
uuid=11111111-1111-1111-1111-111111111111
run_mdevctl define -u $uuid -p parent -t t
status=0
run_mdevctl modify -u $uuid --type other || status=$?
expect "--type alone" 2 $status
run_mdevctl modify -u $uuid --type other --manual
expect "--type and --manual" "$uuid parent other manual" "$(run_mdevctl list -d)"
