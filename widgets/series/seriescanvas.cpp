// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/series/seriescanvas.h"

#include "base/text.h"
#include "items/liverefresh.h"
#include "items/seriestext.h"
#include "session/playback.h"

#include <QPainter>
#include <QScrollBar>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

SeriesCanvas::SeriesCanvas(items::SeriesModel *model, session::Session *session, QWidget *parent)
    : QAbstractScrollArea(parent)
    , m_model(model)
    , m_session(session)
{
    installCanvasAccessibility();
    setAccessibleName(tr("Lanes of the chosen series"));
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setMouseTracking(true);
    connect(model, &items::SeriesModel::lanesChanged, this, &SeriesCanvas::lanesArrived);
    connect(session->context(), &session::SessionContext::rangeChanged, this, [this] {
        m_isOwnWindow = false;
        follow();
    });
    connect(session->playback(), &session::Playback::momentChanged, this, &SeriesCanvas::follow);
    connect(session->context(), &session::SessionContext::timeDisplayChanged, viewport(),
        qOverload<>(&QWidget::update));
    connect(session, &session::Session::markersChanged, viewport(), qOverload<>(&QWidget::update));
    follow();
}

void SeriesCanvas::follow()
{
    if (m_isOwnWindow)
        return;
    TimeRange window = items::shownRange(*m_session).value_or(TimeRange());
    if (window.isEmpty())
        window = m_model->lanesRange();
    if (window.isEmpty())
        window = m_session->context()->fullRange();
    if (window.length() < 10)
        window.end = saturatingAdd(window.begin, kNanosPerSecond);
    m_window = window;
    tellWindow();
    viewport()->update();
}

void SeriesCanvas::lanesArrived()
{
    m_lane = std::clamp(m_lane, 0, std::max(0, int(m_model->lanes().size()) - 1));
    updateScroll();
    follow();
    viewport()->update();
    Q_EMIT readoutChanged(readout());
}

void SeriesCanvas::setWindow(TimeRange window)
{
    if (window.length() < 10)
        return;
    m_isOwnWindow = true;
    m_window = window;
    tellWindow();
    viewport()->update();
}

void SeriesCanvas::tellWindow()
{
    m_model->setWindow(m_window, std::max(50, viewport()->width() - 2 * kHeaderWidth));
}

void SeriesCanvas::zoomBy(double factor)
{
    TimeRange limits = m_model->lanesRange();
    if (limits.isEmpty())
        limits = m_window;
    const Nanos anchor = m_cursor.value_or(m_window.begin + m_window.length() / 2);
    setWindow(zoomed(m_window, anchor, factor, limits));
}

void SeriesCanvas::updateScroll()
{
    const int wanted = kTopHeight + int(m_model->lanes().size()) * kLaneHeight;
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(kLaneHeight / 2);
    verticalScrollBar()->setRange(0, std::max(0, wanted - viewport()->height()));
}

TimeScale SeriesCanvas::scale() const
{
    return {m_window, double(kHeaderWidth), double(std::max(1, viewport()->width() - 2 * kHeaderWidth))};
}

QRect SeriesCanvas::laneRect(int lane) const
{
    // Few lanes share the room there is; many scroll.
    const int n = std::max(1, int(m_model->lanes().size()));
    const int height = std::clamp((viewport()->height() - kTopHeight) / n, kLaneHeight, 2 * kLaneHeight);
    return {0, kTopHeight + lane * height - verticalScrollBar()->value(), viewport()->width(), height};
}

int SeriesCanvas::laneAt(const QPoint &at) const
{
    for (int i = 0; i < m_model->lanes().size(); ++i) {
        if (at.y() >= kTopHeight && laneRect(i).contains(at))
            return i;
    }
    return -1;
}

