#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The Python binding: that each function does what C's does is stated by the library's own
# tests; here is what the binding adds.

bats_require_minimum_version 1.5.0

load common

@test "python: parents, types and devices are listed and looked up" {
	activate "$U2" mtty-2
	activate "$U1" mtty-1
	python <<-'END'
		context = libmdev.Context()
		assert [parent.get_name() for parent in context.parent_list()] == ["mtty"]
		parent = context.parent_lookup("mtty")
		assert [(type.get_id(), type.get_available_instances()) for type in parent.type_list()] == \
		    [("mtty-1", 21), ("mtty-2", 10)]
		assert [type.get_used_instances() for type in parent.type_list()] == [1, 1]
		assert parent.type_lookup("mtty-2").get_device_api() == "vfio-pci"
		assert [device.get_uuid() for device in context.device_list()] == [U1, U2]
		assert [device.get_type() for device in context.device_list(U2)] == ["mtty-2"]
		assert context.device_list(parent="other") == []
		assert repr(context.device_lookup(U1)) == f"<libmdev.Device {U1}>"
		assert parent.get_info().get_physfn() is None
		assert parent.get_info().get_path() == os.path.realpath(SYS + "/class/mdev_bus/mtty")
	END
}

@test "python: a device is defined, started, modified, stopped and undefined" {
	python <<-'END'
		context = libmdev.Context()
		definition = define(context, U1)
		definition.set_start(libmdev.StartMode.AUTO)
		definition.define()
		raises(libmdev.InUse, definition.define)
		assert os.listdir(ETC + "/mtty") == [U1]

		stored = context.definition_lookup(U1)
		assert stored.get_start() is libmdev.StartMode.AUTO
		assert stored.get_json() == definition.get_json()
		stored.set_start(libmdev.StartMode.MANUAL)
		stored.modify()
		assert context.definition_list(U1)[0].get_start() is libmdev.StartMode.MANUAL

		stored.start()
		device = context.device_lookup(U1)
		assert (device.get_parent(), device.get_type()) == ("mtty", "mtty-1")
		assert device.get_definition().get_type() == "mtty-1"
		os.mkdir(context.get_root() + "/proc")
		number, users = device.list_users()
		assert number in (0, 1) and users == []
		os.makedirs(context.get_root() + "/proc/77/fd")
		with open(context.get_root() + "/proc/77/comm", "w") as file:
		    file.write("qemu\n")
		os.symlink(device.get_info().get_group_node(), context.get_root() + "/proc/77/fd/9")
		number, users = context.user_list(context.device_list())
		assert number == 0
		assert [(user.get_uuid(), user.get_pid(), user.get_command()) for user in users] == \
		    [(U1, 77, "qemu")]
		device.stop()
		assert context.device_list() == []
		stored.undefine(libmdev.OpFlags.NO_CALLOUTS | libmdev.OpFlags.FORCE)
		assert context.definition_list() == []
	END
	[ "$(active)" = "" ]
}

@test "python: the status of a device has a verdict, and the machine an explanation" {
	activate "$U1"
	define_file "$U2" mtty-9 mtty auto
	python <<-'END'
		context = libmdev.Context()
		one, two = context.status_list()
		assert one.get_verdict() is libmdev.Verdict.TRANSIENT and one.is_active() and one.is_well()
		assert (one.get_uuid(), one.get_reason(), one.get_advice()) == (U1, None, None)
		assert two.get_verdict() is libmdev.Verdict.NO_TYPE and not two.is_well()
		assert (two.get_word(), two.get_type()) == ("no-type", "mtty-9")
		assert two.get_reason().startswith("Parent mtty does not support mdev type mtty-9")
		assert context.status_list(U1, flags=libmdev.OpFlags.NO_CALLOUTS)[0].get_uuid() == U1
		assert repr(one) == f"<libmdev.Status {U1}>"
		assert context.explain_parents() == ""
	END
}

