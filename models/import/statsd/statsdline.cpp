// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/statsd/statsdline.h"

#include "base/text.h"

namespace tailscope::import::statsd {

namespace {

constexpr std::size_t kMaxLabels = 256;
constexpr std::size_t kMaxValues = 4096;

void addTag(std::string_view tag, char separator, StatsdLine &out)
{
    tag = trimmed(tag);
    if (tag.empty() || out.labels.size() >= kMaxLabels)
        return;
    const std::size_t at = tag.find(separator);
    // A tag without a value is a mark.
    const std::string_view value
        = at == std::string_view::npos ? std::string_view("true") : tag.substr(at + 1);
    out.labels.push_back({tag.substr(0, at), value});
}

std::string_view parseHead(std::string_view head, StatsdLine &out)
{
    const std::size_t colon = head.find(':');
    if (colon == std::string_view::npos || colon == 0)
        return "it is not of the form name:value|type";
    std::string_view name = head.substr(0, colon);
    const std::vector<std::string_view> parts = split(name, ',');
    out.name = parts.front();
    for (std::size_t i = 1; i < parts.size(); ++i)
        addTag(parts[i], '=', out);
    if (out.name.empty() || out.name.find_first_of(" \t") != std::string_view::npos)
        return "its name is empty or holds a blank";
    out.values = split(head.substr(colon + 1), ':');
    return out.values.size() > kMaxValues ? "it has more than 4,096 values" : std::string_view();
}

bool parseType(std::string_view text, StatsdLine &out)
{
    using Type = StatsdLine::Type;
    if (text == "c" || text == "m")
        out.type = Type::Counter;
    else if (text == "g")
        out.type = Type::Gauge;
    else if (text == "ms")
        out.type = Type::Timer;
    else if (text == "h" || text == "d")
        out.type = Type::Histogram;
    else if (text == "s")
        out.type = Type::Set;
    else
        return false;
    return true;
}

} // namespace

std::string_view parseStatsdLine(std::string_view line, StatsdLine &out)
{
    out.labels.clear();
    out.values.clear();
    out.rate = 1;
    out.time = {};
    line = trimmed(line);
    const std::size_t bar = line.find('|');
    if (bar == std::string_view::npos)
        return "it is not of the form name:value|type";
    std::string_view head = line.substr(0, bar);
    // A time in front may hold a blank itself: "2026-03-02 12:00:00 name:1|c".
    if (const std::size_t blank = head.find_last_of(" \t"); blank != std::string_view::npos) {
        out.time = trimmed(head.substr(0, blank));
        head = head.substr(blank + 1);
    }
    if (const std::string_view reason = parseHead(head, out); !reason.empty())
        return reason;
    const std::vector<std::string_view> parts = split(line.substr(bar + 1), '|');
    if (!parseType(parts.front(), out))
        return "its type is none of c, g, ms, h, d, s";
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const std::string_view part = parts[i];
        if (part.starts_with('@')) {
            const std::optional<double> rate = parseDouble(part.substr(1));
            if (!rate || *rate <= 0 || *rate > 1)
                return "its sample rate is not above 0 and at most 1";
            out.rate = *rate;
        } else if (part.starts_with('#')) {
            for (const std::string_view tag : split(part.substr(1), ','))
                addTag(tag, ':', out);
        } else if (part.starts_with('T') && out.time.empty()) {
            out.time = part.substr(1);
        }
    }
    return {};
}

} // namespace tailscope::import::statsd
