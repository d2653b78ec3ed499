// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/poolcells.h"

#include "base/text.h"
#include "items/poolmodel.h"
#include "session/sessioncontext.h"

#include <QCoreApplication>

#include <cmath>

namespace tailscope::items {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("PoolModel", text); }
QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }
QString unknown() { return tr("unknown"); }
QString exact(double value) { return QString::number(value, 'g', 12); }

QString plain(double value)
{
    if (std::isnan(value))
        return unknown();
    return std::abs(value) >= 100 || value == std::floor(value) ? fromUtf8(groupedCount(std::llround(value)))
                                                                : QString::number(value, 'f', 1);
}
QString millis(double ms) { return std::isnan(ms) ? unknown() : fromUtf8(humanMillis(ms)); }
QString percent(double share)
{
    return std::isnan(share) ? unknown() : QString::number(100 * share, 'f', 1) + tr(" %");
}

TableCell textCell(const QString &text, const QString &toolTip = {}, int level = 0)
{
    TableCell cell;
    cell.text = text;
    cell.toolTip = toolTip;
    cell.level = level;
    return cell;
}

TableCell valueCell(double value, const QString &text, const QString &unit = {})
{
    TableCell cell = textCell(text);
    if (!std::isnan(value)) {
        cell.value = value;
        cell.toolTip = exact(value) + unit;
    }
    return cell;
}
TableCell numberCell(double value) { return valueCell(value, plain(value)); }
TableCell millisCell(double ms) { return valueCell(ms, millis(ms), tr(" ms")); }
TableCell shareCell(double share)
{
    TableCell cell = valueCell(share, percent(share));
    if (!std::isnan(share))
        cell.bar = std::min(1.0, std::max(0.0, share));
    cell.level = share >= 0.9 ? 3 : share >= 0.7 ? 2 : 0;
    return cell;
}

int levelOf(const std::string &verdict)
{
    return verdict == "exhausted" ? 3 : verdict == "saturated" || verdict == "near_limit" ? 2 : 0;
}

void addFact(QVector<TableRow> &rows, const QString &name, TableCell value, const QString &meaning)
{
    if (value.toolTip.isEmpty())
        value.toolTip = value.text; // the column may be too narrow for it
    rows << TableRow{rows.size(), {textCell(name, meaning), value, textCell(meaning, meaning)}};
}

QString clockText(const session::SessionContext &context, const std::optional<Nanos> &time)
{
    return time ? context.timeText(*time) : tr("never");
}

} // namespace

QString poolVerdictText(const std::string &verdict)
{
    return verdict == "exhausted" ? tr("exhausted")
        : verdict == "saturated"  ? tr("saturated")
        : verdict == "near_limit" ? tr("near its limit")
        : verdict == "healthy"    ? tr("healthy")
        : verdict == "idle"       ? tr("idle")
                                  : unknown();
}

QString poolCauseText(const std::string &cause)
{
    return cause == "demand" ? tr("more arrives than it can serve")
        : cause == "held"    ? tr("members are held while the server works for fewer than half of them")
        : cause == "leak"    ? tr("the number in use never falls back: a leak")
        : cause == "slow_statements" ? tr("slow statements: the server works for nearly all of them")
        : cause == "database_busy"   ? tr("the database is busy: a larger pool makes it slower")
        : cause == "too_large"       ? tr("too large: more at work than the server can run")
        : cause == "cheap_queue"     ? tr("the queue is short and cheaper than contention in the server")
        : cause == "burst"           ? tr("a burst: it follows the load and returns")
        : cause == "none"            ? tr("not the pool")
                                     : tr("unknown: figures of the server are missing");
}

