# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checkout: 400 traces of a request that takes 1.2 seconds and is wanted in 500 ms."""

import math
import random

from .common import DAY_NS, MS, SeriesCsv, clock, compact, iso, json_lines, packed, poisson

SEED = 45005
TRACES = 400
REFERENCE = 200  # position of the reference trace in time
REFERENCE_TRACE_ID = "d05000000000450051fd000000001200"
MEDIAN_MS, SIGMA = 1200, 0.05
JITTER = 0.04  # relative, per part, before the parts are fitted to the total
RATE = 10e6 / (30 * 86400)  # requests per second: 10 M a month
KEEP = 32  # one request in 32 is traced
START = clock("10:00:00")
END = clock("11:00:00")

# Parts of the reference trace in the order in which they happen, in ms. They are sequential: they add up to
# the total.
PARTS = (
    ("send", 20), ("cache", 15), ("validate", 45), ("query_loyalty", 150), ("query_credit", 150),
    ("query_refund", 150), ("unaccounted", 255), ("payment", 350), ("serialize", 35), ("receive", 30),
)
# Three statements over one table without an index for them: different texts, so no N+1, and independent.
QUERIES = {
    "query_loyalty": "SELECT sum(points) FROM customer_ledger WHERE customer_id = $1 AND kind = 'loyalty'",
    "query_credit": "SELECT coalesce(sum(amount_cents), 0) FROM customer_ledger"
                    " WHERE customer_id = $1 AND kind = 'store_credit' AND expires_at > now()",
    "query_refund": "SELECT max(created_at) FROM customer_ledger WHERE customer_id = $1 AND kind = 'refund'",
}
INTERNAL, SERVER, CLIENT = 1, 2, 3


def attributes(values):
    result = []
    for key, value in values.items():
        typed = {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}
        result.append({"key": key, "value": typed})
    return result


def resource(service, instance, version):
    return attributes({"service.name": service, "service.version": version, "service.instance.id": instance,
                       "deployment.environment.name": "production"})


SERVICES = {"gateway": "gateway", "checkout": "checkout-service"}
DEPLOY = clock("10:20:00")  # changes nothing that can be measured


def version_of(kind, start_ns):
    if kind == "gateway":
        return "2.31.0"
    return "4.18.1" if start_ns >= DAY_NS + DEPLOY * 1000 * MS else "4.18.0"


def parts_of_reference():
    return {name: ms * MS for name, ms in PARTS}


