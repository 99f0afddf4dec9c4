#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC1003,SC2016,SC2046 # tr; for the other bash; words
# The option tables, which "mdevctl help --dump" shows, and what tells users of them: help,
# manual pages and completions. All name the same commands and options.

bats_require_minimum_version 1.5.0

load machine

setup() {
	T=$BATS_TEST_TMPDIR
	MAN=$TOP/man
	COMPLETIONS=$(dirname "$MDEVCTL")/completions
	"$MDEVCTL" help --dump >"$T/dump"
	jq -r '.[0] | del(.commands) | to_entries[] | .key as $command | .value[] | to_entries[] |
		select(.value.kind != "argument") |
		"\($command) \(.value.letter // "." | if . == "." then "" else "-\(.) " end)--\(.key)" +
		(if .value.value then " \(.value.value)" else "" end)' "$T/dump" | sort >"$T/options"
	jq -r '.[0].commands[] | keys[0]' "$T/dump" | sort >"$T/commands"
	[ -s "$T/options" ] && [ -s "$T/commands" ]
}

teardown() {
	:
}

# agrees NAME: what is on standard input is what the tables say, in $T/NAME.
agrees() {
	sort | diff --label "the tables" "$T/$1" --label "these" - >&2
}

# names_only: the lines of $T/options without values and letters.
names_only() {
	sed 's/ -[a-zA-Z] / /; s/\(--[a-z]*\) .*/\1/' "$T/options" | sort >"$T/names"
}

# The options that a manual page describes: "SUBSECTION -u --uuid UUID". Options of a
# section without subsections are those of the page.
options_in_man() {
	awk -v page="$2" '
		/^\.SS / { command = $2; gsub(/\\/, "", command) }
		/^\.SH / { command = $0 == ".SH OPTIONS" ? page : "" }
		described && /\\-/ && command {
			gsub(/^\.BR? |\\fI|\\fR|[",]|\\/, "")
			gsub(/  +/, " ")
			sub(/ $/, "")
			print command " " $0
		}
		{ described = /^\.TP/ }' "$1"
}

@test "the manual page has every option of every command and no other" {
	options_in_man "$MAN/mdevctl.8" mdevctl | agrees options
}

@test "what programs read has a schema, and the dump is as its own says" {
	conforms "$T/dump" help
	jq -r '.[0] | to_entries[] | select(any(.value[]; has("json"))) | "mdevctl \(.key) --json"' "$T/dump" >"$T/json"
	[ "$(wc -l <"$T/json")" -ge 6 ]
	jq -r '.title, .description' "$BATS_TEST_DIRNAME"/*.schema.json >"$T/schemas"
	while read -r line; do
		grep -qwF -- "$line" "$T/schemas" || { echo "no schema names $line" >&2 && return 1; }
	done <"$T/json"
}

@test "the manual page and the schema have the same members of a document" {
	sed -n '/^\.SH FORMAT/,/^\.SH OWNERS/p' "$MAN/mdevctl-document.5" |
		awk '/^\.TP/ { getline; print $2 }' | sort -u >"$T/in-man"
	jq -r '.properties, .properties.devices.items.properties | keys[]' \
		"$BATS_TEST_DIRNAME/document.schema.json" | sort -u | agrees in-man
}

@test "the manual page has every command and no other" {
	sed -n '/^\.SH COMMANDS/,/^\.SH OPTIONS/s/^\.SS //p' "$MAN/mdevctl.8" | tr -d '\\' | agrees commands
	sed -n '/^\.SH SYNOPSIS/,/^\.SH DESCRIPTION/s/^\.B mdevctl //p' "$MAN/mdevctl.8" | tr -d '\\' | agrees commands
}

@test "lsmdev's manual page has the options of list" {
	sed -n 's/^list /lsmdev /p' "$T/options" >"$T/list"
	options_in_man "$MAN/lsmdev.8" lsmdev | agrees list
}

@test "the manual pages are well-formed" {
	for page in "$MAN"/*.[1-9]; do
		if command -v mandoc >/dev/null; then
			run mandoc -T lint -W warning "$page"
			same "" "$output"
		fi
		if command -v groff >/dev/null; then
			run groff -man -Tascii -ww -z "$page"
			same "" "$output"
		fi
	done
}

@test "a command's help has every option of it and no other" {
	while read -r command; do
		"$MDEVCTL" "$command" --help | sed -n "s/^  \( *-\)/$command \1/p" |
			sed 's/  *-/ -/; s/,//; s/  .*//; s/[<>]//g'
	done <"$T/commands" >"$T/help"
	"$MDEVCTL" --help | sed -n 's/^  \(-[^ ]*\), \(--[a-z]*\) .*/mdevctl \1 \2/p' >>"$T/help"
	agrees options <"$T/help"
}

@test "the help has every command that is not for other programs" {
	jq -r '.[0].commands[] | to_entries[] | select(.value.kind == "command") | .key' "$T/dump" |
		sort >"$T/shown"
	"$MDEVCTL" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p' | agrees shown
}

@test "the completion for bash has every option and no other" {
	[ -d "$COMPLETIONS" ] || skip "the completions are not built"
	names_only
	# shellcheck disable=SC2016 # for the other bash
	bash --norc -c 'source "$0"; for command; do
			_mdevctl_table "$command"
			while read -r kind name _; do
				[[ $kind != option && $kind != flag ]] || echo "$command --$name"
			done <<<"$table"
		done' "$COMPLETIONS/mdevctl.bash" mdevctl $(<"$T/commands") | agrees names
}

@test "the completion for zsh has every option and no other" {
	[ -d "$COMPLETIONS" ] || skip "the completions are not built"
	names_only
	awk '/^\t[a-z-]*\)$/ { command = $1; sub(/\)/, "", command) }
		match($0, /--[a-z]*=?\[/) { print command " " substr($0, RSTART, RLENGTH) }' \
		"$COMPLETIONS/mdevctl.zsh" | tr -d '=[' | agrees names
}

@test "the completion for fish has every option and no other" {
	[ -d "$COMPLETIONS" ] || skip "the completions are not built"
	names_only
	sed -n "s/^complete -c mdevctl -n '*__mdevctl_\(is \)*\([a-z_-]*\).* -l \([a-z]*\) .*/\2 --\3/p" \
		"$COMPLETIONS/mdevctl.fish" | sed 's/^needs_command/mdevctl/' | agrees names
	sed -n 's/^list /lsmdev /p' "$T/names" >"$T/list"
	sed -n "s/^complete -c lsmdev .*-l \([a-z]*\) .*/lsmdev --\1/p" "$COMPLETIONS/mdevctl.fish" |
		agrees list
}
