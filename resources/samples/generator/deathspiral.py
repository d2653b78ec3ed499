# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The badge that took the platform down: a leaf slows after a deploy, its callers wait and retry."""

import math
import random

from .checkout import attributes, resource
from .common import DAY_NS, MS, SeriesCsv, clock, compact, iso, json_lines, packed

SEED = 43003
START, END = clock("14:20:00"), clock("15:36:00")
EVERY = 3  # seconds between kept traces: 20 a minute
KEEP = 100  # of so many requests one is kept: 2,000 a minute
DEPLOY, FULL = clock("14:30:00"), clock("14:50:00")
RESTART, RESTART_HELPS = clock("15:12:00"), 90
BLOCK, RECOVERED = clock("15:18:00"), clock("15:21:00")
STORM = clock("14:36:06")
STORM_TRACE_ID = "d0300000000043003fffffffffffff85"
NORMAL, LONGEST = 0.05, 30.0
OWN = 0.005  # seconds each caller works itself
CHAIN = (("dashboard-service", "GET /dashboard"), ("project-service", "GET /projects/{id}"),
         ("user-service", "GET /users/{id}/members"), ("notification-service", "GET /badges/count"))
ATTEMPTS = 4  # one and three retries
PAUSES = (0.025, 0.05, 0.1)  # back-off without jitter
SERVER = 2


def leaf_seconds(second):
    """Latency of the leaf without noise."""
    if second < DEPLOY or second >= RECOVERED:
        return NORMAL
    if RESTART <= second < RESTART + RESTART_HELPS:
        return NORMAL
    if second >= BLOCK:  # nobody calls any more: what is queued drains
        return LONGEST * (NORMAL / LONGEST) ** ((second - BLOCK) / (RECOVERED - BLOCK))
    if second >= FULL:
        return LONGEST
    return NORMAL * (LONGEST / NORMAL) ** ((second - DEPLOY) / (FULL - DEPLOY))


def version_of(service, second):
    if service != "notification-service":
        return "1.9.2"
    return "3.4.0" if second >= DEPLOY else "3.3.7"


class Builder:
    def __init__(self, rng, trace_id, second):
        self._rng, self._trace_id, self._second = rng, trace_id, second
        self.spans = []  # (service, version, span)

    def span(self, hop, parent, begin, end):
        """Times in seconds after the start of the trace."""
        service, name = CHAIN[hop]
        start_ns = DAY_NS + self._second * 1000 * MS
        span_id = f"{self._rng.getrandbits(64) | 1:016x}"
        span = {"traceId": self._trace_id, "spanId": span_id}
        values = {"http.response.status_code": 200}
        if parent:
            span["parentSpanId"] = parent
        else:
            values["sampling.probability"] = str(1 / KEEP)
        span.update({"name": name, "kind": SERVER,
                     "startTimeUnixNano": str(start_ns + round(begin * 1e6) * 1000),
                     "endTimeUnixNano": str(start_ns + round(end * 1e6) * 1000),
                     "attributes": attributes(values)})
        self.spans.append((service, version_of(service, self._second), span))
        return span_id


def plain_trace(rng, trace_id, second):
    """One call a hop; each caller works half of its own time before and half after the call."""
    leaf = min(leaf_seconds(second) * math.exp(rng.gauss(0, 0.15)), LONGEST)
    own = [OWN * rng.uniform(0.9, 1.1) for _ in CHAIN[:-1]]
    builder, parent = Builder(rng, trace_id, second), None
    begin, length = 0.0, leaf + sum(own)
    for hop in range(len(CHAIN)):
        parent = builder.span(hop, parent, begin, begin + length)
        if hop < len(own):
            begin += own[hop] / 2
            length -= own[hop]
    return builder.spans


def storm_lengths(leaf):
    """Duration of one attempt at each hop, from the leaf up."""
    lengths = [leaf]
    for _ in CHAIN[:-1]:
        lengths.insert(0, OWN + ATTEMPTS * lengths[0] + sum(PAUSES))
    return lengths


def storm_trace(rng, second):
    """Every hop asks four times: 1 + 4 + 16 + 64 spans."""
    builder = Builder(rng, STORM_TRACE_ID, second)
    lengths = storm_lengths(round(leaf_seconds(second), 3))

    def call(hop, parent, begin):
        span = builder.span(hop, parent, begin, begin + lengths[hop])
        if hop + 1 == len(CHAIN):
            return
        at = begin + OWN / 2
        for attempt in range(ATTEMPTS):
            call(hop + 1, span, at)
            at += lengths[hop + 1] + (PAUSES[attempt] if attempt < len(PAUSES) else 0)

    call(0, None, 0.0)
    return builder.spans


def all_traces(rng):
    for second in range(START, END, EVERY):
        if second == STORM:
            yield storm_trace(rng, second)
        else:
            trace_id = f"{rng.getrandbits(127) | 1:032x}"
            yield plain_trace(rng, trace_id, second)


def export_lines(traces):
    """A line is a batch of one service over a minute."""
    lines = []
    for first in range(0, len(traces), 20):
        batches = {}
        for spans in traces[first:first + 20]:
            for service, version, span in spans:
                batches.setdefault((service, version), []).append(span)
        for (service, version), spans in sorted(batches.items()):
            lines.append(compact({"resourceSpans": [{
                "resource": {"attributes": resource(service, f"{service}-1", version)},
                "scopeSpans": [{"scope": {"name": "http"}, "spans": spans}]}]}))
    return ("\n".join(lines) + "\n").encode()


def events():
    rows = (
        ("14:30:00", "deploy", "notification-service", "3.3.7 -> 3.4.0: unread badges are counted per member"),
        ("14:47:00", "alert", "dashboard-service", "P99 above 10 s"),
        ("14:47:30", "human", "dashboard-service", "on call: looking at the dashboard"),
        ("15:12:00", "note", "notification-service", "restarted; it helps for 90 seconds"),
        ("15:18:00", "config", "user-service", "calls of the badge count are blocked"),
        ("15:21:00", "note", "dashboard-service", "recovered"),
    )
    return json_lines({"ts": iso(clock(ts)), "kind": kind, "service": service, "note": note}
                      for ts, kind, service, note in rows)


def series(rng):
    csv = SeriesCsv()
    rate = KEEP / EVERY  # requests per second
    for second in range(START, END + 1, 30):
        leaf = leaf_seconds(second)
        csv.add(second, "http.server.request.rate", {"service": "dashboard-service"}, rate)
        csv.add(second, "http.server.error.share", {"service": "dashboard-service"}, 0)
        for service, workers in (("user-service", 200), ("project-service", 300), ("dashboard-service", 400)):
            labels = {"service": service, "pool": "workers"}
            csv.add(second, "worker.busy", labels, min(workers, round(rate * leaf)))
            csv.add(second, "worker.max", labels, workers)
        for service, _ in CHAIN:
            csv.add(second, "system.cpu.utilization", {"service": service}, 0.14 + rng.random() / 10)
        minutes = max(0, min(second, RESTART) - DEPLOY) / 60 if second < RESTART else (second - RESTART) / 60
        csv.add(second, "process.memory.usage", {"service": "notification-service"},
                int((410 + 20 * minutes) * 1e6))
    return csv.data()


def files():
    rng = random.Random(SEED)
    lines = export_lines(list(all_traces(rng)))
    return {"death-spiral.otlp.jsonl.gz": packed(lines), "events.jsonl": events(), "series.csv": series(rng)}
