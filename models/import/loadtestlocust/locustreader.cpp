// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestlocust/locustreader.h"

#include "base/text.h"
#include "import/csvseries/csvrecords.h"
#include "import/loadtest/loadnumbers.h"
#include "import/loadtest/loadrun.h"
#include "import/loadtest/loadseries.h"

#include <algorithm>

namespace tailscope::import::locust {

using namespace loadtest;

namespace {

constexpr std::size_t kAbsent = SIZE_MAX;

class Rows
{
public:
    Rows(RowSink &sink, ImportReport &report, const LocustHeader &header)
        : m_sink(sink)
        , m_report(report)
        , m_header(header)
        , m_series(sink, "locust")
        , m_run("locust", header.file == LocustHeader::File::History ? Level::Intervals : Level::Summary)
    {
        // A user waits for its answer, whatever wait time stands between.
        m_run.loop = Loop::Closed;
        m_run.omission = Omission::Possible;
    }
    void take(const CsvRecord &record);
    void finish() { m_run.write(m_sink, m_report); }

private:
    std::string_view text(const CsvRecord &record, std::initializer_list<std::string_view> names) const
    {
        const std::size_t at = m_header.place(names);
        return at < record.fields.size() ? trimmed(record.fields[at]) : std::string_view();
    }
    std::optional<double> value(const CsvRecord &record, std::initializer_list<std::string_view> names) const
    {
        return number(text(record, names));
    }
    std::string operationOf(const CsvRecord &record) const;
    bool isAggregated(const CsvRecord &record) const;
    void setTimes(const CsvRecord &record, LoadPhase &phase) const;
    std::string_view takeStats(const CsvRecord &record);
    std::string_view takeHistory(const CsvRecord &record);
    void takePoints(const LoadPhase &phase, std::string_view operation, double failures);
    std::string_view takeFailure(const CsvRecord &record);

