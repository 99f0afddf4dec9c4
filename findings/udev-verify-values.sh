#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# udevadm verify checks keys, labels and commas. It accepts an unknown action and a missing program.

# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"

unpack trixie udev=257.13-1~deb13u1 libc6=2.41-12+deb13u5 libacl1 libblkid1 libcap2 libcrypt1 \
	libkmod2=34.2-2 liblzma5 libmount1 libpcre2-8-0 libseccomp2 libselinux1 libssl3t64 libudev1 \
	libaudit1 libcap-ng0 libapparmor1 libzstd1 zlib1g libsystemd-shared=257.13-1~deb13u1
verify()
{
	local status=0
	cat >"$work/a.rules"
	in_suite trixie "$work/trixie/usr/bin/udevadm" verify --no-summary "$work/a.rules" >&2 || status=$?
	echo $status
}
expect "ACTION=registered" 0 "$(verify <<<'ACTION=="registered", TAG+="x"')"
expect "RUN of nothing" 0 "$(verify <<<'KERNEL=="x", RUN+="/nonexistent/program"')"
expect "a label that nobody uses" 1 "$(verify <<<'LABEL="unused"')"
