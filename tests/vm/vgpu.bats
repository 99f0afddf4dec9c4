#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# vGPUs of NVIDIA's kind on real virtual functions, with Linux's own VFIO, udev and QEMU; the
# driver is tests/kmod/gpu/gpu_nvidia.c. Devices start by udev's rules alone, and by systemd.
#
# vm-by-name: it needs a machine of its own, and QEMU
# vm: --root trixie-guest --udev --sriov --lay build/vm/install
# vm: --root trixie-guest --systemd --sriov --lay build/vm/install

bats_require_minimum_version 1.5.0
load gpu
load jobs

setup_file() {
	gpu_up gpu_nvidia
	rm -rf /etc/mdevctl.d
	mkdir /etc/mdevctl.d
}

setup() {
	enable 3
	eventually has_files 3
}

teardown() {
	end_jobs
	echo 0 >/sys/module/gpu_nvidia/parameters/late_ms
	rm -rf /etc/mdevctl.d/*
	enable 0
}

# has_files COUNT: so many functions have them
has_files() {
	[ "$(find "$PCI/$CARD/"virtfn*/nvidia/ -name current_vgpu_type | wc -l)" = "$1" ]
}

# types: of all functions
types() {
	cat "$PCI/$CARD/"virtfn?/nvidia/current_vgpu_type | paste -sd' '
}

types_are() {
	[ "$(types)" = "$1" ]
}

start() {
	mdevctl start -u "$(uuid "$1")" -p "$2" -t "$3" "${@:4}"
}

stop() {
	mdevctl stop -u "$(uuid "$1")" "${@:2}"
}

@test "the types of the card are those of its functions" {
	run -0 mdevctl types -p "$CARD"
	[[ $output == *"nvidia-12034"*"Name: NVIDIA X12-12C"*"nvidia-901"*"Available instances: 3"*"nvidia-905"* ]]
	start 1 "$(vf 1)" nvidia-902
	run -0 mdevctl types -p "$CARD"
	[[ $output == *"nvidia-901"*"Available instances: 2"* ]]
}

@test "a device takes a function of the card, or the one that is its parent, and leaves it" {
	start 1 "$CARD" nvidia-901
	start 2 "$(vf 2)" "NVIDIA X12-4Q"
	same "901 0 902" "$(types)"
	same "$(uuid 1) $CARD nvidia-901 manual
$(uuid 2) $(vf 2) nvidia-902 manual" "$(mdevctl list)"
	stop 1
	same "0 0 902" "$(types)"
	stop 2
	same "" "$(mdevctl list)"
}

@test "what the driver refuses is explained, and leaves nothing" {
	start 1 "$CARD" nvidia-902
	run ! start 2 "$CARD" nvidia-12034
	[[ $output == "Error: No available instances of nvidia-12034 on $CARD;"*"sizes need mixed sizes"* ]]
	run ! start 2 "$(vf 0)" nvidia-902
	[[ $output == "Error: No available instances of nvidia-902 on $(vf 0); active on it: 1 of"* ]]
	run ! mdevctl start --count 3 -p "$CARD" -t nvidia-902
	[[ $output == *"; 2 of 3 devices had been started, and were stopped again" ]]
	same "902 0 0" "$(types)"
	mdevctl start --count 2 -p "$CARD" -t nvidia-902
	same "902 902 902" "$(types)"
}

@test "parameters are written before a machine opens the device, and not while it has it" {
	mdevctl define -u "$(uuid 1)" -p "$CARD" -t nvidia-902
	mdevctl modify -u "$(uuid 1)" --addattr=vgpu_params --value="frl_config=60"
	mdevctl start -u "$(uuid 1)"
	same "frl_config=60" "$(<"$PCI/$(vf 0)/nvidia/vgpu_params")"
	machine 1
	has_started
	mdevctl modify -u "$(uuid 1)" --delattr --index=0
	run ! mdevctl modify -u "$(uuid 1)" --live --addattr=vgpu_params --value="frl_config=30"
	[[ $output == *"; a virtual machine has it open: stop that first" ]]
	same "frl_config=60" "$(<"$PCI/$(vf 0)/nvidia/vgpu_params")"
}

