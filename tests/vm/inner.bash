# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash

# vmlinux_of RELEASE: prints the path of that kernel, which a machine in the machine boots.
vmlinux_of() {
	local kernel
	kernel=$(grep -lxF "$1" build/kernels/*/release)
	echo "$PWD/${kernel%/*}/vmlinux"
}
