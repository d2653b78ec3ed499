// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/waterfall/tracecomparecanvas.h"

#include "base/text.h"

#include <QApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

using analysis::kNoRow;
using analysis::TraceDiffRow;

namespace {

constexpr double kZoomStep = 1.25;
constexpr double kPanStep = 0.12;
constexpr double kNotch = 120.0;
constexpr int kPaneGap = 8;

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString deltaText(Nanos delta)
{
    if (delta == kUnknownNanos)
        return TraceCompareCanvas::tr("unknown");
    return (delta < 0 ? QStringLiteral("−") : QStringLiteral("+"))
        + fromUtf8(humanDuration(delta < 0 ? -delta : delta));
}

} // namespace

TraceCompareCanvas::TraceCompareCanvas(items::TraceDiffModel *model, QWidget *parent)
    : QWidget(parent)
    , m_model(model)
    , m_scrollBar(new QScrollBar(Qt::Vertical, this))
    , m_theme(palette())
{
    installCanvasAccessibility();
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Two traces side by side"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    m_scrollBar->setFocusPolicy(Qt::NoFocus);
    connect(m_scrollBar, &QScrollBar::valueChanged, this, [this](int value) {
        m_scroll = value;
        update();
    });
    connect(model, &items::TraceDiffModel::pairChanged, this, &TraceCompareCanvas::takePair);
    takePair();
}

int TraceCompareCanvas::rowCount() const
{
    return m_model->pair() ? int(m_model->pair()->diff.rows.size()) : 0;
}

const TraceDiffRow &TraceCompareCanvas::row(int index) const
{
    return m_model->pair()->diff.rows[std::size_t(index)];
}

void TraceCompareCanvas::takePair()
{
    m_rowHeight = fontMetrics().height() + 6;
    m_deepest = 0;
    for (int i = 0; i < rowCount(); ++i)
        m_deepest = std::max(m_deepest, row(i).depth);
    m_current = rowCount() > 0 ? 0 : -1;
    m_hover = -1;
    m_window = limits();
    updateScrollBar();
    setCurrentRow(m_current);
    update();
}

TimeRange TraceCompareCanvas::limits() const
{
    Nanos longest = 1;
    if (const auto pair = m_model->pair()) {
        for (const auto *trace : {pair->a.get(), pair->b.get()}) {
            const Nanos request = trace->request();
            longest
                = std::max(longest, request > 0 ? request : saturatingSub(trace->spans.end, trace->begin()));
        }
    }
    return {-(longest / 50) - 1, saturatingAdd(longest, longest / 6 + 1)};
}

void TraceCompareCanvas::setWindow(TimeRange window)
{
    const TimeRange most = limits();
    const Nanos length
        = std::clamp<Nanos>(window.length(), std::min<Nanos>(10, most.length()), most.length());
    const Nanos begin = std::clamp(window.begin, most.begin, most.end - length);
    m_window = {begin, begin + length};
    update();
}

int TraceCompareCanvas::namesWidth() const { return std::clamp(width() * 28 / 100, 110, 420); }

QRect TraceCompareCanvas::pane(bool isB) const
{
    const int bar = m_scrollBar->sizeHint().width();
    const int room = std::max(40, width() - namesWidth() - bar - 2 * kPaneGap);
    const int wide = room / 2;
    return {namesWidth() + kPaneGap / 2 + (isB ? wide + kPaneGap : 0), 0, wide, height()};
}

QRect TraceCompareCanvas::rowsRect() const
{
    const int top = 2 * fontMetrics().height() + 10;
    return {0, top, width() - m_scrollBar->sizeHint().width(), std::max(0, height() - top)};
}

QRect TraceCompareCanvas::rowRect(int index) const
{
    return {0, rowsRect().top() + index * m_rowHeight - m_scroll, rowsRect().width(), m_rowHeight};
}

int TraceCompareCanvas::rowAt(int y) const
{
    const int index = y < rowsRect().top() ? -1 : (y - rowsRect().top() + m_scroll) / m_rowHeight;
    return index < rowCount() ? index : -1;
}

int TraceCompareCanvas::indentOf(std::uint32_t depth) const
{
    return 6 + int(std::min(14.0, namesWidth() * 0.4 / std::max(1U, m_deepest)) * depth);
}

TimeScale TraceCompareCanvas::scale(bool isB) const
{
    return {m_window, double(pane(isB).left()), double(pane(isB).width())};
}

