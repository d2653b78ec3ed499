// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/blockingmodel.h"

#include "base/text.h"
#include "items/momentwatch.h"
#include "items/sessionmodel.h"
#include "session/playback.h"

#include <algorithm>

namespace tailscope::items {

using analysis::BlockingEdge;
using analysis::BlockingNode;
using analysis::SessionRow;

namespace {

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

const BlockingNode &nodeOf(const BlockingContent &content, std::size_t server, std::size_t node)
{
    return content.servers[server].forest.nodes[node];
}

const BlockingEdge *edgeOf(const BlockingContent &content, std::size_t server, const BlockingNode &node)
{
    return node.edge < 0 ? nullptr : &content.servers[server].edges[std::size_t(node.edge)];
}

const SessionRow *sessionOf(const BlockingServer &server, std::int64_t pid)
{
    const auto found = server.sessions.find(pid);
    return found == server.sessions.end() ? nullptr : &found->second;
}

QString aged(Nanos now, Nanos since)
{
    if (now == kUnknownNanos || since == kUnknownNanos)
        return {};
    return QString::fromStdString(humanDuration(std::max<Nanos>(0, saturatingSub(now, since))));
}

} // namespace

BlockingModel::BlockingModel(session::Session *session, QObject *parent)
    : QAbstractItemModel(parent)
    , m_session(session)
    , m_watch(new MomentWatch(session, this))
    , m_job(session->jobs())
{
    connect(m_watch, &MomentWatch::due, this, &BlockingModel::read);
}

void BlockingModel::setActive(bool active)
{
    m_watch->setActive(active);
    Q_EMIT busyChanged();
}

bool BlockingModel::isBusy() const { return m_watch->isPending() || m_job.isRunning(); }

void BlockingModel::read()
{
    m_watch->began();
    const session::Playback *playback = m_session->playback();
    m_job.start<BlockingContent>(
        this, {},
        [workspace = m_session->workspacePtr(), moment = playback->moment(), window = playback->shown(),
            texts = m_texts](const Progress &progress) {
            return blockingContent(*workspace, moment, window, *texts, progress);
        },
        [this](Result<BlockingContent> content) {
            m_watch->ended();
            if (content) {
                m_error.clear();
                adopt(std::move(*content));
            } else if (content.error().code != ErrorCode::Cancelled) {
                m_error = QString::fromStdString(content.error().toText());
            }
            Q_EMIT changed();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void BlockingModel::adopt(BlockingContent content)
{
    beginResetModel();
    m_content = std::make_shared<const BlockingContent>(std::move(content));
    m_rows.clear();
    m_roots.clear();
    for (std::size_t server = 0; server < m_content->servers.size(); ++server) {
        const int first = int(m_rows.size());
        const auto &nodes = m_content->servers[server].forest.nodes;
        for (std::size_t node = 0; node < nodes.size(); ++node) {
            Row row;
            row.server = server;
            row.node = node;
            row.parent = nodes[node].parent < 0 ? -1 : first + nodes[node].parent;
            const int place = int(m_rows.size());
            std::vector<int> &siblings = row.parent < 0 ? m_roots : m_rows[std::size_t(row.parent)].children;
            row.number = int(siblings.size());
            siblings.push_back(place);
            m_rows.push_back(std::move(row));
        }
    }
    endResetModel();
}

const BlockingModel::Row *BlockingModel::rowAt(const QModelIndex &index) const
{
    return index.isValid() && index.internalId() < m_rows.size() ? &m_rows[index.internalId()] : nullptr;
}

QModelIndex BlockingModel::index(int row, int column, const QModelIndex &parent) const
{
    const Row *above = rowAt(parent);
    const std::vector<int> &siblings = above ? above->children : m_roots;
    if (row < 0 || row >= int(siblings.size()) || column < 0 || column >= ColumnCount || parent.column() > 0)
        return {};
    return createIndex(row, column, quintptr(siblings[std::size_t(row)]));
}

QModelIndex BlockingModel::parent(const QModelIndex &index) const
{
    const Row *row = rowAt(index);
    if (!row || row->parent < 0)
        return {};
    return createIndex(m_rows[std::size_t(row->parent)].number, 0, quintptr(row->parent));
}

int BlockingModel::rowCount(const QModelIndex &parent) const
{
    if (parent.column() > 0)
        return 0;
    const Row *row = rowAt(parent);
    return int(row ? row->children.size() : m_roots.size());
}

int BlockingModel::columnCount(const QModelIndex &) const { return ColumnCount; }

BlockingModel::Place BlockingModel::place(const QModelIndex &index) const
{
    const Row *row = rowAt(index);
    if (!row)
        return {};
    const BlockingServer &server = m_content->servers[row->server];
    const BlockingNode &node = nodeOf(*m_content, row->server, row->node);
    const SessionRow *session = sessionOf(server, node.pid);
    return {node.pid, server.server.ids.front(), session ? session->statementId : 0, node.parent < 0};
}

QModelIndex BlockingModel::indexOf(qint64 pid, qint64 server) const
{
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        const std::vector<std::int64_t> &ids = m_content->servers[m_rows[i].server].server.ids;
        if (nodeOf(*m_content, m_rows[i].server, m_rows[i].node).pid == pid
            && (server == 0 || std::find(ids.begin(), ids.end(), server) != ids.end()))
            return createIndex(m_rows[i].number, 0, quintptr(i));
    }
    return {};
}

QString BlockingModel::query(const QModelIndex &index) const
{
    return QString::fromStdString(m_texts->text(place(index).statementId).normalized);
}

QString BlockingModel::text(const Row &row, int column) const
{
    const BlockingServer &server = m_content->servers[row.server];
    const BlockingNode &node = server.forest.nodes[row.node];
    const BlockingEdge *edge = edgeOf(*m_content, row.server, node);
    const SessionRow *session = sessionOf(server, node.pid);
    switch (column) {
    case Process: {
        // pg_blocking_pids() has no number for what only PREPARE TRANSACTION left behind.
        QString name = node.pid == 0 ? tr("prepared transaction") : QString::number(node.pid);
        if (m_content->servers.size() > 1 && node.parent < 0)
            name += tr(" on %1").arg(fromUtf8(server.server.label));
        return node.isRepeated ? tr("%1 (also above)").arg(name)
            : node.isCycle     ? tr("%1 (in a circle)").arg(name)
                               : name;
    }
    case State:
        if (node.pid == 0)
            return tr("prepared");
        if (!session)
            return tr("unknown");
        if (session->isActive())
            return session->waitType == "Lock" ? tr("waits") : tr("active, %1").arg(waitWords(*session));
        return tr("%1 for %2")
            .arg(session->state.empty() ? tr("hidden") : fromUtf8(session->state),
                session->stateChange == kUnknownNanos ? tr("unknown")
                                                      : aged(server.sampleNs, session->stateChange));
    case Waited:
        return edge          ? (edge->waitedMs ? fromUtf8(humanMillis(*edge->waitedMs)) : tr("unknown"))
            : node.longestMs ? tr("up to %1").arg(fromUtf8(humanMillis(*node.longestMs)))
                             : QString();
    case Victims:
        return node.victims > 0 ? QString::number(node.victims) : QString();
    case Depth:
        return node.deepest > 0 ? QString::number(node.deepest) : QString();
    case Lock:
        return edge ? fromUtf8(edge->lockType) : QString();
    case Relation:
        return edge ? fromUtf8(edge->relation) : QString();
    case ModeWanted:
        return edge ? fromUtf8(edge->mode) : QString();
    case ModeHeld:
        return edge ? (edge->grantedMode.empty() ? tr("unknown") : fromUtf8(edge->grantedMode)) : QString();
    case TransactionAge:
        return session ? aged(server.sampleNs, session->xactStart) : QString();
    case Application:
        return session ? fromUtf8(session->application) : QString();
    case User:
        return session ? fromUtf8(session->user) : QString();
    case Query:
        return session
            ? QString::fromStdString(m_texts->text(session->statementId).normalized).simplified().left(400)
            : QString();
    default:
        return {};
    }
}

QString BlockingModel::toolTip(const Row &row, int column) const
{
    const BlockingServer &server = m_content->servers[row.server];
    const BlockingNode &node = server.forest.nodes[row.node];
    const BlockingEdge *edge = edgeOf(*m_content, row.server, node);
    const SessionRow *session = sessionOf(server, node.pid);
    const session::SessionContext *context = m_session->context();
    switch (column) {
    case Process:
        if (node.pid == 0)
            return tr("A prepared transaction holds the lock and no process is behind it: COMMIT PREPARED or "
                      "ROLLBACK PREPARED ends it, see pg_prepared_xacts (several stand here as one)");
        return node.isRepeated
            ? tr("It waits for several sessions; what waits for it stands at its first row")
            : node.isCycle    ? tr("Each of these waits for the other: the server ends such a deadlock after "
                                      "deadlock_timeout")
            : node.parent < 0 ? tr("It waits for no session: whoever waits below waits for it")
                              : tr("It waits for the session above it");
    case State:
        return session && session->stateChange != kUnknownNanos
            ? tr("%1 since %2").arg(fromUtf8(session->state), context->timeText(session->stateChange))
            : text(row, column);
    case Waited: {
        const std::optional<double> ms = edge ? edge->waitedMs : node.longestMs;
        return ms ? QStringLiteral("%1 ms").arg(*ms, 0, 'f', 3) : tr("How long is not in the data");
    }
    case Victims:
        return tr("%1 sessions wait for it, directly or not").arg(node.victims);
    case Depth:
        return tr("The longest chain below it has %1 sessions").arg(node.deepest);
    case ModeHeld:
        return edge && edge->grantedMode.empty() ? tr("The one above holds no conflicting lock that was "
                                                      "seen: it may only stand before it in the queue")
                                                 : text(row, column);
    case TransactionAge:
        return session && session->xactStart != kUnknownNanos
            ? tr("since %1").arg(context->timeText(session->xactStart))
            : text(row, column);
    case Query:
        return session ? QString::fromStdString(m_texts->text(session->statementId).normalized).left(2'000)
                       : QString();
    default:
        return text(row, column);
    }
}

int BlockingModel::level(const Row &row, int column) const
{
    const BlockingServer &server = m_content->servers[row.server];
    const BlockingNode &node = server.forest.nodes[row.node];
    const BlockingEdge *edge = edgeOf(*m_content, row.server, node);
    if (column == Process)
        return node.isCycle ? 3 : node.parent < 0 ? 2 : 0;
    if (column == State) {
        const SessionRow *session = sessionOf(server, node.pid);
        return session && session->isInTransaction() ? 3 : 0;
    }
    if (column == Waited) {
        const double ms = (edge ? edge->waitedMs : node.longestMs).value_or(0);
        return ms >= 30'000 ? 3 : ms >= 10'000 ? 2 : 0;
    }
    return 0;
}

QVariant BlockingModel::data(const QModelIndex &index, int role) const
{
    const Row *row = rowAt(index);
    if (!row)
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return text(*row, index.column());
    case Qt::ToolTipRole:
        return toolTip(*row, index.column());
    case Qt::TextAlignmentRole:
        return int((index.column() == Waited || index.column() == Victims || index.column() == Depth
                               || index.column() == TransactionAge
                           ? Qt::AlignRight
                           : Qt::AlignLeft)
            | Qt::AlignVCenter);
    case LevelRole:
        return level(*row, index.column());
    default:
        return {};
    }
}

QVariant BlockingModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    static const char *const kTitles[]{QT_TR_NOOP("Process"), QT_TR_NOOP("State"), QT_TR_NOOP("Waited"),
        QT_TR_NOOP("Victims"), QT_TR_NOOP("Depth"), QT_TR_NOOP("Lock"), QT_TR_NOOP("Relation"),
        QT_TR_NOOP("Asks For"), QT_TR_NOOP("Held Above"), QT_TR_NOOP("Transaction"),
        QT_TR_NOOP("Application"), QT_TR_NOOP("User"), QT_TR_NOOP("Query")};
    static const char *const kTips[]{QT_TR_NOOP("Roots wait for nobody; each waits for the one above it"), "",
        QT_TR_NOOP("For the lock; of a root: the longest wait below it"),
        QT_TR_NOOP("Sessions that wait for it, directly or not"), QT_TR_NOOP("Longest chain below it"),
        QT_TR_NOOP("What it waits for"), QT_TR_NOOP("Table the lock is on or in"),
        QT_TR_NOOP("Mode it waits for"), QT_TR_NOOP("Mode that the session above holds"),
        QT_TR_NOOP("Since its transaction began"), "", "",
        QT_TR_NOOP("Without its values; of an idle session the one that ended")};
    if (role == Qt::DisplayRole)
        return tr(kTitles[section]);
    if (role == Qt::ToolTipRole && kTips[section][0] != '\0')
        return tr(kTips[section]);
    return {};
}

QString BlockingModel::summary() const
{
    if (!m_content)
        return {};
    int roots = 0, blocked = 0, deepest = 0;
    bool isCut = false;
    std::optional<double> longest;
    for (const BlockingServer &server : m_content->servers) {
        roots += server.forest.roots;
        blocked += server.forest.blocked;
        deepest = std::max(deepest, server.forest.deepest);
        isCut = isCut || server.isCut;
        for (const BlockingEdge &edge : server.edges) {
            if (edge.waitedMs && *edge.waitedMs > longest.value_or(-1))
                longest = edge.waitedMs;
        }
    }
    if (blocked == 0)
        return tr("Nobody is blocked");
    QString text = tr("Blocked sessions: %1, roots: %2, longest chain: %3, longest wait: %4")
                       .arg(blocked)
                       .arg(roots)
                       .arg(deepest)
                       .arg(longest ? fromUtf8(humanMillis(*longest)) : tr("unknown"));
    if (isCut)
        text += tr("; more waits than are shown");
    return text;
}

QString BlockingModel::momentText() const
{
    Nanos newest = kUnknownNanos;
    if (m_content) {
        for (const BlockingServer &server : m_content->servers)
            newest = std::max({newest, server.sampleNs, server.locksNs});
    }
    return newest == kUnknownNanos ? QString() : tr("as of %1").arg(m_session->context()->timeText(newest));
}

QString BlockingModel::sql() const
{
    QStringList parts;
    if (m_content) {
        for (const BlockingServer &server : m_content->servers) {
            if (server.locksNs != kUnknownNanos)
                parts << QStringLiteral("(coalesce(l.server_id, 0) = %1 AND l.ts_ns = %2)")
                             .arg(server.server.ids.front())
                             .arg(server.locksNs);
        }
    }
    return QStringLiteral(
        "SELECT l.ts_ns, l.server_id, l.blocker_pid, l.blocked_pid, l.lock_type, l.relation, l.mode,\n"
        "       l.granted_mode, l.waited_ms\nFROM lock_edge AS l\nWHERE %1\n"
        "ORDER BY l.ts_ns DESC, l.waited_ms DESC LIMIT 1000;")
        .arg(parts.isEmpty() ? QStringLiteral("1") : parts.join(QStringLiteral("\n   OR ")));
}

QString BlockingModel::toText(QChar separator) const
{
    const bool csv = separator == QLatin1Char(',');
    const auto cell = [csv, separator](QString value) {
        if (!csv)
            return value.replace(separator, QLatin1Char(' '));
        // What a spreadsheet would take for a formula is text: clients choose their application's name.
        if (!value.isEmpty() && QStringLiteral("=+@").contains(value.front()))
            value.prepend(QLatin1Char('\''));
        return QLatin1Char('"') + value.replace(QLatin1Char('"'), QLatin1String("\"\"")) + QLatin1Char('"');
    };
    QStringList titles;
    for (int column = 0; column < ColumnCount; ++column)
        titles << cell(headerData(column, Qt::Horizontal).toString());
    QStringList lines{titles.join(separator)};
    for (const Row &row : m_rows) {
        QStringList cells;
        for (int column = 0; column < ColumnCount; ++column) {
            const int depth = column == Process ? nodeOf(*m_content, row.server, row.node).depth : 0;
            cells << cell(QString(depth * 2, QLatin1Char(' ')) + text(row, column));
        }
        lines << cells.join(separator);
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

} // namespace tailscope::items
