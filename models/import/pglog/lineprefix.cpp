// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pglog/lineprefix.h"

#include "import/pglog/logclock.h"

#include <algorithm>

namespace tailscope::import::pglog {

namespace {

constexpr std::size_t kMaxParts = 40;
/// Places tried for one line; every text of a prefix is short.
constexpr int kBudget = 400;

constexpr std::string_view kLetters = "audrhbpPtmniecslvxQ";

std::optional<PrefixField> fieldOf(char letter)
{
    switch (letter) {
    case 'a':
        return PrefixField::Application;
    case 'u':
        return PrefixField::User;
    case 'd':
        return PrefixField::Database;
    case 'r':
        return PrefixField::ClientPort;
    case 'h':
        return PrefixField::Client;
    case 'b':
        return PrefixField::BackendType;
    case 'p':
        return PrefixField::Pid;
    case 'P':
        return PrefixField::LeaderPid;
    case 't':
        return PrefixField::Time;
    case 'm':
        return PrefixField::TimeMillis;
    case 'n':
        return PrefixField::Epoch;
    case 'i':
        return PrefixField::Command;
    case 'e':
        return PrefixField::SqlState;
    case 'c':
        return PrefixField::SessionId;
    case 'l':
        return PrefixField::LineNumber;
    case 's':
        return PrefixField::SessionStart;
    case 'v':
        return PrefixField::VirtualXid;
    case 'x':
        return PrefixField::Xid;
    case 'Q':
        return PrefixField::QueryId;
    default:
        return std::nullopt;
    }
}
static_assert(kLetters.size() == kPrefixFields);

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isHex(char c) { return isDigit(c) || (c >= 'a' && c <= 'f'); }

std::size_t digits(std::string_view text)
{
    std::size_t n = 0;
    while (n < text.size() && isDigit(text[n]))
        ++n;
    return n;
}

bool isText(PrefixField field)
{
    return field == PrefixField::Application || field == PrefixField::User || field == PrefixField::Database
        || field == PrefixField::BackendType || field == PrefixField::Command;
}

constexpr std::size_t kNoMatch = std::string_view::npos;

/// Length of a field with a shape; kNoMatch when the text does not begin with one. 0 where it may be empty.
std::size_t shapeLength(PrefixField field, std::string_view text)
{
    switch (field) {
    case PrefixField::Time:
    case PrefixField::TimeMillis:
    case PrefixField::SessionStart: {
        const std::optional<WallTime> time = scanWallTime(text);
        return time ? time->length : kNoMatch;
    }
    case PrefixField::Epoch: {
        const std::size_t seconds = digits(text);
        if (seconds < 9 || seconds > 11)
            return kNoMatch;
        return text.substr(seconds).starts_with('.') ? seconds + 1 + digits(text.substr(seconds + 1))
                                                     : seconds;
    }
    case PrefixField::Pid:
    case PrefixField::LineNumber:
    case PrefixField::Xid: {
        const std::size_t n = digits(text);
        return n > 0 && n <= 19 ? n : kNoMatch;
    }
    case PrefixField::LeaderPid:
        return digits(text);
    case PrefixField::QueryId: {
        const std::size_t sign = text.starts_with('-') ? 1 : 0;
        const std::size_t n = digits(text.substr(sign));
        return n > 0 ? sign + n : kNoMatch;
    }
    case PrefixField::SqlState:
        return isSqlState(text.substr(0, 5)) ? 5 : kNoMatch;
    case PrefixField::SessionId: {
        const std::size_t n = sessionIdLength(text);
        return n > 0 ? n : kNoMatch;
    }
    case PrefixField::VirtualXid: {
        const std::size_t n = digits(text);
        return n > 0 && text.substr(n).starts_with('/') ? n + 1 + digits(text.substr(n + 1)) : 0;
    }
    case PrefixField::Client:
        return hostLength(text);
    case PrefixField::ClientPort: {
        const std::size_t n = hostLength(text);
        return n > 0 ? n + portLength(text.substr(n)) : 0;
    }
    default:
        return kNoMatch;
    }
}

} // namespace

std::size_t sessionIdLength(std::string_view text)
{
    std::size_t n = 0;
    while (n < text.size() && n < 9 && isHex(text[n]))
        ++n;
    if (n < 7 || n > 8 || n >= text.size() || text[n] != '.')
        return 0;
    std::size_t end = n + 1;
    while (end < text.size() && isHex(text[end]))
        ++end;
    return end > n + 1 && end <= n + 9 ? end : 0;
}

std::size_t addressLength(std::string_view text)
{
    if (text.starts_with("[local]"))
        return 7;
    std::size_t n = 0;
    std::size_t dots = 0, colons = 0;
    while (n < text.size()) {
        const char c = text[n];
        if (c == '.')
            ++dots;
        else if (c == ':' && n + 1 < text.size() && (isHex(text[n + 1]) || text[n + 1] == ':'))
            ++colons;
        else if (!isHex(c) && !(c == '%' && colons > 1))
            break;
        ++n;
    }
    if (colons >= 2)
        return n;
    // An IPv4 address: four numbers, whatever follows.
    std::size_t at = 0;
    for (int part = 0; part < 4; ++part) {
        const std::size_t d = digits(text.substr(at));
        if (d == 0 || d > 3 || (part < 3 && !text.substr(at + d).starts_with('.')))
            return 0;
        at += d + (part < 3 ? 1 : 0);
    }
    return dots >= 3 ? at : 0;
}

std::size_t hostLength(std::string_view text)
{
    if (const std::size_t address = addressLength(text))
        return address;
    if (text.starts_with("[unknown]"))
        return 9;
    std::size_t n = 0;
    while (n < text.size()
        && (isDigit(text[n]) || text[n] == '.' || text[n] == '-' || text[n] == '_'
            || (text[n] >= 'a' && text[n] <= 'z') || (text[n] >= 'A' && text[n] <= 'Z')))
        ++n;
    return n;
}

std::size_t portLength(std::string_view text)
{
    if (!text.starts_with('('))
        return 0;
    const std::size_t n = digits(text.substr(1));
    return n > 0 && text.substr(n + 1).starts_with(')') ? n + 2 : 0;
}

bool isSqlState(std::string_view text)
{
    if (text.size() != 5)
        return false;
    bool number = false;
    for (const char c : text) {
        if (!isDigit(c) && !(c >= 'A' && c <= 'Z'))
            return false;
        number = number || isDigit(c);
    }
    return number;
}

std::string_view withoutPort(std::string_view client)
{
    if (client.ends_with(')')) {
        const std::size_t open = client.rfind('(');
        return open == std::string_view::npos ? client : client.substr(0, open);
    }
    const std::size_t colon = client.rfind(':');
    if (colon == std::string_view::npos || digits(client.substr(colon + 1)) != client.size() - colon - 1)
        return client;
    return client.substr(0, colon);
}

std::optional<LinePrefix> LinePrefix::compile(std::string_view format)
{
    LinePrefix prefix;
    prefix.m_format = format;
    const auto literal = [&prefix](char c) {
        if (prefix.m_parts.empty() || prefix.m_parts.back().kind != Part::Kind::Literal)
            prefix.m_parts.push_back({});
        prefix.m_parts.back().literal += c;
    };
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') {
            literal(format[i]);
            continue;
        }
        if (++i >= format.size())
            return std::nullopt;
        if (format[i] == '%') {
            literal('%');
        } else if (format[i] == 'q') {
            prefix.m_parts.push_back({Part::Kind::Quit, PrefixField::Pid, {}});
        } else if (const std::optional<PrefixField> field = fieldOf(format[i])) {
            prefix.m_parts.push_back({Part::Kind::Field, *field, {}});
        } else {
            return std::nullopt;
        }
    }
    if (prefix.m_parts.size() > kMaxParts)
        return std::nullopt;
    return prefix;
}

