// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pglog/textlines.h"

#include "base/text.h"

#include <algorithm>
#include <array>

namespace tailscope::import::pglog {

namespace {

/// 2000-01-01, a leap year, for heads that name no year.
constexpr Nanos kFirstYear = 946684800LL * kNanosPerSecond;
constexpr std::int64_t kDay = 86400;

bool isDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view token(std::string_view text) { return text.substr(0, text.find(' ')); }

void dropToken(std::string_view &text)
{
    text.remove_prefix(std::min(text.find(' '), text.size()));
    if (text.starts_with(' '))
        text.remove_prefix(1);
}

/// "Nov 22 04:10:00 " -> nanoseconds since the start of a leap year; nullopt when the text begins otherwise.
std::optional<Nanos> oldTime(std::string_view text)
{
    constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
        "Sep", "Oct", "Nov", "Dec"};
    constexpr std::array<int, 12> kStarts{0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335};
    if (text.size() < 16 || text[3] != ' ' || text[6] != ' ' || text[9] != ':' || text[12] != ':'
        || text[15] != ' ')
        return std::nullopt;
    for (const std::size_t at : {5U, 7U, 8U, 10U, 11U, 13U, 14U}) {
        if (!isDigit(text[at]))
            return std::nullopt;
    }
    const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(0, 3));
    if (month == kMonths.end() || (text[4] != ' ' && !isDigit(text[4])))
        return std::nullopt;
    const auto number = [&](std::size_t at) {
        return (isDigit(text[at]) ? text[at] - '0' : 0) * 10 + (text[at + 1] - '0');
    };
    const int day = number(4), hour = number(7), minute = number(10), second = number(13);
    if (day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
        return std::nullopt;
    const std::int64_t days = kStarts[static_cast<std::size_t>(month - kMonths.begin())] + day - 1;
    return (days * kDay + hour * 3600 + minute * 60 + second) * kNanosPerSecond;
}

/// "<134>" and then the rest.
void dropPriority(std::string_view &text)
{
    if (!text.starts_with('<'))
        return;
    std::size_t n = 1;
    while (n < text.size() && n < 5 && isDigit(text[n]))
        ++n;
    if (n > 1 && text.substr(n).starts_with('>'))
        text.remove_prefix(n + 1);
}

/// "postgres[777]: " or "postgres: ".
bool takeTag(std::string_view &text, SyslogHead &head)
{
    std::size_t n = 0;
    while (n < text.size() && text[n] != '[' && text[n] != ':' && text[n] != ' ' && n < 64)
        ++n;
    head.program = text.substr(0, n);
    text.remove_prefix(n);
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos)
            return false;
        head.pid = parseInt64(text.substr(1, close - 1)).value_or(-1);
        text.remove_prefix(close + 1);
    }
    if (head.program.empty() || !text.starts_with(':'))
        return false;
    text.remove_prefix(1);
    if (text.starts_with(' '))
        text.remove_prefix(1);
    return true;
}

/// "1 2026-11-22T04:10:00Z host program pid msgid - " after the priority.
bool takeNewHead(std::string_view &text, SyslogHead &head)
{
    if (!text.starts_with("1 "))
        return false;
    text.remove_prefix(2);
    head.time = scanWallTime(token(text));
    if (!head.time && token(text) != "-")
        return false;
    dropToken(text);
    head.host = token(text);
    dropToken(text);
    head.program = token(text);
    dropToken(text);
    head.pid = parseInt64(token(text)).value_or(-1);
    dropToken(text);
    dropToken(text); // message id
    // Structured data: "-" or [..], in which quotes hide brackets.
    if (text.starts_with('[')) {
        bool quoted = false;
        std::size_t n = 0;
        for (; n < text.size(); ++n) {
            if (text[n] == '\\' && n + 1 < text.size())
                ++n;
            else if (text[n] == '"')
                quoted = !quoted;
            else if (text[n] == ']' && !quoted && !text.substr(n + 1).starts_with('['))
                break;
        }
        text.remove_prefix(std::min(n + 1, text.size()));
        if (text.starts_with(' '))
            text.remove_prefix(1);
    } else {
        dropToken(text);
    }
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    return true;
}

