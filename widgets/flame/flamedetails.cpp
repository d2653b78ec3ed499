// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/flamedetails.h"

#include "base/text.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("FlameDetails", text); }

/// Weights are sums kept as doubles; the texts count whole units.
std::int64_t whole(double weight)
{
    return std::isfinite(weight) ? std::int64_t(std::clamp(weight, -9e18, 9e18)) : 0;
}

QString toQString(const std::string &text) { return QString::fromStdString(text); }

QString selfText(const FlameFigures &figures, bool exact)
{
    if (!figures.isSelfKnown)
        return tr("unknown");
    return exact ? exactWeightText(figures.self, figures.unit) : weightText(figures.self, figures.unit);
}

QString totalText(const FlameFigures &figures, bool exact)
{
    if (!figures.isTotalKnown)
        return tr("unknown");
    return exact ? exactWeightText(figures.total, figures.unit) : weightText(figures.total, figures.unit);
}

QString tableRow(const QString &label, const QString &value)
{
    return QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td>%2</td></tr>").arg(label, value.toHtmlEscaped());
}

} // namespace

QString weightText(double weight, const QString &unit)
{
    if (unit == QLatin1String("ns"))
        return toQString(humanDuration(whole(weight)));
    if (unit == QLatin1String("bytes"))
        return toQString(humanBytes(std::uint64_t(std::max<std::int64_t>(0, whole(weight)))));
    return toQString(groupedCount(whole(weight))) + QLatin1Char(' ') + unit;
}

QString exactWeightText(double weight, const QString &unit)
{
    if (unit == QLatin1String("ns"))
        return toQString(exactDuration(whole(weight)));
    const QString count = toQString(groupedCount(whole(weight))) + QLatin1Char(' ') + unit;
    return unit == QLatin1String("bytes") ? QStringLiteral("%1 (%2)").arg(weightText(weight, unit), count)
                                          : count;
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

QString selfDefinition(const FlameWording &wording)
{
    if (wording.isBottomUp)
        return tr("Width: the self weight of the first frame of the path, by who called it.");
    if (wording.isProfile)
        return tr("Self: the weight of samples that ended in this frame.");
    return tr("Self: the duration without the time covered by synchronous children.");
}

QString frameLine(const FlameFigures &figures, const FlameWording &wording)
{
    QStringList parts;
    const QString total = totalText(figures, false);
    parts << QStringLiteral("%1: %2").arg(figures.name,
        wording.isTime           ? total
            : wording.isBottomUp ? tr("self %1 by this path").arg(total)
                                 : tr("total %1").arg(total));
    // Bottom up only the first frame of a path has a self weight; it is the total.
    if (!wording.isBottomUp)
        parts << tr("self %1").arg(selfText(figures, false));
    if (!wording.isTime) {
        const QString count = toQString(groupedCount(figures.count));
        parts << (wording.isProfile ? tr("%1 samples").arg(count) : tr("%1 spans").arg(count));
    }
    if (const QString share = shareText(figures.shareOfAll); !share.isEmpty())
        parts << (wording.isTime ? tr("%1 of the track's time").arg(share) : tr("%1 of all").arg(share));
    if (const QString share = shareText(figures.shareOfParent); !share.isEmpty())
        parts << tr("%1 of its parent").arg(share);
    if (!figures.group.isEmpty() && figures.group != figures.name)
        parts << figures.group;
    if (wording.isPreview)
        parts << tr("preview");
    return parts.join(QStringLiteral(" · "));
}

QString frameToolTip(const FlameFigures &figures, const FlameWording &wording)
{
    QString text = QStringLiteral("<p style='white-space:pre-wrap'><b>%1</b></p><table>")
                       .arg(figures.name.toHtmlEscaped());
    if (!figures.group.isEmpty() && figures.group != figures.name)
        text += tableRow(wording.isProfile ? tr("Module") : tr("Service"), figures.group);
    text += tableRow(wording.isTime ? tr("Duration")
            : wording.isBottomUp    ? tr("Self by this path")
                                    : tr("Total"),
        totalText(figures, true));
    if (!wording.isBottomUp)
        text += tableRow(tr("Self"), selfText(figures, true));
    if (!wording.isTime)
        text += tableRow(wording.isProfile ? tr("Samples") : tr("Spans"),
            toQString(groupedCount(figures.count)));
    if (figures.shareOfAll >= 0)
        text += tableRow(wording.isTime ? tr("Of the track's time") : tr("Of all"),
            shareText(figures.shareOfAll));
    if (figures.shareOfParent >= 0)
        text += tableRow(wording.isBottomUp ? tr("Of the frame it calls") : tr("Of its parent"),
            shareText(figures.shareOfParent));
    text += QStringLiteral("</table><p>%1</p>").arg(selfDefinition(wording).toHtmlEscaped());
    if (wording.isPreview)
        text += QStringLiteral("<p>%1</p>")
                    .arg(tr("Preview: filter, range and exact figures follow when all spans are loaded.")
                             .toHtmlEscaped());
    return text;
}

QString runToolTip(std::uint32_t frames, const FlameFigures &widest, const FlameWording &wording)
{
    const QString count = toQString(groupedCount(frames));
    return tr("%1 frames narrower than a pixel; the largest: %2 (%3). Zoom in to see them.")
        .arg(count, widest.name, totalText(widest, wording.isTime));
}

QString frameTsv(const FlameFigures &figures)
{
    const auto field = [](QString text) {
        return text.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
    };
    const auto number
        = [](double value, bool known) { return known ? QString::number(whole(value)) : QString(); };
    const auto share = [](double value) { return value >= 0 ? QString::number(value, 'g', 9) : QString(); };
    return QStringLiteral("name\tgroup\ttotal\tself\tunit\tcount\tshare_of_all\tshare_of_parent\n")
        + QStringList{field(figures.name), field(figures.group), number(figures.total, figures.isTotalKnown),
            number(figures.self, figures.isSelfKnown), figures.unit, QString::number(figures.count),
            share(figures.shareOfAll), share(figures.shareOfParent)}
              .join(QLatin1Char('\t'))
        + QLatin1Char('\n');
}

QString stackText(const QStringList &names) { return names.join(QLatin1Char(';')); }

} // namespace tailscope::widgets
