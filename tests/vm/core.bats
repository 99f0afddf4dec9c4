#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2314,SC2154
#
# The mediated device core, seen from sysfs through mdevtest.ko, a vendor driver whose
# devices do nothing. Runs as root in the virtual machine. With --stock the same tests
# state what the in-tree core does; those that ask for more are skipped there.
#
# vm-debug: devices come, go and are refused in every order

STRESS=build/tests/kmod/mdev-stress
UEVENTS=build/tests/kmod/mdev-uevents
CREATE=build/tests/bench/mdev-create

PARENTS=/sys/devices/virtual/mdevtest
PARENT=$PARENTS/mdevtest0
TYPES=$PARENT/mdev_supported_types
PLAIN=$TYPES/mdevtest-plain
BARE=$TYPES/mdevtest-bare
OTHER=$PARENTS/mdevtest1/mdev_supported_types/mdevtest-plain
COUNTED=$PARENTS/mdevtest2/mdev_supported_types/mdevtest-counted
DEVICES=/sys/bus/mdev/devices
KNOBS=/sys/module/mdevtest/parameters
TRACING=/sys/kernel/tracing

U1=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001
U2=83b8f4f2-509f-382f-3c1e-e6bfe0fa1002
U3=83b8f4f2-509f-382f-3c1e-e6bfe0fa1003

# Recording the names of processes would patch the scheduler each time that tracing starts or ends. An
# emulated processor may still meet the breakpoint of that afterwards: Linux 6.12 died of it once.
setup_file() {
	echo 0 >$TRACING/options/record-cmd
	modprobe mdev
	dmesg --clear
}

setup() {
	[ -d $KNOBS ] || modprobe mdevtest
}