void SeriesCanvas::setCurrentLane(int lane)
{
    if (lane < 0 || lane >= m_model->lanes().size())
        return;
    m_lane = lane;
    const QRect rect = laneRect(lane);
    if (rect.bottom() > viewport()->height())
        verticalScrollBar()->setValue(verticalScrollBar()->value() + rect.bottom() - viewport()->height());
    if (rect.top() < kTopHeight)
        verticalScrollBar()->setValue(verticalScrollBar()->value() + rect.top() - kTopHeight);
    viewport()->update();
    Q_EMIT readoutChanged(readout());
    announceValue(this, readout());
}

void SeriesCanvas::setCursorTime(std::optional<Nanos> t)
{
    if (t == m_cursor)
        return;
    m_cursor = t;
    viewport()->update();
    Q_EMIT readoutChanged(readout());
}

QString SeriesCanvas::curveText(const items::Lane &lane, Nanos t) const
{
    QStringList parts;
    const Nanos near = std::max<Nanos>(Nanos(scale().nanosPerPixel() * 6), 1);
    for (const items::LaneCurve &curve : lane.curves) {
        const auto after = std::lower_bound(curve.points.begin(), curve.points.end(), t,
            [](const analysis::DecimatedPoint &point, Nanos at) { return point.ts < at; });
        const analysis::DecimatedPoint *best = nullptr;
        Nanos distance = std::max(near, curve.step);
        for (auto it = after == curve.points.begin() ? after : std::prev(after);
             it != curve.points.end() && it <= after; ++it) {
            const Nanos apart = it->ts > t ? saturatingSub(it->ts, t) : saturatingSub(t, it->ts);
            if (apart <= distance) {
                distance = apart;
                best = &*it;
            }
        }
        if (!best) {
            parts << tr("%1: no sample here").arg(curve.name);
            continue;
        }
        QString value = items::exactSeriesValue(best->last, lane.unit, lane.isRate);
        if (best->count > 1)
            value = tr("%1 to %2, last %3 (%4 samples)")
                        .arg(items::exactSeriesValue(best->min, lane.unit, lane.isRate),
                            items::exactSeriesValue(best->max, lane.unit, lane.isRate), value)
                        .arg(best->count);
        parts << (lane.curves.size() > 1 ? curve.name + QStringLiteral(": ") + value : value);
    }
    return parts.join(QStringLiteral(" · "));
}

QString SeriesCanvas::readout() const
{
    if (m_lane < 0 || m_lane >= m_model->lanes().size())
        return {};
    const items::Lane &lane = m_model->lanes()[m_lane];
    if (!m_cursor)
        return lane.spec.title;
    return tr("%1 at %2: %3")
        .arg(lane.spec.title, m_session->context()->timeText(*m_cursor), curveText(lane, *m_cursor));
}

QString SeriesCanvas::toolTipAt(const QPoint &at) const
{
    const Nanos t = scale().toTime(at.x());
    const Nanos near = Nanos(scale().nanosPerPixel() * 5);
    const auto line = [](const QString &text) { return text.toHtmlEscaped() + QStringLiteral("<br>"); };
    QString text;
    for (const session::Marker &marker : m_session->markers()) {
        if (std::abs(double(marker.tsNs) - double(t)) > double(near))
            continue;
        text += QStringLiteral("<b>%1</b><br>").arg(marker.kind.toHtmlEscaped())
            + line((marker.service + QLatin1Char(' ') + marker.title + QLatin1Char(' ') + marker.detail)
                       .trimmed())
            + line(m_session->context()->timeText(marker.tsNs));
    }
    const int at_lane = laneAt(at);
    if (at_lane < 0)
        return text;
    const items::Lane &lane = m_model->lanes()[at_lane];
    text += QStringLiteral("<b>%1</b><br>").arg(lane.spec.title.toHtmlEscaped());
    text += line(m_session->context()->timeText(t));
    for (const QString &part : curveText(lane, t).split(QStringLiteral(" · ")))
        text += line(part);
    for (const items::SeriesFound &found : lane.found) {
        const Nanos end = found.endNs > 0 ? found.endNs : found.startNs;
        if (t >= saturatingSub(found.startNs, near) && t <= saturatingAdd(end, near))
            text += line(found.text);
    }
    return text;
}

} // namespace tailscope::widgets
