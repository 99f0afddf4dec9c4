# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154 # $T is that of machine.bash
#
# What "mdevctl monitor" prints to $T/watched, its errors in $T/watch.err.

# told PATTERN [FILE]: waits for a line of the monitor.
told() {
	local line tries=600 file=${2:-$T/watched}

	while [ $((tries--)) -gt 0 ]; do
		while read -r line; do
			# shellcheck disable=SC2053 # a pattern
			[[ $line != $1 ]] || return 0
		done <"$file"
		sleep 0.05
	done
	echo "# never told: $1" >&2
	sed 's/^/# /' "$file" "$T/watch.err" >&2
	return 1
}
