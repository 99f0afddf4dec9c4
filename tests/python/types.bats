#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the binding says of its types, and of itself.

bats_require_minimum_version 1.5.0

load common

@test "types: everything public is annotated, with names that are there" {
	python <<-'END'
		import inspect, typing
		def functions():
		    for name in libmdev.__all__:
		        value = getattr(libmdev, name)
		        for member in vars(value).values() if isinstance(value, type) else [value]:
		            member = member.fget if isinstance(member, property) else member
		            if inspect.isfunction(member) and not member.__name__.startswith("_"):
		                yield member
		seen = set()
		for function in functions():
		    hints = typing.get_type_hints(function)
		    assert set(inspect.signature(function).parameters) - {"self"} == set(hints) - {"return"}, function
		    assert "return" in hints, function
		    seen.add(function.__qualname__)
		assert {"uuid_parse", "Device.stop", "Monitor.close", "Definition.attrs"} <= seen, seen
		hints = typing.get_type_hints(libmdev.Context.definition_lookup)
		assert hints == {"uuid": str, "parent": typing.Optional[str], "return": libmdev.Definition}
		assert typing.get_type_hints(libmdev.Type.get_name)["return"] == typing.Optional[str]
		assert typing.get_type_hints(libmdev.Type.get_id)["return"] is str
		assert os.path.exists(os.path.dirname(libmdev.__file__) + "/py.typed")
	END
}

# checked OPTION...: what mypy says of the program on standard input.
checked() {
	command -v mypy >/dev/null || skip "mypy is not installed"
	cat >"$T/program.py"
	# It looks for types only where packages are installed, or in the folder itself.
	cd "$BUILD/python"
	run mypy --strict --cache-dir="$T/cache" "$T/program.py"
}

@test "types: a checker agrees with a right program" {
	checked <<-'END'
		import libmdev

		def hear(definition: libmdev.Definition, result: int, text: str) -> None:
		    print(definition.get_uuid(), result, text)

		def log(level: libmdev.LogLevel | int, text: str) -> None:
		    print(level, text)

		context = libmdev.Context("/")
		context.set_log(libmdev.LogLevel.DEBUG, log)
		context.autostart("mtty", libmdev.OpFlags.NO_WAIT | libmdev.OpFlags.NO_MODULE, hear)
		definition = context.definition_new()
		definition.insert_attr(libmdev.ATTR_END, "a", "b")
		for name, value in definition.attrs():
		    print(name.upper(), value.upper())
		number, users = context.device_lookup("x").list_users()
		print(number + 1, [user.get_pid() + 1 for user in users])
		print(context.definition_list_format(iter([definition])).upper(), libmdev.__version__.upper())
		try:
		    definition.start()
		except libmdev.Exhausted as error:
		    print((error.parent or "").upper(), error.errno)
		with context.monitor_new() as monitor:
		    for event in monitor:
		        print((event.get_uuid() or "").upper(), event.get_kind() is libmdev.EventKind.LOST)
	END
	[ "$status" -eq 0 ] || { echo "$output" >&2; return 1; }
}

@test "types: a checker finds what is wrong in a program" {
	checked <<-'END'
		import libmdev
		context = libmdev.Context()
		context.device_lookup(1)
		context.parent_lookup("mtty").stop()
		context.parent_lookup("mtty").type_list()[0].get_name().upper()
		context.device_lookup("x").modify_live(context.parent_lookup("x"))
		context.autostart(fn=lambda definition: None)
		context.set_timeout("1")
		event = context.monitor_new().next()
		event.get_uuid()
	END
	for line in 3 4 5 6 7 8 10; do
		grep -q "program.py:$line: error" <<<"$output" || { echo "line $line: $output" >&2; return 1; }
	done
}

@test "types: the package tells its version" {
	version=$(sed -n 's/^VERSION := //p' "$TOP/Makefile")
	[ "$(python <<<'print(libmdev.__version__)')" = "$version" ]
}
