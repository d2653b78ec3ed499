// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/waitmodel.h"

#include "base/text.h"
#include "items/momentwatch.h"
#include "session/playback.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tailscope::items {

using analysis::ActivityGroup;
using analysis::ActivityHistory;
using analysis::ActivityPart;

namespace {

constexpr Nanos kUsualWindow = 300 * kNanosPerSecond;

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

/// The last minutes that there are samples of, where nobody says which.
Result<TimeRange> lastWindow(store::Database &reader)
{
    const auto servers = analysis::sampledServers(reader);
    if (!servers)
        return fail(servers.error());
    Nanos newest = kUnknownNanos;
    for (const analysis::SampledServer &server : *servers) {
        const auto ts = analysis::newestSample(reader, "session_sample_raw", server,
            std::numeric_limits<Nanos>::max() / 2);
        if (!ts)
            return fail(ts.error());
        newest = std::max(newest, *ts);
    }
    if (newest == kUnknownNanos)
        return TimeRange();
    return TimeRange{saturatingSub(newest, kUsualWindow), saturatingAdd(newest, 1)};
}

bool isByWait(ActivityGroup group)
{
    return group == ActivityGroup::WaitType || group == ActivityGroup::WaitEvent;
}

Result<WaitModel::Content> readContent(const store::Workspace &workspace, analysis::ActivityRequest request,
    const QString &chosen, StatementTexts &texts, const Progress &progress)
{
    auto reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    reader->setCancel(progress.cancel);
    if (request.range.isEmpty()) {
        const auto range = lastWindow(*reader);
        if (!range)
            return fail(range.error());
        request.range = *range;
    }
    WaitModel::Content content;
    auto history = analysis::readActivity(*reader, request, progress);
    if (!history)
        return fail(history.error());
    content.history = std::move(*history);
    const std::string key = chosen.toStdString();
    if (isByWait(request.group) && !key.empty()) {
        const std::size_t colon = key.find(": ");
        request.waitType = key.substr(0, colon);
        request.waitEvent = colon == std::string::npos ? std::string() : key.substr(colon + 2);
    }
    request.group = ActivityGroup::Statement;
    auto statements = analysis::readActivity(*reader, request, progress);
    if (!statements)
        return fail(statements.error());
    content.statements = std::move(*statements);
    std::vector<std::int64_t> ids;
    for (const ActivityHistory *each : {&content.history, &content.statements}) {
        for (const ActivityPart &part : each->parts)
            ids.push_back(part.statementId);
    }
    TS_TRY(texts.load(*reader, ids));
    return content;
}

} // namespace

WaitModel::WaitModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_watch(new MomentWatch(session, this))
    , m_job(session->jobs())
{
    const QVector<CellTable::Column> figures{
        {tr("Average Active"), tr("Sessions at work or waiting, on average: seen active / samples"), true},
        {tr("Share"), tr("Of all active sessions of the window"), true},
        {tr("Time"), tr("Average active x sampled time"), true},
        {tr("Samples"), tr("How often a session was seen so"), true},
        {tr("Sessions"), tr("Distinct ones"), true},
        {tr("Bound"), tr("The share may be off by this much by chance: 1 / √samples"), true}};
    const auto columns = [&](const CellTable::Column &name, const CellTable::Column &last) {
        QVector<CellTable::Column> all{name};
        all += figures;
        all << last;
        return all;
    };
    m_parts = new CellTable(columns({tr("Part"), {}}, {tr("Meaning"), tr("PostgreSQL manual, Wait Events")}),
        this);
    m_statements = new CellTable(
        columns({tr("Statement"), tr("Without its values")}, {tr("Id"), tr("Of view statement")}), this);
    connect(m_watch, &MomentWatch::due, this, &WaitModel::read);
}

void WaitModel::setActive(bool active)
{
    m_watch->setActive(active);
    Q_EMIT busyChanged();
}

bool WaitModel::isBusy() const { return m_watch->isPending() || m_job.isRunning(); }

