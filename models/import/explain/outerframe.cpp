// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/outerframe.h"

#include "base/text.h"
#include "import/explain/frames.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace tailscope::import::explain {

namespace {

/// Looked at to tell the frame, and common to all lines of it.
constexpr std::size_t kSampledLines = 4000;
constexpr std::size_t kMaxPrefix = 200;

using Lines = std::vector<std::string_view>;

std::string joined(const Lines &lines)
{
    std::string out;
    for (const std::string_view line : lines) {
        out += line;
        out += '\n';
    }
    return out;
}

/// Control sequences of terminals: colours, cursor, titles.
std::optional<std::string> withoutColours(std::string_view text)
{
    if (text.find('\x1B') == std::string_view::npos)
        return std::nullopt;
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\x1B') {
            out += text[i];
            continue;
        }
        if (i + 1 >= text.size() || text[i + 1] != '[')
            continue;
        i += 2;
        while (i < text.size() && text[i] >= ' ' && text[i] < '@')
            ++i;
    }
    return out;
}

std::optional<std::string> withoutMailQuotes(std::string_view text)
{
    Lines lines = split(text, '\n');
    std::size_t quoted = 0;
    std::size_t filled = 0;
    for (std::size_t i = 0; i < std::min(lines.size(), kSampledLines); ++i) {
        filled += !trimmed(lines[i]).empty();
        quoted += lines[i].starts_with('>');
    }
    if (quoted == 0 || quoted * 10 < filled * 9)
        return std::nullopt;
    for (std::string_view &line : lines) {
        while (line.starts_with('>'))
            line.remove_prefix(line.starts_with("> ") ? 2 : 1);
    }
    return joined(lines);
}

char shapeOf(char c) { return c >= '0' && c <= '9' ? '0' : c; }

/// What every line begins with but for its digits, to the last mark that ends such a prefix.
std::size_t commonPrefix(const Lines &lines)
{
    std::string prefix;
    bool first = true;
    std::size_t filled = 0;
    for (std::size_t i = 0; i < std::min(lines.size(), kSampledLines); ++i) {
        const std::string_view line = lines[i];
        if (trimmed(line).empty())
            continue;
        ++filled;
        const std::size_t length = std::min(line.size(), first ? kMaxPrefix : prefix.size());
        std::size_t same = 0;
        while (same < length && (first || prefix[same] == shapeOf(line[same]))) {
            if (first)
                prefix += shapeOf(line[same]);
            ++same;
        }
        prefix.resize(same);
        first = false;
    }
    const std::size_t mark = prefix.find_last_of("|:]");
    if (filled < 2 || mark == std::string::npos || mark < 2 || prefix.find('(') != std::string::npos)
        return 0;
    const bool named = std::any_of(prefix.begin(), prefix.begin() + static_cast<std::ptrdiff_t>(mark),
        [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '0'; });
    return named ? mark + 1 : 0;
}

std::optional<std::string> withoutPrefixes(std::string_view text)
{
    Lines lines = split(text, '\n');
    const std::size_t prefix = commonPrefix(lines);
    if (prefix == 0)
        return std::nullopt;
    // Where the client puts a blank behind the mark every line has it.
    const bool blank = std::all_of(lines.begin(), lines.end(),
        [prefix](std::string_view line) { return line.size() <= prefix || line[prefix] == ' '; });
    Lines kept;
    for (const std::string_view line : lines) {
        if (!trimmed(line).empty())
            kept.push_back(line.substr(std::min(line.size(), prefix + (blank ? 1 : 0))));
    }
    return joined(kept);
}

/// Strings of [('a',), ('b',)], [["a"], ["b"]] and [{'QUERY PLAN': 'a'}], one a line.
std::optional<std::string> withoutRows(std::string_view text)
{
    const std::string_view start = trimmed(text);
    static constexpr std::array<std::string_view, 10> kOpenings{"[(", "('", "(\"", "[['", "[[\"", "['", "[{'",
        "{'", "[\"", "([("};
    if (std::none_of(kOpenings.begin(), kOpenings.end(),
            [start](std::string_view opening) { return start.starts_with(opening); }))
        return std::nullopt;
    std::string out;
    for (std::size_t i = 0; i < start.size(); ++i) {
        const char quote = start[i];
        if (quote != '\'' && quote != '"')
            continue;
        std::string value;
        for (++i; i < start.size() && start[i] != quote; ++i) {
            if (start[i] != '\\' || i + 1 >= start.size()) {
                value += start[i];
                continue;
            }
            const char c = start[++i];
            value += c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
        if (value != "QUERY PLAN")
            out += value + '\n';
    }
    return out;
}

std::string withoutLatexMarks(std::string_view text)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kMarks{{
        {"\\textgreater{}", ">"},
        {"\\textless{}", "<"},
        {"\\textbar{}", "|"},
        {"\\textbackslash{}", "\\"},
        {"\\textasciitilde{}", "~"},
        {"\\textasciicircum{}", "^"},
        {"\\^{}", "^"},
        {"\\~{}", "~"},
        {"\\_", "_"},
        {"\\%", "%"},
        {"\\$", "$"},
        {"\\&", "&"},
        {"\\#", "#"},
        {"\\{", "{"},
        {"\\}", "}"},
        {"\\|", "|"},
    }};
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view rest = text.substr(i);
        const auto *mark = rest[0] != '\\'
            ? kMarks.end()
            : std::find_if(kMarks.begin(), kMarks.end(),
                [rest](const auto &known) { return rest.starts_with(known.first); });
        if (mark == kMarks.end()) {
            out += text[i];
        } else {
            out += mark->second;
            i += mark->first.size() - 1;
        }
    }
    return out;
}

