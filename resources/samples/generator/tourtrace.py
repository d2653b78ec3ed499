# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tour: a Chrome trace of a browser, checkout-service and PostgreSQL with every kind of event.

Complete (X) and begin/end (B/E) slices, asynchronous operations (b/n/e), flows (s/t/f), counters (C),
instants (i) of all three scopes, and metadata (M). Times are microseconds since the start of the recording.
"""

import json
import random

SEED = 45102
REQUESTS = 48
BROWSER, SERVICE, DATABASE = 100, 200, 300
MAIN, NETWORK = 101, 102
ACCEPT, COLLECTOR = 201, 209
WORKERS = (202, 203, 204)
BACKENDS = (301, 302)
STATEMENTS = ("SELECT sum(points) FROM customer_ledger", "SELECT sum(amount_cents) FROM customer_ledger",
              "SELECT max(created_at) FROM customer_ledger")


def micros(value):
    """Whole microseconds stay integers, as tracers write them."""
    return int(value) if value == int(value) else round(value, 3)


class Recording:
    def __init__(self):
        self._events = []

    def add(self, ph, ts, pid, tid, name, **fields):
        event = {"ph": ph, "ts": micros(ts), "pid": pid, "tid": tid, "name": name}
        event.update(fields)
        self._events.append(event)

    def slice(self, ts, dur, pid, tid, name, cat, **args):
        fields = {"cat": cat, "dur": micros(dur)}
        if args:
            fields["args"] = args
        self.add("X", ts, pid, tid, name, **fields)

    def counter(self, ts, pid, name, **values):
        self.add("C", ts, pid, 0, name, args=values)

    def flow(self, ph, ts, pid, tid, name, ident):
        fields = {"cat": "flow", "id": ident}
        if ph == "f":
            fields["bp"] = "e"
        self.add(ph, ts, pid, tid, name, **fields)

    def data(self):
        self._events.sort(key=lambda event: event["ts"])  # stable: a begin stays before what it encloses
        body = ",\n".join(json.dumps(event, separators=(",", ":")) for event in metadata() + self._events)
        return ('{"displayTimeUnit":"ms","otherData":{"product":"checkout demo","recording":"2026-03-02"},\n'
                f'"traceEvents":[\n{body}\n]}}\n').encode()


def metadata():
    events = []
    for order, (pid, process, label, threads) in enumerate((
            (BROWSER, "browser", "shop.example/checkout", {MAIN: "main", NETWORK: "network"}),
            (SERVICE, "checkout-service", "pod checkout-2",
             {ACCEPT: "accept", **{tid: f"worker-{n}" for n, tid in enumerate(WORKERS, 1)}, COLLECTOR: "gc"}),
            (DATABASE, "postgres", "orders-db-1", {tid: f"backend {4700 + tid}" for tid in BACKENDS}))):
        base = {"ph": "M", "pid": pid, "tid": 0}
        events.append({**base, "name": "process_name", "args": {"name": process}})
        events.append({**base, "name": "process_labels", "args": {"labels": label}})
        events.append({**base, "name": "process_sort_index", "args": {"sort_index": order}})
        for position, (tid, name) in enumerate(threads.items()):
            events.append({"ph": "M", "pid": pid, "tid": tid, "name": "thread_name", "args": {"name": name}})
            events.append({"ph": "M", "pid": pid, "tid": tid, "name": "thread_sort_index",
                           "args": {"sort_index": position}})
    return events


class Simulation:
    """Requests in order of arrival; a worker and a backend serve one request at a time."""

    def __init__(self):
        self.rng = random.Random(SEED)
        self.out = Recording()
        self.worker_free = {tid: 0.0 for tid in WORKERS}
        self.backend_free = {tid: 0.0 for tid in BACKENDS}
        self.pool_changes = []
        self.heap = 64.0

    def jitter(self, value):
        """Whole microseconds, so that neighbours meet exactly after rounding."""
        return float(round(value * self.rng.uniform(0.8, 1.25)))

    def browser(self, now, number):
        handler = self.jitter(3_000)
        self.out.slice(now, handler, BROWSER, MAIN, "click: Pay", "input", request=number)
        self.out.slice(now + handler * 0.1, handler * 0.5, BROWSER, MAIN, "validate form", "script")
        self.out.slice(now + handler * 0.65, handler * 0.25, BROWSER, MAIN, "fetch /api/checkout", "script")
        self.out.flow("s", now + handler * 0.7, BROWSER, MAIN, "request", number + 1)
        return now + handler

    def query(self, now, number, position, worker):
        """One statement on the first free backend; returns when the worker has the answer."""
        ident = 1000 + number * 10 + position
        tid = min(BACKENDS, key=lambda t: (self.backend_free[t], t))
        start = max(now + 300, self.backend_free[tid])
        plan, execute = self.jitter(400), self.jitter(11_000)
        end = start + 150 + plan + execute
        self.out.slice(now, end + 250 - now, SERVICE, worker, "query", "db", statement=STATEMENTS[position])
        self.out.flow("s", now + 10, SERVICE, worker, "statement", ident)
        self.out.slice(start, end - start, DATABASE, tid, STATEMENTS[position], "statement", rows=1)
        self.out.flow("f", start + 1, DATABASE, tid, "statement", ident)
        self.out.slice(start, 150, DATABASE, tid, "parse", "phase")
        self.out.slice(start + 150, plan, DATABASE, tid, "plan", "phase")
        self.out.slice(start + 150 + plan, execute, DATABASE, tid, "execute", "phase")
        self.out.slice(start + 150 + plan + 40, execute - 60, DATABASE, tid, "Seq Scan on customer_ledger",
                       "node", removed=181_204)
        self.backend_free[tid] = end
        self.pool_changes += [(now, 1), (end + 250, -1)]
        return end + 250

    def payment(self, now, number, worker):
        duration = self.jitter(30_000)
        fields = {"cat": "payment", "id": f"0x{0x500 + number:x}"}
        self.out.add("b", now, SERVICE, worker, "POST /v1/charges", **fields, args={"request": number})
        self.out.add("n", now + duration * 0.3, SERVICE, worker, "connected", **fields)
        self.out.add("e", now + duration, SERVICE, worker, "POST /v1/charges", **fields)
        self.out.slice(now, duration, SERVICE, worker, "await payment", "wait")
        return now + duration

    def handle(self, arrival, number):
        worker = min(WORKERS, key=lambda t: (self.worker_free[t], t))
        now = max(arrival, self.worker_free[worker])
        self.out.slice(arrival, 180, SERVICE, ACCEPT, "accept", "http", request=number)
        if now > arrival + 500:
            self.out.slice(arrival + 180, 120, SERVICE, ACCEPT, "enqueue", "http")
        self.out.add("B", now, SERVICE, worker, "POST /v1/checkout", cat="http", args={"request": number})
        self.out.flow("t", now + 5, SERVICE, worker, "request", number + 1)
        step = now + self.jitter(900)
        self.out.add("B", step, SERVICE, worker, "cart.validate", cat="app")
        step += self.jitter(4_000)
        self.out.add("E", step, SERVICE, worker, "cart.validate", cat="app")
        for position in range(len(STATEMENTS)):
            step = self.query(step + 60, number, position, worker)
        step = self.payment(step + self.jitter(21_000), number, worker)
        self.out.slice(step + 50, 2_900, SERVICE, worker, "response.serialize", "app", bytes=1900)
        step += 3_000
        failed = number == 31
        if failed:
            self.out.add("i", step, SERVICE, worker, "response dropped by client", cat="error", s="t")
        self.out.add("E", step, SERVICE, worker, "POST /v1/checkout", cat="http",
                     args={"status": 499 if failed else 201})
        self.worker_free[worker] = step
        return step

    def collect(self, now):
        pause = self.jitter(2_200)
        self.out.slice(now, pause, SERVICE, COLLECTOR, "gc cycle", "gc", heap_before_mb=round(self.heap, 1))
        sweep = round(pause * 0.15)
        self.out.slice(now, sweep, SERVICE, COLLECTOR, "sweep termination", "gc")
        self.out.slice(now + sweep, round(pause * 0.8), SERVICE, COLLECTOR, "mark", "gc")
        self.out.add("i", now, SERVICE, COLLECTOR, "gc start", cat="gc", s="p")
        self.heap = 58.0
        self.out.counter(now + pause, SERVICE, "heap", used_mb=self.heap)

    def run(self):
        now = 12_000.0
        for number in range(REQUESTS):
            sent = self.browser(now, number)
            fields = {"cat": "request", "id": f"0x{0x100 + number:x}"}
            self.out.add("b", sent, BROWSER, NETWORK, "POST /api/checkout", **fields)
            done = self.handle(sent + self.jitter(4_000), number)
            answered = done + self.jitter(4_000)
            self.out.add("e", answered, BROWSER, NETWORK, "POST /api/checkout", **fields)
            self.out.slice(answered, 1_800, BROWSER, NETWORK, "receive", "net", bytes=1900)
            self.out.flow("f", answered + 10, BROWSER, NETWORK, "request", number + 1)
            self.heap += self.jitter(3_100) / 1000
            self.out.counter(sent, SERVICE, "heap", used_mb=round(self.heap, 1))
            if self.heap > 96:
                self.collect(sent + 500)
            now += self.jitter(38_000)
        self.out.add("i", 900_000, SERVICE, ACCEPT, "deploy 4.18.1", cat="marker", s="g")
        active = 0
        for ts, change in sorted(self.pool_changes):
            active += change
            self.out.counter(ts, SERVICE, "pool orders", active=active, idle=4 - active)
        return self.out.data()


def data():
    return Simulation().run()
