// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/textnode.h"

#include "base/text.h"
#include "import/explain/planproperties.h"
#include "import/explain/textscan.h"

#include <algorithm>
#include <array>

namespace tailscope::import::explain {

namespace {

/// All names PostgreSQL 8 to 18 prints, without "Parallel", "Async" and the join type.
constexpr std::array<std::string_view, 59> kNodeNames{
    "Aggregate",
    "Append",
    "BitmapAnd",
    "BitmapOr",
    "Bitmap Heap Scan",
    "Bitmap Index Scan",
    "CTE Scan",
    "Custom Scan",
    "Delete",
    "Finalize Aggregate",
    "Finalize GroupAggregate",
    "Finalize HashAggregate",
    "Foreign Delete",
    "Foreign Insert",
    "Foreign Scan",
    "Foreign Update",
    "Function Scan",
    "Gather",
    "Gather Merge",
    "Group",
    "GroupAggregate",
    "Hash",
    "Hash Join",
    "HashAggregate",
    "HashSetOp",
    "Incremental Sort",
    "Index Only Scan",
    "Index Scan",
    "Insert",
    "Limit",
    "LockRows",
    "Materialize",
    "Memoize",
    "Merge",
    "Merge Append",
    "Merge Join",
    "MixedAggregate",
    "Named Tuplestore Scan",
    "Nested Loop",
    "Partial Aggregate",
    "Partial GroupAggregate",
    "Partial HashAggregate",
    "ProjectSet",
    "Recursive Union",
    "Result",
    "Result Cache",
    "Sample Scan",
    "Seq Scan",
    "SetOp",
    "Sort",
    "Subquery Scan",
    "Table Function Scan",
    "Tid Range Scan",
    "Tid Scan",
    "Unique",
    "Update",
    "Values Scan",
    "WindowAgg",
    "WorkTable Scan",
};

struct Join
{
    std::string_view name, type;
};

/// Words of a line that names what a node works on.
struct Target
{
    std::string_view name; ///< before " using", " on", " Backward"
    bool backward = false;
    std::string index, schema, object, alias;
    bool hasTarget = false;
};

/// An identifier, maybe in double quotes; the text then begins after it.
std::string takeIdentifier(std::string_view &text)
{
    std::string out;
    if (!text.starts_with('"')) {
        const std::size_t end = std::min(text.find_first_of(" ."), text.size());
        out = text.substr(0, end);
        text.remove_prefix(end);
        return out;
    }
    std::size_t i = 1;
    for (; i < text.size(); ++i) {
        if (text[i] != '"')
            out += text[i];
        else if (i + 1 < text.size() && text[i + 1] == '"')
            out += text[i++];
        else
            break;
    }
    text.remove_prefix(std::min(i + 1, text.size()));
    return out;
}

/// "schema.object alias"; what else follows is ignored.
void takeObject(std::string_view text, Target &out)
{
    out.hasTarget = true;
    out.object = takeIdentifier(text);
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        out.schema = std::move(out.object);
        out.object = takeIdentifier(text);
    }
    text = trimmed(text);
    if (!text.empty())
        out.alias = takeIdentifier(text);
}

Target splitTarget(std::string_view head)
{
    Target out;
    const std::size_t using_ = findOutsideQuotes(head, " using ");
    const std::size_t on = findOutsideQuotes(head, " on ");
    std::size_t nameEnd = std::min({using_, on, head.size()});
    out.name = head.substr(0, nameEnd);
    if (out.name.ends_with(" Backward")) {
        out.backward = true;
        out.name.remove_suffix(9);
    }
    if (using_ < on) {
        std::string_view rest = head.substr(using_ + 7);
        out.index = takeIdentifier(rest);
        if (takePrefix(rest, " on "))
            takeObject(rest, out);
    } else if (on != std::string_view::npos) {
        takeObject(head.substr(on + 4), out);
    }
    // PostgreSQL 8 prints "Subquery Scan x".
    if (!out.hasTarget && out.name.starts_with("Subquery Scan ")) {
        takeObject(out.name.substr(14), out);
        out.name = out.name.substr(0, 13);
    }
    return out;
}

std::optional<Join> splitJoin(std::string_view name)
{
    static constexpr std::array<std::string_view, 8> kTypes{"Left", "Right", "Full", "Semi", "Anti",
        "Right Anti", "Right Semi", "Unique"};
    if (name == "Nested Loop" || name == "Hash Join" || name == "Merge Join")
        return Join{name, "Inner"};
    if (!name.ends_with(" Join"))
        return std::nullopt;
    const std::string_view stem = name.substr(0, name.size() - 5);
    for (const std::string_view join : {"Nested Loop", "Hash", "Merge"}) {
        if (!stem.starts_with(join) || stem.size() <= join.size() || stem[join.size()] != ' ')
            continue;
        const std::string_view type = stem.substr(join.size() + 1);
        if (std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end())
            return Join{join == "Hash" ? "Hash Join" : join == "Merge" ? "Merge Join" : join, type};
    }
    return std::nullopt;
}

bool isSetOp(std::string_view name) { return name.starts_with("SetOp ") || name.starts_with("HashSetOp "); }

bool isNodeName(std::string_view name)
{
    takePrefix(name, "Parallel ");
    takePrefix(name, "Async ");
    if (name.starts_with("Custom Scan (") || isSetOp(name) || splitJoin(name))
        return true;
    return std::find(kNodeNames.begin(), kNodeNames.end(), name) != kNodeNames.end();
}

class NodeWriter
{
public:
    NodeWriter(ParsedPlan &plan, PlanNode &node)
        : m_plan(plan)
        , m_node(node)
    {}
    void text(std::string_view key, std::string_view value)
    {
        if (!value.empty())
            setNodeProperty(m_plan, m_node, key, PlanValue::string(value));
    }
    void flag(std::string_view key) { setNodeProperty(m_plan, m_node, key, PlanValue::boolean(true)); }

