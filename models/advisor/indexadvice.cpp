// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/indexadvice.h"

#include "advisor/indextext.h"

#include <algorithm>
#include <array>
#include <set>

namespace tailscope::advisor {

namespace {

constexpr std::size_t kMaxColumns = 8; // more has never been worth its writes
constexpr double kFewValues = 20; // of a column whose constant makes a partial index

bool isOneOf(std::string_view text, std::initializer_list<std::string_view> list)
{
    return std::find(list.begin(), list.end(), text) != list.end();
}

bool isEquality(const PlanCondition &c) { return isOneOf(c.op, {"=", "IS NULL", "IS TRUE", "IS FALSE"}); }

bool isPrefixPattern(const PlanCondition &c)
{
    return c.op == "~~" && !c.literal.empty() && !isOneOf(c.literal.substr(0, 1), {"%", "_", "$"});
}

bool isRange(const PlanCondition &c) { return isOneOf(c.op, {"<", ">", "<=", ">="}) || isPrefixPattern(c); }

/// Operators that only an inverted or trigram index serves; the operator class, or "" for the default one.
std::optional<std::string_view> ginClass(const PlanCondition &c)
{
    if (isOneOf(c.op, {"@>", "<@", "?", "?|", "?&", "&&", "@@"}))
        return std::string_view();
    const bool pattern = isOneOf(c.op, {"~~", "~~*", "~", "~*"}) && !isPrefixPattern(c) && !c.literal.empty();
    return pattern && c.literal.front() != '$' ? std::optional(std::string_view(" gin_trgm_ops"))
                                               : std::nullopt;
}

bool isTextCast(std::string_view wrapper)
{
    return isOneOf(wrapper, {"", "::text", "::varchar", "::bpchar"});
}

struct Key
{
    std::string sql; ///< as it stands in CREATE INDEX, without order
    std::string name; ///< as parseIndexDefinition() tells it, to compare
    std::string suffix; ///< " DESC", " text_pattern_ops"
    const PlanCondition *condition = nullptr;
};

std::string joined(const std::vector<std::string> &parts)
{
    std::string text;
    for (const std::string &part : parts)
        text += (text.empty() ? "" : ", ") + part;
    return text;
}

class Advisor
{
public:
    Advisor(const ScanFacts &scan, const TableFacts &table)
        : m_scan(scan)
        , m_table(table)
    {}

    std::vector<IndexCandidate> advise()
    {
        // A scan that keeps most of what its index finds may still be spared the table.
        const bool keepsIndex = keepsMuch() && !m_scan.usedIndex.empty();
        if (m_scan.relation.empty() || isTooSmall() || (keepsMuch() && !keepsIndex))
            return {};
        sortKeys();
        if (m_equality.empty() && m_range.empty() && m_sort.empty())
            return without();
        orderEquality();
        std::vector<Key> keys = m_equality;
        for (const Key &key : m_sort)
            addKey(keys, key);
        if (!m_range.empty())
            addKey(keys, m_range.front());
        if (keys.size() > kMaxColumns)
            keys.resize(kMaxColumns);
        if (const ExistingIndex *there = serving(keys); there && there->name != m_scan.usedIndex)
            return {{{}, {}, {}, existsReason(*there), there->name, {}, 0}};
        std::vector<IndexCandidate> list;
        if (!keepsIndex && (m_scan.usedIndex.empty() || addsToIndex(keys))) {
            list.push_back(plain(keys));
            addPartial(keys, list);
        }
        addCovering(keys, list);
        return list;
    }

private:
    bool isTooSmall() const
    {
        if (m_scan.examined >= 0)
            return m_scan.examined < kMinExaminedRows;
        return m_table.rows < kMinExaminedRows; // estimates only: the catalog has to tell the size
    }

    bool keepsMuch() const
    {
        const double all = m_scan.examined >= 0 ? m_scan.examined : m_table.rows;
        return m_scan.kept >= 0 && m_scan.sort.empty() && m_scan.kept > kMaxKeptShare * all;
    }

