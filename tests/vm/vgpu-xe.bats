#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Shares of a GPU as Intel's driver has them, on real virtual functions, with Linux's own vfio-pci, udev
# and QEMU; the driver is tests/kmod/gpu/gpu_xe.c. Devices start by udev's rules alone, and by systemd.
#
# vm-by-name: it needs a machine of its own, and QEMU
# vm: --root trixie-guest --udev --sriov --lay build/vm/install
# vm: --root trixie-guest --systemd --sriov --lay build/vm/install

bats_require_minimum_version 1.5.0
load gpu
load jobs

setup_file() {
	gpu_up gpu_xe
	rm -rf /etc/mdevctl.d
	mkdir /etc/mdevctl.d
}

teardown() {
	end_jobs
	rm -rf /etc/mdevctl.d/*
	enable 0
}

start() {
	mdevctl start -u "$(uuid "$1")" -p "$2" -t xe-vf "${@:3}"
}

stop() {
	mdevctl stop -u "$(uuid "$1")" "${@:2}"
}

# drivers: of the functions that are enabled, "-" without one
drivers() {
	local function
	for function in "$PCI/$CARD/"virtfn?; do
		[ ! -e "$function" ] || basename "$(readlink "$function/driver" || echo -)"
	done | paste -sd' '
}

drivers_are() {
	[ "$(drivers)" = "$1" ]
}

# share NUMBER FILE
share() {
	cat "$PCI/$CARD/sriov_admin/vf$1/profile/$2"
}

@test "the first device enables a function for VFIO, and the last one disables it" {
	start 1 "$CARD"
	same vfio-pci "$(drivers)"
	same "$(uuid 1) $CARD xe-vf manual" "$(mdevctl list)"
	same 1 "$(<"$PCI/$CARD/sriov_drivers_autoprobe")"
	stop 1
	same 0 "$(<"$PCI/$CARD/sriov_numvfs")"
	same "" "$(mdevctl list)"
}

@test "as many are enabled as are defined" {
	mdevctl define -u "$(uuid 1)" -p "$CARD" -t xe-vf
	mdevctl define -u "$(uuid 2)" -p "$CARD" -t xe-vf
	mdevctl start -u "$(uuid 2)"
	same "vfio-pci -" "$(drivers)"
	mdevctl start -u "$(uuid 1)"
	same "vfio-pci vfio-pci" "$(drivers)"
	mdevctl stop -u "$(uuid 2)"
	same "- vfio-pci" "$(drivers)"
	run ! start 3 "$(vf 1)"
	[[ $output == "Error: No available instances of xe-vf on $(vf 1);"* ]]
	stop 1
	same "" "$(drivers)"
}

@test "attributes are those of the share, rounded as the GPU does" {
	mdevctl define -u "$(uuid 1)" -p "$CARD" -t xe-vf
	mdevctl modify -u "$(uuid 1)" --addattr=exec_quantum_ms --value=20
	mdevctl modify -u "$(uuid 1)" --addattr=vram_quota --value=1073741825
	mdevctl start -u "$(uuid 1)"
	same 20 "$(share 1 exec_quantum_ms)"
	same 1075838976 "$(share 1 vram_quota)"
	run mdevctl status -u "$(uuid 1)"
	[[ $output == *" different"*"vram_quota is 1075838976, defined is 1073741825"* ]]
	stop 1
	mdevctl modify -u "$(uuid 1)" --addattr=vram_quota --value=99999999999999
	run ! mdevctl start -u "$(uuid 1)"
	[[ $output == *"; the firmware of the GPU refuses the value" ]]
	same "" "$(drivers)"
}

@test "a virtual machine has the function, keeps it, and lets it go" {
	start 1 "$CARD"
	machine 1
	has_started
	run ! stop 1 --timeout 1
	[[ $output == *"in use by qemu-system-x86 (process $MACHINE)"* ]]
	same vfio-pci "$(drivers)"
	end_machine
	stop 1
	same "" "$(drivers)"
}

@test "functions that somebody else has enabled stay" {
	echo 0 >"$PCI/$CARD/sriov_drivers_autoprobe"
	enable 2
	start 1 "$(vf 1)"
	same "- vfio-pci" "$(drivers)"
	stop 1
	same "- -" "$(drivers)"
	same "(null)" "$(<"$PCI/$(vf 1)/driver_override")"
	echo 1 >"$PCI/$CARD/sriov_drivers_autoprobe"
}

@test "devices start when the driver finds its card, each time" {
	mdevctl define -u "$(uuid 1)" -p "$CARD" -t xe-vf --auto
	mdevctl define -u "$(uuid 2)" -p "$CARD" -t xe-vf --auto
	for _ in 1 2; do
		modprobe -r gpu_xe
		same "" "$(mdevctl list)"
		modprobe gpu_xe
		eventually drivers_are "vfio-pci vfio-pci"
	done
}
