// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/detailsmodel.h"

#include "items/querymodel.h"

namespace tailscope::items {

namespace {

QString toQString(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QVariant cell(const store::Statement &statement, int column)
{
    switch (statement.type(column)) {
    case store::ColumnType::Integer:
        return QVariant::fromValue<qlonglong>(statement.integer(column));
    case store::ColumnType::Real:
        return statement.real(column);
    case store::ColumnType::Text:
    case store::ColumnType::Blob:
        return toQString(statement.text(column));
    case store::ColumnType::Null:
        break;
    }
    return {};
}

/// Queries of one kind of selection; the first is a single row shown column by column, the others have the
/// columns name, value and, where it has one, point in time.
struct Query
{
    const char *title;
    const char *sql;
    bool columns;
};

std::vector<Query> queriesFor(session::Selection::Kind kind)
{
    using Kind = session::Selection::Kind;
    switch (kind) {
    case Kind::Span:
        return {{"Span", "SELECT * FROM span WHERE id = ?1", true},
            {"Trace",
                "SELECT trace_key, service, operation, duration_ns, span_count, error_count, weight FROM "
                "trace"
                " WHERE id = (SELECT trace_id FROM span WHERE id = ?1)",
                true},
            {"Attributes",
                "SELECT CASE scope WHEN 'span' THEN key ELSE scope || ': ' || key END, value FROM "
                "span_attribute"
                " WHERE span_id = ?1 LIMIT 1000",
                false},
            {"Events",
                "SELECT name, CASE WHEN ts_ns IS NULL THEN 'time unknown' || coalesce('  ' || attributes, '')"
                " ELSE coalesce(attributes, '') END, ts_ns FROM span_event"
                " WHERE span_id = ?1 ORDER BY ts_ns LIMIT 1000",
                false},
            {"Links",
                "SELECT 'trace ' || coalesce(linked_trace_key, '–'), 'span ' || coalesce(linked_span_key,"
                " linked_span_id) FROM span_link WHERE span_id = ?1 LIMIT 1000",
                false},
            {"Log lines",
                "SELECT coalesce(l.severity, l.kind, 'line'), coalesce(l.message, '') || '  (' || j.key || "
                "')', l.ts_ns"
                " FROM span_join AS j JOIN log_entry AS l ON l.id = j.target_id"
                " WHERE j.span_id = ?1 AND j.target_kind = 'log' ORDER BY l.ts_ns LIMIT 1000",
                false},
            {"Statements and plans",
                "SELECT 'plan ' || p.id || ' (' || j.kind || ')', coalesce(p.query_text, '') || '  (' || "
                "j.key || ')',"
                " p.captured_at_ns FROM span_join AS j JOIN plan AS p ON p.id = j.target_id"
                " WHERE j.span_id = ?1 AND j.target_kind = 'plan' ORDER BY p.id LIMIT 1000",
                false},
            {"In other sources",
                "SELECT 'parent', coalesce(s.service || ' ', '') || s.operation, s.start_ns FROM span_join "
                "AS j"
                " JOIN span AS s ON s.id = j.target_id WHERE j.span_id = ?1 AND j.target_kind = 'span'"
                " UNION ALL SELECT 'child', coalesce(s.service || ' ', '') || s.operation, s.start_ns"
                " FROM span_join AS j JOIN span AS s ON s.id = j.span_id"
                " WHERE j.target_id = ?1 AND j.target_kind = 'span' LIMIT 1000",
                false}};
    case Kind::PlanNode:
        return {{"Plan Node", "SELECT * FROM plan_node WHERE id = ?1", true},
            {"More from EXPLAIN",
                "SELECT j.key, j.value FROM plan_node AS n, json_each(n.extra) AS j WHERE n.id = ?1", false},
            {"Workers",
                "SELECT CASE worker WHEN -1 THEN 'leader' ELSE 'worker ' || worker END, printf('%.3f ms x %g "
                "loops,"
                " %g rows', total_ms, loops, rows) FROM plan_worker WHERE plan_node_id = ?1",
                false},
            {"Conditions",
                "SELECT place, coalesce(\"column\", '?') || ' ' || coalesce(operator, '') || ' ' ||"
                " coalesce(literal, '') FROM plan_condition WHERE plan_node_id = ?1 ORDER BY ordinal",
                false}};
    case Kind::Plan:
        return {{"Plan",
                    "SELECT id, engine, server_version, format, planning_ms, execution_ms, total_cost, "
                    "node_count,"
                    " settings, query_text FROM plan WHERE id = ?1",
                    true},
            {"Triggers",
                "SELECT name, printf('%.3f ms, %g calls', time_ms, calls) FROM plan_trigger"
                " WHERE plan_id = ?1",
                false},
            {"Spans",
                "SELECT coalesce(s.service || ' ', '') || s.operation, j.kind || ': ' || j.key, s.start_ns"
                " FROM span_join AS j JOIN span AS s ON s.id = j.span_id"
                " WHERE j.target_kind = 'plan' AND j.target_id = ?1 LIMIT 1000",
                false}};
    case Kind::Source:
        return {{"Source", "SELECT * FROM source WHERE id = ?1", true},
            {"Import Issues",
                "SELECT severity || ': ' || kind, count || ' x' || coalesce(', first at offset ' || "
                "first_offset, '')"
                " || ': ' || example"
                " FROM import_issue WHERE source_id = ?1",
                false}};
    case Kind::Event:
        return {{"Marker", "SELECT * FROM event WHERE id = ?1", true}};
    case Kind::Series:
        return {{"Series", "SELECT * FROM series WHERE id = ?1", true},
            {"Points",
                "SELECT 'points', count(*) FROM point WHERE series_id = ?1 UNION ALL"
                " SELECT 'minimum', min(value) FROM point WHERE series_id = ?1 UNION ALL"
                " SELECT 'maximum', max(value) FROM point WHERE series_id = ?1",
                false}};
    case Kind::Operation:
        return {{"Operation",
            "SELECT operation, service, sum(n) AS n, sum(errors) AS errors FROM operation_stat"
            " WHERE operation = ?1 GROUP BY operation, service LIMIT 1",
            true}};
    case Kind::Frame:
        return {{"Frame", "SELECT * FROM frame WHERE function = ?1 LIMIT 1", true}};
    case Kind::Finding:
        return {{"Finding", "SELECT * FROM finding WHERE id = ?1", true}};
    case Kind::Trace:
        return {{"Trace", "SELECT * FROM trace WHERE id = ?1", true}};
    case Kind::Statement:
        return {{"Statement", "SELECT id, fingerprint, normalized, text FROM statement WHERE id = ?1", true},
            {"Evidence",
                "SELECT CASE origin WHEN 'stat' THEN 'statistics' WHEN 'span' THEN 'spans' ELSE origin END,"
                " printf('%d calls, %.3f ms in all. %s: %s', calls, total_ms, verdict, reason)"
                " FROM statement_stat WHERE statement_id = ?1 ORDER BY origin",
                false},
            {"Tags",
                "SELECT key || ' = ' || value, printf('%d calls, %.3f ms', calls, total_ms) FROM "
                "statement_tag"
                " WHERE statement_id = ?1 ORDER BY key, total_ms DESC LIMIT 200",
                false}};
    case Kind::Pool:
        return {{"Pool",
                    "SELECT pool, kind, count(DISTINCT instance) AS instances, max(capacity) AS capacity, "
                    "max(active) AS"
                    " max_active, max(waiting) AS max_waiting, max(max_wait_ms) AS max_wait_ms, count(*) AS "
                    "samples"
                    " FROM pool_sample WHERE pool = ?1 GROUP BY pool, kind LIMIT 1",
                    true},
            {"Configuration",
                "SELECT coalesce(parent || ' ', '') || key, value || coalesce(' ' || unit, '') FROM config"
                " WHERE subject_kind = 'pool' AND subject = ?1 LIMIT 200",
                false}};
    case Kind::Replica:
        return {{"Replica",
            "SELECT replica, max(state) AS state, max(unsent_bytes) AS max_unsent_bytes, "
            "max(unwritten_bytes) AS"
            " max_unwritten_bytes, max(unflushed_bytes) AS max_unflushed_bytes, max(unreplayed_bytes) AS"
            " max_unreplayed_bytes, max(replay_lag_ms) AS max_replay_lag_ms, count(*) AS samples"
            " FROM replica_sample WHERE replica = ?1 GROUP BY replica LIMIT 1",
            true}};
    case Kind::Queue:
        return {{"Queue",
            "SELECT queue, count(DISTINCT \"partition\") AS partitions, max(depth) AS max_depth, "
            "max(members) AS"
            " max_members, max(oldest_age_ms) AS max_oldest_age_ms, count(*) AS samples"
            " FROM queue_sample WHERE queue = ?1 GROUP BY queue LIMIT 1",
            true}};
    case Kind::Budget:
        return {{"Budget", "SELECT * FROM budget WHERE id = ?1", true},
            {"Components",
                "SELECT name, printf('%g ms', budget_ms) || coalesce(', time-out ' || printf('%g ms', "
                "timeout_ms), '')"
                " FROM budget_component WHERE budget_id = ?1 ORDER BY position LIMIT 1000",
                false}};
    case Kind::Run:
        return {{"Run", "SELECT * FROM run WHERE id = ?1", true},
            {"Phases",
                "SELECT coalesce(name, kind, 'phase'), printf('%d requests, %d errors', requests, errors)"
                " FROM run_phase WHERE run_id = ?1 ORDER BY position LIMIT 1000",
                false}};
    case Kind::Backend:
        return {{"Session",
            "SELECT server_id, ts_ns, pid, user, db, application, client, backend_type, state, "
            "wait_event_type,"
            " wait_event, (SELECT text FROM statement AS t WHERE t.id = s.statement_id) AS query"
            " FROM session_sample AS s WHERE pid = ?1 ORDER BY ts_ns DESC LIMIT 1",
            true}};
    case Kind::Table:
        return {{"Table", "SELECT * FROM table_sample WHERE relid = ?1 ORDER BY ts_ns DESC LIMIT 1", true}};
    case Kind::Index:
        return {
            {"Index", "SELECT * FROM index_sample WHERE indexrelid = ?1 ORDER BY ts_ns DESC LIMIT 1", true}};
    case Kind::None:
        break;
    }
    return {};
}

bool byText(session::Selection::Kind kind)
{
    return kind == session::Selection::Kind::Operation || kind == session::Selection::Kind::Frame
        || kind == session::Selection::Kind::Pool || kind == session::Selection::Kind::Replica
        || kind == session::Selection::Kind::Queue;
}

} // namespace

DetailsModel::DetailsModel(session::Session *session, QObject *parent)
    : QAbstractItemModel(parent)
    , m_session(session)
    , m_job(session->jobs())
{
    const session::SessionContext *context = session->context();
    connect(context, &session::SessionContext::selectionChanged, this, &DetailsModel::reload);
    // Relative times count from the begin of all data.
    connect(context, &session::SessionContext::timeDisplayChanged, this, &DetailsModel::updateTimes);
    connect(context, &session::SessionContext::dataChanged, this, &DetailsModel::updateTimes);
    reload();
}

Result<DetailsModel::Content> DetailsModel::load(const store::Workspace &workspace,
    const session::Selection &selection)
{
    Content content;
    auto database = workspace.connectReader();
    if (!database)
        return tl::unexpected(database.error());
    const std::string text = selection.text.toStdString();
    for (const Query &query : queriesFor(selection.kind)) {
        auto statement = database->prepare(query.sql);
        if (!statement)
            return tl::unexpected(statement.error());
        if (byText(selection.kind))
            statement->bind(0, std::string_view(text));
        else
            statement->bind(0, std::int64_t(selection.id));
        Section section{QString::fromLatin1(query.title), {}};
        while (true) {
            auto row = statement->step();
            if (!row)
                return tl::unexpected(row.error());
            if (!*row)
                break;
            if (!query.columns) {
                const QString value = cell(*statement, 1).toString();
                Entry entry{toQString(statement->text(0)), value, value, std::nullopt};
                if (statement->columnCount() > 2 && !statement->isNull(2)) {
                    entry.time = Nanos(statement->integer(2));
                    entry.exact = QString::number(*entry.time);
                    if (!value.isEmpty())
                        entry.exact += QStringLiteral("  ") + value;
                }
                section.entries.push_back(std::move(entry));
                continue;
            }
            for (int c = 0; c < statement->columnCount(); ++c) {
                const QString name = toQString(statement->columnName(c));
                const QVariant value = cell(*statement, c);
                // What the source does not say is left out instead of filling the panel with dashes.
                if (value.isValid()) {
                    Entry entry{name, displayText(name, value), value.toString(), std::nullopt};
                    if (value.userType() == QMetaType::LongLong && isTimeColumn(name)) {
                        entry.time = Nanos(value.toLongLong());
                        entry.value.clear();
                    }
                    section.entries.push_back(std::move(entry));
                }
                if (name == QLatin1String("operation") || name == QLatin1String("node_type")
                    || name == QLatin1String("path"))
                    content.title = section.title + QLatin1Char(' ') + value.toString();
            }
        }
        if (!section.entries.empty())
            content.sections.push_back(std::move(section));
    }
    if (content.title.isEmpty() && !content.sections.empty())
        content.title = content.sections.front().title + QStringLiteral(" %1").arg(selection.id);
    return content;
}

void DetailsModel::reload()
{
    const auto workspace = m_session->workspacePtr();
    const session::Selection selection = m_session->context()->selection();
    m_job.start<Content>(
        this, {}, [workspace, selection](const Progress &) { return load(*workspace, selection); },
        [this](Result<Content> content) {
            beginResetModel();
            m_sections.clear();
            if (content) {
                m_title = content->title;
                m_sections = std::move(content->sections);
            } else {
                m_title = QString::fromStdString(content.error().toText());
            }
            endResetModel();
            Q_EMIT loaded();
        });
}

void DetailsModel::updateTimes()
{
    for (int row = 0; row < int(m_sections.size()); ++row) {
        const int last = int(m_sections[std::size_t(row)].entries.size()) - 1;
        const QModelIndex section = index(row, 0, {});
        if (last >= 0)
            Q_EMIT dataChanged(index(0, 1, section), index(last, 1, section), {Qt::DisplayRole});
    }
}

QString DetailsModel::valueText(const Entry &entry) const
{
    if (!entry.time)
        return entry.value;
    const QString time = timeColumnText(entry.name, *entry.time, *m_session->context());
    return entry.value.isEmpty() ? time : time + QStringLiteral("  ") + entry.value;
}

QString DetailsModel::sql() const
{
    const session::Selection selection = m_session->context()->selection();
    const auto queries = queriesFor(selection.kind);
    if (queries.empty())
        return QStringLiteral("SELECT * FROM source");
    const QString value = byText(selection.kind) ? QLatin1Char('\'')
            + QString(selection.text).replace(QLatin1Char('\''), QStringLiteral("''")) + QLatin1Char('\'')
                                                 : QString::number(selection.id);
    return QString::fromLatin1(queries.front().sql).replace(QStringLiteral("?1"), value);
}

QString DetailsModel::toText() const
{
    QString text;
    for (const Section &section : m_sections) {
        text += section.title + QLatin1Char('\n');
        for (const Entry &entry : section.entries)
            text += entry.name + QLatin1Char('\t') + entry.exact + QLatin1Char('\n');
    }
    return text;
}

// Internal id of an index: 0 = a section, n + 1 = an entry of section n.
QModelIndex DetailsModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, parent.isValid() ? quintptr(parent.row()) + 1 : quintptr(0));
}

