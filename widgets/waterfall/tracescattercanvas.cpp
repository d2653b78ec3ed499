// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/waterfall/tracescattercanvas.h"

#include "base/text.h"
#include "widgets/base/theme.h"
#include "widgets/charts/plotscale.h"
#include "widgets/charts/readout.h"

#include <QEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

constexpr int kCell = 5; // pixels of a cell of the density
constexpr int kRightMargin = 12;

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

void paintCross(QPainter &painter, const QPointF &at, double size, const QColor &color)
{
    painter.setPen(QPen(color, 1.6));
    painter.drawLine(at + QPointF(-size, -size), at + QPointF(size, size));
    painter.drawLine(at + QPointF(-size, size), at + QPointF(size, -size));
}

} // namespace

TraceScatterCanvas::TraceScatterCanvas(items::TraceListModel *model, const session::SessionContext *context,
    QWidget *parent)
    : QWidget(parent)
    , m_model(model)
    , m_context(context)
{
    installCanvasAccessibility();
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Traces by start and duration"));
    setToolTip(tr("Drag to narrow to a range of time and duration. Enter or a double click opens a trace."));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    connect(model, &items::TraceListModel::scatterChanged, this, &TraceScatterCanvas::takeScatter);
    connect(context, &session::SessionContext::timeDisplayChanged, this, qOverload<>(&QWidget::update));
    takeScatter();
}

QSize TraceScatterCanvas::minimumSizeHint() const { return {220, fontMetrics().height() * 7}; }

bool TraceScatterCanvas::isEmpty() const { return !m_scatter || m_scatter->largest == 0; }

void TraceScatterCanvas::takeScatter()
{
    m_scatter = m_model->scatter();
    m_cursor.reset();
    m_anchor.reset();
    m_focusEnd.reset();
    buildImage();
    update();
}

void TraceScatterCanvas::setCurrentTrace(std::optional<qint64> id)
{
    if (m_current == id)
        return;
    m_current = id;
    update();
}

void TraceScatterCanvas::layOut()
{
    const QFontMetrics metrics(font());
    const int left = metrics.horizontalAdvance(QStringLiteral("000.0 ms")) + 14;
    m_axisTop = metrics.height() + 6;
    const int top
        = m_axisTop + (height() > metrics.height() * 10 ? 2 * metrics.height() + 10 : metrics.height() + 8);
    m_plot = QRect(QPoint(left, top),
        QPoint(std::max(left + 20, width() - kRightMargin), std::max(top + 20, height() - 6)));
    m_model->setScatterSize(m_plot.width() / kCell, m_plot.height() / kCell);
    buildImage();
}

QPoint TraceScatterCanvas::cellCenter(int column, int row) const
{
    return {m_plot.left() + int((column + 0.5) * m_plot.width() / std::max(1, m_scatter->columns)),
        m_plot.bottom() - int((row + 0.5) * m_plot.height() / std::max(1, m_scatter->rows))};
}

// Costs cells, whatever the number of traces; then a frame is one picture.
void TraceScatterCanvas::buildImage()
{
    m_image = {};
    if (isEmpty() || m_plot.isEmpty())
        return;
    const Theme theme(palette());
    const double ratio = devicePixelRatioF();
    m_image = QImage(m_plot.size() * ratio, QImage::Format_ARGB32_Premultiplied);
    m_image.setDevicePixelRatio(ratio);
    m_image.fill(Qt::transparent);
    QPainter painter(&m_image);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(-m_plot.topLeft());
    const double full = std::log1p(double(m_scatter->largest));
    for (const bool failed : {false, true}) { // crosses lie on top
        for (int column = 0; column < m_scatter->columns; ++column) {
            for (int row = 0; row < m_scatter->rows; ++row) {
                const auto &cell = m_scatter->at(column, row);
                if (cell.count == 0 || (cell.errors > 0) != failed)
                    continue;
                const double share = std::log1p(double(cell.count)) / full;
                const double size = 2.2 + 2.2 * (cell.count > 1 ? share : 0);
                const QPointF at = cellCenter(column, row);
                if (failed) {
                    paintCross(painter, at, size, theme.critical());
                } else {
                    QColor color = theme.series(0);
                    color.setAlphaF(float(0.45 + 0.55 * share));
                    painter.setPen(Qt::NoPen);
                    painter.setBrush(color);
                    painter.drawEllipse(at, size, size);
                }
            }
        }
    }
}