    Key keyOf(const PlanCondition &c) const
    {
        Key key;
        key.condition = &c;
        if (isTextCast(c.wrappedIn)) {
            key.sql = quotedName(c.column);
            key.name = c.column;
            if (isPrefixPattern(c))
                key.suffix = " text_pattern_ops";
            return key;
        }
        key.name = expressionAround(m_scan.filter, c.wrappedIn, c.column, m_scan.alias);
        const bool isCall = !key.name.empty() && key.name.find('(') != 0 && key.name.ends_with(')')
            && key.name.find(' ') > key.name.find('(');
        key.sql = key.name.empty() || isCall ? key.name : "(" + key.name + ")";
        return key;
    }

    static bool addKey(std::vector<Key> &keys, Key key)
    {
        const auto same = [&](const Key &other) { return other.name == key.name; };
        if (key.sql.empty() || std::any_of(keys.begin(), keys.end(), same))
            return false;
        keys.push_back(std::move(key));
        return true;
    }

    void sortKeys()
    {
        // "= ANY" finds several runs of the index: what is behind it is ordered within each run only.
        std::vector<Key> lists;
        for (const auto *conditions : {&m_scan.conditions, &m_scan.joins}) {
            for (const PlanCondition &c : *conditions) {
                if (!c.conjunct || c.column.empty())
                    continue;
                if (isEquality(c))
                    addKey(m_equality, keyOf(c));
                else if (c.op == "= ANY")
                    addKey(lists, keyOf(c));
                else if (isRange(c))
                    addKey(m_range, keyOf(c));
            }
        }
        // Without an equality, a walk in the order of the LIMIT may read the whole index before it meets a
        // match.
        const double all = m_scan.examined >= 0 ? m_scan.examined : m_table.rows;
        const bool comparisonLeads = m_equality.empty() && !(m_range.empty() && lists.empty())
            && m_scan.kept >= 0 && m_scan.kept <= 0.05 * all
            && std::none_of(m_range.begin(), m_range.end(), [&](const Key &key) {
                   return !m_scan.sort.empty() && key.name == m_scan.sort.front().column;
               });
        if (m_scan.sort.empty() || comparisonLeads) {
            for (Key &key : lists)
                addKey(m_equality, std::move(key));
        } else {
            for (Key &key : m_range)
                addKey(lists, std::move(key));
            m_range = std::move(lists);
        }
        for (const SortColumn &column : m_scan.sort) {
            if (comparisonLeads)
                break;
            const auto fixed = [&](const Key &key) { return key.name == column.column; };
            // A column with one value does not take part in the order.
            if (std::none_of(m_equality.begin(), m_equality.end(), fixed))
                addKey(m_sort, {quotedName(column.column), column.column, column.order, nullptr});
        }
        std::erase_if(m_range, [&](const Key &key) {
            const auto same = [&](const Key &other) { return other.name == key.name; };
            return std::any_of(m_equality.begin(), m_equality.end(), same);
        });
    }

    /// An index that starts with columns of ours may be replaced by the new one; so its order wins.
    void orderEquality()
    {
        const auto distinct = [&](const Key &key) {
            const auto found = m_table.distinct.find(key.name);
            return found == m_table.distinct.end() ? -1.0 : found->second;
        };
        const bool allKnown = std::all_of(m_equality.begin(), m_equality.end(),
            [&](const Key &key) { return distinct(key) >= 0; });
        if (allKnown) {
            std::stable_sort(m_equality.begin(), m_equality.end(),
                [&](const Key &a, const Key &b) { return distinct(a) > distinct(b); });
            m_byDistinct = m_equality.size() > 1;
        }
        for (const ExistingIndex &index : m_table.indexes) {
            if (isUsable(index) && startsAlike(index)
                && (!m_extends || m_extends->columns.size() < index.columns.size()))
                m_extends = &index;
        }
        if (!m_extends)
            return;
        std::vector<Key> ordered;
        for (const std::string &column : m_extends->columns) {
            for (const Key &key : m_equality) {
                if (key.name == column)
                    ordered.push_back(key);
            }
        }
        for (const Key &key : m_equality)
            addKey(ordered, key);
        m_byDistinct = m_byDistinct && m_extends->columns.size() < m_equality.size();
        m_equality = std::move(ordered);
    }

