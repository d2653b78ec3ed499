// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/recordingcompare.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace tailscope::analysis {

namespace {

/// Continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz' method.
double betaFraction(double a, double b, double x)
{
    constexpr double tiny = 1e-300, enough = 1e-14;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (std::abs(d) < tiny ? tiny : d);
    double product = d;
    for (int m = 1; m <= 500; ++m) {
        const double k = 2 * m;
        for (const double factor : {m * (b - m) * x / ((a + k - 1) * (a + k)),
                 -(a + m) * (a + b + m) * x / ((a + k) * (a + k + 1))}) {
            d = 1 + factor * d;
            d = 1 / (std::abs(d) < tiny ? tiny : d);
            c = 1 + factor / c;
            c = std::abs(c) < tiny ? tiny : c;
            product *= c * d;
        }
        if (std::abs(c * d - 1) < enough)
            break;
    }
    return product;
}

double incompleteBeta(double a, double b, double x)
{
    if (x <= 0)
        return 0;
    if (x >= 1)
        return 1;
    const double front = std::exp(
        std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
    return x < (a + 1) / (a + b + 2) ? front * betaFraction(a, b, x) / a
                                     : 1 - front * betaFraction(b, a, 1 - x) / b;
}

double logBinomial(double n, double k, double share)
{
    return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) + k * std::log(share)
        + (n - k) * std::log1p(-share);
}

Change changeOf(double ratio, bool isSure)
{
    if (!isSure || std::abs(ratio - 1) <= kLeastChange)
        return Change::Same;
    return ratio > 1 ? Change::More : Change::Less;
}

void judge(StatementChange &one, double firstSeconds, double secondSeconds)
{
    if (!one.first || !one.second) {
        one.mean = one.rate = one.first ? Change::OnlyFirst : Change::OnlySecond;
        return;
    }
    const StatementGrowth &a = one.first->growth, &b = one.second->growth;
    if (a.resets + b.resets > 0) {
        one.mean = one.rate = Change::NotComparable;
        one.why = "its counters began anew within the range: calls before that are lost";
        return;
    }
    if (a.isPartial || b.isPartial) {
        one.mean = one.rate = Change::NotComparable;
        one.why = "it was first seen within the range, and is older: what it did before that is not known";
        return;
    }
    if (a.calls > 0 && b.calls > 0 && a.meanMs() > 0) {
        one.meanRatio = b.meanMs() / a.meanMs();
        const auto deviationA = a.stddevMs(), deviationB = b.stddevMs();
        if (deviationA && deviationB)
            one.meanTest = welchTest(double(a.calls), a.meanMs(), *deviationA, double(b.calls), b.meanMs(),
                *deviationB);
        one.mean = changeOf(*one.meanRatio, one.meanTest && one.meanTest->p < kChance);
    }
    if (one.first->callsPerSecond > 0) {
        one.rateRatio = one.second->callsPerSecond / one.first->callsPerSecond;
        one.rateP = poissonRateTest(double(a.calls), firstSeconds, double(b.calls), secondSeconds);
        one.rate = changeOf(*one.rateRatio, one.rateP && *one.rateP < kChance);
    }
}

} // namespace

double studentTail(double t, double freedom)
{
    if (!(freedom > 0) || !std::isfinite(t))
        return std::isinf(t) ? 0 : 1;
    return incompleteBeta(freedom / 2, 0.5, freedom / (freedom + t * t));
}

std::optional<WelchTest> welchTest(double n1, double mean1, double deviation1, double n2, double mean2,
    double deviation2)
{
    if (n1 < 2 || n2 < 2)
        return std::nullopt;
    // Population deviations: the sample's variance is n / (n - 1) of theirs.
    const double a = deviation1 * deviation1 / (n1 - 1), b = deviation2 * deviation2 / (n2 - 1);
    if (!(a + b > 0))
        return std::nullopt;
    WelchTest out;
    out.t = (mean2 - mean1) / std::sqrt(a + b);
    out.freedom = (a + b) * (a + b) / (a * a / (n1 - 1) + b * b / (n2 - 1));
    out.p = studentTail(out.t, out.freedom);
    return out;
}

std::optional<double> poissonRateTest(double count1, double time1, double count2, double time2)
{
    const double n = count1 + count2;
    if (!(n > 0) || !(time1 > 0) || !(time2 > 0))
        return std::nullopt;
    const double share = time1 / (time1 + time2);
    if (n > 1000) {
        const double distance = std::max(std::abs(count1 - n * share) - 0.5, 0.0);
        return std::erfc(distance / std::sqrt(2 * n * share * (1 - share)));
    }
    // Every split that is at most as likely as the one seen.
    const double seen = logBinomial(n, count1, share);
    double p = 0;
    for (std::int64_t k = 0; double(k) <= n; ++k) {
        const double each = logBinomial(n, double(k), share);
        if (each <= seen + 1e-9)
            p += std::exp(each);
    }
    return std::min(p, 1.0);
}

