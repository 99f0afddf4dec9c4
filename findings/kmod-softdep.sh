#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kmod: softdep lines do not add up. The first one of the configuration applies, and replaces that
# of the module.

# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"

kmod_tree
for suite in bookworm trixie; do
	rm -f "$conf"/*
	expect "$suite, of the module" 'low high' "$(planned $suite high)"
	echo 'softdep high pre: middle' >"$conf/1.conf"
	expect "$suite, of one file" 'middle high' "$(planned $suite high)"
	echo 'softdep high pre: low' >"$conf/2.conf"
	expect "$suite, of two files" 'middle high' "$(planned $suite high)"
done
