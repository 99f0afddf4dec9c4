#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2030,SC2031,SC2034,SC2086,SC2154 # UUIDs; variables of machine.bash
# apply, plan and export: documents of devices. tests/unit/test-apply.c has more random states.

bats_require_minimum_version 1.5.0

load machine

# document FILE DEVICE...: a document of the owner me, or of $owner.
document() {
	local IFS=, file=$1

	shift
	echo '{"owner":"'"${owner:-me}"'","devices":['"$*"']}' >"$file"
}

# device UUID [TYPE [MEMBERS [PARENT]]]: one that is started with its parent, if MEMBERS do not say
# anything else.
device() {
	echo '{"uuid":"'$1'","parent":"'"${4:-mtty}"'","type":"'"${2:-mtty-1}"'",'"${3-\"start\":\"auto\"}"'}'
}

# is_reached FILE: the machine is as the document says, and a second run does nothing.
is_reached() {
	try mdevctl plan "$1"
	succeeds
	[ "$MACHINE" = real ] || sim clear
	try mdevctl apply "$1"
	succeeds
	nothing_changed
	[ "$MACHINE" = real ] || same "" "$(writes)"
}

# script DIRECTORY NAME: a callout script or notifier, from standard input.
script() {
	mkdir -p "$ETC/scripts.d/$1"
	cat >"$ETC/scripts.d/$1/$2"
	chmod +x "$ETC/scripts.d/$1/$2"
}

# Documents -----------------------------------------------------------------------

@test "the example of the manual page does what the page says" {
	local line

	cd "$T"
	sed -n '/^\.EX/,/^\.EE/p' "$TOP/man/mdevctl-document.5" | sed 's/\\-/-/g' >examples
	sed '/^\.EE/q' examples | grep -v '^\.E' >webfarm.json
	conforms webfarm.json document
	sed '1,/^\.EE/d' examples | grep -v '^\.E' >session
	grep -c '^# mdevctl' session
	while read -r line; do
		[[ $line != "# "* ]] || { eval "${line#\# }" || [ $? -eq 3 ]; }
	done <session >printed
	grep -v '^# ' session | diff - printed
	is_reached webfarm.json
	same host "$(<"$SYS/bus/mdev/devices/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001/mode")"
}

@test "plan says what apply does, as text and as JSON" {
	document "$T/a" "$(device $U1)" "$(device $U2 mtty-2 '"start":"manual"')" "$(device $U3)"
	mdevctl apply "$T/a"
	define_file $U4
	document "$T/b" "$(device $U1 mtty-2)" "$(device $U3 mtty-1 '"attrs":[{"mode":"host"}],"active":true')" \
		"$(device $U4)" "$(device $U5)"
	try mdevctl plan "$T/b"
	status_is 3
	prints "$U1 mtty mtty-2 change stop,start,modify
  Defined type is mtty-1, wanted is mtty-2; its type is mtty-1, wanted is mtty-2
$U2 mtty mtty-2 remove undefine
$U3 mtty mtty-1 change set,modify
  Start mode is auto, wanted is manual; defined attributes are none, wanted are mode=host; attribute mode is loopback, wanted is host
$U4 mtty mtty-1 conflict -
  It has no owner; --adopt takes it over
$U5 mtty mtty-1 create define,start
"
	complains
	nothing_changed
	cp "$T/out" "$T/text"
	try mdevctl plan --json "$T/b"
	status_is 3
	conforms "$T/out" plan
	jq -r '.[] | "\(.uuid) \(.parent) \(.type) \(.action) \(.steps // "-")",
		(.reason | values | "  " + .)' "$T/out" | diff "$T/text" -
	try mdevctl apply "$T/b"
	status_is 1
	prints
	complains "Failed to change $U4, type mtty-1 on mtty: It has no owner; --adopt takes it over" \
		"Error: 1 of the devices is not as described: $U4"
	try mdevctl apply --adopt "$T/b"
	succeeds
	is_reached "$T/b"
	same "$U1 mtty mtty-2
$U3 mtty mtty-1
$U4 mtty mtty-1
$U5 mtty mtty-1" "$(active)"
}

@test "several files are one document, and standard input may be one" {
	document "$T/a" "$(device $U1)"
	echo '{"devices":['"$(device $U2)"']}' >"$T/b"
	document "$T/c" "$(device $U3)"
	try mdevctl apply "$T/a" "$T/b" - <"$T/c"
	succeeds
	grep -q '"owner": "me"' "$ETC/mtty/$U2"
	try mdevctl apply --owner me "$T/b"
	succeeds
	same "$U2 mtty mtty-1" "$(active)"
}

