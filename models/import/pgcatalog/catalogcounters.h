// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace tailscope::import {

/// A counter of a statistics view as a series.
struct CatalogCounter
{
    std::string_view column;
    std::string_view metric; ///< after "postgresql."
    std::string_view unit;
    bool gauge = false; ///< else it only grows, until statistics are reset
};

/// A view whose rows are counters: every number of it becomes a point.
struct CatalogCounterView
{
    std::string_view name;
    std::string_view required; ///< as in CatalogView
    std::string_view labels; ///< columns, a blank between, that tell the rows apart
    std::span<const CatalogCounter> counters;
};

std::span<const CatalogCounterView> catalogCounterViews();

} // namespace tailscope::import
