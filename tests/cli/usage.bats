#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2086 # UUIDs, options
# The command line: help, version, forms of options and values, usage errors.

bats_require_minimum_version 1.5.0

load machine

COMMANDS="define undefine start stop list types"

@test "without arguments the whole help goes to stderr and the status is 2" {
	try mdevctl
	status_is 2
	prints
	"$MDEVCTL" --help | diff - "$T/err"
}

@test "-h, --help and help print the same help with every command on stdout" {
	for form in -h --help help; do
		try mdevctl $form
		status_is 0
		complains
		cp "$T/out" "$T/out$form"
	done
	cmp "$T/out-h" "$T/out--help"
	cmp "$T/out-h" "$T/outhelp"
	grep -q '^Usage: mdevctl' "$T/outhelp"
	for command in $COMMANDS help; do
		grep -q "^ *$command " "$T/outhelp"
	done
}

@test "help COMMAND, COMMAND --help and COMMAND -h print the same" {
	for command in $COMMANDS; do
		try mdevctl help $command
		status_is 0
		complains
		grep -q "^Usage: mdevctl $command" "$T/out"
		"$MDEVCTL" $command --help | cmp - "$T/out"
		"$MDEVCTL" $command -h | cmp - "$T/out"
	done
}

@test "a command's help names its options" {
	check() {
		"$MDEVCTL" "$1" --help >"$T/help"
		for option in "${@:2}"; do
			grep -q -e "$option\\b" "$T/help" || {
				echo "help $1 does not name $option" >&2
				return 1
			}
		done
	}
	check define -u --uuid -a --auto -p --parent -t --type --jsonfile -f --force
	check undefine -u --uuid -p --parent -f --force
	check start -u --uuid -p --parent -t --type --jsonfile -f --force
	check stop -u --uuid -f --force
	check list -d --defined --dumpjson -v --verbose -u --uuid -p --parent
	check types -p --parent --dumpjson
}

@test "help of an unknown command is a usage error" {
	try mdevctl help nonsense
	misused "error: unrecognized subcommand 'nonsense'"
}

@test "--help comes before required options and exclusions" {
	try mdevctl undefine --help
	status_is 0
	try mdevctl define --jsonfile x --type y --auto --help
	status_is 0
	grep -q '^Usage: mdevctl define' "$T/out"
	try mdevctl start --help --jsonfile x
	status_is 0
	grep -q '^Usage: mdevctl start' "$T/out"
}