double coveredSeconds(const StatementRange &range)
{
    Nanos most = 0;
    for (const StatementCoverage &one : range.servers)
        most = std::max(most, one.to - one.from);
    return double(most) / 1e9;
}

std::vector<StatementChange> compareStatements(const StatementRange &first, double firstSeconds,
    const StatementRange &second, double secondSeconds)
{
    std::map<std::pair<std::int64_t, std::string>, StatementChange> all;
    const auto take = [&](const StatementRange &range, bool isFirst) {
        for (const StatementInRange &one : range.statements) {
            if (one.growth.calls == 0)
                continue;
            StatementChange &change = all[{one.statement, one.statement == 0 ? one.queryId : std::string()}];
            change.statement = one.statement;
            change.queryId = one.queryId;
            (isFirst ? change.first : change.second) = one;
        }
    };
    take(first, true);
    take(second, false);
    std::vector<StatementChange> out;
    for (auto &[key, change] : all) {
        judge(change, firstSeconds, secondSeconds);
        const double before
            = change.first && firstSeconds > 0 ? change.first->growth.totalMs / firstSeconds : 0;
        const double after
            = change.second && secondSeconds > 0 ? change.second->growth.totalMs / secondSeconds : 0;
        change.timeGainedMs = after - before;
        out.push_back(std::move(change));
    }
    std::stable_sort(out.begin(), out.end(), [](const StatementChange &a, const StatementChange &b) {
        return std::abs(a.timeGainedMs) > std::abs(b.timeGainedMs);
    });
    return out;
}

std::vector<WaitChange> compareWaits(const ActivityHistory &first, const ActivityHistory &second)
{
    struct Both
    {
        double first = 0, second = 0, samplesFirst = 0, samplesSecond = 0;
    };
    std::map<std::string, Both> all;
    for (const ActivityPart &part : first.parts) {
        all[part.key].first += part.average;
        all[part.key].samplesFirst += part.samples;
    }
    for (const ActivityPart &part : second.parts) {
        all[part.key].second += part.average;
        all[part.key].samplesSecond += part.samples;
    }
    std::vector<WaitChange> out;
    for (const auto &[wait, both] : all) {
        // Each count is off by about its root.
        const auto error
            = [](double average, double samples) { return samples > 0 ? average / std::sqrt(samples) : 0; };
        const double off
            = std::hypot(error(both.first, both.samplesFirst), error(both.second, both.samplesSecond));
        out.push_back({wait, both.first, both.second,
            std::abs(both.second - both.first) > 2 * off && both.samplesFirst + both.samplesSecond >= 10});
    }
    std::stable_sort(out.begin(), out.end(), [](const WaitChange &a, const WaitChange &b) {
        return std::abs(a.second - a.first) > std::abs(b.second - b.first);
    });
    return out;
}

namespace {

/// Growth of counters and means of gauges, by server and metric.
struct Sums
{
    std::map<std::string, double> growth, mean; ///< by metric; growth is of all its series
    std::map<std::string, double> seconds; ///< by metric: probes have intervals of their own
};

Result<std::map<std::string, Sums>> readSums(store::Database &reader, const RecordingSide &side,
    const Progress &progress)
{
    Result<store::Statement> rows = reader.prepare(
        "SELECT s.id, s.metric, coalesce(s.service, s.instance, ''), p.ts_ns, p.value FROM series AS s JOIN "
        "point AS p"
        " ON p.series_id = s.id WHERE s.metric IN ('postgresql.commits', 'postgresql.rollbacks',"
        " 'postgresql.blocks_hit', 'postgresql.blocks_read', 'postgresql.wal.position', "
        "'postgresql.backends',"
        " 'postgresql.temp_bytes', 'postgresql.deadlocks') AND p.ts_ns >= ?1 AND p.ts_ns < ?2"
        " AND (?3 = 0 OR s.source_id = ?3) AND p.value IS NOT NULL ORDER BY s.id, p.ts_ns");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    rows->bind(0, side.range.begin);
    rows->bind(1, side.range.end);
    rows->bind(2, side.source);
    std::map<std::string, Sums> out;
    struct Series
    {
        std::int64_t id = -1;
        std::string metric, server;
        Nanos first = 0, last = 0;
        double before = 0, growth = 0, area = 0, n = 0; ///< area: value x seconds
    } series;
    const auto finish = [&] {
        if (series.id < 0 || series.n < 1)
            return;
        Sums &sums = out[series.server];
        const double seconds = double(series.last - series.first) / 1e9;
        sums.growth[series.metric] += series.growth;
        // By time: of minutes that were rolled up fewer points are left.
        sums.mean[series.metric] += seconds > 0 ? series.area / seconds : series.before;
        double &longest = sums.seconds[series.metric];
        longest = std::max(longest, seconds);
    };
    for (std::int64_t n = 0;; ++n) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        if (n % 65536 == 0 && progress.isCancelled())
            return fail(ErrorCode::Cancelled, "recordings", "cancelled");
        const double value = rows->real(4);
        const Nanos ts = rows->integer(3);
        if (rows->integer(0) != series.id) {
            finish();
            series
                = {rows->integer(0), std::string(rows->text(1)), std::string(rows->text(2)), ts, ts, value};
        }
        // A counter that fell began anew; a position in the log falls with a failover and goes on there.
        const bool isPosition = series.metric == "postgresql.wal.position";
        series.growth += value >= series.before ? value - series.before : isPosition ? 0 : value;
        series.area += (series.before + value) / 2 * double(ts - series.last) / 1e9;
        series.before = value;
        series.n += 1;
        series.last = ts;
    }
    finish();
    return out;
}