/// "[12-3] ": the number of the message and of its piece.
void takePiece(std::string_view &text, SyslogHead &head)
{
    if (!text.starts_with('['))
        return;
    const std::size_t close = text.substr(0, 32).find(']');
    const std::size_t dash = text.substr(0, 32).find('-');
    if (close == std::string_view::npos || dash == std::string_view::npos || dash > close
        || !parseInt64(text.substr(1, dash - 1)))
        return;
    const std::optional<std::int64_t> piece = parseInt64(text.substr(dash + 1, close - dash - 1));
    if (!piece || *piece < 1)
        return;
    head.piece = *piece;
    text.remove_prefix(close + 1);
    if (text.starts_with(' '))
        text.remove_prefix(1);
}

} // namespace

bool PlainLines::next(TextLine &line)
{
    Line read;
    if (!m_lines.next(read))
        return false;
    line = {};
    line.text = read.text;
    line.offset = read.offset;
    line.length = read.length;
    line.tooLong = read.tooLong;
    return true;
}

std::optional<SyslogHead> scanSyslogHead(std::string_view line)
{
    SyslogHead head;
    std::string_view text = line;
    dropPriority(text);
    if (!takeNewHead(text, head)) {
        if (const std::optional<Nanos> time = oldTime(text)) {
            head.sinceYear = *time;
            text.remove_prefix(16);
        } else {
            head.time = scanWallTime(token(text));
            if (!head.time || head.time->length != token(text).size())
                return std::nullopt;
            dropToken(text);
        }
        head.host = token(text);
        dropToken(text);
        if (!takeTag(text, head))
            return std::nullopt;
    }
    takePiece(text, head);
    head.length = line.size() - text.size();
    return head;
}

bool isPostgresProgram(std::string_view program)
{
    const std::string name = toLowerAscii(program);
    return name.find("postgres") != std::string::npos || name.find("pgsql") != std::string::npos
        || name.starts_with("edb-");
}

void SyslogLines::setTime(const SyslogHead &head, TextLine &line)
{
    if (head.time) {
        const std::optional<int> offset = zoneOffset(head.time->zone);
        line.headNs = saturatingSub(head.time->localNs, offset.value_or(0) * kNanosPerSecond);
        line.headIsUtc = offset.has_value();
        line.offsetSeconds = offset.value_or(0);
    } else if (head.sinceYear != kUnknownNanos) {
        m_lacksYear = true;
        // From December to January the years go on; days out of order do not. Four years at most: times
        // from 2006 on are taken for real ones.
        constexpr Nanos kDayNs = kDay * kNanosPerSecond;
        constexpr Nanos kYearNs = 366 * kDayNs;
        Nanos year = m_year;
        if (m_last > head.sinceYear + 180 * kDayNs) {
            m_year = std::min(m_year + kYearNs, 4 * kYearNs);
            year = m_year;
            m_last = head.sinceYear;
        } else if (m_year > 0 && head.sinceYear > m_last + 300 * kDayNs) {
            year -= kYearNs; // a line of December among those of January
        } else {
            m_last = head.sinceYear;
        }
        line.headNs = kFirstYear + year + head.sinceYear;
    }
}

bool SyslogLines::next(TextLine &line)
{
    Line read;
    while (m_lines.next(read)) {
        const std::string_view text = read.text;
        if (trimmed(text).empty())
            continue;
        const std::optional<SyslogHead> head = scanSyslogHead(text);
        if (!head) {
            m_report.skip("bad-syslog-line", read.offset, read.length, "the line has no head of syslog",
                text);
            continue;
        }
        if (!isPostgresProgram(head->program)) {
            m_report.note(IssueSeverity::Info, "other-program", read.offset,
                "lines of other programs were passed over");
            continue;
        }
        line = {};
        line.offset = read.offset;
        line.length = read.length;
        line.tooLong = read.tooLong;
        line.key = head->pid;
        line.goesOn = head->piece > 1;
        line.host = head->host;
        setTime(*head, line);
        line.text = text.substr(head->length);
        // rsyslog writes control characters in octal.
        if (line.text.starts_with("#011")) {
            m_text.clear();
            for (std::size_t at = 0; at < line.text.size();) {
                const bool tab = line.text.substr(at, 4) == "#011";
                m_text += tab ? '\t' : line.text[at];
                at += tab ? 4 : 1;
            }
            line.text = m_text;
        }
        return true;
    }
    return false;
}

} // namespace tailscope::import::pglog
