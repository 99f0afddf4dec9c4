#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# json-c, JSON_C_TO_STRING_PRETTY: 0.16 prints an empty array on two lines, 0.18 and 0.19 on one.

# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"

json_reader
expect "0.16" $'[\n]' "$(in_suite bookworm "$work/reader" '[]')"
expect "0.18" '[]' "$(in_suite trixie "$work/reader" '[]')"
expect "0.19" '[]' "$(in_suite forky "$work/reader" '[]')"
