#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kmod: if two files have an install command for a module, the first one applies; the options of
# both files add up.

# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"

kmod_tree
printf '%s\n' 'install low echo first' 'options middle a=1' >"$conf/1.conf"
printf '%s\n' 'install low echo second' 'options middle a=2' >"$conf/2.conf"
for suite in bookworm trixie; do
	expect "$suite, install" 'install echo first' "$(planned $suite low)"
	expect "$suite, options" 'middle a=1 a=2' "$(planned $suite middle)"
done
