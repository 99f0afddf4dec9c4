# SPDX-License-Identifier: LGPL-2.1-or-later
#
# awk -v shell=SHELL -f generate.awk DUMP TEMPLATE
#
# Writes TEMPLATE, the completion for bash, zsh or fish, with the line "@OPTIONS@" replaced
# by what DUMP, from "mdevctl help --dump", says of commands and options. That JSON has a
# member a line, indented by its depth, so no parser is needed.

# commands[1] is "commands", the names of all; commands[2] is mdevctl itself.
# about[COMMAND, NAME, KEY] is what is said of an option; excludes[COMMAND, NAME] has names.

# Reading the dump -----------------------------------------------------------

# The string of a line '"key": "string"'; of the escapes only \" and \\ come up in help.
function string_of(line) {
	sub(/^ *"[^"]*": "/, "", line)
	sub(/",?$/, "", line)
	gsub(/\\"/, "\"", line)
	gsub(/\\\\/, "\\", line)
	return line
}

function key_of(line) {
	split(line, parts, "\"")
	return parts[2]
}

FNR == NR {
	if (/^    "/) {
		command = key_of($0)
		commands[++command_count] = command
	} else if (/^        "/) {
		option = key_of($0)
		names[command, ++counts[command]] = option
	} else if (/^          "(unless|needs|excludes)": \[/) {
		list = key_of($0)
	} else if (/^          "/) {
		about[command, option, key_of($0)] = string_of($0)
	} else if (/^              "name"/ && list == "needs") {
		needs[command, option] = needs[command, option] " " string_of($0)
	} else if (/^              "name"/ && list == "excludes") {
		exclude(command, option, string_of($0))
		exclude(command, string_of($0), option)
	}
	next
}

# One side of an exclusion says it, both are meant.
function exclude(cmd, a, b) {
	if (!((cmd, a, b) in excluded)) {
		excluded[cmd, a, b] = 1
		excludes[cmd, a] = excludes[cmd, a] " " b
	}
}

function is(cmd, name, kind) {
	return about[cmd, name, "kind"] == kind
}

function quote(text) {
	gsub(/'/, "'\\''", text)
	return "'" text "'"
}

# Both spellings of an option: "-u --uuid".
function spellings(cmd, name) {
	letter = about[cmd, name, "letter"]
	return (letter ? "-" letter " " : "") "--" name
}

# What excludes all that an option needs excludes the option.
function exclude_by_needs(cmd,    n, name, m, other, count, all, i, left) {
	for (n = 1; n <= counts[cmd]; n++) {
		name = names[cmd, n]
		count = split(needs[cmd, name], all, " ")
		for (m = 1; count && m <= counts[cmd]; m++) {
			other = names[cmd, m]
			left = count
			for (i = 1; i <= count; i++)
				left -= (cmd, all[i], other) in excluded
			if (!left && other != name) {
				exclude(cmd, name, other)
				exclude(cmd, other, name)
			}
		}
	}
}

FNR == 1 {
	for (c = 2; c <= command_count; c++)
		exclude_by_needs(commands[c])
}

# Writing the template -------------------------------------------------------

$0 != "@OPTIONS@" { print; next }

shell == "bash" {
	print "_mdevctl_table() {"
	print "\tcase $1 in"
	for (c = 1; c <= command_count; c++)
		bash_command(commands[c])
	print "\tesac"
	print "}"
}

# A line an option: name, letter, value, whether it repeats, options that exclude it.
function bash_command(cmd,    n, name, line) {
	printf "\t%s)\n\t\ttable='", cmd
	for (n = 1; n <= counts[cmd]; n++) {
		name = names[cmd, n]
		if (is(cmd, name, "hidden-command"))
			continue
		line = about[cmd, name, "kind"] " " name " " or_dot(about[cmd, name, "letter"])
		line = line " " or_dot(about[cmd, name, "value"])
		line = line " " or_dot(about[cmd, name, "repeats"]) excludes[cmd, name]
		print line
	}
	print "' ;;"
}

function or_dot(text) {
	return text ? text : "."
}

shell == "zsh" {
	print "_mdevctl_commands() {"
	print "\tlocal -a commands=("
	for (n = 1; n <= counts["commands"]; n++) {
		name = names["commands", n]
		if (is("commands", name, "command"))
			print "\t\t" quote(name ":" about["commands", name, "help"])
	}
	print "\t)"
	print "\t_describe -t commands 'mdevctl command' commands"
	print "}\n"
	print "_mdevctl_arguments() {"
	print "\tcase $1 in"
	for (c = 2; c <= command_count; c++)
		zsh_command(commands[c])
	print "\tesac"
	print "}"
}

function zsh_command(cmd,    n, name) {
	print "\t" cmd ")\n\t\targuments=("
	for (n = 1; n <= counts[cmd]; n++) {
		name = names[cmd, n]
		zsh_option(cmd, name)
	}
	print "\t\t) ;;"
}

function zsh_option(cmd, name,    help, action, others, spelling, count, i, all) {
	help = about[cmd, name, "help"]
	gsub(/[][\\]/, "\\\\&", help)
	action = about[cmd, name, "value"]
	if (action != "")
		action = ":" action ":" zsh_action(action)
	others = zsh_others(cmd, name)
	if (is(cmd, name, "argument")) {
		print "\t\t\t" quote((others ? "(" others ")" : "") \
			(about[cmd, name, "repeats"] ? "*" : about[cmd, name, "required"] ? "" : ":") action)
		return
	}
	count = split(spellings(cmd, name), all, " ")
	for (i = 1; i <= count; i++) {
		spelling = all[i]
		if (action != "")
			spelling = spelling (spelling ~ /^--/ ? "=" : "+")
		print "\t\t\t" quote((about[cmd, name, "repeats"] ? "*" : "") \
			(others ? "(" others ")" : "") spelling "[" help "]" action)
	}
}

# What is not offered any more once the option is there.
function zsh_others(cmd, name,    all, count, i, others) {
	if (!about[cmd, name, "repeats"] && !is(cmd, name, "argument"))
		others = spellings(cmd, name)
	count = split(excludes[cmd, name], all, " ")
	for (i = 1; i <= count; i++)
		others = others (others ? " " : "") zsh_other(cmd, all[i])
	return others
}

function zsh_other(cmd, name) {
	return is(cmd, name, "argument") ? "1" : spellings(cmd, name)
}

function zsh_action(value) {
	if (value == "UUID") return "_mdevctl_uuids"
	if (value == "PARENT") return "_mdevctl_parents"
	if (value == "TYPE") return "_mdevctl_types"
	if (value == "COMMAND") return "_mdevctl_commands"
	if (value == "WHEN") return "(auto always never)"
	return value ~ /FILE$/ ? "_files" : " "
}

shell == "fish" {
	for (n = 1; n <= counts["commands"]; n++) {
		name = names["commands", n]
		if (is("commands", name, "command"))
			print "complete -c mdevctl -n __mdevctl_needs_command -a " name " -d " \
				fish_quote(about["commands", name, "help"])
	}
	for (c = 2; c <= command_count; c++)
		fish_command("mdevctl", c == 2 ? "__mdevctl_needs_command" : \
			"__mdevctl_is " commands[c], commands[c])
	fish_command("lsmdev", "", "list")
}

function fish_command(program, condition, cmd,    n) {
	print ""
	for (n = 1; n <= counts[cmd]; n++)
		fish_line(program, condition, cmd, names[cmd, n])
}

function fish_line(program, condition, cmd, name) {
	condition = condition fish_unless(condition, cmd, name)
	if (is(cmd, name, "argument"))
		print "complete -c " program " -n " fish_quote(condition) fish_values(cmd, name)
	else
		print "complete -c " program (condition ? " -n " fish_quote(condition) : "") \
			fish_option(cmd, name)
}

# The condition that nothing is there which excludes the option or argument.
function fish_unless(condition, cmd, name,    all, count, i, options, argument, unless) {
	argument = is(cmd, name, "argument")
	count = split(excludes[cmd, name], all, " ")
	for (i = 1; i <= count; i++) {
		if (is(cmd, all[i], "argument"))
			argument = 1
		else
			options = options " " spellings(cmd, all[i])
	}
	if (options)
		unless = (condition ? "; and " : "") "not __mdevctl_has_option" options
	if (argument)
		unless = unless (condition unless ? "; and " : "") "not __mdevctl_has_argument" \
			fish_valued(cmd)
	return unless
}

# The options that take the word after them.
function fish_valued(cmd,    n, name, valued) {
	for (n = 1; n <= counts[cmd]; n++) {
		name = names[cmd, n]
		if (is(cmd, name, "option"))
			valued = valued " " spellings(cmd, name)
	}
	return valued
}

function fish_option(cmd, name) {
	letter = about[cmd, name, "letter"]
	return (letter ? " -s " letter : "") " -l " name \
		(is(cmd, name, "option") ? fish_values(cmd, name) : "") \
		" -d " fish_quote(about[cmd, name, "help"])
}

function fish_values(cmd, name,    value, flag) {
	value = about[cmd, name, "value"]
	flag = is(cmd, name, "option") ? " -x" : ""
	if (value == "UUID") return flag " -a '(__mdevctl_uuids " cmd ")'"
	if (value == "PARENT") return flag " -a '(__mdevctl_parents " cmd ")'"
	if (value == "TYPE") return flag " -a '(__mdevctl_types)'"
	if (value == "COMMAND") return flag " -a '(__mdevctl_commands)'"
	if (value == "WHEN") return flag " -a 'auto always never'"
	return value == "JSONFILE" ? " -r -F" : flag
}

function fish_quote(text) {
	gsub(/\\/, "\\\\", text)
	gsub(/'/, "\\'", text)
	return "'" text "'"
}
