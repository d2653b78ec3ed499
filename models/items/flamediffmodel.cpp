// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/flamediffmodel.h"

#include "items/flamemodelsql.h"

#include <algorithm>
#include <cmath>

namespace tailscope::items {

namespace {

using Tree = std::shared_ptr<const analysis::CallTree>;
using Scale = FlameDiffModel::Scale;

double factorOf(Scale scale, const analysis::RecordingFacts &before, const analysis::RecordingFacts &after)
{
    const double factor = scale == Scale::Duration ? analysis::scaleByDuration(before, after)
        : scale == Scale::Total                    ? analysis::scaleByWeight(before.weight, after.weight)
                                                   : 1;
    return factor > 0 ? factor : 1;
}

Result<std::shared_ptr<const FlameDiff>> compare(const Tree &before, const Tree &after,
    analysis::RecordingFacts beforeFacts, analysis::RecordingFacts afterFacts, Scale scale,
    const CancelToken &cancel)
{
    auto result = std::make_shared<FlameDiff>();
    // What the range left of them.
    beforeFacts.weight = before->nodes.front().total;
    afterFacts.weight = after->nodes.front().total;
    result->beforeTotal = beforeFacts.weight;
    result->afterTotal = afterFacts.weight;
    result->unit = QString::fromStdString(before->unit);
    result->doubts = analysis::diffDoubts(beforeFacts, afterFacts);
    const double factor = factorOf(scale, beforeFacts, afterFacts);
    result->diff = analysis::diffCallTrees(*before, *after, factor, cancel);
    if (!result->diff || cancel.isCancelled())
        return fail(ErrorCode::Cancelled, "difference", "the computation was cancelled",
            "Open the view again.");
    result->functions = analysis::flatDiff(*before, *after, result->diff->scale);
    result->tree = layOutTree(result->diff->tree, cancel);
    return std::shared_ptr<const FlameDiff>(std::move(result));
}

analysis::RecordingFacts factsOfSpans(const Tree &tree)
{
    std::int64_t spans = 0;
    for (const auto &node : tree->nodes)
        spans += node.count;
    return {"ns", "spans", "", spans, tree->nodes.front().total, 0, 0};
}

/// What baseline() stands for, evaluated over all rows.
Result<analysis::SpanSelection> selectionOf(const session::Baseline &baseline,
    const analysis::SpanColumns &columns, const Progress &progress)
{
    std::string text = baseline.filterText.toStdString();
    if (baseline.sourceId != 0)
        text += (text.empty() ? "source=" : " source=") + std::to_string(baseline.sourceId);
    const auto filter = analysis::parseFilter(text);
    if (!filter)
        return tl::unexpected(filter.error());
    auto bitmap = analysis::evaluateFilter(columns, *filter, progress);
    if (!bitmap)
        return tl::unexpected(bitmap.error());
    analysis::SpanSelection selection;
    selection.range = baseline.range;
    selection.filter = std::move(*bitmap);
    return selection;
}

} // namespace

FlameDiffModel::FlameDiffModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_job(session->jobs())
    , m_profilesJob(session->jobs())
{
    const session::SessionContext *context = session->context();
    const auto ofSpans = [this] {
        if (isOfSpans())
            rebuild();
    };
    connect(context, &session::SessionContext::dataChanged, this, ofSpans);
    connect(context, &session::SessionContext::rangeChanged, this, ofSpans);
    connect(context, &session::SessionContext::filterChanged, this, ofSpans);
    connect(context, &session::SessionContext::baselineChanged, this, ofSpans);
    connect(session, &session::Session::sourcesChanged, this, &FlameDiffModel::loadProfiles);
    loadProfiles();
}

void FlameDiffModel::setActive(bool active)
{
    m_active = active;
    if (m_active && m_stale)
        build();
}

const FlameProfile *FlameDiffModel::profile(qint64 id) const
{
    const auto found = std::find_if(m_profiles.begin(), m_profiles.end(),
        [id](const FlameProfile &p) { return p.id == id; });
    return found == m_profiles.end() ? nullptr : &*found;
}

void FlameDiffModel::setSides(std::optional<qint64> before, std::optional<qint64> after)
{
    if (m_before == before && m_after == after)
        return;
    m_before = before;
    m_after = after;
    rebuild();
}

std::optional<std::pair<qint64, qint64>> FlameDiffModel::suggestion() const
{
    const auto pairOf = [this](auto &&isPair) -> std::optional<std::pair<qint64, qint64>> {
        for (std::size_t i = 0; i < m_profiles.size(); ++i) {
            for (std::size_t k = i + 1; k < m_profiles.size(); ++k) {
                if (isPair(m_profiles[i], m_profiles[k]))
                    return std::pair(m_profiles[i].id, m_profiles[k].id);
            }
        }
        return std::nullopt;
    };
    if (const auto named = pairOf([](const FlameProfile &a, const FlameProfile &b) {
            return a.sourceId == b.sourceId && a.name.endsWith(QLatin1String("before"))
                && b.name.endsWith(QLatin1String("after"));
        }))
        return named;
    return pairOf([](const FlameProfile &a, const FlameProfile &b) {
        return a.sourceId != b.sourceId && a.unit == b.unit && a.sampleType == b.sampleType
            && a.kind == b.kind;
    });
}

void FlameDiffModel::setScale(Scale scale)
{
    if (m_scale == scale)
        return;
    m_scale = scale;
    rebuild();
}

FlameDiffModel::Scale FlameDiffModel::suggestedScale(const analysis::RecordingFacts &before,
    const analysis::RecordingFacts &after)
{
    const auto doubts = analysis::diffDoubts(before, after);
    const auto has = [&](analysis::DiffDoubt doubt) {
        return std::find(doubts.begin(), doubts.end(), doubt) != doubts.end();
    };
    // Live heaps are amounts at a moment: a longer recording does not make them larger.
    const bool isAmount = before.unit == "bytes" || before.unit == "objects" || before.unit == "count";
    if (isAmount)
        return Scale::None;
    const bool isRateKnown = analysis::scaleByDuration(before, after) > 0;
    if (!isRateKnown || has(analysis::DiffDoubt::Periods))
        return Scale::Total;
    return has(analysis::DiffDoubt::Durations) ? Scale::Duration : Scale::None;
}

bool FlameDiffModel::canScaleByDuration() const
{
    const FlameProfile *before = m_before ? profile(*m_before) : nullptr;
    const FlameProfile *after = m_after ? profile(*m_after) : nullptr;
    return before && after && analysis::scaleByDuration(before->facts(), after->facts()) > 0;
}

void FlameDiffModel::loadProfiles()
{
    const auto workspace = m_session->workspacePtr();
    m_profilesJob.start<std::vector<FlameProfile>>(
        this, {}, [workspace](const Progress &) { return readProfiles(*workspace); },
        [this](Result<std::vector<FlameProfile>> profiles) {
            if (profiles) {
                m_profiles = std::move(*profiles);
                if ((m_before && !profile(*m_before)) || (m_after && !profile(*m_after)))
                    setSides(std::nullopt, std::nullopt);
                Q_EMIT profilesChanged();
                // Facts of the sides may be known only now.
                if (!isOfSpans())
                    rebuild();
            }
            Q_EMIT busyChanged();
        });
}

void FlameDiffModel::rebuild()
{
    m_stale = true;
    if (m_active)
        build();
}

void FlameDiffModel::build()
{
    m_stale = false;
    m_refused = false;
    using Built = std::shared_ptr<const FlameDiff>;
    const auto done = [this](Result<Built> built) { take(std::move(built)); };
    if (isOfSpans()) {
        const auto columns = m_session->context()->columns();
        const auto baseline = m_session->context()->baseline();
        if (!columns || columns->size() == 0 || !baseline) {
            m_job.cancel();
            take(Built());
            return;
        }
        m_job.start<Built>(
            this, {},
            [columns, baseline = *baseline, selection = m_session->context()->spanSelection(),
                scale = m_scale](const Progress &progress) -> Result<Built> {
                const auto first = selectionOf(baseline, *columns, progress);
                if (!first)
                    return tl::unexpected(first.error());
                const auto before = analysis::spanCallTree(*columns, *first, progress.cancel);
                const auto after = analysis::spanCallTree(*columns, selection, progress.cancel);
                if (!before || !after)
                    return tl::unexpected(!before ? before.error() : after.error());
                return compare(*before, *after, factsOfSpans(*before), factsOfSpans(*after), scale,
                    progress.cancel);
            },
            done);
        Q_EMIT busyChanged();
        return;
    }
    const FlameProfile *before = m_before ? profile(*m_before) : nullptr;
    const FlameProfile *after = m_after ? profile(*m_after) : nullptr;
    m_refused = before && after && before->unit != after->unit;
    if (!before || !after || m_refused) {
        m_job.cancel();
        take(Built());
        return;
    }
    m_job.start<Built>(
        this, {},
        [workspace = m_session->workspacePtr(), a = *before, b = *after, scale = m_scale](
            const Progress &progress) -> Result<Built> {
            const auto first = analysis::profileCallTree(*workspace, a.id, std::nullopt, progress.cancel);
            const auto second = analysis::profileCallTree(*workspace, b.id, std::nullopt, progress.cancel);
            if (!first || !second)
                return tl::unexpected(!first ? first.error() : second.error());
            return compare(*first, *second, a.facts(), b.facts(), scale, progress.cancel);
        },
        done);
    Q_EMIT busyChanged();
}

void FlameDiffModel::take(Result<std::shared_ptr<const FlameDiff>> built)
{
    m_errorText = built ? QString() : QString::fromStdString(built.error().toText());
    m_difference = built ? std::move(*built) : nullptr;
    Q_EMIT differenceChanged();
    Q_EMIT busyChanged();
}

QString FlameDiffModel::sql() const
{
    if (isOfSpans())
        return spanFlameSql(m_session->context()->whereSql(), false);
    return profileDifferenceSql(m_before.value_or(0), m_after.value_or(0));
}

double toneOf(double before, double after)
{
    const double larger = std::max(std::abs(before), std::abs(after));
    return larger > 0 ? std::clamp((after - before) / larger, -1.0, 1.0) : 0;
}

} // namespace tailscope::items
