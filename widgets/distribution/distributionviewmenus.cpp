// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Context menus of the distribution view.
#include "widgets/distribution/distributionview.h"

#include "items/distributionmodel.h"
#include "session/session.h"
#include "widgets/base/theme.h"
#include "widgets/charts/heatmapcanvas.h"
#include "widgets/distribution/histogramcanvas.h"
#include "widgets/distribution/overtimepanel.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QMenu>

namespace tailscope::widgets {

void DistributionView::showHistogramMenu(const QPoint &position)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    // Values, not the state at the time of the click: the menu takes the mouse and with it the selection.
    const auto chosen = m_histogram->selection();
    menu->addAction(themedIcon(QStringLiteral("filter")), tr("&Narrow to Selection"), this,
            [this, chosen] { narrowToValues(chosen->first, chosen->second); })
        ->setEnabled(chosen.has_value());
    const auto mark = m_histogram->markUnder(position);
    if (!chosen && mark) {
        menu->addAction(tr("&Why Are Those from %1 on Slow?").arg(mark->label), this,
            [this, from = Nanos(mark->value)] { askWhySlow(std::pair(from, kUnknownNanos)); });
    }
    menu->addActions(m_actions);
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(m_model->figuresSql()); });
    menu->popup(m_histogram->mapToGlobal(position));
}

std::optional<std::pair<Nanos, Nanos>> DistributionView::filteredValues() const
{
    using Term = analysis::FilterTerm;
    const auto field = m_model->isSelfTime() ? Term::Field::Self : Term::Field::Duration;
    std::pair<Nanos, Nanos> values{0, kUnknownNanos};
    bool any = false;
    for (const Term &term : context()->filter().terms) {
        if (term.field != field || term.negated)
            continue;
        any = true;
        if (term.op == Term::Op::GreaterEqual)
            values.first = term.number;
        else if (term.op == Term::Op::Greater)
            values.first = term.number + 1;
        else if (term.op == Term::Op::Less)
            values.second = term.number;
        else if (term.op == Term::Op::LessEqual)
            values.second = term.number + 1;
    }
    return any ? std::optional(values) : std::nullopt;
}

void DistributionView::askWhySlow(std::optional<std::pair<Nanos, Nanos>> values)
{
    if (!values)
        values = filteredValues();
    session::Cohort cohort = context()->cohort();
    cohort.ofSelfTime = m_model->isSelfTime();
    cohort.slow = values ? session::Cohort::Slow::Durations : session::Cohort::Slow::AbovePercentile;
    if (values) {
        cohort.low = values->first;
        cohort.high = values->second;
    } else {
        cohort.percentile = analysis::kP99;
    }
    // A filter on the values would leave nothing to compare with.
    m_model->clearValueFilter();
    context()->setCohort(cohort);
    Q_EMIT openViewRequested(QStringLiteral("cohorts"));
}

void DistributionView::showHeatMapMenu(const QPoint &position)
{
    HeatMapCanvas *heat = m_overTime->heatMap();
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto chosen = heat->selection();
    menu->addAction(themedIcon(QStringLiteral("zoom-in")), tr("&Narrow to Selection"), this,
            [this, chosen] { context()->setRange(chosen); })
        ->setEnabled(chosen.has_value());
    menu->addAction(tr("Show &Whole Time"), this, [this] { context()->setRange(std::nullopt); })
        ->setEnabled(context()->range().has_value());
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Bins"), this,
        [heat] { QApplication::clipboard()->setText(heat->toText()); });
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(m_model->binsSql()); });
    menu->popup(heat->mapToGlobal(position));
}

} // namespace tailscope::widgets
