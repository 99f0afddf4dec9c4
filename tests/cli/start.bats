#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# start: what makes a device, and every reason not to.

bats_require_minimum_version 1.5.0

load machine

DEV() {
	echo "$SYS/bus/mdev/devices/$1"
}

@test "start makes a device and prints nothing when the UUID is given" {
	try mdevctl start -u $U1 -p mtty --type mtty-2
	succeeds
	same "$U1 mtty mtty-2" "$(active)"
	[ ! -e "$ETC/mtty" ]
}

@test "start without a UUID prints the new random one and nothing else" {
	try mdevctl start --parent mtty --type mtty-1
	status_is 0
	complains
	uuid=$(cat "$T/out")
	[[ $uuid =~ ^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$ ]]
	prints "$uuid"$'\n'
	same "$uuid mtty mtty-1" "$(active)"
}

@test "the UUID is handed to the kernel in one write without a newline" {
	needs_sim "it records writes"
	try mdevctl start -u "${UA^^}" -p mtty -t mtty-1
	succeeds
	same "write devices/virtual/mtty/mtty/mdev_supported_types/mtty-1/create \"$UA\"" "$(writes)"
}

@test "start by UUID uses the definition" {
	define_file $U1 mtty-2
	try mdevctl start -u $U1
	succeeds
	same "$U1 mtty mtty-2" "$(active)"
}

@test "start uses the definition under the UUID in capitals" {
	define_file ${UA^^} mtty-2
	try mdevctl start -u $UA
	succeeds
	same "$UA mtty mtty-2" "$(active)"
}

@test "start uses a symlinked definition and those in a symlinked directory" {
	mkdir -p "$ETC/mtty" "$T/other"
	plain_json mtty-2 manual >"$T/file"
	ln -s "$T/file" "$ETC/mtty/$U1"
	try mdevctl start -u $U1
	succeeds
	same "$U1 mtty mtty-2" "$(active)"
	rm -r "$ETC/mtty"
	plain_json mtty-1 manual >"$T/other/$U2"
	ln -s "$T/other" "$ETC/mtty"
	try mdevctl start -u $U2
	succeeds
}

@test "the definition's type may be repeated but not contradicted" {
	define_file $U1 mtty-2
	try mdevctl start -u $U1 -t mtty-1
	fails "Error: Device $U1 already exists on parent mtty with type mtty-2*"
	try mdevctl start -u $U1 -p mtty -t mtty-2
	succeeds
}

@test "start for another parent than the defined one is transient" {
	define_file $U1 mtty-2 other
	try mdevctl start -u $U1 -p mtty -t mtty-1
	succeeds
	same "$U1 mtty mtty-1" "$(active)"
}

@test "of several definitions one must be chosen" {
	define_file $U1 mtty-1 other
	define_file $U1 mtty-2 third
	try mdevctl start -u $U1
	fails "Error: Multiple definitions found for device $U1. Please specify a parent*"
}

@test "start by UUID picks the only definition whose parent is there" {
	define_file $U1 mtty-1 other
	define_file $U1 mtty-2 mtty
	try mdevctl start -u $U1
	succeeds
	same "$U1 mtty mtty-2" "$(active)"
}

@test "too little said is an error" {
	try mdevctl start -u $U1
	fails "Error: Device is insufficiently specified*"
	try mdevctl start -p mtty
	fails "Error: Device is insufficiently specified*"
	try mdevctl start -u $U1 -p mtty
	fails "Error: Device is insufficiently specified*"
	try mdevctl start -u $U1 -t mtty-1
	fails "Error: can't provide type without parent*"
}

@test "a JSON file starts a transient device, whatever is defined" {
	define_file $U1 mtty-1
	plain_json mtty-2 auto >"$T/x.json"
	try mdevctl start -u $U1 -p mtty --jsonfile "$T/x.json"
	succeeds
	same "$U1 mtty mtty-2" "$(active)"
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 manual)"
}

@test "a JSON file without a UUID gives a printed random one" {
	plain_json mtty-2 auto >"$T/x.json"
	try mdevctl start -p mtty --jsonfile "$T/x.json"
	status_is 0
	complains
	same "$(cat "$T/out") mtty mtty-2" "$(active)"
}

@test "a JSON file needs a parent" {
	plain_json mtty-2 auto >"$T/x.json"
	try mdevctl start -u $U1 --jsonfile "$T/x.json"
	fails "Error: Parent device required to start device via json file*"
}

@test "a JSON file that is missing, a directory or broken is named" {
	try mdevctl start -p mtty --jsonfile "$T/none"
	fails "Error: Unable to read jsonfile \"$T/none\": No such file or directory (os error 2)*"
	try mdevctl start -p mtty --jsonfile "$T"
	fails "Error: Unable to read jsonfile \"$T\": Is a directory (os error 21)*"
	echo x >"$T/x.json"
	try mdevctl start -p mtty --jsonfile "$T/x.json"
	fails "Error: *$T/x.json*"
}

