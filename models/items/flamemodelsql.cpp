// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/flamemodelsql.h"

namespace tailscope::items {

QString spanFlameSql(const QString &condition, bool bottomUp)
{
    // Every span hangs below its nearest ancestor that passes; asynchronous children begin a path of their
    // own.
    const QString above
        = QStringLiteral("iif(s.kind = 'async' OR s.kind = 'consumer' AND w.kind = 'producer'\n"
                         "        OR s.start_ns + s.duration_ns > w.end_ns\n"
                         "          + max(1000000, w.duration_ns / 100), '', w.path)");
    const QString own = bottomUp ? QStringLiteral("iif(s.id IN chosen, s.operation || ' < ', '')")
                                 : QStringLiteral("iif(s.id IN chosen, s.operation || ' > ', '')");
    const QString path
        = bottomUp ? own + QStringLiteral(" || ") + above : above + QStringLiteral(" || ") + own;
    QString root = own;
    root.replace(QStringLiteral("s."), QString());
    return QStringLiteral("WITH RECURSIVE\n"
                          "  chosen(id) AS MATERIALIZED (SELECT id FROM span WHERE %1),\n"
                          "  walk(id, path, kind, duration_ns, end_ns) AS (\n"
                          "    SELECT id, %2, kind, duration_ns, start_ns + duration_ns\n"
                          "    FROM span WHERE parent_id IS NULL\n"
                          "    UNION ALL\n"
                          "    SELECT s.id, %3,\n"
                          "      s.kind, s.duration_ns, s.start_ns + s.duration_ns\n"
                          "    FROM walk AS w JOIN span AS s ON s.parent_id = w.id)\n"
                          "SELECT substr(walk.path, 1, length(walk.path) - 3) AS path, count(*) AS n,\n"
                          "       sum(span.duration_ns) AS total_ns, sum(span.self_ns) AS self_ns\n"
                          "FROM walk JOIN span ON span.id = walk.id\n"
                          "WHERE walk.id IN chosen\n"
                          "GROUP BY walk.path ORDER BY %4 DESC LIMIT 1000;")
        .arg(condition, root, path, bottomUp ? QStringLiteral("self_ns") : QStringLiteral("total_ns"));
}

QString profileFlameSql(qint64 profileId, bool bottomUp)
{
    const QString joined = bottomUp ? QStringLiteral("frame.function || ' < ' || walk.path")
                                    : QStringLiteral("walk.path || ' > ' || frame.function");
    return QStringLiteral(
        "WITH RECURSIVE walk(id, path) AS (\n"
        "  SELECT call_node.id, frame.function\n"
        "  FROM call_node JOIN frame ON frame.id = call_node.frame_id\n"
        "  WHERE call_node.profile_id = %1 AND call_node.parent_id IS NULL\n"
        "  UNION ALL\n"
        "  SELECT call_node.id, %2\n"
        "  FROM walk JOIN call_node ON call_node.profile_id = %1 AND call_node.parent_id = walk.id\n"
        "       JOIN frame ON frame.id = call_node.frame_id)\n"
        "SELECT walk.path, sum(call_node.total_weight) AS total, sum(call_node.self_weight) AS self,\n"
        "       sum(call_node.sample_count) AS samples\n"
        "FROM walk JOIN call_node ON call_node.id = walk.id\n"
        "GROUP BY walk.path ORDER BY %3 DESC LIMIT 1000;")
        .arg(QString::number(profileId), joined, bottomUp ? QStringLiteral("self") : QStringLiteral("total"));
}

QString profileSamplesSql(qint64 profileId, const std::optional<QString> &thread)
{
    QString where = QStringLiteral("sample.profile_id = %1").arg(profileId);
    if (thread) {
        QString quoted = *thread;
        quoted.replace(QLatin1Char('\''), QStringLiteral("''"));
        where += QStringLiteral(" AND ifnull(sample.thread, '') = '%1'").arg(quoted);
    }
    return QStringLiteral("SELECT sample.ts_ns, sample.thread, frame.function, sample.weight\n"
                          "FROM sample JOIN call_node ON call_node.id = sample.call_node_id\n"
                          "     JOIN frame ON frame.id = call_node.frame_id\n"
                          "WHERE %1 AND sample.ts_ns IS NOT NULL\n"
                          "ORDER BY sample.ts_ns LIMIT 1000;")
        .arg(where);
}

QString profileFunctionsSql(qint64 profileId)
{
    return QStringLiteral(
        "SELECT frame.function, frame.module, sum(call_node.self_weight) AS self,\n"
        "       sum(call_node.sample_count) AS samples, frame.file, min(frame.line) AS line\n"
        "FROM call_node JOIN frame ON frame.id = call_node.frame_id\n"
        "WHERE call_node.profile_id = %1\n"
        "GROUP BY frame.function, frame.module ORDER BY self DESC LIMIT 1000;")
        .arg(profileId);
}

QString profileDifferenceSql(qint64 before, qint64 after)
{
    return QStringLiteral(
        "SELECT frame.function, frame.module,\n"
        "       sum(iif(call_node.profile_id = %1, call_node.self_weight, 0)) AS self_before,\n"
        "       sum(iif(call_node.profile_id = %2, call_node.self_weight, 0)) AS self_after\n"
        "FROM call_node JOIN frame ON frame.id = call_node.frame_id\n"
        "WHERE call_node.profile_id IN (%1, %2)\n"
        "GROUP BY frame.function, frame.module\n"
        "ORDER BY abs(self_after - self_before) DESC LIMIT 1000;")
        .arg(QString::number(before), QString::number(after));
}

QString spanOperationsSql(const QString &condition)
{
    return QStringLiteral("SELECT operation, service, count(*) AS n, sum(self_ns) AS self_ns,\n"
                          "       sum(duration_ns) AS total_ns\n"
                          "FROM span WHERE %1\n"
                          "GROUP BY operation, service ORDER BY self_ns DESC LIMIT 1000;")
        .arg(condition);
}

QString trackSpansSql(qint64 trackId, const QString &condition)
{
    QString where = QStringLiteral("track_id = %1").arg(trackId);
    if (condition != QLatin1String("1"))
        where += QStringLiteral("\n  AND ") + condition;
    return QStringLiteral(
               "SELECT id, operation, start_ns, duration_ns, self_ns, depth, status\nFROM span WHERE ")
        + where + QStringLiteral("\nORDER BY start_ns LIMIT 1000;");
}

} // namespace tailscope::items
