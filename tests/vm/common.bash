# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the programs of tests/vm share.

set -eEuo pipefail
trap 'echo "Error: ${BASH_SOURCE[0]} line $LINENO: $BASH_COMMAND: status $?" >&2' ERR

die()
{
	echo "Error: $*" >&2
	exit 125
}

# Shows the end of a log, then dies of MESSAGE.
fail_with()
{
	local log=$1
	shift
	tail -n 20 "$log" >&2
	die "$@"
}

# Runs a command under an exclusive lock, so that parallel callers build a thing once.
locked()
{
	local lock=$1
	shift
	mkdir -p "$(dirname "$lock")"
	(
		flock 9
		"$@"
	) 9>"$lock"
}
