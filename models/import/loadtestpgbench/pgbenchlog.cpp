// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestpgbench/pgbenchlog.h"

#include "base/text.h"
#include "import/common/linereader.h"
#include "import/loadtest/loadnumbers.h"
#include "import/loadtest/loadrequests.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace tailscope::import::pgbench {

using namespace loadtest;

namespace {

constexpr std::size_t kMaxLine = 64 * 1024, kLookAhead = 256;
constexpr std::int64_t kMinEpoch = 946'684'800; // 2000-01-01
constexpr std::int64_t kMaxEpoch = 9'000'000'000;

std::vector<std::string_view> fieldsOf(std::string_view line)
{
    std::vector<std::string_view> fields = split(line, ' ');
    std::erase_if(fields, [](std::string_view field) { return field.empty(); });
    return fields;
}

bool isEpoch(std::string_view text)
{
    const auto seconds = parseInt64(text);
    return seconds && *seconds >= kMinEpoch && *seconds <= kMaxEpoch;
}

/// One transaction; a time that is no number says why there is none.
struct Transaction
{
    std::int64_t client = 0, number = 0, script = 0;
    std::optional<std::int64_t> us;
    std::string_view outcome; ///< "skipped", "failed", "serialization", "deadlock"
    Nanos endNs = 0;
    std::vector<std::int64_t> more; ///< schedule lag and retries, where they are logged
};

std::optional<Transaction> transactionOf(std::string_view line)
{
    const std::vector<std::string_view> fields = fieldsOf(line);
    if (fields.size() < 6 || fields.size() > 8 || !isEpoch(fields[4]))
        return std::nullopt;
    const auto client = parseInt64(fields[0]), number = parseInt64(fields[1]), script = parseInt64(fields[3]),
               seconds = parseInt64(fields[4]), micros = parseInt64(fields[5]);
    if (!client || !number || !script || !micros || *micros < 0 || *micros >= 1'000'000)
        return std::nullopt;
    Transaction transaction;
    transaction.client = *client;
    transaction.number = *number;
    transaction.script = *script;
    transaction.us = parseInt64(fields[2]);
    if (!transaction.us)
        transaction.outcome = fields[2];
    static constexpr std::array<std::string_view, 4> kOutcomes{"skipped", "failed", "serialization",
        "deadlock"};
    if (!transaction.us
        && std::find(kOutcomes.begin(), kOutcomes.end(), transaction.outcome) == kOutcomes.end())
        return std::nullopt;
    transaction.endNs = *seconds * kNanosPerSecond + *micros * kNanosPerMicro;
    for (std::size_t i = 6; i < fields.size(); ++i) {
        const auto value = parseInt64(fields[i]);
        if (!value)
            return std::nullopt;
        transaction.more.push_back(*value);
    }
    return transaction;
}

Attribute integer(std::string_view key, std::int64_t value)
{
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Integer;
    attribute.integer = value;
    return attribute;
}

Attribute real(std::string_view key, double value)
{
    Attribute attribute;
    attribute.key = key;
    attribute.type = AttributeType::Real;
    attribute.real = value;
    return attribute;
}

class Transactions
{
public:
    Transactions(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
        , m_requests(sink, m_run)
    {}
    void take(const Line &line);
    void finish();

private:
    void decide();
    void add(const Transaction &transaction);

    RowSink &m_sink;
    ImportReport &m_report;
    LoadRun m_run{"pgbench", Level::Requests};
    LoadRequests m_requests;
    std::vector<Transaction> m_ahead; ///< until it is known what the seventh field is
    std::vector<std::string> m_outcomes; ///< of m_ahead: its views must live
    bool m_decided = false, m_hasLag = false, m_hasRetries = false;
    std::int64_t m_mostClient = -1;
};

void Transactions::take(const Line &line)
{
    const std::string_view text = trimmed(line.text);
    if (text.empty())
        return;
    std::optional<Transaction> transaction = line.tooLong ? std::nullopt : transactionOf(text);
    if (!transaction)
        return m_report.skip("bad-line", line.offset, line.length,
            "the line has not client, number, time, script and the two parts of a moment", line.text);
    m_report.rowRead();
    if (m_decided)
        return add(*transaction);
    m_outcomes.emplace_back(transaction->outcome);
    m_ahead.push_back(std::move(*transaction));
    if (m_ahead.size() >= kLookAhead)
        decide();
}

/// With -R the lag follows, with --max-tries the retries. One field alone: lags are microseconds and hardly
/// ever 0, retries nearly always.
void Transactions::decide()
{
    if (m_decided)
        return;
    m_decided = true;
    std::size_t one = 0, two = 0, zeros = 0;
    for (const Transaction &transaction : m_ahead) {
        one += transaction.more.size() == 1 ? 1 : 0;
        two += transaction.more.size() == 2 ? 1 : 0;
        zeros += transaction.more.size() == 1 && transaction.more[0] == 0 ? 1 : 0;
    }
    m_hasLag = two > 0 || (one > 0 && zeros * 2 < one);
    m_hasRetries = two > 0 || (one > 0 && !m_hasLag);
    if (one > 0 && two == 0)
        m_report.note(IssueSeverity::Info, "seventh-field", 0,
            m_hasLag ? "the seventh field is taken for the schedule lag (-R)"
                     : "the seventh field is taken for the number of retries (--max-tries)");
    for (std::size_t i = 0; i < m_ahead.size(); ++i) {
        m_ahead[i].outcome = m_outcomes[i];
        add(m_ahead[i]);
    }
    m_ahead = {};
    m_outcomes = {};
}

void Transactions::add(const Transaction &transaction)
{
    std::array<Attribute, 4> attributes;
    std::size_t n = 0;
    attributes[n++] = integer("pgbench.client", transaction.client);
    std::size_t next = 0;
    if (m_hasLag && next < transaction.more.size())
        attributes[n++] = real("pgbench.schedule_lag_ms", double(transaction.more[next++]) / 1e3);
    if (m_hasRetries && next < transaction.more.size())
        attributes[n++] = integer("pgbench.retries", transaction.more[next++]);
    m_mostClient = std::max(m_mostClient, transaction.client);
    const std::string operation = "script " + std::to_string(transaction.script);
    LoadRequest request;
    request.operation = operation;
    request.startNs = transaction.endNs;
    if (transaction.us) {
        Nanos duration = 0;
        if (__builtin_mul_overflow(*transaction.us, kNanosPerMicro, &duration))
            duration = kUnknownNanos;
        request.durationNs = duration;
        // The time is that of the end; with -R it counts from when the transaction was due.
        if (duration != kUnknownNanos)
            request.startNs = saturatingSub(transaction.endNs, duration);
    } else {
        request.failed = true;
        request.message = transaction.outcome;
        m_run.failure(operation, transaction.outcome);
    }
    request.attributes = std::span(attributes).first(n);
    m_requests.add(request);
}

void Transactions::finish()
{
    decide();
    // With -R pgbench sends by a clock, and its latency includes the lag.
    m_run.loop = m_hasLag ? Loop::Open : Loop::Closed;
    m_run.omission = m_hasLag ? Omission::Corrected : Omission::Possible;
    if (m_mostClient >= 0)
        m_run.users = double(m_mostClient) + 1;
    m_requests.finish();
    m_run.write(m_sink, m_report);
}

/// Columns of an aggregate by their number: versions differ in what they write and in what order.
struct Aggregate
{
    double start = 0, transactions = 0, sum = 0, sumOfSquares = 0, least = 0, most = 0;
    std::optional<double> lagSum, skipped, retried, failures;
};

std::optional<Aggregate> aggregateOf(std::string_view line)
{
    const std::vector<std::string_view> fields = fieldsOf(line);
    static constexpr std::array<std::size_t, 6> kCounts{6, 7, 8, 10, 11, 15};
    if (std::find(kCounts.begin(), kCounts.end(), fields.size()) == kCounts.end() || !isEpoch(fields[0]))
        return std::nullopt;
    std::vector<double> values;
    for (const std::string_view field : fields) {
        const auto value = number(field);
        if (!value || *value < 0)
            return std::nullopt;
        values.push_back(*value);
    }
    Aggregate aggregate;
    aggregate.start = values[0];
    aggregate.transactions = values[1];
    aggregate.sum = values[2];
    aggregate.sumOfSquares = values[3];
    aggregate.least = values[4];
    aggregate.most = values[5];
    if (values.size() >= 10)
        aggregate.lagSum = values[6];
    if (values.size() >= 11)
        aggregate.skipped = values[10];
    if (values.size() == 15) { // 15 and later write all of them, 0 where they do not apply
        aggregate.retried = values[11];
        aggregate.failures = values[13] + values[14];
    }
    return aggregate;
}

class Aggregates
{
public:
    Aggregates(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
        , m_series(sink, "pgbench")
    {}
    void take(const Line &line);
    void finish();

private:
    void add(const Aggregate &aggregate, Nanos length);

    RowSink &m_sink;
    ImportReport &m_report;
    LoadSeries m_series;
    LoadRun m_run{"pgbench", Level::Intervals};
    std::optional<Aggregate> m_before; ///< its length is known when the next one comes
    Nanos m_length = kNanosPerSecond;
    double m_transactions = 0, m_sum = 0, m_least = 0, m_most = 0, m_failures = 0, m_skipped = 0;
    bool m_sawLag = false, m_sawFailures = false;
};

void Aggregates::take(const Line &line)
{
    const std::string_view text = trimmed(line.text);
    if (text.empty())
        return;
    const std::optional<Aggregate> aggregate = line.tooLong ? std::nullopt : aggregateOf(text);
    if (!aggregate)
        return m_report.skip("bad-line", line.offset, line.length,
            "the line has not the 6, 10, 11 or 15 numbers of an interval", line.text);
    if (m_before && aggregate->start <= m_before->start)
        return m_report.skip("out-of-order", line.offset, line.length,
            "the interval does not begin after the one before it", line.text);
    if (m_before) {
        m_length = static_cast<Nanos>(aggregate->start - m_before->start) * kNanosPerSecond;
        add(*m_before, m_length);
    }
    m_before = *aggregate;
    m_report.rowRead();
}

void Aggregates::add(const Aggregate &aggregate, Nanos length)
{
    const double seconds = double(length) / double(kNanosPerSecond);
    LoadPhase phase;
    phase.kind = LoadPhase::Kind::Interval;
    phase.startNs = static_cast<Nanos>(aggregate.start) * kNanosPerSecond;
    phase.endNs = saturatingAdd(phase.startNs, length);
    const double failed = aggregate.failures.value_or(0) + aggregate.skipped.value_or(0);
    phase.requests = std::llround(aggregate.transactions + failed);
    if (aggregate.failures || aggregate.skipped)
        phase.errors = std::llround(failed);
    phase.rate = aggregate.transactions / seconds;
    m_run.touch(phase.startNs);
    m_run.touch(phase.endNs);
    m_series.rate(kRequestRate, {}, phase.endNs, *phase.rate);
    if (phase.errors)
        m_series.rate(kErrorRate, {}, phase.endNs, failed / seconds);
    if (aggregate.transactions > 0) {
        const double mean = aggregate.sum / aggregate.transactions;
        phase.meanMs = mean / 1e3;
        phase.minMs = aggregate.least / 1e3;
        phase.maxMs = aggregate.most / 1e3;
        const double variance = aggregate.sumOfSquares / aggregate.transactions - mean * mean;
        phase.extra.emplace_back("stddev_ms", std::sqrt(std::max(0.0, variance)) / 1e3);
        if (aggregate.lagSum && *aggregate.lagSum > 0) {
            phase.extra.emplace_back("lag_mean_ms", *aggregate.lagSum / aggregate.transactions / 1e3);
            m_sawLag = true;
        }
        m_series.responseTime("mean", {}, phase.endNs, *phase.meanMs);
        m_series.responseTime("max", {}, phase.endNs, *phase.maxMs);
        m_least = m_transactions == 0 ? aggregate.least : std::min(m_least, aggregate.least);
        m_most = std::max(m_most, aggregate.most);
    }
    if (aggregate.skipped && *aggregate.skipped > 0)
        phase.extra.emplace_back("skipped", *aggregate.skipped);
    m_transactions += aggregate.transactions;
    m_sum += aggregate.sum;
    m_failures += failed;
    m_skipped += aggregate.skipped.value_or(0);
    m_sawFailures |= phase.errors.has_value();
    m_run.phase(std::move(phase));
}

void Aggregates::finish()
{
    // The length of the last is that of the one before it; it may have ended sooner.
    if (m_before)
        add(*m_before, m_length);
    m_run.loop = m_sawLag ? Loop::Open : Loop::Closed;
    m_run.omission = m_sawLag ? Omission::Corrected : Omission::Possible;
    LoadPhase &whole = m_run.whole;
    whole.requests = std::llround(m_transactions + m_failures);
    if (m_sawFailures)
        whole.errors = std::llround(m_failures);
    if (m_skipped > 0)
        m_run.failure({}, "skipped", std::llround(m_skipped));
    if (m_transactions > 0) {
        whole.meanMs = m_sum / m_transactions / 1e3;
        whole.minMs = m_least / 1e3;
        whole.maxMs = m_most / 1e3;
    }
    m_run.write(m_sink, m_report);
}

template<typename Rows>
Result<void> readLines(ByteSource &source, RowSink &sink, ImportReport &report, std::string_view what)
{
    sink.setSource({SourceKind::LoadTest, ClockKind::Utc, "UTC"});
    Rows rows(sink, report);
    LineReader lines(source, kMaxLine);
    Line line;
    while (lines.next(line))
        rows.take(line);
    TS_TRY(lines.result());
    if (report.rowsRead() == 0 && report.rowsSkipped() == 0)
        return fail(ErrorCode::BadInput, source.name(), "it has no " + std::string(what),
            "pgbench -l writes it");
    rows.finish();
    return {};
}

} // namespace

bool isTransactionLine(std::string_view line) { return transactionOf(line).has_value(); }
bool isAggregateLine(std::string_view line) { return aggregateOf(line).has_value(); }

Result<void> TransactionLogReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    return readLines<Transactions>(source, sink, report, "transaction");
}

Result<void> AggregateLogReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    return readLines<Aggregates>(source, sink, report, "interval");
}

} // namespace tailscope::import::pgbench
