#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Programs for serial ports at both ends of the cable: on a terminal of the host, and on the
# port of a machine whose Linux drives the card with its own 8250 driver. Files have a megabyte, or
# 64 KiB where the outer machine is emulated, or what SERIAL_KIB says. Each test leaves both ends
# closed.
#
# vm-by-name: a machine in the machine, which sends files byte by byte, takes a quarter of an hour
# vm-limit: 3400
# vm: --cpus 1 --root trixie-serial

load inner
load jobs

UUID=5e000000-0000-4000-8000-000000000001
TYPES=/sys/devices/virtual/mtty/mtty/mdev_supported_types
CARD=/sys/bus/mdev/devices/$UUID
TTY=/dev/ttyMTTY0
PORT=/dev/ttyS1
INITRAMFS=$PWD/build/serial/initramfs-$(uname -r).cpio
DATA=$INITRAMFS.data
# What the inner machine says.
SAYS=/run/inner.says
# How long anything may take: far longer than it does on a busy host.
PATIENCE=900
# More than the guest's terminal and the host's hold.
PART=16384

setup_file() {
	local vmlinux
	vmlinux=$(vmlinux_of "$(uname -r)")
	modprobe -a mtty vfio_iommu_type1 ppp_async
	echo $UUID >$TYPES/mtty-2/create
	echo host >$CARD/mode
	head -c $PART "$DATA" >/run/part
	mkfifo /run/inner.in /run/inner.out
	cat /run/inner.out >$SAYS 3>&- &
	# shellcheck disable=SC2046 # several options
	qemu-system-x86_64 -M pc $(tests/demo/inner-accel) -m 160 -nodefaults -display none -vga none \
		-serial pipe:/run/inner -no-reboot -kernel "$vmlinux" -initrd "$INITRAMFS" \
		-append 'console=ttyS0 panic=-1 quiet mitigations=off nokaslr cryptomgr.notests' \
		-device vfio-pci,sysfsdev=$CARD,addr=05.0 </dev/null >/run/inner.qemu 2>&1 3>&- &
	echo $! >/run/inner.pid
	said $SAYS '^== up' || { cat $SAYS /run/inner.qemu && false; }
}

teardown_file() {
	[ ! -e /run/inner.pid ] || kill "$(</run/inner.pid)" || true
	tail -n 20 $SAYS /run/inner.qemu >&2
	while [ -e "/proc/$(</run/inner.pid)" ]; do
		sleep 0.1
	done
	echo 1 >$CARD/remove
	modprobe -r mtty
}

setup() {
	T=$BATS_TEST_TMPDIR
	stty -F $TTY raw -echo crtscts clocal cs8 -parenb -cstopb 115200
	inner "stty -F $PORT raw -echo crtscts clocal cs8 -parenb -cstopb 115200"
}

teardown() {
	end_jobs
}

# said FILE PATTERN: waits until a line of a file, which may be the unfinished last, matches.
said() {
	local file=$1 pattern=$2 end=$((SECONDS + PATIENCE))
	until grep -aqE -- "$pattern" "$file"; do
		[ $SECONDS -lt $end ] || { echo "never said: $pattern" && cat -v "$file" && return 1; }
		sleep 1
	done
}

# inner_begins COMMAND: has it run in the inner machine; inner_ends waits for it, shows its output
# and has its status.
inner_begins() {
	said_before=$(wc -l <$SAYS)
	echo "$1" >/run/inner.in
}

