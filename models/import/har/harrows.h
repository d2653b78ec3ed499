// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/har/harentry.h"
#include "import/importreport.h"
#include "store/rowsink.h"

#include <map>

namespace tailscope::import::har {

/// One entry of "pages".
struct Page
{
    std::string id, title;
    Nanos start = kUnknownNanos, contentLoad = kUnknownNanos, load = kUnknownNanos; ///< loads: from start
    std::uint64_t offset = 0;
};

/// Scheme, host and port, path and query of an address; of one without a host ("data:...") the scheme alone.
struct Url
{
    std::string_view scheme, host, path, query;
    std::int64_t port = 0; ///< 0: the scheme's own
};
Url splitUrl(std::string_view url);

/// Entries into spans: each below its page, with its phases below it.
class HarRows
{
public:
    static constexpr std::size_t kMaxPages = 10'000;

    HarRows(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
    {}
    void entry(const Entry &entry, Nanos start, std::uint64_t offset);
    /// Pages become spans when all entries are known: the file says when a page began, not when it ended.
    void pages(std::vector<Page> &pages);

private:
    struct Known
    {
        TraceRef trace = TraceRef::None;
        std::string key;
        Nanos start = 0, end = kUnknownNanos;
        std::int64_t requests = 0;
    };
    Known &pageOf(const Entry &entry, Nanos start);
    void phases(const Entry &entry, const SpanRow &parent, std::string_view parentKey);
    void setAttributes(const Entry &entry, const Url &url, const std::string &route);
    void add(std::string_view key, std::string_view text);
    void add(std::string_view key, const std::optional<std::int64_t> &number);
    void addReal(std::string_view key, double number);
    void link(SpanRef span, std::string_view traceParent);

    RowSink &m_sink;
    ImportReport &m_report;
    std::map<std::string, Known, std::less<>> m_pages;
    Known m_alone; ///< of an entry without a page
    std::vector<Attribute> m_attributes;
    std::vector<std::string> m_keys;
    std::int64_t m_entries = 0;
};

} // namespace tailscope::import::har