QRect TraceCompareCanvas::barRect(int index, bool isB) const
{
    const std::uint32_t span = isB ? row(index).b : row(index).a;
    if (span == kNoRow)
        return {};
    const auto &trace = isB ? *m_model->pair()->b : *m_model->pair()->a;
    const TimeScale time = scale(isB);
    const QRect area = pane(isB), line = rowRect(index);
    const auto x = [&](Nanos t) {
        return std::clamp(time.toX(saturatingSub(t, trace.begin())), area.left() - 40.0, area.right() + 40.0);
    };
    const int left = int(std::floor(x(trace.spans.start[span])));
    const int right = int(std::ceil(x(trace.spans.endOf(span))));
    return {left, line.top() + 3, std::max(2, right - left), line.height() - 6};
}

QStringList TraceCompareCanvas::lines(int index) const
{
    const TraceDiffRow &line = row(index);
    QStringList texts{m_model->nameOf(std::uint32_t(index))};
    const auto side = [](const char *name, Nanos total, Nanos self) {
        return tr("%1: %2, own %3")
            .arg(QString::fromLatin1(name), fromUtf8(exactDuration(total)), fromUtf8(humanDuration(self)));
    };
    texts << (line.a == kNoRow ? tr("not in A") : side("A", line.totalA, line.selfA))
          << (line.b == kNoRow ? tr("not in B") : side("B", line.totalB, line.selfB));
    if (line.isBoth())
        texts << tr("B − A: %1, own %2").arg(deltaText(line.totalDelta()), deltaText(line.selfDelta()));
    if (line.criticalA != line.criticalB)
        texts << tr("on the critical path: %1").arg(deltaText(saturatingSub(line.criticalB, line.criticalA)));
    return texts;
}

QString TraceCompareCanvas::accessibleValue() const
{
    return m_current < 0 || m_current >= rowCount() ? QString() : lines(m_current).join(QStringLiteral(", "));
}

void TraceCompareCanvas::setCurrentRow(int index)
{
    if (index < 0 || index >= rowCount())
        return;
    m_current = index;
    const int top = index * m_rowHeight, high = rowsRect().height();
    if (top < m_scroll)
        m_scrollBar->setValue(top);
    else if (top + m_rowHeight > m_scroll + high)
        m_scrollBar->setValue(top + m_rowHeight - high);
    update();
    announceValue(this, TraceCompareCanvas::accessibleValue());
}

void TraceCompareCanvas::choose(int index)
{
    setCurrentRow(index);
    if (m_current >= 0)
        Q_EMIT rowChosen(m_current);
}

