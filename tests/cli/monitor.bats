#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2030,SC2031,SC2086,SC2154 # UUIDs; variables of machine.bash
# monitor: a line for each change of a device, a parent or a definition, and its end.

bats_require_minimum_version 1.5.0

load machine
load watched

teardown() {
	[ -z "${watcher:-}" ] || kill $watcher 2>/dev/null || true
	machine_down
}

# watch OPTION...: a monitor in the background whose lines go to $T/watched. It is at work, as its
# line "watching" says, which is taken away.
watch() {
	: >"$T/watched"
	: >"$T/as_text"
	# A shell starts what is in the background with SIGINT ignored.
	env --default-signal "$MDEVCTL" monitor --initial "$@" >"$T/watched" 2>"$T/watch.err" 3>&- &
	watcher=$!
	told '*watching*'
}

# ended STATUS: the monitor ends by itself.
ended() {
	local code=0

	wait $watcher || code=$?
	watcher=
	same "$1" $code
}

# as_text: the objects of JSON lines on standard input as the lines of text.
as_text() {
	jq --unbuffered -r '"\(.event) \(.object // "-") \(.uuid // "-") \(.parent // "-") \(.type // "-")" +
		(if .start then " \(.start)" else "" end)'
}

# both_told PATTERN: a line of the text and one of the JSON.
both_told() {
	told "$1" && told "$1" "$T/as_text"
}

@test "a whole life of a definition and of its device, as text and as JSON" {
	watch
	mkfifo "$T/pipe"
	tee "$T/json" <"$T/pipe" 3>&- | as_text >"$T/as_text" 3>&- &
	env --default-signal "$MDEVCTL" monitor --initial --json >"$T/pipe" 3>&- &
	json=$! code=0
	told 'watching*' "$T/as_text"
	mdevctl define -u $U1 -p mtty -t mtty-2
	both_told "added definition $U1 mtty mtty-2 manual"
	mdevctl modify -u $U1 --auto
	both_told "changed definition $U1 mtty mtty-2 auto"
	mdevctl start -u $U1
	both_told "added device $U1 mtty mtty-2"
	[ "$MACHINE" = sim ] || both_told "changed device $U1 mtty mtty-2"
	mdevctl stop -u $U1
	both_told "removed device $U1 mtty mtty-2"
	mdevctl undefine -u $U1
	both_told "removed definition $U1 mtty -"
	parent_goes
	both_told "removed parent - mtty -"
	parent_comes
	both_told "added parent - mtty -"
	kill -INT $watcher
	ended 130
	kill -TERM $json
	wait $json || code=$?
	same 143 $code
	conforms "$T/json" monitor
	as_text <"$T/json" | diff "$T/watched" -
}

@test "what exists is printed first if that is wanted" {
	activate $U1 mtty-2
	define_file $U1 mtty-2 mtty auto
	define_file $U2 mtty-1 other
	mkdir -p "$ETC/mtty"
	echo broken >"$ETC/mtty/$U3"
	watch
	diff - "$T/watched" <<-END
		present parent - mtty -
		present device $U1 mtty mtty-2
		present definition $U1 mtty mtty-2 auto
		present definition $U3 mtty -
		present definition $U2 other mtty-1 manual
		watching - - - -
	END
	echo broken again >"$ETC/mtty/$U3"
	told "changed definition $U3 mtty -"
}

@test "filters choose objects and changes" {
	activate $U2
	define_file $U1
	watch -u $U1 --definitions --devices --added --removed
	same "present definition $U1 mtty mtty-1 manual
watching - - - -" "$(<"$T/watched")"
	define_file $U2
	define_file $U1 mtty-2
	activate $U1
	told "added device $U1 mtty mtty-1"
	rm "$ETC/mtty/$U1"
	told "removed definition $U1 mtty -"
	same "4" "$(wc -l <"$T/watched")"
}

@test "a parent chooses, too" {
	watch -p other
	define_file $U1
	define_file $U2 mtty-1 other
	told "added definition $U2 other *"
	run ! grep " mtty " "$T/watched"
}

@test "--once ends after the first change" {
	env --default-signal "$MDEVCTL" monitor --once --removed -u $U1 >"$T/watched" 3>&- &
	watcher=$!
	while kill -0 $watcher 2>/dev/null; do
		define_file $U1
		rm "$ETC/mtty/$U1"
	done
	ended 0
	same "removed definition $U1 mtty -" "$(<"$T/watched")"
}

@test "--once and --initial end at once if there is one" {
	activate $U1
	activate $U2
	try mdevctl monitor --once --initial --devices
	succeeds "present device $U1 mtty mtty-1
"
	try mdevctl monitor --once --initial --devices --added --timeout 0 -u $U3
	fails "Error: No such change within 0 seconds"
	try mdevctl monitor --once --initial --removed --timeout 0
	fails "Error: No such change within 0 seconds"
}

@test "without --once the end of the time is no error" {
	try mdevctl monitor --timeout 0
	succeeds
	try mdevctl monitor --initial --timeout 0 --json --parents
	status_is 0
	complains
	conforms "$T/out" monitor
	same 'parent mtty
null null' "$(jq -r '"\(.object) \(.parent)"' "$T/out")"
}

@test "a reader that goes ends it at once and without a word" {
	local code=0

	mkfifo "$T/pipe"
	# It gets no event that it could not write.
	bash -c 'env --default-signal=PIPE "$1" monitor --initial 2>"$2" >"$3"; echo $? >"$4"' bash \
		"$MDEVCTL" "$T/err" "$T/pipe" "$T/code" 3>&- &
	watcher=$!
	grep -m 1 watching "$T/pipe"
	wait $watcher || code=$?
	watcher=
	same 141 "$(<"$T/code")"
	same "" "$(<"$T/err")"
}

@test "a closed or full output is an error" {
	try sh -c '"$1" monitor --once >&-' sh "$MDEVCTL"
	fails "Error: Failed to write data: Bad file descriptor (os error 9)"
	try sh -c '"$1" monitor --initial >/dev/full' sh "$MDEVCTL"
	fails "Error: Failed to write data: No space left on device (os error 28)"
}

@test "lost events are told, and what happened meanwhile" {
	local limit

	limit=$(</proc/sys/fs/inotify/max_queued_events)
	define_file $U1
	watch --definitions
	kill -STOP $watcher
	# Equal events in a row are merged, so these alternate.
	perl -e 'for (0 .. $ARGV[0]) { open my $file, ">>", $_ % 2 ? "$ARGV[1]/a" : "$ARGV[1]/b" or die }' \
		$limit "$ETC/mtty"
	define_file $U2
	rm "$ETC/mtty/$U1"
	kill -CONT $watcher
	told "removed definition $U1 mtty -"
	told "added definition $U2 mtty mtty-1 manual"
	told "lost - - - -"
}

@test "misuse" {
	try mdevctl monitor --parents -u $U1
	misused
	try mdevctl monitor --timeout soon
	misused
	try mdevctl monitor what
	misused
}
