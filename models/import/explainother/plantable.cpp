// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explainother/plantable.h"

#include "base/text.h"
#include "import/explain/frames.h"

#include <rapidjson/document.h>

#include <algorithm>

namespace tailscope::import::explain {

namespace {

constexpr std::size_t kMaxRows = 100'000;
constexpr std::size_t kMaxColumns = 64;
constexpr char kColumns = ' '; ///< cells stand two blanks apart

std::string normalised(std::string_view line)
{
    std::string out;
    out.reserve(line.size());
    for (std::size_t i = 0; i < line.size(); ++i) {
        const std::string_view rest = line.substr(i);
        const bool bar = rest.starts_with("\u2502") || rest.starts_with("\u2551");
        const bool blank = rest.starts_with("\u00A0");
        out += bar ? '|' : blank ? ' ' : line[i];
        i += bar ? 2 : blank ? 1 : 0;
    }
    while (!out.empty() && (out.back() == '\r' || out.back() == ' '))
        out.pop_back();
    return out;
}

std::vector<std::string> csvCells(std::string_view line)
{
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
            cells.back() += '"';
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            cells.emplace_back();
        } else {
            cells.back() += c;
        }
    }
    return cells;
}

std::vector<std::string> cellsOf(std::string_view line, char separator, std::size_t most)
{
    std::vector<std::string> cells;
    if (separator == ',')
        return csvCells(line);
    if (separator == '|' && line.starts_with('|')) {
        line.remove_prefix(1);
        if (line.ends_with('|'))
            line.remove_suffix(1);
    }
    while (cells.size() + 1 < most) {
        const std::size_t at = separator == kColumns ? line.find("  ") : line.find(separator);
        if (at == std::string_view::npos)
            break;
        cells.emplace_back(trimmed(line.substr(0, at)));
        line.remove_prefix(
            separator == kColumns ? std::min(line.find_first_not_of(' ', at), line.size()) : at + 1);
    }
    cells.emplace_back(trimmed(line));
    return cells;
}

std::optional<std::string> valueOf(std::string text)
{
    if (text == "NULL" || text == "\\N" || text == "None" || text == "null" || text == "<null>"
        || text == "[NULL]")
        return std::nullopt;
    return text;
}

class TableFinder
{
public:
    TableFinder(std::string_view text, std::string_view first, std::string_view second)
        : m_text(text)
        , m_first(first)
        , m_second(second)
    {}
    std::vector<PlanTable> run();

private:
    bool isHeader(const std::vector<std::string> &cells) const;
    bool startTable(std::string_view line);
    bool takeRow(std::string_view line);
    bool takeVertical(std::string_view line);
    void takeJson();
    void close();
    PlanTable &open();

    std::string_view m_text, m_first, m_second;
    std::vector<PlanTable> m_tables;
    bool m_isOpen = false;
    bool m_vertical = false, m_record = false;
    char m_separator = '\0';
    std::size_t m_offset = 0, m_lineEnd = 0;
    std::int64_t m_line = 0;
};

PlanTable &TableFinder::open()
{
    if (!m_isOpen) {
        m_tables.emplace_back();
        m_tables.back().begin = m_offset;
        m_isOpen = true;
    }
    m_tables.back().end = m_lineEnd;
    return m_tables.back();
}

void TableFinder::close()
{
    const bool useless = m_isOpen && (m_tables.back().rows.empty() || !m_tables.back().has(m_first));
    if (useless)
        m_tables.pop_back();
    m_isOpen = m_vertical = m_record = false;
}

bool TableFinder::isHeader(const std::vector<std::string> &cells) const
{
    const auto has = [&](std::string_view name) {
        return std::any_of(cells.begin(), cells.end(),
            [&](const std::string &cell) { return toLowerAscii(cell) == name; });
    };
    return has(m_first) && has(m_second);
}

bool TableFinder::startTable(std::string_view line)
{
    for (const char separator : {'|', '\t', ',', kColumns}) {
        const std::vector<std::string> cells = cellsOf(line, separator, kMaxColumns);
        if (cells.size() < 3 || !isHeader(cells))
            continue;
        close();
        m_separator = separator;
        PlanTable &table = open();
        for (const std::string &cell : cells)
            table.columns.push_back(toLowerAscii(trimmed(cell)));
        return true;
    }
    return false;
}