std::size_t LinePrefix::fields() const
{
    return static_cast<std::size_t>(std::count_if(m_parts.begin(), m_parts.end(),
        [](const Part &part) { return part.kind == Part::Kind::Field; }));
}

bool LinePrefix::has(PrefixField field) const
{
    return std::any_of(m_parts.begin(), m_parts.end(),
        [field](const Part &part) { return part.kind == Part::Kind::Field && part.field == field; });
}

bool LinePrefix::match(std::string_view line, PrefixMatch &out) const
{
    out.values.fill({});
    int budget = kBudget;
    return matchFrom(0, 0, line, out, budget);
}

// Recurses once a text of the prefix, never on the line.
bool LinePrefix::matchFrom(std::size_t part, std::size_t at, std::string_view line, PrefixMatch &out,
    int &budget) const
{
    for (; part < m_parts.size(); ++part) {
        const Part &expected = m_parts[part];
        switch (expected.kind) {
        case Part::Kind::Literal:
            if (!line.substr(at).starts_with(expected.literal))
                return false;
            at += expected.literal.size();
            break;
        case Part::Kind::Quit:
            // Processes without a session write no more than this.
            out.word = wordAt(line, at);
            if (out.word.word != Word::None)
                return true;
            break;
        case Part::Kind::Field: {
            if (isText(expected.field))
                return matchText(part, at, line, out, budget);
            const std::size_t length = shapeLength(expected.field, line.substr(at));
            if (length == kNoMatch)
                return false;
            out.values[static_cast<std::size_t>(expected.field)] = line.substr(at, length);
            at += length;
            break;
        }
        }
    }
    out.word = wordAt(line, at);
    return out.word.word != Word::None;
}

bool LinePrefix::matchText(std::size_t part, std::size_t at, std::string_view line, PrefixMatch &out,
    int &budget) const
{
    const std::size_t next = part + 1;
    const bool hasEnd = next < m_parts.size() && m_parts[next].kind == Part::Kind::Literal;
    const PrefixField field = m_parts[part].field;
    for (std::size_t end = at; end <= line.size() && budget > 0; ++end) {
        if (hasEnd)
            end = line.find(m_parts[next].literal, end);
        if (end == std::string_view::npos || end > at + 256)
            return false;
        --budget;
        out.values[static_cast<std::size_t>(field)] = line.substr(at, end - at);
        if (matchFrom(next, end, line, out, budget))
            return true;
    }
    return false;
}

} // namespace tailscope::import::pglog