void TraceCompareCanvas::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.background());
    if (m_model->pair()) {
        painter.save();
        painter.setClipRect(rowsRect());
        const int last = std::min(rowCount() - 1, (m_scroll + rowsRect().height()) / m_rowHeight);
        const int first = std::max(0, m_scroll / m_rowHeight);
        for (int i = first; i <= last; ++i)
            paintGround(painter, i);
        painter.restore();
        paintRuler(painter, false); // its lines lie under the bars
        paintRuler(painter, true);
        painter.save();
        painter.setClipRect(rowsRect());
        for (int i = first; i <= last; ++i)
            paintRow(painter, i);
        painter.restore();
    }
    if (hasFocus()) {
        painter.setPen(m_theme.selectionBorder());
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void TraceCompareCanvas::paintRuler(QPainter &painter, bool isB) const
{
    const QRect area = pane(isB);
    const QFontMetrics metrics = painter.fontMetrics();
    const auto &trace = isB ? *m_model->pair()->b : *m_model->pair()->a;
    QFont bold = font();
    bold.setBold(true);
    painter.setFont(bold);
    painter.setPen(m_theme.text());
    const QString title = (isB ? tr("B  %1") : tr("A  %1")).arg(fromUtf8(humanDuration(trace.request())));
    painter.drawText(QRect(area.left(), 2, area.width(), metrics.height()), Qt::AlignLeft, title);
    painter.setFont(font());
    const TimeScale time = scale(isB);
    const int base = rowsRect().top() - 1;
    int lastRight = area.left() - 100;
    for (const TimeScale::Tick &tick : time.ticks(80, false, false, 0)) {
        const int x = int(std::lround(time.toX(tick.t)));
        painter.setPen(m_theme.grid());
        painter.drawLine(x, base, x, height());
        const int wide = metrics.horizontalAdvance(tick.label);
        const int left = std::clamp(x - wide / 2, area.left(), std::max(area.left(), area.right() - wide));
        if (left < lastRight + 6)
            continue;
        painter.setPen(m_theme.text());
        painter.drawText(QPoint(left, metrics.height() + 4 + metrics.ascent()), tick.label);
        lastRight = left + wide;
    }
    painter.setPen(m_theme.axis());
    painter.drawLine(area.left(), base, area.right(), base);
    painter.drawLine(area.left() - kPaneGap / 2, 0, area.left() - kPaneGap / 2, height());
}

void TraceCompareCanvas::paintGround(QPainter &painter, int index) const
{
    const QRect line = rowRect(index);
    if (index % 2 == 1)
        painter.fillRect(line, m_theme.alternate());
    if (index == m_current)
        painter.fillRect(line, m_theme.selection());
    else if (index == m_hover)
        painter.fillRect(line, m_theme.hover());
}

void TraceCompareCanvas::paintRow(QPainter &painter, int index) const
{
    const QRect line = rowRect(index);
    const TraceDiffRow &shown = row(index);
    int x = indentOf(shown.depth);
    const auto &trace = shown.b != kNoRow ? *m_model->pair()->b : *m_model->pair()->a;
    const std::uint32_t span = shown.b != kNoRow ? shown.b : shown.a;
    painter.fillRect(QRect(x, line.top() + 4, 4, line.height() - 8),
        m_theme.forName(trace.serviceName(span)));
    x += 8;
    const int room = std::max(0, namesWidth() - x - 4);
    QFont face = font();
    face.setItalic(!shown.isBoth());
    painter.setFont(face);
    painter.setPen(m_theme.text());
    painter.drawText(QRect(x, line.top(), room, line.height()), Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetrics(face).elidedText(m_model->nameOf(std::uint32_t(index)).left(300), Qt::ElideRight, room));
    painter.setFont(font());
    paintSide(painter, index, false);
    paintSide(painter, index, true);
}

void TraceCompareCanvas::paintSide(QPainter &painter, int index, bool isB) const
{
    const QRect area = pane(isB), line = rowRect(index);
    const TraceDiffRow &shown = row(index);
    painter.save();
    painter.setClipRect(QRect(area.left(), line.top(), area.width(), line.height()).intersected(rowsRect()));
    const std::uint32_t span = isB ? shown.b : shown.a;
    if (span == kNoRow) {
        painter.setPen(m_theme.mutedText());
        painter.drawText(QRect(area.left() + 4, line.top(), area.width() - 8, line.height()),
            Qt::AlignLeft | Qt::AlignVCenter, isB ? tr("– only in A") : tr("– only in B"));
        painter.restore();
        return;
    }
    const auto &trace = isB ? *m_model->pair()->b : *m_model->pair()->a;
    const QColor color = m_theme.forName(trace.serviceName(span));
    const QRect bar = barRect(index, isB);
    painter.fillRect(bar, color);
    if ((isB ? shown.criticalB : shown.criticalA) > 0)
        painter.fillRect(QRect(bar.left(), bar.bottom() - 1, bar.width(), 3), m_theme.text());
    if (trace.isError(span)) {
        painter.setPen(QPen(m_theme.critical(), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(bar.adjusted(0, 0, -1, -1));
    }
    QString text = fromUtf8(humanDuration(isB ? shown.totalB : shown.totalA));
    if (isB && shown.isBoth() && shown.totalDelta() != 0)
        text += QStringLiteral("  (%1)").arg(deltaText(shown.totalDelta()));
    const int wide = painter.fontMetrics().horizontalAdvance(text);
    const bool fitsRight = bar.right() + 6 + wide <= area.right();
    const int left = fitsRight                 ? bar.right() + 6
        : bar.left() - 6 - wide >= area.left() ? bar.left() - 6 - wide
                                               : std::max(bar.left(), area.left()) + 4;
    const QRect place(left, line.top(), wide + 2, line.height());
    const bool isOver = place.intersects(bar);
    if (isOver)
        painter.fillRect(place.adjusted(-2, 4, 2, -4), m_theme.background());
    painter.setPen(m_theme.text());
    painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter, text);
    painter.restore();
}

void TraceCompareCanvas::updateScrollBar()
{
    const QRect area = rowsRect();
    const int bar = m_scrollBar->sizeHint().width();
    m_scrollBar->setGeometry(width() - bar, area.top(), bar, area.height());
    m_scrollBar->setPageStep(area.height());
    m_scrollBar->setSingleStep(m_rowHeight);
    m_scrollBar->setRange(0, std::max(0, rowCount() * m_rowHeight - area.height()));
    m_scroll = m_scrollBar->value();
}

void TraceCompareCanvas::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    updateScrollBar();
}

void TraceCompareCanvas::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange) {
        m_theme = Theme(palette());
        m_rowHeight = fontMetrics().height() + 6;
        updateScrollBar();
        update();
    }
}

