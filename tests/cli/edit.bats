#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2086,SC2016 # UUIDs; scripts
# edit: a definition in the user's editor.

bats_require_minimum_version 1.5.0

load machine

setup() {
	machine_up
	unset VISUAL
	export TMPDIR=$T/tmp
	mkdir "$TMPDIR"
}

# edits COMMANDS: the editor is a script whose "$1" is the file.
edits() {
	printf '%s\n' '#!/bin/sh' "$1" >"$T/editor"
	chmod +x "$T/editor"
	export EDITOR=$T/editor
}

@test "edit stores what the editor leaves, and no file stays behind" {
	define_file $U1 mtty-1
	edits 'sed -i "s/mtty-1/mtty-2/" "$1"'
	try mdevctl edit -u $U1
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-2 manual)"
	same "" "$(ls "$TMPDIR")"
}

@test "edit shows the file as it is, to its owner alone" {
	define_file $U1 mtty-1
	edits 'cp "$1" "$TMPDIR/../seen"; stat -c %a "$1" >"$TMPDIR/../mode"'
	try mdevctl edit -u $U1
	succeeds
	nothing_changed
	holds "$T/seen" "$(plain_json mtty-1 manual)
"
	same 600 "$(cat "$T/mode")"
}

@test "VISUAL goes before EDITOR, and may have options and a path with blanks" {
	define_file $U1 mtty-1
	edits 'exit 9'
	mkdir "$TMPDIR/a b"
	TMPDIR="$TMPDIR/a b" VISUAL='sed -i -e s/manual/auto/' try mdevctl edit -u $U1
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 auto)"
}

@test "members that the user removes are gone, others stay" {
	mkdir -p "$ETC/mtty"
	echo '{"mdev_type":"mtty-1","start":"auto","attrs":[{"a":"1"}],"owner":"me","note":"x"}' >"$ETC/mtty/$U1"
	edits 'echo "{\"mdev_type\":\"mtty-1\",\"start\":\"auto\",\"note\":\"x\"}" >"$1"'
	try mdevctl edit -u $U1
	succeeds
	same '{"mdev_type":"mtty-1","start":"auto","attrs":[],"note":"x"}' "$(jq -c . "$ETC/mtty/$U1")"
}

@test "a mistake is named with its line, nothing changes, and the text is kept" {
	define_file $U1 mtty-1
	edits 'printf "{\n  \"mdev_type\": \"mtty-1\",\n  \"start\"\n}\n" >"$1"'
	try mdevctl edit -u $U1
	status_is 1
	prints
	complains "Error: $TMPDIR/mdevctl-*.json: *line 4*" \
		"The definition was not changed; your text is in $TMPDIR/mdevctl-*.json"
	nothing_changed
	file=$(sed -n 's/.*your text is in //p' "$T/err")
	grep -q '"start"$' "$file"
	edits 'sed -i "s/\"mtty-1\"/1/" "$1"'
	try mdevctl edit -u $U1
	status_is 1
	nothing_changed
}

@test "a definition that changes meanwhile is not overwritten" {
	define_file $U1 mtty-1
	edits 'sed -i "s/mtty-1/mtty-2/" "$1"; '"echo '{\"mdev_type\":\"mtty-1\",\"start\":\"auto\"}' >'$ETC/mtty/$U1'"
	try mdevctl edit -u $U1
	status_is 1
	prints
	complains "Error: *changed*" "The definition was not changed; your text is in *"
	same '{"mdev_type":"mtty-1","start":"auto"}' "$(cat "$ETC/mtty/$U1")"
}

@test "edit repairs a malformed definition" {
	mkdir -p "$ETC/mtty"
	echo '{"mdev_type":"mtty-1","start":"manual"' >"$ETC/mtty/$U1"
	edits 'echo "}" >>"$1"'
	try mdevctl edit -u $U1
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 manual)"
}

@test "a text that is too large is kept as well, and such a file is not opened" {
	define_file $U1 mtty-1
	edits 'head -c 1100000 /dev/zero | tr "\0" " " >>"$1"'
	try mdevctl edit -u $U1
	status_is 1
	complains "Error: Unable to read *too large*" "*your text is in *"
	nothing_changed
	rm "$TMPDIR"/*
	head -c 1100000 /dev/zero | tr '\0' ' ' >>"$ETC/mtty/$U1"
	try mdevctl edit -u $U1
	fails "Error: *$U1*too large*"
	same "" "$(ls "$TMPDIR")"
}

@test "an editor that fails changes nothing" {
	define_file $U1 mtty-1
	edits 'sed -i "s/mtty-1/mtty-2/" "$1"; exit 3'
	try mdevctl edit -u $U1
	fails "Error: Editor '$T/editor' failed with status 3"
	same "" "$(ls "$TMPDIR")"
	EDITOR=$T/none try mdevctl edit -u $U1
	status_is 1
	grep -q "failed with status 127" "$T/err"
	nothing_changed
	edits 'kill -KILL $$'
	try mdevctl edit -u $U1
	status_is 1
	# The shell that runs it says so, too, unless it has become the editor.
	grep -qE "^Error: Editor '$T/editor' (failed with status 137|was killed by signal 9)$" "$T/err"
	nothing_changed
}

@test "edit of what is not defined, or defined twice, opens no editor" {
	edits 'touch "$TMPDIR/../opened"'
	try mdevctl edit -u $U1
	fails "Error: Mediated device $U1 is not defined"
	define_file $U1 mtty-1 one
	define_file $U1 mtty-1 two
	try mdevctl edit -u $U1
	fails "Error: Multiple definitions found for $U1, specify a parent"
	[ ! -e "$T/opened" ]
	try mdevctl edit -u $U1 -p two
	succeeds
	[ -e "$T/opened" ]
}

@test "a refusal of a script keeps the text, and --force overrides it" {
	define_file $U1 mtty-1
	mkdir -p "$ETC/scripts.d/callouts"
	printf '%s\n' '#!/bin/sh' '[ "$6" != capabilities ] || exit 2' '[ "$4" != pre ]' >"$ETC/scripts.d/callouts/no"
	chmod +x "$ETC/scripts.d/callouts/no"
	edits 'sed -i "s/mtty-1/mtty-2/" "$1"'
	try mdevctl edit -u $U1
	status_is 1
	nothing_changed
	same 1 "$(ls "$TMPDIR" | wc -l)"
	try mdevctl edit -u $U1 --force
	status_is 0
	holds "$ETC/mtty/$U1" "$(plain_json mtty-2 manual)"
}

@test "on a terminal edit offers to go on after a mistake" {
	command -v script >/dev/null || skip "script is not installed"
	define_file $U1 mtty-1
	# The first time it makes a mistake, the second time it corrects it.
	edits 'if grep -q "manual\"," "$1"; then sed -i "s/\"manual\",/\"auto\"/" "$1"; else sed -i "s/auto\"/auto\",/" "$1"; fi'
	SHELL=$BASH try script -qefc "$MDEVCTL edit -u $U1" /dev/null <<<y
	status_is 0
	grep -q 'Error: .*line 4' "$T/out"
	grep -q 'Edit it again?' "$T/out"
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 auto)"
	edits 'echo "{" >"$1"'
	SHELL=$BASH try script -qefc "$MDEVCTL edit -u $U1" /dev/null <<<n
	status_is 1
	grep -q 'your text is in' "$T/out"
	nothing_changed
}
