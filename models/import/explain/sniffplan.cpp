// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/sniffplan.h"

#include "base/text.h"
#include "import/explain/frames.h"
#include "import/explain/outerframe.h"
#include "import/explain/textnode.h"
#include "import/explain/textscan.h"

namespace tailscope::import::explain {

namespace {

bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

std::string_view withoutMark(std::string_view text)
{
    return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
}

/// A server log holds plans too: what else is in it is lost here, so that anything that reads it whole wins.
bool looksLikeLog(std::string_view text)
{
    const std::string_view line = text.substr(0, text.find('\n'));
    return contains(line, " LOG:  ") || contains(line, ",LOG,") || contains(line, "\"error_severity\"");
}

} // namespace

std::string_view markupForm(std::string_view prefix)
{
    if (contains(prefix, "<explain xmlns")
        || (contains(prefix, "<explain>") && contains(prefix, "<Node-Type>")))
        return "XML";
    const bool yaml
        = contains(prefix, "- Plan:") || contains(prefix, "- Query Text:") || contains(prefix, "\nPlan:");
    if (yaml && contains(prefix, "Node Type:") && !contains(prefix, "\"Node Type\""))
        return "YAML";
    return {};
}

Confidence sniffXmlPlan(std::string_view prefix)
{
    if (markupForm(prefix) != "XML")
        return Confidence::No;
    return looksLikeLog(trimmed(withoutMark(prefix))) ? Confidence::Weak : Confidence::Strong;
}

Confidence sniffYamlPlan(std::string_view prefix)
{
    if (markupForm(prefix) != "YAML")
        return Confidence::No;
    return looksLikeLog(trimmed(withoutMark(prefix))) ? Confidence::Weak : Confidence::Strong;
}

Confidence sniffJsonPlan(std::string_view prefix)
{
    prefix = trimmed(withoutMark(prefix));
    if (looksLikeLog(prefix))
        return contains(prefix, "\"Node Type\"") && !contains(prefix, "\"\"Node Type\"\"") ? Confidence::Weak
                                                                                           : Confidence::No;
    const bool opens = prefix.starts_with('[') || prefix.starts_with('{');
    const bool framed = contains(prefix.substr(0, 4096), "QUERY PLAN");
    const bool quoted = prefix.starts_with('"') || framed;
    if (contains(prefix, "\"Node Type\""))
        return contains(prefix, "\"Plan\"") || contains(prefix, "\"Plans\"") || !opens ? Confidence::Strong
                                                                                       : Confidence::Likely;
    if (quoted && (contains(prefix, "\"\"Node Type\"\"") || contains(prefix, "\\\"Node Type\\\"")))
        return Confidence::Strong;
    if (framed && contains(prefix, "&quot;Node Type&quot;"))
        return Confidence::Strong;
    // auto_explain's query comes first and may be longer than what is seen here.
    if (opens && contains(prefix.substr(0, 200), "\"Query Text\""))
        return Confidence::Likely;
    return opens && contains(prefix.substr(0, 200), "\"QUERY PLAN\"") ? Confidence::Likely : Confidence::No;
}

Confidence sniffTextPlan(std::string_view prefix)
{
    prefix = withoutMark(prefix);
    if (!markupForm(prefix).empty() || contains(prefix, "\"Node Type\"")
        || contains(prefix, "\"\"Node Type\"\"") || contains(prefix, "&quot;Node Type&quot;"))
        return Confidence::No;
    const bool log = looksLikeLog(trimmed(prefix));
    const std::optional<std::string> inner = withoutOuterFrame(prefix);
    if (inner)
        prefix = *inner;
    const std::string_view start = trimmed(prefix);
    if (start.starts_with('{') || (start.starts_with('[') && !start.starts_with("[options=")))
        return Confidence::No;
    const UnframedText text = unframe(prefix, FrameContent::Text);
    bool header = false;
    Confidence best = Confidence::No;
    for (std::size_t i = 0; i < text.lines.size(); ++i) {
        const FrameLine &line = text.lines[i];
        std::string_view content = trimmed(line.text);
        header = header || line.header;
        const bool arrow = content.starts_with("->");
        if (arrow)
            content = trimmed(content.substr(2));
        const NodeFigures figures = splitFigures(content);
        // MySQL's tree has arrows and costs as well, but no width.
        if ((figures.hasCost || (figures.hasActual && (header || arrow || best != Confidence::No)))
            && looksLikeNode(content))
            return log ? Confidence::Weak : Confidence::Strong;
        if (header && !line.header && looksLikeNode(content))
            return Confidence::Strong;
        // A line that a terminal cut inside its figures.
        const std::size_t open = content.find("  (cost=");
        if (open != std::string_view::npos && looksLikeNode(content.substr(0, open)))
            return Confidence::Likely;
        if (looksLikeNode(content) && (arrow || best == Confidence::No)) {
            const bool known = arrow && best != Confidence::No;
            if (known)
                return Confidence::Likely;
            best = Confidence::Weak;
            if (figures.hasActual)
                best = Confidence::Likely;
        } else if (best == Confidence::Weak && indentOf(line.text) > 0) {
            std::string_view label, value;
            if (splitLabel(content, label, value))
                best = Confidence::Likely;
        } else if (best == Confidence::Weak && !content.empty()) {
            // A word that is a node's name, and then prose.
            best = Confidence::No;
        }
    }
    return best;
}

} // namespace tailscope::import::explain
