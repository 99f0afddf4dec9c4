#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2086,SC2154 # scripts; UUIDs
# Callout scripts and notifiers: which are run, when, with what, and what they decide.
# The scripts are made here; what they were told is in $T/calls.

bats_require_minimum_version 1.5.0

load machine

setup() {
	needs_sim "scripts are put where packages put them"
	machine_up mtty zoo
	USR=$ROOT/usr/lib/mdevctl/scripts.d ETCS=$ETC/scripts.d
	mkdir -p "$USR/callouts" "$USR/notifiers" "$ETCS/callouts" "$ETCS/notifiers"
	export T ETC
}

# script PATH [BODY]: a script that notes how it is called, then does BODY with the
# variables type, event, action, state, uuid, parent, input.
script() {
	cat >"$1" <<-'END'
		#!/bin/bash
		type=$2 event=$4 action=$6 state=$8 uuid=${10} parent=${12}
		input=$(cat)
		echo "${0##*/} $*${input:+ $input}" >>"$T/calls"
	END
	printf '%s\n' "${2-}" >>"$1"
	chmod +x "$1"
}

# old_script PATH [BODY]: one without capabilities, for type mtty-1 only.
old_script() {
	script "$1" '[ $event != notify ] && { [ $type = mtty-1 ] && [ $action != capabilities ] || exit 2; }
'"${2-}"
}

