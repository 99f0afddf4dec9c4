#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# libvirt, administrators and udev's events define, change, start, stop and undefine the same devices
# at the same time. What each call of mdevctl says of its end is true, whoever called it, and
# libvirt knows afterwards what is there.
#
# vm-by-name: make check-at-once; libvirt's and administrators' actions take two minutes
# vm: --root trixie --systemd --lay build/vm/install

bats_require_minimum_version 1.5.0
load autostart

export LIBVIRT_DEFAULT_URI=nodedev:///system
DEFS=/etc/mdevctl.d/mtty
# Each call of the command, as a line "WHAT UUID STATUS WHOSE".
NOTES=/run/at-once
REAL=/usr/lib/at-once/mdevctl
DEVICES="1 2 3"
: "${LEAST_SECONDS:=20}"

# In the command's place: notes what it did for whom. The units start several devices in one call,
# of which it tells a terminal or the journal only; and only administrators say who they are.
wrap_command() {
	mkdir -p $NOTES "$(dirname $REAL)"
	mv /usr/bin/mdevctl $REAL
	cat >/usr/bin/mdevctl <<-END
		#!/bin/bash
		case \$1 in
		start-parent-mdevs)
			out=\$(script -qefc "$REAL \$*" /dev/null </dev/null)
			status=\$?
			[ -z "\$out" ] || echo "\$out"
			sed -nE 's/^Started ([0-9a-f-]{36}),.*/start \\1 0 units/p' <<<"\$out" >>$NOTES/did
			;;
		define | undefine | modify | start | stop)
			$REAL "\$@"
			status=\$?
			# libvirt asks for the help of modify, to see whether there is any.
			[[ "\$*" =~ [0-9a-f-]{36} ]] && echo "\$1 \$BASH_REMATCH \$status \${WHOSE:-libvirt}" >>$NOTES/did
			;;
		*) exec $REAL "\$@" ;;
		esac
		exit \$status
	END
	chmod +x /usr/bin/mdevctl
}

setup_file() {
	wrap_command
	modprobe mtty
	mkdir -p $DEFS
	systemctl restart libvirtd.service
	eventually virsh nodedev-list
}

teardown_file() {
	systemctl stop libvirtd.service libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket
	modprobe -r mtty
	mv $REAL /usr/bin/mdevctl
	rm -rf $DEFS $NOTES
}

# node NUMBER: libvirt's name of the device
node() {
	local uuid
	uuid=$(uuid "$1")
	echo "mdev_${uuid//-/_}_mtty"
}

uuids() {
	local device
	for device in $DEVICES; do
		echo "$(uuid "$device")"
	done
}

# defined: the names of all files of definitions, sorted.
defined() {
	find /etc/mdevctl.d -type f -printf '%f\n' | sort
}

# xml NUMBER: a file that describes the device
xml() {
	cat >"$NOTES/$1.xml" <<-END
		<device>
		  <name>$(node "$1")</name>
		  <parent>mtty_mtty</parent>
		  <capability type='mdev'><type id='mtty-1'/><uuid>$(uuid "$1")</uuid></capability>
		</device>
	END
}

# is_over: nobody goes on.
is_over() {
	[ -e $NOTES/over ]
}

# libvirt_user NUMBER
libvirt_user() {
	local device what

	RANDOM=$1
	until is_over; do
		device=$((1 + RANDOM % 3))
		case $((RANDOM % 7)) in
		0) what=(define "$NOTES/$device.xml") ;;
		1) what=(undefine "$(node $device)") ;;
		2) what=(start "$(node $device)") ;;
		3) what=(destroy "$(node $device)") ;;
		4) what=(create "$NOTES/$device.xml") ;;
		5) what=(autostart "$(node $device)") ;;
		6) what=(autostart --disable "$(node $device)") ;;
		esac
		virsh "nodedev-${what[0]}" "${what[@]:1}" >/dev/null 2>>"$NOTES/virsh-told" &&
			echo "${what[0]} $(uuid $device)" >>$NOTES/virsh-did
	done
}

# Not in libvirt's way, where the machine is emulated: it takes ten times as long for anything.
step_back() {
	renice -n 15 $BASHPID >/dev/null
}

# administrator NUMBER
administrator() {
	local uuid what

	step_back
	RANDOM=$1
	until is_over; do
		uuid=$(uuid $((1 + RANDOM % 3)))
		case $((RANDOM % 6)) in
		0) what=(define -u "$uuid" -p mtty -t mtty-1 --auto) ;;
		1) what=(undefine -u "$uuid" -p mtty) ;;
		2) what=(start -u "$uuid" -p mtty -t mtty-1) ;;
		3) what=(stop -u "$uuid") ;;
		4) what=(modify -u "$uuid" --auto) ;;
		5) what=(modify -u "$uuid" --manual) ;;
		esac
		WHOSE=administrator mdevctl "${what[@]}" >/dev/null 2>>"$NOTES/told" || true
	done
}

udev_events() {
	step_back
	until is_over; do
		udevadm trigger --settle --action=add /sys/class/mdev_bus/mtty
	done
}

