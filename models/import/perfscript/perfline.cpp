// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/perfscript/perfline.h"

#include "base/text.h"

#include <algorithm>

namespace tailscope::import::perf {

namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kHexDigits = "0123456789abcdef";

bool isNumber(std::string_view text)
{
    return !text.empty() && text.find_first_not_of(kDigits) == std::string_view::npos;
}

bool isHex(std::string_view text)
{
    return !text.empty() && text.size() <= 16 && text.find_first_not_of(kHexDigits) == std::string_view::npos;
}

std::string_view trim(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// Takes the next word off the text; empty at its end.
std::string_view takeWord(std::string_view &text)
{
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) {
        text = {};
        return {};
    }
    const std::size_t end = std::min(text.find_first_of(kBlanks, first), text.size());
    const std::string_view word = text.substr(first, end - first);
    text.remove_prefix(end);
    return word;
}

bool isIds(std::string_view word)
{
    const std::size_t slash = word.find('/');
    if (slash == std::string_view::npos)
        return isNumber(word);
    // Threads of other namespaces are written as -1.
    const std::string_view pid = word.substr(0, slash), tid = word.substr(slash + 1);
    return (isNumber(pid) || pid == "-1") && (isNumber(tid) || tid == "-1");
}

bool isCpu(std::string_view word)
{
    return word.size() > 2 && word.front() == '[' && word.back() == ']'
        && isNumber(word.substr(1, word.size() - 2));
}

/// "51499.088689:"
std::optional<Nanos> parseTime(std::string_view word)
{
    if (!word.ends_with(':'))
        return std::nullopt;
    word.remove_suffix(1);
    const std::size_t dot = word.find('.');
    if (dot == std::string_view::npos || !isNumber(word.substr(0, dot)) || !isNumber(word.substr(dot + 1)))
        return std::nullopt;
    return parseScaledDecimal(word, kNanosPerSecond);
}

/// What follows the ids.
bool parseRest(std::string_view rest, SampleHead &head)
{
    std::string_view before = rest;
    std::string_view word = takeWord(rest);
    const auto advance = [&] {
        before = rest;
        word = takeWord(rest);
    };
    if (isCpu(word))
        advance();
    head.time = parseTime(word);
    if (head.time)
        advance();
    if (isNumber(word)) {
        std::string_view after = rest;
        if (!takeWord(after).ends_with(':')) {
            // An address may have digits alone; a number that counts nothing is no head.
            head.payload = trim(before);
            return head.time.has_value();
        }
        head.period = parseDouble(word);
        advance();
    }
    if (word.size() > 1 && word.ends_with(':')) {
        head.event = word.substr(0, word.size() - 1);
        head.payload = trim(rest);
        return true;
    }
    head.payload = trim(before);
    return head.time.has_value();
}

std::string_view moduleName(std::string_view dso)
{
    if (dso == "[unknown]")
        return {};
    if (dso == "inlined")
        return "[inlined]";
    return dso.starts_with("[kernel") || dso.starts_with("[guest.kernel") ? std::string_view("[kernel]")
                                                                          : dso;
}

/// Where the parenthesis that ends the text opens; npos when the text ends in none.
std::size_t lastParenthesis(std::string_view text)
{
    if (!text.ends_with(')'))
        return std::string_view::npos;
    int open = 0;
    for (std::size_t at = text.size(); at-- > 0;) {
        open += text[at] == ')' ? 1 : text[at] == '(' ? -1 : 0;
        if (open == 0)
            return at;
    }
    return std::string_view::npos;
}

std::string_view withoutOffset(std::string_view symbol)
{
    const std::size_t plus = symbol.rfind("+0x");
    return plus != std::string_view::npos && plus > 0 && isHex(symbol.substr(plus + 3))
        ? symbol.substr(0, plus)
        : symbol;
}

} // namespace

bool isBlank(std::string_view line) { return line.find_first_not_of(kBlanks) == std::string_view::npos; }

std::optional<SampleHead> parseSampleHead(std::string_view line)
{
    // The name of a thread may hold blanks and numbers: the ids are the first that the rest agrees with.
    std::string_view rest = line;
    takeWord(rest);
    while (!rest.empty()) {
        const std::size_t commEnd = line.size() - rest.size();
        const std::string_view word = takeWord(rest);
        SampleHead head;
        if (!isIds(word) || !parseRest(rest, head))
            continue;
        head.comm = trim(line.substr(0, commEnd));
        head.ids = word;
        return head;
    }
    return std::nullopt;
}

std::optional<StackFrame> parseStackFrame(std::string_view line)
{
    std::string_view text = trim(line);
    std::string_view rest = text;
    const bool hasAddress = isHex(takeWord(rest));
    StackFrame frame;
    frame.hasAddress = hasAddress;
    if (hasAddress)
        text = trim(rest);
    const std::size_t parenthesis = lastParenthesis(text);
    // A symbol may end in a parenthesis of its own: the object's stands apart.
    const bool hasModule = parenthesis != std::string_view::npos
        && (parenthesis == 0 || text[parenthesis - 1] == ' ' || text[parenthesis - 1] == '\t');
    if (!hasAddress && !hasModule)
        return std::nullopt;
    if (hasModule) {
        frame.module = moduleName(text.substr(parenthesis + 1, text.size() - parenthesis - 2));
        text = trim(text.substr(0, parenthesis));
    }
    frame.function = withoutOffset(text);
    if (frame.function.empty())
        frame.function = "[unknown]";
    return frame;
}

std::optional<SourceLine> parseSourceLine(std::string_view line)
{
    const std::string_view text = trim(line);
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0)
        return std::nullopt;
    const std::optional<std::int64_t> number = parseInt64(text.substr(colon + 1));
    if (!number || *number < 0)
        return std::nullopt;
    return SourceLine{text.substr(0, colon), *number};
}

} // namespace tailscope::import::perf
