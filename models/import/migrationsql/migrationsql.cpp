// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/migrationsql/migrationsql.h"

#include "base/text.h"
#include "import/migrationsql/migrationreader.h"

#include <algorithm>
#include <array>

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "migration-sql",
    "Migration (SQL)",
    "*.sql",
    SourceKind::Config,
    "Written by hand for Flyway, Liquibase, golang-migrate, dbmate, goose, ..., or dumped as structure.sql.",
    RecordJoin::Bytes,
};

constexpr int kMaxStatements = 200;

/// First words of statements that migrations begin with.
constexpr std::array<std::string_view, 26> kFirstWords{"alter", "analyze", "begin", "call", "cluster",
    "comment", "commit", "create", "delete", "do", "drop", "grant", "insert", "lock", "refresh", "reindex",
    "reset", "revoke", "rollback", "select", "set", "start", "truncate", "update", "vacuum", "with"};
/// Second words after CREATE, ALTER and DROP.
constexpr std::array<std::string_view, 24> kObjects{"table", "index", "unique", "view", "materialized",
    "sequence", "type", "schema", "extension", "function", "procedure", "trigger", "domain", "or", "temp",
    "temporary", "unlogged", "policy", "role", "publication", "statistics", "database", "foreign",
    "constraint"};

std::string word(std::string_view &text)
{
    const auto isLetter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    std::size_t end = 0;
    while (end < text.size() && isLetter(text[end]))
        ++end;
    std::string result = toLowerAscii(text.substr(0, end));
    text = withoutLeadingComments(text.substr(end));
    return result;
}

template<std::size_t N>
bool isIn(const std::array<std::string_view, N> &list, std::string_view name)
{
    return std::find(list.begin(), list.end(), name) != list.end();
}

/// Behind the next semicolon outside quotes; empty when there is none.
std::string_view nextStatement(std::string_view text)
{
    char quote = '\0';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '\'' || c == '"')
            quote = c;
        else if (c == '-' && text.substr(i, 2) == "--")
            i = std::min(text.find('\n', i), text.size());
        else if (c == ';')
            return text.substr(i + 1);
    }
    return {};
}

/// Lines of psql before the first statement.
std::string_view withoutPsqlLines(std::string_view text)
{
    text = withoutLeadingComments(text);
    while (text.starts_with('\\')) {
        text.remove_prefix(std::min(text.find('\n'), text.size()));
        text = withoutLeadingComments(text);
    }
    return text;
}

class MigrationSqlImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view fileName) const override
    {
        // A plan, with the statement it belongs to.
        if (prefix.find("(cost=") != std::string_view::npos
            || prefix.find("QUERY PLAN") != std::string_view::npos)
            return Confidence::No;
        std::string_view rest = withoutPsqlLines(prefix);
        bool first = true;
        for (int i = 0; i < kMaxStatements && !rest.empty(); ++i) {
            std::string_view text = rest;
            const std::string verb = word(text);
            if (first && !isIn(kFirstWords, verb))
                return Confidence::No;
            first = first && verb.empty();
            const bool defines = verb == "create" || verb == "alter" || verb == "drop";
            if (defines && isIn(kObjects, word(text)))
                return toLowerAscii(fileName).ends_with(".sql") ? Confidence::Strong : Confidence::Likely;
            rest = withoutPsqlLines(nextStatement(rest));
        }
        return Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<MigrationReader>();
    }
};

} // namespace

const Importer &migrationSqlImporter()
{
    static const MigrationSqlImporter importer;
    return importer;
}

} // namespace tailscope::import
