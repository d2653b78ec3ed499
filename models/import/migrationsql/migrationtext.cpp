// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/migrationsql/migrationtext.h"

#include "base/sqltokens.h"
#include "base/text.h"

#include <algorithm>

#include <pg_query.h>

namespace tailscope::import {

namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f'; }

/// The words behind "--", in lower case with single blanks; empty when the line is no comment.
std::string commentOf(std::string_view line)
{
    line = trimmed(line);
    if (!line.starts_with("--"))
        return {};
    const std::string lower = toLowerAscii(trimmed(line.substr(2)));
    std::string text;
    for (const std::string_view word : split(lower, ' ')) {
        if (!word.empty())
            text += (text.empty() ? "" : " ") + std::string(word);
    }
    return text;
}

} // namespace

std::string_view withoutLeadingComments(std::string_view text)
{
    for (;;) {
        while (!text.empty() && isBlank(text.front()))
            text.remove_prefix(1);
        if (text.starts_with("--")) {
            text.remove_prefix(std::min(text.find('\n'), text.size()));
        } else if (text.starts_with("/*")) {
            int depth = 0;
            std::size_t at = 0;
            while (at < text.size()) {
                const std::string_view two = text.substr(at, 2);
                depth += two == "/*" ? 1 : two == "*/" ? -1 : 0;
                at += two == "/*" || two == "*/" ? 2 : 1;
                if (depth == 0)
                    break;
            }
            text.remove_prefix(at);
        } else {
            return text;
        }
    }
}

MigrationText::MigrationText(std::string text, std::string_view fileName)
    : m_text(std::move(text))
{
    m_sections.push_back({});
    readName(fileName);
    readLines();
    cut();
}

/// V7__name.sql, U7__name.sql, R__name.sql are Flyway's; 7_name.up.sql, 7_name.down.sql golang-migrate's.
void MigrationText::readName(std::string_view fileName)
{
    const std::string name = toLowerAscii(fileName);
    const bool versioned = name.size() > 2 && (name[0] == 'v' || name[0] == 'u') && isDigit(name[1]);
    if ((versioned && name.find("__") != std::string::npos) || name.starts_with("r__")) {
        m_tool = "flyway";
        m_sections[0].wrapped = true; // what a transaction refuses, it runs outside one by itself
        m_sections[0].down = name[0] == 'u' || name.ends_with(".down.sql");
    } else if (name.ends_with(".up.sql") || name.ends_with(".down.sql")) {
        m_tool = "golang-migrate"; // it sends the file as one query: the server puts a transaction around
        m_sections[0].wrapped = true;
        m_sections[0].down = name.ends_with(".down.sql");
    }
}

/// Lines that are no SQL: commands of psql, data of COPY, marks of tools.
void MigrationText::readLines()
{
    bool inData = false;
    for (std::size_t begin = 0; begin < m_text.size();) {
        const std::size_t end = std::min(m_text.find('\n', begin), m_text.size());
        const std::string_view line = std::string_view(m_text).substr(begin, end - begin);
        const std::string_view bare = trimmed(line);
        if (inData) {
            inData = bare != "\\.";
            ++m_dataLines;
            blank(begin, end);
        } else if (bare.starts_with('\\')) {
            ++m_psqlCommands;
            blank(begin, end);
        } else if (startsWithNoCase(bare, "copy ") && toLowerAscii(bare).ends_with("from stdin;")) {
            inData = true;
        } else {
            readMarker(line, begin);
        }
        begin = end + 1;
    }
}

void MigrationText::blank(std::size_t begin, std::size_t end)
{
    std::fill(m_text.begin() + static_cast<std::ptrdiff_t>(begin),
        m_text.begin() + static_cast<std::ptrdiff_t>(end), ' ');
}

bool MigrationText::readMarker(std::string_view line, std::size_t offset)
{
    const std::string words = commentOf(line);
    if (words.empty())
        return false;
    Section section{offset, false, true};
    if (words.starts_with("migrate:up") || words.starts_with("migrate:down")) {
        m_tool = "dbmate";
        section.down = words.starts_with("migrate:down");
        section.wrapped = words.find("transaction:false") == std::string::npos;
    } else if (words.starts_with("+goose up") || words.starts_with("+goose down")) {
        m_tool = "goose";
        section.down = words.starts_with("+goose down");
        section.wrapped = m_sections.back().wrapped || m_sections.size() == 1;
    } else if (words.starts_with("+goose no transaction")) {
        m_tool = "goose";
        section.down = m_sections.back().down;
        section.wrapped = false;
    } else if (words.starts_with("changeset ")) {
        m_tool = "liquibase";
        section.wrapped = words.find("runintransaction:false") == std::string::npos;
    } else {
        return false;
    }
    m_sections.push_back(section);
    return true;
}

void MigrationText::cut()
{
    // The scanner takes a C string; NUL became another character before.
    std::string text = m_text;
    PgQuerySplitResult result = pg_query_split_with_scanner(text.c_str());
    if (result.error) {
        m_brokenReason = result.error->message ? sanitizedUtf8(utf8Prefix(result.error->message, 100)) : "";
        const int position = result.error->cursorpos;
        pg_query_free_split_result(result);
        // What stands before the place (counted in characters) is whole, up to the last end of a statement.
        std::size_t at = 0;
        for (int characters = 1; characters < position && at < text.size(); ++characters) {
            do
                ++at;
            while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
        }
        // Semicolons in literals and comments end nothing.
        using Kind = SqlTokens::Kind;
        std::size_t keep = 0;
        SqlTokens tokens(std::string_view(text).substr(0, at));
        std::string token;
        for (Kind kind = tokens.next(token); kind != Kind::End; kind = tokens.next(token)) {
            if (kind == Kind::Symbol && token == ";")
                keep = tokens.end();
        }
        m_brokenAt = keep;
        text.resize(keep);
        result = pg_query_split_with_scanner(text.c_str());
    }
    std::size_t counted = 0;
    std::int64_t line = 1;
    std::size_t section = 0;
    for (int i = 0; !result.error && i < result.n_stmts; ++i) {
        const auto begin = static_cast<std::size_t>(result.stmts[i]->stmt_location);
        const auto length = static_cast<std::size_t>(result.stmts[i]->stmt_len);
        if (begin > m_text.size())
            break;
        MigrationStatement statement;
        statement.text = trimmed(withoutLeadingComments(std::string_view(m_text).substr(begin, length)));
        if (statement.text.empty())
            continue;
        statement.offset = static_cast<std::size_t>(statement.text.data() - m_text.data());
        line += std::count(m_text.begin() + static_cast<std::ptrdiff_t>(counted),
            m_text.begin() + static_cast<std::ptrdiff_t>(statement.offset), '\n');
        counted = statement.offset;
        statement.line = line;
        while (section + 1 < m_sections.size() && m_sections[section + 1].offset < statement.offset)
            ++section;
        statement.down = m_sections[section].down;
        statement.wrapped = m_sections[section].wrapped;
        m_statements.push_back(statement);
    }
    pg_query_free_split_result(result);
}

} // namespace tailscope::import
