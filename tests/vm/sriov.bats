#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2314
#
# Real virtual functions: what the kernel does when they come, go and are given to VFIO, on which
# the back-ends for functions that are slices rely. The card is QEMU's NVMe disk, which has SR-IOV
# since QEMU 7.1 (Debian 12 has 7.2). tests/sim imitates this, with NVIDIA's files in addition.
#
# vm-by-name: it needs a machine of its own
# vm: --root trixie --udev --sriov

bats_require_minimum_version 1.5.0

PCI=/sys/bus/pci/devices
EVENTS=/run/sriov-events

setup_file() {
	modprobe -a nvme vfio-pci
	CARD=$(basename "$(dirname $PCI/*/sriov_totalvfs)")
	export CARD
	until [ -e $PCI/$CARD/driver ]; do :; done
	# They are for virtual machines: no driver of this one is to take them.
	echo 0 >$PCI/$CARD/sriov_drivers_autoprobe
}

setup() {
	: >$EVENTS
	udevadm monitor --udev --property --subsystem-match=pci >$EVENTS 3>&- &
	MONITOR=$!
	until grep -q '^UDEV - ' $EVENTS; do :; done
}

teardown() {
	kill $MONITOR
	echo 0 >$PCI/$CARD/sriov_numvfs
}

same() {
	[ "$1" = "$2" ] || { printf 'expected: %s\nis:       %s\n' "$1" "$2" >&2; return 1; }
}

# functions N: N virtual functions appear, and FUNCTIONS are their addresses, in order.
functions() {
	echo "$1" >$PCI/$CARD/sriov_numvfs
	FUNCTIONS=()
	for ((i = 0; i < $1; i++)); do
		FUNCTIONS+=("$(basename "$(readlink $PCI/$CARD/virtfn$i)")")
	done
}

give_to_vfio() {
	echo vfio-pci >$PCI/$1/driver_override
	echo $1 >/sys/bus/pci/drivers_probe
}

# events ADDRESS: what udev's rules saw of the function, in a line.
events() {
	udevadm settle
	awk -v RS= -v name="PCI_SLOT_NAME=$1" -F '\n' '{
		action = mine = ""
		for (i = 1; i <= NF; i++) {
			if ($i ~ /^ACTION=/)
				action = substr($i, 8)
			mine = mine || $i == name
		}
		if (mine)
			print action
	}' $EVENTS | paste -sd' '
}

@test "virtual functions appear at once with their links, and go" {
	same 3 "$(<$PCI/$CARD/sriov_totalvfs)"
	[ ! -e $PCI/$CARD/virtfn0 ]
	functions 3
	for function in "${FUNCTIONS[@]}"; do
		[ $PCI/$function/physfn -ef $PCI/$CARD ]
		[ ! -e $PCI/$function/driver ]
		same "$(<$PCI/$CARD/device)" "$(<$PCI/$function/device)"
	done
	[ ! -e $PCI/$CARD/virtfn3 ]
	same 3 "$(printf '%s\n' "${FUNCTIONS[@]}" | sort -u | wc -l)"
	echo 0 >$PCI/$CARD/sriov_numvfs
	[ ! -e $PCI/${FUNCTIONS[0]} ]
	[ ! -e $PCI/$CARD/virtfn0 ]
}

@test "their number changes only by way of 0, and not beyond the total" {
	functions 2
	run ! bash -c "echo 3 >$PCI/$CARD/sriov_numvfs"
	[[ $output == *"busy"* ]]
	echo 0 >$PCI/$CARD/sriov_numvfs
	run ! bash -c "echo 4 >$PCI/$CARD/sriov_numvfs"
	[[ $output == *"range"* ]]
	same 0 "$(<$PCI/$CARD/sriov_numvfs)"
}

@test "a function that VFIO has is in a group of its own, with its nodes" {
	functions 2
	give_to_vfio "${FUNCTIONS[1]}"
	function=$PCI/${FUNCTIONS[1]}
	same vfio-pci "$(basename "$(readlink $function/driver)")"
	[ ! -e $PCI/${FUNCTIONS[0]}/driver ]
	same "${FUNCTIONS[1]}" "$(ls $function/iommu_group/devices)"
	udevadm settle
	[ -c "/dev/vfio/$(basename "$(readlink $function/iommu_group)")" ]
	# Linux has these from 6.1 on, and their nodes from 6.6 on, as far as it is built with them.
	[ -d $function/vfio-dev/vfio* ]
	if [ -e $function/vfio-dev/vfio*/dev ]; then
		[ -c /dev/vfio/devices/$(ls $function/vfio-dev) ]
	fi
}

@test "udev's rules see a function when it comes, when a driver takes it, and when it goes" {
	functions 2
	# The change says that physfn is there now.
	same "add change" "$(events "${FUNCTIONS[0]}")"
	give_to_vfio "${FUNCTIONS[0]}"
	same "add change bind" "$(events "${FUNCTIONS[0]}")"
	echo 0 >$PCI/$CARD/sriov_numvfs
	same "add change bind unbind remove" "$(events "${FUNCTIONS[0]}")"
	same "add change remove" "$(events "${FUNCTIONS[1]}")"
	# The card says that it has functions, and not that they go.
	same change "$(events $CARD)"
}

@test "a function that comes again at the same address is another one" {
	functions 1
	before=$(stat -L -c %i $PCI/${FUNCTIONS[0]}/)
	give_to_vfio "${FUNCTIONS[0]}"
	echo 0 >$PCI/$CARD/sriov_numvfs
	functions 1
	[ "$(stat -L -c %i $PCI/${FUNCTIONS[0]}/)" != "$before" ]
	same "(null)" "$(<$PCI/${FUNCTIONS[0]}/driver_override)"
	[ ! -e $PCI/${FUNCTIONS[0]}/driver ]
}