@test "python: a document is planned, applied and exported" {
	python <<-'END'
		context = libmdev.Context()
		document = context.document_new()
		document.set_owner("me")
		document.add_json("text", '{"devices": [{"uuid": "%s", "parent": "mtty", "type": "mtty-1",'
		    ' "start": "auto"}]}' % U1)
		change, = document.plan()
		assert change.get_action() is libmdev.Action.CREATE
		assert (change.get_uuid(), change.get_steps(), change.get_owner()) == (U1, "define,start", "me")
		said = []
		document.apply(0, lambda change, *rest: said.append((change.get_word(), *rest)))
		assert said == [("create", 1, 1, 0, "")], said
		assert [change.get_action() for change in document.plan()] == [libmdev.Action.NONE]
		assert context.definition_lookup(U1).get_owner() == "me"
		assert context.status_list()[0].get_owner() == "me"
		assert '"owner": "me"' in context.document_export().get_json()
		error = raises(libmdev.Malformed, document.add_json, "b", "{")
		assert str(error).startswith("b:1:2: "), error
		other = context.document_new()
		other.set_owner("you")
		other.add_json("text", document.get_json().replace('"me"', '"you"'))
		raises(libmdev.Error, other.apply)
		other.apply(flags=libmdev.OpFlags.ADOPT)
	END
	[ "$(active)" = "$U1 mtty mtty-1" ]
}

@test "python: attributes are given in their order" {
	python <<-'END'
		definition = libmdev.Context().definition_new()
		definition.insert_attr(libmdev.ATTR_END, "b", "2")
		definition.insert_attr(0, "mdev/a", "1")
		definition.insert_attr(libmdev.ATTR_END, "c", "\u2713 \n")
		assert list(definition.attrs()) == [("mdev/a", "1"), ("b", "2"), ("c", "\u2713 \n")]
		definition.remove_attr(1)
		definition.set_attr("mdev/a", "3")
		assert list(definition.attrs()) == [("mdev/a", "3"), ("c", "\u2713 \n")]
		definition.set_json('{"mdev_type": "t", "start": "auto", "attrs": [{"x": "\u2713"}]}')
		assert list(definition.attrs()) == [("x", "\u2713")]
		definition.clear_attrs()
		assert list(definition.attrs()) == []
	END
}

@test "python: a list of definitions goes to JSON and comes back" {
	python <<-'END'
		context = libmdev.Context()
		text = context.definition_list_format(define(context, uuid) for uuid in (U1, U2))
		assert [d.get_uuid() for d in context.definition_list_parse(text)] == [U1, U2]
		assert context.definition_list_parse(context.definition_list_format([])) == []
		raises(TypeError, context.definition_list_format, [context])
		raises(TypeError, context.definition_list_format, None)
		a, b = context.definition_list_parse(text)
		assert a.equal(a.copy()) and not a.equal(b)
	END
}

@test "python: an error tells its parts, and its class what kind it is" {
	define_file "$U2" mtty-1 mtty
	define_file "$U2" mtty-1 other
	mkdir -p "$ETC/mtty"
	echo '{' >"$ETC/mtty/$U3"
	python <<-'END'
		context = libmdev.Context()
		error = raises(libmdev.NotFound, context.device_lookup, U1)
		assert error.errno == errno.ENODEV and error.uuid == U1 and error.attr is None
		assert str(error) == f"Mediated device {U1} is not active"
		assert isinstance(error, libmdev.Error) and isinstance(error, OSError)
		error = raises(libmdev.NotFound, context.parent_lookup, "none")
		assert error.parent == "none" and error.uuid is None

		define(context, U1).start()
		error = raises(libmdev.InUse, define(context, U1).start)
		assert error.errno == errno.EEXIST and error.uuid == U1 and error.parent == "mtty"
		error = raises(libmdev.Malformed, context.device_lookup, "1-2")
		assert error.errno == errno.EINVAL
		error = raises(libmdev.Malformed, context.definition_lookup, U3)
		assert error.errno == errno.EBADMSG and error.file == f"{ETC}/mtty/{U3}"
		assert raises(libmdev.Ambiguous, context.definition_lookup, U2).errno == errno.ENOTUNIQ
		error = raises(libmdev.NotFound, context.device_lookup(U1).read_attr, "nothing")
		assert error.errno == errno.ENOENT and error.attr == "nothing"
		assert raises(libmdev.Malformed, libmdev.uuid_parse, "x").errno == errno.EINVAL
		assert libmdev.uuid_parse(U1.replace("-", "")) == U1
	END
}

