#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2086 # UUIDs
# Definitions that are moved or copied to another parent.

bats_require_minimum_version 1.5.0

load machine

# full_file UUID [PARENT]: a definition with all that one can have.
full_file() {
	mkdir -p "$ETC/${2:-mtty}"
	printf '{\n  "mdev_type": "mtty-2",\n  "start": "auto",\n  "attrs": [\n    {\n      "a": "1"\n    }\n  ],\n  "owner": "me"\n}' \
		>"$ETC/${2:-mtty}/$1"
}

@test "move takes a definition to another parent, with all that it has" {
	full_file $U1
	cp "$ETC/mtty/$U1" "$T/before"
	try mdevctl move -u $U1 --to other
	succeeds
	cmp "$T/before" "$ETC/other/$U1"
	same other "$(names "$ETC")"
}

@test "move of a UUID that several parents have needs the parent" {
	full_file $U1 one
	full_file $U1 two
	try mdevctl move -u $U1 --to three
	fails "Error: Multiple definitions found for $U1, specify a parent"
	try mdevctl move -u $U1 -p two --to one
	fails "Error: Device $U1 on one already defined"
	try mdevctl move -u $U1 -p two --to three
	succeeds
	same "one three" "$(names "$ETC")"
}

@test "move and clone of what is not defined or malformed are errors" {
	mkdir -p "$ETC/mtty"
	echo '{' >"$ETC/mtty/$U2"
	for command in "move --to other" "clone"; do
		try mdevctl $command -u $U1
		fails "Error: Mediated device $U1 is not defined"
		try mdevctl $command -u $U2
		fails "Error: *$U2*"
	done
	full_file $U1
	try mdevctl move -u $U1 --to mtty
	fails "Error: Device $U1 on mtty already defined"
	try mdevctl move -u $U1 --to ../x
	fails "Error: Invalid parent name '../x'"
	try mdevctl move -u $U1
	misused
}

@test "move and clone check the type on a parent that is there" {
	define_file $U1 none other
	for command in move clone; do
		try mdevctl $command -u $U1 --to mtty
		fails "Error: Parent mtty does not support mdev type none*"
	done
	try mdevctl move -u $U1 --to mtty --force
	status_is 0
	complains "*Parent mtty does not support mdev type none*"
	[ -e "$ETC/mtty/$U1" ]
}

@test "move says that the active device stays where it is" {
	define_file $U1 mtty-1
	activate $U1 mtty-1
	try mdevctl move -u $U1 --to other
	status_is 0
	prints
	complains "*Device $U1 stays active on mtty until it is stopped"
	same "$U1 mtty mtty-1" "$(active)"
}

@test "a definition whose removal a script refuses is not moved" {
	define_file $U1
	mkdir -p "$ETC/scripts.d/callouts"
	# shellcheck disable=SC2016 # the script's
	printf '%s\n' '#!/bin/sh' '[ "$6" != capabilities ] || exit 2' '[ "$4 $6" != "pre undefine" ] || [ "${12}" != mtty ]' \
		>"$ETC/scripts.d/callouts/no"
	chmod +x "$ETC/scripts.d/callouts/no"
	try mdevctl move -u $U1 --to other
	fails "Error: *"
	try mdevctl move -u $U1 --to other --force
	status_is 0
	[ -e "$ETC/other/$U1" ]
	[ ! -e "$ETC/mtty" ]
}

@test "clone copies a definition under a new UUID" {
	full_file $U1
	try mdevctl clone -u $U1
	status_is 0
	complains
	cmp "$ETC/mtty/$U1" "$ETC/mtty/$(cat "$T/out")"
	try mdevctl clone -u $U1 --to other --count 3
	status_is 0
	same "$(sort "$T/out")" "$(ls "$ETC/other")"
	for uuid in $(cat "$T/out"); do
		cmp "$ETC/mtty/$U1" "$ETC/other/$uuid"
	done
}

@test "move to a physical function chooses a virtual one, and prints it" {
	needs_sim "there is no card with virtual functions"
	local pf=0000:41:00.0 vf=0000:41:00.4

	sim link bus/pci/devices/$pf devices/pci0000:40/$pf
	sim parent $vf devices/pci0000:40/$vf 1 EUSERS bus=pci driver=nvidia
	sim type $vf nvidia-745 1 vfio-pci
	sim link devices/pci0000:40/$pf/virtfn0 devices/pci0000:40/$vf
	define_file $U1 nvidia-745 old
	define_file $U2 nvidia-745 old
	try mdevctl move -u $U1 --to $pf
	succeeds "$vf
"
	[ -e "$ETC/$vf/$U1" ]
	try mdevctl move -u $U2 --to $pf
	fails "Error: No available instances of nvidia-745 on any virtual function of $pf"
}
