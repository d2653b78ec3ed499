// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include <QJsonValue>

namespace tailscope::import {

/// What a column's default costs when the column is added to a table with rows: "constant" and "stable" are
/// stored once (since 11), "volatile" writes every row, "function" is one whose volatility the text does not
/// tell.
std::string_view defaultKind(const QJsonValue &expression);

} // namespace tailscope::import
