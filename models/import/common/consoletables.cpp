// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/consoletables.h"

#include "base/text.h"
#include "import/common/consoletime.h"

#include <algorithm>

namespace tailscope::import {

namespace {

constexpr std::string_view kDelimiters = "|,\t;";

/// psql's rule under a header ("----+-----") and the frame around a table.
bool isRule(std::string_view text)
{
    return text.size() >= 3 && text.find_first_not_of("-+|") == std::string_view::npos
        && text.find("--") != std::string_view::npos;
}

bool isRecordStart(std::string_view text)
{
    return text.starts_with("-[ RECORD ") || text.starts_with("+-[ RECORD ");
}

bool isName(std::string_view text)
{
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    if (text.empty() || !letter(text.front()))
        return false;
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return letter(c) || (c >= '0' && c <= '9') || c == ' ' || c == '.' || c == '?' || c == '-' || c == '('
            || c == ')';
    });
}

std::string_view withoutFrame(std::string_view text)
{
    text = trimmed(text);
    if (text.size() >= 2 && text.front() == '|' && text.back() == '|')
        text = text.substr(1, text.size() - 2);
    return text;
}

std::string cleanName(std::string_view name)
{
    if (name.starts_with("\xEF\xBB\xBF"))
        name.remove_prefix(3);
    name = trimmed(name);
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"')
        name = trimmed(name.substr(1, name.size() - 2));
    return sanitizedUtf8(toLowerAscii(name));
}

} // namespace

std::optional<std::string_view> ConsoleItem::cell(std::string_view wanted) const
{
    for (const std::string_view name : split(wanted, '|')) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (names[i] == name)
                return cells[i].empty() ? std::nullopt : std::optional(cells[i]);
        }
    }
    return std::nullopt;
}

std::vector<std::string> consoleNames(std::string_view line, char delimiter)
{
    std::vector<std::string> names;
    const auto count = static_cast<std::size_t>(std::count(line.begin(), line.end(), delimiter));
    if (count == 0 || count >= ConsoleTables::kMaxColumns)
        return names;
    for (const std::string_view field : split(line, delimiter))
        names.push_back(cleanName(field));
    return names;
}

bool hasConsoleTable(std::string_view prefix, int lines, const ConsoleTables::Known &known)
{
    std::vector<std::string> record;
    for (int i = 0; i < lines && !prefix.empty(); ++i) {
        const std::size_t end = prefix.find('\n');
        const std::string_view line = trimmed(prefix.substr(0, end));
        prefix.remove_prefix(end == std::string_view::npos ? prefix.size() : end + 1);
        if (isRecordStart(line)) {
            if (!record.empty())
                return known(record);
            record.emplace_back();
            continue;
        }
        const std::string_view text = withoutFrame(line);
        if (!record.empty()) {
            record.push_back(cleanName(text.substr(0, text.find('|'))));
            if (known(record))
                return true;
            continue;
        }
        for (const char delimiter : kDelimiters) {
            const std::vector<std::string> names = consoleNames(text, delimiter);
            if (!names.empty() && known(names))
                return true;
        }
    }
    return false;
}

ConsoleTables::ConsoleTables(ByteSource &source, ImportReport &report, Known known)
    : m_lines(source, kMaxLine)
    , m_report(report)
    , m_known(std::move(known))
{}

bool ConsoleTables::next(ConsoleItem &item)
{
    item = {};
    for (;;) {
        Line line;
        if (m_hasPending) {
            m_current = std::move(m_pending);
            line = m_pendingLine;
            line.text = m_current;
            m_hasPending = false;
        } else if (!m_lines.next(line)) {
            return endRecord(item);
        }
        if (takeLine(line, item))
            return true;
    }
}

bool ConsoleTables::isRuleNext()
{
    if (!m_hasPending) {
        Line line;
        if (!m_lines.next(line))
            return false;
        m_pending = line.text;
        m_pendingLine = line;
        m_hasPending = true;
    }
    return isRule(trimmed(m_pending));
}

bool ConsoleTables::takeLine(Line line, ConsoleItem &item)
{
    item.offset = line.offset;
    item.length = line.length;
    if (line.tooLong) {
        m_report.skip("line-too-long", line.offset, line.length, "the line is longer than 1 MiB", line.text);
        return false;
    }
    const std::string_view text = trimmed(line.text);
    if (text.empty()) {
        m_afterBlank = true;
        return endRecord(item);
    }
    if (isRecordStart(text)) {
        const bool first = text.find(" RECORD 1 ") != std::string_view::npos;
        const bool whole = endRecord(item);
        m_inRecord = true;
        m_delimiter = '\0';
        m_isFirst = first;
        m_recordOffset = line.offset;
        return whole;
    }
    if (m_inRecord) {
        if (text.find('|') != std::string_view::npos) {
            takeExpanded(text, line);
            return false;
        }
        if (isRule(text))
            return false;
        if (!m_recordNames.empty()) {
            // The line behind the record is looked at next.
            m_pending = line.text;
            m_pendingLine = line;
            m_hasPending = true;
            return endRecord(item);
        }
        m_inRecord = false;
    }
    if (const std::optional<std::string> time = consoleTime(text)) {
        m_time = *time;
        m_afterBlank = true;
        item.kind = ConsoleItem::Kind::Time;
        item.text = m_time;
        return true;
    }
    if (isRule(text))
        return false;
    const bool starts = startsTable(line);
    m_afterBlank = false;
    if (starts)
        return false;
    if (m_delimiter != '\0' && line.text.find(m_delimiter) != std::string_view::npos)
        return m_isKnown && keepRow(line, item);
    item.kind = ConsoleItem::Kind::Text;
    item.text = line.text;
    return true;
}