    void typeOf(std::string_view name);
    void targetOf(const Target &target);

private:
    ParsedPlan &m_plan;
    PlanNode &m_node;
};

void NodeWriter::typeOf(std::string_view name)
{
    if (const std::optional<Join> join = splitJoin(name)) {
        text("Node Type", join->name);
        text("Join Type", join->type);
    } else if (name.ends_with("Aggregate")) {
        std::string_view strategy = name;
        const std::string_view mode = takePrefix(strategy, "Partial ") ? "Partial"
            : takePrefix(strategy, "Finalize ")                        ? "Finalize"
                                                                       : "Simple";
        text("Node Type", "Aggregate");
        text("Strategy",
            strategy == "GroupAggregate"       ? "Sorted"
                : strategy == "HashAggregate"  ? "Hashed"
                : strategy == "MixedAggregate" ? "Mixed"
                                               : "Plain");
        text("Partial Mode", mode);
    } else if (name == "Insert" || name == "Update" || name == "Delete" || name == "Merge") {
        text("Node Type", "ModifyTable");
        text("Operation", name);
    } else if (name == "Foreign Scan" || name == "Foreign Insert" || name == "Foreign Update"
        || name == "Foreign Delete") {
        text("Node Type", "Foreign Scan");
        text("Operation", name == "Foreign Scan" ? "Select" : name.substr(8));
    } else if (isSetOp(name)) {
        const std::size_t blank = name.find(' ');
        text("Node Type", "SetOp");
        text("Strategy", name.starts_with("Hash") ? "Hashed" : "Sorted");
        text("Command", trimmed(name.substr(blank)));
    } else if (name.starts_with("Custom Scan (") && name.ends_with(')')) {
        text("Node Type", "Custom Scan");
        text("Custom Plan Provider", name.substr(13, name.size() - 14));
    } else {
        text("Node Type", name);
    }
}

void NodeWriter::targetOf(const Target &target)
{
    const std::string_view type = m_node.row.nodeType;
    if (type == "Index Scan" || type == "Index Only Scan")
        text("Scan Direction", target.backward ? "Backward" : "Forward");
    text("Index Name", target.index);
    if (!target.hasTarget)
        return;
    if (type == "Bitmap Index Scan") {
        text("Index Name", target.object);
        return;
    }
    text("Schema", target.schema);
    const std::string &alias = target.alias.empty() ? target.object : target.alias;
    if (type == "Function Scan")
        text("Function Name", target.object);
    else if (type == "Table Function Scan")
        text("Table Function Name", target.object);
    else if (type == "CTE Scan" || type == "WorkTable Scan")
        text("CTE Name", target.object);
    else if (type == "Named Tuplestore Scan")
        text("Tuplestore Name", target.object);
    else if (type != "Subquery Scan" && type != "Values Scan")
        text("Relation Name", target.object);
    text("Alias", alias);
}

} // namespace

bool looksLikeNode(std::string_view line)
{
    const NodeFigures figures = splitFigures(line);
    const std::string_view head = trimmed(figures.head);
    if (head.empty() || head.front() < 'A' || head.front() > 'Z')
        return false;
    if (figures.hasCost || figures.hasActual || figures.neverExecuted)
        return true;
    const Target target = splitTarget(head);
    // Bare words such as "Result" are a node only when nothing else follows: prose would.
    return isNodeName(target.name);
}

bool looksLikeTarget(std::string_view line)
{
    takePrefix(line, "Foreign ");
    return line.starts_with("Insert on ") || line.starts_with("Update on ") || line.starts_with("Delete on ")
        || line.starts_with("Merge on ");
}

bool parseNodeLine(ParsedPlan &plan, PlanNode &node, std::string_view line)
{
    NodeFigures figures = splitFigures(line);
    bool broken = false;
    for (const std::string_view opening : {" (actual ", " (cost="}) {
        const std::size_t cut = findOutsideQuotes(figures.head, opening);
        if (cut == std::string_view::npos)
            continue;
        // What stands before the broken part may be whole.
        broken = true;
        figures = splitFigures(line.substr(0, cut));
    }
    PlanNodeRow &row = node.row;
    row.startupCost = figures.startupCost;
    row.totalCost = figures.totalCost;
    row.planRows = figures.planRows;
    row.planWidth = figures.planWidth;
    row.startupMs = figures.startupMs;
    row.totalMs = figures.totalMs;
    row.actualRows = figures.actualRows;
    row.loops = figures.loops;
    if (figures.neverExecuted) {
        row.actualRows = 0;
        row.loops = 0;
    }
    std::string_view head = trimmed(figures.head);
    NodeWriter writer(plan, node);
    if (takePrefix(head, "Parallel "))
        writer.flag("Parallel Aware");
    if (takePrefix(head, "Async "))
        writer.flag("Async Capable");
    const Target target = splitTarget(head);
    writer.typeOf(target.name);
    writer.targetOf(target);
    return !broken;
}

void parseTarget(std::string_view line, JsonMembers &members)
{
    const Target target = splitTarget(line);
    members.text("Relation Name", target.object);
    if (!target.schema.empty())
        members.text("Schema", target.schema);
    members.text("Alias", target.alias.empty() ? target.object : target.alias);
}

} // namespace tailscope::import::explain
