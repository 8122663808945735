# SPDX-License-Identifier: Apache-2.0 WITH Swift-exception
"""Times a piece of work and prints one JSON line."""

import json
import statistics
import sys
import time


def report(name, seconds, repetitions):
    print(json.dumps({"name": name, "seconds": seconds, "repetitions": repetitions}), flush=True)


def median_seconds(work, repetitions):
    """The median of some runs after a first one that does not count."""
    work()
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def measure(name, work, repetitions, units=1):
    """Reports seconds per unit of work."""
    report(name, median_seconds(work, repetitions) / units, repetitions)


def main(rows):
    """Runs the row that the command line names."""
    rows[sys.argv[1]]()
