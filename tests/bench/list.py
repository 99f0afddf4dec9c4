#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""list.py ROOT ROUNDS: lists the devices of the root, and prints the shortest time, in ms, of
making the list, and of making it and reading each UUID, parent and type."""
import sys
import time

import libmdev


def best(rounds, function):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        function()
        times.append((time.perf_counter() - start) * 1e3)
    return min(times)


def main():
    context = libmdev.Context()
    context.set_root(sys.argv[1])
    rounds = int(sys.argv[2])

    def read():
        for device in context.device_list():
            device.get_uuid(), device.get_parent(), device.get_type()

    print(best(rounds, context.device_list), best(rounds, read))


main()
