// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/jsonhandler.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace tailscope::import::explain {

namespace {

constexpr std::array<std::string_view, 6> kStatementKeys{
    "Execution Time",
    "Planning Time",
    "Query Identifier",
    "Query Parameters",
    "Query Text",
    "Total Runtime",
};

bool isStatementKey(std::string_view key)
{
    return std::find(kStatementKeys.begin(), kStatementKeys.end(), key) != kStatementKeys.end();
}

} // namespace

PlanJsonHandler::PlanJsonHandler(std::string_view text, std::size_t base, std::int64_t baseLine,
    const Stream &stream, ImportReport &report, const PlanTaker &take)
    : m_text(text)
    , m_base(base)
    , m_stream(stream)
    , m_report(report)
    , m_take(take)
    , m_countedTo(base)
    , m_line(baseLine)
{}

std::int64_t PlanJsonHandler::lineAt(std::size_t offset)
{
    offset = std::min(offset, m_text.size());
    if (offset > m_countedTo) {
        m_line += std::count(m_text.begin() + static_cast<std::ptrdiff_t>(m_countedTo),
            m_text.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
        m_countedTo = offset;
    }
    return m_line;
}

void PlanJsonHandler::badValue(std::string_view why)
{
    const std::size_t offset = std::min(position(), m_text.size());
    m_report.skip("bad-value", offset, 0,
        "line " + std::to_string(lineAt(offset)) + ": \"" + m_key + "\" " + std::string(why),
        m_text.substr(offset, 80));
}

bool PlanJsonHandler::open(Kind kind)
{
    if (m_levels.size() >= kMaxJsonDepth) {
        m_limit = "the JSON is nested deeper than the 10,000 levels a plan may have";
        return false;
    }
    Level level;
    level.kind = kind;
    level.begin = position();
    level.line = lineAt(level.begin);
    if (!m_levels.empty())
        level.node = m_levels.back().node;
    m_levels.push_back(std::move(level));
    return true;
}

ParsedPlan &PlanJsonHandler::planOf(Level &level)
{
    if (!level.plan)
        level.plan = std::make_unique<ParsedPlan>();
    return *level.plan;
}

bool PlanJsonHandler::openNode(Kind parent, std::int32_t parentNode)
{
    if (m_plan->nodes.size() >= kMaxPlanNodes) {
        m_limit = "the plan has more than 100,000 nodes";
        return false;
    }
    const std::int64_t firstLine = m_planLine;
    if (!open(Kind::Node))
        return false;
    PlanNode &node = m_plan->nodes.emplace_back();
    node.row.parent = parent == Kind::Plans ? parentNode : -1;
    node.row.sourceLine = m_levels.back().line - firstLine + 1;
    m_levels.back().node = static_cast<std::int32_t>(m_plan->nodes.size()) - 1;
    return true;
}

bool PlanJsonHandler::openCapture(bool object)
{
    if (m_levels.size() + m_captureDepth >= kMaxJsonDepth) {
        m_limit = "the JSON is nested deeper than the 10,000 levels a plan may have";
        return false;
    }
    ++m_captureDepth;
    if (object)
        m_capture.startObject();
    else
        m_capture.startArray();
    return true;
}

bool PlanJsonHandler::closeCapture(bool object)
{
    if (object)
        m_capture.endObject();
    else
        m_capture.endArray();
    if (--m_captureDepth > 0)
        return true;
    if (m_capture.truncated())
        m_report.note(IssueSeverity::Notice, "property-cut", std::min(position(), m_text.size()),
            "a property of a node is deeper than 64 levels or longer than 1 MiB and was cut");
    m_key = m_captureKey;
    give(PlanValue::json(m_capture.text()));
    m_capture.clear();
    return true;
}

bool PlanJsonHandler::StartObject()
{
    if (m_captureDepth > 0)
        return openCapture(true);
    if (m_levels.empty())
        return open(Kind::Statement);
    Level &parent = m_levels.back();
    switch (parent.kind) {
    case Kind::Other:
        return open(Kind::Statement);
    case Kind::Plans:
        return openNode(Kind::Plans, parent.node);
    case Kind::Workers: {
        std::vector<PlanWorker> &workers = m_plan->nodes[static_cast<std::size_t>(parent.node)].workers;
        workers.emplace_back();
        return open(Kind::Worker);
    }
    case Kind::Triggers:
        m_trigger = {};
        return open(Kind::Trigger);
    case Kind::Statement:
        if (m_key == "Plan") {
            if (hasNodes(parent))
                takePlan(parent);
            m_plan = &planOf(parent);
            m_planLine = parent.line;
            return openNode(Kind::Statement, -1);
        }
        if (m_key == "Planning")
            return open(Kind::Planning);
        if (m_key == "Settings")
            return open(Kind::Settings);
        if (!hasNodes(parent) && m_key != "JIT" && m_key != "Serialization")
            return open(Kind::Statement);
        break;
    default:
        break;
    }
    m_captureKey = m_key;
    return openCapture(true);
}

bool PlanJsonHandler::StartArray()
{
    if (m_captureDepth > 0)
        return openCapture(false);
    if (m_levels.empty())
        return open(Kind::Other);
    Level &parent = m_levels.back();
    if (parent.kind == Kind::Other)
        return open(Kind::Other);
    if (parent.kind == Kind::Statement && m_key == "Triggers")
        return open(Kind::Triggers);
    if (parent.kind == Kind::Statement && !hasNodes(parent))
        return open(Kind::Other);
    if (parent.kind == Kind::Node && m_key == "Plans") {
        parent.sawPlans = true;
        return open(Kind::Plans);
    }
    if (parent.kind == Kind::Node && m_key == "Workers")
        return open(Kind::Workers);
    m_captureKey = m_key;
    return openCapture(false);
}

bool PlanJsonHandler::Key(const char *text, rapidjson::SizeType length, bool)
{
    const std::string_view key(text, length);
    if (m_captureDepth > 0)
        m_capture.key(key);
    else
        m_key = std::memchr(text, 0, length) ? sanitizedUtf8(key) : std::string(key);
    return true;
}

void PlanJsonHandler::capture(const PlanValue &value)
{
    switch (value.kind) {
    case PlanValue::Kind::Text:
        m_capture.string(value.text);
        break;
    case PlanValue::Kind::Number:
        m_capture.number(value.text);
        break;
    case PlanValue::Kind::Boolean:
        m_capture.boolean(value.text == "true");
        break;
    default:
        m_capture.null();
    }
}

bool PlanJsonHandler::scalar(const PlanValue &value)
{
    PlanValue clean = value;
    std::string cleaned;
    if (value.kind == PlanValue::Kind::Text && value.text.find('\0') != std::string_view::npos) {
        cleaned = sanitizedUtf8(value.text);
        clean.text = cleaned;
    }
    if (m_captureDepth > 0)
        capture(clean);
    else if (!m_levels.empty())
        give(clean);
    else if (value.kind == PlanValue::Kind::Text)
        m_found.rows.emplace_back(clean.text);
    return true;
}

void PlanJsonHandler::give(const PlanValue &value)
{
    Level &level = m_levels.back();
    bool ok = true;
    switch (level.kind) {
    case Kind::Statement:
        giveToStatement(level, value);
        break;
    case Kind::Node:
        ok = setNodeProperty(*m_plan, m_plan->nodes[static_cast<std::size_t>(level.node)], m_key, value);
        break;
    case Kind::Worker:
        ok = setWorkerProperty(m_plan->nodes[static_cast<std::size_t>(level.node)].workers.back(), m_key,
            value);
        break;
    case Kind::Planning:
        setGroupProperty(level.members, m_key, value);
        break;
    case Kind::Settings:
        if (value.kind == PlanValue::Kind::Text)
            planOf(m_levels[m_levels.size() - 2]).settings.text(m_key, value.text);
        break;
    case Kind::Trigger:
        giveToTrigger(value);
        break;
    default:
        break;
    }
    if (!ok)
        badValue("has a value of the wrong type");
}

void PlanJsonHandler::giveToStatement(Level &level, const PlanValue &value)
{
    const bool text = value.kind == PlanValue::Kind::Text;
    if (text && m_key == "Node Type" && !hasNodes(level)) {
        // A node without {"Plan": ...} around it.
        m_plan = &planOf(level);
        m_planLine = level.line;
        PlanNode &node = m_plan->nodes.emplace_back();
        node.row.sourceLine = 1;
        level.kind = Kind::Node;
        level.bare = true;
        level.node = 0;
        setNodeProperty(*m_plan, node, m_key, value);
    } else if (text && m_key == "QUERY PLAN") {
        m_found.rows.emplace_back(value.text);
    } else if (hasNodes(level) || isStatementKey(m_key)) {
        if (!setStatementProperty(planOf(level), m_key, value))
            badValue("is no time");
    } else if (value.kind == PlanValue::Kind::Json && (m_key == "JIT" || m_key == "Serialization")) {
        setStatementProperty(planOf(level), m_key, value);
    }
}

void PlanJsonHandler::giveToTrigger(const PlanValue &value)
{
    const std::optional<double> number = parseDouble(value.text);
    ParsedPlan &plan = planOf(m_levels[m_levels.size() - 3]);
    if (m_key == "Trigger Name")
        m_trigger.name = plan.arena->keep(value.text);
    else if (m_key == "Constraint Name")
        m_trigger.constraintName = plan.arena->keep(value.text);
    else if (m_key == "Relation")
        m_trigger.relation = plan.arena->keep(value.text);
    else if (m_key == "Time" && value.kind == PlanValue::Kind::Number)
        m_trigger.timeMs = number;
    else if (m_key == "Calls" && value.kind == PlanValue::Kind::Number)
        m_trigger.calls = number;
}

void PlanJsonHandler::takePlan(Level &level)
{
    ParsedPlan plan = std::move(*level.plan);
    level.plan.reset();
    m_plan = nullptr;
    // Some other JSON with a "Plan" in it.
    if (plan.nodes.front().row.nodeType.empty())
        return;
    const std::size_t end = std::min(position() + 1, m_text.size());
    plan.format = "json";
    if (std::isnan(plan.durationMs))
        plan.durationMs = m_durationMs;
    plan.sourceText = m_text.substr(level.begin, end - std::min(level.begin, end));
    plan.firstLine = level.line;
    for (PlanNode &node : plan.nodes) {
        if (node.row.nodeType.empty()) {
            node.row.nodeType = "Unknown";
            m_report.note(IssueSeverity::DataLoss, "no-node-type", level.begin,
                "line " + std::to_string(level.line + node.row.sourceLine - 1) + ": a node has no Node Type");
        }
    }
    finishPlan(plan);
    m_report.rowRead(static_cast<std::int64_t>(plan.nodes.size()));
    ++m_found.plans;
    m_take(std::move(plan));
}

bool PlanJsonHandler::EndObject(rapidjson::SizeType)
{
    if (m_captureDepth > 0)
        return closeCapture(true);
    Level &level = m_levels.back();
    if (level.kind == Kind::Trigger) {
        planOf(m_levels[m_levels.size() - 3]).triggers.push_back(m_trigger);
    } else if (level.kind == Kind::Planning && !level.members.isEmpty()) {
        planOf(m_levels[m_levels.size() - 2]).extra.json("Planning", level.members.object());
    } else if ((level.kind == Kind::Statement || level.bare) && hasNodes(level)) {
        takePlan(level);
    }
    m_levels.pop_back();
    return true;
}

bool PlanJsonHandler::EndArray(rapidjson::SizeType)
{
    if (m_captureDepth > 0)
        return closeCapture(false);
    m_levels.pop_back();
    return true;
}

void PlanJsonHandler::rejectCutNode(const Level &level, std::size_t end)
{
    const std::string_view type = m_plan->nodes[static_cast<std::size_t>(level.node)].row.nodeType;
    const std::size_t begin = std::min(level.begin, m_text.size());
    const std::string_view bytes = m_text.substr(begin, std::max(end, begin) - begin);
    m_report.skip("cut-node", begin, bytes.size(),
        "line " + std::to_string(level.line) + ": the JSON breaks off inside of "
            + (type.empty() ? "a node without a type" : std::string(type)),
        bytes);
}

std::size_t PlanJsonHandler::salvage(std::size_t end)
{
    // Properties stand before "Plans": the innermost open node is cut unless its children had begun.
    const auto node = std::find_if(m_levels.rbegin(), m_levels.rend(),
        [](const Level &level) { return level.kind == Kind::Node; });
    if (node != m_levels.rend() && !node->sawPlans && m_plan) {
        if (node->node > 0)
            rejectCutNode(*node, end);
        m_plan->nodes.resize(static_cast<std::size_t>(node->node));
    }
    // Children of the nodes whose list is open may be missing: what these did themselves cannot be told.
    for (const Level &level : m_levels) {
        if (level.kind == Kind::Plans && m_plan)
            m_plan->nodes[static_cast<std::size_t>(level.node)].extra.json("Plans Truncated", "true");
    }
    const std::size_t before = m_found.plans;
    for (Level &level : m_levels) {
        if (hasNodes(level))
            takePlan(level);
    }
    return m_found.plans - before;
}

} // namespace tailscope::import::explain
