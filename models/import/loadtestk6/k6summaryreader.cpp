// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestk6/k6summaryreader.h"

#include "base/text.h"
#include "import/loadtest/flatjson.h"
#include "import/loadtest/loadnumbers.h"
#include "import/loadtest/loadrun.h"

#include <cmath>
#include <map>
#include <optional>

namespace tailscope::import::k6 {

using namespace loadtest;

namespace {

constexpr std::size_t kMaxMetrics = 10'000, kMaxExtra = 500;
constexpr std::string_view kDuration = "http_req_duration";

using Stats = std::map<std::string, double, std::less<>>;

/// "p(99.9)" -> 0.999, "med" -> 0.5, "min" -> 0, "max" -> 1.
std::optional<double> quantileOf(std::string_view stat)
{
    if (stat == "med")
        return 0.5;
    if (stat == "min")
        return 0;
    if (stat == "max")
        return 1;
    if (!stat.starts_with("p(") || !stat.ends_with(')'))
        return std::nullopt;
    const std::optional<double> percent = number(stat.substr(2, stat.size() - 3));
    return percent && *percent >= 0 && *percent <= 100 ? std::optional(*percent / 100) : std::nullopt;
}

std::optional<double> valueOf(const Stats *stats, std::string_view stat)
{
    if (stats == nullptr)
        return std::nullopt;
    const auto found = stats->find(stat);
    return found != stats->end() ? std::optional(found->second) : std::nullopt;
}

std::optional<std::int64_t> countOf(const Stats *stats, std::string_view stat)
{
    const std::optional<double> value = valueOf(stats, stat);
    return value && *value >= 0 && *value < 9e15 ? std::optional(std::llround(*value)) : std::nullopt;
}

class Summary
{
public:
    void take(const FlatValue &value);
    void write(RowSink &sink, ImportReport &report);
    std::size_t metrics() const { return m_metrics.size(); }

private:
    const Stats *stats(std::string_view metric) const
    {
        const auto found = m_metrics.find(metric);
        return found != m_metrics.end() ? &found->second : nullptr;
    }
    static void setTimes(const Stats &stats, LoadPhase &phase);
    void setRest();

    LoadRun m_run{"k6", Level::Summary};
    std::map<std::string, Stats, std::less<>> m_metrics;
};

void Summary::take(const FlatValue &value)
{
    const std::vector<std::string> &path = value.path;
    if (path.size() == 2 && path[0] == "state" && path[1] == "testRunDurationMs") {
        if (const auto ms = number(value.text))
            m_run.durationSeconds = *ms / 1e3;
        return;
    }
    if (path.size() < 3 || path[0] != "metrics")
        return;
    const std::string &metric = path[1];
    if (path[2] == "thresholds") {
        // The export says whether a threshold failed, handleSummary() whether it is ok.
        if (path.size() == 4 && value.isBool())
            m_run.threshold(metric, path[3], !value.isTrue());
        else if (path.size() == 5 && path[4] == "ok" && value.isBool())
            m_run.threshold(metric, path[3], value.isTrue());
        return;
    }
    const bool nested = path.size() == 4 && path[2] == "values";
    if ((path.size() != 3 && !nested) || value.token != JsonPull::Token::Number)
        return;
    const std::optional<double> figure = parseDouble(value.text);
    if (figure && (m_metrics.size() < kMaxMetrics || m_metrics.contains(metric)))
        m_metrics[metric][path.back()] = *figure;
}

void Summary::setTimes(const Stats &stats, LoadPhase &phase)
{
    for (const auto &[stat, value] : stats) {
        if (const std::optional<double> quantile = quantileOf(stat))
            phase.setQuantile(*quantile, value);
        else if (stat == "avg")
            phase.meanMs = value;
    }
}

/// What has no column: the other metrics' figures, by name.
void Summary::setRest()
{
    for (const auto &[metric, stats] : m_metrics) {
        if (metric == kDuration || metric.find('{') != std::string::npos)
            continue;
        for (const auto &[stat, value] : stats) {
            if (m_run.whole.extra.size() < kMaxExtra)
                m_run.whole.extra.emplace_back(metric + '.' + stat, value);
        }
    }
}

void Summary::write(RowSink &sink, ImportReport &report)
{
    LoadPhase &whole = m_run.whole;
    if (const Stats *times = stats(kDuration))
        setTimes(*times, whole);
    whole.requests = countOf(stats("http_reqs"), "count");
    whole.rate = valueOf(stats("http_reqs"), "rate");
    // Of a rate metric "passes" are its true values: here the failures.
    whole.errors = countOf(stats("http_req_failed"), "passes");
    if (!whole.errors && whole.requests) {
        if (const auto share = valueOf(stats("http_req_failed"), "value"))
            whole.errors = std::llround(*share * double(*whole.requests));
        else if (const auto rate = valueOf(stats("http_req_failed"), "rate"))
            whole.errors = std::llround(*rate * double(*whole.requests));
    }
    for (const std::string_view stat : {"max", "value"}) {
        if (!m_run.users)
            m_run.users = valueOf(stats("vus_max"), stat);
    }
    if (!m_run.users)
        m_run.users = valueOf(stats("vus"), "max");
    setRest();
    for (const auto &[metric, figures] : m_metrics) {
        if (!metric.starts_with(kDuration) || metric.size() == kDuration.size())
            continue;
        LoadPhase phase;
        phase.kind = LoadPhase::Kind::Operation;
        phase.name = metric.substr(kDuration.size());
        setTimes(figures, phase);
        m_run.phase(std::move(phase));
    }
    m_run.write(sink, report);
}

} // namespace

Result<void> K6SummaryReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    sink.setSource({SourceKind::LoadTest, ClockKind::None, {}});
    JsonPull pull(source);
    Summary summary;
    eachScalar(pull, [&summary](const FlatValue &value) { summary.take(value); });
    const bool found = summary.metrics() > 0;
    if (found) {
        report.rowRead(static_cast<std::int64_t>(summary.metrics()));
        summary.write(sink, report);
    }
    return finishDocument(pull, source, found, "it has no metrics",
        "k6 run --summary-export=FILE writes them, or handleSummary() in the script", report);
}

} // namespace tailscope::import::k6
