// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plan/planlegend.h"

#include "widgets/base/theme.h"
#include "widgets/plan/plandiagram.h"

#include <QPainter>

#include <cmath>

namespace tailscope::widgets {

namespace {
constexpr int kBar = 90, kGap = 6;
}

PlanLegend::PlanLegend(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    setAccessibleName(tr("Legend of the colours"));
}

void PlanLegend::setScale(items::PlanColouring colouring, const QStringList &texts)
{
    m_colouring = colouring;
    m_texts = texts;
    setToolTip(
        tr("From left to right: %1. Grey: the plan does not say.").arg(texts.join(QStringLiteral(", "))));
    updateGeometry();
    update();
}

QSize PlanLegend::sizeHint() const
{
    int width = kBar + 4 * kGap;
    if (!m_texts.isEmpty())
        width += fontMetrics().horizontalAdvance(m_texts.first())
            + fontMetrics().horizontalAdvance(m_texts.last());
    return {width, fontMetrics().height() + 6};
}

QSize PlanLegend::minimumSizeHint() const { return {kBar + 2 * kGap, fontMetrics().height() + 6}; }

void PlanLegend::paintEvent(QPaintEvent *)
{
    const Theme theme(palette());
    QPainter painter(this);
    const QString left = m_texts.value(0), right = m_texts.isEmpty() ? QString() : m_texts.last();
    const bool hasRoom = width() >= sizeHint().width();
    const int start = kGap + (hasRoom ? fontMetrics().horizontalAdvance(left) + kGap : 0);
    const bool isTwoSided = m_colouring == items::PlanColouring::Estimate;
    for (int x = 0; x < kBar; ++x) {
        const double t = double(x) / (kBar - 1);
        painter.fillRect(QRect(start + x, 5, 1, height() - 10),
            PlanDiagram::colourOf(isTwoSided ? 2 * t - 1 : t, m_colouring, theme));
    }
    if (!hasRoom)
        return;
    painter.setPen(theme.mutedText());
    painter.drawText(QRect(kGap, 0, width(), height()), Qt::AlignLeft | Qt::AlignVCenter, left);
    painter.drawText(QRect(start + kBar + kGap, 0, width(), height()), Qt::AlignLeft | Qt::AlignVCenter,
        right);
}

} // namespace tailscope::widgets
