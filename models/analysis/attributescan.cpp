// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// AttributeColumns from a workspace.
#include "analysis/analysisrun.h"
#include "analysis/attributecolumns.h"
#include "analysis/spanscan.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace tailscope::analysis {

namespace {

std::string numberText(double value)
{
    if (std::abs(value) < 1e15 && value == std::floor(value))
        return std::to_string(std::int64_t(value));
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.15g", value);
    return buffer;
}

class AttributeScan
{
public:
    AttributeScan(store::Database &database, const SpanColumns &columns, const Progress &progress,
        const SpanBitmap *only)
        : m_database(database)
        , m_columns(columns)
        , m_progress(progress)
        , m_only(only)
        , m_builder(columns.size())
    {}

    Result<void> run()
    {
        Result<std::vector<ScanSource>> sources = visibleSources(m_database);
        if (!sources)
            return tl::unexpected(std::move(sources.error()));
        Result<std::vector<IdRun>> runs = idRuns(m_database, *sources, store::Family::Span);
        if (!runs)
            return tl::unexpected(std::move(runs.error()));
        TS_TRY(prepare());
        const std::int64_t total = rowsOf(*runs);
        for (const IdRun &run : *runs) {
            // Snapshots are given up between chunks, so that a writer's log can be folded back.
            for (std::int64_t at = 0; at < run.count; at += SpanScan::kChunk)
                TS_TRY(chunk(run.first + at, std::min(run.count - at, SpanScan::kChunk), total));
        }
        return {};
    }

    AttributeBuilder &builder() { return m_builder; }

private:
    Result<void> prepare()
    {
        const auto compile = [this](store::Statement &statement, std::string_view sql) -> Result<void> {
            Result<store::Statement> made = m_database.prepare(sql);
            if (!made)
                return tl::unexpected(std::move(made.error()));
            statement = std::move(*made);
            return {};
        };
        TS_TRY(compile(m_spans,
            "SELECT id, resource_set, scope_set, attribute_set, attributes FROM span_raw WHERE id BETWEEN ? "
            "AND "
            "?"));
        TS_TRY(compile(m_items,
            "SELECT key_id, type, value FROM attribute_set_item WHERE set_id = ? ORDER BY position"));
        return compile(m_string, "SELECT text FROM string WHERE id = ?");
    }

    Result<void> chunk(std::int64_t first, std::int64_t count, std::int64_t total)
    {
        m_spans.bind(0, first);
        m_spans.bind(1, first + count - 1);
        for (;;) {
            const Result<bool> step = m_spans.step();
            if (!step)
                return tl::unexpected(step.error());
            if (!*step)
                break;
            TS_TRY(takeSpan());
            if (++m_done % 65536 == 0) {
                m_progress.update({"reading attributes", std::uint64_t(m_done), std::uint64_t(total), 0});
                if (m_progress.isCancelled())
                    return fail(ErrorCode::Cancelled, "attributes", "cancelled while reading attributes");
            }
        }
        m_spans.reset();
        return {};
    }

    Result<void> takeSpan()
    {
        const std::uint32_t row = m_columns.rowOfId(m_spans.integer(0));
        if (row == kNoRow || (m_only && !m_only->test(row)))
            return {};
        const std::array<std::int64_t, 3> sets{m_spans.integer(1), m_spans.integer(2), m_spans.integer(3)};
        if (sets != m_lastSets) {
            TS_TRY(findList(sets));
            m_lastSets = sets;
        }
        m_builder.setList(row, m_lastList);
        if (m_spans.isNull(4))
            return {};
        m_codes.clear();
        JsonMembers members(m_spans.text(4));
        std::string_view key, value;
        while (members.next(key, value))
            m_codes.push_back(m_builder.code(2, key, value));
        m_builder.setOwn(row, m_codes);
        return {};
    }

    Result<void> findList(const std::array<std::int64_t, 3> &sets)
    {
        const auto known = m_lists.find(sets);
        if (known != m_lists.end()) {
            m_lastList = known->second;
            return {};
        }
        std::array<std::uint32_t, 3> parts{};
        for (std::size_t scope = 0; scope < 3; ++scope) {
            const Result<std::uint32_t> part = listOfSet(std::uint8_t(scope), sets[scope]);
            if (!part)
                return tl::unexpected(part.error());
            parts[scope] = *part;
        }
        m_lastList = m_builder.joined(parts);
        m_lists.emplace(sets, m_lastList);
        return {};
    }

    Result<std::uint32_t> listOfSet(std::uint8_t scope, std::int64_t set)
    {
        if (set == 0)
            return 0u;
        const auto known = m_sets[scope].find(set);
        if (known != m_sets[scope].end())
            return known->second;
        std::vector<std::uint32_t> codes;
        m_items.bind(0, set);
        for (;;) {
            const Result<bool> step = m_items.step();
            if (!step)
                return tl::unexpected(step.error());
            if (!*step)
                break;
            const Result<std::string> key = textOf(0);
            const Result<std::string> value = key ? valueOf() : key;
            if (!value)
                return tl::unexpected(value.error());
            codes.push_back(m_builder.code(scope, *key, *value));
        }
        m_items.reset();
        const std::uint32_t list = m_builder.list(codes);
        m_sets[scope].emplace(set, list);
        return list;
    }

    /// A column of m_items that holds a text or the id of one.
    Result<std::string> textOf(int column)
    {
        if (m_items.type(column) != store::ColumnType::Integer)
            return std::string(m_items.text(column));
        const std::int64_t id = m_items.integer(column);
        const auto known = m_strings.find(id);
        if (known != m_strings.end())
            return known->second;
        m_string.bind(0, id);
        const Result<bool> step = m_string.step();
        if (!step)
            return tl::unexpected(step.error());
        std::string text = *step ? std::string(m_string.text(0)) : std::string();
        m_string.reset();
        m_strings.emplace(id, text);
        return text;
    }

    Result<std::string> valueOf()
    {
        const auto type = AttributeType(std::clamp<std::int64_t>(m_items.integer(1), 0, 5));
        if (type == AttributeType::Text)
            return textOf(2);
        if (type == AttributeType::Boolean)
            return std::string(m_items.integer(2) != 0 ? "true" : "false");
        if (m_items.type(2) == store::ColumnType::Real)
            return numberText(m_items.real(2));
        if (m_items.type(2) == store::ColumnType::Integer)
            return std::to_string(m_items.integer(2));
        return std::string(m_items.isNull(2) ? "null" : m_items.text(2));
    }

    store::Database &m_database;
    const SpanColumns &m_columns;
    const Progress &m_progress;
    const SpanBitmap *m_only;
    AttributeBuilder m_builder;
    store::Statement m_spans, m_items, m_string;
    std::array<std::unordered_map<std::int64_t, std::uint32_t>, 3> m_sets;
    std::map<std::array<std::int64_t, 3>, std::uint32_t> m_lists;
    std::array<std::int64_t, 3> m_lastSets{};
    std::uint32_t m_lastList = 0;
    std::unordered_map<std::int64_t, std::string> m_strings;
    std::vector<std::uint32_t> m_codes;
    std::int64_t m_done = 0;
};

} // namespace

Result<std::shared_ptr<const AttributeColumns>> AttributeColumns::build(const store::Workspace &workspace,
    const SpanColumns &columns, const Progress &progress, const SpanBitmap *only)
{
    const Stopwatch watch;
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    reader->setCancel(progress.cancel);
    AttributeScan scan(*reader, columns, progress, only);
    TS_TRY(scan.run());
    return scan.builder().finish(columns.generation, watch.seconds());
}

} // namespace tailscope::analysis