# versioned_script PATH [BODY [ACTIONS [EVENTS]]]: one with capabilities, for all types.
versioned_script() {
	local actions='"start","stop","define","undefine","modify","attributes","capabilities"'
	local events='"pre","post","notify","get","live"'

	script "$1" 'if [ $action = capabilities ]; then
	echo '"'{\"supports\":{\"version\":2,\"actions\":[${3:-$actions}],\"events\":[${4:-$events}]}}'"'
	exit 0
fi
'"${2-}"
}

# calls [LINE]...: scripts were called so, apart from questions for capabilities; then forgets.
calls() {
	local is=''

	[ ! -e "$T/calls" ] || is=$(grep -v -- '-a capabilities' "$T/calls" || true)
	: >"$T/calls"
	same "$(printf '%s\n' "$@")" "$is"
}

args() {
	echo "-t ${5:-mtty-1} -e $1 -a $2 -s $3 -u ${4:-$U1} -p ${6:-mtty}"
}

manual='{"mdev_type":"mtty-1","start":"manual","attrs":[]}'
auto='{"mdev_type":"mtty-1","start":"auto","attrs":[]}'

# What they are told -----------------------------------------------------------------

@test "a script gets each action before and after, with the definition, and the notifier hears of it" {
	for kind in old_script versioned_script; do
		rm -f "$T/calls"
		$kind "$USR/callouts/check"
		script "$USR/notifiers/tell"

		try mdevctl define -u $U1 -p mtty -t mtty-1
		succeeds
		calls "check $(args pre define none) $manual" "check $(args post define success) $manual" \
			"tell $(args notify define success)"
		try mdevctl modify -u $U1 --auto
		succeeds
		calls "check $(args pre modify none) $auto" "check $(args post modify success) $auto" \
			"tell $(args notify modify success)"
		try mdevctl start -u $U1
		succeeds
		calls "check $(args pre start none) $auto" "check $(args post start success) $auto" \
			"tell $(args notify start success)"
		try mdevctl stop -u $U1
		succeeds
		calls "check $(args pre stop none) $auto" "check $(args post stop success) $auto" \
			"tell $(args notify stop success)"
		try mdevctl undefine -u $U1
		succeeds
		calls "check $(args pre undefine none) $auto" "check $(args post undefine success) $auto" \
			"tell $(args notify undefine success)"
	done
}

@test "a script is asked for its capabilities with what mdevctl provides" {
	versioned_script "$USR/callouts/check"
	mdevctl define -u $U1 -p mtty -t mtty-1
	same "check $(args get capabilities none) {\"provides\":{\"version\":2,\"actions\":[\"start\",\"stop\",\"define\",\"undefine\",\"modify\",\"attributes\",\"capabilities\"],\"events\":[\"pre\",\"post\",\"notify\",\"get\",\"live\"]}}" \
		"$(head -n 1 "$T/calls")"
	same 1 "$(grep -c capabilities "$T/calls")"
}

@test "a failure of what was done is told to post and notifiers" {
	old_script "$USR/callouts/check"
	script "$USR/notifiers/tell"
	sim before write '*/create' fail EBUSY
	try mdevctl start -u $U1 -p mtty -t mtty-1
	fails "Error: Failed to create mdev $U1, type mtty-1 on mtty: Device or resource busy (os error 16)*"
	calls "check $(args pre start none) $manual" "check $(args post start failure) $manual" \
		"tell $(args notify start failure)"
}

@test "pre and post are children of one process" {
	old_script "$USR/callouts/check" 'echo "$event $PPID" >>"$T/parents"'
	mdevctl define -u $U1 -p mtty -t mtty-1
	same "pre post" "$(cut -d' ' -f1 "$T/parents" | paste -sd' ')"
	same 1 "$(cut -d' ' -f2 "$T/parents" | sort -u | wc -l)"
}

# Order and choice ---------------------------------------------------------------------

@test "scripts are asked in the order of their names, /usr before /etc, until one answers" {
	old_script "$ETCS/callouts/10-etc"
	script "$USR/callouts/20-other" 'exit 2'
	old_script "$USR/callouts/30-mine"
	old_script "$USR/callouts/40-late"
	try mdevctl define -u $U1 -p mtty -t mtty-1
	succeeds
	calls "20-other $(args pre define none) $manual" "30-mine $(args pre define none) $manual" \
		"30-mine $(args post define success) $manual"
	rm "$USR/callouts"/[34]*
	try mdevctl undefine -u $U1
	succeeds
	calls "20-other $(args pre undefine none) $manual" "10-etc $(args pre undefine none) $manual" \
		"10-etc $(args post undefine success) $manual"
}

@test "capabilities that we do not know are a warning, those that we know count" {
	versioned_script "$USR/callouts/check" '' '"define","dance"' '"pre","post","midnight"'
	try mdevctl define -u $U1 -p mtty -t mtty-1
	status_is 0
	grep -q "WARN .*$USR/callouts/check.*dance" "$T/err"
	grep -q "WARN .*$USR/callouts/check.*midnight" "$T/err"
	calls "check $(args pre define none) $manual" "check $(args post define success) $manual"
}

@test "capabilities count whatever the status is, but for 2" {
	printf '%s\n' '#!/bin/sh' 'echo "$4 $6" >>"$T/events"' \
		'echo '\''{"supports":{"version":2,"actions":["define"],"events":["pre","post"],"more":1}}'\' \
		'[ "$6" != capabilities ] || exit $(cat "$T/rc")' >"$USR/callouts/check"
	chmod +x "$USR/callouts/check"
	echo 1 >"$T/rc"
	try mdevctl start -u $U1 -p mtty -t mtty-1
	fails "Error: Script '$USR/callouts/check' does not support action 'Start'"
	echo 2 >"$T/rc"
	try mdevctl start -u $U1 -p mtty -t mtty-1
	succeeds
}

@test "capabilities that are not UTF-8 do no harm" {
	script "$USR/callouts/check" '[ $action != capabilities ] || printf "\xff\xfe"'
	try mdevctl define -u $U1 -p mtty -t mtty-1
	status_is 0
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 manual)"
}

@test "a script that tells its capabilities goes before others" {
	old_script "$USR/callouts/10-old"
	versioned_script "$ETCS/callouts/20-new"
	try mdevctl define -u $U1 -p mtty -t mtty-1
	succeeds
	calls "20-new $(args pre define none) $manual" "20-new $(args post define success) $manual"
}

