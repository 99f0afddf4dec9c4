#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What "make install" gives, most of it to who builds programs with the library.

bats_require_minimum_version 1.5.0

setup_file() {
	export PREFIX=$BATS_FILE_TMPDIR/usr
	cd "$BATS_TEST_DIRNAME/../.." || return
	make -s install-lib DESTDIR= PREFIX="$PREFIX"
	export PKG_CONFIG_PATH=$PREFIX/lib/pkgconfig
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	T=$BATS_TEST_TMPDIR
}

# build OPTION...: the program of the manual page.
build() {
	"${CC:-cc}" -std=c11 -Wall -Wextra -Werror -o "$T/example" man/example.c "$@"
}

# The program runs on a machine without parents, and says so.
runs() {
	mkdir "$T/root"
	MDEVCTL_ENV_ROOT=$T/root run -1 "$T/example" mtty mtty-1
	[ "$output" = "Error: Unable to find parent device 'mtty'; the mdev core is not loaded" ]
}

@test "a program is built with the shared library" {
	# shellcheck disable=SC2046 # words
	build $(pkg-config --cflags --libs libmdev)
	readelf -d "$T/example" | grep -q 'NEEDED.*\[libmdev\.so\.0\]'
	export LD_LIBRARY_PATH=$PREFIX/lib
	runs
}

@test "a program is built with the static library" {
	mkdir "$T/lib"
	ln -s "$PREFIX/lib/libmdev.a" "$T/lib"
	# Only ours: libc is shared, so that libkmod can be opened when it is needed.
	# shellcheck disable=SC2046 # words
	build $(pkg-config --static --cflags libmdev) -L"$T/lib" $(pkg-config --static --libs libmdev |
			sed 's/-L[^ ]*//; s/-lmdev/-Wl,-Bstatic -lmdev -Wl,-Bdynamic/')
	run -1 grep -c libmdev.so < <(readelf -d "$T/example")
	runs
}

@test "the shared library has its name and version" {
	readelf -d "$PREFIX/lib/libmdev.so" | grep -q 'SONAME.*\[libmdev\.so\.0\]'
	[ -e "$PREFIX/lib/libmdev.so.0" ]
	[ "$(pkg-config --modversion libmdev)" = "$(sed -n 's/^VERSION := //p' Makefile)" ]
}

@test "the static library has no names that could be a program's" {
	nm -g --defined-only "$PREFIX/lib/libmdev.a" | sed -n 's/.* [A-Z] //p' | sort >"$T/names"
	sed -n 's/^\t\(mdev_[a-z0-9_]*\);$/\1/p' lib/libmdev.sym | sort | diff - "$T/names" >&2
}

@test "the compiler's protections are in all that is installed" {
	make -s install-cli DESTDIR="$T/root" PREFIX=/usr
	for file in "$T/root/usr/bin/mdevctl" "$PREFIX/lib/libmdev.so"; do
		readelf -hdlW "$file" >"$T/elf"
		nm -D "$file" >"$T/names"
		grep -q 'Type: *DYN' "$T/elf"
		grep -q GNU_RELRO "$T/elf"
		grep -q BIND_NOW "$T/elf"
		grep -q 'GNU_STACK.* RW ' "$T/elf"
		run -1 grep -E 'TEXTREL|R(UN)?PATH' "$T/elf"
		grep -q ' __stack_chk_fail' "$T/names"
		grep -q 'printf_chk' "$T/names"
	done
	readelf -dW "$T/root/usr/bin/mdevctl" | grep -q 'FLAGS_1.* PIE'
	[[ $(uname -m) != x86_64 ]] || {
		objdump -d --disassemble=mdev_ctx_new "$PREFIX/lib/libmdev.so" | grep -q endbr64
		objdump -d --disassemble=main build/install/mdevctl | grep -q endbr64
	}
}

@test "the units are exposed to little" {
	command -v systemd-analyze >/dev/null || skip "there is no systemd-analyze"
	[[ $(ldconfig -p) = *libseccomp.so.2* ]] || skip "systemd-analyze knows no system calls"
	make -s install-udev DESTDIR="$T/root" PREFIX=/usr
	for unit in "$T"/root/usr/lib/systemd/system/mdevctl*.service; do
		systemd-analyze security --offline=yes --threshold=30 --no-pager "$unit"
	done
}

# install_all ROOT VARIABLE=VALUE...: from a build of its own, which keeps what it has built.
install_all() {
	make -s B="$T/build" CFLAGS=-O0 install DESTDIR="$1" PREFIX=/usr "${@:2}" >&2
}

