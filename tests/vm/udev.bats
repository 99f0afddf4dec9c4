#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Autostart, and who may open nodes, without systemd: udev's rules alone. tests/vm/boot has what is
# defined.
#
# vm-once: it says nothing of the kernel
# vm: --root trixie --udev --lay build/vm/install --lay tests/vm/boot

bats_require_minimum_version 1.5.0
load autostart

teardown() {
	modprobe -r mtty
}

@test "there is no systemd" {
	[ ! -e /run/systemd/system ]
	[ -S /run/udev/control ]
}

@test "what is defined runs when the parent has appeared, each time" {
	for _ in 1 2; do
		modprobe mtty
		udevadm settle
		same "$BOOT_DEVICES" "$(active)"
		modprobe -r mtty
	done
}

@test "a parent that is there already is found by the events of a cold plug" {
	udevadm control --stop-exec-queue
	modprobe mtty
	same "" "$(active)"
	udevadm control --start-exec-queue
	udevadm settle
	same "$BOOT_DEVICES" "$(active)"
	for device in /sys/bus/mdev/devices/*; do
		echo 1 >"$device/remove"
	done
	udevadm trigger --action=add --settle "$(realpath /sys/class/mdev_bus/mtty)"
	same "$BOOT_DEVICES" "$(active)"
}

@test "a device that is no parent yet holds up none of its events" {
	mkdir /etc/mdevctl.d/loop-control
	cp "/etc/mdevctl.d/mtty/$(uuid 1)" /etc/mdevctl.d/loop-control/
	modprobe loop
	udevadm test --action=add /sys/devices/virtual/misc/loop-control >"$BATS_TEST_TMPDIR/out" 2>&1
	run ! grep -q start-parent-mdevs "$BATS_TEST_TMPDIR/out"
	rm -r /etc/mdevctl.d/loop-control
}

# nodes: those of the device of the tests of access.
nodes() {
	local device=/sys/bus/mdev/devices/$GIVEN own
	echo "/dev/vfio/$(basename "$(realpath "$device/iommu_group")")"
	for own in "$device"/vfio-dev/vfio*; do
		[ ! -e "$own/dev" ] || echo "/dev/vfio/devices/${own##*/}"
	done
}

# may USER GROUP FILE: whether that user opens the file, to read and to write.
may() {
	setpriv --reuid="$1" --regid="$2" --clear-groups sh -c ': <>"$0"' "$3"
}

GIVEN=83b8f4f2-509f-382f-3c1e-e6bfe0fa10aa

@test "the nodes of a device are its definition's user's and group's, who open them" {
	modprobe mtty
	udevadm settle
	mdevctl define -u $GIVEN -p mtty -t mtty-1 --access nobody:kvm
	mdevctl start -u $GIVEN --wait nobody --timeout 60
	for node in $(nodes); do
		same "nobody:kvm 660" "$(stat -c '%U:%G %a' "$node")"
		may nobody nogroup "$node"
		may daemon kvm "$node"
		run ! may daemon daemon "$node"
	done
	udevadm info -q property "$(nodes | head -n 1)" | grep -qx "MDEVCTL_UUID=$GIVEN"
	mdevctl stop -u $GIVEN
}

@test "an active device's nodes change with its definition, and only if that is asked for" {
	modprobe mtty
	udevadm settle
	mdevctl start -u $GIVEN --wait :kvm --timeout 60
	mdevctl modify -u $GIVEN --access daemon::0600
	udevadm settle
	same "nobody:kvm 660" "$(stat -c '%U:%G %a' "$(nodes | head -n 1)")"
	mdevctl modify -u $GIVEN --defined --live --access daemon:daemon:0640
	udevadm settle
	for node in $(nodes); do
		same "daemon:daemon 640" "$(stat -c '%U:%G %a' "$node")"
		may daemon daemon "$node"
		run ! may nobody nogroup "$node"
	done
	mdevctl export | sed 's/"daemon:daemon:0640"/":kvm"/' >"$BATS_TEST_TMPDIR/all"
	mdevctl apply "$BATS_TEST_TMPDIR/all"
	udevadm settle
	for node in $(nodes); do
		same "root:kvm 660" "$(stat -c '%U:%G %a' "$node")"
	done
	mdevctl stop -u $GIVEN
}

# nodes_are STATE: all of the device's.
nodes_are() {
	udevadm settle
	for node in $(nodes); do
		same "$1" "$(stat -c '%U:%G %a' "$node")"
	done
}

@test "access that is taken away from an active device is root's again, on all nodes" {
	modprobe mtty
	udevadm settle
	mdevctl modify -u $GIVEN --access nobody:kvm
	mdevctl start -u $GIVEN --wait nobody --timeout 60
	nodes_are "nobody:kvm 660"
	# As documented: not before it is asked for.
	mdevctl modify -u $GIVEN --access ''
	nodes_are "nobody:kvm 660"
	mdevctl modify -u $GIVEN --defined --live --access ''
	nodes_are "root:root 600"
	run ! may nobody kvm "$(nodes | head -n 1)"
	udevadm info -q property "$(nodes | head -n 1)" | grep -qx "MDEVCTL_UUID=$GIVEN"
	# Given and taken again, by a document.
	mdevctl modify -u $GIVEN --defined --live --access nobody
	nodes_are "nobody:root 600"
	mdevctl export | jq 'del(.devices[].access)' >"$BATS_TEST_TMPDIR/all"
	mdevctl apply "$BATS_TEST_TMPDIR/all"
	nodes_are "root:root 600"
	# An undefined device is nobody else's either, once udev looks at it again.
	mdevctl modify -u $GIVEN --defined --live --access nobody
	mdevctl undefine -u $GIVEN
	for node in $(nodes); do
		udevadm trigger --action=change --name-match="$node"
	done
	nodes_are "root:root 600"
	mdevctl stop -u $GIVEN
	mdevctl define -u $GIVEN -p mtty -t mtty-1
}

@test "a device that is defined for nobody else stays root's" {
	modprobe mtty
	udevadm settle
	mdevctl modify -u $GIVEN --access ''
	mdevctl start -u $GIVEN --wait root --timeout 60
	udevadm settle
	for node in $(nodes); do
		same "root:root 600" "$(stat -c '%U:%G %a' "$node")"
	done
	run mdevctl stop -u $GIVEN
	run mdevctl start -u $GIVEN --wait nobody --timeout 1
	[ "$status" -eq 1 ]
	[[ $output == *"root:root, mode 0600); its definition gives access to nobody; the device was started" ]]
	mdevctl stop -u $GIVEN
}

@test "a wait says that udev is not running" {
	modprobe mtty
	udevadm settle
	mdevctl modify -u $GIVEN --access nobody
	udevadm control --stop-exec-queue
	mv /run/udev/control /run/udev/away
	run mdevctl start -u $GIVEN --wait nobody --timeout 1
	mv /run/udev/away /run/udev/control
	udevadm control --start-exec-queue
	[ "$status" -eq 1 ]
	[[ $output == *"; udev, which sets permissions, is not running; its definition gives access to nobody; "* ]]
	udevadm settle
	may nobody nogroup "$(nodes | head -n 1)"
	mdevctl stop -u $GIVEN
	mdevctl undefine -u $GIVEN
}
