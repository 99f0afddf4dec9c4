#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154
# The programs of examples/, which use libmdev as applications do.

bats_require_minimum_version 1.5.0

load machine

: "${EXAMPLES:=$TOP/build/examples}"

start() {
	"$EXAMPLES/start" "$@"
}

provision() {
	"$EXAMPLES/provision" <"$1"
}

# Waits for a line of what "watch" prints; its time is that of the machine.
told() {
	local tries=0

	until grep -qx "$1" "$T/watched"; do
		[ $((++tries)) -lt 300 ] || { cat "$T/watched" >&2 && return 1; }
		sleep 0.1
	done
}

@test "start makes a device and prints its UUID and its node" {
	try start mtty mtty-2 $U1
	status_is 0
	same "$U1 mtty mtty-2" "$(active)"
	group=$(basename "$(readlink "$SYS/bus/mdev/devices/$U1/iommu_group")")
	prints "$U1 ${ROOT}/dev/vfio/$group"$'\n'
}

@test "start without a UUID makes a new one" {
	try start mtty mtty-1
	status_is 0
	same "$(cut -d' ' -f1 "$T/out") mtty mtty-1" "$(active)"
}

@test "start says why it failed" {
	try start none mtty-1
	status_is 1
	complains "Unable to find parent device 'none'*"
	try start mtty
	status_is 2
	nothing_changed
}

@test "inspect tells what is known of a device" {
	needs_sim "its paths are told"
	activate $U1 mtty-2
	mkdir "$ROOT/proc"
	try "$EXAMPLES/inspect" $U1
	status_is 0
	group=$(basename "$(readlink "$SYS/bus/mdev/devices/$U1/iommu_group")")
	prints "parent: mtty
type: mtty-2
path: $SYS/devices/virtual/mtty/mtty/$U1
driver: mtty
group node: $ROOT/dev/vfio/$group
VFIO node: none
NUMA node: -1
"
	try "$EXAMPLES/inspect" $U2
	fails "Mediated device $U2 is not active"
}

@test "watch lists what is there, then tells of definitions until it is ended" {
	activate $U2
	"$EXAMPLES/watch" >"$T/watched" 3>&- &
	watcher=$!
	told watching
	told "device mtty $U2"
	mdevctl define -u $U1 -p mtty -t mtty-1
	told "definition added mtty $U1"
	mdevctl modify -u $U1 --auto
	told "definition changed mtty $U1"
	mdevctl undefine -u $U1
	told "definition removed mtty $U1"
	kill $watcher
	wait $watcher
	same 5 "$(wc -l <"$T/watched")"
}

# The state that a random number generator gives, which has a seed.
pick() {
	echo "${@:RANDOM % $# + 1:1}"
}

# Devices and definitions of any kind, right and wrong ones.
random_machine() {
	local uuid

	for uuid in $U1 $U2 $U3 $U4 $U5; do
		case $(pick none plain other attrs malformed) in
		plain) define_file "$uuid" "$(pick mtty-1 mtty-2)" mtty "$(pick auto manual)" ;;
		other) define_file "$uuid" mtty-1 elsewhere ;;
		attrs)
			mkdir -p "$ETC/mtty"
			echo '{"mdev_type":"mtty-1","start":"auto","attrs":[{"level":"7"}]}' >"$ETC/mtty/$uuid"
			;;
		malformed) mkdir -p "$ETC/mtty" && echo '{' >"$ETC/mtty/$uuid" ;;
		esac
		case $(pick none active) in
		active) activate "$uuid" "$(pick mtty-1 mtty-2)" ;;
		esac
	done
}

wanted='[{"mtty":[
	{"'$U1'":{"mdev_type":"mtty-1","start":"auto","attrs":[{"level":"3"}]}},
	{"'$U2'":{"mdev_type":"mtty-2","start":"manual","attrs":[]}},
	{"'$U3'":{"mdev_type":"mtty-1","start":"manual","attrs":[{"level":"0"}]}}]}]'

@test "provision brings any host to the list, and does nothing when run again" {
	needs_sim "it shows what was written"
	seed=${SEED:-$(date +%s)}
	RANDOM=$seed
	echo "# SEED=$seed"
	echo "$wanted" >"$T/wanted"
	sim attr mtty mtty-1 0644 level "0\n"
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		random_machine
		try provision "$T/wanted"
		status_is 0
		complains
		same "$U1 mtty mtty-1
$U2 mtty mtty-2
$U3 mtty mtty-1" "$(active | sort)"
		same "$(jq -Sc . "$T/wanted")" "$(mdevctl list --defined --dumpjson | jq -Sc .)"
		same 3 "$(cat "$SYS/bus/mdev/devices/$U1/level")"
		same 0 "$(cat "$SYS/bus/mdev/devices/$U3/level")"
		sim clear
		try provision "$T/wanted"
		succeeds
		nothing_changed
		same "" "$(writes)"
		rm -rf "${ETC:?}/mtty"
		for uuid in $U1 $U2 $U3; do sim remove $uuid; done
	done
}

@test "provision empties a host" {
	define_file $U1 mtty-1
	activate $U2
	echo '[]' >"$T/wanted"
	try provision "$T/wanted"
	status_is 0
	prints "stopped mtty/$U2
undefined mtty/$U1
"
	same "" "$(active)$(ls "$ETC")"
}

@test "provision goes on behind a device that fails" {
	needs_sim "it makes one fail"
	echo "$wanted" >"$T/wanted"
	sim attr mtty mtty-1 0644 level "0\n"
	sim before write "*/mtty-2/create" times=1 fail EIO
	try provision "$T/wanted"
	status_is 1
	complains "Failed to create mdev $U2,*"
	same "$U1 mtty mtty-1
$U3 mtty mtty-1" "$(active | sort)"
	try provision "$T/wanted"
	status_is 0
	prints "started mtty/$U2
"
}

@test "provision takes what the command prints and refuses anything else" {
	define_file $U1 mtty-1
	mdevctl list --defined --dumpjson >"$T/wanted"
	try provision "$T/wanted"
	status_is 0
	prints "started mtty/$U1
"
	echo '[{"mtty":1}]' >"$T/wanted"
	try provision "$T/wanted"
	fails "invalid json: the list of mtty is not an array"
	plain=$(plain_json mtty-1 manual)
	echo "[{\"a\":[{\"$U1\":$plain}],\"b\":[{\"$U1\":$plain}]}]" >"$T/wanted"
	try provision "$T/wanted"
	fails "Device $U1 is wanted twice"
}