# Puts all back without starting programs, which are slow in an emulated machine.
teardown() {
	local knob path
	: >"$BATS_TEST_TMPDIR/end"
	[ -z "${listener:-}" ] || kill "$listener"
	[ -d $KNOBS ] || return 0
	[ ! -e /sys/module/mdevap ] || rmmod mdevap
	for knob in hold_probe hold_remove keep_reference probe_error; do
		echo 0 >$KNOBS/$knob
	done
	wait
	for path in $DEVICES/*; do
		[ ! -e "$path" ] || echo 1 >"$path/remove"
	done
	echo 1 >$PARENT/drivers
	for path in $PARENTS/*; do
		echo 1 >"$path/registered"
	done
	[ "$(<$KNOBS/max_instances) $(<$KNOBS/parents_first)" = "8 N" ] || rmmod mdevtest
}

# Skips what the in-tree core does not do.
only_ours() {
	[ -e /sys/module/mdev/version ] || skip "the in-tree core"
}

# Writes the bytes of a format with one write(2). The shell's own printf writes by line, but starts
# no program, which takes a twentieth of a second in an emulated machine.
write_bytes() {
	case $1 in
	*\\*) env printf "$1" ;;
	*) printf %s "$1" ;;
	esac
}

# write FILE FORMAT: the write succeeds.
write() {
	write_bytes "$2" >"$1"
}

# failed MESSAGE OUTPUT: a program said that it failed for that reason.
failed() {
	[ "${2##*: }" = "$1" ] || { echo "wanted: $1, got: $2" && return 1; }
}

# refuses MESSAGE FILE FORMAT: the write fails with the errno of that message.
refuses() {
	failed "$1" "$({ write_bytes "$3" >"$2"; } 2>&1)"
}

# refuses_late MESSAGE DESCRIPTOR FORMAT: the same with a file opened before.
refuses_late() {
	failed "$1" "$({ write_bytes "$3" >&"$2"; } 2>&1)"
}

contains() {
	[ "$(<"$1")" = "$2" ] || { echo "$1: $(cat "$1")" && return 1; }
}

# reaches CONDITION...: waits for a condition that has to come true.
reaches() {
	local tries=0
	until "$@"; do
		[ $((++tries)) -lt 300 ] || { echo "never true: $*" && return 1; }
		sleep 0.1
	done
}

# no_devices DIRECTORY...
no_devices() {
	local directory
	for directory in "$@"; do
		local left=("$directory"/*)
		[ ! -e "${left[0]}" ] || { echo "left: ${left[*]}" && return 1; }
	done
}

# Nothing of the device, and all instances of the parent.
nothing_is_left() {
	no_devices $DEVICES $PLAIN/devices $BARE/devices $OTHER/devices $COUNTED/devices
	contains $PLAIN/available_instances 8
	contains $OTHER/available_instances 8
	contains $COUNTED/available_instances 8
	contains $KNOBS/bound 0
}

# Types ---------------------------------------------------------------------------------

@test "a type has exactly the documented attributes, with their modes" {
	diff <(find $PLAIN -mindepth 1 -printf '%P %m %y\n' | sort) - <<-'END'
		available_instances 444 f
		create 200 f
		description 444 f
		device_api 444 f
		devices 755 d
		name 444 f
	END
}

@test "a driver without descriptions has no description attribute" {
	[ ! -e $COUNTED/description ]
	[ -e $COUNTED/name ]
}

@test "types are named after the parent's driver string and the type" {
	[ "$(ls $TYPES)" = "$(printf 'mdevtest-bare\nmdevtest-plain')" ]
}

@test "name is the pretty name, or the type's without one" {
	cmp $PLAIN/name <(printf 'Plain test device\n')
	cmp $BARE/name <(printf 'bare\n')
}

@test "device_api and description are the driver's" {
	cmp $PLAIN/device_api <(printf 'vfio-test\n')
	cmp $COUNTED/device_api <(printf 'vfio-counted\n')
	cmp $BARE/description <(printf 'does nothing, as bare\n')
}

@test "available_instances is the parent's number, or what the driver counts" {
	cmp $PLAIN/available_instances <(printf '8\n')
	cmp $COUNTED/available_instances <(printf '8\n')
	write $PLAIN/create $U1
	write $COUNTED/create $U2
	cmp $PLAIN/available_instances <(printf '7\n')
	cmp $BARE/available_instances <(printf '7\n')
	cmp $OTHER/available_instances <(printf '8\n')
	cmp $COUNTED/available_instances <(printf '7\n')
}

@test "parents are linked from /sys/class/mdev_bus" {
	[ "$(ls /sys/class/mdev_bus)" = "$(printf 'mdevtest0\nmdevtest1\nmdevtest2')" ]
	[ /sys/class/mdev_bus/mdevtest0 -ef $PARENT ]
}

# Creating ------------------------------------------------------------------------------

@test "a device appears below its parent, on the bus and in its type" {
	write $PLAIN/create "$U1\n"
	[ $DEVICES/$U1 -ef $PARENT/$U1 ]
	[ $PLAIN/devices/$U1 -ef $PARENT/$U1 ]
	[ "$(readlink $PARENT/$U1/mdev_type)" = ../mdev_supported_types/mdevtest-plain ]
	[ "$(basename "$(readlink $PARENT/$U1/driver)")" = mdevtest ]
	[ "$(stat -c %a $PARENT/$U1/remove)" = 200 ]
	contains $KNOBS/bound 1
}

@test "a UUID needs no newline" {
	write $PLAIN/create $U1
	[ -d $PARENT/$U1 ]
}

@test "a UUID in upper case makes a device with a name in lower case" {
	write $PLAIN/create "${U1^^}\n"
	[ -d $PARENT/$U1 ]
}

@test "what is not a UUID is refused with EINVAL" {
	local bytes
	for bytes in '\n' ' ' x 0 "${U1%?}" "${U1%?}\n" "${U1%?}g" " ${U1%?}" "\n$U1" "{$U1}" "${U1//-/}" \
		"${U1//-/_}" "${U1/-/ }" "${U1%?}\0" "\0$U1" "$U1$U1" "$U1\n\n" "$U1 \n" "urn:uuid:$U1" \
		"$(printf '%05000d' 0)"; do
		refuses "Invalid argument" $PLAIN/create "$bytes"
	done
	nothing_is_left
}

@test "anything but a newline behind the UUID is refused with EINVAL" {
	only_ours
	local bytes
	for bytes in "$U1 " "${U1}0" "$U1\0" "$U1\r" "$U1\t"; do
		refuses "Invalid argument" $PLAIN/create "$bytes"
	done
	nothing_is_left
}

@test "a UUID in use is refused with EEXIST, whatever its case, type and parent" {
	write $PLAIN/create $U1
	refuses "File exists" $PLAIN/create $U1
	refuses "File exists" $PLAIN/create ${U1^^}
	refuses "File exists" $BARE/create $U1
	refuses "File exists" $OTHER/create $U1
	refuses "File exists" $COUNTED/create $U1
	[ "$(ls $DEVICES)" = $U1 ]
	contains $PLAIN/available_instances 7
	contains $OTHER/available_instances 8
	contains $COUNTED/available_instances 8
}

@test "without an instance left create fails with EUSERS until one is removed" {
	local i
	for i in 1 2 3 4; do
		write $PLAIN/create "${U1%?}$i"
		write $BARE/create "${U2%??}a$i"
	done
	contains $PLAIN/available_instances 0
	refuses "Too many users" $PLAIN/create "${U1%?}9"
	refuses "Too many users" $BARE/create "${U1%?}9"
	[ ! -e "$DEVICES/${U1%?}9" ]
	write "$DEVICES/${U1%?}1/remove" 1
	contains $PLAIN/available_instances 1
	write $PLAIN/create "${U1%?}9"
}

@test "an error of the vendor driver's probe reaches the writer and leaves nothing" {
	local i
	echo 5 >$KNOBS/probe_error
	for i in 1 2 3 4 5 6 7 8 9 10; do
		refuses "Input/output error" $PLAIN/create $U1
	done
	echo 16 >$KNOBS/probe_error
	refuses "Device or resource busy" $PLAIN/create $U1
	nothing_is_left
	echo 0 >$KNOBS/probe_error
	write $PLAIN/create $U1
}

@test "a driver that counts by itself says what having none left is" {
	local i
	for i in 1 2 3 4 5 6 7 8; do
		write $COUNTED/create "${U1%?}$i"
	done
	refuses "No space left on device" $COUNTED/create "${U1%?}9"
	contains $COUNTED/available_instances 0
}

# Removing ------------------------------------------------------------------------------

@test "writing a number that is not 0 to remove removes the device" {
	local value
	for value in 1 '1\n' 2 0x10; do
		write $PLAIN/create $U1
		write $DEVICES/$U1/remove $value
		nothing_is_left
	done
}

@test "writing 0 or no number to remove leaves the device" {
	write $PLAIN/create $U1
	write $DEVICES/$U1/remove 0
	refuses "Invalid argument" $DEVICES/$U1/remove x
	refuses "Invalid argument" $DEVICES/$U1/remove yes
	refuses "Invalid argument" $DEVICES/$U1/remove '\n'
	refuses "Numerical result out of range" $DEVICES/$U1/remove 99999999999999999999
	[ -d $PARENT/$U1 ]
	contains $PLAIN/available_instances 7
}

@test "a removed device can be created again while a reference on the old one is held" {
	only_ours
	echo 1 >$KNOBS/keep_reference
	write $PLAIN/create $U1
	write $DEVICES/$U1/remove 1
	nothing_is_left
	write $OTHER/create $U1
	[ -d $DEVICES/$U1 ]
}

@test "a reference held beyond the parent's unregistration does no harm" {
	only_ours
	echo 1 >$KNOBS/keep_reference
	write $PLAIN/create $U1
	echo 0 >$PARENT/registered
	echo 0 >$KNOBS/keep_reference
	echo 1 >$PARENT/registered
	nothing_is_left
}

@test "devices are created and removed while another one's removal waits for its user" {
	write $PLAIN/create $U1
	echo 1 >$KNOBS/hold_remove
	echo 1 >$DEVICES/$U1/remove 3>&- &
	reaches contains $KNOBS/waiting 1
	write $PLAIN/create $U2
	[ -d $DEVICES/$U2 ]
	echo 1 >$DEVICES/$U2/remove 3>&- &
	reaches contains $KNOBS/waiting 2
	echo 0 >$KNOBS/hold_remove
	wait
	nothing_is_left
}

@test "no create waits for another's probe, of its parent or of another" {
	echo 1 >$KNOBS/hold_probe
	echo $U1 >$PLAIN/create 3>&- &
	echo $U2 >$BARE/create 3>&- &
	echo $U3 >$OTHER/create 3>&- &
	reaches contains $KNOBS/waiting 3
	echo 0 >$KNOBS/hold_probe
	wait
	[ "$(echo $DEVICES/*)" = "$DEVICES/$U1 $DEVICES/$U2 $DEVICES/$U3" ]
}

@test "of two removes at once one fails with ENODEV" {
	write $PLAIN/create $U1
	exec {late}>$DEVICES/$U1/remove
	echo 1 >$KNOBS/hold_remove
	echo 1 >$DEVICES/$U1/remove 3>&- &
	reaches contains $KNOBS/waiting 1
	refuses_late "No such device" "$late" 1
	echo 0 >$KNOBS/hold_remove
	wait $!
	exec {late}>&-
	nothing_is_left
}

@test "a device that is being created cannot be removed yet, but later" {
	only_ours
	echo 1 >$KNOBS/hold_probe
	echo $U1 >$PLAIN/create 3>&- &
	reaches contains $KNOBS/waiting 1
	refuses "Resource temporarily unavailable" $DEVICES/$U1/remove 1
	refuses "File exists" $PLAIN/create $U1
	echo 0 >$KNOBS/hold_probe
	wait $!
	write $DEVICES/$U1/remove 1
	nothing_is_left
}

# Parents that go -----------------------------------------------------------------------

@test "unregistering a parent removes its devices, types and link, not another's" {
	write $PLAIN/create $U1
	write $OTHER/create $U2
	echo 0 >$PARENT/registered
	[ "$(ls $DEVICES)" = $U2 ]
	[ ! -e $TYPES ]
	[ ! -e /sys/class/mdev_bus/mdevtest0 ]
	contains $KNOBS/bound 1
}

@test "a parent can be registered again, with nothing missing" {
	only_ours
	write $PLAIN/create $U1
	echo 0 >$PARENT/registered
	echo 1 >$PARENT/registered
	nothing_is_left
	write $PLAIN/create $U1
	[ $PLAIN/devices/$U1 -ef $DEVICES/$U1 ]
}

@test "a create that loses against unregistration fails with ENODEV, one under way succeeds" {
	exec {late}>$PLAIN/create
	echo 1 >$KNOBS/hold_probe
	echo $U1 >$PLAIN/create 3>&- &
	local create=$!
	reaches contains $KNOBS/waiting 1
	echo 0 >$PARENT/registered 3>&- &
	local unregister=$!
	reaches refuses_late "No such device" "$late" $U1
	refuses_late "No such device" "$late" $U2
	echo 0 >$KNOBS/hold_probe
	wait $create
	wait $unregister
	refuses_late "No such device" "$late" $U2
	exec {late}>&-
	no_devices $DEVICES
	[ ! -e $TYPES ]
	contains $KNOBS/bound 0
}

@test "unregistration waits for a removal under way" {
	write $PLAIN/create $U1
	write $PLAIN/create $U2
	echo 1 >$KNOBS/hold_remove
	echo 1 >$DEVICES/$U1/remove 3>&- &
	local remove=$!
	reaches contains $KNOBS/waiting 1
	echo 0 >$PARENT/registered 3>&- &
	local unregister=$!
	reaches refuses "No such device" $DEVICES/$U2/remove 1
	kill -0 $unregister
	echo 0 >$KNOBS/hold_remove
	wait $remove
	wait $unregister
	no_devices $DEVICES
	contains $KNOBS/bound 0
}

# Drivers that come after their parents and go before them, as Intel's GVT-g ---------------

@test "a driver may be registered after its parents and unregistered before them" {
	rmmod mdevtest
	modprobe mdevtest parents_first=1
	write $PLAIN/create $U1
	write $COUNTED/create $U2
	[ "$(basename "$(readlink $DEVICES/$U1/driver)")" = mdevtest ]
	rmmod mdevtest
	no_devices $DEVICES
}

@test "while its driver is not registered a parent refuses to create, with EAGAIN" {
	only_ours
	local i
	echo 0 >$PARENT/drivers
	for i in 1 2 3; do
		refuses "Resource temporarily unavailable" $PLAIN/create $U1
		refuses "Resource temporarily unavailable" $COUNTED/create $U2
	done
	contains $PLAIN/available_instances 8
	echo 0 >$PARENT/registered
	echo 1 >$PARENT/registered
	refuses "Resource temporarily unavailable" $PLAIN/create $U1
	nothing_is_left
	echo 1 >$PARENT/drivers
	write $PLAIN/create $U1
	write $COUNTED/create $U2
}

@test "a driver that goes lets go of its devices, which can still be removed" {
	write $PLAIN/create $U1
	write $OTHER/create $U2
	write $COUNTED/create $U3
	echo 0 >$PARENT/drivers
	contains $KNOBS/bound 0
	[ ! -e $DEVICES/$U1/driver ]
	write $DEVICES/$U1/remove 1
	echo 0 >$PARENTS/mdevtest1/registered
	[ "$(ls $DEVICES)" = $U3 ]
	echo 1 >$PARENT/drivers
	write $DEVICES/$U3/remove 1
	echo 1 >$PARENTS/mdevtest1/registered
	nothing_is_left
}

@test "a driver that goes waits for creates under way, and no new one begins" {
	only_ours
	echo 1 >$KNOBS/hold_probe
	echo $U1 >$PLAIN/create 3>&- &
	local create=$!
	reaches contains $KNOBS/waiting 1
	echo 0 >$PARENT/drivers 3>&- &
	local unregister=$!
	# Until then it is a UUID in use. Another one would be created, or held as well.
	reaches refuses "Resource temporarily unavailable" $PLAIN/create $U1
	kill -0 $unregister
	echo 0 >$KNOBS/hold_probe
	wait $create
	wait $unregister
	contains $KNOBS/bound 0
	[ ! -e $DEVICES/$U1/driver ]
	write $DEVICES/$U1/remove 1
	nothing_is_left
}

@test "hundreds of parents come and go" {
	echo 300 >$KNOBS/many
	[ "$(ls $PARENTS)" = "$(printf 'mdevtest0\nmdevtest1\nmdevtest2')" ]
	[ "$(ls /sys/class/mdev_bus)" = "$(ls $PARENTS)" ]
}

# A driver in the shape of vfio_ap ---------------------------------------------------------

AP=/sys/devices/mdevap/matrix
PASSTHROUGH=$AP/mdev_supported_types/mdevap-passthrough

@test "a parent may be on its driver's own bus, below a root device and linked from a class" {
	modprobe mdevap
	[ /sys/class/mdev_bus/matrix -ef $AP ]
	[ /sys/class/mdevap/matrix -ef $AP ]
	[ /sys/bus/mdevap/devices/matrix -ef $AP ]
	cmp $PASSTHROUGH/device_api <(printf 'vfio-ap\n')
	write $PASSTHROUGH/create $U1
	[ $DEVICES/$U1 -ef $AP/$U1 ]
	[ $PASSTHROUGH/devices/$U1 -ef $AP/$U1 ]
	write $DEVICES/$U1/adapters 7
	contains $DEVICES/$U1/adapters 7
	write $PLAIN/create $U2
	rmmod mdevap
	[ "$(ls $DEVICES)" = $U2 ]
	[ ! -e /sys/class/mdev_bus/matrix ]
}

@test "its devices are as many as it counts itself" {
	local i none_left="No space left on device"
	# Linux's core asks the driver to probe one more.
	[ -e /sys/module/mdev/version ] || none_left="Operation not permitted"
	modprobe mdevap
	for i in 1 2 3 4; do
		contains $PASSTHROUGH/available_instances $((5 - i))
		write $PASSTHROUGH/create "${U1%?}$i"
	done
	contains $PASSTHROUGH/available_instances 0
	refuses "$none_left" $PASSTHROUGH/create "${U1%?}5"
	write "$DEVICES/${U1%?}2/remove" 1
	write $PASSTHROUGH/create "${U1%?}5"
	rmmod mdevap
	nothing_is_left
}

# create_all_the_time FILE: from two processes, until there is that file.
create_all_the_time() {
	local offset i
	for offset in 10 20; do
		until [ -e "$1" ]; do
			for i in 1 2 3; do
				# The parent comes and goes, and others have the UUID or the last instance.
				echo "${U1%??}$((offset + i))" 2>/dev/null >$PASSTHROUGH/create || true
			done
		done 2>/dev/null &
	done
	wait
}

has_passthrough() {
	[ -n "$(ls $PASSTHROUGH/devices)" ]
}

@test "its module comes and goes with devices created at every moment" {
	only_ours
	local end=$BATS_TEST_TMPDIR/end i
	create_all_the_time "$end" 3>&- &
	for i in $(seq 10); do
		modprobe mdevap
		# Every second time while the first one is being created.
		[ $((i % 2)) = 0 ] || reaches has_passthrough
		rmmod mdevap
		no_devices $DEVICES
		[ ! -e $AP ]
	done
	touch "$end"
	wait
	nothing_is_left
}

# Uevents and tracepoints ---------------------------------------------------------------

@test "user space hears of parents that come and go and of devices" {
	local log=$BATS_TEST_TMPDIR/uevents
	$UEVENTS >"$log" 3>&- &
	listener=$!
	reaches grep -q listening "$log"
	write $PLAIN/create $U1
	write $DEVICES/$U1/remove 1
	echo 0 >$PARENT/registered
	echo 1 >$PARENT/registered
	reaches grep -q ' registered' "$log"
	diff <(grep -E '^(add|remove|change) .*/mdevtest0' "$log") - <<-END
		add /devices/virtual/mdevtest/mdevtest0/$U1 
		remove /devices/virtual/mdevtest/mdevtest0/$U1 
		change /devices/virtual/mdevtest/mdevtest0 unregistered
		change /devices/virtual/mdevtest/mdevtest0 registered
	END
}

