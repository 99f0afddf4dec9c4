#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The manual pages of section 3, which are made from the public header.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	T=$BATS_TEST_TMPDIR
	PAGES=${B:-build}/man3
}

# symbols KIND...: names in the header, one a line.
symbols() {
	perl -Iapi -MHeader -e '
		open my $file, "<", "include/libmdev.h" or die;
		my $api = Header::parse("libmdev.h", <$file>);
		print "$_->{name}\n" for Header::symbols_of($api, @ARGV)' "$@" | sort
}

@test "everything but constants has a page, and there is no other page" {
	{ symbols struct record enum callback function; echo libmdev; } | sort >"$T/wanted"
	[ "$(wc -l <"$T/wanted")" -ge 70 ]
	basename -s .3 "$PAGES"/*.3 | sort | diff "$T/wanted" - >&2
}

@test "a page is found by each name, and says so" {
	mkdir -p "$T/man/man3"
	cp "$PAGES"/*.3 "$T/man/man3"
	/usr/sbin/makewhatis "$T/man"
	symbols struct record enum callback function >"$T/wanted"
	# shellcheck disable=SC2046 # names are words
	mwhatis -M "$T/man" $(<"$T/wanted") | sed -n 's/(3) - .*//p' | tr -d ' ' | tr ',' '\n' |
		sort -u | diff "$T/wanted" - >&2
	# Libraries are looked for by what they do, too.
	mapropos -M "$T/man" 'create a device' | grep -q '^mdev_start(3)'
}

@test "a page that is another's is on a page that names it" {
	local name target

	grep -l '^\.so ' "$PAGES"/*.3 >"$T/links"
	[ -s "$T/links" ]
	while read -r link; do
		name=$(basename "$link" .3) target=$(sed -n 's/^\.so man3\///p' "$link")
		sed -n '/^\.SH NAME/,/^\\-/p' "$PAGES/$target" | grep -qx "$name,\?" || {
			echo "$target does not name $name" >&2
			return 1
		}
	done <"$T/links"
}

@test "the pages are well-formed" {
	mapfile -t pages < <(grep -L '^\.so ' "$PAGES"/*.3)
	run mandoc -T lint -W style "${pages[@]}"
	[ "$output" = "" ] || { echo "$output" >&2; return 1; }
	if command -v groff >/dev/null; then
		run groff -man -Tascii -ww -z "${pages[@]}"
		[ "$output" = "" ] || { echo "$output" >&2; return 1; }
	fi
}

@test "every page has the sections that a reader expects" {
	local section

	for page in $(symbols function); do
		echo "$PAGES/$page.3"
	done | xargs grep -L '^\.so ' >"$T/pages"
	for section in NAME LIBRARY SYNOPSIS DESCRIPTION 'RETURN VALUE' ERRORS VERSIONS 'SEE ALSO'; do
		xargs grep -Lx "\.SH $section" <"$T/pages" | sed "s/^/no $section in /" >"$T/without"
		diff /dev/null "$T/without" >&2
	done
}

@test "the page of an object tells where it comes from, and promises no list that is empty" {
	local name

	for name in $(symbols struct); do
		grep -q '^Returned by .*_.*(3)' "$PAGES/$name.3" || { echo "$name" >&2; return 1; }
	done
	grep -A 1 '^These have pages' --no-group-separator -h "$PAGES"/*.3 | grep '^\.' >"$T/next"
	[ "$(sort -u "$T/next")" = .TP ]
}

@test "every page of section 3 that is referred to is there" {
	{ sed -n 's/^\.BR \([a-z_]*\) (3).*/\1/p' "$PAGES"/*.3
		grep -ho '\\fB[a-z_]*\\fR(3)' "$PAGES"/*.3 | sed 's/\\fB//; s/\\fR.*//'
	} | sort -u | grep -vx free >"$T/named"
	grep -qx mdev_start "$T/named"
	basename -s .3 "$PAGES"/*.3 | sort | comm -13 - "$T/named" >"$T/missing"
	diff /dev/null "$T/missing" >&2
}

@test "the overview names every object, function, constant and error" {
	mandoc -T ascii "$PAGES/libmdev.3" | col -b >"$T/page"
	for name in $(symbols struct function enum callback define); do
		grep -q "^ *$name\b" "$T/page" || {
			echo "libmdev(3) has no $name" >&2
			return 1
		}
	done
	grep -q '^ *ENODEV ' "$T/page"
	grep -q '^ *EOPNOTSUPP$' "$T/page"
}

@test "the pages are the same every time" {
	mkdir "$T/again"
	perl -Iapi api/man.pl "$(sed -n 's/^VERSION := //p' Makefile)" include/libmdev.h \
		man/libmdev.3.in "$T/again"
	diff -r "$PAGES" "$T/again" >&2
}

@test "a header that is not documented makes no pages" {
	perl -0pe 's/( \* mdev_start\(\) - .*?) \* \@flags:.*?\n(?= \*\n)/$1/s' include/libmdev.h >"$T/libmdev.h"
	mkdir "$T/pages"
	run -255 perl -Iapi api/man.pl 1 "$T/libmdev.h" man/libmdev.3.in "$T/pages"
	[[ $output == "Error: $T/libmdev.h:"*": mdev_start: there is no line for parameter \"flags\"" ]]
	[ -z "$(ls "$T/pages")" ]
}
