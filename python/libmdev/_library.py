# SPDX-License-Identifier: LGPL-2.1-or-later
"""How a call into libmdev.so is made: conversions, errors, ownership and locks.

libmdev._api, which is made from the header, uses this for every function alike.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import operator
import os
import threading
from collections import deque
from ctypes import c_bool, c_int, c_long, c_size_t, c_uint, c_ulong, c_void_p

__all__ = [
    "BorrowedText", "Callback", "Checked", "CheckedNumber", "Data", "Enumeration", "EnumerationOut",
    "Handle", "HandleOut", "Handles", "Length", "Library", "ListOut", "Number", "NumberOut",
    "Object", "OwnedText", "Text", "TextBuffer", "Uuid", "c_bool", "c_int", "c_long",
    "c_size_t", "c_uint", "c_ulong",
]

_libc = ctypes.CDLL(None)
_libc.free.argtypes = [c_void_p]
_libc.free.restype = None


# Names in sysfs are bytes; names that are not UTF-8 survive the way to Python and back.
def _decode(data):
    return None if data is None else data.decode("utf-8", "surrogateescape")


def _encode(text):
    if text is None:
        return None
    if not isinstance(text, str):
        raise TypeError(f"a str is needed, not {type(text).__name__}")
    if "\0" in text:
        raise ValueError("a NUL character is in the text")
    return text.encode("utf-8", "surrogateescape")


def _take_text(pointer):
    """The str at a pointer to what malloc() gave, which is freed."""
    try:
        return _decode(ctypes.string_at(pointer))
    finally:
        _libc.free(pointer)


# Errors --------------------------------------------------------------------------

class Error(OSError):
    """An error of a function of libmdev.

    errno is its number; str() gives a line that names the object and the cause. uuid, parent,
    attr and file are the device, parent, attribute and file that the error is about, or None.
    domain is an ErrorDomain and says where the error comes from; None if the library does not.
    """

    uuid: str | None = None
    parent: str | None = None
    attr: str | None = None
    file: str | None = None
    domain: int | None = None

    def __init__(self, number: int, message: str, **parts: str | int | None) -> None:
        super().__init__(number, message)
        for name, value in parts.items():
            setattr(self, name, value)

    def __str__(self) -> str:
        return str(self.strerror)


class NotFound(Error):
    """There is no such parent, type, device, definition or attribute."""


class NotAllowed(Error):
    """The caller is not allowed to do this, or nobody is."""


class InUse(Error):
    """The device or definition already exists, or the device is in use."""


class Malformed(Error):
    """An argument or a definition is malformed."""


class Ambiguous(Error):
    """Several definitions match."""


class Stale(Error):
    """The stored definition changed since it was read: read it again."""


class Exhausted(Error):
    """No instance of the type is left, or no space."""


class TimedOut(Error):
    """The kernel or a callout script took too long."""


class Refused(Error):
    """A callout script refused the operation."""


class Unsupported(Error):
    """This cannot be done here: libkmod or libudev is missing, or the root directory is not "/"."""


_ERRORS = {
    errno.ENODEV: NotFound, errno.ENOENT: NotFound,
    errno.EACCES: NotAllowed, errno.EPERM: NotAllowed, errno.EROFS: NotAllowed,
    errno.EEXIST: InUse, errno.EBUSY: InUse,
    errno.EINVAL: Malformed, errno.EBADMSG: Malformed,
    errno.ENOTUNIQ: Ambiguous, errno.ESTALE: Stale,
    errno.EUSERS: Exhausted, errno.ENOSPC: Exhausted,
    errno.ETIMEDOUT: TimedOut,
    errno.EOPNOTSUPP: Unsupported,
}


def _is_refusal(number, parts):
    """Is it a script's error? Without domains, that is what names a file."""
    if number not in (errno.ECANCELED, errno.EOPNOTSUPP):
        return False
    if "domain" in parts:
        return getattr(parts["domain"], "name", None) == "SCRIPT"
    return parts["file"] is not None


def make_error(library, state, number):
    native, parts = library.native, dict.fromkeys(library.error_parts)
    context = c_void_p(state.pointer if state else None)
    message = os.strerror(number)
    if number == errno.ENOMEM:
        return MemoryError(message)
    if state and native.mdev_ctx_last_error_number(context) == -number:
        message = _decode(native.mdev_ctx_last_error(context))
        for name, conversion in library.error_parts.items():
            function = getattr(native, "mdev_ctx_last_error_" + name)
            parts[name] = conversion.value(state, function(context))
    cls = Refused if _is_refusal(number, parts) else _ERRORS.get(number, Error)
    return cls(number, message, **parts)


