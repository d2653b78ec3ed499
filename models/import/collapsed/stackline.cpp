// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/collapsed/stackline.h"

#include "base/text.h"

#include <cstring>

namespace tailscope::import {

namespace {

constexpr std::string_view kBlanks = " \t";

std::string_view withoutTrailingBlanks(std::string_view text)
{
    const std::size_t last = text.find_last_not_of(kBlanks);
    return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

/// Length of one JVM field type ("I", "[[J", "Ljava/lang/String;") at the start of the text; 0 when there is
/// none.
std::size_t fieldTypeLength(std::string_view text)
{
    std::size_t at = 0;
    while (at < text.size() && text[at] == '[')
        ++at;
    if (at == text.size())
        return 0;
    if (std::string_view("BCDFIJSZ").find(text[at]) != std::string_view::npos)
        return at + 1;
    if (text[at] != 'L')
        return 0;
    const std::size_t end = text.find_first_of(";() \t", at + 1);
    return end != std::string_view::npos && text[end] == ';' && end > at + 1 ? end + 1 : 0;
}

/// Length of "(types)type" at the start of the text; 0 when it is no method descriptor.
std::size_t descriptorLength(std::string_view text)
{
    std::size_t at = 1;
    while (at < text.size() && text[at] != ')') {
        const std::size_t length = fieldTypeLength(text.substr(at));
        if (length == 0)
            return 0;
        at += length;
    }
    if (at >= text.size())
        return 0;
    ++at;
    if (at < text.size() && text[at] == 'V')
        return at + 1;
    // Some tools leave the return type out.
    return at + fieldTypeLength(text.substr(at));
}

bool isNumber(std::string_view digits)
{
    return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
}

} // namespace

StackLine parseStackLine(std::string_view line)
{
    StackLine result;
    line = withoutTrailingBlanks(line);
    if (line.empty())
        return result;
    if (line.front() == '#') {
        result.kind = StackLine::Kind::Comment;
        return result;
    }
    const std::size_t blank = line.find_last_of(kBlanks);
    result.weightText = blank == std::string_view::npos ? line : line.substr(blank + 1);
    const std::optional<double> weight = parseDouble(result.weightText);
    if (!weight) {
        result.kind = StackLine::Kind::NoWeight;
        return result;
    }
    result.weight = *weight;
    const std::string_view head
        = blank == std::string_view::npos ? std::string_view() : line.substr(0, blank);
    result.stack = withoutTrailingBlanks(head);
    // "a; 3" has an unnamed leaf, "a;b  3" has not.
    if (result.stack.ends_with(';') && result.stack.size() < head.size())
        result.stack = head.substr(0, result.stack.size() + 1);
    const bool onlySeparators = result.stack.find_first_not_of("; \t") == std::string_view::npos;
    result.kind = onlySeparators ? StackLine::Kind::NoFrames : StackLine::Kind::Stack;
    return result;
}

std::optional<BeforeWeight> splitBeforeWeight(std::string_view stack)
{
    const std::size_t blank = stack.find_last_of(kBlanks);
    if (blank == std::string_view::npos)
        return std::nullopt;
    const std::optional<double> weight = parseDouble(stack.substr(blank + 1));
    const std::string_view rest = withoutTrailingBlanks(stack.substr(0, blank));
    if (!weight || rest.find_first_not_of(';') == std::string_view::npos)
        return std::nullopt;
    return BeforeWeight{rest, *weight};
}

std::size_t frameEnd(std::string_view stack, std::size_t from)
{
    const std::size_t end = std::min(stack.find(';', from), stack.size());
    for (;;) {
        const auto *open = static_cast<const char *>(std::memchr(stack.data() + from, '(', end - from));
        if (open == nullptr)
            return end;
        const auto at = static_cast<std::size_t>(open - stack.data());
        const std::size_t length = descriptorLength(stack.substr(at));
        const std::size_t after = at + length;
        // "(I)Lbar;baz" has no separator after the type: it was none, and the ';' separates.
        const bool ends = after >= stack.size() || stack[after] == ';' || stack.substr(after, 2) == "_[";
        if (length > 0 && ends)
            return after > end ? std::min(stack.find(';', after), stack.size()) : end;
        from = at + 1;
    }
}

FrameName splitAnnotation(std::string_view frame)
{
    if (frame.size() < 4 || frame[frame.size() - 4] != '_' || frame[frame.size() - 3] != '['
        || frame.back() != ']')
        return {frame, {}};
    const std::string_view function = frame.substr(0, frame.size() - 4);
    switch (frame[frame.size() - 2]) {
    case 'k':
        return {function, "[kernel]"};
    case 'j':
        return {function, "[jit]"};
    case 'i':
        return {function, "[inlined]"};
    case 'w':
        return {function, "[waker]"};
    default:
        return {frame, {}};
    }
}

std::string_view threadOf(std::string_view firstFrame)
{
    const std::size_t slash = firstFrame.rfind('/');
    if (slash != std::string_view::npos) {
        const std::size_t dash = firstFrame.rfind('-', slash);
        if (dash != std::string_view::npos && dash > 0 && isNumber(firstFrame.substr(slash + 1))
            && isNumber(firstFrame.substr(dash + 1, slash - dash - 1)))
            return firstFrame;
    }
    const std::size_t tid = firstFrame.rfind(" tid=");
    if (firstFrame.starts_with('[') && firstFrame.ends_with(']') && tid != std::string_view::npos
        && isNumber(firstFrame.substr(tid + 5, firstFrame.size() - tid - 6)))
        return firstFrame.substr(1, firstFrame.size() - 2);
    return {};
}

} // namespace tailscope::import
