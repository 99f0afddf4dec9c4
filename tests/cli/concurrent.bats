#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2086,SC2154,SC2317 # UUIDs; variables and functions of machine.bash
# Many processes that define, change, start, stop and undefine the same devices. What each says of
# its end is true: a device is there if it was made once more than it was removed.
#
# ROUNDS=100 bats tests/cli/concurrent.bats takes minutes instead of seconds.

bats_require_minimum_version 1.5.0

load machine

PROCESSES=32
: "${ROUNDS:=3}"

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
		4) what=(modify -u $uuid --auto) ;;
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
	for ((number = 1; number <= PROCESSES; number++)); do
		"$@" $number 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
}

@test "of all that many processes do at once each tells the truth" {
	local uuid

	all_at_once worker
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
	same "" "$(find "$ETC" -type f | grep -vE "/mtty/($U1|$U2)$")"
	# Or this shows nothing.
	[ "$(cat "$T"/did.* | grep -c ' 0 [^ ]*$')" -ge 10 ]
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