inner_ends() {
	local end=$((SECONDS + PATIENCE)) output
	# The terminal ends its lines with both characters. A line whose end is still to come would be
	# counted as one of the next command's.
	until output=$(tail -n +$((said_before + 1)) $SAYS && echo .) &&
		[[ $output == *"== status "+([0-9])$'\r\n'* ]]; do
		[ $SECONDS -lt $end ] || { echo "no answer: $output" && return 1; }
		sleep 1
	done
	output=${output//$'\r'/}
	output=${output%.}
	sed '/^== status/d' <<<"${output%$'\n'}"
	output=${output##*== status }
	return "${output%%$'\n'*}"
}

inner() {
	inner_begins "$1"
	inner_ends
}

counter() {
	cat "$CARD/mtty/port0_$1"
}

@test "setserial and stty see serial ports at both ends" {
	inner "setserial -g $PORT" | grep -E "^$PORT, UART: 16550A, Port: 0x[0-9a-f]+, IRQ: [1-9]"
	setserial -g $TTY | grep -E "^$TTY, UART: 16550A"
	inner "stty -F $PORT 38400 cs7 parenb -parodd cstopb"
	[ "$(counter baud_rate)" = 38400 ]
	[ "$(counter line_settings)" = 7e2 ]
	inner "stty -F $PORT -a" | grep 'speed 38400 baud'
	inner "stty -F $PORT -a" | grep ' *parenb -parodd .*cs7 .*cstopb'
}

@test "what the host sends waits for a reader, and the host can wait for that" {
	local writer waiter
	inner "exec 4<>$PORT; stty -F $PORT raw -echo crtscts 115200"
	exec {fd}<>$TTY
	cat /run/part >&$fd 3>&- &
	writer=$!
	# With nobody to read it, the guest's Linux drops RTS before it has 4096, and so the writer waits.
	until [ "$(counter rx)" -gt 3000 ]; do
		sleep 0.1
	done
	stty -F $TTY 57600 3>&- &
	waiter=$!
	kill -0 $writer $waiter
	inner "head -c $PART <&4 | cmp -n $PART - /data; exec 4<&-"
	wait $writer
	wait $waiter
	exec {fd}>&-
}

@test "what the guest sends arrives byte for byte, held back by RTS and CTS" {
	local reader
	# Nothing ends what a serial port with CLOCAL reads, so it is counted.
	head -c "$(stat -c %s "$DATA")" <$TTY >"$T/data" 3>&- &
	reader=$!
	inner "cat /data >$PORT"
	wait $reader
	cmp "$T/data" "$DATA"
	[ "$(counter overrun)" = 0 ]
}

# hold: keeps both ends open until release. Who closes an end drops RTS, and a program at the other
# end would wait for ever to send the last bytes, as sz does after its receiver has gone.
hold() {
	exec {held}<>$TTY
	inner "exec 4<>$PORT"
}

release() {
	exec {held}>&-
	inner "exec 4<&-"
}

@test "ZMODEM carries a file to the guest" {
	hold
	inner_begins "cd /tmp; rz -q -y <$PORT >$PORT"
	sz -q "$DATA" <>$TTY >&0
	inner_ends
	inner "cmp /data /tmp/${DATA##*/} && rm /tmp/*"
	release
}

@test "ZMODEM carries a file from the guest" {
	hold
	inner_begins "sz -q /data <$PORT >$PORT"
	cd "$T"
	rz -q -y <>$TTY >&0
	inner_ends
	cmp data "$DATA"
	release
}

@test "YMODEM carries a file to the guest and back" {
	! grep -q 'QEMU TCG' /proc/cpuinfo ||
		skip "rb has a block sent again, ten times at most, if a byte is a tenth of a second late"
	hold
	inner_begins "cd /tmp; rb -q -y <$PORT >$PORT"
	sb -q /run/part <>$TTY >&0
	inner_ends
	inner_begins "sb -q /tmp/part <$PORT >$PORT"
	cd "$T"
	rb -q -y <>$TTY >&0
	inner_ends
	cmp part /run/part
	release
}

# person TYPES SEES COMMAND...: somebody at a screen of their own runs the command; what is written
# to the pipe TYPES they type, and the file SEES has what they see.
person() {
	local types=$1 sees=$2
	shift 2
	mkfifo "$types"
	: >"$sees"
	TERM=vt100 script -qfec "$*" /dev/null <"$types" >"$sees" 2>&1 3>&- &
}

@test "somebody at the host logs in to the guest with picocom" {
	local in
	inner "setsid agetty -L 115200 ${PORT#/dev/} vt100 & echo \$! >/tmp/getty"
	person "$T/types" "$T/sees" picocom -q -b 115200 -f h $TTY
	exec {in}>"$T/types"
	printf '\r' >&$in
	said "$T/sees" 'inner login: '
	printf 'root\r' >&$in
	said "$T/sees" 'Password: '
	printf 'serial\r' >&$in
	said "$T/sees" '# '
	# shellcheck disable=SC2016 # for the guest's shell
	printf 'tty; stty; echo $((6 * 7))\r' >&$in
	said "$T/sees" "^$PORT"
	said "$T/sees" 'speed 115200 baud'
	said "$T/sees" '^42'
	inner 'grep "^1:" /proc/tty/driver/serial' | grep 'RTS|CTS|DTR|DSR|CD'
	printf 'exit\r' >&$in
	inner "while kill -0 \$(cat /tmp/getty) 2>/dev/null; do sleep 1; done"
	# C-a C-x leaves picocom.
	printf '\x01\x18' >&$in
	exec {in}>&-
	wait
}

@test "minicom sends what is typed, nothing before it, and shows what the guest sends" {
	local in
	inner "exec 4<>$PORT; (head -c 6 <&4 | od -An -c >/tmp/typed; echo from the guest >&4) & exec 4<&-"
	person "$T/types" "$T/sees" minicom -o -b 115200 -D $TTY
	exec {in}>"$T/types"
	said "$T/sees" 'Welcome to minicom'
	printf 'typed\r' >&$in
	said "$T/sees" 'from the guest'
	inner 'cat /tmp/typed' | grep 't *y *p *e *d *\\[rn]'
	# C-a x and Enter leave it.
	printf '\x01x\r' >&$in
	exec {in}>&-
	wait
}

@test "PPP: pings, and a file by TCP in each direction" {
	local link patient='lcp-max-configure 1000 ipcp-max-configure 1000 lcp-restart 10 ipcp-restart 10'
	inner "pppd $PORT 115200 crtscts modem noauth nodetach $patient 10.9.0.2:10.9.0.1 >/tmp/ppp 2>&1 & echo \$! >/tmp/pppd"
	# shellcheck disable=SC2086 # words
	pppd $TTY 115200 crtscts modem noauth nodetach $patient 10.9.0.1:10.9.0.2 >"$T/ppp" 2>&1 3>&- &
	link=$!
	said "$T/ppp" '^remote +IP address 10.9.0.2'
	ping -c 5 -W $PATIENCE 10.9.0.2 | grep ' 5 received'
	socat -u TCP-LISTEN:5000 "CREATE:$T/data" 3>&- &
	until grep -q ':1388 .* 0A ' /proc/net/tcp; do
		sleep 0.1
	done
	inner 'nc 10.9.0.1 5000 </data'
	wait $!
	cmp "$T/data" "$DATA"
	# Nothing may read from the console but the shell.
	inner "printf '#!/bin/sh\ncat >/tmp/data\n' >/tmp/take; chmod +x /tmp/take"
	inner_begins 'nc -l -p 5000 -e /tmp/take'
	# Refused until it listens.
	socat -u "$DATA" TCP:10.9.0.2:5000,retry=$PATIENCE,interval=1
	inner_ends
	inner 'cmp /tmp/data /data && rm /tmp/data'
	# Who hangs up drops DTR, which tells the other end.
	kill -HUP $link
	wait $link || true
	inner "while kill -0 \$(cat /tmp/pppd) 2>/dev/null; do sleep 1; done; grep -i hangup /tmp/ppp"
}

@test "the guest's kernel has complained of nothing" {
	local complaints
	complaints=$(inner dmesg | grep -E 'soft lockup|nobody cared|input overrun') || true
	[ -z "$complaints" ] || { echo "$complaints" && false; }
}
