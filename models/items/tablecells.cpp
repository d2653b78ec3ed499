// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Tables as cells and words.
#include "items/objectcells.h"

#include "base/text.h"
#include "items/celltext.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailscope::items {

namespace {

using analysis::TableCounter;
using cells::fromUtf8;

QString tr(const char *text) { return QCoreApplication::translate("ObjectCells", text); }

std::optional<std::int64_t> at(const analysis::TableCounters &counters, TableCounter counter)
{
    return counters[std::size_t(counter)];
}

std::optional<double> ratio(std::optional<std::int64_t> part, std::optional<std::int64_t> rest)
{
    if (!part || !rest || *part + *rest <= 0)
        return std::nullopt;
    return double(*part) / double(*part + *rest);
}

/// A counter as the switch says: in the range by second, or all of it.
TableCell counterCell(const TableItem &item, TableCounter counter, const ObjectTexts &texts,
    const QString &why)
{
    if (texts.sinceReset)
        return cells::count(at(item.counters, counter), why);
    const auto grown = at(item.growth.by, counter);
    if (!at(item.counters, counter) && !why.isEmpty())
        return cells::count(std::nullopt, why);
    if (!grown || item.seconds <= 0)
        return cells::count(std::nullopt, {});
    const double rate = double(*grown) / item.seconds;
    TableCell cell;
    cell.text = cells::perSecond(rate);
    cell.value = rate;
    cell.toolTip
        = tr("%1 in %2 s of samples").arg(fromUtf8(groupedCount(*grown))).arg(item.seconds, 0, 'g', 6);
    if (item.growth.wasReset)
        cell.toolTip += tr("; the counters began anew");
    return cell;
}

const analysis::TableCounters &counters(const TableItem &item, const ObjectTexts &texts)
{
    return texts.sinceReset ? item.counters : item.growth.by;
}

std::optional<Nanos> later(std::optional<Nanos> a, std::optional<Nanos> b)
{
    return a && b ? std::max(*a, *b) : a ? a : b;
}

TableCell whenCell(std::optional<Nanos> byHand, std::optional<Nanos> bySelf, Nanos moment)
{
    TableCell cell = cells::age(later(byHand, bySelf), moment, tr("never"));
    const auto text = [](std::optional<Nanos> ns) {
        return ns ? fromUtf8(utcTimestamp(*ns)) : tr("never, as far as the statistics go");
    };
    cell.toolTip = tr("By hand: %1\nBy autovacuum: %2").arg(text(byHand), text(bySelf));
    return cell;
}

/// How far rows have come towards a limit at which autovacuum starts.
TableCell triggerCell(std::optional<std::int64_t> rows, std::optional<double> limit, const TableItem &item)
{
    if (!item.vacuum.isEnabled)
        return cells::text(tr("off"), tr("autovacuum is off for this table or server"));
    if (!rows || !limit || *limit < 0)
        return cells::count(std::nullopt, item.rows || item.liveRows ? QString() : tr("never counted"));
    const double share = *limit > 0 ? double(*rows) / *limit : 1;
    TableCell cell;
    cell.text = QStringLiteral("%1 %").arg(std::floor(std::min(100 * share, 99999.0)), 0, 'f', 0);
    cell.value = share;
    cell.bar = std::clamp(share, 0.0, 1.0);
    cell.level = share >= 2 ? 2 : share >= 1 ? 1 : 0;
    cell.toolTip = tr("%1 rows of the %2 at which it starts")
                       .arg(fromUtf8(groupedCount(*rows)), fromUtf8(groupedCount(std::llround(*limit))));
    return cell;
}

double rowsOf(const TableItem &item)
{
    return item.rows ? *item.rows : item.liveRows ? double(*item.liveRows) : -1;
}

int levelOf(const std::vector<ObjectFinding> &findings)
{
    int level = 0;
    for (const ObjectFinding &one : findings)
        level = std::max(level, one.severity == "critical" ? 3 : one.severity == "warning" ? 2 : 1);
    return level;
}

Nanos momentOf(const TableItem &item, const ObjectTexts &texts)
{
    return texts.moment == std::numeric_limits<Nanos>::max() && item.seenNs != kUnknownNanos ? item.seenNs
                                                                                             : texts.moment;
}

QString versionWhy(const TableList &list, const TableItem &item, int least)
{
    const auto version = list.servers[item.server].version;
    return version && *version < least ? tr("not on this version") : QString();
}

TableRow tableRow(const TableList &list, const TableItem &item, qint64 id, const ObjectTexts &texts)
{
    const auto trigger = analysis::vacuumTrigger(item.vacuum, std::max(rowsOf(item), 0.0));
    const bool isCounted = rowsOf(item) >= 0;
    const auto &shown = counters(item, texts);
    const auto seqScans = at(shown, TableCounter::SeqScans), indexScans = at(shown, TableCounter::IndexScans);
    const auto hits = at(shown, TableCounter::HeapHit), reads = at(shown, TableCounter::HeapRead);
    std::optional<double> rowsPerScan, hot, deadShare = ratio(item.deadRows, item.liveRows);
    if (const auto rows = at(shown, TableCounter::SeqRows); rows && seqScans && *seqScans > 0)
        rowsPerScan = double(*rows) / double(*seqScans);
    if (const auto updates = at(shown, TableCounter::Updated); updates && *updates > 0) {
        if (const auto same = at(shown, TableCounter::HotUpdated))
            hot = double(*same) / double(*updates);
    }
    const QString name = fromUtf8(item.qualifiedName());
    TableCell table = cells::text(
        texts.severalServers ? tr("%1 · %2").arg(name, fromUtf8(list.servers[item.server].label)) : name);
    table.toolTip = tr("%1 in database %2 of %3")
                        .arg(name, item.dbname.empty() ? tr("(unknown)") : fromUtf8(item.dbname),
                            fromUtf8(list.servers[item.server].label));
    TableCell rows = item.rows ? cells::real(item.rows, {}) : cells::count(std::nullopt, tr("never counted"));
    rows.toolTip = item.rows
        ? tr("reltuples, an estimate of the last vacuum or analyze: %1").arg(*item.rows, 0, 'f', 0)
        : tr("Neither vacuum nor analyze has counted it");
    TableCell dead = cells::share(deadShare, true);
    dead.level = deadShare && *deadShare >= 0.2 && item.deadRows.value_or(0) >= 1000 ? 2 : 0;
    TableCell bloat = cells::bytes(
        item.bloatBytes ? std::optional(std::int64_t(std::llround(*item.bloatBytes))) : std::nullopt);
    bloat.toolTip = item.bloatBytes
        ? fromUtf8(item.bloatDoubt)
        : tr("Not estimated: no statistics of some column, never counted, or too small");
    if (item.bloatBytes)
        bloat.text = tr("about %1").arg(bloat.text);
    TableCell findings = cells::text(QString());
    if (!item.findings.empty()) {
        findings = cells::text(fromUtf8(item.findings.front().title));
        if (item.findings.size() > 1)
            findings.text += tr(" and %1 more").arg(item.findings.size() - 1);
        findings.level = levelOf(item.findings);
    }
    const Nanos moment = momentOf(item, texts);
    TableRow row{id, {}};
    row.cells << table << cells::bytes(item.tableBytes) << cells::bytes(item.indexBytes)
              << cells::bytes(texts.sinceReset ? std::nullopt : item.grownBytes) << rows
              << cells::count(item.liveRows) << cells::count(item.deadRows) << dead
              << counterCell(item, TableCounter::SeqScans, texts, {})
              << counterCell(item, TableCounter::IndexScans, texts, {})
              << cells::share(ratio(indexScans, seqScans)) << cells::real(rowsPerScan, {})
              << counterCell(item, TableCounter::Inserted, texts, {})
              << counterCell(item, TableCounter::Updated, texts, {})
              << counterCell(item, TableCounter::Deleted, texts, {}) << cells::share(hot)
              << counterCell(item, TableCounter::NewPageUpdated, texts, versionWhy(list, item, 160000))
              << cells::share(ratio(hits, reads)) << whenCell(item.vacuumNs, item.autovacuumNs, moment)
              << triggerCell(item.deadRows, isCounted ? std::optional(trigger.dead) : std::nullopt, item)
              << whenCell(item.analyzeNs, item.autoanalyzeNs, moment)
              << triggerCell(item.changedRows, isCounted ? std::optional(trigger.changed) : std::nullopt,
                     item)
              << cells::count(item.changedRows) << bloat << findings;
    return row;
}

} // namespace

