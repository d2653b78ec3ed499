// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/calcstore.h"

#include "analysis/spanbindings.h"

#include <algorithm>
#include <string>

namespace tailscope::analysis {

namespace {

constexpr std::int64_t kIdsPerDelete = 100'000;

} // namespace

Result<void> CalcStore::inTransaction(const std::function<Result<void>()> &work)
{
    TS_TRY(m_writer.begin());
    const Result<void> done = work();
    if (!done) {
        m_writer.rollback();
        return done;
    }
    return m_writer.commit();
}

Result<void> CalcStore::runInPieces(const char *sql, const RunMap &rows)
{
    Result<store::Statement> statement = m_writer.prepare(sql);
    if (!statement)
        return tl::unexpected(std::move(statement.error()));
    for (const IdRun &run : rows.runs()) {
        for (std::int64_t at = 0; at < run.count; at += kIdsPerDelete) {
            if (m_progress.isCancelled())
                return fail(ErrorCode::Cancelled, m_writer.path().string(), "cancelled while deriving spans");
            TS_TRY(inTransaction([&] {
                statement->bind(0, run.first + at);
                statement->bind(1, run.first + std::min(run.count, at + kIdsPerDelete) - 1);
                return statement->run();
            }));
        }
    }
    return {};
}

Result<void> CalcStore::clear()
{
    // The first pass finds nothing and does not touch the large table.
    if (m_source.spans.size() > 0) {
        const IdRun &last = m_source.spans.runs().back();
        Result<store::Statement> any
            = m_writer.prepare("SELECT 1 FROM span_calc WHERE id BETWEEN ? AND ? LIMIT 1");
        if (!any)
            return tl::unexpected(std::move(any.error()));
        any->bind(0, m_source.spans.runs().front().first);
        any->bind(1, last.first + last.count - 1);
        const Result<bool> found = any->step();
        if (!found)
            return tl::unexpected(found.error());
        any->reset();
        if (*found)
            TS_TRY(runInPieces("DELETE FROM span_calc WHERE id BETWEEN ? AND ?", m_source.spans));
    }
    TS_TRY(runInPieces("DELETE FROM trace_calc WHERE id BETWEEN ? AND ?", m_source.traces));
    TS_TRY(runInPieces("UPDATE span_event_raw SET span_id = NULL WHERE id BETWEEN ? AND ?"
                       " AND track_id IS NOT NULL AND span_id IS NOT NULL",
        m_source.instants));
    if (m_source.flows.size() == 0)
        return {};
    Result<store::Statement> links
        = m_writer.prepare("DELETE FROM span_link_raw WHERE derived = 1 AND source_id = ?");
    if (!links)
        return tl::unexpected(std::move(links.error()));
    return inTransaction([&] {
        links->bind(0, m_source.id);
        return links->run();
    });
}

Result<void> CalcStore::writeSpans(CalcResults &results)
{
    Result<store::Statement> insert
        = m_writer.prepare("INSERT INTO span_calc (id, parent_id, depth, self_ns, gap_ns, quality, lane)"
                           " VALUES (?, ?, ?, ?, ?, ?, ?)");
    if (!insert)
        return tl::unexpected(std::move(insert.error()));
    std::vector<CalcRecord> rows;
    for (;;) {
        const Result<bool> more = results.next(rows);
        if (!more)
            return tl::unexpected(more.error());
        if (!*more)
            return {};
        if (m_progress.isCancelled())
            return fail(ErrorCode::Cancelled, m_writer.path().string(), "cancelled while deriving spans");
        TS_TRY(inTransaction([&] { return insertRows(*insert, rows); }));
        m_progress.update({"deriving spans", std::uint64_t(m_stats.spans),
            std::uint64_t(m_source.spans.size()), std::uint64_t(m_stats.spans)});
    }
}

Result<void> CalcStore::insertRows(store::Statement &insert, const std::vector<CalcRecord> &rows)
{
    for (const CalcRecord &row : rows) {
        if (row.ordinal != kNoOrdinal)
            TS_TRY(insertRow(insert, row));
    }
    return {};
}

Result<void> CalcStore::insertRow(store::Statement &insert, const CalcRecord &row)
{
    ++m_stats.spans;
    insert.bind(0, m_source.spans.idOf(row.ordinal));
    if (row.parent == kNoOrdinal) {
        ++m_stats.roots;
        insert.bindNull(1);
    } else {
        insert.bind(1, m_source.spans.idOf(row.parent));
    }
    insert.bind(2, std::int64_t(row.depth));
    insert.bindNanos(3, row.self);
    insert.bindNanos(4, row.gap);
    insert.bind(5, std::int64_t(row.quality));
    insert.bind(6, std::int64_t(row.lane));
    return insert.run();
}

Result<std::int64_t> CalcStore::writeBindings(std::vector<BindingRecord> instants,
    const std::vector<BindingRecord> &flows)
{
    TS_TRY(writeInstants(m_writer, m_source, std::move(instants), m_progress));
    const Result<std::int64_t> links = writeFlowLinks(m_writer, m_source, flows, m_progress);
    if (!links)
        return links;
    // The view span shows new figures: what was computed from the old ones is stale.
    TS_TRY(inTransaction([&] {
        return m_writer.execute("INSERT INTO generation (table_family, n) VALUES ('span', 1)"
                                " ON CONFLICT (table_family) DO UPDATE SET n = n + 1");
    }));
    return links;
}

} // namespace tailscope::analysis
