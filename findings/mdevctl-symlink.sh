#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdevctl: a definition that is a symbolic link is not listed, but is "already defined".

# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"

mdevctl_tree
uuid=11111111-1111-1111-1111-111111111111
run_mdevctl define -u $uuid -p parent -t t
expect "a file" "$uuid parent t manual" "$(run_mdevctl list -d)"
mv "$root/etc/mdevctl.d/parent/$uuid" "$root/definition"
ln -s "$root/definition" "$root/etc/mdevctl.d/parent/$uuid"
expect "a link" '' "$(run_mdevctl list -d)"
expect "define" "Error: Device $uuid on parent already defined" \
	"$(run_mdevctl define -u $uuid -p parent -t t 2>&1 || true)"
