# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154 # variables are for the tests; those of machine.bash
#
# The dialects that drivers of NVIDIA's vendor VFIO framework speak, and one that no driver is known to speak.

DIALECTS=(r580 r525 rfc strange)

# cards_up MACHINE...: the two cards of the machine "vgpu", and what else is in the machine.
cards_up() {
	gpu_up "$@"
	GPU=0000:3b:00.0 VF=0000:3b:00.4 OTHER=0000:3b:00.5
	MIG=0001:04:00.0 MIG_VF=0001:04:00.2
}

# in_dialects FUNCTION: calls it on a fresh machine with each dialect.
in_dialects() {
	local dialect

	for dialect in "${DIALECTS[@]}"; do
		speak "$dialect"
		"$1" || { echo "# in dialect $dialect" >&2; return 1; }
	done
}

speak() {
	local card

	sim clear
	sim reload ALL
	for card in "$GPU" "$MIG"; do
		sim gpu-set "$card" dialect=r580 list=usual occupied=same failed=keeps numbers=ro idle=ENXIO
		if [ "$1" = strange ]; then
			sim gpu-set "$card" on-unknown=ENXIO on-full=ENOMEM on-other=EDOM on-occupied=EEXIST \
				on-idle=ENOENT on-open=EBUSY header='"vGPU types (id, name)"' line='"  %i	:  %n  "'
		else
			sim gpu-set "$card" dialect="$1"
		fi
	done
	sim sriov -e ALL
	sim gi "$MIG" 3 10240 2g.10gb
	rm -rf "${ROOT:?}/run/mdevctl" "${ETC:?}"
	mkdir "$ETC"
	DIALECT=$1
}

# type_writes: what was written to functions as their type, in one line.
type_writes() {
	sed -n 's|.*/\(.*\)/nvidia/current_vgpu_type "\([0-9]*\).*|\1=\2|p' "$SYS/.sim/log" | paste -sd' '
}

# started UUID TYPE [PARENT]: it is, without a word.
started() {
	try mdevctl start -u "$1" -t "$2" -p "${3:-$GPU}"
	succeeds
}

# says PATTERN: the last command failed and its message matches.
says() {
	status_is 1 && prints && complains "$1"
}

# verdict LINES...: "status" has the verdict of U1 and these reasons, each in a line of its own.
verdict() {
	local line reason

	try mdevctl status
	grep -q "^$U1 .* $1$" "$T/out" || { wrong "not $1: $(cat "$T/out")"; return; }
	shift
	for reason; do
		while read -r line; do
			# shellcheck disable=SC2053 # a pattern
			[[ $line != $reason ]] || continue 2
		done <"$T/out"
		wrong "no line: $reason in $(cat "$T/out")" || return
	done
}
