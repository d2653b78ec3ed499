// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/poollog/hikariline.h"

#include "base/text.h"

#include <algorithm>
#include <array>

namespace tailscope::import {

namespace {

struct Phrase
{
    std::string_view text;
    HikariLine::Kind kind;
};
constexpr std::array<Phrase, 12> kPhrases{{
    {"Before cleanup stats (", HikariLine::Kind::Stats},
    {"After cleanup  stats (", HikariLine::Kind::Stats},
    {"After cleanup stats (", HikariLine::Kind::Stats},
    {"Pool stats (total=", HikariLine::Kind::Stats},
    {"Timeout failure stats (", HikariLine::Kind::Stats},
    {"After adding stats (", HikariLine::Kind::Stats},
    {"Connection not added, stats (", HikariLine::Kind::Stats},
    {"Connection is not available, request timed out after", HikariLine::Kind::Timeout},
    {"Connection leak detection triggered for", HikariLine::Kind::Leak},
    {"Previously reported leaked connection", HikariLine::Kind::Unleaked},
    {"Thread starvation or clock leap detected", HikariLine::Kind::Starvation},
    {"Fill pool skipped", HikariLine::Kind::Other},
}};

/// The number behind "name="; "20/50" gives both. A comma or a bracket ends it.
std::optional<double> figure(std::string_view text, std::string_view name,
    std::optional<double> *most = nullptr)
{
    const std::size_t at = text.find(name);
    if (at == std::string_view::npos)
        return std::nullopt;
    std::string_view rest = text.substr(at + name.size());
    rest = rest.substr(0, rest.find_first_of(",) "));
    const std::size_t slash = rest.find('/');
    if (slash != std::string_view::npos && most != nullptr)
        *most = parseDouble(rest.substr(slash + 1));
    const std::optional<double> value = parseDouble(rest.substr(0, slash));
    return value && *value >= 0 ? value : std::nullopt;
}

/// The value of a key of a JSON line, as it stands there.
std::string_view jsonText(std::string_view line, std::string_view key)
{
    const std::size_t at = line.find(key);
    if (at == std::string_view::npos)
        return {};
    std::string_view rest = trimmed(line.substr(at + key.size()));
    if (!rest.starts_with(':'))
        return {};
    rest = trimmed(rest.substr(1));
    if (!rest.starts_with('"'))
        return rest.substr(0, rest.find_first_of(",}"));
    return rest.substr(1, rest.find('"', 1) - 1);
}

/// A date and a time at the head of a line: "2026-03-02 12:00:00.123", "2026-03-02T12:00:00.123Z", or with a
/// comma before the milliseconds.
std::string leadingTime(std::string_view line)
{
    if (line.starts_with('{')) {
        for (const std::string_view key : {"\"@timestamp\"", "\"timestamp\"", "\"time\"", "\"ts\""}) {
            const std::string_view text = jsonText(line, key);
            if (!text.empty())
                return std::string(text);
        }
        return {};
    }
    if (line.starts_with('['))
        line.remove_prefix(1);
    if (line.size() < 19 || line[4] != '-' || line[13] != ':')
        return {};
    std::string text(line.substr(0, std::min<std::size_t>(line.size(), 40)));
    if (text.size() > 19 && text[19] == ',')
        text[19] = '.';
    std::size_t end = text.find_first_not_of("0123456789:.", 11);
    end = end == std::string::npos ? text.size() : end;
    if (end < text.size() && text[end] == 'Z')
        ++end;
    else if (end < text.size() && (text[end] == '+' || text[end] == '-'))
        end = std::min(text.find_first_not_of("0123456789:", end + 1), text.size());
    return text.substr(0, end);
}

std::string_view levelOf(std::string_view line)
{
    for (const std::string_view level : {"DEBUG", "INFO", "WARN", "ERROR", "TRACE"}) {
        const std::size_t at = line.substr(0, 200).find(level);
        if (at != std::string_view::npos)
            return level;
    }
    return {};
}

/// The pool's name stands before " - " in front of the message.
std::string_view poolBefore(std::string_view line, std::size_t message)
{
    constexpr std::string_view kDash = " - ";
    if (message < kDash.size() || line.substr(message - kDash.size(), kDash.size()) != kDash)
        return {};
    const std::size_t end = message - kDash.size();
    std::size_t begin = line.find_last_of(" \t:\"", end == 0 ? 0 : end - 1);
    begin = begin == std::string_view::npos || begin >= end ? 0 : begin + 1;
    return line.substr(begin, end - begin);
}

/// "HikariConfig : maximumPoolSize................................20"
bool takeSetting(std::string_view line, HikariLine &result)
{
    const std::size_t dots = line.find("....");
    if (dots == std::string_view::npos || line.find("HikariConfig") == std::string_view::npos)
        return false;
    const std::size_t begin = line.find_last_of(" \t:\"", dots) + 1;
    const std::size_t value = line.find_first_not_of('.', dots);
    result.settingName = line.substr(begin, dots - begin);
    result.settingValue = value == std::string_view::npos ? std::string_view() : line.substr(value);
    if (result.settingValue.starts_with('"'))
        result.settingValue.remove_prefix(1);
    result.settingValue = trimmed(result.settingValue.substr(0, result.settingValue.find('"')));
    result.kind = HikariLine::Kind::Setting;
    return !result.settingName.empty();
}

} // namespace

std::optional<HikariLine> HikariLine::parse(std::string_view text)
{
    HikariLine line;
    std::size_t at = std::string_view::npos;
    for (const Phrase &phrase : kPhrases) {
        at = text.find(phrase.text);
        if (at != std::string_view::npos) {
            line.kind = phrase.kind;
            break;
        }
    }
    const bool named = text.find("zaxxer.hikari") != std::string_view::npos
        || text.find("HikariPool") != std::string_view::npos
        || text.find("HikariDataSource") != std::string_view::npos
        || text.find("HikariConfig") != std::string_view::npos;
    if (at == std::string_view::npos) {
        if (!named || text.starts_with("\tat ") || text.starts_with("    at "))
            return std::nullopt;
        if (!takeSetting(text, line)) {
            const std::size_t dash = text.rfind(" - ");
            at = dash == std::string_view::npos ? text.size() : dash + 3;
            if (at == text.size())
                return std::nullopt;
        }
    }
    line.time = leadingTime(text);
    line.level = levelOf(text);
    if (line.kind == Kind::Setting)
        return line;
    // Of a leak nobody says in which pool it is.
    if (line.kind != Kind::Leak && line.kind != Kind::Unleaked)
        line.pool = poolBefore(text, at);
    line.message = text.substr(at);
    if (text.starts_with('{'))
        line.message = line.message.substr(0, line.message.find('"'));
    if (line.message.find("total=") != std::string_view::npos) {
        line.total = figure(line.message, "total=", &line.maxTotal);
        line.active = figure(line.message, "active=");
        line.idle = figure(line.message, "idle=");
        line.waiting = figure(line.message, "waiting=");
    }
    if (line.kind == Kind::Timeout) {
        constexpr std::string_view kAfter = "timed out after ";
        const std::size_t after = line.message.find(kAfter);
        if (after != std::string_view::npos) {
            const std::string_view number = line.message.substr(after + kAfter.size());
            line.timedOutMs = parseDouble(number.substr(0, number.find_first_not_of("0123456789")));
        }
    }
    return line;
}

} // namespace tailscope::import
