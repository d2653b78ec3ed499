// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/accesslog/accessreader.h"

#include "base/text.h"
#include "import/accesslog/accessline.h"
#include "import/accesslog/requestrows.h"

namespace tailscope::import::accesslog {

namespace {

constexpr std::size_t kMaxLine = 1024 * 1024;

} // namespace

void setAccessLog(RowSink &sink, ClockKind clock, const std::string &timezone)
{
    SourceInfo info;
    info.kind = SourceKind::AccessLog;
    info.clock = clock;
    info.timezone = timezone;
    sink.setSource(info);
}

Result<void> AccessReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    TS_TRY(m_time.check(source.name()));
    setAccessLog(sink, ClockKind::Utc, m_time.askedTimezone());
    RequestRows rows(sink);
    LineReader lines(source, kMaxLine);
    Line line;
    while (lines.next(line))
        takeLine(line, rows, report);
    setAccessLog(sink, ClockKind::Utc, m_time.timezone());
    TS_TRY(lines.result());
    if (report.rowsRead() == 0 && report.rowsSkipped() == 0)
        return fail(ErrorCode::BadInput, source.name(), "it has no request",
            "a line of the common log format is: host ident user [time] \"request\" status bytes");
    return {};
}

void AccessReader::takeLine(const Line &line, RequestRows &rows, ImportReport &report)
{
    if (line.tooLong) {
        report.skip("line-too-long", line.offset, line.length, "the line is longer than 1 MiB", line.text);
        return;
    }
    std::string_view text = line.text;
    if (!isValidUtf8(text) || text.find('\0') != std::string_view::npos) {
        m_clean = sanitizedUtf8(text);
        text = m_clean;
        report.note(IssueSeverity::Notice, "bad-utf8", line.offset, "bytes that are not UTF-8 became U+FFFD");
    }
    // W3C and some servers write heads as comments.
    if (trimmed(text).empty() || text.front() == '#')
        return;
    const std::optional<AccessLine> fields = parseAccessLine(text);
    if (!fields) {
        report.skip("bad-line", line.offset, line.length,
            "the line is not host, ident, user, [time], \"request\", status, bytes", line.text);
        return;
    }
    const std::string written = rfcTime(fields->time);
    const std::optional<TimeText::Time> time = m_time.parse(written, line.offset, report);
    if (!time) {
        report.skip("bad-time", line.offset, line.length, "the time is not dd/Mon/yyyy:hh:mm:ss zone",
            line.text);
        return;
    }
    Request request;
    request.time = time->ns;
    request.method = fields->method;
    request.target = fields->target;
    request.protocol = fields->protocol;
    request.status = fields->status;
    request.bytes = fields->bytes;
    request.client = fields->client;
    request.user = fields->user;
    request.referer = fields->referer;
    request.agent = fields->agent;
    request.service = fields->vhost.substr(0, fields->vhost.rfind(':'));
    request.more = fields->more;
    if (const std::optional<MoreDuration> duration = durationIn(fields->more)) {
        const std::optional<std::int64_t> ns = parseScaledDecimal(duration->number, duration->scale);
        request.negativeDuration = ns && *ns < 0;
        if (ns && *ns >= 0)
            request.duration = *ns;
    }
    rows.request(request);
    report.rowRead();
}

} // namespace tailscope::import::accesslog
