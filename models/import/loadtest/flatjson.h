// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/jsonpull.h"

#include <functional>
#include <string>
#include <vector>

namespace tailscope::import::loadtest {

/// A scalar of a JSON document and where it lies: the keys that lead to it, "[]" for an element of an array.
struct FlatValue
{
    const std::vector<std::string> &path;
    JsonPull::Token token; ///< String, Number or Literal
    std::string_view text;
    std::uint64_t offset;

    bool isTrue() const { return token == JsonPull::Token::Literal && text == "true"; }
    bool isBool() const { return token == JsonPull::Token::Literal && (text == "true" || text == "false"); }
};

/// Scalars below this many containers are passed by.
inline constexpr std::size_t kMaxFlatDepth = 8;

/// Calls visit for every scalar of the document that the parser is at the start of; returns at its end or
/// where it is broken (see finishDocument()).
void eachScalar(JsonPull &pull, const std::function<void(const FlatValue &)> &visit);

} // namespace tailscope::import::loadtest
