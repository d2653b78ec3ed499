// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/timeslider.h"

#include "session/playback.h"
#include "session/session.h"
#include "widgets/base/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace tailscope::app {

using session::Playback;

namespace {

constexpr int kMargin = 8;
constexpr double kNear = 4; ///< pixels

bool isGap(const session::Marker &marker)
{
    return marker.endNs
        && (marker.kind == QLatin1String("gap") || marker.kind == QLatin1String("reconnect")
            || marker.kind == QLatin1String("failover"));
}

} // namespace

TimeSlider::TimeSlider(QWidget *parent)
    : QAbstractSlider(parent)
{
    setOrientation(Qt::Horizontal);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Moment shown"));
    setSingleStep(1);
    connect(this, &QAbstractSlider::valueChanged, this, [this](int seconds) {
        if (!m_taking && m_session)
            playback()->hold(saturatingAdd(playback()->recorded().begin, Nanos(seconds) * kNanosPerSecond));
    });
}

Playback *TimeSlider::playback() const { return m_session->playback(); }

void TimeSlider::setSession(session::Session *session)
{
    if (m_session) {
        m_session->disconnect(this);
        m_session->playback()->disconnect(this);
    }
    m_session = session;
    if (session) {
        connect(session->playback(), &Playback::momentChanged, this, &TimeSlider::follow);
        connect(session->playback(), &Playback::recordedChanged, this, &TimeSlider::follow);
        connect(session, &session::Session::markersChanged, this, [this] { update(); });
    }
    follow();
}

void TimeSlider::follow()
{
    if (m_session) {
        const TimeRange all = playback()->recorded();
        m_taking = true;
        setRange(0, int(std::min<Nanos>(all.length() / kNanosPerSecond, 1 << 30)));
        setPageStep(int(std::clamp<Nanos>(playback()->windowNs() / kNanosPerSecond, 1, 1 << 30)));
        if (playback()->moment() != kUnknownNanos)
            setValue(int((playback()->moment() - all.begin) / kNanosPerSecond));
        m_taking = false;
    }
    update();
}

int TimeSlider::gaps() const
{
    if (!m_session)
        return 0;
    const auto markers = m_session->markers();
    return int(std::count_if(markers.begin(), markers.end(), isGap));
}

int TimeSlider::ticks() const
{
    if (!m_session)
        return 0;
    const auto markers = m_session->markers();
    const TimeRange all = playback()->recorded();
    return int(std::count_if(markers.begin(), markers.end(), [&](const session::Marker &marker) {
        return !isGap(marker) && marker.tsNs >= all.begin && marker.tsNs <= all.end;
    }));
}

QSize TimeSlider::sizeHint() const { return {400, fontMetrics().height() + 10}; }
QSize TimeSlider::minimumSizeHint() const { return {120, fontMetrics().height() + 10}; }

double TimeSlider::xOf(Nanos ts) const
{
    const TimeRange all = playback()->recorded();
    return kMargin
        + double(std::clamp(ts, all.begin, all.end) - all.begin) / double(std::max<Nanos>(1, all.length()))
        * (width() - 2 * kMargin);
}

Nanos TimeSlider::timeAt(double x) const
{
    const TimeRange all = playback()->recorded();
    const double share = std::clamp((x - kMargin) / std::max(1, width() - 2 * kMargin), 0.0, 1.0);
    return all.begin + Nanos(share * double(all.length()));
}

void TimeSlider::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const widgets::Theme theme(palette());
    const QRectF groove(kMargin, 4, width() - 2 * kMargin, height() - 8);
    painter.setPen(theme.axis());
    painter.setBrush(theme.alternate());
    painter.drawRect(groove);
    if (!m_session || playback()->recorded().isEmpty())
        return;
    const auto markers = m_session->markers();
    const TimeRange all = playback()->recorded(), shown = playback()->shown();
    QColor window = theme.info();
    window.setAlpha(70);
    painter.fillRect(
        QRectF(QPointF(xOf(shown.begin), groove.top()), QPointF(xOf(shown.end), groove.bottom())), window);
    for (const session::Marker &marker : markers) {
        if (marker.tsNs > all.end || marker.endNs.value_or(marker.tsNs) < all.begin)
            continue;
        if (isGap(marker)) {
            const double from = xOf(marker.tsNs), to = std::max(from + 2, xOf(*marker.endNs));
            painter.fillRect(QRectF(QPointF(from, groove.top()), QPointF(to, groove.bottom())),
                QBrush(theme.warning(), Qt::BDiagPattern));
        } else {
            const bool isBad = marker.kind == QLatin1String("deadlock")
                || marker.kind == QLatin1String("restart") || marker.kind == QLatin1String("failover");
            painter.setPen(QPen(isBad ? theme.critical() : theme.mutedText(), 1));
            painter.drawLine(QPointF(xOf(marker.tsNs), groove.center().y()),
                QPointF(xOf(marker.tsNs), groove.bottom()));
        }
    }
    const double x = xOf(playback()->moment());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme.background(), 1));
    painter.setBrush(hasFocus() ? theme.info() : theme.text());
    painter.drawRoundedRect(QRectF(x - 3, 1, 6, height() - 2), 2, 2);
}

void TimeSlider::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton && m_session)
        playback()->hold(timeAt(event->position().x()));
}

void TimeSlider::mouseMoveEvent(QMouseEvent *event)
{
    if ((event->buttons() & Qt::LeftButton) && m_session)
        playback()->hold(timeAt(event->position().x()));
}

void TimeSlider::keyPressEvent(QKeyEvent *event)
{
    if (!m_session)
        return QAbstractSlider::keyPressEvent(event);
    if (event->key() == Qt::Key_Space) {
        if (playback()->mode() == Playback::Mode::Follow)
            playback()->hold(playback()->moment());
        else
            playback()->follow();
    } else if (event->key() == Qt::Key_End) {
        playback()->follow();
    } else {
        QAbstractSlider::keyPressEvent(event);
    }
}

QString TimeSlider::textAt(double x) const
{
    QStringList lines{m_session->context()->timeText(timeAt(x))};
    const auto markers = m_session->markers();
    for (const session::Marker &marker : markers) {
        const double from = xOf(marker.tsNs) - kNear, to = xOf(marker.endNs.value_or(marker.tsNs)) + kNear;
        if (x < from || x > to || lines.size() > 8)
            continue;
        lines << (marker.service.isEmpty()
                ? QStringLiteral("%1: %2").arg(marker.kind, marker.title)
                : QStringLiteral("%1 of %2: %3").arg(marker.kind, marker.service, marker.title));
    }
    return lines.join(QLatin1Char('\n'));
}

bool TimeSlider::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip && m_session && !playback()->recorded().isEmpty()) {
        const auto *help = static_cast<QHelpEvent *>(event);
        QToolTip::showText(help->globalPos(), textAt(help->pos().x()), this);
        return true;
    }
    return QAbstractSlider::event(event);
}

} // namespace tailscope::app
