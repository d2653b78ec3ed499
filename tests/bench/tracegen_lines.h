// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tracegen_base.h"

#include <ctime>

namespace tracegen {

// Distinct stacks in the order of a depth-first walk, as stack collapsers print them. Distinct up to some
// millions of lines: the entry function follows the position in the file, below it siblings only move
// forward.
inline void writeCollapsed(Output &out, std::uint64_t count, std::uint64_t seed)
{
    std::vector<Operation> names = operations();
    std::sort(names.begin(), names.end(),
        [](const Operation &a, const Operation &b) { return a.name < b.name; });
    Random random(seed);
    std::vector<std::uint32_t> stack{0};
    for (std::uint64_t line = 0; line < count && out.good(); ++line) {
        const auto entry = std::uint32_t(line * kOperations / count);
        if (stack.front() != entry)
            stack.assign(1, entry);
        // the deeper the stack, the more levels return: the depth hovers about six
        while (stack.size() > 2 && random.chance(std::uint32_t(104 * std::min<std::size_t>(stack.size(), 9))))
            stack.pop_back();
        if (stack.size() > 1) // the next sibling; a spent level hands over to the one above it
            stack.back() += stack.size() == 2 ? 1 : 1 + random.below(10);
        while (stack.size() > 2 && stack.back() >= kOperations) {
            stack.pop_back();
            stack.back() += 1;
        }
        for (auto deeper = 1 + random.below(3); deeper > 0 && stack.size() < 60; --deeper)
            stack.push_back(random.below(stack.size() == 1 ? 100 : 560));
        Text &text = out.text();
        text << "bench";
        for (const std::uint32_t operation : stack)
            text << ";" << names[operation % kOperations].name;
        text << " ";
        text.number(1 + std::uint64_t(random.latency(4))) << "\n";
    }
}

inline void writeTime(Text &text, Nanos ns)
{
    const std::time_t seconds = ns / kSecond;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char buffer[32];
    text << std::string_view(buffer, std::strftime(buffer, sizeof buffer, "%Y-%m-%dT%H:%M:%SZ", &parts));
}

// 240 series (20 metrics of 12 services), one point each every 10 s, in the long form.
inline void writeCsv(Output &out, std::uint64_t count, std::uint64_t seed)
{
    static constexpr std::array<std::string_view, 20> kMetrics{
        "request_rate",
        "error_rate",
        "cpu",
        "memory",
        "pool_active",
        "pool_idle",
        "pool_pending",
        "threads",
        "gc_ms",
        "queue_depth",
        "cache_hits",
        "cache_misses",
        "disk_read",
        "disk_write",
        "net_in",
        "net_out",
        "fds",
        "p50_ms",
        "p99_ms",
        "lag_s",
    };
    Random random(seed);
    std::vector<std::int64_t> values(kMetrics.size() * kServices.size(), 500'000);
    out.text() << "ts,series,labels,value\n";
    Text time;
    for (std::uint64_t point = 0; point < count && out.good(); ++point) {
        const std::size_t series = point % values.size();
        if (series == 0) {
            time.data().clear();
            writeTime(time, kEpoch + Nanos(point / values.size()) * 10 * kSecond);
        }
        std::int64_t &value = values[series];
        value = std::clamp<std::int64_t>(value + random.between(-20'000, 20'000), 0, 1'000'000);
        Text &text = out.text();
        text << time.data() << "," << kMetrics[series % kMetrics.size()]
             << ",service=" << kServices[series / kMetrics.size()] << ",";
        text.micros(value) << "\n";
    }
}

} // namespace tracegen
