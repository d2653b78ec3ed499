// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/plotcanvas.h"

#include "session/sessioncontext.h"
#include "widgets/base/theme.h"
#include "widgets/charts/readout.h"

#include <QtCharts/QCategoryAxis>
#include <QtCharts/QChart>
#include <QtCharts/QLegend>
#include <QtCharts/QLineSeries>

#include <QEvent>
#include <QGraphicsLayout>
#include <QPaintEngine>
#include <QPaintEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

// Qt Charts takes one graphics item a run: past this many the painter draws the rest itself.
constexpr int kMaxChartLines = 48;
constexpr int kDot = 5;

/// QCategoryAxis refuses equal labels (midnight comes every day); invisible letters tell them apart.
QString uniqueLabel(const QString &label, const QStringList &taken)
{
    QString unique = label;
    while (taken.contains(unique))
        unique += QChar(0x200b);
    return unique;
}

QAbstractAxis *newAxis(const PlotScale &scale, const QVector<ValueTick> &ticks, bool labels)
{
    auto *axis = new QCategoryAxis;
    axis->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
    const double low = scale.toPlot(scale.low()), high = scale.toPlot(scale.high());
    axis->setStartValue(low - (high - low));
    for (const ValueTick &tick : ticks)
        axis->append(uniqueLabel(tick.label, axis->categoriesLabels()), scale.toPlot(tick.value));
    axis->setRange(low, high);
    axis->setLabelsVisible(labels);
    axis->setTruncateLabels(false);
    return axis;
}

} // namespace

PlotCanvas::PlotCanvas(const session::SessionContext *context, QWidget *parent)
    : QChartView(parent)
    , m_context(context)
    , m_chart(new QChart)
{
    installCanvasAccessibility();
    m_chart->setAnimationOptions(QChart::NoAnimation);
    m_chart->setMargins(QMargins(0, 0, 0, 0));
    m_chart->setBackgroundRoundness(0);
    m_chart->legend()->hide();
    m_chart->setDropShadowEnabled(false);
    setChart(m_chart);
    setRenderHint(QPainter::Antialiasing);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setContextMenuPolicy(Qt::NoContextMenu);
    if (m_context)
        connect(m_context, &session::SessionContext::timeDisplayChanged, this, &PlotCanvas::rebuild);
    rebuild();
}

void PlotCanvas::setContent(PlotContent content)
{
    m_content = std::move(content);
    setAccessibleName(m_content.title);
    m_anchor.reset();
    m_focusEnd.reset();
    m_dragging = false;
    m_pressPixel.reset();
    rebuild();
}

void PlotCanvas::rebuild()
{
    m_dirty = true;
    fitScales();
    viewport()->update();
    updateGeometry();
}

void PlotCanvas::fitScales()
{
    m_x = PlotScale(m_content.x, m_context);
    m_y = PlotScale(m_content.y, m_context);
    double lowX = std::nan(""), highX = lowX, lowY = lowX, highY = lowX;
    const bool skipZero = m_content.y.logarithmic;
    for (const PlotSeries &series : m_content.series) {
        if (!series.x.empty()) {
            lowX = std::fmin(lowX, series.x.front());
            highX = std::fmax(highX, series.x.back());
        }
        for (const double y : series.y) {
            if (!std::isfinite(y) || (skipZero && y <= 0))
                continue;
            lowY = std::fmin(lowY, y);
            highY = std::fmax(highY, y);
        }
    }
    m_x.fit(lowX, highX);
    m_y.fit(lowY, highY);
}

void PlotCanvas::setLeftMargin(int pixels)
{
    if (m_leftMargin == pixels)
        return;
    m_leftMargin = pixels;
    m_dirty = true;
    viewport()->update();
}

int PlotCanvas::wantedLeftMargin() const
{
    const QFontMetrics metrics(font());
    int widest = metrics.horizontalAdvance(QStringLiteral("000 ms"));
    for (const ValueTick &tick : m_y.ticks(std::max(60, m_plot.height()), metrics, false))
        widest = std::max(widest, metrics.horizontalAdvance(tick.label));
    return widest + 14;
}

QSize PlotCanvas::minimumSizeHint() const { return {160, fontMetrics().height() * 5}; }

QRect PlotCanvas::plotRect() const { return m_plot; }

