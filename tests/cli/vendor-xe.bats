#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Virtual functions of Intel's GPUs, which the driver xe enables all at once, as devices.

bats_require_minimum_version 1.5.0

load machine
load vendor
load watched

setup() {
	gpu_up xe
	PF=0000:03:00.0 VF=0000:03:00.1 VF2=0000:03:00.2 VF3=0000:03:00.3
	ADMIN=$PCI/$PF/sriov_admin
}

enabled() {
	cat "$PCI/$PF/sriov_numvfs"
}

# "VF DRIVER" of all that have one, in one line.
bound() {
	local vf

	for vf in "$PCI/$PF"/virtfn*; do
		[ ! -e "$vf/driver" ] || echo "$(basename "$(readlink "$vf")") $(basename "$(readlink "$vf/driver")")"
	done | sort | paste -sd,
}

# The number of functions is written to nothing else in this test.
enable() {
	echo 0 >"$PCI/$PF/sriov_drivers_autoprobe"
	echo "$1" >"$PCI/$PF/sriov_numvfs"
}

@test "a GPU without virtual functions has one type, and room for all" {
	try mdevctl types
	complains
	[[ $(cat "$T/out") == *"$PF"*"xe-vf"*"Available instances: 12"*"Device API: vfio-pci"*"Name: Virtual function"* ]]
	try mdevctl start -u $U1 -p $VF -t xe-vf
	fails "Error: Unable to find parent device '$VF'; it is a virtual function of $PF, which has 0 of 12 enabled"
}

@test "the first start enables a function and the last stop disables it" {
	try mdevctl start -u $U1 -p $PF -t xe-vf
	succeeds
	same "1 $VF xe-vfio-pci" "$(enabled) $(bound)"
	same 1 "$(cat "$PCI/$PF/sriov_drivers_autoprobe")"
	try mdevctl list
	succeeds "$U1 $PF xe-vf manual
"
	try mdevctl start -u $U1 -p $PF -t xe-vf
	fails "Error: Device already exists: $U1 is active on $PF, type xe-vf"
	try mdevctl stop -u $U1
	succeeds
	same 0 "$(enabled)"
	same "" "$(find "$ROOT/run/mdevctl" -name '*.vgpu' -o -name '*.xe-enabled')"
	try mdevctl stop -u $U1
	fails "Error: Device $U1 is not an active mdev"
}

@test "as many functions are enabled as are defined, and each starts and stops by itself" {
	try mdevctl define -p $PF -t xe-vf --auto --count 3
	status_is 0
	try mdevctl start-parent-mdevs $PF
	succeeds
	same "3 $VF xe-vfio-pci,$VF2 xe-vfio-pci,$VF3 xe-vfio-pci" "$(enabled) $(bound)"
	one=$(mdevctl list -d | awk '{ print $1; exit }')
	try mdevctl stop -u "$one"
	succeeds
	same 3 "$(enabled)"
	same 2 "$(mdevctl list | wc -l)"
	try mdevctl start -u "$one"
	succeeds
	same 3 "$(mdevctl list | wc -l)"
	for uuid in $(mdevctl list | awk '{ print $1 }'); do
		try mdevctl stop -u "$uuid"
		succeeds
	done
	same 0 "$(enabled)"
}

@test "as many are enabled as are started in one call, beside those that are defined" {
	mdevctl define -u $U1 -p $PF -t xe-vf
	try mdevctl start -p $PF -t xe-vf --count 3
	status_is 0
	complains
	same "4 3" "$(enabled) $(wc -l <"$T/out")"
	same "$VF xe-vfio-pci,$VF2 xe-vfio-pci,$VF3 xe-vfio-pci" "$(bound)"
	try mdevctl start -u $U1
	succeeds
	for uuid in $(mdevctl list | awk '{ print $1 }'); do
		mdevctl stop -u "$uuid"
	done
	same "0 " "$(enabled) $(bound)"
	# The definition itself is not counted twice.
	mdevctl start -u $U1
	same 1 "$(enabled)"
	mdevctl stop -u $U1
	try mdevctl start --any -t xe-vf --count 2
	status_is 0
	same "3 $VF xe-vfio-pci,$VF2 xe-vfio-pci" "$(enabled) $(bound)"
}

