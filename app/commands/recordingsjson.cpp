// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A comparison of recordings as JSON: what is unknown is null.
#include "app/commands/recordingsprint.h"
#include "items/celltext.h"

#include <QJsonArray>

namespace tailscope::app {

namespace {

using items::RecordingComparison;
using items::cells::fromUtf8;

QString key(const char *name) { return QString::fromLatin1(name); }

QJsonValue number(const std::optional<double> &value) { return value ? QJsonValue(*value) : QJsonValue(); }

QJsonValue number(const std::optional<std::int64_t> &value)
{
    return value ? QJsonValue(qint64(*value)) : QJsonValue();
}

QJsonValue text(const std::optional<std::string> &value)
{
    return value ? QJsonValue(fromUtf8(*value)) : QJsonValue();
}

std::optional<double> ratioOf(const std::optional<double> &first, const std::optional<double> &second)
{
    return first && second && *first > 0 ? std::optional(*second / *first) : std::nullopt;
}

QJsonObject sideJson(const QString &name, const analysis::RecordingSide &side,
    const items::SideCoverage &coverage, double seconds)
{
    QJsonArray servers, tooFew;
    for (const analysis::StatementCoverage &one : coverage.servers)
        servers << QJsonObject{{key("server"), fromUtf8(one.server)}, {key("begin_ns"), qint64(one.from)},
            {key("end_ns"), qint64(one.to)}, {key("samples"), qint64(one.samples)}};
    for (const std::string &server : coverage.tooFew)
        tooFew << fromUtf8(server);
    return {{key("source"), side.source > 0 ? QJsonValue(qint64(side.source)) : QJsonValue()},
        {key("name"), name}, {key("begin_ns"), qint64(side.range.begin)},
        {key("end_ns"), qint64(side.range.end)}, {key("statement_seconds"), seconds},
        {key("servers"), servers}, {key("too_few_samples"), tooFew}, {key("resets"), qint64(coverage.resets)},
        {key("gone"), qint64(coverage.gone)}, {key("evictions"), number(coverage.evictions)},
        {key("session_samples"), qint64(coverage.sessionSamples)}};
}

QJsonValue statementSide(const std::optional<analysis::StatementInRange> &side)
{
    if (!side)
        return {};
    const analysis::StatementGrowth &growth = side->growth;
    return QJsonObject{{key("calls"), qint64(growth.calls)}, {key("calls_per_s"), side->callsPerSecond},
        {key("total_ms"), growth.totalMs}, {key("mean_ms"), growth.meanMs()},
        {key("stddev_ms"), number(growth.stddevMs())}, {key("share"), side->share},
        {key("rows"), number(growth.rows)}, {key("shared_read"), number(growth.sharedRead)},
        {key("temp_blocks"), number(growth.tempBlocks)}, {key("resets"), growth.resets},
        {key("new"), growth.isNew}, {key("gone"), growth.isGone}, {key("partial"), growth.isPartial}};
}

QJsonObject rowOf(const RecordingComparison &from, const analysis::StatementChange &one)
{
    const auto sql = from.texts.find(one.statement);
    // Of two workspaces the numbers are of the first; what is only in the second has one of no workspace.
    const bool hasId = one.statement > 0 && (from.isOneWorkspace || one.first);
    return {{key("statement_id"), hasId ? QJsonValue(qint64(one.statement)) : QJsonValue()},
        {key("query_id"), one.queryId.empty() ? QJsonValue() : QJsonValue(fromUtf8(one.queryId))},
        {key("text"), sql != from.texts.end() ? QJsonValue(fromUtf8(sql->second)) : QJsonValue()},
        {key("gained_ms_per_s"), one.timeGainedMs}, {key("a"), statementSide(one.first)},
        {key("b"), statementSide(one.second)}, {key("mean_ratio"), number(one.meanRatio)},
        {key("mean_p"), number(one.meanTest ? std::optional(one.meanTest->p) : std::nullopt)},
        {key("mean"), meanWord(one)}, {key("rate_ratio"), number(one.rateRatio)},
        {key("rate_p"), number(one.rateP)}, {key("rate"), rateWord(one)},
        {key("why"), one.why.empty() ? QJsonValue() : QJsonValue(fromUtf8(one.why))}};
}

QJsonObject rowOf(const RecordingComparison &, const analysis::Headline &one)
{
    return {{key("figure"), fromUtf8(one.name)}, {key("server"), fromUtf8(one.server)},
        {key("unit"), fromUtf8(one.unit)}, {key("a"), number(one.first)}, {key("b"), number(one.second)},
        {key("ratio"), number(ratioOf(one.first, one.second))}};
}

QJsonObject rowOf(const RecordingComparison &, const analysis::WaitChange &one)
{
    return {{key("wait"), fromUtf8(one.wait)}, {key("a"), one.first}, {key("b"), one.second},
        {key("difference"), one.second - one.first}, {key("sure"), one.isSure}};
}

QJsonObject rowOf(const RecordingComparison &, const items::SettingChange &one)
{
    return {{key("setting"), fromUtf8(one.name)}, {key("server"), fromUtf8(one.server)},
        {key("a"), text(one.first)}, {key("b"), text(one.second)}};
}

QJsonValue tableSide(const std::optional<items::TableItem> &side, const items::TableRates &rates)
{
    if (!side)
        return {};
    return QJsonObject{{key("seconds"), side->seconds}, {key("reset"), side->growth.wasReset},
        {key("seq_scans_per_s"), number(rates.seqScans)},
        {key("index_scans_per_s"), number(rates.indexScans)},
        {key("rows_read_per_s"), number(rates.rowsRead)}, {key("written_per_s"), number(rates.written)},
        {key("blocks_read_per_s"), number(rates.blocksRead)}, {key("dead_rows"), number(side->deadRows)},
        {key("table_bytes"), number(side->tableBytes)}};
}

QJsonObject rowOf(const RecordingComparison &, const ComparedTable &one)
{
    return {{key("table"), fromUtf8(*one.name)}, {key("a"), tableSide(*one.before, one.first)},
        {key("b"), tableSide(*one.after, one.second)}};
}

/// The first rows under the name of their part, and how many there are beside them.
template<typename Row>
void add(QJsonObject &out, QJsonObject &counts, const QString &part, const RecordingComparison &from,
    const std::vector<Row> &rows, const ComparisonPrint &order)
{
    if (!order.parts.contains(part))
        return;
    QJsonArray array;
    for (const Row &row : rows) {
        if (std::size_t(array.size()) >= order.limit)
            break;
        array << rowOf(from, row);
    }
    out.insert(part, array);
    counts.insert(part, qint64(rows.size()));
}

} // namespace

QJsonObject toJson(const RecordingComparison &comparison, const ComparisonPrint &order)
{
    QJsonArray doubts;
    for (const std::string &doubt : items::doubtsOf(comparison))
        doubts << fromUtf8(doubt);
    QJsonObject out{{key("a"),
                        sideJson(order.firstName, comparison.first, comparison.firstCoverage,
                            comparison.firstSeconds)},
        {key("b"),
            sideJson(order.secondName, comparison.second, comparison.secondCoverage,
                comparison.secondSeconds)},
        {key("doubts"), doubts}};
    QJsonObject counts; // a list may be cut by --limit
    add(out, counts, key("headline"), comparison, comparison.figures, order);
    add(out, counts, key("statements"), comparison, comparison.statements, order);
    add(out, counts, key("waits"), comparison, comparison.waits, order);
    add(out, counts, key("tables"), comparison, sortedTables(comparison), order);
    add(out, counts, key("settings"), comparison, comparison.settings, order);
    out.insert(key("counts"), counts);
    return out;
}

} // namespace tailscope::app
