// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/timelinemodelrows.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <unordered_map>

namespace tailscope::items {

namespace {

QString toQString(const std::string &text) { return QString::fromStdString(text); }

/// A process or service with its tracks and series.
struct Owner
{
    std::int64_t sourceId = 0;
    QString name;
    std::int64_t sort = 0;
    double busy = 0;
    std::vector<std::uint32_t> tracks;
    std::vector<std::size_t> series;
};

class Builder
{
public:
    Builder(const TimelineInput &input, const TimelineChoices &choices)
        : m_input(input)
        , m_choices(choices)
    {}

    TimelineRows run()
    {
        if (m_input.columns)
            addTracks();
        if (m_input.series && m_choices.showSeries)
            addSeries();
        sortOwners();
        emitOwners();
        if (!m_input.columns)
            emitDensities();
        return std::move(m_result);
    }

private:
    const analysis::TrackInfo &info(std::uint32_t track) const { return m_input.columns->tracks[track]; }

    static QString ownerName(const analysis::TrackInfo &track)
    {
        const bool isLinked = track.shape == std::uint8_t(TrackRow::Shape::Linked);
        if ((isLinked || track.process.empty()) && !track.service.empty())
            return toQString(track.service);
        return toQString(track.process);
    }

    /// Name of a track below its owner.
    static QString ownTitle(const analysis::TrackInfo &track)
    {
        const bool isLinked = track.shape == std::uint8_t(TrackRow::Shape::Linked);
        const std::string &first = isLinked ? track.instance : track.thread;
        const std::string &second = isLinked ? track.thread : track.instance;
        const std::string &name = !first.empty() ? first : second;
        return name.empty() ? toQString(track.title()) : toQString(name);
    }

    Owner &owner(std::int64_t sourceId, const QString &name)
    {
        const auto [found, isNew] = m_index.try_emplace({sourceId, name}, m_owners.size());
        if (isNew) {
            m_owners.emplace_back();
            m_owners.back().sourceId = sourceId;
            m_owners.back().name = name;
        }
        return m_owners[found->second];
    }

    double busyOf(std::uint32_t track) const
    {
        if (m_input.figures && track < m_input.figures->size())
            return double((*m_input.figures)[track].busyNs);
        return double(m_spans[track]);
    }

    void addTracks()
    {
        const analysis::SpanColumns &columns = *m_input.columns;
        m_lanes.assign(columns.tracks.size(), {0, 0});
        m_spans.assign(columns.tracks.size(), 0);
        for (std::size_t i = 0; i < columns.lanes.size(); ++i) {
            const analysis::Lane &lane = columns.lanes[i];
            if (m_lanes[lane.track].second++ == 0)
                m_lanes[lane.track].first = std::uint32_t(i);
            m_spans[lane.track] += lane.count;
        }
        for (std::uint32_t track = 0; track < columns.tracks.size(); ++track) {
            m_trackOfId.emplace(columns.tracks[track].id, track);
            if (m_lanes[track].second == 0)
                continue;
            Owner &group = owner(info(track).sourceId, ownerName(info(track)));
            group.sort = group.tracks.empty() ? info(track).processSort
                                              : std::min(group.sort, info(track).processSort);
            group.busy += busyOf(track);
            group.tracks.push_back(track);
        }
    }

    void addSeries()
    {
        std::map<QString, std::size_t> byName;
        for (std::size_t i = 0; i < m_owners.size(); ++i)
            byName.try_emplace(m_owners[i].name, i);
        for (std::size_t i = 0; i < m_input.series->size(); ++i) {
            const SeriesInfo &series = (*m_input.series)[i];
            if (std::find(m_input.leftOut.begin(), m_input.leftOut.end(), series.sourceId)
                != m_input.leftOut.end())
                continue;
            const auto track = series.trackId ? m_trackOfId.find(*series.trackId) : m_trackOfId.end();
            if (track != m_trackOfId.end()) {
                owner(info(track->second).sourceId, ownerName(info(track->second))).series.push_back(i);
                continue;
            }
            const QString &name = !series.service.isEmpty() ? series.service : series.instance;
            const auto known = byName.find(name);
            if (known != byName.end() && !name.isEmpty())
                m_owners[known->second].series.push_back(i);
            else
                owner(series.sourceId, name).series.push_back(i);
        }
    }

    template<typename Index, typename Value>
    bool before(const Value &a, const Value &b, const Index &sortOf, double busyA, double busyB,
        const QString &nameA, const QString &nameB) const
    {
        if (m_choices.sort == TrackSort::Busy && busyA != busyB)
            return busyA > busyB;
        if (m_choices.sort == TrackSort::Index && sortOf(a) != sortOf(b))
            return sortOf(a) < sortOf(b);
        return naturalLess(nameA, nameB);
    }

