// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "advisor/finding.h"

#include "base/text.h"

#include <charconv>
#include <cmath>

namespace tailscope::advisor {

namespace {

constexpr std::size_t kMaxEvidenceText = 4096;

void appendReal(std::string &out, double value)
{
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    char digits[40];
    const auto end = std::to_chars(digits, digits + sizeof digits, value);
    out.append(digits, end.ptr);
}

} // namespace

int severityRank(std::string_view severity)
{
    if (severity == "critical")
        return 3;
    if (severity == "warning" || severity == "warn")
        return 2;
    if (severity == "info")
        return 1;
    return severity == "good" ? 0 : -1;
}

void EvidenceWriter::add(std::string_view name, const store::Statement &row, int column)
{
    m_text += m_text.empty() ? '{' : ',';
    appendJsonQuoted(m_text, name);
    m_text += ':';
    switch (row.type(column)) {
    case store::ColumnType::Integer:
        m_text += std::to_string(row.integer(column));
        break;
    case store::ColumnType::Real:
        appendReal(m_text, row.real(column));
        break;
    case store::ColumnType::Text:
        appendJsonQuoted(m_text, utf8Prefix(row.text(column), kMaxEvidenceText));
        break;
    case store::ColumnType::Null:
    case store::ColumnType::Blob:
        m_text += "null";
        break;
    }
}

} // namespace tailscope::advisor
