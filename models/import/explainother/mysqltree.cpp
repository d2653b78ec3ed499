// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explainother/mysqltree.h"

#include "base/text.h"
#include "import/explain/textscan.h"
#include "import/explainother/mysqloperation.h"
#include "import/explainother/passtimes.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace tailscope::import::explain {

namespace {

/// A literal with line ends is looked for this far.
constexpr std::size_t kMaxLiteralLines = 400;

/// Where in a line the node stands: behind "-> ", with what the client wrote before it.
struct Arrow
{
    std::size_t column = 0;
    std::string_view content;
};

std::string_view withoutQuotes(std::string_view line)
{
    while (line.starts_with('>') && !line.starts_with("->"))
        line.remove_prefix(line.starts_with("> ") ? 2 : 1);
    return line;
}

std::optional<Arrow> arrowOf(std::string_view line)
{
    line = withoutQuotes(line);
    const std::size_t at = line.find("-> ");
    if (at == std::string_view::npos || at + 3 >= line.size())
        return std::nullopt;
    const char first = line[at + 3];
    if ((first < 'A' || first > 'Z') && first != '<')
        return std::nullopt;
    const std::string_view before = line.substr(0, at);
    const std::string_view text = trimmed(before);
    // Frames and names of columns, no SQL.
    const bool frame = text.empty() || text == "|" || text == "EXPLAIN:" || text == "\"" || text == "'"
        || text.ends_with("\"EXPLAIN\": \"") || text.ends_with("\"EXPLAIN\": '")
        || text.ends_with("'EXPLAIN': '") || text.ends_with("(\"") || text.ends_with("('")
        || text.ends_with("[\"") || text.ends_with("\"EXPLAIN\":\"");
    if (!frame)
        return std::nullopt;
    std::size_t column = 0;
    if (text.empty()) {
        for (const char c : before)
            column += c == '\t' ? 4 : 1;
    }
    return Arrow{column, trimmed(line.substr(at + 3))};
}

class TreeParser
{
public:
    TreeParser(std::string_view text, ImportReport &report, const PlanTaker &take)
        : m_text(text)
        , m_report(report)
        , m_take(take)
    {}
    Result<void> run(const std::string &subject);

private:
    void takeLine(std::string_view line);
    void flushNode();
    void finish();

