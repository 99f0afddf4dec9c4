#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2086 # UUIDs
# Completions, as the shells themselves carry them out.

bats_require_minimum_version 1.5.0

load machine

setup() {
	machine_up mtty zoo
	completions=$(dirname "$MDEVCTL")/completions
	[ -d "$completions" ] || skip "the completions are not built"
	mkdir "$T/bin"
	ln -s "$(realpath "$MDEVCTL")" "$T/bin/mdevctl"
	ln -s "$(realpath "$MDEVCTL")" "$T/bin/lsmdev"
	PATH=$T/bin:$PATH
}

needs_shell() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
}

# in_bash LINE: what bash offers at the end of it, sorted, in one line, by the function that
# is registered for the line's command. Words are broken as bash does it.
in_bash() {
	# shellcheck disable=SC2016 # for the other bash
	COMP_LINE=$1 COMP_POINT=${#1} bash --norc -c '
		source "$0"
		registered=$(complete -p "${COMP_LINE%% *}") && registered=${registered##*-F }
		"${registered%% *}" "${COMP_LINE%% *}"
		printf "%s\n" "${COMPREPLY[@]}"' "$completions/mdevctl.bash" | sort | paste -sd' '
}

# in_fish LINE: likewise; fish tells a description behind a tab.
in_fish() {
	# shellcheck disable=SC2016 # for fish
	HOME=$T fish --no-config -c 'source $argv[1]; complete -C $argv[2]' \
		"$completions/mdevctl.fish" "$1" | cut -f 1 | sort | paste -sd' '
}

# in_zsh LINE: likewise; zsh completes only in a terminal, and lists there.
in_zsh() {
	cat >"$T/zsh" <<-'END'
		zmodload zsh/zpty
		zpty -b zsh "zsh -f -i"
		wait_for() { zpty -r -m zsh reply "*$1*" }
		zpty -w zsh "PS1=; fpath=($2 \$fpath); LISTMAX=9999; COLUMNS=999; setopt no_list_beep"
		zpty -w zsh "autoload -U compinit; compinit -u -D; compadd() {
			[[ \${@[(I)-[OAD]]} -gt 0 ]] && { builtin compadd \"\$@\"; return }
			builtin compadd -O found \"\$@\"; print -l -- \"\${found[@]}\" >>$3 }"
		zpty -w zsh "finish() { zle complete-word; print -r -- DO''NE; }; zle -C complete-word complete-word _main_complete; zle -N finish; bindkey '^T' finish; print RE''ADY"
		wait_for READY
		zpty -w -n zsh "$1"$'\x14'
		wait_for DONE
		zpty -d zsh
	END
	mkdir -p "$T/fpath"
	cp "$completions/mdevctl.zsh" "$T/fpath/_mdevctl"
	: >"$T/found"
	zsh -f "$T/zsh" "$1" "$T/fpath" "$T/found"
	sort -u "$T/found" | paste -sd' '
}

# offers SHELL LINE WORD...: exactly these, in any order.
offers() {
	local expected is

	expected=$(printf '%s\n' "${@:3}" | sort | paste -sd' ')
	is=$("in_$1" "$2")
	[ "$is" = "$expected" ] || {
		echo "$1: $2"
		same "$expected" "$is"
	} >&2
}

# lacks SHELL LINE WORD...: none of these is offered.
lacks() {
	local word is

	is=$("in_$1" "$2")
	for word in "${@:3}"; do
		[[ " $is " != *" $word "* ]] || {
			echo "$1: $2: $word is offered"
			return 1
		} >&2
	done
}

# The words of a command's --help that are long options.
options_of() {
	"$MDEVCTL" "$@" --help | grep -o '^ .*  ' | grep -o -- '--[a-z]*'
}

# What each shell is to offer, whatever way it has.
offers_what_the_system_has() {
	define_file $U1
	define_file $U2 vfio_ap-passthrough matrix
	activate $U3 mtty-2

	offers "$1" "mdevctl start -u " $U1 $U2
	offers "$1" "mdevctl undefine --uuid " $U1 $U2
	offers "$1" "mdevctl undefine --uuid 2" $U2
	offers "$1" "mdevctl clone --uuid " $U1 $U2
	offers "$1" "mdevctl undefine -p matrix --uuid " $U2
	offers "$1" "mdevctl stop -u " $U3
	offers "$1" "mdevctl list -u " $U3
	offers "$1" "mdevctl list -d -u " $U1 $U2
	offers "$1" "mdevctl list --defined --parent " matrix mtty
	offers "$1" "mdevctl types --parent " 0000:00:02.0 0.0.0052 matrix mtty
	offers "$1" "mdevctl start -p mtty -t " mtty-1 mtty-2
	offers "$1" "mdevctl start -t i915" i915-GVTg_V5_4 i915-GVTg_V5_8
	offers "$1" "lsmdev -u " $U3
}

# What no shell is to offer, for it would be refused or do nothing.
offers_only_what_can_be() {
	local option

	define_file $U1
	define_file $U2 vfio_ap-passthrough matrix
	activate $U1 mtty-1
	activate $U3 mtty-2
	offers "$1" "mdevctl start -u " $U2
	offers "$1" "mdevctl start -p mtty -u "
	offers "$1" "mdevctl define -u " $U3
	offers "$1" "mdevctl stop -u " $U1 $U3

	offers "$1" "mdevctl start-parent-mdevs " 0000:00:02.0 0.0.0052 matrix mtty
	offers "$1" "mdevctl start-parent-mdevs --timeout 3 m" matrix mtty
	lacks "$1" "mdevctl start-parent-mdevs --all " matrix mtty
	lacks "$1" "mdevctl start-parent-mdevs --all m" matrix mtty
	lacks "$1" "mdevctl start-parent-mdevs mtty " matrix mtty
	lacks "$1" "mdevctl start-parent-mdevs -- mtty " matrix mtty
	lacks "$1" "mdevctl help list " list start
	lacks "$1" "mdevctl start-parent-mdevs mtty --" --all
	offers "$1" "mdevctl start-parent-mdevs -- m" matrix mtty

	for option in --auto --setattr=a=1 --jsonfile=x; do
		lacks "$1" "mdevctl modify $option --" --index --value
	done
	lacks "$1" "mdevctl modify --delattr --" --value
	lacks "$1" "mdevctl list -- -" --defined -d --help
	lacks "$1" "mdevctl list -- --d" --defined --dumpjson
}

@test "bash offers only what can be" {
	offers_only_what_can_be bash
	offers bash "mdevctl modify --delattr --in" --index
	offers bash "mdevctl list -- "
}

@test "fish offers only what can be" {
	needs_shell fish
	offers_only_what_can_be fish
}

@test "zsh offers only what can be" {
	needs_shell zsh
	offers_only_what_can_be zsh
}

@test "bash completes UUIDs, parents and types of the system" {
	offers_what_the_system_has bash
	offers bash "mdevctl start --uuid=1" $U1
	offers bash "mdevctl define --parent mtty --type=mtty-" mtty-1 mtty-2
}

@test "bash completes lsmdev as the list command" {
	define_file $U1
	define_file $U2 vfio_ap-passthrough matrix
	activate $U3 mtty-2
	mapfile -t options < <(options_of list)
	offers bash "lsmdev --" "${options[@]}"
	offers bash "lsmdev --dump" --dumpjson
	offers bash "lsmdev --uuid=" $U3
	offers bash "lsmdev -d -u " $U1 $U2
	offers bash "lsmdev -d --parent matrix -u " $U2
	offers bash "lsmdev -d --parent " matrix mtty
	offers bash "lsmdev " "${options[@]}"
	# What is typed as a word is no command here.
	offers bash "lsmdev sta"
}

@test "bash completes behind the colons of a PCI address" {
	offers bash "mdevctl types -p 0000:0" 00:02.0
	offers bash "mdevctl types --parent=0000:00:0" 02.0
}

@test "bash completes commands, options and files" {
	mapfile -t commands < <("$MDEVCTL" help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p')
	[ ${#commands[@]} -gt 5 ]
	offers bash "mdevctl " "${commands[@]}"
	offers bash "mdevctl help " "${commands[@]}"
	for command in "${commands[@]}"; do
		mapfile -t options < <(options_of "$command")
		offers bash "mdevctl $command -" "${options[@]}"
	done
	mapfile -t options < <(options_of list)
	offers bash "lsmdev -" "${options[@]}"
	touch "$T/one.json" "$T/two.json"
	offers bash "mdevctl define --jsonfile $T/o" "$T/one.json"
	offers bash "mdevctl define --jsonfile=$T/t" "$T/two.json"
}

@test "bash offers no option twice, nor one that is excluded" {
	offers bash "mdevctl define -u $U1 --jsonfile x --" --any --parent --force --help
	offers bash "mdevctl list -dvp mtty --" --dumpjson --uuid --help --version
}

@test "fish completes UUIDs, parents and types of the system" {
	needs_shell fish
	offers_what_the_system_has fish
}

@test "fish completes commands and options" {
	needs_shell fish
	mapfile -t commands < <("$MDEVCTL" help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p')
	offers fish "mdevctl " "${commands[@]}"
	offers fish "mdevctl help " "${commands[@]}"
	for command in "${commands[@]}"; do
		mapfile -t options < <(options_of "$command")
		offers fish "mdevctl $command --" "${options[@]}"
	done
	run ! grep -w -- --type <<<"$(in_fish "mdevctl define --jsonfile x --")"
}

@test "zsh completes UUIDs, parents and types of the system" {
	needs_shell zsh
	offers_what_the_system_has zsh
}

@test "zsh completes commands and options" {
	needs_shell zsh
	mapfile -t commands < <("$MDEVCTL" help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p')
	offers zsh "mdevctl " "${commands[@]}"
	mapfile -t options < <(options_of define)
	offers zsh "mdevctl define --" "${options[@]}"
	run ! grep -w -- --type <<<"$(in_zsh "mdevctl define --jsonfile x --")"
}
