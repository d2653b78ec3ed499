// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "report/anonymnames.h"

#include <string>
#include <string_view>

namespace tailscope::report {

/// Plans as lines: PostgreSQL's TEXT, MySQL's TREE and table, SQLite's tree and rows, in any frame. Lines
/// keep their indentation; a literal with line ends becomes one line.
std::string anonymisedText(AnonymNames &names, std::string_view text);

} // namespace tailscope::report