@test "functions that definitions name are enabled with the first start, and left to them" {
	mdevctl define -u $U1 -p $PF -t xe-vf
	mdevctl define -u $U2 -p $VF -t xe-vf
	mdevctl define -u $U3 -p 0000:03:00.5 -t xe-vf
	try mdevctl start -u $U1
	succeeds
	# The fifth one cannot be had without the four before it.
	same "5 $VF2 xe-vfio-pci" "$(enabled) $(bound)"
	try mdevctl start -u $U2
	succeeds
	try mdevctl start -u $U3
	succeeds
	same "$VF xe-vfio-pci,$VF2 xe-vfio-pci,0000:03:00.5 xe-vfio-pci" "$(bound)"
	# Where no others are left, those are had.
	try mdevctl start -p $PF -t xe-vf --count 2
	status_is 0
	mdevctl stop -u $U2
	try mdevctl start -u $U4 -p $PF -t xe-vf
	succeeds
	same "$VF xe-vfio-pci,$VF2 xe-vfio-pci,$VF3 xe-vfio-pci,0000:03:00.4 xe-vfio-pci,0000:03:00.5 xe-vfio-pci" "$(bound)"
	for uuid in $(mdevctl list | awk '{ print $1 }'); do
		mdevctl stop -u "$uuid"
	done
	same 0 "$(enabled)"
}

@test "several definitions of one function count once, and those of no function not at all" {
	mdevctl define -u $U1 -p $PF -t xe-vf
	mdevctl define -u $U2 -p $VF -t xe-vf
	mdevctl define -u $U3 -p $VF -t xe-vf
	mdevctl define -u $U1 -p $VF2 -t xe-vf
	# The thirteenth of twelve, and one of another card.
	mdevctl define -u $U4 -p 0000:03:01.5 -t xe-vf
	mdevctl define -u $U5 -p 0001:03:00.7 -t xe-vf
	try mdevctl start -u $U1 -p $PF
	succeeds
	same "2 $VF2 xe-vfio-pci" "$(enabled) $(bound)"
	mdevctl stop -u $U1
	# One file that cannot be read hides no other.
	echo '{' >"$ETC/$VF/$U2"
	try mdevctl start -p $PF -t xe-vf -u $U4
	succeeds
	same "4 $VF3 xe-vfio-pci" "$(enabled) $(bound)"
}

@test "more in one call than can be enabled are refused with a reason, and nothing stays" {
	try mdevctl start -p $PF -t xe-vf --count 13
	fails "Error: No available instances of xe-vf on $PF; active on it: 12 of type xe-vf; 12 of 12 virtual functions of $PF are enabled, and are in use or have another driver; 12 of 13 devices had been started, and were stopped again"
	same "0 " "$(enabled) $(bound)"
	enable 2
	try mdevctl start -p $PF -t xe-vf --count 3
	fails "*; 2 of 12 virtual functions of $PF are enabled, and are in use or have another driver; PCI enables others only after all have been disabled; 2 of 3 devices had been started, and were stopped again"
	same "2 " "$(enabled) $(bound)"
}

@test "one more function than are enabled is refused, and the reason is told" {
	mdevctl start -u $U1 -p $PF -t xe-vf
	try mdevctl start -u $U2 -p $PF -t xe-vf
	fails "Error: No available instances of xe-vf on $PF; active on it: 1 of type xe-vf; 1 of 12 virtual functions of $PF are enabled, and are in use or have another driver; PCI enables others only after all have been disabled"
	try mdevctl start -p $VF -t xe-vf -u $U2
	fails "Error: No available instances of xe-vf on $VF; *PCI enables others only after all have been disabled"
}

@test "functions that others have enabled are used and stay, and those of the host's driver are left alone" {
	echo 2 >"$PCI/$PF/sriov_numvfs"
	same "$VF xe,$VF2 xe" "$(bound)"
	try mdevctl start -u $U1 -p $PF -t xe-vf
	fails "Error: No available instances of xe-vf on $PF; 2 of 12 virtual functions of $PF are enabled, and are in use or have another driver*"
	echo 0 >"$PCI/$PF/sriov_numvfs"
	enable 2
	try mdevctl start -u $U1 -p $VF2 -t xe-vf
	succeeds
	same "$VF2 xe-vfio-pci" "$(bound)"
	try mdevctl stop -u $U1
	succeeds
	same 2 "$(enabled)"
	# Nobody else's machine gets the rest of its device.
	enable 2
	echo vfio-pci >"$PCI/$VF/driver_override"
	echo $VF >"$SYS/bus/pci/drivers/vfio-pci/bind"
	try mdevctl start -u $U1 -p $PF -t xe-vf
	succeeds
	try mdevctl list
	[[ $(sort "$T/out") == *"$U1 $PF xe-vf manual"* && $(cat "$T/out") == *"-8"*" $VF xe-vf manual"* ]]
}

