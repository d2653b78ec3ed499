// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/distribution/histogrammarks.h"

#include "base/text.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

using analysis::DurationStats;
using analysis::PercentileFigure;

QString tr(const char *text) { return QCoreApplication::translate("Distribution", text); }

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString countText(std::int64_t count) { return fromUtf8(groupedCount(count)); }

QString intervalText(const PercentileFigure &figure)
{
    const QString lower = figure.lower95 ? fromUtf8(humanDuration(*figure.lower95)) : tr("no lower bound");
    const QString upper = figure.upper95 ? fromUtf8(humanDuration(*figure.upper95)) : tr("no upper bound");
    return tr("95 % interval: %1 to %2").arg(lower, upper);
}

HistogramMark markOf(const PercentileFigure &figure, const DurationStats &stats)
{
    HistogramMark mark;
    mark.value = double(figure.value);
    mark.label = percentileTitle(figure.q);
    mark.weak = figure.tooFewSamples;
    mark.details << percentileTitle(figure.q) + QStringLiteral(": ") + fromUtf8(exactDuration(figure.value));
    if (figure.rank > 0) {
        mark.details << tr("nearest rank: %1 of %2").arg(countText(figure.rank), countText(stats.count));
        mark.hasInterval = true;
        mark.details << intervalText(figure);
        if (figure.lower95)
            mark.lower = double(*figure.lower95);
        if (figure.upper95)
            mark.upper = double(*figure.upper95);
    } else if (stats.weighted) {
        mark.details << tr("weighted by 1 / keep probability: no rank, no interval");
    }
    if (figure.tooFewSamples)
        mark.details << tr("too few samples: needs %1").arg(countText(analysis::minimumSamples(figure.q)));
    return mark;
}

/// Puts figures of one value under one label: "P50–P99.9".
void unite(HistogramMark &mark, const HistogramMark &other, const QString &name)
{
    const qsizetype dash = mark.label.indexOf(QChar(0x2013));
    mark.label = (dash < 0 ? mark.label : mark.label.left(dash)) + QChar(0x2013) + name;
    mark.details += other.details;
    mark.hasInterval = mark.hasInterval || other.hasInterval;
    if (!other.lower || !mark.lower)
        mark.lower.reset();
    else
        mark.lower = std::min(*mark.lower, *other.lower);
    if (!other.upper || !mark.upper)
        mark.upper.reset();
    else
        mark.upper = std::max(*mark.upper, *other.upper);
}

QString share(std::int64_t part, std::int64_t whole)
{
    if (whole <= 0)
        return QStringLiteral("0 %");
    const double percent = 100.0 * double(part) / double(whole);
    return QStringLiteral("%1 %").arg(QString::number(percent, 'g',
        percent >= 99.95    ? 4
            : percent >= 10 ? 3
                            : 2));
}

} // namespace

QString percentileTitle(analysis::Quantile q)
{
    return QStringLiteral("P%1").arg(QString::number(100.0 * double(q.num) / double(q.den), 'g', 6));
}

QVector<HistogramMark> histogramMarks(const DurationStats &stats)
{
    QVector<HistogramMark> marks;
    for (const PercentileFigure &figure : stats.figures) {
        if (figure.value == kUnknownNanos)
            continue;
        const HistogramMark mark = markOf(figure, stats);
        if (!marks.isEmpty() && marks.last().value == mark.value && marks.last().weak == mark.weak)
            unite(marks.last(), mark, mark.label);
        else
            marks.append(mark);
    }
    for (HistogramMark &mark : marks) {
        mark.label += QLatin1Char(' ') + fromUtf8(humanDuration(Nanos(mark.value)));
        if (mark.weak)
            mark.label += QLatin1Char(' ') + tr("(n too small)");
    }
    if (stats.count > 0) {
        HistogramMark mean;
        mean.value = stats.meanNs;
        mean.isMean = true;
        mean.label = tr("mean %1").arg(fromUtf8(humanMillis(stats.meanNs / 1e6)));
        mean.details << tr("mean: %1").arg(fromUtf8(exactDuration(Nanos(std::llround(stats.meanNs)))))
                     << (stats.weighted ? tr("weighted by 1 / keep probability")
                                        : tr("of %1 spans").arg(countText(stats.count)));
        marks.append(mean);
    }
    std::stable_sort(marks.begin(), marks.end(),
        [](const HistogramMark &a, const HistogramMark &b) { return a.value < b.value; });
    return marks;
}

QString figuresLine(const DurationStats &stats)
{
    if (stats.count == 0)
        return tr("no samples");
    QStringList parts;
    for (const PercentileFigure &figure : stats.figures) {
        QString part = percentileTitle(figure.q) + QLatin1Char(' ') + fromUtf8(humanDuration(figure.value));
        if (figure.tooFewSamples)
            part += QLatin1Char(' ') + tr("(n too small)");
        parts << part;
    }
    parts << tr("mean %1").arg(fromUtf8(humanMillis(stats.meanNs / 1e6)))
          << tr("min %1").arg(fromUtf8(humanDuration(stats.min)))
          << tr("max %1").arg(fromUtf8(humanDuration(stats.max)));
    return parts.join(QStringLiteral(" · "));
}

QString basisLine(const DurationStats &stats, bool self)
{
    QStringList parts{
        (stats.weighted ? tr("weighted by 1 / keep probability, n = %1") : tr("nearest rank, n = %1"))
            .arg(countText(stats.count))};
    parts << (self ? tr("%1 of unknown self time (in no figure)")
                   : tr("%1 of unknown duration (in no figure)"))
                 .arg(countText(stats.unknown));
    parts << tr("%1 errors (%2)")
                 .arg(countText(stats.errors), share(stats.errors, stats.count + stats.unknown));
    if (stats.weighted && stats.weight > 0)
        parts << tr("weighted: errors %1 %, %2 spans stand for %3")
                     .arg(QString::number(100 * stats.errorWeight / stats.weight, 'g', 3),
                         countText(stats.count + stats.unknown), countText(std::llround(stats.weight)));
    return parts.join(QStringLiteral(" · "));
}

} // namespace tailscope::widgets
