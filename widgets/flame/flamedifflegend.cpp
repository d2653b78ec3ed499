// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/flamedifflegend.h"

#include "widgets/base/theme.h"

#include <QPainter>

namespace tailscope::widgets {

namespace {

constexpr int kSwatch = 22, kGap = 6, kBetween = 18;

} // namespace

FlameDiffLegend::FlameDiffLegend(QWidget *parent)
    : QWidget(parent)
{
    setAccessibleName(tr("Legend: blue is less than before, orange is more, hatched is gone, a bar on the "
                         "left edge is new"));
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
}

QSize FlameDiffLegend::sizeHint() const { return {200, fontMetrics().height() + 6}; }

QSize FlameDiffLegend::minimumSizeHint() const { return {0, sizeHint().height()}; }

void FlameDiffLegend::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Theme theme(palette());
    int x = 6;
    const int top = 4, height = this->height() - 8;
    const auto entry = [&](double tone, bool isGone, bool isNew, const QString &text) {
        const QRect swatch(x, top, kSwatch, height);
        painter.fillRect(swatch, theme.diverging(tone));
        if (isGone) {
            QColor lines = theme.text();
            lines.setAlpha(70);
            painter.fillRect(swatch, QBrush(lines, Qt::BDiagPattern));
        }
        if (isNew)
            painter.fillRect(swatch.left(), swatch.top(), 3, swatch.height(), theme.text());
        x += kSwatch + kGap;
        painter.setPen(theme.text());
        const int width = fontMetrics().horizontalAdvance(text);
        painter.drawText(QRect(x, 0, width + 2, this->height()), Qt::AlignVCenter | Qt::AlignLeft, text);
        x += width + kBetween;
    };
    entry(-1, true, false, tr("gone"));
    entry(-0.5, false, false, tr("less"));
    entry(0, false, false, tr("the same"));
    entry(0.5, false, false, tr("more"));
    entry(1, false, true, tr("new"));
}

} // namespace tailscope::widgets
