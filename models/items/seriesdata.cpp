// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/seriesdata.h"

#include <algorithm>

namespace tailscope::items {

namespace {

/// Up to here one pass stays well below the 4 ms that the GUI thread may take.
constexpr std::ptrdiff_t kInlinePoints = 100'000;
constexpr Nanos kMaxBuckets = 60'000;
/// More lanes than fit on a screen many times over.
constexpr std::size_t kMaxEntries = 256;

/// Three times the wanted window, so that panning needs nothing new.
TimeRange widened(TimeRange window)
{
    return {saturatingSub(window.begin, window.length()), saturatingAdd(window.end, window.length())};
}

SeriesPicture draw(const SeriesPoints &points, TimeRange window, Nanos step)
{
    SeriesPicture picture;
    picture.covered = window;
    picture.step = step;
    picture.low = points.low;
    picture.high = points.high;
    picture.total = points.total;
    const Nanos buckets = std::clamp<Nanos>(window.length() / std::max<Nanos>(step, 1) + 1, 1, kMaxBuckets);
    picture.points = analysis::decimate(points.ts, points.values, window, int(buckets));
    return picture;
}

} // namespace

struct SeriesData::Entry
{
    explicit Entry(session::JobQueue *jobs)
        : job(jobs)
    {}
    /// Its callback must not find the entry gone.
    ~Entry() { job.cancel(); }
    session::LatestJob job;
    std::shared_ptr<const SeriesPoints> points; ///< null until read
    SeriesPicture picture;
    TimeRange wanted;
    Nanos wantedStep = 0; ///< of the job under way
    quint64 used = 0;
    bool hasPicture = false, hasFailed = false;
};

SeriesData::SeriesData(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_catalogueJob(session->jobs())
{
    connect(session, &session::Session::sourcesChanged, this, &SeriesData::loadCatalogue);
    loadCatalogue();
}

SeriesData::~SeriesData() = default;

void SeriesData::loadCatalogue()
{
    const auto workspace = m_session->workspacePtr();
    m_catalogueJob.start<SeriesCatalogue>(
        this, {}, [workspace](const Progress &progress) { return readSeriesCatalogue(*workspace, progress); },
        [this](Result<SeriesCatalogue> catalogue) {
            if (catalogue) {
                m_catalogue = std::move(*catalogue);
                // A source may have grown or gone: everything is read again when it is drawn again.
                m_entries.clear();
                Q_EMIT catalogueChanged();
            }
            Q_EMIT busyChanged();
        });
}

const SeriesInfo *SeriesData::info(qint64 id) const
{
    const auto found = std::find_if(m_catalogue.series.begin(), m_catalogue.series.end(),
        [id](const SeriesInfo &series) { return series.id == id; });
    return found == m_catalogue.series.end() ? nullptr : &*found;
}

bool SeriesData::isBusy() const
{
    return m_catalogueJob.isRunning()
        || std::any_of(m_entries.begin(), m_entries.end(),
            [](const auto &entry) { return entry.second->job.isRunning(); });
}

std::size_t SeriesData::keptPoints() const
{
    std::size_t kept = 0;
    for (const auto &[id, entry] : m_entries)
        kept += entry->points ? entry->points->ts.size() : 0;
    return kept;
}

const SeriesPicture *SeriesData::picture(qint64 id, TimeRange window, Nanos step)
{
    auto &slot = m_entries[id];
    const bool isNew = !slot;
    if (isNew)
        slot = std::make_unique<Entry>(m_session->jobs());
    Entry &entry = *slot;
    entry.used = ++m_clock;
    if (isNew)
        evict(id);
    const TimeRange &covered = entry.picture.covered;
    const bool fits = entry.hasPicture && entry.picture.step == step && covered.begin <= window.begin
        && covered.end >= window.end;
    if (fits || entry.hasFailed)
        return entry.hasPicture ? &entry.picture : nullptr;
    if (!entry.points) {
        if (!entry.job.isRunning())
            load(id, entry);
    } else {
        const bool underWay = entry.job.isRunning() && entry.wantedStep == step
            && entry.wanted.begin <= window.begin && entry.wanted.end >= window.end;
        if (!underWay)
            makePicture(id, entry, widened(window), step);
    }
    return entry.hasPicture ? &entry.picture : nullptr;
}

void SeriesData::load(qint64 id, Entry &entry)
{
    const auto workspace = m_session->workspacePtr();
    entry.job.start<SeriesPoints>(
        this, {},
        [workspace, id](const Progress &progress) { return readSeriesPoints(*workspace, id, progress); },
        [this, id](Result<SeriesPoints> points) {
            const auto found = m_entries.find(id);
            if (found == m_entries.end())
                return;
            Entry &loaded = *found->second;
            loaded.hasFailed = !points;
            if (points) {
                loaded.points = std::make_shared<const SeriesPoints>(std::move(*points));
                evict(id);
            }
            Q_EMIT pictureChanged(id);
            Q_EMIT busyChanged();
        });
}

void SeriesData::makePicture(qint64 id, Entry &entry, TimeRange window, Nanos step)
{
    const auto points = entry.points;
    const auto low = std::lower_bound(points->ts.begin(), points->ts.end(), window.begin);
    const auto high = std::lower_bound(low, points->ts.end(), window.end);
    if (points->isRaw() && high - low <= kInlinePoints) {
        entry.job.cancel();
        entry.picture = draw(*points, window, step);
        entry.hasPicture = true;
        return;
    }
    entry.wanted = window;
    entry.wantedStep = step;
    const auto workspace = m_session->workspacePtr();
    entry.job.start<SeriesPicture>(
        this, {},
        [workspace, points, id, window, step](const Progress &progress) -> Result<SeriesPicture> {
            if (points->isRaw())
                return draw(*points, window, step);
            auto buckets = readSeriesBuckets(*workspace, id, window, step, progress);
            if (!buckets)
                return tl::unexpected(buckets.error());
            return SeriesPicture{std::move(*buckets), window, step, points->low, points->high, points->total};
        },
        [this, id](Result<SeriesPicture> picture) {
            const auto found = m_entries.find(id);
            if (found == m_entries.end())
                return;
            found->second->hasFailed = !picture;
            if (picture) {
                found->second->picture = std::move(*picture);
                found->second->hasPicture = true;
            }
            Q_EMIT pictureChanged(id);
            Q_EMIT busyChanged();
        });
}

void SeriesData::evict(qint64 keep)
{
    while (m_entries.size() > kMaxEntries || keptPoints() > kMaxKeptPoints) {
        const bool tooMany = m_entries.size() > kMaxEntries;
        auto oldest = m_entries.end();
        for (auto it = m_entries.begin(); it != m_entries.end(); ++it) {
            const bool isHeavy = it->second->points && !it->second->points->ts.empty();
            if (it->first != keep && (tooMany || isHeavy)
                && (oldest == m_entries.end() || it->second->used < oldest->second->used))
                oldest = it;
        }
        if (oldest == m_entries.end())
            return;
        m_entries.erase(oldest);
    }
}

} // namespace tailscope::items
