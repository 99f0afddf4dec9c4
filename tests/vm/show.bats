#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What "mdevctl show --qemu" prints is given to a real QEMU, which then is the user of the device that
# the lists, the tree and the graph name.
#
# vm-once: it says nothing of the kernel

bats_require_minimum_version 1.5.0

DUAL=83b8f4f2-509f-382f-3c1e-e6bfe0fa1002
MONITOR=/run/show.monitor

mdevctl() {
	build/mdevctl "$@"
}

setup_file() {
	modprobe -a mtty vfio_iommu_type1
	mdevctl start -u $DUAL -p mtty --type mtty-2
}

teardown_file() {
	mdevctl stop -u $DUAL
	modprobe -r mtty
}

teardown() {
	local pid
	for pid in $(jobs -p); do
		kill "$pid" || true
	done
	wait
}

# machine VALUE: a QEMU that has the device and does not run anything; its number is in $qemu.
machine() {
	qemu-system-x86_64 -S -M pc -accel tcg,tb-size=16 -m 64 -nodefaults -display none -device "$1,addr=05.0" \
		-chardev "socket,id=monitor,path=$MONITOR,server=on,wait=off" -mon monitor </dev/null 3>&- &
	qemu=$!
}

# asks COMMAND...: prints what QEMU's monitor answers until it ends.
asks() {
	printf '%s\n' "$@" | python3 -c '
import socket, sys
monitor = socket.socket(socket.AF_UNIX)
monitor.connect(sys.argv[1])
monitor.sendall(sys.stdin.buffer.read())
while data := monitor.recv(4096):
	sys.stdout.buffer.write(data)
' $MONITOR
}

# users: the processes in the list, of the device.
users() {
	mdevctl list --json -u $DUAL -o users | jq -c '[.[].users[] | [.command, .pid]]'
}

waits() {
	local tries=0
	until "$@"; do
		[ $((tries += 1)) -lt 600 ] || return
		kill -0 "$qemu" || return
		sleep 0.1
	done
}

has_users() {
	[ "$(users)" = "[[\"$(cat "/proc/$qemu/comm")\",$qemu]]" ]
}

@test "a device that nobody has open has no users" {
	[ "$(users)" = "[]" ]
}

@test "QEMU takes the device with what show --qemu prints, and is named as its user" {
	machine "$(mdevctl show -u $DUAL --qemu)"
	waits has_users
	mdevctl list --tree -n -o name,users | grep -q "$DUAL .*qemu-system-x86($qemu)"
	mdevctl show -u $DUAL | grep -q "^USERS: .*($qemu)$"
	mdevctl graph | grep -q "p$qemu .*label=\"qemu-system-x86"
	kill "$qemu"
	wait "$qemu" || true
	[ "$(users)" = "[]" ]
}

@test "QEMU shows the card of the device" {
	machine "$(mdevctl show -u $DUAL --qemu)"
	waits test -S $MONITOR
	waits has_users
	asks "info pci" quit >"$BATS_TEST_TMPDIR/says"
	grep -q 'PCI device 4348:3253' "$BATS_TEST_TMPDIR/says"
}

@test "an ordinary user sees the list, and that there may be more users" {
	machine "$(mdevctl show -u $DUAL --qemu)"
	waits has_users
	run setpriv --reuid=65534 --regid=65534 --clear-groups build/mdevctl list -n -o uuid,users
	[ "$status" -eq 0 ]
	[[ ${lines[*]} == *"There may be more users"*"$DUAL"* ]]
	[[ ${lines[*]} != *"($qemu)"* ]]
}

@test "a device without a character device is not for iommufd" {
	[ ! -e /sys/bus/mdev/devices/$DUAL/vfio-dev/vfio0/dev ] || skip "the kernel has character devices"
	run build/mdevctl show -u $DUAL --qemu --iommufd
	[ "$status" -eq 1 ]
	[[ $output == *"has no VFIO character device"* ]]
}
