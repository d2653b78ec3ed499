// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/loadtestjtl/jtlrows.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::jtl {

/// Where the fields of a JTL line are.
struct JtlColumns
{
    using Field = std::string_view JtlSample::*;
    char delimiter = ',';
    std::vector<Field> fields; ///< null for columns that are not read
    bool hasHeader = false;

    /// By the header's names (any order, any of the delimiters ",;\t|"), or for a line of data by the order
    /// in which JMeter writes its default columns, which differs by version and is told by their number.
    static std::optional<JtlColumns> of(std::string_view line);
    JtlSample sample(const std::vector<std::string_view> &values, std::uint64_t offset) const;
};

} // namespace tailscope::import::jtl
