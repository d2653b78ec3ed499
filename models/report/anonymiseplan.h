// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace tailscope::report {

/// A plan's text (TEXT, JSON, XML, YAML, MySQL's and SQLite's forms, framed or broken ones too) that may be
/// shown to strangers: every name becomes t1, c1, i1, ... and every literal v1 or a running number, the same
/// one wherever it stands; comments go. Node types, figures and the tree stay, so that it reads as the same
/// plan. What is in doubt is renamed. Names that are also words of EXPLAIN or SQL may stay where they cannot
/// be told from them. Pure; any thread; never fails.
std::string anonymisePlanText(std::string_view planText);

/// The same for a statement.
std::string anonymiseSql(std::string_view sql);

} // namespace tailscope::report