std::optional<double> headline(const Sums *sums, const std::string &metric, bool isGauge)
{
    if (!sums)
        return std::nullopt;
    const auto &from = isGauge ? sums->mean : sums->growth;
    const auto found = from.find(metric);
    const auto seconds = sums->seconds.find(metric);
    if (found == from.end() || (!isGauge && (seconds == sums->seconds.end() || seconds->second <= 0)))
        return std::nullopt;
    return isGauge ? found->second : found->second / seconds->second;
}

std::optional<double> hitRatio(const Sums *sums)
{
    const auto hit = headline(sums, "postgresql.blocks_hit", false),
               read = headline(sums, "postgresql.blocks_read", false);
    return hit && read && *hit + *read > 0 ? std::optional(*hit / (*hit + *read)) : std::nullopt;
}

} // namespace

Result<std::vector<Headline>> readHeadlines(store::Database &firstReader, const RecordingSide &first,
    store::Database &secondReader, const RecordingSide &second, const Progress &progress)
{
    const auto a = readSums(firstReader, first, progress);
    if (!a)
        return tl::unexpected(a.error());
    const auto b = readSums(secondReader, second, progress);
    if (!b)
        return tl::unexpected(b.error());
    std::map<std::string, std::pair<const Sums *, const Sums *>> servers;
    for (const auto &[server, sums] : *a)
        servers[server].first = &sums;
    for (const auto &[server, sums] : *b)
        servers[server].second = &sums;
    struct Figure
    {
        const char *name, *metric, *unit;
        bool isGauge;
    };
    constexpr Figure figures[]{{"Commits", "postgresql.commits", "/s", false},
        {"Rollbacks", "postgresql.rollbacks", "/s", false},
        {"WAL", "postgresql.wal.position", "bytes/s", false}, {"Sessions", "postgresql.backends", "", true},
        {"Temporary files", "postgresql.temp_bytes", "bytes/s", false},
        {"Deadlocks", "postgresql.deadlocks", "/s", false}};
    std::vector<Headline> out;
    for (const auto &[server, sums] : servers) {
        for (const Figure &figure : figures) {
            Headline one{figure.name, server, figure.unit,
                headline(sums.first, figure.metric, figure.isGauge),
                headline(sums.second, figure.metric, figure.isGauge)};
            if (one.first || one.second)
                out.push_back(std::move(one));
        }
        Headline ratio{"Hit ratio", server, "share", hitRatio(sums.first), hitRatio(sums.second)};
        if (ratio.first || ratio.second)
            out.push_back(std::move(ratio));
    }
    return out;
}

Result<std::vector<RecordingItem>> readRecordings(store::Database &reader)
{
    Result<store::Statement> rows
        = reader.prepare("SELECT s.id, s.path, min(x.first), max(x.last) FROM source AS s JOIN ("
                         "SELECT v.source_id AS id, min(t.ts_ns) AS first, max(t.ts_ns) AS last FROM "
                         "statement_sample AS t JOIN server"
                         " AS v ON v.id = t.server_id GROUP BY 1 UNION ALL "
                         "SELECT v.source_id, min(t.ts_ns), max(t.ts_ns) FROM table_sample AS t JOIN server "
                         "AS v ON v.id = t.server_id"
                         " GROUP BY 1 UNION ALL "
                         "SELECT v.source_id, min(t.ts_ns), max(t.ts_ns) FROM session_sample AS t JOIN "
                         "server AS v ON v.id = t.server_id"
                         " GROUP BY 1 UNION ALL "
                         "SELECT source_id, min(ts_ns), max(ts_ns) FROM session_minute"
                         " GROUP BY 1) AS x ON x.id = s.id GROUP BY s.id, s.path HAVING max(x.last) > "
                         "min(x.first) ORDER BY s.id");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    std::vector<RecordingItem> out;
    for (;;) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return out;
        out.push_back(
            {rows->integer(0), std::string(rows->text(1)), {rows->integer(2), rows->integer(3) + 1}});
    }
}

} // namespace tailscope::analysis
