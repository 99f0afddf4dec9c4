#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# lspci: 3.15 names an interrupt pin by the letter after its own, so that pin D becomes E.

# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"

unpack bookworm pciutils=1:3.9.0-4 libpci3=1:3.9.0-4 libc6=2.36-9+deb12u14 libkmod2 libudev1 liblzma5 libzstd1 \
	libssl3 zlib1g
unpack trixie pciutils=1:3.13.0-2 libpci3=1:3.13.0-2 libc6=2.41-12+deb13u5 libkmod2 libudev1 liblzma5 libzstd1 \
	libssl3t64 zlib1g libcap2
unpack forky pciutils=1:3.15.0-2 libpci3=1:3.15.0-2 libc6=2.43-7 libkmod2 libudev1 liblzma5 libzstd1 \
	libssl3t64 zlib1g libcap2

# pin SUITE NUMBER: the letter that lspci prints for a card with that number in its register.
pin()
{
	local suite=$1 number=$2
	cat >"$work/card" <<-END
		00:05.0 Serial controller: a card
		00: 48 43 53 32 01 00 00 00 10 02 00 07 00 00 00 00
		10: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
		20: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
		30: 00 00 00 00 00 00 00 00 00 00 00 00 0a 0$number 00 00
	END
	in_suite "$suite" "$work/$suite/usr/bin/lspci" -F "$work/card" -vv 2>/dev/null |
		sed -n 's/^\tInterrupts\{0,1\}: pin \(.\) routed to IRQ 10$/\1/p'
}

expect 'bookworm, pins 1 to 4' 'A B C D' "$(for n in 1 2 3 4; do pin bookworm $n; done | xargs)"
expect 'trixie, pins 1 to 4' 'A B C D' "$(for n in 1 2 3 4; do pin trixie $n; done | xargs)"
expect 'forky, pins 1 to 4' 'B C D E' "$(for n in 1 2 3 4; do pin forky $n; done | xargs)"
