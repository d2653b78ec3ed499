// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/gclog/gclog.h"

#include "base/text.h"
#include "import/common/linereader.h"
#include "import/gclog/gcline.h"

#include <algorithm>
#include <array>
#include <vector>

namespace tailscope::import {

namespace {

using gclog::GcLine;

constexpr FormatDescriptor kDescriptor{
    "gc-log",
    "Garbage collector log",
    "*.log *.txt",
    SourceKind::Log,
    "Written by a JVM with -Xlog:gc, by Go programs with GODEBUG=gctrace=1, by node --trace-gc.",
};

constexpr std::array kParsers{gclog::parseJvmLine, gclog::parseGoLine, gclog::parseNodeLine};

class GcLogReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        LineReader lines(source, 64 * 1024);
        Line line;
        bool isUtc = false, any = false;
        while (lines.next(line)) {
            if (line.tooLong) {
                report.skip("line-too-long", line.offset, line.length, "the line is longer than 64 KiB",
                    line.text);
                continue;
            }
            const std::string_view text = trimmed(line.text);
            if (text.empty())
                continue;
            GcLine found;
            for (const auto parse : kParsers) {
                found = parse(text);
                if (found.kind != GcLine::Kind::Nothing)
                    break;
            }
            if (found.kind == GcLine::Kind::Nothing) {
                report.note(IssueSeverity::Notice, "foreign-line", line.offset,
                    "lines that are of no collector's log were passed by");
                continue;
            }
            if (any && found.isUtc != isUtc && found.kind == GcLine::Kind::Pauses) {
                report.skip("other-clock", line.offset, line.length,
                    "the times before are of another clock (wall clock or time since start)", line.text);
                continue;
            }
            if (found.kind == GcLine::Kind::Pauses && !any) {
                any = true;
                isUtc = found.isUtc;
                setSource(sink, isUtc);
                if (!isUtc)
                    report.note(IssueSeverity::Notice, "relative-times", line.offset,
                        "the log has times since the start of the process only: align the source to others");
            }
            for (const gclog::Pause &pause : found.pauses)
                emitPause(found, pause, sink);
            report.rowRead();
        }
        if (!any)
            setSource(sink, false);
        return lines.result();
    }

private:
    static void setSource(RowSink &sink, bool isUtc)
    {
        SourceInfo info;
        info.kind = SourceKind::Log;
        info.clock = isUtc ? ClockKind::Utc : ClockKind::Relative;
        info.timezone = isUtc ? "UTC" : "";
        sink.setSource(info);
    }

    void emitPause(const GcLine &line, const gclog::Pause &pause, RowSink &sink)
    {
        m_instance = sanitizedUtf8(line.instance);
        m_cause = sanitizedUtf8(pause.cause);
        m_fields = {{"ts_ns", std::int64_t(pause.startNs)}, {"duration_ns", std::int64_t(pause.durationNs)},
            {"kind", pause.kind}};
        if (!m_instance.empty())
            m_fields.push_back({"instance", m_instance});
        if (!m_cause.empty())
            m_fields.push_back({"cause", m_cause});
        if (pause.heapBefore)
            m_fields.push_back({"heap_before", *pause.heapBefore});
        if (pause.heapAfter)
            m_fields.push_back({"heap_after", *pause.heapAfter});
        RecordRow row{};
        row.table = RecordTable::Pause;
        row.fields = m_fields;
        sink.record(row);
    }

    std::string m_instance, m_cause;
    std::vector<RecordField> m_fields;
};

class GcLogImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        int own = 0, all = 0;
        for (const std::string_view line : split(prefix, '\n')) {
            const std::string_view text = trimmed(line);
            if (text.empty())
                continue;
            ++all;
            own += std::any_of(kParsers.begin(), kParsers.end(),
                       [&](const auto parse) { return parse(text).kind != GcLine::Kind::Nothing; })
                ? 1
                : 0;
        }
        // Programs write their own lines between those of the collector.
        return own == 0      ? Confidence::No
            : own * 2 >= all ? Confidence::Strong
            : own >= 3       ? Confidence::Likely
                             : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<GcLogReader>();
    }
};

} // namespace

const Importer &gcLogImporter()
{
    static const GcLogImporter importer;
    return importer;
}

} // namespace tailscope::import