    void sortOwners()
    {
        std::stable_sort(m_owners.begin(), m_owners.end(), [this](const Owner &a, const Owner &b) {
            if (a.sourceId != b.sourceId)
                return a.sourceId < b.sourceId;
            if (a.tracks.empty() != b.tracks.empty())
                return b.tracks.empty();
            return before(
                a, b, [](const Owner &o) { return o.sort; }, a.busy, b.busy, a.name, b.name);
        });
        for (Owner &group : m_owners) {
            std::stable_sort(group.tracks.begin(), group.tracks.end(),
                [this](std::uint32_t a, std::uint32_t b) {
                    return before(
                        a, b, [this](std::uint32_t t) { return info(t).threadSort; }, busyOf(a), busyOf(b),
                        ownTitle(info(a)), ownTitle(info(b)));
                });
        }
    }

    Nanos shiftOf(std::int64_t sourceId) const
    {
        const auto found = m_input.shifts.find(sourceId);
        return found == m_input.shifts.end() ? 0 : found->second;
    }

    bool isCollapsed(const QString &key, bool atFirst) const
    {
        return m_choices.collapsed.contains(key) || (atFirst && !m_choices.expanded.contains(key));
    }

    QString sourceTitle(std::int64_t id) const
    {
        for (const store::SourceRecord &source : m_input.sources) {
            if (source.id == id)
                return toQString(source.path).section(QLatin1Char('/'), -1);
        }
        return QStringLiteral("%1").arg(id);
    }

    void emitOwners()
    {
        const bool many = !m_owners.empty() && m_owners.front().sourceId != m_owners.back().sourceId;
        std::size_t first = 0;
        while (first < m_owners.size()) {
            std::size_t last = first;
            while (last < m_owners.size() && m_owners[last].sourceId == m_owners[first].sourceId)
                ++last;
            bool isOpen = true;
            if (many) {
                TimelineRow header;
                header.kind = TimelineRow::Kind::Source;
                header.title = sourceTitle(m_owners[first].sourceId);
                header.key = QStringLiteral("source/%1").arg(m_owners[first].sourceId);
                for (std::size_t i = first; i < last; ++i)
                    addMembers(header, m_owners[i]);
                isOpen = emitHeader(std::move(header), false);
            }
            for (std::size_t i = first; i < last; ++i)
                emitOwner(m_owners[i], many ? 1 : 0, isOpen);
            first = last;
        }
    }

    void addMembers(TimelineRow &header, const Owner &group) const
    {
        for (const std::uint32_t track : group.tracks) {
            if (m_choices.hidden.contains(trackKey(track)))
                continue;
            header.members.push_back(track);
            header.memberIds.push_back(info(track).id);
        }
        header.count += int(group.tracks.size() + group.series.size());
    }

    /// True when the rows below are to be shown.
    bool emitHeader(TimelineRow header, bool collapsedAtFirst)
    {
        header.isCollapsible = true;
        header.isCollapsed = isCollapsed(header.key, collapsedAtFirst);
        const bool isOpen = !header.isCollapsed;
        m_result.rows.push_back(std::move(header));
        return isOpen;
    }

    void emitOwner(const Owner &group, int indent, bool isOpen)
    {
        const bool single = group.tracks.size() == 1 && group.series.empty();
        bool isGroupOpen = isOpen;
        if (!single && isOpen) {
            TimelineRow header;
            header.kind = TimelineRow::Kind::Group;
            header.title = group.name;
            header.isSeriesHeader = group.tracks.empty() && group.name.isEmpty();
            header.key = QStringLiteral("group/%1/%2").arg(group.sourceId).arg(group.name);
            header.indent = indent;
            addMembers(header, group);
            isGroupOpen
                = emitHeader(std::move(header), group.tracks.empty() && group.series.size() > kSeriesAtFirst);
        }
        for (const std::uint32_t track : group.tracks)
            emitTrack(track, single ? indent : indent + 1, single, group, isGroupOpen);
        emitSeries(group, indent + 1, isGroupOpen);
    }

    QString trackKey(std::uint32_t track) const { return QStringLiteral("track/%1").arg(info(track).id); }

    void emitTrack(std::uint32_t track, int indent, bool single, const Owner &group, bool isOpen)
    {
        TimelineRow row;
        row.kind = TimelineRow::Kind::Track;
        row.key = trackKey(track);
        row.title = single ? toQString(info(track).title()) : ownTitle(info(track));
        row.indent = indent;
        row.track = track;
        row.trackId = info(track).id;
        row.firstLane = m_lanes[track].first;
        row.laneCount = m_lanes[track].second;
        row.isCollapsible = row.laneCount > 1;
        row.isCollapsed = row.isCollapsible && isCollapsed(row.key, false);
        const std::uint32_t most = m_choices.expanded.contains(row.key) ? row.laneCount : kLanesAtFirst;
        row.shownLanes = row.isCollapsed ? 1 : std::min(row.laneCount, most);
        row.shift = shiftOf(info(track).sourceId);
        place(std::move(row), group, isOpen);
    }

