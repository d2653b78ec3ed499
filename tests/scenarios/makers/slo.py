# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Service levels: T117 (45,000 failures a day), T92 (inside the limit, ten thousand slow requests a day)."""

import datetime

from generator.common import packed

DAY = 50_000_000
#                code, service, reason, failures a day (before and after the fix)
CAUSES = [
    (504, "payment", "upstream timeout", 18_000, 1_200),
    (503, "orders", "connection pool exhausted", 9_000, 9_000),
    (429, "gateway", "rate limit", 6_750, 6_750),
    (500, "orders", "NullPointerException", 6_750, 6_750),
    (502, "gateway", "connection refused", 4_500, 4_500),
]
MIDNIGHT = datetime.datetime(2026, 3, 2, tzinfo=datetime.timezone.utc)


def counters(fixed):
    """A day of http_requests_total by code, one value an hour; every counter began long before."""
    rows = ["ts,series,kind,labels,value"]
    failed = sum(cause[4 if fixed else 3] for cause in CAUSES)
    series = [("code=200", DAY - failed, 8_123_456)]
    for index, (code, service, reason, before, after) in enumerate(CAUSES):
        series.append((f"code={code};service={service};reason={reason}", after if fixed else before, 1000 * index))
    for labels, total, start in series:
        for hour in range(25):
            at = (MIDNIGHT + datetime.timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ")
            rows.append(f"{at},http_requests_total,counter,{labels},{start + total * hour // 24}")
    return ("\n".join(rows) + "\n").encode()


def level(lines):
    return ("# SPDX-FileCopyrightText: 2026 The Tailscope authors\n# SPDX-License-Identifier: GPL-3.0-or-later\n"
            "[service.shop]\ninstances = 12\n\n[slo.shop]\n" + "\n".join(lines) + "\n").encode()


def access_log():
    """10,000 requests in 864 s, a rate of 1,000,000 a day: P95 180 ms, P99 800 ms, 100 slower than that."""
    lines = []
    for i in range(10_000):
        rank = (i * 7919) % 10_000 + 1  # every rank once, in no order
        if rank <= 9_400:
            ms = 20 + rank * 140 // 9_400
        elif rank <= 9_500:
            ms = 180
        elif rank <= 9_900:
            ms = 181 + (rank - 9_501) * 619 // 399
        else:
            ms = 801 + rank - 9_901
        at = MIDNIGHT + datetime.timedelta(milliseconds=86.4 * i + ms)
        stamp = at.strftime("%d/%b/%Y:%H:%M:%S +0000")
        lines.append(f'10.0.{i % 7}.{i % 251} - - [{stamp}] "GET /cart HTTP/1.1" 200 512 "-" "app" {ms / 1000:.3f}')
    return packed(("\n".join(lines) + "\n").encode())


FILES = {
    "failures-45000/requests.csv": lambda: counters(False),
    "failures-45000/slo.toml": lambda: level(['objective = "99.95 %"']),
    "failures-45000-fixed/requests.csv": lambda: counters(True),
    "failures-45000-fixed/slo.toml": lambda: level(['objective = "99.95 %"']),
    "inside-the-limit/access.log.gz": access_log,
    "inside-the-limit/slo.toml": lambda: level(['objective = "95 %"', "limit_ms = 200"]),
}
