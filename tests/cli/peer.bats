#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2034,SC2086,SC2154 # scripts; variables of cases; UUIDs
# The same command lines on the same simulated machine, by ours and by mdevctl 1.4.0: what is
# printed, the status, definitions, what is written to sysfs, devices, and calls of scripts
# have to be the same, but for what is intended.

bats_require_minimum_version 1.5.0

load machine

setup_file() {
	[ "$MACHINE" != sim ] ||
		"$BATS_TEST_DIRNAME/peer" >"$BATS_FILE_TMPDIR/peer" 2>"$BATS_FILE_TMPDIR/reason" || true
}

setup() {
	needs_sim "the peer is not on the machine"
	[ -s "$BATS_FILE_TMPDIR/peer" ] || skip "$(head -n 1 "$BATS_FILE_TMPDIR/reason")"
	machine_up mtty zoo
	mapfile -t peer <"$BATS_FILE_TMPDIR/peer"
	CALLOUTS=$ROOT/usr/lib/mdevctl/scripts.d/callouts NOTIFIERS=$ROOT/usr/lib/mdevctl/scripts.d/notifiers
	touched=yes
	ap=vfio_ap-passthrough gpu=0000:00:02.0 G4=i915-GVTg_V5_4
	unset RUST_BACKTRACE MDEVCTL_LOG
	export T
}

# Where we differ, and why. A case names one of these and in what it differs; one that does
# not differ as it says fails as well.
declare -gA intended=(
	[names]="names that are no parent, type or attribute are refused"
	[broken]="a definition that cannot be read is named, and does not stop the rest"
	[links]="symbolic links to definitions are followed"
	[capitals]="a definition under a UUID in capitals is one like any other"
	[type]="the type alone can be modified"
	[live]="attributes of an active device can be changed without a file"
	[usage]="options that contradict each other are a usage error"
	[creates]="modify does not create definitions"
	[unknown]="members that are not known stay in the definition"
	[empty]="the last definition takes its directory along"
	[stop]="stop takes --parent"
	[truth]="scripts are told what is stored about a device that stops"
	[spawn]="no script is run for what nobody asked"
	[several]="the only definition that can be started is"
	[honest]="what failed is told by the exit status"
	[signal]="a script that was killed has not agreed"
	[emptied]="an empty value is written as an empty line, or it would not reach the driver"
	[options]="the usage text tells our options"
	[json]="what is wrong with JSON is told behind the name of the file or script"
	[adopted]="scripts are told the attributes that were stored"
	[uuid]="what a UUID looks like is told by an example"
	[refused]="after --force, the script that refused gets \"post\", and no other one"
)

# Arrangements, which cases name ---------------------------------------------------------

nothing() {
	:
}

active() {
	activate $U1 mtty-1
}

# Its mdev_type leads nowhere.
untyped() {
	active
	sim hide '*/mdev_supported_types/mtty-1'
}

active_gpu() {
	activate $U3 $G4 $gpu
}

active_ap() {
	activate $U2 $ap matrix
}

defined() {
	define_file $U1 mtty-1
}

defined_auto() {
	define_file $U1 mtty-1 mtty auto
	define_file $U4 mtty-2 mtty auto
	define_file $U5 mtty-2 mtty
}

defined_twice() {
	define_file $U1 mtty-1 mtty
	define_file $U1 mtty-2 other
}

# attrs_file FILE START NAME=VALUE...
attrs_file() {
	local attr attrs=

	for attr in "${@:3}"; do
		attrs+="${attrs:+,}{\"${attr%%=*}\":\"${attr#*=}\"}"
	done
	mkdir -p "${1%/*}"
	echo "{\"mdev_type\":\"$ap\",\"start\":\"$2\",\"attrs\":[$attrs]}" >"$1"
}

defined_ap() {
	attrs_file "$ETC/matrix/$U2" auto assign_adapter=5 assign_domain=0xab ap_config=7
}

bad_attr() {
	attrs_file "$ETC/matrix/$U2" auto assign_adapter=5 nothing=1
}

refused_attr() {
	defined_ap
	sim before write '*/assign_domain' fail EBUSY
}

empty_value() {
	attrs_file "$ETC/matrix/$U2" manual ap_config=
}

