// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explainother/sqliteplan.h"

#include "base/text.h"
#include "import/explainother/plantable.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

namespace tailscope::import::explain {

namespace {

constexpr std::size_t kMaxTupleHead = 100; ///< bytes before the detail of a row

/// A step of the plan; ids are those of SQLite or numbers of lines.
struct Step
{
    std::int64_t id = 0, parent = 0;
    std::string detail;
    std::int64_t line = 0;
};

/// Words that begin a detail: what else stands in a tree is no plan.
constexpr std::array<std::string_view, 24> kStarts{"SCAN", "SEARCH", "USE TEMP B-TREE", "MULTI-INDEX OR",
    "INDEX ", "CORRELATED ", "SCALAR SUBQUERY", "LIST SUBQUERY", "CO-ROUTINE", "MATERIALIZE", "COMPOUND",
    "LEFT-MOST SUBQUERY", "UNION", "EXCEPT", "INTERSECT", "MERGE (", "LEFT", "RIGHT", "SETUP",
    "RECURSIVE STEP", "BLOOM FILTER", "EXECUTE ", "REUSE ", "LOOP "};

bool isDetail(std::string_view text)
{
    return std::any_of(kStarts.begin(), kStarts.end(),
        [&](std::string_view start) { return text.starts_with(start); });
}

std::string_view takeWord(std::string_view &text)
{
    text = trimmed(text);
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text = trimmed(text.substr(end));
    return word;
}

/// "orders AS o USING COVERING INDEX i (a=? AND b>?)" behind SCAN or SEARCH.
void setAccess(ParsedPlan &plan, PlanNode &node, std::string_view rest)
{
    const auto keep = [&](std::string_view text) { return plan.arena->keep(text); };
    if (rest.starts_with("TABLE "))
        rest.remove_prefix(6);
    else if (rest.starts_with("SUBQUERY "))
        rest.remove_prefix(9);
    if (rest.starts_with("CONSTANT ROW") || rest.find(" CONSTANT ROWS") != std::string_view::npos)
        return;
    node.row.relation = keep(takeWord(rest));
    if (rest.starts_with("AS ")) {
        rest.remove_prefix(3);
        node.row.alias = keep(takeWord(rest));
    }
    const std::size_t bracket = rest.rfind('(');
    if (bracket != std::string_view::npos && rest.ends_with(')'))
        node.row.condition = keep(rest.substr(bracket));
    const std::size_t at = rest.find("INDEX ");
    if (at == std::string_view::npos || rest.find("AUTOMATIC ") != std::string_view::npos
        || rest.starts_with("VIRTUAL TABLE"))
        return;
    std::string_view name = rest.substr(at + 6);
    node.row.indexName = keep(takeWord(name));
}

void setDetail(ParsedPlan &plan, PlanNode &node, std::string_view detail)
{
    const auto keep = [&](std::string_view text) { return plan.arena->keep(text); };
    node.extra.text("detail", detail);
    for (const std::string_view access : {"SCAN", "SEARCH"}) {
        if (!detail.starts_with(access) || detail.size() <= access.size() || detail[access.size()] != ' ')
            continue;
        node.row.nodeType = access;
        return setAccess(plan, node, detail.substr(access.size() + 1));
    }
    for (const std::string_view named : {"CO-ROUTINE ", "MATERIALIZE ", "RIGHT-JOIN ", "BLOOM FILTER ON "}) {
        if (!detail.starts_with(named))
            continue;
        node.row.nodeType = trimmed(named);
        std::string_view rest = detail.substr(named.size());
        node.row.relation = keep(takeWord(rest));
        return;
    }
    // "CORRELATED SCALAR SUBQUERY 1": the number is no part of the kind.
    const std::size_t last = detail.find_last_not_of("0123456789");
    const bool numbered = last != std::string_view::npos && last + 1 < detail.size() && detail[last] == ' ';
    node.row.nodeType = keep(numbered ? detail.substr(0, last) : detail);
    if (detail.find("SUBQUERY") != std::string_view::npos) {
        node.row.subplanName = keep(detail);
        node.row.parentRelationship = "SubPlan";
    }
}

/// Steps in the order of their tree: children follow their parent.
ParsedPlan planOf(const std::vector<Step> &steps, std::string_view source, std::string_view format,
    std::int64_t firstLine)
{
    ParsedPlan plan;
    plan.engine = "sqlite";
    plan.format = format;
    plan.sourceText = plan.arena->keep(source.substr(0, kMaxSourceText));
    plan.firstLine = firstLine;
    plan.nodes.emplace_back().row.nodeType = "QUERY PLAN";
    std::map<std::int64_t, std::vector<const Step *>> children;
    std::map<std::int64_t, bool> known;
    for (const Step &step : steps)
        known[step.id] = true;
    for (const Step &step : steps)
        children[known.count(step.parent) > 0 && step.parent != step.id ? step.parent : -1].push_back(&step);
    std::vector<std::pair<const Step *, std::int32_t>> open;
    const auto push = [&](std::int64_t id, std::int32_t parent) {
        const auto found = children.find(id);
        if (found == children.end())
            return;
        for (std::size_t i = found->second.size(); i-- > 0;)
            open.emplace_back(found->second[i], parent);
        children.erase(found);
    };
    push(-1, 0);
    while (!open.empty()) {
        const auto [step, parent] = open.back();
        open.pop_back();
        PlanNode &node = plan.nodes.emplace_back();
        node.row.parent = parent;
        node.row.sourceLine = step->line - firstLine + 1;
        setDetail(plan, node, step->detail);
        push(step->id, static_cast<std::int32_t>(plan.nodes.size()) - 1);
    }
    finishPlan(plan);
    return plan;
}

/// Marks of the shell's tree before a step: "|  `--" is 2 levels deep.
std::optional<std::pair<std::size_t, std::string_view>> treeLine(std::string_view line)
{
    while (line.starts_with("> "))
        line.remove_prefix(2);
    std::size_t levels = 0;
    for (;;) {
        if (line.starts_with("|--") || line.starts_with("`--"))
            return std::pair{levels + 1, trimmed(line.substr(3))};
        if (line.starts_with("\u251C\u2500\u2500") || line.starts_with("\u2514\u2500\u2500"))
            return std::pair{levels + 1, trimmed(line.substr(9))};
        const std::size_t mark = line.starts_with("|  ") || line.starts_with("   ") ? 3
            : line.starts_with("\u2502  ")                                          ? 5
                                                                                    : 0;
        if (mark == 0 || levels >= kMaxPlanDepth)
            return std::nullopt;
        line.remove_prefix(mark);
        ++levels;
    }
}

class TreeReader
{
public:
    TreeReader(std::string_view text, ImportReport &report, const PlanTaker &take)
        : m_text(text)
        , m_report(report)
        , m_take(take)
    {}
    void run();

private:
    void finish();

