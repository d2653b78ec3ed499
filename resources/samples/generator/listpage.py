# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls within one request: the list page with its 51 queries, and its relatives."""

import random

from .checkout import attributes, resource
from .common import DAY_NS, MS, clock, compact, packed

SEED = 57061
START = clock("09:00:00")
SERVER, CLIENT = 2, 3


class Requests:
    """Traces of one service, a second apart."""

    def __init__(self, seed, service):
        self._rng, self._service, self._number, self._spans = random.Random(seed), service, 0, []

    def request(self, route, milliseconds):
        self._trace_id = f"{self._rng.getrandbits(127) | 1:032x}"
        self._start = DAY_NS + (START + self._number) * 1000 * MS
        self._number += 1
        self._root = None
        self._root = self.span(f"GET {route}", SERVER, 0, milliseconds, {
            "http.request.method": "GET", "http.route": route, "http.response.status_code": 200})

    def span(self, name, kind, begin, length, values):
        span_id = f"{self._rng.getrandbits(64) | 1:016x}"
        span = {"traceId": self._trace_id, "spanId": span_id}
        if self._root:
            span["parentSpanId"] = self._root
        span.update({"name": name, "kind": kind, "startTimeUnixNano": str(self._start + round(begin * MS)),
                     "endTimeUnixNano": str(self._start + round((begin + length) * MS)),
                     "attributes": attributes(values)})
        self._spans.append(span)
        return span_id

    def query(self, text, begin, length, host="shop-db-1"):
        self.span("SELECT " + text.split(" FROM ")[1].split()[0], CLIENT, begin, length, {
            "db.system.name": "postgresql", "db.query.text": text, "server.address": host})

    def data(self):
        return (compact({"resourceSpans": [{
            "resource": {"attributes": resource(self._service, f"{self._service}-1", "1.0.0")},
            "scopeSpans": [{"scope": {"name": "http"}, "spans": self._spans}]}]}) + "\n").encode()


def user(number):
    return f"SELECT id, name, avatar_url FROM users WHERE id = {number}"


LIST = "SELECT id, title, author_id FROM posts ORDER BY created_at DESC LIMIT 50"


def list_page(requests, rng, rows, each, route="/posts", first=None):
    """One query for the list, then one for the author of every row."""
    first = each if first is None else first
    requests.request(route, first + rows * each + 3)
    requests.query(LIST, 1, first)
    for row in range(rows):
        requests.query(user(1000 + rng.randrange(10**6) * 100 + row), 1 + first + row * each, each)


def fifty_one(rng):
    requests = Requests(SEED, "shop")
    for _ in range(40):
        list_page(requests, rng, 50, 5)
    return requests.data()


def hundred_and_one(rng):
    requests = Requests(SEED + 1, "shop")
    for _ in range(20):
        list_page(requests, rng, 100, 2)
    return requests.data()


def pages_of_any_length(rng):
    requests = Requests(SEED + 2, "shop")
    for rows in range(1, 101):
        list_page(requests, rng, rows, 10)
    return requests.data()


def same_value(rng):
    requests = Requests(SEED + 3, "shop")
    for _ in range(20):
        requests.request("/menu", 40 * 5 + 2)
        for call in range(40):
            requests.query(user(7), 1 + call * 5, 5)
    return requests.data()


def shards(rng):
    requests = Requests(SEED + 4, "search")
    for _ in range(20):
        requests.request("/search", 40)
        for shard in range(16):
            requests.query(user(rng.randrange(10**6)), 1, 10 + rng.random() * 20, f"shard-{shard}")
    return requests.data()


def just_a_cache(rng):
    """The list page of the case with 95 % CPU: 20 ms for the list, 50 x 8 ms for the users."""
    requests = Requests(SEED + 5, "shop")
    for _ in range(20):
        list_page(requests, rng, 50, 8, first=20)
    return requests.data()


def files():
    rng = random.Random(SEED)
    made = {"list-page": fifty_one, "hundred-and-one": hundred_and_one, "any-length": pages_of_any_length,
            "same-value": same_value, "shards": shards, "users-8ms": just_a_cache}
    return {f"{name}.otlp.jsonl.gz": packed(make(rng)) for name, make in made.items()}