@test "notifiers are called in the order of their names, /usr before /etc, and decide nothing" {
	script "$ETCS/notifiers/a" 'exit 1'
	script "$USR/notifiers/c" 'exit 1'
	script "$USR/notifiers/b" 'kill -9 $$'
	try mdevctl define -u $U1 -p mtty -t mtty-1
	status_is 0
	calls "b $(args notify define success)" "c $(args notify define success)" \
		"a $(args notify define success)"
}

@test "what cannot be run is no script" {
	mkdir "$USR/callouts/directory"
	echo 'exit 1' >"$USR/callouts/not-executable"
	echo 'no shebang' >"$USR/callouts/text"
	chmod +x "$USR/callouts/text"
	ln -s /nowhere "$USR/callouts/dangling"
	try mdevctl define -u $U1 -p mtty -t mtty-1
	succeeds
}

@test "directories that are missing mean no scripts" {
	rm -r "${ROOT:?}/usr" "$ETCS"
	try mdevctl define -u $U1 -p mtty -t mtty-1
	succeeds
	try mdevctl start -u $U1
	succeeds
}

@test "files of scripts.d are not taken for definitions" {
	old_script "$ETCS/callouts/check"
	define_file $U1
	try mdevctl list -d
	succeeds "$U1 mtty mtty-1 manual"$'\n'
}

# Refusals -------------------------------------------------------------------------------

@test "a script that refuses stops every action before anything is done" {
	define_file $U1
	activate $U2
	old_script "$USR/callouts/check" '[ $event != pre ] || { echo "not today" >&2; exit 1; }'
	script "$USR/notifiers/tell"
	for command in "define -u $U3 -p mtty -t mtty-1" "modify -u $U1 --auto" "start -u $U1" \
		"stop -u $U2"; do
		try mdevctl $command
		status_is 1
		complains "check: not today" "Error: Script '$USR/callouts/check' failed with status '1'*"
		nothing_changed
	done
	try mdevctl undefine -u $U1
	status_is 1
	complains "check: not today" \
		"*WARN *Undefine of $U1 on parent mtty failed with error: Script '$USR/callouts/check' failed with status '1'*" \
		"Error: Undefine failed*"
	nothing_changed
	run ! grep -q -- '-e post' "$T/calls"
	same 5 "$(grep -c '^tell .*-s none' "$T/calls")"
}

@test "--force goes on with a warning" {
	define_file $U1
	activate $U2
	old_script "$USR/callouts/check" '[ $event != pre ] || exit 1'
	for command in "define -u $U3 -p mtty -t mtty-1" "modify -u $U1 --auto" "start -u $U1" \
		"stop -u $U2" "undefine -u $U1"; do
		try mdevctl $command --force
		status_is 0
		complains "*WARN *Forcing operation '${command%% *}' despite callout failure*failed with status '1'*"
	done
	same "$U3" "$(ls "$ETC/mtty")"
	same "$U1 mtty mtty-1" "$(active)"
}

@test "after a refusal that was overridden, post goes to the script that refused" {
	script "$USR/callouts/10-other" 'exit 2'
	old_script "$USR/callouts/20-refuses" '[ $event != pre ] || exit 1'
	old_script "$USR/callouts/30-late"
	try mdevctl start -u $U1 -p mtty -t mtty-1 --force
	status_is 0
	calls "10-other $(args pre start none) $manual" "20-refuses $(args pre start none) $manual" \
		"20-refuses $(args post start success) $manual"
}

# Written as a file it is three times as long.
@test "what would be too large as a file is refused before a script is asked" {
	old_script "$USR/callouts/check"
	{
		printf '{"mdev_type":"mtty-1","start":"manual","attrs":[{"a":"0"}'
		printf ',{"a":"%d"}' {1..40000}
		echo ']}'
	} >"$T/file"
	try mdevctl define -u $U1 -p mtty --jsonfile "$T/file"
	fails "Error: $ETC/mtty/$U1: too large (limit 1 MiB)"
	define_file $U1
	try mdevctl modify -u $U1 -p mtty --jsonfile "$T/file"
	fails "Error: $ETC/mtty/$U1: too large (limit 1 MiB)"
	[ ! -e "$T/calls" ]
}

