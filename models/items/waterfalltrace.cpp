// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/waterfalltrace.h"

#include "store/rows.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace tailscope::items {

using analysis::CallGroup;
using analysis::kNoRow;

namespace {

/// Calls whose attributes are read, and events and links that are kept: more than anyone looks at.
constexpr std::size_t kMostTexts = 20'000;
constexpr std::int64_t kMostMarks = 50'000;
constexpr std::int64_t kMostLinks = 10'000;

QString toQString(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

int rankOf(CallGroup::Kind kind)
{
    switch (kind) {
    case CallGroup::Kind::NPlusOne:
        return 0;
    case CallGroup::Kind::RepeatedLookup:
        return 1;
    case CallGroup::Kind::Retry:
        return 2;
    case CallGroup::Kind::Chatty:
        return 3;
    case CallGroup::Kind::FanOut:
        return 4;
    case CallGroup::Kind::Sequential:
        break;
    }
    return 5;
}

/// Groups that are drawn as one row: alike calls and calls side by side, each call in one group only. Unlike
/// calls in a row stay rows of their own.
void chooseGroups(WaterfallTrace &trace, std::vector<CallGroup> found)
{
    std::stable_sort(found.begin(), found.end(),
        [](const CallGroup &a, const CallGroup &b) { return rankOf(a.kind) < rankOf(b.kind); });
    trace.groupOf.assign(trace.size(), kNoRow);
    for (CallGroup &group : found) {
        if (group.fingerprint.empty() && group.kind != CallGroup::Kind::FanOut)
            continue;
        const std::size_t before = group.calls.size();
        std::erase_if(group.calls, [&](std::uint32_t call) { return trace.groupOf[call] != kNoRow; });
        if (group.calls.size() < WaterfallTrace::kSmallestGroup)
            continue;
        if (group.calls.size() != before) {
            group.total = group.longest = 0;
            for (const std::uint32_t call : group.calls) {
                const Nanos duration = std::max<Nanos>(0, trace.spans.duration[call]);
                group.total = saturatingAdd(group.total, duration);
                group.longest = std::max(group.longest, duration);
            }
        }
        for (const std::uint32_t call : group.calls)
            trace.groupOf[call] = std::uint32_t(trace.groups.size());
        trace.groups.push_back(std::move(group));
    }
}

void takeGaps(WaterfallTrace &trace)
{
    analysis::traceGaps(trace.spans, *trace.columns, *trace.classes, 1, trace.gaps);
    trace.firstGap.assign(trace.size() + 1, 0);
    for (const analysis::TraceGap &gap : trace.gaps)
        ++trace.firstGap[gap.span + 1];
    std::partial_sum(trace.firstGap.begin(), trace.firstGap.end(), trace.firstGap.begin());
    trace.isRanked.assign(trace.gaps.size(), 0);
    const Nanos request = trace.request();
    if (request == kUnknownNanos)
        return;
    const Nanos least = std::max<Nanos>(1, Nanos(double(request) * WaterfallTrace::kShownGap));
    for (std::uint32_t i = 0; i < trace.gaps.size(); ++i) {
        if (trace.gaps[i].duration >= least)
            trace.ranked.push_back(i);
    }
    // What lies in work that goes on after the request is not why the request is slow: it comes last.
    const analysis::TraceSpans &spans = trace.spans;
    const Nanos requestEnd = spans.root == kNoRow ? spans.end : spans.endOf(spans.root);
    std::stable_sort(trace.ranked.begin(), trace.ranked.end(), [&](std::uint32_t a, std::uint32_t b) {
        const bool lateA = trace.gaps[a].start >= requestEnd, lateB = trace.gaps[b].start >= requestEnd;
        return lateA != lateB ? lateB : trace.gaps[a].duration > trace.gaps[b].duration;
    });
    if (trace.ranked.size() > WaterfallTrace::kMostRanked)
        trace.ranked.resize(WaterfallTrace::kMostRanked);
    for (const std::uint32_t gap : trace.ranked)
        trace.isRanked[gap] = 1;
}

/// Descendants: children are added to their parents from the leaves up.
void countBelow(WaterfallTrace &trace)
{
    const analysis::TraceSpans &spans = trace.spans;
    trace.below.assign(trace.size(), 0);
    std::vector<std::uint32_t> open(trace.size(), 0), ready;
    for (std::uint32_t i = 0; i < trace.size(); ++i) {
        if (spans.parent[i] != kNoRow)
            ++open[spans.parent[i]];
    }
    for (std::uint32_t i = 0; i < trace.size(); ++i) {
        if (open[i] == 0)
            ready.push_back(i);
    }
    while (!ready.empty()) {
        const std::uint32_t i = ready.back();
        ready.pop_back();
        const std::uint32_t above = spans.parent[i];
        if (above == kNoRow)
            continue;
        trace.below[above] += trace.below[i] + 1;
        if (--open[above] == 0)
            ready.push_back(above);
    }
}

void nameServices(WaterfallTrace &trace)
{
    std::map<std::string_view, std::uint32_t> numbers;
    trace.service.resize(trace.size());
    for (std::uint32_t i = 0; i < trace.size(); ++i) {
        const analysis::TrackInfo &track = trace.columns->tracks[trace.columns->track[trace.spans.row[i]]];
        const std::string &name = track.service.empty() ? track.process : track.service;
        const auto [found, isNew] = numbers.try_emplace(name, std::uint32_t(trace.services.size()));
        if (isNew)
            trace.services.push_back(name);
        trace.service[i] = found->second;
        trace.errors += trace.isError(i);
    }
}

Result<void> readMarks(WaterfallTrace &trace, store::Database &reader)
{
    auto rows = reader.prepare("SELECT span_id, ts_ns, name, attributes FROM span_event WHERE span_id IN "
                               "(SELECT id FROM span_raw WHERE trace_id = ?1) ORDER BY id LIMIT ?2");
    if (!rows)
        return tl::unexpected(rows.error());
    rows->bind(0, std::int64_t(trace.id));
    rows->bind(1, kMostMarks);
    while (true) {
        auto row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        const std::uint32_t span = trace.spanOfRow(trace.columns->rowOfId(rows->integer(0)));
        if (span != kNoRow && !rows->isNull(1))
            trace.marks.push_back({span, saturatingAdd(rows->integer(1), trace.shiftOf(span)),
                toQString(rows->text(2)), toQString(rows->text(3))});
    }
    std::stable_sort(trace.marks.begin(), trace.marks.end(),
        [](const auto &a, const auto &b) { return a.span != b.span ? a.span < b.span : a.ts < b.ts; });
    for (const WaterfallTrace::Mark &mark : trace.marks)
        ++trace.firstMark[mark.span + 1];
    std::partial_sum(trace.firstMark.begin(), trace.firstMark.end(), trace.firstMark.begin());
    return {};
}

Result<void> readLinks(WaterfallTrace &trace, store::Database &reader)
{
    auto rows = reader.prepare(
        "SELECT 0, span_id, linked_span_id, linked_trace_key, linked_span_key FROM span_link WHERE span_id IN"
        " (SELECT id FROM span_raw WHERE trace_id = ?1)"
        " UNION ALL SELECT 1, l.linked_span_id, l.span_id, t.trace_key, s.span_key FROM span_link AS l"
        " JOIN span AS s ON s.id = l.span_id LEFT JOIN trace AS t ON t.id = s.trace_id"
        " WHERE l.linked_span_id IN (SELECT id FROM span_raw WHERE trace_id = ?1) LIMIT ?2");
    if (!rows)
        return tl::unexpected(rows.error());
    rows->bind(0, std::int64_t(trace.id));
    rows->bind(1, kMostLinks);
    while (true) {
        auto row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        WaterfallTrace::Link link;
        link.span = trace.spanOfRow(trace.columns->rowOfId(rows->integer(1)));
        if (link.span == kNoRow)
            continue;
        link.isIncoming = rows->integer(0) != 0;
        if (!rows->isNull(2)) {
            link.otherSpan = rows->integer(2);
            link.otherLocal = trace.spanOfRow(trace.columns->rowOfId(link.otherSpan));
        }
        link.otherTraceKey = toQString(rows->text(3));
        link.otherSpanKey = toQString(rows->text(4));
        trace.links.push_back(std::move(link));
    }
    std::stable_sort(trace.links.begin(), trace.links.end(),
        [](const auto &a, const auto &b) { return a.span < b.span; });
    return {};
}

} // namespace

Nanos WaterfallTrace::request() const
{
    return spans.root == kNoRow ? kUnknownNanos : spans.duration[spans.root];
}

std::uint32_t WaterfallTrace::spanOfRow(std::uint32_t row) const
{
    if (row == kNoRow || columns->trace[row] != spans.trace)
        return kNoRow;
    const auto found = std::lower_bound(byRow.begin(), byRow.end(), row,
        [this](std::uint32_t local, std::uint32_t wanted) { return spans.row[local] < wanted; });
    return found != byRow.end() && spans.row[*found] == row ? *found : kNoRow;
}

bool WaterfallTrace::isError(std::uint32_t span) const
{
    return columns->status[spans.row[span]] == std::uint8_t(SpanStatus::Error);
}

Nanos WaterfallTrace::selfOf(std::uint32_t span) const
{
    if (spans.duration[span] == kUnknownNanos)
        return kUnknownNanos;
    const auto own = gapsOf(span);
    if (!own.empty()) {
        Nanos sum = 0;
        for (const analysis::TraceGap &gap : own)
            sum += gap.duration;
        return sum;
    }
    // No gap: covered without a rest, or nothing in it that covers.
    for (std::uint32_t child = spans.firstChild[span]; child != kNoRow; child = spans.nextSibling[child]) {
        if (!spans.isAsync[child] && spans.duration[child] > 0 && spans.endOf(child) > spans.start[span]
            && spans.start[child] < spans.endOf(span))
            return 0;
    }
    return spans.duration[span];
}

std::vector<std::uint32_t> rowsOfTrace(const analysis::SpanColumns &columns, std::uint32_t traceIndex)
{
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < columns.size(); ++row) {
        if (columns.trace[row] == traceIndex)
            rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
        if (columns.start[a] != columns.start[b])
            return columns.start[a] < columns.start[b];
        return columns.duration[a] != columns.duration[b] ? columns.duration[a] > columns.duration[b] : a < b;
    });
    return rows;
}

