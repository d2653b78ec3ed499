// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spancolumns.h"
#include "store/rows.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace tailscope::test {

/// One span as a test writes it.
struct HandSpan
{
    Nanos start = 0, duration = 0;
    std::uint32_t operation = 0, track = 0;
    SpanStatus status = SpanStatus::Ok;
    std::uint16_t http = 0;
    Nanos self = kUnknownNanos; ///< unknown: a quarter of the duration
};

/// Columns of spans on two tracks (services "shop" and "bank"); operations are named as given.
inline std::shared_ptr<const analysis::SpanColumns> columnsOf(std::vector<HandSpan> spans,
    std::vector<std::string> operations)
{
    std::stable_sort(spans.begin(), spans.end(), [](const HandSpan &a, const HandSpan &b) {
        return a.track != b.track ? a.track < b.track : a.start < b.start;
    });
    auto columns = std::make_shared<analysis::SpanColumns>();
    columns->operations = std::move(operations);
    for (const char *service : {"shop", "bank"}) {
        analysis::TrackInfo track;
        track.id = std::int64_t(columns->tracks.size()) + 1;
        track.sourceId = 1;
        track.service = service;
        track.instance = std::string(service) + "-0";
        columns->tracks.push_back(track);
    }
    bool first = true;
    for (const HandSpan &span : spans) {
        const auto row = std::uint32_t(columns->start.size());
        if (columns->lanes.empty() || columns->lanes.back().track != span.track)
            columns->lanes.push_back({span.track, 0, row, 0});
        ++columns->lanes.back().count;
        const bool known = span.duration != kUnknownNanos;
        columns->start.push_back(span.start);
        columns->duration.push_back(span.duration);
        columns->self.push_back(span.self != kUnknownNanos ? span.self
                : known                                    ? span.duration / 4
                                                           : kUnknownNanos);
        columns->operation.push_back(span.operation);
        columns->track.push_back(span.track);
        columns->trace.push_back(analysis::kNoRow);
        columns->parent.push_back(analysis::kNoRow);
        columns->spanId.push_back(row);
        columns->depth.push_back(0);
        columns->kind.push_back(std::uint8_t(SpanKind::Server));
        columns->status.push_back(std::uint8_t(span.status));
        columns->httpStatus.push_back(span.http);
        const Nanos end = known ? saturatingAdd(span.start, span.duration) : span.start;
        columns->range.begin = first ? span.start : std::min(columns->range.begin, span.start);
        columns->range.end = first ? end : std::max(columns->range.end, end);
        first = false;
    }
    return columns;
}

/// Two hours from 2026-03-02 12:00 UTC: three operations with log-normal durations, the third bimodal; every
/// tenth minute silent, a few errors, a few spans of unknown duration. Same spans for the same n.
inline std::vector<HandSpan> shopSpans(std::size_t n)
{
    std::mt19937 random(7);
    std::lognormal_distribution<double> fast(13.5, 0.5), slow(15.5, 0.9);
    std::uniform_real_distribution<double> even(0, 1);
    constexpr Nanos kBegin = 1'772'452'800LL * kNanosPerSecond;
    constexpr Nanos kLength = 7200 * kNanosPerSecond;
    std::vector<HandSpan> spans;
    for (std::size_t i = 0; i < n; ++i) {
        HandSpan span;
        span.start = kBegin + Nanos(double(kLength) * double(i) / double(n));
        if ((span.start - kBegin) / (60 * kNanosPerSecond) % 10 == 9)
            span.start -= 60 * kNanosPerSecond;
        const double pick = even(random);
        span.operation = pick < 0.6 ? 0 : pick < 0.9 ? 1 : 2;
        span.track = span.operation == 1 ? 1 : 0;
        double duration = span.operation == 0 ? fast(random) : slow(random);
        if (span.operation == 2 && even(random) < 0.3)
            duration += 2e9;
        span.duration = Nanos(duration);
        span.http = span.operation == 2 ? 0 : even(random) < 0.02 ? 503 : 200;
        span.status = span.http == 503 ? SpanStatus::Error : SpanStatus::Ok;
        if (i % 997 == 996)
            span.duration = kUnknownNanos;
        spans.push_back(span);
    }
    return spans;
}

inline const std::vector<std::string> kShopOperations{"GET /cart", "SELECT orders", "POST /checkout"};

} // namespace tailscope::test
