#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# vGPUs of NVIDIA's vendor VFIO framework: types of virtual functions, without mdev.

bats_require_minimum_version 1.5.0

load machine
load watched

setup() {
	machine_up vgpu
	mkdir -p "$ROOT/run"
	PCI=$SYS/bus/pci/devices
	PF=0000:3b:00.0 VF=0000:3b:00.4 VF2=0000:3b:00.5
	MIG=0001:04:00.0
}

# The type that a virtual function has.
type_of() {
	cat "$PCI/$1/nvidia/current_vgpu_type"
}

# "VF TYPE" of all that have one, in one line.
given() {
	awk '{ print $1, $2 }' "$SYS/.sim/vgpus" | paste -sd,
}

@test "types of a physical function are those of its virtual ones" {
	try mdevctl types -p $PF
	complains
	[[ $(cat "$T/out") == *"nvidia-901"*"Available instances: 12"*"Device API: vfio-pci"*"Name: NVIDIA X20-1B"* ]]
	try mdevctl types -p $VF
	[[ $(cat "$T/out") == *"nvidia-12034"*"Available instances: 1"* ]]
	try mdevctl types
	[[ $(cat "$T/out") == *"$PF"*"$MIG"*"nvidia-1145"*"NVIDIA X40-2-10C"* ]]
}

@test "one virtual function is defined, started and stopped" {
	try mdevctl define -u $U1 -p $VF --type nvidia-901
	succeeds
	try mdevctl start -u $U1
	succeeds
	same 901 "$(type_of $VF)"
	try mdevctl list
	same "$U1 $VF nvidia-901 manual (defined)" "$(cat "$T/out")"
	try mdevctl start -u $U1
	fails "Error: Device already exists: $U1 is active on $VF, type nvidia-901"
	try mdevctl stop -u $U1
	succeeds
	same 0 "$(type_of $VF)"
	try mdevctl stop -u $U1
	fails "Error: Device $U1 is not an active mdev"
}

@test "a physical function places its device on the first free function" {
	sim assign $VF 901
	try mdevctl start -u $U1 -p $PF -t nvidia-901
	succeeds
	same 901 "$(type_of $VF2)"
	try mdevctl list
	[[ $(cat "$T/out") == *"$U1 $PF nvidia-901 manual"* ]]
	try mdevctl show -u $U1
	grep -q "^PATH: .*/$VF2\$" "$T/out"
}

@test "the ten functions before it are taken before the eleventh" {
	try mdevctl start -p $PF -t nvidia-901 --count 3
	complains
	same "$VF 901,$VF2 901,0000:3b:00.6 901" "$(given)"
}

@test "a failure takes back exactly what was made" {
	sim assign $VF2 906
	try mdevctl start -p $PF -t nvidia-906 --count 2
	fails "Error: No available instances of nvidia-906 on $PF; active on it: 2 of type nvidia-906; 1 of 2 devices had been started, and were stopped again"
	same "$VF2 906" "$(given)"
}

@test "a type may be given by its name, which also finds it under another id" {
	try mdevctl define -u $U1 -p $PF --type "NVIDIA X20-1B"
	succeeds
	grep -q '"mdev_type": "nvidia-901"' "$ETC/$PF/$U1"
	grep -q '"type_name": "NVIDIA X20-1B"' "$ETC/$PF/$U1"
	# An id that is another type here, as with another release of the driver.
	mkdir -p "$ETC/$MIG"
	sed 's/nvidia-901/nvidia-902/; s/NVIDIA X20-1B/NVIDIA X40-2-10C/' "$ETC/$PF/$U1" >"$ETC/$MIG/$U2"
	try mdevctl start -u $U2
	succeeds
	same 1145 "$(type_of 0001:04:00.2)"
	try mdevctl list
	same "$U2 $MIG nvidia-902 manual (defined)" "$(cat "$T/out")"
	try mdevctl stop -u $U2
	succeeds
	same "" "$(given)"
	sed -i 's/NVIDIA X40-2-10C/NVIDIA X40-gone/' "$ETC/$MIG/$U2"
	try mdevctl start -u $U2
	fails "Error: Parent $MIG does not support mdev type NVIDIA X40-gone*"
}

@test "parameters follow the type, and a failure takes it away" {
	mdevctl define -u $U1 -p $PF --type nvidia-902
	mdevctl modify -u $U1 --addattr vgpu_params --value enable_uvm=1
	try mdevctl start -u $U1
	succeeds
	same enable_uvm=1 "$(cat $PCI/$VF/nvidia/vgpu_params)"
	try mdevctl modify -u $U1 --live --delattr --index 0
	try mdevctl modify -u $U1 --live --addattr vgpu_params --value frl=0
	succeeds
	same frl=0 "$(cat $PCI/$VF/nvidia/vgpu_params)"
	mdevctl stop -u $U1
	mdevctl modify -u $U1 --addattr vgpu_params --value "$(printf %01100d 0)"
	try mdevctl start -u $U1
	fails "*Argument list too long*"
	same "" "$(given)"
}

