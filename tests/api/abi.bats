#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The library's binary interface, compared with that of the last release: "make abi-dump" keeps
# it in tests/api/abi when there is a release, so that no other tree has to be built.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	T=$BATS_TEST_TMPDIR
	B=${B:-build}
	command -v abidiff >/dev/null || skip "there is no abidiff"
	[[ $B != *sanitize* ]] || skip "sanitizers add symbols of their own"
}

# link OUTPUT SYMBOLS [OBJECT]: the library with another version script, and with OBJECT of
# the test in the place of the one that is called so.
link() {
	local object objects=()

	for object in "$B"/lib/*.o "$B"/util/*.o; do
		[ "${object##*/}" = "${3-}" ] || objects+=("$object")
	done
	[ $# -lt 3 ] || objects+=("$T/$3")
	"${CC:-cc}" -shared -Wl,-soname,libmdev.so.0 -Wl,--version-script="$2" -o "$1" "${objects[@]}" \
		-luuid -ldl
}

# compile NAME: lib/NAME.c of the copy in $T.
compile() {
	# shellcheck disable=SC2046 # words
	(cd "$T" && "${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -Iinclude -I. -g -O2 -fPIC -fvisibility=hidden \
		$(pkg-config --cflags uuid) -c -o "$1.o" "lib/$1.c")
}

@test "the interface of the last release is there" {
	last=$(ls tests/api/abi/libmdev-*.abi 2>/dev/null | sort -V | tail -n 1)
	[ -n "$last" ] || skip "nothing is released: there is no tests/api/abi/libmdev-*.abi"
	tests/api/check-abi "$last" "$B/libmdev.so" >&2
}

@test "a release has its interface kept" {
	tag=$(git tag --list 'v[0-9]*' 2>/dev/null | sort -V | tail -n 1)
	[ -n "$tag" ] || skip "there is no tag of a release"
	[ -e "tests/api/abi/libmdev-${tag#v}.abi" ] || {
		echo "run \"make abi-dump\" on $tag" >&2
		return 1
	}
}

@test "a dump stands for its library, and private types are no part of it" {
	cp -r lib util include "$T"
	sed -i 's/^struct mdev_parent {/&\n\tint private;/' "$T/lib/parent.c"
	compile parent
	link "$T/new.so" lib/libmdev.sym parent.o
	tests/api/check-abi dump "$B/libmdev.so" "$T/old.abi"
	run -0 tests/api/check-abi "$T/old.abi" "$T/new.so"
	grep -v '\bmdev_stop;' lib/libmdev.sym >"$T/new.sym"
	link "$T/new.so" "$T/new.sym"
	run tests/api/check-abi "$T/old.abi" "$T/new.so"
	[ "$status" -ne 0 ]
	[[ $output == *mdev_stop* ]]
}

@test "a function that is added is no change" {
	grep -v '\bmdev_stop;' lib/libmdev.sym >"$T/old.sym"
	link "$T/old.so" "$T/old.sym"
	run -0 tests/api/check-abi "$T/old.so" "$B/libmdev.so"
}

@test "a function that is removed is named" {
	grep -v '\bmdev_stop;' lib/libmdev.sym >"$T/new.sym"
	link "$T/new.so" "$T/new.sym"
	run tests/api/check-abi "$B/libmdev.so" "$T/new.so"
	[ "$status" -ne 0 ]
	[[ $output == *mdev_stop* ]]
}

@test "a function with another parameter is named" {
	# One that no other file of the library calls: that would still have the old declaration.
	cp -r lib util include "$T"
	sed -i '/^\(MDEV_EXPORT \)\?int mdev_document_export(/s/unsigned int flags/unsigned long flags/' \
		"$T/include/libmdev.h" "$T/lib/export.c"
	run -1 cmp -s include/libmdev.h "$T/include/libmdev.h"
	compile export
	link "$T/new.so" lib/libmdev.sym export.o
	run tests/api/check-abi "$B/libmdev.so" "$T/new.so"
	[ "$status" -ne 0 ]
	[[ $output == *mdev_document_export* ]]
}
