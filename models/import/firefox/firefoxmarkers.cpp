// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"
#include "import/firefox/firefoxrows.h"

#include <algorithm>
#include <unordered_map>

namespace tailscope::import::firefox {

namespace {

enum Phase : std::int64_t { Instant = 0, Interval = 1, Start = 2, End = 3 };

struct Marker
{
    std::int64_t name = -1, payload = -1, category = -1;
    Nanos start = kUnknownNanos, end = kUnknownNanos; ///< of the table, not yet of the day
    bool unfinished = false;
};

std::string_view textOf(const std::vector<Attribute> &attributes, std::string_view key)
{
    for (const Attribute &attribute : attributes) {
        if (attribute.key == key)
            return attribute.text;
    }
    return {};
}

Nanos millisOf(const std::vector<Attribute> &attributes, std::string_view key)
{
    return parseScaledDecimal(textOf(attributes, key), kNanosPerMilli).value_or(kUnknownNanos);
}

/// Reads the table and pairs starts with ends.
class MarkerTable
{
public:
    MarkerTable(const Thread &thread, ImportReport &report)
        : m_thread(thread)
        , m_report(report)
    {}
    void read();
    std::vector<Marker> spans, instants;

private:
    void take(Marker marker, std::int64_t phase);
    std::int64_t oldPhase(Marker &marker);

    const Thread &m_thread;
    ImportReport &m_report;
    std::unordered_map<std::int64_t, std::vector<std::size_t>> m_open; ///< by name: places in spans
    std::vector<Attribute> m_fields;
};

/// Before there was a column for the phase, the payload told it.
std::int64_t MarkerTable::oldPhase(Marker &marker)
{
    m_thread.payloads.attributes(marker.payload, m_fields);
    const std::string_view interval = textOf(m_fields, "interval");
    if (interval == "start" || interval == "end")
        return interval == "start" ? Start : End;
    const Nanos from = millisOf(m_fields, "startTime"), to = millisOf(m_fields, "endTime");
    if (from == kUnknownNanos || to == kUnknownNanos)
        return Instant;
    marker.start = from;
    marker.end = to;
    return Interval;
}

void MarkerTable::read()
{
    const Table &table = m_thread.markers;
    const std::vector<Cell> *names = table.column("name"), *payloads = table.column("data"),
                            *categories = table.column("category"), *times = table.column("time"),
                            *starts = table.column("startTime"), *ends = table.column("endTime"),
                            *phases = table.column("phase");
    const auto number = [](const std::vector<Cell> *column, std::size_t row) {
        const auto index = indexAt(column, row);
        return index ? static_cast<std::int64_t>(*index) : -1;
    };
    for (std::size_t i = 0; i < table.rows(); ++i) {
        Marker marker;
        marker.name = number(names, i);
        marker.payload = number(payloads, i);
        marker.category = number(categories, i);
        marker.start = times != nullptr ? cellAt(times, i) : cellAt(starts, i);
        marker.end = cellAt(ends, i);
        m_report.rowRead();
        std::int64_t phase = number(phases, i);
        if (phases == nullptr)
            phase = starts != nullptr ? (marker.end == kUnknownNanos ? Instant : Interval) : oldPhase(marker);
        take(marker, phase);
    }
}

void MarkerTable::take(Marker marker, std::int64_t phase)
{
    std::vector<std::size_t> &open = m_open[marker.name];
    if (phase == Interval) {
        spans.push_back(marker);
    } else if (phase == Start) {
        marker.end = kUnknownNanos;
        marker.unfinished = true;
        open.push_back(spans.size());
        spans.push_back(marker);
    } else if (phase == End && !open.empty()) {
        Marker &begun = spans[open.back()];
        begun.end = marker.end != kUnknownNanos ? marker.end : marker.start;
        begun.unfinished = false;
        if (begun.payload < 0)
            begun.payload = marker.payload;
        open.pop_back();
    } else {
        if (phase == End) {
            if (marker.end != kUnknownNanos)
                marker.start = marker.end;
            m_report.note(IssueSeverity::Notice, "unmatched-end", m_thread.offset,
                "the end of a marker whose start is not in the file became an instant");
        }
        instants.push_back(marker);
    }
}

class MarkerRows
{
public:
    MarkerRows(const Thread &thread, const Strings &strings, const Meta &meta, RowSink &sink)
        : m_thread(thread)
        , m_strings(strings)
        , m_meta(meta)
        , m_sink(sink)
    {
        m_process = thread.process.empty() ? "process" : thread.process;
        if (!thread.pid.empty())
            m_process += " (pid " + thread.pid + ')';
        m_track.process = m_process;
        m_threadName = thread.name.empty() ? "thread" : thread.name;
        if (!thread.tid.empty())
            m_threadName += " (tid " + thread.tid + ')';
        m_track.thread = m_threadName;
    }
    void spans(std::vector<Marker> &markers);
    void instants(const std::vector<Marker> &markers);

private:
    const std::vector<Attribute> &attributesOf(const Marker &marker);
    std::string_view nameOf(const Marker &marker) const
    {
        const std::string_view name = m_strings.at(marker.name);
        return name.empty() ? "(unnamed)" : name;
    }