@test "devices of others are shown, and stale definitions do not stop them" {
	mdevctl define -u $U1 -p $VF --type nvidia-901
	mdevctl start -u $U1
	sim assign $VF 0
	sim assign $VF 902
	try mdevctl list
	[[ $(cat "$T/out") == ????????-????-8???-*" $VF nvidia-902 manual" ]]
	other=$(cut -d' ' -f1 "$T/out")
	try mdevctl stop -u $U1
	fails "Error: Device $U1 is not an active mdev; it was started on $VF, which has type nvidia-902 now"
	same 902 "$(type_of $VF)"
	try mdevctl start -u $U1
	fails "Error: No available instances of nvidia-901 on $VF; active on it: 1 of type nvidia-902"
	try mdevctl stop -u "$other"
	succeeds
	same 0 "$(type_of $VF)"
}

@test "after a reload nothing is active, and the same device starts again" {
	mdevctl define -u $U1 -p $VF --type nvidia-901 --auto
	mdevctl start -u $U1
	sim reload ALL
	sim sriov -e ALL
	try mdevctl list
	same "" "$(cat "$T/out")"
	sim assign $VF 901
	try mdevctl stop -u $U1
	fails "Error: Device $U1 is not an active mdev; it was started on $VF, which has gone and come since, and has got type nvidia-901 from another program"
	same 901 "$(type_of $VF)"
	sim assign $VF 0
	try mdevctl start-parent-mdevs $VF
	succeeds
	same 901 "$(type_of $VF)"
}

@test "a start waits for nothing that holds, and a stop for what is gone" {
	mdevctl start -u $U1 -p $VF -t nvidia-901
	sim open $VF
	sim close $VF writes=3
	try mdevctl stop -u $U1
	succeeds
	same 0 "$(type_of $VF)"
}

@test "a definition for a function that is away has the name, or says that it lacks it" {
	sim reload $PF
	# With the mdev core the same card may offer mdevs, whose ids stay.
	try mdevctl define -u $U4 -p $VF -t nvidia-901
	succeeds
	sim hide class/mdev_bus*
	try mdevctl define -u $U1 -p $VF -t nvidia-901
	status_is 0
	complains "*WARN*The name of type nvidia-901 of $VF cannot be read now: the device will start by the number, which another release of the driver may give to another type"
	try mdevctl define -u $U2 -p $PF -t nvidia-901
	status_is 0
	complains "*WARN*The name of type nvidia-901 of $PF cannot be read now*"
	try mdevctl define -u $U3 -p $VF2 -t "NVIDIA X20-1B"
	succeeds
	grep -q '"type_name": "NVIDIA X20-1B"' "$ETC/$VF2/$U3"
	sim sriov -e $PF
	try mdevctl start -u $U3
	succeeds
	same "$VF2 901" "$(given)"
	# Once the function is there, a change adds the name.
	try mdevctl modify -u $U1 --auto
	succeeds
	grep -q '"type_name": "NVIDIA X20-1B"' "$ETC/$VF/$U1"
}

@test "stop waits as long as it is told" {
	mdevctl start -u $U1 -p $VF -t nvidia-901
	sim open $VF
	sim close $VF writes=1
	try mdevctl stop --timeout 0 -u $U1
	fails "*Operation not permitted (os error 1); a virtual machine has it open, or has ended a moment ago"
	try mdevctl stop --timeout 5 -u $U1
	succeeds
}

@test "a driver that refuses slowly has no more time than one stop has" {
	mdevctl start -u $U1 -p $VF -t nvidia-901
	sim clear
	sim before write "*/$VF/nvidia/current_vgpu_type" delay 1000
	sim open $VF
	sim close $VF writes=1000
	try timeout 30 "$MDEVCTL" stop --timeout 2 -u $U1
	fails "*Operation not permitted (os error 1); a virtual machine has it open, or has ended a moment ago"
	[ "$(grep -c "write .*/$VF/nvidia/current_vgpu_type" "$SYS/.sim/log")" -le 4 ]
}

@test "the larger type has no room, and the reason is told" {
	mdevctl start -u $U1 -p $VF -t nvidia-901
	try mdevctl start -u $U2 -p $PF -t nvidia-12034
	fails "Error: No available instances of nvidia-12034 on $PF; active on it: 1 of type nvidia-901; beside these its driver offers only nvidia-901; *"
}

