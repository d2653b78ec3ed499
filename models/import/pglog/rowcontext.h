// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importreport.h"
#include "import/pglog/logrecord.h"
#include "store/rowsink.h"

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::pglog {

/// Attributes of one row; keeps its texts.
class RowAttributes
{
public:
    void clear()
    {
        m_items.clear();
        m_texts.clear();
    }
    void text(std::string_view key, std::string value);
    void integer(std::string_view key, std::int64_t value);
    void real(std::string_view key, double value);
    AttributeList list() const { return m_items; }

private:
    std::vector<Attribute> m_items;
    std::deque<std::string> m_texts;
};

/// What those who turn records into rows share.
class RowContext
{
public:
    RowContext(RowSink &rowSink, ImportReport &importReport)
        : sink(rowSink)
        , report(importReport)
    {}

    RowSink &sink;
    ImportReport &report;
    RecordRef server = RecordRef::None;
    RowAttributes attributes; ///< of the row being made
    std::string version; ///< of the server, once the log has said it

    /// A point of a series without labels, or with those of a JSON object. Times unknown: nothing.
    void point(std::string_view metric, std::string_view unit, Nanos tsNs, double value,
        std::string_view labelsJson = {});
    void event(const LogRecord &record, std::string_view kind, std::string_view title,
        std::string_view detail, Nanos startNs = kUnknownNanos);

private:
    static constexpr std::size_t kMaxSeries = 4000;
    std::map<std::string, SeriesRef, std::less<>> m_series; ///< metric and labels
};

/// The number behind the label, or before it, in a text of a log: "elapsed: 1.25 s", "12 hits".
std::optional<double> numberAfter(std::string_view text, std::string_view label);
std::optional<double> numberBefore(std::string_view text, std::string_view label);

} // namespace tailscope::import::pglog
