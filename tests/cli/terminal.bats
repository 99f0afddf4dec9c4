#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC1078,SC1079,SC2086 # quotes in what is expected; UUIDs
# What a terminal gets: text, and never what something outside had in mind for the terminal.
# Pipes and files get every byte; golden.bats and list.bats say so, too.

bats_require_minimum_version 1.5.0

load machine

setup() {
	command -v script >/dev/null || skip "script is not installed"
	machine_up
}

# on_terminal COMMAND...: runs it with a terminal for all it prints, which $T/out gets. The
# terminal ends lines with CR LF.
on_terminal() {
	local line

	printf -v line '%q ' "$@"
	SHELL=$BASH try script -qefc "$line" /dev/null </dev/null
	sed -i 's/\r$//' "$T/out"
}

# is_harmless: the terminal got no control character but the ends of lines, and only UTF-8.
is_harmless() {
	if LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\t|\xc2[\x80-\x9f]' "$T/out"; then
		wrong "there are control characters"
	fi
	iconv -f utf-8 -t utf-8 "$T/out" >/dev/null || wrong "this is no UTF-8"
}

nasty_definition() {
	mkdir -p "$ETC/mtty"
	cat >"$ETC/mtty/$U1" <<-'END'
		{"mdev_type":"mtty-1","start":"auto","attrs":[{"a":"\u001b]0;owned\u0007\u001b[2J"},
		{"b":"x\nforged mtty mtty-1 auto (defined)\r\t"},{"c":"\u009b2J\u007f\u0080"},
		{"d":"\u00e4\u20ac\ud83d\ude00 \\n \"q\""}]}
	END
}

