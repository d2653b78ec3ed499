// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/remote/pushdownbuilder.h"

#include "base/text.h"

#include <algorithm>
#include <limits>

namespace tailscope::live {

namespace {

using analysis::FilterTerm;
using Field = FilterTerm::Field;
using Op = FilterTerm::Op;

std::int64_t ceilDiv(std::int64_t value, std::int64_t by) { return value / by + (value % by > 0 ? 1 : 0); }

std::string microTimestamp(Nanos ns)
{
    // The server's times are whole microseconds: the first that is not before ns.
    const std::int64_t micros = ceilDiv(ns, kNanosPerMicro);
    constexpr std::int64_t kMost = std::numeric_limits<Nanos>::max() / kNanosPerMicro;
    return utcTimestamp(std::min(micros, kMost) * kNanosPerMicro);
}

/// What JSON takes for a number: not "007", "+5", ".5" or "1.", which are texts of an attribute all the same
/// and would make the server refuse the whole query.
bool isJsonNumber(std::string_view text)
{
    std::size_t i = text.starts_with('-') ? 1 : 0;
    const auto digits = [&] {
        const std::size_t from = i;
        while (i < text.size() && text[i] >= '0' && text[i] <= '9')
            ++i;
        return i - from;
    };
    const bool hasZero = i < text.size() && text[i] == '0';
    const std::size_t whole = digits();
    if (whole == 0 || (hasZero && whole > 1))
        return false;
    if (i < text.size() && text[i] == '.' && (++i, digits() == 0))
        return false;
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        ++i;
        if (i < text.size() && (text[i] == '+' || text[i] == '-'))
            ++i;
        if (digits() == 0)
            return false;
    }
    return i == text.size() && parseDouble(text).has_value();
}

} // namespace

