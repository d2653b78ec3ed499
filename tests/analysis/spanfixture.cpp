// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "spanfixture.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

namespace spanfixture {

std::shared_ptr<SpanColumns> build(const std::vector<Span> &spans, const std::vector<TrackInfo> &tracks)
{
    auto columns = std::make_shared<SpanColumns>();
    SpanColumns &c = *columns;
    c.tracks = tracks;
    c.spanIdBase = 1;
    std::vector<std::uint32_t> order(spans.size()), rowOf(spans.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return std::tie(spans[a].track, spans[a].lane, spans[a].start)
            < std::tie(spans[b].track, spans[b].lane, spans[b].start);
    });
    for (std::uint32_t row = 0; row < order.size(); ++row)
        rowOf[order[row]] = row;
    std::map<std::string, std::uint32_t> operations;
    std::map<int, std::uint32_t> traces;
    for (const Span &span : spans) {
        if (span.trace >= 0)
            traces.emplace(span.trace, 0);
    }
    for (auto &[id, index] : traces) {
        index = std::uint32_t(c.traceIds.size());
        c.traceIds.push_back(id);
    }
    std::vector<std::uint16_t> depths(spans.size(), 0);
    for (std::size_t i = 0; i < spans.size(); ++i) {
        for (int at = spans[i].parent; at >= 0 && depths[i] < 1000; at = spans[std::size_t(at)].parent)
            ++depths[i];
    }
    for (const std::uint32_t place : order) {
        const Span &span = spans[place];
        const auto [operation, isNew]
            = operations.emplace(span.operation, std::uint32_t(c.operations.size()));
        if (isNew)
            c.operations.push_back(span.operation);
        if (c.lanes.empty() || c.lanes.back().track != span.track || c.lanes.back().depth != span.lane)
            c.lanes.push_back({span.track, span.lane, std::uint32_t(c.start.size()), 0});
        ++c.lanes.back().count;
        c.start.push_back(span.start);
        c.duration.push_back(span.duration);
        c.self.push_back(span.self);
        c.operation.push_back(operation->second);
        c.track.push_back(span.track);
        c.trace.push_back(span.trace < 0 ? kNoRow : traces[span.trace]);
        c.parent.push_back(span.parent < 0 ? kNoRow : rowOf[std::size_t(span.parent)]);
        c.spanId.push_back(place);
        c.depth.push_back(depths[place]);
        c.kind.push_back(std::uint8_t(span.kind));
        c.status.push_back(std::uint8_t(span.status));
        c.httpStatus.push_back(span.http);
    }
    if (!c.start.empty()) {
        c.range = {c.start.front(), c.start.front() + 1};
        for (std::uint32_t row = 0; row < c.size(); ++row) {
            c.range.begin = std::min(c.range.begin, c.start[row]);
            c.range.end = std::max({c.range.end, c.end(row), c.start[row] + 1});
        }
    }
    return columns;
}

TrackInfo service(std::string_view name, std::string_view instance)
{
    TrackInfo track;
    track.id = 1;
    track.sourceId = 1;
    track.service = name;
    track.instance = instance;
    track.shape = std::uint8_t(TrackRow::Shape::Linked);
    return track;
}

TrackInfo thread(std::string_view process, std::string_view name)
{
    TrackInfo track;
    track.id = 1;
    track.sourceId = 1;
    track.process = process;
    track.thread = name;
    return track;
}

std::shared_ptr<SpanColumns> randomColumns(std::uint64_t seed, int count, int tracks)
{
    Random random(seed);
    std::vector<TrackInfo> infos;
    for (int i = 0; i < tracks; ++i) {
        infos.push_back(service("service" + std::to_string(i % 3), "instance" + std::to_string(i)));
        infos.back().process = "proc" + std::to_string(i % 2);
        infos.back().thread = i % 2 == 0 ? "main" : "worker";
        infos.back().sourceId = 1 + i % 2;
        infos.back().id = i + 1;
    }
    std::vector<Span> spans;
    // The open span of each lane, as far as it may hold children.
    std::vector<std::vector<int>> open(std::size_t(tracks), std::vector<int>(4, -1));
    std::vector<std::vector<Nanos>> free(std::size_t(tracks), std::vector<Nanos>(4, 1'000'000));
    for (int i = 0; i < count; ++i) {
        Span span;
        span.track = std::uint32_t(random.below(tracks));
        span.lane = std::uint16_t(random.below(4));
        span.operation = "op" + std::to_string(random.below(7));
        Nanos &laneFree = free[span.track][span.lane];
        span.start = laneFree + random.below(5'000);
        const int scale = int(random.below(5));
        span.duration = 1 + random.below(scale == 0 ? 100 : scale == 1 ? 1'000'000 : 20'000);
        if (random.chance(3))
            span.duration = 0;
        laneFree = span.start + span.duration;
        if (span.lane > 0) {
            const int above = open[span.track][std::size_t(span.lane) - 1];
            if (above >= 0 && spans[std::size_t(above)].start <= span.start
                && spans[std::size_t(above)].start + spans[std::size_t(above)].duration
                    >= span.start + span.duration)
                span.parent = above;
        }
        open[span.track][span.lane] = i;
        span.self = span.duration / (1 + random.below(3));
        if (random.chance(2))
            span.duration = span.self = kUnknownNanos;
        span.status = random.chance(5) ? SpanStatus::Error
            : random.chance(50)        ? SpanStatus::Ok
                                       : SpanStatus::Unset;
        span.kind = SpanKind(random.below(6));
        span.http = random.chance(60) ? std::uint16_t(100 * (1 + random.below(5)) + random.below(5)) : 0;
        span.trace = random.chance(80) ? int(random.below(count / 10 + 1)) + 100 : -1;
        spans.push_back(span);
    }
    return build(spans, infos);
}

} // namespace spanfixture
