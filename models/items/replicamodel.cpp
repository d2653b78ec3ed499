// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/replicamodel.h"

#include "base/text.h"
#include "items/liverefresh.h"

#include <algorithm>
#include <cmath>

namespace tailscope::items {

using analysis::LagVerdict;

namespace {

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

TableCell plain(const QString &text) { return {text, {}, {}}; }

TableCell millis(const std::optional<double> &ms)
{
    if (!ms || std::isnan(*ms))
        return {QStringLiteral("unknown"), {}, {}};
    return {fromUtf8(humanMillis(*ms)), *ms, QStringLiteral("%1 ms").arg(QString::number(*ms, 'f', 3))};
}

TableCell bytes(const std::optional<std::int64_t> &count)
{
    if (!count)
        return {QStringLiteral("unknown"), {}, {}};
    return {fromUtf8(humanBytes(std::uint64_t(std::max<std::int64_t>(0, *count)))), qint64(*count),
        QStringLiteral("%1 bytes").arg(fromUtf8(groupedCount(*count)))};
}

TableCell percent(double share)
{
    if (std::isnan(share))
        return {QStringLiteral("unknown"), {}, {}};
    TableCell cell{QStringLiteral("%1 %").arg(QString::number(100 * share, 'f', 2)), 100 * share, {}};
    cell.bar = std::clamp(share, 0.0, 1.0);
    return cell;
}

int levelOf(std::string_view verdict)
{
    if (verdict == "disconnected" || verdict == "stalled")
        return 3;
    if (verdict == "growing" || verdict == "behind" || verdict == "paused")
        return 2;
    return verdict == "catching_up" || verdict == "unknown" ? 1 : 0;
}

QString wordOf(std::string_view verdict)
{
    QString text = fromUtf8(verdict);
    return text.replace(QLatin1Char('_'), QLatin1Char(' '));
}

TableCell verdictCell(const LagVerdict &verdict)
{
    TableCell cell = plain(wordOf(verdict.verdict));
    cell.level = levelOf(verdict.verdict);
    return cell;
}

TableCell stageCell(const LagVerdict &verdict)
{
    if (verdict.stage.empty())
        return plain(verdict.verdict == "unknown" ? QStringLiteral("unknown") : QString());
    TableCell cell = plain(verdict.stageShare ? QStringLiteral("%1 %2 %").arg(wordOf(verdict.stage),
                               QString::number(100 * *verdict.stageShare, 'f', 1))
                                              : wordOf(verdict.stage));
    cell.bar = verdict.stageShare.value_or(-1);
    return cell;
}

TableRow row(qint64 id, std::initializer_list<TableCell> cells) { return {id, QVector<TableCell>(cells)}; }

} // namespace

ReplicaModel::ReplicaModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_job(session->jobs())
    , m_replicas(new CellTable(
          {{tr("Replica"), tr("Its application_name; the standby's own name where it tells")},
              {tr("State"), tr("At the end of the range")}, {tr("Cause"), tr("What holds it up")},
              {tr("Stage"), tr("Where most of the missing bytes are, at the worst moment")},
              {tr("Lag Now"), tr("With the idle guard: equal positions that are proved are no lag"), true},
              {tr("P50"), tr("Nearest rank over the samples with a known lag"), true},
              {tr("P95"), tr("Nearest rank over the samples with a known lag"), true},
              {tr("P99"), tr("Nearest rank over the samples with a known lag"), true}, {tr("Most"), {}, true},
              {tr("Samples"), tr("With a known lag, and without"), true},
              {tr("Bytes Behind"), tr("Of the known stages"), true},
              {tr("Link Silent"), tr("The longest time without a message"), true}},
          this))
    , m_episodes(new CellTable(
          {{tr("From"), {}}, {tr("State"), {}}, {tr("Cause"), {}}, {tr("Stage"), {}}, {tr("Most"), {}, true},
              {tr("Slope"), tr("Seconds of lag per second while it rises: about 1 = nothing is replayed"),
                  true},
              {tr("Written"), tr("Bytes per second by the primary, while it rises"), true},
              {tr("Replayed"), tr("Bytes per second, while it rises"), true},
              {tr("Catch-Up"), tr("From the peak at the measured slope"), true},
              {tr("Back"), tr("Below 1 s again")}, {tr("Session"), tr("On the replica, as old as the lag")}},
          this))
    , m_slots(new CellTable({{tr("Slot"), {}}, {tr("Kind"), {}}, {tr("Active"), {}},
                                {tr("Retained"), tr("WAL kept for it"), true},
                                {tr("Growth"), tr("Per second over the range"), true},
                                {tr("Server Says"), {}}, {tr("Until Lost"), tr("safe_wal_size"), true}},
          this))
    , m_ranks(new CellTable(
          {{tr("Candidate"), tr("The one that received most first; a synchronous one loses nothing")},
              {tr("Lost"), tr("Bytes of the primary it has not received"), true},
              {tr("Lost Time"), tr("At the measured write rate"), true}, {tr("Behind the Best"), {}, true}},
          this))
    , m_readers(new CellTable({{tr("Question"), {}}, {tr("Answer"), {}, true}, {tr("How"), {}}}, this))
    , m_commits(new CellTable({{tr("synchronous_commit"), {}}, {tr("Commit Waits"), {}, true},
                                  {tr("Parts"), tr("In brackets: not waited for")}},
          this))
{
    connect(session, &session::Session::loaded, this, &ReplicaModel::invalidate);
    connect(session->context(), &session::SessionContext::rangeChanged, this, &ReplicaModel::invalidate);
    auto *live = new LiveRefresh(
        session, this, [this] { return !m_active || isBusy(); }, [this] { invalidate(); });
    connect(this, &ReplicaModel::busyChanged, live, [this, live] { live->setBusy(m_job.isRunning()); });
    connect(session->context(), &session::SessionContext::timeDisplayChanged, this,
        &ReplicaModel::fillChosen);
    fillCommits();
}

bool ReplicaModel::isBusy() const { return (m_active && m_stale) || m_job.isRunning(); }

void ReplicaModel::setActive(bool active)
{
    m_active = active;
    refresh();
}

void ReplicaModel::invalidate()
{
    m_stale = true;
    refresh();
}

void ReplicaModel::refresh()
{
    if (!m_active || !m_stale)
        return;
    m_stale = false;
    const auto workspace = m_session->workspacePtr();
    const std::optional<TimeRange> range = shownRange(*m_session);
    m_job.start<ReplicaOverview>(
        this, {},
        [workspace, range](const Progress &progress) { return replicaOverview(*workspace, range, progress); },
        [this](Result<ReplicaOverview> overview) {
            if (overview) {
                m_error.clear();
                m_overview = std::make_shared<const ReplicaOverview>(std::move(*overview));
                fill();
            } else if (overview.error().code != ErrorCode::Cancelled) {
                m_error = QString::fromStdString(overview.error().toText());
            }
            Q_EMIT changed();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

const ReplicaLane *ReplicaModel::lane() const
{
    return m_overview && m_chosen >= 0 && m_chosen < int(m_overview->lanes.size())
        ? &m_overview->lanes[std::size_t(m_chosen)]
        : nullptr;
}

void ReplicaModel::choose(int lane)
{
    if (lane == m_chosen)
        return;
    m_chosen = lane;
    fillChosen();
}

void ReplicaModel::setInputs(const Inputs &inputs)
{
    m_inputs = inputs;
    fillReaders();
    fillCommits();
    Q_EMIT chosenChanged();
}

void ReplicaModel::fill()
{
    QVector<TableRow> replicas, slotRows, ranks;
    int worst = -1;
    for (std::size_t i = 0; i < m_overview->lanes.size(); ++i) {
        const ReplicaLane &lane = m_overview->lanes[i];
        const LagVerdict &whole = lane.whole;
        if (worst < 0
            || whole.maxMs.value_or(-1) > m_overview->lanes[std::size_t(worst)].whole.maxMs.value_or(-1))
            worst = int(i);
        TableCell samples{fromUtf8(groupedCount(whole.n)), qint64(whole.n),
            tr("%1 without a known lag").arg(fromUtf8(groupedCount(whole.unknown)))};
        TableCell name = plain(fromUtf8(lane.name));
        name.toolTip = lane.primaryView ? tr("As its primary sees it") : tr("As the standby itself tells");
        replicas << row(qint64(i),
            {name, verdictCell(whole), plain(wordOf(whole.cause)), stageCell(whole), millis(whole.lagMs),
                millis(whole.p50Ms), millis(whole.p95Ms), millis(whole.p99Ms), millis(whole.maxMs), samples,
                bytes(whole.lagBytes), millis(whole.linkAgeMs)});
    }
    for (const SlotState &slot : m_overview->slotStates) {
        TableCell active
            = plain(slot.active ? (*slot.active ? tr("yes") : tr("no")) : QStringLiteral("unknown"));
        active.level = slot.active == false ? 2 : 0;
        TableCell growth = plain(QStringLiteral("unknown"));
        if (slot.growth)
            growth = {QStringLiteral("%1 MB/s").arg(*slot.growth / 1e6, 0, 'f', 1), *slot.growth, {}};
        slotRows << row(slotRows.size(),
            {plain(fromUtf8(slot.name)), plain(fromUtf8(slot.kind)), active, bytes(slot.retained), growth,
                plain(fromUtf8(slot.status)), bytes(slot.safe)});
    }
    for (const analysis::PromotionRank &rank : m_overview->ranks)
        ranks << row(ranks.size(),
            {plain(fromUtf8(rank.name)), bytes(rank.lostBytes),
                millis(rank.lostSeconds ? std::optional<double>(*rank.lostSeconds * 1'000) : std::nullopt),
                bytes(rank.behindBest)});
    m_replicas->setRows(std::move(replicas));
    m_slots->setRows(std::move(slotRows));
    m_ranks->setRows(std::move(ranks));
    if (!lane())
        m_chosen = worst;
    fillCommits();
    fillChosen();
}

void ReplicaModel::fillChosen()
{
    QVector<TableRow> episodes;
    const session::SessionContext *context = m_session->context();
    if (const ReplicaLane *chosen = lane()) {
        for (const LagVerdict &episode : chosen->episodes) {
            const auto rate = [](const std::optional<double> &perSecond) {
                return perSecond
                    ? TableCell{QStringLiteral("%1 MB/s").arg(*perSecond / 1e6, 0, 'f', 1), *perSecond, {}}
                    : TableCell{QStringLiteral("unknown"), {}, {}};
            };
            TableCell from{context->timeText(episode.start), qint64(episode.start),
                episode.over10s ? tr("above 10 s from %1").arg(context->timeText(*episode.over10s))
                                : QString()};
            TableCell slope = episode.slope
                ? TableCell{QString::number(*episode.slope, 'f', 2), *episode.slope, {}}
                : plain(QStringLiteral("unknown"));
            TableCell catchUp = episode.catchUpSeconds
                ? TableCell{fromUtf8(humanMillis(*episode.catchUpSeconds * 1'000)), *episode.catchUpSeconds,
                    {}}
                : plain(tr("not in the data"));
            TableCell session = plain({});
            if (episode.session)
                session = {tr("%1 %2, since %3")
                               .arg(episode.session->pid)
                               .arg(fromUtf8(episode.session->application),
                                   context->timeText(episode.session->start)),
                    {}, fromUtf8(episode.session->query)};
            episodes << row(episodes.size(),
                {from, verdictCell(episode), plain(wordOf(episode.cause)), stageCell(episode),
                    millis(episode.maxMs), slope, rate(episode.walRate), rate(episode.applyRate), catchUp,
                    plain(episode.recovered ? context->timeText(*episode.recovered) : tr("not in the data")),
                    session});
        }
    }
    m_episodes->setRows(std::move(episodes));
    fillReaders();
    Q_EMIT chosenChanged();
}

void ReplicaModel::fillReaders()
{
    QVector<TableRow> rows;
    const ReplicaLane *chosen = lane();
    if (chosen) {
        const double stale = shareAbove(chosen->sortedLags, m_inputs.thinkMs);
        const double fallback = shareAbove(chosen->sortedLags, m_inputs.tokenWaitMs);
        const std::int64_t n = std::int64_t(chosen->sortedLags.size());
        const QString samples = tr("of %1 samples").arg(fromUtf8(groupedCount(n)));
        rows << row(0,
            {plain(tr("Stale reads after %1").arg(fromUtf8(humanMillis(m_inputs.thinkMs)))), percent(stale),
                plain(tr("share of the samples with a longer lag, %1; never the mean").arg(samples))});
        const double perDay = stale * m_inputs.readsPerSecond * 86'400;
        rows << row(1,
            {plain(tr("Stale reads a day")),
                std::isnan(perDay) ? plain(QStringLiteral("unknown"))
                                   : TableCell{fromUtf8(groupedCount(std::llround(perDay))), perDay, {}},
                plain(tr("at %1 reads/s, all of them after a write").arg(m_inputs.readsPerSecond))});
        rows << row(2,
            {plain(tr("Sticky window")), millis(chosen->whole.p99Ms),
                plain(tr("P99 of the lag, nearest rank: read from the primary for so long after a write"))});
        rows << row(3,
            {plain(tr("Fall back after waiting %1").arg(fromUtf8(humanMillis(m_inputs.tokenWaitMs)))),
                percent(fallback),
                plain(tr("waiting for the position of the write, then asking the primary"))});
        rows << row(4,
            {plain(tr("Reads the primary takes then")),
                std::isnan(fallback)
                    ? plain(QStringLiteral("unknown"))
                    : TableCell{tr("%1/s").arg(fallback * m_inputs.readsPerSecond, 0, 'f', 1),
                        fallback * m_inputs.readsPerSecond, {}},
                plain(tr("its load grows by these"))});
        const auto rate = [](double mb, const std::optional<double> &measured) {
            return mb > 0 ? std::optional<double>(mb * 1e6) : measured;
        };
        const LagVerdict *last = chosen->episodes.empty() ? &chosen->whole : &chosen->episodes.back();
        const auto apply = rate(m_inputs.applyMbPerSecond, last->applyRate);
        const auto write = rate(m_inputs.writeMbPerSecond, last->walRate);
        TableCell eta = plain(QStringLiteral("unknown"));
        if (apply && write && last->bytes.known()) {
            const auto seconds = analysis::catchUpSeconds(double(*last->bytes.known()), *apply, *write);
            eta = seconds ? TableCell{fromUtf8(humanMillis(*seconds * 1'000)), *seconds, {}}
                          : plain(tr("never"));
        }
        rows << row(5,
            {plain(tr("Catch-up from the worst moment")), eta,
                plain(tr("%1 behind / (replayed %2 MB/s - written %3 MB/s)")
                          .arg(bytes(last->bytes.known()).text,
                              apply ? QString::number(*apply / 1e6, 'f', 1) : QStringLiteral("unknown"),
                              write ? QString::number(*write / 1e6, 'f', 1) : QStringLiteral("unknown")))});
    }
    m_readers->setRows(std::move(rows));
}

void ReplicaModel::fillCommits()
{
    using analysis::SyncLevel;
    QVector<TableRow> rows;
    const double most = analysis::commitWait(m_inputs.hops, SyncLevel::RemoteApply).totalMs;
    for (const SyncLevel level :
        {SyncLevel::Off, SyncLevel::Local, SyncLevel::RemoteWrite, SyncLevel::On, SyncLevel::RemoteApply}) {
        const analysis::CommitWait wait = analysis::commitWait(m_inputs.hops, level);
        QStringList parts;
        for (const analysis::CommitPart &part : wait.parts) {
            const QString text = QStringLiteral("%1 %2").arg(wordOf(part.name), QString::number(part.ms));
            parts << (part.included ? text : QStringLiteral("(%1)").arg(text));
        }
        TableCell total{QStringLiteral("%1 ms").arg(wait.totalMs), wait.totalMs, {}};
        total.bar = most > 0 ? wait.totalMs / most : 0;
        rows << row(qint64(level),
            {plain(fromUtf8(analysis::syncLevelName(level))), total,
                plain(parts.join(QStringLiteral(" + ")))});
    }
    m_commits->setRows(std::move(rows));
}

QString ReplicaModel::commitText() const
{
    const QString names = !m_inputs.standbyNames.isEmpty() ? m_inputs.standbyNames
        : m_overview                                       ? fromUtf8(m_overview->syncNames)
                                                           : QString();
    if (names.isEmpty())
        return tr("synchronous_standby_names is empty or unknown: levels above local wait as local.");
    const auto list = analysis::parseSyncList(names.toStdString());
    if (!list)
        return QString::fromStdString(list.error().detail);
    std::vector<analysis::StandbyAnswer> answers;
    bool allKnown = true;
    if (m_overview) {
        for (const ReplicaLane &lane : m_overview->lanes) {
            allKnown = allKnown && lane.flushLagMs.has_value();
            answers.push_back({lane.name, lane.flushLagMs.value_or(0), lane.whole.verdict != "disconnected"});
        }
    }
    const analysis::SyncWait wait = analysis::syncWait(*list, answers);
    QStringList missing;
    for (const std::string &name : wait.missing)
        missing << fromUtf8(name);
    if (!wait.ms)
        return tr("%1: commits wait until a standby returns; missing: %2. There is no automatic fallback.")
            .arg(names, missing.isEmpty() ? tr("none by name") : missing.join(QStringLiteral(", ")));
    if (!allKnown)
        return tr("%1: how long the standbys take to flush is not in the data.").arg(names);
    return tr("%1: commits wait %2 for %3 (P50 of its flush lag).")
        .arg(names, fromUtf8(humanMillis(*wait.ms)), fromUtf8(wait.waitsFor));
}

QString ReplicaModel::sql() const
{
    QString where = QStringLiteral("scope = 'all'");
    if (const ReplicaLane *chosen = lane()) {
        QString name = fromUtf8(chosen->name);
        where = QStringLiteral("replica = '%1'").arg(name.replace(QLatin1Char('\''), QStringLiteral("''")));
    }
    return QStringLiteral(
        "SELECT replica, scope, verdict, cause, stage, stage_share, start_ns, end_ns, n, p50_ms, p95_ms, "
        "p99_ms, max_ms,\n"
        "       over_10s_ns, over_60s_ns, slope, catch_up_s, session_pid, session_application\n"
        "FROM lag_verdict WHERE %1 ORDER BY scope, start_ns;")
        .arg(where);
}

} // namespace tailscope::items