std::string typeSql(const RemoteColumn *column)
{
    if (!column)
        return "text";
    const std::string &name = column->udtName;
    if (name == "varchar" || name == "bpchar" || name == "name" || name.empty())
        return "text";
    const bool isPlain = std::all_of(name.begin(), name.end(),
        [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
    if (column->udtSchema == "pg_catalog" && isPlain)
        return name;
    return quotedIdentifier(column->udtSchema) + "." + quotedIdentifier(name);
}

bool isWholeType(const RemoteColumn *column)
{
    return column && (column->udtName == "int2" || column->udtName == "int4" || column->udtName == "int8");
}

std::string PushdownBuilder::bound(std::string value, const std::string &type)
{
    m_query.parameters.push_back(std::move(value));
    return "$" + std::to_string(m_query.parameters.size()) + "::" + type;
}

/// A moment as the start column tells it.
std::string PushdownBuilder::moment(Nanos ns)
{
    const RemoteColumn *start = m_table.column(mapping().start);
    if (mapping().startUnit == RemoteUnit::Timestamp)
        return bound(microTimestamp(ns), typeSql(start));
    const std::int64_t factor = nanosOf(mapping().startUnit);
    if (isWholeType(start))
        return bound(std::to_string(ceilDiv(ns, factor)), "int8");
    std::string digits = std::to_string(ns) + "e-"
        + std::to_string(factor == 1       ? 0
                : factor == kNanosPerMicro ? 3
                : factor == kNanosPerMilli ? 6
                                           : 9);
    return bound(std::move(digits), start && start->udtName == "numeric" ? "numeric" : "float8");
}

std::string PushdownBuilder::range(const TimeRange &range)
{
    const std::string start = quotedIdentifier(mapping().start);
    std::string out = start + " >= " + moment(range.begin);
    return out + "\n  AND " + start + " < " + moment(range.end);
}

/// low <= duration < high by the column itself where it is a whole number, so that an index on it serves.
std::string PushdownBuilder::durations(Nanos low, Nanos high)
{
    const RemoteColumn *column = m_table.column(mapping().duration);
    const bool plain = isWholeType(column) && mapping().durationUnit != RemoteUnit::Interval;
    const std::int64_t factor = plain ? nanosOf(mapping().durationUnit) : 1;
    const std::string value = plain ? quotedIdentifier(mapping().duration) : m_sql.durationSql();
    std::string out
        = value + " >= " + bound(std::to_string(ceilDiv(std::max<Nanos>(low, 0), factor)), "int8");
    if (high != kUnknownNanos)
        out += " AND " + value + " < " + bound(std::to_string(ceilDiv(high, factor)), "int8");
    return out;
}

Result<std::string> PushdownBuilder::textTerm(const FilterTerm &term, const std::string &column,
    bool opposite)
{
    const std::string name = quotedIdentifier(column);
    const std::string type = typeSql(m_table.column(column));
    std::string condition;
    if (term.op == Op::Contains)
        condition = "strpos(lower(" + name + "), " + bound(toLowerAscii(term.text), "text") + ") > 0";
    else if (term.op == Op::Match)
        condition = name + " ~ " + bound(term.text, "text");
    else
        condition = name + " = " + bound(term.text, type);
    return opposite ? "(NOT (" + condition + ") OR " + name + " IS NULL)" : condition;
}

std::string PushdownBuilder::durationTerm(const FilterTerm &term, bool opposite)
{
    const std::string value = m_sql.durationSql();
    const char *op = term.op == Op::Greater ? ">"
        : term.op == Op::GreaterEqual       ? ">="
        : term.op == Op::Less               ? "<"
        : term.op == Op::LessEqual          ? "<="
                                            : "=";
    const std::string condition = value + " " + op + " " + bound(std::to_string(term.number), "int8");
    return opposite ? "(NOT (" + condition + ") OR " + value + " IS NULL OR " + value + " < 0)"
                    : "(" + condition + " AND " + value + " >= 0)";
}

Result<std::string> PushdownBuilder::term(const FilterTerm &term)
{
    const bool opposite = term.negated != (term.op == Op::NotEqual);
    const auto needs = [&](const std::string &column, const char *what) -> Result<void> {
        if (column.empty())
            return fail(ErrorCode::Usage, mapping().name,
                std::string("the mapping names no column for ") + what,
                "Leave it out of the filter, or name the column");
        return {};
    };
    switch (term.field) {
    case Field::Service:
        TS_TRY(needs(mapping().service, "service"));
        return textTerm(term, mapping().service, opposite);
    case Field::Operation:
        TS_TRY(needs(mapping().operation, "operation"));
        return textTerm(term, mapping().operation, opposite);
    case Field::Text: {
        TS_TRY(needs(mapping().operation, "operation"));
        auto condition = textTerm(term, mapping().operation, opposite);
        if (!condition || mapping().service.empty())
            return condition;
        auto other = textTerm(term, mapping().service, opposite);
        return other ? Result<std::string>("(" + *condition + (opposite ? " AND " : " OR ") + *other + ")")
                     : other;
    }
    case Field::Duration:
        return durationTerm(term, opposite);
    case Field::Status:
        TS_TRY(needs(mapping().status, "status"));
        if (term.text == "error") {
            const std::string failed = errors();
            return opposite ? "(NOT (" + failed + ") OR " + quotedIdentifier(mapping().status) + " IS NULL)"
                            : failed;
        }
        break;
    default:
        break;
    }
    return fail(ErrorCode::Usage, mapping().name, "this filter cannot be asked of a remote store",
        "It takes words, service, operation, duration and status=error");
}

std::string PushdownBuilder::errors()
{
    if (mapping().status.empty() || mapping().errorValues.empty())
        return "false";
    std::string type = typeSql(m_table.column(mapping().status));
    std::string name = quotedIdentifier(mapping().status);
    // An enumeration refuses the query for a word that is none of its own: its text is compared instead.
    if (type.starts_with('"') && m_table.column(mapping().status)->udtName != "citext") {
        type = "text";
        name += "::text";
    }
    std::string values;
    for (const std::string &value : mapping().errorValues)
        values += (values.empty() ? "" : ", ") + bound(value, type);
    return name + " IN (" + values + ")";
}

Result<std::string> PushdownBuilder::attribute(const std::string &key, const std::string &value)
{
    const auto &columns = mapping().attributeColumns;
    if (std::find(columns.begin(), columns.end(), key) != columns.end())
        return quotedIdentifier(key) + " = " + bound(value, typeSql(m_table.column(key)));
    if (mapping().attributes.empty())
        return fail(ErrorCode::Usage, mapping().name, "the mapping has no attribute '" + key + "'",
            "Name its column in attribute_columns");
    const std::string name = quotedIdentifier(mapping().attributes);
    const std::string member = "{" + jsonQuoted(key) + ": ";
    std::string out = name + " @> " + bound(member + jsonQuoted(value) + "}", "jsonb");
    if (isJsonNumber(value) || value == "true" || value == "false")
        out = "(" + out + " OR " + name + " @> " + bound(member + value + "}", "jsonb") + ")";
    return out;
}

/// The conditions of a selection, the range first.
Result<std::string> PushdownBuilder::where(const RemoteSelection &selection)
{
    if (selection.range.isEmpty())
        return fail(ErrorCode::Usage, mapping().name, "a query of a remote store states a range of time",
            "Give BEGIN..END");
    std::string out = "\nWHERE " + range(selection.range);
    for (const FilterTerm &each : selection.filter.terms) {
        auto condition = term(each);
        if (!condition)
            return condition;
        out += "\n  AND " + *condition;
    }
    for (const auto &[key, value] : selection.attributes) {
        auto condition = attribute(key, value);
        if (!condition)
            return condition;
        out += "\n  AND " + *condition;
    }
    if (selection.durations)
        out += "\n  AND " + durations(selection.durations->first, selection.durations->second);
    if (selection.rootsOnly) {
        if (mapping().parent.empty())
            return fail(ErrorCode::Usage, mapping().name, "the mapping names no column for the parent",
                "Requests cannot be told from other spans without it");
        const std::string parent = quotedIdentifier(mapping().parent);
        const std::string type = typeSql(m_table.column(mapping().parent));
        // Zeros are no parent, however the column writes them: as of a fetch.
        std::string zeros;
        if (type == "text")
            zeros = " OR " + parent + " IN ('', '0000000000000000')";
        else if (isWholeType(m_table.column(mapping().parent)) || type == "numeric")
            zeros = " OR " + parent + " = 0";
        else if (type == "bytea")
            zeros = " OR " + parent + " IN (''::bytea, decode('0000000000000000', 'hex'))";
        out += "\n  AND (" + parent + " IS NULL" + zeros + ")";
    }
    return out;
}

Result<std::string> PushdownBuilder::key(const RemoteKey &key)
{
    const auto column = [&](const std::string &name, const char *what) -> Result<std::string> {
        if (name.empty())
            return fail(ErrorCode::Usage, mapping().name,
                std::string("the mapping names no column for ") + what,
                "Group by something else, or name the column");
        return quotedIdentifier(name);
    };
    switch (key.kind) {
    case RemoteKey::Kind::Service:
        return column(mapping().service, "service");
    case RemoteKey::Kind::Operation:
        return column(mapping().operation, "operation");
    case RemoteKey::Kind::Status:
        return column(mapping().status, "status");
    case RemoteKey::Kind::Attribute:
        break;
    }
    const auto &columns = mapping().attributeColumns;
    if (std::find(columns.begin(), columns.end(), key.attribute) != columns.end())
        return quotedIdentifier(key.attribute);
    if (mapping().attributes.empty())
        return fail(ErrorCode::Usage, mapping().name, "the mapping has no attribute '" + key.attribute + "'",
            "Name its column in attribute_columns");
    const std::string name = quotedIdentifier(mapping().attributes);
    if (!m_table.hasJsonPath)
        return "(" + name + " ->> " + bound(key.attribute, "text") + ")";
    return "jsonb_path_query_first(" + name + ", " + bound("$." + jsonQuoted(key.attribute), "jsonpath")
        + ")";
}

/// SELECT of the shard key and `columns`, grouped by it and the first `groups` of them.
std::string PushdownBuilder::grouped(const std::vector<std::string> &columns, std::size_t groups,
    const std::string &where, std::size_t limit) const
{
    std::string out = "SELECT ";
    std::string by;
    std::size_t number = 0;
    for (const std::string &shard : mapping().shard) {
        out += (number > 0 ? ",\n  " : "") + quotedIdentifier(shard);
        by += (number > 0 ? ", " : "") + std::to_string(number + 1);
        ++number;
    }
    for (std::size_t i = 0; i < columns.size(); ++i, ++number) {
        out += (number > 0 ? ",\n  " : "") + columns[i];
        if (i < groups)
            by += (by.empty() ? "" : ", ") + std::to_string(number + 1);
    }
    out += "\nFROM " + m_sql.tableSql() + where;
    if (!by.empty())
        out += "\nGROUP BY " + by;
    return out + "\nLIMIT " + std::to_string(limit);
}

PushdownQuery PushdownBuilder::take(std::string text)
{
    m_query.text = std::move(text);
    return std::move(m_query);
}

} // namespace tailscope::live
