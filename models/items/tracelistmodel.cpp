// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/tracelistmodel.h"

#include <algorithm>

namespace tailscope::items {

namespace {

/// Keys kept; more were shown than anyone scrolls back to.
constexpr int kMostKeys = 20'000;

} // namespace

TraceListModel *TraceListModel::of(session::Session *session)
{
    auto *model = session->findChild<TraceListModel *>(QString(), Qt::FindDirectChildrenOnly);
    return model ? model : new TraceListModel(session);
}

TraceListModel::TraceListModel(session::Session *session)
    : QAbstractTableModel(session)
    , m_session(session)
    , m_buildJob(session->jobs())
    , m_orderJob(session->jobs())
    , m_scatterJob(session->jobs())
    , m_keyJob(session->jobs())
{
    m_keyTimer.setSingleShot(true);
    m_keyTimer.setInterval(0);
    connect(&m_keyTimer, &QTimer::timeout, this, &TraceListModel::fetchKeys);
    const session::SessionContext *context = session->context();
    connect(context, &session::SessionContext::dataChanged, this, [this] {
        m_keys.clear();
        invalidate();
    });
    connect(context, &session::SessionContext::rangeChanged, this, &TraceListModel::invalidate);
    connect(context, &session::SessionContext::filterChanged, this, &TraceListModel::invalidate);
    // trace_time is written after the spans.
    connect(session, &session::Session::loaded, this, &TraceListModel::invalidate);
    connect(context, &session::SessionContext::timeDisplayChanged, this, [this] {
        if (rowCount() > 0)
            Q_EMIT dataChanged(index(0, Start), index(rowCount() - 1, Start));
    });
}

void TraceListModel::setActive(const QObject *user, bool active)
{
    if (active && !m_users.contains(user)) {
        m_users.insert(user);
        connect(user, &QObject::destroyed, this, [this, user] { m_users.remove(user); });
    } else if (!active && m_users.remove(user)) {
        disconnect(user, &QObject::destroyed, this, nullptr);
    }
    if (m_stale && !m_users.isEmpty())
        build();
}

void TraceListModel::invalidate()
{
    m_stale = true;
    if (!m_users.isEmpty())
        build();
}

bool TraceListModel::isListing() const
{
    const bool waits = m_stale && !m_users.isEmpty() && m_session->context()->columns();
    return waits || m_buildJob.isRunning() || m_orderJob.isRunning();
}

bool TraceListModel::isBusy() const { return isListing() || m_scatterJob.isRunning(); }

void TraceListModel::build()
{
    const auto columns = m_session->context()->columns();
    if (!columns)
        return;
    m_stale = false;
    const auto workspace = m_session->workspacePtr();
    const analysis::SpanSelection selection = m_session->context()->spanSelection();
    const TraceOrder order = m_order;
    m_orderJob.cancel();
    m_buildJob.start<Built>(
        this, {},
        [columns, selection, workspace, order](const Progress &progress) -> Result<Built> {
            auto table = TraceTable::build(columns, selection, *workspace, progress);
            if (!table)
                return tl::unexpected(table.error());
            if (!*table)
                return Built();
            auto listing = listTraces(**table, order, *workspace, progress);
            if (!listing)
                return tl::unexpected(listing.error());
            return Built{*table, *listing};
        },
        [this, order](Result<Built> built) {
            m_error = built ? QString() : QString::fromStdString(built.error().toText());
            if (built && built->first)
                take(built->first, built->second);
            else
                Q_EMIT listChanged();
            // Sorted or searched anew meanwhile.
            if (!(order == m_order))
                applyOrder();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void TraceListModel::applyOrder()
{
    if (!m_table || m_buildJob.isRunning())
        return;
    const auto workspace = m_session->workspacePtr();
    const Table table = m_table;
    const TraceOrder order = m_order;
    m_orderJob.start<Listing>(
        this, {},
        [table, order, workspace](
            const Progress &progress) { return listTraces(*table, order, *workspace, progress); },
        [this, table](Result<Listing> listing) {
            m_error = listing ? QString() : QString::fromStdString(listing.error().toText());
            take(table, listing ? *listing : std::make_shared<const TraceListing>());
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void TraceListModel::take(const Table &table, const Listing &listing)
{
    beginResetModel();
    m_table = table;
    m_listing = listing;
    endResetModel();
    m_scatter.reset();
    computeScatter();
    Q_EMIT listChanged();
}

void TraceListModel::setSearch(const QString &text)
{
    if (m_order.search == text)
        return;
    m_order.search = text;
    applyOrder();
}

void TraceListModel::setOrder(TraceField field, bool descending)
{
    if (m_order.field == field && m_order.descending == descending)
        return;
    m_order.field = field;
    m_order.descending = descending;
    applyOrder();
}

void TraceListModel::sort(int column, Qt::SortOrder order)
{
    if (column >= 0 && column < ColumnCount)
        setOrder(TraceField(column), order == Qt::DescendingOrder);
}

void TraceListModel::setScatterSize(int columns, int rows)
{
    if (m_scatterColumns == columns && m_scatterRows == rows)
        return;
    m_scatterColumns = columns;
    m_scatterRows = rows;
    computeScatter();
}

void TraceListModel::computeScatter()
{
    if (!m_table || m_scatterColumns <= 0 || m_scatterRows <= 0)
        return;
    const Table table = m_table;
    const Listing listing = m_listing;
    const int columns = m_scatterColumns, rows = m_scatterRows;
    m_scatterJob.start<Scatter>(
        this, {},
        [table, listing, columns, rows](const Progress &) -> Result<Scatter> {
            return std::make_shared<const TraceScatter>(
                TraceScatter::build(*table, listing->listed, columns, rows));
        },
        [this](Result<Scatter> scatter) {
            m_scatter = scatter ? *scatter : nullptr;
            Q_EMIT scatterChanged();
            Q_EMIT busyChanged();
        });
}

std::optional<int> TraceListModel::rowOfId(qint64 traceId) const
{
    const auto &rows = m_listing->rowOfId;
    const auto found = std::lower_bound(rows.begin(), rows.end(), std::pair(std::int64_t(traceId), 0U));
    return found != rows.end() && found->first == traceId ? std::optional(int(found->second)) : std::nullopt;
}

std::optional<qint64> TraceListModel::slowest() const
{
    return m_listing->slowest.empty() ? std::nullopt
                                      : std::optional<qint64>(m_table->id(m_listing->slowest.front()));
}

QString TraceListModel::keyAt(int row) const
{
    const qint64 id = idAt(row);
    const auto known = m_keys.constFind(id);
    if (known != m_keys.constEnd())
        return *known;
    m_wantedKeys.insert(id);
    m_keyTimer.start();
    return {};
}

void TraceListModel::fetchKeys()
{
    if (m_keyJob.isRunning()) // its end asks again
        return;
    using Keys = QHash<qint64, QString>;
    const auto workspace = m_session->workspacePtr();
    const QSet<qint64> wanted = std::exchange(m_wantedKeys, {});
    if (wanted.isEmpty())
        return;
    m_keyJob.start<Keys>(
        this, {},
        [workspace, wanted](const Progress &) -> Result<Keys> {
            auto database = workspace->connectReader();
            if (!database)
                return tl::unexpected(database.error());
            auto statement = database->prepare("SELECT trace_key FROM trace WHERE id = ?1");
            if (!statement)
                return tl::unexpected(statement.error());
            Keys keys;
            for (const qint64 id : wanted) {
                statement->bind(0, std::int64_t(id));
                auto row = statement->step();
                if (!row)
                    return tl::unexpected(row.error());
                const std::string_view text = *row ? statement->text(0) : std::string_view();
                keys.insert(id, QString::fromUtf8(text.data(), qsizetype(text.size())));
                statement->reset();
            }
            return keys;
        },
        [this](Result<Keys> keys) {
            if (!keys)
                return;
            if (m_keys.size() > kMostKeys)
                m_keys.clear();
            m_keys.insert(*keys);
            if (rowCount() > 0)
                Q_EMIT dataChanged(index(0, Key), index(rowCount() - 1, Key));
            Q_EMIT keysChanged();
            if (!m_wantedKeys.isEmpty())
                fetchKeys();
        });
}

QString TraceListModel::sql() const
{
    const QString where = m_session->context()->whereSql();
    static const QStringList columns{QStringLiteral("start_ns"), QStringLiteral("duration_ns"),
        QStringLiteral("service"), QStringLiteral("operation"), QStringLiteral("span_count"),
        QStringLiteral("services"), QStringLiteral("error_count"), QStringLiteral("wait_ns"),
        QStringLiteral("network_ns"), QStringLiteral("processing_ns"), QStringLiteral("largest_gap_ns"),
        QStringLiteral("weight"), QStringLiteral("trace_key")};
    QStringList conditions;
    if (where != QLatin1String("1"))
        conditions << QStringLiteral("t.id IN (SELECT trace_id FROM span WHERE %1)").arg(where);
    if (const QString wanted = m_order.search.trimmed(); !wanted.isEmpty()) {
        QString literal = wanted.toLower();
        literal.replace(QLatin1Char('\''), QStringLiteral("''"));
        conditions << QStringLiteral("(instr(lower(t.trace_key), '%1') > 0 OR t.id IN (\n"
                                     "    SELECT trace_id FROM span WHERE instr(lower(operation), '%1') > 0\n"
                                     "      OR instr(lower(coalesce(service, '')), '%1') > 0\n"
                                     "      OR instr(lower(coalesce(process, '')), '%1') > 0))")
                          .arg(literal);
    }
    return QStringLiteral(
        "SELECT t.id, t.trace_key, t.start_ns, t.service, t.operation,\n"
        "  coalesce((SELECT duration_ns FROM span WHERE id = t.root_span_id), t.duration_ns)\n"
        "    AS duration_ns,\n"
        "  t.span_count,\n"
        "  (SELECT count(DISTINCT coalesce(service, process, '')) FROM span WHERE trace_id = t.id)\n"
        "    AS services,\n"
        "  t.error_count, c.wait_ns, c.network_ns, c.processing_ns, c.largest_gap_ns, t.weight\n"
        "FROM trace AS t LEFT JOIN trace_time AS c ON c.trace_id = t.id\n%1"
        "ORDER BY %2 %3 LIMIT 1000;")
        .arg(conditions.isEmpty()
                ? QString()
                : QStringLiteral("WHERE %1\n").arg(conditions.join(QStringLiteral("\n  AND "))),
            columns.at(int(m_order.field)),
            m_order.descending ? QStringLiteral("DESC") : QStringLiteral("ASC"));
}

} // namespace tailscope::items