QVector<CellTable::Column> tableColumns()
{
    return {{tr("Table"), {}, false}, {tr("Size"), tr("The table with TOAST, without its indexes"), true},
        {tr("Indexes"), tr("Size of all its indexes"), true},
        {tr("Grown"), tr("Table and indexes, in the range"), true},
        {tr("Rows"), tr("reltuples: an estimate of the last vacuum or analyze"), true},
        {tr("Live"), tr("n_live_tup: counted by the statistics"), true}, {tr("Dead"), tr("n_dead_tup"), true},
        {tr("Dead %"), tr("Dead / (live + dead) rows"), true},
        {tr("Seq. Scans"), tr("Per second of the range, or all since the statistics were reset"), true},
        {tr("Index Scans"), tr("Per second of the range, or all since the statistics were reset"), true},
        {tr("Index Use"), tr("Index scans / all scans"), true},
        {tr("Rows/Scan"), tr("Live rows that a sequential scan reads, mean"), true},
        {tr("Inserted"), tr("Rows"), true}, {tr("Updated"), tr("Rows"), true},
        {tr("Deleted"), tr("Rows"), true},
        {tr("HOT"), tr("Updates that stayed on their page and wrote no index / all updates"), true},
        {tr("New Page"), tr("Updates that moved to another page (since version 16)"), true},
        {tr("Hit Ratio"), tr("Blocks of the table found in shared buffers / asked for"), true},
        {tr("Vacuumed"), tr("The last vacuum, by hand or by itself"), true},
        {tr("Vacuum Due"),
            tr("Dead rows / the number at which autovacuum starts: threshold + scale factor x rows, "
               "with the table's own settings, capped since version 18"),
            true},
        {tr("Analyzed"), tr("The last analyze, by hand or by itself"), true},
        {tr("Analyze Due"), tr("Rows changed / the number at which autovacuum analyzes"), true},
        {tr("Changed"), tr("Rows changed since the last analyze"), true},
        {tr("Bloat"), tr("Space that the rows do not need: an estimate, its doubt is in the tooltip"), true},
        {tr("Findings"), tr("What the rules say about it"), false}};
}

