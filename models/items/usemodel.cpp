// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/usemodel.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>

namespace tailscope::items {

namespace {

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

/// Means of counts have no use for decimals once they are large.
QString countText(double value)
{
    const bool isWhole = value == std::floor(value) || std::abs(value) >= 100;
    return isWhole && std::abs(value) < 1e15 ? fromUtf8(groupedCount(std::llround(value)))
                                             : QString::number(value, 'g', 3);
}

QString figureText(double value, UseUnit unit)
{
    switch (unit) {
    case UseUnit::Share:
        return QString::number(100 * value, 'f', value < 0.1 ? 1 : 0) + QStringLiteral(" %");
    case UseUnit::Millis:
        return fromUtf8(humanMillis(value));
    case UseUnit::Bytes:
        return value >= 0 && value < 1e18 ? fromUtf8(humanBytes(std::uint64_t(value)))
                                          : QString::number(value, 'g', 4);
    case UseUnit::PerSecond:
        return countText(value) + QStringLiteral("/s");
    case UseUnit::Count:
        break;
    }
    return countText(value);
}

/// Utilisation has Gregg's marks; any error is worth a look, saturation wherever something waits.
int levelOf(const UseFigure &figure, UseAspect aspect)
{
    if (aspect == UseAspect::Utilisation)
        return figure.unit != UseUnit::Share ? 0 : figure.worst >= 0.9 ? 3 : figure.worst >= 0.7 ? 2 : 0;
    return figure.worst > 0 && (aspect == UseAspect::Errors || figure.unit == UseUnit::Count) ? 2 : 0;
}

} // namespace

UseModel::UseModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_job(session->jobs())
    , m_table(new CellTable({{tr("Resource"), {}, false}, {tr("Of"), tr("Instance, pool, server..."), false},
                                {tr("Utilisation"),
                                    tr("Share of the time or capacity in use: mean, then the worst"), false},
                                {tr("Saturation"), tr("Work that waits: mean, then the worst"), false},
                                {tr("Errors"), tr("Failures of the resource itself"), false}},
          this))
{
    connect(session, &session::Session::loaded, this, &UseModel::invalidate);
    connect(session->context(), &session::SessionContext::rangeChanged, this, &UseModel::invalidate);
}

void UseModel::setActive(bool active)
{
    m_active = active;
    refresh();
}

void UseModel::invalidate()
{
    m_stale = true;
    refresh();
}

void UseModel::refresh()
{
    if (!m_active || !m_stale)
        return;
    m_stale = false;
    const auto workspace = m_session->workspacePtr();
    const auto range = m_session->context()->range();
    m_job.start<std::vector<UseRow>>(
        this, {},
        [workspace, range](const Progress &progress) { return useTable(*workspace, range, progress); },
        [this](Result<std::vector<UseRow>> rows) {
            if (rows) {
                m_error.clear();
                m_rows = std::make_shared<const std::vector<UseRow>>(std::move(*rows));
                fill();
            } else if (rows.error().code != ErrorCode::Cancelled) {
                m_error = QString::fromStdString(rows.error().toText());
            }
            Q_EMIT changed();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

namespace {

const UseResource *resourceOf(const std::string &id)
{
    const auto &all = useResources();
    const auto found
        = std::find_if(all.begin(), all.end(), [&](const UseResource &each) { return each.id == id; });
    return found == all.end() ? nullptr : &*found;
}

} // namespace

void UseModel::fill()
{
    m_known = m_missing = 0;
    QVector<TableRow> rows;
    for (std::size_t i = 0; i < m_rows->size(); ++i) {
        const UseRow &row = (*m_rows)[i];
        const UseResource *resource = resourceOf(row.resource);
        TableRow out{qint64(i), {}};
        TableCell name;
        name.text = resourceText(row.resource);
        TableCell subject;
        subject.text = row.subject.empty() ? tr("nothing imported") : fromUtf8(row.subject);
        out.cells << name << subject;
        for (std::size_t aspect = 0; aspect < 3; ++aspect) {
            TableCell cell;
            if (const auto &figure = row.figures[aspect]) {
                ++m_known;
                const QString typical = figureText(figure->typical, figure->unit),
                              worst = figureText(figure->worst, figure->unit);
                cell.text = figure->typical == figure->worst ? worst : tr("%1, worst %2").arg(typical, worst);
                cell.value = figure->worst;
                cell.level = levelOf(*figure, UseAspect(aspect));
                if (figure->unit == UseUnit::Share)
                    cell.bar = std::clamp(figure->worst, 0.0, 1.0);
                cell.toolTip = tr("%1: mean %2, worst %3, %4 samples")
                                   .arg(fromUtf8(figure->what))
                                   .arg(figure->typical, 0, 'g', 12)
                                   .arg(figure->worst, 0, 'g', 12)
                                   .arg(figure->n);
            } else if (resource && !resource->input[aspect].empty()) {
                ++m_missing;
                cell.text = tr("needs %1").arg(fromUtf8(resource->input[aspect]));
                cell.toolTip = inputText(resource->input[aspect]);
            } else {
                cell.text = tr("–");
                cell.toolTip = tr("This resource has no such figure");
            }
            out.cells << cell;
        }
        rows << out;
    }
    m_table->setRows(std::move(rows));
}

QString UseModel::viewOf(qint64 row) const
{
    const UseResource *resource = m_rows && row >= 0 && std::size_t(row) < m_rows->size()
        ? resourceOf((*m_rows)[std::size_t(row)].resource)
        : nullptr;
    return resource ? fromUtf8(resource->view) : QString();
}

QString UseModel::sqlOf(qint64 row, int column) const
{
    const UseResource *resource = m_rows && row >= 0 && std::size_t(row) < m_rows->size()
        ? resourceOf((*m_rows)[std::size_t(row)].resource)
        : nullptr;
    const int aspect = std::clamp(column, int(Utilisation), int(Errors)) - int(Utilisation);
    if (!resource || resource->sql[std::size_t(aspect)].empty())
        return {};
    const auto range = m_session->context()->range();
    QString sql = fromUtf8(resource->sql[std::size_t(aspect)].front());
    sql.replace(QStringLiteral("?1"), QString::number(range ? range->begin : INT64_MIN + 1));
    sql.replace(QStringLiteral("?2"), QString::number(range ? range->end - 1 : INT64_MAX));
    return sql + QLatin1Char(';');
}

QString UseModel::resourceText(const std::string &id)
{
    const std::pair<const char *, QString> names[]{{"cpu", tr("CPU")}, {"memory", tr("Memory")},
        {"disk", tr("Disk")}, {"network", tr("Network")}, {"descriptors", tr("File descriptors")},
        {"pools", tr("Connection pools")}, {"threads", tr("Threads, workers")},
        {"connections", tr("Server connections")}, {"locks", tr("Locks")}, {"replication", tr("Replication")},
        {"wal", tr("WAL")}, {"queues", tr("Queues")}, {"pauses", tr("Pauses (GC)")}};
    for (const auto &[name, text] : names)
        if (id == name)
            return text;
    return fromUtf8(id);
}

QString UseModel::inputText(const std::string &input)
{
    if (input == "host")
        return tr("host: metrics of node_exporter or cAdvisor (Prometheus), vmstat, sar, pidstat, cgroup "
                  "cpu.stat, CSV");
    if (input == "pool")
        return tr("pool: HikariCP, PgBouncer SHOW POOLS, Micrometer executors, Tomcat or Jetty threads, CSV");
    if (input == "sessions")
        return tr("sessions: pg_stat_activity as CSV, or postgres_exporter");
    if (input == "locks")
        return tr("locks: a PostgreSQL log with log_lock_waits = on");
    if (input == "log")
        return tr("log: a PostgreSQL log");
    if (input == "repl")
        return tr("repl: pg_stat_replication and pg_replication_slots as CSV, or postgres_exporter");
    if (input == "queue")
        return tr("queue: kafka-consumer-groups --describe, SQS or BullMQ counters as CSV");
    if (input == "gc")
        return tr("gc: a GC log (JVM, Go gctrace, Node --trace-gc)");
    return fromUtf8(input);
}

} // namespace tailscope::items