@test "attributes are those of profile, written after the start, and shown as they can be written" {
	mdevctl define -u $U1 -p $PF -t xe-vf
	mdevctl modify -u $U1 --addattr exec_quantum_ms --value 20
	mdevctl modify -u $U1 --addattr profile/preempt_timeout_us --value 1000
	mdevctl modify -u $U1 --addattr vram_quota --value 1073741824
	try mdevctl start -u $U1
	succeeds
	same 20 "$(cat "$ADMIN/vf1/profile/exec_quantum_ms")"
	same 1000 "$(cat "$ADMIN/vf1/profile/preempt_timeout_us")"
	same 1073741824 "$(cat "$ADMIN/vf1/profile/vram_quota")"
	same 0 "$(cat "$ADMIN/vf2/profile/exec_quantum_ms")"
	try mdevctl status
	succeeds "$U1 $PF xe-vf running
"
	try mdevctl modify -u $U1 --live --addattr exec_quantum_ms --value 40
	succeeds
	same 40 "$(cat "$ADMIN/vf1/profile/exec_quantum_ms")"
	try mdevctl modify -u $U1 --live --addattr sched_priority --value normal
	fails "*Failed to write normal to attribute sched_priority of device $U1: Permission denied (os error 13); this attribute can only be read"
	sim xe-set $PF priority=rw
	try mdevctl modify -u $U1 --live --addattr sched_priority --value normal
	succeeds
	same "low [normal]" "$(cat "$ADMIN/vf1/profile/sched_priority")"
	mdevctl stop -u $U1
	mdevctl undefine -u $U1
}

@test "each function has the profile of its number, not of its place in a list" {
	enable 11
	sim xe-set $PF priority=rw
	try mdevctl start -u $U1 -p 0000:03:01.3 -t xe-vf
	succeeds
	echo '{ "mdev_type": "xe-vf", "start": "manual", "attrs": [ { "sched_priority": "normal" } ] }' >"$T/json"
	mdevctl stop -u $U1
	try mdevctl define -u $U1 -p 0000:03:01.3 --jsonfile "$T/json"
	succeeds
	try mdevctl start -u $U1
	succeeds
	same "low [normal]" "$(cat "$ADMIN/vf11/profile/sched_priority")"
	same "[low] normal" "$(cat "$ADMIN/vf1/profile/sched_priority")"
	# "low [normal]" is what it shows for "normal": no drift.
	try mdevctl status
	succeeds "$U1 0000:03:01.3 xe-vf running
"
	echo low >"$ADMIN/vf11/profile/sched_priority"
	try mdevctl status
	[[ $(cat "$T/out") == *"sched_priority"* ]]
}

@test "a start whose attribute fails takes back the function, and what it enabled" {
	mdevctl define -u $U1 -p $PF -t xe-vf
	for attribute in nonsense ../pf/profile/exec_quantum_ms stop; do
		mdevctl modify -u $U1 --addattr "$attribute" --value 1 2>/dev/null || continue
		try mdevctl start -u $U1
		fails "*$attribute*"
		same "0 " "$(enabled) $(bound)"
		mdevctl modify -u $U1 --delattr --index 0
	done
	# More memory than there is.
	mdevctl modify -u $U1 --addattr vram_quota --value 999999999999999
	try mdevctl start -u $U1
	fails "*Failed to write 999999999999999 to attribute vram_quota of device $U1: Input/output error (os error 5); the firmware of the GPU refuses the value"
	same "0 " "$(enabled) $(bound)"
}

@test "a kernel or GPU that lacks an attribute says so" {
	sim xe-set $PF vram=none
	mdevctl define -u $U1 -p $PF -t xe-vf
	mdevctl modify -u $U1 --addattr vram_quota --value 1048576
	try mdevctl start --timeout 0 -u $U1
	fails "Error: Invalid attribute 'vram_quota' of device $U1"
	mdevctl modify -u $U1 --delattr --index 0
	mdevctl start -u $U1
	sim before write "*/vf1/profile/exec_quantum_ms" fail EPERM
	try mdevctl modify -u $U1 --live --addattr exec_quantum_ms --value 5
	fails "*Operation not permitted (os error 1); this GPU or its firmware does not have that"
}