# Ownership -----------------------------------------------------------------------

class State:
    """A context of the library and what belongs to it; alive as long as any of its objects.

    The library lets one thread at a time use a context and its objects, so each call holds the
    lock. An object may be dropped at any moment and in any thread, by the garbage collector: it
    waits in "dropped" until no call is made.
    """

    def __init__(self, library, pointer):
        self.library = library
        self.pointer = pointer
        self.lock = threading.RLock()
        self.calls = 0  # of the thread that has the lock: a callback may make another one
        self.dropped = deque()
        self.callbacks = {}

    def __enter__(self):
        self.lock.acquire()
        self.calls += 1

    def __exit__(self, *_):
        self.calls -= 1
        self.lock.release()

    def drop(self, unref, pointer):
        self.dropped.append((unref, pointer))
        self.release_dropped()

    def release_dropped(self):
        # Each call comes here after it has released the lock, so no object is forgotten.
        while self.dropped and self.lock.acquire(blocking=False):
            try:
                if self.calls:
                    return
                while self.dropped:
                    unref, pointer = self.dropped.popleft()
                    unref(pointer)
            finally:
                self.lock.release()

    def __del__(self):
        self.release_dropped()
        self.library.native.mdev_ctx_unref(self.pointer)


class Object:
    """An object of the library, of which this holds a reference."""

    classes: dict[str, type[Object]] = {}

    _pointer: int | None
    _state: State

    def __init_subclass__(cls):
        # Methods return only classes of this package, not subclasses that a program defines.
        if cls.__module__.partition(".")[0] == __package__:
            Object.classes[cls.__name__] = cls

    def __init__(self, *_):
        raise TypeError(f"{type(self).__name__} objects are made by methods of other objects")

    @classmethod
    def _take(cls, state, pointer):
        """Wraps a reference, which then belongs to the Python object."""
        new = cls.__new__(cls)
        new._pointer, new._state = pointer, state
        return new

    @classmethod
    def _share(cls, state, pointer):
        """Wraps an object that keeps its own reference."""
        return cls._take(state, cls._ref(pointer))

    def __del__(self):
        # If the object could not be made, neither attribute exists.
        state = getattr(self, "_state", None)
        if state and self._unref and self._pointer:
            state.drop(self._unref, self._pointer)

    # These objects do not change, or cannot exist twice: a copy is the object itself.
    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __reduce_ex__(self, protocol):
        raise TypeError(f"cannot pickle {type(self).__name__} objects: they belong to this process")

    def _open_pointer(self):
        """The pointer for a call; it stays valid while the caller holds the lock."""
        if self._pointer is None:
            raise ValueError(f"the {type(self).__name__} is closed")
        return self._pointer

    def _close(self):
        with self._state.lock:
            pointer, self._pointer = self._pointer, None
            if pointer:
                self._state.drop(self._unref, pointer)

    def __repr__(self):
        for name in ("get_uuid", "get_name", "get_id", "get_path"):
            if hasattr(self, name):
                return f"<libmdev.{type(self).__name__} {getattr(self, name)()}>"
        return super().__repr__()


# Conversions ---------------------------------------------------------------------
#
# Each parameter has one. argument() converts a value of Python for C, value() a value of C for
# Python. A parameter for a result has slot(), the memory that C writes to, instead of argument().
# raw() does the part of argument() that needs the contexts of objects() locked.

class Conversion:
    is_out = False

    def objects(self, argument):
        return ()

    def raw(self, argument):
        return argument

    def value(self, state, raw):
        return raw


class Out(Conversion):
    is_out = True
    ctype = c_void_p

    def slot(self):
        return ctypes.pointer(self.raw_type())


class Number(Conversion):
    def __init__(self, ctype):
        self.ctype = ctype

    def argument(self, given):
        # ctypes would silently cut a number that is too large.
        number = self.ctype(given)
        if number.value != given:
            raise OverflowError(f"{given} does not fit")
        return number

    def answer(self, given):
        """What a callback returns: nothing is 0."""
        return 0 if given is None else self.argument(operator.index(given)).value


