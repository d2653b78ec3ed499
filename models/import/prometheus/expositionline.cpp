// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/prometheus/expositionline.h"

#include "base/text.h"
#include "import/common/timetext.h"

#include <limits>

namespace tailscope::import::prometheus {

namespace {

constexpr std::string_view kBlanks = " \t\r";
/// More than any exporter writes; a line may hold millions.
constexpr std::size_t kMaxLabels = 1024;

void skipBlanks(std::string_view &text)
{
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
}

/// Takes the next word.
std::string_view takeWord(std::string_view &text)
{
    skipBlanks(text);
    const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
    text.remove_prefix(word.size());
    return word;
}

bool isNameByte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':'
        || c == '.';
}

/// Takes a name of a metric or label; empty when there is none.
std::string_view takeName(std::string_view &text)
{
    std::size_t length = 0;
    while (length < text.size() && isNameByte(text[length]))
        ++length;
    const std::string_view name = text.substr(0, length);
    text.remove_prefix(length);
    return name;
}

/// Seconds in OpenMetrics, milliseconds in the older format: told by the size.
std::optional<Nanos> parseTime(std::string_view text)
{
    const std::optional<EpochUnit> unit = epochUnitOf(text);
    if (!unit)
        return std::nullopt;
    static constexpr std::int64_t kScales[] = {kNanosPerSecond, kNanosPerMilli, kNanosPerMicro, 1};
    return parseScaledDecimal(text, kScales[static_cast<int>(*unit)]);
}

} // namespace

std::optional<double> parseMetricValue(std::string_view text)
{
    if (const std::optional<double> number = parseDouble(text))
        return number;
    const std::string lower = toLowerAscii(text);
    if (lower == "nan")
        return std::numeric_limits<double>::quiet_NaN();
    if (lower == "+inf" || lower == "inf")
        return std::numeric_limits<double>::infinity();
    if (lower == "-inf")
        return -std::numeric_limits<double>::infinity();
    if (lower.starts_with('+'))
        return parseDouble(text.substr(1));
    return std::nullopt;
}

void ExpositionParser::bad(std::string_view why)
{
    m_line.kind = ExpositionLine::Kind::Bad;
    m_line.text = why;
}

const ExpositionLine &ExpositionParser::parse(std::string_view line)
{
    m_line.kind = ExpositionLine::Kind::Blank;
    m_line.labels.clear();
    m_line.tsNs.reset();
    m_line.hasExemplar = false;
    m_line.name = m_line.text = {};
    m_unescapedUsed = 0;
    skipBlanks(line);
    if (line.empty())
        return m_line;
    if (line.front() == '#')
        parseComment(line.substr(1));
    else
        parseSample(line);
    return m_line;
}

void ExpositionParser::parseComment(std::string_view text)
{
    using Kind = ExpositionLine::Kind;
    std::string_view rest = text;
    const std::string_view word = takeWord(rest);
    m_line.kind = Kind::Comment;
    m_line.text = trimmed(text);
    if (word == "EOF" && trimmed(rest).empty()) {
        m_line.kind = Kind::End;
        return;
    }
    const Kind kind = word == "TYPE" ? Kind::Type
        : word == "UNIT"             ? Kind::Unit
        : word == "HELP"             ? Kind::Help
                                     : Kind::Comment;
    if (kind == Kind::Comment)
        return;
    skipBlanks(rest);
    if (rest.starts_with('"')) {
        if (!parseQuoted(rest, m_line.name))
            return;
    } else {
        m_line.name = takeWord(rest);
    }
    m_line.kind = kind;
    m_line.text = trimmed(rest);
}

bool ExpositionParser::parseQuoted(std::string_view &rest, std::string_view &out)
{
    const std::string_view text = rest.substr(1);
    const std::size_t end = text.find_first_of("\"\\");
    if (end == std::string_view::npos)
        return false;
    if (text[end] == '"') {
        out = text.substr(0, end);
        rest.remove_prefix(end + 2);
        return true;
    }
    if (m_unescapedUsed == m_unescaped.size()) {
        // Views into the strings must stay valid while more are added.
        if (m_unescaped.capacity() == m_unescaped.size() && !m_unescaped.empty())
            return false;
        m_unescaped.reserve(kMaxLabels + 2);
        m_unescaped.emplace_back();
    }
    std::string &copy = m_unescaped[m_unescapedUsed++];
    copy.assign(text.substr(0, end));
    for (std::size_t i = end; i < text.size(); ++i) {
        if (text[i] == '"') {
            out = copy;
            rest.remove_prefix(i + 2);
            return true;
        }
        if (text[i] == '\\' && i + 1 < text.size()) {
            const char c = text[++i];
            // An escape that the format does not know keeps its backslash.
            if (c != 'n' && c != '\\' && c != '"')
                copy += '\\';
            copy += c == 'n' ? '\n' : c;
            continue;
        }
        copy += text[i];
    }
    return false;
}

bool ExpositionParser::parseLabels(std::string_view &rest)
{
    rest.remove_prefix(1);
    for (;;) {
        skipBlanks(rest);
        if (rest.empty())
            return false;
        if (rest.front() == '}') {
            rest.remove_prefix(1);
            return true;
        }
        if (rest.front() == ',') {
            rest.remove_prefix(1);
            continue;
        }
        std::string_view key;
        if (rest.front() == '"') {
            if (!parseQuoted(rest, key))
                return false;
        } else {
            key = takeName(rest);
        }
        skipBlanks(rest);
        if (rest.empty())
            return false;
        if (rest.front() != '=') {
            // {"a.name", label="x"}: the name of the metric stands among the labels.
            if (key.empty() || !m_line.name.empty())
                return false;
            m_line.name = key;
            continue;
        }
        rest.remove_prefix(1);
        skipBlanks(rest);
        std::string_view value;
        if (key.empty() || !rest.starts_with('"') || !parseQuoted(rest, value)
            || m_line.labels.size() >= kMaxLabels)
            return false;
        m_line.labels.push_back({key, value});
    }
}

void ExpositionParser::parseSample(std::string_view text)
{
    std::string_view rest = text;
    m_line.name = takeName(rest);
    skipBlanks(rest);
    if (rest.starts_with('{') && !parseLabels(rest))
        return bad("its labels are not of the form {name=\"value\"}");
    if (m_line.name.empty())
        return bad("it does not begin with the name of a metric");
    const std::string_view number = takeWord(rest);
    const std::optional<double> value = parseMetricValue(number);
    if (!value)
        return bad("its value is not a number");
    m_line.value = *value;
    skipBlanks(rest);
    if (!rest.empty() && rest.front() != '#') {
        m_line.tsNs = parseTime(takeWord(rest));
        if (!m_line.tsNs)
            return bad("its time is not a number");
        skipBlanks(rest);
    }
    if (!rest.empty() && rest.front() != '#')
        return bad("something follows its time");
    m_line.hasExemplar = !rest.empty();
    m_line.kind = ExpositionLine::Kind::Sample;
}

} // namespace tailscope::import::prometheus
