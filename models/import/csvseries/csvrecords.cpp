// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/csvseries/csvrecords.h"

#include "base/text.h"

namespace tailscope::import {

CsvRecords::CsvRecords(LineReader &lines, char delimiter)
    : m_lines(lines)
    , m_delimiter(delimiter)
{}

bool CsvRecords::nextLine(Line &line)
{
    if (m_replay.empty())
        return m_lines.next(line);
    m_current = std::move(m_replay.front());
    m_replay.pop_front();
    line = m_current.line;
    line.text = m_current.text;
    return true;
}

/// Whether a quoted field is open at the end of the text; `inside`: it is at the start.
bool CsvRecords::endsInside(std::string_view text, bool inside) const
{
    bool fieldStart = !inside;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inside) {
            if (c != '"')
                continue;
            if (i + 1 < text.size() && text[i + 1] == '"')
                ++i;
            else
                inside = false;
        } else if (c == '"' && fieldStart) {
            inside = true;
        }
        fieldStart = !inside && c == m_delimiter;
    }
    return inside;
}

bool CsvRecords::next(CsvRecord &record)
{
    Line line;
    if (!nextLine(line))
        return false;
    record.problem = CsvRecord::Problem::None;
    record.fields.clear();
    record.raw = line.text;
    record.offset = line.offset;
    record.length = line.length;
    record.blank = trimmed(line.text).empty() || line.text.front() == '#';
    if (line.tooLong) {
        record.problem = CsvRecord::Problem::TooLong;
        record.blank = false;
        return true;
    }
    if (record.blank)
        return true;
    if (line.text.find('"') == std::string_view::npos) {
        splitPlain(record);
        return true;
    }
    if (!endsInside(line.text, false) || join(record, line))
        splitQuoted(record);
    return true;
}

/// Adds the lines that an open quote spans. False: it is never closed, and the lines will come again.
bool CsvRecords::join(CsvRecord &record, const Line &first)
{
    record.problem = CsvRecord::Problem::UnclosedQuote;
    if (m_failures >= kMaxFailures)
        return false;
    std::string start(first.text); // the views of the line reader do not outlive its next line
    m_joined = start;
    std::deque<Stored> taken;
    bool inside = true;
    Line line;
    while (inside && m_joined.size() < kMaxJoined && nextLine(line)) {
        taken.push_back({std::string(line.text), line});
        if (line.tooLong)
            break;
        m_joined += '\n';
        m_joined += line.text;
        inside = endsInside(line.text, true);
    }
    if (inside) {
        ++m_failures;
        taken.insert(taken.end(), std::make_move_iterator(m_replay.begin()),
            std::make_move_iterator(m_replay.end()));
        m_replay = std::move(taken);
        m_joined = std::move(start);
        record.raw = m_joined;
        return false;
    }
    record.problem = CsvRecord::Problem::None;
    record.raw = m_joined;
    record.length = taken.back().line.offset + taken.back().line.length - record.offset;
    return true;
}

void CsvRecords::splitPlain(CsvRecord &record) const
{
    std::string_view rest = record.raw;
    for (;;) {
        const std::size_t at = rest.find(m_delimiter);
        record.fields.push_back(rest.substr(0, at));
        if (at == std::string_view::npos)
            return;
        rest.remove_prefix(at + 1);
    }
}

void CsvRecords::splitQuoted(CsvRecord &record)
{
    // Unquoting only shortens: the string never grows, so the views into it stay valid.
    m_unquoted.clear();
    m_unquoted.reserve(record.raw.size());
    const std::string_view raw = record.raw;
    std::size_t at = 0;
    for (;;) {
        const std::size_t begin = m_unquoted.size();
        bool inside = at < raw.size() && raw[at] == '"';
        if (inside)
            ++at;
        while (at < raw.size() && (inside || raw[at] != m_delimiter)) {
            const char c = raw[at++];
            if (inside && c == '"') {
                if (at < raw.size() && raw[at] == '"')
                    m_unquoted += raw[at++];
                else
                    inside = false;
            } else {
                m_unquoted += c;
            }
        }
        record.fields.push_back(std::string_view(m_unquoted).substr(begin));
        if (at >= raw.size())
            return;
        ++at;
    }
}

} // namespace tailscope::import
