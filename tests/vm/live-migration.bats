#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# QEMU moves a running machine from one serial card to another and back. Its kernel sends and
# receives on both ports all the while, so that there are bytes in the FIFOs and interrupts
# pending when it stops; none may be lost, doubled or changed. Debian 12's QEMU does not know
# the kernel's interface for that, so Debian 13's is used.
#
# vm-by-name: fetching that QEMU, and machines in a machine, take minutes
# vm: --root trixie-qemu

A=a0000000-0000-4000-8000-00000000000a
B=b0000000-0000-4000-8000-00000000000b
TYPE=/sys/devices/virtual/mtty/mtty/mdev_supported_types/mtty-2
SOCKET=/run/migration
INNER_INITRAMFS=build/demo/initramfs-$(uname -r).cpio

setup_file() {
	local release
	for release in build/kernels/*/release; do
		[ "$(<"$release")" != "$(uname -r)" ] || export INNER_VMLINUX=${release%/*}/vmlinux
	done
	modprobe -a mtty vfio_iommu_type1
	echo $A >$TYPE/create
	echo $B >$TYPE/create
}

teardown_file() {
	echo 1 >/sys/bus/mdev/devices/$A/remove
	echo 1 >/sys/bus/mdev/devices/$B/remove
	modprobe -r mtty
}

teardown() {
	local pid
	for pid in $(jobs -p); do
		kill "$pid" || true
	done
	wait
}

# machine NAME UUID [OPTION...]: starts a machine that has the device; what it says goes to
# /run/NAME.says, and monitor NAME COMMAND talks to its QEMU.
machine() {
	local name=$1 uuid=$2
	shift 2
	mkfifo "/run/$name.in" "/run/$name.out"
	: >"/run/$name.says"
	qemu-system-x86_64 -M pc -accel tcg,tb-size=256 -cpu qemu64 -m 96 -nodefaults -display none -vga none \
		-serial "file:/run/$name.says" -monitor "pipe:/run/$name" -kernel "$INNER_VMLINUX" -initrd "$INNER_INITRAMFS" \
		-append 'console=ttyS0 panic=-1 quiet mitigations=off nokaslr cryptomgr.notests rdinit=/loop' \
		-device "vfio-pci,sysfsdev=/sys/bus/mdev/devices/$uuid,addr=05.0,enable-migration=on" "$@" \
		</dev/null >"/run/$name.qemu" 2>&1 3>&- &
	cat "/run/$name.out" >"/run/$name.monitor" 3>&- &
}

monitor() {
	echo "$2" >"/run/$1.in"
}

# reaches SECONDS NAME CONDITION...: waits; shows what the machine and its QEMU said if in vain.
reaches() {
	local seconds=$1 name=$2
	shift 2
	until "$@"; do
		if [ $((seconds -= 1)) -lt 0 ]; then
			echo "never true: $*"
			tail -n 20 "/run/$name.says" "/run/$name.qemu" "/run/$name.monitor"
			return 1
		fi
		sleep 1
	done
}

# Prints how many rounds a port has behind it.
rounds_of() {
	local name=$1 port=$2
	tr -d '\r' <"/run/$name.says" | sed -n "s/^$port round //p" | tail -n 1
}

# has_rounds NAME NUMBER: in both ports.
has_rounds() {
	[ "$(rounds_of "$1" ttyS1)" -ge "$2" ] 2>/dev/null && [ "$(rounds_of "$1" ttyS2)" -ge "$2" ] 2>/dev/null
}

has_migrated() {
	monitor "$1" "info migrate"
	! grep -qE '^Migration status: failed|^Error' "/run/$1.monitor" || { cat "/run/$1.monitor" && exit 1; }
	grep -q '^Migration status: completed' "/run/$1.monitor"
}

# move FROM TO UUID: the machine FROM goes on as TO, with that device, for some rounds.
move() {
	local from=$1 to=$2 uuid=$3 rounds
	machine "$to" "$uuid" -incoming "unix:$SOCKET"
	reaches 120 "$to" test -S $SOCKET
	monitor "$from" "migrate -d unix:$SOCKET"
	reaches 600 "$from" has_migrated "$from"
	rounds=$(rounds_of "$from" ttyS1)
	monitor "$from" quit
	rm -f $SOCKET
	reaches 600 "$to" has_rounds "$to" $((rounds + 3))
	! grep lost "/run/$to.says"
}

@test "a machine that uses its serial ports moves to another card and back" {
	machine first $A
	reaches 900 first has_rounds first 2
	move first second $B
	move second third $A
	monitor third quit
}
