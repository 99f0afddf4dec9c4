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

Each class is a struct of the C library and each method a function of it: mdev_device_get_uuid()
is Device.get_uuid(), mdev_device_list() is Context.device_list(), mdev_start() is
Definition.start(). libmdev(3) describes what they have in common.

A function that fails raises an Error: NotFound, NotAllowed, InUse, Malformed, Ambiguous,
Exhausted, TimedOut, Refused, or Error itself. Threads may share a context; calls that use it wait
for each other, so give each thread its own to do things at the same time.
"""

import ctypes

from . import _api, _library
from ._api import *  # what the header has
from ._library import (Ambiguous, Error, Exhausted, InUse, Malformed, NotAllowed, NotFound, Refused,
                       TimedOut)

__all__ = _api.__all__ + [
    "Ambiguous", "Error", "Exhausted", "InUse", "Malformed", "NotAllowed", "NotFound", "Refused",
    "TimedOut",
]


class Context(_api.Context):
    __doc__ = _api.Context.__doc__

    # The state has the reference.
    _unref = None

    def __init__(self, root=None):
        """A new context, with the given root directory or that of mdev_ctx_new(3)."""
        pointer = ctypes.c_void_p()
        number = _api.library.native.mdev_ctx_new(ctypes.byref(pointer))
        if number < 0:
            raise _library.make_error(_api.library, None, -number)
        self._pointer, self._state = pointer.value, _library.State(_api.library, pointer.value)
        if root is not None:
            self.set_root(root)


class Definition(_api.Definition):
    __doc__ = _api.Definition.__doc__

    def attrs(self):
        """The attributes in their order, as (name, value)."""
        for index in range(self.count_attrs()):
            yield self.get_attr(index)