bool TableFinder::takeRow(std::string_view line)
{
    PlanTable &table = m_tables.back();
    const std::vector<std::string> cells = cellsOf(line, m_separator, table.columns.size());
    if (cells.size() != table.columns.size() || table.rows.size() >= kMaxRows)
        return false;
    PlanTable::Row row;
    for (const std::string &cell : cells)
        row.push_back(valueOf(cell));
    open().rows.push_back(std::move(row));
    table.lines.push_back(m_line);
    return true;
}

/// "*** 1. row ***" and then "  name: value".
bool TableFinder::takeVertical(std::string_view line)
{
    const std::string_view text = trimmed(line);
    if (text.starts_with("***") && text.find(". row") != std::string_view::npos) {
        if (!m_vertical)
            close();
        m_vertical = m_record = true;
        PlanTable &table = open();
        if (table.rows.size() >= kMaxRows)
            return false;
        table.rows.emplace_back(table.columns.size());
        table.lines.push_back(m_line);
        return true;
    }
    const std::size_t colon = text.find(':');
    if (!m_record || colon == std::string_view::npos || colon == 0)
        return false;
    const std::string name = toLowerAscii(text.substr(0, colon));
    if (name.find(' ') != std::string::npos)
        return false;
    PlanTable &table = open();
    auto column = std::find(table.columns.begin(), table.columns.end(), name);
    if (column == table.columns.end()) {
        if (table.columns.size() >= kMaxColumns)
            return false;
        table.columns.push_back(name);
        for (PlanTable::Row &row : table.rows)
            row.resize(table.columns.size());
        column = table.columns.end() - 1;
    }
    table.rows.back()[static_cast<std::size_t>(column - table.columns.begin())]
        = valueOf(std::string(trimmed(text.substr(colon + 1))));
    return true;
}

/// Rows of a driver: [{"id": 1, "select_type": "SIMPLE", ...}].
void TableFinder::takeJson()
{
    rapidjson::Document document;
    document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag>(m_text.data(),
        m_text.size());
    if (document.HasParseError() || !document.IsArray())
        return;
    PlanTable table;
    for (const auto &item : document.GetArray()) {
        if (!item.IsObject() || table.rows.size() >= kMaxRows)
            return;
        PlanTable::Row row(table.columns.size());
        for (const auto &member : item.GetObject()) {
            const std::string name = toLowerAscii({member.name.GetString(), member.name.GetStringLength()});
            auto column = std::find(table.columns.begin(), table.columns.end(), name);
            if (column == table.columns.end()) {
                if (table.columns.size() >= kMaxColumns)
                    return;
                column = table.columns.insert(column, name);
                row.resize(table.columns.size());
            }
            if (member.value.IsString())
                row[static_cast<std::size_t>(column - table.columns.begin())]
                    = std::string(member.value.GetString(), member.value.GetStringLength());
        }
        table.rows.push_back(std::move(row));
        table.lines.push_back(1);
    }
    for (PlanTable::Row &row : table.rows)
        row.resize(table.columns.size());
    table.end = m_text.size();
    if (table.has(m_first) && table.has(m_second))
        m_tables.push_back(std::move(table));
}

std::vector<PlanTable> TableFinder::run()
{
    if (trimmed(m_text).starts_with('[')) {
        takeJson();
        if (!m_tables.empty())
            return std::move(m_tables);
    }
    while (m_offset < m_text.size()) {
        m_lineEnd = std::min(m_text.find('\n', m_offset), m_text.size());
        ++m_line;
        std::string line = normalised(m_text.substr(m_offset, m_lineEnd - m_offset));
        while (line.starts_with("> "))
            line.erase(0, 2);
        const bool markdown
            = line.find("---") != std::string::npos && line.find_first_not_of("|-+=: ") == std::string::npos;
        const bool rule = isRule(line) || markdown;
        if (!rule && !takeVertical(line) && !startTable(line)) {
            if (m_isOpen && (m_vertical || !takeRow(line)))
                close();
        }
        m_offset = m_lineEnd + 1;
    }
    close();
    return std::move(m_tables);
}

} // namespace

std::optional<std::string> PlanTable::cell(std::size_t row, std::string_view column) const
{
    const auto found = std::find(columns.begin(), columns.end(), column);
    if (found == columns.end() || row >= rows.size())
        return std::nullopt;
    const auto index = static_cast<std::size_t>(found - columns.begin());
    return index < rows[row].size() ? rows[row][index] : std::nullopt;
}

bool PlanTable::has(std::string_view column) const
{
    return std::find(columns.begin(), columns.end(), column) != columns.end();
}

std::vector<PlanTable> findTables(std::string_view text, std::string_view first, std::string_view second)
{
    return TableFinder(text, first, second).run();
}

} // namespace tailscope::import::explain
