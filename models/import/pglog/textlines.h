// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/common/linereader.h"
#include "import/pglog/logclock.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tailscope::import::pglog {

/// A line of a log as the server wrote it, freed from what a logging service put around it. Views live until
/// the next line is asked for.
struct TextLine
{
    std::string_view text;
    std::uint64_t offset = 0, length = 0; ///< of the whole line
    bool tooLong = false;
    std::int64_t key = -1; ///< process id of a syslog head; -1 = none
    bool goesOn = false; ///< a later piece of a message that syslog cut
    /// Of the head: UTC when it has a zone, else a local time; for logs whose prefix has none.
    Nanos headNs = kUnknownNanos;
    bool headIsUtc = false;
    std::int32_t offsetSeconds = 0;
    std::string_view host;
};

/// Where TextLog takes its lines from.
class TextLines
{
public:
    virtual ~TextLines() = default;
    /// False at the end: see result().
    virtual bool next(TextLine &line) = 0;
    virtual Result<void> result() const = 0;
    /// The lines are pieces of syslog messages.
    virtual bool isSyslog() const { return false; }
};

/// Lines of a file that the server wrote itself.
class PlainLines final : public TextLines
{
public:
    explicit PlainLines(ByteSource &source)
        : m_lines(source)
    {}
    bool next(TextLine &line) override;
    Result<void> result() const override { return m_lines.result(); }

private:
    LineReader m_lines;
};

/// What a syslog line begins with.
struct SyslogHead
{
    std::optional<WallTime> time; ///< with a year
    Nanos sinceYear = kUnknownNanos; ///< "Nov 22 04:10:00": from the start of a leap year
    std::string_view host, program;
    std::int64_t pid = -1;
    std::int64_t piece = 0; ///< m of "[n-m]"; 0 = not numbered
    std::size_t length = 0; ///< of the whole head
};
/// Heads of RFC 3164, of RFC 5424 and of rsyslog's and journald's traditional form with an ISO time.
std::optional<SyslogHead> scanSyslogHead(std::string_view line);
bool isPostgresProgram(std::string_view program);

/// Lines of PostgreSQL in a syslog file; those of other programs are counted. Heads without a year get the
/// years since 2000, a leap year: their clock is relative.
class SyslogLines final : public TextLines
{
public:
    SyslogLines(ByteSource &source, ImportReport &report)
        : m_lines(source)
        , m_report(report)
    {}
    bool next(TextLine &line) override;
    Result<void> result() const override { return m_lines.result(); }
    bool isSyslog() const override { return true; }
    bool lacksYear() const { return m_lacksYear; }

private:
    void setTime(const SyslogHead &head, TextLine &line);

    LineReader m_lines;
    ImportReport &m_report;
    std::string m_text; ///< a line without syslog's escapes
    Nanos m_year = 0, m_last = 0;
    bool m_lacksYear = false;
};

} // namespace tailscope::import::pglog