@test "tracepoints tell what was done, to what, and why it failed" {
	only_ours
	echo 1 >$TRACING/events/mdev/enable
	echo >$TRACING/trace
	write $PLAIN/create $U1
	refuses "File exists" $BARE/create $U1
	write $DEVICES/$U1/remove 1
	echo 0 >$PARENT/registered
	echo 1 >$PARENT/registered
	echo 0 >$TRACING/events/mdev/enable
	sed -n 's/.*: mdev_/mdev_/p' $TRACING/trace >"$BATS_TEST_TMPDIR/events"
	diff "$BATS_TEST_TMPDIR/events" - <<-END
		mdev_create: uuid=$U1 parent=mdevtest0 type=mdevtest-plain result=0
		mdev_create: uuid=$U1 parent=mdevtest0 type=mdevtest-bare result=-17
		mdev_remove: uuid=$U1 parent=mdevtest0 type=mdevtest-plain result=0
		mdev_parent_unregister: parent=mdevtest0 driver=mdevtest nr_types=2 result=0
		mdev_parent_register: parent=mdevtest0 driver=mdevtest nr_types=2 result=0
	END
}

# Many ----------------------------------------------------------------------------------

@test "thousands of devices can be created and removed" {
	rmmod mdevtest
	modprobe mdevtest max_instances=100000
	$CREATE $PLAIN 5000
	no_devices $DEVICES
	contains $PLAIN/available_instances 100000
}

