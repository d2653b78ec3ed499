// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/remote/remoteheatpage.h"

#include "items/remotemodel.h"
#include "session/session.h"
#include "widgets/base/emptystate.h"
#include "widgets/charts/heatmapcanvas.h"

#include <QStackedWidget>
#include <QVBoxLayout>

namespace tailscope::widgets {

using items::RemoteModel;
using session::SessionContext;

RemoteHeatPage::RemoteHeatPage(session::Session *session, RemoteModel *model, QWidget *parent)
    : QWidget(parent)
    , m_model(model)
    // The times of a store are absolute whatever the workspace holds, so its context cannot write them.
    , m_times(new SessionContext(session->jobs(), this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_canvas(new HeatMapCanvas(m_times, this))
{
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_canvas);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);
    m_canvas->setSelectsDurations(true);
    const auto takeTimeDisplay
        = [this, context = session->context()] { m_times->setLocalTime(context->isLocalTime()); };
    connect(session->context(), &SessionContext::timeDisplayChanged, this, takeTimeDisplay);
    takeTimeDisplay();
    connect(m_empty, &EmptyState::buttonClicked, this, [this] {
        const auto &histogram = m_model->answer().histogram;
        histogram && histogram->count() > 0 ? m_model->askHeat() : Q_EMIT backRequested();
    });
    connect(m_canvas, &HeatMapCanvas::rangeSelected, this, &RemoteHeatPage::rangeSelected);
    connect(m_canvas, &HeatMapCanvas::cellsSelected, this, &RemoteHeatPage::cellsSelected);
    connect(m_canvas, &HeatMapCanvas::rangeCleared, this, &RemoteHeatPage::backRequested);
    connect(m_canvas, &HeatMapCanvas::readoutChanged, this, &RemoteHeatPage::readoutChanged);
    refresh();
}

void RemoteHeatPage::askWhenShown()
{
    const items::RemoteAnswer &answer = m_model->answer();
    if (!isVisible() || m_model->isBusy() || m_model->isHeld() || answer.heat || !answer.histogram
        || m_askedFor == answer.histogram)
        return;
    m_askedFor = answer.histogram;
    m_model->askHeat();
}

void RemoteHeatPage::refresh()
{
    const items::RemoteAnswer &answer = m_model->answer();
    if (m_heat != answer.heat) {
        m_heat = answer.heat;
        const bool hasSpans = m_heat && m_heat->bins.rows > 0;
        m_canvas->setBins(hasSpans ? std::shared_ptr<const analysis::TimeBins>(m_heat, &m_heat->bins)
                                   : nullptr,
            hasSpans ? HeatRows{m_heat->edges, m_heat->counts} : HeatRows());
    }
    const bool draws = m_heat && m_heat->bins.rows > 0;
    if (!draws)
        showWhyEmpty();
    m_stack->setCurrentWidget(draws ? static_cast<QWidget *>(m_canvas) : m_empty);
}

void RemoteHeatPage::showWhyEmpty()
{
    const items::RemoteAnswer &answer = m_model->answer();
    QString title = tr("No Heat Map"), advice, button;
    if (m_model->isBusy())
        advice = tr("The server is being asked.");
    else if (!answer.histogram)
        advice = tr("Choose a range and a filter, then Ask. The heat map is one more query of the server.");
    else if (answer.histogram->count() == 0) {
        advice = tr("No span of this range and filter has a duration. Widen the range or the filter.");
        button = m_canGoBack ? tr("Back") : QString();
    } else {
        advice = tr("How many spans began when and took how long: one more query over the same spans.");
        button = tr("Ask for the Heat Map");
    }
    m_empty->setContent(QStringLiteral("distribution"), title, advice, button);
}

void RemoteHeatPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    askWhenShown();
}

} // namespace tailscope::widgets
