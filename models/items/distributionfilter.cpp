// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/distributionfilter.h"

#include <algorithm>

namespace tailscope::items {

namespace {

using analysis::Filter;
using analysis::FilterTerm;
using analysis::GroupBy;
using Field = FilterTerm::Field;
using Op = FilterTerm::Op;

FilterTerm textTerm(Field field, Op op, const std::string &text)
{
    FilterTerm term;
    term.field = field;
    term.op = op;
    term.text = text;
    return term;
}

FilterTerm numberTerm(Field field, Op op, std::int64_t number, bool negated = false)
{
    FilterTerm term;
    term.field = field;
    term.op = op;
    term.number = number;
    term.text = std::to_string(number);
    term.negated = negated;
    return term;
}

/// The term of a class of status codes, "5xx".
FilterTerm httpClassTerm(const std::string &name, bool negated)
{
    FilterTerm term = textTerm(Field::Http, Op::Equal, name);
    term.number = name[0] - '0';
    term.negated = negated;
    return term;
}

bool isHttpClass(const std::string &name)
{
    return name.size() == 3 && name[0] >= '1' && name[0] <= '5' && name.substr(1) == "xx";
}

Field fieldOf(GroupBy groupBy)
{
    switch (groupBy) {
    case GroupBy::Service:
        return Field::Service;
    case GroupBy::Instance:
        return Field::Instance;
    case GroupBy::Thread:
        return Field::Thread;
    case GroupBy::Status:
        return Field::Status;
    default:
        return Field::Operation;
    }
}

/// An unknown status passes no comparison, so the classes are told apart by what passes none.
Filter httpFilter(const std::string &name)
{
    if (isHttpClass(name))
        return {{httpClassTerm(name, false)}};
    if (name == "none")
        return {{numberTerm(Field::Http, Op::GreaterEqual, 0, true)}};
    Filter filter{{numberTerm(Field::Http, Op::GreaterEqual, 0)}};
    for (const char *known : {"1xx", "2xx", "3xx", "4xx", "5xx"})
        filter.terms.push_back(httpClassTerm(known, true));
    return filter;
}

bool isHttpCode(const std::string &name) { return name == "429" || name == "503"; }

FilterTerm httpCodeTerm(const std::string &name, bool negated)
{
    return numberTerm(Field::Http, Op::Equal, name == "429" ? 429 : 503, negated);
}

/// 429 and 503 are groups of their own, apart from their classes.
Filter httpCodeFilter(const std::string &name)
{
    if (isHttpCode(name))
        return {{httpCodeTerm(name, false)}};
    Filter filter = httpFilter(name);
    if (name == "4xx" || name == "5xx")
        filter.terms.push_back(httpCodeTerm(name == "4xx" ? "429" : "503", true));
    return filter;
}

Filter httpExclusion(const std::string &name)
{
    if (isHttpClass(name))
        return {{httpClassTerm(name, true)}};
    if (name == "none")
        return {{numberTerm(Field::Http, Op::GreaterEqual, 0)}};
    return {
        {numberTerm(Field::Http, Op::Less, 100, true), numberTerm(Field::Http, Op::GreaterEqual, 600, true)}};
}

} // namespace

QString otherGroupName() { return QChar(0) + QStringLiteral("other"); }

bool hasGroupFilter(GroupBy groupBy) { return groupBy != GroupBy::Track && groupBy != GroupBy::Attribute; }

Filter groupFilter(GroupBy groupBy, const std::string &name)
{
    if (!hasGroupFilter(groupBy))
        return {};
    if (groupBy == GroupBy::HttpCode)
        return httpCodeFilter(name);
    if (groupBy == GroupBy::HttpClass)
        return httpFilter(name);
    // Parsed back, so that words such as a status get their number.
    const Filter written{{textTerm(fieldOf(groupBy), Op::Equal, name)}};
    return analysis::parseFilter(written.toText()).value_or(written);
}

Filter groupExclusion(GroupBy groupBy, const std::string &name)
{
    // Terms are joined by AND: "not both" cannot be said of a class without one of its codes.
    if (!hasGroupFilter(groupBy) || (groupBy == GroupBy::HttpCode && (name == "4xx" || name == "5xx")))
        return {};
    if (groupBy == GroupBy::HttpCode)
        return isHttpCode(name) ? Filter{{httpCodeTerm(name, true)}} : httpExclusion(name);
    if (groupBy == GroupBy::HttpClass)
        return httpExclusion(name);
    const Filter written{{textTerm(fieldOf(groupBy), Op::NotEqual, name)}};
    return analysis::parseFilter(written.toText()).value_or(written);
}

Filter valueFilter(bool self, Nanos low, Nanos high)
{
    const Field field = self ? Field::Self : Field::Duration;
    Filter filter{{numberTerm(field, Op::GreaterEqual, std::max<Nanos>(0, low))}};
    if (high != kUnknownNanos)
        filter.terms.push_back(numberTerm(field, Op::Less, high));
    return filter;
}

Filter withoutValueTerms(const Filter &filter, bool self)
{
    Filter rest;
    std::copy_if(filter.terms.begin(), filter.terms.end(), std::back_inserter(rest.terms),
        [self](const FilterTerm &term) { return term.field != (self ? Field::Self : Field::Duration); });
    return rest;
}

Result<std::shared_ptr<const analysis::SpanBitmap>> bothPass(const analysis::SpanColumns &columns,
    const std::shared_ptr<const analysis::SpanBitmap> &bitmap, const Filter &filter, const Progress &progress)
{
    auto passing = analysis::evaluateFilter(columns, filter, progress);
    if (!passing || !*passing)
        return passing ? Result<std::shared_ptr<const analysis::SpanBitmap>>(bitmap) : passing;
    if (!bitmap)
        return passing;
    auto both = std::make_shared<analysis::SpanBitmap>(**passing);
    for (std::size_t word = 0; word < both->words().size(); ++word)
        both->words()[word] &= bitmap->words()[word];
    return std::shared_ptr<const analysis::SpanBitmap>(std::move(both));
}

} // namespace tailscope::items
