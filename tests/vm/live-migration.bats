#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# QEMU moves a running machine with two serial cards to two other ones and back. Its kernel sends
# and receives on three ports all the while, so that there are bytes in the FIFOs and interrupts
# pending when it stops; none may be lost, doubled or changed. Debian 12's QEMU does not know
# the kernel's interface for that, so Debian 13's is used, with its default settings where the
# kernel can report what a device has written: else QEMU has to be told that it may migrate.
#
# vm-by-name: fetching that QEMU, and machines in a machine, take minutes
# vm: --cpus 1 --root trixie-qemu

# The two cards of a machine, by the first letter of their UUIDs.
DUAL=0000000-0000-4000-8000-000000000002
SINGLE=0000000-0000-4000-8000-000000000001
TYPES=/sys/devices/virtual/mtty/mtty/mdev_supported_types
SOCKET=/run/migration
INNER_INITRAMFS=build/demo/initramfs-$(uname -r).cpio

setup_file() {
	local release
	for release in build/kernels/*/release; do
		[ "$(<"$release")" != "$(uname -r)" ] || export INNER_VMLINUX=${release%/*}/vmlinux
	done
	modprobe -a mtty vfio_iommu_type1
	for cards in a b; do
		echo $cards$DUAL >$TYPES/mtty-2/create
		echo $cards$SINGLE >$TYPES/mtty-1/create
	done
	ACCEL=$(tests/demo/inner-accel)
	export ACCEL
}

teardown_file() {
	for card in /sys/bus/mdev/devices/[ab]0000000-*; do
		echo 1 >"$card/remove"
	done
	modprobe -r mtty
}

teardown() {
	local pid
	for pid in $(jobs -p); do
		kill "$pid" || true
	done
	wait
}

# Prints what QEMU has to be told beside its default settings.
settings() {
	grep -q ' iova_bitmap_set$' /proc/kallsyms || echo ,enable-migration=on
}

# machine NAME CARDS [OPTION...]: starts a machine that has the cards; what it says goes to
# /run/NAME.says, and monitor NAME COMMAND talks to its QEMU.
machine() {
	local name=$1 card=vfio-pci,sysfsdev=/sys/bus/mdev/devices/$2 settings
	settings=$(settings)
	shift 2
	mkfifo "/run/$name.in" "/run/$name.out"
	: >"/run/$name.says"
	# shellcheck disable=SC2086 # several options
	qemu-system-x86_64 -M pc $ACCEL -m 128 -nodefaults -no-reboot -display none -vga none \
		-serial "file:/run/$name.says" -monitor "pipe:/run/$name" -kernel "$INNER_VMLINUX" -initrd "$INNER_INITRAMFS" \
		-append 'console=ttyS0 panic=-1 quiet mitigations=off nokaslr cryptomgr.notests rdinit=/loop' \
		-device "$card$DUAL,addr=05.0$settings" -device "$card$SINGLE,addr=06.0$settings" "$@" \
		</dev/null >"/run/$name.qemu" 2>&1 3>&- &
	cat "/run/$name.out" >"/run/$name.monitor" 3>&- &
}

monitor() {
	echo "$2" >"/run/$1.in"
}

# reaches SECONDS NAME CONDITION...: waits; shows what the machine and its QEMU said if in vain, or
# if the machine has lost something.
reaches() {
	local seconds=$1 name=$2
	shift 2
	until "$@"; do
		if [ $((seconds -= 1)) -lt 0 ] || grep -q lost "/run/$name.says"; then
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

# has_rounds NAME NUMBER: in all ports.
has_rounds() {
	local port
	for port in ttyS1 ttyS2 ttyS3; do
		[ "$(rounds_of "$1" $port)" -ge "$2" ] 2>/dev/null || return
	done
}

has_migrated() {
	monitor "$1" "info migrate"
	! grep -qE '^Migration status: failed|^Error' "/run/$1.monitor" || { cat "/run/$1.monitor" && exit 1; }
	grep -q '^Migration status: completed' "/run/$1.monitor"
}

# move FROM TO CARDS: the machine FROM goes on as TO, with those, for some rounds.
move() {
	local from=$1 to=$2 cards=$3 rounds
	machine "$to" "$cards" -incoming "unix:$SOCKET"
	reaches 120 "$to" test -S $SOCKET
	monitor "$from" "migrate -d unix:$SOCKET"
	reaches 600 "$from" has_migrated "$from"
	rounds=$(rounds_of "$from" ttyS1)
	monitor "$from" quit
	rm -f $SOCKET
	reaches 600 "$to" has_rounds "$to" $((rounds + 3))
	! grep lost "/run/$to.says"
}

@test "a machine that uses its serial ports moves to other cards and back" {
	machine first a
	reaches 300 first has_rounds first 2
	move first second b
	move second third a
	monitor third quit
}