    std::string_view m_text;
    ImportReport &m_report;
    const PlanTaker &m_take;
    std::unique_ptr<ParsedPlan> m_plan;
    std::vector<std::pair<std::size_t, std::int32_t>> m_open; ///< column and number of the open nodes
    std::string m_pending; ///< content of the node whose line may go on
    std::size_t m_pendingColumn = 0;
    std::size_t m_pendingLines = 0; ///< it went on for
    bool m_hasPending = false;
    std::int64_t m_pendingLine = 0, m_line = 0;
    std::size_t m_offset = 0, m_begin = 0, m_end = 0; ///< of the line; of the plan
    std::string m_limit;
};

void TreeParser::takeLine(std::string_view line)
{
    const std::optional<Arrow> arrow = arrowOf(line);
    if (!arrow) {
        if (m_hasPending && m_pendingLines < kMaxLiteralLines && hasOpenBracket(m_pending)) {
            ++m_pendingLines;
            m_pending += '\n';
            m_pending += line;
            m_end = m_offset + line.size();
        } else if (const std::string_view rest = trimmed(line); !rest.empty() && rest != "|") {
            flushNode();
            finish();
        }
        return;
    }
    flushNode();
    const bool root = m_open.empty() || arrow->column <= m_open.front().first;
    if (root && m_plan && !arrow->content.starts_with("Select #"))
        finish();
    if (!m_plan) {
        m_plan = std::make_unique<ParsedPlan>();
        m_plan->engine = "mysql";
        m_plan->format = "tree";
        m_plan->firstLine = m_line;
        m_begin = m_offset;
    }
    m_pending = arrow->content;
    m_pendingColumn = arrow->column;
    m_pendingLines = 0;
    m_pendingLine = m_line;
    m_hasPending = true;
    m_end = m_offset + line.size();
}

void TreeParser::flushNode()
{
    if (!std::exchange(m_hasPending, false))
        return;
    if (m_plan->nodes.size() >= kMaxPlanNodes || m_open.size() >= kMaxPlanDepth) {
        m_limit = m_open.size() >= kMaxPlanDepth ? "the plan has more than 10,000 levels"
                                                 : "the plan has more than 100,000 nodes";
        return;
    }
    PlanNode &node = m_plan->nodes.emplace_back();
    bool outside = false;
    while (!m_open.empty() && m_open.back().first >= m_pendingColumn) {
        // A subquery of the columns stands where the root stands.
        if (m_open.size() == 1) {
            outside = true;
            break;
        }
        m_open.pop_back();
    }
    node.row.parent = m_open.empty() ? -1 : m_open.back().second;
    node.row.sourceLine = m_pendingLine - m_plan->firstLine + 1;
    const MysqlFigures figures = splitMysqlFigures(m_pending);
    setMysqlOperation(*m_plan, node, figures.head);
    if (outside)
        node.extra.json("outside", "true");
    if (!figures.broken.empty())
        m_report.skip("broken-figures", m_begin, 0,
            "line " + std::to_string(m_pendingLine) + ": the figures ("
                + std::string(figures.broken.substr(0, 80)) + ") cannot be read",
            m_pending);
    PlanNodeRow &row = node.row;
    row.startupCost = figures.startupCost;
    row.totalCost = figures.totalCost;
    row.planRows = figures.planRows;
    row.startupMs = figures.startupMs;
    row.totalMs = figures.totalMs;
    row.actualRows = figures.actualRows;
    row.loops = figures.loops;
    if (row.parentRelationship.empty() && row.parent >= 0) {
        const bool first = m_plan->nodes[static_cast<std::size_t>(row.parent)].row.joinType.empty()
            || row.parent == static_cast<std::int32_t>(m_plan->nodes.size()) - 2;
        row.parentRelationship = first ? "Outer" : "Inner";
    }
    m_open.emplace_back(m_pendingColumn, static_cast<std::int32_t>(m_plan->nodes.size()) - 1);
}

void TreeParser::finish()
{
    m_open.clear();
    if (!m_plan || m_plan->nodes.empty()) {
        m_plan.reset();
        return;
    }
    m_plan->sourceText
        = m_plan->arena->keep(m_text.substr(m_begin, std::min(m_end - m_begin, kMaxSourceText)));
    passTimes(*m_plan);
    finishPlan(*m_plan);
    const std::unique_ptr<ParsedPlan> done = std::move(m_plan);
    m_take(std::move(*done));
}

Result<void> TreeParser::run(const std::string &subject)
{
    while (m_offset < m_text.size() && m_limit.empty()) {
        const std::size_t end = std::min(m_text.find('\n', m_offset), m_text.size());
        std::string_view line = m_text.substr(m_offset, end - m_offset);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        ++m_line;
        takeLine(line);
        m_offset = end + 1;
    }
    flushNode();
    if (!m_limit.empty())
        return fail(Error{ErrorCode::LimitExceeded, subject, m_limit,
            Location{m_begin, static_cast<std::uint64_t>(m_line), std::nullopt},
            "Is this really the output of EXPLAIN?"});
    finish();
    return {};
}

} // namespace

bool hasMysqlTree(std::string_view text)
{
    const std::string plain = withLineEnds(text);
    const std::string_view all = plain;
    bool known = false, first = true;
    for (std::size_t at = 0; at < all.size();) {
        const std::size_t end = std::min(all.find('\n', at), all.size());
        if (const std::optional<Arrow> arrow = arrowOf(all.substr(at, end - at))) {
            // PostgreSQL prints two blanks behind the arrow, and a width.
            const MysqlFigures figures = splitMysqlFigures(arrow->content);
            if (figures.any)
                return arrow->content.find(" width=") == std::string_view::npos;
            static constexpr std::array<std::string_view, 28> kRoots{"Table scan on ", "Index ",
                "Covering index ", "Single-row ",
                "Filter: ", "Sort: ", "Sort row IDs: ", "Limit: ", "Limit/Offset: ", "Nested loop ",
                "Inner hash join", "Left hash join", "Hash ", "Aggregate: ", "Aggregate using ", "Group ",
                "Stream results", "Materialize", "Temporary table", "Rows fetched before execution", "Zero ",
                "Select #", "Append", "Union ", "Window ", "Insert into ", "Delete from ", "<"};
            // Prose has arrows too: the root must be an operation, or a later node have figures.
            if (first)
                known = arrow->column == 0
                    && std::any_of(kRoots.begin(), kRoots.end(),
                        [&](std::string_view root) { return arrow->content.starts_with(root); });
            first = false;
        }
        at = end + 1;
    }
    return known;
}

std::string withLineEnds(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    const bool escaped = text.find("\\n") != std::string_view::npos;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view rest = text.substr(i);
        if (escaped && rest.starts_with("\\n")) {
            out += '\n';
            ++i;
        } else if (rest.starts_with("\u2192 ")) {
            out += "->";
            i += 2;
        } else if (rest.starts_with("\u00A0")) {
            out += ' ';
            ++i;
        } else {
            out += text[i];
        }
    }
    return out;
}

Result<void> parseMysqlTrees(std::string_view text, const std::string &subject, ImportReport &report,
    const PlanTaker &take)
{
    const std::string plain = withLineEnds(text);
    return TreeParser(plain, report, take).run(subject);
}

} // namespace tailscope::import::explain
