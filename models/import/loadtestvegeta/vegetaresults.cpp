// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestvegeta/vegetaresults.h"

#include "base/text.h"
#include "import/accesslog/routetemplate.h"
#include "import/common/jsonrecord.h"
#include "import/common/jsonwalk.h"
#include "import/common/timetext.h"
#include "import/csvseries/csvrecords.h"
#include "import/har/harrows.h"
#include "import/loadtest/loadrequests.h"
#include "import/otlpjson/otlpvalues.h"

#include <string>
#include <vector>

namespace tailscope::import::vegeta {

using namespace loadtest;

namespace {

/// One result as written.
struct Hit
{
    std::string_view code, timestamp, latency, bytesOut, bytesIn, error, method, url, attack;
};

class Hits
{
public:
    Hits(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
        , m_requests(sink, m_run)
    {
        // vegeta sends by its rate, on as many workers as that needs.
        m_run.loop = Loop::Open;
        m_run.omission = Omission::No;
    }
    /// Nothing, or why the result cannot be taken.
    std::string_view take(const Hit &hit, Nanos start);
    void finish()
    {
        m_requests.finish();
        m_run.write(m_sink, m_report);
    }

private:
    void add(std::string_view key, std::string_view text, bool isNumber = false);

    RowSink &m_sink;
    ImportReport &m_report;
    LoadRun m_run{"vegeta", Level::Requests};
    LoadRequests m_requests;
    std::vector<Attribute> m_attributes;
    std::string m_operation;
};

void Hits::add(std::string_view key, std::string_view text, bool isNumber)
{
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Text;
    attribute.text = text;
    if (const auto number = isNumber ? parseInt64(text) : std::nullopt) {
        attribute.type = AttributeType::Integer;
        attribute.integer = *number;
    }
    if (!text.empty())
        m_attributes.push_back(attribute);
}

std::string_view Hits::take(const Hit &hit, Nanos start)
{
    const auto latency = parseInt64(hit.latency);
    const auto code = parseInt64(hit.code);
    if (!latency || *latency == kUnknownNanos)
        return "the latency is no number of nanoseconds";
    if (!code)
        return "the code is no number";
    const har::Url url = har::splitUrl(hit.url);
    m_attributes.clear();
    add("server.address", url.host);
    add("url.path", url.path);
    add("url.query", url.query);
    add("http.request.method", hit.method);
    add("http.request.body.size", hit.bytesOut, true);
    add("http.response.body.size", hit.bytesIn, true);
    add("loadtest.scenario", hit.attack);
    m_operation = hit.method;
    m_operation += m_operation.empty() || url.host.empty() ? "" : " ";
    m_operation += url.host.empty() ? std::string() : accesslog::routeTemplate(url.path);
    LoadRequest request;
    request.operation = m_operation.empty() ? std::string_view("request") : m_operation;
    request.startNs = start;
    request.durationNs = *latency;
    request.httpStatus = *code >= 100 && *code <= 999 ? static_cast<std::uint16_t>(*code) : 0;
    // vegeta's own rule: success is a status from 200 to 399.
    request.failed = *code < 200 || *code >= 400;
    if (request.failed) {
        request.message = hit.error;
        m_run.failure(request.operation,
            hit.error.empty() ? "status " + std::string(hit.code) : std::string(hit.error));
    }
    request.attributes = m_attributes;
    m_requests.add(request);
    if (m_run.name.empty() && !hit.attack.empty())
        m_run.name = hit.attack;
    return {};
}

simdjson::error_code readHit(ondemand::object &object, Hit &hit)
{
    return otlp::eachField(object, [&hit](std::string_view key, ondemand::value &value) {
        std::string_view *field = key == "code" ? &hit.code
            : key == "timestamp"                ? &hit.timestamp
            : key == "latency"                  ? &hit.latency
            : key == "bytes_out"                ? &hit.bytesOut
            : key == "bytes_in"                 ? &hit.bytesIn
            : key == "error"                    ? &hit.error
            : key == "method"                   ? &hit.method
            : key == "url"                      ? &hit.url
            : key == "attack"                   ? &hit.attack
                                                : nullptr;
        const char start = valueStart(value);
        if (field == nullptr || start == '{' || start == '[')
            return simdjson::SUCCESS;
        JsonScalar scalar;
        const auto error = readScalar(value, scalar);
        if (error == simdjson::SUCCESS && (scalar.isString || scalar.text != "null"))
            *field = scalar.text;
        return error;
    });
}

/// timestamp, code, latency, bytes out, bytes in, error, body, attack, seq, method, url, headers; older
/// versions end sooner.
bool hitOf(const std::vector<std::string_view> &fields, Hit &hit)
{
    if (fields.size() < 7 || fields.size() > 12)
        return false;
    const auto at = [&fields](std::size_t i) { return i < fields.size() ? fields[i] : std::string_view(); };
    hit.timestamp = at(0);
    hit.code = at(1);
    hit.latency = at(2);
    hit.bytesOut = at(3);
    hit.bytesIn = at(4);
    hit.error = at(5);
    hit.attack = at(7);
    hit.method = at(9);
    hit.url = at(10);
    return true;
}

/// Nanoseconds since 1970 in the years 2001 to 2096.
bool isMoment(std::string_view text)
{
    const auto ns = parseInt64(text);
    return ns && *ns >= 1'000'000'000'000'000'000 && *ns < 4'000'000'000'000'000'000;
}

} // namespace

bool isCsvResult(std::string_view line)
{
    const std::vector<std::string_view> fields = split(line, ',');
    if (fields.size() < 7 || !isMoment(fields[0]))
        return false;
    const auto code = parseInt64(fields[1]);
    return code && *code >= 0 && *code <= 999 && parseInt64(fields[2]) && parseInt64(fields[3])
        && parseInt64(fields[4]);
}

Result<void> JsonResultsReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    using Step = JsonWalk::Step;
    sink.setSource({SourceKind::LoadTest, ClockKind::Utc, "UTC"});
    TimeText times(m_options);
    TS_TRY(times.check(source.name()));
    Hits hits(sink, report);
    JsonRecordParser parser;
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
            step = walk.record(record, "result");
            if (step == Step::Done) {
                Hit hit;
                const auto error = parser.parse(record.bytes, record.hasEscape,
                    [&hit](ondemand::object &object) { return hit = {}, readHit(object, hit); });
                std::string_view problem
                    = error == simdjson::SUCCESS ? std::string_view() : simdjson::error_message(error);
                if (problem.empty()) {
                    const auto time = times.parse(hit.timestamp, record.offset, report);
                    problem = time ? hits.take(hit, time->ns) : "the timestamp is no date";
                }
                if (problem.empty())
                    report.rowRead();
                else
                    report.skip("bad-result", record.offset, record.bytes.size(), problem, record.bytes);
            }
        }
        more = walk.endDocument(step, report.rowsRead(), "results");
    }
    if (walk.framer().error())
        return fail(*walk.framer().error());
    if (report.rowsRead() == 0 && report.rowsSkipped() == 0)
        return fail(ErrorCode::BadInput, source.name(), "it has no result",
            "vegeta encode -to json results.bin > results.json");
    hits.finish();
    return {};
}

Result<void> CsvResultsReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    sink.setSource({SourceKind::LoadTest, ClockKind::Utc, "UTC"});
    Hits hits(sink, report);
    // Bodies of answers are in the lines.
    LineReader lines(source);
    CsvRecords records(lines, ',');
    CsvRecord record;
    while (records.next(record)) {
        if (record.blank)
            continue;
        Hit hit;
        std::string_view problem;
        if (record.problem != CsvRecord::Problem::None)
            problem = "the line is too long or its quote does not close";
        else if (!hitOf(record.fields, hit) || !isMoment(hit.timestamp))
            problem = "the line has not the 7 to 12 fields of a result, the first one a moment in ns";
        else
            problem = hits.take(hit, parseInt64(hit.timestamp).value_or(0));
        if (problem.empty())
            report.rowRead();
        else
            report.skip("bad-result", record.offset, record.length, problem, record.raw);
    }
    TS_TRY(lines.result());
    if (report.rowsRead() == 0 && report.rowsSkipped() == 0)
        return fail(ErrorCode::BadInput, source.name(), "it has no result",
            "vegeta encode -to csv results.bin > results.csv");
    hits.finish();
    return {};
}

} // namespace tailscope::import::vegeta