@test "a mistake is refused with its place before anything is changed" {
	document "$T/a" "$(device $U1)"
	document "$T/b" "
$(device $U1)"
	try mdevctl apply "$T/a" "$T/b"
	fails "Error: $T/b:2:1: device $U1 is described twice, see $T/a:1:26"
	owner=you document "$T/b" "$(device $U2)"
	try mdevctl apply "$T/a" "$T/b"
	fails "Error: $T/b:1:2: owner 'you' contradicts owner 'me' at $T/a:1:2"
	try mdevctl plan -o you "$T/a"
	fails "Error: $T/a:1:2: owner 'me' contradicts owner 'you'"
	document "$T/b" "$(device $U2 mtty-1 '"sart":"auto"')"
	try mdevctl apply "$T/a" "$T/b"
	fails "Error: $T/b:1:105: unknown member 'sart'"
	try mdevctl apply "$T/a" "$T/missing"
	fails 'Error: Unable to read file "*/missing": No such file or directory (os error 2)'
	try mdevctl apply
	misused
	try mdevctl plan --owner '' "$T/a"
	misused
}

# Owners -------------------------------------------------------------------------------

@test "managers do not remove each other's devices" {
	owner=me document "$T/me" "$(device $U1)"
	owner=you document "$T/you" "$(device $U2)"
	activate $U3
	define_file $U4
	mdevctl apply "$T/me"
	mdevctl apply "$T/you"
	owner=me document "$T/me"
	try mdevctl apply "$T/me"
	succeeds
	same "$U2 mtty mtty-1
$U3 mtty mtty-1" "$(active)"
	same "$U2 $U4" "$(names "$ETC/mtty")"
	try mdevctl status --json
	status_is 0
	conforms "$T/out" status
	same "$U2 you" "$(jq -r '.[] | select(.owner) | "\(.uuid) \(.owner)"' "$T/out")"
}

@test "an owner is not seen where 1.4.0 shows a definition, and survives changes" {
	owner="The farm" document "$T/a" "$(device $U1)"
	mdevctl apply "$T/a"
	try mdevctl list --defined --dumpjson --uuid $U1
	prints "$(plain_json mtty-1 auto)"
	mdevctl modify -u $U1 --manual
	grep -q '"owner": "The farm"' "$ETC/mtty/$U1"
	mdevctl list --defined --dumpjson --uuid $U1 >"$T/json"
	mdevctl modify -u $U1 -p mtty --jsonfile "$T/json"
	grep -q '"owner": "The farm"' "$ETC/mtty/$U1"
}

@test "mdevctl 1.4.0 reads a definition that has an owner" {
	needs_sim "the peer is not on the machine"
	local peer

	"$BATS_TEST_DIRNAME/peer" >"$T/peer" 2>"$T/reason" || skip "$(head -n 1 "$T/reason")"
	mapfile -t peer <"$T/peer"
	mkdir -p "$ROOT"/usr/lib/mdevctl/scripts.d/{callouts,notifiers} "$ETC"/scripts.d/{callouts,notifiers}
	document "$T/a" "$(device $U1 mtty-1 '"attrs":[{"mode":"host"}]')"
	mdevctl apply "$T/a"
	mdevctl list --defined --dumpjson >"$T/ours"
	"${peer[@]}" list --defined --dumpjson 2>"$T/err" | diff "$T/ours" -
	same "" "$(<"$T/err")"
	"${peer[@]}" start --uuid $U1
	same "$U1 mtty mtty-1" "$(active)"
}

# Failures ------------------------------------------------------------------------------

@test "a device that fails is as it was, and the others are changed" {
	needs_sim "a driver that fails"
	document "$T/a" "$(device $U1 mtty-1 '"active":true,"attrs":[{"mode":"host"}]')" "$(device $U2)"
	mdevctl apply "$T/a"
	sim before write "*/$U1/mode" skip=0 times=1 fail EIO
	document "$T/b" "$(device $U1 mtty-2 '"active":true,"attrs":[{"mode":"host"}]')" "$(device $U3)"
	cp "$ETC/mtty/$U1" "$T/former"
	try mdevctl apply "$T/b"
	status_is 1
	complains "Failed to change $U1, type mtty-2 on mtty: Failed to write host to attribute mode of device $U1: Input/output error (os error 5)*" \
		"Error: 1 of the devices is not as described: $U1"
	same "$U1 mtty mtty-1
$U3 mtty mtty-1" "$(active)"
	same host "$(<"$SYS/bus/mdev/devices/$U1/mode")"
	cmp "$T/former" "$ETC/mtty/$U1"
	try mdevctl apply "$T/b"
	succeeds
	is_reached "$T/b"
}

@test "a script that refuses one device does not keep the others from being changed" {
	script callouts no.sh <<-END
		#!/bin/sh
		case "\$*" in
		*"-e pre"*$U1*) exit 1 ;;
		esac
	END
	document "$T/a" "$(device $U1)" "$(device $U2)"
	try mdevctl apply "$T/a"
	status_is 1
	same "$U2 mtty mtty-1" "$(active)"
	same "$U2" "$(names "$ETC/mtty")"
}

