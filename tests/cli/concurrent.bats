#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2086,SC2154,SC2317 # UUIDs; variables and functions of machine.bash
# Many processes that define, change, start, stop and undefine the same devices. What each says of
# its end is true: a device is there if it was made once more than it was removed.
#
# ROUNDS=100 bats tests/cli/concurrent.bats takes minutes instead of seconds.
#
# vm: --root trixie --udev --lay build/vm/install

bats_require_minimum_version 1.5.0

load machine

PROCESSES=32
: "${ROUNDS:=3}"
# How workers modify: autostart, where it runs, starts none of theirs.
MODE=--auto
: "${THREADS:=$TOP/build/tests/long/threads}"

# worker NUMBER: notes "WHAT UUID STATUS" lines.
worker() {
	local number=$1 round uuid what status

	RANDOM=$number
	for ((round = 0; round < ROUNDS; round++)); do
		uuid=$U1
		[ $((RANDOM % 2)) = 0 ] || uuid=$U2
		case $((RANDOM % 5)) in
		0) what=(define -u $uuid -p mtty -t mtty-1) ;;
		1) what=(undefine -u $uuid -p mtty) ;;
		2) what=(start -u $uuid -p mtty -t mtty-1) ;;
		3) what=(stop -u $uuid) ;;
		# No attribute, for whose file a start would wait: it could be stopped meanwhile.
		4) what=(modify -u $uuid $MODE) ;;
		esac
		status=0
		"$MDEVCTL" "${what[@]}" >/dev/null 2>>"$T/told.$number" || status=$?
		echo "${what[0]} $uuid $status ${what[*]: -1}" >>"$T/did.$number"
	done
}

# count WHAT UUID STATUS: how often that was done.
count() {
	cat "$T"/did.* | grep -c "^$1 $2 $3 " || true
}

all_at_once() {
	local number pids=()

	trap - DEBUG
	set +T
	[ "$MACHINE" = sim ] || udevadm settle
	for ((number = 1; number <= PROCESSES; number++)); do
		"$@" $number 3>&- &
		pids+=($!)
	done
	for number in "${pids[@]}"; do
		wait "$number" || { echo "process $number ended with status $?" && return 1; }
	done
}

# each_was_true: what the workers have noted is what is there, and nothing was half done.
each_was_true() {
	local uuid successes others=${1:-}

	same "" "$(cat "$T"/did.* | grep -vE ' [01] [^ ]*$')"
	for uuid in $U1 $U2; do
		same $(($(count define $uuid 0) - $(count undefine $uuid 0))) \
			"$(find "$ETC" -name $uuid | wc -l)"
		same $(($(count start $uuid 0) - $(count stop $uuid 0))) \
			"$(active | grep -c "^$uuid ")"
	done
	# Each that has failed has said why, once; nothing is half written or left.
	same "$(cat "$T"/did.* | grep -c ' 1 [^ ]*$')" "$(cat "$T"/told.* | grep -c '^Error: ')"
	try mdevctl list -d
	status_is 0
	complains
	same "" "$(find "$ETC" -type f | grep -vE "/mtty/($U1|$U2${others:+|$others})$")"
	successes=$(cat "$T"/did.* | grep -c ' 0 [^ ]*$' || true)
	[ "$successes" -ge 10 ] || { echo "$successes successes show nothing" && return 1; }
}

@test "of all that many processes do at once each tells the truth" {
	all_at_once worker
	each_was_true
}

@test "of all that many threads do at once each is true" {
	[ -x "$THREADS" ] || skip "there is no $THREADS"
	# Each has a device of its own, and the parent not more.
	try "$THREADS" mtty mtty-1 20 $ROUNDS
	status_is 0
	complains
	same "" "$(active)"
	same "" "$(find "$ETC" -type f)"
}

# The administrator takes away what udev's rule has started, in the middle of the others.
administrator() {
	until [ -e "$T/over" ]; do
		udevadm trigger --settle --action=add /sys/class/mdev_bus/mtty
		"$MDEVCTL" stop -u $U3 || true
	done >/dev/null 2>"$T/administrator"
}

@test "udev's events and an administrator at the same time disturb nobody" {
	[ "$MACHINE" = real ] && [ -e /run/udev/control ] || skip "needs the real modules, and udev"
	local administrator

	MODE=--manual
	mdevctl define -u $U3 -p mtty -t mtty-2 --auto
	trap - DEBUG
	set +T
	administrator 3>&- &
	administrator=$!
	all_at_once worker
	touch "$T/over"
	wait $administrator
	each_was_true $U3
	# Each of its stops has found the device or nothing.
	same "" "$(grep -v "is not an active mdev\|No such device" "$T/administrator")"
	udevadm trigger --settle --action=add /sys/class/mdev_bus/mtty
	same "$U3 mtty mtty-2" "$(active | grep "^$U3 ")"
}

@test "no change is lost among many" {
	local number

	mdevctl define -u $U1 -p mtty -t mtty-1
	change() {
		"$MDEVCTL" modify -u $U1 --setattr "a$1=1"
	}
	all_at_once change
	for ((number = 1; number <= PROCESSES; number++)); do
		grep -q "\"a$number\": \"1\"" "$ETC/mtty/$U1"
	done
}
