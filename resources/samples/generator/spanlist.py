# SPDX-FileCopyrightText: 2026 The Tailscope authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spans written down one by one, as one OTLP JSON document."""

from .checkout import attributes
from .common import DAY_NS, compact


class Traces:
    """Collects spans of one file; times in us after midnight of the demo day."""

    def __init__(self):
        self._spans = []

    def span(self, trace, number, parent, service, name, kind, begin_us, length_us, failed=False, values=None,
             links=()):
        """number and parent: places in the trace from 1; None = no parent; 99 = one that never arrived."""
        def key(place):
            return f"{trace:08x}{place:08x}"
        item = {"traceId": f"{trace:032x}", "spanId": key(number)}
        if parent:
            item["parentSpanId"] = key(parent)
        item.update({"name": name, "kind": kind, "startTimeUnixNano": str(DAY_NS + begin_us * 1000),
                     "endTimeUnixNano": str(DAY_NS + (begin_us + length_us) * 1000),
                     "attributes": attributes(values or {}), "status": {"code": 2} if failed else {}})
        if links:
            item["links"] = [{"traceId": f"{trace_:032x}", "spanId": f"{trace_:08x}{place:08x}"}
                             for trace_, place in links]
        self._spans.append((service, item))

    def data(self):
        services = {}
        for service, item in self._spans:
            services.setdefault(service, []).append(item)
        return (compact({"resourceSpans": [
            {"resource": {"attributes": attributes({"service.name": service})}, "scopeSpans": [{"spans": items}]}
            for service, items in services.items()]}) + "\n").encode()
