// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explainother/mysqloperation.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tailscope::import::explain {

namespace {

/// First place of `needle` outside of quotes and brackets; npos when there is none.
std::size_t findTop(std::string_view text, std::string_view needle, std::size_t from = 0)
{
    char quote = '\0';
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote == '\0' && depth == 0 && i >= from && text.substr(i).starts_with(needle))
            return i;
        if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '\'' || c == '"' || c == '`')
            quote = c;
        else if (c == '(')
            ++depth;
        else if (c == ')')
            depth -= depth > 0 ? 1 : 0;
    }
    return std::string_view::npos;
}

/// The text in the bracket at `at`, without it.
std::string_view bracketed(std::string_view text, std::size_t at)
{
    int depth = 0;
    for (std::size_t i = at; i < text.size(); ++i) {
        depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
        if (depth == 0)
            return text.substr(at + 1, i - at - 1);
    }
    return text.substr(at + 1);
}

bool hasWord(std::string_view text)
{
    return std::any_of(text.begin(), text.end(),
        [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

std::string_view joinTypeOf(std::string_view type)
{
    if (type.find("join") == std::string_view::npos)
        return {};
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kWords{{
        {"anti", "Anti"},
        {"semi", "Semi"},
        {"eft", "Left"},
        {"ull", "Full"},
        {"nner", "Inner"},
    }};
    for (const auto &[word, name] : kWords) {
        if (type.find(word) != std::string_view::npos)
            return name;
    }
    return {};
}

bool parseCost(std::string_view text, MysqlFigures &out)
{
    const bool hasCost = text.starts_with("cost=");
    if (hasCost) {
        text.remove_prefix(5);
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view cost = text.substr(0, end);
        const std::size_t dots = cost.find("..");
        if (dots != std::string_view::npos)
            out.startupCost = parseDouble(cost.substr(0, dots));
        out.totalCost = parseDouble(dots == std::string_view::npos ? cost : cost.substr(dots + 2));
        text = trimmed(text.substr(end));
    }
    if (text.starts_with("rows="))
        out.planRows = parseDouble(text.substr(5));
    return hasCost ? out.totalCost && (text.empty() || out.planRows) : out.planRows.has_value();
}

bool parseActual(std::string_view text, MysqlFigures &out)
{
    if (text.starts_with("time=")) {
        text.remove_prefix(5);
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::size_t dots = text.substr(0, end).find("..");
        if (dots == std::string_view::npos)
            return false;
        out.startupMs = parseDouble(text.substr(0, dots));
        out.totalMs = parseDouble(text.substr(dots + 2, end - dots - 2));
        text = trimmed(text.substr(end));
        if (!out.startupMs || !out.totalMs)
            return false;
    }
    const std::size_t loops = text.find(" loops=");
    if (!text.starts_with("rows=") || loops == std::string_view::npos)
        return false;
    out.actualRows = parseDouble(text.substr(5, loops - 5));
    out.loops = parseDouble(text.substr(loops + 7));
    return out.actualRows && out.loops;
}

/// Takes the last group that begins with `opening` when nothing but marks of frames follows it.
bool takeGroup(std::string_view &line, std::string_view opening, std::string_view &inner)
{
    const std::size_t at = line.rfind(opening);
    if (at == std::string_view::npos)
        return false;
    const std::size_t end = line.find(')', at);
    if (end == std::string_view::npos || hasWord(line.substr(end)))
        return false;
    inner = line.substr(at + 1, end - at - 1);
    line = trimmed(line.substr(0, at));
    return true;
}

void setText(ParsedPlan &plan, std::string_view &column, std::string_view text)
{
    column = plan.arena->keep(trimmed(text));
}

/// "t using k (a=1), with index condition: (b)" behind "Index lookup on ".
void setTarget(ParsedPlan &plan, PlanNode &node, std::string_view rest)
{
    const std::size_t pushed = findTop(rest, ", with index condition: ");
    if (pushed != std::string_view::npos) {
        node.extra.text("index_condition", rest.substr(pushed + 24));
        rest = rest.substr(0, pushed);
    }
    if (rest.find("(reverse)") != std::string_view::npos)
        node.extra.json("backward_scan", "true");
    const std::size_t usingAt = findTop(rest, " using ");
    const std::size_t over = findTop(rest, " over ");
    const std::size_t bracket = findTop(rest, "(");
    setText(plan, node.row.relation, rest.substr(0, std::min({usingAt, over, bracket, rest.size()})));
    if (usingAt != std::string_view::npos) {
        const std::string_view name = rest.substr(usingAt + 7);
        const std::string_view index = trimmed(name.substr(0, name.find_first_of(" (")));
        const bool group = index == "index_for_group_by" && name.find('(') != std::string_view::npos;
        setText(plan, node.row.indexName, group ? bracketed(name, name.find('(')) : index);
    }
    if (over != std::string_view::npos)
        setText(plan, node.row.condition, rest.substr(over + 6));
    else if (bracket != std::string_view::npos && !rest.substr(bracket).starts_with("(reverse)")
        && rest.find("index_for_group_by") == std::string_view::npos)
        setText(plan, node.row.condition, bracketed(rest, bracket));
}

} // namespace

MysqlFigures splitMysqlFigures(std::string_view line)
{
    MysqlFigures out;
    line = trimmed(line);
    std::string_view inner;
    if (takeGroup(line, "(never executed", inner)) {
        out.any = out.neverExecuted = true;
        out.actualRows = out.loops = 0;
    } else if (takeGroup(line, "(actual ", inner)) {
        out.any = true;
        if (!parseActual(inner.substr(7), out))
            out.broken = inner;
    }
    if (takeGroup(line, "(cost=", inner) || takeGroup(line, "(rows=", inner)) {
        out.any = true;
        if (!parseCost(inner, out))
            out.broken = inner;
    }
    out.head = line;
    return out;
}

void setMysqlOperation(ParsedPlan &plan, PlanNode &node, std::string_view head)
{
    head = trimmed(head);
    node.extra.text("operation", head);
    PlanNodeRow &row = node.row;
    const std::size_t colon = findTop(head, ": ");
    const std::size_t on = findTop(head, " on ");
    const std::size_t bracket = findTop(head, "(");
    if (colon != std::string_view::npos && colon < on
        && (bracket == std::string_view::npos || colon < bracket)) {
        setText(plan, row.nodeType, head.substr(0, colon));
        setText(plan, row.nodeType == "Filter" ? row.filter : row.condition, head.substr(colon + 2));
    } else if (on != std::string_view::npos) {
        setText(plan, row.nodeType, head.substr(0, on));
        setTarget(plan, node, head.substr(on + 4));
    } else if (head.starts_with("Select #")) {
        setText(plan, row.nodeType, "Select");
        setText(plan, row.subplanName, head.substr(0, std::min(head.find(' ', 8), head.size())));
        setText(plan, row.parentRelationship, "SubPlan");
    } else {
        setText(plan, row.nodeType, head.substr(0, std::min(bracket, head.size())));
        const bool join = row.nodeType.find("join") != std::string_view::npos;
        if (join && bracket != std::string_view::npos)
            setText(plan, row.condition, bracketed(head, bracket));
        for (const std::string_view word : {" from ", " into ", " CTE "}) {
            const std::size_t at = findTop(row.nodeType, word);
            if (at == std::string_view::npos)
                continue;
            setText(plan, row.relation, row.nodeType.substr(at + word.size()));
            setText(plan, row.nodeType, row.nodeType.substr(0, word == " CTE " ? at + 4 : at));
            break;
        }
    }
    row.joinType = joinTypeOf(row.nodeType);
}

std::string_view mysqlAccess(std::string_view accessType)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kTypes{{
        {"ALL", "Table scan"},
        {"index", "Index scan"},
        {"range", "Index range scan"},
        {"ref", "Index lookup"},
        {"ref_or_null", "Index lookup"},
        {"eq_ref", "Single-row index lookup"},
        {"const", "Constant row"},
        {"system", "Constant row"},
        {"fulltext", "Full-text index search"},
        {"index_merge", "Index merge"},
        {"unique_subquery", "Unique subquery"},
        {"index_subquery", "Index subquery"},
        {"hash_ALL", "Table scan"},
    }};
    for (const auto &[type, words] : kTypes) {
        if (type == accessType)
            return words;
    }
    return "Table access";
}

} // namespace tailscope::import::explain
