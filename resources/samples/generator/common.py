# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Helpers of the demo generators: time, random numbers, CSV series, JSON lines."""

import datetime
import gzip
import json
import math

DAY = datetime.datetime(2026, 3, 2, tzinfo=datetime.timezone.utc)  # a Monday
DAY_NS = int(DAY.timestamp()) * 1_000_000_000
MS = 1_000_000  # nanoseconds


def iso(seconds):
    """Seconds after midnight of the demo day as RFC 3339 in UTC."""
    return (DAY + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def clock(text):
    """'10:45:00' -> seconds after midnight."""
    hours, minutes, seconds = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def json_lines(rows):
    return ("\n".join(compact(row) for row in rows) + "\n").encode()


def packed(data):
    """gzip without name and time, so that equal input gives equal output."""
    return gzip.compress(data, compresslevel=9, mtime=0)


def poisson(rng, mean):
    """Knuth's product method; mean below about 500."""
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


class SeriesCsv:
    """Collects points and writes the long form ts,series,labels,value; labels are key=value;key=value."""

    def __init__(self):
        self._points = []

    def add(self, second, series, labels, value):
        text = ";".join(f"{key}={labels[key]}" for key in sorted(labels))
        self._points.append((second, series, text, value))

    def data(self):
        lines = ["ts,series,labels,value"]
        for second, series, labels, value in sorted(self._points, key=lambda p: p[:3]):
            number = f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
            lines.append(f"{iso(second)},{series},{labels},{number}")
        return ("\n".join(lines) + "\n").encode()
