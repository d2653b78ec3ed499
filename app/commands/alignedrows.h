// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <vector>

class QTextStream;

namespace tailscope::app {

/// A table in columns: the first row is its header, numeric columns are set to the right.
void printAligned(QTextStream &out, const std::vector<std::vector<QString>> &cells,
    const std::vector<bool> &numeric);

} // namespace tailscope::app