# lock_waiters: counts the waits for a lock in the trace by the function that waited: the first of
# a stack that is not the lock's own.
lock_waiters() {
	awk '/ contention_begin: / { waits = 1 }
		waits && $1 == "=>" && $2 !~ /^(trace_|rwsem_|down_|up_|_*mutex_|_*percpu_|_raw_|queued_)/ {
			sub(/[+.].*/, "", $2)
			print $2
			waits = 0
		}' $TRACING/trace | sort | uniq -c
}

# Linux has locks that all devices share, those of sysfs above all.
@test "nobody waits for a lock of the core while devices of two parents come and go" {
	only_ours
	[ -e $TRACING/events/lock/contention_begin ] || skip "the kernel does not trace locks"
	local waiters=$BATS_TEST_TMPDIR/waiters ours=$BATS_TEST_TMPDIR/ours
	rmmod mdevtest
	modprobe mdevtest max_instances=100000
	echo 1 >$TRACING/options/stacktrace
	echo >$TRACING/trace
	echo 1 >$TRACING/events/lock/contention_begin/enable
	$CREATE $PLAIN 1000 &
	$CREATE --first 1000 $OTHER 1000
	wait $!
	echo 0 >$TRACING/events/lock/contention_begin/enable
	echo 0 >$TRACING/options/stacktrace
	lock_waiters >"$waiters"
	cat "$waiters"
	awk '$4 == "[mdev]" && sub(/[.].*|$/, "", $3) && $3 { print $3 }' /proc/kallsyms >"$ours"
	grep -qx create_store "$ours"
	run grep -wFf "$ours" "$waiters"
	[ "$status" = 1 ]
}

