#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the packages say agrees with what is built.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	T=$BATS_TEST_TMPDIR
	VERSION=$(sed -n 's/^VERSION := //p' Makefile)
	[[ $VERSION =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]
}

# says PATTERN FILE...: each file has the version where PATTERN has %, and no other.
says() {
	local pattern=$1 file found

	shift
	for file; do
		found=$(sed -nE "s@.*${pattern//%/([0-9]+\\.[0-9]+\\.[0-9]+)}.*@\\1@p" "$file" | sort -u)
		[ "$found" = "$VERSION" ] || {
			echo "$file has version \"$found\", Makefile $VERSION" >&2
			return 1
		}
	done
}

@test "the version is that of the Makefile wherever it is written" {
	says 'libmdev \(%\)' packaging/debian/changelog
	says 'PACKAGE_VERSION="%"' kmod/dkms.conf
	says '/usr/src/libmdev-%:' kmod/dkms.conf
	says 'libmdev-% ' README.md
	says 'libmdev/%' README.md
	says 'library_version %' packaging/rpm/libmdev.spec
	says '> - %-1' packaging/rpm/libmdev.spec
	says 'MODULE_VERSION\("%"\)' kmod/core/main.c kmod/mtty/mtty_main.c kmod/vfio_mdev/main.c
	! grep -q '#define MDEV_VERSION ' include/libmdev.h || says '#define MDEV_VERSION +"%"' include/libmdev.h
	run ! grep -rF "$VERSION" packaging/debian --exclude=changelog
}

@test "the package of the library has the number that is in the library's name" {
	number=$(sed -n 's/^SOVERSION := //p' lib/module.mk)
	grep -qx "Package: libmdev$number" packaging/debian/control
	packaging/debian/make-symbols lib/libmdev.sym | grep -qx "libmdev.so.$number libmdev$number #MINVER#"
}

@test "dpkg knows each symbol of the library with the version that has brought it" {
	packaging/debian/make-symbols lib/libmdev.sym >"$T/symbols"
	sed -n 's/^ \(mdev_[a-z0-9_]*\)@LIBMDEV_[0-9.]* [0-9.]*$/\1/p' "$T/symbols" | sort >"$T/listed"
	nm -D --defined-only build/libmdev.so | sed -n 's/.* T \(mdev_[a-z0-9_]*\)@.*/\1/p' | sort |
		diff - "$T/listed" >&2
	grep -qx ' mdev_ctx_new@LIBMDEV_0.1 0.1' "$T/symbols"
	# Of a later node, too.
	printf 'LIBMDEV_0.2 {\nglobal:\n\tmdev_more;\n} LIBMDEV_0.1;\n' >>"$T/later.sym"
	packaging/debian/make-symbols "$T/later.sym" | grep -qx ' mdev_more@LIBMDEV_0.2 0.2'
}

@test "the RPM packages have all that is installed, but for the manual of the modules" {
	command -v rpmspec >/dev/null || skip "rpm is not installed"
	make -s install DESTDIR="$T/root" PREFIX=/usr LIBDIR=/usr/lib64 PYTHONDIR=/usr/lib/python/site-packages
	# %files with the macros of Fedora.
	rpmspec --define '_libdir /usr/lib64' --define 'python3_sitelib /usr/lib/python/site-packages' \
		-P packaging/rpm/libmdev.spec |
		sed -n '/^%files/,/^%changelog/{ s/^%dir //; s/^\(\/.*\)/\1/p }' >"$T/patterns"
	[ -s "$T/patterns" ]
	cd "$T/root"
	while read -r pattern; do
		# shellcheck disable=SC2086 # a pattern
		find .$pattern ! -type d
	done <"$T/patterns" | sort >"$T/packed"
	find . ! -type d ! -path '*/man/man[49]/*' | sort | diff - "$T/packed" >&2
}

@test "a purge takes what writers left, and leaves definitions" {
	etc=$T/etc/mdevctl.d
	sed "s|/etc/mdevctl\.d|$etc|g" packaging/debian/mdevctl.postrm >"$T/postrm"
	mkdir -p "$etc/mtty" "$etc/empty"
	touch "$etc/.lock" "$etc/.new" "$etc/empty/.new" "$etc/mtty/.new" "$etc/mtty/uuid"
	sh "$T/postrm" remove
	[ -e "$etc/.lock" ]
	sh "$T/postrm" purge
	[ "$(cd "$T" && find etc ! -type d)" = etc/mdevctl.d/mtty/uuid ]
	rm "$etc/mtty/uuid"
	sh "$T/postrm" purge
	[ ! -e "$etc" ]
	sh "$T/postrm" purge
}
