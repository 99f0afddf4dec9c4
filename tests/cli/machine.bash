# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034 # variables are for the tests
# A machine for each test of the command, and the words tests are written in.
#
#   MACHINE=sim   (default) a root directory with the simulator as its /sys
#   MACHINE=real  a virtual machine in which "modprobe mtty" loads our modules
#   MDEVCTL, SIM  the command and the simulator to use
#
# In a test, $SYS and $ETC are the machine's /sys and /etc/mdevctl.d, and U1 to U9
# are UUIDs.

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
: "${MACHINE:=sim}" "${MDEVCTL:=$TOP/build/mdevctl}" "${SIM:=$TOP/build/tests/sim/mdev-sim}"

U1=11111111-1111-1111-1111-111111111111
U2=22222222-2222-2222-2222-222222222222
U3=33333333-3333-3333-3333-333333333333
U4=44444444-4444-4444-4444-444444444444
U5=55555555-5555-5555-5555-555555555555
UA=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee

# The machine --------------------------------------------------------------

# machine_up [MACHINE-FILE]...: a fresh machine; only the simulator has others than mtty.
machine_up() {
	[ $# -gt 0 ] || set -- mtty
	T=$BATS_TEST_TMPDIR
	if [ "$MACHINE" = real ]; then
		[ "$*" = mtty ] || skip "needs the simulated machine \"$*\""
		real_up
	else
		sim_up "$@"
	fi
	TYPES=$SYS/class/mdev_bus/mtty/mdev_supported_types
}

machine_down() {
	if [ "$MACHINE" = real ]; then
		real_clear
	elif [ -n "${ROOT:-}" ]; then
		umount "$SYS" 2>/dev/null || umount -l "$SYS" 2>/dev/null || true
	fi
}

setup() {
	machine_up
}

teardown() {
	machine_down
}

sim_up() {
	ROOT=$T/root SYS=$T/root/sys ETC=$T/root/etc/mdevctl.d
	export MDEVCTL_ENV_ROOT=$ROOT
	mkdir -p "$SYS" "$ETC"
	if ! [ -r /dev/fuse ] || ! [ -w /dev/fuse ]; then
		skip "/dev/fuse cannot be used"
	fi
	if ! "$SIM" -w $$ "$SYS" "${@/#/$TOP/tests/sim/machines/}" 2>"$T/sim"; then
		grep -q 'Operation not permitted' "$T/sim" && skip "mounting is not permitted"
		cat "$T/sim" >&2
		return 1
	fi
}

# The guest's root is an overlay that goes away; on any other root nothing is touched.
real_up() {
	ROOT='' SYS=/sys ETC=/etc/mdevctl.d
	unset MDEVCTL_ENV_ROOT
	grep -q '^[^ ]* / overlay ' /proc/mounts || {
		echo "MACHINE=real is for virtual machines that can be thrown away" >&2
		return 1
	}
	[ -d /sys/class/mdev_bus/mtty ] || modprobe mtty
	real_clear
	mkdir "$ETC"
}

real_clear() {
	local device

	for device in /sys/bus/mdev/devices/*; do
		[ ! -e "$device" ] || echo 1 >"$device/remove"
	done
	[ ! -e /etc/mdevctl.d ] || rm -r /etc/mdevctl.d
	rm -f /run/mdevctl/*.autostart
}

# sim COMMAND...: order something of the simulator; see tests/sim/README.md.
sim() {
	printf '%s\n' "$*" >"$SYS/.sim/control" || {
		cat "$SYS/.sim/error" >&2
		return 1
	}
}

# needs_sim REASON: skip the test on a real machine.
needs_sim() {
	[ "$MACHINE" = sim ] || skip "needs the simulator: $1"
}

needs_root() {
	[ "$(id -u)" -eq 0 ] || skip "needs root: $1"
}

# be_nobody: make "nobody COMMAND..." possible, which runs it as an ordinary user.
be_nobody() {
	needs_root "to be somebody else"
	# The test's directories are open to root alone.
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" 2>/dev/null || true
	nobody test -x "$MDEVCTL" || skip "the command is in a directory that is open to root alone"
}

nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# parent_goes, parent_comes: mtty leaves the machine and returns.
parent_goes() {
	if [ "$MACHINE" = sim ]; then sim unregister mtty; else modprobe -r mtty; fi
}

parent_comes() {
	if [ "$MACHINE" = sim ]; then sim register mtty; else modprobe mtty; fi
}

# activate UUID [TYPE [PARENT]]: a device, made without the command.
activate() {
	local parent=${3:-mtty} type=${2:-mtty-1}

	if [ "$MACHINE" = sim ]; then
		sim create "$parent" "$type" "$1"
	else
		echo "$1" >"/sys/class/mdev_bus/$parent/mdev_supported_types/$type/create"
	fi
}

# define_file UUID [TYPE [PARENT [START]]]: a definition, made without the command.
# shellcheck disable=SC2120
define_file() {
	mkdir -p "$ETC/${3:-mtty}"
	plain_json "${2:-mtty-1}" "${4:-manual}" >"$ETC/${3:-mtty}/$1"
}

# plain_json TYPE START: the file of a definition without attributes.
plain_json() {
	printf '{\n  "mdev_type": "%s",\n  "start": "%s",\n  "attrs": []\n}' "$1" "$2"
}

# Looking at the machine ----------------------------------------------------
#
# By bash alone where it is needed for every command: in an emulated machine a process
# takes long to start.

# What is active: "UUID PARENT TYPE" lines, sorted.
active() {
	local device parent type devices

	if [ "$MACHINE" = sim ]; then
		devices=$(<"$SYS/.sim/devices")
		[ -z "$devices" ] || echo "$devices"
		return
	fi
	for device in /sys/bus/mdev/devices/*; do
		[ -e "$device" ] || continue
		parent=$(cd -P "$device/.." && echo "${PWD##*/}")
		type=$(cd -P "$device/mdev_type" && echo "${PWD##*/}")
		echo "${device##*/} $parent $type"
	done
}