@test "values that differ between the parts of a GPU can be written over" {
	mdevctl define -u $U1 -p $PF -t xe-vf
	mdevctl modify -u $U1 --addattr exec_quantum_ms --value 20
	mdevctl start -u $U1
	sim before read "*/vf1/profile/exec_quantum_ms" fail EUCLEAN
	try mdevctl status
	succeeds "$U1 $PF xe-vf running
"
	try mdevctl modify -u $U1 --live --addattr exec_quantum_ms --value 30
	status_is 0
	sim clear
	same 30 "$(cat "$ADMIN/vf1/profile/exec_quantum_ms")"
}

@test "a value that the firmware rounds is told as different, and is written as it was asked for" {
	sim xe-set $PF round=16
	mdevctl define -u $U1 -p $PF -t xe-vf
	mdevctl modify -u $U1 --addattr exec_quantum_ms --value 20
	try mdevctl start -u $U1
	succeeds
	same 32 "$(cat "$ADMIN/vf1/profile/exec_quantum_ms")"
	try mdevctl status
	[[ $(cat "$T/out") == *exec_quantum_ms*32*20* || $(cat "$T/out") == *exec_quantum_ms*20*32* ]]
}

@test "without a driver of VFIO the reason is told, and vfio-pci serves as well" {
	sim hide "bus/pci/drivers/*vfio-pci*"
	try mdevctl start -u $U1 -p $PF -t xe-vf
	fails "*Failed to create mdev $U1, type xe-vf on $PF: Package not installed (os error 65); neither xe-vfio-pci nor vfio-pci is loaded*"
	same 0 "$(enabled)"
	sim show "bus/pci/drivers/*vfio-pci*"
	sim hide "bus/pci/drivers/xe-vfio-pci*"
	try mdevctl start -u $U1 -p $PF -t xe-vf
	succeeds
	same "$VF vfio-pci" "$(bound)"
}

@test "a function that a virtual machine uses is not taken from it" {
	mdevctl start -u $U1 -p $PF -t xe-vf
	node=$(names "$PCI/$VF/vfio-dev")
	exec 7<"$ROOT/dev/vfio/devices/$node"
	mkdir -p "$ROOT/proc/77/fd"
	echo qemu >"$ROOT/proc/77/comm"
	ln -sfn "$ROOT/dev/vfio/devices/$node" "$ROOT/proc/77/fd/5"
	sim clear
	try mdevctl stop -u $U1
	exec 7<&-
	status_is 1
	complains "Error: Error removing device $U1: Device or resource busy (os error 16)*qemu (process 77)*"
	run ! grep -q unbind "$SYS/.sim/log"
	rm -r "$ROOT/proc/77"
	try mdevctl stop -u $U1
	succeeds
	same 0 "$(enabled)"
}

@test "after a reload nothing is active, and starts again" {
	mdevctl define -u $U1 -p $PF -t xe-vf --auto
	mdevctl start -u $U1
	sim xe-reload $PF
	try mdevctl list
	succeeds ""
	# Functions of somebody else's have the same addresses.
	enable 1
	echo vfio-pci >"$PCI/$VF/driver_override"
	echo $VF >"$SYS/bus/pci/drivers/vfio-pci/bind"
	try mdevctl stop -u $U1
	fails "Error: Device $U1 is not an active mdev; it was started on *"
	echo 0 >"$PCI/$PF/sriov_numvfs"
	try mdevctl start-parent-mdevs $PF
	succeeds
	same "$VF xe-vfio-pci" "$(bound)"
}

@test "functions that somebody enables meanwhile are counted, whenever that happens" {
	local n

	echo 0 >"$PCI/$PF/sriov_drivers_autoprobe"
	for ((n = 0; n < 12; n++)); do
		sim after lookup "*/$PF/virtfn*" skip=$n times=1 xe-enable $PF 2
		try mdevctl start -u $U1 -p $PF -t xe-vf
		succeeds
		sim clear
		mdevctl stop -u $U1
		echo 0 >"$PCI/$PF/sriov_numvfs"
	done
}

