// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "storefixture.h"

#include <cstdlib>

namespace storefixture {

namespace {

template <typename T>
T valueOf(Result<T> result)
{
    if (!result)
        qFatal("%s", result.error().toText().c_str());
    return std::move(*result);
}

} // namespace

std::unique_ptr<store::Workspace> newWorkspace()
{
    return valueOf(store::Workspace::temporary());
}

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

SpanRef Source::span(TrackRef track, std::string_view operation, Nanos start, Nanos duration, std::uint32_t quality)
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
