#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What "mdevctl show --qemu" prints is given to a real QEMU, which then is the user of the device that
# the lists, the tree and the graph name.
#
# vm-once: it says nothing of the kernel

bats_require_minimum_version 1.5.0

load jobs

DUAL=83b8f4f2-509f-382f-3c1e-e6bfe0fa1002
GIVEN=83b8f4f2-509f-382f-3c1e-e6bfe0fa1003
MONITOR=/tmp/show.monitor # an ordinary user's QEMU makes it, too

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
	end_jobs
	rm -f $MONITOR
}

# machine VALUE: a QEMU that has the device and does not run anything; its number is in $qemu. It is
# started by the command $as, if any.
machine() {
	$as qemu-system-x86_64 -S -M pc -accel tcg,tb-size=16 -m 64 -nodefaults -display none -device "$1,addr=05.0" \
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

# users [UUID]: the processes in the list, of the device.
users() {
	mdevctl list --json -u "${1:-$DUAL}" -o users | jq -c '[.[].users[] | [.command, .pid]]'
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
	[ "$(users "$@")" = "[[\"$(cat "/proc/$qemu/comm")\",$qemu]]" ]
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

@test "status tells of a device that a guest uses what it tells of others" {
	machine "$(mdevctl show -u $DUAL --qemu)"
	waits has_users
	mdevctl define --auto -u $DUAL
	[ "$(mdevctl status)" = "$DUAL mtty mtty-2 running" ]
	mdevctl modify -u $DUAL --setattr mode=host
	run mdevctl status -u $DUAL
	[ "$status" -eq 3 ]
	[ "${lines[0]}" = "$DUAL mtty mtty-2 different" ]
	[ "${lines[1]}" = "  Attribute mode is loopback, defined is host" ]
	# Who has the rest is told as well.
	run mdevctl start --count 12 -p mtty -t mtty-2
	[ "$status" -eq 1 ]
	[[ $output == *"11 of 12 devices had been started, and were stopped again" ]]
	mdevctl undefine -u $DUAL
	[ "$(mdevctl status)" = "$DUAL mtty mtty-2 transient" ]
	has_users
}

# nodes UUID: that of its IOMMU group, which QEMU uses, and the character device if the kernel has one.
nodes() {
	local device=/sys/bus/mdev/devices/$1 own
	echo "/dev/vfio/$(basename "$(readlink "$device/iommu_group")")"
	for own in "$device"/vfio-dev/vfio*; do
		[ ! -e "$own/dev" ] || echo "/dev/vfio/devices/${own##*/}"
	done
}

has_nodes() {
	[ -L "/sys/bus/mdev/devices/$1/iommu_group" ] && nodes "$1" | xargs -n 1 test -c
}

# give NODE: does what our rule makes udev do; there is no udev in this machine, but in udev.bats.
give() {
	local MDEVCTL_USER MDEVCTL_GROUP MDEVCTL_MODE
	eval "$(mdevctl node-access "$1" | grep '^MDEVCTL_[A-Z]*=[a-z0-9]*$')"
	chown "$MDEVCTL_USER:$MDEVCTL_GROUP" "$1"
	chmod "$MDEVCTL_MODE" "$1"
}

@test "QEMU of an ordinary user takes the device that is defined for that user, and no other" {
	local as="setpriv --reuid=nobody --regid=nogroup --clear-groups" waiting
	mdevctl define -u $GIVEN -p mtty -t mtty-1 --access nobody
	mdevctl start -u $GIVEN --wait nobody --timeout 600 3>&- &
	waiting=$!
	qemu=$waiting
	waits has_nodes $GIVEN
	kill -0 $waiting
	for node in $(nodes $GIVEN); do
		give "$node"
	done
	wait $waiting
	machine "$(mdevctl show -u $GIVEN --qemu)"
	waits test -S $MONITOR
	waits has_users $GIVEN
	asks "info pci" quit >"$BATS_TEST_TMPDIR/says"
	grep -q 'PCI device 4348:3253' "$BATS_TEST_TMPDIR/says"
	wait "$qemu" || true
	run $as qemu-system-x86_64 -S -M pc -m 64 -nodefaults -display none -device "$(mdevctl show -u $DUAL --qemu)"
	[ "$status" -ne 0 ]
	[[ $output == *"Permission denied"* ]]
	mdevctl stop -u $GIVEN
	mdevctl undefine -u $GIVEN
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