@test "a notifier hears that what was refused was not done, with state none" {
	old_script "$USR/callouts/check" '[ $event != pre ] || exit 1'
	script "$USR/notifiers/tell"
	try mdevctl define -u $U1 -p mtty -t mtty-1
	status_is 1
	calls "check $(args pre define none) $manual" "tell $(args notify define none)"
}

@test "a script that fails after the action changes nothing any more" {
	for kind in old_script versioned_script; do
		$kind "$USR/callouts/check" '[ $event != post ] || exit 1'
		try mdevctl define -u $U1 -p mtty -t mtty-1
		status_is 0
		prints
		holds "$ETC/mtty/$U1" "$(plain_json mtty-1 manual)"
		rm -r "$ETC/mtty"
	done
}

@test "status 2 of a script with capabilities is a refusal like any other" {
	versioned_script "$USR/callouts/check" '[ $event != pre ] || exit 2'
	try mdevctl define -u $U1 -p mtty -t mtty-1
	fails "Error: Script '$USR/callouts/check' failed with status '2'*"
}

@test "a script that does not support the action refuses it" {
	versioned_script "$USR/callouts/check" '' '"start","stop"'
	try mdevctl define -u $U1 -p mtty -t mtty-1
	fails "Error: Script '$USR/callouts/check' does not support action 'Define'*"
	try mdevctl start -u $U1 -p mtty -t mtty-1
	succeeds
}

@test "a script that was killed has refused" {
	versioned_script "$USR/callouts/check" '[ $event != pre ] || kill -9 $$'
	try mdevctl define -u $U1 -p mtty -t mtty-1
	fails "Error: Script '$USR/callouts/check' was terminated by signal 9*"
}

@test "a script without capabilities that was killed has refused, too" {
	old_script "$USR/callouts/check" '[ $event != pre ] || kill -9 $$'
	try mdevctl define -u $U1 -p mtty -t mtty-1
	fails "Error: Script '$USR/callouts/check' was terminated by signal 9*"
}

@test "a script has our environment and our working directory" {
	old_script "$USR/callouts/check" 'echo "$HUE $PWD" >"$T/seen"'
	(cd "$T" && HUE=blue "$MDEVCTL" define -u $U1 -p mtty -t mtty-1)
	same "blue $T" "$(cat "$T/seen")"
}

@test "notifiers and scripts for other types complain in vain" {
	script "$USR/callouts/other" 'echo other >&2; exit 2'
	script "$USR/notifiers/tell" 'echo noise >&2'
	try mdevctl define -u $U1 -p mtty -t mtty-1
	succeeds
}

@test "every line of a script's complaints begins with its name" {
	old_script "$USR/callouts/check" '[ $event != pre ] || printf "one\ntwo\nthree" >&2'
	MDEVCTL_LOG=off try mdevctl define -u $U1 -p mtty -t mtty-1
	status_is 0
	complains "check: one" "check: two" "check: three"
}

@test "a script's output does not get among ours, and it need not read its input" {
	printf '#!/bin/sh\necho noise\n' >"$USR/callouts/check"
	chmod +x "$USR/callouts/check"
	uuid=$("$MDEVCTL" define -p mtty -t mtty-1)
	[ -f "$ETC/mtty/$uuid" ]
}

# Attributes -----------------------------------------------------------------------------

ap_attrs='[ $event$action != getattributes ] || echo '"'[{\"assign_adapter\":\"5\"},{\"assign_domain\":\"0xab\"}]'"

@test "no script is run for what is not shown" {
	activate $U1
	define_file $U2
	versioned_script "$USR/callouts/check"
	try mdevctl list
	succeeds "$U1 mtty mtty-1 manual"$'\n'
	try mdevctl list -dv
	try mdevctl list -d --dumpjson
	try mdevctl types
	[ ! -e "$T/calls" ]
}

