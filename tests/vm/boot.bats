#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Autostart on a machine that boots with systemd, in two boots of it. tests/vm/boot has what is
# defined: three good definitions, one that is not to be started and one that is garbage.
# Nothing but the boot service loads mtty.
#
# vm-once: it says nothing of the kernel
# vm: --root trixie --systemd --boots 2 --keep /etc/mdevctl.d --lay build/vm/install --lay tests/vm/boot --append systemd.mask=libvirtd.service

bats_require_minimum_version 1.5.0
load autostart

@test "what is defined runs after the boot" {
	same "$BOOT_DEVICES" "$(active)"
}

@test "each was started once, and the journal says so" {
	for number in 1 2 3; do
		same 1 "$(started $number)"
	done
	same 3 "$(journal | grep -c "^Started b007ed00")"
	run ! grep -q "^Failed to start b007ed00" <(journal)
}

@test "the journal names the garbage and what is wrong with it" {
	journal | grep "WARN.*/etc/mdevctl.d/mtty/$(uuid 0):"
}

@test "the garbage makes its units fail, and nothing else" {
	same failed "$(systemctl is-failed mdevctl.service)"
	same active "$(systemctl is-active multi-user.target)"
	run ! grep -v '^mdevctl' <(systemctl list-units --failed --plain --no-legend)
}

@test "a parent that goes and comes again gets its devices back" {
	modprobe -r mtty
	same "" "$(active)"
	modprobe mtty
	eventually active_is "$BOOT_DEVICES"
	eventually is_settled mtty
	for number in 1 2 3; do
		same 2 "$(started $number)"
	done
}

@test "another event for a parent whose devices run is silent" {
	local before
	before=$(journal | grep -c "b007ed00.*, type")
	udevadm trigger --action=add --settle /sys/class/mdev_bus/mtty
	eventually is_settled mtty
	same "$BOOT_DEVICES" "$(active)"
	same "$before" "$(journal | grep -c "b007ed00.*, type")"
}

@test "the definitions are what they were" {
	same "$(cat tests/vm/boot/etc/mdevctl.d/mtty/*)" "$(cat /etc/mdevctl.d/mtty/*)"
}