QModelIndex DetailsModel::parent(const QModelIndex &index) const
{
    if (!index.isValid() || index.internalId() == 0)
        return {};
    return createIndex(int(index.internalId()) - 1, 0, quintptr(0));
}

int DetailsModel::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid())
        return int(m_sections.size());
    if (parent.internalId() != 0 || parent.column() != 0)
        return 0;
    return int(m_sections[std::size_t(parent.row())].entries.size());
}

int DetailsModel::columnCount(const QModelIndex &) const { return 2; }

QVariant DetailsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    if (index.internalId() == 0) {
        const Section &section = m_sections[std::size_t(index.row())];
        return role == Qt::DisplayRole && index.column() == 0 ? QVariant(section.title) : QVariant();
    }
    const Entry &entry = m_sections[index.internalId() - 1].entries[std::size_t(index.row())];
    if (role == Qt::DisplayRole)
        return index.column() == 0 ? entry.name : valueText(entry);
    if (role == Qt::ToolTipRole)
        return QStringLiteral("%1: %2").arg(entry.name, entry.exact.left(2000));
    if (role == Qt::UserRole)
        return entry.exact;
    return {};
}

QVariant DetailsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal)
        return {};
    return section == 0 ? tr("Name") : tr("Value");
}

} // namespace tailscope::items