broken() {
	mkdir -p "$ETC/mtty"
	echo '{' >"$ETC/mtty/$U3"
}

capitals() {
	define_file ${UA^^} mtty-2
}

linked() {
	mkdir -p "$ETC/mtty"
	plain_json mtty-2 manual >"$T/linked"
	ln -s "$T/linked" "$ETC/mtty/$U5"
}

unknown_member() {
	mkdir -p "$ETC/mtty"
	echo '{"mdev_type":"mtty-1","start":"manual","attrs":[],"owner":"me"}' >"$ETC/mtty/$U1"
}

foreign() {
	mkdir -p "$ETC/mtty"
	echo x >"$ETC/mtty/notes"
	echo x >"$ETC/README"
}

file() {
	plain_json mtty-2 auto >"$T/file"
}

file_attrs() {
	attrs_file "$T/file" manual assign_adapter=5 ap_config=3
}

file_compact() {
	printf '{"mdev_type":"mtty-2","start":"manual"}' >"$T/file"
}

file_bad() {
	echo '{"mdev_type":1' >"$T/file"
}

full() {
	sim create-many mtty mtty-1 24
}

refusing_kernel() {
	sim before write '*/create' fail EINVAL
}

busy_kernel() {
	sim before write '*/remove' fail EBUSY
}

unregistered() {
	sim unregister mtty
}

# script PATH BODY: notes how it is called and what it is given, then does BODY.
script() {
	printf '%s\n' '#!/bin/sh' 'type=$2 event=$4 action=$6' \
		'echo "${0##*/} $* $(cat)" >>"$T/calls"' "$2" >"$1"
	chmod +x "$1"
}

supports='echo '"'"'{"supports":{"version":2,"actions":["start","stop","define","undefine","modify","attributes","capabilities"],"events":["pre","post","get","live"]}}'"'"'; exit 0'

old() {
	script "$CALLOUTS/50-old" '[ "$action" != capabilities ] || exit 2
		case $event-$action in
		get-attributes) echo '\''[{"a":"1"},{"b":"2"}]'\'' ;;
		esac'
}

versioned() {
	script "$CALLOUTS/60-versioned" "case \$event-\$action in
		get-capabilities) $supports ;;
		get-attributes) echo '[{\"a\":\"1\"},{\"b\":\"2\"}]' ;;
		esac"
}

others() {
	script "$CALLOUTS/10-others" 'exit 2'
	script "$CALLOUTS/90-others" 'exit 2'
}

refuses() {
	script "$CALLOUTS/50-refuses" '[ "$action" != capabilities ] || exit 2
		echo no >&2; [ $event != pre ]'
}

limited() {
	script "$CALLOUTS/50-limited" '[ $event != get ] ||
		echo '\''{"supports":{"version":2,"actions":["start"],"events":["pre"]}}'\'
}

killed() {
	script "$CALLOUTS/50-killed" "case \$event in get) $supports ;; esac; kill -9 \$\$"
}

no_attrs() {
	script "$CALLOUTS/50-none" '[ "$action" != capabilities ] || exit 2
		[ $event != get ] || printf "[{}]"'
}

bad_attrs() {
	script "$CALLOUTS/50-bad" '[ "$action" != capabilities ] || exit 2
		[ $event != get ] || echo "[{\"a\":\"1\"},{}]"'
}

notified() {
	script "$NOTIFIERS/tell" ''
}

in_etc() {
	mkdir -p "$ETC/scripts.d/callouts" "$ETC/scripts.d/notifiers"
	script "$ETC/scripts.d/callouts/etc" '[ "$action" != capabilities ] || exit 2'
	script "$ETC/scripts.d/notifiers/etc" ''
}

# Observing --------------------------------------------------------------------------------

ASPECTS="status stdout message files devices writes calls"

# Brings the machine back to its first state; one that nothing has touched is in it.
fresh() {
	local device devices

	[ "$touched" ] || return 0
	mapfile -t devices <"$SYS/.sim/devices"
	for device in "${devices[@]}"; do
		sim remove "${device%% *}"
	done
	[ -d "$TYPES" ] || sim register mtty
	sim clear
	rm -rf "${ROOT:?}/etc" "${ROOT:?}/usr" "$T/linked"
	mkdir -p "$ETC" "$CALLOUTS" "$NOTIFIERS"
	: >"$T/file"
	: >"$T/calls"
	touched=
}

