// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/remote/pushdownsql.h"

#include "base/text.h"
#include "live/remote/pushdownbuilder.h"

#include <algorithm>

namespace tailscope::live {

namespace {

bool isTimestamp(const RemoteTable &table) { return table.mapping.startUnit == RemoteUnit::Timestamp; }

/// Number of a column in nanoseconds as int8.
std::string scaledSql(const std::string &value, const RemoteColumn *type, RemoteUnit unit)
{
    const std::int64_t factor = nanosOf(unit);
    if (isWholeType(type)) {
        const std::string whole = type->udtName == "int8" ? value : value + "::int8";
        return factor == 1 ? whole : "(" + whole + " * " + std::to_string(factor) + ")";
    }
    const bool isNumeric = type && type->udtName == "numeric";
    return "round(" + value + " * " + std::to_string(factor) + (isNumeric ? "::numeric" : "::float8")
        + ")::int8";
}

/// A span of time in nanoseconds; the server keeps microseconds.
std::string intervalSql(const std::string &value)
{
    return "(round(date_part('epoch', " + value + ") * 1000000)::int8 * 1000)";
}

const char *kMask = "9223372036854775807";

} // namespace

std::string PushdownSql::tableSql() const
{
    return quotedIdentifier(m_table.mapping.schema) + "." + quotedIdentifier(m_table.mapping.table);
}

std::string PushdownSql::durationSql() const
{
    const RemoteMapping &mapping = m_table.mapping;
    if (!mapping.duration.empty()) {
        const std::string name = quotedIdentifier(mapping.duration);
        return mapping.durationUnit == RemoteUnit::Interval
            ? intervalSql(name)
            : scaledSql(name, m_table.column(mapping.duration), mapping.durationUnit);
    }
    const std::string difference
        = "(" + quotedIdentifier(mapping.end) + " - " + quotedIdentifier(mapping.start) + ")";
    return isTimestamp(m_table) ? intervalSql(difference)
                                : scaledSql(difference, m_table.column(mapping.start), mapping.startUnit);
}

/// The layout of LogLinearHistogram in arithmetic that any engine computes at the rows: shift * 64 + (value
/// >> shift) with shift = floor(log2(value)) - 6, at least 0. Where the logarithm errs by one next to a power
/// of two the result is the same: there (shift + 1) * 64 + 64 = shift * 64 + 128 and (shift - 1) * 64 + 127 =
/// shift * 64 + 63. The mask keeps negative values, which are counted as unknown, from a logarithm that does
/// not exist.
std::string PushdownSql::bucketSql() const
{
    const std::string value = "(" + durationSql() + " & " + kMask + ")";
    const std::string shift
        = "(floor(ln((" + value + " | 64)::float8 + 0.5::float8) / 0.6931471805599453::float8)::int4 - 6)";
    return "(" + shift + " * 64 + (" + value + " >> " + shift + "))";
}

std::string PushdownSql::errorSql() const
{
    PushdownBuilder builder(m_table, *this);
    std::string text = builder.errors();
    return builder.take(std::move(text)).shown();
}

Result<PushdownQuery> PushdownSql::histogram(const RemoteSelection &selection, std::size_t limit) const
{
    PushdownBuilder builder(m_table, *this);
    const auto where = builder.where(selection);
    if (!where)
        return tl::unexpected(where.error());
    return builder.take(
        builder.grouped({durationSql() + " >= 0 AS known", bucketSql() + " AS bucket", "count(*) AS n",
                            "count(*) FILTER (WHERE " + builder.errors() + ") AS errors"},
            2, *where, limit));
}

Result<PushdownQuery> PushdownSql::groups(const RemoteSelection &selection, const RemoteKey &key,
    std::size_t limit) const
{
    PushdownBuilder builder(m_table, *this);
    const auto where = builder.where(selection);
    if (!where)
        return tl::unexpected(where.error());
    const auto value = builder.key(key);
    if (!value)
        return tl::unexpected(value.error());
    const std::string duration = durationSql();
    return builder.take(builder.grouped(
        {*value + " AS value", duration + " >= 0 AS known", "count(*) AS n",
            "count(*) FILTER (WHERE " + builder.errors() + ") AS errors", "sum(" + duration + ") AS total",
            "min(" + duration + ") AS least", "max(" + duration + ") AS greatest"},
        2, *where, limit));
}

Result<PushdownQuery> PushdownSql::groupHistograms(const RemoteSelection &selection, const RemoteKey &key,
    const std::vector<std::optional<std::string>> &values, std::size_t limit) const
{
    PushdownBuilder builder(m_table, *this);
    auto where = builder.where(selection);
    if (!where)
        return tl::unexpected(where.error());
    const auto value = builder.key(key);
    if (!value)
        return tl::unexpected(value.error());
    const bool isJson = value->starts_with("jsonb_path_query_first");
    const std::string type = isJson ? "jsonb"
        : value->starts_with("(")
        ? "text"
        : typeSql(m_table.column(key.kind == RemoteKey::Kind::Service ? m_table.mapping.service
                : key.kind == RemoteKey::Kind::Operation              ? m_table.mapping.operation
                : key.kind == RemoteKey::Kind::Status                 ? m_table.mapping.status
                                                                      : key.attribute));
    std::string list;
    bool withNull = false;
    for (const auto &each : values) {
        if (each)
            list += (list.empty() ? "" : ", ") + builder.bound(*each, type);
        else
            withNull = true;
    }
    std::string condition = list.empty() ? std::string() : *value + " IN (" + list + ")";
    if (withNull)
        condition += (condition.empty() ? "" : " OR ") + *value + " IS NULL";
    *where += "\n  AND (" + (condition.empty() ? "false" : condition) + ")\n  AND " + durationSql() + " >= 0";
    return builder.take(builder.grouped({*value + " AS value", bucketSql() + " AS bucket", "count(*) AS n"},
        2, *where, limit));
}

Result<PushdownQuery> PushdownSql::cohort(const RemoteSelection &selection, const RemoteKey &key,
    Nanos slowFrom, std::size_t limit) const
{
    PushdownBuilder builder(m_table, *this);
    const auto where = builder.where(selection);
    if (!where)
        return tl::unexpected(where.error());
    const auto value = builder.key(key);
    if (!value)
        return tl::unexpected(value.error());
    return builder.take(builder.grouped(
        {*value + " AS value",
            durationSql() + " >= " + builder.bound(std::to_string(slowFrom), "int8") + " AS slow",
            "count(*) AS n"},
        2, *where + "\n  AND " + durationSql() + " >= 0", limit));
}

Result<PushdownQuery> PushdownSql::heat(const RemoteSelection &selection, int bins, std::size_t limit) const
{
    PushdownBuilder builder(m_table, *this);
    const auto where = builder.where(selection);
    if (!where)
        return tl::unexpected(where.error());
    const RemoteColumn *start = m_table.column(m_table.mapping.start);
    const bool isTime = isTimestamp(m_table);
    std::string edges = "{";
    for (int bin = 0; bin < bins; ++bin) {
        const Nanos edge = binEdge(selection.range, bins, bin);
        PushdownBuilder one(m_table, *this);
        one.moment(edge);
        edges += (bin > 0 ? "," : "") + ("\"" + one.take({}).parameters.front() + "\"");
    }
    const std::string name = quotedIdentifier(m_table.mapping.start);
    const std::string type = isTime   ? typeSql(start)
        : isWholeType(start)          ? std::string("int8")
        : start->udtName == "numeric" ? std::string("numeric")
                                      : std::string("float8");
    const std::string value = isTime || type == "numeric" ? name : name + "::" + type;
    return builder.take(builder.grouped({"width_bucket(" + value + ", "
                                                + builder.bound(edges + "}", type + "[]") + ") AS bin",
                                            bucketSql() + " AS bucket", "count(*) AS n",
                                            "count(*) FILTER (WHERE " + builder.errors() + ") AS errors"},
        2, *where + "\n  AND " + durationSql() + " >= 0", limit));
}

Result<PushdownQuery> PushdownSql::parts(const RemoteSelection &selection, Nanos low, Nanos high, Nanos width,
    std::size_t limit) const
{
    PushdownBuilder builder(m_table, *this);
    const auto where = builder.where(selection);
    if (!where)
        return tl::unexpected(where.error());
    const std::string condition = *where + "\n  AND " + builder.durations(low, high);
    const std::string part = width == 1
        ? durationSql()
        : "((" + durationSql() + " - " + builder.bound(std::to_string(low), "int8") + ") / "
            + builder.bound(std::to_string(width), "int8") + ")";
    return builder.take(builder.grouped({part + " AS part", "count(*) AS n"}, 1, condition, limit));
}

Result<PushdownQuery> PushdownSql::slowest(const RemoteSelection &selection, std::size_t limit,
    const std::vector<std::string> &seen) const
{
    const RemoteMapping &mapping = m_table.mapping;
    if (mapping.trace.empty())
        return fail(ErrorCode::Usage, mapping.name, "the mapping names no column for the trace",
            "Traces cannot be listed without it");
    PushdownBuilder builder(m_table, *this);
    const auto where = builder.where(selection);
    if (!where)
        return tl::unexpected(where.error());
    const auto orNull = [](const std::string &name) {
        return name.empty() ? std::string("NULL::text") : quotedIdentifier(name);
    };
    std::string others;
    for (const std::string &trace : seen)
        others += (others.empty() ? "\n  AND " + quotedIdentifier(mapping.trace) + " NOT IN (" : ", ")
            + builder.bound(trace, typeSql(m_table.column(mapping.trace)));
    if (!others.empty())
        others += ')';
    return builder.take("SELECT " + quotedIdentifier(mapping.trace) + " AS trace,\n  "
        + quotedIdentifier(mapping.start) + " AS start,\n  " + durationSql() + " AS duration,\n  "
        + orNull(mapping.service) + " AS service,\n  " + orNull(mapping.operation) + " AS operation,\n  "
        + builder.errors() + " AS failed\nFROM " + tableSql() + *where + others + "\n  AND " + durationSql()
        + " >= 0\nORDER BY " + durationSql() + " DESC\nLIMIT " + std::to_string(limit));
}

Result<PushdownQuery> PushdownSql::spansOf(const std::vector<std::string> &traces,
    const std::optional<TimeRange> &range, std::size_t limit) const
{
    const RemoteMapping &mapping = m_table.mapping;
    if (mapping.trace.empty() || traces.empty())
        return fail(ErrorCode::Usage, mapping.name,
            "the mapping names no column for the trace, or no trace was named",
            "Spans are fetched trace by trace");
    PushdownBuilder builder(m_table, *this);
    std::string where = "\nWHERE ";
    if (range)
        where += builder.range(*range) + "\n  AND ";
    const std::string type = typeSql(m_table.column(mapping.trace));
    where += quotedIdentifier(mapping.trace) + " IN (";
    for (std::size_t i = 0; i < traces.size(); ++i) {
        // "4bf92f..." as people write it would be its letters, not its bytes.
        const bool isHex = type == "bytea" && !traces[i].empty() && traces[i].size() % 2 == 0
            && traces[i].find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
        where += (i > 0 ? ", " : "") + builder.bound((isHex ? "\\x" : "") + traces[i], type);
    }
    std::string columns;
    const auto add = [&](const std::string &name, const char *as) {
        if (!name.empty())
            columns += (columns.empty() ? "" : ",\n  ") + quotedIdentifier(name) + " AS " + as;
    };
    add(mapping.trace, "trace");
    add(mapping.start, "start");
    columns += ",\n  " + durationSql() + " AS duration";
    add(mapping.service, "service");
    add(mapping.operation, "operation");
    add(mapping.span, "span");
    add(mapping.parent, "parent");
    columns += ",\n  " + builder.errors() + " AS failed";
    add(mapping.attributes, "attributes");
    for (std::size_t i = 0; i < mapping.attributeColumns.size(); ++i)
        add(mapping.attributeColumns[i], ("attribute_" + std::to_string(i)).c_str());
    for (std::size_t i = 0; i < mapping.shard.size(); ++i)
        add(mapping.shard[i], ("shard_" + std::to_string(i)).c_str());
    return builder.take(
        "SELECT " + columns + "\nFROM " + tableSql() + where + ")\nLIMIT " + std::to_string(limit));
}

Result<PushdownQuery> PushdownSql::sampledTraces(const RemoteSelection &selection, std::size_t limit) const
{
    const RemoteMapping &mapping = m_table.mapping;
    if (mapping.trace.empty())
        return fail(ErrorCode::Usage, mapping.name, "the mapping names no column for the trace",
            "Traces cannot be chosen without it");
    PushdownBuilder builder(m_table, *this);
    RemoteSelection roots = selection;
    // One span a trace where roots are known; else every trace is grouped first.
    roots.rootsOnly = !mapping.parent.empty();
    const auto where = builder.where(roots);
    if (!where)
        return tl::unexpected(where.error());
    const std::string trace = quotedIdentifier(mapping.trace);
    const std::string order = typeSql(m_table.column(mapping.trace)) == "text" ? "md5(" + trace + ")"
                                                                               : "md5(" + trace + "::text)";
    return builder.take("SELECT " + trace + " AS trace\nFROM " + tableSql() + *where
        + (roots.rootsOnly ? "" : "\nGROUP BY " + trace) + "\nORDER BY " + order + "\nLIMIT "
        + std::to_string(limit));
}

Result<PushdownQuery> PushdownSql::attributeSample(const RemoteSelection &selection, std::size_t limit) const
{
    PushdownBuilder builder(m_table, *this);
    const auto where = builder.where(selection);
    if (!where)
        return tl::unexpected(where.error());
    const std::string name = quotedIdentifier(m_table.mapping.attributes);
    return builder.take("SELECT " + name + " AS attributes\nFROM " + tableSql() + *where + "\n  AND " + name
        + " IS NOT NULL\nLIMIT " + std::to_string(limit));
}

PushdownQuery PushdownSql::bounds() const
{
    const std::string start = quotedIdentifier(m_table.mapping.start);
    PushdownBuilder builder(m_table, *this);
    return builder.take(
        builder.grouped({"min(" + start + ") AS oldest", "max(" + start + ") AS newest"}, 0, "", 10'000));
}

PushdownQuery PushdownSql::edge(bool isNewest) const
{
    const std::string start = quotedIdentifier(m_table.mapping.start);
    PushdownBuilder builder(m_table, *this);
    std::string text = "SELECT " + start + " AS at\nFROM " + tableSql() + "\nWHERE " + start + " IS NOT NULL";
    if (m_table.mapping.startUnit == RemoteUnit::Timestamp)
        text += " AND " + start + " > '-infinity' AND " + start + " < 'infinity'";
    return builder.take(text + "\nORDER BY " + start + (isNewest ? " DESC" : "") + "\nLIMIT 1");
}

Nanos binEdge(const TimeRange &range, int bins, int bin)
{
    const Nanos length = range.length(), width = length / bins + (length % bins == 0 ? 0 : 1);
    return bin > 0 && width > length / bin ? range.end : range.begin + width * bin;
}

Result<Nanos> PushdownSql::readTime(std::string_view text, RemoteUnit unit)
{
    if (unit == RemoteUnit::Timestamp) {
        // In time zone UTC the server writes +00 behind a timestamptz, nothing behind a timestamp.
        if (text.ends_with("+00"))
            text.remove_suffix(3);
        if (const auto time = parseTimestamp(text))
            return time->ns;
    } else if (const auto value = parseScaledDecimal(text, nanosOf(unit))) {
        return *value;
    }
    return fail(ErrorCode::BadInput, "remote store",
        "the server writes a time as '" + std::string(text.substr(0, 60)) + "'",
        "Change start_unit of the mapping");
}

} // namespace tailscope::live
