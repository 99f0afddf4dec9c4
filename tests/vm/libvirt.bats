#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The whole life of a device by libvirt's tools, which call our mdevctl, also with a broken file
# among the definitions. What either writes, the other reads.
#
# vm-once: it says nothing of the kernel
# vm: --root trixie --systemd --lay build/vm/install

bats_require_minimum_version 1.5.0
load autostart

export LIBVIRT_DEFAULT_URI=nodedev:///system
PARENT=mtty_mtty
DEFS=/etc/mdevctl.d/mtty

setup_file() {
	modprobe mtty
	mkdir -p $DEFS
	echo garbage >$DEFS/00000000-0000-4000-8000-000000000000
	# It looks for mdevctl and watches the directory of definitions when it starts.
	systemctl restart libvirtd.service
	eventually virsh nodedev-list
}

teardown_file() {
	systemctl stop libvirtd.service libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket
	modprobe -r mtty
	rm -r $DEFS
}

# node NUMBER: libvirt's name of the device
node() {
	local uuid
	uuid=$(uuid "$1")
	echo "mdev_${uuid//-/_}_mtty"
}

# xml NUMBER TYPE [ATTRIBUTE VALUE]: a file that describes the device
xml() {
	local file=$BATS_TEST_TMPDIR/device.xml
	# shellcheck disable=SC2016 # quotes of XML
	cat >"$file" <<-END
		<device>
		  <name>$(node "$1")</name>
		  <parent>$PARENT</parent>
		  <capability type='mdev'>
		    <type id='$2'/>
		    <uuid>$(uuid "$1")</uuid>
		    ${3:+<attr name='$3' value='$4'/>}
		  </capability>
		</device>
	END
	echo "$file"
}

# lists NUMBER [OPTION...]: is the device in libvirt's list?
lists() {
	virsh nodedev-list --cap mdev "${@:2}" | grep -qx "$(node "$1")"
}

lists_not() {
	! lists "$@"
}

# info NUMBER FIELD VALUE: what nodedev-info tells
info() {
	virsh nodedev-info "$(node "$1")" | grep -qE "^$2: +$3$"
}

power_control() {
	cat "/sys/bus/mdev/devices/$(uuid "$1")/power/control"
}

@test "libvirt sees the parent, its types and what is left of them" {
	virsh nodedev-list --cap mdev_types | grep -qx $PARENT
	virsh nodedev-dumpxml $PARENT >"$BATS_TEST_TMPDIR/xml"
	grep "<type id='mtty-2'>" "$BATS_TEST_TMPDIR/xml"
	grep '<name>Dual port serial</name>' "$BATS_TEST_TMPDIR/xml"
	grep '<deviceAPI>vfio-pci</deviceAPI>' "$BATS_TEST_TMPDIR/xml"
	grep '<availableInstances>12</availableInstances>' "$BATS_TEST_TMPDIR/xml"
}

@test "a definition: define, list, dump, autostart, start, destroy, undefine" {
	run -0 virsh nodedev-define "$(xml 1 mtty-2 power/control on)"
	[[ $output == *"'$(node 1)' defined"* ]]
	same '{"mdev_type":"mtty-2","start":"manual","attrs":[{"power/control":"on"}]}' \
		"$(jq -c . "$DEFS/$(uuid 1)")"
	lists 1 --inactive
	lists_not 1
	same "$(uuid 1) mtty mtty-2 manual" "$(mdevctl list --defined)"

	virsh nodedev-autostart "$(node 1)"
	same auto "$(jq -r .start "$DEFS/$(uuid 1)")"
	info 1 Autostart yes
	virsh nodedev-autostart --disable "$(node 1)"
	same manual "$(jq -r .start "$DEFS/$(uuid 1)")"
	info 1 Autostart no

	virsh nodedev-start "$(node 1)"
	same "$(uuid 1) mtty mtty-2" "$(active)"
	same on "$(power_control 1)"
	eventually lists 1
	info 1 Persistent yes
	virsh nodedev-dumpxml "$(node 1)" >"$BATS_TEST_TMPDIR/xml"
	grep "<type id='mtty-2'/>" "$BATS_TEST_TMPDIR/xml"
	grep "<uuid>$(uuid 1)</uuid>" "$BATS_TEST_TMPDIR/xml"
	same "$(uuid 1) mtty mtty-2 manual (defined)" "$(mdevctl list)"

	virsh nodedev-destroy "$(node 1)"
	same "" "$(active)"
	eventually lists 1 --inactive
	virsh nodedev-undefine "$(node 1)"
	[ ! -e "$DEFS/$(uuid 1)" ]
	eventually lists_not 1 --all
}

