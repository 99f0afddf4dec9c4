#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# QEMU starts machines with one card and with two, plugs cards into running ones and unplugs them, on
# both of its PC machines; libvirt-guest.bats has the same by libvirt. The machines run Linux: a card
# is only unplugged when the machine's kernel has let go of it.
#
# vm-by-name: fetching QEMU, and machines in a machine, take minutes
# vm-limit: 3400
# vm: --cpus 1 --root trixie-qemu

bats_require_minimum_version 1.5.0
load autostart
load inner
load jobs

TYPES=/sys/devices/virtual/mtty/mtty/mdev_supported_types
INNER_INITRAMFS=build/demo/initramfs-$(uname -r).cpio

setup_file() {
	INNER_VMLINUX=$(vmlinux_of "$(uname -r)")
	export INNER_VMLINUX
	modprobe -a mtty vfio_iommu_type1
	ACCEL=$(tests/demo/inner-accel)
	export ACCEL
	uuid 1 >$TYPES/mtty-2/create
	uuid 2 >$TYPES/mtty-1/create
	qemu-system-x86_64 --version | head -n 1
}

teardown_file() {
	for number in 1 2; do
		echo 1 >"/sys/bus/mdev/devices/$(uuid $number)/remove"
	done
	modprobe -r mtty
}

teardown() {
	end_jobs
}

path() {
	echo "/sys/bus/mdev/devices/$(uuid "$1")"
}

# machine MACHINE [OPTION...]: starts one; what it says goes to $says, and what its QEMU answers to
# $monitor.log.
machine() {
	says=$BATS_TEST_TMPDIR/says monitor=$BATS_TEST_TMPDIR/monitor
	mkfifo "$monitor.in" "$monitor.out"
	: >"$says"
	# shellcheck disable=SC2086 # several options
	qemu-system-x86_64 -M "$1" $ACCEL -m 160 -nodefaults -no-reboot -display none -vga none \
		-serial "file:$says" -chardev "pipe,id=qmp,path=$monitor" -mon chardev=qmp,mode=control \
		-kernel "$INNER_VMLINUX" -initrd "$INNER_INITRAMFS" \
		-append 'console=ttyS0 panic=-1 quiet mitigations=off nokaslr cryptomgr.notests rdinit=/ports' \
		"${@:2}" </dev/null >"$says.qemu" 2>&1 3>&- &
	cat "$monitor.out" >"$monitor.log" 3>&- &
	reaches grep -q QMP "$monitor.log"
	order qmp_capabilities
}

order() {
	echo "{ \"execute\": \"$1\", \"arguments\": { ${2-} } }" 1<>"$monitor.in"
}

says() {
	[ "$(tr -d '\r' <"$says" | tail -n 1)" = "$1" ]
}

# reaches CONDITION...: waits, and shows what went wrong if in vain.
reaches() {
	local seconds=900
	until "$@"; do
		if [ $((seconds -= 1)) -lt 0 ] || grep -q '"event": "SHUTDOWN"\|"error"' "$monitor.log"; then
			echo "never: $*"
			tail -n 20 "$says" "$says.qemu" "$monitor.log"
			return 1
		fi
		sleep 1
	done
}

# plug NUMBER: into the bus of that number, or where QEMU finds room
plug() {
	local place="${bus:+, \"bus\": \"$bus$1\"}"
	order device_add "\"driver\": \"vfio-pci\", \"id\": \"card$1\", \"sysfsdev\": \"$(path "$1")\"$place"
}

unplug() {
	order device_del "\"id\": \"card$1\""
}

# unplugged NUMBER TIMES: QEMU has said so often that it no longer has the card.
unplugged() {
	[ "$(grep -c "\"event\": \"DEVICE_DELETED\".*\"device\": \"card$1\"" "$monitor.log")" = "$2" ]
}

# card NUMBER: the option of a machine that has the card from its start
card() {
	echo "vfio-pci,id=card$1,sysfsdev=$(path "$1")${bus:+,bus=$bus$1}"
}

# life MACHINE [OPTION...]: one card from the start; a second one comes and goes, the first one goes,
# and both come again.
life() {
	machine "$@" -device "$(card 1)"
	reaches says "cards 1"
	plug 2
	reaches says "cards 2"
	unplug 2
	reaches says "cards 1"
	reaches unplugged 2 1
	# Nobody has it any more.
	echo 1 >"$(path 2)/remove"
	uuid 2 >$TYPES/mtty-1/create
	unplug 1
	reaches says "cards 0"
	reaches unplugged 1 1
	plug 1
	reaches says "cards 1"
	plug 2
	reaches says "cards 2"
	order quit
}

# two MACHINE [OPTION...]: two cards from the start, of which one goes and comes again.
two() {
	machine "$@" -device "$(card 1)" -device "$(card 2)"
	reaches says "cards 2"
	unplug 1
	reaches says "cards 1"
	reaches unplugged 1 1
	plug 1
	reaches says "cards 2"
	order quit
}

PORTS=(-device "pcie-root-port,id=port1,chassis=1,slot=1" -device "pcie-root-port,id=port2,chassis=2,slot=2")

@test "one card, and a second one that comes and goes: pc" {
	bus='' life pc
}

@test "one card, and a second one that comes and goes: q35" {
	bus=port life q35 "${PORTS[@]}"
}

@test "two cards, of which one goes and comes: pc" {
	bus='' two pc
}

@test "two cards, of which one goes and comes: q35" {
	bus=port two q35 "${PORTS[@]}"
}
