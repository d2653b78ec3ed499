// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/linkresolver.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tailscope::analysis {

namespace {

constexpr std::size_t kUpdatesPerTransaction = 20'000;

// A span key as the tables hold it: a number, or a text (then the number is 0).
struct Key
{
    bool isText = false;
    std::int64_t number = 0;
    std::string text;
    friend auto operator<=>(const Key &, const Key &) = default;
};

Key keyOf(const store::Statement &row, int column)
{
    if (row.type(column) == store::ColumnType::Text)
        return {true, 0, std::string(row.text(column))};
    return {false, row.integer(column), {}};
}

class LinkResolver
{
public:
    LinkResolver(store::Database &reader, store::Database &writer, const Progress &progress)
        : m_reader(reader)
        , m_writer(writer)
        , m_progress(progress)
    {}

    Result<std::int64_t> run(std::int64_t sourceId)
    {
        TS_TRY(prepare());
        Result<store::Statement> links
            = m_reader.prepare("SELECT id, linked_trace_key, linked_span_key FROM span_link_raw WHERE "
                               "source_id = ? AND derived = 0"
                               " AND linked_trace_key IS NOT NULL AND linked_span_key IS NOT NULL ORDER BY "
                               "linked_trace_key, id");
        if (!links)
            return tl::unexpected(std::move(links.error()));
        links->bind(0, sourceId);
        for (;;) {
            const Result<bool> row = links->step();
            if (!row)
                return tl::unexpected(row.error());
            const bool isText = *row && links->type(1) == store::ColumnType::Text;
            const std::string_view trace = !*row ? std::string_view()
                : isText                         ? links->text(1)
                                                 : links->blob(1);
            if (!m_wanted.empty() && (!*row || isText != m_traceIsText || trace != m_trace)) {
                TS_TRY(lookUp());
                m_wanted.clear();
            }
            if (!*row)
                break;
            if (m_progress.isCancelled())
                return fail(ErrorCode::Cancelled, m_writer.path().string(),
                    "cancelled while looking up links");
            m_trace = std::string(trace);
            m_traceIsText = isText;
            m_wanted[keyOf(*links, 2)].push_back(links->integer(0));
        }
        TS_TRY(write());
        return m_found;
    }

private:
    Result<void> prepare()
    {
        for (const auto &[sql, target] :
            {std::pair("SELECT id FROM trace_raw WHERE trace_key = ? ORDER BY id", &m_traces),
                {"SELECT span_key, id FROM span_raw WHERE trace_id = ? AND span_key IS NOT NULL ORDER BY id",
                    &m_spans}}) {
            Result<store::Statement> statement = m_reader.prepare(sql);
            if (!statement)
                return tl::unexpected(std::move(statement.error()));
            *target = std::move(*statement);
        }
        return {};
    }

    // The links into one trace, which may lie in several sources.
    Result<void> lookUp()
    {
        std::vector<std::int64_t> traces;
        if (m_traceIsText)
            m_traces.bind(0, std::string_view(m_trace));
        else
            m_traces.bindBlob(0, m_trace.data(), m_trace.size());
        for (;;) {
            const Result<bool> row = m_traces.step();
            if (!row)
                return tl::unexpected(row.error());
            if (!*row)
                break;
            traces.push_back(m_traces.integer(0));
        }
        m_traces.reset();
        for (const std::int64_t trace : traces) {
            m_spans.bind(0, trace);
            for (;;) {
                const Result<bool> row = m_spans.step();
                if (!row)
                    return tl::unexpected(row.error());
                if (!*row || m_wanted.empty())
                    break;
                const auto wanted = m_wanted.find(keyOf(m_spans, 0));
                if (wanted == m_wanted.end())
                    continue;
                for (const std::int64_t link : wanted->second)
                    m_updates.push_back({link, m_spans.integer(1)});
                m_wanted.erase(wanted);
            }
            m_spans.reset();
        }
        return m_updates.size() >= kUpdatesPerTransaction ? write() : Result<void>();
    }

    Result<void> write()
    {
        if (m_updates.empty())
            return {};
        Result<store::Statement> update
            = m_writer.prepare("UPDATE span_link_raw SET linked_span_id = ? WHERE id = ?");
        if (!update)
            return tl::unexpected(std::move(update.error()));
        TS_TRY(m_writer.begin());
        for (const auto &[link, span] : m_updates) {
            update->bind(0, span);
            update->bind(1, link);
            const Result<void> done = update->run();
            if (!done) {
                m_writer.rollback();
                return done;
            }
        }
        m_found += std::int64_t(m_updates.size());
        m_updates.clear();
        return m_writer.commit();
    }

    store::Database &m_reader, &m_writer;
    const Progress &m_progress;
    store::Statement m_traces, m_spans;
    std::string m_trace;
    bool m_traceIsText = false;
    std::map<Key, std::vector<std::int64_t>> m_wanted; // links by span key, of the trace at work
    std::vector<std::pair<std::int64_t, std::int64_t>> m_updates; // link, span
    std::int64_t m_found = 0;
};

} // namespace

Result<std::int64_t> resolveLinks(const store::Workspace &workspace, std::int64_t sourceId,
    const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    Result<store::Database> writer = workspace.connectWriter();
    if (!writer)
        return tl::unexpected(std::move(writer.error()));
    reader->setCancel(progress.cancel);
    return LinkResolver(*reader, *writer, progress).run(sourceId);
}

} // namespace tailscope::analysis
