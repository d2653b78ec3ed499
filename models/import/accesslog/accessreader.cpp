// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/accesslog/accessreader.h"

#include "base/text.h"
#include "import/accesslog/accessline.h"
#include "import/accesslog/logformats.h"
#include "import/accesslog/requestrows.h"
#include "import/accesslog/routerules.h"

#include <algorithm>

namespace tailscope::import::accesslog {

namespace {

constexpr std::size_t kMaxLine = 1024 * 1024;
constexpr std::size_t kLookAheadBytes = 512 * 1024;

bool isComment(std::string_view text)
{
    // W3C and some servers write heads as comments.
    return trimmed(text).empty() || text.front() == '#';
}

Attribute textAttribute(std::string_view key, std::string_view text)
{
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Text;
    attribute.text = text;
    return attribute;
}

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
    if (const std::string asked = rememberedFormat(source.name()); !asked.empty())
        TS_TRY(useFormat(asked, report));
    RequestRows rows(sink);
    LineReader lines(source, kMaxLine);
    std::vector<Stored> ahead = takeAhead(lines);
    if (!m_format)
        chooseFormat(ahead, report);
    for (Stored &stored : ahead) {
        stored.line.text = stored.text;
        takeLine(stored.line, rows, report);
    }
    ahead = {};
    Line line;
    while (lines.next(line))
        takeLine(line, rows, report);
    setAccessLog(sink, ClockKind::Utc, m_time.timezone());
    TS_TRY(lines.result());
    tellTimes(report);
    if (report.rowsRead() == 0 && report.rowsSkipped() == 0)
        return fail(ErrorCode::BadInput, source.name(), "it has no request",
            "a line of the common log format is: host ident user [time] \"request\" status bytes");
    return {};
}

std::vector<AccessReader::Stored> AccessReader::takeAhead(LineReader &lines)
{
    std::vector<Stored> ahead;
    std::size_t bytes = 0;
    Line line;
    while (ahead.size() < kLookAhead && bytes < kLookAheadBytes && lines.next(line)) {
        bytes += line.text.size();
        ahead.push_back({std::string(line.text), line});
    }
    return ahead;
}

Result<void> AccessReader::useFormat(std::string_view text, ImportReport &report)
{
    Result<LogFormat> format = LogFormat::compile(text);
    if (!format)
        return fail(format.error());
    m_format = std::move(*format);
    report.head(0, std::string(kFormatLine) + m_format->text() + '\n');
    return {};
}

/// A well-known format that nearly all of the first lines have.
void AccessReader::chooseFormat(const std::vector<Stored> &ahead, ImportReport &report)
{
    std::size_t best = 0;
    const LogFormat *chosen = nullptr;
    const auto requests = static_cast<std::size_t>(std::count_if(ahead.begin(), ahead.end(),
        [](const Stored &stored) { return !isComment(stored.text); }));
    for (const LogFormat &format : wellKnownFormats()) {
        const auto matches
            = static_cast<std::size_t>(std::count_if(ahead.begin(), ahead.end(), [&](const Stored &stored) {
                  return !isComment(stored.text) && format.match(stored.text, m_match);
              }));
        if (matches > best) {
            best = matches;
            chosen = &format;
        }
    }
    constexpr std::size_t kNearlyAll = 9; // of ten
    if (chosen == nullptr || best * 10 < requests * kNearlyAll)
        return;
    m_format = *chosen;
    report.note(IssueSeverity::Info, "log-format", 0, "read as: " + m_format->text());
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
    if (text.starts_with(kFormatLine)) {
        if (const auto used = useFormat(text.substr(kFormatLine.size()), report); !used)
            report.skip("bad-log-format", line.offset, line.length, used.error().detail, line.text);
        return;
    }
    if (isComment(text))
        return;
    if (m_format)
        takeMatched(text, line, rows, report);
    else
        takeCombined(text, line, rows, report);
}

/// The duration, and the start where the log has the end.
void AccessReader::setDuration(Request &request, std::string_view number, Nanos scale, bool timeIsEnd)
{
    const std::optional<std::int64_t> ns = parseScaledDecimal(number, scale);
    request.negativeDuration = ns && *ns < 0;
    if (!ns || *ns < 0)
        return;
    request.duration = *ns;
    (timeIsEnd ? m_sawEnd : m_sawStart) = true;
    if (timeIsEnd)
        request.time = saturatingSub(request.time, *ns);
}

void AccessReader::takeMatched(std::string_view text, const Line &line, RequestRows &rows,
    ImportReport &report)
{
    if (!m_format->match(text, m_match))
        return report.skip("bad-line", line.offset, line.length,
            "the line does not have the log format of its file", line.text);
    const std::string written = m_match.epoch.empty() ? rfcTime(m_match.time) : std::string(m_match.epoch);
    const std::optional<TimeText::Time> time = m_time.parse(written, line.offset, report);
    if (!time)
        return report.skip("bad-time", line.offset, line.length,
            "the time is neither dd/Mon/yyyy:hh:mm:ss zone, nor a date, nor a number since 1970", line.text);
    Request request;
    request.time = time->ns;
    const RequestText parts = splitRequestText(m_match.request);
    request.method = m_match.method.empty() ? parts.method : m_match.method;
    // The request as it was sent has its query; a rewritten path may not.
    std::string target(parts.target.empty() ? m_match.target : parts.target);
    if (parts.target.empty() && !m_match.query.empty() && target.find('?') == std::string::npos)
        target.append("?").append(m_match.query);
    request.target = target;
    request.protocol = m_match.protocol.empty() ? parts.protocol : m_match.protocol;
    request.status = m_match.status;
    request.bytes = m_match.bytes;
    request.client = m_match.client;
    request.user = m_match.user;
    request.referer = m_match.referer;
    request.agent = m_match.agent;
    request.service = m_match.host.substr(0, m_match.host.rfind(':'));
    request.traceId = m_match.traceId;
    m_attributes.clear();
    for (const auto &[key, value] : m_match.attributes)
        m_attributes.push_back(textAttribute(key, value));
    for (const auto &[key, value] : m_match.upstreamTimes)
        m_attributes.push_back(textAttribute(key, value));
    request.attributes = m_attributes;
    if (!m_match.duration.empty())
        setDuration(request, m_match.duration, m_match.durationScale,
            m_format->timeIs() == LogFormat::TimeIs::End);
    rows.request(request);
    report.rowRead();
}

void AccessReader::takeCombined(std::string_view text, const Line &line, RequestRows &rows,
    ImportReport &report)
{
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
    if (const std::optional<MoreDuration> duration = durationIn(fields->more))
        setDuration(request, duration->number, duration->scale, duration->atEnd);
    else if (!fields->more.empty() && parseInt64(fields->more.substr(0, fields->more.find(' '))))
        report.note(IssueSeverity::Info, "number-without-unit", line.offset,
            "a number behind the line may be a duration (Apache's %D or %T): --log-format tells its unit");
    rows.request(request);
    report.rowRead();
}

void AccessReader::tellTimes(ImportReport &report) const
{
    if (const std::string &problem = routeRules().problem; !problem.empty())
        report.note(IssueSeverity::Notice, "route-rules", 0, problem);
    if (m_sawEnd)
        report.note(IssueSeverity::Info, "time-is-end", 0,
            "nginx writes a line when the request is done: its start is that time less its duration");
    if (m_sawStart)
        report.note(IssueSeverity::Info, "time-is-start", 0,
            m_format ? "Apache's %t is the start of the request: it was taken as it is"
                     : "the time of a line was taken as the start of its request");
}

} // namespace tailscope::import::accesslog