    std::string_view m_text;
    ImportReport &m_report;
    const PlanTaker &m_take;
    std::vector<Step> m_steps;
    std::vector<std::int64_t> m_open; ///< id of the step at each level
    std::size_t m_begin = 0, m_end = 0;
    std::int64_t m_firstLine = 1;
};

void TreeReader::finish()
{
    if (!m_steps.empty())
        m_take(planOf(m_steps, m_text.substr(m_begin, m_end - m_begin), "tree", m_firstLine));
    m_steps.clear();
    m_open.clear();
}

void TreeReader::run()
{
    std::int64_t number = 0;
    for (std::size_t at = 0; at < m_text.size();) {
        const std::size_t end = std::min(m_text.find('\n', at), m_text.size());
        std::string_view line = m_text.substr(at, end - at);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        ++number;
        const auto step = treeLine(line);
        if (!step || !isDetail(step->second)) {
            if (step && !m_steps.empty())
                m_report.skip("unknown-step", at, line.size(),
                    "line " + std::to_string(number) + ": no step of a plan of SQLite", line);
            else
                finish();
        } else if (m_steps.size() < kMaxPlanNodes) {
            if (m_steps.empty()) {
                m_begin = at;
                m_firstLine = number;
            }
            if (step->first > m_open.size() + 1)
                m_report.note(IssueSeverity::Notice, "lost-indentation", at,
                    "line " + std::to_string(number)
                        + ": the step has no parent; it hangs below the step before");
            const std::size_t level = std::min(step->first, m_open.size() + 1);
            m_open.resize(level - 1);
            m_steps.push_back(
                {number, m_open.empty() ? 0 : m_open.back(), std::string(step->second), number});
            m_open.push_back(number);
            m_end = end;
        }
        at = end + 1;
    }
    finish();
}

/// (2, 0, 0, 'SCAN orders') as Python prints rows.
std::vector<Step> tupleSteps(std::string_view text, std::size_t &begin, std::size_t &end)
{
    std::vector<Step> steps;
    std::int64_t line = 1;
    std::size_t counted = 0;
    for (std::size_t at = text.find('('); at != std::string_view::npos; at = text.find('(', at + 1)) {
        // Three numbers stand before the detail.
        const std::size_t ahead = text.substr(at, kMaxTupleHead).find_first_of("'\"");
        if (ahead == std::string_view::npos)
            continue;
        const std::size_t quote = at + ahead;
        const std::vector<std::string_view> numbers = split(text.substr(at + 1, quote - at - 1), ',');
        const std::size_t close = text.find(text[quote], quote + 1);
        if (numbers.size() != 4 || close == std::string_view::npos || steps.size() >= kMaxPlanNodes)
            continue;
        const auto id = parseInt64(trimmed(numbers[0]));
        const auto parent = parseInt64(trimmed(numbers[1]));
        const std::string_view detail = text.substr(quote + 1, close - quote - 1);
        if (!id || !parent || !isDetail(detail))
            continue;
        line += std::count(text.begin() + static_cast<std::ptrdiff_t>(counted),
            text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
        counted = at;
        begin = steps.empty() ? at : begin;
        steps.push_back({*id, *parent, std::string(detail), line});
        end = std::min(close + 2, text.size());
        at = close;
    }
    return steps;
}

} // namespace

void parseSqlitePlans(std::string_view text, ImportReport &report, const PlanTaker &take)
{
    bool found = false;
    for (const PlanTable &table : findTables(text, "parent", "detail")) {
        std::vector<Step> steps;
        for (std::size_t row = 0; row < table.rows.size(); ++row) {
            const auto id
                = parseInt64(table.cell(row, "id").value_or(table.cell(row, "selectid").value_or("")));
            const auto parent = parseInt64(table.cell(row, "parent").value_or(""));
            const std::string detail = table.cell(row, "detail").value_or("");
            if (id && parent && !detail.empty())
                steps.push_back({*id, *parent, detail, table.lines[row]});
            else
                report.skip("broken-row", table.begin, 0,
                    "line " + std::to_string(table.lines[row]) + ": a row without id, parent or detail",
                    detail);
        }
        if (steps.empty())
            continue;
        found = true;
        take(planOf(steps, text.substr(table.begin, table.end - table.begin), "rows", table.lines.front()));
    }
    if (found)
        return;
    std::size_t begin = 0;
    std::size_t end = 0;
    const std::vector<Step> tuples = tupleSteps(text, begin, end);
    if (!tuples.empty())
        return take(planOf(tuples, text.substr(begin, end - begin), "rows", tuples.front().line));
    TreeReader(text, report, take).run();
}

bool hasSqlitePlan(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const auto step = treeLine(text.substr(at, end - at));
        if (step && isDetail(step->second))
            return true;
        at = end + 1;
    }
    std::size_t begin = 0;
    std::size_t end = 0;
    return !findTables(text, "parent", "detail").empty() || !tupleSteps(text, begin, end).empty();
}

} // namespace tailscope::import::explain
