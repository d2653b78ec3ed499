// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/accesslog/accessline.h"

#include "base/text.h"
#include "base/units.h"

#include <array>

namespace tailscope::import::accesslog {

namespace {

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
    "Sep", "Oct", "Nov", "Dec"};

std::string_view withoutDash(std::string_view text) { return text == "-" ? std::string_view() : text; }

bool isNumber(std::string_view text)
{
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string_view takeWord(std::string_view &text)
{
    const std::size_t first = std::min(text.find_first_not_of(' '), text.size());
    const std::size_t end = std::min(text.find(' ', first), text.size());
    const std::string_view word = text.substr(first, end - first);
    text.remove_prefix(end);
    return word;
}

/// The next field in quotes; false when there is none. A backslash keeps the quote after it.
bool takeQuoted(std::string_view &text, std::string_view &field)
{
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string_view::npos || text[first] != '"')
        return false;
    std::size_t end = first + 1;
    while (end < text.size() && text[end] != '"')
        end += text[end] == '\\' ? 2 : 1;
    if (end >= text.size())
        return false;
    field = text.substr(first + 1, end - first - 1);
    text.remove_prefix(end + 1);
    return true;
}

/// "host ident user" or "vhost:80 host ident user"; a user name may hold blanks.
bool splitHead(std::string_view head, AccessLine &line)
{
    std::string_view first = takeWord(head);
    std::string_view second = takeWord(head);
    std::string_view rest = trimmed(head);
    if (first.empty() || second.empty() || rest.empty())
        return false;
    const std::size_t blank = rest.find(' ');
    if (blank != std::string_view::npos && rest.substr(0, blank) == "-" && second != "-") {
        line.vhost = first;
        first = second;
        rest = trimmed(rest.substr(blank));
    }
    line.client = withoutDash(first);
    line.user = withoutDash(rest);
    return true;
}

/// "[10/Oct/2000:13:55:36 -0700]": where the brackets with a time are; npos when nowhere.
std::size_t timeAt(std::string_view line)
{
    for (std::size_t at = line.find(" ["); at != std::string_view::npos; at = line.find(" [", at + 1)) {
        if (at + 2 < line.size() && line[at + 2] >= '0' && line[at + 2] <= '9')
            return at + 1;
    }
    return std::string_view::npos;
}

} // namespace

RequestText splitRequestText(std::string_view request)
{
    RequestText text;
    const std::size_t first = request.find(' ');
    const std::size_t last = request.rfind(' ');
    if (first == std::string_view::npos) {
        text.target = withoutDash(request);
        return text;
    }
    text.method = request.substr(0, first);
    if (last > first && request.substr(last + 1).starts_with("HTTP/")) {
        text.protocol = request.substr(last + 6);
        text.target = request.substr(first + 1, last - first - 1);
    } else {
        text.target = request.substr(first + 1);
    }
    return text;
}

std::optional<AccessLine> parseAccessLine(std::string_view text)
{
    AccessLine line;
    const std::size_t open = timeAt(text);
    if (open == std::string_view::npos)
        return std::nullopt;
    const std::size_t close = text.find(']', open);
    if (close == std::string_view::npos || !splitHead(text.substr(0, open), line))
        return std::nullopt;
    line.time = text.substr(open + 1, close - open - 1);
    std::string_view rest = text.substr(close + 1);
    std::string_view request;
    if (!takeQuoted(rest, request))
        return std::nullopt;
    const RequestText parts = splitRequestText(request);
    line.method = parts.method;
    line.target = parts.target;
    line.protocol = parts.protocol;
    line.status = withoutDash(takeWord(rest));
    line.bytes = withoutDash(takeWord(rest));
    const auto isCount = [](std::string_view word) { return word.empty() || isNumber(word); };
    if (!isCount(line.status) || !isCount(line.bytes))
        return std::nullopt;
    std::string_view referer;
    if (takeQuoted(rest, referer)) {
        line.referer = withoutDash(referer);
        std::string_view agent;
        if (takeQuoted(rest, agent))
            line.agent = withoutDash(agent);
    }
    line.more = trimmed(rest);
    return line;
}

std::string rfcTime(std::string_view time)
{
    // dd/Mon/yyyy:hh:mm:ss[.fff] [+hhmm]
    if (time.size() < 20 || time[2] != '/' || time[6] != '/' || time[11] != ':')
        return std::string(time);
    std::size_t month = 0;
    while (month < kMonths.size() && kMonths[month] != time.substr(3, 3))
        ++month;
    if (month == kMonths.size())
        return std::string(time);
    std::string out(time.substr(7, 4));
    ++month;
    out.append("-")
        .append(1, static_cast<char>('0' + month / 10))
        .append(1, static_cast<char>('0' + month % 10));
    out.append("-").append(time.substr(0, 2)).append("T");
    const std::size_t blank = std::min(time.find(' '), time.size());
    out.append(time.substr(12, blank - 12));
    const std::string_view zone = trimmed(time.substr(blank));
    if (zone.size() == 5 && (zone[0] == '+' || zone[0] == '-'))
        out.append(zone.substr(0, 3)).append(":").append(zone.substr(3));
    else
        out.append(zone);
    return out;
}

std::optional<MoreDuration> durationIn(std::string_view more)
{
    struct Key
    {
        std::string_view name;
        long long scale;
        bool atEnd = false;
    };
    static constexpr std::array<Key, 9> keys{{{"rt", kNanosPerSecond, true},
        {"request_time", kNanosPerSecond, true}, {"duration_s", kNanosPerSecond},
        {"duration_ms", kNanosPerMilli}, {"request_time_ms", kNanosPerMilli}, {"latency_ms", kNanosPerMilli},
        {"duration_us", kNanosPerMicro}, {"request_time_us", kNanosPerMicro}, {"D", kNanosPerMicro}}};
    bool isFirst = true;
    while (!more.empty()) {
        std::string_view word = takeWord(more);
        const auto bare = [](std::string_view value) {
            return value.size() > 1 && value.front() == '"' && value.back() == '"'
                ? value.substr(1, value.size() - 2)
                : value;
        };
        const std::size_t equals = word.find('=');
        if (equals != std::string_view::npos) {
            const std::string_view value = bare(word.substr(equals + 1));
            for (const Key &key : keys) {
                if (word.substr(0, equals) == key.name && parseDouble(value))
                    return MoreDuration{value, key.scale, key.atEnd};
            }
        } else if (isFirst) {
            const std::string_view value = bare(word);
            const std::size_t dot = value.find('.');
            if (dot != std::string_view::npos && isNumber(value.substr(0, dot))
                && isNumber(value.substr(dot + 1)))
                return MoreDuration{value, kNanosPerSecond, true};
        }
        isFirst = false;
    }
    return std::nullopt;
}

} // namespace tailscope::import::accesslog
