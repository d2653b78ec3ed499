// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/attributecolumn.h"

#include "base/text.h"

#include <algorithm>
#include <unordered_map>

namespace tailscope::analysis {

namespace {

constexpr std::size_t kMaxText = 200;
constexpr std::int64_t kRowsPerSnapshot = 250'000;

class ColumnLoader
{
public:
    ColumnLoader(store::Database &reader, const SpanColumns &columns, const std::string &key)
        : m_reader(reader)
        , m_columns(columns)
        , m_column(std::make_shared<AttributeColumn>())
    {
        m_column->key = key;
        m_column->values.emplace_back();
        m_column->ofRow.assign(columns.size(), 0);
    }

    Result<void> readSets()
    {
        Result<store::Statement> items = m_reader.prepare(
            "SELECT i.set_id, CASE WHEN i.type = 1 AND typeof(i.value) = 'integer'"
            " THEN (SELECT text FROM string WHERE id = i.value) ELSE i.value END FROM attribute_set_item AS i"
            " WHERE i.key_id = ?1 OR i.key_id IN (SELECT id FROM string WHERE text = ?1)");
        if (!items)
            return tl::unexpected(std::move(items.error()));
        items->bind(0, std::string_view(m_column->key));
        for (;;) {
            const Result<bool> row = items->step();
            if (!row)
                return tl::unexpected(row.error());
            if (!*row)
                return {};
            m_ofSet[items->integer(0)] = indexOf(items->text(1));
        }
    }

    Result<void> readSpans(const Progress &progress)
    {
        Result<store::Statement> rows = m_reader.prepare(
            "SELECT id, attribute_set, scope_set, resource_set,"
            " CASE WHEN instr(attributes, ?3) > 0 AND json_valid(attributes)"
            " THEN (SELECT j.value FROM json_each(attributes) AS j WHERE j.key = ?4 LIMIT 1) END"
            " FROM span_raw WHERE id > ?1 ORDER BY id LIMIT ?2");
        if (!rows)
            return tl::unexpected(std::move(rows.error()));
        const std::string quoted = jsonQuoted(m_column->key);
        std::int64_t last = 0;
        for (bool more = true; more;) {
            if (progress.isCancelled())
                return fail(ErrorCode::Cancelled, m_column->key, "cancelled");
            rows->bind(0, last);
            rows->bind(1, kRowsPerSnapshot);
            rows->bind(2, std::string_view(quoted));
            rows->bind(3, std::string_view(m_column->key));
            more = false;
            for (;;) {
                const Result<bool> row = rows->step();
                if (!row)
                    return tl::unexpected(row.error());
                if (!*row)
                    break;
                more = true;
                last = rows->integer(0);
                take(*rows);
            }
            rows->reset(); // gives the snapshot up, so that a writer's log can be folded back
        }
        return {};
    }

    std::shared_ptr<const AttributeColumn> finish() { return m_column; }

private:
    void take(const store::Statement &span)
    {
        const std::uint32_t row = m_columns.rowOfId(span.integer(0));
        if (row == kNoRow)
            return;
        std::uint32_t &value = m_column->ofRow[row];
        if (!span.isNull(4)) {
            value = indexOf(span.text(4));
            return;
        }
        for (const int column : {1, 2, 3}) {
            if (span.isNull(column))
                continue;
            if (const auto known = m_ofSet.find(span.integer(column)); known != m_ofSet.end()) {
                value = known->second;
                return;
            }
        }
    }

    std::uint32_t indexOf(std::string_view text)
    {
        const std::string kept(utf8Prefix(text, kMaxText));
        if (const auto known = m_index.find(kept); known != m_index.end())
            return known->second;
        if (m_column->values.size() > kMaxAttributeValues) {
            if (!m_column->isCut) {
                m_column->isCut = true;
                m_column->values.push_back("other values");
            }
            return std::uint32_t(m_column->values.size() - 1);
        }
        m_index.emplace(kept, std::uint32_t(m_column->values.size()));
        m_column->values.push_back(kept);
        return std::uint32_t(m_column->values.size() - 1);
    }

    store::Database &m_reader;
    const SpanColumns &m_columns;
    std::shared_ptr<AttributeColumn> m_column;
    std::unordered_map<std::string, std::uint32_t> m_index;
    std::unordered_map<std::int64_t, std::uint32_t> m_ofSet;
};

} // namespace

Result<std::shared_ptr<const AttributeColumn>> loadAttributeColumn(const store::Workspace &workspace,
    const SpanColumns &columns, const std::string &key, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    reader->setCancel(progress.cancel);
    ColumnLoader loader(*reader, columns, key);
    TS_TRY(loader.readSets());
    TS_TRY(loader.readSpans(progress));
    return loader.finish();
}

Result<std::vector<std::string>> attributeKeys(const store::Workspace &workspace, const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    reader->setCancel(progress.cancel);
    Result<store::Statement> rows = reader->prepare(
        "SELECT text FROM string WHERE id IN (SELECT DISTINCT key_id FROM attribute_set_item"
        " WHERE typeof(key_id) = 'integer') ORDER BY text LIMIT 2000");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    std::vector<std::string> keys;
    for (;;) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return keys;
        keys.emplace_back(rows->text(0));
    }
}

} // namespace tailscope::analysis
