#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2086 # UUIDs
# Several devices in one call, on virtual functions, and on any parent.

bats_require_minimum_version 1.5.0

load machine

PF=0000:41:00.0

# A card with three virtual functions, the second of which is no parent until it is registered.
card() {
	needs_sim "there is no card with virtual functions"
	local i vf

	sim link bus/pci/devices/$PF devices/pci0000:40/$PF
	for i in 0 1 2; do
		vf=0000:41:00.$((i + 4))
		sim parent $vf devices/pci0000:40/$vf 2 EUSERS bus=pci driver=nvidia
		sim type $vf nvidia-745 1 vfio-pci '"name=NVIDIA A2-1Q"'
		sim type $vf nvidia-746 2 vfio-pci '"name=NVIDIA A2-2Q"'
		sim link devices/pci0000:40/$PF/virtfn$i devices/pci0000:40/$vf
	done
	VF1=0000:41:00.4 VF2=0000:41:00.5 VF3=0000:41:00.6
	sim unregister $VF2
}

# prints_uuids COUNT: standard output is that many different UUIDs, a line each.
prints_uuids() {
	same "$1" "$(grep -cxE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' "$T/out")"
	same "$1" "$(sort -u "$T/out" | wc -l)"
}

# places: how many devices are active on which parent, of which type.
places() {
	active | awk '{ print $2, $3 }' | sort | uniq -c | awk '{ print $1 "x", $2, $3 }' | paste -sd,
}

@test "start --count starts that many devices and prints their UUIDs" {
	try mdevctl start -p mtty -t mtty-1 --count 3
	status_is 0
	complains
	prints_uuids 3
	same "$(sort "$T/out" | sed 's/$/ mtty mtty-1/')" "$(active | sort)"
}

@test "start --count is all or nothing: what was started is stopped again" {
	activate $U1 mtty-2
	try mdevctl start -p mtty -t mtty-2 -n 12
	fails "Error: No available instances of mtty-2 on mtty;*; 11 of 12 devices had been started, and were stopped again"
	try mdevctl start -p mtty -t mtty-2 -n 11
	status_is 0
	prints_uuids 11
}

@test "start --count says which devices are left if they cannot be stopped" {
	needs_sim "its driver always lets go"
	sim before write '*/mtty-1/create' skip=2 fail EIO
	sim before write '*/remove' times=1 fail EBUSY
	try mdevctl start -p mtty -t mtty-1 --count 5
	status_is 1
	prints
	complains "Error: Failed to create mdev *; 2 of 5 devices had been started, and were stopped again, except ????????-*-???????????? on mtty could not be stopped again: *"
	read -r uuid _ <<<"$(active)"
	grep -q "except $uuid on" "$T/err"
	same 1 "$(active | wc -l)"
}

@test "start --count gives each device the attributes of a file" {
	needs_sim "its devices have no attributes to write"
	machine_down
	T=$T/2
	mkdir "$T"
	sim_up mtty zoo
	echo '{"mdev_type":"vfio_ap-passthrough","start":"manual","attrs":[{"assign_adapter":"5"}]}' >"$T/file"
	try mdevctl start -p matrix --jsonfile "$T/file" --count 2
	status_is 0
	prints_uuids 2
	same 2 "$(writes | grep -c 'assign_adapter "5')"
}

@test "a signal during start --count takes back all of them" {
	needs_sim "to know the moment"
	sim before write '*/create' skip=2 times=1 delay 3000
	before=$(state)
	"$MDEVCTL" start -p mtty -t mtty-1 --count 5 >"$T/out" 2>"$T/err" &
	until [ "$(active | wc -l)" = 2 ]; do sleep 0.02; done
	kill -TERM $!
	status=0
	wait $! || status=$?
	same 143 $status
	[ "$(state)" = "$before" ]
}