    static bool isUsable(const ExistingIndex &index)
    {
        return index.method == "btree" && index.predicate.empty() && index.isValid && !index.columns.empty();
    }

    /// All columns of the index are compared by "=".
    bool startsAlike(const ExistingIndex &index) const
    {
        return std::all_of(index.columns.begin(), index.columns.end(), [&](const std::string &column) {
            return std::any_of(m_equality.begin(), m_equality.end(),
                [&](const Key &key) { return key.name == column; });
        });
    }

    /// An index that serves these keys already: the equality columns in any order, then the rest.
    const ExistingIndex *serving(const std::vector<Key> &keys) const
    {
        for (const ExistingIndex &index : m_table.indexes) {
            if (!isUsable(index) || index.columns.size() < keys.size())
                continue;
            const bool prefix = std::any_of(keys.begin(), keys.end(),
                [](const Key &key) { return key.suffix == " text_pattern_ops"; });
            if (prefix && !index.servesPrefix && index.name != m_scan.usedIndex)
                continue;
            const std::size_t n = m_equality.size();
            std::set<std::string> ours, theirs;
            bool same = true;
            for (std::size_t i = 0; i < keys.size(); ++i) {
                if (i < n) {
                    ours.insert(keys[i].name);
                    theirs.insert(index.columns[i]);
                } else {
                    same = same && keys[i].name == index.columns[i];
                }
            }
            if (same && ours == theirs)
                return &index;
        }
        return nullptr;
    }

    /// True when a key is none that the index in use serves.
    bool addsToIndex(const std::vector<Key> &keys) const
    {
        const PlanCondition *behind = m_scan.conditions.data() + m_scan.indexConditions;
        return std::any_of(keys.begin(), keys.end(), [&](const Key &key) {
            return !key.condition || key.condition < m_scan.conditions.data() || key.condition >= behind;
        });
    }

    std::string tableName() const
    {
        return (m_scan.schema.empty() ? "" : quotedName(m_scan.schema) + ".") + quotedName(m_scan.relation);
    }

    std::string freeName(const std::vector<Key> &keys, std::string_view suffix) const
    {
        std::vector<std::string> names;
        names.reserve(keys.size());
        for (const Key &key : keys)
            names.push_back(key.name);
        for (int number = 1; number < 100; ++number) {
            std::string name = indexName(m_scan.relation, names,
                std::string(suffix) + (number > 1 ? "_" + std::to_string(number) : std::string()));
            const auto same = [&](const ExistingIndex &index) { return index.name == name; };
            if (std::none_of(m_table.indexes.begin(), m_table.indexes.end(), same))
                return quotedName(name);
        }
        return {};
    }

    IndexCandidate statement(const std::vector<Key> &keys, std::string include, std::string predicate,
        std::string_view suffix) const
    {
        IndexCandidate made;
        std::vector<std::string> sql;
        for (const Key &key : keys) {
            made.columns.push_back(key.sql);
            sql.push_back(key.sql + key.suffix);
            const auto same = [&](const Key &other) { return other.name == key.name; };
            made.equality += std::any_of(m_equality.begin(), m_equality.end(), same);
        }
        made.ddl = "CREATE INDEX CONCURRENTLY " + freeName(keys, suffix) + " ON " + tableName() + " ("
            + joined(sql) + ")" + (include.empty() ? "" : " INCLUDE (" + include + ")")
            + (predicate.empty() ? "" : " WHERE " + predicate) + ";";
        made.include = std::move(include);
        made.predicate = std::move(predicate);
        return made;
    }

