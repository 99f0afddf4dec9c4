# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Shared by all findings: Debian packages in a temporary folder, which is removed at the end.

set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

unavailable()
{
	echo "Not available: $*" >&2
	exit 2
}

changed()
{
	echo "Changed: $*" >&2
	exit 1
}

# expect WHAT RECORDED ACTUAL: prints what has been seen, ends the script if it is not as recorded.
expect()
{
	printf '%s: %s\n' "$1" "$3"
	[ "$2" = "$3" ] || changed "$1: recorded '$2', now '$3'"
}

use_suite()
{
	local suite=$1 keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	local apt=$work/apt/$suite
	mkdir -p "$apt"/{lists,archives}/partial
	echo "deb [signed-by=$keyring] ${MIRROR-http://deb.debian.org/debian} $suite main" >"$apt/sources.list"
	cat >"$apt/apt.conf" <<-END
		APT::Architecture "amd64";
		APT::Sandbox::User "root";
		Acquire::Check-Valid-Until "false";
		Acquire::Languages "none";
		Dir::Etc::SourceList "$apt/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::Etc::Preferences "/dev/null";
		Dir::Etc::PreferencesParts "/dev/null";
		Dir::State "$apt";
		Dir::State::Lists "$apt/lists";
		Dir::State::status "/dev/null";
		Dir::Cache "$apt";
		Dir::Cache::Archives "$apt/archives";
	END
	apt_get "$suite" update || unavailable "the list of $suite"
}

# apt_get SUITE ARGUMENT...: with the suite's lists, and as if no package were installed.
apt_get()
{
	APT_CONFIG=$work/apt/$1/apt.conf apt-get -qq "${@:2}" >&2
}

# unpack SUITE NAME=VERSION...: makes $work/SUITE of the packages.
unpack()
{
	local suite=$1 debs=$work/debs/$1
	shift
	[ -d "$work/apt/$suite" ] || use_suite "$suite"
	mkdir -p "$debs"
	(cd "$debs" && apt_get "$suite" download "$@") || unavailable "$* in $suite"
	unpack_debs "$suite" "$debs"
	echo "$suite: $*"
}

# unpack_all SUITE NAME=VERSION...: the same with all packages that they depend on.
unpack_all()
{
	local suite=$1
	shift
	[ -d "$work/apt/$suite" ] || use_suite "$suite"
	apt_get "$suite" --yes --download-only --no-install-recommends install "$@" ||
		unavailable "$* in $suite"
	unpack_debs "$suite" "$work/apt/$suite/archives"
	echo "$suite: $*"
}

unpack_debs()
{
	local suite=$1 debs=$2 deb
	for deb in "$debs"/*.deb; do
		dpkg -x "$deb" "$work/$suite"
	done
}

# in_suite SUITE PROGRAM...: runs a program with the loader and the libraries of the suite's libc6.
in_suite()
{
	local lib=$work/$1/usr/lib/x86_64-linux-gnu loader
	loader=$(find "$work/$1" -name ld-linux-x86-64.so.2 -xtype f | head -n 1)
	shift
	local options=()
	if [ "$1" = --argv0 ]; then
		options=(--argv0 "$2")
		shift 2
	fi
	"$loader" "${options[@]}" --library-path "$lib:${lib/usr\/lib/lib}:$lib/systemd" "$@"
}

# Makes $work/PROGRAM of C text on stdin, for the headers and libraries of a suite.
compile()
{
	local suite=$1 program=$2 library=$3
	gcc -x c -o "$work/$program" -I "$work/$suite/usr/include" - -x none \
		"$(find "$work/$suite" -name "$library" | head -n 1)"
}

# json_reader: makes $work/reader, which prints what JSON_TOKENER_STRICT makes of its argument.
json_reader()
{
	unpack bookworm libjson-c5=0.16-2 libjson-c-dev=0.16-2 libc6=2.36-9+deb12u14
	unpack trixie libjson-c5=0.18+ds-1 libc6=2.41-12+deb13u5
	unpack forky libjson-c5=0.19+ds-1 libc6=2.43-7
	compile bookworm reader libjson-c.so.5 <<-'END'
		#include <json-c/json.h>
		#include <stdio.h>
		#include <string.h>

		int main(int argc, char **argv)
		{
			struct json_tokener *tok = json_tokener_new();
			struct json_object *o;

			json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
			o = json_tokener_parse_ex(tok, argv[argc - 1], strlen(argv[argc - 1]) + 1);
			if (json_tokener_get_error(tok) != json_tokener_success)
				puts("refused");
			else
				puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY));
			json_object_put(o);
			json_tokener_free(tok);
			return 0;
		}
	END
}

# The mdevctl of Debian 13 on a tree of plain files, $root.
mdevctl_tree()
{
	unpack trixie mdevctl=1.4.0-2+b1 libgcc-s1 libc6=2.41-12+deb13u5
	root=$work/root
	mkdir -p "$root"/etc/mdevctl.d "$root"/usr/lib/mdevctl/scripts.d/{callouts,notifiers} \
		"$root"/sys/bus/mdev/devices "$root"/sys/class/mdev_bus
}

run_mdevctl()
{
	RUST_BACKTRACE=0 RUST_LIB_BACKTRACE=0 MDEVCTL_ENV_ROOT=$root \
		in_suite trixie "$work/trixie/usr/bin/mdevctl" "$@"
}

# The kmod of Debian 12 and 13, and modules low, middle and high ("pre: low") in $root, whose
# configuration is the folder $conf.
kmod_tree()
{
	local name
	unpack bookworm kmod=30+20221128-1 libkmod2=30+20221128-1 libkmod-dev=30+20221128-1 \
		libzstd1 liblzma5 libssl3 libc6=2.36-9+deb12u14
	unpack trixie kmod=34.2-2 libkmod2=34.2-2 libzstd1 liblzma5 libssl3t64 zlib1g \
		libc6=2.41-12+deb13u5
	root=$work/root
	conf=$work/conf
	mkdir -p "$root/lib/modules/1.0" "$conf"
	for name in low middle high; do
		{
			echo 'static const char info[] __attribute__((section(".modinfo"), used)) ='
			printf '"name=%s\\0license=GPL\\0softdep=%s";\n' "$name" \
				"$([ "$name" != high ] || echo pre: low)"
		} | gcc -x c -c -o "$root/lib/modules/1.0/$name.ko" -
	done
	touch "$root"/lib/modules/1.0/modules.{order,builtin,builtin.modinfo}
	run_kmod bookworm depmod -b "$root" 1.0
}

# run_kmod SUITE NAME...: kmod under one of its names.
run_kmod()
{
	local suite=$1 name=$2 program
	shift 2
	mkdir -p "$work/$suite/names"
	program=$(find "$work/$suite" -name kmod -type f -perm -u+x -path '*/bin/*' | head -n 1)
	in_suite "$suite" --argv0 "$name" "$program" "$@"
}

# planned SUITE MODULE: the modules that modprobe would load, and its install commands.
planned()
{
	run_kmod "$1" modprobe -d "$root" -S 1.0 -C "$conf" --show-depends "$2" |
		sed "s|insmod $root/lib/modules/1.0/||; s|\\.ko||; s| *\$||" | paste -sd ' '
}
