// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/chrometrace/chromecounters.h"
#include "import/chrometrace/chromeevent.h"
#include "import/chrometrace/chromelanes.h"
#include "import/chrometrace/chromestacks.h"
#include "import/chrometrace/chrometracks.h"
#include "import/chrometrace/v8profiles.h"

#include <cstdint>
#include <string>

namespace tailscope::import::chrome {

/// From events to rows: decides by phase what an event is. Complete events go to the sink at once, the others
/// through the tables of their kind. See the folder's README for what becomes of which phase.
class ChromeRows
{
public:
    ChromeRows(RowSink &sink, ImportReport &report);

    /// A framed event. False when it could not be read and strict is set: nothing was reported then.
    bool event(const JsonFramer::Record &record, bool strict = false);
    void stackFrame(std::string_view key, const JsonFramer::Record &record);
    void sample(const JsonFramer::Record &record);
    /// After the last event.
    void finish();

    std::int64_t events() const { return m_events; }

private:
    void dispatch();
    void complete(ChromeTracks::Place place);
    void instant(ChromeTracks::Place place);
    void counter(ChromeTracks::Place place);
    void object(ChromeTracks::Place place);
    void flow(ChromeTracks::Place place);
    void async(ChromeTracks::Place place);
    void profile(ChromeTracks::Place place);
    void metadata();
    void bindFlow(SpanRef span, TrackRef track);
    void skip(std::string_view kind, std::string_view reason);
    void noteTwoIds();
    void note(IssueSeverity severity, std::string_view kind, std::string_view example);
    bool checkTimes();
    void seen(Nanos from, Nanos to);

    RowSink &m_sink;
    ImportReport &m_report;
    ChromeEventParser m_parser;
    ChromeEvent m_event;
    JsonAttributes m_attributes;
    ChromeTracks m_tracks;
    ChromeLanes m_lanes;
    ChromeCounters m_counters;
    ChromeStacks m_stacks;
    V8Profiles m_profiles;
    std::string m_key;
    Nanos m_end = kUnknownNanos; ///< latest time of the file
    bool m_sourceSet = false;
    std::int64_t m_events = 0;
};

} // namespace tailscope::import::chrome