void PlotCanvas::layOut()
{
    const QFontMetrics metrics(font());
    const int left = std::max(m_leftMargin, wantedLeftMargin());
    const int right = width() - 14;
    m_labels.clear();
    m_plot = QRect(QPoint(left, 0), QPoint(std::max(left + 1, right), std::max(1, height() - 1)));
    for (const PlotMark &mark : m_content.marks) {
        const double x = m_x.toPlot(mark.x);
        if (x >= m_x.toPlot(m_x.low()) && x <= m_x.toPlot(m_x.high()))
            m_labels.append({pixelOf(mark.x), mark.label, mark.weak});
    }
    const int rowHeight = stackedRowHeight(metrics);
    const int maxRows = std::clamp((height() - 90) / (3 * rowHeight), 1, 6);
    m_labelRows = stackLabels(m_labels, left, right, maxRows, metrics);
    m_legendLines = legendLines(font(), width() - 16, m_content.title, legendEntries());
    const int header = m_content.title.isEmpty() ? 6 : m_legendLines * legendHeight(metrics) + 2;
    const int footer = m_content.labelsX ? metrics.height() + 14 : 8;
    const int top = header + m_labelRows * rowHeight;
    m_plot.setTop(top);
    m_plot.setBottom(std::max(top + 1, height() - footer));
}

void PlotCanvas::buildAxes()
{
    for (QLineSeries *line : std::as_const(m_lines)) {
        const auto axes = line->attachedAxes();
        for (QAbstractAxis *axis : axes)
            line->detachAxis(axis);
    }
    const auto old = m_chart->axes();
    for (QAbstractAxis *axis : old) {
        // Qt Charts deletes what an axis drew later: until then it would stand below the new one.
        axis->setVisible(false);
        m_chart->removeAxis(axis);
        delete axis;
    }
    const QFontMetrics metrics(font());
    m_chart->addAxis(newAxis(m_x, m_x.ticks(m_plot.width(), metrics, true), m_content.labelsX),
        Qt::AlignBottom);
    m_chart->addAxis(newAxis(m_y, m_y.ticks(m_plot.height(), metrics, false), true), Qt::AlignLeft);
}

void PlotCanvas::buildLines()
{
    const Theme theme(palette());
    m_runs.clear();
    int used = 0;
    for (const PlotSeries &series : m_content.series) {
        m_runs.push_back(plotRuns(series, m_x, m_y, m_plot.width()));
        std::vector<PlotRun> painted;
        for (PlotRun &run : m_runs.back().runs) {
            // Areas are painted below their lines, not by Qt Charts.
            if (run.weak || series.filled || used == kMaxChartLines) {
                painted.push_back(std::move(run));
                continue;
            }
            if (used == m_lines.size()) {
                m_lines.append(new QLineSeries);
                m_chart->addSeries(m_lines.last());
            }
            QLineSeries *line = m_lines.at(used++);
            line->setPen(QPen(theme.series(series.colorIndex), 1.8, series.pen, Qt::FlatCap, Qt::RoundJoin));
            line->replace(run.points);
        }
        m_runs.back().runs = std::move(painted);
    }
    const auto axes = m_chart->axes();
    for (int i = 0; i < m_lines.size(); ++i) {
        m_lines[i]->setVisible(i < used);
        if (i >= used)
            m_lines[i]->clear();
        for (QAbstractAxis *axis : axes)
            m_lines[i]->attachAxis(axis);
    }
    if (m_lines.isEmpty()) { // axes without a series are not laid out
        m_lines.append(new QLineSeries);
        m_chart->addSeries(m_lines.last());
        for (QAbstractAxis *axis : axes)
            m_lines.last()->attachAxis(axis);
    }
}

void PlotCanvas::applyPalette()
{
    const Theme theme(palette());
    m_chart->setBackgroundBrush(theme.background());
    m_chart->setBackgroundPen(Qt::NoPen);
    m_chart->setPlotAreaBackgroundVisible(false);
    setBackgroundBrush(theme.background());
    const auto axes = m_chart->axes();
    for (QAbstractAxis *axis : axes) {
        axis->setLabelsColor(theme.text());
        axis->setLabelsFont(font());
        axis->setGridLinePen(QPen(theme.grid(), 1));
        axis->setLinePen(QPen(theme.axis(), 1));
        axis->setShadesVisible(false);
    }
}

