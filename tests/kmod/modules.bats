#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2314
#
# Checks of the kernel modules that need no kernel to run: what compilers and checkers say,
# symbol versions, and what the build does on odd hosts. KDIR names the headers, as for make.

bats_require_minimum_version 1.5.0

: "${KDIR:=/lib/modules/$(uname -r)/build}"
export KDIR
EXPORTS='mdev_register_driver|mdev_register_parent|mdev_unregister_driver|mdev_unregister_parent'

# Builds in a tree of its own, so that extra flags do not touch build/kmod.
setup_file() {
	# A make above would have them in its own way.
	unset MAKEFLAGS MAKELEVEL V
	export RELEASE TREE=$BATS_FILE_TMPDIR/kmod
	RELEASE=$(sed -n 's/.*UTS_RELEASE "\(.*\)".*/\1/p' "$KDIR/include/generated/utsrelease.h")
	cp -r kmod "$TREE"
}

kbuild() {
	make --no-print-directory -C "$KDIR" M="$TREE" CONFIG_DEBUG_INFO_BTF_MODULES= "$@"
}

versions() {
	awk -v exports="^($EXPORTS)\$" '$2 ~ exports { print $1, $2 }' "$1" | sort -k 2
}

# Shows what looks like a complaint in the log of a build, and fails if there is one.
is_silent() {
	! grep -E 'warning|error|Error' "$1"
}

@test "the compiler with W=1 has nothing to say" {
	kbuild W=1 modules >"$BATS_FILE_TMPDIR/log" 2>&1 || { cat "$BATS_FILE_TMPDIR/log" && false; }
	is_silent "$BATS_FILE_TMPDIR/log"
	[ -e "$TREE/core/mdev.ko" ]
}

# Not by C=2: the script by which 7.2 finds sparse is not in Debian's headers, and so it finds none.
@test "sparse has nothing to say" {
	local log=$BATS_TEST_TMPDIR/log
	kbuild W=1 KBUILD_CHECKSRC=2 modules >"$log" 2>&1 ||
		! grep -q 'sparse: .*not found' "$log" || skip "the headers' user land has no sparse"
	is_silent "$log"
	[ "$(grep -c '^  CHECK ' "$log")" -gt 20 ]
}

@test "symbol versions are those of the in-tree core" {
	grep -q '^CONFIG_MODVERSIONS=y' "$KDIR/.config" || skip "the kernel has no symbol versions"
	[ -n "$(versions "$KDIR/Module.symvers")" ] || skip "the kernel has no mdev core"
	diff <(versions "$KDIR/Module.symvers") <(versions "$TREE/Module.symvers")
}

@test "the modules have what modinfo shows of a module" {
	local module field
	for module in core/mdev vfio_mdev/vfio_mdev mtty/mtty; do
		for field in description license; do
			[ -n "$(modinfo -F $field "$TREE/$module.ko")" ] || { echo "$module: no $field" && false; }
		done
	done
}

@test "the kernel's checkpatch --strict has nothing to say" {
	local script checkpatch= check ignored
	for script in "$KDIR"/scripts "$KDIR"/source/scripts build/linux-source-*/scripts \
		/usr/src/linux-source-*/scripts; do
		[ ! -e "$script/checkpatch.pl" ] || checkpatch=$script/checkpatch.pl
	done
	[ -n "$checkpatch" ] || skip "no checkpatch.pl; tests/kmod/samples/build fetches one"
	# What the checkpatch of newer kernels advises cannot be had for 6.1 as well.
	ignored=CONST_STRUCT,
	! grep -q kzalloc_obj "$checkpatch" || ignored+=ALLOC_WITH_SIZEOF,
	check="perl $checkpatch --no-tree --strict --terse --no-summary --quiet --file"
	find kmod -name '*.[ch]' -not -name trace.h -not -name compat.h -not -name 'mtty_uart.*' \
		-not -name 'mtty_frame.*' \
		-exec $check --ignore "${ignored}COMPLEX_MACRO,MACRO_ARG_REUSE" {} +
	# Where a kernel lacks an operation, the macro that names it is empty.
	$check --ignore "${ignored}COMPLEX_MACRO,MACRO_ARG_REUSE,MACRO_ARG_UNUSED" kmod/include/compat.h
	# Tracepoints are laid out in their own way everywhere in the kernel.
	$check --ignore "${ignored}OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT,MACRO_ARG_REUSE" \
		kmod/core/trace.h
	# The register model is compiled for user space too.
	$check --ignore "${ignored}PREFER_KERNEL_TYPES,ARRAY_SIZE" kmod/mtty/mtty_{frame,uart}.[ch]
}

