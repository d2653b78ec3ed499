// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/distributionsql.h"

#include <QStringList>

namespace tailscope::items {

namespace {

/// "p99(duration_ns)", or the weighted form.
QString percentileSql(const DistributionSqlScope &scope, const QString &column, const QString &quantile,
    const QString &shortName)
{
    if (scope.weighted) {
        return QStringLiteral(
            "percentile(%1, %2, ifnull((SELECT weight FROM trace WHERE trace.id = span.trace_id), 1))")
            .arg(column, quantile);
    }
    return shortName.isEmpty() ? QStringLiteral("percentile(%1, %2)").arg(column, quantile)
                               : QStringLiteral("%1(%2)").arg(shortName, column);
}

QString percentilesSql(const DistributionSqlScope &scope, const QString &column, bool all)
{
    const auto line = [&](const QString &quantile, const QString &name, const QString &as) {
        return percentileSql(scope, column, quantile, name) + QStringLiteral(" AS %1_ns").arg(as);
    };
    QStringList lines{line(QStringLiteral("0.5"), QStringLiteral("p50"), QStringLiteral("p50"))};
    if (all)
        lines << line(QStringLiteral("0.9"), {}, QStringLiteral("p90"));
    lines << line(QStringLiteral("0.95"), QStringLiteral("p95"), QStringLiteral("p95"))
          << line(QStringLiteral("0.99"), QStringLiteral("p99"), QStringLiteral("p99"));
    if (all)
        lines << line(QStringLiteral("0.999"), QStringLiteral("p999"), QStringLiteral("p999"));
    return lines.join(QStringLiteral(",\n       "));
}

QString groupColumn(analysis::GroupBy groupBy)
{
    using analysis::GroupBy;
    switch (groupBy) {
    case GroupBy::Operation:
        return QStringLiteral("operation");
    case GroupBy::Service:
        return QStringLiteral("service");
    case GroupBy::Instance:
        return QStringLiteral("instance");
    case GroupBy::Track:
        return QStringLiteral("track_id");
    case GroupBy::Status:
        return QStringLiteral("status");
    case GroupBy::Thread:
        return QStringLiteral("thread");
    case GroupBy::HttpCode:
        return QStringLiteral("CASE WHEN http_status IS NULL THEN 'none' WHEN http_status IN (429, 503) THEN "
                              "http_status || ''\n"
                              "         WHEN http_status BETWEEN 100 AND 599 THEN http_status / 100 || 'xx'\n"
                              "         ELSE 'other code' END AS http_code");
    case GroupBy::Attribute:
    case GroupBy::HttpClass:
        break;
    }
    return QStringLiteral("CASE WHEN http_status IS NULL THEN 'none' WHEN http_status BETWEEN 100 AND 599\n"
                          "         THEN http_status / 100 || 'xx' ELSE 'other code' END AS http_class");
}

} // namespace

QString distributionFiguresSql(const DistributionSqlScope &scope)
{
    const QString column = scope.self ? QStringLiteral("self_ns") : QStringLiteral("duration_ns");
    const QString mean = scope.weighted
        ? QStringLiteral(
            "sum(%1 * ifnull((SELECT weight FROM trace WHERE trace.id = span.trace_id), 1))\n"
            "         / sum(CASE WHEN %1 IS NOT NULL THEN\n"
            "                 ifnull((SELECT weight FROM trace WHERE trace.id = span.trace_id), 1) END)")
              .arg(column)
        : QStringLiteral("avg(%1)").arg(column);
    return QStringLiteral("SELECT count(%1) AS n, count(*) - count(%1) AS unknown,\n"
                          "       count(*) FILTER (WHERE status = 'error') AS errors,\n"
                          "       %2,\n"
                          "       %3 AS mean_ns,\n"
                          "       min(%1) AS min_ns, max(%1) AS max_ns\n"
                          "FROM span WHERE %4;")
        .arg(column, percentilesSql(scope, column, true), mean, scope.condition);
}

QString distributionGroupsSql(const DistributionSqlScope &scope, analysis::GroupBy groupBy,
    const QString &attribute)
{
    QString key = attribute;
    key.replace(QLatin1Char('\''), QStringLiteral("''"));
    const QString column = groupBy != analysis::GroupBy::Attribute
        ? groupColumn(groupBy)
        : QStringLiteral(
            "(SELECT a.value FROM span_attribute AS a WHERE a.span_id = span.id AND a.key = '%1'\n"
            "         ORDER BY a.scope DESC LIMIT 1) AS value")
              .arg(key);
    return QStringLiteral("SELECT %1, count(*) AS n,\n"
                          "       count(*) FILTER (WHERE status = 'error') AS errors,\n"
                          "       %2,\n"
                          "       sum(duration_ns) AS total_ns, sum(self_ns) AS self_ns\n"
                          "FROM span WHERE %3\n"
                          "GROUP BY 1 ORDER BY total_ns DESC LIMIT 1000;")
        .arg(column, percentilesSql(scope, QStringLiteral("duration_ns"), true), scope.condition);
}

QString distributionBinsSql(const DistributionSqlScope &scope, TimeRange range, Nanos binNs)
{
    const Nanos bin = binNs > 0 ? binNs : 1;
    return QStringLiteral("SELECT %1 + (start_ns - %1) / %2 * %2 AS bin_start_ns, count(*) AS n,\n"
                          "       count(*) FILTER (WHERE status = 'error') AS errors,\n"
                          "       %3\n"
                          "FROM span WHERE start_ns >= %1 AND start_ns < %4 AND %5\n"
                          "GROUP BY 1 ORDER BY 1;")
        .arg(QString::number(range.begin), QString::number(bin),
            percentilesSql(scope, QStringLiteral("duration_ns"), false), QString::number(range.end),
            scope.condition);
}

} // namespace tailscope::items