@test "a virtual machine gets the PCI function" {
	mdevctl start -u $U1 -p $VF -t nvidia-901
	try mdevctl show -u $U1 --qemu
	succeeds "vfio-pci,host=$VF
"
	try mdevctl show -u $U1 --libvirt
	complains
	[[ $(cat "$T/out") == *"type='pci' managed='no'"*"domain='0x0000' bus='0x3b' slot='0x00' function='0x4'"* ]]
}

@test "a host with both has both in one list" {
	machine_down
	machine_up mtty vgpu
	mkdir -p "$ROOT/run"
	mdevctl start -u $U1 -p mtty -t mtty-2
	mdevctl start -u $U2 -p $VF -t nvidia-901
	try mdevctl list
	[[ $(cat "$T/out") == *"$U1 mtty mtty-2 manual"* ]]
	[[ $(cat "$T/out") == *"$U2 $VF nvidia-901 manual"* ]]
}

@test "one file that cannot be read hides no other function" {
	mdevctl start -u $U1 -p $VF2 -t nvidia-901
	sim before read "*/$VF/nvidia/current_vgpu_type" fail EIO
	try mdevctl list
	same "$U1 $VF2 nvidia-901 manual" "$(cat "$T/out")"
	complains "*WARN*Ignoring virtual function $VF: Input/output error (os error 5)"
	try mdevctl start -u $U2 -p $PF -t nvidia-901
	same 901 "$(type_of 0000:3b:00.6)"
	sim clear
	sim before read "*/$VF/nvidia/creatable_vgpu_types" fail EINVAL
	try mdevctl types -p $PF
	[[ $(cat "$T/out") == *"nvidia-901"*"Available instances: 9"* ]]
}

@test "other spellings of an address lead to the function" {
	try mdevctl start -u $U1 -p 00000000:3B:00.4 -t nvidia-901
	fails "Error: Unable to find parent device '00000000:3B:00.4'. Did you mean '$VF'?"
	try mdevctl start -u $U1 -p 3B:00.0 -t nvidia-901
	fails "Error: Unable to find parent device '3B:00.0'. Did you mean '$PF'?"
}

@test "devices of a physical function start when its functions and their files come" {
	mdevctl define -u $U1 -p $PF -t nvidia-901 --auto
	mdevctl define -u $U2 -p $VF2 -t nvidia-902 --auto
	sim reload $PF
	try mdevctl start-parent-mdevs --timeout 0 $PF
	status_is 1
	try mdevctl start-parent-mdevs --all
	status_is 0
	same "" "$(given)"
	sim hide "*/$VF*/nvidia" lookups=40
	sim sriov -e $PF
	try mdevctl start-parent-mdevs --timeout 60 $PF
	status_is 0
	[[ $(given) == *" 901" ]]
}

@test "a monitor tells of vGPUs, although the kernel does not" {
	: >"$T/watched"
	"$MDEVCTL" monitor --initial >"$T/watched" 2>"$T/watch.err" 3>&- &
	watcher=$!
	told "*watching*"
	mdevctl start -u $U1 -p $PF -t nvidia-901
	told "*added*$U1*"
	sim assign $VF2 901
	told "*added*-8???-*$VF2*"
	mdevctl stop -u $U1
	told "*removed*$U1*"
	kill $watcher
}

@test "a document describes vGPUs, and makes them as it says" {
	mdevctl define -u $U1 -p $PF -t nvidia-901 --auto
	mdevctl modify -u $U1 --addattr vgpu_params --value frl=0
	mdevctl start -u $U1
	mdevctl export >"$T/doc"
	conforms "$T/doc" document
	same "NVIDIA X20-1B" "$(jq -r '.devices[0].type_name' "$T/doc")"
	mdevctl stop -u $U1
	mdevctl undefine -u $U1
	try mdevctl apply "$T/doc"
	status_is 0
	same "$VF 901" "$(given)"
	same frl=0 "$(cat "$PCI/$VF/nvidia/vgpu_params")"
	grep -q '"type_name": "NVIDIA X20-1B"' "$ETC/$PF/$U1"
	try mdevctl plan "$T/doc"
	succeeds
	try mdevctl status
	same "$U1 $PF nvidia-901 running" "$(cat "$T/out")"
	# Another card knows the type by another number.
	jq --arg uuid $U2 --arg parent $MIG \
		'del(.devices[].attrs) | .devices[0] += { $uuid, $parent, type_name: "NVIDIA X40-2-10C" }' \
		"$T/doc" >"$T/other"
	try mdevctl apply "$T/other"
	status_is 0
	same "$VF 901,0001:04:00.2 1145" "$(given)"
}

@test "several are defined for a physical function, and start" {
	try mdevctl define --auto -p $PF -t "NVIDIA X20-1B" --count 4
	status_is 0
	try mdevctl start-parent-mdevs $PF
	status_is 0
	same "4" "$(given | tr , '\n' | grep -c ' 901$')"
}