@test "cleaning removes what a build has made, and nothing else" {
	local tree=$BATS_TEST_TMPDIR/kmod
	cp -r kmod "$tree"
	touch "$tree/include/compat_probed.h" "$tree"/core/{main.o,.main.o.cmd,mdev.ko,mdev.mod.c}
	make --no-print-directory -C "$KDIR" M="$tree" clean
	diff -r kmod "$tree"
}

# headers DIR SED: makes DIR the headers of KDIR, with another Module.symvers.
headers() {
	cp -rs "$(realpath "$KDIR")" "$1"
	rm "$1/Module.symvers"
	sed -E "$2" "$KDIR/Module.symvers" >"$1/Module.symvers"
}

@test "the modules build for a kernel without an mdev core" {
	local headers=$BATS_TEST_TMPDIR/headers
	headers "$headers" "/	($EXPORTS)	/d"
	run make --no-print-directory -C "$headers" M="$TREE" CONFIG_DEBUG_INFO_BTF_MODULES= \
		CONFIG_VFIO_MDEV=n modules
	echo "$output"
	[ "$status" = 0 ]
	[[ $output != *undefined* ]]
	[[ $output != *libmdev:* ]]
}

# not_built WORDS MODULES OPTION=VALUE...: a kernel with these options gets these modules, and one
# line of WORDS, by kbuild and by DKMS.
not_built() {
	local words=$1 modules=$2
	shift 2
	make --no-print-directory -C "$BATS_TEST_TMPDIR/headers" M="$TREE" \
		CONFIG_DEBUG_INFO_BTF_MODULES= "$@" modules >"$BATS_TEST_TMPDIR/log"
	diff <(sed -n '/^libmdev:/p' "$BATS_TEST_TMPDIR/log") - <<<"libmdev: ${words/KERNEL/this kernel}"
	[ "$(sed 's|.*/||; s/\..*//' "$TREE/modules.order" | xargs)" = "$modules" ]

	mkdir -p "$BATS_TEST_TMPDIR/other/include/config"
	printf '%s\n' CONFIG_{VFIO,VFIO_MDEV}=m CONFIG_{EVENTFD,TTY}=y "$@" |
		awk -F= '{ value[$1] = $2 }
			END { for (name in value) if (value[name] != "n") print name "=" value[name] }' \
		>"$BATS_TEST_TMPDIR/other/include/config/auto.conf"
	# shellcheck disable=SC2016 # the inner shell's
	run --separate-stderr bash -euc 'kernelver=6.1.0-1-amd64 arch=x86_64 dkms_tree=/nowhere
		kernel_source_dir=$1
		. kmod/dkms.conf
		echo "${BUILT_MODULE_NAME[*]}"' sh "$BATS_TEST_TMPDIR/other"
	[ "$output" = "$modules" ]
	# shellcheck disable=SC2154 # of run
	[ "$stderr" = "libmdev: ${words/KERNEL/6.1.0-1-amd64}" ]
}

