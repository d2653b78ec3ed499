// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/lockmodel.h"

#include "base/text.h"
#include "items/serverlogtables.h"

#include <algorithm>
#include <map>

namespace tailscope::items {

namespace {

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }
QString oneLine(std::string_view text) { return fromUtf8(text.substr(0, 2000)).simplified(); }

TableCell textCell(const QString &text, const QString &toolTip = {})
{
    TableCell cell;
    cell.text = text;
    cell.toolTip = toolTip;
    return cell;
}

TableCell numberCell(qint64 value)
{
    TableCell cell;
    cell.text = QString::number(value);
    cell.value = value;
    return cell;
}

} // namespace

LockModel::LockModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_job(session->jobs())
    , m_pairs(new CellTable(
          {{tr("Deadlocks"), tr("Deadlocks of these statements"), true},
              {tr("Relations"), tr("Tables that the locks or statements are about"), false},
              {tr("Statements"), tr("What the processes ran; equal texts but for values are one"), false},
              {tr("First"), tr("Time of the first"), false}, {tr("Last"), tr("Time of the last"), false}},
          this))
    , m_deadlocks(new CellTable(
          {{tr("Time"), tr("When the server found the cycle"), false},
              {tr("Processes"), tr("Processes of the cycle; ✗ = the one that was cancelled"), false},
              {tr("Relations"), tr("Tables that the locks or statements are about"), false}},
          this))
    , m_processes(
          new CellTable({{tr("Process"), tr("✗ = the one that was cancelled"), false},
                            {tr("Waits For"), tr("The lock mode it asks for"), false},
                            {tr("On"), tr("What is locked, in the words of the log"), false},
                            {tr("Relation"), tr("The table, where the log or the statement names it"), false},
                            {tr("Held By"), tr("The process that has it"), true}},
              this))
    , m_waits(
          new CellTable({{tr("Time"), tr("Of the last report of the wait"), false},
                            {tr("Waited"), tr("Time waited until then"), true},
                            {tr("Process"), tr("The one that waits"), true},
                            {tr("Blocked By"), tr("The one that has the lock"), true},
                            {tr("Mode"), tr("The lock mode it asks for"), false},
                            {tr("Relation"), tr("Where the log names it, else the kind of lock"), false},
                            {tr("Statement"), tr("The statement that waits, where the log tells it"), false}},
              this))
{
    connect(session, &session::Session::loaded, this, &LockModel::invalidate);
    connect(session->context(), &session::SessionContext::rangeChanged, this, &LockModel::invalidate);
    connect(session->context(), &session::SessionContext::timeDisplayChanged, this, [this] {
        if (m_overview) {
            fillPairs();
            fillDeadlocks();
            fillWaits();
        }
    });
}

void LockModel::setActive(bool active)
{
    m_active = active;
    refresh();
}

void LockModel::invalidate()
{
    m_stale = true;
    refresh();
}

