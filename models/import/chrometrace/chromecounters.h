// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/chrometrace/chrometracks.h"
#include "import/importreport.h"
#include "store/rowsink.h"

#include <cstdint>
#include <string>
#include <unordered_map>

namespace tailscope::import::chrome {

/// Counter events (phase C): every argument with a number is a series of its own, "name[id] argument", on the
/// track of its process. Arguments that are no number are counted.
class ChromeCounters
{
public:
    static constexpr std::size_t kMaxSeries = 100'000;

    ChromeCounters(RowSink &sink, ImportReport &report, ChromeTracks &tracks)
        : m_sink(sink)
        , m_report(report)
        , m_tracks(tracks)
    {}
    void add(const ChromeEvent &event, ChromeTracks::Place place, AttributeList args);

private:
    SeriesRef seriesOf(const ChromeEvent &event, std::uint32_t process, std::string_view argument);

    RowSink &m_sink;
    ImportReport &m_report;
    ChromeTracks &m_tracks;
    std::unordered_map<std::string, SeriesRef> m_series;
    std::string m_key;
};

} // namespace tailscope::import::chrome
