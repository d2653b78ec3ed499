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

bool isSampleBox(const FlameWording &wording) { return wording.isTime && wording.isProfile; }

QString changeText(double before, double after, const QString &unit)
{
    const QString change = items::deltaText(after - before, unit);
    if (before == 0 && after != 0)
        return tr("%1, new").arg(change);
    if (after == 0 && before != 0)
        return tr("%1, gone").arg(change);
    if (before == 0)
        return change;
    const double percent = (after - before) / std::abs(before) * 100;
    return QStringLiteral("%1 (%2%3 %)")
        .arg(change, percent < 0 ? QStringLiteral("−") : QStringLiteral("+"),
            QString::number(std::abs(percent), 'f', std::abs(percent) < 10 ? 1 : 0));
}

QString sidesLine(const FlameFigures &figures)
{
    const auto &[before, after, scale] = *figures.sides;
    QStringList parts;
    parts << QStringLiteral("%1: %2").arg(figures.name,
        tr("total %1").arg(changeText(before.total, after.total * scale, figures.unit)));
    parts << tr("self %1").arg(changeText(before.self, after.self * scale, figures.unit));
    parts << tr("total before %1, after %2")
                 .arg(weightText(before.total, figures.unit), weightText(after.total, figures.unit));
    if (!figures.group.isEmpty() && figures.group != figures.name)
        parts << figures.group;
    return parts.join(QStringLiteral(" · "));
}

QString sidesRows(const FlameFigures &figures)
{
    const auto &[before, after, scale] = *figures.sides;
    const QString &unit = figures.unit;
    return tableRow(tr("Total"), changeText(before.total, after.total * scale, unit))
        + tableRow(tr("Total before"), exactWeightText(before.total, unit))
        + tableRow(tr("Total after"), exactWeightText(after.total, unit))
        + tableRow(tr("Self"), changeText(before.self, after.self * scale, unit))
        + tableRow(tr("Self before"), exactWeightText(before.self, unit))
        + tableRow(tr("Self after"), exactWeightText(after.self, unit));
}

QString sidesDefinition(const FlameFigures &figures)
{
    const QString width = tr("Width: the larger of both sides, so that what is gone keeps its place.");
    return figures.sides->scale == 1 ? width
                                     : tr("After is multiplied by %1 before it is compared. %2")
                                           .arg(QString::number(figures.sides->scale, 'g', 4), width);
}

} // namespace

QString selfDefinition(const FlameWording &wording)
{
    if (wording.isCallers)
        return tr("Width: the total weight of the function, by who called it.");
    if (wording.isTime && wording.isProfile)
        return tr("Neighbouring samples with the same stack are one box; a gap is a time without samples.");
    if (wording.isBottomUp)
        return tr("Width: the self weight of the first frame of the path, by who called it.");
    if (wording.isProfile)
        return tr("Self: the weight of samples that ended in this frame.");
    return tr("Self: the duration without the time covered by synchronous children.");
}

QString frameLine(const FlameFigures &figures, const FlameWording &wording)
{
    if (figures.sides)
        return sidesLine(figures);
    QStringList parts;
    const QString total = totalText(figures, false);
    parts << QStringLiteral("%1: %2").arg(figures.name,
        wording.isTime           ? total
            : wording.isBottomUp ? tr("self %1 by this path").arg(total)
                                 : tr("total %1").arg(total));
    // Bottom up only the first frame of a path has a self weight; it is the total.
    if (!wording.isBottomUp && !wording.isCallers && !isSampleBox(wording))
        parts << tr("self %1").arg(selfText(figures, false));
    if (!wording.isTime || wording.isProfile) {
        const QString count = toQString(groupedCount(figures.count));
        parts << (wording.isProfile ? tr("%1 samples").arg(count) : tr("%1 spans").arg(count));
    }
    if (const QString share = shareText(figures.shareOfAll); !share.isEmpty())
        parts << (isSampleBox(wording) ? tr("%1 of the profile's time").arg(share)
                : wording.isTime       ? tr("%1 of the track's time").arg(share)
                                       : tr("%1 of all").arg(share));
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
    if (!figures.sides)
        text += tableRow(wording.isTime ? tr("Duration")
                : wording.isBottomUp    ? tr("Self by this path")
                                        : tr("Total"),
            totalText(figures, true));
    if (figures.sides)
        text += sidesRows(figures);
    else if (!wording.isBottomUp && !wording.isCallers && !isSampleBox(wording))
        text += tableRow(tr("Self"), selfText(figures, true));
    if (figures.sides)
        return text + QStringLiteral("</table><p>%1</p>").arg(sidesDefinition(figures).toHtmlEscaped());
    if (!wording.isTime || wording.isProfile)
        text += tableRow(wording.isProfile ? tr("Samples") : tr("Spans"),
            toQString(groupedCount(figures.count)));
    if (figures.shareOfAll >= 0)
        text += tableRow(isSampleBox(wording) ? tr("Of the profile's time")
                : wording.isTime              ? tr("Of the track's time")
                                              : tr("Of all"),
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
    const auto number = [](double value, bool known) {
        return known ? QString::number(items::wholeWeight(value)) : QString();
    };
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
