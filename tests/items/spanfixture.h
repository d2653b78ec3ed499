// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Span columns made by hand, for the tests of models and views that draw spans.
#pragma once

#include "analysis/lanequery.h"
#include "analysis/spancolumns.h"
#include "store/rows.h"

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

namespace tailscope::tests {

/// Collects spans in any order; build() sorts them into lanes. Ids are 1000, 1001, ... in the order of
/// span().
class SpanFixture
{
public:
    std::uint32_t track(const std::string &process, const std::string &thread,
        const std::string &service = {}, const std::string &instance = {}, std::int64_t sourceId = 1)
    {
        analysis::TrackInfo info;
        info.id = 100 + std::int64_t(m_tracks.size());
        info.sourceId = sourceId;
        info.process = process;
        info.thread = thread;
        info.service = service;
        info.instance = instance;
        info.shape = std::uint8_t(service.empty() ? TrackRow::Shape::Nested : TrackRow::Shape::Linked);
        m_tracks.push_back(info);
        return std::uint32_t(m_tracks.size() - 1);
    }
    void setSort(std::uint32_t track, std::int64_t processSort, std::int64_t threadSort)
    {
        m_tracks[track].processSort = processSort;
        m_tracks[track].threadSort = threadSort;
    }
    /// Returns the span's number; parent -1 = root. Self time is duration minus the durations of its
    /// children.
    int span(std::uint32_t track, std::uint16_t lane, const std::string &operation, Nanos start,
        Nanos duration, int parent = -1, SpanStatus status = SpanStatus::Unset)
    {
        m_spans.push_back({track, lane, operation, start, duration, parent, status});
        return int(m_spans.size() - 1);
    }
    std::shared_ptr<const analysis::SpanColumns> build() const
    {
        std::vector<std::size_t> order(m_spans.size());
        std::iota(order.begin(), order.end(), std::size_t(0));
        std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
            const Span &x = m_spans[a];
            const Span &y = m_spans[b];
            return std::tie(x.track, x.lane, x.start) < std::tie(y.track, y.lane, y.start);
        });
        std::vector<std::uint32_t> rowOf(m_spans.size());
        std::vector<Nanos> childSum(m_spans.size(), 0);
        for (std::uint32_t row = 0; row < order.size(); ++row)
            rowOf[order[row]] = row;
        for (const Span &span : m_spans) {
            if (span.parent >= 0 && span.duration > 0)
                childSum[std::size_t(span.parent)] += span.duration;
        }
        auto columns = std::make_shared<analysis::SpanColumns>();
        columns->tracks = m_tracks;
        columns->spanIdBase = 1000;
        std::map<std::string, std::uint32_t> names;
        for (std::uint32_t row = 0; row < order.size(); ++row) {
            const Span &span = m_spans[order[row]];
            const auto [name, isNew]
                = names.try_emplace(span.operation, std::uint32_t(columns->operations.size()));
            if (isNew)
                columns->operations.push_back(span.operation);
            const bool isKnown = span.duration != kUnknownNanos;
            std::uint16_t depth = 0;
            for (int up = span.parent; up >= 0 && depth < 1000; up = m_spans[std::size_t(up)].parent)
                ++depth;
            columns->start.push_back(span.start);
            columns->duration.push_back(span.duration);
            columns->self.push_back(
                isKnown ? std::max<Nanos>(0, span.duration - childSum[order[row]]) : kUnknownNanos);
            columns->operation.push_back(name->second);
            columns->track.push_back(span.track);
            columns->trace.push_back(analysis::kNoRow);
            columns->parent.push_back(span.parent < 0 ? analysis::kNoRow : rowOf[std::size_t(span.parent)]);
            columns->spanId.push_back(std::uint32_t(order[row]));
            columns->depth.push_back(depth);
            columns->kind.push_back(std::uint8_t(SpanKind::Internal));
            columns->status.push_back(std::uint8_t(span.status));
            columns->httpStatus.push_back(0);
            if (columns->lanes.empty() || columns->lanes.back().track != span.track
                || columns->lanes.back().depth != span.lane)
                columns->lanes.push_back({span.track, span.lane, row, 0});
            ++columns->lanes.back().count;
            const Nanos end = columns->end(row);
            columns->range.begin = row == 0 ? span.start : std::min(columns->range.begin, span.start);
            columns->range.end = row == 0 ? end : std::max(columns->range.end, end);
        }
        return columns;
    }

private:
    struct Span
    {
        std::uint32_t track;
        std::uint16_t lane;
        std::string operation;
        Nanos start, duration;
        int parent;
        SpanStatus status;
    };
    std::vector<analysis::TrackInfo> m_tracks;
    std::vector<Span> m_spans;
};

/// `requests` requests on each of `tracks` threads: handler > query and render, one millisecond apart; 4
/// spans each.
inline std::shared_ptr<const analysis::SpanColumns> manySpans(int tracks, int requests)
{
    auto columns = std::make_shared<analysis::SpanColumns>();
    columns->operations = {"GET /checkout", "SELECT orders", "render page", "serialize"};
    for (int i = 0; i < 40; ++i)
        columns->operations.push_back("endpoint " + std::to_string(i));
    columns->spanIdBase = 1;
    std::uint32_t seed = 1;
    const auto random = [&seed] { return (seed = seed * 1664525u + 1013904223u) >> 8; };
    for (int t = 0; t < tracks; ++t) {
        analysis::TrackInfo info;
        info.id = t + 1;
        info.sourceId = 1;
        info.process = "server " + std::to_string(t / 8);
        info.thread = "worker " + std::to_string(t);
        columns->tracks.push_back(info);
        std::uint32_t above = 0;
        for (std::uint16_t lane = 0; lane < 3; ++lane) {
            const auto first = std::uint32_t(columns->size());
            for (int r = 0; r < requests * (lane == 2 ? 2 : 1); ++r) {
                const int request = lane == 2 ? r / 2 : r;
                const Nanos begin = Nanos(request) * 1'000'000 + Nanos(t) * 1000;
                Nanos start = begin;
                Nanos duration = 300'000 + Nanos(random() % 600'000);
                if (lane == 1) {
                    start += 20'000;
                    duration = 250'000;
                } else if (lane == 2) {
                    start += 30'000 + (r % 2) * 120'000;
                    duration = 100'000;
                }
                columns->start.push_back(start);
                columns->duration.push_back(duration);
                columns->self.push_back(duration / 2);
                columns->operation.push_back(lane == 0 ? 4 + random() % 40 : random() % 4);
                columns->track.push_back(std::uint32_t(t));
                columns->trace.push_back(analysis::kNoRow);
                columns->parent.push_back(lane == 0 ? analysis::kNoRow : above + std::uint32_t(request));
                columns->spanId.push_back(std::uint32_t(columns->spanId.size()));
                columns->depth.push_back(lane);
                columns->kind.push_back(std::uint8_t(SpanKind::Internal));
                columns->status.push_back(
                    random() % 97 == 0 ? std::uint8_t(SpanStatus::Error) : std::uint8_t(0));
                columns->httpStatus.push_back(0);
            }
            columns->lanes.push_back({std::uint32_t(t), lane, first, std::uint32_t(columns->size()) - first});
            // Children of the third lane hang below the second.
            above = first;
        }
    }
    columns->range = {0, Nanos(requests) * 1'000'000 + Nanos(tracks) * 1000};
    return columns;
}

} // namespace tailscope::tests
