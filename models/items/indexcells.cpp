// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Indexes as cells and words.
#include "items/objectcells.h"

#include "base/text.h"
#include "items/celltext.h"

#include <QCoreApplication>

#include <algorithm>
#include <limits>

namespace tailscope::items {

namespace {

using analysis::IndexRemark;
using cells::fromUtf8;
using Kind = IndexRemark::Kind;

constexpr std::int64_t kWorthDropping = 10 << 20; // bytes, as the rule index-unused
constexpr Nanos kWeek = 7LL * 86'400 * kNanosPerSecond;

QString tr(const char *text) { return QCoreApplication::translate("ObjectCells", text); }

QString nameOf(const IndexItem &item)
{
    const std::string &name = item.isMissing ? item.key.name : item.facts.name;
    return fromUtf8(item.facts.schema.empty() ? name : item.facts.schema + "." + name);
}

/// How long its scans were looked at: at least that old are the statistics.
std::optional<Nanos> watchedFor(const IndexItem &item, Nanos moment)
{
    if (!item.watchedSinceNs || moment == std::numeric_limits<Nanos>::max())
        return std::nullopt;
    return std::max<Nanos>(saturatingSub(moment, *item.watchedSinceNs), 0);
}

QString remarkText(const IndexItem &item, const IndexRemark &remark, const ObjectTexts &texts)
{
    switch (remark.kind) {
    case Kind::Invalid:
        return tr("invalid: every write maintains it, no query reads it");
    case Kind::Duplicate:
        return tr("the same as %1").arg(fromUtf8(remark.other));
    case Kind::Prefix:
        return tr("%1 begins with the same columns").arg(fromUtf8(remark.other));
    case Kind::Unused: {
        const auto watched = watchedFor(item, texts.moment);
        const QString where = item.serversWatched > 1
            ? tr("unused here and on the other %1").arg(item.serversWatched - 1)
            : tr("unused");
        return watched && *watched >= kWeek
            ? where
            : tr("%1 since the statistics were reset (watched %2)")
                  .arg(where, watched ? fromUtf8(humanDuration(*watched)) : tr("once"));
    }
    case Kind::UnusedHere:
        return item.facts.scansElsewhere.value_or(0) > 0 ? tr("unused here, read on a standby")
                                                         : tr("unused here; the standbys were not looked at");
    case Kind::MissingForForeignKey:
        return tr("no index begins with the columns of this foreign key");
    }
    return {};
}

int remarkLevel(const IndexItem &item, const IndexRemark &remark)
{
    switch (remark.kind) {
    case Kind::Invalid:
        return 3;
    case Kind::Duplicate:
    case Kind::MissingForForeignKey:
        return 2;
    case Kind::Unused:
        return item.facts.bytes.value_or(0) >= kWorthDropping ? 2 : 1;
    case Kind::Prefix:
    case Kind::UnusedHere:
        return 1;
    }
    return 0;
}

QString kindText(const IndexItem &item)
{
    if (item.isMissing)
        return tr("foreign key");
    QStringList words;
    if (item.facts.isPrimary)
        words << tr("primary key");
    else if (item.facts.isUnique)
        words << tr("unique");
    if (!item.facts.method.empty())
        words << fromUtf8(item.facts.method);
    if (!item.facts.predicate.empty())
        words << tr("partial");
    return words.join(QStringLiteral(", "));
}

TableCell scanCell(const IndexItem &item, const ObjectTexts &texts)
{
    if (item.isMissing)
        return cells::text(QString());
    if (texts.sinceReset)
        return cells::count(item.facts.scans);
    if (!item.scansInRange || item.seconds <= 0)
        return cells::count(std::nullopt);
    const double rate = double(*item.scansInRange) / item.seconds;
    TableCell cell;
    cell.text = cells::perSecond(rate);
    cell.value = rate;
    cell.toolTip = tr("%1 in %2 s of samples")
                       .arg(fromUtf8(groupedCount(*item.scansInRange)))
                       .arg(item.seconds, 0, 'g', 6);
    return cell;
}

std::optional<double> hitRatio(const IndexItem &item)
{
    if (!item.blocksHit || !item.blocksRead || *item.blocksHit + *item.blocksRead <= 0)
        return std::nullopt;
    return double(*item.blocksHit) / double(*item.blocksHit + *item.blocksRead);
}

TableRow indexRow(const IndexList &list, const IndexItem &item, qint64 id, const ObjectTexts &texts)
{
    const QString name = nameOf(item);
    const QString server = fromUtf8(list.servers[item.server].label);
    const auto version = list.servers[item.server].version;
    QStringList remarks;
    int level = 0;
    for (const IndexRemark &remark : item.remarks) {
        remarks << remarkText(item, remark, texts);
        level = std::max(level, remarkLevel(item, remark));
    }
    TableCell remark = cells::text(remarks.join(QStringLiteral("; ")));
    remark.level = level;
    TableCell shown = cells::text(texts.severalServers ? tr("%1 · %2").arg(name, server) : name);
    shown.toolTip = tr("%1 in database %2 of %3").arg(name, fromUtf8(item.dbname), server);
    const std::string constraint = item.isMissing ? item.key.name : item.facts.constraint;
    TableRow row{id, {}};
    row.cells << shown << cells::text(fromUtf8(item.facts.table)) << cells::text(kindText(item))
              << (item.isMissing ? cells::text(QString()) : cells::bytes(item.facts.bytes))
              << scanCell(item, texts)
              << (item.isMissing ? cells::text(QString()) : cells::count(item.facts.scans))
              << (item.isMissing ? cells::text(QString())
                                 : cells::count(item.facts.scansElsewhere, tr("not looked at")))
              << (item.isMissing ? cells::text(QString())
                                 : cells::age(item.lastScanNs, texts.moment,
                                     version && *version < 160000 ? tr("not on this version") : tr("–")))
              << (item.isMissing ? cells::text(QString()) : cells::count(item.tuplesRead))
              << (item.isMissing ? cells::text(QString()) : cells::share(hitRatio(item)))
              << cells::text(fromUtf8(constraint)) << remark
              << cells::text(fromUtf8(item.isMissing ? item.key.definition : item.facts.definition));
    return row;
}

} // namespace

QVector<CellTable::Column> indexColumns()
{
    return {{tr("Index"), {}, false}, {tr("Table"), {}, false}, {tr("Kind"), {}, false},
        {tr("Size"), {}, true},
        {tr("Scans/s"), tr("In the range, or all since the statistics were reset"), true},
        {tr("Scans"), tr("On this server since the statistics were reset"), true},
        {tr("Elsewhere"), tr("On the other servers of the cluster: a standby counts its own scans"), true},
        {tr("Last Scan"), tr("Since version 16"), true}, {tr("Entries Read"), tr("idx_tup_read"), true},
        {tr("Hit Ratio"), tr("Its blocks found in shared buffers / asked for, since the reset"), true},
        {tr("Constraint"), tr("That it serves"), false}, {tr("Remarks"), tr("What is odd about it"), false},
        {tr("Definition"), {}, false}};
}

QVector<TableRow> indexRows(const IndexList &list, const ObjectTexts &texts)
{
    QVector<TableRow> rows;
    rows.reserve(qsizetype(list.indexes.size()));
    for (std::size_t i = 0; i < list.indexes.size(); ++i)
        rows << indexRow(list, list.indexes[i], qint64(i), texts);
    return rows;
}

QString indexDetails(const IndexList &list, const IndexItem &item, const ObjectTexts &texts)
{
    QStringList lines{tr("%1 on %2 · %3 · %4")
                          .arg(nameOf(item), fromUtf8(item.facts.table), kindText(item),
                              fromUtf8(list.servers[item.server].label))};
    for (const IndexRemark &remark : item.remarks)
        lines << remarkText(item, remark, texts);
    if (item.isMissing)
        lines << tr("%1\nEach delete of a parent row, and each change of its key, reads the whole table.")
                     .arg(fromUtf8(item.key.definition));
    const bool isUnused = std::any_of(item.remarks.begin(), item.remarks.end(),
        [](const IndexRemark &one) { return one.kind == Kind::Unused || one.kind == Kind::UnusedHere; });
    if (isUnused)
        lines << tr(
            "Scans are counted by each server for itself, and from the last reset of its statistics on: "
            "jobs at the end of a month or a year may need it.");
    if (!item.facts.definition.empty())
        lines << fromUtf8(item.facts.definition);
    for (const ObjectFinding &finding : item.findings)
        lines << tr("%1 (%2): %3")
                     .arg(fromUtf8(finding.title), fromUtf8(finding.severity), fromUtf8(finding.summary));
    return lines.join(QLatin1Char('\n'));
}

QVector<CopyText> indexCopies(const IndexItem &item)
{
    QVector<CopyText> out;
    const auto add = [&](const QString &name, const std::string &text) {
        if (!text.empty())
            out << CopyText(name, fromUtf8(text));
    };
    if (item.isMissing) {
        add(tr("CREATE INDEX CONCURRENTLY"), analysis::createIndexText(item.key));
        add(tr("the definition of the key"), item.key.definition);
        return out;
    }
    if (!item.facts.isValid)
        add(tr("REINDEX INDEX CONCURRENTLY"), analysis::rebuildIndexText(item.facts));
    if (!item.remarks.empty())
        add(tr("DROP INDEX CONCURRENTLY"), analysis::dropIndexText(item.facts));
    add(tr("its definition"), item.facts.definition);
    return out;
}

} // namespace tailscope::items
