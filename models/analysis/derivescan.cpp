// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/derivescan.h"

#include "analysis/rowscan.h"
#include "base/text.h"

namespace tailscope::analysis {

namespace {

tl::unexpected<Error> cancelled(const store::Database &database)
{
    return fail(ErrorCode::Cancelled, database.path().string(), "cancelled while deriving spans",
        "Derive the source again when there is time.");
}

// A key of 16 hex digits is an integer; any other text is known by its hash. Returns whether there is a key.
bool readKey(const store::Statement &row, int column, std::uint64_t &key, bool &isText)
{
    switch (row.type(column)) {
    case store::ColumnType::Integer:
        key = std::uint64_t(row.integer(column));
        return true;
    case store::ColumnType::Text:
        key = hash64(row.text(column));
        isText = true;
        return true;
    default:
        return false;
    }
}

// A time as it is used here: unknown is never mistaken for one.
Nanos timeOf(const store::Statement &row, int column)
{
    return std::max(row.integer(column), kUnknownNanos + 1);
}

} // namespace

DeriveScan::DeriveScan(const store::Workspace &workspace, const DeriveSource &source, std::size_t groups,
    std::size_t memoryBudget)
    : m_workspace(workspace)
    , m_source(source)
    , m_groups(std::max<std::size_t>(1, groups))
    , m_operations(2)
{
    const std::filesystem::path folder = workspace.path().parent_path();
    std::vector<std::vector<IdRun>> parts = splitRuns(source.spans.runs(), SpanScan::kChunk);
    const std::size_t budget = memoryBudget / (2 * parts.size());
    for (std::vector<IdRun> &chunks : parts) {
        Part part;
        part.chunks = std::move(chunks);
        part.links = std::make_unique<LinkBuckets>(folder, groupCount(), budget);
        part.stream = std::make_unique<StreamBuckets>(folder, source.sliceCount(), budget);
        part.index = int(m_parts.size());
        part.perTrack.resize(source.shapes.size(), 0);
        part.perBucket.resize(std::size_t(source.spans.size() / kBucket + 1), 0);
        m_parts.push_back(std::move(part));
    }
    m_instants = std::make_unique<StreamBuckets>(folder, source.sliceCount(), budget / 4);
}

Result<void> DeriveScan::run(const Progress &progress)
{
    std::vector<Result<void>> results(m_parts.size());
    runParts(int(m_parts.size()), [&](int part) {
        Progress own = progress;
        if (std::size_t(part) + 1 < m_parts.size())
            own.report = nullptr;
        results[std::size_t(part)] = readSpans(part, own);
    });
    for (Result<void> &result : results)
        TS_TRY(std::move(result));
    TS_TRY(readInstants(progress));
    return readFlows(progress);
}

Result<void> DeriveScan::readSpans(int index, const Progress &progress)
{
    Part &part = m_parts[std::size_t(index)];
    Result<store::Database> database = m_workspace.connectReader();
    if (!database)
        return tl::unexpected(std::move(database.error()));
    database->setCancel(progress.cancel);
    Result<store::Statement> rows
        = database->prepare("SELECT id, track_id, trace_id, span_key, parent_key, operation_id, kind, status,"
                            " start_ns, duration_ns FROM span_raw WHERE id BETWEEN ? AND ? ORDER BY id");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    // Read apart, and only where it matters: the column lies behind the attributes.
    Result<store::Statement> quality = database->prepare("SELECT quality FROM span_raw WHERE id = ?");
    if (!quality)
        return tl::unexpected(std::move(quality.error()));
    for (const IdRun &chunk : part.chunks) {
        if (progress.isCancelled())
            return cancelled(*database);
        rows->bind(0, chunk.first);
        rows->bind(1, chunk.first + chunk.count - 1);
        for (;;) {
            const Result<bool> row = rows->step();
            if (!row)
                return tl::unexpected(row.error());
            if (!*row)
                break;
            TS_TRY(readSpan(*rows, *quality, part));
        }
        rows->reset();
        TS_TRY(part.links->status());
        TS_TRY(part.stream->status());
        const std::int64_t done = m_done += chunk.count;
        progress.update({"reading spans", std::uint64_t(done), std::uint64_t(m_source.spans.size()), 0});
    }
    return {};
}

Result<void> DeriveScan::readSpan(store::Statement &row, store::Statement &quality, Part &part)
{
    LinkRecord span;
    const std::int64_t id = row.integer(0);
    span.ordinal = m_source.spans.ordinalOf(id);
    span.track = m_source.trackOf(row.integer(1));
    span.trace = row.isNull(2) ? kNoOrdinal : m_source.traces.ordinalOf(row.integer(2));
    bool keyIsText = false, parentIsText = false;
    if (readKey(row, 3, span.key, keyIsText))
        span.flags |= LinkRecord::HasKey | (keyIsText ? LinkRecord::KeyIsText : 0);
    if (readKey(row, 4, span.parentKey, parentIsText))
        span.flags |= LinkRecord::HasParent | (parentIsText ? LinkRecord::ParentIsText : 0);
    span.operation = row.type(5) == store::ColumnType::Integer
        ? m_operations.markId(part.index, row.integer(5))
        : m_operations.markText(part.index, row.text(5));
    const std::int64_t kind = row.integer(6);
    span.kind = std::uint8_t(kind < 0 || kind > std::int64_t(SpanKind::Async) ? 0 : kind);
    if (row.integer(7) == std::int64_t(SpanStatus::Error))
        span.flags |= LinkRecord::IsError;
    span.start = timeOf(row, 8);
    const std::int64_t duration = row.integer(9);
    if (duration > 0 || (duration == 0 && !row.isNull(9))) {
        span.duration = duration;
    } else {
        quality.bind(0, id);
        const Result<bool> found = quality.step();
        if (!found)
            return tl::unexpected(found.error());
        if (*found && (quality.integer(0) & SpanUnfinished) != 0)
            span.flags |= LinkRecord::Unfinished;
        quality.reset();
    }
    ++part.perBucket[span.ordinal / kBucket];
    ++part.perTrack[span.track];
    part.first = std::min(part.first, span.start);
    // A range is half open: the last instant lies inside too.
    part.last = std::max(part.last, saturatingAdd(span.start, std::max<Nanos>(1, span.duration)));

    const bool nests = m_source.shapes[span.track] == TrackRow::Shape::Nested;
    const bool hasKeys = (span.flags & (LinkRecord::HasKey | LinkRecord::HasParent)) != 0;
    if (nests)
        span.flags |= LinkRecord::NestsByTime;
    if (span.trace != kNoOrdinal || (hasKeys && !nests)) {
        part.links->add(span.trace == kNoOrdinal ? m_groups : span.trace % m_groups, span);
        return {};
    }
    StreamRecord out;
    out.start = span.start;
    out.duration = span.duration;
    out.ordinal = span.ordinal;
    out.track = span.track;
    out.operation = span.operation;
    out.kind = span.kind;
    out.unfinished = (span.flags & LinkRecord::Unfinished) != 0;
    if (!nests) { // nobody knows it and it knows nobody
        out.type = StreamRecord::Type::Placed;
        out.self = span.duration;
        out.gap = out.isKnown() ? 0 : kUnknownNanos;
    }
    part.stream->add(m_source.sliceOf(out.start), out);
    return {};
}

Result<void> DeriveScan::readInstants(const Progress &progress)
{
    if (m_source.instants.size() == 0)
        return {};
    Result<store::Database> database = m_workspace.connectReader();
    if (!database)
        return tl::unexpected(std::move(database.error()));
    Result<store::Statement> rows
        = database->prepare("SELECT id, track_id, ts_ns FROM span_event_raw WHERE id BETWEEN ? AND ?"
                            " AND track_id IS NOT NULL ORDER BY id");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    database->setCancel(progress.cancel);
    for (const IdRun &run : m_source.instants.runs()) {
        rows->bind(0, run.first);
        rows->bind(1, run.first + run.count - 1);
        for (;;) {
            const Result<bool> row = rows->step();
            if (!row)
                return tl::unexpected(row.error());
            if (!*row)
                break;
            StreamRecord out;
            out.type = StreamRecord::Type::Instant;
            out.track = m_source.trackOf(rows->integer(1));
            if (m_source.shapes[out.track] != TrackRow::Shape::Nested)
                continue; // no span of such a track encloses anything by time
            out.start = timeOf(*rows, 2);
            out.ordinal = m_source.instants.ordinalOf(rows->integer(0));
            m_instants->add(m_source.sliceOf(out.start), out);
        }
        rows->reset();
    }
    return m_instants->status();
}

Result<void> DeriveScan::readFlows(const Progress &progress)
{
    if (m_source.flows.size() == 0)
        return {};
    Result<store::Database> database = m_workspace.connectReader();
    if (!database)
        return tl::unexpected(std::move(database.error()));
    Result<store::Statement> rows = database->prepare("SELECT id, track_id, ts_ns, bind_enclosing, span_id "
                                                      "FROM flow_raw WHERE id BETWEEN ? AND ? ORDER BY id");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    database->setCancel(progress.cancel);
    for (const IdRun &run : m_source.flows.runs()) {
        rows->bind(0, run.first);
        rows->bind(1, run.first + run.count - 1);
        for (;;) {
            const Result<bool> row = rows->step();
            if (!row)
                return tl::unexpected(row.error());
            if (!*row)
                break;
            const std::uint32_t ordinal = m_source.flows.ordinalOf(rows->integer(0));
            if (!rows->isNull(4)) {
                const std::uint32_t span = m_source.spans.ordinalOf(rows->integer(4));
                if (span != kNoOrdinal)
                    m_boundFlows.push_back({ordinal, span});
                continue;
            }
            StreamRecord out;
            out.type
                = rows->integer(3) != 0 ? StreamRecord::Type::FlowEnclosing : StreamRecord::Type::FlowNext;
            out.track = m_source.trackOf(rows->integer(1));
            out.start = timeOf(*rows, 2);
            out.ordinal = ordinal;
            m_instants->add(m_source.sliceOf(out.start), out);
        }
        rows->reset();
    }
    return m_instants->status();
}

Result<void> DeriveScan::takeGroup(std::size_t group, std::vector<LinkRecord> &out)
{
    out.reserve(out.size() + sizeOfGroup(group));
    for (Part &part : m_parts)
        TS_TRY(part.links->take(group, out));
    return {};
}

std::size_t DeriveScan::sizeOfGroup(std::size_t group) const
{
    std::size_t size = 0;
    for (const Part &part : m_parts)
        size += part.links->count(group);
    return size;
}

Result<void> DeriveScan::takeSlice(std::size_t slice, std::vector<StreamRecord> &out)
{
    std::size_t size = m_instants->count(slice);
    for (const Part &part : m_parts)
        size += part.stream->count(slice);
    out.reserve(out.size() + size);
    for (Part &part : m_parts)
        TS_TRY(part.stream->take(slice, out));
    return m_instants->take(slice, out);
}

TimeRange DeriveScan::range() const
{
    TimeRange range{std::numeric_limits<Nanos>::max(), std::numeric_limits<Nanos>::min()};
    for (const Part &part : m_parts)
        range = {std::min(range.begin, part.first), std::max(range.end, part.last)};
    return range.isEmpty() ? TimeRange() : range;
}

std::vector<std::uint32_t> DeriveScan::spansPerTrack() const
{
    std::vector<std::uint32_t> sum(m_source.shapes.size(), 0);
    for (const Part &part : m_parts) {
        for (std::size_t i = 0; i < sum.size(); ++i)
            sum[i] += part.perTrack[i];
    }
    return sum;
}

std::vector<std::uint32_t> DeriveScan::spansPerBucket() const
{
    std::vector<std::uint32_t> sum;
    for (const Part &part : m_parts) {
        sum.resize(part.perBucket.size(), 0);
        for (std::size_t i = 0; i < sum.size(); ++i)
            sum[i] += part.perBucket[i];
    }
    return sum;
}

} // namespace tailscope::analysis
