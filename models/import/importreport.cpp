// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/importreport.h"

#include "base/text.h"

#include <algorithm>

namespace tailscope::import {

namespace {

/// Kinds past the bound share this one.
constexpr std::string_view kOtherKinds = "other";
constexpr std::size_t kMaxExampleBytes = 400;

} // namespace

void ImportReport::skip(std::string_view kind, std::uint64_t offset, std::uint64_t length,
    std::string_view reason, std::string_view bytes)
{
    ++m_rowsSkipped;
    note(IssueSeverity::DataLoss, kind, offset, reason);
    if (m_rejects.size() >= kMaxRejects)
        return;
    m_rejects.push_back({offset, length, std::string(kind), std::string(utf8Prefix(reason, kMaxExampleBytes)),
        std::string(utf8Prefix(bytes, kMaxRejectBytes))});
}

void ImportReport::note(IssueSeverity severity, std::string_view kind, std::uint64_t offset,
    std::string_view example, std::int64_t count)
{
    auto found = m_issues.find(kind);
    if (found == m_issues.end()) {
        if (m_issues.size() >= kMaxIssueKinds)
            kind = kOtherKinds;
        found = m_issues.try_emplace(std::string(kind)).first;
    }
    Issue &issue = found->second;
    if (issue.kind.empty()) {
        issue.kind = kind;
        issue.firstOffset = offset;
        issue.example = sanitizedUtf8(utf8Prefix(example, kMaxExampleBytes));
    }
    issue.severity = std::max(issue.severity, severity);
    issue.count += count;
}

void ImportReport::head(std::uint64_t offset, std::string_view text)
{
    constexpr std::string_view kKind = "header";
    if (text.size() > kMaxHeadBytes)
        return note(IssueSeverity::Notice, "header-too-long", offset,
            "the head is longer than 64 KiB: rejected records can be imported again only below a copy of it");
    note(IssueSeverity::Info, kKind, offset, text);
    // The bound of kinds may have put it elsewhere.
    if (const auto found = m_issues.find(kKind); found != m_issues.end())
        found->second.example = sanitizedUtf8(text);
}

std::vector<ImportReport::Issue> ImportReport::issues() const
{
    std::vector<Issue> sorted;
    sorted.reserve(m_issues.size());
    for (const auto &[kind, issue] : m_issues)
        sorted.push_back(issue);
    // The map is sorted by kind already.
    std::stable_sort(sorted.begin(), sorted.end(),
        [](const Issue &a, const Issue &b) { return a.severity > b.severity; });
    return sorted;
}

std::string_view toText(IssueSeverity severity)
{
    switch (severity) {
    case IssueSeverity::Info:
        return "info";
    case IssueSeverity::Notice:
        return "notice";
    case IssueSeverity::DataLoss:
        return "data_loss";
    case IssueSeverity::Error:
        return "error";
    }
    return "error";
}

} // namespace tailscope::import