QVector<CellTable::Column> poolColumns()
{
    return {{tr("Pool"), tr("Name of the pool"), false},
        {tr("Instance"), tr("One instance, or how many together; waits of several are those of the worst"),
            false},
        {tr("Verdict"), tr("From use, waits, and what the server did meanwhile"), false},
        {tr("Use"), tr("Mean number in use / ceiling over time"), true},
        {tr("By Counters"), tr("Mean number in use by deltas of the time held / ceiling"), true},
        {tr("Peak Use"), tr("Most in use / ceiling"), true}, {tr("Ceiling"), tr("What limits it"), false},
        {tr("At Once"), tr("How many that is"), true},
        {tr("Waiting"), tr("Most requests without a member"), true},
        {tr("Wait P50"), tr("Largest of the samples"), true},
        {tr("Wait P95"), tr("Largest of the samples"), true},
        {tr("Wait P99"), tr("Largest of the samples"), true},
        {tr("Time-outs"), tr("Requests that gave up, by deltas of the counter"), true},
        {tr("Per Second"), tr("Served per second, P95 (nearest rank) of the samples"), true},
        {tr("Held"), tr("Mean time held (service time)"), true},
        {tr("Demand"), tr("Arrivals x time held: members needed on average (Little's law)"), true}};
}

QVector<CellTable::Column> factColumns()
{
    return {{tr("Figure"), tr("What is measured"), false}, {tr("Value"), tr("Exact value in the tip"), false},
        {tr("What It Tells"), tr("How it is read"), false}};
}

QVector<CellTable::Column> fleetColumns()
{
    return {{tr("File"), tr("Where it is configured"), false}, {tr("Server"), tr("The shared limit"), false},
        {tr("Pool"), tr("Service and pool; empty = all together"), false},
        {tr("Instances"), tr("With those that the autoscaler may start"), true},
        {tr("Size"), tr("Of one pool; with workers each has one"), true},
        {tr("Demand"), tr("Instances x workers x size"), true},
        {tr("Usable"), tr("max_connections minus what is reserved"), true},
        {tr("Ratio"), tr("Demand / usable, at most: above 0.7 amber, above 1 red"), true},
        {tr("Fits"), tr("Largest size of a pool that fits; with 20 % and 30 % left free"), false},
        {tr("Fails From"), tr("First number of instances that does not fit"), true}};
}

QVector<CellTable::Column> answerColumns()
{
    return {{tr("Question"), tr("What is computed"), false},
        {tr("Answer"), tr("With the values of the sliders"), false}};
}

QVector<TableRow> poolRows(const std::vector<FigureRow> &pools)
{
    QVector<TableRow> rows;
    for (std::size_t i = 0; i < pools.size(); ++i) {
        const FigureRow &row = pools[i];
        const auto number = [&](const char *name) { return row.number(name); };
        const bool isOne = row.texts.contains("instance");
        const double instances = number("instances");
        const QString instance
            = isOne ? fromUtf8(row.text("instance")) : tr("%1 together").arg(plain(instances));
        const QString kind = row.text("kind") == "connection"
            ? QString()
            : QStringLiteral(" · ") + fromUtf8(row.text("kind"));
        const QString ceiling = row.text("ceiling").empty() ? unknown() : fromUtf8(row.text("ceiling"));
        TableCell waiting = numberCell(number("waiting_max"));
        waiting.level = number("waiting_max") > 0 ? levelOf(row.text("verdict")) : 0;
        TableCell timeouts = numberCell(number("timeouts"));
        timeouts.level = number("timeouts") > 0 ? 3 : 0;
        const double demand = number("demand");
        TableCell need = numberCell(demand);
        need.level = demand >= number("ceiling_value") ? 3 : demand >= 0.7 * number("ceiling_value") ? 2 : 0;
        rows << TableRow{qint64(i),
            {textCell((isOne ? QStringLiteral("    ") : QString()) + fromUtf8(row.text("pool")) + kind),
                textCell(instance),
                textCell(poolVerdictText(row.text("verdict")), poolCauseText(row.text("cause")),
                    levelOf(row.text("verdict"))),
                shareCell(number("utilisation")), shareCell(number("busy_share")),
                shareCell(number("utilisation_max")), textCell(ceiling, ceiling),
                numberCell(number("ceiling_value")), waiting, millisCell(number("wait_p50_ms")),
                millisCell(number("wait_p95_ms")), millisCell(number("wait_p99_ms")), timeouts,
                numberCell(number("throughput")), millisCell(number("service_ms")), need}};
    }
    return rows;
}

