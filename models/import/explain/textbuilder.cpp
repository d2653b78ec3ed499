// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/textbuilder.h"

#include "base/text.h"
#include "import/common/jsontext.h"
#include "import/explain/textnode.h"
#include "import/explain/textsinks.h"

#include <algorithm>
#include <cmath>

namespace tailscope::import::explain {

namespace {

/// A worker is looked for among the last ones only: a node has a handful, a hostile text any number.
constexpr std::size_t kSearchedWorkers = 1024;
/// Bytes of a node's line over all the lines it was wrapped into.
constexpr std::size_t kMaxWrappedNode = 16 * 1024;

bool isTrigger(std::string_view label, std::string_view content)
{
    return label.starts_with("Trigger ") || content.starts_with("Trigger ");
}

} // namespace

TextPlanBuilder::TextPlanBuilder(const UnframedText &text, ImportReport &report, const PlanTaker &take)
    : m_text(text)
    , m_report(report)
    , m_take(take)
{}

bool TextPlanBuilder::nodeIsCut() const
{
    return m_pending.kind == Pending::Kind::Node && m_pending.text.size() < kMaxWrappedNode
        && hasOpenBracket(m_pending.text);
}

bool TextPlanBuilder::nodeLacksCosts() const
{
    // Where the root has costs every node has them.
    return m_pending.kind == Pending::Kind::Node && m_pending.text.size() < kMaxWrappedNode
        && m_plan.nodes.size() > 1 && m_plan.nodes.front().row.totalCost
        && !splitFigures(m_pending.text).hasCost;
}

bool TextPlanBuilder::currentIsModifyTable() const
{
    if (m_plan.nodes.empty())
        return false;
    if (m_pending.kind == Pending::Kind::Node)
        return looksLikeTarget(m_pending.text);
    return m_plan.nodes.back().row.nodeType == "ModifyTable";
}

void TextPlanBuilder::setQueryText(std::string query, std::uint32_t line)
{
    m_queryText = std::move(query);
    m_queryLine = line;
}

void TextPlanBuilder::begin(Pending::Kind kind, std::string_view text, std::size_t column, std::uint32_t line)
{
    m_pending.kind = kind;
    m_pending.text = text;
    m_pending.label.clear();
    m_pending.column = column;
    m_pending.line = line;
    m_lastLine = line;
    m_quotes = {};
    m_quotes.feed(text);
}

Result<void> TextPlanBuilder::addNode(std::size_t column, std::string_view content, std::uint32_t line,
    bool arrow)
{
    flush();
    if (m_open)
        closeNode();
    PlanNode node;
    if (!m_open) {
        m_open = true;
        m_rootColumn = column;
        m_firstLine = m_queryText ? m_queryLine : line;
        if (m_parameters)
            m_plan.extra.text("Query Parameters", *m_parameters);
        node.row.parent = -1;
    } else {
        while (m_levels.size() > 1 && m_levels.back().column >= column)
            m_levels.pop_back();
        const Level &parent = m_levels.back();
        if (arrow && column <= m_rootColumn && !m_flatNoted) {
            m_flatNoted = true;
            m_report.note(IssueSeverity::Notice, "lost-indentation", m_text.rawLines[line],
                "line " + std::to_string(line + 1)
                    + ": the node stands left of the plan's root: its place in the tree is a guess");
        }
        node.row.parent = parent.node;
        node.row.parentRelationship = parent.relationship;
        node.row.subplanName = parent.subplan;
    }
    if (m_levels.size() >= kMaxPlanDepth || m_plan.nodes.size() >= kMaxPlanNodes) {
        Error error{ErrorCode::LimitExceeded, "plan", "the plan has more than 10,000 levels or 100,000 nodes",
            Location{m_text.rawLines[line], line + 1, std::nullopt}, "Import the plans one by one"};
        return fail(std::move(error));
    }
    node.row.sourceLine = line - m_firstLine + 1;
    m_levels.push_back({column, static_cast<std::int32_t>(m_plan.nodes.size()), {}, {}});
    m_plan.nodes.push_back(std::move(node));
    begin(Pending::Kind::Node, content, column, line);
    return {};
}

void TextPlanBuilder::addSubplanLabel(std::size_t column, std::string_view name, std::uint32_t line)
{
    flush();
    closeNode();
    while (m_levels.size() > 1 && m_levels.back().column >= column)
        m_levels.pop_back();
    const std::string_view kept = m_plan.arena->keep(trimmed(name));
    m_levels.push_back(
        {column, m_levels.back().node, kept.starts_with("SubPlan") ? "SubPlan" : "InitPlan", kept});
    m_lastLine = line;
}

void TextPlanBuilder::addTarget(std::size_t column, std::string_view content, std::uint32_t line)
{
    flush();
    closeContexts(column);
    begin(Pending::Kind::Target, content, column, line);
}

void TextPlanBuilder::addProperty(std::size_t column, std::string_view label, std::string_view value,
    std::uint32_t line)
{
    flush();
    closeContexts(column);
    begin(Pending::Kind::Property, value, column, line);
    m_pending.label = label;
}

void TextPlanBuilder::addTrailer(std::size_t column, std::string_view content, std::uint32_t line)
{
    flush();
    closeNode();
    m_trailer = true;
    std::string_view label, value;
    if (content.starts_with("Trigger ") || !splitLabel(content, label, value)) {
        label = "Trigger ";
        value = content.starts_with("Trigger ") ? content.substr(8) : content;
    }
    begin(Pending::Kind::Property, value, column, line);
    m_pending.label = label;
    // Names of triggers and settings are printed as they are: an apostrophe opens no literal.
    m_quotes = {};
}

void TextPlanBuilder::append(std::string_view text, bool newLine, std::uint32_t line)
{
    if (m_pending.kind == Pending::Kind::None)
        return;
    if (newLine)
        m_pending.text += '\n';
    m_pending.text += text;
    m_quotes.feed(text);
    m_lastLine = line;
}

void TextPlanBuilder::skipped(std::string_view kind, std::uint32_t line, std::string_view reason)
{
    const std::string_view bytes = m_text.rawText(line, line);
    m_report.skip(kind, m_text.rawLines[line], bytes.size(),
        "line " + std::to_string(line + 1) + ": " + std::string(reason), bytes);
}

void TextPlanBuilder::flush()
{
    const Pending::Kind kind = m_pending.kind;
    m_pending.kind = Pending::Kind::None;
    if (kind == Pending::Kind::Node) {
        if (!parseNodeLine(m_plan, current(), m_pending.text))
            skipped("broken-figures", m_pending.line,
                "the cost or the actual figures of the node are broken");
        m_report.rowRead();
    } else if (kind == Pending::Kind::Target) {
        Context context{Context::Kind::Target, m_pending.column, 0, {}};
        parseTarget(trimmed(m_pending.text), context.members);
        m_contexts.push_back(std::move(context));
    } else if (kind == Pending::Kind::Property) {
        flushProperty();
    }
    m_quotes = {};
}

void TextPlanBuilder::flushProperty()
{
    bool ok = true;
    if (!m_contexts.empty() && m_pending.column > m_contexts.back().column)
        ok = applyToContext(m_contexts.back());
    else if (m_trailer)
        ok = applyTrailer();
    else if (!m_plan.nodes.empty())
        ok = applyToNode();
    if (!ok)
        skipped("broken-property", m_pending.line,
            "the value of \"" + m_pending.label + "\" is not what EXPLAIN prints there");
}

bool TextPlanBuilder::applyToContext(Context &context)
{
    if (m_pending.label == "JIT" && trimmed(m_pending.text).empty()) {
        const std::size_t worker = context.worker;
        m_contexts.push_back({Context::Kind::Jit, m_pending.column, worker, {}});
        return true;
    }
    const std::string_view value = m_pending.text;
    if (context.kind == Context::Kind::Planning || context.kind == Context::Kind::Serialization)
        m_evidence.buffers = m_evidence.buffers || m_pending.label == "Buffers";
    switch (context.kind) {
    case Context::Kind::Worker: {
        WorkerSink sink(current().workers[context.worker]);
        return applyTextProperty(sink, current().row.nodeType, m_pending.label, value);
    }
    case Context::Kind::Target:
    case Context::Kind::Planning:
    case Context::Kind::Serialization: {
        GroupSink sink(context.members);
        return applyTextProperty(sink, {}, m_pending.label, value);
    }
    case Context::Kind::Jit:
        return applyJitProperty(context.members, m_pending.label, value);
    }
    return false;
}

bool TextPlanBuilder::applyToNode()
{
    const std::string_view label = m_pending.label;
    const std::string_view value = m_pending.text;
    if (label.starts_with("Worker ")) {
        openWorker(label.substr(7), trimmed(value));
        return parseInt64(label.substr(7)).has_value();
    }
    if (label == "JIT" && trimmed(value).empty()) {
        m_contexts.push_back({Context::Kind::Jit, m_pending.column, 0, {}});
        return true;
    }
    PlanNode &node = current();
    if (node.row.nodeType == "Aggregate"
        && (label == "Group Key" || label == "Hash Key" || (label == "Sort Key" && !m_grouping.isEmpty()))) {
        m_grouping.add(label, trimmed(value));
        return true;
    }
    m_evidence.buffers = m_evidence.buffers || label == "Buffers";
    m_evidence.ioTimings = m_evidence.ioTimings || label == "I/O Timings";
    m_evidence.wal = m_evidence.wal || label == "WAL";
    NodeSink sink(m_plan, node);
    return applyTextProperty(sink, node.row.nodeType, label, value);
}

void TextPlanBuilder::openWorker(std::string_view number, std::string_view rest)
{
    const std::optional<std::int64_t> id = parseInt64(number);
    if (!id || *id < 0 || *id > INT32_MAX)
        return;
    std::vector<PlanWorker> &workers = current().workers;
    const std::size_t first = workers.size() > kSearchedWorkers ? workers.size() - kSearchedWorkers : 0;
    std::size_t index = first;
    while (index < workers.size() && workers[index].row.worker != *id)
        ++index;
    if (index == workers.size()) {
        workers.emplace_back();
        workers.back().row.worker = static_cast<std::int32_t>(*id);
    }
    PlanWorker &worker = workers[index];
    const std::size_t column = m_pending.column;
    if (rest.starts_with("actual ")) {
        const NodeFigures figures = splitFigures('(' + std::string(rest) + ')');
        worker.row.startupMs = figures.startupMs;
        worker.row.totalMs = figures.totalMs;
        worker.row.rows = figures.actualRows;
        worker.row.loops = figures.loops;
    } else {
        std::string_view label, value;
        if (splitLabel(rest, label, value)) {
            WorkerSink sink(worker);
            applyTextProperty(sink, current().row.nodeType, label, value);
        }
    }
    m_contexts.push_back({Context::Kind::Worker, column, index, {}});
}

bool TextPlanBuilder::applyTrailer()
{
    const std::string_view label = m_pending.label;
    const std::string_view value = trimmed(m_pending.text);
    const auto milliseconds = [&](double &target) {
        const std::optional<double> ms = parseDouble(withoutUnit(value));
        target = ms.value_or(ParsedPlan::kUnknown);
        return ms.has_value();
    };
    if (label == "Planning" && value.empty()) {
        m_contexts.push_back({Context::Kind::Planning, m_pending.column, 0, {}});
        return true;
    }
    if (label == "JIT" && value.empty()) {
        m_contexts.push_back({Context::Kind::Jit, m_pending.column, 0, {}});
        return true;
    }
    if (label == "Planning Time" || label == "Planning time")
        return milliseconds(m_plan.planningMs);
    if (label == "Execution Time" || label == "Execution time" || label == "Total runtime") {
        m_evidence.oldServer = m_evidence.oldServer || label == "Total runtime";
        return milliseconds(m_plan.executionMs);
    }
    if (isTrigger(label, value)) {
        PlanTriggerRow row;
        if (!parseTrigger(value, *m_plan.arena, row))
            return false;
        m_plan.triggers.push_back(row);
        return true;
    }
    if (label == "Settings") {
        applySettings(m_plan.settings, value);
        return true;
    }
    if (label == "Serialization") {
        // Its buffers follow on a line of their own.
        m_contexts.push_back({Context::Kind::Serialization, m_pending.column, 0, serialization(value)});
        return true;
    }
    if (isJsonNumber(value))
        m_plan.extra.json(label, value);
    else
        m_plan.extra.text(label, value);
    return true;
}

void TextPlanBuilder::closeContexts(std::size_t column)
{
    while (!m_contexts.empty() && m_contexts.back().column >= column) {
        Context context = std::move(m_contexts.back());
        m_contexts.pop_back();
        if (context.kind == Context::Kind::Target) {
            m_targets.push_back(std::move(context.members));
        } else if (context.kind == Context::Kind::Planning) {
            if (!context.members.isEmpty())
                m_plan.extra.json("Planning", context.members.object());
        } else if (context.kind == Context::Kind::Serialization) {
            m_plan.extra.json("Serialization", context.members.isEmpty() ? "{}" : context.members.object());
        } else if (context.kind == Context::Kind::Jit && !context.members.isEmpty()) {
            const bool ofWorker = !m_contexts.empty() && m_contexts.back().kind == Context::Kind::Worker;
            JsonMembers &owner = ofWorker ? current().workers[context.worker].extra
                : m_trailer               ? m_plan.extra
                                          : current().extra;
            owner.json("JIT", context.members.object());
        }
    }
}

void TextPlanBuilder::closeNode()
{
    closeContexts(0);
    if (m_plan.nodes.empty())
        return;
    if (!m_grouping.isEmpty()) {
        NodeSink sink(m_plan, current());
        m_grouping.write(sink);
        m_grouping = {};
    }
    if (!m_targets.empty()) {
        std::string json = "[";
        for (const JsonMembers &target : m_targets)
            json += (json.size() > 1 ? "," : "") + target.object();
        current().extra.json("Target Tables", json + ']');
        m_targets.clear();
    }
}

void TextPlanBuilder::endPlan()
{
    if (m_open) {
        flush();
        closeNode();
        ParsedPlan plan = std::move(m_plan);
        plan.durationMs = m_durationMs;
        if (m_queryText)
            plan.queryText = plan.arena->keep(*m_queryText);
        plan.format = "text";
        plan.sourceText = m_text.rawText(m_firstLine, m_lastLine);
        plan.firstLine = m_firstLine + 1;
        completeTextPlan(plan, m_evidence);
        finishPlan(plan);
        const bool timed = plan.nodes.front().row.totalMs.has_value();
        if (timed && std::isnan(plan.executionMs))
            m_report.note(IssueSeverity::Notice, "no-execution-time", m_text.rawLines[m_firstLine],
                "the plan at line " + std::to_string(m_firstLine + 1)
                    + " has times but no Execution Time: its end may be missing");
        m_take(std::move(plan));
    }
    m_plan = {};
    m_open = m_trailer = m_flatNoted = false;
    m_levels.clear();
    m_contexts.clear();
    m_targets.clear();
    m_grouping = {};
    m_pending = {};
    m_quotes = {};
    m_evidence = {};
    m_queryText.reset();
    m_parameters.reset();
    m_durationMs = ParsedPlan::kUnknown;
}

} // namespace tailscope::import::explain
