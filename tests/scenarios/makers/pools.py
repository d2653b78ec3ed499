# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pools of connections: scrapes of HikariCP, topologies, and what the database server did meanwhile."""

from generator.common import DAY_NS, SeriesCsv, clock, packed

TEN = clock("10:00:00")


def topology(service, instances, size, server, limit, extra="", server_extra=""):
    return (f"[service.{service}]\ninstances = {instances}\n{extra}\n"
            f"[service.{service}.pool.main]\nsize = {size}\ntarget = \"{server}\"\n\n"
            f"[server.{server}]\nmax_connections = {limit}\n{server_extra}").encode()


def scrape(second, instance, active, size, waiting, wait_s, acquired, hold_ms, timeouts=0, idle=None):
    """Lines of one scrape; wait_s: P50, P95, P99 in seconds."""
    stamp = DAY_NS // 1_000_000 + round(second * 1000)
    labels = f'instance="{instance}",pool="main"'
    idle = size - active if idle is None else idle
    values = (("active", active), ("idle", idle), ("pending", waiting), ("max", size),
              ("acquire_seconds_count", acquired), ("usage_seconds_sum", f"{acquired * hold_ms / 1000:.3f}"),
              ("usage_seconds_count", acquired), ("timeout_total", timeouts))
    lines = [f"hikaricp_connections_{name}{{{labels}}} {value} {stamp}" for name, value in values]
    for quantile, value in zip(("0.5", "0.95", "0.99"), wait_s):
        lines.append(f'hikaricp_connections_acquire_seconds{{{labels},quantile="{quantile}"}} {value:.6g} {stamp}')
    return lines


TYPES = ([f"# TYPE hikaricp_connections_{name} gauge" for name in ("active", "idle", "pending", "max")]
         + [f"# TYPE hikaricp_connections_{name}_seconds summary" for name in ("acquire", "usage")]
         + ["# TYPE hikaricp_connections_timeout_total counter"])


def text(scrapes):
    out = []
    for lines in scrapes:
        out += TYPES + lines
    return packed(("\n".join(out) + "\n").encode())


def server(name, rows):
    """rows: (second, sessions at work, processors 0..1)."""
    csv = SeriesCsv()
    for second, active, cpu in rows:
        csv.add(second, "postgresql.backends", {"service": name, "state": "active"}, active)
        csv.add(second, "system.cpu.utilization", {"service": name}, cpu)
    return csv.data()


def twenty_busy():
    """T44: 20 of 20 from 10:01 on, 47 wait, P99 8.4 s; the database rests."""
    scrapes, acquired = [], 0
    for i in range(0, 301):
        late = i >= 60
        acquired += 250 if not late else 20
        waiting = min(47, i - 59) if late else 0
        wait = (1.0, 6.0, 8.4) if late else (0.0001, 0.0002, 0.0008)
        scrapes.append(scrape(TEN + i, "shop-1", 20 if late else 5, 20, waiting, wait, acquired, 20))
    return text(scrapes)


def twice_as_slow():
    """T56: 3,000/s; 20 ms become 40 ms at 10:02, with 100 connections; the queue is bounded at 500."""
    scrapes, acquired, held, queue, lost = [], 0, 0.0, 0, 0
    for i in range(0, 301):
        hold = 0.04 if i >= 120 else 0.02
        carried = min(3000, round(100 / hold)) if i >= 120 else 3000
        over = 3000 - carried
        lost += max(0, queue + over - 500)
        queue = min(500, queue + over)
        acquired += carried
        held += carried * hold
        active = min(100, round(3000 * hold))
        wait = queue / 2500 if queue else 0.0001
        lines = scrape(TEN + i, "shop-1", active, 100, queue, (wait, wait, wait), acquired, 0, lost)
        stamp = DAY_NS // 1_000_000 + (TEN + i) * 1000
        lines = [f'hikaricp_connections_usage_seconds_sum{{instance="shop-1",pool="main"}} {held:.3f} {stamp}'
                 if line.startswith("hikaricp_connections_usage_seconds_sum") else line for line in lines]
        scrapes.append(lines)
    return text(scrapes)


def burst_each_minute():
    """T57: 3,000/s with 9,000/s for 5 s each minute on 100 connections of 20 ms; ten minutes."""
    scrapes, acquired, queue = [], 0, 0
    for i in range(0, 601):
        rate = 9000 if i % 60 < 5 else 3000
        done = min(5000, queue + rate)
        queue = queue + rate - done
        acquired += done
        wait = queue / 5000
        scrapes.append(scrape(TEN + i + 1, "shop-1", min(100, round(done * 0.02)), 100, queue,
                              (wait, wait, wait) if queue else (0.0001,) * 3, acquired, 20))
    return text(scrapes)


def rich_and_poor():
    """T58: ten of forty instances hold 20 connections each, thirty none."""
    scrapes = []
    for i in range(0, 181, 2):
        lines = []
        for number in range(40):
            rich = number < 10
            lines += scrape(TEN + i, f"shop-{number + 1}", 20 if rich else 0, 20, 0 if rich else 40,
                            (0.001, 0.002, 0.004) if rich else (5, 20, 29.9), i * 500 if rich else 0, 40,
                            0 if rich else i * 3, 0)
        scrapes.append(lines)
    return text(scrapes)


def cheap_queue():
    """T60: a pool of 9 on 4 cores, 60 to 90 wait, each for up to 22 ms; 6,100/s."""
    return text(scrape(TEN + i, "shop-1", 9, 9, 60 + i * 7 % 31, (0.011, 0.019, 0.022), i * 6100, 1.475)
                for i in range(0, 301))


FILES = {
    "eight-to-thirty/topology.toml": lambda: topology("shop", 8, 25, "shop-db", 250, "max_instances = 30\n"),
    "twenty-busy/pools.prom.gz": twenty_busy,
    "twenty-busy/series.csv": lambda: server("shop-db", [(TEN + i, 5 if i < 60 else 20, 0.12) for i in range(0, 301, 5)]),
    "twenty-busy/topology.toml": lambda: topology("shop", 1, 20, "shop-db", 100),
    "twice-as-slow/pools.prom.gz": twice_as_slow,
    "burst-each-minute/pools.prom.gz": burst_each_minute,
    "ten-rich/pools.prom.gz": rich_and_poor,
    "ten-rich/topology.toml": lambda: topology("shop", 40, 20, "shop-db", 200),
    "cheap-queue/pools.prom.gz": cheap_queue,
    "cheap-queue/series.csv": lambda: server("shop-db", [(TEN + i, 9, 0.88) for i in range(0, 301, 5)]),
    "cheap-queue/topology.toml": lambda: topology("shop", 1, 9, "shop-db", 100, "", "cores = 4\n"),
}