/// A header: one that is known by any delimiter, or what stands above a rule, or names where a result set may
/// begin. May move the line into m_current, to look at the next one.
bool ConsoleTables::startsTable(Line &line)
{
    const bool framed = trimmed(line.text).starts_with('|') && trimmed(line.text).ends_with('|');
    const std::string_view text = framed ? withoutFrame(line.text) : line.text;
    for (const char delimiter : kDelimiters) {
        std::vector<std::string> names = consoleNames(text, delimiter);
        if (names.empty() || !std::all_of(names.begin(), names.end(), isName))
            continue;
        const bool known = m_known(names);
        if (!known) {
            const bool mayBegin = m_afterBlank || m_delimiter != delimiter || names.size() != m_names.size();
            if (!mayBegin)
                continue;
            if (line.text.data() != m_current.data()) {
                m_current = line.text;
                line.text = m_current;
            }
            // Above a rule it is one; without, only where a table of another shape may begin.
            if (!isRuleNext() && (m_delimiter == '\0' || !m_afterBlank))
                return false;
        }
        m_isFramed = framed;
        begin(std::move(names), delimiter, line, known);
        return true;
    }
    return false;
}

void ConsoleTables::begin(std::vector<std::string> names, char delimiter, const Line &line, bool known)
{
    m_names = std::move(names);
    m_delimiter = delimiter;
    m_isKnown = known;
    m_isFirst = true;
    if (known && !m_headTold)
        m_report.head(line.offset, line.text);
    m_headTold = m_headTold || known;
    if (!known)
        tellUnknown(m_names, line.offset);
}

void ConsoleTables::tellUnknown(const std::vector<std::string> &names, std::uint64_t offset)
{
    std::string list;
    for (const std::string &name : names) {
        if (list.size() > 100)
            break;
        list += (list.empty() ? "" : ", ") + name;
    }
    m_report.note(IssueSeverity::Notice, "unknown-result-set", offset,
        "a result set is none of those that are known and was left out; its columns begin with " + list);
}

void ConsoleTables::splitCells(std::string_view text)
{
    m_cells.clear();
    m_unquoted.clear();
    if (m_delimiter == '|' || text.find('"') == std::string_view::npos) {
        for (const std::string_view field : split(text, m_delimiter))
            m_cells.push_back(trimmed(field));
        return;
    }
    for (std::size_t at = 0; at <= text.size();) {
        std::size_t end = text.find(m_delimiter, at);
        end = end == std::string_view::npos ? text.size() : end;
        if (at < text.size() && text[at] == '"') {
            std::string &cell = m_unquoted.emplace_back();
            std::size_t i = at + 1;
            for (; i < text.size(); ++i) {
                if (text[i] == '"' && (i + 1 >= text.size() || text[i + 1] != '"'))
                    break;
                i += text[i] == '"' ? 1 : 0;
                cell += text[i];
            }
            end = text.find(m_delimiter, std::min(i, text.size()));
            end = end == std::string_view::npos ? text.size() : end;
            m_cells.push_back(trimmed(cell));
        } else {
            m_cells.push_back(trimmed(text.substr(at, end - at)));
        }
        at = end + 1;
    }
}

bool ConsoleTables::keepRow(const Line &line, ConsoleItem &item)
{
    splitCells(m_isFramed ? withoutFrame(line.text) : line.text);
    if (m_cells.size() != m_names.size()) {
        m_report.skip("wrong-field-count", line.offset, line.length,
            std::to_string(m_cells.size()) + " fields where the header has " + std::to_string(m_names.size()),
            line.text);
        return false;
    }
    item.kind = ConsoleItem::Kind::Row;
    item.names = m_names;
    item.cells = m_cells;
    item.text = line.text;
    item.isFirst = m_isFirst;
    m_isFirst = false;
    return true;
}

void ConsoleTables::takeExpanded(std::string_view text, const Line &line)
{
    text = text.starts_with('|') ? withoutFrame(text) : text;
    const std::size_t bar = text.find('|');
    if (bar == std::string_view::npos || m_recordNames.size() >= kMaxColumns)
        return;
    m_recordNames.push_back(cleanName(text.substr(0, bar)));
    m_recordCells.emplace_back(trimmed(text.substr(bar + 1)));
    m_recordEnd = line.offset + line.length;
    if (m_recordText.size() < ImportReport::kMaxRejectBytes)
        m_recordText += std::string(line.text) + '\n';
}

/// The record of expanded output that was being read becomes a row; false when there is none to give.
bool ConsoleTables::endRecord(ConsoleItem &item)
{
    m_inRecord = false;
    if (m_recordNames.empty())
        return false;
    m_names = std::move(m_recordNames);
    m_recordNames = {};
    m_unquoted.assign(std::make_move_iterator(m_recordCells.begin()),
        std::make_move_iterator(m_recordCells.end()));
    m_recordCells.clear();
    m_cells.assign(m_unquoted.begin(), m_unquoted.end());
    m_current = std::move(m_recordText);
    m_recordText.clear();
    if (!m_known(m_names)) {
        if (m_isFirst)
            tellUnknown(m_names, m_recordOffset);
        return false;
    }
    item.kind = ConsoleItem::Kind::Row;
    item.names = m_names;
    item.cells = m_cells;
    item.text = m_current;
    item.offset = m_recordOffset;
    item.length = m_recordEnd - m_recordOffset;
    item.isFirst = m_isFirst;
    m_isFirst = false;
    return true;
}

} // namespace tailscope::import
