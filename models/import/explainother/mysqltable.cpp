// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explainother/mysqltable.h"

#include "base/text.h"
#include "import/explainother/mysqloperation.h"
#include "import/explainother/plantable.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace tailscope::import::explain {

namespace {

/// A SELECT: rows with the same id.
struct Select
{
    std::string id, type;
    std::vector<std::size_t> rows;
};

class TableBuilder
{
public:
    TableBuilder(const PlanTable &table, std::string_view text)
        : m_table(table)
    {
        m_plan.engine = table.has("r_rows") ? "mariadb" : "mysql";
        m_plan.format = "table";
        m_plan.sourceText
            = m_plan.arena->keep(text.substr(table.begin, std::min(table.end - table.begin, kMaxSourceText)));
        m_plan.firstLine = table.lines.empty() ? 1 : table.lines.front();
    }
    ParsedPlan build();

private:
    void group();
    void place();
    void emit(std::size_t select, std::int32_t parent, std::string_view relationship);
    void takeRow(PlanNode &node, std::size_t row);
    std::vector<std::size_t> idsIn(std::string_view table) const;

    const PlanTable &m_table;
    ParsedPlan m_plan;
    std::vector<Select> m_selects;
    std::multimap<std::string, std::size_t> m_byId; ///< select by its id
    static constexpr std::size_t kMostIds = 1000; ///< in one name of a table
    std::map<std::size_t, std::vector<std::size_t>> m_below; ///< row -> selects that fill its table
    std::vector<std::size_t> m_roots;
    std::vector<bool> m_guessed;
    std::vector<bool> m_emitted;
};

void TableBuilder::group()
{
    std::map<std::pair<std::string, std::string>, std::size_t> known;
    for (std::size_t row = 0; row < m_table.rows.size(); ++row) {
        const std::string id = m_table.cell(row, "id").value_or("");
        const std::string type = m_table.cell(row, "select_type").value_or("");
        // Rows of a SELECT follow each other; those of semi-joins have the id of the outer one again.
        const auto [place, isNew] = known.try_emplace({id, type}, m_selects.size());
        if (isNew || id.empty()) {
            m_byId.emplace(id, m_selects.size());
            m_selects.push_back({id, type, {row}});
        } else {
            m_selects[place->second].rows.push_back(row);
        }
    }
}

/// Indices of the selects in "<derived2>", "<union1,2>", "<subquery3>".
std::vector<std::size_t> TableBuilder::idsIn(std::string_view table) const
{
    std::vector<std::size_t> found;
    if (!table.starts_with('<'))
        return found;
    for (std::size_t at = 1; at < table.size() && found.size() < kMostIds;) {
        const std::size_t begin = table.find_first_of("0123456789", at);
        if (begin == std::string_view::npos)
            break;
        const std::size_t end = std::min(table.find_first_not_of("0123456789", begin), table.size());
        const std::string_view id = table.substr(begin, end - begin);
        const auto [begins, ends] = m_byId.equal_range(std::string(id));
        for (auto it = begins; it != ends && found.size() < kMostIds; ++it)
            found.push_back(it->second);
        at = end;
    }
    return found;
}

void TableBuilder::place()
{
    std::vector<bool> placed(m_selects.size(), false);
    m_guessed.assign(m_selects.size(), false);
    m_emitted.assign(m_selects.size(), false);
    for (std::size_t row = 0; row < m_table.rows.size(); ++row) {
        for (const std::size_t select : idsIn(m_table.cell(row, "table").value_or(""))) {
            // A select that fills itself is a recursive one.
            const bool own = std::binary_search(m_selects[select].rows.begin(), m_selects[select].rows.end(),
                row); // they ascend
            if (placed[select] || own)
                continue;
            placed[select] = true;
            m_below[row].push_back(select);
        }
    }
    for (std::size_t select = 0; select < m_selects.size(); ++select) {
        if (placed[select])
            continue;
        const bool inner = m_selects[select].type.find("SUBQUERY") != std::string::npos
            || m_selects[select].type.find("MATERIALIZED") != std::string::npos;
        if (m_roots.empty() || !inner) {
            m_roots.push_back(select);
        } else {
            m_guessed[select] = true;
            m_below[m_selects[m_roots.front()].rows.front()].push_back(select);
        }
    }
}

void TableBuilder::takeRow(PlanNode &node, std::size_t row)
{
    const auto cell = [&](std::string_view column) { return m_table.cell(row, column); };
    const auto number = [&](std::string_view column) { return parseDouble(cell(column).value_or("")); };
    const std::string access = cell("type").value_or("");
    node.row.nodeType = mysqlAccess(access);
    node.row.relation = m_plan.arena->keep(cell("table").value_or(""));
    node.row.indexName = m_plan.arena->keep(cell("key").value_or(""));
    node.row.planRows = number("rows");
    if (const std::optional<double> met = number("r_rows")) {
        node.row.actualRows = met;
        node.row.loops = 1;
    }
    node.row.sourceLine = m_table.lines[row] - m_plan.firstLine + 1;
    for (const std::string &column : m_table.columns) {
        const std::optional<std::string> value = cell(column);
        if (!value || value->empty() || column == "table" || column == "key" || column == "rows"
            || column == "r_rows")
            continue;
        const std::string key = column == "extra" ? "Extra" : column == "type" ? "access_type" : column;
        if (parseDouble(*value) && column != "ref")
            node.extra.json(key, *value);
        else
            node.extra.text(key, *value);
    }
}

void TableBuilder::emit(std::size_t select, std::int32_t parent, std::string_view relationship)
{
    struct Step
    {
        bool isSelect;
        std::size_t index;
        std::int32_t parent;
        std::string_view relationship;
    };
    std::vector<Step> open{{true, select, parent, relationship}};
    while (!open.empty() && m_plan.nodes.size() < kMaxPlanNodes) {
        const Step step = open.back();
        open.pop_back();
        if (step.isSelect && m_emitted[step.index])
            continue;
        PlanNode &node = m_plan.nodes.emplace_back();
        const auto number = static_cast<std::int32_t>(m_plan.nodes.size()) - 1;
        node.row.parent = step.parent;
        node.row.parentRelationship = m_plan.arena->keep(step.relationship);
        if (step.isSelect) {
            m_emitted[step.index] = true;
            const Select &which = m_selects[step.index];
            node.row.nodeType = which.type == "UNION RESULT" ? "Union result" : "Select";
            if (!which.id.empty())
                node.row.subplanName = m_plan.arena->keep("Select #" + which.id);
            node.extra.text("select_type", which.type);
            if (m_guessed[step.index])
                node.extra.json("Parent Guessed", "true");
            for (std::size_t i = which.rows.size(); i-- > 0;)
                open.push_back({false, which.rows[i], number, i == 0 ? "Outer" : "Inner"});
            continue;
        }
        takeRow(node, step.index);
        if (const auto below = m_below.find(step.index); below != m_below.end()) {
            for (std::size_t i = below->second.size(); i-- > 0;)
                open.push_back({true, below->second[i], number,
                    m_guessed[below->second[i]] ? std::string_view("SubPlan") : "Subquery"});
        }
    }
}

ParsedPlan TableBuilder::build()
{
    group();
    place();
    // The result of a union is printed last and stands above its parts.
    std::stable_sort(m_roots.begin(), m_roots.end(), [this](std::size_t a, std::size_t b) {
        return (m_selects[a].type == "UNION RESULT") > (m_selects[b].type == "UNION RESULT");
    });
    if (m_roots.empty() && !m_selects.empty())
        m_roots.push_back(0);
    emit(m_roots.front(), -1, {});
    for (std::size_t i = 1; i < m_roots.size(); ++i)
        emit(m_roots[i], 0, "Member");
    for (std::size_t i = 0; i < m_selects.size(); ++i) {
        if (!m_emitted[i])
            emit(i, 0, "Member");
    }
    finishPlan(m_plan);
    return std::move(m_plan);
}

} // namespace

void parseMysqlTables(std::string_view text, ImportReport &report, const PlanTaker &take)
{
    for (const PlanTable &table : findTables(text, "select_type", "extra")) {
        report.rowRead(static_cast<std::int64_t>(table.rows.size()));
        take(TableBuilder(table, text).build());
    }
}

} // namespace tailscope::import::explain
