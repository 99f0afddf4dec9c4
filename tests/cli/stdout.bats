#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Standard output that is full or closed: an error, and nothing done after it.

bats_require_minimum_version 1.5.0

load machine

shell() {
	try sh -c "$1" sh "$MDEVCTL" "${@:2}"
}

# What is wrong is told in one line; there is no crash.
told() {
	status_is 1
	complains "Error: Failed to write data: $1*"
}

@test "listing to a full device is an error" {
	activate $U1
	define_file $U1
	for command in list "list -d" "list --dumpjson" types "types --dumpjson" --help --version "help list"; do
		shell "\"\$1\" $command >/dev/full"
		told "No space left on device (os error 28)"
		nothing_changed
	done
}

@test "listing to a closed output is an error" {
	activate $U1
	for command in list "list --dumpjson" types "types --dumpjson" --help; do
		shell "\"\$1\" $command >&-"
		told "Bad file descriptor (os error 9)"
		nothing_changed
	done
}

# to_nobody SIGNAL-OPTION ARGUMENT...: mdevctl with a pipe that nobody reads as its output.
to_nobody() {
	[ -e "$T/pipe" ] || mkfifo "$T/pipe"
	try bash -c 'exec 4<>"$1" 5>"$1" 4>&-; exec env "$2=PIPE" "${@:3}" >&5' bash "$T/pipe" "$1" \
		"$MDEVCTL" "${@:2}"
}

@test "a reader that has gone ends what only prints, without a word" {
	activate $U1
	define_file $U1
	for command in list "list -dv" "list --dumpjson" types "types --dumpjson" --help --version "help list" "list --help"; do
		# As other filters do: by the signal, unless that is ignored.
		# shellcheck disable=SC2086 # words
		to_nobody --default-signal $command
		status_is $((128 + $(kill -l PIPE)))
		complains
		# shellcheck disable=SC2086
		to_nobody --ignore-signal $command
		status_is 1
		complains
	done
	nothing_changed
}

@test "a reader that has gone beforehand keeps start and define from making a device" {
	for signal in --default-signal --ignore-signal; do
		for command in start define; do
			to_nobody $signal $command -p mtty -t mtty-1
			fails "Error: Failed to write data: Broken pipe (os error 32)"
		done
	done
}

@test "a reader that goes meanwhile does not lose the UUID of a device" {
	needs_sim "a script is put where packages put them"
	local command scripts=$ROOT/usr/lib/mdevctl/scripts.d/callouts

	mkdir -p "$scripts"
	cat >"$scripts/check" <<-'END'
		#!/bin/bash
		[ "$4" = post ] || exit 0
		kill $(<"$T/reader")
		while [ -e "/proc/$(<"$T/reader")/fd/0" ]; do :; done
	END
	chmod +x "$scripts/check"
	export T
	for command in start define; do
		rm -f "$T/pipe"
		mkfifo "$T/pipe"
		# shellcheck disable=SC2217 # it only holds the pipe
		(echo $BASHPID >"$T/reader"; exec sleep 1000 <"$T/pipe") 3>&- &
		try bash -c 'exec env --default-signal=PIPE "$2" "$3" -p mtty -t mtty-1 >"$1"' bash \
			"$T/pipe" "$MDEVCTL" $command
		status_is 1
		if [ $command = start ]; then
			complains "Error: Failed to write data: Broken pipe (os error 32); device $(active | cut -d' ' -f1) was started"
		else
			complains "Error: Failed to write data: Broken pipe (os error 32); device $(ls "$ETC/mtty") was defined"
		fi
	done
}

@test "a reader that has gone does not keep others from being changed" {
	define_file $U1 mtty-1 mtty auto
	define_file $U2 mtty-1 mtty auto
	mkfifo "$T/pipe"
	JOURNAL_STREAM=$(stat -c %d:%i "$T/pipe") to_nobody --default-signal start-parent-mdevs mtty
	status_is 1
	complains "Error: *; device $U1 was started" "Error: *; device $U2 was started"
	same "$U1 mtty mtty-1"$'\n'"$U2 mtty mtty-1" "$(active | sort)"
}

@test "start with a closed output does nothing if it has a UUID to print" {
	shell '"$1" start -p mtty -t mtty-1 >&-'
	status_is 1
	complains "Error: *Bad file descriptor (os error 9)*"
	nothing_changed
}

@test "define with a closed output does nothing if it has a UUID to print" {
	shell '"$1" define -p mtty -t mtty-1 >&-'
	status_is 1
	complains "Error: *Bad file descriptor (os error 9)*"
	nothing_changed
}

@test "start to a full device is an error that does not lose the UUID" {
	shell '"$1" start -p mtty -t mtty-1 >/dev/full'
	status_is 1
	grep -q '^Error: .*No space left on device (os error 28)' "$T/err"
	# Either nothing was started, or the message tells what.
	uuid=$(active | cut -d' ' -f1)
	[ -z "$uuid" ] || grep -q "$uuid" "$T/err"
}

@test "define to a full device is an error that does not lose the UUID" {
	shell '"$1" define -p mtty -t mtty-1 >/dev/full'
	status_is 1
	grep -q '^Error: .*No space left on device (os error 28)' "$T/err"
	uuid=$(ls "$ETC/mtty" 2>/dev/null || true)
	[ -z "$uuid" ] || grep -q "$uuid" "$T/err"
}

@test "commands that print nothing do not mind a closed or full output" {
	shell '"$1" define -u '$U1' -p mtty -t mtty-1 >&-'
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 manual)"
	shell '"$1" start -u '$U1' >/dev/full'
	succeeds
	same "$U1 mtty mtty-1" "$(active)"
	shell '"$1" stop -u '$U1' >&-'
	succeeds
	shell '"$1" undefine -u '$U1' >/dev/full'
	succeeds
	shell '"$1" list -d >/dev/full'
	succeeds
}

@test "closed standard error and input do no harm" {
	shell '"$1" start -u '$U1' -p mtty -t mtty-1 <&- 2>&-'
	succeeds
	shell '"$1" start -u '$U1' -p mtty -t mtty-1 <&- >&- 2>&-'
	status_is 1
	define_file $U2
	shell '"$1" list -d -u '$U2' <&- 2>&-'
	succeeds "$U2 mtty mtty-1 manual
"
	# A file that is opened must not end up as the standard output.
	shell '"$1" undefine -u '$U2' <&- >&- 2>&-'
	status_is 0
	[ ! -e "$ETC/mtty/$U2" ]
}
