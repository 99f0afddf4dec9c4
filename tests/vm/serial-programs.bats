#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Programs for serial ports at both ends of the cable, with files of a megabyte: on a terminal of
# the host, and, in place of a guest, on a pseudo-terminal that a driver of the card joins with its
# port (tests/serial/bridge.c). serial.bats has a guest in its place, and takes far longer.
#
# vm-by-name: the programs are those of Debian 13, in a root of their own
# vm: --root trixie-serial

load jobs

UUID=5e000000-0000-4000-8000-000000000001
CARD=/sys/bus/mdev/devices/$UUID
TTY=/dev/ttyMTTY0
PORT=/run/guest
DATA=/run/data
SIZE=1048576

setup_file() {
	modprobe -a mtty vfio_iommu_type1 ppp_async
	echo $UUID >/sys/devices/virtual/mtty/mtty/mdev_supported_types/mtty-2/create
	echo host >$CARD/mode
	head -c $SIZE /dev/urandom >$DATA
}

teardown_file() {
	echo 1 >$CARD/remove
	modprobe -r mtty
}

setup() {
	T=$BATS_TEST_TMPDIR
	build/tests/serial/serial-bridge $UUID 0 $PORT 3>&- &
	until [ -e $PORT ]; do
		kill -0 $!
		sleep 0.1
	done
	stty -F $TTY raw -echo crtscts -ixon -ixoff clocal cs8 115200
	stty -F $PORT raw -echo
}

teardown() {
	end_jobs
	rm -f $PORT
}

# No byte that arrived, at either end, was lost for want of room.
nothing_overran() {
	[ "$(<$CARD/mtty/port0_overrun)" = 0 ]
}

# to_guest FILE and to_host FILE: carry it as it is. Nothing ends what a port with CLOCAL reads, so
# it is counted.
to_guest() {
	local reader
	head -c "$(stat -c %s "$1")" <$PORT >"$T/got" 3>&- &
	reader=$!
	cat "$1" >$TTY
	wait $reader
	cmp "$1" "$T/got"
	nothing_overran
}

to_host() {
	local reader
	head -c "$(stat -c %s "$1")" <$TTY >"$T/got" 3>&- &
	reader=$!
	cat "$1" >$PORT
	wait $reader
	cmp "$1" "$T/got"
	nothing_overran
}

@test "a megabyte arrives byte for byte in each direction" {
	to_guest $DATA
	to_host $DATA
}

@test "a megabyte arrives in both directions at the same time" {
	local reader writer
	cat $DATA >$TTY 3>&- &
	writer=$!
	head -c $SIZE <$PORT >"$T/guest" 3>&- &
	reader=$!
	to_host $DATA
	wait $writer
	wait $reader
	cmp "$T/guest" $DATA
}

# socat reads a terminal for as long as it is there: it is its user who has to know when all has come.
@test "socat carries a megabyte from the guest, and goes when the terminal goes" {
	local reader
	socat -u $TTY,raw,echo=0,crtscts,clocal=1,b115200 "CREATE:$T/got" 3>&- &
	reader=$!
	cat $DATA >$PORT
	until [ "$(stat -c %s "$T/got")" = $SIZE ]; do
		kill -0 $reader
		sleep 0.1
	done
	cmp "$T/got" $DATA
	echo loopback >$CARD/mode
	wait $reader
	echo host >$CARD/mode
}

@test "a reader that is stopped in the middle of a stream gets all of it" {
	local reader writer before
	head -c $SIZE <$TTY >"$T/got" 3>&- &
	reader=$!
	cat $DATA >$PORT 3>&- &
	writer=$!
	until [ "$(stat -c %s "$T/got")" -gt 100000 ]; do
		sleep 0.1
	done
	kill -STOP $reader
	# Until the terminal is full, and RTS off.
	before=0
	until [ "$before" = "$(<$CARD/mtty/port0_tx)" ]; do
		before=$(<$CARD/mtty/port0_tx)
		sleep 1
	done
	kill -0 $writer
	kill -CONT $reader
	wait $reader
	wait $writer
	cmp "$T/got" $DATA
}

# The characters that stop and start are not data here, so the data has none.
@test "XON and XOFF hold senders back without a loss" {
	local reader
	base64 -w 0 $DATA >"$T/text"
	stty -F $TTY -crtscts ixon ixoff
	stty -F $PORT ixon ixoff
	to_host "$T/text"
	to_guest "$T/text"
}

# transfer FROM TO SEND RECEIVE: a command at either end, the latter in a folder of its own.
transfer() {
	local from=$1 to=$2 receiver
	local -a send receive
	read -ra send <<<"$3"
	read -ra receive <<<"$4"
	mkdir "$T/received"
	(cd "$T/received" && "${receive[@]}" <>"$to" >&0 2>"$T/receiver") 3>&- &
	receiver=$!
	"${send[@]}" <>"$from" >&0 || { cat "$T/receiver" && return 1; }
	wait $receiver
}

@test "ZMODEM carries a megabyte in each direction" {
	transfer $PORT $TTY "sz -q $DATA" 'rz -q -y'
	cmp "$T/received/data" $DATA
	rm -r "$T/received"
	transfer $TTY $PORT "sz -q $DATA" 'rz -q -y'
	cmp "$T/received/data" $DATA
}

# The guest's end has a network of its own, by the name of the process.
@test "PPP: pings, and a megabyte by TCP in each direction" {
	local guest link
	unshare --net pppd $PORT local nocrtscts noauth nodetach 10.9.0.2:10.9.0.1 >"$T/guest" 2>&1 3>&- &
	guest=$!
	pppd $TTY 115200 crtscts modem noauth nodetach 10.9.0.1:10.9.0.2 >"$T/ppp" 2>&1 3>&- &
	link=$!
	until grep -q '^remote *IP address' "$T/ppp" && grep -q '^remote *IP address' "$T/guest"; do
		kill -0 $guest $link
		sleep 0.1
	done
	ping -c 5 -W 60 10.9.0.2 | grep ' 5 received'
	socat -u TCP-LISTEN:5000 "CREATE:$T/from" 3>&- &
	nsenter --net=/proc/$guest/ns/net socat -u $DATA TCP:10.9.0.1:5000,retry=60
	wait $!
	cmp "$T/from" $DATA
	nsenter --net=/proc/$guest/ns/net socat -u TCP-LISTEN:5000 "CREATE:$T/to" 3>&- &
	socat -u $DATA TCP:10.9.0.2:5000,retry=60
	wait $!
	cmp "$T/to" $DATA
}
