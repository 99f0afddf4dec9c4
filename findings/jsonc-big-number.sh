#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# json-c, JSON_TOKENER_STRICT: 0.16 reads an integer of 24 digits as the largest 64-bit integer,
# 0.18 and 0.19 refuse it. No version makes it a double.

# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"

json_reader
number=123456789012345678901234
expect "0.16 on $number" 18446744073709551615 "$(in_suite bookworm "$work/reader" $number)"
expect "0.16 on -$number" -9223372036854775808 "$(in_suite bookworm "$work/reader" -$number)"
for suite in trixie forky; do
	expect "$suite on $number" refused "$(in_suite $suite "$work/reader" $number)"
done
