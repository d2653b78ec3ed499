# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two requests of eight seconds: one is the sum of its steps, the other has a second that nothing explains."""

from .checkout import CLIENT, INTERNAL, SERVER
from .spanlist import Traces

SECOND_US = 1_000_000


def traces():
    ms = 1000
    at = 9 * 3600 * SECOND_US
    out = Traces()
    out.span(0x62, 1, None, "gateway", "POST /checkout", SERVER, at, 8000 * ms)
    out.span(0x62, 2, 1, "gateway", "authorise", INTERNAL, at, 2000 * ms)
    out.span(0x62, 3, 1, "payment", "charge", SERVER, at + 2000 * ms, 3000 * ms)
    out.span(0x62, 4, 1, "inventory", "reserve", SERVER, at + 5000 * ms, 2000 * ms)
    out.span(0x62, 5, 1, "notification", "send confirmation", SERVER, at + 7000 * ms, 1000 * ms)
    # Eight more services that answer while the first step still runs; one fails and nobody minds.
    for place, service in enumerate(("prices", "taxes", "reviews", "offers", "profile", "stock-cache", "currency",
                                     "recommendations")):
        out.span(0x62, 6 + place, 1, service, "GET", SERVER, at + 100 * ms, (200 + 150 * place) * ms,
                 failed=service == "recommendations")
    at += 60 * SECOND_US
    out.span(0x162, 1, None, "gateway", "POST /orders", SERVER, at, 8000 * ms)
    out.span(0x162, 2, 1, "payment", "payment wait", INTERNAL, at, 5000 * ms)
    out.span(0x162, 3, 1, "payment", "INSERT payments", CLIENT, at + 6000 * ms, 2000 * ms,
             values={"db.system.name": "postgresql"})
    return out.data()


def files():
    return {"traces.otlp.json": traces()}
