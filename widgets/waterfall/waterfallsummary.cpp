// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/waterfall/waterfallsummary.h"

#include "base/text.h"
#include "items/waterfalltext.h"
#include "widgets/waterfall/waterfallcanvas.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

} // namespace

WaterfallSummary::WaterfallSummary(const session::SessionContext *context, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
{
    installCanvasAccessibility();
    setAccessibleName(tr("Critical path of the trace by class of time"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(context, &session::SessionContext::timeDisplayChanged, this, qOverload<>(&QWidget::update));
}

void WaterfallSummary::setTrace(items::WaterfallModel::Trace trace)
{
    m_trace = std::move(trace);
    update();
    announceValue(this, accessibleValue());
}

QSize WaterfallSummary::sizeHint() const { return {400, 3 * fontMetrics().height() + 14}; }

QString WaterfallSummary::title() const
{
    if (!m_trace || m_trace->spans.root == analysis::kNoRow)
        return {};
    const std::uint32_t root = m_trace->spans.root;
    QStringList parts{fromUtf8(m_trace->operation(root)), fromUtf8(m_trace->serviceName(root)),
        fromUtf8(humanDuration(m_trace->request())),
        m_trace->size() == 1 ? tr("1 span")
                             : tr("%1 spans").arg(fromUtf8(groupedCount(std::int64_t(m_trace->size()))))};
    if (m_trace->services.size() > 1)
        parts << tr("%1 services").arg(m_trace->services.size());
    if (m_trace->errors > 0)
        parts << tr("%1 errors").arg(fromUtf8(groupedCount(m_trace->errors)));
    if (m_trace->skew.corrected > 0)
        parts << tr("clocks corrected by up to %1 (%2 spans)")
                     .arg(fromUtf8(humanDuration(m_trace->skew.largest)))
                     .arg(m_trace->skew.corrected);
    else if (m_trace->skewed > 0)
        parts << tr("clocks as recorded: %1 spans lie where they cannot").arg(m_trace->skewed);
    parts << m_context->timeText(m_trace->begin()) << tr("trace %1").arg(m_trace->key);
    return parts.join(QStringLiteral(" · "));
}

std::vector<analysis::TimeClass> WaterfallSummary::largestFirst() const
{
    std::vector<analysis::TimeClass> classes;
    for (int i = 0; m_trace && i < analysis::kTimeClasses; ++i) {
        if (m_trace->totals[std::size_t(i)] > 0)
            classes.push_back(analysis::TimeClass(i));
    }
    std::stable_sort(classes.begin(), classes.end(),
        [this](auto a, auto b) { return m_trace->totals[std::size_t(a)] > m_trace->totals[std::size_t(b)]; });
    return classes;
}

QStringList WaterfallSummary::shares() const
{
    QStringList texts;
    for (const analysis::TimeClass each : largestFirst()) {
        const Nanos ns = m_trace->totals[std::size_t(each)];
        texts << tr("%1 %2 (%3)")
                     .arg(items::timeClassText(each), fromUtf8(humanDuration(ns)),
                         items::shareOfText(ns, m_trace->request()));
    }
    return texts;
}

QString WaterfallSummary::accessibleValue() const
{
    return title() + QStringLiteral(". ") + shares().join(QStringLiteral(", "));
}

void WaterfallSummary::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Theme theme(palette());
    const QFontMetrics metrics = painter.fontMetrics();
    painter.fillRect(rect(), theme.background());
    const QRect area = rect().adjusted(8, 3, -8, -3);
    painter.setPen(theme.text());
    painter.drawText(QRect(area.left(), area.top(), area.width(), metrics.height()),
        Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(title(), Qt::ElideRight, area.width()));
    const QRect bar(area.left(), area.top() + metrics.height() + 3, area.width(), metrics.height());
    const QRect legend(area.left(), bar.bottom() + 3, area.width(), metrics.height());
    if (!m_trace || m_trace->request() <= 0 || m_trace->path.empty()) {
        painter.setPen(theme.mutedText());
        painter.drawText(bar, Qt::AlignLeft | Qt::AlignVCenter,
            m_trace ? tr("No critical path: the duration of the request is unknown or 0.") : QString());
        return;
    }
    const double perNano = double(bar.width()) / double(m_trace->request());
    double x = bar.left();
    int textLeft = legend.left();
    const QStringList texts = shares();
    const auto classes = largestFirst();
    for (int i = 0; i < texts.size(); ++i) {
        const analysis::TimeClass each = classes[std::size_t(i)];
        const double wide = double(m_trace->totals[std::size_t(each)]) * perNano;
        const QColor color = timeClassColor(theme, each);
        const QRect part(int(std::lround(x)), bar.top(),
            std::max(1, int(std::lround(x + wide)) - int(std::lround(x))), bar.height());
        painter.fillRect(part,
            each == analysis::TimeClass::Unknown ? QBrush(color, Qt::BDiagPattern) : QBrush(color));
        painter.setPen(theme.background());
        painter.drawLine(part.topRight(), part.bottomRight());
        x += wide;
        if (textLeft + 18 + metrics.horizontalAdvance(texts[i]) > legend.right() + 1)
            continue;
        painter.fillRect(QRect(textLeft, legend.top() + 3, 10, legend.height() - 6),
            each == analysis::TimeClass::Unknown ? QBrush(color, Qt::BDiagPattern) : QBrush(color));
        painter.setPen(theme.text());
        painter.drawText(QPoint(textLeft + 14, legend.top() + metrics.ascent()), texts[i]);
        textLeft += 14 + metrics.horizontalAdvance(texts[i]) + 18;
    }
    const QString note = tr("of the critical path");
    painter.setPen(theme.mutedText());
    if (textLeft + metrics.horizontalAdvance(note) < legend.right())
        painter.drawText(QPoint(textLeft, legend.top() + metrics.ascent()), note);
}

bool WaterfallSummary::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip && m_trace) {
        QStringList lines{title(),
            tr("The critical path is what the request waited for; its times add up to its duration.")};
        for (const analysis::TimeClass each : largestFirst())
            lines << QStringLiteral("%1: %2").arg(items::timeClassText(each),
                fromUtf8(exactDuration(m_trace->totals[std::size_t(each)])));
        QToolTip::showText(static_cast<QHelpEvent *>(event)->globalPos(),
            QStringLiteral("<p style='white-space:pre-wrap'>") + lines.join(QLatin1Char('\n')).toHtmlEscaped()
                + QStringLiteral("</p>"),
            this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace tailscope::widgets
