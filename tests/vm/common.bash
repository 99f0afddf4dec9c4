# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the programs of tests/vm share.

set -eEuo pipefail
trap 'echo "Error: ${BASH_SOURCE[0]} line $LINENO: $BASH_COMMAND: status $?" >&2' ERR

die()
{
	echo "Error: $*" >&2
	exit 125
}

# Shows the end of a log, then dies of MESSAGE.
fail_with()
{
	local log=$1
	shift
	tail -n 20 "$log" >&2
	die "$@"
}

# What the kernel prints when it has found a fault of its own.
# shellcheck disable=SC2034 # for those that look at consoles
kernel_complaints='\bBUG[: ]|WARNING: |Oops|Kernel panic|general protection fault|KASAN|UBSAN|ODEBUG|refcount_t'
kernel_complaints+='|INFO: task .* blocked|INFO: lockdep|INFO: trying to register non-static key'
kernel_complaints+='|the locking correctness validator|unreferenced object|kmemleak: .*(suspected|disabled)'
kernel_complaints+='|disagrees about version'

# Runs a command under an exclusive lock, so that parallel callers build a thing once.
locked()
{
	local lock=$1
	shift
	mkdir -p "$(dirname "$lock")"
	(
		flock 9
		"$@"
	) 9>"$lock"
}

# shellcheck disable=SC2034 # for those that fetch
debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

host_codename()
{
	(. /etc/os-release && echo "${VERSION_CODENAME-}")
}

# Prints "MIRROR SUITE" lines of the host's own Debian sources.
host_sources()
{
	# shellcheck disable=SC2016 # apt's variables
	apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		awk -v codename="$1" '
			$3 == "main" && ($2 ~ "^(" codename "|stable)($|-)") { print $1, $2 }' |
		sort -u
}

# Prints where the host gets its Debian from.
host_mirror()
{
	local codename mirror
	codename=$(host_codename)
	mirror=$(host_sources "$codename" |
		awk -v codename="$codename" '
			!mirror && ($2 == codename || $2 == "stable") { mirror = $1 }
			END { print mirror }')
	[ -n "$mirror" ] || die "no Debian mirror found in this host's apt sources"
	echo "$mirror"
}

# Lists of suites that change daily end after a week: those of a mirror that is behind serve as
# well. They are as signed as others.
# shellcheck disable=SC2034 # for those that fetch
outdated_is_good='Acquire::Check-Valid-Until "false";'

# configure_apt DIR SOURCES: writes DIR/apt.conf for an apt that has SOURCES, "MIRROR SUITE" lines,
# and knows nothing of the host's packages.
configure_apt()
{
	local dir=$1 sources=$2 mirror suite
	mkdir -p "$dir"/{lists,archives}/partial
	while read -r mirror suite; do
		echo "deb [signed-by=$debian_keyring] $mirror $suite main"
	done <<<"$sources" >"$dir/sources.list"
	cat >"$dir/apt.conf" <<-END
		APT::Architecture "amd64";
		APT::Sandbox::User "root";
		$outdated_is_good
		Dir::Etc::SourceList "$dir/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::Etc::Preferences "/dev/null";
		Dir::Etc::PreferencesParts "/dev/null";
		Dir::State "$dir";
		Dir::State::Lists "$dir/lists";
		Dir::State::status "/dev/null";
		Dir::Cache "$dir";
		Dir::Cache::Archives "$dir/archives";
	END
}

# unpack_packages DIR PACKAGE...: into DIR/root.
unpack_packages()
{
	local dir=$1 deb
	shift
	mkdir -p "$dir/debs" "$dir/root"
	(cd "$dir/debs" && apt-get -q download "$@") >"$dir/log" 2>&1 ||
		fail_with "$dir/log" "apt-get download failed"
	for deb in "$dir"/debs/*.deb; do
		dpkg -x "$deb" "$dir/root"
	done
	rm -rf "$dir/debs" "$dir/log"
}

# relocate_headers FOLDER...: the headers of one flavour name the common ones, and newer ones
# themselves, by absolute paths. The former go by the real path of the file that does so, the latter
# by the folder that make is called for, so that a tree of links to the headers works as well.
relocate_headers()
{
	# shellcheck disable=SC2016 # make's variables
	sed -i -e 's|^include /usr/src/|include $(dir $(realpath $(lastword $(MAKEFILE_LIST))))../|' \
		-e '/^KBUILD_OUTPUT=/s|=.*|=$(CURDIR)|' "${@/%//Makefile}"
}

# enter_user_land FOLDER...: lets make build with the user land that was fetched with the headers.
enter_user_land()
{
	local headers
	for headers; do
		ln -sf mawk "$headers/../../bin/awk"
		mv "$headers/Makefile" "$headers/Makefile.debian"
		cp "$(dirname "${BASH_SOURCE[0]}")/user-land.mk" "$headers/Makefile"
	done
}
