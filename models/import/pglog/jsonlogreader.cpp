// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pglog/jsonlogreader.h"

#include "base/text.h"
#include "import/common/linereader.h"
#include "import/otlpjson/otlpvalues.h"
#include "import/pglog/lineprefix.h"

namespace tailscope::import::pglog {

Result<void> JsonLogReader::records(ByteSource &source, RecordTaker &taker, ImportReport &report)
{
    LineReader lines(source, LogRecord::kMaxBytes);
    Line line;
    while (lines.next(line)) {
        const auto reject = [&](std::string_view kind, std::string_view reason) {
            report.skip(kind, line.offset, line.length, reason, line.text);
        };
        if (trimmed(line.text).empty())
            continue;
        if (line.tooLong) {
            reject("line-too-long", "the line is longer than 16 MiB");
            continue;
        }
        m_line.assign(line.text);
        const std::size_t size = m_line.size();
        m_line.append(JsonFramer::kPadding, '\0');
        const bool escape = line.text.find('\\') != std::string_view::npos;
        const auto error = m_parser.parse(std::string_view(m_line).substr(0, size), escape,
            [this](ondemand::object &object) {
                m_record.clear();
                m_time.clear();
                return otlp::eachField(object,
                    [this](std::string_view key, ondemand::value &value) { return readMember(key, value); });
            });
        if (error != simdjson::SUCCESS) {
            reject("bad-json", std::string("the line is no JSON object: ") + simdjson::error_message(error));
            continue;
        }
        const std::optional<LogClock::Time> time = m_clock.parse(m_time, line.offset, report);
        if (!time || m_record.level == Word::None) {
            reject("no-log-record", "the object has no timestamp or no error_severity");
            continue;
        }
        if (m_parser.repaired())
            report.note(IssueSeverity::Notice, "repaired-text", line.offset,
                "text that is not valid JSON or UTF-8 was mended");
        m_record.offset = line.offset;
        m_record.length = line.length;
        m_record.tsNs = time->ns;
        m_record.offsetSeconds = time->offsetSeconds;
        taker.take(m_record);
    }
    return lines.result();
}

simdjson::error_code JsonLogReader::readMember(std::string_view key, ondemand::value &value)
{
    const char start = valueStart(value);
    if (start == '{' || start == '[') {
        std::string_view raw;
        return readRaw(value, raw);
    }
    JsonScalar scalar;
    if (const auto error = readScalar(value, scalar))
        return error;
    const std::string_view text = scalar.text;
    LogRecord &to = m_record;
    if (key == "timestamp")
        m_time = text;
    else if (key == "error_severity")
        to.level = levelOf(text);
    else if (key == "pid")
        to.pid = parseInt64(text);
    else if (key == "query_id")
        to.queryId = parseInt64(text).value_or(0) != 0 ? parseInt64(text) : std::nullopt;
    else if (key == "user")
        to.user = text;
    else if (key == "dbname")
        to.db = text;
    else if (key == "remote_host")
        to.client = text;
    else if (key == "application_name")
        to.application = text;
    else if (key == "backend_type")
        to.backendType = text;
    else if (key == "state_code")
        to.sqlstate = text;
    else if (key == "message")
        to.message = text;
    else if (key == "detail")
        to.detail = text;
    else if (key == "hint")
        to.hint = text;
    else if (key == "internal_query")
        to.query = text;
    else if (key == "context")
        to.context = text;
    else if (key == "statement")
        to.statement = text;
    return simdjson::SUCCESS;
}

} // namespace tailscope::import::pglog