# observe WHO ARRANGEMENTS COMMAND...: what running it on a fresh machine comes to, in the
# variables WHO_<aspect>.
observe() {
	local arrangement aspect uuid='' status=0

	fresh
	[ "$2" = nothing ] || touched=yes
	for arrangement in $2; do
		$arrangement
	done
	"${@:3}" <"$T/file" >"$T/stdout" 2>"$T/stderr" || status=$?
	printf -v "$1_status" %s $status
	IFS= read -r -d '' "$1_stdout" <"$T/stdout" || true
	IFS= read -r "$1_message" <"$T/stderr" || true
	printf -v "$1_files" %s "$(tree_state "$ETC")"
	printf -v "$1_devices" %s "$(<"$SYS/.sim/devices")"
	printf -v "$1_writes" %s "$(<"$SYS/.sim/log")"
	# The peer starts devices in the order in which the file system lists their definitions.
	[[ " ${*:3} " != *" start-parent-mdevs "* ]] ||
		printf -v "$1_writes" %s "$(sort "$SYS/.sim/log")"
	printf -v "$1_calls" %s "$(<"$T/calls")"
	[ $status = 2 ] || touched=yes

	# A UUID that was made and printed is another one each time.
	[[ " ${*:4} " == *" -u"* || " ${*:4} " == *--uuid* ]] || read -r uuid <"$T/stdout" || true
	[[ $uuid =~ ^[0-9a-f-]{36}$ ]] || return 0
	for aspect in $ASPECTS; do
		local -n found=$1_$aspect
		found=${found//$uuid/NEW-UUID}
	done
}

# The words of a message without what is called otherwise: quotes, and what values are.
plain_message() {
	local text=${1//\"/\'}

	while [[ $text =~ \ \<[A-Za-z_=]+\> ]]; do
		text=${text/"${BASH_REMATCH[0]}"/}
	done
	echo "${text%.}"
}

# The peer's message is the beginning of ours, which has more to say. Warnings are not compared.
same_message() {
	[[ $peer_message == [Ee]rror:* || $ours_message == [Ee]rror:* ]] || return 0
	[ -n "$peer_message" ] || return 1
	[[ $(plain_message "$ours_message") == "$(plain_message "$peer_message")"* ]]
}

differences() {
	local aspect different=

	for aspect in $ASPECTS; do
		local -n peers=peer_$aspect ours=ours_$aspect
		if [ "$aspect" = message ]; then
			same_message && continue
		elif [ "$peers" = "$ours" ]; then
			continue
		fi
		different+="${different:+ }$aspect"
	done
	echo "$different"
}

# show ASPECTS: what both came to.
show() {
	local aspect

	for aspect in $1; do
		local -n peers=peer_$aspect ours=ours_$aspect
		echo "#   $aspect, peer < > ours:"
		diff <(echo "$peers") <(echo "$ours") | sed 's/^/#     /' || true
	done
}

# check CASE EXPECTED: EXPECTED are the aspects in which the two differ.
check() {
	local args found

	eval "args=(${1#*: })"
	observe peer "${1%%: *}" "${peer[@]}" "${args[@]}"
	observe ours "${1%%: *}" "$MDEVCTL" "${args[@]}"
	found=$(differences)
	[ "$found" != "$2" ] || return 0
	echo "# $1"
	echo "#   differs in: ${found:-nothing}; intended: ${2:-nothing}"
	show "$found"
	return 1
}

# compare: reads cases "ARRANGEMENT...: ARGUMENTS [## INTENDED: ASPECT...]" from stdin.
compare() {
	local line reason failed=0

	# bats looks at every command, of which there are too many here.
	trap - DEBUG
	set +T
	while IFS= read -r line <&3; do
		reason=
		[[ $line != *" ## "* ]] || reason=${line##* ## }
		if [ -n "$reason" ] && [ -z "${intended[${reason%%:*}]-}" ]; then
			echo "# no difference is called ${reason%%:*}"
			failed=1
		fi
		check "${line%% ## *}" "${reason#*: }" || failed=1
	done 3<&0
	[ $failed = 0 ]
}

# Cases --------------------------------------------------------------------------------------

@test "list" {
	compare <<-'END'
		nothing: list
		nothing: list --dumpjson
		nothing: list -d
		nothing: list -d --dumpjson
		active active_gpu active_ap: list
		active active_gpu active_ap: list -v
		active active_gpu active_ap: list --dumpjson
		active active_gpu active_ap: list --dumpjson -p matrix
		active active_gpu active_ap: list -p matrix
		active active_gpu active_ap: list -u $U1
		active active_gpu active_ap: list -u $U1 --dumpjson
		active active_gpu active_ap: list -u $U5 --dumpjson
		active active_gpu active_ap: list -u $U5
		active defined: list
		active defined: list -d
		active defined_auto: list
		active defined_auto: list --dumpjson
		active defined_auto: list -d
		active defined_twice: list -d
		defined_auto: list --defined
		defined_auto defined_ap: list -d -v
		defined_auto defined_ap: list -dv
		defined_auto defined_ap: list -d --dumpjson
		defined_ap: list -d --dumpjson -u $U2
		defined_ap: list -d --dumpjson -u $U2 -p other
		defined_twice: list -d --dumpjson -u $U1
		defined_twice: list -d --dumpjson -u $U1 -p other
		defined_twice: list -d -p other
		active old: list ## spawn: calls
		active old: list -v
		active old: list --dumpjson
		active versioned: list -v
		active others: list -v
		active no_attrs: list -v
		active bad_attrs: list -v
		active bad_attrs: list --dumpjson
		foreign defined: list -d
		broken defined: list -d ## broken: status stdout message
		broken defined: list -d -u $U1
		capitals: list -d ## capitals: stdout
		capitals: list -d --dumpjson
		linked defined: list -d ## links: stdout
		unknown_member: list -d --dumpjson
		empty_value: list -dv
		untyped active_gpu: list
		untyped active_gpu: list -v
		untyped: list --dumpjson
		untyped: list -u $U1
		untyped defined: list -d
	END
}

@test "types" {
	compare <<-'END'
		nothing: types
		nothing: types --dumpjson
		nothing: types -p mtty
		nothing: types --parent=matrix --dumpjson
		nothing: types -p none
		nothing: types -p none --dumpjson
		active active_ap active_gpu: types
		full: types -p mtty
		unregistered: types -p mtty
	END
}

@test "define" {
	compare <<-'END'
		nothing: define -u $U1 -p mtty -t mtty-1
		nothing: define -u $U1 -p mtty -t mtty-1 --auto
		nothing: define -p mtty -t mtty-1
		nothing: define -au $U1 --parent=no --type=no
		nothing: define -u $U1
		nothing: define -p mtty
		nothing: define -u $U1 -p mtty
		nothing: define -u $U1 -t mtty-1
		nothing: define -u $U1 -p ../x -t mtty-1 ## names: status message
		nothing: define -u $U1 -p a/b -t mtty-1 ## names: status message files
		nothing: define -u $U1 -p '' -t mtty-1 ## names: status message files
		nothing: define -u $U1 -p mtty -t '' ## names: status message files
		defined: define -u $U1 -p mtty -t mtty-2
		defined: define -u $U1 -p other -t mtty-2
		capitals: define -u $UA -p mtty -t mtty-2 ## capitals: status message files
		active: define -u $U1
		active: define -u $U1 --auto
		active: define -u $U1 -p mtty
		active: define -u $U1 -p other
		active: define -u $U1 -t mtty-2
		active: define -u $U1 -p mtty -t mtty-2
		active defined: define -u $U1
		untyped: define -u $U1
		untyped: define -u $U1 -p mtty
		untyped: define -u $U1 -p mtty -t mtty-2
		untyped: define -u $U1 -p mtty -t mtty-2 --force
		active old: define -u $U1 ## adopted: calls
		active versioned: define -u $U1 ## adopted: calls
		active no_attrs: define -u $U1
		active bad_attrs: define -u $U1 ## json: message
		active bad_attrs: define -u $U1 --force ## json: message
		file: define -p mtty --jsonfile "$T/file"
		file: define -u $U1 -p mtty --jsonfile=/dev/stdin
		file_attrs: define -u $U1 -p matrix --jsonfile "$T/file"
		file_compact: define -u $U1 -p mtty --jsonfile "$T/file"
		file_bad: define -u $U1 -p mtty --jsonfile "$T/file" ## json: message
		file: define -u $U1 --jsonfile "$T/file"
		file defined: define -u $U1 -p mtty --jsonfile "$T/file"
		file active: define -u $U1 -p mtty --jsonfile "$T/file"
		nothing: define -u $U1 -p mtty --jsonfile "$T/none"
		nothing: define -u $U1 -p mtty --jsonfile "$T"
		old notified: define -u $U1 -p mtty -t mtty-1
		versioned notified: define -u $U1 -p mtty -t mtty-1
		others notified: define -u $U1 -p mtty -t mtty-1
		others old versioned in_etc: define -u $U1 -p mtty -t mtty-1
		others in_etc: define -u $U1 -p mtty -t mtty-1
		refuses notified: define -u $U1 -p mtty -t mtty-1
		refuses notified: define -u $U1 -p mtty -t mtty-1 -f
		others refuses notified: define -u $U1 -p mtty -t mtty-1
		others refuses notified: define -u $U1 -p mtty -t mtty-1 --force ## refused: calls
		limited notified: define -u $U1 -p mtty -t mtty-1
		limited notified: define -u $U1 -p mtty -t mtty-1 --force
		killed: define -u $U1 -p mtty -t mtty-1 ## signal: status message files calls
		old defined: define -u $U1 -p mtty -t mtty-1
	END
}

@test "undefine" {
	compare <<-'END'
		nothing: undefine -u $U1
		defined: undefine -u $U1 ## empty: files
		defined: undefine -u $U1 -p mtty ## empty: files
		defined: undefine -u $U1 -p other
		defined_auto: undefine -u $U1
		defined_twice: undefine -u $U1 ## empty: files
		defined_twice: undefine -u $U1 -p other ## empty: files
		active defined: undefine -u $U1 ## empty: files
		broken defined: undefine -u $U1
		broken: undefine -u $U3 ## broken: status message files
		capitals: undefine -u $UA ## capitals: status files
		linked: undefine -u $U5 ## links: status message files
		defined_auto old notified: undefine -u $U1
		defined_auto versioned notified: undefine -u $U1
		defined_auto refuses notified: undefine -u $U1
		defined_auto refuses notified: undefine -u $U1 --force
		defined_auto limited notified: undefine -u $U1
	END
}

@test "modify" {
	compare <<-'END'
		nothing: modify -u $U1 --auto
		nothing: modify -u $U1 -p mtty --auto
		defined: modify -u $U1 --auto
		defined_auto: modify -u $U1 --manual
		defined: modify --uuid $U1 --auto
		defined: modify -u $U1 -p mtty -a
		defined: modify -u $U1 -p other --auto
		defined: modify -u $U1 -t mtty-2 --auto
		defined: modify -u $U1 -t mtty-2 ## type: status message files
		defined_twice: modify -u $U1 --auto
		defined_twice: modify -u $U1 -p other --auto
		defined: modify -u $U1 --addattr a --value 1
		defined: modify -u $U1 --addattr mdev/aggregation --value 2
		defined: modify -u $U1 --addattr a --value=-1
		defined: modify -u $U1 --addattr a --value ''
		defined: modify -u $U1 --addattr ../a --value 1 ## names: status message files
		defined: modify -u $U1 --addattr '' --value 1 ## names: status message files
		defined_ap: modify -u $U2 --addattr a --value 1 --index 0
		defined_ap: modify -u $U2 --addattr a --value 1 --index 3
		defined_ap: modify -u $U2 --addattr a --value 1 --index 4
		defined_ap: modify -u $U2 --delattr
		defined_ap: modify -u $U2 --delattr -i 0
		defined_ap: modify -u $U2 --delattr --index=1
		defined_ap: modify -u $U2 --delattr --index=3
		defined: modify -u $U1 --delattr
		defined: modify -u $U1 --delattr --index 0
		defined: modify -u $U1 --auto --defined
		unknown_member: modify -u $U1 --auto ## unknown: files
		broken defined: modify -u $U1 --auto
		broken: modify -u $U3 --auto ## json: message
		file defined: modify -u $U1 -p mtty --jsonfile "$T/file"
		file defined: modify -u $U1 --jsonfile "$T/file"
		file: modify -u $U1 -p mtty --jsonfile "$T/file" ## creates: status message files
		file defined: modify --parent=mtty --jsonfile=/dev/stdin --uuid=$U1 --defined
		file_attrs defined: modify -u $U1 -p mtty --jsonfile "$T/file"
		file_bad defined: modify -u $U1 -p mtty --jsonfile "$T/file" ## json: message
		defined: modify -u $U1 -p mtty --jsonfile "$T/none"
		defined old notified: modify -u $U1 --auto
		defined versioned notified: modify -u $U1 --auto
		defined refuses notified: modify -u $U1 --auto
		defined refuses notified: modify -u $U1 --auto --force
		defined limited notified: modify -u $U1 --auto
	END
}

@test "modify --live" {
	compare <<-'END'
		file defined: modify -u $U1 --live --jsonfile "$T/file"
		file active: modify -u $U1 --live --jsonfile "$T/file"
		file untyped: modify -u $U1 --live --jsonfile "$T/file"
		file_attrs active_ap: modify -u $U2 --live --jsonfile "$T/file" ## live: status message writes
		file_attrs active_ap versioned notified: modify -u $U2 --live --jsonfile "$T/file" ## spawn: calls
		file_attrs active_ap versioned notified: modify -u $U2 -p matrix --live --jsonfile /dev/stdin ## spawn: calls
		file_attrs active_ap versioned notified: modify -u $U2 -p mtty --live --jsonfile /dev/stdin
		file_attrs active_ap versioned notified: modify -u $U2 --live --defined --jsonfile "$T/file" ## spawn: calls
		file_attrs active_ap defined_ap versioned notified: modify -u $U2 --live --defined --jsonfile "$T/file" ## spawn: calls
		file_attrs active_ap defined_ap versioned notified: modify -u $U2 -p matrix --live --defined --jsonfile "$T/file" ## spawn: calls
		file_attrs active_ap limited notified: modify -u $U2 --live --jsonfile "$T/file"
		file_attrs active_ap old notified: modify -u $U2 --live --jsonfile "$T/file" ## live: status message writes calls
		active: modify -u $U1 --live --auto ## usage: status message
		active: modify -u $U1 --live --type mtty-2
		active_ap: modify -u $U2 --live --addattr ap_config --value 3 ## live: status message writes
		nothing: modify --defined --live --jsonfile b --help ## options: stdout
	END
}

@test "start" {
	compare <<-'END'
		nothing: start -u $U1 -p mtty -t mtty-1
		nothing: start -p mtty -t mtty-1
		nothing: start --uuid=${UA^^} --parent=mtty --type=mtty-2
		nothing: start -u $U1
		nothing: start -u $U1 -p mtty
		nothing: start -u $U1 -t mtty-1
		nothing: start -p mtty
		nothing: start -u $U1 -p none -t mtty-1
		nothing: start -u $U1 -p MATRIX -t mtty-1
		nothing: start -u $U1 -p mtty -t none
		nothing: start -u $U1 -p ../mdev_bus/mtty -t mtty-1 ## names: status message devices writes
		nothing: start -u $U1 -p mtty -t ../mdev_supported_types/mtty-1 ## names: status message devices writes
		active: start -u $U1 -p mtty -t mtty-1
		active: start -u $U1 -p mtty -t mtty-2
		active: start -u $U1 -p matrix -t $ap
		active defined: start -u $U1
		untyped: start -u $U1 -p mtty -t mtty-2
		defined: start -u $U1
		defined: start -u $U1 -p mtty
		defined: start -u $U1 -p mtty -t mtty-1
		defined: start -u $U1 -t mtty-2
		defined: start -u $U1 -p matrix -t $ap
		defined_twice: start -u $U1 ## several: status message devices writes
		defined_twice: start -u $U1 -p mtty
		defined_ap: start -u $U2
		bad_attr: start -u $U2
		refused_attr: start -u $U2
		empty_value: start -u $U2 ## emptied: writes
		broken: start -u $U3 ## json: message
		broken defined: start -u $U1
		capitals: start -u $UA
		linked: start -u $U5 ## links: status message devices writes
		file: start -p mtty --jsonfile=/dev/stdin
		file: start -p mtty --jsonfile /dev/stdin
		file: start --parent=mtty --jsonfile=/dev/stdin --uuid=$U1
		file_attrs: start -u $U2 -p matrix --jsonfile "$T/file"
		file defined: start -u $U1 -p mtty --jsonfile "$T/file"
		file: start -u $U1 --jsonfile "$T/file"
		file_bad: start -u $U1 -p mtty --jsonfile "$T/file" ## json: message
		nothing: start -u $U1 -p mtty --jsonfile "$T/none"
		nothing: start -u $U1 -p mtty --jsonfile "$T"
		full: start -u $U1 -p mtty -t mtty-1
		refusing_kernel: start -u $U1 -p mtty -t mtty-1
		unregistered: start -u $U1 -p mtty -t mtty-1
		old notified: start -u $U1 -p mtty -t mtty-1
		versioned notified: start -u $U1 -p mtty -t mtty-1
		defined_ap versioned notified: start -u $U2
		others old in_etc notified: start -u $U1 -p mtty -t mtty-1
		refuses notified: start -u $U1 -p mtty -t mtty-1
		refuses notified: start -u $U1 -p mtty -t mtty-1 --force
		others refuses notified: start -u $U1 -p mtty -t mtty-1 --force ## refused: calls
		limited notified: start -u $U1 -p mtty -t mtty-1
		refusing_kernel old notified: start -u $U1 -p mtty -t mtty-1
		bad_attr old notified: start -u $U2
		active old notified: start -u $U1 -p mtty -t mtty-1
	END
}

@test "stop" {
	compare <<-'END'
		nothing: stop -u $U1
		active: stop -u $U1
		active: stop --uuid=$U1
		untyped: stop -u $U1
		active defined: stop -u $U1
		active: stop -u $U1 -p mtty ## stop: status message devices writes
		defined: stop -u $U1
		active busy_kernel: stop -u $U1
		active old notified: stop -u $U1
		active versioned notified: stop -u $U1
		active defined_auto old notified: stop -u $U1 ## truth: calls
		active refuses notified: stop -u $U1
		active refuses notified: stop -u $U1 --force
		active limited notified: stop -u $U1
		active busy_kernel old notified: stop -u $U1
		nothing old notified: stop -u $U1
	END
}

@test "start-parent-mdevs" {
	compare <<-'END'
		nothing: start-parent-mdevs mtty
		defined_auto: start-parent-mdevs mtty
		defined_auto active: start-parent-mdevs mtty
		defined_auto broken: start-parent-mdevs mtty ## broken: message devices writes
		defined_auto unregistered: start-parent-mdevs mtty ## honest: status
		defined_ap: start-parent-mdevs matrix
		defined_auto: start-parent-mdevs none
		defined_ap old notified: start-parent-mdevs matrix
		nothing: start-parent-mdevs
	END
}

@test "usage" {
	compare <<-'END'
		nothing: --version
		nothing: -V
		nothing: list -V
		nothing: define -V
		nothing: nothing
		nothing: lis
		nothing: list --bogus
		nothing: list -x
		nothing: list extra
		nothing: list -u 123
		nothing: list -u
		nothing: list -u ''
		nothing: list -d -d
		nothing: list --def
		nothing: list --defined=1
		nothing: list -- x
		nothing: list -vuU1 ## uuid: message
		active: list -vu$U1
		active: list -u=$U1
		active: list -u {$U1}
		active: list -u urn:uuid:$U1
		active: list -u ${U1//-/}
		nothing: define
		nothing: undefine
		nothing: start
		nothing: stop
		nothing: modify
		nothing: modify -u $U1
		nothing: modify -u $U1 --addattr a
		nothing: modify -u $U1 --value 1
		nothing: modify -u $U1 --auto --manual
		nothing: modify -u $U1 --auto --index 1
		nothing: modify -u $U1 --delattr --value 1
		nothing: modify -u $U1 --addattr a --delattr
		nothing: modify -u $U1 --addattr a --value -1
		nothing: modify -u $U1 --delattr --index x
		nothing: modify -u $U1 --jsonfile x --type y
		nothing: define -u $U1 --jsonfile x --type y
		nothing: define -u $U1 --jsonfile x --auto
		nothing: start -u $U1 --jsonfile x --type y
		nothing: help nothing
		nothing: types -u $U1
		nothing: version
		nothing: stop -u $'\xff'
	END
}
