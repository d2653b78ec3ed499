// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/timelinemodel.h"

#include <QJsonArray>

#include <algorithm>
#include <limits>

namespace tailscope::items {

namespace {

/// Keys come back from a file: more than these are not kept.
constexpr qsizetype kMaxKeys = 20'000;

QJsonArray toJson(const QSet<QString> &keys)
{
    QStringList sorted(keys.begin(), keys.end());
    sorted.sort();
    return QJsonArray::fromStringList(sorted.mid(0, kMaxKeys));
}

QSet<QString> fromJson(const QJsonValue &value)
{
    QSet<QString> keys;
    const QJsonArray array = value.toArray();
    for (qsizetype i = 0; i < std::min<qsizetype>(array.size(), kMaxKeys); ++i)
        keys.insert(array[i].toString());
    return keys;
}

void setMember(QSet<QString> &keys, const QString &key, bool member)
{
    if (member)
        keys.insert(key);
    else
        keys.remove(key);
}

QString fileName(const store::SourceRecord &source)
{
    return QString::fromStdString(source.path).section(QLatin1Char('/'), -1);
}

QString sortId(TrackSort sort)
{
    return sort == TrackSort::Name ? QStringLiteral("name")
        : sort == TrackSort::Busy  ? QStringLiteral("busy")
                                   : QStringLiteral("index");
}

} // namespace

std::vector<TrackFigures> countTrackFigures(const analysis::SpanColumns &columns, const CancelToken &cancel)
{
    std::vector<TrackFigures> figures(columns.tracks.size());
    for (const analysis::Lane &lane : columns.lanes) {
        if (cancel.isCancelled())
            return figures;
        TrackFigures &track = figures[lane.track];
        track.spans += lane.count;
        for (std::uint32_t row = lane.first; row < lane.first + lane.count; ++row) {
            if (columns.status[row] == std::uint8_t(SpanStatus::Error))
                ++track.errors;
            if (columns.self[row] > 0)
                track.busyNs = saturatingAdd(track.busyNs, columns.self[row]);
        }
    }
    return figures;
}

TimelineModel::TimelineModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_series(new SeriesData(session, this))
    , m_figuresJob(session->jobs())
{
    connect(session->context(), &session::SessionContext::dataChanged, this, &TimelineModel::loadData);
    connect(session, &session::Session::sourcesChanged, this, &TimelineModel::loadData);
    connect(m_series, &SeriesData::catalogueChanged, this, [this] {
        placeClocks();
        rebuild();
    });
    connect(m_series, &SeriesData::busyChanged, this, &TimelineModel::busyChanged);
    loadData();
}

const TrackFigures *TimelineModel::figures(std::uint32_t track) const
{
    return track < m_figures.size() ? &m_figures[track] : nullptr;
}

void TimelineModel::loadData()
{
    const auto columns = m_session->context()->columns();
    const bool isNew = columns != m_columns;
    m_columns = columns;
    placeClocks();
    if (isNew)
        countFigures();
    rebuild();
}

void TimelineModel::placeClocks()
{
    const QList<store::SourceRecord> sources = m_session->sources();
    const bool hasSpans = m_columns && m_columns->size() > 0;
    const auto isIn = [](const std::vector<std::int64_t> &ids, std::int64_t id) {
        return std::find(ids.begin(), ids.end(), id) != ids.end();
    };
    std::vector<std::int64_t> drawn;
    Nanos common = kUnknownNanos;
    if (hasSpans) {
        for (const analysis::Lane &lane : m_columns->lanes) {
            const std::int64_t source = m_columns->tracks[lane.track].sourceId;
            if (drawn.empty() || drawn.back() != source)
                drawn.push_back(source);
        }
    }
    m_leftOutIds.clear();
    for (const std::int64_t id : hasSpans ? m_columns->unaligned : std::vector<std::int64_t>()) {
        if (!isIn(drawn, id))
            m_leftOutIds.push_back(id);
    }
    m_clocks
        = clockShifts(hasSpans ? m_columns.get() : nullptr, sources, m_series->sourceSpans(), m_leftOutIds);
    for (const std::int64_t id : drawn) {
        const auto found = m_clocks.sources.find(id);
        const Nanos shift = found == m_clocks.sources.end() ? 0 : found->second;
        common = common == kUnknownNanos || common == shift ? shift : 0;
    }
    m_commonShift = common == kUnknownNanos ? 0 : common;
    m_unaligned.clear();
    m_leftOut.clear();
    for (const store::SourceRecord &source : sources) {
        if (isIn(m_clocks.unaligned, source.id))
            m_unaligned << fileName(source);
        else if (isIn(m_leftOutIds, source.id))
            m_leftOut << fileName(source);
    }
    const session::SessionContext *context = m_session->context();
    m_range = context->fullRange();
    if (m_range.isEmpty() && context->overview())
        m_range = context->overview()->range;
    // The full range also holds the places where unaligned sources would lie: decades away.
    const bool isTorn = !m_clocks.sources.empty() || !m_leftOutIds.empty();
    if (!m_clocks.range.isEmpty() && (isTorn || m_range.isEmpty()))
        m_range = m_clocks.range;
}

TimeRange TimelineModel::fromAxis(TimeRange range) const
{
    return {saturatingSub(range.begin, m_commonShift), saturatingSub(range.end, m_commonShift)};
}

TimeRange TimelineModel::toAxis(TimeRange range) const
{
    const bool isOnAxis = range.begin < m_range.end && range.end > m_range.begin;
    if (m_commonShift == 0 || isOnAxis)
        return range;
    return {saturatingAdd(range.begin, m_commonShift), saturatingAdd(range.end, m_commonShift)};
}

void TimelineModel::countFigures()
{
    m_figures.clear();
    if (!m_columns) {
        m_figuresJob.cancel();
        return;
    }
    m_figuresJob.start<std::vector<TrackFigures>>(
        this, {},
        [columns = m_columns](const Progress &progress) -> Result<std::vector<TrackFigures>> {
            return countTrackFigures(*columns, progress.cancel);
        },
        [this](Result<std::vector<TrackFigures>> figures) {
            if (figures)
                m_figures = std::move(*figures);
            if (m_choices.sort == TrackSort::Busy)
                rebuild();
            Q_EMIT busyChanged();
        });
}

void TimelineModel::rebuild()
{
    TimelineInput input;
    const bool hasSpans = m_columns && m_columns->size() > 0;
    input.columns = hasSpans ? m_columns.get() : nullptr;
    const auto overview = m_session->context()->overview();
    input.overview = overview.get();
    input.series = &m_series->series();
    input.figures = m_figures.empty() ? nullptr : &m_figures;
    input.sources = m_session->sources();
    input.shifts = m_clocks.sources;
    input.leftOut = m_leftOutIds;
    m_rows = buildTimelineRows(input, m_choices);
    Q_EMIT rowsChanged();
}

void TimelineModel::setSort(TrackSort sort)
{
    if (m_choices.sort == sort)
        return;
    m_choices.sort = sort;
    rebuild();
}

void TimelineModel::setShowSeries(bool show)
{
    if (m_choices.showSeries == show)
        return;
    m_choices.showSeries = show;
    rebuild();
}

void TimelineModel::setPinned(const QString &key, bool pinned)
{
    setMember(m_choices.pinned, key, pinned);
    rebuild();
}

void TimelineModel::setHidden(const QString &key, bool hidden)
{
    setMember(m_choices.hidden, key, hidden);
    rebuild();
}

void TimelineModel::showHidden()
{
    m_choices.hidden.clear();
    rebuild();
}

void TimelineModel::setCollapsed(const QString &key, bool collapsed)
{
    setMember(m_choices.collapsed, key, collapsed);
    // Also opens what begins closed; of a track it would mean all lanes.
    if (!key.startsWith(QLatin1String("track/")))
        setMember(m_choices.expanded, key, !collapsed);
    rebuild();
}

void TimelineModel::setAllCollapsed(bool collapsed)
{
    m_choices.collapsed.clear();
    m_choices.expanded.clear();
    if (collapsed) {
        // Tracks inside a group keep their lanes for when the group is opened again.
        int groupIndent = std::numeric_limits<int>::max();
        for (const TimelineRow &row : m_rows.rows) {
            if (row.kind == TimelineRow::Kind::Source)
                groupIndent = std::numeric_limits<int>::max();
            const bool isGroup = row.kind == TimelineRow::Kind::Group;
            if (isGroup)
                groupIndent = row.indent;
            if (isGroup || (row.kind == TimelineRow::Kind::Track && row.indent <= groupIndent))
                m_choices.collapsed.insert(row.key);
        }
    }
    rebuild();
}

void TimelineModel::setAllLanes(const QString &key, bool all)
{
    setMember(m_choices.expanded, key, all);
    rebuild();
}

void TimelineModel::reveal(std::uint32_t track, std::uint32_t laneInTrack)
{
    if (!m_columns || track >= m_columns->tracks.size())
        return;
    const TimelineChoices before = m_choices;
    const QString key = QStringLiteral("track/%1").arg(m_columns->tracks[track].id);
    m_choices.hidden.remove(key);
    if (laneInTrack > 0)
        m_choices.collapsed.remove(key);
    if (laneInTrack >= kLanesAtFirst)
        m_choices.expanded.insert(key);
    if (!m_choices.pinned.contains(key)) {
        for (const TimelineRow &row : m_rows.rows) {
            if (std::find(row.members.begin(), row.members.end(), track) != row.members.end())
                m_choices.collapsed.remove(row.key);
        }
    }
    const bool changed = before.hidden != m_choices.hidden || before.collapsed != m_choices.collapsed
        || before.expanded != m_choices.expanded;
    if (!changed)
        return;
    rebuild();
    // A collapsed source hides the header of the group: opened now, the group shows.
    const bool exists = std::any_of(m_rows.rows.begin(), m_rows.rows.end(),
        [&key](const TimelineRow &row) { return row.key == key; });
    if (!exists && !m_choices.pinned.contains(key))
        reveal(track, laneInTrack);
}

QJsonObject TimelineModel::saveChoices() const
{
    QJsonObject state;
    state.insert(QStringLiteral("pinned"), toJson(m_choices.pinned));
    state.insert(QStringLiteral("hidden"), toJson(m_choices.hidden));
    state.insert(QStringLiteral("collapsed"), toJson(m_choices.collapsed));
    state.insert(QStringLiteral("expanded"), toJson(m_choices.expanded));
    state.insert(QStringLiteral("sort"), sortId(m_choices.sort));
    state.insert(QStringLiteral("series"), m_choices.showSeries);
    return state;
}

void TimelineModel::restoreChoices(const QJsonObject &state)
{
    m_choices.pinned = fromJson(state.value(QStringLiteral("pinned")));
    m_choices.hidden = fromJson(state.value(QStringLiteral("hidden")));
    m_choices.collapsed = fromJson(state.value(QStringLiteral("collapsed")));
    m_choices.expanded = fromJson(state.value(QStringLiteral("expanded")));
    const QString sort = state.value(QStringLiteral("sort")).toString();
    for (const TrackSort candidate : {TrackSort::Index, TrackSort::Name, TrackSort::Busy}) {
        if (sortId(candidate) == sort)
            m_choices.sort = candidate;
    }
    m_choices.showSeries = state.value(QStringLiteral("series")).toBool(true);
    rebuild();
}

} // namespace tailscope::items
