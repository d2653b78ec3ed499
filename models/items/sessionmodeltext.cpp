// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the columns of the sessions say.
#include "items/sessionmodel.h"

#include "base/text.h"
#include "session/playback.h"

#include <algorithm>
#include <limits>

namespace tailscope::items {

using analysis::SessionRow;

namespace {

constexpr Nanos kSecond = kNanosPerSecond;
constexpr double kWarnShare = 0.80, kCriticalShare = 0.95; // of the connections clients may use

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString pids(const std::vector<std::int64_t> &list)
{
    QStringList words;
    for (const std::int64_t pid : list)
        words << (pid == 0 ? SessionModel::tr("prepared transaction") : QString::number(pid));
    return words.join(QStringLiteral(", "));
}

QString cleaned(QString text)
{
    return text.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
}

QString csvCell(const QString &text)
{
    QString quoted = text;
    // What a spreadsheet would take for a formula is text: clients choose their application's name.
    if (!quoted.isEmpty() && QStringLiteral("=+@").contains(quoted.front()))
        quoted.prepend(QLatin1Char('\''));
    if (!quoted.contains(QLatin1Char(',')) && !quoted.contains(QLatin1Char('"'))
        && !quoted.contains(QLatin1Char('\n')) && !quoted.contains(QLatin1Char('\r')))
        return quoted;
    return QLatin1Char('"') + quoted.replace(QLatin1Char('"'), QLatin1String("\"\"")) + QLatin1Char('"');
}

} // namespace

QString waitWords(const SessionRow &row)
{
    if (row.waitType.empty())
        return row.isActive() ? QStringLiteral("CPU") : QString();
    return row.waitEvent.empty() ? fromUtf8(row.waitType)
                                 : fromUtf8(row.waitType) + QStringLiteral(": ") + fromUtf8(row.waitEvent);
}

QString toneWords(SessionTone tone)
{
    switch (tone) {
    case SessionTone::Active:
        return SessionModel::tr("active");
    case SessionTone::Waiting:
        return SessionModel::tr("active, waits");
    case SessionTone::LockWait:
        return SessionModel::tr("waits for a lock");
    case SessionTone::InTransaction:
        return SessionModel::tr("idle in transaction");
    case SessionTone::Aborted:
        return SessionModel::tr("idle in transaction (aborted)");
    case SessionTone::Idle:
        return SessionModel::tr("idle");
    case SessionTone::Background:
        return SessionModel::tr("process of the server");
    case SessionTone::Hidden:
        return SessionModel::tr("hidden from the role");
    }
    return {};
}

QString cancelText(qint64 pid) { return QStringLiteral("SELECT pg_cancel_backend(%1);").arg(pid); }
QString terminateText(qint64 pid) { return QStringLiteral("SELECT pg_terminate_backend(%1);").arg(pid); }

std::optional<Nanos> SessionModel::age(const SessionItem &item, Nanos since) const
{
    const Nanos now = sampleOf(item);
    if (since == kUnknownNanos || now == kUnknownNanos)
        return std::nullopt;
    // Times of the server were read a moment before the time of the row.
    return std::max<Nanos>(0, saturatingSub(now, since));
}

QString SessionModel::text(const SessionItem &item, int column) const
{
    const SessionRow &row = item.row;
    const auto aged = [&](Nanos since) {
        const auto value = age(item, since);
        return value ? QString::fromStdString(humanDuration(*value)) : QString();
    };
    const auto count = [](const std::optional<std::int64_t> &value) {
        return value ? fromUtf8(groupedCount(*value)) : QString();
    };
    switch (column) {
    case Server:
        return fromUtf8(m_list->servers[item.server].server.label);
    case Pid:
        return QString::number(row.pid);
    case Leader:
        return row.leaderPid > 0 ? QString::number(row.leaderPid) : QString();
    case User:
        return fromUtf8(row.user);
    case Database:
        return fromUtf8(row.db);
    case Application:
        return fromUtf8(row.application);
    case Client:
        return fromUtf8(row.client);
    case Type:
        return fromUtf8(row.backendType);
    case State:
        return row.state.empty() ? (toneOf(row) == SessionTone::Hidden ? tr("hidden") : QString())
                                 : fromUtf8(row.state);
    case Wait:
        return waitWords(row);
    case TransactionAge:
        return aged(row.xactStart);
    case QueryAge:
        // Of an idle session it is the one that ended.
        return row.isActive() ? aged(row.queryStart) : QString();
    case StateAge:
        return aged(row.stateChange);
    case BackendStart:
        return row.backendStart == kUnknownNanos
            ? QString()
            : m_session->context()->timeText(row.backendStart / kSecond * kSecond);
    case XminAge:
        return count(row.xminAge);
    case XidAge:
        return count(row.xidAge);
    case BlockedBy:
        return pids(item.blockedBy);
    case Blocks:
        return pids(item.blocks);
    case Query:
        return item.query.empty() && toneOf(row) == SessionTone::Hidden ? tr("hidden") : fromUtf8(item.query);
    default:
        return {};
    }
}

std::optional<double> SessionModel::number(const SessionItem &item, int column) const
{
    const SessionRow &row = item.row;
    const auto real
        = [](const auto &value) { return value ? std::optional<double>(double(*value)) : std::nullopt; };
    switch (column) {
    case Pid:
        return double(row.pid);
    case Leader:
        return row.leaderPid > 0 ? std::optional<double>(double(row.leaderPid)) : std::nullopt;
    case TransactionAge:
        return real(age(item, row.xactStart));
    case QueryAge:
        return row.isActive() ? real(age(item, row.queryStart)) : std::nullopt;
    case StateAge:
        return real(age(item, row.stateChange));
    case BackendStart:
        return row.backendStart == kUnknownNanos ? std::nullopt
                                                 : std::optional<double>(double(row.backendStart));
    case XminAge:
        return real(row.xminAge);
    case XidAge:
        return real(row.xidAge);
    case BlockedBy:
        return item.blockedBy.empty() ? std::nullopt : std::optional<double>(double(item.blockedBy.size()));
    case Blocks:
        return item.blocks.empty() ? std::nullopt : std::optional<double>(double(item.blocks.size()));
    default:
        return std::nullopt;
    }
}

int SessionModel::level(const SessionItem &item, int column) const
{
    const SessionRow &row = item.row;
    const auto older = [&](Nanos since, Nanos warn, Nanos critical) {
        const auto value = age(item, since);
        return !value || *value < warn ? 0 : *value < critical ? 2 : 3;
    };
    switch (column) {
    case State:
        return toneOf(row) == SessionTone::Aborted ? 2
            : row.isInTransaction()                ? older(row.stateChange, 60 * kSecond, 300 * kSecond)
                                                   : 0;
    case Wait:
        return toneOf(row) == SessionTone::LockWait ? 2 : 0;
    case TransactionAge:
        return row.isClient() ? older(row.xactStart, 300 * kSecond, 3'600 * kSecond) : 0;
    case BlockedBy:
        return item.blockedBy.empty() ? 0 : 2;
    case Blocks:
        return item.blocks.empty() ? 0 : item.blockedBy.empty() ? 3 : 2;
    default:
        return 0;
    }
}

QString SessionModel::toolTip(const SessionItem &item, int column) const
{
    const SessionRow &row = item.row;
    const session::SessionContext *context = m_session->context();
    const auto since = [&](const QString &what, Nanos start) {
        const auto value = age(item, start);
        return value ? tr("%1 since %2: %3")
                           .arg(what, context->timeText(start), QString::fromStdString(exactDuration(*value)))
                     : QString();
    };
    switch (column) {
    case State: {
        QString tip = toneWords(toneOf(row));
        if (toneOf(row) == SessionTone::Hidden)
            tip += tr(": %1").arg(hiddenText().isEmpty() ? tr("needs the role pg_monitor") : hiddenText());
        if (row.stateChange != kUnknownNanos)
            tip += QLatin1Char('\n') + since(tr("in it"), row.stateChange);
        if (row.ts != sampleOf(item))
            tip += QLatin1Char('\n')
                + tr("as of %1: it is stored when it changes").arg(context->timeText(row.ts));
        return tip;
    }
    case Wait:
        return row.waitType.empty() && row.isActive() ? tr("active and not waiting: on CPU, or about to be")
                                                      : text(item, column);
    case TransactionAge:
        return since(tr("transaction"), row.xactStart);
    case QueryAge:
        return row.isActive() ? since(tr("query"), row.queryStart)
                              : since(tr("the query before"), row.queryStart);
    case StateAge:
        return since(tr("state"), row.stateChange);
    case BackendStart:
        return row.backendStart == kUnknownNanos ? QString() : context->timeText(row.backendStart);
    case XminAge:
        return row.xminAge
            ? tr("keeps row versions of the last %1 transactions alive").arg(text(item, column))
            : QString();
    case XidAge:
        return row.xidAge ? tr("its transaction wrote; it began %1 transactions ago").arg(text(item, column))
                          : QString();
    default:
        return text(item, column);
    }
}

QVariant SessionModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    static const char *const kTitles[]{QT_TR_NOOP("Server"), QT_TR_NOOP("PID"), QT_TR_NOOP("Leader"),
        QT_TR_NOOP("User"), QT_TR_NOOP("Database"), QT_TR_NOOP("Application"), QT_TR_NOOP("Client"),
        QT_TR_NOOP("Type"), QT_TR_NOOP("State"), QT_TR_NOOP("Waits For"), QT_TR_NOOP("Transaction"),
        QT_TR_NOOP("Query For"), QT_TR_NOOP("State For"), QT_TR_NOOP("Connected"), QT_TR_NOOP("Xmin Age"),
        QT_TR_NOOP("Xid Age"), QT_TR_NOOP("Blocked By"), QT_TR_NOOP("Blocks"), QT_TR_NOOP("Query")};
    static const char *const kTips[]{"", "", QT_TR_NOOP("Of a worker of a parallel query: who it works for"),
        "", "", "", QT_TR_NOOP("Address; empty = a local socket"), "", "",
        QT_TR_NOOP("Type and event; CPU = active without a wait"),
        QT_TR_NOOP("Since its transaction began, at the moment shown"),
        QT_TR_NOOP("Since the query that runs began, at the moment shown"),
        QT_TR_NOOP("Since the state changed, at the moment shown"), "",
        QT_TR_NOOP("Age of the oldest row versions it may read, in transactions: vacuum keeps them"),
        QT_TR_NOOP("Age of its own transaction id; empty = it has written nothing"),
        QT_TR_NOOP("Processes it waits for"), QT_TR_NOOP("Processes that wait for it"),
        QT_TR_NOOP("Without its values; of an idle session the one that ended")};
    if (role == Qt::DisplayRole)
        return tr(kTitles[section]);
    if (role == Qt::ToolTipRole && kTips[section][0] != '\0')
        return tr(kTips[section]);
    return {};
}

QList<SessionModel::Connections> SessionModel::connections() const
{
    QList<Connections> out;
    if (!m_list)
        return out;
    for (const SessionServer &server : m_list->servers) {
        Connections one;
        const QString label = fromUtf8(server.server.label);
        if (server.sampleNs == kUnknownNanos) {
            one.text = tr("%1: no sample of single sessions at this moment").arg(label);
            one.toolTip
                = tr("It was not sampled then, or its old samples are kept as minutes only: see Waits");
        } else if (const auto most = server.server.maxConnections) {
            const double share = double(server.connections) / double(*most);
            one.level = share >= kCriticalShare ? 3 : share >= kWarnShare ? 2 : 0;
            one.text
                = tr("%1: %2 of %3 connections (%4 %)")
                      .arg(label, fromUtf8(groupedCount(server.connections)), fromUtf8(groupedCount(*most)))
                      .arg(100 * share, 0, 'f', 0);
            one.toolTip = tr("Clients / (max_connections - reserved ones); 80 % warns, 95 % is critical");
        } else {
            one.text = tr("%1: %2 connections").arg(label, fromUtf8(groupedCount(server.connections)));
            one.toolTip = tr("max_connections is not in the data");
        }
        out << one;
    }
    return out;
}

QString SessionModel::hiddenText() const
{
    QStringList parts;
    if (m_list) {
        for (const SessionServer &server : m_list->servers) {
            if (!server.server.hidden.empty())
                parts << (m_list->servers.size() > 1 ? fromUtf8(server.server.label) + QStringLiteral(": ")
                            + fromUtf8(server.server.hidden)
                                                     : fromUtf8(server.server.hidden));
        }
    }
    return parts.join(QStringLiteral("; "));
}

QString SessionModel::momentText() const
{
    Nanos newest = kUnknownNanos, oldest = kUnknownNanos;
    if (m_list) {
        for (const SessionServer &server : m_list->servers) {
            if (server.sampleNs == kUnknownNanos)
                continue;
            newest = std::max(newest, server.sampleNs);
            oldest = oldest == kUnknownNanos ? server.sampleNs : std::min(oldest, server.sampleNs);
        }
    }
    if (newest == kUnknownNanos)
        return {};
    const session::SessionContext *context = m_session->context();
    QString text = tr("as of %1").arg(context->timeText(newest));
    if (newest - oldest > 5 * kSecond)
        text += tr(", of one server %1").arg(context->timeText(oldest));
    // Nothing newer was sampled: the server was gone, sampling paused, or it ended.
    if (m_list->moment < std::numeric_limits<Nanos>::max() / 2 && m_list->moment - newest > 10 * kSecond)
        text += tr("; nothing newer at the moment shown");
    return text;
}

QString SessionModel::cellText(int row, int column) const
{
    const SessionItem *each = item(row);
    if (!each)
        return {};
    const SessionRow &session = each->row;
    const auto seconds = [&](Nanos since) {
        const auto value = age(*each, since);
        return value ? QString::number(double(*value) / double(kSecond), 'f', 3) : QString();
    };
    switch (column) {
    case TransactionAge:
        return seconds(session.xactStart);
    case QueryAge:
        return session.isActive() ? seconds(session.queryStart) : QString();
    case StateAge:
        return seconds(session.stateChange);
    case BackendStart:
        return session.backendStart == kUnknownNanos
            ? QString()
            : QString::fromStdString(utcTimestamp(session.backendStart));
    case XminAge:
        return session.xminAge ? QString::number(*session.xminAge) : QString();
    case XidAge:
        return session.xidAge ? QString::number(*session.xidAge) : QString();
    case Query:
        return normalizedText(session.statementId);
    default:
        return text(*each, column);
    }
}

QString SessionModel::toText(QChar separator, const QList<int> &rows) const
{
    const bool csv = separator == QLatin1Char(',');
    QStringList titles;
    for (int column = 0; column < ColumnCount; ++column) {
        const QString unit = column == TransactionAge || column == QueryAge || column == StateAge
            ? QStringLiteral(" (s)")
            : QString();
        titles << headerData(column, Qt::Horizontal).toString() + unit;
    }
    QStringList lines{titles.join(separator)};
    for (const int row : rows) {
        QStringList cells;
        for (int column = 0; column < ColumnCount; ++column) {
            const QString cell = cellText(row, column);
            cells << (csv ? csvCell(cell) : cleaned(cell));
        }
        lines << cells.join(separator);
    }
    return lines.join(QLatin1Char('\n')) + (csv ? QStringLiteral("\n") : QString());
}

QString SessionModel::sql() const
{
    QStringList parts;
    if (m_list) {
        for (const SessionServer &server : m_list->servers) {
            if (server.sampleNs == kUnknownNanos)
                continue;
            QStringList ids;
            for (const std::int64_t id : server.server.ids)
                ids << QString::number(id);
            const Nanos from = server.server.isRecording
                ? saturatingSub(server.sampleNs, analysis::kSessionKeyframe)
                : server.sampleNs;
            parts << QStringLiteral("coalesce(s.server_id, 0) IN (%1) AND s.ts_ns BETWEEN %2 AND %3")
                         .arg(ids.join(QStringLiteral(", ")))
                         .arg(from)
                         .arg(server.sampleNs);
        }
    }
    // Of each process the newest row.
    return QStringLiteral(
        "SELECT max(s.ts_ns) AS ts_ns, s.server_id, s.pid, s.user, s.db, s.application, s.state,\n"
        "       s.wait_event_type, s.wait_event, (s.ts_ns - s.xact_start_ns) / 1e6 AS xact_ms,\n"
        "       (SELECT t.normalized FROM statement AS t WHERE t.id = s.statement_id) AS query\n"
        "FROM session_sample AS s\nWHERE %1\nGROUP BY s.server_id, s.pid\nORDER BY s.pid;")
        .arg(parts.isEmpty()
                ? QStringLiteral("1")
                : QLatin1Char('(') + parts.join(QStringLiteral(")\n   OR (")) + QLatin1Char(')'));
}

} // namespace tailscope::items
