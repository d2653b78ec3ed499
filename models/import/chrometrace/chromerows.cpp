// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/chrometrace/chromerows.h"

#include "import/chrometrace/chromeflows.h"

#include "base/text.h"

#include <algorithm>

namespace tailscope::import::chrome {

namespace {

/// 2000-01-01: a clock that counts from the start of a machine does not get there, one that counts from 1970
/// has.
constexpr Nanos kEpochOfUtc = 946'684'800 * kNanosPerSecond;

std::string_view objectPhase(char phase)
{
    switch (phase) {
    case 'N':
        return "object created";
    case 'O':
        return "object snapshot";
    case 'D':
        return "object destroyed";
    case '(':
        return "context entered";
    default:
        return "context left";
    }
}

} // namespace

ChromeRows::ChromeRows(RowSink &sink, ImportReport &report)
    : m_sink(sink)
    , m_report(report)
    , m_tracks(sink, report)
    , m_lanes(sink, report, m_tracks)
    , m_counters(sink, report, m_tracks)
    , m_stacks(sink, report, m_tracks)
    , m_profiles(sink, report, m_tracks)
{}

void ChromeRows::skip(std::string_view kind, std::string_view reason)
{
    m_report.skip(kind, m_event.offset, m_event.bytes.size(), reason, m_event.bytes);
}

void ChromeRows::note(IssueSeverity severity, std::string_view kind, std::string_view example)
{
    m_report.note(severity, kind, m_event.offset, example);
}

bool ChromeRows::event(const JsonFramer::Record &record, bool strict)
{
    const auto error = m_parser.parse(record, m_event, m_attributes);
    if (error != simdjson::SUCCESS) {
        if (strict)
            return false;
        ++m_events;
        m_report.skip("malformed-event", record.offset, record.bytes.size(), simdjson::error_message(error),
            record.bytes);
        return true;
    }
    // "{}" stands where a trailing comma would be.
    if (m_event.isEmpty)
        return true;
    ++m_events;
    if (m_parser.repaired())
        note(IssueSeverity::Notice, "repaired-text", "text that is not valid JSON or UTF-8 was mended");
    dispatch();
    if (const std::int64_t n = m_attributes.takeTruncated())
        m_report.note(IssueSeverity::Notice, "attribute-truncated", m_event.offset,
            "an argument longer than 64 KB or nested deeper than 64 levels was cut", n);
    return true;
}

/// False when the event was refused for its times.
bool ChromeRows::checkTimes()
{
    using State = EventTime::State;
    if (m_event.ts.state == State::Missing) {
        skip("no-time", "event without ts");
        return false;
    }
    if (m_event.ts.state == State::Bad) {
        skip("bad-time", "ts is not a number");
        return false;
    }
    const bool usesDuration = m_event.phase == 'X' || m_event.phase == 'T';
    if (usesDuration && m_event.duration.state == State::Bad) {
        skip("bad-duration", "dur is not a number");
        return false;
    }
    if (m_event.threadTs.state == State::Bad || m_event.threadDuration.state == State::Bad)
        note(IssueSeverity::Notice, "bad-thread-time", "tts or tdur is not a number and was left out");
    if (m_event.ts.state == State::Good) {
        const bool hasEnd = usesDuration && m_event.duration.state == State::Good;
        seen(m_event.ts.ns, hasEnd ? saturatingAdd(m_event.ts.ns, m_event.duration.ns) : m_event.ts.ns);
    }
    return true;
}

void ChromeRows::seen(Nanos from, Nanos to)
{
    if (!m_sourceSet) {
        m_sourceSet = true;
        SourceInfo info;
        info.kind = SourceKind::Trace;
        info.clock = from >= kEpochOfUtc ? ClockKind::Utc : ClockKind::Monotonic;
        m_sink.setSource(info);
    }
    m_end = std::max({m_end, from, to});
}

void ChromeRows::dispatch()
{
    if (m_event.phase == '\0')
        return skip("no-phase", "event without ph");
    if (m_event.phase == 'M')
        return metadata();
    if (!checkTimes())
        return;
    if (m_event.hasStack && m_event.phase != 'P')
        note(IssueSeverity::Info, "stack-not-resolved",
            "the stack of an event (sf, stack, esf, estack) is its attribute; it was not looked up in "
            "stackFrames");
    const ChromeTracks::Place place = m_tracks.place(m_event);
    switch (m_event.phase) {
    case 'X':
        return complete(place);
    case 'B':
    case 'E':
        if (m_event.phase == 'B' && m_event.id.scope != EventId::Scope::None)
            m_attributes.addScalar("id", m_event.id.value);
        return m_lanes.threadEvent(m_event, place, m_attributes.list());
    case 'i':
    case 'I':
    case 'R':
        return V8Profiles::isProfileEvent(m_event) ? profile(place) : instant(place);
    case 'C':
        return counter(place);
    case 'T':
        if (m_event.duration.isKnown() || m_event.category.find("thread_state") != std::string_view::npos)
            return m_stacks.threadState(m_event, place, m_attributes.list());
        return async(place);
    case 'b':
    case 'e':
    case 'n':
    case 'S':
    case 'p':
    case 'F':
        return async(place);
    case 's':
    case 't':
    case 'f':
        return flow(place);
    case 'N':
    case 'O':
    case 'D':
    case '(':
    case ')':
        return object(place);
    case 'P':
        return profile(place);
    case 'v':
    case 'V':
        m_report.rowRead();
        return note(IssueSeverity::Info, "memory-dump", "memory dumps are counted, not read");
    case 'c':
        m_report.rowRead();
        return note(IssueSeverity::Info, "clock-sync", m_event.bytes);
    default:
        return skip("unknown-phase", "ph is no phase of the format");
    }
}

void ChromeRows::complete(ChromeTracks::Place place)
{
    SpanRow row;
    row.track = m_tracks.threadTrack(place.thread);
    row.operation = m_event.name;
    row.category = m_event.category;
    row.startNs = m_event.ts.ns;
    if (!m_event.duration.isKnown())
        row.quality |= SpanNoEnd;
    else if (m_event.duration.ns < 0)
        row.quality |= SpanNegativeDuration;
    else
        row.durationNs = m_event.duration.ns;
    if (m_event.ts.state == EventTime::State::Clamped || m_event.duration.state == EventTime::State::Clamped)
        row.quality |= SpanTimeClamped;
    if (m_event.id.scope != EventId::Scope::None)
        m_attributes.addScalar("id", m_event.id.value);
    if (m_event.threadTs.isKnown())
        m_attributes.addInteger("thread_ts_ns", m_event.threadTs.ns);
    if (m_event.threadDuration.isKnown())
        m_attributes.addInteger("thread_duration_ns", m_event.threadDuration.ns);
    row.attributes = m_attributes.list();
    const SpanRef span = m_sink.span(row);
    m_report.rowRead();
    bindFlow(span, row.track);
}

/// Flows of version 2: the ends lie on the slices themselves.
void ChromeRows::bindFlow(SpanRef span, TrackRef track)
{
    if (m_event.bindId.text.empty() || !isFlowEnd(m_event.flowIn, m_event.flowOut))
        return;
    m_key.clear();
    appendBindKey(m_key, m_event.bindId);
    FlowRow row;
    row.phase = flowPhase(m_event.flowIn, m_event.flowOut);
    row.track = track;
    row.tsNs = m_event.ts.ns;
    row.flowKey = m_key;
    row.span = span;
    m_sink.flow(row);
}

/// Every member of args is a series; what else the event has is none.
void ChromeRows::counter(ChromeTracks::Place place)
{
    if (m_event.threadTs.isKnown())
        note(IssueSeverity::Info, "counter-thread-time", "the thread time (tts) of a counter was left out");
    m_counters.add(m_event, place,
        m_attributes.list().subspan(m_event.argsBegin, m_event.argsEnd - m_event.argsBegin));
}

void ChromeRows::noteTwoIds()
{
    if (m_event.bothIds)
        note(IssueSeverity::Notice, "two-ids", "an event has both id and id2; id2 was taken");
}

void ChromeRows::instant(ChromeTracks::Place place)
{
    const bool ofThread = m_event.instantScope != 'g' && m_event.instantScope != 'p';
    if (!ofThread)
        m_attributes.addText("scope", m_event.instantScope == 'g' ? "global" : "process");
    if (!m_event.category.empty())
        m_attributes.addText("cat", m_event.category);
    if (m_event.threadTs.isKnown())
        m_attributes.addInteger("thread_ts_ns", m_event.threadTs.ns);
    SpanEventRow row;
    row.track = ofThread ? m_tracks.threadTrack(place.thread) : m_tracks.processTrack(place.process);
    row.tsNs = m_event.ts.ns;
    row.name = m_event.name;
    row.attributes = m_attributes.list();
    m_sink.spanEvent(row);
    m_report.rowRead();
    bindFlow(SpanRef::None, row.track);
}

void ChromeRows::object(ChromeTracks::Place place)
{
    noteTwoIds();
    m_attributes.addText("phase", objectPhase(m_event.phase));
    if (m_event.id.scope != EventId::Scope::None)
        m_attributes.addScalar("id", m_event.id.value);
    if (!m_event.scope.empty())
        m_attributes.addText("scope", m_event.scope);
    if (!m_event.category.empty())
        m_attributes.addText("cat", m_event.category);
    const bool ofThread = m_event.phase == '(' || m_event.phase == ')';
    SpanEventRow row;
    row.track = ofThread ? m_tracks.threadTrack(place.thread) : m_tracks.processTrack(place.process);
    row.tsNs = m_event.ts.ns;
    row.name = m_event.name;
    row.attributes = m_attributes.list();
    m_sink.spanEvent(row);
    m_report.rowRead();
}

void ChromeRows::flow(ChromeTracks::Place place)
{
    if (m_event.id.scope == EventId::Scope::None)
        return skip("flow-without-id", "flow event without id");
    noteTwoIds();
    m_key.clear();
    appendFlowKey(m_key, m_event, place.process);
    FlowRow row;
    row.phase = m_event.phase == 's' ? FlowRow::Phase::Start
        : m_event.phase == 't'       ? FlowRow::Phase::Step
                                     : FlowRow::Phase::Finish;
    row.bindEnclosing = m_event.phase != 'f' || m_event.bindEnclosing;
    row.track = m_tracks.threadTrack(place.thread);
    row.tsNs = m_event.ts.ns;
    row.flowKey = m_key;
    m_sink.flow(row);
    m_report.rowRead();
}

void ChromeRows::async(ChromeTracks::Place place)
{
    if (m_event.id.scope == EventId::Scope::None)
        return skip("async-without-id", "asynchronous event without id");
    noteTwoIds();
    m_lanes.asyncEvent(m_event, place, m_attributes.list());
}

void ChromeRows::profile(ChromeTracks::Place place)
{
    if (!V8Profiles::isProfileEvent(m_event))
        return m_stacks.sampleEvent(m_event, place, m_attributes.raw());
    const std::string_view data = m_attributes.rawJson("data");
    if (data.empty() || data.front() != '{') {
        m_report.rowRead();
        return note(IssueSeverity::Info, "profile-without-data", "a CPU profile event has no data");
    }
    m_profiles.add(m_event, place, data);
}

void ChromeRows::metadata()
{
    m_report.rowRead();
    if (m_tracks.metadata(m_event, m_attributes.raw()))
        return;
    const auto severity
        = m_event.name == "trace_buffer_overflowed" ? IssueSeverity::Notice : IssueSeverity::Info;
    note(severity, "metadata:" + std::string(utf8Prefix(m_event.name, 60)), m_event.bytes);
}

void ChromeRows::stackFrame(std::string_view key, const JsonFramer::Record &record)
{
    m_stacks.frame(key, record);
}

void ChromeRows::sample(const JsonFramer::Record &record) { m_stacks.sample(record); }

void ChromeRows::finish()
{
    if (!m_sourceSet) {
        SourceInfo info;
        info.clock = ClockKind::Monotonic;
        m_sink.setSource(info);
    }
    m_lanes.finish(m_end);
    m_profiles.finish();
    m_stacks.finish();
    m_tracks.finish();
}

} // namespace tailscope::import::chrome