# define ROOT: with the command of that root, on a machine that has nothing.
define() {
	rm -rf "$T/machine"
	LD_LIBRARY_PATH=$1/usr/lib MDEVCTL_ENV_ROOT=$T/machine "$1/usr/bin/mdevctl" define -p mtty --type mtty-1
}

@test "what is installed uses and names the configured directories" {
	install_all "$T/a" SYSCONFDIR=/opt/etc SCRIPTDIR=/opt/scripts.d
	[ -d "$T/a/opt/etc/mdevctl.d" ] && [ -d "$T/a/opt/scripts.d/callouts" ]
	define "$T/a"
	[ -d "$T/machine/opt/etc/mdevctl.d/mtty" ]
	run -1 grep -raE '(^|[^t])/etc/mdevctl\.d|/usr/lib/mdevctl/scripts\.d' "$T/a"

	# Built before or not.
	install_all "$T/b"
	define "$T/b"
	[ -d "$T/machine/etc/mdevctl.d/mtty" ]
	run -1 grep -ra '/opt/' "$T/b"
}

@test "Python looks where the package is installed, below /usr and /usr/local" {
	for prefix in /usr /usr/local; do
		make -s install-python DESTDIR="$T$prefix" PREFIX="$prefix"
		package=$(cd "$T$prefix" && find . -type d -name libmdev)
		/usr/bin/python3 -c 'import site, sys; sys.exit(sys.argv[1] not in site.getsitepackages())' \
			"$(dirname "${package#.}")"
	done
}

# folder VARIABLE=VALUE...: where libraries go.
folder() {
	make -s --eval='show: ; @echo $(LIBDIR)' show PREFIX=/usr "$@"
}

@test "libraries go where the compiler looks, on Debian to lib" {
	printf '#!/bin/sh\n[ "$*" != "-m64 -print-multi-os-directory" ] || echo ../lib64\n' >"$T/cc"
	printf '#!/bin/sh\necho "no such option" >&2\nexit 1\n' >"$T/clang"
	chmod +x "$T/cc" "$T/clang"
	[ "$(folder debian= CC="$T/cc" CFLAGS=-m64)" = /usr/lib64 ]
	[ "$(folder debian= CC="$T/cc" CFLAGS=-m32)" = /usr/lib ]
	[ "$(folder debian= CC="$T/clang" PREFIX=/opt)" = /opt/lib ]
	[ "$(folder debian=yes CC="$T/cc" CFLAGS=-m64)" = /usr/lib ]
	[ "$(folder LIBDIR=/x CC="$T/cc")" = /x ]
}

@test "an install that is not into a tree says what is left to be done" {
	printf '#!/bin/sh\n[ "$1" = -p ] || printf "%%s:\\n" /cached\necho "	libmdev.so.0 (libc6) => /known/libmdev.so.0"\n' \
		>"$T/ldconfig"
	chmod +x "$T/ldconfig"
	export PATH=$T:$PATH
	run -0 packaging/hints /known/libmdev.so.0 /usr/bin/python3 /usr/lib/python3/dist-packages
	[ -z "$output" ]
	run -0 packaging/hints /cached/libmdev.so.0 /no/python3 /x
	[ "$output" = 'Note: programs find /cached/libmdev.so.0 after "ldconfig"' ]
	run -0 packaging/hints /new/libmdev.so.0 /usr/bin/python3 /x
	[ "$output" = 'Note: programs find /new/libmdev.so.0 after "echo /new >/etc/ld.so.conf.d/libmdev.conf && ldconfig"
Note: Python finds libmdev after "export PYTHONPATH=/x"' ]

	set -- install install= LIBDIR=/new PYTHONDIR=/usr/lib/python3/dist-packages
	run -0 make -s "$@" DESTDIR=
	[[ $output = "Note: programs find /new/libmdev.so.0 after"* ]]
	run -0 make -s "$@" DESTDIR="$T/root"
	[ -z "$output" ]
}

@test "each installed file is in one of the Debian packages" {
	make -s install DESTDIR="$T/root" PREFIX=/usr LIBDIR=/usr/lib/triplet \
		PYTHONDIR=/usr/lib/python3/dist-packages
	cat packaging/debian/*.install >"$T/lists"
	cd "$T/root"
	# Those with a place of their own are sources, which are not installed.
	while read -r pattern place; do
		# shellcheck disable=SC2086 # a pattern
		[ -n "$place" ] || find $pattern ! -type d
	done <"$T/lists" | sort >"$T/packed"
	[ -s "$T/packed" ]
	find . ! -type d -printf '%P\n' | sort | diff - "$T/packed" >&2
	find . -type d -empty -printf '%P\n' | sort |
		diff - "$BATS_TEST_DIRNAME/../../packaging/debian/mdevctl.dirs" >&2
}
