# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten calls at a time, one slow page in ten; and a connection for every request."""

import random

from .common import packed
from .listpage import CLIENT, Requests

SEED_FAN_OUT, SEED_CONNECTIONS = 57065, 56059


def fan_out():
    """2,000 pages of ten calls; one call in a hundred takes 80 ms, the others 10 to 45."""
    rng = random.Random(SEED_FAN_OUT)
    requests = Requests(SEED_FAN_OUT, "page")
    for _ in range(2000):
        calls = [80 if rng.random() < 0.01 else rng.uniform(10, 45) for _ in range(10)]
        requests.request("/page", max(calls) + 2)
        for number, length in enumerate(calls):
            requests.span(f"GET /part/{'abcdefghij'[number]}", CLIENT, 1, length, {
                "http.request.method": "GET", "http.response.status_code": 200})
    return requests.data()


def connections(setup):
    """Every request connects, asks for 10 ms, and closes."""
    rng = random.Random(SEED_CONNECTIONS + setup)
    requests = Requests(SEED_CONNECTIONS + setup, "orders")
    for _ in range(200):
        requests.request("/orders", setup + 10)
        requests.span("db.connect", CLIENT, 0, setup, {
            "db.system.name": "postgresql", "server.address": "orders-db-1"})
        requests.query(f"SELECT * FROM orders WHERE id = {rng.randrange(10**6)}", setup, 10, "orders-db-1")
    return requests.data()


def files():
    return {"fan-out.otlp.jsonl.gz": packed(fan_out()),
            "connect-50ms.otlp.jsonl.gz": packed(connections(50)),
            "connect-100ms.otlp.jsonl.gz": packed(connections(100))}