@test "a signal ends it after the device in hand was undone" {
	script notifiers term.sh <<-END
		#!/bin/sh
		case "\$*" in
		*"-a start"*$U2*) kill -TERM \$PPID ;;
		esac
	END
	document "$T/a" "$(device $U1)" "$(device $U2 mtty-1 '"active":true')" "$(device $U3)"
	try mdevctl apply "$T/a"
	status_is 143
	rm -r "$ETC/scripts.d"
	# Whole or not at all.
	same "$(active | cut -d' ' -f1 | paste -sd' ')" "$(names "$ETC/mtty")"
	[[ $(active) != *$U3* ]]
	try mdevctl apply "$T/a"
	succeeds
	is_reached "$T/a"
}

@test "whoever reads the journal sees each device that was changed" {
	document "$T/a" "$(device $U1)" "$(device $U2)"
	try_journal mdevctl apply "$T/a"
	succeeds "[1/2] Created $U1, type mtty-1 on mtty
[2/2] Created $U2, type mtty-1 on mtty
"
	document "$T/a" "$(device $U1 mtty-2)"
	try_journal mdevctl apply "$T/a"
	succeeds "[1/2] Removed $U2, type mtty-1 on mtty
[2/2] Changed $U1, type mtty-2 on mtty
"
}

# Export --------------------------------------------------------------------------------

