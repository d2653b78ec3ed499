// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// RemoteModel: asking the store, and what is shown of its answers.
#include "base/text.h"
#include "items/remotemodel.h"
#include "live/remote/remotefetch.h"

#include <algorithm>

namespace tailscope::items {

namespace {

using live::RemoteStore;

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

TableCell cell(const QString &text, const QVariant &value = {}, double bar = -1, const QString &toolTip = {})
{
    TableCell out;
    out.text = text;
    out.value = value;
    out.bar = bar;
    out.toolTip = toolTip;
    return out;
}

TableCell countCell(std::int64_t n, std::int64_t of = 0)
{
    return cell(fromUtf8(groupedCount(n)), qint64(n), of > 0 ? double(n) / double(of) : -1);
}

TableCell percentileCell(const live::RemotePercentile &percentile)
{
    if (percentile.rank == 0)
        return cell(RemoteModel::tr("unknown"));
    const QString toolTip = percentile.exact
        ? fromUtf8(exactDuration(*percentile.exact))
        : RemoteModel::tr("from %1 to below %2")
              .arg(fromUtf8(exactDuration(percentile.low)), fromUtf8(exactDuration(percentile.high)));
    return cell(fromUtf8(percentileText(percentile)), qint64(percentile.exact.value_or(percentile.low)), -1,
        toolTip);
}

} // namespace

/// One job: connects where needed, answers, and hands the queries over whether it worked or not.
struct RemoteModel::Step
{
    Store store;
    RemoteAnswer answer;
    std::vector<live::RemoteKey> keys;
    std::vector<live::QueryRun> runs;
    std::optional<Error> error;
};

void RemoteModel::run(const QString &phase,
    std::function<Result<RemoteAnswer>(live::RemoteStore &, RemoteAnswer, const Progress &)> work,
    std::function<void()> then)
{
    if (m_current < 0)
        return;
    const live::SavedStore saved = m_stores[std::size_t(m_current)];
    const QString password = m_passwords.value(fromUtf8(saved.conninfo));
    m_phase = phase;
    m_held = false;
    m_error.clear();
    m_job.start<Step>(
        this, phase,
        [store = m_store, saved, password, answer = m_answer, work = std::move(work), keys = m_keys](
            const Progress &progress) -> Result<Step> {
            Step step{store, answer, keys, {}, std::nullopt};
            if (!step.store) {
                auto target = live::parseTarget(saved.conninfo, live::TargetKind::Postgres);
                if (!target)
                    return tl::unexpected(target.error());
                target->password = password.toStdString();
                auto opened = RemoteStore::open(*target, saved.mapping, {}, progress);
                if (!opened)
                    return tl::unexpected(opened.error());
                step.store = *opened;
            }
            auto done = work(*step.store, answer, progress);
            step.runs = step.store->takeRuns();
            if (done)
                step.answer = std::move(*done);
            else
                step.error = done.error();
            return step;
        },
        [this, then = std::move(then)](Result<Step> step) {
            m_phase.clear();
            const std::optional<Error> error = step ? step->error : std::optional(step.error());
            if (step) {
                m_store = step->store;
                addRuns(step->runs);
            }
            if (error) {
                // Nothing is half told: what was shown belonged to another question.
                if (error->code != ErrorCode::Cancelled)
                    m_error = QString::fromStdString(error->toText());
            } else {
                m_answer = std::move(step->answer);
                fill();
            }
            Q_EMIT changed();
            if (!error && then)
                then();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void RemoteModel::ask()
{
    m_answer = {};
    fill();
    live::RemoteSelection selection;
    selection.filter = m_filter;
    selection.rootsOnly = m_rootsOnly;
    run(
        tr("Histogram of the remote store"),
        [selection, range = m_range, isAll = m_all](RemoteStore &store, const RemoteAnswer &,
            const Progress &progress) -> Result<RemoteAnswer> {
            RemoteAnswer answer;
            answer.selection = selection;
            if (range) {
                answer.selection.range = *range;
            } else {
                const auto extent = isAll ? store.extent(progress) : store.lastHour(progress);
                if (!extent)
                    return tl::unexpected(extent.error());
                if (extent->isEmpty())
                    return fail(ErrorCode::NotFound, store.table().mapping.name, "the store has no spans",
                        "Check the mapping");
                answer.selection.range = *extent;
            }
            // First whether rows would travel: over billions that never ends.
            if (auto plan = store.explainHistogram(answer.selection, progress))
                answer.plan = std::move(*plan);
            else if (plan.error().code == ErrorCode::Cancelled)
                return tl::unexpected(plan.error());
            auto histogram = store.histogram(answer.selection, progress);
            if (!histogram)
                return tl::unexpected(histogram.error());
            answer.histogram = std::make_shared<const live::RemoteHistogram>(std::move(*histogram));
            return answer;
        },
        [this] { askGroups(); });
}

void RemoteModel::askGroups()
{
    run(
        tr("Groups of the remote store"),
        [key = m_key](RemoteStore &store, RemoteAnswer answer,
            const Progress &progress) -> Result<RemoteAnswer> {
            auto groups = store.groups(answer.selection, key, kGroups, progress);
            if (!groups)
                return tl::unexpected(groups.error());
            answer.groups = std::make_shared<const live::RemoteGroups>(std::move(*groups));
            return answer;
        },
        [this] { askTraces(); });
}

void RemoteModel::askTraces()
{
    if (!m_store || m_store->table().mapping.trace.empty())
        return;
    run(tr("Slowest traces of the remote store"),
        [](RemoteStore &store, RemoteAnswer answer, const Progress &progress) -> Result<RemoteAnswer> {
            auto traces = store.slowest(answer.selection, kTraces, progress);
            if (!traces)
                return tl::unexpected(traces.error());
            answer.traces = std::move(*traces);
            return answer;
        },
        {});
}

void RemoteModel::askExact()
{
    if (!m_answer.histogram)
        return;
    run(tr("Exact percentiles of the remote store"),
        [](RemoteStore &store, RemoteAnswer answer, const Progress &progress) -> Result<RemoteAnswer> {
            auto histogram = std::make_shared<live::RemoteHistogram>(*answer.histogram);
            for (live::RemotePercentile &percentile : histogram->percentiles) {
                if (percentile.rank < 1)
                    continue;
                const auto exact = store.exact(answer.selection, *histogram, percentile, progress);
                if (!exact)
                    return tl::unexpected(exact.error());
                percentile.exact = *exact;
            }
            answer.histogram = std::move(histogram);
            return answer;
        },
        {});
}

void RemoteModel::askCohort()
{
    if (!m_answer.histogram || m_answer.histogram->count() == 0)
        return;
    run(tr("Slow against the rest in the remote store"),
        [](RemoteStore &store, RemoteAnswer answer, const Progress &progress) -> Result<RemoteAnswer> {
            const auto p99 = store.exact(answer.selection, *answer.histogram,
                answer.histogram->percentiles[3], progress);
            if (!p99)
                return tl::unexpected(p99.error());
            auto cohort = store.cohort(answer.selection, *p99, {}, progress);
            if (!cohort)
                return tl::unexpected(cohort.error());
            answer.cohort = std::make_shared<const live::RemoteCohort>(std::move(*cohort));
            return answer;
        },
        {});
}

void RemoteModel::askHeat()
{
    if (isBusy() || !m_answer.histogram || m_answer.histogram->count() == 0)
        return;
    run(tr("Heat map of the remote store"),
        [](RemoteStore &store, RemoteAnswer answer, const Progress &progress) -> Result<RemoteAnswer> {
            const auto heat = store.heat(answer.selection, remoteHeatBins(*answer.histogram), progress);
            if (!heat)
                return tl::unexpected(heat.error());
            answer.heat = std::make_shared<const RemoteHeatMap>(remoteHeatMap(*heat));
            return answer;
        },
        {});
}

void RemoteModel::fetch(const QStringList &traces)
{
    if (traces.isEmpty() || !m_store || m_fetchId != 0)
        return;
    std::vector<std::string> wanted;
    for (const QString &trace : traces)
        wanted.push_back(trace.toStdString());
    m_error.clear();
    m_fetchId = m_session->jobs()->start<live::RemoteFetch>(
        this, tr("Fetching %1 traces").arg(traces.size()),
        [store = m_store, wanted, range = m_answer.selection.range, workspace = m_session->workspacePtr()](
            const Progress &progress) {
            return live::fetchTraces(*store, *workspace, wanted, range, progress);
        },
        [this](Result<live::RemoteFetch> fetched) {
            m_fetchId = 0;
            addRuns(m_store ? m_store->takeRuns() : std::vector<live::QueryRun>());
            if (fetched) {
                m_session->reload(); // finishes and analyses what is new
                Q_EMIT this->fetched(fetched->traceId.value_or(0));
            } else if (fetched.error().code != ErrorCode::Cancelled) {
                m_error = QString::fromStdString(fetched.error().toText());
            }
            Q_EMIT changed();
            Q_EMIT busyChanged();
        },
        // It waits for the other server most of the time: imports and live analyses go on meanwhile.
        session::JobQueue::Lane::Read);
    Q_EMIT busyChanged();
}

void RemoteModel::fillPercentiles()
{
    QVector<TableRow> rows;
    if (m_answer.histogram) {
        for (const live::RemotePercentile &percentile : m_answer.histogram->percentiles) {
            const QString name
                = QStringLiteral("P%1").arg(double(percentile.q.num) * 100 / double(percentile.q.den));
            TableCell value = percentileCell(percentile);
            if (percentile.tooFewSamples)
                value.text += tr(" (too few spans)");
            rows << TableRow{rows.size(), {cell(name), value, countCell(percentile.rank)}};
        }
    }
    m_percentiles->setRows(std::move(rows));
}

void RemoteModel::fillTraces()
{
    QVector<TableRow> rows;
    const Nanos longest = m_answer.traces.empty() ? 0 : m_answer.traces.front().durationNs;
    for (std::size_t i = 0; i < m_answer.traces.size(); ++i) {
        const live::RemoteTrace &trace = m_answer.traces[i];
        rows << TableRow{qint64(i),
            {cell(fromUtf8(utcTimestamp(trace.startNs)), qint64(trace.startNs)),
                cell(fromUtf8(humanDuration(trace.durationNs)), qint64(trace.durationNs),
                    longest > 0 ? double(trace.durationNs) / double(longest) : -1,
                    fromUtf8(exactDuration(trace.durationNs))),
                cell(fromUtf8(trace.service)), cell(fromUtf8(trace.operation)), cell(fromUtf8(trace.trace))}};
    }
    m_traces->setRows(std::move(rows));
}

void RemoteModel::fill()
{
    fillPercentiles();
    fillTraces();
    QVector<TableRow> rows;
    if (m_answer.groups) {
        double most = 0;
        for (const live::RemoteGroup &group : m_answer.groups->groups)
            most = std::max(most, group.totalNs);
        for (const live::RemoteGroup &group : m_answer.groups->groups)
            rows << TableRow{rows.size(),
                {cell(fromUtf8(group.name)), countCell(group.count), countCell(group.errors, group.count),
                    cell(fromUtf8(humanMillis(group.totalNs / 1e6)), group.totalNs,
                        most > 0 ? group.totalNs / most : -1),
                    percentileCell(group.percentiles[0]), percentileCell(group.percentiles[3])}};
    }
    m_groups->setRows(std::move(rows));
    rows = {};
    if (m_answer.cohort) {
        for (const analysis::CohortDifference &difference : m_answer.cohort->differences) {
            const double all
                = double(difference.allN) / double(std::max<std::int64_t>(m_answer.cohort->all, 1));
            TableCell what = cell(fromUtf8(difference.key + "=" + difference.value));
            what.level = difference.isDifferent ? 2 : 0;
            rows << TableRow{rows.size(),
                {what,
                    cell(QStringLiteral("%1 %").arg(difference.coverage * 100, 0, 'f', 1),
                        difference.coverage, difference.coverage,
                        tr("%1 of %2 slow spans").arg(difference.slowN).arg(m_answer.cohort->slow)),
                    cell(QStringLiteral("%1 %").arg(all * 100, 0, 'f', 1), all, all,
                        tr("%1 of %2 spans").arg(difference.allN).arg(m_answer.cohort->all)),
                    cell(QStringLiteral("%1").arg(difference.lift.value_or(1), 0, 'g', 3),
                        difference.lift.value_or(1)),
                    cell(QStringLiteral("%1").arg(difference.adjustedP, 0, 'g', 2), difference.adjustedP)}};
        }
    }
    m_cohort->setRows(std::move(rows));
}

} // namespace tailscope::items
