// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/filterfields.h"
#include "base/text.h"

#include <limits>

namespace tailscope::analysis {

namespace {

using Field = FilterTerm::Field;
using Op = FilterTerm::Op;

std::string inQuotes(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        out += c;
    }
    return out + '"';
}

// Whether the parser would read the bare text as something else than this value.
bool needsQuotes(std::string_view text, bool bareWord)
{
    if (text.empty() || text.front() == '"' || text.find_first_of(" \t\r\n") != std::string_view::npos)
        return true;
    if (!bareWord)
        return false;
    return text.front() == '-' || text.front() == '!' || text.front() == '/'
        || text.find_first_of("=~<>!") != std::string_view::npos;
}

std::string valueText(const FilterTerm &term)
{
    switch (filterFieldInfo(term.field).value) {
    case FilterValue::Duration:
        return filterDurationText(term.number);
    case FilterValue::Word:
    case FilterValue::Http:
    case FilterValue::Number:
        return term.text;
    case FilterValue::Text:
        break;
    }
    return needsQuotes(term.text, term.field == Field::Text) ? inQuotes(term.text) : term.text;
}

class SqlWriter
{
public:
    Filter::Sql run(const Filter &filter)
    {
        for (const FilterTerm &term : filter.terms) {
            if (!m_sql.condition.empty())
                m_sql.condition += " AND ";
            // The opposite of an unknown figure is everything that does not pass, as the columns see it.
            const std::string condition = conditionOf(term);
            m_sql.condition += isOpposite(term) ? "NOT ifnull(" + condition + ", 0)" : condition;
        }
        return std::move(m_sql);
    }

private:
    std::string bound(std::string text)
    {
        m_sql.texts.push_back(std::move(text));
        return "?" + std::to_string(m_sql.texts.size());
    }

    std::string conditionOf(const FilterTerm &term)
    {
        const FilterFieldInfo &info = filterFieldInfo(term.field);
        const std::string column(info.column);
        if (info.value == FilterValue::Word)
            return column + " = " + bound(term.text);
        if (info.value != FilterValue::Text)
            return numberCondition(column, term);
        const auto filled = [](const std::string &name) { return "ifnull(" + name + ", '')"; };
        if (term.op == Op::Contains) {
            const std::string word = bound(toLowerAscii(term.text));
            return "(instr(lower(operation), " + word + ") > 0 OR instr(lower(service), " + word + ") > 0)";
        }
        if (term.op == Op::Match && term.field == Field::Text) {
            const std::string expression = bound(term.text);
            return "(" + filled("operation") + " REGEXP " + expression + " OR " + filled("service")
                + " REGEXP " + expression + ")";
        }
        if (term.op == Op::Match)
            return filled(column) + " REGEXP " + bound(term.text);
        return (term.text.empty() ? filled(column) : column) + " = " + bound(term.text);
    }

    static std::string numberCondition(const std::string &column, const FilterTerm &term)
    {
        const auto [first, last] = filterInterval(term);
        if (first > last)
            return "0";
        if (first == last)
            return column + " = " + std::to_string(first);
        if (last == std::numeric_limits<std::int64_t>::max())
            return column + " >= " + std::to_string(first);
        if (term.op == Op::Less || term.op == Op::LessEqual)
            return column + " <= " + std::to_string(last);
        return column + " BETWEEN " + std::to_string(first) + " AND " + std::to_string(last);
    }

    Filter::Sql m_sql;
};

} // namespace

std::string Filter::toText() const
{
    std::string out;
    for (const FilterTerm &term : terms) {
        if (!out.empty())
            out += ' ';
        if (term.negated)
            out += '-';
        if (term.field == Field::Text && term.op == Op::Match) {
            out += '/' + term.text + '/';
            continue;
        }
        out += filterFieldInfo(term.field).name;
        out += filterOpText(term.op);
        out += valueText(term);
    }
    return out;
}

Filter::Sql Filter::toSql() const { return SqlWriter().run(*this); }

} // namespace tailscope::analysis
