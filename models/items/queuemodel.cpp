// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/queuemodel.h"

#include "base/text.h"
#include "items/liverefresh.h"

#include <algorithm>
#include <cmath>

namespace tailscope::items {

using analysis::QueueVerdict;
using analysis::QueueWord;

namespace {

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

TableCell plain(const QString &text) { return {text, {}, {}}; }
TableCell unknown() { return {QStringLiteral("unknown"), {}, {}}; }

TableCell count(double value)
{
    if (std::isnan(value))
        return unknown();
    return {fromUtf8(groupedCount(std::llround(value))), value, {}};
}

TableCell rate(double perSecond)
{
    if (std::isnan(perSecond))
        return unknown();
    return {QStringLiteral("%1/s").arg(QString::number(perSecond, 'f', perSecond < 100 ? 2 : 0)), perSecond,
        QStringLiteral("%1 an hour").arg(fromUtf8(groupedCount(std::llround(perSecond * 3'600))))};
}

TableCell seconds(const std::optional<double> &value)
{
    if (!value || std::isnan(*value))
        return unknown();
    return {fromUtf8(humanMillis(*value * 1'000)), *value,
        QStringLiteral("%1 s").arg(QString::number(*value, 'f', 1))};
}

TableCell wordCell(QueueWord word)
{
    TableCell cell = plain(fromUtf8(analysis::queueWord(word)).replace(QLatin1Char('_'), QLatin1Char(' ')));
    cell.level = word == QueueWord::Stopped || word == QueueWord::Unassigned ? 3
        : word == QueueWord::Growing                                         ? 2
        : word == QueueWord::Draining || word == QueueWord::Unknown          ? 1
                                                                             : 0;
    return cell;
}

} // namespace

QueueModel::QueueModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_job(session->jobs())
    , m_queues(new CellTable(
          {{tr("Queue"), {}}, {tr("Group"), tr("Consumer group")},
              {tr("State"), tr("At the end of the range")},
              {tr("Depth"), tr("Items of all partitions"), true}, {tr("Most"), {}, true},
              {tr("Arrive"), tr("Per second, in the last phase"), true},
              {tr("Finish"), tr("Per second, in the last phase"), true},
              {tr("Empty In"),
                  tr("Depth / (finished - arriving); never where not more is finished than arrives"), true},
              {tr("Members"), tr("Consumers"), true},
              {tr("Partitions"), tr("Seen, and how many are owned"), true},
              {tr("Last Progress"), tr("When something was finished last")},
              {tr("Retention Left"), tr("How long until unread items are deleted"), true},
              {tr("Same Name As"), tr("A group whose name is equal without separators and case")}},
          this))
    , m_phases(
          new CellTable({{tr("From"), {}}, {tr("To"), {}}, {tr("State"), {}}, {tr("Arrive"), {}, true},
                            {tr("Finish"), {}, true}, {tr("Growth"), tr("Of the depth, per second"), true},
                            {tr("Depth at End"), {}, true}, {tr("Empty In"), tr("At these rates"), true},
                            {tr("Members"), {}, true}, {tr("Owned"), tr("Assigned partitions"), true},
                            {tr("Retention Left"), {}, true}},
              this))
    , m_alarms(
          new CellTable({{tr("Alarm"), tr("Each with the data up to that moment only")}, {tr("First"), {}},
                            {tr("Before People Noticed"), tr("To the next marker of kind human")}},
              this))
    , m_partitions(new CellTable({{tr("Partition"), {}}, {tr("Depth"), {}, true}, {tr("Most"), {}, true},
                                     {tr("Position"), tr("Of the group"), true},
                                     {tr("End"), tr("Of the log"), true}, {tr("Last Progress"), {}}},
          this))
{
    connect(session, &session::Session::loaded, this, &QueueModel::invalidate);
    connect(session, &session::Session::markersChanged, this, &QueueModel::fillChosen);
    connect(session->context(), &session::SessionContext::rangeChanged, this, &QueueModel::invalidate);
    auto *live = new LiveRefresh(
        session, this, [this] { return !m_active || isBusy(); }, [this] { invalidate(); });
    connect(this, &QueueModel::busyChanged, live, [this, live] { live->setBusy(m_job.isRunning()); });
    connect(session->context(), &session::SessionContext::timeDisplayChanged, this, [this] {
        if (m_overview)
            fill();
    });
}

bool QueueModel::isBusy() const { return (m_active && m_stale) || m_job.isRunning(); }

void QueueModel::setActive(bool active)
{
    m_active = active;
    refresh();
}

void QueueModel::invalidate()
{
    m_stale = true;
    refresh();
}

void QueueModel::refresh()
{
    if (!m_active || !m_stale)
        return;
    m_stale = false;
    const auto workspace = m_session->workspacePtr();
    const std::optional<TimeRange> range = shownRange(*m_session);
    m_job.start<QueueOverview>(
        this, {},
        [workspace, range](const Progress &progress) { return queueOverview(*workspace, range, progress); },
        [this](Result<QueueOverview> overview) {
            if (overview) {
                m_error.clear();
                m_overview = std::make_shared<const QueueOverview>(std::move(*overview));
                fill();
            } else if (overview.error().code != ErrorCode::Cancelled) {
                m_error = QString::fromStdString(overview.error().toText());
            }
            Q_EMIT changed();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

const QueueLane *QueueModel::lane() const
{
    return m_overview && m_chosen >= 0 && m_chosen < int(m_overview->lanes.size())
        ? &m_overview->lanes[std::size_t(m_chosen)]
        : nullptr;
}

void QueueModel::choose(int lane)
{
    if (lane == m_chosen)
        return;
    m_chosen = lane;
    fillChosen();
}

void QueueModel::fill()
{
    QVector<TableRow> rows;
    int deepest = -1;
    const auto deepness = [this](int i) {
        const double depth = m_overview->lanes[std::size_t(i)].whole.deepest;
        return std::isnan(depth) ? -1 : depth;
    };
    for (int i = 0; i < int(m_overview->lanes.size()); ++i) {
        const QueueLane &lane = m_overview->lanes[std::size_t(i)];
        const QueueVerdict &whole = lane.whole;
        if (deepest < 0 || deepness(i) > deepness(deepest))
            deepest = i;
        const bool ratesKnown = !std::isnan(whole.arrival) && !std::isnan(whole.completion);
        TableCell drain = whole.drainSeconds ? seconds(whole.drainSeconds)
            : ratesKnown                     ? plain(tr("never"))
                                             : unknown();
        TableCell partitions = count(double(lane.track.partitions.size()));
        partitions.toolTip = std::isnan(lane.assigned) ? tr("How many are owned is unknown")
                                                       : tr("%1 are owned").arg(std::llround(lane.assigned));
        TableCell same = plain(fromUtf8(lane.sameAs));
        same.level = lane.sameAs.empty() ? 0 : 2;
        rows << TableRow{i,
            {plain(fromUtf8(lane.track.queue)), plain(fromUtf8(lane.track.group)), wordCell(whole.word),
                count(lane.depth), count(whole.deepest), rate(whole.arrival), rate(whole.completion), drain,
                count(lane.members), partitions,
                plain(whole.lastProgress ? m_session->context()->timeText(*whole.lastProgress)
                                         : QStringLiteral("unknown")),
                seconds(whole.marginSeconds), same}};
    }
    m_queues->setRows(std::move(rows));
    if (!lane())
        m_chosen = deepest;
    fillChosen();
}

QString QueueModel::leadText(Nanos first) const
{
    for (const session::Marker &marker : m_session->markers()) {
        if (marker.kind == QLatin1String("human") && marker.tsNs >= first)
            return fromUtf8(humanDuration(marker.tsNs - first));
    }
    return tr("no such marker");
}

void QueueModel::fillChosen()
{
    QVector<TableRow> phases, alarms, partitions;
    const session::SessionContext *context = m_session->context();
    if (const QueueLane *chosen = lane()) {
        for (const QueueLane::Phase &phase : chosen->phases) {
            const QueueVerdict &verdict = phase.verdict;
            const bool ratesKnown = !std::isnan(verdict.arrival) && !std::isnan(verdict.completion);
            TableCell drain = verdict.drainSeconds ? seconds(verdict.drainSeconds)
                : ratesKnown                       ? plain(tr("never"))
                                                   : unknown();
            phases << TableRow{phases.size(),
                {TableCell{context->timeText(phase.start), qint64(phase.start), {}},
                    TableCell{context->timeText(phase.end), qint64(phase.end), {}}, wordCell(verdict.word),
                    rate(verdict.arrival), rate(verdict.completion),
                    rate(verdict.growth.value_or(std::nan(""))), count(phase.depth), drain,
                    count(phase.members), count(phase.assigned), seconds(verdict.marginSeconds)}};
        }
        for (const analysis::QueueAlarm &alarm : chosen->alarms)
            alarms << TableRow{alarms.size(),
                {plain(fromUtf8(alarm.rule).replace(QLatin1Char('_'), QLatin1Char(' '))),
                    alarm.first ? TableCell{context->timeText(*alarm.first), qint64(*alarm.first), {}}
                                : plain(tr("never")),
                    plain(alarm.first ? leadText(*alarm.first) : QString())}};
        for (const analysis::QueueTrack::Partition &partition : chosen->track.partitions)
            partitions << TableRow{partitions.size(),
                {plain(partition.name.empty() ? tr("(whole queue)") : fromUtf8(partition.name)),
                    count(partition.depth), count(partition.deepest), count(partition.position),
                    count(partition.end),
                    plain(partition.lastProgress ? context->timeText(*partition.lastProgress)
                                                 : QStringLiteral("unknown"))}};
    }
    m_phases->setRows(std::move(phases));
    m_alarms->setRows(std::move(alarms));
    m_partitions->setRows(std::move(partitions));
    Q_EMIT chosenChanged();
}

QString QueueModel::sql() const
{
    QString where = QStringLiteral("1");
    if (const QueueLane *chosen = lane()) {
        const auto literal = [](const std::string &text) {
            return fromUtf8(text).replace(QLatin1Char('\''), QStringLiteral("''"));
        };
        where = QStringLiteral("queue = '%1' AND coalesce(consumer_group, '') = '%2'")
                    .arg(literal(chosen->track.queue), literal(chosen->track.group));
    }
    return QStringLiteral("SELECT queue, consumer_group, scope, verdict, start_ns, end_ns, depth_last, "
                          "depth_max, arrival_per_s,\n"
                          "       completion_per_s, drain_s, members, assigned, partitions, "
                          "last_progress_ns, margin_s, same_as\n"
                          "FROM queue_verdict WHERE %1 ORDER BY scope, start_ns;")
        .arg(where);
}

} // namespace tailscope::items