@test "a verbose list and JSON have the attributes that the script tells" {
	activate $U1
	versioned_script "$USR/callouts/check" "$ap_attrs"
	try mdevctl list -v
	succeeds "$U1 mtty mtty-1 manual
  Attrs:
    @{0}: {\"assign_adapter\":\"5\"}
    @{1}: {\"assign_domain\":\"0xab\"}
"
	calls "check $(args get attributes none)"
	try mdevctl list --dumpjson -u $U1
	status_is 0
	complains
	same '[{"assign_adapter":"5"},{"assign_domain":"0xab"}]' "$(jq -c .attrs "$T/out")"
}

@test "sloppy answers are understood" {
	activate $U1
	for answer in '' '\n' 'null' '[]' '[{}]' '[{}]\n' '[]\0' '[{}]\n\0\0'; do
		versioned_script "$USR/callouts/check" "[ \$action != attributes ] || printf '$answer'"
		try mdevctl list -v
		succeeds "$U1 mtty mtty-1 manual"$'\n'
		try mdevctl define -u $U1
		succeeds
		holds "$ETC/mtty/$U1" "$(plain_json mtty-1 manual)"
		rm -r "$ETC/mtty"
	done
}

@test "nonsense for an answer is a warning in a list, which has what precedes it" {
	activate $U1
	activate $U2 mtty-2
	versioned_script "$USR/callouts/check" '[ $action != attributes ] || echo "[{\"a\":\"1\"},{\"b\":2}]"'
	try mdevctl list -v -u $U1
	status_is 0
	prints "$U1 mtty mtty-1 manual
  Attrs:
    @{0}: {\"a\":\"1\"}
"
	grep -q 'WARN .*check' "$T/err"
	versioned_script "$USR/callouts/check" '[ $action != attributes ] || exit 1'
	try mdevctl list --dumpjson
	status_is 0
	same "$U1 $U2" "$(jq -r '[.[0].mtty[] | keys[0]] | join(" ")' "$T/out")"
	grep -q 'WARN .*check' "$T/err"
}

@test "defining an active device takes over its attributes" {
	activate $U1
	versioned_script "$USR/callouts/check" "$ap_attrs"
	try mdevctl define --auto -u $U1
	succeeds
	same '{"mdev_type":"mtty-1","start":"auto","attrs":[{"assign_adapter":"5"},{"assign_domain":"0xab"}]}' \
		"$(jq -c . "$ETC/mtty/$U1")"
	same "pre get post" "$(grep -v capabilities "$T/calls" | cut -d' ' -f5 | paste -sd' ')"
}

@test "attributes that cannot be had are an error for define, also with --force" {
	activate $U1
	versioned_script "$USR/callouts/check" '[ $action != attributes ] || echo "[1"'
	for force in '' --force; do
		try mdevctl define -u $U1 $force
		fails "Error: *check*"
	done
}

@test "an active device that is defined from a file or for elsewhere is not asked" {
	activate $U1
	versioned_script "$USR/callouts/check" '[ $action != attributes ] || exit 1'
	plain_json mtty-1 manual >"$T/x"
	try mdevctl define -u $U1 -p mtty --jsonfile "$T/x"
	succeeds
	try mdevctl define -u $U1 -p other
	succeeds
}

# Live -------------------------------------------------------------------------------------

@test "a live change is the script's if it tells its capabilities" {
	activate $U1
	versioned_script "$USR/callouts/check"
	script "$USR/notifiers/tell"
	plain_json mtty-1 manual >"$T/x"
	try mdevctl modify -u $U1 --live --jsonfile "$T/x"
	succeeds
	calls "check $(args live modify none) $manual" "tell $(args notify modify none)"
	same "" "$(writes)"
}

@test "a script that refuses a live change leaves device and definition alone" {
	activate $U1
	define_file $U1
	versioned_script "$USR/callouts/check" '[ $event != live ] || exit 3'
	plain_json mtty-1 auto >"$T/x"
	for force in '' --force; do
		try mdevctl modify -u $U1 --live --defined --jsonfile "$T/x" $force
		fails "Error: Script '$USR/callouts/check' failed with status '3'*"
	done
	versioned_script "$USR/callouts/check" '' '' '"pre","post"'
	try mdevctl modify -u $U1 --live --defined --jsonfile "$T/x"
	fails "Error: Script *$USR/callouts/check* does not support event 'Live'*"
}

@test "after a live change that the script accepted, the definition is changed with its scripts" {
	activate $U1
	define_file $U1
	versioned_script "$USR/callouts/check"
	plain_json mtty-1 auto >"$T/x"
	try mdevctl modify -u $U1 --live --defined --jsonfile "$T/x"
	succeeds
	calls "check $(args live modify none) $auto" "check $(args pre modify none) $auto" \
		"check $(args post modify success) $auto"
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 auto)"
	versioned_script "$USR/callouts/check" '[ $event != pre ] || exit 1'
	plain_json mtty-1 manual >"$T/x"
	try mdevctl modify -u $U1 --live --defined --jsonfile "$T/x"
	fails "Error: Script '$USR/callouts/check' failed with status '1'*; the active device was modified"
}

@test "a script gets all attributes for a live change of one, and what it refuses is not done" {
	local got='{"mdev_type":"mtty-1","start":"manual","attrs":[{"a":"1"},{"b":"3"},{"c":""}]}'

	activate $U1
	versioned_script "$USR/callouts/check" '[ $event != get ] || echo '\''[{"a":"1"},{"b":"2"}]'\'
	try mdevctl modify -u $U1 --live --setattr b=3 --setattr c=
	succeeds
	calls "check $(args get attributes none)" "check $(args live modify none) $got"
	try mdevctl modify -u $U1 --live --delattr
	succeeds
	calls "check $(args get attributes none)" \
		"check $(args live modify none) {\"mdev_type\":\"mtty-1\",\"start\":\"manual\",\"attrs\":[{\"a\":\"1\"}]}"
	same "" "$(writes)"
}

@test "without all attributes a script is not asked for a live change of one" {
	activate $U1
	for body in '[ $event != get ] || exit 1' '[ $event != get ] || echo "[{}, {}]"'; do
		versioned_script "$USR/callouts/check" "$body"
		try mdevctl modify -u $U1 --live --setattr b=3
		fails "Error: *$USR/callouts/check*"
		calls "check $(args get attributes none)"
	done
	versioned_script "$USR/callouts/check" '' '' '"live"'
	try mdevctl modify -u $U1 --live --setattr b=3
	fails "Error: Script '$USR/callouts/check' does not support event 'Get'"
}

@test "what a script without capabilities tells of a device is not written to it" {
	activate $U2 vfio_ap-passthrough matrix
	script "$USR/callouts/old" '[ $event != get ] || [ $action = capabilities ] || echo '\''[{"assign_adapter":"1"}]'\'
	try mdevctl modify -u $U2 --live --setattr ap_config=3
	succeeds
	same "write devices/vfio_ap/matrix/$U2/ap_config \"3\"" "$(writes)"
}

# Scripts that do not end ------------------------------------------------------------------

# gone PID: the process has ended, or is only waited for by who it was left to.
gone() {
	local pid=$1 state

	for _ in $(seq 100); do
		read -r _ _ state _ 2>/dev/null </proc/$pid/stat || return 0
		[ "$state" != Z ] || return 0
		sleep 0.1
	done
	return 1
}

@test "a script that hangs is killed with all that it has started" {
	old_script "$USR/callouts/check" '[ $event != pre ] || { sleep 100 & echo $! >"$T/pid"; wait; }'
	MDEVCTL_CALLOUT_TIMEOUT=1 try mdevctl define -u $U1 -p mtty -t mtty-1
	fails "Error: Script '$USR/callouts/check' was killed: it ran for more than 1 s"
	gone "$(<"$T/pid")"
}

@test "a time limit for scripts that is none is told and the usual one taken" {
	old_script "$USR/callouts/check"
	for limit in x -1 0 1.5 '' 99999999999; do
		MDEVCTL_CALLOUT_TIMEOUT=$limit try mdevctl list
		status_is 0
		complains "*WARN*Ignoring MDEVCTL_CALLOUT_TIMEOUT='$limit': *"
	done
}

@test "a signal that ends mdevctl ends its script, too" {
	local signal pid status

	mkfifo "$T/ready"
	for signal in INT TERM HUP; do
		old_script "$USR/callouts/check" '[ $event != pre ] || {
			trap "echo '$signal' >\"$T/told\"; kill \$!; exit 1" '$signal'
			sleep 100 & echo >"$T/ready"; wait
		}'
		# A shell starts what is in the background with SIGINT ignored.
		env --default-signal "$MDEVCTL" define -u $U1 -p mtty -t mtty-1 2>"$T/err" &
		pid=$!
		read -r _ <"$T/ready"
		kill -$signal $pid
		status=0
		wait $pid || status=$?
		same $((128 + $(kill -l $signal))) $status
		same $signal "$(<"$T/told")"
		[ ! -e "$ETC/mtty" ]
	done
}

@test "a parent process that ignores SIGCHLD does not keep mdevctl from its scripts' verdicts" {
	old_script "$USR/callouts/check"
	try env --ignore-signal=CHLD "$MDEVCTL" define -u $U1 -p mtty -t mtty-1
	succeeds
	holds "$ETC/mtty/$U1" "$(plain_json mtty-1 manual)"
	old_script "$USR/callouts/check" 'exit 1'
	try env --ignore-signal=CHLD "$MDEVCTL" undefine -u $U1
	status_is 1
	grep -q "failed with status '1'" "$T/err"
}

@test "a signal that mdevctl is told to ignore is no matter of its scripts" {
	mkfifo "$T/ready" "$T/go"
	old_script "$USR/callouts/check" '[ $event != pre ] || { echo >"$T/ready"; read -r _ <"$T/go"; }'
	env --ignore-signal=HUP "$MDEVCTL" define -u $U1 -p mtty -t mtty-1 &
	read -r _ <"$T/ready"
	kill -HUP $!
	echo >"$T/go"
	wait $!
	[ -e "$ETC/mtty/$U1" ]
}

# Autostart --------------------------------------------------------------------------------

@test "autostart runs each device's scripts, and none for what is active" {
	define_file $U1 mtty-1 mtty auto
	define_file $U2 mtty-1 mtty auto
	old_script "$USR/callouts/check" '[ $event$uuid != pre'$U1' ] || exit 1'
	try_journal mdevctl start-parent-mdevs mtty
	status_is 1
	complains "Failed to start $U1, type mtty-1 on mtty: Script '$USR/callouts/check' failed with status '1'*" \
		"Error: 1 of the devices*"
	prints "Started $U2, type mtty-1 on mtty"$'\n'
	calls "check $(args pre start none $U1) $auto" "check $(args pre start none $U2) $auto" \
		"check $(args post start success $U2) $auto"
	mdevctl undefine -u $U1 2>/dev/null || true
	rm -f "$ETC/mtty/$U1" "$T/calls"
	try mdevctl start-parent-mdevs mtty
	status_is 0
	calls
}

# The script of s390-tools -------------------------------------------------------------------

# Of the shape of ap-check: it takes a lock in the name of its parent process before an
# action and releases it after; what is defined it reads from the files themselves.
ap_check() {
	script "$USR/callouts/ap-check" '
		[ "$type" = vfio_ap-passthrough ] || exit 2
		[ $# -eq 12 ] || exit 1
		lock=$T/lock config=$ETC/$parent/$uuid
		case $event-$action in
		get-capabilities)
			[[ $input == *\"version\":2* ]] || exit 1
			echo "{\"supports\":{\"version\":2,\"actions\":[\"start\",\"stop\",\"define\",\"undefine\",\"modify\",\"attributes\",\"capabilities\"],\"events\":[\"pre\",\"post\",\"get\",\"live\"]}}"
			exit 0 ;;
		get-attributes)
			[ ! -e "$lock" ] || [ "$(cat "$lock")" = $PPID ] || exit 1
			if [ -s "$T/matrix" ]; then cat "$T/matrix"; else echo "[{}]"; fi
			exit 0 ;;
		live-modify)
			echo "$input" | sed "s/.*\"ap_config\":\"\([^\"]*\)\".*/\1/" >"$ETC/../../sys/bus/mdev/devices/$uuid/ap_config"
			exit ;;
		pre-*)
			(set -C; echo $PPID >"$lock") 2>/dev/null || { echo "locked by $(cat "$lock")" >&2; exit 1; } ;;
		post-*)
			[ "$(cat "$lock")" = $PPID ] || { echo "lock is not ours" >&2; exit 1; }
			rm "$lock"
			echo "$action $state" >>"$T/done"
			exit 0 ;;
		*) exit 1 ;;
		esac
		case $event-$action in
		pre-define) [ ! -e "$config" ] ;;
		pre-modify | pre-undefine) [ -f "$config" ] ;;
		esac || { rm "$lock"; echo "config is not as expected" >&2; exit 1; }
		case $input in
		*taken*) rm "$lock"; echo "adapter is taken" >&2; exit 1 ;;
		esac'
}

