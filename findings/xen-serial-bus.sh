#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Xen: "com1=...,pci" does not find a serial card on bus 0, where a virtual machine has its cards
# unless it has a bridge. Xen then uses the machine's own COM1, and does not say so.

# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"

unpack_all trixie xen-hypervisor-4.20-amd64=4.20.4+63-g7abfd2bce2-0+deb13u1 \
	qemu-system-x86=1:10.0.13+ds-0+deb13u1 seabios=1.16.3-2
share=$work/trixie/usr/share
gunzip -c "$work/trixie/boot/xen-4.20-amd64.gz" >"$work/xen"

# port_of NAME OPTION...: boots Xen in a machine with COM1 and what the options add, a serial card
# with the character device "card". Prints the ports that Xen's messages come from.
port_of()
{
	local com1=$work/$1.com1 card=$work/$1.card machine end=$((SECONDS + 120))
	shift
	in_suite trixie "$work/trixie/usr/bin/qemu-system-x86_64" -L "$share/qemu" -L "$share/seabios" \
		-M pc,accel=tcg -m 128 -nodefaults -display none -no-reboot -serial "file:$com1" \
		-chardev "file,id=card,path=$card" "$@" \
		-kernel "$work/xen" -append 'com1=115200,8n1,pci console=com1' </dev/null >&2 &
	machine=$!
	until grep -aqs 'Xen version' "$com1" "$card" || [ $SECONDS -ge $end ]; do
		sleep 1
	done
	kill $machine 2>/dev/null || true
	wait $machine || true
	for port in "$com1" "$card"; do
		! grep -aq 'Xen version' "$port" || echo "${port##*.}"
	done
}

expect 'a card on bus 0' com1 "$(port_of zero -device pci-serial,chardev=card,addr=05.0)"
expect 'a card on bus 1' card "$(port_of one -device pci-bridge,id=second,chassis_nr=1 \
	-device pci-serial,chardev=card,bus=second,addr=01.0)"
