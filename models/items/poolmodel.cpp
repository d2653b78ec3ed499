// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/poolmodel.h"

#include "items/liverefresh.h"
#include "items/poolcells.h"

namespace tailscope::items {

PoolModel::PoolModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_job(session->jobs())
    , m_pictureJob(session->jobs())
    , m_pools(new CellTable(poolColumns(), this))
    , m_facts(new CellTable(factColumns(), this))
    , m_fleet(new CellTable(fleetColumns(), this))
    , m_answers(new CellTable(answerColumns(), this))
{
    connect(session, &session::Session::loaded, this, &PoolModel::invalidate);
    auto *live = new LiveRefresh(
        session, this, [this] { return !m_active || isBusy(); },
        [this] {
            // Verdicts are new when the analyses have run (loaded()); the samples are now.
            if (current())
                readPicture();
            else
                invalidate();
        });
    connect(this, &PoolModel::busyChanged, live,
        [this, live] { live->setBusy(m_job.isRunning() || m_pictureJob.isRunning()); });
    connect(session->context(), &session::SessionContext::timeDisplayChanged, this, &PoolModel::fillFacts);
}

void PoolModel::setActive(bool active)
{
    m_active = active;
    refresh();
}

void PoolModel::invalidate()
{
    m_stale = true;
    refresh();
}

void PoolModel::refresh()
{
    if (!m_active || !m_stale)
        return;
    m_stale = false;
    const auto workspace = m_session->workspacePtr();
    m_job.start<PoolOverview>(
        this, {}, [workspace](const Progress &) { return poolOverview(*workspace); },
        [this](Result<PoolOverview> overview) {
            if (overview) {
                m_error.clear();
                const FigureRow before = current() ? *current() : FigureRow{};
                m_overview = std::make_shared<const PoolOverview>(std::move(*overview));
                m_current = -1;
                fillPools();
                fillFleet();
                qint64 place = m_overview->pools.empty() ? -1 : 0;
                for (std::size_t i = 0; i < m_overview->pools.size(); ++i) {
                    const FigureRow &row = m_overview->pools[i];
                    if (row.text("kind") == before.text("kind") && row.text("pool") == before.text("pool")
                        && row.text("instance") == before.text("instance")
                        && row.texts.contains("instance") == before.texts.contains("instance"))
                        place = qint64(i);
                }
                choose(place);
            } else if (overview.error().code != ErrorCode::Cancelled) {
                m_error = QString::fromStdString(overview.error().toText());
            }
            Q_EMIT changed();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

const FigureRow *PoolModel::current() const
{
    return m_overview && m_current >= 0 ? &m_overview->pools[std::size_t(m_current)] : nullptr;
}

void PoolModel::choose(qint64 id)
{
    if (!m_overview || id >= qint64(m_overview->pools.size()) || (id == m_current && id >= 0))
        return;
    m_current = id;
    m_picture.reset();
    m_measured = current() ? measuredWhatIf(*current(), m_overview->fleets) : std::nullopt;
    m_whatIf = m_measured.value_or(PoolWhatIf{});
    fillFacts();
    fillAnswers();
    if (current())
        readPicture();
    Q_EMIT currentChanged();
    Q_EMIT whatIfChanged();
}

void PoolModel::readPicture()
{
    const FigureRow &row = *current();
    std::optional<std::string> instance;
    if (row.texts.contains("instance"))
        instance = row.text("instance");
    m_pictureJob.start<PoolPicture>(
        this, {},
        [workspace = m_session->workspacePtr(), kind = row.text("kind"), pool = row.text("pool"), instance](
            const Progress &progress) { return poolPicture(*workspace, kind, pool, instance, progress); },
        [this](Result<PoolPicture> picture) {
            if (picture)
                m_picture = std::make_shared<const PoolPicture>(std::move(*picture));
            else if (picture.error().code != ErrorCode::Cancelled) {
                m_error = QString::fromStdString(picture.error().toText());
                m_picture = std::make_shared<const PoolPicture>(); // nothing rather than the pool before
            }
            Q_EMIT pictureChanged();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

std::vector<const FigureRow *> PoolModel::ceilings() const
{
    std::vector<const FigureRow *> found;
    const FigureRow *row = current();
    if (!row)
        return found;
    for (const FigureRow &ceiling : m_overview->ceilings) {
        if (ceiling.text("pool") == row->text("pool") && ceiling.text("kind") == row->text("kind")
            && ceiling.texts.contains("instance") == row->texts.contains("instance")
            && ceiling.text("instance") == row->text("instance"))
            found.push_back(&ceiling);
    }
    return found;
}

QString PoolModel::sentence() const
{
    return current() ? poolSentence(*current(), *m_session->context()) : QString();
}

void PoolModel::setWhatIf(const PoolWhatIf &input)
{
    if (m_whatIf == input)
        return;
    m_whatIf = input;
    fillAnswers();
    Q_EMIT whatIfChanged();
}

void PoolModel::fillPools() { m_pools->setRows(poolRows(m_overview->pools)); }

void PoolModel::fillFacts()
{
    m_facts->setRows(
        current() ? factRows(*current(), ceilings(), *m_session->context()) : QVector<TableRow>());
}

void PoolModel::fillFleet() { m_fleet->setRows(fleetRows(m_overview->fleets)); }

void PoolModel::fillAnswers()
{
    QVector<TableRow> rows;
    const QVector<WhatIfAnswer> answers = whatIfAnswers(m_whatIf);
    for (const WhatIfAnswer &answer : answers) {
        TableCell name, text;
        name.text = answer.name;
        text.text = answer.text;
        text.toolTip = name.toolTip = answer.toolTip;
        text.level = answer.level;
        rows << TableRow{rows.size(), {name, text}};
    }
    m_answers->setRows(std::move(rows));
}

QString PoolModel::sql() const
{
    const FigureRow *row = current();
    const auto quoted = [](const std::string &text) {
        QString value = QString::fromStdString(text);
        return QLatin1Char('\'') + value.replace(QLatin1Char('\''), QLatin1String("''")) + QLatin1Char('\'');
    };
    QString where;
    if (row) {
        where = QStringLiteral("\nWHERE p.pool = %1").arg(quoted(row->text("pool")));
        if (row->texts.contains("instance"))
            where += QStringLiteral(" AND p.instance = %1").arg(quoted(row->text("instance")));
    }
    return QStringLiteral(
        "SELECT p.ts_ns, p.pool, p.instance, p.capacity, p.active, p.idle, p.waiting, p.wait_p50_ms, "
        "p.wait_p95_ms,\n       p.wait_p99_ms, p.timeouts, p.acquired, p.throughput, p.service_ms\n"
        "FROM pool_sample AS p%1\nORDER BY p.ts_ns, p.instance;")
        .arg(where);
}

QString PoolModel::verdictSql() const
{
    return QStringLiteral(
        "SELECT v.pool, v.instance, v.verdict, v.cause, v.ceiling, v.ceiling_value, v.utilisation, "
        "v.busy_share,\n       v.waiting_max, v.wait_p99_ms, v.service_ms, v.arrival_rate, v.demand, "
        "v.throughput_cap, v.deficit\nFROM pool_verdict AS v\nORDER BY v.pool, v.instance;");
}

} // namespace tailscope::items
