// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/flameweights.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>

namespace tailscope::items {

qint64 wholeWeight(double weight)
{
    return std::isfinite(weight) ? qint64(std::clamp(weight, -9e18, 9e18)) : 0;
}

QString weightText(double weight, const QString &unit)
{
    if (unit == QLatin1String("ns"))
        return QString::fromStdString(humanDuration(wholeWeight(weight)));
    if (unit == QLatin1String("bytes"))
        return QString::fromStdString(humanBytes(std::uint64_t(std::max<qint64>(0, wholeWeight(weight)))));
    return QString::fromStdString(groupedCount(wholeWeight(weight))) + QLatin1Char(' ') + unit;
}

QString exactWeightText(double weight, const QString &unit)
{
    if (unit == QLatin1String("ns"))
        return QString::fromStdString(exactDuration(wholeWeight(weight)));
    const QString count = QString::fromStdString(groupedCount(wholeWeight(weight))) + QLatin1Char(' ') + unit;
    return unit == QLatin1String("bytes") ? QStringLiteral("%1 (%2)").arg(weightText(weight, unit), count)
                                          : count;
}

QString deltaText(double delta, const QString &unit)
{
    const QString size = weightText(std::abs(delta), unit);
    if (wholeWeight(std::abs(delta)) == 0)
        return size;
    return (delta > 0 ? QStringLiteral("+") : QStringLiteral("−")) + size;
}

QString shareText(double share)
{
    if (!(share >= 0))
        return {};
    const double percent = share * 100;
    if (percent > 0 && percent < 0.001)
        return QStringLiteral("< 0.001 %");
    return QStringLiteral("%1 %").arg(
        QString::number(percent, percent >= 99.95 ? 'f' : 'g', percent >= 99.95 ? 0 : 3));
}

} // namespace tailscope::items
