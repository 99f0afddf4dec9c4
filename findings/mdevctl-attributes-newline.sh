#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# mdevctl: a callout script that prints [{}] reports no attributes, but [{}] and a newline is an
# error. [] may have a newline.

# shellcheck source=findings/common.bash
. "$(dirname "$0")/common.bash"

mdevctl_tree
uuid=11111111-1111-1111-1111-111111111111
mkdir -p "$root"/sys/devices/p/{$uuid,mdev_supported_types/t}
ln -s ../../../devices/p/$uuid "$root/sys/bus/mdev/devices/$uuid"
ln -s ../mdev_supported_types/t "$root/sys/devices/p/$uuid/mdev_type"
callout=$root/usr/lib/mdevctl/scripts.d/callouts/attributes
cat >"$callout" <<-'END'
	#!/bin/sh
	case "$*" in
	*capabilities*) exit 2 ;;
	*attributes*) cat "$ATTRIBUTES" ;;
	esac
END
chmod +x "$callout"
export ATTRIBUTES=$work/attributes
define_says()
{
	rm -rf "$root/etc/mdevctl.d/p"
	run_mdevctl define -u $uuid 2>&1 || true
}
printf '[{}]' >"$ATTRIBUTES"
expect "[{}]" '' "$(define_says)"
printf '[]\n' >"$ATTRIBUTES"
expect "[] and a newline" '' "$(define_says)"
printf '[{}]\n' >"$ATTRIBUTES"
expect "[{}] and a newline" 'Error: invalid JSON format for attribute: too many fields' "$(define_says)"
