// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import {

enum class IssueSeverity { Info, Notice, DataLoss, Error };

/// Everything an import wants to tell: rejects (rows not taken, with place, reason and bytes) and issues
/// (counted remarks with the first place). Bounded: 10,000 rejects with at most 1 KiB of bytes each; the rest
/// is counted. Used by the reader's thread; read by others after the end.
class ImportReport
{
public:
    struct Issue
    {
        IssueSeverity severity = IssueSeverity::Info;
        std::string kind; ///< stable id: "unmatched-end", "truncated"
        std::int64_t count = 0;
        std::uint64_t firstOffset = 0;
        std::string example; ///< one sentence about the first
    };
    struct Reject
    {
        std::uint64_t offset = 0, length = 0;
        std::string kind, reason, bytes;
    };

    static constexpr std::size_t kMaxRejects = 10'000;
    static constexpr std::size_t kMaxRejectBytes = 1024;
    static constexpr std::size_t kMaxIssueKinds = 200;
    static constexpr std::size_t kMaxHeadBytes = 64 * 1024;

    /// A row that was read and taken (for the share of skips).
    void rowRead(std::int64_t count = 1) { m_rowsRead += count; }
    /// A row that was not taken: counted as DataLoss under `kind` and kept for the reject list.
    void skip(std::string_view kind, std::uint64_t offset, std::uint64_t length, std::string_view reason,
        std::string_view bytes);
    /// A remark.
    void note(IssueSeverity severity, std::string_view kind, std::uint64_t offset, std::string_view example,
        std::int64_t count = 1);

    /// The head that every record of the format needs to be read again: kept whole, as an issue of kind
    /// "header". One longer than kMaxHeadBytes is not kept: records below a cut one would be misread.
    void head(std::uint64_t offset, std::string_view text);

    std::int64_t rowsRead() const { return m_rowsRead; }
    std::int64_t rowsSkipped() const { return m_rowsSkipped; }
    /// Sorted by severity (worst first), then kind.
    std::vector<Issue> issues() const;
    const std::vector<Reject> &rejects() const { return m_rejects; }

private:
    std::int64_t m_rowsRead = 0, m_rowsSkipped = 0;
    std::map<std::string, Issue, std::less<>> m_issues;
    std::vector<Reject> m_rejects;
};

std::string_view toText(IssueSeverity severity);

} // namespace tailscope::import
