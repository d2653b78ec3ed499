// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/indexreview.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <map>

namespace tailscope::analysis {

namespace {

using Kind = IndexRemark::Kind;

// Words that PostgreSQL refuses as the name of a table or column without quotes.
constexpr std::array<std::string_view, 101> kReserved{"all", "analyse", "analyze", "and", "any", "array",
    "as", "asc", "asymmetric", "authorization", "binary", "both", "case", "cast", "check", "collate",
    "collation", "column", "concurrently", "constraint", "create", "cross", "current_catalog", "current_date",
    "current_role", "current_schema", "current_time", "current_timestamp", "current_user", "default",
    "deferrable", "desc", "distinct", "do", "else", "end", "except", "false", "fetch", "for", "foreign",
    "freeze", "from", "full", "grant", "group", "having", "ilike", "in", "initially", "inner", "intersect",
    "into", "is", "isnull", "join", "lateral", "leading", "left", "like", "limit", "localtime",
    "localtimestamp", "natural", "not", "notnull", "null", "offset", "on", "only", "or", "order", "outer",
    "overlaps", "placing", "primary", "references", "returning", "right", "select", "session_user", "similar",
    "some", "symmetric", "system_user", "table", "tablesample", "then", "to", "trailing", "true", "union",
    "unique", "user", "using", "variadic", "verbose", "when", "where", "window", "with"};

/// What follows USING: method, columns with their options, predicate. Empty where the definition is unknown.
std::string_view shapeOf(const IndexFacts &index)
{
    const std::size_t at = index.definition.find(" USING ");
    return at == std::string::npos ? std::string_view() : std::string_view(index.definition).substr(at + 7);
}

/// "a, b DESC" of "btree (a, b DESC) WHERE ...".
std::string_view columnsOf(std::string_view shape)
{
    const std::size_t open = shape.find('(');
    if (open == std::string_view::npos)
        return {};
    int depth = 0;
    for (std::size_t i = open; i < shape.size(); ++i) {
        depth += shape[i] == '(' ? 1 : shape[i] == ')' ? -1 : 0;
        if (depth == 0)
            return shape.substr(open + 1, i - open - 1);
    }
    return {};
}

bool hasExpression(const IndexFacts &index)
{
    return std::find(index.keys.begin(), index.keys.end(), 0) != index.keys.end();
}

/// Nothing is lost when `one` goes and `other` stays.
bool isCoveredBySame(const IndexFacts &one, const IndexFacts &other)
{
    if (!other.isValid || (one.isUnique && !other.isUnique)
        || (one.servesConstraint() && !other.servesConstraint()))
        return false;
    const std::string_view a = shapeOf(one), b = shapeOf(other);
    if (!a.empty() && !b.empty())
        return a == b;
    return one.method == other.method && one.keys == other.keys && !one.keys.empty() && !hasExpression(one)
        && one.predicate == other.predicate && one.included == 0 && other.included == 0;
}

bool isPrefixOf(const IndexFacts &one, const IndexFacts &other)
{
    if (!other.isValid || one.isUnique || one.servesConstraint() || one.method != "btree"
        || other.method != "btree" || one.predicate != other.predicate || one.included > 0 || one.keys.empty()
        || hasExpression(one) || one.keys.size() >= other.keys.size()
        || !std::equal(one.keys.begin(), one.keys.end(), other.keys.begin()))
        return false;
    // Order and operator class stand in the definition only.
    const std::string_view a = columnsOf(shapeOf(one)), b = columnsOf(shapeOf(other));
    return a.empty() || b.empty()
        || (b.size() > a.size() && b.substr(0, a.size()) == a && b[a.size()] == ',');
}

/// Of two equal ones the one to keep: what serves a constraint, is unique, is read more, comes first by name.
bool isKeptBefore(const IndexFacts &a, const IndexFacts &b)
{
    if (a.servesConstraint() != b.servesConstraint())
        return a.servesConstraint();
    if (a.isUnique != b.isUnique)
        return a.isUnique;
    if (a.scans.value_or(0) != b.scans.value_or(0))
        return a.scans.value_or(0) > b.scans.value_or(0);
    return a.name < b.name;
}

bool serves(const IndexFacts &index, const ForeignKeyFacts &key)
{
    // A key is looked up by equality.
    const bool isByKey = index.method.empty() || index.method == "btree" || index.method == "hash";
    if (!index.isValid || !isByKey || index.keys.size() < key.keys.size()
        || !(index.predicate.empty() || index.predicate.find("IS NOT NULL") != std::string::npos))
        return false;
    return std::is_permutation(key.keys.begin(), key.keys.end(), index.keys.begin(),
        index.keys.begin() + std::ptrdiff_t(key.keys.size()));
}

std::string qualified(const std::string &schema, const std::string &name)
{
    return schema.empty() ? sqlName(name) : sqlName(schema) + "." + sqlName(name);
}

} // namespace

std::vector<IndexRemark> reviewIndexes(std::span<const IndexFacts> indexes,
    std::span<const ForeignKeyFacts> keys, bool hasStandbys)
{
    std::map<std::pair<std::string, std::string>, std::vector<std::size_t>> byTable;
    for (std::size_t i = 0; i < indexes.size(); ++i)
        byTable[{indexes[i].schema, indexes[i].table}].push_back(i);
    std::vector<IndexRemark> out;
    for (std::size_t i = 0; i < indexes.size(); ++i) {
        const IndexFacts &one = indexes[i];
        if (!one.isValid) {
            if (!one.isBeingBuilt)
                out.push_back({Kind::Invalid, i, {}});
            continue;
        }
        const std::vector<std::size_t> &siblings = byTable[{one.schema, one.table}];
        const auto same = std::find_if(siblings.begin(), siblings.end(), [&](std::size_t k) {
            // Each of two equal ones could go: one of them is kept.
            return k != i && isCoveredBySame(one, indexes[k])
                && (!isCoveredBySame(indexes[k], one) || isKeptBefore(indexes[k], one));
        });
        if (same != siblings.end()) {
            out.push_back({Kind::Duplicate, i, indexes[*same].name});
        } else {
            const auto longer = std::find_if(siblings.begin(), siblings.end(),
                [&](std::size_t k) { return k != i && isPrefixOf(one, indexes[k]); });
            if (longer != siblings.end())
                out.push_back({Kind::Prefix, i, indexes[*longer].name});
        }
        if (one.isUnique || one.servesConstraint() || !one.scans || *one.scans > 0)
            continue;
        const bool isReadElsewhere = one.scansElsewhere.value_or(0) > 0;
        out.push_back(
            {isReadElsewhere || (hasStandbys && !one.scansElsewhere) ? Kind::UnusedHere : Kind::Unused, i,
                {}});
    }
    for (std::size_t k = 0; k < keys.size(); ++k) {
        const auto siblings = byTable.find({keys[k].schema, keys[k].table});
        const bool isServed = siblings != byTable.end()
            && std::any_of(siblings->second.begin(), siblings->second.end(),
                [&](std::size_t i) { return serves(indexes[i], keys[k]); });
        if (!keys[k].keys.empty() && !isServed)
            out.push_back({Kind::MissingForForeignKey, k, {}});
    }
    return out;
}

std::string sqlName(std::string_view name)
{
    const bool isPlain = !name.empty() && !(name.front() >= '0' && name.front() <= '9')
        && std::all_of(name.begin(), name.end(),
            [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; })
        && !std::binary_search(kReserved.begin(), kReserved.end(), name);
    if (isPlain)
        return std::string(name);
    std::string out = "\"";
    for (const char c : name)
        out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + '"';
}

std::string dropIndexText(const IndexFacts &index)
{
    if (index.servesConstraint())
        return {};
    std::string text = "DROP INDEX CONCURRENTLY " + qualified(index.schema, index.name) + ";";
    if (!index.definition.empty())
        text += "\n-- To have it back: " + index.definition + ";";
    return text;
}

std::string rebuildIndexText(const IndexFacts &index)
{
    return "-- Version 12 and later; before: drop it and create it again, both CONCURRENTLY.\nREINDEX INDEX "
           "CONCURRENTLY "
        + qualified(index.schema, index.name) + ";";
}

std::string createIndexText(const ForeignKeyFacts &key)
{
    if (key.columns.size() != key.keys.size() || key.columns.empty())
        return {};
    std::string columns;
    for (const std::string &column : key.columns)
        columns += (columns.empty() ? "" : ", ") + sqlName(column);
    return "CREATE INDEX CONCURRENTLY ON " + qualified(key.schema, key.table) + " (" + columns + ");";
}

} // namespace tailscope::analysis
