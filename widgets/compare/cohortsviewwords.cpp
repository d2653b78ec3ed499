// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the cohorts view says in words.
#include "widgets/compare/cohortsview.h"

#include "base/text.h"
#include "items/cohortmodel.h"

#include <algorithm>

namespace tailscope::widgets {

using analysis::CohortDifference;
using session::Cohort;

namespace {

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString duration(Nanos ns) { return fromUtf8(humanDuration(ns)); }

QString percent(double share) { return QString::number(100 * share, 'g', 3); }

} // namespace

QString CohortsView::setsSentence(const items::CohortContent &content) const
{
    const analysis::CohortSets &sets = content.sets;
    const QString unit = content.cohort.everySpan ? tr("spans") : tr("requests");
    const auto count = [](std::size_t n) { return fromUtf8(groupedCount(std::int64_t(n))); };
    QString text = tr("Slow: %1 of %2 %3, %4")
                       .arg(count(sets.slow.size()), count(std::size_t(sets.requests)), unit,
                           items::slowWords(content.cohort));
    if (content.cohort.ofSelfTime)
        text += tr(" of self time");
    if (sets.slowFrom != kUnknownNanos)
        text += tr(" (%1 to %2)").arg(duration(sets.slowFrom), duration(sets.slowTo));
    const QString rest = content.cohort.rest == Cohort::Rest::Middle ? tr("the usual ones, P40 to P60")
        : content.cohort.rest == Cohort::Rest::Baseline              ? tr("the baseline")
                                                                     : tr("all others");
    text += tr(" · against %1 %2: %3").arg(count(sets.rest.size()), unit, rest);
    if (sets.restFrom != kUnknownNanos)
        text += tr(" (%1 to %2)").arg(duration(sets.restFrom), duration(sets.restTo));
    if (sets.unknown > 0)
        text += tr(" · %1 without a known duration left out").arg(count(std::size_t(sets.unknown)));
    if (content.report->weighted)
        text += tr(" · shares count the sampling weights of traces");
    if (!content.report->droppedKeys.empty()) {
        QStringList keys;
        for (const std::string &key : content.report->droppedKeys)
            keys << fromUtf8(key);
        text += tr(" · too many values to compare: %1").arg(keys.join(QStringLiteral(", ")));
    }
    return text;
}

QString CohortsView::answerSentence(const items::CohortContent &content) const
{
    const auto &differences = content.report->differences;
    QStringList parts;
    const auto trait = std::find_if(differences.begin(), differences.end(), [](const CohortDifference &one) {
        return one.isDifferent && one.kind == CohortDifference::Kind::Trait;
    });
    if (trait != differences.end())
        parts << tr("%1 % of the slow requests have %2 = %3; of all, %4 % have it (×%5).")
                     .arg(percent(trait->coverage), fromUtf8(trait->key), fromUtf8(trait->value),
                         percent(trait->coverage / trait->lift.value_or(1)),
                         QString::number(trait->lift.value_or(1), 'g', 3));
    const auto time = std::max_element(differences.begin(), differences.end(),
        [](const CohortDifference &a, const CohortDifference &b) {
            const auto share = [](const CohortDifference &one) {
                const bool isTime
                    = one.kind == CohortDifference::Kind::SelfTime || one.kind == CohortDifference::Kind::Gap;
                return isTime && one.isDifferent ? one.coverage : 0.0;
            };
            return share(a) < share(b);
        });
    const bool isTime = time != differences.end() && time->isDifferent
        && (time->kind == CohortDifference::Kind::SelfTime || time->kind == CohortDifference::Kind::Gap);
    if (isTime && time->coverage >= 0.1)
        parts << tr("%1 % of their additional time lies in %2.")
                     .arg(percent(time->coverage), fromUtf8(time->subject()));
    if (parts.isEmpty() && !content.report->tooFew)
        parts << tr(
            "Nothing sets the slow requests apart: of %1 things compared none differs by more than chance.")
                     .arg(fromUtf8(groupedCount(content.report->tested)));
    return parts.join(QLatin1Char(' '));
}

} // namespace tailscope::widgets