    void emitSeries(const Owner &group, int indent, bool isOpen)
    {
        if (group.series.empty())
            return;
        int at = indent;
        bool isSeriesOpen = isOpen;
        // Many counters beside spans get a header of their own.
        if (isOpen && !group.tracks.empty() && group.series.size() > kSeriesAtFirst) {
            TimelineRow header;
            header.kind = TimelineRow::Kind::Group;
            header.isSeriesHeader = true;
            header.key = QStringLiteral("counters/%1/%2").arg(group.sourceId).arg(group.name);
            header.indent = at++;
            header.count = int(group.series.size());
            isSeriesOpen = emitHeader(std::move(header), true);
        }
        for (const std::size_t index : group.series) {
            const SeriesInfo &series = (*m_input.series)[index];
            TimelineRow row;
            row.kind = TimelineRow::Kind::Series;
            row.key = QStringLiteral("series/%1").arg(series.id);
            row.title = series.metric;
            row.subtitle = series.subtitle();
            row.indent = at;
            row.seriesId = series.id;
            row.shift = shiftOf(series.sourceId);
            place(std::move(row), group, isSeriesOpen);
        }
    }

    void place(TimelineRow row, const Owner &group, bool isOpen)
    {
        if (m_choices.hidden.contains(row.key)) {
            ++m_result.hidden;
        } else if (m_choices.pinned.contains(row.key)) {
            row.isPinned = true;
            row.indent = 0;
            if (!group.name.isEmpty() && !row.title.startsWith(group.name))
                row.title = group.name + QStringLiteral(" / ") + row.title;
            m_result.pinned.push_back(std::move(row));
        } else if (isOpen) {
            m_result.rows.push_back(std::move(row));
        }
    }

    void emitDensities()
    {
        if (!m_input.overview)
            return;
        const auto &tracks = m_input.overview->tracks;
        std::vector<std::size_t> order(tracks.size());
        std::iota(order.begin(), order.end(), std::size_t(0));
        if (m_choices.sort == TrackSort::Name) {
            std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
                return naturalLess(toQString(tracks[a].title), toQString(tracks[b].title));
            });
        } else if (m_choices.sort == TrackSort::Busy) {
            std::stable_sort(order.begin(), order.end(),
                [&](std::size_t a, std::size_t b) { return tracks[a].spans > tracks[b].spans; });
        }
        for (const std::size_t index : order) {
            TimelineRow row;
            row.kind = TimelineRow::Kind::Density;
            row.title = toQString(tracks[index].title);
            row.key = QStringLiteral("track/%1").arg(tracks[index].trackId);
            row.trackId = tracks[index].trackId;
            row.memberIds = {row.trackId};
            place(std::move(row), Owner{}, true);
        }
    }

    const TimelineInput &m_input;
    const TimelineChoices &m_choices;
    std::vector<Owner> m_owners;
    std::map<std::pair<std::int64_t, QString>, std::size_t> m_index;
    std::unordered_map<std::int64_t, std::uint32_t> m_trackOfId;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> m_lanes; ///< per track: first lane, number of lanes
    std::vector<std::uint64_t> m_spans;
    TimelineRows m_result;
};

} // namespace

TimelineRows buildTimelineRows(const TimelineInput &input, const TimelineChoices &choices)
{
    return Builder(input, choices).run();
}

bool naturalLess(const QString &a, const QString &b)
{
    qsizetype i = 0;
    qsizetype j = 0;
    const auto isDigit = [](QChar c) { return c >= QLatin1Char('0') && c <= QLatin1Char('9'); };
    while (i < a.size() && j < b.size()) {
        if (isDigit(a[i]) && isDigit(b[j])) {
            const auto number = [&isDigit](const QString &text, qsizetype &at) {
                while (at + 1 < text.size() && text[at] == QLatin1Char('0') && isDigit(text[at + 1]))
                    ++at;
                const qsizetype begin = at;
                while (at < text.size() && isDigit(text[at]))
                    ++at;
                return QStringView(text).mid(begin, at - begin);
            };
            const QStringView x = number(a, i);
            const QStringView y = number(b, j);
            if (x.size() != y.size())
                return x.size() < y.size();
            if (const int order = x.compare(y); order != 0)
                return order < 0;
            continue;
        }
        const QChar x = a[i].toLower();
        const QChar y = b[j].toLower();
        if (x != y)
            return x < y;
        ++i;
        ++j;
    }
    if (a.size() - i != b.size() - j)
        return a.size() - i < b.size() - j;
    return a < b;
}

} // namespace tailscope::items
