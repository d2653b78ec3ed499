// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/explain/frames.h"
#include "import/explain/plandocument.h"
#include "import/explain/textcomplete.h"
#include "import/explain/textproperty.h"
#include "import/explain/textscan.h"
#include "import/importreport.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::explain {

/// The plan that the lines of TEXT build up: the parser says what a line is, this knows where it belongs.
/// Every element waits until the next one, since lines may be wrapped: append() adds to the last one.
class TextPlanBuilder
{
public:
    TextPlanBuilder(const UnframedText &text, ImportReport &report, const PlanTaker &take);

    bool isOpen() const { return m_open; }
    std::size_t rootColumn() const { return m_rootColumn; }
    /// Column of what the current node's properties must stand right of.
    std::size_t nodeColumn() const { return m_levels.empty() ? 0 : m_levels.back().column; }
    bool inTrailer() const { return m_trailer; }
    /// True while the last element is a node's line that was cut inside brackets, or that has no costs
    /// although the root has: the next line may bring the rest.
    bool nodeIsCut() const;
    bool nodeLacksCosts() const;
    bool currentIsModifyTable() const;
    bool literalIsOpen() const { return m_pending.kind != Pending::Kind::None && m_quotes.isOpen(); }
    QuoteState quotes() const { return m_quotes; }
    void forgetLiteral() { m_quotes = {}; } ///< nothing closes it

    /// Facts that come before a plan: auto_explain's query and the duration of its log line.
    void setQueryText(std::string query, std::uint32_t line);
    void setDuration(double ms) { m_durationMs = ms; }
    void setQueryParameters(std::string parameters) { m_parameters = std::move(parameters); }

    /// Errors: LimitExceeded with the line, when the plan is too deep or has too many nodes.
    Result<void> addNode(std::size_t column, std::string_view content, std::uint32_t line, bool arrow);
    void addSubplanLabel(std::size_t column, std::string_view name, std::uint32_t line);
    void addTarget(std::size_t column, std::string_view content, std::uint32_t line);
    void addProperty(std::size_t column, std::string_view label, std::string_view value, std::uint32_t line);
    void addTrailer(std::size_t column, std::string_view content, std::uint32_t line);
    void append(std::string_view text, bool newLine, std::uint32_t line);
    void endPlan();

private:
    /// A node or a subplan label above the current line.
    struct Level
    {
        std::size_t column;
        std::int32_t node;
        std::string_view relationship, subplan; ///< set for a label
    };
    /// What properties deeper than `column` belong to instead of the node.
    struct Context
    {
        enum class Kind { Worker, Target, Jit, Planning, Serialization } kind;
        std::size_t column;
        std::size_t worker = 0; ///< index in the node's workers
        JsonMembers members;
    };
    struct Pending
    {
        enum class Kind { None, Node, Property, Target } kind = Kind::None;
        std::string text;
        std::string label;
        std::size_t column = 0;
        std::uint32_t line = 0;
    };

    void begin(Pending::Kind kind, std::string_view text, std::size_t column, std::uint32_t line);
    void flush();
    void flushProperty();
    bool applyToContext(Context &context);
    bool applyToNode();
    bool applyTrailer();
    void openWorker(std::string_view number, std::string_view rest);
    void closeContexts(std::size_t column);
    void closeNode();
    PlanNode &current() { return m_plan.nodes.back(); }
    void skipped(std::string_view kind, std::uint32_t line, std::string_view reason);

    const UnframedText &m_text;
    ImportReport &m_report;
    const PlanTaker &m_take;

    ParsedPlan m_plan;
    bool m_open = false, m_trailer = false, m_flatNoted = false;
    std::size_t m_rootColumn = 0;
    std::uint32_t m_firstLine = 0, m_lastLine = 0;
    std::vector<Level> m_levels;
    std::vector<Context> m_contexts;
    std::vector<JsonMembers> m_targets;
    GroupingKeys m_grouping;
    Pending m_pending;
    QuoteState m_quotes;
    TextEvidence m_evidence;
    std::optional<std::string> m_queryText, m_parameters;
    std::uint32_t m_queryLine = 0;
    double m_durationMs = ParsedPlan::kUnknown;
};

} // namespace tailscope::import::explain
