// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/accesslog/requestlogreader.h"

#include "base/text.h"
#include "import/accesslog/accessline.h"
#include "import/accesslog/accessreader.h"
#include "import/common/jsonwalk.h"
#include "import/otlpjson/otlpvalues.h"

namespace tailscope::import::accesslog {

Result<void> RequestLogReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    using Step = JsonWalk::Step;
    TS_TRY(m_time.check(source.name()));
    setAccessLog(sink, ClockKind::Utc, m_time.askedTimezone());
    RequestRows rows(sink);
    JsonWalk walk(source, report);
    bool more = true;
    while (more) {
        const int c = walk.framer().peekPast(',');
        if (c == -1)
            break;
        walk.beginDocument();
        Step step = Step::Broken;
        if (c == '{') {
            JsonFramer::Record record;
            step = walk.record(record, "request");
            if (step == Step::Done)
                takeRecord(record, rows, report);
        }
        more = walk.endDocument(step, report.rowsRead());
    }
    setAccessLog(sink, m_time.clock(), m_time.timezone());
    if (walk.framer().error())
        return fail(*walk.framer().error());
    if (report.rowsRead() == 0 && report.rowsSkipped() == 0)
        return fail(ErrorCode::BadInput, source.name(), "it has no request",
            "a request log has one JSON object a line, with a time, a method and a path");
    return {};
}

void RequestLogReader::takeRecord(const JsonFramer::Record &record, RequestRows &rows, ImportReport &report)
{
    const auto reject = [&](std::string_view kind, std::string_view reason) {
        report.skip(kind, record.offset, record.bytes.size(), reason, record.bytes);
    };
    const auto error = m_parser.parse(record.bytes, record.hasEscape, [this](ondemand::object &object) {
        m_attributes.clear();
        m_values = {};
        m_keys.clear();
        m_durationUnit = 0;
        m_timeIsEnd = m_durationIsNginx = false;
        return readObject(object, {});
    });
    if (error != simdjson::SUCCESS)
        return reject("malformed-request", simdjson::error_message(error));
    if (text(Field::Time).empty())
        return reject("no-time", "the request has no time");
    if (text(Field::Method).empty() && text(Field::Target).empty() && text(Field::Route).empty()
        && text(Field::RequestLine).empty())
        return reject("no-request", "the object names neither a method nor a path");
    const std::optional<TimeText::Time> time
        = m_time.parse(rfcTime(text(Field::Time)), record.offset, report);
    if (!time)
        return reject("bad-time", "the time is neither a date nor a number since 1970");
    Request request;
    request.time = time->ns;
    request.method = text(Field::Method);
    request.target = text(Field::Target);
    request.route = text(Field::Route);
    splitRequestLine(request);
    setDuration(request, record.offset, report);
    // nginx has no other clock than that of the end of a request.
    if (m_timeIsEnd && m_durationIsNginx && request.duration != kUnknownNanos) {
        request.time = saturatingSub(request.time, request.duration);
        report.note(IssueSeverity::Info, "time-is-end", record.offset,
            "nginx writes a request when it is done: its start is that time less its duration");
    }
    request.status = text(Field::Status);
    request.bytes = text(Field::Bytes);
    request.client = text(Field::Client);
    request.user = text(Field::User);
    request.referer = text(Field::Referer);
    request.agent = text(Field::Agent);
    request.service = text(Field::Service);
    request.instance = text(Field::Instance);
    request.traceId = text(Field::TraceId);
    request.spanId = text(Field::SpanId);
    request.parentId = text(Field::ParentId);
    const std::string_view failure = text(Field::Error);
    request.error = !failure.empty() && failure != "false" && failure != "0" && failure != "-";
    if (!failure.empty())
        m_attributes.addText("error", failure);
    if (!request.status.empty() && !parseInt64(request.status))
        m_attributes.addText("status", request.status);
    request.attributes = m_attributes.list();
    rows.request(request);
    report.rowRead();
    if (m_parser.repaired())
        report.note(IssueSeverity::Notice, "repaired-text", record.offset,
            "text that is not valid JSON or UTF-8 was mended");
    if (const std::int64_t n = m_attributes.takeTruncated())
        report.note(IssueSeverity::Notice, "attribute-truncated", record.offset,
            "an attribute longer than 64 KB or nested deeper than 64 levels was cut", n);
}