@test "unregistering a parent removes thousands of devices" {
	rmmod mdevtest
	modprobe mdevtest max_instances=100000
	$CREATE --keep $PLAIN 2000
	[ "$(cat $KNOBS/bound)" = 2000 ]
	echo 0 >$PARENT/registered
	no_devices $DEVICES
	contains $KNOBS/bound 0
}

@test "creating, removing, unregistering parents and drivers from several threads leaves nothing behind" {
	only_ours
	run $STRESS 3000
	echo "$output"
	[ "$status" = 0 ]
	echo 1 >$PARENT/drivers
	echo 1 >$PARENT/registered
	echo 1 >$PARENTS/mdevtest1/registered
	nothing_is_left
}

# Unloading -----------------------------------------------------------------------------

@test "the core cannot be unloaded under a driver, which takes its devices with it" {
	local message
	write $PLAIN/create $U1
	write $COUNTED/create $U2
	message=$({ rmmod mdev; } 2>&1) && false
	[[ $message == *"is in use by: mdevtest"* ]]
	rmmod mdevtest
	no_devices $DEVICES
	[ -z "$(ls /sys/bus/mdev/drivers)" ]
}

@test "unloading a driver waits for the user of a device" {
	write $PLAIN/create $U1
	echo 1 >$KNOBS/hold_remove
	rmmod mdevtest 3>&- &
	local unload=$!
	reaches contains $KNOBS/waiting 1
	kill -0 $unload
	echo 0 >$KNOBS/hold_remove
	wait $unload
	[ ! -e $KNOBS ]
	no_devices $DEVICES
}

# The end -------------------------------------------------------------------------------

@test "the core can be unloaded, and the kernel has complained about nothing" {
	rmmod mdevtest
	rmmod mdev
	run grep -E 'WARNING|BUG|refcount|possible recursive|circular|sysfs: cannot|tried to|ODEBUG' \
		<(dmesg)
	echo "$output"
	[ "$status" = 1 ]
	modprobe mdev
}