@test "python: what is not allowed, and what is used up, are told apart" {
	needs_sim "to fail as it is told"
	sim before write '*/mtty-1/create' times=1 fail EPERM
	sim before write '*/mtty-2/create' times=1 fail ENOSPC
	python <<-'END'
		context = libmdev.Context()
		assert raises(libmdev.NotAllowed, define(context, U1).start).errno == errno.EPERM
		raises(libmdev.Exhausted, define(context, U1, "mtty-2").start)
	END
}

@test "python: only what a script refuses is refused" {
	mkdir -p "$ETC/scripts.d/callouts"
	cat >"$ETC/scripts.d/callouts/check" <<-'END'
		#!/bin/sh
		[ "$6" != capabilities ] || echo '{"supports":{"version":2,"actions":["start"],"events":["pre"]}}'
		[ "$6" != start ] || exit 3
	END
	chmod +x "$ETC/scripts.d/callouts/check"
	python <<-'END'
		context, script = libmdev.Context(), ETC + "/scripts.d/callouts/check"
		error = raises(libmdev.Refused, define(context, U1).start)
		assert error.errno == errno.ECANCELED and error.file == script
		error = raises(libmdev.Refused, define(context, U1).define)
		assert error.errno == errno.EOPNOTSUPP and error.file == script
		# In another root no module is looked for, whatever happened before.
		for function in (context.module_load, context.module_get_state):
		    error = raises(libmdev.Unsupported, function, "mdev")
		    assert error.errno == errno.EOPNOTSUPP and error.file is None
	END
}

@test "python: what C cannot take is refused before" {
	activate "$U2"
	python <<-'END'
		context = libmdev.Context()
		definition = context.definition_new()
		raises(TypeError, context.device_lookup, 1)
		raises(TypeError, context.device_lookup, b"x")
		raises(ValueError, definition.set_attr, "a", "b\0c")
		raises(OverflowError, context.set_timeout, -1)
		raises(OverflowError, definition.get_attr, 1 << 64)
		device = context.device_lookup(U2)
		raises(TypeError, device.modify_live, device)
		raises(TypeError, device.modify_live, None)
		raises(TypeError, libmdev.Device)
		# None where C says nothing of NULL is the library's to refuse.
		assert raises(libmdev.Malformed, context.device_lookup, None).errno == errno.EINVAL
	END
}

@test "python: a name that is no UTF-8 survives" {
	mkdir -p "$ETC/"$'p\xff'
	plain_json mtty-1 manual >"$ETC/"$'p\xff'"/$U1"
	python <<-'END'
		context = libmdev.Context()
		parent, = (each.get_parent() for each in context.definition_list_all())
		assert parent == "p\udcff"
		assert len(context.definition_list(None, parent)) == 1
	END
}

@test "python: log records come as text" {
	echo '{' | { mkdir -p "$ETC/mtty" && cat >"$ETC/mtty/$U1"; }
	python <<-'END'
		records = []
		context = libmdev.Context()
		context.set_log(libmdev.LogLevel.WARNING, lambda *record: records.append(record))
		assert context.definition_list() == []
		(level, text), = records
		assert level is libmdev.LogLevel.WARNING
		assert f"{ETC}/mtty/{U1}" in text and "\n" not in text
		# Of another sink, none, and one of a call only what belongs to it.
		context.set_log(libmdev.LogLevel.DEBUG, None)
		context.definition_list()
		assert len(records) == 1
		long = "x" * 5000
		context.set_log(libmdev.LogLevel.ERROR, lambda *record: records.append(record))
		raises(libmdev.NotFound, context.parent_lookup, long[:200])
		assert long[:200] in records[1][1]
	END
}

@test "python: a log sink that raises is told of and keeps nothing from being done" {
	python <<-'END'
		heard = []
		sys.unraisablehook = lambda unraisable: heard.append(unraisable.exc_value)
		def sink(*record):
		    raise KeyError("sink")
		context = libmdev.Context()
		context.set_log(libmdev.LogLevel.DEBUG, sink)
		raises(libmdev.NotFound, context.parent_lookup, "none")
		assert [type(error) for error in heard] == [KeyError]
	END
}

