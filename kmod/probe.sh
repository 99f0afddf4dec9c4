#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# usage: probe.sh DIRECTORY COMPILER [FLAG...]
#
# Compiles every DIRECTORY/<name>.c with the kernel's own compiler and flags and
# prints a header that defines HAVE_<NAME> for each that compiles. Trying beats
# comparing version numbers: enterprise kernels back-port interfaces.
set -eu

directory=$1
shift
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# A wrong call has to fail, and nothing but that: neither a warning that W=1 adds
# nor CONFIG_WERROR may change an answer.
for source in "$directory"/*.c; do
	name=$(basename "$source" .c)
	if "$@" -Wno-error -Werror=implicit-function-declaration \
		-Werror=incompatible-pointer-types -Werror=int-conversion \
		-fsyntax-only "$source" >"$results/$name.log" 2>&1; then
		: >"$results/$name.compiles"
	fi &
done
wait

# require NAME COMPLAINT: there is nothing to build for without it.
require()
{
	[ ! -e "$results/$1.compiles" ] || return 0
	echo "Error: $2:" >&2
	grep -m 3 'error: ' "$results/$1.log" >&2 || head -n 5 "$results/$1.log" >&2
	exit 1
}

require always "$1 cannot compile a trivial module source for this kernel"
require mdev_parent "this kernel's headers are not those of Linux 6.1 or later"

echo "/* Made by probe.sh from probe/; what this kernel's headers offer. */"
for source in "$directory"/*.c; do
	name=$(basename "$source" .c)
	macro=HAVE_$(echo "$name" | tr '[:lower:]' '[:upper:]')
	if [ -e "$results/$name.compiles" ]; then
		echo "#define $macro 1"
	else
		echo "/* #undef $macro */"
	fi
done