@test "of many starts at once each gets a function of its own" {
	local i pids=() failed=0

	mdevctl define -p $PF -t xe-vf --count 5 >"$T/uuids"
	for i in $(mdevctl list -d | awk '{ print $1 }'); do
		"$MDEVCTL" start -u "$i" 2>>"$T/race" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || failed=$((failed + 1))
	done
	cat "$T/race"
	same "0 5 5" "$failed $(enabled) $(mdevctl list | wc -l)"
}

@test "a virtual machine gets the PCI function, and programs its nodes" {
	mdevctl start -u $U1 -p $PF -t xe-vf
	try mdevctl show -u $U1 --qemu
	succeeds "vfio-pci,host=$VF
"
	try mdevctl show -u $U1 --libvirt
	complains
	[[ $(cat "$T/out") == *"type='pci' managed='no'"*"domain='0x0000' bus='0x03' slot='0x00' function='0x1'"* ]]
	try mdevctl show -u $U1
	grep -q "vfio/devices/$(names "$PCI/$VF/vfio-dev")" "$T/out"
}

@test "a document describes functions, and makes them as it says" {
	mdevctl define -u $U1 -p $PF -t xe-vf --auto
	mdevctl modify -u $U1 --addattr exec_quantum_ms --value 20
	mdevctl define -u $U2 -p $PF -t xe-vf
	mdevctl start -u $U1
	mdevctl export >"$T/doc"
	mdevctl stop -u $U1
	mdevctl undefine -u $U1
	mdevctl undefine -u $U2
	try mdevctl apply "$T/doc"
	status_is 0
	same 20 "$(cat "$ADMIN/vf1/profile/exec_quantum_ms")"
	try mdevctl plan "$T/doc"
	succeeds
}

@test "a monitor tells of functions that start and stop" {
	: >"$T/watched"
	"$MDEVCTL" monitor --initial >"$T/watched" 2>"$T/watch.err" 3>&- &
	watcher=$!
	told "*watching*"
	mdevctl start -u $U1 -p $PF -t xe-vf
	told "*added*$U1*"
	mdevctl stop -u $U1
	told "*removed*$U1*"
	kill $watcher
}

@test "the simulator answers as PCI and the driver do" {
	# answer TEXT FILE: what a write comes to.
	answer() {
		printf %s "$1" 2>/dev/null >"$2" || true
		tail -n 1 "$SYS/.sim/log" | sed 's/.*" *//'
	}
	same ERANGE "$(answer 13 "$PCI/$PF/sriov_numvfs")"
	same EINVAL "$(answer x "$PCI/$PF/sriov_numvfs")"
	same "" "$(answer 4 "$PCI/$PF/sriov_numvfs")"
	same "" "$(answer 4 "$PCI/$PF/sriov_numvfs")"
	same EBUSY "$(answer 5 "$PCI/$PF/sriov_numvfs")"
	same 4294967296 "$(cat "$ADMIN/vf4/profile/vram_quota")"
	same 0 "$(cat "$ADMIN/vf5/profile/vram_quota")"
	[ "$ADMIN/vf4/device" -ef "$PCI/0000:03:00.4" ]
	[ "$ADMIN/pf/device" -ef "$PCI/$PF" ]
	[ ! -e "$ADMIN/vf5/device" ]
	same "[low] normal high" "$(cat "$ADMIN/pf/profile/sched_priority")"
	sim xe-set $PF priority=rw
	same EINVAL "$(answer high "$ADMIN/vf1/profile/sched_priority")"
	same EINVAL "$(answer -5 "$ADMIN/vf1/profile/exec_quantum_ms")"
	same "" "$(answer 0x10 "$ADMIN/vf1/profile/exec_quantum_ms")"
	same 16 "$(cat "$ADMIN/vf1/profile/exec_quantum_ms")"
	same ENODEV "$(answer $VF "$SYS/bus/pci/drivers/vfio-pci/unbind")"
	same "" "$(answer $VF "$SYS/bus/pci/drivers/xe/unbind")"
	same ENODEV "$(answer $VF "$SYS/bus/pci/drivers/vfio-pci/bind")"
	same "" "$(answer 0 "$PCI/$PF/sriov_numvfs")"
	same 0 "$(cat "$ADMIN/vf4/profile/vram_quota")"
	same 16 "$(cat "$ADMIN/vf1/profile/exec_quantum_ms")"
	for command in "xe 0000:03:00.0" "xe-set $PF x=1" "xe-set $PF vram=x" "xe-set x round=1" "xe-reload x"; do
		run ! sim "$command"
	done
}
