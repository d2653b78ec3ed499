// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/jsoutput.h"

#include "base/text.h"

#include <optional>

namespace tailscope::import::otlp {

namespace {

constexpr std::size_t kMaxLineBytes = 1024 * 1024;

/// One line and its end, taken from the framer; nullopt at the end of the input. Longer ones come in parts.
std::optional<std::string> takeLine(JsonFramer &framer)
{
    std::string_view rest;
    std::size_t size = std::string_view::npos;
    for (std::size_t wanted = 4096; wanted <= kMaxLineBytes; wanted *= 2) {
        rest = framer.prefetch(wanted);
        size = rest.find('\n');
        if (size != std::string_view::npos || rest.size() < wanted)
            break;
    }
    if (rest.empty())
        return std::nullopt;
    std::string line(rest.substr(0, size == std::string_view::npos ? rest.size() : size + 1));
    for (std::size_t i = 0; i < line.size(); ++i)
        framer.take();
    return line;
}

} // namespace

bool isJsConsoleOutput(std::string_view prefix)
{
    const auto has = [&](std::string_view text) { return prefix.find(text) != std::string_view::npos; };
    // Unquoted keys, two blanks deep, with the string after it in quotes of JavaScript.
    return (has("\n  traceId: '") && (has("\n  id: '") || has("\n  spanId: '")))
        || (has("\n  _spanContext: {") && has("\n    traceId: '"));
}

void eachJsObject(JsonFramer &framer, ImportReport &report,
    const std::function<void(const JsonFramer::Record &)> &take)
{
    std::string object;
    std::uint64_t start = 0;
    const auto skip = [&](std::string_view kind, std::string_view reason) {
        if (!object.empty())
            report.skip(kind, start, object.size(), reason, object);
        object.clear();
    };
    for (;;) {
        const std::uint64_t offset = framer.offset();
        const std::optional<std::string> line = takeLine(framer);
        if (!line)
            break;
        const std::string_view text = trimmed(*line);
        const bool indented = line->front() == ' ' || line->front() == '\t';
        if (!indented && text.ends_with('{')) {
            skip("truncated-span", "another object begins before it closes");
            start = offset;
            object = *line;
        } else if (object.empty()) {
            if (!text.empty())
                report.note(IssueSeverity::Info, "not-a-span", offset,
                    "text between the spans was passed over");
        } else {
            object += *line;
            if (object.size() > JsonFramer::kDefaultMaxRecord)
                skip("span-too-long", "longer than 32 MB");
            if (indented || !text.starts_with('}') || object.empty())
                continue;
            JsonFramer::Record record;
            record.bytes = object;
            record.offset = start;
            take(record);
            object.clear();
        }
    }
    skip("truncated-span", "the file ends before the object closes");
}

} // namespace tailscope::import::otlp
