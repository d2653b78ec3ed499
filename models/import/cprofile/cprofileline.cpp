// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/cprofile/cprofileline.h"

#include "base/text.h"

#include <algorithm>

namespace tailscope::import::cprofile {

namespace {

std::string_view takeWord(std::string_view &text)
{
    const std::size_t first = std::min(text.find_first_not_of(" \t"), text.size());
    const std::size_t end = std::min(text.find_first_of(" \t", first), text.size());
    const std::string_view word = text.substr(first, end - first);
    text.remove_prefix(end);
    return word;
}

std::optional<Nanos> seconds(std::string_view text)
{
    const std::optional<std::int64_t> ns = parseScaledDecimal(text, kNanosPerSecond);
    return ns && *ns >= 0 ? ns : std::nullopt;
}

std::optional<std::int64_t> count(std::string_view text)
{
    const std::optional<std::int64_t> number = parseInt64(text);
    return number && *number >= 0 ? number : std::nullopt;
}

} // namespace

Function splitFunction(std::string_view text)
{
    Function function;
    function.name = text;
    if (text.starts_with('{') || !text.ends_with(')'))
        return function;
    // The name may hold parentheses of its own: it begins at the first after a line number.
    for (std::size_t open = text.find('('); open != std::string_view::npos; open = text.find('(', open + 1)) {
        const std::size_t colon = text.substr(0, open).rfind(':');
        if (colon == std::string_view::npos)
            continue;
        const std::optional<std::int64_t> line = count(text.substr(colon + 1, open - colon - 1));
        if (!line)
            continue;
        function.name = text.substr(open + 1, text.size() - open - 2);
        function.file = text.substr(0, colon);
        function.line = *line;
        // "~" stands for what has no file.
        if (function.file == "~")
            function.file = {};
        return function;
    }
    return function;
}

std::optional<Row> parseRow(std::string_view line)
{
    Row row;
    const std::string_view calls = takeWord(line);
    const std::size_t slash = std::min(calls.find('/'), calls.size());
    const auto all = count(calls.substr(0, slash));
    const auto outside = slash < calls.size() ? count(calls.substr(slash + 1)) : all;
    const auto total = seconds(takeWord(line));
    takeWord(line); // a call's share, rounded
    const auto cumulative = seconds(takeWord(line));
    takeWord(line);
    const std::string_view function = trimmed(line);
    if (!all || !outside || !total || !cumulative || function.empty())
        return std::nullopt;
    row.calls = *all;
    row.primitiveCalls = *outside;
    row.total = *total;
    row.cumulative = *cumulative;
    row.function = splitFunction(function);
    return row;
}

std::optional<Summary> parseSummary(std::string_view line)
{
    line = trimmed(line);
    const std::string_view calls = takeWord(line);
    const std::size_t in = line.rfind(" in ");
    if (!(line.starts_with(" function calls") && line.ends_with(" seconds")) || in == std::string_view::npos)
        return std::nullopt;
    const auto number = count(calls);
    const auto total = seconds(line.substr(in + 4, line.size() - in - 4 - 8));
    return number && total ? std::optional(Summary{*number, *total}) : std::nullopt;
}

bool isTableHead(std::string_view line)
{
    return takeWord(line) == "ncalls" && takeWord(line) == "tottime" && takeWord(line) == "percall"
        && takeWord(line) == "cumtime";
}

bool isCallersHead(std::string_view line)
{
    line = trimmed(line);
    return line.starts_with("Function ")
        && (line.ends_with("was called by...") || line.ends_with("called..."));
}

} // namespace tailscope::import::cprofile
