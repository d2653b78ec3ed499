// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of PostgreSQL's own views, under the names that import/pgcatalog reads.
#include "base/text.h"
#include "import/pgcatalog/catalogcounters.h"
#include "import/pgcatalog/catalogviews.h"
#include "report/snapshotfile.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <vector>

namespace tailscope::report {

namespace {

using import::CatalogKind;
using import::CatalogView;

/// A table and the view whose rows fill it.
struct Origin
{
    std::string_view table, view;
    bool isTimed;
};
constexpr std::array<Origin, 12> kOrigins{{
    {"setting", "pg_settings", true},
    {"db_table", "pg_class", false},
    {"db_index", "pg_index", false},
    {"db_column", "pg_attribute", false},
    {"db_constraint", "pg_constraint", false},
    {"table_sample", "pg_stat_user_tables", true},
    {"index_sample", "pg_stat_user_indexes", true},
    {"session_sample", "pg_stat_activity", true},
    {"lock_edge", "pg_locks", true},
    {"xmin_holder", "what holds back the xmin horizon", true},
    {"wait_sample", "samples of waits", true},
    {"slot_sample", "pg_replication_slots", true},
}};

void put(SnapshotLine &line, std::string_view name, CatalogKind kind, const store::Statement &row, int column)
{
    const store::ColumnType type = row.type(column);
    if (type == store::ColumnType::Null)
        return;
    if (kind == CatalogKind::Time)
        line.time(name, row.integer(column));
    else if (kind == CatalogKind::Lsn)
        line.lsn(name, row.integer(column));
    else if (kind == CatalogKind::Boolean)
        line.raw(name, row.integer(column) != 0 ? "true" : "false");
    else if (type == store::ColumnType::Integer)
        line.integer(name, row.integer(column));
    else if (type == store::ColumnType::Real)
        line.real(name, row.real(column));
    else
        line.text(name, row.text(column));
}

/// Columns of catalogs that hold SQL: predicates, checks and defaults with their constants.
bool isExpression(std::string_view column)
{
    constexpr std::array<std::string_view, 4> kExpressions{"indpred", "indexdef", "constraintdef",
        "column_default"};
    return std::find(kExpressions.begin(), kExpressions.end(), column) != kExpressions.end();
}

/// The stored columns of a view, as a list for SELECT and in its order.
struct Columns
{
    std::vector<const import::CatalogColumn *> list;
    std::string sql;

    explicit Columns(const CatalogView &view)
    {
        for (const import::CatalogColumn &column : view.columns) {
            if (column.target.starts_with('@'))
                continue;
            list.push_back(&column);
            const std::string name(column.target);
            sql += column.target == "statement_id"
                ? ", (SELECT s.text FROM statement AS s WHERE s.id = t.statement_id)"
                : ", t.\"" + name + '"';
        }
    }
};

class Catalog
{
public:
    Catalog(SnapshotSource &source, SnapshotFile &file)
        : m_source(source)
        , m_file(file)
    {}

    Result<void> server(std::int64_t id);
    Result<void> rowsOf(const Origin &origin);
    Result<void> progressRows();
    Result<void> replicas();
    Result<void> counters();

private:
    struct Group
    {
        const import::CatalogCounterView *view = nullptr;
        std::string instance, labels;
        std::map<std::int64_t, std::string_view> columns; ///< by series
        bool operator<(const Group &o) const
        {
            return std::tie(view->name, labels) < std::tie(o.view->name, o.labels);
        }
    };

    void begin(SnapshotLine &line, std::string_view view, const store::Statement &row, int timeColumn) const;
    std::string withoutLiterals(std::string_view definition);
    void fill(SnapshotLine &line, const Columns &columns, store::Statement &row, int first);
    Result<void> groupRows(const Group &group);
    static void head(SnapshotLine &line, const Group &group);

