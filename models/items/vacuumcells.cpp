// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Vacuum, ages, holders of the oldest snapshot and settings as cells and words.
#include "items/objectcells.h"

#include "base/text.h"
#include "items/celltext.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace tailscope::items {

namespace {

using cells::fromUtf8;

QString tr(const char *text) { return QCoreApplication::translate("ObjectCells", text); }

QString unitOf(const std::string &command, const std::string &phase)
{
    if (command == "copy" || command == "basebackup")
        return tr("bytes");
    if (command == "vacuum" && phase.find("index") != std::string::npos)
        return tr("indexes");
    return phase.find("tuples") != std::string::npos || phase.find("sorting") != std::string::npos
        ? tr("rows")
        : tr("blocks");
}

/// What the user can do about a holder.
QString adviceOf(const HolderItem &item)
{
    if (item.kind == "prepared")
        return tr("Finish it: COMMIT PREPARED or ROLLBACK PREPARED");
    if (item.kind == "slot")
        return tr("Let its consumer catch up, or drop the slot when nobody reads it");
    if (item.kind == "standby")
        return tr(
            "A query on the standby holds it (hot_standby_feedback): end it there, or run it elsewhere");
    if (item.detail.find("idle in transaction") != std::string::npos)
        return tr("Its client forgot to end the transaction: find it; idle_in_transaction_session_timeout "
                  "ends such");
    return tr("A long statement or transaction: split it, or run it on a standby");
}

QString kindText(const std::string &kind)
{
    return kind == "session" ? tr("session")
        : kind == "prepared" ? tr("prepared transaction")
        : kind == "slot"     ? tr("replication slot")
        : kind == "standby"  ? tr("standby")
                             : fromUtf8(kind);
}

/// How far an age has come, with the level of the danger.
TableCell wayCell(std::optional<std::int64_t> age, double limit, bool isEnd)
{
    if (!age)
        return cells::count(std::nullopt);
    const double share = double(*age) / limit;
    TableCell cell = cells::share(share, true);
    cell.level = isEnd ? (share >= 0.5 ? 3 : share >= 0.25 ? 2 : 0) : (share >= 1.5 ? 2 : share >= 1 ? 1 : 0);
    cell.toolTip = tr("%1 of %2 transactions")
                       .arg(fromUtf8(groupedCount(*age)), fromUtf8(groupedCount(std::llround(limit))));
    return cell;
}

QString settingText(const std::string &value, const std::string &words, const std::string &unit)
{
    if (!words.empty())
        return fromUtf8(words);
    return fromUtf8(unit.empty() || value.empty() ? value : value + " " + unit);
}

} // namespace

QVector<CellTable::Column> progressColumns()
{
    return {{tr("Command"), {}, false}, {tr("On"), {}, false}, {tr("Phase"), {}, false},
        {tr("Done"), tr("Share of this phase"), true},
        {tr("Rate"), tr("In this phase so far, per second"), true},
        {tr("Remaining"), tr("Of this phase, at that rate; phases that follow are not known"), true},
        {tr("Running"), tr("Since it was seen first"), true}, {tr("Process"), {}, true},
        {tr("Remarks"), {}, false}};
}