def parts_of_total(rng, total_ns):
    """Scales every part to the total with a little noise of its own; the rounding rest goes to the gap."""
    raw = {name: ms * rng.uniform(1 - JITTER, 1 + JITTER) for name, ms in PARTS}
    scale = total_ns / sum(raw.values())
    parts = {name: int(value * scale) // 1000 * 1000 for name, value in raw.items()}
    parts["unaccounted"] += total_ns - sum(parts.values())
    return parts


class TraceBuilder:
    """One trace as spans grouped by the instance that reports them."""

    def __init__(self, rng, trace_id, start_ns):
        self._rng, self._trace_id, self._start = rng, trace_id, start_ns
        self._spans = []

    def span(self, instance, parent, name, kind, begin, end, values):
        span_id = f"{self._rng.getrandbits(64) | 1:016x}"
        span = {"traceId": self._trace_id, "spanId": span_id, "traceState": "ot=th:f8"}
        if parent:
            span["parentSpanId"] = parent
        span.update({"flags": 0x303 if kind == SERVER and parent else 0x103, "name": name, "kind": kind,
                     "startTimeUnixNano": str(self._start + begin), "endTimeUnixNano": str(self._start + end),
                     "attributes": attributes(values), "status": {}})
        self._spans.append((instance, span))
        return span_id

    def spans(self):
        return self._spans


def database_span(trace, instance, parent, part, begin, end):
    trace.span(instance, parent, "SELECT customer_ledger", CLIENT, begin, end, {
        "db.system.name": "postgresql", "db.namespace": "shop", "db.collection.name": "customer_ledger",
        "db.operation.name": "SELECT", "db.query.text": QUERIES[part], "server.address": "orders-db-1",
        "server.port": 5432})


def build_trace(rng, trace_id, start_ns, parts):
    edges, now = {}, 0
    for name, _ in PARTS:
        edges[name] = (now, now + parts[name])
        now += parts[name]
    total = now
    cart, order = rng.randrange(10**6, 10**7), rng.randrange(10**8, 10**9)
    gateway = ("gateway", rng.randrange(1, 3), version_of("gateway", start_ns))
    pod = ("checkout", rng.randrange(1, 4), version_of("checkout", start_ns))
    body = 1800 + rng.randrange(900)
    trace = TraceBuilder(rng, trace_id, start_ns)

    root = trace.span(gateway, None, "POST /api/checkout", SERVER, 0, total, {
        "http.request.method": "POST", "http.route": "/api/checkout", "url.scheme": "https",
        "http.response.status_code": 201})
    call = trace.span(gateway, root, "POST", CLIENT, 0, total, {
        "http.request.method": "POST", "url.full": "http://checkout-service:8080/v1/checkout",
        "server.address": "checkout-service", "server.port": 8080, "http.response.status_code": 201})
    trace.span(gateway, call, "http.send", INTERNAL, *edges["send"], {"http.request.body.size": 2200})
    server = trace.span(pod, call, "POST /v1/checkout", SERVER, edges["cache"][0], edges["serialize"][1], {
        "http.request.method": "POST", "http.route": "/v1/checkout", "http.response.status_code": 201,
        "app.order_id": order})
    trace.span(pod, server, "GET", CLIENT, *edges["cache"], {
        "db.system.name": "redis", "db.operation.name": "GET", "db.query.text": f"GET cart:{cart}",
        "server.address": "cart-cache", "server.port": 6379})
    trace.span(pod, server, "cart.validate", INTERNAL, *edges["validate"],
               {"code.function.name": "Cart.Validate"})
    for part in QUERIES:
        database_span(trace, pod, server, part, *edges[part])
    charge = trace.span(pod, server, "checkout.charge", INTERNAL,
                        edges["unaccounted"][0], edges["payment"][1],
                        {"code.function.name": "Checkout.Charge"})
    trace.span(pod, charge, "POST /v1/charges", CLIENT, *edges["payment"], {
        "http.request.method": "POST", "url.full": "https://api.payment.example/v1/charges",
        "server.address": "api.payment.example", "server.port": 443, "peer.service": "payment",
        "http.response.status_code": 200})
    trace.span(pod, server, "response.serialize", INTERNAL, *edges["serialize"], {
        "code.function.name": "Response.Encode", "http.response.body.size": body})
    trace.span(gateway, call, "http.receive", INTERNAL, *edges["receive"], {"http.response.body.size": body})
    return trace.spans()


def trace_id_of(rng):
    """Random id whose last 56 bits pass the stated sampling threshold f8 (kept: one in 32)."""
    return f"{rng.getrandbits(72):018x}{rng.randrange(0xF8, 0x100):02x}{rng.getrandbits(48):012x}"


def traces(rng):
    """Arrival second, spans; in order of arrival."""
    second = float(START)
    for number in range(TRACES):
        second += rng.uniform(0.4, 1.6) * KEEP / RATE
        start_ns = DAY_NS + int(second * 1e6) * 1000
        trace_id = trace_id_of(rng)
        total_ns = int(MEDIAN_MS * math.exp(rng.gauss(0, SIGMA)) * 1000) * 1000
        parts = parts_of_total(rng, total_ns)
        if number == REFERENCE:
            trace_id, parts = REFERENCE_TRACE_ID, parts_of_reference()
        yield build_trace(rng, trace_id, start_ns, parts)


def export_lines(all_traces):
    """The file a collector writes: a line is a batch of one instance, a trace lies on several lines."""
    lines = []
    for first in range(0, len(all_traces), 10):
        batches = {}
        for spans in all_traces[first:first + 10]:
            for instance, span in spans:
                batches.setdefault(instance, []).append(span)
        for (kind, number, version), spans in sorted(batches.items()):
            spans.sort(key=lambda span: int(span["endTimeUnixNano"]))
            lines.append(compact({"resourceSpans": [{
                "resource": {"attributes": resource(SERVICES[kind], f"{kind}-{number}", version)},
                "scopeSpans": [{"scope": {"name": f"{kind}.http", "version": version}, "spans": spans}]}]}))
    return ("\n".join(lines) + "\n").encode()


def events():
    rows = (
        (iso(DEPLOY), "deploy", "checkout-service", "4.18.0 -> 4.18.1: log format only"),
        (iso(clock("10:41:30")), "config", "gateway", "access log sampling 10 % -> 5 %"),
        (iso(clock("10:52:10")), "human", "checkout-service", "support: customers call the checkout slow"),
    )
    return json_lines({"ts": ts, "kind": kind, "service": service, "note": note}
                      for ts, kind, service, note in rows)


def series(rng):
    csv = SeriesCsv()
    queries_per_second = RATE / 3  # of one instance
    held = 0.450  # seconds a request holds its connection
    for second in range(START, END + 1, 10):
        csv.add(second, "http.server.request.rate", {"service": "gateway", "route": "/api/checkout"},
                poisson(rng, RATE * 10) / 10)
        for number in (1, 2, 3):
            labels = {"service": "checkout-service", "instance": f"checkout-{number}", "pool": "orders"}
            used = min(poisson(rng, queries_per_second * held), 20)
            csv.add(second, "db.client.connection.count", {**labels, "state": "used"}, used)
            csv.add(second, "db.client.connection.count", {**labels, "state": "idle"}, 20 - used)
            csv.add(second, "db.client.connection.max", labels, 20)
            csv.add(second, "db.client.connection.pending_requests", labels, 0)
    return csv.data()


BUDGET = """\
# 500 ms are wanted for a checkout. floor_ms is the least that a part can take: the payment is somebody else's, an index
# makes a query 20 ms, and three of them can run side by side.
[budget]
name = "Checkout, 500 ms"
description = "What the shop wants to promise for POST /api/checkout."
match = "POST /api/checkout"
target_ms = 500
percentile = "0.95"
margin = 0.2

[[component]]
name = "Network"
match = ["http.send", "http.receive"]
kind = "network"
budget_ms = 70
floor_ms = 50

[[component]]
name = "Cache"
match = "GET"
kind = "cache"
budget_ms = 22
timeout_ms = 30
floor_ms = 15

[[component]]
name = "Application"
match = ["cart.validate", "response.serialize"]
budget_ms = 110
floor_ms = 80

[[component]]
name = "Database"
match = "SELECT customer_ledger"
kind = "database"
budget_ms = 48
floor_ms = 20

[[component]]
name = "Payment"
match = "POST /v1/charges"
kind = "external"
budget_ms = 150
timeout_ms = 2000
floor_ms = 350
"""


def files():
    rng = random.Random(SEED)
    lines = export_lines(list(traces(rng)))
    return {"budget.toml": BUDGET.encode(), "checkout.otlp.jsonl.gz": packed(lines), "events.jsonl": events(),
            "series.csv": series(rng)}