@test "a transient device: create and destroy" {
	run -0 virsh nodedev-create "$(xml 2 mtty-1)"
	[[ $output == *"$(node 2) created"* ]]
	same "$(uuid 2) mtty mtty-1" "$(active)"
	info 2 Persistent no
	[ ! -e "$DEFS/$(uuid 2)" ]
	virsh nodedev-destroy "$(node 2)"
	same "" "$(active)"
	eventually lists_not 2 --all
}

@test "a device without a UUID gets one" {
	local file
	file=$(xml 3 mtty-1)
	sed -i '/<uuid>/d; /<name>/d' "$file"
	run -0 virsh nodedev-define "$file"
	[[ $output =~ mdev_([0-9a-f_]{36})_mtty ]]
	[ -e "$DEFS/${BASH_REMATCH[1]//_/-}" ]
	virsh nodedev-undefine "${BASH_REMATCH[0]}"
	same 00000000-0000-4000-8000-000000000000 "$(ls $DEFS)"
}

@test "an update changes the definition, the device, or both" {
	virsh help nodedev-update >/dev/null 2>&1 || skip "libvirt 10.1 was the first to have it"
	virsh nodedev-define "$(xml 4 mtty-1 power/control on)"
	virsh nodedev-start "$(node 4)"
	eventually lists 4

	virsh nodedev-update "$(node 4)" "$(xml 4 mtty-1 power/control auto)" --config
	same auto "$(jq -r '.attrs[0]["power/control"]' "$DEFS/$(uuid 4)")"
	same on "$(power_control 4)"

	virsh nodedev-update "$(node 4)" "$(xml 4 mtty-1 power/control auto)" --live
	same auto "$(power_control 4)"

	virsh nodedev-update "$(node 4)" "$(xml 4 mtty-1 power/control on)" --live --config
	same on "$(jq -r '.attrs[0]["power/control"]' "$DEFS/$(uuid 4)")"
	same on "$(power_control 4)"

	virsh nodedev-destroy "$(node 4)"
	virsh nodedev-undefine "$(node 4)"
}

@test "what mdevctl defines, starts, changes and removes libvirt sees" {
	mdevctl define -u "$(uuid 5)" -p mtty --type mtty-2 --auto
	eventually lists 5 --inactive
	eventually info 5 Autostart yes
	mdevctl modify -u "$(uuid 5)" --manual
	eventually info 5 Autostart no
	mdevctl start -u "$(uuid 5)"
	eventually lists 5
	virsh nodedev-dumpxml "$(node 5)" | grep "<type id='mtty-2'/>"
	mdevctl stop -u "$(uuid 5)"
	eventually lists 5 --inactive
	mdevctl undefine -u "$(uuid 5)"
	eventually lists_not 5 --all
}

@test "what libvirt shows of a refusal is our reason" {
	virsh nodedev-define "$(xml 6 mtty-9)"
	run ! virsh nodedev-start "$(node 6)"
	[[ $output == *"mtty does not support mdev type mtty-9"* ]]
	virsh nodedev-undefine "$(node 6)"
}

@test "libvirt takes the element that show --libvirt prints into a domain" {
	local domain=$BATS_TEST_TMPDIR/domain.xml element=$BATS_TEST_TMPDIR/element.xml
	mdevctl define -u "$(uuid 7)" -p mtty --type mtty-2
	mdevctl show -u "$(uuid 7)" --libvirt >"$element"
	cat >"$domain" <<-END
		<domain type='test'>
		  <name>d</name><memory>4096</memory><os><type>hvm</type></os>
		  <devices>$(<"$element")</devices>
		</domain>
	END
	virt-xml-validate "$domain" domain
	# Its own driver for tests parses and checks as those of real domains do.
	virsh -c test:///default "define --validate $domain; dumpxml --inactive d" >"$BATS_TEST_TMPDIR/xml"
	grep "<hostdev mode='subsystem' type='mdev'.* model='vfio-pci'" "$BATS_TEST_TMPDIR/xml"
	grep "<address uuid='$(uuid 7)'/>" "$BATS_TEST_TMPDIR/xml"
	mdevctl undefine -u "$(uuid 7)"
}

@test "the broken file is still there, and was reported by name" {
	same garbage "$(cat $DEFS/00000000-0000-4000-8000-000000000000)"
	mdevctl list --defined 2>&1 >/dev/null | grep "$DEFS/00000000-0000-4000-8000-000000000000"
}
