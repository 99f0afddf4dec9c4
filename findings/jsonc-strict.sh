#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# json-c, JSON_TOKENER_STRICT: "strict" is not RFC 8259; it accepts numbers that the RFC does not.

# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"

json_reader
for suite in bookworm trixie forky; do
	expect "$suite on 1." 1. "$(in_suite $suite "$work/reader" 1.)"
	expect "$suite on 00" 0 "$(in_suite $suite "$work/reader" 00)"
	expect "$suite on NaN" NaN "$(in_suite $suite "$work/reader" NaN)"
	expect "$suite on 01" refused "$(in_suite $suite "$work/reader" 01)"
done