@test "what a kernel has no place for is not built, and one line says why" {
	headers "$BATS_TEST_TMPDIR/headers" "s/(	($EXPORTS)	)[^	]*/\1vmlinux/"
	not_built 'no mdev for KERNEL: it has the core built in (CONFIG_VFIO_MDEV)' \
		'vfio_mdev mtty' CONFIG_VFIO_MDEV=y CONFIG_VFIO=y
	rm -r "$BATS_TEST_TMPDIR/headers"
	headers "$BATS_TEST_TMPDIR/headers" "/	($EXPORTS)	/d"
	not_built 'no mtty for KERNEL: it lacks CONFIG_TTY' 'mdev vfio_mdev' CONFIG_TTY=n
	not_built 'no vfio_mdev and mtty for KERNEL: it lacks CONFIG_VFIO or CONFIG_EVENTFD' \
		mdev CONFIG_VFIO=n CONFIG_TTY=n
	not_built 'no vfio_mdev and mtty for KERNEL: it lacks CONFIG_VFIO or CONFIG_EVENTFD' \
		mdev CONFIG_EVENTFD=n
}

@test "headers that cannot compile anything are one clear error" {
	run sh kmod/probe.sh kmod/probe cc -DMODULE -include /nowhere.h
	[ "$status" = 1 ]
	[[ ${lines[0]} == "Error: cc cannot compile a trivial module source for this kernel:"* ]]
}

@test "headers of an older kernel are one clear error" {
	local headers=$BATS_TEST_TMPDIR/headers/linux
	mkdir -p "$headers"
	cat >"$headers/module.h" <<-'END'
		struct module;
		extern const char *module_name(struct module *mod);
	END
	echo 'struct device;' >"$headers/device.h"
	cat >"$headers/mdev.h" <<-'END'
		struct mdev_parent_ops;
		extern int mdev_register_device(struct device *dev, const struct mdev_parent_ops *ops);
	END
	run sh kmod/probe.sh kmod/probe cc -I "${headers%/*}"
	[ "$status" = 1 ]
	[[ ${lines[0]} == "Error: this kernel's headers are not those of Linux 6.1 or later:" ]]
}

# probed FLAG...: prints what is found with these flags of the compiler, by a build of nothing else.
probed() {
	local tree=$BATS_TEST_TMPDIR/probed folder
	rm -rf "$tree"
	mkdir "$tree"
	cp -r kmod/{Kbuild,probe,probe.sh,include} "$tree"
	for folder in core vfio_mdev mtty; do
		mkdir "$tree/$folder"
		touch "$tree/$folder/Kbuild"
	done
	make --no-print-directory -C "$KDIR" M="$tree" KCFLAGS="$*" modules >&2
	cat "$tree/include/compat_probed.h"
}

@test "answers of the probes do not depend on warnings being errors" {
	probed >"$BATS_TEST_TMPDIR/plain"
	grep -q '^#define HAVE_ALWAYS 1' "$BATS_TEST_TMPDIR/plain"
	diff "$BATS_TEST_TMPDIR/plain" <(probed -Werror -Wextra)
}

@test "a host without headers is told what to do in one line" {
	run make modules KDIR=/nowhere
	[ "$status" = 2 ]
	[[ ${lines[0]} == "Error: no kernel headers in /nowhere: install linux-headers-"* ]]
}

@test "a kernel of our own is made anew when what it is made from has changed" {
	local top=$BATS_TEST_TMPDIR/top apt=$BATS_TEST_TMPDIR/apt kept=$BATS_TEST_TMPDIR/kept part
	local kernels=$top/build/kernels
	export LIBMDEV_CACHE=$BATS_TEST_TMPDIR/cache
	mkdir -p "$top/tests" "$kernels/debug" "$apt" "$kept" "$LIBMDEV_CACHE/kernels"
	cp -r tests/vm "$top/tests/"
	echo of-old-sources >"$kernels/debug/release"
	ln -s /bin/false "$apt/apt-get"
	run env PATH="$apt:$PATH" "$top/tests/vm/kernel" debug
	[ "$status" = 125 ]
	[[ $output == *"Error: apt-get update failed"* ]]
	[ -e "$kernels/debug/release" ]

	# What another clone has made from the same.
	part=$(basename "$kernels"/debug-*.part .part)
	echo of-new-sources >"$kept/release"
	tar -C "$kept" --zstd -cf "$LIBMDEV_CACHE/kernels/$part.tar.zst" .
	[ "$("$top/tests/vm/kernel" debug)" = of-new-sources ]
	rm "$LIBMDEV_CACHE/kernels/$part.tar.zst"
	[ "$("$top/tests/vm/kernel" debug)" = of-new-sources ]
}