void TraceScatterCanvas::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Theme theme(palette());
    painter.fillRect(rect(), theme.background());
    painter.setFont(font());
    if (!isEmpty()) {
        paintLegend(painter, theme);
        paintAxes(painter, theme);
        if (!m_image.isNull())
            painter.drawImage(m_plot.topLeft(), m_image);
        paintMarks(painter, theme);
    }
    if (hasFocus()) {
        painter.setPen(theme.selectionBorder());
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void TraceScatterCanvas::paintLegend(QPainter &painter, const Theme &theme) const
{
    const QFontMetrics metrics = painter.fontMetrics();
    const int middle = 2 + metrics.height() / 2;
    painter.setPen(theme.text());
    QFont bold = font();
    bold.setBold(true);
    painter.setFont(bold);
    const QString title = tr("Traces by start and duration");
    painter.drawText(QPoint(8, 2 + metrics.ascent()), title);
    int x = 8 + QFontMetrics(bold).horizontalAdvance(title) + 20;
    painter.setFont(font());
    painter.setRenderHint(QPainter::Antialiasing);
    const auto entry = [&](bool failed, const QString &text) {
        if (x + 20 + metrics.horizontalAdvance(text) > width() - kRightMargin)
            return;
        if (failed) {
            paintCross(painter, QPointF(x + 4, middle), 3, theme.critical());
        } else {
            painter.setPen(Qt::NoPen);
            painter.setBrush(theme.series(0));
            painter.drawEllipse(QPointF(x + 4, middle), 3.5, 3.5);
        }
        painter.setPen(theme.text());
        painter.drawText(QPoint(x + 13, 2 + metrics.ascent()), text);
        x += 13 + metrics.horizontalAdvance(text) + 18;
    };
    entry(false,
        m_scatter->largest > 1 ? tr("1 to %1 traces a dot").arg(fromUtf8(groupedCount(m_scatter->largest)))
                               : tr("one trace"));
    entry(true, tr("with errors"));
    if (m_scatter->unknown > 0) {
        const QString text
            = tr("%1 of unknown duration are not drawn").arg(fromUtf8(groupedCount(m_scatter->unknown)));
        if (x + metrics.horizontalAdvance(text) < width() - kRightMargin)
            painter.drawText(QPoint(x, 2 + metrics.ascent()), text);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void TraceScatterCanvas::paintAxes(QPainter &painter, const Theme &theme) const
{
    const QFontMetrics metrics = painter.fontMetrics();
    paintTimeAxis(painter, QRect(m_plot.left(), m_axisTop, m_plot.width(), m_plot.top() - m_axisTop),
        TimeScale(m_scatter->range, m_plot.left(), m_plot.width()), *m_context);
    const int most = std::max(2, m_plot.height() / (metrics.height() * 2));
    const double low = double(m_scatter->low), high = double(m_scatter->high);
    for (const ValueTick &tick : spreadDurationTicks(low, high, most, true)) {
        const double share = std::log(tick.value / low) / std::log(high / low);
        const int y = m_plot.bottom() - int(std::lround(share * m_plot.height()));
        if (y < m_plot.top() || y > m_plot.bottom())
            continue;
        painter.setPen(theme.grid());
        painter.drawLine(m_plot.left(), y, m_plot.right(), y);
        painter.setPen(theme.text());
        painter.drawText(QRect(0, y - metrics.height() / 2, m_plot.left() - 6, metrics.height()),
            Qt::AlignRight | Qt::AlignVCenter, tick.label);
    }
    painter.setPen(theme.axis());
    painter.drawLine(m_plot.bottomLeft(), m_plot.bottomRight());
}

QRect TraceScatterCanvas::selectionRect() const
{
    if (m_press && m_dragged)
        return QRect(*m_press, *m_dragged).normalized().intersected(m_plot);
    if (!m_anchor || !m_focusEnd)
        return {};
    const QPoint half(kCell / 2 + 1, kCell / 2 + 1);
    const QRect both = QRect(cellCenter(m_anchor->first, m_anchor->second),
        cellCenter(m_focusEnd->first, m_focusEnd->second))
                           .normalized();
    return QRect(both.topLeft() - half, both.bottomRight() + half).intersected(m_plot);
}

void TraceScatterCanvas::paintMarks(QPainter &painter, const Theme &theme) const
{
    if (const QRect chosen = selectionRect(); !chosen.isEmpty()) {
        painter.fillRect(chosen, theme.selection());
        painter.setPen(theme.selectionBorder());
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(chosen);
    }
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(Qt::NoBrush);
    const auto table = m_model->table();
    const auto row = m_current ? m_model->rowOfId(*m_current) : std::nullopt;
    if (row && table && table->duration[m_model->entryAt(*row)] != kUnknownNanos) {
        const std::uint32_t entry = m_model->entryAt(*row);
        painter.setPen(QPen(theme.text(), 2));
        painter.drawEllipse(cellCenter(m_scatter->columnOf(table->start[entry]),
                                m_scatter->rowOf(table->duration[entry])),
            7, 7);
    }
    if (m_cursor) {
        const QPoint at = cellCenter(m_cursor->first, m_cursor->second);
        painter.setPen(QPen(theme.selectionBorder(), 1.5));
        painter.drawEllipse(at, 5, 5);
        painter.setRenderHint(QPainter::Antialiasing, false);
        if (hasFocus() || underMouse())
            paintReadout(painter, m_plot, at, readoutLines(), theme);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void TraceScatterCanvas::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    layOut();
}

void TraceScatterCanvas::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        layOut();
    if (event->type() == QEvent::PaletteChange) {
        buildImage();
        update();
    }
}

} // namespace tailscope::widgets