void PlotCanvas::paintChart(QPainter &painter)
{
    if (m_dirty) {
        m_dirty = false;
        layOut();
        buildAxes();
        buildLines();
        applyPalette();
        m_chart->resize(QSizeF(size()));
        m_chart->setPlotArea(QRectF(m_plot));
        // New axes are laid out by a posted event: too late for a picture that is kept.
        if (QGraphicsLayout *layout = m_chart->layout())
            layout->activate();
        scene()->setSceneRect(QRectF(QPointF(0, 0), QSizeF(size())));
    }
    const Theme theme(palette());
    painter.fillRect(rect(), theme.background());
    painter.setFont(font());
    painter.setRenderHint(QPainter::Antialiasing);
    scene()->render(&painter, QRectF(rect()), QRectF(rect()));
    paintHeader(painter);
    paintAreas(painter);
    paintDots(painter);
    paintStackedLabels(painter, m_labels,
        m_plot.top() - m_labelRows * stackedRowHeight(painter.fontMetrics()), m_plot.bottom(), theme);
    painter.setRenderHint(QPainter::Antialiasing);
    for (const PlotMark &mark : std::as_const(m_content.marks)) {
        if (!mark.y || !m_plot.contains(int(pixelOf(mark.x)), int(pixelOfY(*mark.y))))
            continue;
        painter.setPen(QPen(theme.background(), 1.5));
        painter.setBrush(mark.weak ? theme.mutedText() : theme.text());
        painter.drawEllipse(QPointF(pixelOf(mark.x), pixelOfY(*mark.y)), 4, 4);
    }
}

QVector<LegendEntry> PlotCanvas::legendEntries() const
{
    const Theme theme(palette());
    QVector<LegendEntry> entries;
    bool anyWeak = false;
    for (const PlotSeries &series : m_content.series) {
        anyWeak = anyWeak || std::find(series.weak.begin(), series.weak.end(), 1) != series.weak.end();
        entries.append({LegendEntry::Mark::Line, series.name, theme.series(series.colorIndex), series.pen});
    }
    if (anyWeak)
        entries.append({LegendEntry::Mark::Ring, m_content.weakText, theme.mutedText(), Qt::SolidLine});
    return entries;
}

void PlotCanvas::paintHeader(QPainter &painter) const
{
    if (m_content.title.isEmpty())
        return;
    paintLegend(painter, QRect(8, 1, width() - 16, legendHeight(painter.fontMetrics())), m_content.title,
        legendEntries(), Theme(palette()), m_legendLines);
}

/// From the highest sum to the lowest: what a lower one covers is its own.
void PlotCanvas::paintAreas(QPainter &painter) const
{
    const Theme theme(palette());
    painter.save();
    painter.setClipRect(m_plot);
    for (std::size_t i = m_runs.size(); i-- > 0;) {
        if (!m_content.series[i].filled)
            continue;
        const QColor color = theme.series(m_content.series[i].colorIndex), ground = theme.background();
        const auto mix = [](int a, int b) { return (2 * a + 3 * b) / 5; };
        painter.setPen(Qt::NoPen);
        painter.setBrush(QColor(mix(color.red(), ground.red()), mix(color.green(), ground.green()),
            mix(color.blue(), ground.blue())));
        for (const PlotRun &run : m_runs[i].runs) {
            QPolygonF area;
            for (const QPointF &point : run.points)
                area << QPointF(pixelOf(m_x.fromPlot(point.x())), pixelOfY(m_y.fromPlot(point.y())));
            area << QPointF(area.last().x(), m_plot.bottom()) << QPointF(area.first().x(), m_plot.bottom());
            painter.drawPolygon(area);
        }
    }
    painter.restore();
}

void PlotCanvas::paintDots(QPainter &painter) const
{
    const Theme theme(palette());
    painter.save();
    painter.setClipRect(m_plot.adjusted(-kDot, -kDot, kDot, kDot));
    const auto toPixel = [this](const QPointF &place) {
        return QPointF(pixelOf(m_x.fromPlot(place.x())), pixelOfY(m_y.fromPlot(place.y())));
    };
    for (std::size_t i = 0; i < m_runs.size(); ++i) {
        const QColor color = theme.series(m_content.series[i].colorIndex);
        for (const PlotRun &run : m_runs[i].runs) {
            QPolygonF line;
            for (const QPointF &point : run.points)
                line << toPixel(point);
            painter.setPen(
                run.weak ? QPen(theme.axis(), 1, Qt::DotLine) : QPen(color, 1.8, m_content.series[i].pen));
            painter.drawPolyline(line);
        }
        for (const PlotDot &dot : m_runs[i].dots) {
            painter.setPen(QPen(dot.weak ? theme.mutedText() : color, 1.4));
            painter.setBrush(dot.weak ? theme.background() : color);
            painter.drawEllipse(toPixel(dot.place), kDot / 2.0, kDot / 2.0);
        }
    }
    painter.restore();
}

