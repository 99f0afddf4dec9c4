# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154 # variables of machine.bash
# A command that is killed at its system calls, or whose system calls fail, one after the other.

needs_strace() {
	needs_sim "$1"
	command -v strace >/dev/null || skip "strace is not installed"
}

# What leaves something behind that the next call can find. A command that is killed anywhere
# else leaves what it would leave at the next of these: "make check-killed" shows that.
CHANGES='^(open(at)?\(.*O_CREAT|p?write(64|v)?\(|(mk|rm)dir(at)?\(|(un)?link(at)?\(|rename(at2?)?\('
CHANGES+='|f(sync|lock|truncate|chown|chmod|setxattr)\(|fcntl\(.*SETLK|clone3?\(|vfork\(|wait(4|id)\(|exit_group\()'

# note_calls PATTERN COMMAND...: "NAME NUMBER CALL" lines in $T/calls, of the calls that match,
# from the first that has to do with the machine on. NUMBER counts those of that name.
note_calls() {
	local pattern=$1

	shift
	strace -y -o "$T/trace" "$@" >"$T/out" 2>&1 || true
	awk -v root="$ROOT" -v pattern="$pattern" '/^[a-z_0-9]+\(/ {
		name = substr($0, 1, index($0, "(") - 1)
		count[name]++
		begun = begun || index($0, root)
		if (begun && $0 ~ pattern)
			print name, count[name], $0
	}' "$T/trace" >"$T/calls"
	[ -s "$T/calls" ]
}

# inject NAME NUMBER WHAT COMMAND...: has that happen at that call of the command.
inject() {
	local call=$1 nth=$2 what=$3

	shift 3
	strace -o /dev/null -e "trace=$call" -e "inject=$call:$what:when=$nth" "$@"
}

# locks_are_free: no lock outlives the process that had it.
locks_are_free() {
	local lock

	for lock in "$ROOT"/run/mdevctl/*; do
		[ ! -e "$lock" ] || flock -n "$lock" true || return
	done
}

# Each test has its own "before", which makes the machine as it was, "after", which looks at what
# is left and makes good for it, and "command".

# kill_at_each_call LEAST: "before", the killed command, "after" for each call, at least LEAST.
kill_at_each_call() {
	local call nth line count=0 pattern=$CHANGES

	# Not the work of bats for each of its lines.
	trap - DEBUG
	set +T
	[ -z "${AT_EACH_CALL:-}" ] || pattern=.
	before
	note_calls "$pattern" "${command[@]}"
	while read -r call nth line <&3; do
		before
		inject "$call" "$nth" signal=SIGKILL "${command[@]}" >"$T/out" 2>"$T/err" || true
		{ locks_are_free && after; } || {
			echo "# killed at: $line"
			sed 's/^/#   /' "$T/out" "$T/err"
			return 1
		}
		count=$((count + 1))
	done 3<"$T/calls"
	echo "# killed at $count calls" >&2
	# Or this shows nothing.
	[ $count -ge "$1" ]
}

# What the calls that write may fail with.
WRITE_ERRORS="ENOSPC EIO EDQUOT EROFS"

# fail_at_each_call LEAST: "before", the command with a failing call, "after STATUS" for each call
# and error, at least LEAST of them. It succeeds, or fails with one line that says why.
fail_at_each_call() {
	local call nth line error status count=0 pattern=$CHANGES

	trap - DEBUG
	set +T
	[ "${AT_EACH_CALL:-}" != all ] || pattern=.
	before
	note_calls "$pattern" "${command[@]}"
	while read -r call nth line <&3; do
		# It cannot fail, and without it there is no end.
		[ "$call" != exit_group ] || continue
		for error in $WRITE_ERRORS; do
			before
			status=0
			inject "$call" "$nth" "error=$error" "${command[@]}" >"$T/out" 2>"$T/err" ||
				status=$?
			{ locks_are_free && one_error $status && after $status; } || {
				echo "# $error at: $line; status $status"
				sed 's/^/#   /' "$T/out" "$T/err"
				return 1
			}
			count=$((count + 1))
		done
	done 3<"$T/calls"
	echo "# failed $count times" >&2
	[ $count -ge "$1" ]
}

# short_at_each_write LEAST: "before", the command with a write that writes only half of its bytes,
# "after STATUS", for each write to a file, at least LEAST of them.
short_at_each_write() {
	local nth status count=0

	trap - DEBUG
	set +T
	for ((nth = 1; ; nth++)); do
		before
		rm -f "$T/short"
		status=0
		SHORT_WRITE=$nth SHORT_WRITE_DONE=$T/short LD_PRELOAD=$SHORT_WRITE_LIB \
			"${command[@]}" >"$T/out" 2>"$T/err" || status=$?
		[ $status = 0 ] || [ -e "$T/short" ] || { cat "$T/err" >&2; return 1; }
		[ -e "$T/short" ] || break
		{ locks_are_free && one_error $status && after $status; } || {
			echo "# half of write $nth; status $status"
			sed 's/^/#   /' "$T/out" "$T/err"
			return 1
		}
		count=$((count + 1))
	done
	echo "# $count writes were short" >&2
	[ $count -ge "$1" ]
}

# one_error STATUS: one line about a failure, none about a success; apart from warnings and the
# lines of start-parent-mdevs about single devices.
one_error() {
	local lines

	lines=$(grep -vcE ' WARN |^Failed to start ' "$T/err")
	case $1 in
	0) [ "$lines" = 0 ] ;;
	1) [ "$lines" = 1 ] && grep -q '^Error: ' "$T/err" ;;
	*) return 1 ;;
	esac
}
