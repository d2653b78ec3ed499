// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/textnode.h"

#include "base/text.h"
#include "import/explain/textscan.h"

#include <algorithm>

namespace tailscope::import::explain {

namespace {

/// Number up to one of the stop characters; the text then begins with what follows the number.
std::optional<double> takeNumber(std::string_view &text, std::string_view stops)
{
    const std::size_t end = std::min(text.find_first_of(stops), text.size());
    const std::optional<double> number = parseDouble(text.substr(0, end));
    text.remove_prefix(end);
    return number;
}

bool takeRange(std::string_view &text, std::optional<double> &first, std::optional<double> &second)
{
    const std::size_t dots = text.find("..");
    if (dots == std::string_view::npos)
        return false;
    first = parseDouble(text.substr(0, dots));
    text.remove_prefix(dots + 2);
    second = takeNumber(text, " )r"); // a cut line may lose its blank
    return first && second;
}

/// "cost=0.00..1.50 rows=1 width=4"
bool parseCost(std::string_view text, NodeFigures &out)
{
    if (!takePrefix(text, "cost=") || !takeRange(text, out.startupCost, out.totalCost))
        return false;
    text = trimmed(text);
    if (!takePrefix(text, "rows="))
        return false;
    out.planRows = takeNumber(text, " ");
    text = trimmed(text);
    if (!takePrefix(text, "width="))
        return false;
    out.planWidth = parseInt64(text);
    return out.planRows && out.planWidth;
}

/// "time=0.016..0.149 rows=342 loops=1", also without the time.
bool parseActual(std::string_view text, NodeFigures &out)
{
    text = trimmed(text);
    if (takePrefix(text, "time=") && !takeRange(text, out.startupMs, out.totalMs))
        return false;
    text = trimmed(text);
    if (!takePrefix(text, "rows="))
        return false;
    out.actualRows = takeNumber(text, " l");
    text = trimmed(text);
    if (!takePrefix(text, "loops="))
        return false;
    out.loops = parseDouble(text);
    return out.actualRows && out.loops;
}

} // namespace

NodeFigures splitFigures(std::string_view line)
{
    NodeFigures out;
    line = withoutTrailingBlanks(line);
    if (line.ends_with("(never executed)")) {
        out.neverExecuted = true;
        line = withoutTrailingBlanks(line.substr(0, line.size() - 16));
    } else if (line.ends_with(')')) {
        const std::size_t at = line.rfind("(actual ");
        NodeFigures parsed = out;
        if (at != std::string_view::npos && parseActual(line.substr(at + 8, line.size() - at - 9), parsed)) {
            out = parsed;
            out.hasActual = true;
            line = withoutTrailingBlanks(line.substr(0, at));
        }
    }
    if (line.ends_with(')')) {
        const std::size_t at = line.rfind("(cost=");
        NodeFigures parsed = out;
        if (at != std::string_view::npos && parseCost(line.substr(at + 1, line.size() - at - 2), parsed)) {
            out = parsed;
            out.hasCost = true;
            line = withoutTrailingBlanks(line.substr(0, at));
        }
    }
    out.head = line;
    return out;
}

} // namespace tailscope::import::explain
