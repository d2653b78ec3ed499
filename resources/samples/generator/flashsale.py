# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flash sale: 40 instances with 20 connections each against a server that allows 200."""

import json
import random

from . import flashpools
from .checkout import CLIENT, INTERNAL, SERVER, attributes
from .common import DAY_NS, MS, SeriesCsv, clock, compact, iso, json_lines, packed

SEED = 41001  # noise of the arrivals and of the work, never of the model
T0 = clock("11:02:00")
INSTANCES, CEILING, POOL = 40, 200, 20
HOLD_MS = 17.388  # a connection per request: 12 ms query, 5.388 ms fetch, commit and hand-back
ACQUIRE_LIMIT, SAFE_LIMIT = 30.0, 2.0  # seconds, before and after the change
CHANGE, DONE = clock("11:15:00"), clock("11:18:00")
TRACES = 240
FIRST, LAST = -26.0, 74.0  # arrivals that are traced, seconds from T0; the last one is the reference
REFERENCE_TRACE_ID = "d01000000000410010fa000000028400"
STATEMENT = "SELECT * FROM products WHERE category_id = 42 LIMIT 20"

# Parts of a request beside the wait, in us and in this order; the reference has them exactly.
WAY_IN, BEFORE, QUERY, HAND_BACK, SERIALIZE, AFTER, WAY_OUT = 4000, 3000, 12000, 5388, 66612, 5000, 4000
REFERENCE_WAIT_US = 28_300_000


def rate(second):
    """Requests per second at a time, seconds from T0."""
    if second < 0:
        return 2000.0
    if second < 30:
        return 2000 + 16000 * second / 30
    if T0 + second < CHANGE:
        return 18000.0
    return max(8000.0, 18000 - 10000 * (T0 + second - CHANGE) / (DONE - CHANGE))


def changed(second):
    """How far the rolling change is, 0..1."""
    return min(1.0, max(0.0, (T0 + second - CHANGE) / (DONE - CHANGE)))


def servers(second):
    """Connections that can work at once: 200 allowed, then 40 pools of 4."""
    return CEILING + (INSTANCES * 4 - CEILING) * changed(second)


class Model:
    """First in, first out: what queues, how long the next one waits. Steps of 10 ms."""

    STEP = 0.01

    def __init__(self, begin, end):
        self.begin, self.rows, self.totals, queue = begin, [], [], 0.0
        served = timed_out = 0.0
        steps = round((end - begin) / self.STEP)
        for number in range(steps + 1):
            second = begin + number * self.STEP
            capacity = servers(second) / (HOLD_MS / 1000)
            limit = ACQUIRE_LIMIT + (SAFE_LIMIT - ACQUIRE_LIMIT) * changed(second)
            self.rows.append((queue, capacity, min(queue / capacity, limit)))
            self.totals.append((served, timed_out))
            arrived = rate(second) * self.STEP
            done = min(queue + arrived, capacity * self.STEP)
            queue += arrived - done
            left = max(0.0, queue - limit * capacity)
            queue -= left
            served += done
            timed_out += left

    def at(self, second):
        """Requests that wait, capacity per second, seconds an arrival will wait."""
        return self.rows[round((second - self.begin) / self.STEP)]

    def counted(self, second):
        """Requests served and timed out since the begin."""
        return self.totals[round((second - self.begin) / self.STEP)]


def span(trace_id, span_id, parent, name, kind, begin_us, length_us, values):
    result = {"traceId": trace_id, "spanId": span_id}
    if parent:
        result["parentSpanId"] = parent
    result.update({"name": name, "kind": kind, "startTimeUnixNano": str(begin_us * 1000),
                   "endTimeUnixNano": str((begin_us + length_us) * 1000), "attributes": attributes(values),
                   "status": {}})
    return result


def build_trace(rng, trace_id, start_us, wait_us, with_acquire, noise):
    """Spans by service instance: balancer -> product-api -> pool.acquire, SELECT, serialize."""
    def part(us):
        return int(us * rng.uniform(1 - noise, 1 + noise)) if noise else us

    way_in, before, query, back, serialize, after, way_out = (
        part(us) for us in (WAY_IN, BEFORE, QUERY, HAND_BACK, SERIALIZE, AFTER, WAY_OUT))
    ids = [f"{rng.getrandbits(64) | 1:016x}" for _ in range(5)]
    pod = ("product-api", f"product-api-{rng.randrange(1, INSTANCES + 1)}")
    edge = ("edge-lb", "edge-lb-1")
    now = start_us + way_in
    inside = before + wait_us + query + back + serialize + after
    http = {"http.request.method": "GET", "http.route": "/products", "http.response.status_code": 200}
    spans = [(edge, span(trace_id, ids[0], None, "GET /products", SERVER, start_us, way_in + inside + way_out,
                         http)),
             (pod, span(trace_id, ids[1], ids[0], "GET /products", SERVER, now, inside, http))]
    now += before
    if with_acquire:
        spans.append((pod, span(trace_id, ids[2], ids[1], "pool.acquire", INTERNAL, now, wait_us,
                                {"db.client.connection.pool.name": "products"})))
    now += wait_us
    spans.append((pod, span(trace_id, ids[3], ids[1], "SELECT products", CLIENT, now, query, {
        "db.system.name": "postgresql", "db.namespace": "shop", "db.collection.name": "products",
        "db.query.text": STATEMENT, "server.address": "products-db-1", "server.port": 5432})))
    now += query + back
    spans.append((pod, span(trace_id, ids[4], ids[1], "serialize", INTERNAL, now, serialize,
                            {"http.response.body.size": 18_000 + rng.randrange(2000)})))
    return spans


