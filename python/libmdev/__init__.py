# SPDX-License-Identifier: LGPL-2.1-or-later
"""Mediated devices on Linux, by libmdev.

    import libmdev

    context = libmdev.Context()
    for parent in context.parent_list():
        for type in parent.type_list():
            print(parent.get_name(), type.get_id(), type.get_available_instances())

    definition = context.definition_new()
    definition.set_parent("mtty")
    definition.set_type("mtty-2")
    definition.start()
    context.device_lookup(definition.get_uuid()).stop()

    for event in context.monitor_new():
        print(event)

Each class is a struct of the C library and each method a function of it: mdev_device_get_uuid()
is Device.get_uuid(), mdev_device_list() is Context.device_list(), mdev_start() is
Definition.start(). libmdev(3) describes the conventions of all functions.

A function that fails raises an Error: NotFound, NotAllowed, InUse, Malformed, Ambiguous, Stale,
Exhausted, TimedOut, Refused, Unsupported, or Error itself; Context.autostart() raises Error if a
device could not be started, Document.apply() if one is not as described. Threads may share a context, but then their calls wait for each
other. Threads that work at the same time need a context each.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
from collections.abc import Iterator

from . import _api, _library
from ._api import *  # what the header has
from ._api import __version__ as __version__
from ._library import (Ambiguous, Error, Exhausted, InUse, Malformed, NotAllowed, NotFound, Refused,
                       Stale, TimedOut, Unsupported)

__all__ = [
    "Ambiguous", "Context", "Definition", "Error", "Event", "Exhausted", "InUse", "Malformed",
    "Monitor", "NotAllowed", "NotFound", "Refused", "Stale", "TimedOut", "Unsupported",
]
__all__ += _api.__all__


class Context(_api.Context):
    __doc__ = _api.Context.__doc__

    # The state has the reference.
    _unref = None

    def __init__(self, root: str | None = None) -> None:
        """Makes a context with the given root directory; None: that of mdev_ctx_new(3)."""
        pointer = ctypes.c_void_p()
        number = _api.library.native.mdev_ctx_new(ctypes.byref(pointer))
        if number < 0:
            raise _library.make_error(_api.library, None, -number)
        self._pointer, self._state = pointer.value, _library.State(_api.library, pointer.value)
        if root is not None:
            self.set_root(root)


class Definition(_api.Definition):
    __doc__ = _api.Definition.__doc__

    def attrs(self) -> Iterator[tuple[str, str]]:
        """All attributes in order, as (name, value)."""
        for index in range(self.count_attrs()):
            yield self.get_attr(index)

    # A definition can be changed, and its copy must not change with it.
    def __copy__(self) -> Definition:
        return self.copy()

    def __deepcopy__(self, memo: object) -> Definition:
        return self.copy()


class Monitor(_api.Monitor):
    __doc__ = f"""{_api.Monitor.__doc__}

    A monitor is an iterator over events and waits for each event. An event loop instead waits
    until fileno() is readable, then calls next() until it returns None.

    close(), or the end of a "with" block, closes the descriptors of the monitor. Any later use
    raises ValueError.
    """

    _wakers: set[int]

    @classmethod
    def _take(cls, state, pointer):
        new = super()._take(state, pointer)
        new._wakers = set()
        return new

    def close(self) -> None:
        """Ends the watch; a thread that waits for an event gets ValueError.

        Further calls do nothing.
        """
        with self._state.lock:
            self._close()
            for waker in self._wakers:
                os.write(waker, b"\0")
            self._wakers.clear()

    @property
    def closed(self) -> bool:
        """Whether close() has been called."""
        return self._pointer is None

    def __enter__(self) -> Monitor:
        self._open_pointer()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fileno(self) -> int:
        """The same as get_fd(), under the name that select and selectors use."""
        return self.get_fd()

    def next(self) -> Event | None:  # type: ignore[override]
        """The next event, or None if there is none now; does not wait.

        A change that is undone before it is noticed, such as a definition that is stored and
        removed at once, may not be reported. If events were dropped, by the kernel or by a failure
        of this function, EventKind.LOST takes their place, and the next events make up for them.
        """
        try:
            return super().next()
        except Error as error:
            if error.errno != errno.EAGAIN:
                raise
            return None

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        while (event := self.next()) is None:
            self._wait()
        return event

    def _wait(self):
        """Waits until there may be an event, or another thread calls close()."""
        closed, waker = os.pipe()
        try:
            ready = select.poll()
            ready.register(closed, select.POLLIN)
            with self._state.lock:
                ready.register(self, select.POLLIN)
                self._wakers.add(waker)
            # The context is not locked while this waits.
            ready.poll()
        finally:
            with self._state.lock:
                self._wakers.discard(waker)
            os.close(closed)
            os.close(waker)


class Event(_api.Event):
    __doc__ = _api.Event.__doc__

    def __repr__(self) -> str:
        kind = self.get_kind()
        names = getattr(kind, "name", f"kind {kind}"), self.get_parent(), self.get_uuid()
        return f"<libmdev.Event {' '.join(filter(None, names))}>"
