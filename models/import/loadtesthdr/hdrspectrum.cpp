// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtesthdr/hdrspectrum.h"

#include "base/text.h"
#include "import/loadtest/loadnumbers.h"

#include <algorithm>
#include <cmath>

namespace tailscope::import::hdr {

using namespace loadtest;

namespace {

/// Words between blanks, tabs and commas; quotes are dropped.
std::vector<std::string_view> words(std::string_view line)
{
    std::vector<std::string_view> result;
    std::size_t at = 0;
    while (at < line.size() && result.size() < 8) {
        at = line.find_first_not_of(" \t,\"", at);
        if (at == std::string_view::npos)
            break;
        const std::size_t end = std::min(line.size(), line.find_first_of(" \t,\"", at));
        result.push_back(line.substr(at, end - at));
        at = end;
    }
    return result;
}

/// Locales with a decimal comma print "0,250" between blanks: then commas do not separate.
std::vector<std::string_view> columns(std::string_view line)
{
    if (line.find('.') == std::string_view::npos && line.find_first_of(" \t") != std::string_view::npos) {
        std::vector<std::string_view> result;
        for (std::string_view rest = trimmed(line); !rest.empty() && result.size() < 8;) {
            const std::size_t end = std::min(rest.size(), rest.find_first_of(" \t"));
            result.push_back(rest.substr(0, end));
            rest = trimmed(rest.substr(end));
        }
        return result;
    }
    return words(line);
}

/// The number behind "name" and "=" in "#[Mean = 1.5, StdDeviation = 2]".
std::optional<double> after(std::string_view line, std::string_view name)
{
    std::size_t at = line.find(name);
    if (at == std::string_view::npos)
        return std::nullopt;
    at = line.find('=', at);
    if (at == std::string_view::npos)
        return std::nullopt;
    std::string_view rest = trimmed(line.substr(at + 1));
    std::size_t end = rest.find_first_of(" ]");
    rest = rest.substr(0, end);
    while (!rest.empty() && rest.back() == ',')
        rest.remove_suffix(1);
    return number(rest);
}

} // namespace

bool HdrSpectrum::isHead(std::string_view line)
{
    const std::vector<std::string_view> names = words(line);
    return names.size() >= 3 && names[0].starts_with("Value") && names[1] == "Percentile"
        && names[2] == "TotalCount";
}

bool HdrSpectrum::takeRemark(std::string_view line)
{
    if (!line.starts_with("#["))
        return false;
    if (const auto mean = after(line, "Mean")) {
        m_mean = mean;
        m_stddev = after(line, "StdDeviation");
    }
    if (const auto total = after(line, "Total count")) {
        m_total = total;
        m_max = after(line, "Max");
    }
    return true;
}

HdrSpectrum::Taken HdrSpectrum::take(std::string_view line)
{
    line = trimmed(line);
    if (takeRemark(line))
        return Taken::Remark;
    if (isHead(line)) {
        const std::size_t open = line.find('('), close = line.find(')');
        if (line.find("Value(") != std::string_view::npos && close > open)
            m_unit = line.substr(open + 1, close - open - 1);
        return Taken::Head;
    }
    const std::vector<std::string_view> fields = columns(line);
    if (fields.size() < 3 || fields.size() > 4 || m_rows.size() >= kMaxLines)
        return Taken::No;
    const auto value = number(fields[0]), percentile = number(fields[1]), total = number(fields[2]);
    if (!value || !percentile || !total || *percentile < 0 || *percentile > 1 || *total < 0)
        return Taken::No;
    if (!m_rows.empty()
        && (*percentile < m_rows.back().percentile || *total < m_rows.back().total
            || *value < m_rows.back().value)) {
        ++m_wentBack;
        return Taken::Row;
    }
    m_rows.push_back({*value, *percentile, *total});
    return Taken::Row;
}

std::optional<double> HdrSpectrum::quantile(double q) const
{
    // The next line that is listed stands for q only where it is near: the lines of a sparse list do not.
    constexpr double kNear = 0.1;
    for (const Row &row : m_rows) {
        if (row.percentile >= q - 1e-12)
            return row.percentile - q <= kNear * (1 - q) + 1e-12 ? std::optional(row.value) : std::nullopt;
    }
    return std::nullopt;
}

std::optional<std::int64_t> HdrSpectrum::total() const
{
    const double total = m_total ? *m_total : m_rows.empty() ? -1 : m_rows.back().total;
    return total >= 0 && total < 9e15 ? std::optional(std::llround(total)) : std::nullopt;
}

std::optional<double> HdrSpectrum::max() const
{
    if (m_max)
        return m_max;
    if (m_rows.empty() || m_rows.back().percentile < 1)
        return std::nullopt;
    return m_rows.back().value;
}

void HdrSpectrum::fill(LoadPhase &phase, double scale) const
{
    for (const double q : {0.5, 0.9, 0.95, 0.99, 0.999, 0.9999}) {
        if (const std::optional<double> value = quantile(q))
            phase.setQuantile(q, *value * scale);
    }
    if (m_mean)
        phase.meanMs = *m_mean * scale;
    if (m_stddev)
        phase.setExtra("stddev_ms", *m_stddev * scale);
    if (const std::optional<double> largest = max())
        phase.maxMs = *largest * scale;
}

void HdrSpectrum::buckets(LoadSeries &series, SeriesRef ref, double scale) const
{
    double before = 0;
    for (const Row &row : m_rows) {
        if (row.total > before)
            series.bucket(ref, kUnknownNanos, row.value * scale, row.total - before);
        before = row.total;
    }
}

} // namespace tailscope::import::hdr
