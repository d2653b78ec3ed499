// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestpgbench/pgbenchoutput.h"

#include "base/text.h"
#include "import/common/linereader.h"
#include "import/loadtest/loadnumbers.h"
#include "import/loadtest/loadrun.h"
#include "import/loadtest/loadseries.h"

#include <array>
#include <cmath>
#include <memory>
#include <string>

namespace tailscope::import::pgbench {

using namespace loadtest;

namespace {

constexpr std::size_t kMaxLine = 64 * 1024;
constexpr double kAbsolute = 946'684'800; // seconds of 2000-01-01: a progress time is a date from there on

/// The number before the first blank.
std::optional<double> leading(std::string_view text)
{
    text = trimmed(text);
    return number(text.substr(0, text.find_first_of(" \t")));
}

class Runs
{
public:
    Runs(RowSink &sink, ImportReport &report)
        : m_sink(sink)
        , m_report(report)
        , m_series(sink, "pgbench")
    {}
    void take(const Line &line);
    void finish();

private:
    void begin(std::uint64_t offset);
    bool takeProgress(std::string_view line);
    bool takeSummary(std::string_view line);
    bool takeCount(std::string_view line);
    void setClock(bool absolute);

    RowSink &m_sink;
    ImportReport &m_report;
    LoadSeries m_series;
    std::unique_ptr<LoadRun> m_run;
    bool m_hasFigures = false, m_hasProgress = false, m_clockIsSet = false;
    std::optional<std::int64_t> m_done, m_failed, m_skipped;
    std::optional<Nanos> m_before; ///< end of the progress line before
    Nanos m_runStart = 0; ///< of runs that tell seconds from their own start
    Nanos m_length = kNanosPerSecond;
    std::uint64_t m_offset = 0;
};

void Runs::setClock(bool absolute)
{
    if (m_clockIsSet)
        return;
    m_clockIsSet = true;
    m_sink.setSource(
        {SourceKind::LoadTest, absolute ? ClockKind::Utc : ClockKind::Relative, absolute ? "UTC" : ""});
}

void Runs::begin(std::uint64_t offset)
{
    finish();
    m_run = std::make_unique<LoadRun>("pgbench", Level::Summary);
    m_run->loop = Loop::Closed;
    m_run->omission = Omission::Possible;
    m_offset = offset;
}

/// "progress: 5.0 s, 1060.0 tps, lat 3.737 ms stddev 3.863, 0 failed, lag 0.648 ms, 0 skipped"
bool Runs::takeProgress(std::string_view line)
{
    constexpr std::string_view kHead = "progress: ";
    if (!line.starts_with(kHead))
        return false;
    const std::vector<std::string_view> parts = split(line.substr(kHead.size()), ',');
    const auto seconds = leading(parts[0]);
    if (parts.size() < 2 || !trimmed(parts[1]).ends_with("tps"))
        return false;
    const auto rate = leading(parts[1]);
    const auto end = nanos(trimmed(parts[0]).substr(0, trimmed(parts[0]).find(' ')), kNanosPerSecond);
    if (!seconds || !rate || !end)
        return false;
    const bool absolute = *seconds >= kAbsolute;
    setClock(absolute);
    LoadPhase phase;
    phase.kind = LoadPhase::Kind::Interval;
    phase.endNs = absolute ? *end : saturatingAdd(m_runStart, *end);
    if (m_before && *m_before >= phase.endNs) {
        m_report.note(IssueSeverity::Notice, "out-of-order", m_offset,
            "a progress line that does not follow the one before it was left out");
        return true;
    }
    if (m_before)
        m_length = saturatingSub(phase.endNs, *m_before);
    else if (!absolute && *end > 0)
        m_length = *end;
    phase.startNs = saturatingSub(phase.endNs, m_length);
    m_before = phase.endNs;
    phase.rate = *rate;
    const double span = double(m_length) / double(kNanosPerSecond);
    double failed = 0;
    for (std::size_t i = 2; i < parts.size(); ++i) {
        const std::string_view part = trimmed(parts[i]);
        if (part.starts_with("lat ")) {
            phase.meanMs = leading(part.substr(4));
            const std::size_t at = part.find("stddev ");
            if (const auto stddev
                = at == std::string_view::npos ? std::nullopt : leading(part.substr(at + 7)))
                phase.extra.emplace_back("stddev_ms", *stddev);
        } else if (part.starts_with("lag ")) {
            if (const auto lag = leading(part.substr(4)))
                phase.extra.emplace_back("lag_mean_ms", *lag);
            m_run->loop = Loop::Open;
            m_run->omission = Omission::Corrected;
        } else if (part.ends_with(" failed") || part.ends_with(" skipped")) {
            failed += leading(part).value_or(0);
            phase.errors = std::llround(failed);
        } else if (part.ends_with(" retries")) {
            if (const auto retries = leading(part))
                phase.extra.emplace_back("retries", *retries);
        }
    }
    phase.requests = std::llround(*rate * span + failed);
    m_series.rate(kRequestRate, {}, phase.endNs, *rate);
    if (phase.meanMs)
        m_series.responseTime("mean", {}, phase.endNs, *phase.meanMs);
    if (phase.errors && span > 0)
        m_series.rate(kErrorRate, {}, phase.endNs, failed / span);
    m_run->touch(phase.startNs);
    m_run->touch(phase.endNs);
    m_run->phase(std::move(phase));
    m_hasProgress = true;
    m_report.rowRead();
    return true;
}

/// "number of ...: 12 (3.000%)"
bool Runs::takeCount(std::string_view line)
{
    const std::size_t at = line.find(':');
    if (at == std::string_view::npos)
        return false;
    const std::string_view key = line.substr(0, at);
    const std::string_view value = trimmed(line.substr(at + 1));
    const auto n = count(value.substr(0, value.find_first_of(" /(")));
    if (key == "number of clients") {
        if (n)
            m_run->users = double(*n);
    } else if (key == "number of threads") {
        if (n)
            m_run->threads = double(*n);
    } else if (key == "number of transactions actually processed") {
        m_done = n;
        m_hasFigures = true;
    } else if (key == "number of failed transactions") {
        m_failed = n;
    } else if (key == "number of transactions skipped") {
        m_skipped = n;
        if (n && *n > 0)
            m_run->failure({}, "skipped", *n);
    } else if (key == "number of serialization failures" || key == "number of deadlock failures") {
        if (n && *n > 0)
            m_run->failure({}, key.substr(sizeof("number of ") - 1), *n);
    } else if (key == "transaction type") {
        m_run->target = value;
    } else if (key == "duration") {
        m_run->durationSeconds = leading(value);
    } else if (key == "scaling factor" || key == "total number of retries"
        || key == "number of transactions retried") {
        if (n)
            m_run->whole.extra.emplace_back(key, double(*n));
    } else {
        return false;
    }
    return true;
}

bool Runs::takeSummary(std::string_view line)
{
    LoadPhase &whole = m_run->whole;
    const std::size_t at = line.find(" = ");
    if (line.starts_with("rate limit schedule lag:")) {
        m_run->loop = Loop::Open;
        m_run->omission = Omission::Corrected;
        const std::size_t avg = line.find("avg ");
        if (const auto lag = avg == std::string_view::npos ? std::nullopt : leading(line.substr(avg + 4)))
            whole.extra.emplace_back("lag_mean_ms", *lag);
        return true;
    }
    if (at == std::string_view::npos)
        return takeCount(line);
    const std::string_view key = line.substr(0, at);
    const auto value = leading(line.substr(at + 3));
    if (key == "tps") {
        // Old versions tell it twice; the one without connecting is the later one.
        whole.rate = value;
        m_hasFigures |= value.has_value();
    } else if (key == "latency average") {
        whole.meanMs = value;
    } else if (key == "latency stddev") {
        if (value)
            whole.extra.emplace_back("stddev_ms", *value);
    } else if (key == "initial connection time") {
        if (value)
            whole.extra.emplace_back("connect_ms", *value);
    } else {
        return false;
    }
    return true;
}

void Runs::take(const Line &line)
{
    if (line.tooLong)
        return m_report.skip("line-too-long", line.offset, line.length, "the line is longer than 64 KB",
            line.text);
    const std::string_view text = trimmed(line.text);
    if (text.starts_with("pgbench (")) {
        begin(line.offset);
        m_run->version = text.substr(9, text.find_first_of(" )", 9) - 9);
        return;
    }
    // Progress goes to the other stream: either part may be in a file of its own.
    const bool opens = text.starts_with("progress: ") || text.starts_with("transaction type: ");
    if (!m_run && opens)
        begin(line.offset);
    if (!m_run || text.empty())
        return;
    if (text.starts_with("transaction type: ") && m_hasFigures)
        begin(line.offset);
    if (takeProgress(text) || takeSummary(text))
        return;
    if (text.starts_with("progress: "))
        m_report.skip("bad-progress", line.offset, line.length, "the line has not a time and a rate in tps",
            text);
}

void Runs::finish()
{
    if (m_run && (m_hasFigures || m_hasProgress)) {
        LoadPhase &whole = m_run->whole;
        if (m_done) {
            const std::int64_t failed = m_failed.value_or(0) + m_skipped.value_or(0);
            whole.requests = *m_done + failed;
            if (m_failed || m_skipped)
                whole.errors = failed;
        }
        m_run->write(m_sink, m_report);
        if (m_hasFigures)
            m_report.rowRead();
        if (m_before)
            m_runStart = std::max(m_runStart, *m_before);
    } else if (m_run) {
        m_report.skip("unfinished-run", m_offset, 0, "the output has neither progress nor a rate", "pgbench");
    }
    m_run.reset();
    m_hasFigures = m_hasProgress = false;
    m_done = m_failed = m_skipped = std::nullopt;
    m_before.reset();
    m_length = kNanosPerSecond;
}

} // namespace

Result<void> OutputReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    sink.setSource({SourceKind::LoadTest, ClockKind::None, {}});
    Runs runs(sink, report);
    LineReader lines(source, kMaxLine);
    Line line;
    while (lines.next(line))
        runs.take(line);
    runs.finish();
    TS_TRY(lines.result());
    if (report.rowsRead() == 0 && report.rowsSkipped() == 0)
        return fail(ErrorCode::BadInput, source.name(), "it has neither progress nor a summary of pgbench",
            "pgbench -P 1 ... > FILE 2>&1");
    return {};
}

} // namespace tailscope::import::pgbench