@test "python: autostart tells of each definition and hands on what its function raises" {
	define_file "$U1" mtty-1 mtty auto
	define_file "$U2" mtty-9 mtty auto
	python <<-'END'
		context = libmdev.Context()
		context.set_timeout(0)
		results = {}
		def hear(definition, result, error):
		    results[definition.get_uuid()] = (definition, result, error)
		# No script has refused.
		error = raises(libmdev.Error, context.autostart, "mtty", 0, hear)
		assert error.errno == errno.ECANCELED
		definition, result, text = results[U1]
		assert (result, text) == (0, "")
		# It is the caller's to keep.
		assert definition.get_type() == "mtty-1"
		assert results[U2][1] == -errno.ENOENT and "mtty-9" in results[U2][2]

		def fail(*_):
		    raise KeyError("hear")
		assert raises(KeyError, context.autostart, "mtty", 0, fail).args == ("hear",)
	END
}

@test "python: contexts with different roots do not know of each other" {
	python <<-'END'
		here, there = libmdev.Context(), libmdev.Context(T + "/there")
		os.makedirs(T + "/there/etc")
		define(here, U1).define()
		define(there, U2).define()
		assert [d.get_uuid() for d in here.definition_list()] == [U1]
		assert [d.get_uuid() for d in there.definition_list()] == [U2]
		assert there.parent_list() == []
		raises(libmdev.NotFound, there.parent_lookup, "mtty")
		assert here.last_error() == ""
		assert there.get_root() == T + "/there"
	END
}

@test "python: an object outlives its context and the list it was in" {
	python <<-'END'
		parent = libmdev.Context().parent_list()[0]
		gc.collect()
		type = parent.type_list()[1]
		del parent
		gc.collect()
		assert type.get_id() == "mtty-2"

		# A sink that refers to its own context is a cycle, which is collected.
		class Sentinel:
		    pass
		import weakref
		context, sentinel = libmdev.Context(), Sentinel()
		gone = weakref.ref(sentinel)
		context.set_log(libmdev.LogLevel.DEBUG, lambda *_, c=context, s=sentinel: None)
		del context, sentinel
		gc.collect()
		assert gone() is None
	END
}

@test "python: threads use contexts of their own, or share one" {
	python <<-'END'
		shared = libmdev.Context()
		failed = []
		def work(number):
		    try:
		        own = libmdev.Context()
		        for turn in range(20):
		            uuid = f"{number:08}-0000-4000-8000-{turn:012}"
		            context = shared if turn % 2 else own
		            define(context, uuid).define()
		            # What one thread makes another one drops.
		            left.append(context.definition_lookup(uuid))
		            assert str(raises(libmdev.NotFound, context.device_lookup, uuid)) == \
		                f"Mediated device {uuid} is not active"
		            if turn % 5 == 0:
		                left.clear()
		    except BaseException as error:
		        failed.append(error)
		left = []
		sys.setswitchinterval(1e-5)
		threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
		for thread in threads: thread.start()
		for thread in threads: thread.join()
		assert failed == [], failed
		assert len(shared.definition_list()) == 120
	END
}

@test "python: other threads run while a call waits" {
	mkfifo "$T/fifo"
	mkdir -p "$ETC/scripts.d/callouts"
	cat >"$ETC/scripts.d/callouts/wait" <<-END
		#!/bin/sh
		[ "\$4" != pre ] || read -r line <$T/fifo
	END
	chmod +x "$ETC/scripts.d/callouts/wait"
	python <<-'END'
		context = libmdev.Context()
		thread = threading.Thread(target=define(context, U1).define)
		thread.start()
		# The script waits for this thread, which therefore has to run.
		with open(T + "/fifo", "w") as fifo:
		    fifo.write("go on\n")
		thread.join()
		assert len(context.definition_list()) == 1
	END
}