std::optional<std::string> withoutLatex(std::string_view text)
{
    if (text.find("\\begin{tabular}") == std::string_view::npos
        && text.find("\\begin{longtable}") == std::string_view::npos)
        return std::nullopt;
    std::string out;
    for (std::string_view line : split(text, '\n')) {
        line = line.substr(0, line.find_last_not_of(" \r") + 1);
        std::string_view value = line;
        for (const std::string_view end : {"\\tabularnewline", "\\\\"}) {
            if (value.ends_with(end))
                value = value.substr(0, value.size() - end.size());
        }
        // Rows end so; everything else is the table's own.
        if (value.size() == line.size())
            continue;
        if (value.ends_with(' '))
            value.remove_suffix(1);
        const std::size_t label = value.find("QUERY PLAN");
        if (label != std::string_view::npos && label < 40) {
            const std::size_t cell = value.find('&', label);
            if (cell == std::string_view::npos)
                continue;
            value = value.substr(std::min(cell + 2, value.size()));
        }
        if (value.starts_with("\\multicolumn") || value.starts_with("\\noalign")
            || value.starts_with("\\textit") || value.starts_with('('))
            continue;
        for (const std::string_view mark : {"\\raggedright{", "{\\raggedright{"}) {
            if (value.starts_with(mark) && value.ends_with('}'))
                value = value.substr(mark.size(), value.size() - mark.size() - 1);
        }
        out += withoutLatexMarks(value) + '\n';
    }
    return out;
}

std::string_view withoutCsvQuotes(std::string_view text, std::string &kept)
{
    if (text.size() < 2 || text.front() != '"' || text.back() != '"')
        return text;
    kept.clear();
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        kept += text[i];
        i += text[i] == '"' && text[i + 1] == '"' ? 1 : 0;
    }
    return kept;
}

std::string withoutAsciidocMarks(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!text.substr(i).starts_with("\\|"))
            out += text[i];
    }
    return out;
}

/// psql's expanded form where every row is a line that begins with the name of the column.
std::optional<std::string> withoutLabels(std::string_view text)
{
    static constexpr std::array<std::string_view, 4> kLabels{"QUERY PLAN|", "QUERY PLAN,", "QUERY PLAN\t",
        "<l|QUERY PLAN <l|"};
    for (const std::string_view label : kLabels) {
        const std::size_t first = text.find(label);
        if (first == std::string_view::npos || (first > 0 && text[first - 1] != '\n')
            || text.find(label, first + 1) == std::string_view::npos)
            continue;
        std::string out;
        std::string kept;
        for (std::string_view line : split(text, '\n')) {
            if (!line.starts_with(label))
                continue;
            line = line.substr(label.size());
            if (line.ends_with('\r'))
                line.remove_suffix(1);
            out += label.ends_with(',')  ? std::string(withoutCsvQuotes(line, kept))
                : label.starts_with('<') ? withoutAsciidocMarks(line)
                                         : std::string(line);
            out += '\n';
        }
        return out;
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string> withoutOuterFrame(std::string_view text)
{
    std::optional<std::string> out;
    // Each peel keeps a view a line; what is beyond is not read anyway, and unframe() tells it.
    if (std::count(text.begin(), text.end(), '\n') > static_cast<std::ptrdiff_t>(kMaxLines))
        return out;
    // Labels before prefixes: "QUERY PLAN|" is common to all lines as well.
    for (const auto peel :
        {withoutColours, withoutMailQuotes, withoutRows, withoutLatex, withoutLabels, withoutPrefixes}) {
        if (std::optional<std::string> peeled = peel(out ? std::string_view(*out) : text))
            out = std::move(peeled);
    }
    return out;
}

} // namespace tailscope::import::explain