@test "a device that runs cannot be started again" {
	activate $U1 mtty-1
	try mdevctl start -u $U1 -p mtty -t mtty-1
	fails "Error: Device*already exists*"
	define_file $U1
	try mdevctl start -u $U1
	fails "Error: Device*already exists*"
}

@test "a device that runs with another type or under another parent is told apart" {
	activate $U1 mtty-1
	try mdevctl start -u $U1 -p mtty -t mtty-2
	fails "Error: Device*exists with different type*"
	try mdevctl start -u $U1 -p other -t mtty-1
	fails "Error: Device*exists under different parent*"
}

@test "an unknown parent is named" {
	try mdevctl start -u $U1 -p nothing -t mtty-1
	fails "Error: Unable to find parent device 'nothing'*"
}

@test "a parent that differs only in case is suggested" {
	try mdevctl start -u $U1 -p MTTY -t mtty-1
	fails "Error: Unable to find parent device 'MTTY'. Did you mean 'mtty'?*"
}

@test "an unknown type is named" {
	try mdevctl start -u $U1 -p mtty -t mtty-3
	fails "Error: Parent mtty does not support mdev type mtty-3*"
}

@test "a parent's or type's name is no path" {
	for parent in .. . '' ../mdev_bus/mtty mtty/ /sys/class/mdev_bus/mtty mtty/../mtty; do
		try mdevctl start -u $U1 "--parent=$parent" -t mtty-1
		[ "$status" -eq 1 ] || [ "$status" -eq 2 ]
		nothing_changed
	done
	for type in .. . '' ../mdev_supported_types/mtty-1 mtty-1/ mtty-1/../mtty-2; do
		try mdevctl start -u $U1 -p mtty "--type=$type"
		[ "$status" -eq 1 ] || [ "$status" -eq 2 ]
		nothing_changed
	done
}

@test "when no instance is left it says so and does not try" {
	for i in $(seq 10 33); do
		activate "99999999-1111-1111-1111-1111111111$i"
	done
	try mdevctl start -u $U1 -p mtty -t mtty-1
	fails "Error: No available instances of mtty-1 on mtty*"
	try mdevctl start -u $U1 -p mtty -t mtty-2
	fails "Error: No available instances of mtty-2 on mtty*"
}

@test "a parent that has left the machine cannot be used" {
	needs_sim "a real module comes back when it is asked for"
	define_file $U1
	parent_goes
	try mdevctl start -u $U1
	fails "Error: Unable to find parent device 'mtty'*"
	parent_comes
	try mdevctl start -u $U1
	succeeds
}

@test "the module of a parent that is not there is loaded" {
	[ "$MACHINE" = real ] || skip "needs modules"
	define_file $U1
	modprobe -r mtty
	try mdevctl start -u $U1
	succeeds
	same "$U1 mtty mtty-1" "$(active)"
}

@test "an attribute that the device has not is named and the device is taken back" {
	mkdir -p "$ETC/mtty"
	echo '{"mdev_type":"mtty-1","start":"manual","attrs":[{"nothing":"1"}]}' >"$ETC/mtty/$U1"
	try mdevctl start -u $U1 --timeout 0
	fails "Error: Invalid attribute 'nothing' of device $U1"
}

@test "an attribute that cannot be written is named and the device is taken back" {
	mkdir -p "$ETC/mtty"
	echo '{"mdev_type":"mtty-1","start":"manual","attrs":[{"mtty/ports":"7"}]}' >"$ETC/mtty/$U1"
	try mdevctl start -u $U1
	fails "Error: Failed to write 7 to attribute mtty/ports*: Permission denied (os error 13)*"
}

@test "somebody who may not create learns it" {
	be_nobody
	try nobody "$MDEVCTL" start -u $U1 -p mtty -t mtty-1
	fails "Error: *mtty*: Permission denied (os error 13)*"
}

@test "start accepts --force" {
	try mdevctl start -f -u $U1 -p mtty -t mtty-1
	succeeds
	same "$U1 mtty mtty-1" "$(active)"
}

@test "of two starts of one UUID at once exactly one wins" {
	for _ in 1 2 3 4 5; do
		rm -f "$T/won"
		for i in 1 2 3; do
			"$MDEVCTL" start -u $U1 -p mtty -t mtty-1 2>"$T/err$i" && echo $i >>"$T/won" &
		done
		wait
		same 1 "$(wc -l <"$T/won")"
		same "$U1 mtty mtty-1" "$(active)"
		same 2 "$(grep -l '^Error: ' "$T"/err? | wc -l)"
		echo 1 >"$(DEV $U1)/remove"
	done
}

@test "of many starts at once as many win as there are instances" {
	for i in $(seq 10 24); do
		"$MDEVCTL" start -u "99999999-1111-1111-1111-1111111111$i" -p mtty -t mtty-2 2>"$T/err$i" &&
			echo $i >>"$T/won" &
	done
	wait
	same 12 "$(wc -l <"$T/won")"
	same 12 "$(active | wc -l)"
	same 3 "$(cat "$T"/err?? | grep -c '^Error: ')"
}