@test "define --count defines that many devices, or none" {
	try mdevctl define -p mtty -t mtty-1 -a --count 2
	status_is 0
	complains
	prints_uuids 2
	for uuid in $(cat "$T/out"); do
		holds "$ETC/mtty/$uuid" "$(plain_json mtty-1 auto)"
	done
	mkdir -p "$ETC/scripts.d/notifiers"
	# Somebody takes the directory away after the first definition.
	printf '%s\n' '#!/bin/sh' "mv '$ETC/mtty' '$ETC/../away'; : >'$ETC/mtty'" \
		>"$ETC/scripts.d/notifiers/once"
	chmod +x "$ETC/scripts.d/notifiers/once"
	try mdevctl define -p mtty -t mtty-2 --count 3
	status_is 1
	prints
	complains "Error: *; 1 of 3 devices had been defined, and were undefined again, except *"
}

@test "--count is at least 1, and not for a UUID" {
	for command in start define; do
		try mdevctl $command -p mtty -t mtty-1 --count 0
		misused "error: invalid value '0' for '--count <COUNT>': must not be 0"
		try mdevctl $command -p mtty -t mtty-1 -u $U1 --count 2
		misused "error: the argument '--count <COUNT>' cannot be used with '--uuid <UUID>'"
		try mdevctl $command -t mtty-1 --count 2
		misused "error: the following required arguments were not provided:"
	done
}

@test "a physical function as the parent means its virtual functions, one after the other" {
	card
	try mdevctl start -p $PF -t nvidia-745
	status_is 0
	complains
	prints_uuids 1
	same "$(cat "$T/out") $VF1 nvidia-745" "$(active)"
	try mdevctl start -p $PF -t nvidia-745 --count 2
	status_is 0
	same "2x $VF1 nvidia-745,1x $VF3 nvidia-745" "$(places)"
	sim register $VF2
	try mdevctl start -u $U1 -p $PF -t nvidia-746
	succeeds
	[[ $(active) == *"$U1 $VF2 nvidia-746"* ]]
}

@test "a physical function whose virtual functions are full, or without the type, is an error" {
	card
	try mdevctl start -p $PF -t nvidia-745 --count 5
	fails "Error: No available instances of nvidia-745 on any virtual function of $PF; 4 of 5 devices had been started, and were stopped again"
	try mdevctl start -p $PF -t none
	fails "Error: No virtual function of $PF, such as $VF1, supports mdev type none; it has *nvidia-745*"
}

@test "a virtual function that another process fills is left for the next one" {
	card
	sim before write "*/$VF1/*/create" fail ENOSPC
	try mdevctl start -u $U1 -p $PF -t nvidia-745
	succeeds
	same "$U1 $VF3 nvidia-745" "$(active)"
}

@test "define on a physical function counts what is defined already" {
	card
	try mdevctl define -p $PF -t nvidia-745 --count 3
	status_is 0
	same 2 "$(ls "$ETC/$VF1" | wc -l)"
	same 1 "$(ls "$ETC/$VF3" | wc -l)"
	[ ! -e "$ETC/$PF" ]
	try mdevctl define -p $PF -t nvidia-745 --count 2
	fails "Error: No available instances of nvidia-745 on any virtual function of $PF; 1 of 2 devices had been defined, and were undefined again"
	# All that is defined can be active, and then its instances are not counted twice.
	for uuid in $(ls "$ETC/$VF1" "$ETC/$VF3" | grep -E '^[0-9a-f-]{36}$'); do
		try mdevctl start -u "$uuid"
		succeeds
	done
	try mdevctl define -u $U1 -p $PF -t nvidia-745
	succeeds
	[ -e "$ETC/$VF3/$U1" ]
}

@test "a physical function without registered virtual functions is a parent like any other" {
	card
	sim unregister $VF1
	sim unregister $VF3
	try mdevctl define -u $U1 -p $PF -t nvidia-745
	succeeds
	[ -e "$ETC/$PF/$U1" ]
	try mdevctl start -u $U2 -p $PF -t nvidia-745
	status_is 1
	complains "Error: Unable to find parent device '$PF'*"
}

@test "--any takes the first parent with the type" {
	card
	try mdevctl start --any -t nvidia-746 --count 2
	status_is 0
	same "1x $VF1 nvidia-746,1x $VF3 nvidia-746" "$(places)"
	try mdevctl start -u $U1 --any -t mtty-2
	succeeds
	[[ $(active) == *"$U1 mtty mtty-2"* ]]
	try mdevctl start --any -t none
	fails "Error: No type has the id, name or device API 'none'"
}

