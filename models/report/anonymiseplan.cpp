// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/anonymiseplan.h"

#include "base/text.h"
#include "report/anonymmarkup.h"
#include "report/anonymtext.h"

namespace tailscope::report {

namespace {

bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

bool isXml(std::string_view text)
{
    return contains(text, "<explain") || contains(text, "<Node-Type>") || contains(text, "<Plan>");
}

bool isYaml(std::string_view text)
{
    return !contains(text, "\"Node Type\"") && contains(text, "Node Type:");
}

/// A client that shows JSON as one cell doubles its quotes.
std::string withSingleQuotes(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        out += text[i];
        if (text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"')
            ++i;
    }
    const bool cell = trimmed(out).starts_with("\"[") || trimmed(out).starts_with("\"{");
    if (cell) {
        out.erase(out.find('"'), 1);
        const std::size_t last = out.rfind('"');
        if (last != std::string::npos && last > out.find_last_of("]}"))
            out.erase(last, 1);
    }
    return out;
}

} // namespace

std::string anonymisePlanText(std::string_view planText)
{
    AnonymNames names;
    const std::string clean = sanitizedUtf8(planText);
    const std::string_view text = clean;
    const std::string_view start = trimmed(text);
    if (isXml(text))
        return anonymisedXml(names, text);
    if (contains(text, "\"\"Node Type\"\""))
        return anonymisedJson(names, withSingleQuotes(text));
    if (contains(text, "\"Node Type\"") || contains(text, "\"query_block\"") || start.starts_with('{')
        || (start.starts_with('[') && !start.starts_with("[options=")))
        return anonymisedJson(names, text);
    if (isYaml(text))
        return anonymisedYaml(names, text);
    return anonymisedText(names, text);
}

std::string anonymiseSql(std::string_view sql)
{
    AnonymNames names;
    return names.statement(sanitizedUtf8(sql));
}

} // namespace tailscope::report