    RowSink &m_sink;
    ImportReport &m_report;
    const LocustHeader &m_header;
    LoadSeries m_series;
    LoadRun m_run;
    Nanos m_before = kUnknownNanos;
    double m_requestsBefore = 0, m_failuresBefore = 0;
};

std::string Rows::operationOf(const CsvRecord &record) const
{
    std::string result(text(record, {"type", "method"}));
    if (toLowerAscii(result) == "none")
        result.clear();
    const std::string_view name = text(record, {"name"});
    if (!result.empty() && !name.empty())
        result += ' ';
    return result.append(name);
}

bool Rows::isAggregated(const CsvRecord &record) const
{
    const std::string_view name = text(record, {"name"});
    return text(record, {"type", "method"}).empty() ? name == "Aggregated" || name == "Total" || name.empty()
                                                    : name == "Aggregated" || name == "Total";
}

void Rows::setTimes(const CsvRecord &record, LoadPhase &phase) const
{
    for (const auto &[share, column] : m_header.quantiles) {
        const auto ms = column < record.fields.size() ? number(record.fields[column]) : std::nullopt;
        if (ms)
            phase.setQuantile(share, *ms);
    }
}

std::string_view Rows::takeStats(const CsvRecord &record)
{
    LoadPhase phase;
    const auto requests = count(text(record, {"request count", "# requests"}));
    const auto failures = count(text(record, {"failure count", "# failures"}));
    if (!requests || !failures || *requests < 0 || *failures < 0)
        return "the line has no number of requests and failures";
    phase.requests = *requests;
    phase.errors = *failures;
    phase.rate = value(record, {"requests/s"});
    if (*requests > 0) { // zeros then mean that there was none
        phase.meanMs = value(record, {"average response time"});
        phase.p50Ms = value(record, {"median response time"});
        phase.minMs = value(record, {"min response time"});
        phase.maxMs = value(record, {"max response time"});
        setTimes(record, phase);
    }
    if (isAggregated(record)) {
        m_run.whole = phase;
        return {};
    }
    phase.kind = LoadPhase::Kind::Operation;
    phase.name = operationOf(record);
    m_run.phase(std::move(phase));
    return {};
}

void Rows::takePoints(const LoadPhase &phase, std::string_view operation, double failures)
{
    if (phase.rate)
        m_series.rate(kRequestRate, operation, phase.endNs, *phase.rate);
    m_series.rate(kErrorRate, operation, phase.endNs, failures);
    const std::pair<std::string_view, std::optional<double>> times[] = {{"0.5", phase.p50Ms},
        {"0.9", phase.p90Ms}, {"0.95", phase.p95Ms}, {"0.99", phase.p99Ms}, {"max", phase.maxMs}};
    for (const auto &[quantile, ms] : times) {
        if (ms)
            m_series.responseTime(quantile, operation, phase.endNs, *ms);
    }
}

/// A line each second: rates and percentiles of the last seconds, totals since the start.
std::string_view Rows::takeHistory(const CsvRecord &record)
{
    const auto ns = nanos(text(record, {"timestamp"}), kNanosPerSecond);
    if (!ns)
        return "the timestamp is no number of seconds since 1970";
    LoadPhase phase;
    phase.kind = LoadPhase::Kind::Interval;
    phase.endNs = *ns;
    phase.users = value(record, {"user count", "# users"});
    phase.rate = value(record, {"requests/s"});
    setTimes(record, phase);
    const double failures = value(record, {"failures/s"}).value_or(std::numeric_limits<double>::quiet_NaN());
    m_run.touch(*ns);
    if (!isAggregated(record)) {
        takePoints(phase, operationOf(record), failures);
        return {};
    }
    if (m_before != kUnknownNanos && *ns <= m_before)
        return "the line does not follow the one before it in time";
    takePoints(phase, {}, failures);
    if (phase.users) {
        m_series.users(*ns, *phase.users);
        m_run.users = std::max(m_run.users.value_or(0), *phase.users);
    }
    const auto requests = value(record, {"total request count", "request count"});
    const auto failed = value(record, {"total failure count", "failure count"});
    if (requests && failed && m_before != kUnknownNanos && *requests >= m_requestsBefore
        && *failed >= m_failuresBefore) { // statistics may be reset on the way
        phase.requests = std::int64_t(*requests - m_requestsBefore);
        phase.errors = std::int64_t(*failed - m_failuresBefore);
    }
    LoadPhase &whole = m_run.whole;
    if (requests && failed) {
        whole.requests = std::int64_t(*requests);
        whole.errors = std::int64_t(*failed);
        whole.p50Ms = value(record, {"total median response time"});
        whole.meanMs = value(record, {"total average response time"});
        whole.minMs = value(record, {"total min response time"});
        whole.maxMs = value(record, {"total max response time"});
        m_requestsBefore = *requests;
        m_failuresBefore = *failed;
    }
    phase.startNs = m_before;
    m_before = *ns;
    if (phase.startNs != kUnknownNanos)
        m_run.phase(std::move(phase));
    return {};
}

std::string_view Rows::takeFailure(const CsvRecord &record)
{
    const bool isException = m_header.file == LocustHeader::File::Exceptions;
    const auto n = count(isException ? text(record, {"count"}) : text(record, {"occurrences"}));
    if (!n || *n < 0)
        return "the line has no number of occurrences";
    const std::string_view message = isException ? text(record, {"message"}) : text(record, {"error"});
    m_run.failure(isException ? std::string() : operationOf(record), message, *n);
    return {};
}

void Rows::take(const CsvRecord &record)
{
    const auto reject = [&](std::string_view kind, std::string_view reason) {
        m_report.skip(kind, record.offset, record.length, reason, record.raw);
    };
    if (record.problem != CsvRecord::Problem::None)
        return reject("malformed-line", "the line is too long or its quote does not close");
    if (record.fields.size() != m_header.columns)
        return reject("column-count", "the line has not as many fields as the header");
    std::string_view problem;
    switch (m_header.file) {
    case LocustHeader::File::Stats:
        problem = takeStats(record);
        break;
    case LocustHeader::File::History:
        problem = takeHistory(record);
        break;
    case LocustHeader::File::Failures:
    case LocustHeader::File::Exceptions:
        problem = takeFailure(record);
        break;
    }
    if (problem.empty())
        m_report.rowRead();
    else
        reject("bad-line", problem);
}

} // namespace

std::optional<LocustHeader> LocustHeader::of(std::string_view line)
{
    LocustHeader header;
    const std::vector<std::string_view> names = split(trimmed(line), ',');
    header.columns = names.size();
    for (std::size_t i = 0; i < names.size(); ++i) {
        std::string_view name = trimmed(names[i]);
        if (name.size() >= 2 && name.front() == '"' && name.back() == '"')
            name = name.substr(1, name.size() - 2);
        header.places.try_emplace(toLowerAscii(name), i);
        const auto percent = name.ends_with('%') ? number(name) : std::nullopt;
        if (percent && *percent >= 0 && *percent <= 100)
            header.quantiles.emplace_back(*percent / 100, i);
    }
    const auto has
        = [&header](std::initializer_list<std::string_view> any) { return header.place(any) != kAbsent; };
    const bool requests = has({"request count", "# requests", "total request count"});
    if (has({"timestamp"}) && has({"user count", "# users"}) && has({"requests/s"}) && has({"name"}))
        header.file = File::History;
    else if (has({"type", "method"}) && has({"name"}) && requests && has({"failure count", "# failures"}))
        header.file = File::Stats;
    else if (has({"method", "type"}) && has({"name"}) && has({"error"}) && has({"occurrences"}))
        header.file = File::Failures;
    else if (has({"count"}) && has({"message"}) && has({"traceback"}))
        header.file = File::Exceptions;
    else
        return std::nullopt;
    return header;
}

std::size_t LocustHeader::place(std::initializer_list<std::string_view> names) const
{
    for (const std::string_view name : names) {
        const auto found = places.find(name);
        if (found != places.end())
            return found->second;
    }
    return kAbsent;
}

Result<void> LocustReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    LineReader lines(source, CsvRecords::kMaxLine);
    Line line;
    bool found = false;
    while (!found && lines.next(line))
        found = !trimmed(line.text).empty();
    const std::optional<LocustHeader> header
        = found && !line.tooLong ? LocustHeader::of(line.text) : std::nullopt;
    if (!header) {
        TS_TRY(lines.result());
        return fail(Error{ErrorCode::BadInput, source.name(),
            "its first line is no header of Locust's statistics, history, failures or exceptions",
            Location{line.offset, line.number, std::nullopt}, "locust --csv=PREFIX writes these files"});
    }
    report.head(line.offset, line.text);
    const bool timed = header->file == LocustHeader::File::History;
    sink.setSource({SourceKind::LoadTest, timed ? ClockKind::Utc : ClockKind::None, timed ? "UTC" : ""});
    Rows rows(sink, report, *header);
    CsvRecords records(lines, ',');
    CsvRecord record;
    while (records.next(record)) {
        if (!record.blank)
            rows.take(record);
    }
    TS_TRY(lines.result());
    rows.finish();
    return {};
}

} // namespace tailscope::import::locust