@test "-V and --version name the program and its version" {
	for form in -V --version; do
		try mdevctl $form
		status_is 0
		complains
		[[ $(cat "$T/out") =~ ^mdevctl\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	done
}

@test "list -V says mdevctl-list, and no other command takes -V" {
	try mdevctl list -V
	status_is 0
	[[ $(cat "$T/out") =~ ^mdevctl-list\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	try mdevctl types -V
	misused "error: unexpected argument '-V' found"
	try mdevctl start --version
	misused "error: unexpected argument '--version' found"
}

@test "help works without any directory of ours" {
	needs_sim "directories are taken away"
	MDEVCTL_ENV_ROOT=$T/nothing try mdevctl --help
	status_is 0
	MDEVCTL_ENV_ROOT=$T/nothing try mdevctl list
	succeeds
	MDEVCTL_ENV_ROOT=$T/nothing try mdevctl list --defined --dumpjson
	succeeds "[]"
}

@test "an unknown command is a usage error that suggests a similar one" {
	try mdevctl lis
	misused "error: unrecognized subcommand 'lis'"
	grep -q "similar subcommand exists: 'list'" "$T/err"
	try mdevctl start-all
	misused "error: unrecognized subcommand 'start-all'"
	try mdevctl LIST
	misused "error: unrecognized subcommand 'LIST'"
	try mdevctl ""
	misused
}

@test "there is no command version" {
	try mdevctl version
	misused "error: unrecognized subcommand 'version'"
}

@test "an unknown option is a usage error" {
	try mdevctl list --nonsense
	misused "error: unexpected argument '--nonsense' found"
	try mdevctl list -x
	misused "error: unexpected argument '-x' found"
	try mdevctl --nonsense
	misused "error: unexpected argument '--nonsense' found"
	try mdevctl stop -u $U1 --type mtty-1
	misused "error: unexpected argument '--type' found"
}

@test "a similar option is suggested" {
	try mdevctl list --uid $U1
	misused "error: unexpected argument '--uid' found"
	grep -q "tip: a similar argument exists: '--uuid'" "$T/err"
}

# leads_to TIP ARGUMENT...: they are wrong usage, with a tip that has this text.
leads_to() {
	try mdevctl "${@:2}"
	misused
	grep -qF -- "  tip: " "$T/err" || wrong "there is no tip"
	grep -F -- "  tip: " "$T/err" | grep -qF -- "$1" || wrong "the tip does not lead to $1"
}

@test "one dash before a long option leads to two, for every option of every command" {
	define_file $U1
	local command option

	while read -r command option; do
		leads_to "'--$option'" $command -$option
		leads_to "'--$option'" $command -$option=x
		leads_to "'--$option'" $command -$option x
	done < <("$MDEVCTL" help --dump | jq -r '.[0] | del(.commands, .mdevctl) | to_entries[] |
		.key as $command | .value[] | to_entries[] |
		select(.value.kind != "argument" and .key != "help") | "\($command) \(.key)"')
	leads_to "'--type'" start --parent mtty --uuid $U2 -type mtty-1
	leads_to "'--parent'" list -d -parent mtty
	try mdevctl list -help
	status_is 0
}

@test "letters with a value behind them stay what they are" {
	define_file $U1
	try mdevctl list -dpmtty
	succeeds "$U1 mtty mtty-1 manual"$'\n'
	try mdevctl list -d -parents
	succeeds
	try mdevctl define -u $U2 -pparent -ttype
	succeeds
	try mdevctl list -d -u $U2
	succeeds "$U2 parent type manual"$'\n'
}

@test "dashes that a word processor made longer lead to those of the option" {
	leads_to "'--parent'" list –parent mtty
	leads_to "'--all'" start-parent-mdevs —all
	leads_to "'-p'" list −p mtty
}

@test "commands of earlier versions lead to those of today" {
	leads_to "'mdevctl start'" create -p mtty -t mtty-1
	leads_to "'mdevctl define'" create-mdev $U1 mtty mtty-1
	leads_to "'mdevctl start'" start-mdev $U1
	leads_to "'mdevctl stop'" stop-mdev $U1
	leads_to "'mdevctl stop'" destroy $U1
	leads_to "'mdevctl undefine'" remove $U1
	leads_to "'mdevctl undefine'" remove-mdev $U1
	leads_to "'mdevctl modify --auto'" set-start $U1 --auto
	leads_to "'mdevctl list'" list-mdevs
	leads_to "'mdevctl list --defined'" list-saved
	leads_to "'mdevctl types'" list-types
	leads_to "'mdevctl types'" list-available
	leads_to "'mdevctl list'" lsmdev -d
	leads_to "'mdevctl list'" help list-mdevs
	leads_to "'mdevctl --version'" version
}

@test "a UUID alone leads to its option" {
	for command in start stop undefine define modify list; do
		leads_to "'--uuid $UA'" $command "{${UA^^}}"
	done
	leads_to "'--uuid $UA'" stop -f -- $UA
	ln -s "$(realpath "$MDEVCTL")" "$T/lsmdev"
	try "$T/lsmdev" $UA
	misused "error: unexpected argument '$UA' found"
	grep -qF "'--uuid $UA'" "$T/err"
}

@test "an option without a command leads to the commands that have it" {
	leads_to "'define', 'modify'" --auto --uuid $U1
	leads_to "'stop'" -u $U1
	leads_to "'start --parent'" start--parent mtty
}

@test "options cannot be abbreviated" {
	try mdevctl list --def
	misused "error: unexpected argument '--def' found"
	try mdevctl list --dump
	misused "error: unexpected argument '--dump' found"
}

@test "positional arguments are refused" {
	try mdevctl list mtty
	misused "error: unexpected argument 'mtty' found"
	try mdevctl types -- mtty
	misused "error: unexpected argument 'mtty' found"
}

@test "an option given twice is a usage error" {
	try mdevctl list --defined --defined
	misused "error: the argument '--defined' cannot be used multiple times"
	try mdevctl list -u $U1 -u $U1
	misused "error: the argument '--uuid <UUID>' cannot be used multiple times"
	try mdevctl list -vdv
	misused "error: the argument '--verbose' cannot be used multiple times"
}

@test "an option without its value is a usage error" {
	try mdevctl list --uuid
	misused "error: a value is required for '--uuid <UUID>' but none was supplied"
	try mdevctl list -p
	misused "error: a value is required for '--parent <PARENT>' but none was supplied"
}

@test "a flag with a value is a usage error" {
	try mdevctl list --defined=yes
	misused
}

@test "define without UUID and parent tells both, as it always did" {
	try mdevctl define
	status_is 2
	prints
	diff - "$T/err" <<-'END'
		error: the following required arguments were not provided:
		  --uuid <UUID>
		  --parent <PARENT>

		Usage: mdevctl define --uuid <UUID> --parent <PARENT>

		For more information, try '--help'.
	END
}

@test "what a command needs is told before anything is done" {
	for command in "define -t mtty-1" "start" "start -t mtty-1" "undefine" "undefine -p mtty" \
		"stop" "stop -f"; do
		# shellcheck disable=SC2086 # words
		try mdevctl $command
		misused "error: the following required arguments were not provided:"
		grep -q -- '^  --uuid <UUID>' "$T/err"
		grep -q "^Usage: mdevctl ${command%% *}" "$T/err"
		same "For more information, try '--help'." "$(tail -n 1 "$T/err")"
	done
}

@test "a JSON file excludes what is said in it" {
	for excluded in "define --type mtty-1" "define --auto" "start --type mtty-1"; do
		# shellcheck disable=SC2086 # words
		try mdevctl $excluded --jsonfile x -p mtty
		misused "error: the argument '--*' cannot be used with*"
		grep -q -- "--jsonfile" "$T/err"
	done
}

@test "all forms of an option are the same" {
	define_file $U1
	for form in "-u $U1" "-u$U1" "-u=$U1" "--uuid $U1" "--uuid=$U1" "-vu$U1" "-vu $U1" "-vu=$U1"; do
		# shellcheck disable=SC2086 # words
		try mdevctl list -d $form
		succeeds "$U1 mtty mtty-1 manual"$'\n'
	done
}

@test "all forms of a UUID are the same and are printed in the usual one" {
	define_file $UA
	for uuid in $UA ${UA^^} ${UA//-/} "{$UA}" "{${UA^^}}" "urn:uuid:$UA" "urn:uuid:${UA^^}"; do
		try mdevctl list -d -u "$uuid"
		succeeds "$UA mtty mtty-1 manual"$'\n'
	done
}

@test "what is no UUID is a usage error that repeats it" {
	for uuid in 123 '' "$U1 " " $U1" "${U1}1" "${U1%?}" "${U1/1/g}" "${U1/-/}" "{$U1" "$U1}" \
		"urn:uuid:" "urn:$U1" "../$U1" "1111-1111-11111111-1111-11111111111111"; do
		for command in list start stop define undefine; do
			try mdevctl $command "--uuid=$uuid"
			misused "error: invalid value '$uuid' for '--uuid <UUID>': *"
		done
	done
}

@test "options may follow --flags in any order and -- ends them" {
	define_file $U1
	try mdevctl list -vd -p mtty --
	succeeds "$U1 mtty mtty-1 manual"$'\n'
}

@test "a value that begins with a hyphen needs the form with =" {
	try mdevctl list -d --parent -x
	misused
	try mdevctl list -d --parent=-x
	succeeds
}

@test "an argument that is not UTF-8 is a usage error" {
	try mdevctl list -p $'\xff'
	misused "error: invalid UTF-8 was detected in one or more arguments"
	try mdevctl start -u $U1 -p mtty -t $'mtty\xc3'
	misused "error: invalid UTF-8 was detected in one or more arguments"
}

@test "a program whose name ends with lsmdev is the list command" {
	define_file $U1
	ln -s "$(realpath "$MDEVCTL")" "$T/lsmdev"
	ln -s "$(realpath "$MDEVCTL")" "$T/foolsmdev"
	for name in "$T/lsmdev" "$T/foolsmdev"; do
		try "$name" -d
		succeeds "$U1 mtty mtty-1 manual"$'\n'
	done
	try "$T/lsmdev" list
	misused "error: unexpected argument 'list' found"
	try "$T/lsmdev" -V
	status_is 0
	[[ $(cat "$T/out") =~ ^lsmdev\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	try "$T/lsmdev" --help
	status_is 0
	grep -q '^Usage: lsmdev' "$T/out"
	try "$T/lsmdev" --nonsense
	misused "error: unexpected argument '--nonsense' found"
}
