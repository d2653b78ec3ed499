// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "report/reportdata.h"

#include <string>
#include <vector>

namespace tailscope::report {

/// A report as titled tables of texts: what the text, Markdown and HTML writers share.
struct ReportTable
{
    std::string title, note; ///< note: definitions and limits, below the title
    std::vector<std::string> columns;
    std::vector<bool> numeric;
    std::vector<std::vector<std::string>> rows;
};
std::vector<ReportTable> toTables(const ReportData &data);

} // namespace tailscope::report