bool TraceCompareCanvas::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const int index = rowAt(help->pos().y());
        if (index < 0)
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos(),
                QStringLiteral("<p style='white-space:pre-wrap'>")
                    + lines(index).join(QLatin1Char('\n')).toHtmlEscaped() + QStringLiteral("</p>"),
                this);
        return true;
    }
    return QWidget::event(event);
}

void TraceCompareCanvas::mousePressEvent(QMouseEvent *event)
{
    const int index = rowAt(event->position().toPoint().y());
    if (event->button() == Qt::LeftButton && index >= 0)
        choose(index);
}

void TraceCompareCanvas::mouseMoveEvent(QMouseEvent *event)
{
    const int index = rowAt(event->position().toPoint().y());
    if (index == m_hover)
        return;
    m_hover = index;
    update();
    Q_EMIT hovered(index < 0 ? QString() : lines(index).join(QStringLiteral(" · ")));
}

void TraceCompareCanvas::wheelEvent(QWheelEvent *event)
{
    const QPoint angle = event->angleDelta();
    if (event->modifiers() & Qt::ControlModifier) {
        const bool isB = event->position().x() >= pane(true).left();
        setWindow(zoomed(m_window, scale(isB).toTime(event->position().x()),
            std::pow(kZoomStep, -angle.y() / kNotch), limits()));
    } else if ((event->modifiers() & Qt::ShiftModifier) || std::abs(angle.x()) > std::abs(angle.y())) {
        setWindow(panned(m_window, -0.1 * (angle.x() != 0 ? angle.x() : angle.y()) / kNotch, limits()));
    } else {
        m_scrollBar->setValue(
            m_scroll - int(std::lround(angle.y() / kNotch * QApplication::wheelScrollLines() * m_rowHeight)));
    }
    event->accept();
}

void TraceCompareCanvas::keyPressEvent(QKeyEvent *event)
{
    const bool isPlain = !(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier));
    const bool isMenu = event->key() == Qt::Key_Menu
        || (event->key() == Qt::Key_F10 && (event->modifiers() & Qt::ShiftModifier));
    const int page = std::max(1, rowsRect().height() / m_rowHeight - 1), last = rowCount() - 1;
    const Nanos middle = m_window.begin + m_window.length() / 2;
    if (isMenu) {
        Q_EMIT menuRequested(mapToGlobal(rowRect(std::max(0, m_current)).center()));
        return;
    }
    if (!isPlain || rowCount() == 0)
        return QWidget::keyPressEvent(event);
    switch (event->key()) {
    case Qt::Key_Up:
        return choose(std::max(0, m_current - 1));
    case Qt::Key_Down:
        return choose(std::min(last, m_current + 1));
    case Qt::Key_PageUp:
        return choose(std::max(0, m_current - page));
    case Qt::Key_PageDown:
        return choose(std::min(last, m_current + page));
    case Qt::Key_Home:
        return choose(0);
    case Qt::Key_End:
        return choose(last);
    case Qt::Key_Return:
    case Qt::Key_Enter:
        return choose(m_current);
    case Qt::Key_W:
    case Qt::Key_Plus:
        return setWindow(zoomed(m_window, middle, 1 / kZoomStep, limits()));
    case Qt::Key_S:
    case Qt::Key_Minus:
        return setWindow(zoomed(m_window, middle, kZoomStep, limits()));
    case Qt::Key_A:
        return setWindow(panned(m_window, -kPanStep, limits()));
    case Qt::Key_D:
        return setWindow(panned(m_window, kPanStep, limits()));
    case Qt::Key_F:
    case Qt::Key_0:
        return setWindow(limits());
    default:
        QWidget::keyPressEvent(event);
    }
}

void TraceCompareCanvas::contextMenuEvent(QContextMenuEvent *event)
{
    const int index = rowAt(event->pos().y());
    if (event->reason() == QContextMenuEvent::Mouse && index >= 0)
        choose(index);
    Q_EMIT menuRequested(event->globalPos());
}

} // namespace tailscope::widgets
