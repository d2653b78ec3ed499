// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/eventmarkers/eventmarkers.h"

#include "base/text.h"
#include "import/common/linereader.h"
#include "import/common/timetext.h"
#include "import/eventmarkers/markerline.h"

#include <algorithm>
#include <array>

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "event-markers",
    "Event markers (JSON lines)",
    "*.jsonl *.ndjson",
    SourceKind::Metrics,
    "Written by deploy scripts, alert hooks or by hand: {\"ts\", \"kind\", \"service\", \"note\"} on each "
    "line.",
};

constexpr std::size_t kMaxLine = 1024 * 1024;
constexpr std::string_view kOtherKind = "note";
constexpr std::array<std::string_view, 21> kKinds{
    "deploy",
    "config",
    "flag",
    "scale",
    "failover",
    "alert",
    "human",
    "chaos",
    "cron",
    "secret_rotation",
    "experiment",
    "checkpoint",
    "autovacuum",
    "note",
    // What a recording notes.
    "gap",
    "restart",
    "reconnect",
    "vacuum",
    "deadlock",
    "ddl",
    "statistics_reset",
};

/// What is left of a line of a JSON array that has one object a line: no comma at the end, no brackets
/// around.
std::string_view withoutArrayFrame(std::string_view text)
{
    text = trimmed(text);
    if (text.starts_with('['))
        text = trimmed(text.substr(1));
    if (text.ends_with(','))
        text = trimmed(text.substr(0, text.size() - 1));
    if (text.ends_with(']'))
        text = trimmed(text.substr(0, text.size() - 1));
    return text;
}

/// The detail of a marker, with its note where the title is not the note: text above text, or beside JSON as
/// the fields they are.
std::string detailOf(const MarkerLine &marker)
{
    if (marker.title.empty() || marker.note.empty())
        return marker.detail;
    if (marker.detail.empty())
        return marker.note;
    if (!marker.detailIsJson)
        return marker.note + '\n' + marker.detail;
    return R"({"note":)" + jsonQuoted(marker.note) + R"(,"detail":)" + marker.detail + '}';
}

class EventMarkersReader final : public Reader
{
public:
    explicit EventMarkersReader(const ReadOptions &options)
        : m_time(options)
    {}

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        TS_TRY(m_time.check(source.name()));
        setSource(sink, m_time.askedTimezone());
        LineReader lines(source, kMaxLine);
        Line line;
        while (lines.next(line))
            takeLine(line, sink, report);
        setSource(sink, m_time.timezone());
        return lines.result();
    }

private:
    void setSource(RowSink &sink, const std::string &timezone) const
    {
        SourceInfo info;
        info.kind = SourceKind::Metrics;
        info.clock = m_time.clock();
        info.timezone = timezone;
        sink.setSource(info);
    }

    void takeLine(const Line &line, RowSink &sink, ImportReport &report)
    {
        const auto skip = [&](std::string_view kind, std::string_view reason) {
            report.skip(kind, line.offset, line.length, reason, line.text);
        };
        if (line.tooLong)
            return skip("line-too-long", "the line is longer than 1 MiB");
        const std::string_view text = withoutArrayFrame(line.text);
        if (text.empty())
            return;
        std::string reason;
        std::size_t at = 0;
        if (!parseMarkerLine(text, m_marker, reason, at))
            return skip("bad-json", reason);
        if (!m_marker.hasTs || !m_marker.hasKind)
            return skip("missing-field", "a marker needs ts and kind");
        const std::optional<TimeText::Time> time = m_time.parse(m_marker.ts, line.offset, report);
        if (!time)
            return skip("bad-time", "ts is neither a date nor a number since 1970");
        emit(*time, line, sink, report);
        report.rowRead();
    }

    void emit(const TimeText::Time &time, const Line &line, RowSink &sink, ImportReport &report)
    {
        EventRow row;
        row.tsNs = time.ns;
        row.offsetSeconds = time.offsetSeconds;
        if (!m_marker.end.empty()) {
            const std::optional<TimeText::Time> end = m_time.parse(m_marker.end, line.offset, report);
            if (end && end->ns >= time.ns)
                row.endNs = end->ns;
            else
                report.note(IssueSeverity::Notice, "bad-end", line.offset,
                    "end is no time or lies before ts: the marker was kept as a moment");
        }
        const std::string kind = toLowerAscii(m_marker.kind);
        row.kind = kind;
        if (std::find(kKinds.begin(), kKinds.end(), kind) == kKinds.end()) {
            report.note(IssueSeverity::Notice, "unknown-kind", line.offset,
                "kind \"" + std::string(utf8Prefix(m_marker.kind, 100)) + "\" became \"note\"");
            row.kind = kOtherKind;
        }
        // The note is the title, unless there is one: then it belongs to the detail.
        const std::string &title = m_marker.title.empty() ? m_marker.note : m_marker.title;
        m_service = sanitizedUtf8(m_marker.service);
        m_title = sanitizedUtf8(title);
        m_detail = sanitizedUtf8(detailOf(m_marker));
        row.service = m_service;
        row.title = m_title;
        row.detail = m_detail;
        sink.event(row);
    }

    TimeText m_time;
    MarkerLine m_marker;
    std::string m_service, m_title, m_detail;
};

class EventMarkersImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        MarkerLine marker;
        std::string reason;
        std::size_t offset = 0;
        while (!prefix.empty()) {
            const std::size_t end = prefix.find('\n');
            const std::string_view line = withoutArrayFrame(prefix.substr(0, end));
            prefix.remove_prefix(end == std::string_view::npos ? prefix.size() : end + 1);
            if (line.empty())
                continue;
            const bool whole = parseMarkerLine(line, marker, reason, offset);
            if (!marker.hasTs || !marker.hasKind || marker.hasPhase)
                return Confidence::No;
            return whole ? Confidence::Strong : Confidence::Weak;
        }
        return Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<EventMarkersReader>(options);
    }
};

} // namespace

const Importer &eventMarkersImporter()
{
    static const EventMarkersImporter importer;
    return importer;
}

} // namespace tailscope::import
