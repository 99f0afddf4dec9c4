#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Documents and news of a host that has mediated devices, NVIDIA's vGPUs without them and functions of Intel's GPUs,
# in each dialect of NVIDIA's drivers.

bats_require_minimum_version 1.5.0

load machine
load vendor
load dialects
load watched

setup() {
	cards_up mtty vgpu xe
	XE=0000:03:00.0
}

teardown() {
	[ -z "${watcher:-}" ] || kill "$watcher" 2>/dev/null || true
	machine_down
}

# device UUID PARENT TYPE [MEMBERS]: one of a document, which is active.
device() {
	echo '{"uuid":"'"$1"'","parent":"'"$2"'","type":"'"$3"'","active":true'"${4:+,$4}"'}'
}

# document FILE DEVICE...
document() {
	local IFS=, file=$1

	shift
	echo '{"owner":"me","devices":['"$*"']}' >"$file"
	conforms "$file" document
}

# machine: what is active in all of it, in one line.
machine() {
	echo "$(cat "$SYS/.sim/devices"); $(vgpus); $(<"$PCI/$XE/sriov_numvfs")"
}

# is_reached FILE: the machine is as the document says, and a second run writes nothing.
is_reached() {
	try mdevctl plan "$1"
	succeeds || return
	sim clear
	try mdevctl apply "$1"
	succeeds || return
	same "" "$(writes)"
}

# fresh_machine: without devices of the drivers that have no dialects.
fresh_machine() {
	sim unregister mtty
	sim register mtty
	sim xe-reload "$XE"
}

# Of parents of each kind: the card, a function of it, another card with GPU instances.
all_kinds() {
	fresh_machine
	# A driver of two files takes no parameters.
	[ "$DIALECT" = r525 ] && parameters='' || parameters='"attrs":[{"vgpu_params":"frl=0"}]'
	document "$T/all" "$(device "$U1" mtty mtty-2)" "$(device "$U2" "$GPU" "NVIDIA X20-2Q" "$parameters")" \
		"$(device "$U3" "$OTHER" nvidia-902)" "$(device "$U4" "$MIG" nvidia-1145 '"start":"auto"')" \
		"$(device "$U5" "$XE" xe-vf '"attrs":[{"exec_quantum_ms":"20"}]')"
}

ALL="$U1 mtty mtty-2; 0000:3b:00.4 902, 0000:3b:00.5 902, 0001:04:00.2 1145; 1"

# all_are_there: as the document says.
all_are_there() {
	same "$ALL" "$(machine)" || return
	same 20 "$(<"$PCI/$XE/sriov_admin/vf1/profile/exec_quantum_ms")" || return
	[ -z "$parameters" ] || same frl=0 "$(<"$PCI/$VF/nvidia/vgpu_params")" || return
	is_reached "$T/all"
}

reached_and_left() {
	all_kinds || return
	try mdevctl plan "$T/all"
	status_is 3 || return
	same "create define,start, 5" "$(sed 's/.* create/create/' "$T/out" | sort | uniq -c | awk '{ print $2, $3 ", " $1 }')" ||
		return
	try mdevctl apply "$T/all"
	succeeds || return
	all_are_there || return
	# What is exported is the same machine, with the names of types.
	mdevctl export >"$T/exported" || return
	conforms "$T/exported" document || return
	try mdevctl plan "$T/exported"
	succeeds || return
	same "NVIDIA X20-2Q NVIDIA X40-2-10C" \
		"$(jq -r '.devices[].type_name | values' "$T/exported" | sort -u | paste -sd' ')" || return
	document "$T/none" || return
	try mdevctl apply "$T/none"
	succeeds || return
	same "; ; 0" "$(machine)" || return
	try mdevctl apply "$T/exported"
	succeeds || return
	same "$ALL" "$(machine)"
}

@test "a document of mdevs, vGPUs and Intel's functions is planned, reached, exported and left again" {
	in_dialects reached_and_left
}

restarted() {
	all_kinds || return
	mdevctl apply "$T/all" || return
	sim reload ALL
	sim xe-reload "$XE"
	sim sriov -e ALL
	sim gi "$MIG" 3 10240 2g.10gb
	same "$U1 mtty mtty-2; ; 0" "$(machine)" || return
	try mdevctl plan "$T/all"
	status_is 3 || return
	same "$U2 $U3 $U4 $U5" "$(sed -n 's/ .* change start$//p' "$T/out" | paste -sd' ')" || return
	try mdevctl apply "$T/all"
	succeeds || return
	all_are_there
}

@test "what a reload of drivers has taken away is made again from the document" {
	in_dialects restarted
}

# Another release of the driver has other numbers.
renumbered() {
	local document

	document "$T/name" "$(device "$U2" "$GPU" "nvidia x20-2q")" || return
	mdevctl apply "$T/name" || return
	mdevctl export >"$T/both" || return
	sed -i 's/nvidia-902/nvidia-907/' "$ETC/$GPU/$U2" "$T/both"
	for document in name both; do
		sim reload "$GPU"
		sim sriov -e "$GPU"
		try mdevctl apply "$T/$document"
		succeeds || return
		same "$VF 902" "$(vgpus)" || return
		is_reached "$T/$document" || return
	done
	same 1 "$(grep -c "nvidia-907" "$ETC/$GPU/$U2")" || return
	# The name goes with the number that it had elsewhere.
	document "$T/name" "$(device "$U2" "$GPU" nvidia-908 '"type_name":"NVIDIA X20-2A"')" || return
	try mdevctl apply "$T/name"
	succeeds || return
	same "$VF 903" "$(vgpus)" || return
	grep -q '"type_name": "NVIDIA X20-2A"' "$ETC/$GPU/$U2" || wrong "no name" || return
	is_reached "$T/name"
}

