#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2086,SC2154 # scripts; UUIDs; variables of machine.bash
# What callout scripts can do in the units of autostart, and what not: with a systemd that has
# booted in namespaces of its own. UNITS_ROOT=DIRECTORY takes another one than that of this machine.
# tests/vm/units.bats has what needs a kernel of its own.

bats_require_minimum_version 1.5.0

load machine

: "${UNITS_ROOT:=/}" "${SELF_CONTAINED:=$TOP/build/tests/cli/mdevctl}"

setup_file() {
	make -s -C "$BATS_TEST_DIRNAME/../.." install-udev DESTDIR="$BATS_FILE_TMPDIR/files" PREFIX=/usr
}

setup() {
	needs_sim "systemd gets it in place of the machine"
	needs_root "to boot systemd"
	machine_up
	install -D "$SELF_CONTAINED" "$BATS_FILE_TMPDIR/files/usr/bin/mdevctl"
	mkdir -p "$T/out" "$ROOT/run/notes"
	define_file $U1 mtty-1 mtty auto
}

# vendor_script: a callout script, of the commands on standard input; "notes" is a directory.
vendor_script() {
	local script=$ROOT/usr/lib/mdevctl/scripts.d/callouts/vendor

	mkdir -p "${script%/*}"
	{ printf '#!/bin/bash\nnotes=/run/machine/run/notes\n' && cat; } >"$script"
	chmod +x "$script"
}

# in_systemd: the commands on standard input; start_unit is one of them.
in_systemd() {
	local status=0

	{ printf 'start_unit() { systemctl start mdevctl-parent@mtty.service; }\n' && cat; } >"$T/out/script"
	"$TOP/tests/cli/in-systemd" "$UNITS_ROOT" "$BATS_FILE_TMPDIR/files" "$ROOT" "$T/out" \
		>"$T/console" 2>&1 || status=$?
	[ $status != 77 ] || skip "$(tail -n 1 "$T/console")"
	sed 's/^/# /' "$T/out/log" >&2
	[ "$(cat "$T/out/status")" = 0 ] || { tail -n 20 "$T/console" >&2; return 1; }
}

@test "a script that locks in the name of its caller, as that of s390-tools does, works" {
	vendor_script <<-'END'
		lock=/run/lock/vendor.lock
		case $4-$6 in
		pre-start)
			mkdir -p /run/lock
			echo $PPID >$lock.$$ && ln $lock.$$ $lock && rm $lock.$$ || exit 1
			cat /etc/passwd /run/machine/etc/mdevctl.d/mtty/* >/dev/null
			;;
		post-start)
			[ "$(cat $lock)" = $PPID ] && kill -0 $PPID && rm $lock && touch $notes/post
			;;
		*) exit 2 ;;
		esac
	END
	in_systemd <<<start_unit
	same "$U1 mtty mtty-1" "$(active)"
	[ -e "$ROOT/run/notes/post" ]
}

@test "scripts use /run, /var, sysfs, devices and systemd" {
	vendor_script <<-'END'
		[ "$4-$6" = pre-start ] || exit 2
		set -ex
		touch /run/vendor /var/lib/vendor /tmp/vendor /var/tmp/vendor $notes/file
		[ $(stat -c %a $notes/file) = 644 ]
		: >/run/machine/sys/devices/virtual/mtty/mtty/mdev_supported_types/mtty-1/create || true
		: <>/dev/fuse
		systemctl is-active script.service
		systemctl start vendor.service
	END
	in_systemd <<-'END'
		printf '[Unit]\nDefaultDependencies=no\n[Service]\nType=oneshot\nExecStart=touch /run/machine/run/notes/unit\n' \
			>/run/systemd/system/vendor.service
		systemctl daemon-reload
		start_unit && [ -e /var/lib/vendor ] && [ ! -e /tmp/vendor ]
	END
	same "$U1 mtty mtty-1" "$(active)"
	[ -e "$ROOT/run/notes/unit" ]
}

# Commands that no script needs.
FORBIDDEN=(
	'touch /etc/x'
	'touch /usr/bin/x'
	'touch /root/x'
	'touch /x'
	'mount -t tmpfs none /mnt && umount /mnt'
	'unshare --net true'
	'chroot / true'
	'hostname vm'
	'touch /run/x && chmod u+s /run/x'
	'touch /run/y && chown 1 /run/y'
	'setpriv --reuid=1 --clear-groups true'
	'LC_ALL=C; ! (: </dev/disk) 2>&1 | grep "not permitted"'
	': <>/dev/udp/127.0.0.1/9'
	'dmesg'
)

# permitted: prints those that can be done.
permitted() {
	for command in "${FORBIDDEN[@]}"; do
		! bash -c "$command" &>/dev/null || echo "$command"
	done
}

@test "what no script needs is kept from them" {
	vendor_script <<-END
		[ "\$4-\$6" = pre-start ] || exit 2
		$(declare -p FORBIDDEN)
		$(declare -f permitted)
		permitted >\$notes/permitted
	END
	in_systemd <<-END
		$(declare -p FORBIDDEN)
		$(declare -f permitted)
		permitted >/run/machine/run/notes/outside
		start_unit
	END
	same "" "$(<"$ROOT/run/notes/permitted")"
	# Or this shows nothing.
	same "$(printf '%s\n' "${FORBIDDEN[@]}")" "$(<"$ROOT/run/notes/outside")"
}

@test "a drop-in allows a script more, as the man page says" {
	vendor_script <<-'END'
		[ "$4-$6" = pre-start ] || exit 2
		touch /etc/vendor/file && chown 1 /etc/vendor/file && : <>/dev/udp/127.0.0.1/9
	END
	# Both examples of the section.
	sed -n '/^\.SS Sandbox/,/^\.SH/{/^\[Service\]/,/^\.EE/{/^\./!p}}' "$TOP/man/mdevctl.8" >"$T/out/conf"
	grep -q CAP_CHOWN "$T/out/conf"
	in_systemd <<-'END'
		mkdir /etc/vendor
		! start_unit && [ -z "$(ls /etc/vendor)" ] || exit
		mkdir "/etc/systemd/system/mdevctl-parent@.service.d"
		cp /run/out/conf "/etc/systemd/system/mdevctl-parent@.service.d/script.conf"
		systemctl daemon-reload
		start_unit && [ "$(stat -c %u /etc/vendor/file)" = 1 ]
	END
	same "$U1 mtty mtty-1" "$(active)"
}
