// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/distributionmodel.h"

#include "items/distributionfilter.h"
#include "items/distributionsql.h"

#include <algorithm>

namespace tailscope::items {

namespace {

using analysis::DurationStats;
using analysis::SpanColumns;
using analysis::SpanSelection;

/// The analyses return what they have when they are cancelled: that is never shown.
template<typename T>
Result<std::shared_ptr<const T>> finished(T value, const Progress &progress)
{
    if (progress.isCancelled())
        return fail(ErrorCode::Cancelled, "distribution", "cancelled");
    return std::make_shared<const T>(std::move(value));
}

} // namespace

DistributionModel::DistributionModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_statsJob(session->jobs())
    , m_groupsJob(session->jobs())
    , m_binsJob(session->jobs())
    , m_overlayJob(session->jobs())
    , m_previewJob(session->jobs())
    , m_keysJob(session->jobs())
    , m_previewTimer(new QTimer(this))
{
    m_previewTimer->setSingleShot(true);
    m_previewTimer->setInterval(kPreviewIntervalMs);
    connect(m_previewTimer, &QTimer::timeout, this, &DistributionModel::startPreview);
    const session::SessionContext *context = session->context();
    connect(context, &session::SessionContext::dataChanged, this, &DistributionModel::invalidate);
    connect(context, &session::SessionContext::rangeChanged, this, &DistributionModel::invalidate);
    connect(context, &session::SessionContext::filterChanged, this, &DistributionModel::invalidate);
    // A filter that could not be evaluated leaves the old one in force: what waited for it goes on.
    connect(context, &session::SessionContext::filterErrorChanged, this, &DistributionModel::refresh);
}

bool DistributionModel::hasSpans() const
{
    const auto columns = m_session->context()->columns();
    return columns && columns->size() > 0;
}

bool DistributionModel::isBusy() const
{
    const bool stale = m_statsStale || m_groupsStale || m_binsStale;
    return (stale && hasSpans()) || m_statsJob.isRunning() || m_groupsJob.isRunning() || m_binsJob.isRunning()
        || m_overlayJob.isRunning();
}

void DistributionModel::setActive(bool active)
{
    m_active = active;
    refresh();
}

void DistributionModel::setSelfTime(bool self)
{
    if (m_self == self)
        return;
    m_self = self;
    m_statsStale = true;
    setPreview(std::nullopt);
    refresh();
}

void DistributionModel::setGroupBy(analysis::GroupBy groupBy)
{
    if (m_groupBy == groupBy)
        return;
    m_groupBy = groupBy;
    m_groupsStale = true;
    m_overlayNames.clear();
    refresh();
}

void DistributionModel::setAttribute(const QString &key)
{
    if (m_attribute == key)
        return;
    m_attribute = key;
    m_attributeColumn.reset();
    if (m_groupBy != analysis::GroupBy::Attribute)
        return;
    m_groupsStale = true;
    m_overlayNames.clear();
    refresh();
}

QStringList DistributionModel::attributeKeys()
{
    const auto columns = m_session->context()->columns();
    if (!hasSpans() || m_keysOf == columns)
        return m_keys;
    m_keysOf = columns;
    using Keys = std::vector<std::string>;
    m_keysJob.start<Keys>(
        this, {},
        [workspace = m_session->workspacePtr()](
            const Progress &progress) { return analysis::attributeKeys(*workspace, progress); },
        [this](Result<Keys> keys) {
            m_keys.clear();
            for (const std::string &key : keys.value_or(Keys()))
                m_keys << QString::fromStdString(key);
            Q_EMIT attributeKeysChanged();
        });
    return m_keys;
}

void DistributionModel::setTimeResolution(int bins, int rows)
{
    if (m_binCount == bins && m_rowCount == rows)
        return;
    m_binCount = bins;
    m_rowCount = rows;
    m_binsStale = true;
    refresh();
}

void DistributionModel::invalidate()
{
    m_statsStale = m_groupsStale = m_binsStale = true;
    setPreview(std::nullopt);
    refresh();
}

void DistributionModel::refresh()
{
    if (!m_active)
        return;
    // Spans without their filter would be shown for a moment: filterChanged() follows.
    if (m_session->context()->isFilterPending()) {
        Q_EMIT busyChanged();
        return;
    }
    if (!hasSpans()) {
        clear();
        return;
    }
    if (m_statsStale)
        computeStats();
    else if (m_groupsStale)
        computeGroups();
    else if (m_binsStale)
        computeBins();
    Q_EMIT busyChanged();
}

void DistributionModel::clear()
{
    for (session::LatestJob *job : {&m_statsJob, &m_groupsJob, &m_binsJob, &m_overlayJob, &m_previewJob})
        job->cancel();
    m_statsStale = m_groupsStale = m_binsStale = false;
    m_stats.reset();
    m_groups.reset();
    m_bins.reset();
    m_overlays.clear();
    Q_EMIT statsChanged();
    Q_EMIT groupsChanged();
    Q_EMIT binsChanged();
    Q_EMIT overlaysChanged();
    Q_EMIT busyChanged();
}

void DistributionModel::computeStats()
{
    // What they were about to say is still wanted, after this.
    m_groupsStale = m_groupsStale || m_groupsJob.isRunning();
    m_binsStale = m_binsStale || m_binsJob.isRunning();
    m_groupsJob.cancel();
    m_binsJob.cancel();
    const auto columns = m_session->context()->columns();
    const SpanSelection selection = m_session->context()->spanSelection();
    const bool self = m_self;
    m_statsStale = false;
    struct Both
    {
        Stats stats;
        analysis::SamplingState sampling;
    };
    m_statsJob.start<Both>(
        this, {},
        [columns, selection, self, sampled = m_samplingOf == columns](
            const Progress &progress) -> Result<Both> {
            Both both;
            auto stats
                = finished(analysis::durationStats(*columns, selection, self, progress.cancel), progress);
            if (!stats)
                return tl::unexpected(std::move(stats.error()));
            both.stats = std::move(*stats);
            if (!sampled)
                both.sampling = analysis::samplingState(*columns);
            return both;
        },
        [this, self, columns](Result<Both> both) {
            if (both) {
                if (m_samplingOf != columns)
                    m_sampling = both->sampling;
                m_samplingOf = columns;
                // Overlays of durations must not lie over self times, not even for a moment.
                if (m_statsSelf != self && !m_overlays.empty()) {
                    m_overlays.clear();
                    Q_EMIT overlaysChanged();
                }
                m_stats = std::move(both->stats);
                m_statsSelf = self;
                Q_EMIT statsChanged();
            }
            if (m_groupsStale) {
                computeGroups();
            } else {
                computeOverlays();
                if (m_binsStale)
                    computeBins();
            }
            Q_EMIT busyChanged();
        });
}

void DistributionModel::computeGroups()
{
    if (m_statsJob.isRunning() || m_session->context()->isFilterPending())
        return; // their end starts this
    m_binsJob.cancel();
    const auto columns = m_session->context()->columns();
    const SpanSelection selection = m_session->context()->spanSelection();
    const analysis::GroupBy groupBy = m_groupBy;
    using Column = std::shared_ptr<const analysis::AttributeColumn>;
    struct Answer
    {
        Groups groups;
        Column column;
    };
    const Column known = m_attributeOf == columns ? m_attributeColumn : nullptr;
    const std::string key = groupBy == analysis::GroupBy::Attribute ? m_attribute.toStdString() : "";
    m_groupsStale = false;
    m_groupsJob.start<Answer>(
        this, {},
        [columns, selection, groupBy, known, key, workspace = m_session->workspacePtr()](
            const Progress &progress) -> Result<Answer> {
            Answer answer{nullptr, known};
            if (!key.empty() && !(known && known->key == key)) {
                auto column = analysis::loadAttributeColumn(*workspace, *columns, key, progress);
                if (!column)
                    return tl::unexpected(std::move(column.error()));
                answer.column = std::move(*column);
            }
            auto groups = finished(analysis::groupStats(*columns, selection, groupBy, kGroupLimit,
                                       progress.cancel, key.empty() ? nullptr : answer.column.get()),
                progress);
            if (!groups)
                return tl::unexpected(std::move(groups.error()));
            answer.groups = std::move(*groups);
            return answer;
        },
        [this, groupBy, columns](Result<Answer> answer) {
            if (answer) {
                m_attributeColumn = std::move(answer->column);
                m_attributeOf = columns;
                m_groups = std::move(answer->groups);
                m_groupsBy = groupBy;
                Q_EMIT groupsChanged();
            }
            computeOverlays();
            computeBins();
            Q_EMIT busyChanged();
        });
}

TimeRange DistributionModel::timeRange() const
{
    if (const auto chosen = m_session->context()->range())
        return *chosen;
    // The end is one past the last: a span that begins there belongs to the picture.
    const TimeRange all = m_session->context()->columns()->range;
    return {all.begin, saturatingAdd(all.end, 1)};
}

void DistributionModel::computeBins()
{
    const auto columns = m_session->context()->columns();
    if (m_statsJob.isRunning() || m_groupsJob.isRunning() || m_session->context()->isFilterPending()
        || !columns)
        return;
    const SpanSelection selection = m_session->context()->spanSelection();
    const TimeRange range = timeRange();
    m_binsStale = false;
    m_binsJob.start<Bins>(
        this, {},
        [columns, selection, range, bins = m_binCount, rows = m_rowCount](const Progress &progress) {
            return finished(analysis::timeBins(*columns, selection, range, bins, rows, progress.cancel),
                progress);
        },
        [this](Result<Bins> bins) {
            if (bins) {
                m_bins = std::move(*bins);
                Q_EMIT binsChanged();
            }
            Q_EMIT busyChanged();
        });
}

void DistributionModel::setOverlayGroups(const QStringList &names)
{
    if (m_overlayNames == names)
        return;
    m_overlayNames = names;
    computeOverlays();
    Q_EMIT busyChanged();
}

void DistributionModel::computeOverlays()
{
    m_overlayJob.cancel();
    std::vector<Overlay> found;
    for (const QString &name : std::as_const(m_overlayNames)) {
        const std::string wanted = name.toStdString();
        for (std::size_t i = 0; m_groups && i < m_groups->size(); ++i) {
            const bool isOther = hasOtherGroup() && i + 1 == m_groups->size();
            // No filter says "all but these 300", so the rest has no histogram of self time.
            const bool matches = isOther
                ? name == otherGroupName() && !m_statsSelf
                : (*m_groups)[i].name == wanted && (!m_statsSelf || hasGroupFilter(m_groupsBy));
            if (!matches)
                continue;
            // Shares the groups' memory: nothing is copied.
            found.push_back({name, {m_groups, &(*m_groups)[i].histogram}});
        }
    }
    if (!m_statsSelf || found.empty()) {
        m_overlays = std::move(found);
        Q_EMIT overlaysChanged();
        return;
    }
    const auto columns = m_session->context()->columns();
    if (!columns)
        return;
    const SpanSelection selection = m_session->context()->spanSelection();
    using Overlays = std::vector<Overlay>;
    m_overlayJob.start<Overlays>(
        this, {},
        [columns, selection, found, groupBy = m_groupsBy](const Progress &progress) -> Result<Overlays> {
            Overlays overlays = found;
            for (Overlay &overlay : overlays) {
                auto rows = bothPass(*columns, selection.filter,
                    groupFilter(groupBy, overlay.name.toStdString()), progress);
                if (!rows)
                    return tl::unexpected(std::move(rows.error()));
                SpanSelection part = selection;
                part.filter = std::move(*rows);
                const auto stats
                    = finished(analysis::durationStats(*columns, part, true, progress.cancel), progress);
                if (!stats)
                    return tl::unexpected(stats.error());
                overlay.histogram = {*stats, &(*stats)->histogram};
            }
            return overlays;
        },
        [this](Result<Overlays> overlays) {
            if (overlays) {
                m_overlays = std::move(*overlays);
                Q_EMIT overlaysChanged();
            }
            Q_EMIT busyChanged();
        });
}

void DistributionModel::setPreview(const std::optional<DistributionPart> &part)
{
    if (m_wantedPreview == part)
        return;
    m_wantedPreview = part;
    if (!part) {
        m_previewTimer->stop();
        m_previewJob.cancel();
        if (m_preview) {
            m_preview.reset();
            m_previewDone.reset();
            Q_EMIT previewChanged();
        }
        return;
    }
    // A running one is not cancelled: under constant movement none would ever end.
    if (!m_previewTimer->isActive() && !m_previewJob.isRunning())
        startPreview();
}

void DistributionModel::startPreview()
{
    const auto columns = m_session->context()->columns();
    if (!m_wantedPreview || m_wantedPreview == m_previewDone || m_previewJob.isRunning() || !columns)
        return;
    m_previewTimer->start();
    SpanSelection selection = m_session->context()->spanSelection();
    const DistributionPart part = *m_wantedPreview;
    if (part.range)
        selection.range = part.range;
    const bool self = m_self;
    if (part.values && !self) {
        constexpr Nanos kEnd = std::numeric_limits<Nanos>::max();
        selection.durationRange
            = {part.values->first, part.values->second == kUnknownNanos ? kEnd : part.values->second};
    }
    m_previewJob.start<Stats>(
        this, {},
        [columns, selection, part, self](const Progress &progress) -> Result<Stats> {
            SpanSelection chosen = selection;
            if (part.values && self) {
                auto rows = bothPass(*columns, selection.filter,
                    valueFilter(true, part.values->first, part.values->second), progress);
                if (!rows)
                    return tl::unexpected(std::move(rows.error()));
                chosen.filter = std::move(*rows);
            }
            return finished(analysis::durationStats(*columns, chosen, self, progress.cancel), progress);
        },
        [this, part](Result<Stats> stats) {
            if (stats) {
                m_preview = std::move(*stats);
                m_previewDone = part;
                Q_EMIT previewChanged();
            }
            if (!m_previewTimer->isActive())
                startPreview();
        });
}

bool DistributionModel::hasValueFilter() const
{
    const analysis::Filter &filter = m_session->context()->filter();
    return withoutValueTerms(filter, m_self).terms.size() != filter.terms.size();
}

void DistributionModel::clearValueFilter()
{
    if (!hasValueFilter())
        return;
    const analysis::Filter rest = withoutValueTerms(m_session->context()->filter(), m_self);
    m_session->context()->setFilterText(QString::fromStdString(rest.toText()));
}

QString DistributionModel::figuresSql() const
{
    return distributionFiguresSql({m_session->context()->whereSql(), m_self, m_stats && m_stats->weighted});
}

QString DistributionModel::groupsSql() const
{
    return distributionGroupsSql({m_session->context()->whereSql(), m_self, m_stats && m_stats->weighted},
        m_groupBy, m_attribute);
}

QString DistributionModel::binsSql() const
{
    const bool weighted = m_stats && m_stats->weighted;
    const TimeRange range = m_bins ? m_bins->range : m_session->context()->fullRange();
    return distributionBinsSql({m_session->context()->whereSql(), m_self, weighted}, range,
        m_bins ? m_bins->binNs : 1);
}

} // namespace tailscope::items
