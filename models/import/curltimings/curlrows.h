// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "import/importreport.h"
#include "store/rowsink.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::curl {

/// Variables of curl's -w by their names, values as written.
using Fields = std::map<std::string, std::string, std::less<>>;

/// "  time_total:  0.052s" or "http_code=200": a variable of curl's and its value.
struct Field
{
    std::string_view key, value;
};
std::optional<Field> fieldOf(std::string_view line);
/// A variable that is kept.
bool isKnown(std::string_view key);
bool isTime(std::string_view key);
/// Seconds, also with an "s" behind them; unknown for what is no number or negative.
Nanos secondsOf(std::string_view text);

/// One span a request, with its phases: curl's times count from its start, so a phase lasts from the time
/// before it that applies to its own. Requests have no time of day: they lie one after the other.
class CurlRows
{
public:
    CurlRows(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
    {}
    /// False when the fields have no time_total.
    bool request(const Fields &fields, std::uint64_t offset);

private:
    void phases(const Fields &fields, const SpanRow &parent, std::uint64_t offset);
    void setAttributes(const Fields &fields);
    void add(std::string_view key, std::string_view text);

    RowSink &m_sink;
    ImportReport &m_report;
    Nanos m_now = 0;
    std::int64_t m_requests = 0;
    std::vector<Attribute> m_attributes;
    std::string m_operation, m_key;
};

} // namespace tailscope::import::curl