    SnapshotSource &m_source;
    SnapshotFile &m_file;
    std::int64_t m_server = 0;
    std::string m_instance;
    std::map<std::string, bool> m_counted; ///< instances whose counters are written
};

void Catalog::begin(SnapshotLine &line, std::string_view view, const store::Statement &row,
    int timeColumn) const
{
    line.text("catalog_view", view);
    if (timeColumn >= 0 && !row.isNull(timeColumn))
        line.time("ts", row.integer(timeColumn));
}

void Catalog::fill(SnapshotLine &line, const Columns &columns, store::Statement &row, int first)
{
    for (std::size_t i = 0; i < columns.list.size(); ++i) {
        const import::CatalogColumn &column = *columns.list[i];
        const std::string_view name = column.names.substr(0, column.names.find('|'));
        const int at = first + static_cast<int>(i);
        if (!m_source.keepLiterals && column.target == "most_common_vals") {
            line.raw(name, "null"); // values of rows
        } else if (!m_source.keepLiterals && isExpression(column.target) && !row.isNull(at)) {
            line.text(name, withoutLiterals(row.text(at)));
        } else if (column.target == "statement_id") {
            if (!row.isNull(at))
                line.text(name, m_source.sql(row.text(at)));
        } else if (row.isNull(at)) {
            line.raw(name, "null"); // the names tell the view
        } else {
            put(line, name, column.kind, row, at);
        }
    }
}

/// Of an index the predicate alone too: what parses may keep its numbers.
std::string Catalog::withoutLiterals(std::string_view definition)
{
    constexpr std::string_view kWhere = " WHERE ";
    const std::size_t where = definition.find(kWhere);
    if (where == std::string_view::npos)
        return m_source.sql(definition);
    return m_source.sql(definition.substr(0, where)) + std::string(kWhere)
        + m_source.sql(definition.substr(where + kWhere.size()));
}

Result<void> Catalog::server(std::int64_t id)
{
    m_server = id;
    const CatalogView *view = import::catalogViewByName("server");
    const Columns columns(*view);
    return m_source.each("SELECT coalesce(t.host, '') || coalesce(':' || t.port, '')" + columns.sql
            + " FROM server AS t WHERE t.id = ?",
        {id}, [&](store::Statement &row) -> Result<void> {
            m_instance = row.text(0);
            SnapshotLine line;
            begin(line, view->name, row, -1);
            fill(line, columns, row, 1);
            return m_file.line(line.done());
        });
}

Result<void> Catalog::rowsOf(const Origin &origin)
{
    const CatalogView *view = import::catalogViewByName(origin.view);
    if (!view)
        return {};
    const Columns columns(*view);
    const bool isLock = origin.table == "lock_edge";
    const std::string time = origin.isTimed ? "t.ts_ns" : "NULL";
    return m_source.each("SELECT " + time + (isLock ? ", t.blocker_pid" : ", NULL") + columns.sql + " FROM "
            + std::string(origin.table) + " AS t WHERE t.server_id = ?"
            + (origin.isTimed ? " ORDER BY t.ts_ns" : ""),
        {m_server}, [&](store::Statement &row) -> Result<void> {
            SnapshotLine line;
            begin(line, view->name, row, 0);
            fill(line, columns, row, 2);
            if (isLock)
                line.text("pg_blocking_pids", '{' + std::string(row.text(1)) + '}');
            return m_file.line(line.done());
        });
}

/// The figures of a progress view are kept under its own names.
Result<void> Catalog::progressRows()
{
    return m_source.each("SELECT t.ts_ns, t.command, t.pid, t.dbname, t.relname, t.phase, t.extra "
                         "FROM progress_sample AS t WHERE t.server_id = ? ORDER BY t.ts_ns",
        {m_server}, [&](store::Statement &row) -> Result<void> {
            SnapshotLine line;
            begin(line, "pg_stat_progress_" + std::string(row.text(1)), row, 0);
            put(line, "pid", CatalogKind::Integer, row, 2);
            put(line, "datname", CatalogKind::Text, row, 3);
            put(line, "relname", CatalogKind::Text, row, 4);
            put(line, "phase", CatalogKind::Text, row, 5);
            line.members(row.text(6));
            return m_file.line(line.done());
        });
}

/// What a primary says of its standbys, and what a standby says of itself.
Result<void> Catalog::replicas()
{
    const CatalogView *view = import::catalogViewByName("pg_stat_replication");
    const Columns columns(*view);
    const std::string of = " FROM replica_sample AS t WHERE t.server_id = ? AND ";
    TS_TRY(m_source.each("SELECT t.ts_ns, t.link_age_ms" + columns.sql + of
            + "(t.sent_position IS NOT NULL OR t.current_position IS NOT NULL) ORDER BY t.ts_ns",
        {m_server}, [&](store::Statement &row) -> Result<void> {
            SnapshotLine line;
            begin(line, view->name, row, 0);
            fill(line, columns, row, 2);
            if (!row.isNull(1) && !row.isNull(0))
                line.time("reply_time", row.integer(0) - static_cast<Nanos>(row.real(1) * kNanosPerMilli));
            return m_file.line(line.done());
        }));
    const CatalogView *standby = import::catalogViewByName("functions of a standby");
    const Columns own(*standby);
    return m_source.each("SELECT t.ts_ns, t.link_age_ms, t.state, t.write_position, t.flush_position"
            + own.sql + of + "t.sent_position IS NULL AND t.current_position IS NULL ORDER BY t.ts_ns",
        {m_server}, [&](store::Statement &row) -> Result<void> {
            SnapshotLine line;
            begin(line, standby->name, row, 0);
            fill(line, own, row, 5);
            if (row.isNull(2))
                return m_file.line(line.done());
            line.text("status", row.text(2));
            put(line, "written_lsn", CatalogKind::Lsn, row, 3);
            if (row.isNull(4))
                line.raw("flushed_lsn", "null");
            else
                put(line, "flushed_lsn", CatalogKind::Lsn, row, 4);
            if (!row.isNull(1) && !row.isNull(0))
                line.time("last_msg_receipt_time",
                    row.integer(0) - static_cast<Nanos>(row.real(1) * kNanosPerMilli));
            else
                line.raw("last_msg_receipt_time", "null");
            return m_file.line(line.done());
        });
}

/// Names that make the row known, and its labels.
void Catalog::head(SnapshotLine &line, const Group &group)
{
    const QJsonObject labels = QJsonDocument::fromJson(QByteArray::fromStdString(group.labels)).object();
    for (const std::string_view label : split(group.view->labels, ' ')) {
        const std::string name(label == "datname" ? "database" : label);
        const std::string value = labels.value(QString::fromStdString(name)).toString().toStdString();
        if (label.empty())
            continue;
        if (value == "(shared objects)" || value.empty())
            line.raw(label, "null");
        else
            line.text(label, value);
    }
}

Result<void> Catalog::groupRows(const Group &group)
{
    std::string ids;
    for (const auto &[id, column] : group.columns)
        ids += (ids.empty() ? "" : ", ") + std::to_string(id);
    Nanos at = kUnknownNanos;
    SnapshotLine line;
    std::vector<std::string_view> written; // of the row: thinned recordings keep single figures of one
    const std::vector<std::string_view> labels = split(group.view->labels, ' ');
    const auto end = [&]() -> Result<void> {
        if (at == kUnknownNanos)
            return {};
        for (const std::string_view names : split(group.view->required, ' ')) {
            bool isThere = names.empty();
            for (const std::string_view one : split(names, '|'))
                isThere = isThere || std::find(written.begin(), written.end(), one) != written.end()
                    || std::find(labels.begin(), labels.end(), one) != labels.end();
            if (!isThere)
                line.raw(names.substr(0, names.find('|')), "null");
        }
        return m_file.line(line.done());
    };
    const Result<void> read
        = m_source.each("SELECT p.ts_ns, p.series_id, p.value FROM point AS p WHERE p.series_id IN (" + ids
                + ") ORDER BY p.ts_ns",
            {}, [&](store::Statement &row) -> Result<void> {
                if (row.integer(0) != at) {
                    TS_TRY(end());
                    at = row.integer(0);
                    line = SnapshotLine();
                    written.clear();
                    line.text("catalog_view", group.view->name);
                    line.time("ts", at);
                    head(line, group);
                }
                written.push_back(group.columns.at(row.integer(1)));
                line.real(written.back(), row.real(2));
                return {};
            });
    if (!read)
        return read;
    return end();
}

/// Points of one row of a view have one time.
Result<void> Catalog::counters()
{
    if (!m_counted.emplace(m_instance, true).second)
        return {};
    std::map<std::pair<std::string, std::string>, Group> groups;
    const auto views = import::catalogCounterViews();
    TS_TRY(m_source.each("SELECT s.id, s.instance, s.foreign_name, s.labels FROM series AS s "
                         "WHERE s.metric LIKE 'postgresql.%' ORDER BY s.id",
        {}, [&](store::Statement &row) -> Result<void> {
            const std::string_view foreign = row.text(2);
            const std::size_t dot = foreign.rfind('.');
            if (row.text(1) != m_instance || dot == std::string_view::npos)
                return {};
            const auto view = std::find_if(views.begin(), views.end(),
                [&](const import::CatalogCounterView &one) { return one.name == foreign.substr(0, dot); });
            if (view == views.end())
                return {};
            const auto column = std::find_if(view->counters.begin(), view->counters.end(),
                [&](const import::CatalogCounter &one) { return one.column == foreign.substr(dot + 1); });
            if (column == view->counters.end())
                return {};
            Group &group = groups[{std::string(view->name), std::string(row.text(3))}];
            group.view = &*view;
            group.labels = row.text(3);
            group.columns.emplace(row.integer(0), column->column);
            return {};
        }));
    for (const auto &[key, group] : groups)
        TS_TRY(groupRows(group));
    return {};
}

} // namespace

Result<void> writeCatalogSnapshots(SnapshotSource &source, SnapshotFile &file)
{
    std::vector<std::int64_t> servers;
    TS_TRY(source.each("SELECT id FROM server WHERE kind = 'postgresql' ORDER BY id", {},
        [&](store::Statement &row) -> Result<void> {
            servers.push_back(row.integer(0));
            return {};
        }));
    Catalog catalog(source, file);
    for (const std::int64_t server : servers) {
        TS_TRY(catalog.server(server));
        for (const Origin &origin : kOrigins)
            TS_TRY(catalog.rowsOf(origin));
        TS_TRY(catalog.progressRows());
        TS_TRY(catalog.replicas());
        TS_TRY(catalog.counters());
    }
    return {};
}

} // namespace tailscope::report