void LockModel::refresh()
{
    if (!m_active || !m_stale)
        return;
    m_stale = false;
    const auto workspace = m_session->workspacePtr();
    const auto range = m_session->context()->range();
    m_job.start<LockOverview>(
        this, {},
        [workspace, range](const Progress &progress) { return lockOverview(*workspace, range, progress); },
        [this](Result<LockOverview> overview) {
            if (overview) {
                m_error.clear();
                m_overview = std::make_shared<const LockOverview>(std::move(*overview));
                m_pair = -1;
                m_current = m_overview->deadlocks.empty() ? -1 : 0;
                fillPairs();
                fillDeadlocks();
                fillWaits();
                fillProcesses();
            } else if (overview.error().code != ErrorCode::Cancelled) {
                m_error = QString::fromStdString(overview.error().toText());
            }
            Q_EMIT changed();
            Q_EMIT currentChanged();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

const Deadlock *LockModel::current() const
{
    return m_overview && m_current >= 0 ? &m_overview->deadlocks[std::size_t(m_current)] : nullptr;
}

void LockModel::choosePair(qint64 id)
{
    if (m_pair == id || !m_overview)
        return;
    m_pair = id;
    fillDeadlocks();
    chooseDeadlock(m_deadlocks->rowCount() > 0 ? m_deadlocks->idAt(0) : -1);
}

void LockModel::chooseDeadlock(qint64 id)
{
    if (m_current == id)
        return;
    m_current = id;
    fillProcesses();
    Q_EMIT currentChanged();
}

std::optional<TimeRange> LockModel::timeOfPair(qint64 id) const
{
    if (id < 0 || std::size_t(id) >= m_members.size())
        return std::nullopt;
    std::optional<TimeRange> range;
    for (const std::size_t at : m_members[std::size_t(id)]) {
        const auto ts = m_overview->deadlocks[at].ts;
        if (ts)
            range = range ? TimeRange{std::min(range->begin, *ts), std::max(range->end, *ts + 1)}
                          : TimeRange{*ts, *ts + 1};
    }
    return range;
}

void LockModel::fillPairs()
{
    m_members.clear();
    std::map<std::string, std::size_t> numbers;
    for (std::size_t i = 0; i < m_overview->deadlocks.size(); ++i) {
        const auto [entry, isNew] = numbers.emplace(m_overview->deadlocks[i].pairKey(), m_members.size());
        if (isNew)
            m_members.emplace_back();
        m_members[entry->second].push_back(i);
    }
    std::stable_sort(m_members.begin(), m_members.end(),
        [](const auto &a, const auto &b) { return a.size() > b.size(); });
    QVector<TableRow> rows;
    for (std::size_t i = 0; i < m_members.size(); ++i) {
        const Deadlock &example = m_overview->deadlocks[m_members[i].front()];
        QStringList statements;
        for (const DeadlockProcess &process : example.processes) {
            const QString text = process.query.empty() ? tr("unknown") : oneLine(process.query);
            if (!statements.contains(text))
                statements << text;
        }
        const auto time = timeOfPair(qint64(i));
        TableCell count = numberCell(qint64(m_members[i].size()));
        count.text = fromUtf8(groupedCount(std::int64_t(m_members[i].size())));
        count.bar = double(m_members[i].size()) / double(m_members.front().size());
        const auto timeCell = [&](std::optional<Nanos> ts) {
            TableCell cell = textCell(ts ? m_session->context()->timeText(*ts) : tr("unknown"));
            if (ts)
                cell.value = qint64(*ts);
            return cell;
        };
        rows << TableRow{qint64(i),
            {count, textCell(fromUtf8(example.relations())),
                textCell(statements.join(QStringLiteral("  ⇄  ")), statements.join(QStringLiteral("\n"))),
                timeCell(time ? std::optional(time->begin) : std::nullopt),
                timeCell(time ? std::optional(time->end - 1) : std::nullopt)}};
    }
    m_pairs->setRows(std::move(rows));
}

void LockModel::fillDeadlocks()
{
    QVector<TableRow> rows;
    const auto add = [&](std::size_t i) {
        const Deadlock &deadlock = m_overview->deadlocks[i];
        QStringList pids;
        for (const DeadlockProcess &process : deadlock.processes)
            pids << QString::number(process.pid) + (process.cancelled ? QStringLiteral(" ✗") : QString());
        TableCell time = textCell(deadlock.ts ? m_session->context()->timeText(*deadlock.ts) : tr("unknown"),
            deadlock.ts ? logTimeText(*deadlock.ts, deadlock.offsetSeconds) : QString());
        if (deadlock.ts)
            time.value = qint64(*deadlock.ts);
        rows << TableRow{qint64(i),
            {time, textCell(pids.join(QStringLiteral(", "))), textCell(fromUtf8(deadlock.relations()))}};
    };
    if (m_pair >= 0 && std::size_t(m_pair) < m_members.size()) {
        for (const std::size_t i : m_members[std::size_t(m_pair)])
            add(i);
    } else {
        for (std::size_t i = 0; i < m_overview->deadlocks.size(); ++i)
            add(i);
    }
    m_deadlocks->setRows(std::move(rows));
}

void LockModel::fillProcesses()
{
    QVector<TableRow> rows;
    if (const Deadlock *deadlock = current()) {
        for (const DeadlockProcess &process : deadlock->processes)
            rows << TableRow{process.pid,
                {textCell(QString::number(process.pid)
                         + (process.cancelled ? QStringLiteral(" ✗") : QString()),
                     process.cancelled ? tr("The server cancelled this one") : QString()),
                    textCell(fromUtf8(process.mode)), textCell(fromUtf8(process.waitsForText)),
                    textCell(fromUtf8(process.relation)), numberCell(process.waitsFor)}};
    }
    m_processes->setRows(std::move(rows));
}

void LockModel::fillWaits()
{
    QVector<TableRow> rows;
    double most = 0;
    for (const LockWait &wait : m_overview->waits)
        most = std::max(most, wait.waitedMs.value_or(0));
    for (std::size_t i = 0; i < m_overview->waits.size(); ++i) {
        const LockWait &wait = m_overview->waits[i];
        TableCell time = textCell(wait.ts ? m_session->context()->timeText(*wait.ts) : tr("unknown"));
        if (wait.ts)
            time.value = qint64(*wait.ts);
        TableCell waited = textCell(wait.waitedMs ? fromUtf8(humanMillis(*wait.waitedMs)) : tr("unknown"));
        if (wait.waitedMs) {
            waited.value = *wait.waitedMs;
            waited.toolTip = tr("%1 ms, told %2 times").arg(*wait.waitedMs, 0, 'f', 3).arg(wait.reports);
            waited.bar = most > 0 ? *wait.waitedMs / most : 0;
        }
        rows << TableRow{qint64(i),
            {time, waited, numberCell(wait.blocked), numberCell(wait.blocker), textCell(fromUtf8(wait.mode)),
                textCell(wait.relation.empty() ? fromUtf8(wait.lockType) : fromUtf8(wait.relation)),
                textCell(oneLine(wait.statement), fromUtf8(wait.statement))}};
    }
    m_waits->setRows(std::move(rows));
}

QString LockModel::rangeSql(const char *column) const
{
    const auto range = m_session->context()->range();
    return range ? QStringLiteral("\nWHERE %1 >= %2 AND %1 < %3")
                       .arg(QLatin1String(column))
                       .arg(range->begin)
                       .arg(range->end)
                 : QString();
}

QString LockModel::sql() const
{
    return QStringLiteral(
        "SELECT m.deadlock, m.ts_ns, m.pid, m.pid = e.pid AS cancelled, m.mode, m.waits_for, m.relation,\n"
        "       m.waits_for_pid, m.query_text\n"
        "FROM deadlock_member AS m LEFT JOIN log_entry AS e ON e.id = m.log_id%1\n"
        "ORDER BY m.ts_ns DESC, m.deadlock, m.position;")
        .arg(rangeSql("m.ts_ns"));
}

QString LockModel::waitSql() const
{
    return QStringLiteral(
        "SELECT l.ts_ns, l.waited_ms, l.blocked_pid, l.blocker_pid, l.mode, l.lock_type, l.relation\n"
        "FROM lock_edge AS l%1\nORDER BY l.waited_ms DESC;")
        .arg(rangeSql("l.ts_ns"));
}

} // namespace tailscope::items