# did WHAT UUID STATUS [WHOSE]: how often.
did() {
	grep -cE "^($1) $2 $3 ${4:-}" $NOTES/did || true
}

# virsh_did WHAT UUID
virsh_did() {
	grep -cE "^($1) $2$" $NOTES/virsh-did || true
}

# enough: each of them has had success, and for a while.
enough() {
	local libvirt administrators units
	libvirt=$(did '[a-z]+' '[^ ]+' 0 libvirt)
	administrators=$(did '[a-z]+' '[^ ]+' 0 administrator)
	units=$(did start '[^ ]+' 0 units)
	echo "# after $SECONDS s: libvirt $libvirt, administrators $administrators, units $units" >&3
	[ $SECONDS -ge "$LEAST_SECONDS" ] && [ "$libvirt" -ge 5 ] && [ "$administrators" -ge 10 ] &&
		[ "$units" -ge 1 ]
}

# figures: what has been done, for who reads the output.
figures() {
	cut -d' ' -f1,3,4 $NOTES/did | sort | uniq -c | sed 's/^/# /'
	cut -d' ' -f1 $NOTES/virsh-did | sort | uniq -c | sed 's/$/ by virsh/; s/^/# /'
}

# libvirt_lists OPTION...: "UUID" lines, sorted.
libvirt_lists() {
	virsh nodedev-list --cap mdev "$@" | sed -nE 's/^mdev_([0-9a-f_]{36})_mtty$/\1/p' | tr _ - | sort
}

libvirt_knows() {
	[ "$(libvirt_lists)" = "$(active | cut -d' ' -f1)" ] &&
		[ "$(libvirt_lists --all)" = "$({ active | cut -d' ' -f1; defined; } | sort -u)" ]
}

# libvirt_info NUMBER FIELD VALUE
libvirt_info() {
	virsh nodedev-info "$(node "$1")" | grep -qE "^$2: +$3$"
}

@test "of all that libvirt, administrators and udev's events do at once each tells the truth" {
	local number device uuid

	: >$NOTES/virsh-did
	: >$NOTES/told
	: >$NOTES/did
	for device in $DEVICES; do xml "$device"; done
	trap - DEBUG
	set +T
	SECONDS=0
	for number in 1 2 3; do
		libvirt_user $number 3>&- &
		administrator $number 3>&- &
	done
	udev_events 3>&- &
	# Where the machine is emulated, one of libvirt's actions may take ten seconds.
	until enough; do sleep 10; done
	touch $NOTES/over
	wait
	eventually is_settled mtty
	figures >&3

	# Success or failure, and each failure with its reason; it is true of each device.
	same "" "$(grep -vE "^[a-z]+ $(uuid 0 | head -c 35)[123] [01] [a-z]+$" $NOTES/did)"
	same "$(did '[a-z]+' '[^ ]+' 1 administrator)" "$(grep -c '^Error: ' $NOTES/told)"
	for device in $DEVICES; do
		uuid=$(uuid "$device")
		same $(($(did define "$uuid" 0) - $(did undefine "$uuid" 0))) \
			"$(find /etc/mdevctl.d -name "$uuid" | wc -l)"
		same $(($(did start "$uuid" 0) - $(did stop "$uuid" 0))) "$(active | grep -c "^$uuid ")"
	done
}

@test "what they have left is whole, and no more than that is there" {
	run -0 --separate-stderr mdevctl list -d
	same "" "$stderr"
	same "" "$(defined | grep -vxFf <(uuids))"
	same "" "$(active | cut -d' ' -f1 | grep -vxFf <(uuids))"
	same "$(defined)" "$(mdevctl list -d | cut -d' ' -f1 | sort)"
	same "$(active)" "$(mdevctl list | cut -d' ' -f1-3 | sort)"
}

# Of what is defined already, defining it is changing it, and a setting that it has is not set.
@test "libvirt's success is one of mdevctl's" {
	local device uuid
	for device in $DEVICES; do
		uuid=$(uuid "$device")
		[ "$(virsh_did define "$uuid")" -le "$(did 'define|modify' "$uuid" 0 libvirt)" ]
		[ "$(virsh_did undefine "$uuid")" -le "$(did undefine "$uuid" 0 libvirt)" ]
		[ "$(virsh_did 'start|create' "$uuid")" -le "$(did start "$uuid" 0 libvirt)" ]
		[ "$(virsh_did destroy "$uuid")" -le "$(did stop "$uuid" 0 libvirt)" ]
	done
}

@test "libvirt knows what is there afterwards" {
	local device
	eventually libvirt_knows || {
		same "$(active | cut -d' ' -f1)" "$(libvirt_lists)"
		same "$({ active | cut -d' ' -f1; defined; } | sort -u)" "$(libvirt_lists --all)"
		false
	}
	for device in $DEVICES; do
		[ -e "$DEFS/$(uuid "$device")" ] || continue
		if grep -q '"auto"' "$DEFS/$(uuid "$device")"; then
			eventually libvirt_info "$device" Autostart yes
		else
			eventually libvirt_info "$device" Autostart no
		fi
	done
}