@test "modules_install into a tree touches nothing else and leaves no partial modules.dep" {
	local root=$BATS_TEST_TMPDIR/root
	make modules_install INSTALL_MOD_PATH="$root"
	# The kernel's configuration may say that they are compressed.
	diff <(cd "$root" && find . -type f | sed 's/\.ko\.[a-z]*$/.ko/' | sort) - <<-END
		./lib/modules/$RELEASE/updates/core/mdev.ko
		./lib/modules/$RELEASE/updates/mtty/mtty.ko
		./lib/modules/$RELEASE/updates/vfio_mdev/vfio_mdev.ko
	END
}

@test "modules_install into a tree that has the kernel's modules makes ours win" {
	local root=$BATS_TEST_TMPDIR/root
	local modules=$root/lib/modules/$RELEASE
	mkdir -p "$modules/kernel/drivers/vfio/mdev"
	touch "$modules/modules.order" "$modules/modules.builtin"
	cp "$TREE/core/mdev.ko" "$modules/kernel/drivers/vfio/mdev/"
	make modules_install INSTALL_MOD_PATH="$root"
	grep -q '^updates/core/mdev.ko' "$modules/modules.dep"
	[[ $(modprobe -d "$root" -S "$RELEASE" --show-depends mdev) == \
		"insmod $modules/updates/core/mdev.ko"?(.xz|.zst|.gz)" " ]]
}

# dkms_tree TREE: makes one of our source, and a place for RELEASE's modules.
dkms_tree() {
	VERSION=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' kmod/dkms.conf)
	mkdir -p "$1"/{dkms,src} "$1/modules/$RELEASE"
	cp -r kmod "$1/src/libmdev-$VERSION"
}

# dkms_in TREE COMMAND...: runs Debian's dkms on a source tree, with all that it writes below TREE
# and nothing on the machine to sign modules with.
dkms_in() {
	local tree=$1
	shift
	unshare --mount sh -c 'mount -t tmpfs none /var/lib/dkms && exec "$@"' sh \
		dkms "$@" -m libmdev -v "$VERSION" -k "$RELEASE" --kernelsourcedir "$KDIR" \
		--dkmstree "$tree/dkms" --sourcetree "$tree/src" --installtree "$tree/modules" --no-depmod
}

@test "dkms builds and installs the three modules under updates/, and removes them" {
	[ "$(id -u)" = 0 ] || skip "dkms wants root"
	local tree=$BATS_TEST_TMPDIR/tree module VERSION
	dkms_tree "$tree"
	dkms_in "$tree" add
	dkms_in "$tree" build
	dkms_in "$tree" install
	[ "$(find "$tree/modules" -name '*.ko*' | wc -l)" = 3 ]
	for module in mdev vfio_mdev mtty; do
		set -- "$tree/modules/$RELEASE"/updates/dkms/$module.ko*
		[[ $(modinfo -F vermagic "$1") == "$RELEASE "* ]]
	done
	dkms_in "$tree" remove
	[ -z "$(find "$tree/modules" -name '*.ko*')" ]
}