class NumberOut(Out):
    def __init__(self, raw_type):
        self.raw_type = raw_type

    def value(self, state, raw):
        return raw.contents.value


class Enumeration(Number):
    def __init__(self, enumeration):
        super().__init__(c_int)
        self.enumeration = enumeration

    def value(self, state, raw):
        try:
            return self.enumeration(raw)
        except ValueError:  # of a later version of the library
            return raw


class EnumerationOut(Enumeration, NumberOut):
    is_out = True
    ctype = c_void_p
    raw_type = c_int

    def value(self, state, raw):
        return Enumeration.value(self, state, raw.contents.value)


class Text(Conversion):
    ctype = ctypes.c_char_p

    def argument(self, given):
        return ctypes.c_char_p(_encode(given))

    def value(self, state, raw):
        return _decode(raw)


class Uuid(Text):
    """A UUID: what is given may have any form that the library parses."""

    def __init__(self, library, size):
        self.library, self.size = library, size

    def argument(self, given):
        text = Text.argument(self, given)
        if given is None:
            return text
        uuid = ctypes.create_string_buffer(self.size)
        if self.library.native.mdev_uuid_parse(text, uuid) < 0:
            raise Malformed(errno.EINVAL, f"Invalid UUID '{given}'")
        return uuid


class Length(Conversion):
    """The length of the text before it."""

    ctype = c_size_t

    def of(self, text):
        return len(text.value)


class BorrowedText(Out):
    raw_type = ctypes.c_char_p

    def value(self, state, raw):
        return _decode(raw.contents.value)


class OwnedText(Out):
    raw_type = c_void_p

    def value(self, state, raw):
        return _take_text(raw.contents.value)


class TextBuffer(Out):
    def __init__(self, size):
        self.size = size

    def slot(self):
        return ctypes.create_string_buffer(self.size)

    def value(self, state, raw):
        return _decode(raw.value)


class Handle(Conversion):
    ctype = c_void_p

    def __init__(self, name):
        self.name = name

    def argument(self, given):
        if not isinstance(given, Object) or given._struct != Object.classes[self.name]._struct:
            raise TypeError(f"a {self.name} is needed, not {type(given).__name__}")
        return given

    def objects(self, argument):
        return (argument,)

    def raw(self, argument):
        return c_void_p(argument._open_pointer())

    def value(self, state, raw):
        return Object.classes[self.name]._share(state, raw) if raw else None


class Handles(Handle):
    """A NULL-terminated array, made from any iterable."""

    def argument(self, given):
        return [Handle.argument(self, each) for each in given]

    def objects(self, argument):
        return argument

    def raw(self, argument):
        pointers = [each._open_pointer() for each in argument]
        return (c_void_p * (len(pointers) + 1))(*pointers)


class HandleOut(Out):
    raw_type = c_void_p

    def __init__(self, name):
        self.name = name

    def value(self, state, raw):
        pointer = raw.contents.value
        return Object.classes[self.name]._take(state, pointer) if pointer else None


class ListOut(HandleOut):
    def value(self, state, raw):
        cls = Object.classes[self.name]
        array = ctypes.cast(raw.contents, ctypes.POINTER(c_void_p))
        try:
            objects = []
            while array[len(objects)]:
                objects.append(cls._share(state, array[len(objects)]))
            return objects
        finally:
            cls._list_free(raw.contents)


class Data(Conversion):
    """The pointer that C hands to a callback; Python's functions do not need it."""

    ctype = c_void_p


class Callback(Conversion):
    ctype = c_void_p

    def __init__(self, name):
        self.name = name


class Checked(Conversion):
    """The result of a function that returns 0 or -errno."""

    ctype = c_int
    is_told = False


class CheckedNumber(Checked):
    """The result of a function whose positive results have a meaning."""

    is_told = True


# Calls ---------------------------------------------------------------------------

