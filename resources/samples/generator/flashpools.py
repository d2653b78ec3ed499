# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flash sale: the forty pools as their service shows them to a scraper, and what configuration says of them."""

from .common import DAY_NS, clock

T0 = clock("11:02:00")
INSTANCES, GRANTED = 40, 5  # connections an instance gets of the server's 200
HOLD_MS = 17.388
CHANGE, DONE = clock("11:15:00"), clock("11:18:00")
USUAL_WAITS = (0.00005, 0.0002, 0.0008)  # P50, P95, P99 in seconds while connections are free


def seconds():
    """A scrape each second around the opening, each ten seconds otherwise."""
    yield from range(-120, -30, 10)
    yield from range(-30, 120)
    yield from range(120, clock("11:22:00") - T0 + 1, 10)


def share(total, number):
    """The part of instance `number` (from 0) of a whole number: parts add up to it and never fall when it grows."""
    return (total + number) // INSTANCES


class Waits:
    """What those waited that get a connection now: first in, first out."""

    def __init__(self, model):
        self.model, self.place = model, 0

    def at(self, second):
        """Of the arrival whose wait ends at this second; seconds never go back."""
        model = self.model
        rows, begin, step = model.rows, model.begin, model.STEP
        while self.place + 1 < len(rows) and begin + self.place * step + rows[self.place][2] < second:
            self.place += 1
        return min(second - begin, rows[self.place][2])


def lines_of(number, gauges, counters, waits, stamp):
    labels = f'application="product-api",instance="product-api-{number + 1}",pool="products"'
    for name, value in gauges:
        yield f"hikaricp_connections_{name}{{{labels}}} {value} {stamp}"
    for quantile, value in zip(("0.5", "0.95", "0.99"), waits):
        yield f'hikaricp_connections_acquire_seconds{{{labels},quantile="{quantile}"}} {value:.5g} {stamp}'
    for name, value in counters:
        text = f"{value:.3f}" if isinstance(value, float) else str(value)
        yield f"hikaricp_connections_{name}{{{labels}}} {text} {stamp}"


def scrapes(model):
    """Prometheus text, one scrape after the other, each value with its time."""
    from .flashsale import changed, rate, servers

    out, waits, waited, before = [], Waits(model), [0.0] * INSTANCES, [0] * INSTANCES
    for second in seconds():
        queue, _, _ = model.at(second)
        served, timed_out = (round(value) for value in model.counted(second))
        stamp = DAY_NS // 1_000_000 + (T0 + second) * 1000
        done = round(changed(second) * INSTANCES)  # instances that have the new pool
        is_full = queue >= 1 or rate(second) * HOLD_MS / 1000 >= servers(second)
        total = round(rate(second) * HOLD_MS / 1000)
        wait = waits.at(second)
        quantiles = (wait, wait, wait) if wait > 0.001 else USUAL_WAITS
        out += [f"# TYPE hikaricp_connections_{name} gauge" for name in ("active", "idle", "pending", "max")]
        out += ["# TYPE hikaricp_connections_acquire_seconds summary", "# TYPE hikaricp_connections_usage_seconds summary",
                "# TYPE hikaricp_connections_timeout_total counter"]
        for number in range(INSTANCES):
            size = 4 if number < done else 20
            granted = min(size, GRANTED)
            active = granted if is_full else min(granted, share(total, number))
            acquired = share(served, number)
            waited[number] += (acquired - before[number]) * quantiles[0]
            before[number] = acquired
            gauges = (("active", active), ("idle", granted - active), ("pending", share(round(queue), number)),
                      ("max", size))
            counters = (("acquire_seconds_sum", waited[number]), ("acquire_seconds_count", acquired),
                        ("usage_seconds_sum", acquired * HOLD_MS / 1000), ("usage_seconds_count", acquired),
                        ("timeout_total", share(timed_out, number)))
            out += lines_of(number, gauges, counters, quantiles, stamp)
    return ("\n".join(out) + "\n").encode()


TOPOLOGY = """\
# {comment}
[service.product-api]
instances = {instances}

[service.product-api.pool.products]
size = {size}
target = "products-db-1"
acquire_timeout_ms = {acquire}

[call.edge-lb.product-api]
timeout_ms = 10000

[server.products-db-1]
max_connections = 200
reserved = 0
"""


def topologies():
    def text(comment, instances, size, acquire):
        return TOPOLOGY.format(comment=comment, instances=instances, size=size, acquire=acquire).encode()

    return {"topology-production.toml": text("As it ran when the sale opened.", 40, 20, 30000),
            "topology-load-test.toml": text("As the load test ran that passed.", 12, 20, 30000),
            "topology-after.toml": text("As it runs since 11:18.", 40, 4, 2000)}