def traces(rng, model, with_acquire, count=TRACES):
    """In order of arrival: what had ended when the export was taken, 102 s after T0."""
    step = (LAST - FIRST) / count
    for number in range(count):
        is_reference = number == count - 1
        second = LAST if is_reference else FIRST + step * (number + rng.uniform(0.1, 0.9))
        wait_us = REFERENCE_WAIT_US if is_reference else max(40, int(model.at(second)[2] * 1e6))
        trace_id = REFERENCE_TRACE_ID if is_reference else f"{rng.getrandbits(128):032x}"
        start_us = DAY_NS // 1000 + int((T0 + second) * 1e6)
        yield build_trace(rng, trace_id, start_us, wait_us, with_acquire, 0 if is_reference else 0.02)


def export_lines(all_traces):
    """A line is a batch of one instance over twenty requests."""
    lines = []
    for first in range(0, len(all_traces), 20):
        batches = {}
        for spans in all_traces[first:first + 20]:
            for instance, item in spans:
                batches.setdefault(instance, []).append(item)
        for (service, instance), items in sorted(batches.items()):
            lines.append(compact({"resourceSpans": [{
                "resource": {"attributes": attributes({"service.name": service, "service.instance.id": instance})},
                "scopeSpans": [{"scope": {"name": "shop.http"}, "spans": items}]}]}))
    return ("\n".join(lines) + "\n").encode()


def series(model):
    """What the dashboards showed: demand, the server's sessions, the hosts."""
    csv = SeriesCsv()
    for second in range(-120, clock("11:22:00") - T0 + 1, 5):
        queue, _, _ = model.at(second)
        busy = min(servers(second), rate(second) * HOLD_MS / 1000) if queue < 1 else servers(second)
        at = T0 + second
        csv.add(at, "http.server.request.rate", {"service": "edge-lb", "route": "/products"}, round(rate(second)))
        csv.add(at, "postgresql.backends", {"service": "products-db-1", "state": "active"}, round(busy))
        csv.add(at, "postgresql.connection.max", {"service": "products-db-1"}, CEILING)
        csv.add(at, "system.cpu.utilization", {"service": "product-api"}, 0.35)
        csv.add(at, "system.cpu.utilization", {"service": "products-db-1"}, 0.34)
        csv.add(at, "system.memory.utilization", {"service": "product-api"}, 0.52)
    return csv.data()


def events():
    rows = (
        (T0 - 2 * 86400, "scale", "product-api", "12 -> 40 instances for the sale; a pool of 20 each, unchanged"),
        (T0, "note", "edge-lb", "the sale opens"),
        (T0 + 60, "alert", "edge-lb", "P99 above 10 s"),
        (T0 + 66, "alert", "product-api", "requests in flight above 100,000"),
        (T0 + 71, "alert", "edge-lb", "clients give up after 10 s"),
        (CHANGE, "config", "product-api", "rolling: pool 20 -> 4, acquire limit 30 s -> 2 s"),
        (DONE, "note", "product-api", "the last instance runs with the new pool"),
        (clock("11:22:00"), "note", "edge-lb", "recovered"),
    )
    return json_lines({"ts": iso(second), "kind": kind, "service": service, "note": note}
                      for second, kind, service, note in rows)


def plan():
    """The statement behind the wait: an index scan of 20 rows in 11.8 ms."""
    blocks = {f"{name} Blocks": 0 for name in (
        "Shared Hit", "Shared Read", "Shared Dirtied", "Shared Written", "Local Hit", "Local Read", "Local Dirtied",
        "Local Written", "Temp Read", "Temp Written")}
    scan = {"Node Type": "Index Scan", "Parent Relationship": "Outer", "Parallel Aware": False,
            "Async Capable": False, "Scan Direction": "Forward", "Index Name": "idx_products_category",
            "Relation Name": "products", "Alias": "products", "Startup Cost": 0.43, "Total Cost": 1184.2,
            "Plan Rows": 298, "Plan Width": 812, "Actual Startup Time": 0.041, "Actual Total Time": 11.73,
            "Actual Rows": 20, "Actual Loops": 1, "Index Cond": "(category_id = 42)",
            "Rows Removed by Index Recheck": 0, **blocks, "Shared Hit Blocks": 26}
    top = {"Node Type": "Limit", "Parallel Aware": False, "Async Capable": False, "Startup Cost": 0.43,
           "Total Cost": 79.88, "Plan Rows": 20, "Plan Width": 812, "Actual Startup Time": 0.042,
           "Actual Total Time": 11.76, "Actual Rows": 20, "Actual Loops": 1, **blocks, "Shared Hit Blocks": 26,
           "Plans": [scan]}
    document = [{"Query Text": STATEMENT, "Plan": top, "Planning": dict(blocks), "Planning Time": 0.11,
                 "Triggers": [], "Execution Time": 11.8}]
    return (json.dumps(document, indent=2) + "\n").encode()


def files():
    model = Model(-120.0, float(clock("11:22:00") - T0))
    lines = export_lines(list(traces(random.Random(SEED), model, True)))
    return {"products.otlp.jsonl.gz": packed(lines), "series.csv": series(model), "events.jsonl": events(),
            "plan.json": plan(), "pools.prom.gz": packed(flashpools.scrapes(model)), **flashpools.topologies()}


def variant_b():
    """The same requests, every fourth, by a service that has no span around the wait: for tests/scenarios."""
    model = Model(-120.0, float(clock("11:22:00") - T0))
    return packed(export_lines(list(traces(random.Random(SEED), model, False, TRACES // 4))))
