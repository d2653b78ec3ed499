// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/filterfields.h"

#include "base/text.h"

#include <array>
#include <limits>

namespace tailscope::analysis {

namespace {

using Field = FilterTerm::Field;
using Op = FilterTerm::Op;

constexpr std::array<FilterFieldInfo, 14> kFields{{
    {Field::Text, "", FilterValue::Text, "operation", true},
    {Field::Operation, "operation", FilterValue::Text, "operation", true},
    {Field::Service, "service", FilterValue::Text, "service", true},
    {Field::Instance, "instance", FilterValue::Text, "instance", true},
    {Field::Process, "process", FilterValue::Text, "process", true},
    {Field::Thread, "thread", FilterValue::Text, "thread", true},
    {Field::Kind, "kind", FilterValue::Word, "kind", false},
    {Field::Status, "status", FilterValue::Word, "status", false},
    {Field::Http, "http", FilterValue::Http, "http_status", true},
    {Field::Duration, "duration", FilterValue::Duration, "duration_ns", true},
    {Field::Self, "self", FilterValue::Duration, "self_ns", true},
    {Field::Depth, "depth", FilterValue::Number, "depth", true},
    {Field::Trace, "trace", FilterValue::Number, "trace_id", true},
    {Field::Source, "source", FilterValue::Number, "source_id", false},
}};

struct Unit
{
    std::string_view name;
    std::int64_t scale; // a power of ten for parseScaledDecimal()
    std::int64_t factor;
};
// "us" in its three spellings: plain, micro sign, Greek mu. Minutes are sixty times a parsed second.
constexpr std::array<Unit, 7> kUnits{{
    {"ns", 1, 1},
    {"us", kNanosPerMicro, 1},
    {"\xc2\xb5s", kNanosPerMicro, 1},
    {"\xce\xbcs", kNanosPerMicro, 1},
    {"ms", kNanosPerMilli, 1},
    {"s", kNanosPerSecond, 1},
    {"m", kNanosPerSecond, 60},
}};

constexpr std::array<std::string_view, 6> kKinds{"internal", "server", "client", "producer", "consumer",
    "async"};
constexpr std::array<std::string_view, 3> kStatuses{"unset", "ok", "error"};

template<std::size_t N>
std::optional<int> indexOf(const std::array<std::string_view, N> &words, std::string_view word)
{
    const std::string lower = toLowerAscii(word);
    for (std::size_t i = 0; i < N; ++i) {
        if (words[i] == lower)
            return int(i);
    }
    return std::nullopt;
}

} // namespace

const FilterFieldInfo &filterFieldInfo(Field field)
{
    for (const FilterFieldInfo &info : kFields) {
        if (info.field == field)
            return info;
    }
    return kFields.front();
}

const FilterFieldInfo *filterFieldByName(std::string_view name)
{
    const std::string lower = toLowerAscii(name);
    for (const FilterFieldInfo &info : kFields) {
        if (!info.name.empty() && info.name == lower)
            return &info;
    }
    return nullptr;
}

std::string filterFieldList()
{
    std::string list;
    for (const FilterFieldInfo &info : kFields) {
        if (info.name.empty())
            continue;
        if (!list.empty())
            list += ", ";
        list += info.name;
    }
    return list;
}

std::string_view filterOpText(Op op)
{
    switch (op) {
    case Op::Equal:
        return "=";
    case Op::NotEqual:
        return "!=";
    case Op::Match:
        return "~";
    case Op::Greater:
        return ">";
    case Op::GreaterEqual:
        return ">=";
    case Op::Less:
        return "<";
    case Op::LessEqual:
        return "<=";
    case Op::Contains:
        break;
    }
    return "";
}

std::pair<std::int64_t, std::int64_t> filterInterval(const FilterTerm &term)
{
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    std::int64_t first = term.number, last = term.number;
    // "5xx" is the number 5 with a text that ends in xx: the whole class.
    if (term.field == Field::Http && term.text.size() == 3 && term.text[1] == 'x') {
        first = term.number * 100;
        last = first + 99;
    }
    // Every one of these figures is at least 0 where it is known.
    constexpr std::int64_t kLowest = 0;
    switch (term.op) {
    case Op::Greater:
        return last == kMax ? std::pair<std::int64_t, std::int64_t>(1, 0) : std::pair(last + 1, kMax);
    case Op::GreaterEqual:
        return {first, kMax};
    case Op::Less:
        return {kLowest, first - 1};
    case Op::LessEqual:
        return {kLowest, last};
    default:
        return {first, last};
    }
}

std::optional<int> spanKindNumber(std::string_view word) { return indexOf(kKinds, word); }

std::optional<int> spanStatusNumber(std::string_view word) { return indexOf(kStatuses, word); }

std::optional<std::int64_t> parseFilterDuration(std::string_view text)
{
    if (text == "0")
        return 0;
    const std::size_t digits = text.find_first_not_of("0123456789.");
    if (digits == std::string_view::npos || digits == 0)
        return std::nullopt;
    for (const Unit &unit : kUnits) {
        if (text.substr(digits) != unit.name)
            continue;
        const std::optional<std::int64_t> scaled = parseScaledDecimal(text.substr(0, digits), unit.scale);
        std::int64_t ns = 0;
        if (!scaled || __builtin_mul_overflow(*scaled, unit.factor, &ns))
            return std::nullopt;
        return ns;
    }
    return std::nullopt;
}

std::string filterDurationText(std::int64_t ns)
{
    if (ns == 0)
        return "0";
    for (const auto &[scale, name] : {std::pair<std::int64_t, const char *>(kNanosPerSecond, "s"),
             {kNanosPerMilli, "ms"}, {kNanosPerMicro, "us"}}) {
        if (ns % scale == 0)
            return std::to_string(ns / scale) + name;
    }
    return std::to_string(ns) + "ns";
}

} // namespace tailscope::analysis
