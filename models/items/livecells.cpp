// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/livecells.h"

#include "base/text.h"

#include <cmath>

namespace tailscope::items {

namespace {

using State = live::ServerStatus::State;

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

TableCell unknown(const QString &why = {}) { return {QStringLiteral("unknown"), {}, why}; }

TableCell duration(const std::optional<Nanos> &ns, const QString &none, const QString &what)
{
    if (!ns)
        return unknown();
    if (*ns <= 0)
        return {none, qint64(0), what};
    return {fromUtf8(humanDuration(*ns)), qint64(*ns),
        QStringLiteral("%1\n%2").arg(fromUtf8(exactDuration(*ns)), what)};
}

QString bytesText(double bytes)
{
    return fromUtf8(humanBytes(std::uint64_t(std::max(0.0, std::abs(bytes)))));
}

TableCell sizeCell(const LiveServer &server)
{
    if (!server.sizeBytes)
        return unknown(QStringLiteral("Not read yet (once a minute), or not allowed to this role"));
    return {bytesText(*server.sizeBytes), *server.sizeBytes,
        QStringLiteral("%1 bytes, all databases together")
            .arg(fromUtf8(groupedCount(std::llround(*server.sizeBytes))))};
}

TableCell growthCell(const LiveServer &server)
{
    if (!server.growthPerHour)
        return unknown(QStringLiteral("Needs two sizes at least a minute apart"));
    const double growth = *server.growthPerHour;
    return {(growth < 0 ? QStringLiteral("-%1/h") : QStringLiteral("+%1/h")).arg(bytesText(growth)), growth,
        QStringLiteral("%1 bytes an hour, by the sizes of the last hour")
            .arg(fromUtf8(groupedCount(std::llround(growth))))};
}

TableCell connectionsCell(const LiveServer &server)
{
    if (!server.connections)
        return unknown();
    const std::int64_t used = *server.connections;
    if (!server.maxConnections)
        return {QString::number(used), qint64(used), QStringLiteral("max_connections is not known yet")};
    const std::int64_t usable = *server.maxConnections - server.reservedConnections.value_or(0);
    TableCell cell{QStringLiteral("%1 of %2").arg(used).arg(usable), qint64(used),
        QStringLiteral("%1 client sessions of max_connections %2 less %3 reserved ones")
            .arg(used)
            .arg(*server.maxConnections)
            .arg(server.reservedConnections.value_or(0))};
    if (usable > 0) {
        const double share = double(used) / double(usable);
        cell.bar = std::min(1.0, share);
        cell.level = share >= 0.95 ? 3 : share >= 0.8 ? 2 : 0;
        cell.toolTip += QStringLiteral(": %1 %").arg(100 * share, 0, 'f', 1);
    }
    return cell;
}

TableCell waitCell(const LiveServer &server)
{
    if (!server.longestWaitMs)
        return unknown();
    if (*server.longestWaitMs <= 0)
        return {QStringLiteral("none"), 0.0, QStringLiteral("Nobody waits for a lock")};
    TableCell cell{fromUtf8(humanMillis(*server.longestWaitMs)), *server.longestWaitMs,
        QStringLiteral("%1 ms for a lock").arg(*server.longestWaitMs, 0, 'f', 1)};
    cell.level = *server.longestWaitMs >= 10'000 ? 2 : 0;
    return cell;
}

TableCell costCell(const LiveServer &server)
{
    if (!server.ownMsPerSecond)
        return unknown(QStringLiteral("Measured while a recording runs"));
    TableCell cell{QStringLiteral("%1 ms/s").arg(*server.ownMsPerSecond, 0, 'f', 1), *server.ownMsPerSecond,
        QStringLiteral("%1 ms a second, %2 % of the time, over the last minute: from sending our queries to "
                       "their last row")
            .arg(*server.ownMsPerSecond, 0, 'f', 3)
            .arg(*server.ownMsPerSecond / 10, 0, 'f', 2)};
    cell.level = *server.ownMsPerSecond >= 200 ? 2 : 0;
    return cell;
}

QString roleText(const LiveServer &server)
{
    if (server.kind == "pgbouncer" || server.kind == "pgpool" || server.kind == "odyssey")
        return QStringLiteral("pooler");
    if (!server.inRecovery)
        return QStringLiteral("unknown");
    return *server.inRecovery ? QStringLiteral("standby") : QStringLiteral("primary");
}

int levelOfEvent(std::string_view kind)
{
    if (kind == "failover" || kind == "restart" || kind == "deadlock")
        return 3;
    return kind == "gap" || kind == "reconnect" || kind == "statistics_reset" ? 2 : 0;
}

} // namespace

QVector<CellTable::Column> liveServerColumns()
{
    using Text = QString;
    const auto text = [](const char *what) { return Text::fromUtf8(what); };
    return {{text("Server"), text("As it was named when attaching")}, {text("Role"), {}},
        {text("Version"), {}}, {text("State"), text("Of the connection")},
        {text("Uptime"), text("Since the server process started, at the moment shown"), true},
        {text("Size"), text("Of all databases"), true}, {text("Growth"), text("An hour"), true},
        {text("Connections"), text("Client sessions of those that clients may have"), true},
        {text("Oldest Transaction"), text("Open the longest, at the moment shown"), true},
        {text("Longest Lock Wait"), text("Of sessions that wait for a lock"), true},
        {text("Own Cost"), text("What our queries took on the server, milliseconds a second"), true},
        {text("Hidden"), text("What this role may not see")}};
}

QVector<CellTable::Column> liveEventColumns()
{
    const auto text = [](const char *what) { return QString::fromUtf8(what); };
    return {{text("Time"), {}}, {text("Event"), {}}, {text("Server"), {}}, {text("What"), {}}};
}

TableRow liveServerRow(qint64 id, const LiveServer &server, const live::ServerStatus *state)
{
    TableCell stateCell{QStringLiteral("recorded"), {}, QStringLiteral("There is no connection")};
    if (state)
        stateCell = {liveStateText(*state), {}, liveFactsText(*state), -1, liveStateLevel(state->state)};
    TableCell hidden{fromUtf8(server.hidden).replace(QLatin1String("; "), QLatin1String(", ")), {},
        fromUtf8(server.hidden).replace(QLatin1String("; "), QLatin1String("\n"))};
    if (server.hidden.empty())
        hidden = {QStringLiteral("nothing"), {}, {}};
    return {id,
        {{fromUtf8(server.name), {}, {}}, {roleText(server), {}, {}},
            {server.version.empty() ? QStringLiteral("unknown") : fromUtf8(server.version), {}, {}},
            stateCell, duration(server.uptimeNs, QStringLiteral("0 s"), QStringLiteral("Since its start")),
            sizeCell(server), growthCell(server), connectionsCell(server),
            duration(server.oldestTransactionNs, QStringLiteral("none"),
                QStringLiteral("Of client sessions, in the newest sample")),
            waitCell(server), costCell(server), hidden}};
}

TableRow liveEventRow(const LiveEvent &event, const session::SessionContext &context)
{
    QString kind = fromUtf8(event.kind);
    TableCell time{context.timeText(event.tsNs), qint64(event.tsNs), {}};
    // The day is on the slider; what differs from row to row is the time.
    if (context.isAbsoluteTime())
        time.text = time.text.section(QLatin1Char(' '), 1, 1).section(QLatin1Char('.'), 0, 0);
    time.toolTip = context.timeText(event.tsNs);
    if (event.endNs)
        time.toolTip
            += QStringLiteral(" to %1 (%2)")
                   .arg(context.timeText(*event.endNs), fromUtf8(humanDuration(*event.endNs - event.tsNs)));
    TableCell what{fromUtf8(event.title), {}, fromUtf8(event.title)};
    if (!event.detail.empty())
        what.toolTip += QLatin1Char('\n') + fromUtf8(event.detail);
    return {event.id,
        {time, {kind.replace(QLatin1Char('_'), QLatin1Char(' ')), {}, {}, -1, levelOfEvent(event.kind)},
            {fromUtf8(event.server), {}, {}}, what}};
}

QString liveStateText(const live::ServerStatus &status)
{
    switch (status.state) {
    case State::Connecting:
        return QStringLiteral("connecting");
    case State::NeedsPassword:
        return QStringLiteral("needs a password");
    case State::Sampling: {
        for (const live::ProbeStatus &probe : status.probes) {
            if (probe.state == live::ProbeStatus::State::BackedOff)
                return QStringLiteral("connected, backed off");
        }
        return QStringLiteral("connected");
    }
    case State::Lost:
        return QStringLiteral("lost");
    case State::Refused:
        return QStringLiteral("refused");
    case State::Stopped:
        break;
    }
    return QStringLiteral("stopped");
}

int liveStateLevel(live::ServerStatus::State state)
{
    switch (state) {
    case State::Lost:
    case State::Refused:
        return 3;
    case State::NeedsPassword:
        return 2;
    case State::Connecting:
        return 1;
    default:
        return 0;
    }
}

QString liveFactsText(const live::ServerStatus &status)
{
    QStringList lines{fromUtf8(status.label) + QStringLiteral(": ") + liveStateText(status)};
    if (!status.detail.empty())
        lines << fromUtf8(status.detail);
    if (const auto &facts = status.facts) {
        lines << QStringLiteral("%1 %2").arg(fromUtf8(live::toText(facts->engine)),
            fromUtf8(facts->versionText));
        lines << QStringLiteral("%1:%2/%3 as %4")
                     .arg(fromUtf8(facts->host))
                     .arg(facts->port)
                     .arg(fromUtf8(facts->dbname), fromUtf8(facts->user));
        lines << (facts->tls.empty()
                ? QStringLiteral("not encrypted (sslmode %1)").arg(fromUtf8(facts->sslmode))
                : fromUtf8(facts->tls));
        if (facts->clockDifferenceNs != 0)
            lines << QStringLiteral("its clock differs by %1")
                         .arg(fromUtf8(humanDuration(facts->clockDifferenceNs)));
        for (const std::string &hidden : facts->hidden)
            lines << QStringLiteral("hidden: %1").arg(fromUtf8(hidden));
    }
    lines << QStringLiteral("our queries: %1 % of the time; this program: %2 % of a core")
                 .arg(100 * status.ownShare, 0, 'f', 2)
                 .arg(100 * status.clientCpuShare, 0, 'f', 2);
    for (const live::ProbeStatus &probe : status.probes) {
        if (probe.state != live::ProbeStatus::State::Running && !probe.reason.empty() && probe.probe)
            lines << QStringLiteral("%1: %2").arg(fromUtf8(probe.probe->title), fromUtf8(probe.reason));
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace tailscope::items