    const Thread &m_thread;
    const Strings &m_strings;
    const Meta &m_meta;
    RowSink &m_sink;
    std::string m_process, m_threadName;
    TrackRow m_track;
    std::vector<Attribute> m_attributes;
};

const std::vector<Attribute> &MarkerRows::attributesOf(const Marker &marker)
{
    m_thread.payloads.attributes(marker.payload, m_attributes);
    return m_attributes;
}

/// Markers of one thread may overlap: what does not nest goes to a lane where nothing needs to.
void MarkerRows::spans(std::vector<Marker> &markers)
{
    if (markers.empty())
        return;
    std::stable_sort(markers.begin(), markers.end(), [](const Marker &a, const Marker &b) {
        return a.start != b.start ? a.start < b.start : a.end > b.end;
    });
    const TrackRef nested = m_sink.track(m_track);
    TrackRef overlapping = TrackRef::None;
    std::vector<Nanos> open;
    for (const Marker &marker : markers) {
        SpanRow row;
        row.operation = nameOf(marker);
        if (marker.category >= 0 && static_cast<std::size_t>(marker.category) < m_meta.categories.size())
            row.category = m_meta.categories[static_cast<std::size_t>(marker.category)];
        row.startNs = timeOf(m_meta, marker.start);
        row.track = nested;
        while (!open.empty() && open.back() <= marker.start)
            open.pop_back();
        if (marker.end == kUnknownNanos) {
            row.quality |= marker.unfinished ? SpanUnfinished : SpanNoEnd;
        } else if (marker.end < marker.start) {
            row.quality |= SpanNegativeDuration;
        } else {
            row.durationNs = saturatingSub(marker.end, marker.start);
            if (open.empty() || marker.end <= open.back())
                open.push_back(marker.end);
            else
                row.quality |= SpanSpilled;
        }
        if (row.durationNs == kUnknownNanos || (row.quality & SpanSpilled) != 0) {
            if (overlapping == TrackRef::None) {
                TrackRow lane = m_track;
                lane.shape = TrackRow::Shape::Async;
                overlapping = m_sink.track(lane);
            }
            row.track = overlapping;
        }
        row.attributes = attributesOf(marker);
        m_sink.span(row);
    }
}

void MarkerRows::instants(const std::vector<Marker> &markers)
{
    for (const Marker &marker : markers) {
        SpanEventRow row;
        row.track = m_sink.track(m_track);
        row.tsNs = timeOf(m_meta, marker.start);
        row.name = nameOf(marker);
        row.attributes = attributesOf(marker);
        m_sink.spanEvent(row);
    }
}

} // namespace

void emitMarkers(const Thread &thread, const Strings &strings, const Meta &meta, RowSink &sink,
    ImportReport &report)
{
    MarkerTable table(thread, report);
    table.read();
    const auto untimed = [&](std::vector<Marker> &markers) {
        const std::size_t removed
            = std::erase_if(markers, [](const Marker &marker) { return marker.start == kUnknownNanos; });
        if (removed > 0)
            report.note(IssueSeverity::DataLoss, "marker-without-time", thread.offset,
                "markers without a time were left out", static_cast<std::int64_t>(removed));
    };
    untimed(table.spans);
    untimed(table.instants);
    MarkerRows rows(thread, strings, meta, sink);
    rows.spans(table.spans);
    rows.instants(table.instants);
}

} // namespace tailscope::import::firefox
