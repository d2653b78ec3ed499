// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>

namespace tailscope::import {

/// A cell as Grafana formats it: "950 ms", "1.2 s", "95%", "3.4 K", "1.5 MiB", "12". Times become seconds,
/// sizes bytes, so that the cells of a column have one unit.
struct GrafanaCell
{
    double value = 0;
    std::string_view unit; ///< "s", "By", "%", or the text behind the number; empty = none
};
/// nullopt for what is no number; isGrafanaGap() tells empty cells from junk.
std::optional<GrafanaCell> parseGrafanaCell(std::string_view text);
bool isGrafanaGap(std::string_view text);

} // namespace tailscope::import