QVector<TableRow> factRows(const FigureRow &pool, const std::vector<const FigureRow *> &ceilings,
    const session::SessionContext &context)
{
    QVector<TableRow> rows;
    const auto number = [&](const char *name) { return pool.number(name); };
    addFact(rows, tr("Verdict"),
        textCell(poolVerdictText(pool.text("verdict")), {}, levelOf(pool.text("verdict"))),
        poolCauseText(pool.text("cause")));
    for (const FigureRow *ceiling : ceilings) {
        const bool ofWait = ceiling->text("what") == "wait";
        const double value = ceiling->number("value");
        addFact(rows, ofWait ? tr("Ceiling of the wait") : tr("Ceiling"),
            textCell(tr("%1 = %2").arg(fromUtf8(ceiling->text("name")),
                         ofWait ? millis(value) : plain(value)),
                exact(value), 3),
            tr("flat from %1 to %2")
                .arg(clockText(context, ceiling->time("start_ns")),
                    clockText(context, ceiling->time("end_ns"))));
    }
    addFact(rows, tr("70 %, 90 %, full"),
        textCell(
            tr("%1 · %2 · %3")
                .arg(clockText(context, pool.time("busy70_ns")), clockText(context, pool.time("busy90_ns")),
                    clockText(context, pool.time("pinned_ns")))),
        tr("When so much was first in use: an alert at 70 % comes before the waits"));
    addFact(rows, tr("In use at the ceiling"),
        textCell(tr("%1 of %2")
                     .arg(plain(number("utilisation_max") * number("ceiling_value")),
                         plain(number("ceiling_value")))),
        tr("Three numbers decide: in use, at work in the server, processors"));
    addFact(rows, tr("At work in the server"), numberCell(number("server_active")),
        tr("Fewer than half of those in use: held without work. Nearly all: long statements"));
    addFact(rows, tr("Processors of the server"), shareCell(number("server_cpu")),
        tr("From 70 % on the database is the bottleneck: do not enlarge the pool"));
    addFact(rows, tr("Wait and service"),
        textCell(tr("%1 waited, %2 held").arg(millis(number("wait_ms")), millis(number("service_ms")))),
        tr("Means by deltas of counters (a pooler's time held is taken without the wait); before the ceiling "
           "%1 were held")
            .arg(millis(number("usual_service_ms"))));
    addFact(rows, tr("Demand"),
        textCell(tr("%1/s x %2 = %3")
                     .arg(plain(number("arrival_rate")), millis(number("service_ms")),
                         plain(number("demand"))),
            {}, number("demand") >= number("ceiling_value") ? 3 : 0),
        tr("Little's law; %1 would run it at 70 %").arg(plain(std::ceil(number("needed")))));
    addFact(rows, tr("Carries at most"),
        textCell(tr("%1/s, deficit %2/s").arg(plain(number("throughput_cap")), plain(number("deficit"))), {},
            number("deficit") > 0 ? 3 : 0),
        tr("Ceiling / time held. What is beyond it must be refused or answered elsewhere"));
    addFact(rows, tr("Time-outs"),
        textCell(tr("%1 of the arrivals while there were any").arg(percent(number("timeout_share"))),
            exact(number("timeouts")), number("timeouts") > 0 ? 3 : 0),
        tr("Acquire time-out: %1").arg(millis(number("acquire_timeout_ms"))));
    addFact(rows, tr("Goodput"),
        std::isnan(number("client_timeout_ms")) || std::isnan(number("abandoned_share"))
            ? textCell(unknown())
            : textCell(pool.time("no_goodput_ns") ? tr("too late for arrivals from %1 on")
                                                        .arg(clockText(context, pool.time("no_goodput_ns")))
                                                  : tr("as throughput"),
                {}, pool.time("no_goodput_ns") ? 3 : 0),
        std::isnan(number("client_timeout_ms"))
            ? tr("The limit of the clients is not known: timeout_ms of the call in a topology file")
            : tr("%1 of the arrivals were answered after their client had left (limit %2)")
                  .arg(percent(number("abandoned_share")), millis(number("client_timeout_ms"))));
    addFact(rows, tr("Leak or burst"),
        textCell(std::isnan(number("leak_per_hour"))
                ? tr("too short to tell: an hour is needed")
                : tr("%1 an hour, correlation with the load %2")
                      .arg(QString::number(number("leak_per_hour"), 'f', 2),
                          std::isnan(number("leak_correlation"))
                              ? unknown()
                              : QString::number(number("leak_correlation"), 'f', 2)),
            {}, std::isnan(number("leak_in_s")) ? 0 : 3),
        tr("Slope of the least in use (five-minute bins): it rises under constant load = leak; it follows "
           "the load = burst"));
    return rows;
}