class Call:
    """A function of the library for Python to call."""

    def __init__(self, library, name, result, parameters, is_locked):
        self.library, self.name, self.result, self.parameters = library, name, result, parameters
        self.is_locked = is_locked
        try:
            self.native = getattr(library.native, name)
        except AttributeError:
            raise ImportError(f"the library has no {name}(): it is older than this package",
                              name=__package__) from None
        self.native.restype = result.ctype if result else None
        # Most functions tell something of one object, and lists of objects are long.
        self.is_getter = (is_locked and len(parameters) == 1 and type(parameters[0]) is Handle and
                          result is not None and not isinstance(result, Checked))

    def get(self, given):
        state, parameter = given._state, self.parameters[0]
        argument = parameter.argument(given)
        try:
            # It makes no call of its own, so others may be dropped meanwhile: no call is counted.
            with state.lock:
                return self.result.value(state, self.native(parameter.raw(argument)))
        finally:
            if state.dropped:
                state.release_dropped()

    def __call__(self, *given):
        state = given[0]._state if given and isinstance(given[0], Object) else None
        if state and self.is_getter:
            return self.get(*given)
        raised = []
        arguments = self.convert(state, list(given), raised)
        if not self.is_locked:
            return self.run(None, arguments, raised)
        # Always in the same order, so that no two calls wait for each other.
        states = sorted({each._state for parameter, argument in zip(self.parameters, arguments)
                         for each in parameter.objects(argument)}, key=id)
        try:
            with contextlib.ExitStack() as locks:
                for each in states:
                    locks.enter_context(each)
                return self.run(state, arguments, raised)
        finally:
            for each in states:
                each.release_dropped()

    def convert(self, state, given, raised):
        arguments = []
        for parameter in self.parameters:
            if parameter.is_out:
                arguments.append(parameter.slot())
            elif isinstance(parameter, Length):
                arguments.append(c_size_t(parameter.of(arguments[-1])))
            elif isinstance(parameter, Data):
                arguments.append(None)
            elif isinstance(parameter, Callback):
                arguments.append(self.callback(state, parameter, given.pop(0), raised))
            else:
                arguments.append(parameter.argument(given.pop(0)))
        return arguments

    def callback(self, state, parameter, function, raised):
        lasts = "_set_" in self.name
        made = self.library.make_callback(state, parameter.name, function, None if lasts else raised)
        if lasts:
            # The library may call the old one until this call is done.
            state.callbacks.setdefault(self.name, []).append(made)
        return made

    def run(self, state, arguments, raised):
        result = self.native(*(parameter.raw(argument) for parameter, argument
                               in zip(self.parameters, arguments)))
        if state and self.name in state.callbacks:
            del state.callbacks[self.name][:-1]
        if raised:
            raise raised[0]
        values = []
        if isinstance(self.result, Checked):
            if result < 0:
                raise make_error(self.library, state, -result)
            if self.result.is_told:
                values.append(result)
        elif self.result:
            values.append(self.result.value(state, result))
        values += [parameter.value(state, argument) for parameter, argument
                   in zip(self.parameters, arguments) if parameter.is_out]
        return values[0] if len(values) == 1 else tuple(values) or None


class Library:
    def __init__(self, soname):
        try:
            self.native = ctypes.CDLL(soname)
        except OSError as error:
            raise ImportError(str(error), name=__package__) from None
        self.callbacks = {}
        self.error_parts = {}

    def function(self, name, result, *parameters):
        return Call(self, name, result, parameters, is_locked=True)

    def unlocked_function(self, name, result, *parameters):
        """A function that may be called while another thread uses the context.

        It leaves no error text.
        """
        return Call(self, name, result, parameters, is_locked=False)

    def callback(self, name, result, *parameters):
        ctype = ctypes.CFUNCTYPE(result and result.ctype, *(each.ctype for each in parameters))
        self.callbacks[name] = (ctype, result, parameters)

    def counted(self, cls):
        """Finds the functions that count a class's references and free its lists."""
        for name in ("ref", "unref", "list_free"):
            function = getattr(self.native, f"{cls._struct}_{name}", None)
            if function:
                function.argtypes = [c_void_p]
                function.restype = c_void_p if name == "ref" else None
            setattr(cls, "_" + name, function)

    def make_callback(self, state, name, function, raised):
        """Makes a pointer for C from a function of Python.

        If it raises an exception, that goes to "raised"; without that, Python reports it.
        """
        ctype, result, parameters = self.callbacks[name]
        if function is None:
            return ctype()

        def called(*raw):
            # After an exception the function is not called again, and C is asked to stop.
            if raised:
                return 1
            try:
                answer = function(*(parameter.value(state, each) for parameter, each
                                    in zip(parameters, raw) if not isinstance(parameter, Data)))
                return result and result.answer(answer)
            except BaseException as error:
                if raised is None:
                    raise
                raised.append(error)
                return 1

        return ctype(called)
