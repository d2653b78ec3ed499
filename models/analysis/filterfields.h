// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spanfilter.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tailscope::analysis {

/// What a field of the filter language holds; decides which operators and values it takes.
enum class FilterValue { Text, Word, Http, Duration, Number };

struct FilterFieldInfo
{
    FilterTerm::Field field;
    std::string_view name; ///< as written; empty for bare words
    FilterValue value;
    std::string_view column; ///< of the public view span
    bool nullable; ///< the column may be NULL, which reads as ""
};
const FilterFieldInfo &filterFieldInfo(FilterTerm::Field field);
const FilterFieldInfo *filterFieldByName(std::string_view name);
std::string filterFieldList(); ///< "operation, service, ..."

std::string_view filterOpText(FilterTerm::Op op);

/// Numbers that pass a term on http, duration, self, depth, trace or source: [first, last], before negation.
/// NotEqual gives the interval of Equal (its caller negates). first > last: nothing passes.
std::pair<std::int64_t, std::int64_t> filterInterval(const FilterTerm &term);
/// The term asks for the opposite of its comparison: negated, or NotEqual, but not both.
inline bool isOpposite(const FilterTerm &term)
{
    return term.negated != (term.op == FilterTerm::Op::NotEqual);
}
/// Number of a kind or status word in store/rows.h; nullopt for other words.
std::optional<int> spanKindNumber(std::string_view word);
std::optional<int> spanStatusNumber(std::string_view word);

/// "5ms", "1.5s", "0": nanoseconds; nullopt on junk, a missing unit or overflow.
std::optional<std::int64_t> parseFilterDuration(std::string_view text);
/// The shortest text parseFilterDuration() reads back: "5ms", "1500us".
std::string filterDurationText(std::int64_t ns);

} // namespace tailscope::analysis
