// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pglog/logreader.h"

#include "import/pglog/logrows.h"
#include "import/pglog/textlog.h"

namespace tailscope::import::pglog {

namespace {

/// Notes whether any record had a time, and whether times of syslog's heads were taken.
class TimeWatch final : public RecordTaker
{
public:
    explicit TimeWatch(RecordTaker &taker)
        : m_taker(taker)
    {}
    void take(LogRecord &record) override
    {
        // Heads without year lie in the first years of this century; no server of today does.
        constexpr Nanos kNow = 1136073600LL * kNanosPerSecond; // 2006
        sawReal = sawReal || (record.tsNs != kUnknownNanos && record.tsNs >= kNow);
        m_taker.take(record);
    }
    bool sawReal = false;

private:
    RecordTaker &m_taker;
};

void setLog(RowSink &sink, ClockKind clock, const std::string &timezone)
{
    SourceInfo info;
    info.kind = SourceKind::Log;
    info.clock = clock;
    info.timezone = timezone;
    sink.setSource(info);
}

} // namespace

Result<void> LogReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    TS_TRY(m_clock.check(source.name()));
    setLog(sink, ClockKind::Utc, m_clock.askedTimezone());
    LogRows rows(sink, report, source.name());
    const Result<void> read = records(source, rows, report);
    setLog(sink, clockKind(), m_clock.timezone());
    TS_TRY(read);
    if (report.rowsRead() == 0 && report.rowsSkipped() == 0)
        return fail(ErrorCode::BadInput, source.name(), "it has no record of a PostgreSQL server",
            "a record begins with the prefix of the server's log and a level such as LOG or ERROR");
    return {};
}

Result<void> StderrReader::records(ByteSource &source, RecordTaker &taker, ImportReport &report)
{
    PlainLines lines(source);
    TextLog(lines, m_clock, taker, report).run();
    return lines.result();
}

Result<void> SyslogReader::records(ByteSource &source, RecordTaker &taker, ImportReport &report)
{
    SyslogLines lines(source, report);
    TimeWatch watch(taker);
    TextLog(lines, m_clock, watch, report).run();
    m_lacksYear = lines.lacksYear() && !watch.sawReal;
    if (m_lacksYear)
        report.note(IssueSeverity::Notice, "no-year", 0,
            "neither syslog nor the server's prefix names the year: times count from 2000, only their "
            "distances "
            "mean something");
    return lines.result();
}

} // namespace tailscope::import::pglog