std::shared_ptr<WaterfallTrace>
WaterfallTrace::analyse(const std::shared_ptr<const analysis::SpanColumns> &columns,
    const std::shared_ptr<const analysis::SpanClasses> &classes, std::uint32_t traceIndex, bool correct,
    const analysis::CallTexts &texts)
{
    auto trace = std::make_shared<WaterfallTrace>();
    trace->columns = columns;
    trace->classes = classes ? classes : std::make_shared<const analysis::SpanClasses>(*columns);
    trace->id = columns->traceIds[traceIndex];
    trace->isCorrected = correct;
    trace->spans.load(*columns, traceIndex, rowsOfTrace(*columns, traceIndex));
    trace->byRow.resize(trace->size());
    std::iota(trace->byRow.begin(), trace->byRow.end(), 0U);
    std::sort(trace->byRow.begin(), trace->byRow.end(),
        [&](std::uint32_t a, std::uint32_t b) { return trace->spans.row[a] < trace->spans.row[b]; });
    analysis::SkewCorrection skew;
    if (correct) {
        skew = analysis::correctSkew(trace->spans, *columns);
        trace->skew = skew;
    } else {
        analysis::TraceSpans copy = trace->spans;
        skew = analysis::correctSkew(copy, *columns);
    }
    trace->skewed = skew.corrected;
    analysis::criticalPath(trace->spans, *columns, *trace->classes, trace->path);
    trace->totals = analysis::timeByClass(trace->path);
    trace->onPath.assign(trace->size(), 0);
    for (const analysis::PathSegment &segment : trace->path)
        trace->onPath[segment.span] += segment.duration;
    takeGaps(*trace);
    std::vector<CallGroup> groups;
    analysis::callGroups(trace->spans, *columns, texts, {}, groups);
    chooseGroups(*trace, std::move(groups));
    nameServices(*trace);
    countBelow(*trace);
    trace->firstMark.assign(trace->size() + 1, 0);
    std::vector<TimeRange> busy;
    busy.reserve(trace->size());
    for (std::uint32_t i = 0; i < trace->size(); ++i)
        busy.push_back({trace->spans.start[i], trace->spans.endOf(i)});
    trace->axis = WaterfallAxis(std::move(busy));
    return trace;
}

