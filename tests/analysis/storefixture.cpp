// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "storefixture.h"

#include <algorithm>
#include <map>
#include <utility>

namespace storefixture {

namespace {

template<typename T>
T valueOf(Result<T> result)
{
    if (!result)
        qFatal("%s", result.error().toText().c_str());
    return std::move(*result);
}

} // namespace

std::unique_ptr<store::Workspace> newWorkspace() { return valueOf(store::Workspace::temporary()); }

Source::Source(const store::Workspace &workspace, ClockKind clock)
    : m_writer(valueOf(store::BulkWriter::create(workspace, {"test.json", "test", std::nullopt}, {})))
{
    SourceInfo info;
    info.clock = clock;
    m_writer->setSource(info);
}

TrackRef Source::track(TrackRow::Shape shape, std::string_view service, std::string_view instance,
    std::string_view thread)
{
    TrackRow row;
    row.shape = shape;
    row.service = service;
    row.instance = instance;
    row.thread = thread;
    return m_writer->track(row);
}

SpanRef Source::span(TrackRef track, std::string_view operation, Nanos start, Nanos duration,
    std::uint32_t quality)
{
    SpanRow row;
    row.track = track;
    row.operation = operation;
    row.startNs = start;
    row.durationNs = duration;
    row.quality = quality;
    return m_writer->span(row);
}

SpanRef Source::linked(TrackRef track, std::string_view trace, std::uint64_t key, std::uint64_t parent,
    std::string_view operation, Nanos start, Nanos duration, SpanKind kind, SpanStatus status,
    AttributeList attributes)
{
    SpanRow row;
    row.track = track;
    if (!trace.empty())
        row.trace = m_writer->trace(trace);
    if (key != 0)
        row.key = {SpanKey::Kind::Hex64, key, {}};
    if (parent != 0)
        row.parentKey = {SpanKey::Kind::Hex64, parent, {}};
    row.operation = operation;
    row.startNs = start;
    row.durationNs = duration;
    row.kind = kind;
    row.status = status;
    row.attributes = attributes;
    return m_writer->span(row);
}

std::int64_t Source::finish()
{
    const std::int64_t id = m_writer->sourceId();
    const Result<void> done = m_writer->finish({});
    if (!done)
        qFatal("%s", done.error().toText().c_str());
    return id;
}

std::vector<Row> allRows(const store::Workspace &workspace)
{
    std::vector<Row> rows;
    auto database = workspace.connectReader();
    auto statement
        = database->prepare("SELECT id, parent_id, track_id, depth, lane, start_ns, duration_ns, self_ns"
                            " FROM span ORDER BY id");
    while (*statement->step()) {
        Row row;
        row.id = statement->integer(0);
        row.parent = statement->integer(1);
        row.track = statement->integer(2);
        row.depth = statement->integer(3);
        row.lane = statement->integer(4);
        row.start = statement->integer(5);
        row.duration = statement->integer(6);
        row.self = statement->integer(7);
        rows.push_back(row);
    }
    return rows;
}

void checkLanesDoNotOverlap(const std::vector<Row> &rows)
{
    std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::pair<Nanos, Nanos>>> lanes;
    for (const Row &row : rows)
        lanes[{row.track, row.lane}].push_back({row.start, row.start + row.duration});
    for (auto &[key, spans] : lanes) {
        std::sort(spans.begin(), spans.end());
        for (std::size_t i = 1; i < spans.size(); ++i)
            QVERIFY(spans[i].first >= spans[i - 1].second);
    }
}

void checkDepths(const std::vector<Row> &rows)
{
    std::map<std::int64_t, const Row *> byId;
    for (const Row &row : rows)
        byId[row.id] = &row;
    for (const Row &row : rows) {
        if (row.parent == 0) {
            QCOMPARE(row.depth, 0);
            continue;
        }
        QVERIFY(byId.contains(row.parent));
        QCOMPARE(row.depth, byId[row.parent]->depth + 1);
    }
}

std::string query(const store::Workspace &workspace, std::string_view sql)
{
    store::Database database = valueOf(workspace.connectReader());
    Result<store::Statement> statement = database.prepare(sql);
    if (!statement)
        return statement.error().toText();
    std::string out;
    for (;;) {
        const Result<bool> row = statement->step();
        if (!row)
            return row.error().toText();
        if (!*row)
            return out;
        if (!out.empty())
            out += "; ";
        for (int column = 0; column < statement->columnCount(); ++column) {
            if (column > 0)
                out += ' ';
            out += statement->isNull(column) ? std::string("-") : std::string(statement->text(column));
        }
    }
}

} // namespace storefixture