@test "dkms is content with a kernel without VFIO, at each update, and removes what it got" {
	[ "$(id -u)" = 0 ] || skip "dkms wants root"
	local tree=$BATS_TEST_TMPDIR/tree headers=$BATS_TEST_TMPDIR/headers file VERSION
	dkms_tree "$tree"
	headers "$headers" "/	($EXPORTS)	/d"
	for file in .config include/config/auto.conf include/generated/autoconf.h; do
		sed -E '/CONFIG_VFIO/d' "$KDIR/$file" >"$BATS_TEST_TMPDIR/changed"
		mv "$BATS_TEST_TMPDIR/changed" "$headers/$file"
	done
	KDIR=$headers dkms_in "$tree" add
	KDIR=$headers run dkms_in "$tree" autoinstall
	[ "$status" = 0 ]
	[ "$(grep -c '^libmdev: no vfio_mdev and mtty' <<<"$output")" = 1 ]
	[ "$(basename -a "$(find "$tree/modules" -name '*.ko*')" | sed 's/\..*//')" = mdev ]

	# The headers may be gone before the kernel.
	KDIR=/nowhere dkms_in "$tree" remove
	[ -z "$(find "$tree/modules" -name '*.ko*')" ]
}

@test "dkms says why it leaves an old kernel out" {
	[ "$(id -u)" = 0 ] || skip "dkms wants root"
	local tree=$BATS_TEST_TMPDIR/tree VERSION RELEASE=6.0.0-1-amd64
	dkms_tree "$tree"
	run dkms_in "$tree" build
	[ "$status" = 77 ]
	[[ $output == *"libmdev: no modules for $RELEASE: it is older than Linux 6.1"* ]]
	[[ $output == *BUILD_EXCLUSIVE* ]]
}

@test "the modules, dkms and the Makefile agree about the version" {
	local version module
	version=$(sed -n 's/^VERSION := //p' Makefile)
	grep -qxF "PACKAGE_VERSION=\"$version\"" kmod/dkms.conf
	for module in core/mdev vfio_mdev/vfio_mdev mtty/mtty; do
		[ "$(modinfo -F version "$TREE/$module.ko")" = "$version" ]
	done
}

# The example of the manual page, as a newcomer copies it.
page_example() {
	sed -n '/doorbell\.c :$/,/^\.EE/p' man/vfio_mdev.9 | sed '1,/^\.EX/d; /^\.EE/d; s/\\e/\\/g'
}

@test "the example of vfio_mdev(9) is the one that is tested, and short" {
	diff <(page_example) kmod/examples/doorbell.c
	[ "$(page_example | wc -l)" -lt 100 ]
}

@test "the example builds from the manual page and what install-kmod-headers installs" {
	local headers=$BATS_TEST_TMPDIR/usr/src/vfio_mdev driver=$BATS_TEST_TMPDIR/driver
	make install-kmod-headers DESTDIR="$BATS_TEST_TMPDIR"
	mkdir "$driver"
	page_example >"$driver/doorbell.c"
	printf 'obj-m := doorbell.o\nccflags-y := -I%s\n' "$headers" >"$driver/Kbuild"
	build_example >"$driver/log" 2>&1 || { cat "$driver/log" && false; }
	is_silent "$driver/log"
	[ -e "$driver/doorbell.ko" ]

	# And not where the toolkit would take another member for its own.
	sed -i 's/struct vfio_mdev_device vdev;/u32 first; &/' "$driver/doorbell.c"
	run ! build_example
	[[ $output == *"VFIO_MDEV_DEVICE_SIZE"* ]]
}

build_example() {
	make --no-print-directory -C "$KDIR" M="$driver" CONFIG_DEBUG_INFO_BTF_MODULES= W=1 \
		KBUILD_EXTRA_SYMBOLS="$headers/$RELEASE/Module.symvers" modules
}