@test "a virtual machine has the device, keeps it, and lets it go" {
	start 1 "$CARD" nvidia-902
	machine 1
	has_started
	run ! stop 1 --timeout 1
	[[ $output == *"in use by qemu-system-x86 (process $MACHINE)"* ]]
	same "902 0 0" "$(types)"
	end_machine
	stop 1
	same "0 0 0" "$(types)"
}

@test "a function without a type is opened by nobody" {
	start 1 "$CARD" nvidia-902
	option=$(mdevctl show -u "$(uuid 1)" --qemu)
	same "vfio-pci,host=$(vf 0)" "$option"
	stop 1
	run ! timeout 60 qemu-system-x86_64 -M q35 -accel tcg -m 16 -nodefaults -display none -S -device "$option"
	[[ $output == *"No such device"* ]]
	run ! mdevctl show -u "$(uuid 1)" --qemu
}

# nodes NUMBER: those of the function
nodes() {
	local function
	function=$PCI/$(vf "$1")
	echo "/dev/vfio/$(basename "$(readlink "$function/iommu_group")")"
	# Linux has these from 6.6 on.
	[ ! -d /dev/vfio/devices ] || echo "/dev/vfio/devices/$(ls "$function/vfio-dev")"
}

# nodes_are NUMBER WHOSE: all of them
nodes_are() {
	local node
	for node in $(nodes "$1"); do
		[ "$(stat -c '%U:%G %a' "$node")" = "$2" ] || return 1
	done
}

@test "the nodes of a function are its definition's user's as long as it is a device" {
	mdevctl define -u "$(uuid 1)" -p "$CARD" -t nvidia-902 --access nobody:kvm
	mdevctl start -u "$(uuid 1)" --wait nobody --timeout 60
	nodes_are 0 "nobody:kvm 660"
	nodes_are 1 "root:root 600"
	mdevctl modify -u "$(uuid 1)" --live --defined --access daemon
	eventually nodes_are 0 "daemon:root 600"
	stop 1
	eventually nodes_are 0 "root:root 600"
}

@test "devices start when their functions come, and each time that these come again" {
	mdevctl define -u "$(uuid 1)" -p "$CARD" -t nvidia-901 --auto
	mdevctl define -u "$(uuid 2)" -p "$CARD" -t nvidia-902 --auto
	mdevctl define -u "$(uuid 3)" -p "$(vf 1)" -t nvidia-902 --auto
	for _ in 1 2; do
		enable 0
		same "" "$(mdevctl list)"
		enable 3
		eventually types_are "901 902 902"
		same "3" "$(mdevctl list | wc -l)"
	done
}

@test "devices start although the files come after the nodes" {
	echo 700 >/sys/module/gpu_nvidia/parameters/late_ms
	mdevctl define -u "$(uuid 1)" -p "$CARD" -t nvidia-12034 --auto
	enable 0
	enable 3
	eventually types_are "12034 0 0"
	same "$(uuid 1) $CARD nvidia-12034 auto (defined)" "$(mdevctl list)"
}

@test "after the driver was loaded again devices start again" {
	mdevctl define -u "$(uuid 1)" -p "$CARD" -t nvidia-902 --auto
	mdevctl start -u "$(uuid 1)"
	modprobe -r gpu_nvidia
	same "" "$(mdevctl list)"
	modprobe gpu_nvidia
	enable 3
	eventually types_are "902 0 0"
}

@test "status says what has become of a device whose functions were taken away" {
	mdevctl define -u "$(uuid 1)" -p "$CARD" -t nvidia-902
	mdevctl start -u "$(uuid 1)"
	function=$(vf 0)
	enable 0
	run mdevctl status
	[[ $output == *" stopped"*"; it was started on $function, which is not on the bus now" ]]
	enable 3
	eventually has_files 3
	run mdevctl status
	[[ $output == *" stopped"*"; it was started on $function, which has no type now (driver nvidia)" ]]
}
