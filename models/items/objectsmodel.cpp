// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/objectsmodel.h"

#include "base/text.h"
#include "items/celltext.h"
#include "items/momentwatch.h"

#include <algorithm>
#include <limits>

namespace tailscope::items {

namespace {

using cells::fromUtf8;

QString literal(const Nanos time)
{
    return time == std::numeric_limits<Nanos>::max() ? QStringLiteral("9223372036854775807")
                                                     : QString::number(time);
}

} // namespace

ObjectsModel::ObjectsModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_watch(new MomentWatch(session, this))
    , m_job(session->jobs())
    , m_tables(new CellTable(tableColumns(), this))
    , m_indexes(new CellTable(indexColumns(), this))
    , m_progress(new CellTable(progressColumns(), this))
    , m_holders(new CellTable(holderColumns(), this))
    , m_ages(new CellTable(ageColumns(), this))
    , m_settings(new CellTable(settingColumns(), this))
{
    connect(m_watch, &MomentWatch::due, this, &ObjectsModel::read);
}

void ObjectsModel::setActive(bool active)
{
    m_watch->setActive(active);
    Q_EMIT busyChanged();
}

void ObjectsModel::setPage(Page page)
{
    if (page == m_page)
        return;
    m_page = page;
    m_watch->invalidate();
}

bool ObjectsModel::isBusy() const
{
    // While a recording grows there is always something newer to come.
    return m_job.isRunning() || (m_watch->isPending() && !isLoaded(m_page));
}

bool ObjectsModel::isLoaded(Page page) const
{
    return page == Tables ? m_tableList != nullptr
        : page == Indexes ? m_indexList != nullptr
        : page == Vacuum  ? m_vacuum != nullptr
                          : m_settingList != nullptr;
}

bool ObjectsModel::hasAny(Page page) const
{
    return isLoaded(page)
        && (page == Tables        ? m_tableList->any
                : page == Indexes ? m_indexList->any
                : page == Vacuum  ? m_vacuum->any
                                  : m_settingList->any);
}

bool ObjectsModel::isLive() const { return m_watch->isLive(); }

ObjectRequest ObjectsModel::request() const
{
    return {m_watch->moment(), m_watch->range(), m_server.toStdString()};
}

ObjectTexts ObjectsModel::texts() const
{
    Nanos moment = m_watch->moment();
    // Without a moment ages are those at the end of what is known.
    if (const TimeRange all = m_session->context()->fullRange();
        moment == std::numeric_limits<Nanos>::max() && !all.isEmpty())
        moment = all.end;
    return {moment, m_sinceReset, m_server.isEmpty() && m_servers.size() > 1};
}

namespace {

template<typename T>
std::vector<std::size_t> serversOf(const std::vector<T> &items)
{
    std::vector<std::size_t> out;
    for (const T &item : items) {
        if (std::find(out.begin(), out.end(), item.server) == out.end())
            out.push_back(item.server);
    }
    return out;
}

std::vector<std::size_t> usedServers(const TableList &list) { return serversOf(list.tables); }
std::vector<std::size_t> usedServers(const IndexList &list) { return serversOf(list.indexes); }
std::vector<std::size_t> usedServers(const SettingList &list) { return serversOf(list.settings); }
std::vector<std::size_t> usedServers(const VacuumState &state)
{
    std::vector<std::size_t> used = serversOf(state.ages);
    for (const std::size_t server : serversOf(state.holders)) {
        if (std::find(used.begin(), used.end(), server) == used.end())
            used.push_back(server);
    }
    return used;
}

} // namespace

/// The rows are made by the job: there may be tens of thousands.
template<typename T>
void ObjectsModel::start(Result<T> (
                             *readAll)(const store::Workspace &, const ObjectRequest &, const Progress &),
    QVector<TableRow> (*rowsOf)(const T &, const ObjectTexts &), std::shared_ptr<const T> &target)
{
    struct Loaded
    {
        std::shared_ptr<const T> list;
        QVector<TableRow> rows;
    };
    m_job.start<Loaded>(
        this, {},
        [workspace = m_session->workspacePtr(), request = request(), texts = texts(), readAll, rowsOf](
            const Progress &progress) mutable -> Result<Loaded> {
            auto list = readAll(*workspace, request, progress);
            if (!list)
                return tl::unexpected(std::move(list.error()));
            texts.severalServers = request.server.empty() && usedServers(*list).size() > 1;
            QVector<TableRow> rows = rowsOf(*list, texts);
            return Loaded{std::make_shared<const T>(std::move(*list)), std::move(rows)};
        },
        [this, &target, page = m_page, sinceReset = m_sinceReset](Result<Loaded> loaded) {
            m_watch->ended();
            if (loaded) {
                m_error.clear();
                target = std::move(loaded->list);
                takeServers(target->servers, usedServers(*target));
                m_rows[page] = std::move(loaded->rows);
                if (sinceReset != m_sinceReset)
                    makeRows();
                show();
            } else if (loaded.error().code != ErrorCode::Cancelled) {
                m_error = QString::fromStdString(loaded.error().toText());
            }
            Q_EMIT changed();
            Q_EMIT busyChanged();
        });
}

void ObjectsModel::read()
{
    m_watch->began();
    if (m_page == Tables)
        start(readTables, tableRows, m_tableList);
    else if (m_page == Indexes)
        start(readIndexes, indexRows, m_indexList);
    else if (m_page == Vacuum)
        start(readVacuum, ageRows, m_vacuum);
    else
        start(readSettingList, settingRows, m_settingList);
    Q_EMIT busyChanged();
}

void ObjectsModel::takeServers(const std::vector<analysis::ServerGroup> &groups,
    const std::vector<std::size_t> &used)
{
    if (!m_server.isEmpty())
        return; // only one was asked for
    m_servers.clear();
    for (std::size_t group = 0; group < groups.size(); ++group) {
        if (std::find(used.begin(), used.end(), group) != used.end())
            m_servers << fromUtf8(groups[group].label);
    }
}

/// The rows of the page anew: totals instead of rates, or the other way round.
void ObjectsModel::makeRows()
{
    if (m_page == Tables && m_tableList)
        m_rows[Tables] = tableRows(*m_tableList, texts());
    else if (m_page == Indexes && m_indexList)
        m_rows[Indexes] = indexRows(*m_indexList, texts());
}

void ObjectsModel::show()
{
    CellTable *const tables[]{m_tables, m_indexes, m_ages, m_settings};
    if (!isLoaded(m_page))
        return;
    if (m_page == Vacuum) {
        m_progress->setRows(progressRows(*m_vacuum, texts()));
        m_holders->setRows(holderRows(*m_vacuum, texts()));
    }
    tables[m_page]->setRows(cells::matching(m_rows[m_page], m_search));
}

void ObjectsModel::setSearch(const QString &words)
{
    if (words == m_search)
        return;
    m_search = words;
    show();
    Q_EMIT changed();
}

void ObjectsModel::setServer(const QString &label)
{
    if (label == m_server)
        return;
    m_server = label;
    m_watch->invalidate();
}

void ObjectsModel::setSinceReset(bool on)
{
    if (on == m_sinceReset)
        return;
    m_sinceReset = on;
    makeRows();
    show();
    Q_EMIT changed();
}

QString ObjectsModel::details(Page page, qint64 id) const
{
    if (id < 0)
        return {};
    const auto at = std::size_t(id);
    if (page == Tables && m_tableList && at < m_tableList->tables.size())
        return tableDetails(*m_tableList, m_tableList->tables[at], texts());
    if (page == Indexes && m_indexList && at < m_indexList->indexes.size())
        return indexDetails(*m_indexList, m_indexList->indexes[at], texts());
    if (page == SettingsPage && m_settingList && at < m_settingList->settings.size())
        return settingDetails(m_settingList->settings[at]);
    return {};
}

QVector<CopyText> ObjectsModel::copies(Page page, qint64 id) const
{
    if (id < 0)
        return {};
    const auto at = std::size_t(id);
    if (page == Tables && m_tableList && at < m_tableList->tables.size())
        return tableCopies(m_tableList->tables[at]);
    if (page == Indexes && m_indexList && at < m_indexList->indexes.size())
        return indexCopies(m_indexList->indexes[at]);
    if (page == Vacuum && m_vacuum && at < m_vacuum->holders.size())
        return holderCopies(m_vacuum->holders[at]);
    return {};
}

session::Selection ObjectsModel::selectionOf(Page page, qint64 id) const
{
    using Kind = session::Selection::Kind;
    const auto at = std::size_t(id);
    if (page == Tables && id >= 0 && m_tableList && at < m_tableList->tables.size()) {
        const TableItem &item = m_tableList->tables[at];
        return {Kind::Table, item.oid, fromUtf8(item.qualifiedName())};
    }
    if (page == Indexes && id >= 0 && m_indexList && at < m_indexList->indexes.size()) {
        const IndexItem &item = m_indexList->indexes[at];
        if (!item.isMissing)
            return {Kind::Index, item.oid,
                fromUtf8(
                    item.facts.schema.empty() ? item.facts.name : item.facts.schema + "." + item.facts.name)};
    }
    return {};
}

qint64 ObjectsModel::idOf(Page page, const session::Selection &selection) const
{
    const std::size_t n = page == Tables && m_tableList ? m_tableList->tables.size()
        : page == Indexes && m_indexList                ? m_indexList->indexes.size()
                                                        : 0;
    for (std::size_t i = 0; i < n; ++i) {
        const session::Selection one = selectionOf(page, qint64(i));
        if (one.kind == selection.kind && one.text == selection.text)
            return qint64(i);
    }
    return -1;
}

QString ObjectsModel::noteText() const
{
    const auto count = [](std::size_t n) { return fromUtf8(groupedCount(std::int64_t(n))); };
    QStringList parts;
    if (m_page == Tables && m_tableList) {
        double seconds = 0;
        for (const TableItem &item : m_tableList->tables)
            seconds = std::max(seconds, item.seconds);
        parts << tr("%1 tables").arg(count(m_tableList->tables.size()));
        parts << (m_sinceReset ? tr("totals since the statistics were reset")
                : seconds > 0
                ? tr("rates over %1 of samples").arg(fromUtf8(humanDuration(Nanos(seconds * 1e9))))
                : tr("one sample only: no rates; switch to totals"));
    } else if (m_page == Indexes && m_indexList) {
        std::size_t odd = 0;
        for (const IndexItem &item : m_indexList->indexes)
            odd += !item.remarks.empty();
        parts << tr("%1 indexes").arg(count(m_indexList->indexes.size()))
              << tr("%1 with remarks").arg(count(odd))
              << tr("scans are counted from the last reset of the statistics, on each server for itself");
    } else if (m_page == Vacuum && m_vacuum) {
        parts << tr("%1 commands run").arg(count(m_vacuum->progress.size()))
              << tr("%1 hold old row versions").arg(count(m_vacuum->holders.size()));
        if (!m_vacuum->knowsHolders)
            parts << tr(
                "only sessions are known: prepared transactions, slots and standbys were not asked for");
    } else if (m_page == SettingsPage && m_settingList) {
        parts << tr("%1 settings, those that matter first").arg(count(m_settingList->settings.size()));
    }
    return parts.join(QStringLiteral(" · "));
}

QString ObjectsModel::sql() const
{
    const QString moment = literal(m_watch->moment());
    if (m_page == Tables)
        return QStringLiteral("SELECT * FROM (\n"
                              "  SELECT t.*, row_number() OVER (PARTITION BY server_id, dbname, schemaname, "
                              "relname ORDER BY ts_ns DESC) AS newest\n"
                              "  FROM table_sample AS t WHERE ts_ns IS NULL OR ts_ns <= %1\n"
                              ") WHERE newest = 1 ORDER BY table_bytes DESC")
            .arg(moment);
    if (m_page == Indexes)
        return QStringLiteral(
            "SELECT x.schemaname, x.relname, x.indexrelname, x.index_bytes, max(s.idx_scan) AS scans, "
            "x.indisunique,\n"
            "  x.indisvalid, x.constraint_name, x.indkey, x.indexdef\n"
            "FROM db_index AS x LEFT JOIN index_sample AS s ON s.server_id = x.server_id\n"
            "  AND s.indexrelid = x.indexrelid AND (s.ts_ns IS NULL OR s.ts_ns <= %1)\n"
            "GROUP BY x.server_id, x.schemaname, x.indexrelname ORDER BY x.index_bytes DESC")
            .arg(moment);
    if (m_page == Vacuum)
        return QStringLiteral(
            "SELECT kind, name, pid, db, user, xmin_age, xid_age, since_ns, detail, ts_ns FROM xmin_holder\n"
            "WHERE ts_ns = (SELECT max(ts_ns) FROM xmin_holder WHERE ts_ns <= %1)\n"
            "ORDER BY xmin_age DESC")
            .arg(moment);
    return QStringLiteral(
        "SELECT name, setting, unit, source, boot_val, context, pending_restart, ts_ns FROM setting\n"
        "WHERE ts_ns IS NULL OR ts_ns <= %1 ORDER BY name, ts_ns")
        .arg(moment);
}

} // namespace tailscope::items