Result<std::shared_ptr<const WaterfallTrace>> WaterfallTrace::load(const store::Workspace &workspace,
    const std::shared_ptr<const analysis::SpanColumns> &columns,
    const std::shared_ptr<const analysis::SpanClasses> &classes, std::uint32_t traceIndex, bool correct,
    const Progress &progress)
{
    auto reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(reader.error());
    reader->setCancel(progress.cancel);
    analysis::CallTexts texts;
    {
        analysis::TraceSpans spans;
        spans.load(*columns, traceIndex, rowsOfTrace(*columns, traceIndex));
        std::vector<std::uint32_t> rows;
        analysis::CallGrouper(*columns).textCandidates(spans, rows, kMostTexts);
        if (auto read = texts.load(*reader, *columns, rows, progress.cancel); !read)
            return tl::unexpected(read.error());
    }
    const std::shared_ptr<WaterfallTrace> trace = analyse(columns, classes, traceIndex, correct, texts);
    auto key = reader->prepare("SELECT trace_key FROM trace WHERE id = ?1");
    if (!key)
        return tl::unexpected(key.error());
    key->bind(0, std::int64_t(trace->id));
    auto row = key->step();
    if (!row)
        return tl::unexpected(row.error());
    if (*row)
        trace->key = toQString(key->text(0));
    if (auto read = readMarks(*trace, *reader); !read)
        return tl::unexpected(read.error());
    if (auto read = readLinks(*trace, *reader); !read)
        return tl::unexpected(read.error());
    return std::shared_ptr<const WaterfallTrace>(trace);
}

} // namespace tailscope::items
