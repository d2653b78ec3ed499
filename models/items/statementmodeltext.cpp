// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What StatementModel gives away: SQL, CSV.
#include "items/statementmodel.h"

namespace tailscope::items {

namespace {

QString quoted(QString cell, QChar separator)
{
    if (separator != QLatin1Char(','))
        return cell.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
    if (!cell.contains(QLatin1Char(',')) && !cell.contains(QLatin1Char('"'))
        && !cell.contains(QLatin1Char('\n')) && !cell.contains(QLatin1Char('\r')))
        return cell;
    return QLatin1Char('"') + cell.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
}

QString literal(QString text)
{
    return QLatin1Char('\'') + text.replace(QLatin1Char('\''), QStringLiteral("''")) + QLatin1Char('\'');
}

} // namespace

QString StatementModel::sql() const
{
    QString where;
    for (const QString &word : m_words) {
        QString escaped = word;
        escaped.replace(QLatin1Char('\\'), QStringLiteral("\\\\"))
            .replace(QLatin1Char('%'), QStringLiteral("\\%"))
            .replace(QLatin1Char('_'), QStringLiteral("\\_"));
        where
            += QStringLiteral("\n  AND (ifnull(s.normalized, s.text) LIKE %1 ESCAPE '\\' OR x.verdict = %2)")
                   .arg(literal(QLatin1Char('%') + escaped + QLatin1Char('%')), literal(word));
    }
    return QStringLiteral(
        "SELECT x.statement_id, ifnull(s.normalized, s.text) AS statement, x.calls, x.total_ms, x.share,\n"
        "  sum(x.share) OVER (ORDER BY x.total_ms DESC) AS cumulative, x.mean_ms, x.p99_ms, x.rows,\n"
        "  1.0 * x.rows / x.calls AS rows_per_call, x.shared_read, x.shared_hit, x.temp_written,\n"
        "  x.wal_bytes, x.plans, x.verdict, x.reason\n"
        "FROM statement_stat AS x JOIN statement AS s ON s.id = x.statement_id\n"
        "WHERE x.origin = %1%2\nORDER BY x.total_ms DESC")
        .arg(literal(originId(m_origin)), where);
}

QString StatementModel::plansSql(qint64 statement) const
{
    return QStringLiteral(
        "SELECT id, strftime('%Y-%m-%d %H:%M:%S', captured_at_ns / 1000000000, 'unixepoch') AS "
        "captured_utc,\n"
        "  execution_ms, total_cost, node_count FROM plan\n"
        "WHERE statement_id = %1 OR json_extract(extra, '$.\"Query Identifier\"') IN\n"
        "  (SELECT json_extract(extra, '$.queryid') FROM statement_sample WHERE statement_id = %1)\n"
        "ORDER BY ifnull(execution_ms, 0) DESC, id")
        .arg(statement);
}

QString StatementModel::tagsSql() const
{
    return QStringLiteral(
        "WITH tagged AS (\n"
        "  SELECT key, value, count(*) AS statements, sum(calls) AS calls, sum(total_ms) AS total_ms\n"
        "  FROM statement_tag WHERE origin = %1 GROUP BY key, value\n"
        "), whole AS (SELECT sum(calls) AS calls, sum(total_ms) AS total_ms FROM statement_stat WHERE origin "
        "= %1)\n"
        "SELECT t.key, t.value, t.statements, t.calls, t.total_ms,\n"
        "  round(100 * t.total_ms / w.total_ms, 2) AS share_percent FROM tagged AS t, whole AS w\n"
        "UNION ALL\n"
        "SELECT k.key, '(without)', NULL, w.calls - k.calls, max(w.total_ms - k.total_ms, 0),\n"
        "  round(100 * max(w.total_ms - k.total_ms, 0) / w.total_ms, 2)\n"
        "FROM (SELECT key, sum(calls) AS calls, sum(total_ms) AS total_ms FROM tagged GROUP BY key) AS k,\n"
        "  whole AS w WHERE w.calls > k.calls\n"
        "ORDER BY 1, 5 DESC")
        .arg(literal(originId(m_origin)));
}

QString StatementModel::spansSql(qint64 statement) const
{
    QString print;
    for (const StatementItem &one : items()) {
        if (one.id == statement)
            print = one.fingerprint;
    }
    return QStringLiteral(
        "SELECT s.id, s.service, s.operation, s.start_ns, s.duration_ns, a.value AS statement\n"
        "FROM span AS s JOIN span_attribute AS a ON a.span_id = s.id\n"
        "WHERE a.key IN ('db.query.text', 'db.statement', 'sql.query') AND fingerprint(a.value) = %1\n"
        "  AND %2\nORDER BY s.duration_ns DESC LIMIT 200")
        .arg(literal(print), m_session->context()->whereSql());
}

QString StatementModel::toText(QChar separator, const QList<int> &rows) const
{
    QStringList lines;
    QStringList cells;
    for (int column = 0; column < ColumnCount; ++column)
        cells << quoted(headerData(column, Qt::Horizontal).toString(), separator);
    cells << QStringLiteral("Reason");
    lines << cells.join(separator);
    for (const int row : rows) {
        const StatementItem *one = item(row);
        if (!one)
            continue;
        cells = {quoted(one->text, separator)};
        for (int column = Calls; column < Verdict; ++column) {
            const auto value = number(*one, column);
            cells << (value ? QString::number(*value, 'g', 15) : QString());
        }
        cells << one->verdict << quoted(one->reason, separator);
        lines << cells.join(separator);
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

} // namespace tailscope::items