@test "a script of the shape of ap-check goes through a device's whole life" {
	ap_check
	try mdevctl define -u $U1 -p matrix -t vfio_ap-passthrough
	succeeds
	try mdevctl modify -u $U1 --setattr ap_config=1 --auto
	succeeds
	try mdevctl start -u $U1
	succeeds
	try mdevctl list -v
	succeeds "$U1 matrix vfio_ap-passthrough auto (defined)"$'\n'
	echo '{"mdev_type":"vfio_ap-passthrough","start":"auto","attrs":[{"ap_config":"7"}]}' >"$T/x"
	try mdevctl modify -u $U1 -p matrix --live --defined --jsonfile "$T/x"
	succeeds
	same 7 "$(cat "$SYS/bus/mdev/devices/$U1/ap_config")"
	same 7 "$(jq -r '.attrs[0].ap_config' "$ETC/matrix/$U1")"
	try mdevctl undefine -u $U1
	succeeds
	echo '[{"ap_config":"7"}]' >"$T/matrix"
	try mdevctl define -u $U1
	succeeds
	same 7 "$(jq -r '.attrs[0].ap_config' "$ETC/matrix/$U1")"
	try mdevctl stop -u $U1
	succeeds
	same "define modify start modify undefine define stop" \
		"$(sed 's/ success$//' "$T/done" | paste -sd' ')"
	[ ! -e "$T/lock" ]
}

@test "ap-check keeps its lock for no one after it has refused, and does not touch other types" {
	ap_check
	try mdevctl define -u $U1 -p matrix --jsonfile /dev/stdin \
		<<<'{"mdev_type":"vfio_ap-passthrough","start":"auto","attrs":[{"assign_adapter":"taken"}]}'
	status_is 1
	complains "ap-check: adapter is taken" "Error: Script '$USR/callouts/ap-check' failed with status '1'*"
	nothing_changed
	[ ! -e "$T/lock" ]
	try mdevctl define -u $U1 -p mtty -t mtty-1
	succeeds
}

@test "ap-check's empty answer defines an active device without attributes" {
	ap_check
	activate $U1 vfio_ap-passthrough matrix
	try mdevctl define -u $U1
	succeeds
	same '[]' "$(jq -c .attrs "$ETC/matrix/$U1")"
}

@test "ap-check releases its lock when the device cannot be started" {
	ap_check
	sim before write '*/create' fail EBUSY
	try mdevctl start -u $U1 -p matrix -t vfio_ap-passthrough
	fails "Error: Failed to create mdev*"
	same "start failure" "$(cat "$T/done")"
	[ ! -e "$T/lock" ]
}