# Without its UARTs and terminals, which know nothing of mediated devices.
@test "mtty is under 600 lines and calls nothing of VFIO and the mdev core but the toolkit" {
	[ "$(cat kmod/mtty/mtty{.h,_main.c,_sysfs.c} | wc -l)" -lt 600 ]
	nm --undefined-only --just-symbols "$TREE/mtty/mtty.ko" >"$BATS_TEST_TMPDIR/symbols"
	grep -qx vfio_mdev_register_parent "$BATS_TEST_TMPDIR/symbols"
	[ "$(grep -E '^_*(vfio|mdev|iommu)' "$BATS_TEST_TMPDIR/symbols" | grep -vE '^_*vfio_mdev_')" = "" ]
	[ "$(grep -E 'vdev->vfio|vfio_device_ops|VFIO_(DEVICE|IRQ)_' kmod/mtty/*.[ch])" = "" ]
}

# Says what kernel-doc has to say about these files.
kernel_doc() {
	local script found=
	for script in "$KDIR"/scripts "$KDIR"/source/scripts build/linux-source-*/scripts \
		/usr/src/linux-source-*/scripts; do
		[ ! -x "$script/kernel-doc" ] || found=$script/kernel-doc
	done
	[ -n "$found" ] || skip "no kernel-doc; it comes with the kernel's source"
	"$found" -none "$@" 2>&1
}

@test "the header of the toolkit has kernel-doc for all that it declares" {
	kernel_doc kmod/include/vfio_mdev.h | tee "$BATS_TEST_TMPDIR/log"
	[ ! -s "$BATS_TEST_TMPDIR/log" ]
}

@test "what kernel-doc there is in the sources is complete" {
	# shellcheck disable=SC2046 # names without spaces
	kernel_doc $(grep -l '^/\*\*$' kmod/*/*.[ch]) | tee "$BATS_TEST_TMPDIR/log"
	[ ! -s "$BATS_TEST_TMPDIR/log" ]
}

# doc_of NAME: the comment that describes a function, where it is defined or declared.
doc_of() {
	sed -nE "/^ \* $1(\(\))? - /,/^ \*\//p" kmod/core/*.c kmod/include/vfio_mdev.h
}

@test "every function that the modules export says in what context it may be called" {
	local name
	sed -nE 's/^EXPORT_SYMBOL(_GPL)?\((__)?([a-z_]+)\);/\3/p' kmod/*/*.c >"$BATS_TEST_TMPDIR/names"
	[ "$(grep -c '' "$BATS_TEST_TMPDIR/names")" = "$(grep -rc EXPORT_SYMBOL kmod --include=*.c |
		awk -F: '{ sum += $2 } END { print sum }')" ]
	while read -r name; do
		doc_of "$name" | grep -q '^ \* Context: ' || { echo "$name" && false; }
	done <"$BATS_TEST_TMPDIR/names"
}

# in_abi FILE NAME...: each name is the last part of a path that the file describes; it has no other.
in_abi() {
	local file=kmod/Documentation/$1
	shift
	diff <(printf '%s\n' "$@" | sort -u) \
		<(sed -nE 's|^What:.*/||; T; s/^port<N>_//; p' "$file" | sort -u)
}

@test "the documentation of the ABI has every attribute and link that the core makes, and no other" {
	# shellcheck disable=SC2046 # names without spaces
	in_abi sysfs-bus-mdev $(sed -nE 's/.*_ATTR_[RW]O\(([a-z_]+)\).*/\1/p
		s/.*(sysfs_create_link|kobject_create_and_add)\(.*"([a-z_]+)".*/\2/p' kmod/core/*.c) '<parent>' '<driver>-<type>'
}

@test "the documentation of the ABI has every attribute of mtty, and no other" {
	# shellcheck disable=SC2046 # names without spaces
	in_abi sysfs-driver-mtty $(sed -nE '/ATTR\(n, name,/d
		s/.*(PORT|COUNTER)_ATTR\(n, ([a-z_]+),.*/\2/p
		s/.*DEVICE_ATTR_R[OW]\(([a-z_]+)\).*/\1/p' kmod/mtty/*.c)
}
