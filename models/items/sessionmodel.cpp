// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/sessionmodel.h"

#include "base/text.h"
#include "items/momentwatch.h"
#include "session/playback.h"

#include <algorithm>
#include <tuple>

namespace tailscope::items {

using analysis::SessionRow;

SessionModel::SessionModel(session::Session *session, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_watch(new MomentWatch(session, this))
    , m_job(session->jobs())
    , m_groups(
          new CellTable({{tr("Group"), {}}, {tr("Sessions"), tr("That pass the filter"), true},
                            {tr("Active"), tr("At work or waiting for something"), true},
                            {tr("Waiting"), tr("Active, and waiting for a lock, a disk, a client …"), true},
                            {tr("In Transaction"), tr("Idle in a transaction"), true},
                            {tr("Longest Transaction"), tr("At the moment shown"), true}},
              this))
{
    connect(m_watch, &MomentWatch::due, this, &SessionModel::read);
    connect(session->context(), &session::SessionContext::timeDisplayChanged, this, &SessionModel::changed);
}

void SessionModel::setActive(bool active)
{
    m_watch->setActive(active);
    Q_EMIT busyChanged();
}

bool SessionModel::isBusy() const { return m_watch->isPending() || m_job.isRunning(); }

void SessionModel::read()
{
    m_watch->began();
    m_job.start<SessionList>(
        this, {},
        [workspace = m_session->workspacePtr(), moment = m_session->playback()->moment(), texts = m_texts](
            const Progress &progress) { return sessionList(*workspace, moment, *texts, progress); },
        [this](Result<SessionList> list) {
            m_watch->ended();
            if (list) {
                m_error.clear();
                adopt(std::move(*list));
            } else if (list.error().code != ErrorCode::Cancelled) {
                m_error = QString::fromStdString(list.error().toText());
            }
            Q_EMIT changed();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void SessionModel::setFilter(const SessionFilter &filter)
{
    if (filter == m_filter)
        return;
    m_filter = filter;
    m_words = filter.words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    if (m_list)
        show(sorted(chosenRows()), m_list);
    fillGroups();
    Q_EMIT changed();
}

void SessionModel::setGroupColumn(int column)
{
    m_groupColumn = column;
    fillGroups();
}

QString SessionModel::groupValue(qint64 id) const
{
    return id >= 0 && id < m_groupValues.size() ? m_groupValues[id] : QString();
}

bool SessionModel::passes(const SessionItem &item) const
{
    const SessionRow &row = item.row;
    if (!m_filter.withBackground && !row.isClient())
        return false;
    if ((m_filter.onlyActive && !row.isActive()) || (m_filter.onlyWaiting && !row.isWaiting()))
        return false;
    if (m_filter.onlyInTransaction && row.xactStart == kUnknownNanos && !row.isInTransaction())
        return false;
    for (const QString &word : m_words) {
        bool found = false;
        for (int column = 0; column < ColumnCount && !found; ++column)
            found = text(item, column).contains(word, Qt::CaseInsensitive);
        if (!found)
            return false;
    }
    return true;
}

std::vector<int> SessionModel::chosenRows() const
{
    std::vector<int> rows;
    for (std::size_t i = 0; i < m_list->items.size(); ++i) {
        const SessionItem &item = m_list->items[i];
        if (passes(item)
            && (m_filter.groupColumn < 0 || text(item, m_filter.groupColumn) == m_filter.groupValue))
            rows.push_back(int(i));
    }
    return rows;
}

void SessionModel::adopt(SessionList list)
{
    auto shared = std::make_shared<const SessionList>(std::move(list));
    const auto before = m_list;
    m_list = shared; // texts and ages are those of the new one
    std::vector<int> rows = sorted(chosenRows());
    m_list = before;
    show(std::move(rows), shared);
    fillGroups();
}

namespace {

struct SortKey
{
    int place;
    std::optional<double> number;
    QString text;
};

} // namespace

/// The rows in the order that is wanted.
std::vector<int> SessionModel::sorted(std::vector<int> rows) const
{
    if (m_sortColumn < 0)
        return rows;
    std::vector<SortKey> keys;
    for (const int place : rows) {
        const SessionItem &item = m_list->items[std::size_t(place)];
        keys.push_back({place, number(item, m_sortColumn), {}});
        if (!keys.back().number)
            keys.back().text = text(item, m_sortColumn);
    }
    const bool up = m_sortOrder == Qt::AscendingOrder;
    std::stable_sort(keys.begin(), keys.end(), [&](const SortKey &a, const SortKey &b) {
        if (a.number || b.number)
            return a.number && b.number ? (up ? *a.number < *b.number : *b.number < *a.number)
                                        : a.number.has_value(); // unknown is last in both orders
        if (a.text.isEmpty() != b.text.isEmpty())
            return b.text.isEmpty();
        return up ? a.text < b.text : b.text < a.text;
    });
    for (std::size_t i = 0; i < keys.size(); ++i)
        rows[i] = keys[i].place;
    return rows;
}

/// Changes to these rows of a list so that selections stay on their sessions: rows are added at the end, all
/// take their new places, rows are taken away at the end.
void SessionModel::show(std::vector<int> rows, std::shared_ptr<const SessionList> list)
{
    const int before = int(m_rows.size()), after = int(rows.size());
    if (before == 0) {
        m_list = std::move(list);
        if (after == 0)
            return;
        beginInsertRows({}, 0, after - 1);
        m_rows = std::move(rows);
        endInsertRows();
        return;
    }
    if (after > before) {
        beginInsertRows({}, before, after - 1);
        m_rows.resize(std::size_t(after), m_rows.front()); // until all move
        endInsertRows();
    }
    using Key = std::tuple<std::size_t, std::int64_t, Nanos>;
    const auto keyOf = [this](int row) {
        const SessionItem *each = item(row);
        return each ? Key{each->server, each->row.pid, each->row.backendStart} : Key{};
    };
    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    const QModelIndexList kept = persistentIndexList();
    std::vector<Key> keys;
    // Rows that were only just added stand for nobody: two persistent indexes must not become one.
    for (const QModelIndex &index : kept)
        keys.push_back(index.row() < before ? keyOf(index.row()) : Key{});
    m_list = std::move(list);
    m_rows = std::move(rows);
    std::map<Key, int> places;
    for (int row = 0; row < after; ++row)
        places.emplace(keyOf(row), row);
    m_rows.resize(std::size_t(std::max(before, after)), -1);
    QModelIndexList moved;
    for (qsizetype i = 0; i < kept.size(); ++i) {
        const auto found = kept[i].row() < before ? places.find(keys[std::size_t(i)]) : places.end();
        moved << (found == places.end() ? QModelIndex() : createIndex(found->second, kept[i].column()));
    }
    changePersistentIndexList(kept, moved);
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
    if (before > after) {
        beginRemoveRows({}, after, before - 1);
        m_rows.resize(std::size_t(after));
        endRemoveRows();
    }
}

void SessionModel::sort(int column, Qt::SortOrder order)
{
    m_sortColumn = column >= 0 && column < ColumnCount ? column : -1;
    m_sortOrder = order;
    if (m_list)
        show(sorted(chosenRows()), m_list);
}

void SessionModel::fillGroups()
{
    struct Count
    {
        int sessions = 0, active = 0, waiting = 0, inTransaction = 0;
        std::optional<Nanos> longest;
    };
    std::map<QString, Count> counts;
    if (m_list && m_groupColumn >= 0) {
        for (const SessionItem &item : m_list->items) {
            if (!passes(item))
                continue;
            Count &count = counts[text(item, m_groupColumn)];
            ++count.sessions;
            count.active += item.row.isActive() ? 1 : 0;
            count.waiting += item.row.isWaiting() ? 1 : 0;
            count.inTransaction += item.row.isInTransaction() ? 1 : 0;
            if (const auto open = age(item, item.row.xactStart))
                count.longest = std::max(count.longest.value_or(0), *open);
        }
    }
    QVector<TableRow> rows;
    m_groupValues.clear();
    int most = 1;
    for (const auto &[name, count] : counts)
        most = std::max(most, count.sessions);
    const auto cell = [](int value) { return TableCell{QString::number(value), value, {}}; };
    for (const auto &[name, count] : counts) {
        TableCell sessions = cell(count.sessions), open;
        sessions.bar = double(count.sessions) / most;
        if (count.longest)
            open = {QString::fromStdString(humanDuration(*count.longest)), qint64(*count.longest),
                QString::fromStdString(exactDuration(*count.longest))};
        rows << TableRow{m_groupValues.size(),
            {{name.isEmpty() ? tr("(unknown)") : name, {}, {}}, sessions, cell(count.active),
                cell(count.waiting), cell(count.inTransaction), open}};
        m_groupValues << name;
    }
    std::stable_sort(rows.begin(), rows.end(), [](const TableRow &a, const TableRow &b) {
        return a.cells[1].value.toInt() > b.cells[1].value.toInt();
    });
    m_groups->setRows(std::move(rows));
}

const SessionItem *SessionModel::item(int row) const
{
    if (!m_list || row < 0 || row >= int(m_rows.size()))
        return nullptr;
    const auto place = std::size_t(m_rows[std::size_t(row)]);
    return place < m_list->items.size() ? &m_list->items[place] : nullptr;
}

int SessionModel::rowOf(qint64 pid, qint64 server) const
{
    for (int row = 0; row < int(m_rows.size()); ++row) {
        const SessionItem *each = item(row);
        if (!each)
            continue; // while rows are taken away
        const std::vector<std::int64_t> &ids = m_list->servers[each->server].server.ids;
        if (each->row.pid == pid && (server == 0 || std::find(ids.begin(), ids.end(), server) != ids.end()))
            return row;
    }
    return -1;
}

QString SessionModel::statementText(qint64 id) const
{
    return QString::fromStdString(m_texts->text(id).first);
}

QString SessionModel::normalizedText(qint64 id) const
{
    return QString::fromStdString(m_texts->text(id).normalized);
}

int SessionModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int SessionModel::columnCount(const QModelIndex &parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant SessionModel::data(const QModelIndex &index, int role) const
{
    const SessionItem *each = index.isValid() ? item(index.row()) : nullptr;
    if (!each)
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return text(*each, index.column());
    case Qt::ToolTipRole:
        return toolTip(*each, index.column());
    case Qt::TextAlignmentRole: {
        const bool isNumber = index.column() == Pid || index.column() == Leader
            || (index.column() >= TransactionAge && index.column() <= XidAge);
        return int((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    case LevelRole:
        return level(*each, index.column());
    case ToneRole:
        return index.column() == State ? QVariant(int(toneOf(each->row))) : QVariant();
    default:
        return {};
    }
}

} // namespace tailscope::items
