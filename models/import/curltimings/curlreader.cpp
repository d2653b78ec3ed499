// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/curltimings/curlreader.h"

#include "base/text.h"
#include "import/common/jsonrecord.h"
#include "import/common/linereader.h"
#include "import/otlpjson/otlpvalues.h"

namespace tailscope::import {

namespace {

using namespace curl;

constexpr std::size_t kMaxLine = 64 * 1024, kMaxObject = 1024 * 1024, kMaxValue = 8192;

/// A request is told by lines, or by an object on lines of its own; answers' bodies may stand between.
class Lines
{
public:
    Lines(RowSink &sink, ImportReport &report)
        : m_report(report)
        , m_rows(sink, report)
    {}
    void take(const Line &line);
    void finish();

private:
    void takeField(const Field &field, std::uint64_t offset);
    void takeJson();

    ImportReport &m_report;
    CurlRows m_rows;
    Fields m_fields;
    std::uint64_t m_offset = 0;
    std::string m_json; ///< an object that is not whole yet
    std::uint64_t m_jsonOffset = 0;
    int m_depth = 0;
    bool m_inString = false, m_escaped = false;
    JsonRecordParser m_parser;
};

void Lines::finish()
{
    if (!m_json.empty())
        m_report.skip("truncated", m_jsonOffset, m_json.size(), "the object does not end", m_json);
    m_json.clear();
    if (m_fields.empty())
        return;
    if (!m_rows.request(m_fields, m_offset)) {
        std::string bytes;
        for (const auto &[key, value] : m_fields)
            bytes.append(key).append(": ").append(value).append("\n");
        m_report.skip("no-total", m_offset, bytes.size(), "the request has no time_total", bytes);
    }
    m_fields.clear();
}

/// A variable that occurs again belongs to the next request.
void Lines::takeField(const Field &field, std::uint64_t offset)
{
    if (m_fields.contains(field.key))
        finish();
    if (m_fields.empty())
        m_offset = offset;
    m_fields[std::string(field.key)] = sanitizedUtf8(field.value.substr(0, kMaxValue));
}

void Lines::takeJson()
{
    const std::size_t length = m_json.size();
    m_json.reserve(length + JsonFramer::kPadding);
    Fields fields;
    const auto error
        = m_parser.parse(m_json, m_json.find('\\') != std::string::npos, [&](ondemand::object &object) {
              fields.clear();
              return otlp::eachField(object, [&](std::string_view key, ondemand::value &value) {
                  const char start = valueStart(value);
                  if (!isKnown(key) || start == '{' || start == '[')
                      return simdjson::SUCCESS;
                  JsonScalar scalar;
                  const auto fault = readScalar(value, scalar);
                  if (fault == simdjson::SUCCESS)
                      fields[std::string(key)] = scalar.text.substr(0, kMaxValue);
                  return fault;
              });
          });
    if (error != simdjson::SUCCESS)
        m_report.skip("malformed-object", m_jsonOffset, length, simdjson::error_message(error), m_json);
    else if (!m_rows.request(fields, m_jsonOffset))
        m_report.skip("no-total", m_jsonOffset, length, "the object has no time_total", m_json);
    m_json.clear();
}

void Lines::take(const Line &line)
{
    if (line.tooLong)
        return m_report.skip("line-too-long", line.offset, line.length, "the line is longer than 64 KB",
            line.text);
    std::string_view text = line.text;
    if (m_json.empty()) {
        if (const std::optional<Field> field = fieldOf(text))
            return takeField(*field, line.offset);
        const std::string_view start = trimmed(text);
        if (start.empty() || start.front() != '{') {
            // "----------" before the total, headings, bodies.
            if (!start.empty() && start.find_first_not_of("-=") != std::string_view::npos)
                m_report.note(IssueSeverity::Info, "other-lines", line.offset,
                    "lines that name no variable of curl were passed over");
            return;
        }
        finish();
        m_depth = 0;
        m_inString = m_escaped = false;
    }
    // Objects follow each other with or without a line end between.
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (m_json.empty()) {
            if (c != '{')
                continue;
            m_jsonOffset = line.offset + i;
        }
        m_json += c;
        if (m_escaped)
            m_escaped = false;
        else if (m_inString && c == '\\')
            m_escaped = true;
        else if (c == '"')
            m_inString = !m_inString;
        else if (!m_inString)
            m_depth += c == '{' ? 1 : c == '}' ? -1 : 0;
        if (m_depth == 0 && !m_inString)
            takeJson();
    }
    if (m_json.size() > kMaxObject) {
        m_report.skip("object-too-long", m_jsonOffset, m_json.size(), "the object is longer than 1 MiB",
            m_json);
        m_json.clear();
    } else if (!m_json.empty()) {
        m_json += '\n';
        m_inString = false; // no string runs over lines
    }
}

} // namespace

Result<void> CurlReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    SourceInfo info;
    info.kind = SourceKind::Trace;
    info.clock = ClockKind::Relative;
    sink.setSource(info);
    Lines lines(sink, report);
    LineReader reader(source, kMaxLine);
    Line line;
    while (reader.next(line))
        lines.take(line);
    lines.finish();
    TS_TRY(reader.result());
    if (report.rowsRead() == 0 && report.rowsSkipped() == 0)
        return fail(ErrorCode::BadInput, source.name(), "it has no request",
            "write them with: curl -o /dev/null -s -w '%{json}\\n' URL");
    report.note(IssueSeverity::Info, "laid-end-to-end", 0,
        "curl writes no time of day: the requests lie one after the other on a clock of their own");
    return {};
}

} // namespace tailscope::import
