# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash

# end_jobs: ends what a test has started and left running, and waits for it.
end_jobs() {
	local pid
	for pid in $(jobs -p); do
		kill "$pid" || true
	done
	wait
}
