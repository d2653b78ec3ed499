// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/importreport.h"
#include "store/rowsink.h"

#include <string>
#include <string_view>

namespace tailscope::import {

/// Rows of one topology file: parses the whole text and emits a config record for each key. A line that is no
/// TOML is rejected and the rest is read without it (a table header takes its table with it), up to
/// kMaxBadLines of them; beyond that the file is an error.
class TopologyRows
{
public:
    static constexpr std::size_t kMaxBytes = 1024 * 1024;
    static constexpr std::size_t kMaxLine = 4096; ///< bounds how deep a dotted key leads
    static constexpr int kMaxBadLines = 20;
    static constexpr std::size_t kMaxDepth = 8; ///< tables inside tables that are followed

    TopologyRows(RowSink &sink, ImportReport &report);
    Result<void> read(std::string text, const std::string &name);

private:
    struct Subject
    {
        std::string kind, name, parent;
    };
    class Walk;
    /// Blanks out the bad line; false when there is nothing left to mend.
    bool dropLine(std::string &text, std::size_t line, std::string_view reason);
    void dropLongLines(std::string &text);
    std::size_t offsetOf(std::string_view text, std::size_t line) const;

    RowSink &m_sink;
    ImportReport &m_report;
};

} // namespace tailscope::import