QVector<TableRow> fleetRows(const std::vector<FigureRow> &fleets)
{
    QVector<TableRow> rows;
    for (const FigureRow &row : fleets) {
        const auto number = [&](const char *name) { return row.number(name); };
        const bool isTotal = !row.texts.contains("pool");
        const QString path = fromUtf8(row.text("path"));
        const double ratio = number("max_ratio");
        TableCell share = valueCell(ratio,
            std::isnan(ratio) ? unknown() : tr("%1 : 1").arg(ratio, 0, 'f', ratio < 1 ? 2 : 1));
        share.bar = std::min(1.0, ratio / 4);
        share.level = !isTotal ? 0 : ratio > 1 ? 3 : ratio > 0.7 ? 2 : 0;
        const QString fits = isTotal
            ? tr("%1 (%2, %3)")
                  .arg(plain(number("budget")), plain(number("budget_80")), plain(number("budget_70")))
            : QString();
        QString pool = isTotal
            ? tr("all pools")
            : (row.text("service").empty() ? QString() : fromUtf8(row.text("service")) + QLatin1Char('.'))
                + fromUtf8(row.text("pool"));
        if (number("counted") == 0)
            pool += tr(" (behind a multiplexer)");
        rows << TableRow{rows.size(),
            {textCell(path.section(QLatin1Char('/'), -1), path), textCell(fromUtf8(row.text("server"))),
                textCell(pool), numberCell(number("instances_max")), numberCell(number("size")),
                numberCell(number("max_demand")), numberCell(number("usable")), share, textCell(fits),
                isTotal ? numberCell(number("first_failing")) : textCell({})}};
    }
    return rows;
}

QString poolSentence(const FigureRow &pool, const session::SessionContext &context)
{
    const auto number = [&](const char *name) { return pool.number(name); };
    QString text = fromUtf8(pool.text("pool"));
    if (pool.texts.contains("instance"))
        text += tr(" of %1").arg(fromUtf8(pool.text("instance")));
    else if (number("instances") > 1)
        text += tr(", %1 instances").arg(plain(number("instances")));
    text += tr(": %1").arg(poolVerdictText(pool.text("verdict")));
    if (!std::isnan(number("ceiling_value")) && levelOf(pool.text("verdict")) > 0) {
        text += tr(" at %1 = %2").arg(fromUtf8(pool.text("ceiling")), plain(number("ceiling_value")));
        if (pool.time("pinned_ns"))
            text += tr(" since %1").arg(context.timeText(*pool.time("pinned_ns")));
    }
    if (pool.text("cause") != "none")
        text += tr(" (%1)").arg(poolCauseText(pool.text("cause")));
    if (number("deficit") > 0)
        text += tr(". %1 connections cannot serve %2 requests/s: they carry %3/s")
                    .arg(plain(number("ceiling_value")), plain(number("arrival_rate")),
                        plain(number("throughput_cap")));
    return text + QLatin1Char('.');
}

} // namespace tailscope::items