QVector<TableRow> tableRows(const TableList &list, const ObjectTexts &texts)
{
    QVector<TableRow> rows;
    rows.reserve(qsizetype(list.tables.size()));
    for (std::size_t i = 0; i < list.tables.size(); ++i)
        rows << tableRow(list, list.tables[i], qint64(i), texts);
    return rows;
}

QString tableDetails(const TableList &list, const TableItem &item, const ObjectTexts &texts)
{
    QStringList lines{
        tr("%1 · database %2 · %3")
            .arg(fromUtf8(item.qualifiedName()), item.dbname.empty() ? tr("unknown") : fromUtf8(item.dbname),
                fromUtf8(list.servers[item.server].label))};
    const double rows = rowsOf(item);
    const auto trigger = analysis::vacuumTrigger(item.vacuum, std::max(rows, 0.0));
    const auto grouped = [](double value) { return fromUtf8(groupedCount(std::llround(value))); };
    if (list.servers[item.server].isStandby.value_or(false)) {
        lines << tr("A standby runs no vacuum and does not count live and dead rows: its primary does.");
    } else if (!item.vacuum.isEnabled) {
        lines << tr("Autovacuum is off for it: only the freeze that prevents a wraparound still runs.");
    } else if (rows < 0) {
        lines << tr("Its rows were never counted: when autovacuum comes is not known.");
    } else {
        lines << tr("Autovacuum comes at %1 dead rows = %2 + %3 x %4 rows%5; now there are %6.")
                     .arg(grouped(trigger.dead), grouped(item.vacuum.threshold))
                     .arg(item.vacuum.scaleFactor, 0, 'g', 6)
                     .arg(grouped(rows),
                         item.vacuum.maxThreshold ? tr(", at most %1").arg(grouped(*item.vacuum.maxThreshold))
                                                  : QString(),
                         item.deadRows ? fromUtf8(groupedCount(*item.deadRows)) : tr("unknown many"));
        lines << tr("It analyzes at %1 changed rows; now there are %2.")
                     .arg(grouped(trigger.changed),
                         item.changedRows ? fromUtf8(groupedCount(*item.changedRows)) : tr("unknown many"));
        const QString version = versionWhy(list, item, 130000);
        if (!version.isEmpty())
            lines << tr("Vacuum after inserts: %1 (since 13).").arg(version);
        else if (trigger.inserted)
            lines << tr("After inserts it comes at %1 rows; now there are %2.")
                         .arg(grouped(*trigger.inserted),
                             item.insertedRows ? fromUtf8(groupedCount(*item.insertedRows))
                                               : tr("unknown many"));
    }
    if (!item.reloptions.empty())
        lines << tr("Its own settings: %1").arg(fromUtf8(item.reloptions));
    if (item.bloatBytes)
        lines << tr("Bloat: about %1, %2.")
                     .arg(fromUtf8(humanBytes(std::uint64_t(std::max(*item.bloatBytes, 0.0)))),
                         fromUtf8(item.bloatDoubt));
    if (!texts.sinceReset && item.growth.wasReset)
        lines << tr("Its counters began anew in the range: they count from then.");
    if (item.frozenAge)
        lines << tr("Its oldest row was frozen %1 transactions ago; a vacuum is forced at %2.")
                     .arg(fromUtf8(groupedCount(*item.frozenAge)), grouped(item.vacuum.freezeMaxAge));
    for (const ObjectFinding &finding : item.findings)
        lines << tr("%1 (%2): %3")
                     .arg(fromUtf8(finding.title), fromUtf8(finding.severity), fromUtf8(finding.summary));
    return lines.join(QLatin1Char('\n'));
}

QVector<CopyText> tableCopies(const TableItem &item)
{
    const QString name
        = fromUtf8(item.schema.empty() ? analysis::sqlName(item.name)
                                       : analysis::sqlName(item.schema) + "." + analysis::sqlName(item.name));
    return {{tr("VACUUM (ANALYZE)"), QStringLiteral("VACUUM (VERBOSE, ANALYZE) %1;").arg(name)},
        {tr("a smaller scale factor"),
            QStringLiteral("ALTER TABLE %1 SET (autovacuum_vacuum_scale_factor = 0.02);").arg(name)},
        {tr("the exact bloat"),
            QStringLiteral(
                "CREATE EXTENSION IF NOT EXISTS pgstattuple;\nSELECT * FROM pgstattuple_approx('%1');")
                .arg(QString(name).replace(QLatin1Char('\''), QStringLiteral("''")))}};
}

} // namespace tailscope::items