void PlotCanvas::paintOverlay(QPainter &painter) const
{
    const Theme theme(palette());
    if (const auto chosen = selection()) {
        const double left = std::clamp(pixelOf(chosen->first), double(m_plot.left()), double(m_plot.right()));
        const double right
            = std::clamp(pixelOf(chosen->second), double(m_plot.left()), double(m_plot.right()));
        painter.fillRect(QRectF(left, m_plot.top(), std::max(1.0, right - left), m_plot.height()),
            theme.selection());
        painter.setPen(theme.selectionBorder());
        painter.drawLine(QPointF(left, m_plot.top()), QPointF(left, m_plot.bottom()));
        painter.drawLine(QPointF(right, m_plot.top()), QPointF(right, m_plot.bottom()));
    }
    if (m_cursor) {
        const int x = int(std::lround(pixelOf(*m_cursor)));
        if (x >= m_plot.left() && x <= m_plot.right()) {
            painter.setPen(QPen(theme.text(), 1, Qt::DotLine));
            painter.drawLine(x, m_plot.top(), x, m_plot.bottom());
            // Where the mouse or the focus is, not in the plots that only follow.
            if (underMouse() || hasFocus())
                paintReadout(painter, m_plot, QPoint(x, m_plot.center().y()), readoutLines(*m_cursor), theme);
        }
    }
    if (hasFocus()) {
        painter.setPen(QPen(theme.selectionBorder(), 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void PlotCanvas::paintEvent(QPaintEvent *event)
{
    QPainter painter(viewport());
    if (painter.paintEngine()->type() != QPaintEngine::Raster) {
        paintChart(painter);
        paintOverlay(painter);
        return;
    }
    const double ratio = viewport()->devicePixelRatioF();
    const QSize wanted = (QSizeF(size()) * ratio).toSize();
    if (m_dirty || m_cache.size() != wanted) {
        m_dirty = true;
        m_cache = QPixmap(wanted);
        m_cache.setDevicePixelRatio(ratio);
        QPainter cached(&m_cache);
        paintChart(cached);
    }
    painter.drawPixmap(0, 0, m_cache);
    painter.setClipRect(event->rect());
    paintOverlay(painter);
}

void PlotCanvas::resizeEvent(QResizeEvent *event)
{
    QChartView::resizeEvent(event);
    m_dirty = true;
}

void PlotCanvas::changeEvent(QEvent *event)
{
    QChartView::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange
        || event->type() == QEvent::StyleChange) {
        m_dirty = true;
        viewport()->update();
    }
}

double PlotCanvas::pixelOf(double x) const
{
    const double low = m_x.toPlot(m_x.low()), high = m_x.toPlot(m_x.high());
    return m_plot.left() + (m_x.toPlot(x) - low) / std::max(1e-300, high - low) * m_plot.width();
}

double PlotCanvas::pixelOfY(double y) const
{
    const double low = m_y.toPlot(m_y.low()), high = m_y.toPlot(m_y.high());
    return m_plot.top() + (1 - (m_y.toPlot(y) - low) / std::max(1e-300, high - low)) * m_plot.height();
}

double PlotCanvas::xAt(double pixel) const
{
    const double low = m_x.toPlot(m_x.low()), high = m_x.toPlot(m_x.high());
    const double share = std::clamp((pixel - m_plot.left()) / std::max(1, m_plot.width()), 0.0, 1.0);
    return m_x.fromPlot(low + share * (high - low));
}

std::optional<std::pair<double, double>> PlotCanvas::selection() const
{
    if (!m_anchor || !m_focusEnd || *m_anchor == *m_focusEnd)
        return std::nullopt;
    return std::minmax(*m_anchor, *m_focusEnd);
}

} // namespace tailscope::widgets