simdjson::error_code RequestLogReader::readObject(ondemand::object &object, std::string_view prefix)
{
    return otlp::eachField(object,
        [&](std::string_view key, ondemand::value &value) { return readMember(key, prefix, value); });
}

simdjson::error_code RequestLogReader::readMember(std::string_view key, std::string_view prefix,
    ondemand::value &value)
{
    const FieldName name = fieldOf(key);
    const char start = valueStart(value);
    // {"request":{"method":...}}: one such level.
    if (name.field == Field::RequestLine && start == '{' && prefix.empty()) {
        ondemand::object inner;
        const auto error = value.get_object().get(inner);
        return error != simdjson::SUCCESS ? error : readObject(inner, key);
    }
    const bool known = name.field != Field::Other && text(name.field).empty() && start != '{' && start != '['
        && (name.field != Field::RequestLine || start == '"');
    if (!known)
        return addOther(key, prefix, value);
    JsonScalar scalar;
    const auto error = readScalar(value, scalar);
    if (error != simdjson::SUCCESS)
        return error;
    const bool isNull = !scalar.isString && scalar.text == "null";
    if (isNull || (scalar.isString && scalar.text == "-"))
        return error;
    m_values[static_cast<std::size_t>(name.field)] = {scalar.text, scalar.isString};
    if (name.field == Field::Duration)
        m_durationUnit = name.unit;
    if (name.field == Field::Time)
        m_timeIsEnd = key == "time_local" || key == "time_iso8601" || key == "msec";
    if (name.field == Field::Duration)
        m_durationIsNginx = key == "request_time";
    return error;
}

simdjson::error_code RequestLogReader::addOther(std::string_view key, std::string_view prefix,
    ondemand::value &value)
{
    if (prefix.empty())
        return m_attributes.add(key, value);
    m_keys.push_back(std::string(prefix) + '.' + std::string(key));
    return m_attributes.add(m_keys.back(), value);
}

/// A duration whose unit neither its key nor its value names stays an attribute: a guess could be wrong by a
/// thousand.
void RequestLogReader::setDuration(Request &request, std::uint64_t offset, ImportReport &report)
{
    const std::string_view written = text(Field::Duration);
    if (written.empty())
        return;
    std::optional<Nanos> ns = durationWithUnit(written);
    if (!ns && m_durationUnit > 0)
        ns = parseScaledDecimal(written, m_durationUnit);
    if (!ns || *ns == kUnknownNanos) {
        m_attributes.addText("duration", written);
        report.note(IssueSeverity::Notice, "duration-without-unit", offset,
            "a duration has no unit, or is no number: it is unknown, and kept as the attribute \"duration\"");
        return;
    }
    request.negativeDuration = *ns < 0;
    if (*ns >= 0)
        request.duration = *ns;
}

/// "GET /path HTTP/1.1" says what no field of its own does.
void RequestLogReader::splitRequestLine(Request &request) const
{
    const std::string_view line = text(Field::RequestLine);
    if (line.empty())
        return;
    const std::size_t first = line.find(' ');
    const std::size_t protocol = line.rfind(" HTTP/");
    if (first == std::string_view::npos) {
        if (request.target.empty())
            request.target = line;
        return;
    }
    if (request.method.empty())
        request.method = line.substr(0, first);
    const bool hasProtocol = protocol != std::string_view::npos && protocol > first;
    if (hasProtocol)
        request.protocol = line.substr(protocol + 6);
    if (request.target.empty())
        request.target = line.substr(first + 1, hasProtocol ? protocol - first - 1 : std::string_view::npos);
}

} // namespace tailscope::import::accesslog
