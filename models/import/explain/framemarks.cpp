// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/framemarks.h"

#include "base/text.h"
#include "import/explain/frames.h"

#include <array>
#include <utility>

namespace tailscope::import::explain {

namespace {

constexpr std::string_view kLabel = "QUERY PLAN";
constexpr std::array<std::string_view, 3> kBars{"|", "\u2502", "\u2551"};
constexpr std::array<std::string_view, 2> kWrapMarks{".", "\u2026"};
constexpr std::array<std::string_view, 2> kNewlineMarks{"+", "\u21B5"};

template<std::size_t N>
std::size_t prefixLength(std::string_view text, const std::array<std::string_view, N> &choices)
{
    for (std::string_view choice : choices) {
        if (text.starts_with(choice))
            return choice.size();
    }
    return 0;
}

template<std::size_t N>
std::size_t suffixLength(std::string_view text, const std::array<std::string_view, N> &choices)
{
    for (std::string_view choice : choices) {
        if (text.ends_with(choice))
            return choice.size();
    }
    return 0;
}

/// Box drawing is U+2500..U+257F: E2 94 80 .. E2 95 BF.
bool isBoxCharacter(std::string_view text)
{
    return text.size() >= 3 && text[0] == '\xE2' && (text[1] == '\x94' || text[1] == '\x95');
}

void appendEntity(std::string &out, std::string_view name)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kEntities{{
        {"amp", "&"},
        {"lt", "<"},
        {"gt", ">"},
        {"quot", "\""},
        {"nbsp", " "},
        {"apos", "'"},
        {"#39", "'"},
        {"#x27", "'"},
    }};
    for (const auto &[entity, text] : kEntities) {
        if (name == entity) {
            out += text;
            return;
        }
    }
    out += '&';
    out += name;
    out += ';';
}

/// Text of a cell: tags go, entities become characters.
std::string cellText(std::string_view cell)
{
    std::string out;
    for (std::size_t i = 0; i < cell.size(); ++i) {
        if (cell[i] == '<') {
            const std::size_t end = cell.find('>', i);
            if (end == std::string_view::npos)
                break;
            i = end;
        } else if (cell[i] == '&') {
            const std::size_t end = cell.substr(0, i + 10).find(';', i);
            if (end == std::string_view::npos) {
                out += '&';
            } else {
                appendEntity(out, cell.substr(i + 1, end - i - 1));
                i = end;
            }
        } else {
            out += cell[i];
        }
    }
    return out;
}

} // namespace

std::size_t leadingBar(std::string_view text) { return prefixLength(text, kBars); }

std::size_t trailingBar(std::string_view text) { return suffixLength(text, kBars); }

std::size_t leadingWrapMark(std::string_view text) { return prefixLength(text, kWrapMarks); }

std::size_t trailingWrapMark(std::string_view text) { return suffixLength(text, kWrapMarks); }

std::size_t trailingNewlineMark(std::string_view text) { return suffixLength(text, kNewlineMarks); }

std::string_view withoutTrailing(std::string_view text, std::string_view characters)
{
    const std::size_t last = text.find_last_not_of(characters);
    return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

bool isRecordMark(std::string_view line)
{
    if (line.starts_with("* Record "))
        return parseUint64(trimmed(line.substr(9))).has_value();
    const std::size_t at = line.find("[ RECORD ");
    return at != std::string_view::npos && at <= 6 && line.find(" ]", at) != std::string_view::npos;
}

std::string_view withoutExpandedLabel(std::string_view line)
{
    if (const std::size_t bar = leadingBar(line)) {
        line.remove_prefix(bar);
        if (line.starts_with(' '))
            line.remove_prefix(1);
        if (const std::size_t right = trailingBar(line))
            line = withoutTrailing(line.substr(0, line.size() - right), " ");
    }
    // Further lines of one value have a blank label of the same width.
    if (!line.starts_with(kLabel)
        && line.substr(0, kLabel.size()).find_first_not_of(' ') != std::string_view::npos)
        return line;
    line.remove_prefix(std::min(kLabel.size(), line.size()));
    if (!line.starts_with(' '))
        return line;
    line.remove_prefix(1);
    if (const std::size_t bar = leadingBar(line)) {
        line.remove_prefix(bar);
        if (line.starts_with(' '))
            line.remove_prefix(1);
    }
    return line;
}

bool isRule(std::string_view line)
{
    line = trimmed(line);
    std::size_t dashes = 0;
    for (std::size_t i = 0; i < line.size();) {
        const std::string_view rest = line.substr(i);
        if (isBoxCharacter(rest)) {
            ++dashes;
            i += 3;
        } else if (rest[0] == '-' || rest[0] == '=') {
            ++dashes;
            ++i;
        } else if (rest[0] == '+' || rest[0] == '|' || rest[0] == ' ') {
            ++i;
        } else {
            return false;
        }
    }
    return dashes >= 3 || line == "_" || line == "|====";
}

bool isFooter(std::string_view line)
{
    line = trimmed(line);
    if (line.starts_with("Time: ") && line.find(" ms") != std::string_view::npos)
        return true;
    if (line.size() < 5 || line.front() != '(' || line.back() != ')')
        return false;
    line = line.substr(1, line.size() - 2);
    const std::size_t blank = line.find(' ');
    return blank != std::string_view::npos && parseUint64(line.substr(0, blank)).has_value()
        && line.find_first_of("=.,()", blank) == std::string_view::npos;
}

std::size_t displayWidth(std::string_view text)
{
    std::size_t width = 0;
    for (const char c : text)
        width += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return width;
}

bool isHtmlTable(std::string_view text)
{
    return text.find("<td") != std::string_view::npos && text.find("</td>") != std::string_view::npos;
}

std::vector<HtmlLine> htmlCells(std::string_view text, std::size_t maxLines)
{
    std::vector<HtmlLine> lines;
    std::size_t line = 0;
    std::size_t counted = 0;
    const auto countTo = [&](std::size_t position) {
        for (; counted < position; ++counted)
            line += text[counted] == '\n';
    };
    std::size_t at = 0;
    while (lines.size() < maxLines) {
        at = text.find("<t", at);
        if (at == std::string_view::npos)
            break;
        const char kind = at + 2 < text.size() ? text[at + 2] : '\0';
        const std::size_t open = text.find('>', at);
        if (open == std::string_view::npos)
            break;
        if (kind != 'd' && kind != 'h') {
            at = open + 1;
            continue;
        }
        std::size_t end = text.find(kind == 'd' ? "</td>" : "</th>", open);
        if (end == std::string_view::npos)
            end = text.size();
        countTo(open + 1);
        for (std::string_view part : split(text.substr(open + 1, end - open - 1), '\n')) {
            if (lines.size() >= maxLines)
                break;
            lines.push_back({cellText(part), line, kind == 'h'});
            ++line;
        }
        if (!lines.empty())
            --line;
        counted = end;
        at = end;
    }
    return lines;
}

} // namespace tailscope::import::explain