@test "of many starts at once each gets a function of its own" {
	local i pids=()

	for i in 1 2 3 4 5 6; do
		"$MDEVCTL" start -p $PF -t nvidia-904 >"$T/started.$i" 2>"$T/failed.$i" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	same 6 "$(given | tr , '\n' | grep -c ' 904$')"
	same 6 "$(mdevctl list | grep -c " $PF nvidia-904 ")"
}

@test "a driver that says no names the reason" {
	sim before write "*/nvidia/current_vgpu_type" fail EIO
	try mdevctl start -u $U1 -p $PF -t nvidia-901
	fails "Error: Failed to create mdev $U1, type nvidia-901 on $PF: Input/output error (os error 5); the driver has no room for it*"
	same "" "$(find "$ROOT/run/mdevctl" -name '*.vgpu')"
}

@test "scripts are called for vGPUs, and may refuse them" {
	mkdir -p "$ETC/scripts.d/callouts"
	cat >"$ETC/scripts.d/callouts/note" <<-END
		#!/bin/sh
		echo "\$*" >>"$T/calls"
		cat >/dev/null
		! [ -e "$T/refuse" ] || [ "\$4" != pre ]
	END
	chmod +x "$ETC/scripts.d/callouts/note"
	mdevctl start -u $U1 -p $PF -t nvidia-901
	grep -qx -- "-t nvidia-901 -e pre -a start -s none -u $U1 -p $PF" "$T/calls"
	grep -qx -- "-t nvidia-901 -e post -a start -s success -u $U1 -p $PF" "$T/calls"
	touch "$T/refuse"
	try mdevctl stop -u $U1
	status_is 1
	same "$VF 901" "$(given)"
}

@test "every user sees what was started" {
	be_nobody
	mdevctl start -u $U1 -p $PF -t nvidia-901
	try nobody "$MDEVCTL" list
	succeeds "$U1 $PF nvidia-901 manual
"
	try nobody "$MDEVCTL" stop -u $U1
	status_is 1
	same "$VF 901" "$(given)"
}

@test "a GPU in MIG mode without instances has no types, and says why" {
	sim reload $MIG
	sim sriov -e $MIG
	try mdevctl start -u $U1 -p $MIG -t nvidia-1145
	fails "Error: Parent $MIG does not support mdev type nvidia-1145; its driver lists no type on any free virtual function*MIG*"
}

@test "a name is enough for a GPU that is not there yet" {
	sim reload $PF
	try mdevctl define -u $U1 -p $PF -t "NVIDIA X20-1B" --auto
	succeeds
	sim sriov -e $PF
	try mdevctl start-parent-mdevs $PF
	status_is 0
	same "$VF 901" "$(given)"
	try mdevctl status
	same "$U1 $PF NVIDIA X20-1B running" "$(cat "$T/out")"
	try mdevctl stop -u $U1
	succeeds
	same "" "$(given)"
}

# nodes: those of the function, as udev names them
nodes() {
	echo "$ROOT/dev/vfio/$(basename "$(readlink "$PCI/$1/iommu_group")")"
	echo "$ROOT/dev/vfio/devices/$(names "$PCI/$1/vfio-dev")"
}

# asked: of which nodes udev has been, in a line
asked() {
	sed -n 's|.*/\(vfio[^ ]*\)/uevent "change.*|\1|p' "$SYS/.sim/log" | sed 's|.*/||' | paste -sd' '
	sim clear
}

@test "udev is asked whose the nodes of a function are, when it becomes a device and when it stays behind" {
	local own group node

	own=$(names "$PCI/$VF/vfio-dev") group=$(basename "$(readlink "$PCI/$VF/iommu_group")")
	mdevctl define -u $U1 -p $PF -t nvidia-901 --access :kvm
	sim clear
	mdevctl start -u $U1
	same "$group $own" "$(asked)"
	for node in $(nodes $VF); do
		try mdevctl node-access "$node"
		succeeds "MDEVCTL_UUID=$U1
MDEVCTL_USER=root
MDEVCTL_GROUP=kvm
MDEVCTL_MODE=0660
"
	done
	# Neither the function beside it nor the physical one is that device.
	for node in $(nodes $VF2) "$ROOT/dev/vfio/$(basename "$(readlink "$PCI/$PF/iommu_group")")"; do
		try mdevctl node-access "$node"
		succeeds
	done
	mdevctl modify -u $U1 --live --defined --access :audio
	same "$group $own" "$(asked)"
	mdevctl stop -u $U1
	same "$group $own" "$(asked)"
	for node in $(nodes $VF); do
		try mdevctl node-access "$node"
		succeeds
	done
	# What was given a type by others is nobody's.
	sim assign $VF 901
	try mdevctl node-access "$(nodes $VF | head -n 1)"
	succeeds "MDEVCTL_UUID=$(mdevctl list | cut -d' ' -f 1)
"
}