@test "a type with another number than when it was defined is found by its name" {
	in_dialects renumbered
}

# Another size goes on the card only after the vGPU beside it has gone.
changed() {
	all_kinds || return
	mdevctl apply "$T/all" || return
	document "$T/size" "$(device "$U2" "$GPU" nvidia-904)" "$(device "$U3" "$OTHER" nvidia-902)" || return
	try mdevctl apply "$T/size"
	status_is 1 || return
	complains "Failed to change $U2, type nvidia-904 on $GPU: No available instances of nvidia-904 on $GPU*" \
		"Error: 1 of the devices is not as described: $U2" || return
	same "; 0000:3b:00.4 902, 0000:3b:00.5 902; 0" "$(machine)" || return
	[ -z "$parameters" ] || same frl=0 "$(<"$PCI/$VF/nvidia/vgpu_params")" || return
	# Its name is not in any list yet.
	document "$T/size" "$(device "$U2" "$GPU" "NVIDIA X20-4Q")" \
		"$(device "$U5" "$XE" xe-vf '"attrs":[{"exec_quantum_ms":"40"}]')" || return
	try mdevctl apply "$T/size"
	succeeds || return
	same "; 0000:3b:00.4 904; 1" "$(machine)" || return
	same 40 "$(<"$PCI/$XE/sriov_admin/vf1/profile/exec_quantum_ms")" || return
	is_reached "$T/size"
}

@test "a change that the driver refuses leaves the device as it was, and goes once there is room" {
	in_dialects changed
}

# A UUID is one device of the host, whatever kind it is.
taken() {
	fresh_machine
	started "$U2" mtty-1 mtty || return
	started "$U1" nvidia-902 || return
	document "$T/others" "$(device "$U1" mtty mtty-1)" "$(device "$U2" "$GPU" nvidia-902)" \
		"$(device "$U3" "$XE" xe-vf)" || return
	try mdevctl apply "$T/others"
	status_is 1 || return
	complains "Failed to change $U1, type mtty-1 on mtty: It is active on $GPU, where it is not this document's to stop" \
		"Failed to change $U2, type nvidia-902 on $GPU: It is active on mtty, where it is not this document's to stop" \
		"Error: 2 of the devices are not as described: $U1, $U2" || return
	same "$U2 mtty mtty-1; $VF 902; 1" "$(machine)" || return
	mdevctl stop -u "$U2" && mdevctl stop -u "$U1" || return
	try mdevctl apply "$T/others"
	succeeds || return
	same "$U1 mtty mtty-1; $VF 902; 1" "$(machine)" || return
	is_reached "$T/others"
}

@test "a UUID that is another kind of device is not taken from it by a document" {
	in_dialects taken
}

# The monitor ---------------------------------------------------------------------------

# watch: a monitor in the background, whose objects are in $T/json, and as lines of text in $T/watched.
watch() {
	: >"$T/watched"
	rm -f "$T/pipe"
	mkfifo "$T/pipe"
	tee "$T/json" <"$T/pipe" 3>&- | jq --unbuffered -r '[.event, .object, .uuid, .parent, .type] |
		map(. // "-") | join(" ")' >"$T/watched" 2>"$T/watch.err" 3>&- &
	"$MDEVCTL" monitor --json --initial >"$T/pipe" 2>"$T/watch.err" 3>&- &
	watcher=$!
	told "watching*"
}

# all_told LINE...
all_told() {
	local line

	for line; do
		told "$line" || return
	done
}

news() {
	fresh_machine
	watch || return
	started "$U1" nvidia-902 && started "$U2" mtty-1 mtty && started "$U3" xe-vf "$XE" || return
	sim assign "$OTHER" 902
	all_told "added device $U1 $GPU nvidia-902" "added device $U2 mtty mtty-1" "added device $U3 $XE xe-vf" \
		"added device ????????-????-8* $OTHER nvidia-902" || return
	mdevctl stop -u "$U2" && mdevctl stop -u "$U3" || return
	# By another program.
	sim assign "$VF" 0
	sim assign "$OTHER" 0
	all_told "removed device $U1 $GPU *" "removed device $U2 mtty *" "removed device $U3 $XE *" \
		"removed device ????????-????-8* $OTHER *" || return
	started "$U1" nvidia-902 "$OTHER" || return
	told "added device $U1 $OTHER nvidia-902" || return
	sim reload "$GPU"
	all_told "removed device $U1 $OTHER *" "removed parent - $GPU -" || return
	kill "$watcher"
	wait "$watcher" || true
	conforms "$T/json" monitor || return
	# Each once, and nothing else.
	same "5 5" "$(grep -c "^added device" "$T/watched") $(grep -c "^removed device" "$T/watched")"
}

@test "a monitor tells of all kinds of devices, whoever starts and stops them" {
	in_dialects news
}
