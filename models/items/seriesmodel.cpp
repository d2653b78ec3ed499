// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/seriesmodel.h"

#include "base/text.h"
#include "items/liverefresh.h"
#include "items/seriestext.h"
#include "session/livesession.h"

#include <algorithm>

namespace tailscope::items {

namespace {

QString fromText(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QVector<CellTable::Column> foundColumns()
{
    return {{QStringLiteral("What"), QStringLiteral("Kind of what was found"), false, false},
        {QStringLiteral("Series"), QStringLiteral("Metric, service, instance and labels"), false, false},
        {QStringLiteral("When (UTC)"), QStringLiteral("Beginning"), false, false},
        {QStringLiteral("In words"), QStringLiteral("Value, limit or level, with what speaks for it"), false,
            false}};
}

QVector<CellTable::Column> movedColumns()
{
    return {{QStringLiteral("Series"), QStringLiteral("Metric, service, instance and labels"), false, false},
        {QStringLiteral("Verdict"),
            QStringLiteral(
                "moved: its own change lies within five minutes of the moment; moved earlier: before "
                "that; no data here: no points on one side of it, which is not the same as 0"),
            false, false},
        {QStringLiteral("Score"),
            QStringLiteral(
                "|median after - median before| / median deviation before, ten minutes on either side; "
                "where nothing varies, 1 % of the level stands for the deviation"),
            true, false},
        {QStringLiteral("Before"), QStringLiteral("Median of the ten minutes before"), true, false},
        {QStringLiteral("After"), QStringLiteral("Median of the ten minutes after"), true, false},
        {QStringLiteral("Lag"), QStringLiteral("Its own change minus the moment; negative: it led"), true,
            false}};
}

QString kindText(SeriesFound::Kind kind)
{
    switch (kind) {
    case SeriesFound::Kind::Ceiling:
        return QStringLiteral("ceiling");
    case SeriesFound::Kind::Departure:
        return QStringLiteral("not as usual");
    case SeriesFound::Kind::Change:
        return QStringLiteral("step");
    case SeriesFound::Kind::Period:
        return QStringLiteral("periodic");
    case SeriesFound::Kind::Shape:
        break;
    }
    return QStringLiteral("plateau");
}

} // namespace

SeriesModel::SeriesModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_listJob(session->jobs())
    , m_laneJob(session->jobs())
    , m_movedJob(session->jobs())
    , m_foldJob(session->jobs())
    , m_csvJob(session->jobs())
    , m_list(new SeriesListModel(this))
    , m_foundTable(new CellTable(foundColumns(), this))
    , m_movedTable(new CellTable(movedColumns(), this))
{
    connect(session, &session::Session::sourcesChanged, this, [this] {
        m_isStale = true;
        m_laneJob.cancel(); // it would bring the points of before back
        m_cache.clear();
        if (m_isActive)
            readList();
    });
    connect(session, &session::Session::loaded, this, [this] {
        if (m_session->live()->isLive() && m_isActive && !m_listJob.isRunning())
            readList(); // a recording gets new series, and analyses find something
    });
    auto *live = new LiveRefresh(
        session, this, [this] { return !m_isActive || isBusy(); },
        [this] {
            m_cache.clear(); // of series that have grown
            draw();
        });
    connect(this, &SeriesModel::busyChanged, live, [this, live] { live->setBusy(m_laneJob.isRunning()); });
}

void SeriesModel::setActive(bool active)
{
    m_isActive = active;
    if (active && m_isStale)
        readList();
}

bool SeriesModel::isBusy() const
{
    return m_listJob.isRunning() || m_laneJob.isRunning() || m_movedJob.isRunning() || m_foldJob.isRunning()
        || m_csvJob.isRunning() || (m_isActive && m_isStale);
}

void SeriesModel::readList()
{
    m_isStale = false;
    const auto workspace = m_session->workspacePtr();
    m_listJob.start<SeriesList>(
        this, {}, [workspace](const Progress &progress) { return readSeriesList(*workspace, progress); },
        [this](Result<SeriesList> list) {
            m_error = list ? QString() : fromText(list.error().toText());
            if (list) {
                m_isLoaded = true;
                m_all = list->all;
                m_found = std::move(list->found);
                // Nothing new: what is chosen in the list stays.
                const auto size = list->items.size();
                if (size != m_listed || !m_session->live()->isLive())
                    m_list->setItems(std::move(list->items));
                m_listed = size;
                fillFound();
            }
            Q_EMIT listChanged();
            draw();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void SeriesModel::fillFound()
{
    QVector<TableRow> rows;
    for (int i = 0; i < m_found.size(); ++i) {
        const SeriesFound &found = m_found[i];
        TableRow row{i, {}};
        row.cells << TableCell{kindText(found.kind), {}, {}, -1,
            found.kind <= SeriesFound::Kind::Departure ? 2 : 0}
                  << TableCell{found.subject, {}, found.subject}
                  << TableCell{fromText(utcTimestamp(found.startNs)), found.startNs, {}}
                  << TableCell{found.text, {}, found.text};
        rows.push_back(std::move(row));
    }
    m_foundTable->setRows(std::move(rows));
}

void SeriesModel::setLanes(QVector<LaneSpec> lanes)
{
    std::stable_partition(lanes.begin(), lanes.end(), [](const LaneSpec &lane) { return lane.isPinned; });
    if (lanes == m_specs)
        return;
    m_specs = std::move(lanes);
    draw();
}

void SeriesModel::setPinned(int lane, bool pinned)
{
    if (lane < 0 || lane >= m_specs.size())
        return;
    QVector<LaneSpec> lanes = m_specs;
    lanes[lane].isPinned = pinned;
    setLanes(std::move(lanes));
}

void SeriesModel::setMeasure(SeriesMeasure measure)
{
    if (measure == m_measure)
        return;
    m_measure = measure;
    draw();
}

void SeriesModel::setWindow(TimeRange window, int pixels)
{
    pixels = std::clamp(pixels, 50, 10'000);
    if (window == m_window && pixels == m_pixels)
        return;
    const bool isInside = !m_drawn.isEmpty() && window.begin >= m_drawn.begin && window.end <= m_drawn.end
        && window.length() == m_window.length() && pixels == m_pixels;
    m_window = window;
    m_pixels = pixels;
    if (!isInside)
        draw();
}

void SeriesModel::draw()
{
    if (!m_isActive)
        return;
    LaneRequest request{m_specs, m_measure, m_window, m_pixels, true};
    if (!m_window.isEmpty()) {
        request.window = {saturatingSub(m_window.begin, m_window.length()),
            saturatingAdd(m_window.end, m_window.length())};
        request.pixels = 3 * m_pixels;
    }
    m_drawn = request.window;
    const auto workspace = m_session->workspacePtr();
    m_laneJob.start<LaneAnswer>(
        this, {},
        [workspace, request, cache = m_cache](
            const Progress &progress) { return drawLanes(*workspace, request, cache, progress); },
        [this](Result<LaneAnswer> answer) {
            if (answer) {
                m_lanes = std::move(answer->lanes);
                m_range = answer->range;
                m_cache = std::move(answer->cache);
                qint64 points = 0;
                for (const auto &series : std::as_const(m_cache))
                    points += qint64(series->values.size());
                if (points > kMaxCachedPoints)
                    m_cache.clear(); // read again when the window moves: memory first
            } else {
                Q_EMIT failed(fromText(answer.error().toText()));
            }
            Q_EMIT lanesChanged();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void SeriesModel::askMoved(Nanos onset)
{
    m_movedAt = onset;
    const auto workspace = m_session->workspacePtr();
    m_movedJob.start<MovedAnswer>(
        this, tr("What moved"),
        [workspace, onset](const Progress &progress) { return rankMoved(*workspace, onset, progress); },
        [this](Result<MovedAnswer> answer) {
            if (answer)
                m_moved = std::move(*answer);
            else
                Q_EMIT failed(fromText(answer.error().toText()));
            fillMoved();
            Q_EMIT movedChanged();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void SeriesModel::fillMoved()
{
    QVector<TableRow> rows;
    for (const MovedItem &item : std::as_const(m_moved.rows)) {
        const auto value = [&item](double of) {
            return TableCell{seriesValue(of, item.unit, item.isRate), of,
                exactSeriesValue(of, item.unit, item.isRate)};
        };
        TableRow row{item.seriesId, {}};
        const bool isThere = item.verdict != QLatin1String("no data here");
        row.cells << TableCell{item.subject, {}, item.subject}
                  << TableCell{item.verdict, {}, {}, -1, item.verdict == QLatin1String("moved") ? 2 : 0};
        if (isThere)
            row.cells << TableCell{QString::number(item.score, 'g', 3), item.score, {}} << value(item.before)
                      << value(item.after);
        else
            row.cells << TableCell{QStringLiteral("—")} << TableCell{QStringLiteral("—")}
                      << TableCell{QStringLiteral("—")};
        row.cells << (item.lagNs ? TableCell{(*item.lagNs < 0 ? QStringLiteral("-") : QStringLiteral("+"))
                              + fromText(humanDuration(std::abs(*item.lagNs))),
                          *item.lagNs, {}}
                                 : TableCell{QStringLiteral("—")});
        rows.push_back(std::move(row));
    }
    m_movedTable->setRows(std::move(rows));
}

void SeriesModel::askFold(qint64 id)
{
    m_foldId = id;
    const auto workspace = m_session->workspacePtr();
    const bool local = m_session->context()->isLocalTime();
    m_foldJob.start<FoldAnswer>(
        this, {}, [workspace, id, local](const Progress &) { return foldSeries(*workspace, id, local); },
        [this](Result<FoldAnswer> answer) {
            m_fold = answer ? std::move(*answer) : FoldAnswer();
            Q_EMIT foldChanged();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void SeriesModel::copyCsv(const QVector<qint64> &ids)
{
    const auto workspace = m_session->workspacePtr();
    const TimeRange window = m_session->context()->range().value_or(TimeRange());
    m_csvJob.start<QString>(
        this, {},
        [workspace, ids, window, measure = m_measure](
            const Progress &) { return laneCsv(*workspace, ids, window, measure); },
        [this](Result<QString> text) {
            if (text)
                Q_EMIT csvReady(*text);
            else
                Q_EMIT failed(fromText(text.error().toText()));
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

} // namespace tailscope::items