QVector<TableRow> progressRows(const VacuumState &state, const ObjectTexts &texts)
{
    QVector<TableRow> rows;
    for (std::size_t i = 0; i < state.progress.size(); ++i) {
        const ProgressItem &item = state.progress[i];
        const QString unit = unitOf(item.command, item.phase);
        std::optional<double> share;
        if (item.done && item.total && *item.total > 0)
            share = *item.done / *item.total;
        TableCell done = cells::share(share, true);
        if (item.done)
            done.toolTip = item.total
                ? tr("%1 of %2 %3").arg(*item.done, 0, 'f', 0).arg(*item.total, 0, 'f', 0).arg(unit)
                : tr("%1 %2, of how many is not known").arg(*item.done, 0, 'f', 0).arg(unit);
        TableCell remaining = cells::millis(
            item.remainingSeconds ? std::optional(*item.remainingSeconds * 1000) : std::nullopt);
        QStringList remarks;
        const bool isTooSmall = item.indexVacuums.value_or(0) > 1;
        if (isTooSmall)
            remarks << tr(
                "%1 rounds over the indexes: maintenance_work_mem (or autovacuum_work_mem) is too small "
                "for its dead rows")
                           .arg(*item.indexVacuums);
        TableCell remark = cells::text(remarks.join(QStringLiteral("; ")));
        remark.level = isTooSmall ? 2 : 0;
        const QString server = fromUtf8(state.servers[item.server].label);
        TableRow row{qint64(i), {}};
        row.cells << cells::text(fromUtf8(item.command).replace(QLatin1Char('_'), QLatin1Char(' ')))
                  << cells::text(texts.severalServers ? tr("%1 · %2").arg(fromUtf8(item.relation), server)
                                                      : fromUtf8(item.relation))
                  << cells::text(fromUtf8(item.phase)) << done
                  << cells::real(item.perSecond, QStringLiteral(" %1/s").arg(unit)) << remaining
                  << cells::millis(double(item.tsNs - item.sinceNs) / 1e6) << cells::count(item.pid)
                  << remark;
        rows << row;
    }
    return rows;
}

QVector<CellTable::Column> holderColumns()
{
    return {{tr("Holder"), tr("What keeps old row versions: vacuum removes none that it may still see"),
                false},
        {tr("Name"), {}, false}, {tr("Age"), tr("Transactions since its snapshot (xmin)"), true},
        {tr("Own Id"), tr("Age of the transaction id that it writes with"), true}, {tr("Since"), {}, true},
        {tr("Process"), {}, true}, {tr("Database"), {}, false}, {tr("User"), {}, false},
        {tr("State"), {}, false}, {tr("What to Do"), {}, false}};
}

QVector<TableRow> holderRows(const VacuumState &state, const ObjectTexts &texts)
{
    QVector<TableRow> rows;
    for (std::size_t i = 0; i < state.holders.size(); ++i) {
        const HolderItem &item = state.holders[i];
        TableCell age = cells::count(item.xminAge);
        age.level = item.xminAge.value_or(0) >= 10'000'000 ? 3
            : item.xminAge.value_or(0) >= 1'000'000        ? 2
                                                           : 0;
        const QString server = fromUtf8(state.servers[item.server].label);
        const Nanos moment = texts.moment == std::numeric_limits<Nanos>::max() ? item.tsNs : texts.moment;
        TableRow row{qint64(i), {}};
        row.cells << cells::text(
            texts.severalServers ? tr("%1 · %2").arg(kindText(item.kind), server) : kindText(item.kind))
                  << cells::text(fromUtf8(item.name)) << age << cells::count(item.xidAge)
                  << cells::age(item.sinceNs, moment, {}) << cells::count(item.pid)
                  << cells::text(fromUtf8(item.db)) << cells::text(fromUtf8(item.user))
                  << cells::text(fromUtf8(item.detail)) << cells::text(adviceOf(item));
        rows << row;
    }
    return rows;
}

QVector<CopyText> holderCopies(const HolderItem &item)
{
    QString name = fromUtf8(item.name);
    name.replace(QLatin1Char('\''), QStringLiteral("''"));
    if (item.kind == "prepared")
        return {{tr("ROLLBACK PREPARED"), QStringLiteral("ROLLBACK PREPARED '%1';").arg(name)},
            {tr("COMMIT PREPARED"), QStringLiteral("COMMIT PREPARED '%1';").arg(name)}};
    if (item.kind == "slot")
        return {{tr("pg_drop_replication_slot()"),
            QStringLiteral("SELECT pg_drop_replication_slot('%1');").arg(name)}};
    if (item.kind == "session" && item.pid)
        return {{tr("pg_cancel_backend()"), QStringLiteral("SELECT pg_cancel_backend(%1);").arg(*item.pid)},
            {tr("pg_terminate_backend()"),
                QStringLiteral("SELECT pg_terminate_backend(%1);").arg(*item.pid)}};
    return {};
}

QVector<CellTable::Column> ageColumns()
{
    return {{tr("Database"), {}, false},
        {tr("Table"), tr("Empty: the database, as old as its oldest table"), false},
        {tr("Age"), tr("Transactions since its oldest row was frozen"), true},
        {tr("To Forced Vacuum"),
            tr("Of autovacuum_freeze_max_age: then a vacuum comes, even where it is off"), true},
        {tr("To the End"), tr("Of 2^31 less three million: then the server takes no more writes"), true},
        {tr("Multixact Age"), {}, true}};
}

