// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spancolumns.h"
#include "base/progress.h"
#include "base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::analysis {

/// One term of the filter bar: `field op value`. Terms are joined by AND; a leading `-` or `!` negates a
/// term. Fields: text (bare words: operation or service contains, case-insensitive), regex (/.../),
/// operation, service, instance, process, thread, kind, status (ok, error, unset), http (200, 5xx), duration,
/// self, depth, trace, source. Operators: = != ~ (regular expression) > >= < <=. Durations take ns us ms s m.
/// Values may be "quoted".
struct FilterTerm
{
    enum class Field {
        Text,
        Operation,
        Service,
        Instance,
        Process,
        Thread,
        Kind,
        Status,
        Http,
        Duration,
        Self,
        Depth,
        Trace,
        Source,
    } field
        = Field::Text;
    enum class Op {
        Equal,
        NotEqual,
        Match,
        Greater,
        GreaterEqual,
        Less,
        LessEqual,
        Contains
    } op
        = Op::Contains;
    bool negated = false;
    std::string text; ///< as written, unquoted
    std::int64_t number = 0; ///< Duration and Self in ns, Http, Depth, Trace, Source ids
    std::uint64_t firstColumn = 0, lastColumn = 0; ///< place in the expression, for messages
};

struct Filter
{
    std::vector<FilterTerm> terms;
    bool isEmpty() const { return terms.empty(); }
    std::string toText() const; ///< canonical expression
    /// WHERE condition over the view `span` with bound values for 'Show SQL' and paged tables; empty for no
    /// terms.
    struct Sql
    {
        std::string condition;
        std::vector<std::string> texts; ///< bound in order as ?1, ?2...
    };
    Sql toSql() const;
};

/// Errors name the column of the offending word and list the known fields.
Result<Filter> parseFilter(std::string_view expression);

/// One bit a span row.
class SpanBitmap
{
public:
    explicit SpanBitmap(std::size_t rows = 0, bool value = false);
    bool test(std::size_t row) const { return (m_words[row >> 6] >> (row & 63)) & 1u; }
    void set(std::size_t row, bool value = true);
    std::size_t rows() const { return m_rows; }
    std::size_t count() const;
    std::vector<std::uint64_t> &words() { return m_words; }
    const std::vector<std::uint64_t> &words() const { return m_words; }

private:
    std::vector<std::uint64_t> m_words;
    std::size_t m_rows = 0;
};

/// Evaluates the filter over all rows; nullptr for the empty filter (everything passes). Any thread.
Result<std::shared_ptr<const SpanBitmap>> evaluateFilter(const SpanColumns &columns, const Filter &filter,
    const Progress &progress);

} // namespace tailscope::analysis
