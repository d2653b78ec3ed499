// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"
#include "import/pglog/logclock.h"
#include "import/pglog/logrecord.h"

#include <string>

namespace tailscope::import::pglog {

/// What the readers of the four forms share: source, clock, "no record here".
class LogReader : public Reader
{
public:
    explicit LogReader(const ReadOptions &options)
        : m_clock(options)
    {}
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

protected:
    /// Reads to the end; what it returns is the source's own error.
    virtual Result<void> records(ByteSource &source, RecordTaker &taker, ImportReport &report) = 0;
    virtual ClockKind clockKind() const { return ClockKind::Utc; }

    LogClock m_clock;
};

/// stderr, with any log_line_prefix.
class StderrReader final : public LogReader
{
public:
    using LogReader::LogReader;

protected:
    Result<void> records(ByteSource &source, RecordTaker &taker, ImportReport &report) override;
};

/// syslog, RFC 3164 and 5424.
class SyslogReader final : public LogReader
{
public:
    using LogReader::LogReader;

protected:
    Result<void> records(ByteSource &source, RecordTaker &taker, ImportReport &report) override;
    ClockKind clockKind() const override { return m_lacksYear ? ClockKind::Relative : ClockKind::Utc; }

private:
    bool m_lacksYear = false;
};

} // namespace tailscope::import::pglog