@test "a machine that is exported needs no change" {
	activate $U1 mtty-2
	define_file $U1 mtty-2 mtty auto
	activate $U2
	define_file $U3
	define_file $U4 x absent auto
	mkdir -p "$ETC/mtty"
	echo '{"mdev_type":"mtty-1","start":"auto","attrs":[{"mode":"host"}],"owner":"me"}' >"$ETC/mtty/$U5"
	mdevctl start -u $U5
	try mdevctl export
	status_is 0
	conforms "$T/out" document
	complains
	nothing_changed
	cp "$T/out" "$T/a"
	same '["'$U1'","mtty","mtty-2","auto",null,true,null,null]
["'$U2'","mtty","mtty-1",null,false,true,null,null]
["'$U3'","mtty","mtty-1","manual",null,false,null,null]
["'$U4'","absent","x","auto",null,false,null,null]
["'$U5'","mtty","mtty-1","auto",null,true,"me",[{"mode":"host"}]]' \
		"$(jq -c '.devices[] | [.uuid, .parent, .type, .start, .defined, .active, .owner, .attrs]' "$T/a")"
	is_reached "$T/a"
	# On a machine that has nothing, the same comes to be.
	state >"$T/state"
	for uuid in $U1 $U2 $U5; do mdevctl stop -u $uuid; done
	rm -r "${ETC:?}"/*
	try mdevctl apply "$T/a"
	succeeds
	mdevctl export | diff "$T/a" -
}

@test "a device that is not as defined is not judged by what is exported" {
	activate $U1
	mkdir -p "$ETC/mtty"
	echo '{"mdev_type":"mtty-1","start":"auto","attrs":[{"mode":"host"}]}' >"$ETC/mtty/$U1"
	try mdevctl export
	status_is 0
	conforms "$T/out" document
	complains "*WARN *Exporting only the definition of device $U1 on mtty, because the active device is not as defined: Attribute mode is loopback, defined is host"
	same null "$(jq -c '.devices[0].active' "$T/out")"
	cp "$T/out" "$T/a"
	try mdevctl apply "$T/a"
	succeeds
	nothing_changed
}

# Several parents, random states, and kills ------------------------------------------------

# random N: a number below N, the same in each run.
random() {
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	number=$((seed / 65536 % $1))
}

# random_document FILE: of parents with different types, attributes and room.
random_document() {
	local list=() i active parent type attrs
	local -A used=()

	for i in 1 2 3 4 5; do
		random 3
		[ $number -gt 0 ] || continue
		random 3
		case $number in
		0) parent=mtty type=mtty-1 attrs='{"mode":"host"}' ;;
		1) parent=0.0.0052 type=vfio_ccw-io attrs= ;;
		2) parent=matrix type=vfio_ap-passthrough attrs='{"assign_adapter":"5"},{"ap_config":"'$i'"}' ;;
		esac
		random 2
		active=false
		# The channel device has room for one.
		if [ $number = 1 ] && [[ $parent != 0.0.0052 || ! ${used[$parent]:-} ]]; then
			active=true used[$parent]=yes
		fi
		random 2
		[ $number = 1 ] || attrs=
		list+=("$(device $i$i$i$i$i$i$i$i-0000-0000-0000-000000000000 $type \
			"\"active\":$active,\"attrs\":[$attrs]" $parent)")
	done
	document "$1" "${list[@]}"
}

@test "random states are reached in one run" {
	needs_sim "there are more parents"
	machine_down
	machine_up mtty zoo
	seed=20261129
	echo "# seed $seed" >&3
	activate $U1 mtty-2
	for ((run = 0; run < 8; run++)); do
		random_document "$T/a"
		try mdevctl apply "$T/a"
		succeeds || { cat "$T/a" >&2; return 1; }
		is_reached "$T/a"
		[[ $(active) == *"$U1 mtty mtty-2"* ]]
		mdevctl export >"$T/exported"
		conforms "$T/exported" document
		try mdevctl plan "$T/exported"
		succeeds
	done
}

# killer N: a notifier that kills the command at its N-th action.
killer() {
	script notifiers killer.sh <<-END
		#!/bin/sh
		echo >>"$T/actions"
		[ "\$(wc -l <"$T/actions")" -ne $1 ] || kill -9 \$PPID
	END
	rm -f "$T/actions"
}

@test "20 devices on two parents: a run that is killed is completed by the next" {
	local list=() i other

	if [ "$MACHINE" = sim ]; then
		machine_down
		machine_up mtty zoo
		other=matrix type=vfio_ap-passthrough
	else
		modprobe mdma
		other=mdma type=mdma-1
	fi
	for i in {10..21}; do
		list+=("$(device ${i}000000-0000-0000-0000-000000000000 mtty-1 '"start":"auto","attrs":[{"mode":"host"}]')")
	done
	for i in {22..29}; do
		list+=("$(device ${i}000000-0000-0000-0000-000000000000 $type '"active":true' $other)")
	done
	document "$T/a" "${list[@]}"
	killer 15
	try mdevctl apply "$T/a"
	status_is 137
	[ "$(active | wc -l)" -lt 20 ]
	rm -r "$ETC/scripts.d"
	try mdevctl apply "$T/a"
	succeeds
	same 20 "$(active | wc -l)"
	is_reached "$T/a"
	# The other way round.
	document "$T/b" "${list[@]:0:3}"
	killer 9
	try mdevctl apply "$T/b"
	status_is 137
	rm -r "$ETC/scripts.d"
	try mdevctl apply "$T/b"
	succeeds
	same 3 "$(active | wc -l)"
	is_reached "$T/b"
	[ "$MACHINE" = sim ] || modprobe -r mdma
}

@test "a device whose start was killed is started again, even if no attribute shows it" {
	needs_sim "mtty has no such attributes"
	command -v strace >/dev/null || skip "strace is not installed"
	local i halves=0

	machine_down
	machine_up mtty zoo
	mkdir -p "$ROOT/run"
	document "$T/a" "$(device $U1 vfio_ap-passthrough \
		'"active":true,"attrs":[{"ap_config":"7"},{"assign_adapter":"5"}]' matrix)"
	for ((i = 1; i <= 12; i++)); do
		sim clear
		strace -f -o /dev/null -e "inject=write:signal=SIGKILL:when=$i" \
			"$MDEVCTL" apply "$T/a" >"$T/out" 2>&1 && break
		[ -z "$(active)" ] || [[ $(writes) == *assign_adapter* ]] || halves=$((halves + 1))
		mdevctl apply "$T/a" 2>"$T/err"
		[[ $(writes) == *assign_adapter* ]] || wrong "not whole after a kill at write $i"
		mdevctl stop -u $U1
		mdevctl undefine -u $U1
	done
	[ $halves -ge 1 ]
}

@test "a run that is killed at a system call is completed by the next" {
	needs_sim "a run is killed again and again"
	command -v strace >/dev/null || skip "strace is not installed"
	local call i next=b ended halves=0

	mkdir -p "$ROOT/run"
	document "$T/a" "$(device $U1 mtty-1 '"start":"auto","attrs":[{"mode":"host"}]')" "$(device $U2)"
	document "$T/b" "$(device $U1 mtty-2 '"start":"auto","attrs":[{"mode":"host"}]')" "$(device $U3)"
	mdevctl apply "$T/a"
	for call in write linkat renameat unlinkat mkdirat; do
		ended=
		for ((i = 1; i <= 6 && !ended; i++)); do
			! strace -f -o /dev/null -e "inject=$call:signal=SIGKILL:when=$i" \
				"$MDEVCTL" apply "$T/$next" >"$T/out" 2>&1 || ended=1
			mdevctl plan "$T/$next" >/dev/null || halves=$((halves + 1))
			"$MDEVCTL" apply "$T/$next" 2>"$T/err" || wrong "killed at $call number $i"
			mdevctl plan "$T/$next" || wrong "killed at $call number $i, and not whole after it"
			[ $next = a ] && next=b || next=a
		done
	done
	[ $halves -ge 5 ]
}
