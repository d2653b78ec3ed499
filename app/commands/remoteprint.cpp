// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/remoteprint.h"

#include "base/text.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTextStream>

namespace tailscope::app {

namespace {

using analysis::LogLinearHistogram;

QString text(std::string_view view) { return QString::fromUtf8(view.data(), qsizetype(view.size())); }
QString key(const char *name) { return QString::fromLatin1(name); }

QString nameOf(analysis::Quantile q)
{
    return QStringLiteral("p%1").arg(double(q.num) * 100 / double(q.den)).remove(QLatin1Char('.'));
}

QJsonValue nanos(Nanos ns) { return ns == kUnknownNanos ? QJsonValue() : QJsonValue(qint64(ns)); }

QJsonObject percentilesJson(const std::array<live::RemotePercentile, 5> &percentiles)
{
    QJsonObject out;
    for (const live::RemotePercentile &percentile : percentiles) {
        if (percentile.rank == 0)
            continue;
        QJsonObject one{{key("low_ns"), nanos(percentile.low)}, {key("high_ns"), nanos(percentile.high)},
            {key("rank"), qint64(percentile.rank)}};
        if (percentile.exact)
            one.insert(key("exact_ns"), qint64(*percentile.exact));
        out.insert(nameOf(percentile.q), one);
    }
    return out;
}

void printJson(const QJsonObject &object) { QTextStream(stdout) << QJsonDocument(object).toJson(); }

/// Columns aligned, the first to the left.
void printRows(const QList<QStringList> &rows)
{
    QList<qsizetype> widths;
    for (const QStringList &row : rows) {
        for (qsizetype i = 0; i < row.size(); ++i) {
            if (widths.size() <= i)
                widths << 0;
            widths[i] = std::max(widths.at(i), row.at(i).size());
        }
    }
    QTextStream out(stdout);
    for (const QStringList &row : rows) {
        QString line;
        for (qsizetype i = 0; i < row.size(); ++i)
            line += i == 0 ? row.at(i).leftJustified(widths.at(i))
                           : QStringLiteral("  ") + row.at(i).rightJustified(widths.at(i));
        out << line << '\n';
    }
}

QString count(std::int64_t n) { return text(groupedCount(n)); }

} // namespace

void print(const live::RemoteHistogram &histogram, const TimeRange &range, bool isJson)
{
    if (isJson) {
        QJsonArray buckets;
        for (int bucket = 0; bucket < LogLinearHistogram::kBuckets; ++bucket) {
            if (histogram.buckets.count(bucket) > 0)
                buckets << QJsonObject{{key("low_ns"), qint64(LogLinearHistogram::lowerBound(bucket))},
                    {key("high_ns"), qint64(LogLinearHistogram::upperBound(bucket))},
                    {key("count"), qint64(histogram.buckets.count(bucket))}};
        }
        printJson({{key("begin_ns"), qint64(range.begin)}, {key("end_ns"), qint64(range.end)},
            {key("count"), qint64(histogram.count())}, {key("unknown"), qint64(histogram.unknown)},
            {key("errors"), qint64(histogram.errors)}, {key("shards"), qint64(histogram.shards)},
            {key("percentiles"), percentilesJson(histogram.percentiles)}, {key("buckets"), buckets}});
        return;
    }
    QTextStream out(stdout);
    out << text(utcTimestamp(range.begin)) << " to " << text(utcTimestamp(live::shownEnd(range))) << ": "
        << count(histogram.count()) << " spans, " << count(histogram.errors) << " failed, "
        << count(histogram.unknown) << " of unknown duration";
    if (histogram.shards > 0)
        out << ", from " << histogram.shards << (histogram.shards == 1 ? " shard" : " shards");
    out << "\n";
    for (const live::RemotePercentile &percentile : histogram.percentiles) {
        if (percentile.rank > 0)
            out << nameOf(percentile.q).toUpper().leftJustified(6) << text(percentileText(percentile))
                << (percentile.tooFewSamples ? " (too few spans)" : "") << "\n";
    }
    // Whole powers of two: what fits a terminal.
    QList<QStringList> rows{{key("duration"), key("spans")}};
    for (int from = 0; from < LogLinearHistogram::kBuckets; from += LogLinearHistogram::kSubBuckets) {
        std::int64_t n = 0;
        for (int bucket = from; bucket < from + LogLinearHistogram::kSubBuckets; ++bucket)
            n += histogram.buckets.count(bucket);
        if (n > 0)
            rows << QStringList{key("from ") + text(humanDuration(LogLinearHistogram::lowerBound(from))),
                count(n)};
    }
    out.flush();
    printRows(rows);
}

void print(const live::RemoteGroups &groups, bool isJson)
{
    QJsonArray array;
    QList<QStringList> rows{
        {key("value"), key("spans"), key("failed"), key("total"), key("P50"), key("P99")}};
    for (const live::RemoteGroup &group : groups.groups) {
        array << QJsonObject{{key("value"), group.raw ? QJsonValue(text(group.name)) : QJsonValue()},
            {key("count"), qint64(group.count)}, {key("errors"), qint64(group.errors)},
            {key("unknown"), qint64(group.unknown)}, {key("total_ns"), group.totalNs},
            {key("min_ns"), nanos(group.least)}, {key("max_ns"), nanos(group.greatest)},
            {key("percentiles"), percentilesJson(group.percentiles)}};
        rows << QStringList{text(group.name), count(group.count), count(group.errors),
            text(humanMillis(group.totalNs / 1e6)), text(percentileText(group.percentiles[0])),
            text(percentileText(group.percentiles[3]))};
    }
    if (isJson) {
        printJson({{key("groups"), array}, {key("others"), qint64(groups.others)},
            {key("other_spans"), qint64(groups.otherSpans)}});
        return;
    }
    printRows(rows);
    if (groups.others > 0)
        QTextStream(stdout) << "and " << count(std::int64_t(groups.others)) << " more with "
                            << count(groups.otherSpans) << " spans\n";
}

void print(const live::RemoteCohort &cohort, std::size_t most, bool isJson)
{
    QJsonArray array;
    QList<QStringList> rows{{key("what"), key("slow"), key("all"), key("lift"), key("p (corrected)")}};
    for (const analysis::CohortDifference &difference : cohort.differences) {
        if (std::size_t(array.size()) >= most)
            break;
        array << QJsonObject{{key("key"), text(difference.key)}, {key("value"), text(difference.value)},
            {key("slow_n"), qint64(difference.slowN)}, {key("all_n"), qint64(difference.allN)},
            {key("lift"), difference.lift.value_or(1)}, {key("p"), difference.p},
            {key("adjusted_p"), difference.adjustedP}, {key("differs"), difference.isDifferent}};
        rows << QStringList{text(difference.key + "=" + difference.value),
            QStringLiteral("%1 %").arg(difference.coverage * 100, 0, 'f', 1),
            QStringLiteral("%1 %").arg(double(difference.allN) * 100 / double(cohort.all), 0, 'f', 1),
            QStringLiteral("%1").arg(difference.lift.value_or(1), 0, 'g', 3),
            QStringLiteral("%1").arg(difference.adjustedP, 0, 'g', 2)};
    }
    QJsonArray leftOut;
    for (const std::string &name : cohort.leftOut)
        leftOut << text(name);
    if (isJson) {
        printJson({{key("slow_from_ns"), nanos(cohort.slowFrom)}, {key("slow"), qint64(cohort.slow)},
            {key("all"), qint64(cohort.all)}, {key("tested"), qint64(cohort.tested)},
            {key("too_few"), cohort.tooFew}, {key("differences"), array}, {key("left_out"), leftOut}});
        return;
    }
    QTextStream(stdout) << count(cohort.slow) << " slow spans (" << text(humanDuration(cohort.slowFrom))
                        << " or more) of " << count(cohort.all)
                        << (cohort.tooFew ? ": too few to compare\n" : "\n");
    if (!cohort.tooFew)
        printRows(rows);
    QStringList names;
    for (const std::string &name : cohort.leftOut)
        names << text(name);
    if (!names.isEmpty())
        QTextStream(stdout) << "not compared, too many values: " << names.join(QStringLiteral(", ")) << "\n";
}

void print(const std::vector<live::RemoteTrace> &traces, bool isJson)
{
    QJsonArray array;
    QList<QStringList> rows{{key("trace"), key("start"), key("duration"), key("service"), key("operation")}};
    for (const live::RemoteTrace &trace : traces) {
        array << QJsonObject{{key("trace"), text(trace.trace)}, {key("start_ns"), qint64(trace.startNs)},
            {key("duration_ns"), qint64(trace.durationNs)}, {key("service"), text(trace.service)},
            {key("operation"), text(trace.operation)}, {key("failed"), trace.failed}};
        rows << QStringList{text(trace.trace), text(utcTimestamp(trace.startNs)),
            text(humanDuration(trace.durationNs)), text(trace.service), text(trace.operation)};
    }
    if (isJson)
        printJson({{key("traces"), array}});
    else
        printRows(rows);
}

void printRuns(const std::vector<live::QueryRun> &runs)
{
    QTextStream out(stderr);
    for (const live::QueryRun &run : runs)
        out << "-- " << text(run.what) << ": " << QString::number(run.ms, 'f', 1) << " ms, " << run.rows
            << " rows\n"
            << text(run.sql) << ";\n";
}

} // namespace tailscope::app
