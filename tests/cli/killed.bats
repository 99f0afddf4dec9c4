#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2086,SC2154 # UUIDs
# A start that is killed at each of its system calls in turn: the next run makes the device whole.

bats_require_minimum_version 1.5.0

load machine

setup() {
	needs_sim "a start is killed more than a hundred times"
	command -v strace >/dev/null || skip "strace is not installed"
	machine_up mtty zoo
	MATRIX=$SYS/devices/vfio_ap/matrix
	mkdir -p "$ROOT/run" "$ETC/matrix"
	echo '{"mdev_type":"vfio_ap-passthrough","start":"auto","attrs":[{"assign_adapter":"5"},{"ap_config":"7"}]}' \
		>"$ETC/matrix/$U1"
}

# Each system call that a start makes, and how often.
calls_of_start() {
	strace -f -o "$T/trace" "$MDEVCTL" start -u $U1
	"$MDEVCTL" stop -u $U1
	# Without what is killed before it is the command, and what is killed when it has ended.
	sed -nE 's/^[0-9]+ +([a-z_0-9]+)\(.*/\1/p' "$T/trace" | grep -vxE 'execve|exit_group' |
		sort | uniq -c
}

is_whole() {
	[ -n "$(active)" ] && [ "$(<"$MATRIX/$U1/ap_config")" = 7 ]
}

@test "a start that is killed anywhere is made up for by the next" {
	local call count i halves=0

	calls_of_start >"$T/calls"
	trap - DEBUG
	set +T
	while read -r count call <&3; do
		for ((i = 1; i <= count; i++)); do
			strace -f -o /dev/null -e "inject=$call:signal=SIGKILL:when=$i" \
				"$MDEVCTL" start -u $U1 >"$T/out" 2>&1 || true
			[ -z "$(active)" ] || is_whole || halves=$((halves + 1))
			"$MDEVCTL" start-parent-mdevs matrix 2>"$T/err" && is_whole || {
				echo "# killed at $call number $i, and not whole after it:"
				sed 's/^/#   /' "$T/err"
				return 1
			}
			"$MDEVCTL" stop -u $U1
		done
	done 3<"$T/calls"
	# Some are killed in the middle, or this shows nothing.
	[ $halves -ge 5 ]
}