QVector<TableRow> ageRows(const VacuumState &state, const ObjectTexts &texts)
{
    QVector<TableRow> rows;
    for (std::size_t i = 0; i < state.ages.size(); ++i) {
        const AgeItem &item = state.ages[i];
        const QString database = item.database.empty() ? tr("(unknown)") : fromUtf8(item.database);
        TableRow row{qint64(i), {}};
        row.cells << cells::text(texts.severalServers
                ? tr("%1 · %2").arg(database, fromUtf8(state.servers[item.server].label))
                : database)
                  << cells::text(fromUtf8(item.table)) << cells::count(item.xidAge)
                  << wayCell(item.xidAge, item.freezeMaxAge, false)
                  << wayCell(item.xidAge, analysis::kWraparound, true) << cells::count(item.multixactAge);
        rows << row;
    }
    return rows;
}

QVector<CellTable::Column> settingColumns()
{
    return {{tr("Setting"), {}, false}, {tr("Value"), {}, false}, {tr("Default"), {}, false},
        {tr("From"), tr("Where the value comes from"), false},
        {tr("Takes Effect"), tr("What a change needs"), false}, {tr("Remarks"), {}, false},
        {tr("Category"), {}, false}};
}

QVector<TableRow> settingRows(const SettingList &list, const ObjectTexts &texts)
{
    QVector<TableRow> rows;
    rows.reserve(qsizetype(list.settings.size()));
    for (std::size_t i = 0; i < list.settings.size(); ++i) {
        const SettingItem &item = list.settings[i];
        QStringList remarks;
        int level = 0;
        if (item.isPending) {
            remarks << tr("waits for a restart");
            level = 2;
        }
        if (!item.changes.empty()) {
            remarks << tr("changed %1 times, last %2")
                           .arg(item.changes.size())
                           .arg(fromUtf8(item.changes.back()));
            level = std::max(level, 1);
        }
        for (const ObjectFinding &finding : item.findings) {
            remarks << fromUtf8(finding.title);
            level = std::max(level,
                finding.severity == "critical"      ? 3
                    : finding.severity == "warning" ? 2
                                                    : 1);
        }
        TableCell remark = cells::text(remarks.join(QStringLiteral("; ")));
        remark.level = level;
        const QString effect = item.context == "postmaster"     ? tr("restart")
            : item.context == "sighup"                          ? tr("reload")
            : item.context == "internal"                        ? tr("fixed when built or created")
            : item.context.empty()                              ? QString()
            : item.context.find("backend") != std::string::npos ? tr("new session")
                                                                : tr("at once");
        const QString name = fromUtf8(item.name);
        TableCell value = cells::text(settingText(item.value, item.words, item.unit),
            fromUtf8(item.unit.empty() ? item.value : item.value + " x " + item.unit));
        TableRow row{qint64(i), {}};
        row.cells << cells::text(
            texts.severalServers ? tr("%1 · %2").arg(name, fromUtf8(list.servers[item.server].label)) : name)
                  << value << cells::text(settingText(item.bootValue, item.bootWords, item.unit))
                  << cells::text(item.isDefault ? tr("default") : fromUtf8(item.origin))
                  << cells::text(effect) << remark << cells::text(fromUtf8(item.category));
        rows << row;
    }
    return rows;
}

QString settingDetails(const SettingItem &item)
{
    QStringList lines{tr("%1 = %2").arg(fromUtf8(item.name), settingText(item.value, item.words, item.unit))};
    if (!item.bootValue.empty())
        lines << tr("Default: %1").arg(settingText(item.bootValue, item.bootWords, item.unit));
    for (const std::string &change : item.changes)
        lines << fromUtf8(change);
    for (const ObjectFinding &finding : item.findings)
        lines << tr("%1 (%2): %3")
                     .arg(fromUtf8(finding.title), fromUtf8(finding.severity), fromUtf8(finding.summary));
    return lines.join(QLatin1Char('\n'));
}

} // namespace tailscope::items