@test "--any finds a type by its name" {
	card
	try mdevctl start -u $U1 --any -t "nvidia a2-2q"
	succeeds
	same "$U1 $VF1 nvidia-746" "$(active)"
	try mdevctl start -u $U2 -t "NVIDIA A2-2Q" -p $PF
	fails "Error: No virtual function of $PF, such as $VF1, supports mdev type NVIDIA A2-2Q. Did you mean 'nvidia-746' (NVIDIA A2-2Q)?"
	try mdevctl start -u $U2 --any -t "NVIDIA A2-2Q" -p $PF
	succeeds
	same "1x $VF1 nvidia-746,1x $VF3 nvidia-746" "$(places)"
	try mdevctl start -u $U3 --any -t "NVIDIA A2-2Q" -p mtty
	fails "Error: No type of mtty has the id, name or device API 'NVIDIA A2-2Q'"
	try mdevctl start -u $U3 --any -t mtty-1 -p none
	fails "Error: Unable to find parent device 'none'*"
}

@test "--any with a device API takes the smallest type of the first parent" {
	try mdevctl start -u $U1 --any -t vfio-pci
	succeeds
	same "$U1 mtty mtty-1" "$(active)"
	try mdevctl define -u $U2 --any -t vfio-pci
	succeeds
	holds "$ETC/mtty/$U2" "$(plain_json mtty-1 manual)"
}

@test "define --any takes a file, and does not overwrite a definition" {
	plain_json vfio-pci auto >"$T/file"
	try mdevctl define -u $U1 --any --jsonfile "$T/file"
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 auto)"
	try mdevctl define -u $U1 --any --jsonfile "$T/file"
	fails "Error: Device $U1 on mtty already defined"
	try mdevctl start --any --jsonfile "$T/file"
	status_is 0
	prints_uuids 1
}

@test "--any without any parent says why there is none" {
	needs_sim "the module would have to go"
	sim unregister mtty
	try mdevctl start --any -t mtty-1
	fails "Error: No parent device is registered*"
}

@test "--any needs a type, and leaves a definition where it is" {
	try mdevctl start --any
	misused "error: the following required arguments were not provided:"
	define_file $U1 mtty-2
	try mdevctl start -u $U1 --any -t mtty-2
	succeeds
	same "$U1 mtty mtty-2" "$(active)"
}

@test "progress is for terminals" {
	command -v script >/dev/null || skip "script is not installed"
	SHELL=$BASH try script -qefc "$MDEVCTL start -p mtty -t mtty-1 -n 2 2>&1 >$T/uuids" /dev/null </dev/null
	status_is 0
	grep -q '1 of 2 started' "$T/out"
	grep -q '2 of 2 started' "$T/out"
	same 2 "$(wc -l <"$T/uuids")"
	mdevctl start -p mtty -t mtty-1 -n 2 2>"$T/err" >/dev/null
	[ ! -s "$T/err" ]
}

@test "start by UUID and card uses the definition for one of the card's functions" {
	card
	sim link devices/pci0000:40/$VF1/physfn devices/pci0000:40/$PF
	sim link devices/pci0000:40/$VF3/physfn devices/pci0000:40/$PF
	try mdevctl define -u $U1 -p $VF3 -t nvidia-746
	succeeds
	try mdevctl start -u $U1 -p $PF
	succeeds
	same "1x $VF3 nvidia-746" "$(places)"
	try mdevctl stop -u $U1
	try mdevctl start -u $U1 -p $PF -t nvidia-745
	fails "Error: Device $U1 already exists on parent $VF3 with type nvidia-746"
	try mdevctl define -u $U1 -p $VF1 -t nvidia-746
	try mdevctl start -u $U1 -p $PF
	fails "Error: Multiple definitions found for device $U1 on virtual functions of $PF. Please specify one of them."
	# One that is not the card's is not meant.
	try mdevctl start -u $U2 -p $PF
	fails "Error: Device is insufficiently specified: *"
}
