// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/timeaxis.h"
#include "widgets/charts/plotcontent.h"

#include <QFontMetrics>
#include <QPointer>

namespace tailscope::session {
class SessionContext;
}

namespace tailscope::widgets {

/// Round ticks of a duration axis, at least two where the range allows it: where a logarithmic range is too
/// short for 1-2-5 steps it gets linear ones.
QVector<ValueTick> spreadDurationTicks(double lowNs, double highNs, int maxTicks, bool logarithmic);

/// Maps values of an axis to plot coordinates (identity, log10 or nines), makes ticks and texts. GUI thread.
class PlotScale
{
public:
    PlotScale() = default;
    PlotScale(const PlotAxis &axis, const session::SessionContext *context);

    const PlotAxis &axis() const { return m_axis; }
    /// Finite for every finite value: what a logarithm cannot take is moved to the low end.
    double toPlot(double value) const;
    double fromPlot(double place) const;
    /// Takes the limits of the axis, or those of the data padded to look well. low <= high, may be NaN (no
    /// data).
    void fit(double low, double high);
    double low() const { return m_low; }
    double high() const { return m_high; }
    /// Ticks for an axis of that many pixels; labels keep apart when drawn centred on their ticks.
    QVector<ValueTick> ticks(int pixels, const QFontMetrics &metrics, bool horizontal) const;
    QString text(double value) const; ///< three digits with unit
    QString exactText(double value) const; ///< every digit

private:
    QVector<ValueTick> timeTicks(int pixels, const QFontMetrics &metrics) const;
    QVector<ValueTick> quantileTicks(int pixels, const QFontMetrics &metrics) const;
    QVector<ValueTick> scaledTicks(double unit, const QString &suffix, int count) const;

    PlotAxis m_axis;
    QPointer<const QObject> m_contextObject;
    const session::SessionContext *m_context = nullptr;
    double m_low = 0, m_high = 1;
};

} // namespace tailscope::widgets
