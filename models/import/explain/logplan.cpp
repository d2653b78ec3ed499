// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/logplan.h"

#include "base/text.h"
#include "import/explain/frames.h"
#include "import/explain/jsonplan.h"
#include "import/explain/textplan.h"
#include "import/explain/xmlplan.h"
#include "import/explain/yamlplan.h"

#include <algorithm>

namespace tailscope::import::explain {

namespace {

/// The lines as they are.
UnframedText bareText(std::string_view raw)
{
    UnframedText out;
    out.raw = raw;
    for (std::size_t at = 0; at < raw.size();) {
        if (out.lines.size() >= kMaxLines) {
            out.tooManyLines = true;
            break;
        }
        const std::size_t end = std::min(raw.find('\n', at), raw.size());
        const auto number = static_cast<std::uint32_t>(out.rawLines.size());
        out.rawLines.push_back(static_cast<std::uint32_t>(at));
        out.lines.push_back({raw.substr(at, end - at), number, false, false});
        at = end + 1;
    }
    return out;
}

} // namespace

Result<void> parseLoggedPlan(std::string_view text, const std::string &subject, ImportReport &report,
    const PlanTaker &take)
{
    const std::string_view start = trimmed(text.substr(0, 4096));
    if (start.starts_with('{') || start.starts_with('[')) {
        const Result<JsonPlans> found = parseJsonPlans(text, subject, report, take);
        return found ? Result<void>() : fail(found.error());
    }
    if (start.starts_with("<explain"))
        return parseXmlPlans(text, subject, report, take);
    const bool yaml = start.starts_with("Query Text: \"") || start.starts_with("Plan:");
    if (yaml && text.find("Node Type:") != std::string_view::npos)
        return parseYamlPlans(bareText(text), subject, report, take);
    return parseTextPlans(bareText(text), report, take);
}

} // namespace tailscope::import::explain