void WaitModel::setGroup(ActivityGroup group)
{
    if (group == m_group)
        return;
    m_group = group;
    m_chosen.clear();
    m_watch->invalidate();
}

void WaitModel::setFromWaitSampling(bool on)
{
    if (on == m_fromWaitSampling)
        return;
    m_fromWaitSampling = on;
    m_chosen.clear();
    m_watch->invalidate();
}

void WaitModel::setWithBackground(bool on)
{
    if (on == m_withBackground)
        return;
    m_withBackground = on;
    m_watch->invalidate();
}

void WaitModel::choose(const QString &key)
{
    if (key == m_chosen || (!key.isEmpty() && !isByWait(m_group)))
        return;
    m_chosen = key;
    m_watch->invalidate();
}

void WaitModel::read()
{
    m_watch->began();
    analysis::ActivityRequest request;
    request.range = m_session->context()->range().value_or(m_session->playback()->shown());
    request.group = m_group;
    request.fromWaitSampling = m_fromWaitSampling;
    request.withBackground = m_withBackground;
    m_job.start<Content>(
        this, {},
        [workspace = m_session->workspacePtr(), request, chosen = m_chosen, texts = m_texts](
            const Progress &progress) { return readContent(*workspace, request, chosen, *texts, progress); },
        [this, group = m_group](Result<Content> content) {
            m_watch->ended();
            if (content) {
                m_error.clear();
                m_shownGroup = group;
                m_content = std::make_shared<const Content>(std::move(*content));
                fill();
            } else if (content.error().code != ErrorCode::Cancelled) {
                m_error = QString::fromStdString(content.error().toText());
            }
            Q_EMIT changed();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

QString WaitModel::nameOf(const ActivityPart &part, ActivityGroup group) const
{
    if (group == ActivityGroup::Statement) {
        const QString text = QString::fromStdString(m_texts->text(part.statementId).normalized).simplified();
        return text.isEmpty() ? tr("(statement unknown)") : text.left(300);
    }
    if (!part.key.empty())
        return fromUtf8(part.key);
    return group == ActivityGroup::Application ? tr("(no application name)") : tr("(unknown)");
}

QString WaitModel::partName(std::size_t place) const
{
    return m_content && place < m_content->history.parts.size()
        ? nameOf(m_content->history.parts[place], m_shownGroup)
        : QString();
}

QVector<TableRow> WaitModel::rowsOf(const ActivityHistory &history, bool statements) const
{
    QVector<TableRow> rows;
    const double all = std::max(history.average, 1e-300);
    const double sampledNs = double(history.sampleCount) * double(std::max<Nanos>(history.stepNs, 0));
    for (const ActivityPart &part : history.parts) {
        const QString name = nameOf(part, statements ? ActivityGroup::Statement : m_shownGroup);
        TableCell title{name, {}, {}};
        TableCell average{QString::number(part.average, 'f', part.average < 1 ? 3 : 2), part.average,
            QString::number(part.average, 'g', 17)};
        TableCell share{tr("%1 %").arg(100 * part.average / all, 0, 'f', 1), 100 * part.average / all, {}};
        share.bar = std::clamp(part.average / all, 0.0, 1.0);
        TableCell time{tr("unknown"), {}, {}};
        if (sampledNs > 0 && !m_fromWaitSampling) {
            const auto ns = Nanos(part.samples * double(history.stepNs));
            time = {QString::fromStdString(humanDuration(ns)), qint64(ns),
                QString::fromStdString(exactDuration(ns))};
        }
        TableCell samples{fromUtf8(groupedCount(std::int64_t(std::llround(part.samples)))), part.samples, {}};
        TableCell sessions{part.sessions > 0 ? fromUtf8(groupedCount(part.sessions)) : tr("unknown"), {}, {}};
        if (part.sessions > 0)
            sessions.value = qint64(part.sessions);
        const double bound = part.relativeBound();
        TableCell error{std::isnan(bound) ? tr("unknown")
                                          : tr("± %1 %").arg(100 * bound, 0, 'f', bound < 0.1 ? 1 : 0),
            std::isnan(bound) ? QVariant() : QVariant(100 * bound),
            tr("1 / √%1 of the figure itself").arg(samples.text)};
        TableCell last;
        if (statements) {
            title.toolTip = QString::fromStdString(m_texts->text(part.statementId).normalized).left(2'000);
            last = part.statementId > 0
                ? TableCell{QString::number(part.statementId), qint64(part.statementId), {}}
                : TableCell{tr("unknown"), {}, {}};
        } else if (isByWait(m_shownGroup)) {
            last.text = waitMeaning(name);
        }
        rows << TableRow{statements ? qint64(part.statementId) : qint64(rows.size()),
            {title, average, share, time, samples, sessions, error, last}};
    }
    return rows;
}

void WaitModel::fill()
{
    m_parts->setRows(rowsOf(m_content->history, false));
    m_statements->setRows(rowsOf(m_content->statements, true));
}

QString WaitModel::summary() const
{
    if (!m_content)
        return {};
    const ActivityHistory &history = m_content->history;
    const session::SessionContext *context = m_session->context();
    QString text
        = tr("%1 active sessions on average, %2 samples")
              .arg(QString::number(history.average, 'f', 2), fromUtf8(groupedCount(history.sampleCount)));
    if (history.stepNs > 0 && history.sampleCount > 1)
        text += tr(" %1 apart").arg(QString::fromStdString(humanDuration(history.stepNs)));
    text += tr(", bins of %1, from %2")
                .arg(QString::fromStdString(humanDuration(history.binNs)),
                    context->timeText(history.range.begin));
    if (history.leftOut > 0)
        text += tr(", %1 of it in parts beyond the first %2")
                    .arg(QString::number(history.leftOut, 'f', 2),
                        fromUtf8(groupedCount(std::int64_t(history.parts.size()))));
    return text;
}

QString WaitModel::sql() const
{
    static constexpr const char *kColumns[]{"coalesce(s.wait_event_type, 'CPU')",
        "coalesce(s.wait_event_type || ': ' || s.wait_event, 'CPU')", "s.statement_id", "s.application",
        "s.user", "s.db"};
    const TimeRange shown = range();
    if (m_fromWaitSampling)
        return QStringLiteral(
            "SELECT coalesce(w.wait_event_type || ': ' || w.wait_event, 'CPU') AS part,\n"
            "       sum(w.samples * w.interval_ms) / ((%2 - %1) / 1e6) AS average_active, sum(w.samples) AS "
            "samples\n"
            "FROM wait_sample AS w\nWHERE w.origin = 'pg_wait_sampling' AND w.ts_ns >= %1 AND w.ts_ns < %2\n"
            "  AND coalesce(w.wait_event_type, '') <> 'Activity' AND coalesce(w.wait_event, '') <> "
            "'ClientRead'\n"
            "GROUP BY 1 ORDER BY 2 DESC;")
            .arg(shown.begin)
            .arg(shown.end);
    return QStringLiteral(
        "WITH ticks AS (SELECT count(DISTINCT s.ts_ns) AS n FROM session_sample AS s\n"
        "  WHERE s.ts_ns >= %1 AND s.ts_ns < %2)\n"
        "SELECT %3 AS part, count(*) AS samples, 1.0 * count(*) / (SELECT n FROM ticks) AS average_active\n"
        "FROM session_sample AS s\nWHERE s.ts_ns >= %1 AND s.ts_ns < %2 AND s.state = 'active'\n"
        "  AND coalesce(s.backend_type, 'client backend') IN ('client backend', 'parallel worker')\n"
        "  AND coalesce(s.wait_event_type, '') <> 'Activity'\nGROUP BY 1 ORDER BY 2 DESC;")
        .arg(shown.begin)
        .arg(shown.end)
        .arg(QLatin1String(kColumns[std::size_t(m_shownGroup)]));
}

} // namespace tailscope::items