    IndexCandidate plain(const std::vector<Key> &keys) const
    {
        IndexCandidate made = statement(keys, {}, {}, {});
        std::string why;
        const auto add = [&](const std::string &text) { why += (why.empty() ? "" : " ") + text; };
        if (!m_equality.empty() && keys.size() > m_equality.size())
            add("Columns compared by = come first.");
        if (m_byDistinct)
            add("The one with the most values leads.");
        if (!m_sort.empty())
            add(m_equality.empty()
                    ? "The index gives the order, so that the LIMIT ends the scan."
                    : "Then the order, so that nothing is sorted and the LIMIT ends the scan.");
        if (m_range.size() > 1 || (!m_range.empty() && !m_sort.empty()))
            add("Only one range can narrow the scan; others are compared row by row.");
        if (std::any_of(keys.begin(), keys.end(),
                [](const Key &key) { return key.condition && !isTextCast(key.condition->wrappedIn); }))
            add("An expression can be indexed when its functions are immutable.");
        if (m_extends) {
            made.existing = m_extends->name;
            add("It begins as " + m_extends->name + " (" + joined(m_extends->columns) + ")"
                + (m_extends->isUnique ? "." : " and can take its place: drop that one afterwards."));
        }
        if (!m_extends && !m_table.isKnown && !m_scan.usedIndex.empty()) {
            add(m_scan.isInOrder
                    ? "Add the columns of " + m_scan.usedIndex + " behind them: it is read for its order."
                    : "It may take the place of " + m_scan.usedIndex + ", which serves only a part.");
        }
        if (!m_table.parent.empty())
            add("The table is a partition of " + m_table.parent
                + ": build it on every partition, then on the parent with ON ONLY and ATTACH PARTITION.");
        if (m_table.isKnown) {
            const auto n = m_table.indexes.size();
            add("The table has " + std::to_string(n) + (n == 1 ? " index" : " indexes")
                + "; every insert would write " + std::to_string(n + 1) + " instead.");
        }
        made.reason = std::move(why);
        return made;
    }

    std::string predicateOf(const Key &key) const
    {
        const PlanCondition &c = *key.condition;
        if (c.op == "IS NULL")
            return key.sql + " IS NULL";
        if (c.op == "IS TRUE")
            return key.sql;
        if (c.op == "IS FALSE")
            return "NOT " + key.sql;
        return key.sql + " = " + sqlConstant(c.literal);
    }

    /// A constant that a state would have, not a key: few distinct values, or a word where nothing is known.
    bool isState(const Key &key) const
    {
        if (!key.condition || !isTextCast(key.condition->wrappedIn))
            return false;
        const PlanCondition &c = *key.condition;
        if (isOneOf(c.op, {"IS NULL", "IS TRUE", "IS FALSE"}))
            return true;
        if (c.op != "=" || c.literal.empty() || c.literal.front() == '$')
            return false;
        if (const auto found = m_table.distinct.find(key.name); found != m_table.distinct.end())
            return found->second <= kFewValues;
        const auto letter = [](unsigned char b) { return std::isalpha(b) || b == '_'; };
        return c.literal.size() <= 20 && std::all_of(c.literal.begin(), c.literal.end(), letter);
    }

    void addPartial(const std::vector<Key> &keys, std::vector<IndexCandidate> &list) const
    {
        const auto state
            = std::find_if(keys.begin(), keys.end(), [&](const Key &key) { return isState(key); });
        if (state == keys.end())
            return;
        std::vector<Key> rest;
        for (const Key &key : keys) {
            if (key.name != state->name)
                rest.push_back(key);
        }
        if (rest.empty())
            return;
        const std::string predicate = predicateOf(*state);
        IndexCandidate made = statement(rest, {}, predicate, "_part");
        made.reason = "Smaller and written less often, when calls always ask for " + predicate
            + "; a parameter in its place does not match the condition.";
        // A test for NULL or a flag stands in the text itself: there the partial index is the better one.
        list.insert(state->condition->op == "=" ? list.end() : list.begin(), std::move(made));
    }