@test "values of attributes are escaped on a terminal" {
	nasty_definition
	on_terminal "$MDEVCTL" list -d -v
	status_is 0
	is_harmless
	prints "$U1 mtty mtty-1 auto
  Attrs:
    @{0}: {\"a\":\"\\u001b]0;owned\\u0007\\u001b[2J\"}
    @{1}: {\"b\":\"x\\nforged mtty mtty-1 auto (defined)\\r\\t\"}
    @{2}: {\"c\":\"\\u009b2J\\u007f\\u0080\"}
    @{3}: {\"d\":\"ä€😀 \\n \"q\"\"}
"
}

@test "a pipe gets the values as they are" {
	nasty_definition
	try mdevctl list -d -v
	succeeds "$U1 mtty mtty-1 auto
  Attrs:
    @{0}: {\"a\":\""$'\e]0;owned\a\e[2J'"\"}
    @{1}: {\"b\":\"x
forged mtty mtty-1 auto (defined)"$'\r\t'"\"}
    @{2}: {\"c\":\""$'\xc2\x9b2J\x7f\xc2\x80'"\"}
    @{3}: {\"d\":\"ä€😀 \\n \"q\"\"}
"
}

@test "JSON on a terminal is the same JSON, harmless" {
	nasty_definition
	mdevctl list -d --dumpjson >"$T/plain"
	on_terminal "$MDEVCTL" list -d --dumpjson
	status_is 0
	is_harmless
	grep -qF '"c": "\u009b2J\u007f\u0080"' "$T/out" || wrong "C1 is not escaped"
	jq -c . "$T/plain" >"$T/plain.c"
	jq -c . "$T/out" | diff "$T/plain.c" -
	grep -q $'\xc2\x9b' "$T/plain"
}

@test "names and descriptions of types are escaped on a terminal" {
	needs_sim "mtty has harmless ones"
	local description=$'one\\ntwo\e[2J\xc2\x9bm\xff'

	export NO_COLOR=1
	sim "type mtty mtty-9 1 vfio-pci name=\"A"$'\e'"]0;x"$'\a'"\" description=\"$description\""
	on_terminal "$MDEVCTL" types -p mtty
	status_is 0
	is_harmless
	grep -qxF '    Name: A\u001b]0;x\u0007' "$T/out" || wrong "the name is not escaped"
	grep -qxF '    Description: one, two\u001b[2J\u009bm\xff' "$T/out" ||
		wrong "the description is not escaped"
	on_terminal "$MDEVCTL" types --dumpjson
	is_harmless
	try mdevctl types -p mtty
	status_is 0
	grep -qxF $'    Name: A\e]0;x\a' "$T/out"
	grep -qaxF $'    Description: one, two\e[2J\xc2\x9bm\xff' "$T/out"
}

@test "errors are harmless, whatever the argument is" {
	local word

	for word in $'a\eb' $'a\xc2\x9bb' $'a\x9bb' $'a\xffb' $'a\x7fb' $'-\xff' $'-\xc2\x9b' $'–type\e'; do
		on_terminal "$MDEVCTL" define -u $U1 -p mtty --jsonfile "$word"
		is_harmless
		on_terminal "$MDEVCTL" list "$word"
		status_is 2
		is_harmless
		on_terminal "$MDEVCTL" "$word"
		status_is 2
		is_harmless
		on_terminal "$MDEVCTL" start -u $U1 "--parent=$word" -t mtty-1
		is_harmless
	done
}

@test "warnings about files are harmless" {
	mkdir -p "$ETC/mtty" "$ETC/"$'p\xff'
	: >"$ETC/mtty/"$'a\x9bb\ec'
	: >"$ETC/"$'p\xff'"/$U2"
	on_terminal "$MDEVCTL" list -d
	status_is 0
	is_harmless
	grep -q WARN "$T/out"
}

@test "what scripts write to standard error is harmless" {
	needs_sim "a script is put where packages put them"
	local scripts=$ROOT/usr/lib/mdevctl/scripts.d/callouts

	mkdir -p "$scripts"
	cat >"$scripts/check" <<-'END'
		#!/bin/bash
		[ "$4" = pre ] || exit 0
		printf '\e[2J\302\2332J\23331m\377\n' >&2
	END
	chmod +x "$scripts/check"
	on_terminal "$MDEVCTL" define -u $U1 -p mtty -t mtty-1
	status_is 0
	is_harmless
	grep -qF '\x9b31m\xff' "$T/out"
}

@test "what was started automatically is told harmlessly" {
	define_file $U1 mtty-1 mtty auto
	on_terminal "$MDEVCTL" start-parent-mdevs mtty
	status_is 0
	prints "Started $U1, type mtty-1 on mtty"$'\n'
}

# Commands --------------------------------------------------------------------------------

# nasty_machine: each text that others choose has something for a terminal: values in the file of an
# active device, the kernel's value of that attribute, a type's name and description, a user's name.
nasty_machine() {
	needs_sim "the kernel's texts are harmless"
	NASTY='\e]0;owned\a\e[2J\r\t\x9b31m\x7f'
	sim "type mtty mtty-9 1 vfio-pci name=\"A$(printf "$NASTY" | tr -d '\t\r')\" description=\"B$(printf "$NASTY" | tr -d '\t\r')\""
	sim "attr mtty mtty-9 0644 nasty"
	mkdir -p "$ETC/mtty" "$ROOT/proc/77/fd"
	printf '{"mdev_type":"mtty-9","start":"auto","attrs":[{"nasty":"C\\u001b]0;owned\\u0007\\u009b2J"}],"k\\u001b[2J":"\\u0007"}' \
		>"$ETC/mtty/$U1"
	"$MDEVCTL" start -u $U1
	sim set "devices/virtual/mtty/mtty/$U1/nasty" "\"D$(printf "$NASTY" | tr -d '\t\r')\""
	# shellcheck disable=SC2059 # escapes
	printf "E$NASTY" >"$ROOT/proc/77/comm"
	ln -s "/dev/vfio/$(basename "$(readlink "$SYS/bus/mdev/devices/$U1/iommu_group")")" "$ROOT/proc/77/fd/9"
}

@test "whatever others call things, no command is a danger to a terminal" {
	local arguments

	nasty_machine
	export NO_COLOR=1
	for arguments in "list -v" "list -d -v" "list --dumpjson" "types" "types --dumpjson" "show -u $U1" \
		"graph" "status" "status --json" "export" "monitor --initial --once"; do
		# shellcheck disable=SC2086 # words
		on_terminal "$MDEVCTL" $arguments
		[ "$status" != 2 ] || wrong "this is no command"
		[ -s "$T/out" ] || wrong "it prints nothing"
		# What graph indents by.
		sed -i 's/^\t//' "$T/out"
		is_harmless
	done
}

@test "a reason of the kernel's, and what is waited for, are told harmlessly" {
	nasty_machine
	sim before write '*/remove' times=1 fail EBUSY
	on_terminal "$MDEVCTL" stop -u $U1
	status_is 1
	grep -qF 'in use by E' "$T/out" || wrong "the user is not named"
	is_harmless
	sim before write '*/remove' delay 300000
	on_terminal "$MDEVCTL" stop -u $U1 --timeout 2
	status_is 1
	sim clear
	grep -q 'Waiting for E.*to release the device' "$T/out" || wrong "there is no progress"
	# Its line is erased before the next.
	sed -i 's/\r\x1b\[K//g; s/\r//g' "$T/out"
	is_harmless
}
