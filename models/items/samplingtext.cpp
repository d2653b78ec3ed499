// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/samplingtext.h"

#include "base/text.h"
#include "store/sampling.h"

#include <QCoreApplication>

#include <cmath>

namespace tailscope::items {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("SamplingText", text); }

QString count(std::int64_t n) { return QString::fromStdString(groupedCount(n)); }

} // namespace

QString samplingSummary(const analysis::SamplingState &state)
{
    if (!state.isWeighted() || !(state.represented > 0))
        return {};
    const QString kept
        = QString::fromStdString(store::samplingText(double(state.traces) / state.represented));
    return tr("weighted: %1 kept (%2 traces stand for %3)")
        .arg(kept, count(state.traces), count(std::int64_t(std::llround(state.represented))));
}

QString samplingWarning(const analysis::SamplingState &state)
{
    using Doubt = analysis::SamplingState::Doubt;
    const QString advice
        = tr("Rates, shares and percentiles may be biased. State the sampling of the source in "
             "the list of sources, or import with --sampling.");
    switch (state.doubt) {
    case Doubt::None:
        return {};
    case Doubt::Mixed:
        return tr("%1 of %2 traces say how they were sampled, the others count once. %3")
            .arg(count(state.known), count(state.traces), advice);
    case Doubt::ErrorShare:
        return tr(
            "%1 of %2 traces failed: more than live traffic usually shows, so failures were likely kept "
            "on purpose. %3")
            .arg(count(state.failed), count(state.traces), advice);
    }
    return {};
}

} // namespace tailscope::items
