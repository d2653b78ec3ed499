// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/consoletime.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace tailscope::import {

namespace {

constexpr std::size_t kMaxLine = 100;

/// Months as the C locale writes them, and as German, French and Spanish do where that differs.
int monthOf(std::string_view word)
{
    static constexpr std::array<std::pair<std::string_view, int>, 30> kMonths{{{"jan", 1}, {"feb", 2},
        {"mar", 3}, {"apr", 4}, {"may", 5}, {"jun", 6}, {"jul", 7}, {"aug", 8}, {"sep", 9}, {"oct", 10},
        {"nov", 11}, {"dec", 12}, {"j\xC3\xA4n", 1}, {"m\xC3\xA4r", 3}, {"mrz", 3}, {"mai", 5}, {"okt", 10},
        {"dez", 12}, {"janv", 1}, {"f\xC3\xA9vr", 2}, {"mars", 3}, {"avril", 4}, {"juin", 6}, {"juil", 7},
        {"ao\xC3\xBBt", 8}, {"sept", 9}, {"ene", 1}, {"abr", 4}, {"ago", 8}, {"dic", 12}}};
    std::string name = toLowerAscii(word);
    if (name.ends_with('.'))
        name.pop_back();
    for (const auto &[known, month] : kMonths) {
        if (name == known)
            return month;
    }
    static constexpr std::array<std::string_view, 12> kLong{"january", "february", "march", "april", "may",
        "june", "july", "august", "september", "october", "november", "december"};
    const auto found = std::find(kLong.begin(), kLong.end(), name);
    return found == kLong.end() ? 0 : static_cast<int>(found - kLong.begin()) + 1;
}

struct Parts
{
    int month = 0, day = 0, year = 0, hour = -1, minute = 0, second = 0;
    int half = -1; ///< 0 = AM, 1 = PM
    std::string zone;
};

bool takeClock(std::string_view word, Parts &parts)
{
    const std::vector<std::string_view> fields = split(word, ':');
    if (fields.size() != 3 || parts.hour >= 0)
        return false;
    std::array<int, 3> figures{};
    for (std::size_t i = 0; i < 3; ++i) {
        const std::optional<std::int64_t> figure = parseInt64(fields[i]);
        if (!figure || fields[i].empty() || fields[i].size() > 2 || *figure < 0 || *figure > 60)
            return false;
        figures[i] = static_cast<int>(*figure);
    }
    parts.hour = figures[0];
    parts.minute = figures[1];
    parts.second = figures[2];
    return true;
}

bool isZoneWord(std::string_view word)
{
    return word.size() >= 1 && word.size() <= 5
        && std::all_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool isZoneOffset(std::string_view word)
{
    return word.size() >= 3 && word.size() <= 6 && (word.front() == '+' || word.front() == '-')
        && std::all_of(word.begin() + 1, word.end(),
            [](char c) { return (c >= '0' && c <= '9') || c == ':'; });
}

bool takeWord(std::string_view word, bool first, Parts &parts)
{
    if (word.find(':') != std::string_view::npos && takeClock(word, parts))
        return true;
    const std::optional<std::int64_t> number = parseInt64(word);
    if (number && word.front() != '+' && word.front() != '-') {
        if (word.size() == 4 && parts.year == 0)
            parts.year = static_cast<int>(*number);
        else if (word.size() <= 2 && parts.day == 0)
            parts.day = static_cast<int>(*number);
        else
            return false;
        return true;
    }
    if (const int month = monthOf(word); month != 0 && parts.month == 0) {
        parts.month = month;
        return true;
    }
    if ((word == "AM" || word == "PM") && parts.half < 0) {
        parts.half = word == "PM" ? 1 : 0;
        return true;
    }
    if ((isZoneOffset(word) || isZoneWord(word)) && parts.hour >= 0 && parts.zone.empty()) {
        parts.zone = word;
        return true;
    }
    // The day of the week, in whatever language.
    return first && word.size() <= 12
        && std::none_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

std::optional<std::string> consoleTime(std::string_view line)
{
    line = trimmed(line);
    // psql centres it over tables of any width.
    if (line.size() > kMaxLine || line.size() < 10)
        return std::nullopt;
    if (line.starts_with("Watch every ")) { // until 9.5
        const std::size_t tab = line.find_first_of("\t", 12);
        if (tab == std::string_view::npos)
            return std::nullopt;
        line = trimmed(line.substr(tab + 1));
    }
    if (line.ends_with("s)") && line.find('(') != std::string_view::npos)
        line = trimmed(line.substr(0, line.rfind('(')));
    if (line.empty())
        return std::nullopt;
    if (line.front() >= '0' && line.front() <= '9' && line.find(':') != std::string_view::npos
        && parseTimestamp(line))
        return std::string(line);
    Parts parts;
    bool first = true;
    for (std::string_view word : split(line, ' ')) {
        while (word.ends_with(','))
            word.remove_suffix(1);
        if (word.empty())
            continue;
        if (!takeWord(word, first, parts))
            return std::nullopt;
        first = false;
    }
    if (parts.month == 0 || parts.day == 0 || parts.year == 0 || parts.hour < 0)
        return std::nullopt;
    if (parts.half >= 0) {
        if (parts.hour < 1 || parts.hour > 12)
            return std::nullopt;
        parts.hour = parts.hour % 12 + 12 * parts.half;
    }
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02d-%02d %02d:%02d:%02d", parts.year, parts.month,
        parts.day, parts.hour, parts.minute, parts.second);
    std::string time = text.data();
    if (parts.zone == "UTC" || parts.zone == "GMT" || parts.zone == "Z")
        time += 'Z';
    else if (isZoneOffset(parts.zone))
        time += parts.zone;
    return parseTimestamp(time) ? std::optional(time) : std::nullopt;
}

} // namespace tailscope::import
