// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pgstatstatements/pgstatstatements.h"

#include "base/text.h"
#include "import/pgstatstatements/statementreader.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "pg-stat-statements",
    "pg_stat_statements (CSV, JSON)",
    "*.csv *.tsv *.json *.jsonl",
    SourceKind::Catalog,
    "Saved from PostgreSQL: \\copy (SELECT * FROM pg_stat_statements) TO 'statements.csv' CSV HEADER.",
};

/// A row of JSON names its columns: those that make it one must be among the first bytes.
bool looksLikeRows(std::string_view json)
{
    const auto has = [&](std::string_view key) { return json.find(key) != std::string_view::npos; };
    return has("\"calls\"") && (has("\"total_exec_time\"") || has("\"total_time\""))
        && (has("\"query\"") || has("\"queryid\""));
}

class PgStatStatementsImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        const bool cut = prefix.size() >= kSniffBytes;
        while (!prefix.empty()) {
            const std::size_t end = prefix.find('\n');
            const std::string_view line = trimmed(prefix.substr(0, end));
            if (!line.empty() && (line.front() == '[' || line.front() == '{'))
                return looksLikeRows(prefix) ? Confidence::Strong : Confidence::No;
            if (end == std::string_view::npos && cut)
                return Confidence::No;
            prefix.remove_prefix(end == std::string_view::npos ? prefix.size() : end + 1);
            if (line.empty() || line.front() == '#')
                continue;
            return StatementHeader::parse(line) ? Confidence::Strong : Confidence::No;
        }
        return Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<StatementReader>(options);
    }
};

} // namespace

const Importer &pgStatStatementsImporter()
{
    static const PgStatStatementsImporter importer;
    return importer;
}

} // namespace tailscope::import