@test "python: a monitor tells of definitions to who iterates over it" {
	python <<-'END'
		import subprocess
		def mdevctl(*words):
		    subprocess.run([os.environ["MDEVCTL"], *words, "-u", U1], check=True)
		kinds = libmdev.EventKind
		context = libmdev.Context()
		monitor = context.monitor_new()
		assert iter(monitor) is monitor and monitor.next() is None
		for words, kind in ((("define", "-p", "mtty", "-t", "mtty-1"), kinds.DEFINITION_ADDED),
		                    (("modify", "--auto"), kinds.DEFINITION_CHANGED),
		                    (("undefine",), kinds.DEFINITION_REMOVED)):
		    mdevctl(*words)
		    event = next(monitor)
		    assert event.get_kind() is kind, event
		    assert (event.get_parent(), event.get_uuid()) == ("mtty", U1)
		    assert monitor.next() is None
		assert repr(event) == f"<libmdev.Event DEFINITION_REMOVED mtty {U1}>"
		raises(TypeError, libmdev.Monitor)
	END
}

@test "python: iteration over a monitor waits, and lets others use its context" {
	python <<-'END'
		context = libmdev.Context()
		monitor, heard = context.monitor_new(), []
		def hear():
		    for event in monitor:
		        heard.append((event.get_kind(), event.get_uuid()))
		        if event.get_kind() is libmdev.EventKind.DEFINITION_REMOVED:
		            break
		thread = threading.Thread(target=hear)
		thread.start()
		for uuid in (U1, U2):
		    define(context, uuid).define()
		    while (libmdev.EventKind.DEFINITION_ADDED, uuid) not in heard:
		        assert thread.is_alive()
		context.definition_lookup(U1).undefine()
		thread.join()
		assert heard[-1] == (libmdev.EventKind.DEFINITION_REMOVED, U1)
	END
}

@test "python: an event loop waits for a monitor's descriptor" {
	python <<-'END'
		import selectors
		context = libmdev.Context()
		monitor = context.monitor_new()
		assert monitor.fileno() == monitor.get_fd() >= 0
		loop = selectors.DefaultSelector()
		loop.register(monitor, selectors.EVENT_READ)
		# It may be readable without an event, once.
		assert monitor.next() is None and loop.select(0) == []
		for uuid in (U1, U2):
		    define(context, uuid).define()
		events = []
		while len(events) < 2:
		    assert loop.select()[0][0].fileobj is monitor
		    while event := monitor.next():
		        events.append(event)
		assert {event.get_uuid() for event in events} == {U1, U2}
		assert loop.select(0) == []
		loop.close()
		# Events are the caller's to keep, also without the monitor.
		fd = monitor.fileno()
		del monitor, context
		gc.collect()
		raises(OSError, os.fstat, fd)
		assert {event.get_parent() for event in events} == {"mtty"}
	END
}

@test "python: a monitor tells of devices and parents" {
	needs_sim "uevents come from a libudev of our own"
	LD_LIBRARY_PATH=$BUILD/tests/unit/udev:$LD_LIBRARY_PATH python <<-'END'
		import ctypes
		class Uevent(ctypes.Structure):
		    _fields_ = [(name, ctypes.c_char_p) for name in ("action", "subsystem", "path", "state")]
		    _fields_ += [("error", ctypes.c_int)]
		udev = ctypes.CDLL("libudev.so.1")
		uevents = (Uevent * 16).in_dll(udev, "fake_udev_events")
		# Only the real root has the kernel's devices.
		monitor = libmdev.Context("/").monitor_new()
		parent = b"/devices/virtual/mtty/mtty"
		device = parent + b"/" + U1.encode()
		uevents[0] = Uevent(b"change", b"mtty", parent, b"registered")
		uevents[1] = Uevent(b"add", b"mdev", device)
		uevents[2] = Uevent(b"bind", b"mdev", device)
		uevents[3] = Uevent(b"add", b"net", b"/devices/virtual/net/lo")
		uevents[4] = Uevent(b"remove", b"mdev", device)
		uevents[5] = Uevent(b"change", b"mtty", parent, b"unregistered")
		uevents[6] = Uevent(error=errno.ENOBUFS)
		udev.fake_udev_wake()
		for line in ("PARENT_ADDED mtty", "DEVICE_ADDED mtty " + U1, "DEVICE_CHANGED mtty " + U1,
		             "DEVICE_REMOVED mtty " + U1, "PARENT_REMOVED mtty", "LOST"):
		    event = next(monitor)
		    assert repr(event) == f"<libmdev.Event {line}>", event
		    assert event.get_kind().name == line.split()[0]
		assert monitor.next() is None
	END
}