    void addCovering(const std::vector<Key> &keys, std::vector<IndexCandidate> &list) const
    {
        std::vector<std::string> include;
        if (m_scan.output.empty())
            return;
        // The filter is tested on the index too: every column it names has to be there.
        std::vector<std::string> needed = m_scan.output;
        for (const PlanCondition &c : m_scan.conditions) {
            if (!c.column.empty() && std::find(needed.begin(), needed.end(), c.column) == needed.end())
                needed.push_back(c.column);
        }
        for (const std::string &column : needed) {
            const auto same = [&](const Key &key) { return key.name == column; };
            if (std::none_of(keys.begin(), keys.end(), same))
                include.push_back(quotedName(column));
        }
        if (include.empty() || include.size() > kMaxIncluded)
            return;
        IndexCandidate made = statement(keys, joined(include), {}, "_incl");
        made.reason
            = "Holds all columns that this scan compares or hands on, so the table need not be visited on"
              " vacuumed pages (PostgreSQL 11 or later); not for columns that are wide or often updated.";
        list.push_back(std::move(made));
    }

    std::string existsReason(const ExistingIndex &index) const
    {
        return index.name + " (" + joined(index.columns) + ") serves this condition already"
            + (index.name == m_scan.usedIndex ? " and is used."
                                              : ": ask why it was not chosen (statistics, types, cost"
                                                " settings), before you build another.");
    }

    /// No column can be a key: an inverted index, advice for OR, or silence.
    std::vector<IndexCandidate> without() const
    {
        std::vector<std::string> arms;
        bool unequal = false, undistinct = false;
        for (const PlanCondition &c : m_scan.conditions) {
            if (c.conjunct && ginClass(c) && isTextCast(c.wrappedIn)) {
                for (const ExistingIndex &index : m_table.indexes) {
                    if (index.method == "gin" && index.isValid
                        && index.columns == std::vector<std::string>{c.column})
                        return {{{}, {}, {}, existsReason(index), index.name, {}, 0}};
                }
                return {inverted(c)};
            }
            unequal = unequal || isOneOf(c.op, {"<>", "<> ALL", "!~~", "!~~*"});
            undistinct = undistinct || c.op == "IS NOT DISTINCT FROM";
            const std::string name = quotedName(c.column);
            if (!c.conjunct && (isEquality(c) || isRange(c) || c.op == "= ANY")
                && std::find(arms.begin(), arms.end(), name) == arms.end())
                arms.push_back(name);
        }
        IndexCandidate none;
        if (arms.size() > 1) {
            none.reason = "The arms of the OR compare different columns (" + joined(arms)
                + "): one index cannot serve them. An index for each arm lets the planner combine bitmaps; "
                  "else write"
                  " the arms as a UNION.";
        } else if (unequal) {
            none.reason = "A comparison by <> keeps almost everything: no plain index serves it. When it is "
                          "always the"
                          " same constant, a partial index on the rows that remain can.";
        } else if (undistinct) {
            none.reason = "No index serves IS NOT DISTINCT FROM: write (column = value OR column IS NULL AND "
                          "value IS NULL).";
        }
        return none.reason.empty() ? std::vector<IndexCandidate>() : std::vector<IndexCandidate>{none};
    }

    IndexCandidate inverted(const PlanCondition &c) const
    {
        Key key = keyOf(c);
        key.suffix = *ginClass(c);
        IndexCandidate made;
        made.columns = {key.sql};
        made.ddl = "CREATE INDEX CONCURRENTLY " + freeName({key}, "_gin") + " ON " + tableName()
            + " USING gin (" + key.sql + key.suffix + ");";
        made.reason = key.suffix.empty()
            ? "A B-tree cannot tell whether a value contains another; an inverted index can."
            : "The pattern has no known beginning: trigrams serve it (CREATE EXTENSION pg_trgm; at least "
              "three"
              " characters). For words rather than substrings use a text search index.";
        return made;
    }

    const ScanFacts &m_scan;
    const TableFacts &m_table;
    std::vector<Key> m_equality, m_range, m_sort;
    const ExistingIndex *m_extends = nullptr;
    bool m_byDistinct = false;
};

} // namespace

std::vector<IndexCandidate> adviseIndexes(const ScanFacts &scan, const TableFacts &table)
{
    return Advisor(scan, table).advise();
}

} // namespace tailscope::advisor