# names DIRECTORY: what it shows, in one line.
names() {
	# shellcheck disable=SC2012 # names without spaces
	LC_ALL=C ls "$1" | paste -sd' '
}

# tree_state DIRECTORY: everything below it, with link targets and contents.
tree_state() {
	local path content

	for path in "$1"/* "$1"/.[!.]*; do
		if [ -L "$path" ]; then
			echo "$path -> $(readlink "$path")"
		elif [ -d "$path" ]; then
			echo "$path/"
			tree_state "$path"
		elif [ -f "$path" ]; then
			IFS= read -r -d '' content <"$path" || true
			printf '%s: %q\n' "$path" "$content"
		fi
	done
}

# All that the command may change.
state() {
	active
	echo
	tree_state "${ETC%/mdevctl.d}"/mdevctl.d
}

# writes: what the command wrote to the simulated /sys.
writes() {
	cat "$SYS/.sim/log"
}

# removers: the processes that wait for the kernel on behalf of a stop in this machine, which may have
# been killed.
removers() {
	local process

	for process in $(pgrep -x mdev-remove); do
		[ "$(stat -L -c %d "/proc/$process/fd/3" 2>/dev/null)" != "$(stat -c %d "$SYS")" ] ||
			echo "$process"
	done
}

# Running the command ---------------------------------------------------------

mdevctl() {
	"$MDEVCTL" "$@"
}

# try COMMAND...: runs it; expectations below look at what it left.
try() {
	before=$(state)
	status=0
	"$@" >"$T/out" 2>"$T/err" || status=$?
	tried="$*"
}

# try_journal COMMAND...: runs it as a service of systemd, whose output goes to the journal.
try_journal() {
	: >"$T/out"
	JOURNAL_STREAM=$(stat -c %d:%i "$T/out") try "$@"
}

# Shows what the last command did and fails.
wrong() {
	echo "# $tried"
	echo "# wrong: $1; status $status"
	sed 's/^/# stdout: /' "$T/out"
	sed 's/^/# stderr: /' "$T/err"
	return 1
} >&2

status_is() {
	[ "$status" -eq "$1" ] || wrong "status is not $1"
}

# prints [TEXT]: standard output is exactly these bytes.
prints() {
	local printed

	IFS= read -r -d '' printed <"$T/out" || true
	[ "$printed" = "${1-}" ] || wrong "stdout is not: ${1-}"
}

# complains [PATTERN]...: standard error has exactly these lines, in this order.
complains() {
	local lines=() i=0 pattern

	mapfile -t lines <"$T/err"
	[ ${#lines[@]} -eq $# ] || { wrong "stderr has not $# lines"; return; }
	for pattern; do
		# shellcheck disable=SC2053 # a pattern
		[[ ${lines[i]} == $pattern ]] || { wrong "stderr is not: $pattern"; return; }
		i=$((i + 1))
	done
}

nothing_changed() {
	local after

	after=$(state)
	[ "$after" = "$before" ] || {
		diff <(echo "$before") <(echo "$after") >&2
		wrong "something changed"
	}
}

# succeeds [STDOUT]: with exactly that output and not a word on stderr.
succeeds() {
	status_is 0 && prints "${1-}" && complains
}

# fails PATTERN: a run-time error of one line, and nothing is different from before.
fails() {
	status_is 1 && prints && complains "$1" && nothing_changed
}

# misused [PATTERN]: a usage error, whose first line is told; nothing was done.
misused() {
	local first

	# Not "a && b" alone: set -e would pass over a failing "a".
	{ status_is 2 && prints && nothing_changed; } || return
	read -r first <"$T/err" || true
	# shellcheck disable=SC2053 # a pattern
	[[ $first == ${1:-error: *} ]] || wrong "stderr does not begin with: ${1:-error: *}"
}

# conforms FILE NAME [PART]: each JSON text in it is as NAME.schema.json says, or its part #/PART.
conforms() {
	jq -n -e --slurpfile schema "$BATS_TEST_DIRNAME/$2.schema.json" --arg part "${3+#/$3}" \
		-f "$BATS_TEST_DIRNAME/schema.jq" "$1" >/dev/null || {
		echo "# the schema $2 does not allow this:" >&2
		sed 's/^/# /' "$1" >&2
		return 1
	}
}

# holds FILE TEXT: the file has exactly these bytes.
holds() {
	printf %s "$2" | diff - "$1" >&2
}

same() {
	[ "$1" = "$2" ] || { printf 'expected: %s\nis:       %s\n' "$1" "$2" >&2; return 1; }
}