@test "python: a monitor tells of a loss" {
	define_file "$U1" mtty-1
	python <<-'END'
		limit = int(open("/proc/sys/fs/inotify/max_queued_events").read())
		monitor = libmdev.Context().monitor_new()
		# Equal events in a row are merged, so they alternate.
		for turn in range(limit // 2 + 1):
		    os.close(os.open(f"{ETC}/mtty/x", os.O_CREAT | os.O_WRONLY))
		    os.unlink(f"{ETC}/mtty/x")
		lost = next(monitor)
		assert lost.get_kind() is libmdev.EventKind.LOST
		assert lost.get_parent() is None and lost.get_uuid() is None
		assert repr(lost) == "<libmdev.Event LOST>"
		assert monitor.next() is None
	END
}

@test "python: a monitor that cannot be made says why" {
	python <<-'END'
		error = raises(libmdev.NotFound, libmdev.Context(T + "/nothing").monitor_new)
		assert error.errno == errno.ENOENT and T + "/nothing" in str(error)
	END
}

@test "python: a copy lives as long as what it is of, pickling is refused" {
	activate "$U2"
	python <<-'END'
		import copy, pickle
		context = libmdev.Context()
		objects = [context, context.parent_list()[0], context.device_lookup(U2),
		           context.parent_list()[0].type_list()[0], context.monitor_new(), define(context, U1)]
		for original in objects:
		    for made in (copy.copy(original), copy.deepcopy(original), copy.deepcopy([original])[0]):
		        assert repr(made) == repr(original) or type(made) is libmdev.Monitor
		        assert type(made) is type(original)
		        del made
		        gc.collect()
		    assert type(original).__name__ in str(raises(TypeError, pickle.dumps, original))
		    raises(TypeError, pickle.dumps, [original], 5)
		# A definition can be changed: its copies are others.
		definition = objects[-1]
		for other in (copy.copy(definition), copy.deepcopy(definition)):
		    assert other.equal(definition)
		    other.set_attr("a", "1")
		    assert not other.equal(definition)
		device = copy.copy(objects[2])
		del context, objects, original
		gc.collect()
		assert device.get_uuid() == U2
	END
}

@test "python: a program's class of the same name changes nothing" {
	activate "$U2"
	python <<-'END'
		class Device(libmdev.Device):
		    pass
		context = libmdev.Context()
		assert type(context.device_lookup(U2)) is libmdev.Device
		assert type(context.definition_new()) is libmdev.Definition
	END
}

@test "python: an error can be pickled with its parts" {
	python <<-'END'
		import pickle
		error = raises(libmdev.NotFound, libmdev.Context().device_lookup, U1)
		again = pickle.loads(pickle.dumps(error))
		assert type(again) is libmdev.NotFound and str(again) == str(error)
		assert (again.errno, again.uuid, again.file) == (errno.ENODEV, U1, None)
	END
}

@test "python: a monitor is closed by close() and by \"with\"" {
	python <<-'END'
		context = libmdev.Context()
		before = set(os.listdir("/proc/self/fd"))
		with context.monitor_new() as monitor:
		    fd = monitor.fileno()
		    assert not monitor.closed and monitor.next() is None
		assert monitor.closed and set(os.listdir("/proc/self/fd")) == before
		raises(OSError, os.fstat, fd)
		for use in (monitor.next, monitor.fileno, monitor.get_fd, monitor.__enter__, lambda: next(monitor)):
		    assert str(raises(ValueError, use)) == "the Monitor is closed"
		monitor.close()

		def leave():
		    with context.monitor_new() as monitor:
		        kept.append(monitor)
		        raise KeyError
		kept = []
		raises(KeyError, leave)
		assert kept[0].closed and set(os.listdir("/proc/self/fd")) == before
		# The context is as it was.
		define(context, U1).define()
	END
}

@test "python: closing a monitor wakes who waits for it" {
	python <<-'END'
		context, raised = libmdev.Context(), []
		monitor = context.monitor_new()
		before = set(os.listdir("/proc/self/fd"))
		def hear():
		    try:
		        for event in monitor:
		            first.set()
		    except ValueError as error:
		        raised.append(error)
		first = threading.Event()
		threads = [threading.Thread(target=hear) for _ in range(3)]
		for thread in threads: thread.start()
		define(context, U1).define()
		first.wait()
		monitor.close()
		for thread in threads: thread.join()
		assert len(raised) == 3
		assert set(os.listdir("/proc/self/fd")) < before
	END
}

@test "python: a monitor that is closed by the sink of its own call lives until that ends" {
	mkdir -p "$ETC/mtty"
	python <<-'END'
		context = libmdev.Context()
		monitor = context.monitor_new()
		fds = []
		def sink(level, text):
		    monitor.close()
		    fds.append(os.fstat(fd))
		fd = monitor.fileno()
		context.set_log(libmdev.LogLevel.DEBUG, sink)
		raises(libmdev.NotFound, context.device_lookup, U1)
		assert fds and monitor.closed
		raises(OSError, os.fstat, fd)
	END
}

@test "python: objects of two contexts are used together, by threads in either order" {
	activate "$U2"
	python <<-'END'
		a, b = libmdev.Context(), libmdev.Context()
		x, y = define(a, U2), define(b, U2)
		assert x.equal(y) and a.definition_list_format([y]) == b.definition_list_format([x])
		device = a.device_lookup(U2)
		try:
		    device.modify_live(y)
		    raise AssertionError("a definition of another context was taken")
		except libmdev.Malformed as error:
		    assert "is of another context" in str(error)
		device.modify_live(x)

		failed = []
		def work(mine, other):
		    try:
		        for turn in range(300):
		            mine.equal(other)
		            other.set_attr("a", str(turn))
		            mine.get_json()
		    except BaseException as error:
		        failed.append(error)
		sys.setswitchinterval(1e-5)
		threads = [threading.Thread(target=work, args=pair) for pair in ((x, y), (y, x)) * 3]
		for thread in threads: thread.start()
		for thread in threads: thread.join()
		assert failed == [], failed
	END
}

@test "python: a call waits for the contexts of all its objects" {
	mkfifo "$T/fifo"
	mkdir -p "$ETC/scripts.d/callouts"
	cat >"$ETC/scripts.d/callouts/wait" <<-END
		#!/bin/sh
		[ "\$4" != pre ] || read -r line <$T/fifo
	END
	chmod +x "$ETC/scripts.d/callouts/wait"
	python <<-'END'
		a, b = libmdev.Context(), libmdev.Context()
		mine, busy = define(a, U1), define(b, U1)
		order = []
		def store():
		    busy.define()
		    order.append("stored")
		def compare():
		    mine.equal(busy)
		    order.append("compared")
		writer, reader = threading.Thread(target=store), threading.Thread(target=compare)
		writer.start()
		# The script has begun, so b is in use.
		fifo = open(T + "/fifo", "w")
		reader.start()
		reader.join(0.2)
		assert reader.is_alive() and order == []
		fifo.write("go on\n")
		fifo.close()
		writer.join()
		reader.join()
		assert sorted(order) == ["compared", "stored"]
	END
}

@test "python: everything in the header is there, documented without C's names" {
	perl -Iapi -I"$TOP/api" -MHeader -e '
		open my $file, "<", $ARGV[0] or die;
		my $api = Header::parse("libmdev.h", <$file>);
		print "$_->{name}\n" for grep { $_->{name} !~ /_(?:ref|unref|list_free)$|^mdev_ctx_new$/ }
			Header::symbols_of($api, "function")' "$TOP/include/libmdev.h" >"$T/functions"
	[ "$(wc -l <"$T/functions")" -ge 60 ]
	python <<-'END'
		import inspect, re
		found = set()
		public = [getattr(libmdev, name) for name in libmdev.__all__]
		for owner in [libmdev, *(value for value in public if isinstance(value, type))]:
		    for name, value in inspect.getmembers(owner):
		        if type(value).__name__ == "Call":
		            found.add(value.name)
		        if inspect.isfunction(value) and not name.startswith("_") and \
		           value.__module__.startswith("libmdev."):
		            assert value.__doc__, name
		            assert not re.search(r"mdev_[a-z_]+\(\)|NULL|@|MDEV_", value.__doc__), value.__doc__
		wanted = set(open(T + "/functions").read().split())
		assert wanted <= found | {"mdev_uuid_parse", "mdev_version"}, wanted - found
		assert libmdev.version() == libmdev.__version__
	END
}

# leaks PROGRAM: how many blocks of the library it loses, as valgrind counts.
leaks() {
	PYTHONMALLOC=malloc valgrind --quiet --leak-check=full --show-leak-kinds=definite,indirect \
		--num-callers=30 --log-file="$T/valgrind" /usr/bin/python3 "$1" || return
	! grep -q 'Invalid \(read\|write\|free\)' "$T/valgrind" || { cat "$T/valgrind" >&2; return 1; }
	sed 's/^==[0-9]*== *//' "$T/valgrind" |
		awk -v RS= '/lost in loss record/ && /by 0x[0-9A-F]*: mdev_/ { count++ } END { print count + 0 }'
}

@test "python: nothing of the library is lost" {
	activate "$U2"
	mkdir "$ROOT/proc"
	cat >"$T/program.py" <<-'END'
		import ctypes, libmdev, os
		from libmdev._api import library
		context = libmdev.Context()
		context.set_log(libmdev.LogLevel.DEBUG, lambda *record: None)
		monitor = context.monitor_new()
		for turn in range(3):
		    new = context.definition_new()
		    new.set_parent("p")
		    new.set_type("t")
		    new.define()
		    assert next(monitor).get_parent() == "p" and monitor.next() is None
		    for parent in context.parent_list():
		        [type.get_name() for type in parent.type_list()]
		    definition = context.definition_new()
		    definition.set_type("t")
		    definition.get_json()
		    for device in context.device_list():
		        device.get_info().get_path()
		        device.get_definition()
		        device.list_users()
		    try:
		        context.device_lookup("x")
		    except libmdev.Malformed:
		        pass
		context.autostart(fn=lambda *_: None)
		if "LEAK" in os.environ:
		    new = ctypes.c_void_p()
		    library.native.mdev_ctx_new(ctypes.byref(new))
		    new = None
	END
	[ "$(leaks "$T/program.py")" = 0 ] || { cat "$T/valgrind" >&2; return 1; }
	# The count can be another one.
	LEAK=1
	export LEAK
	[ "$(leaks "$T/program.py")" != 0 ]
}

@test "python: several devices are started or defined at once, moved and edited" {
	python <<-'END'
		context, seen = libmdev.Context(), []
		model = define(context, U1)
		started = model.start_instances(3, fn=lambda device, done: seen.append((device.get_uuid(), done)))
		assert [done for _, done in seen] == [1, 2, 3]
		assert [device.get_uuid() for device in started] == [uuid for uuid, _ in seen]
		assert seen[0][0] == U1 and len(context.device_list()) == 3
		raises(libmdev.Exhausted, define(context, U2).start_instances, 22)
		assert len(context.device_list()) == 3

		anywhere = context.definition_new(U2)
		anywhere.set_type("Dual Port Serial")
		(defined,) = anywhere.define_instances(1, libmdev.OpFlags.ANY)
		assert (defined.get_parent(), defined.get_type()) == ("mtty", "mtty-2")
		moved = context.definition_lookup(U2).move("other")
		assert moved.get_parent() == "other" and os.listdir(ETC) == ["other"]

		stored = context.definition_lookup(U2)
		assert stored.get_text() == stored.get_json()
		stored.set_json('{"mdev_type":"mtty-1","start":"auto","owner":"me"}')
		stored.replace_json('{"mdev_type":"mtty-1","start":"auto"}')
		assert "owner" not in stored.get_json()
		raises(libmdev.Error, context.definition_new().get_text)
	END
}
