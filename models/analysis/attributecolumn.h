// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/spancolumns.h"
#include "base/progress.h"
#include "base/result.h"
#include "store/workspace.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tailscope::analysis {

/// The values of one attribute key, a number a row. Immutable; any thread.
struct AttributeColumn
{
    std::string key;
    std::vector<std::string> values; ///< [0] is empty: the span has no such attribute
    std::vector<std::uint32_t> ofRow; ///< index into values, as many as the columns have rows
    bool isCut = false; ///< values past the bound share the last one, "other values"
};

/// Distinct values kept of one key.
inline constexpr std::uint32_t kMaxAttributeValues = 20'000;

/// One scan of span_raw, about 1 us a span: the span's own attribute, else that of its scope, else of its
/// resource. Any thread.
Result<std::shared_ptr<const AttributeColumn>> loadAttributeColumn(const store::Workspace &workspace,
    const SpanColumns &columns, const std::string &key, const Progress &progress);

/// Keys of attribute sets by name, at most 2,000: what a user can choose from. Keys whose values differ for
/// nearly every span are not among them, but can be loaded all the same.
Result<std::vector<std::string>> attributeKeys(const store::Workspace &workspace, const Progress &progress);

} // namespace tailscope::analysis
