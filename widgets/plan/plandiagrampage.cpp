// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plan/plandiagrampage.h"

#include "items/planmodel.h"
#include "widgets/plan/plandiagram.h"
#include "widgets/plan/planlegend.h"

#include <QComboBox>
#include <QEvent>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace tailscope::widgets {

PlanDiagramPage::PlanDiagramPage(items::PlanModel *model, QWidget *parent)
    : PlanPage(model, parent)
    , m_colouring(new QComboBox(this))
    , m_legend(new PlanLegend(this))
    , m_diagram(new PlanDiagram(model, this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(6, 3, 6, 3);
    bar->setSpacing(6);
    auto *label = new QLabel(tr("Colour by"), this);
    label->setBuddy(m_colouring);
    m_colouring->setAccessibleName(tr("Colour by"));
    m_colouring->addItems(
        {tr("Share of self time"), tr("Rows against the estimate"), tr("Own buffers"), tr("Rows removed")});
    connect(m_colouring, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_diagram->setColouring(items::PlanColouring(index));
        showLegend();
    });
    bar->addWidget(label);
    bar->addWidget(m_colouring);
    bar->addWidget(m_legend);
    bar->addStretch(1);
    const auto button = [&](const QString &text, const QString &tip, auto run) {
        auto *tool = new QToolButton(this);
        tool->setText(text);
        tool->setToolTip(tip);
        tool->setAccessibleName(tip);
        tool->setAutoRaise(true);
        connect(tool, &QToolButton::clicked, this, run);
        bar->addWidget(tool);
    };
    button(QStringLiteral("−"), tr("Zoom out (-)"), [this] { m_diagram->zoomBy(1 / 1.2); });
    button(QStringLiteral("+"), tr("Zoom in (+)"), [this] { m_diagram->zoomBy(1.2); });
    button(tr("All"), tr("Show the whole plan (0)"), [this] { m_diagram->fitAll(); });
    button(tr("Node"), tr("Show the chosen node (F)"), [this] { m_diagram->fitCurrent(); });
    layout->addLayout(bar);
    layout->addWidget(m_diagram, 1);
    connect(m_diagram, &PlanDiagram::nodeChosen, this, &PlanPage::nodeChosen);
    connect(m_diagram, &PlanDiagram::menuRequested, this, &PlanPage::menuRequested);
    connect(m_diagram, &PlanDiagram::hoverText, this, &PlanPage::statusText);
    setFocusProxy(m_diagram);
}

void PlanDiagramPage::showPlan()
{
    m_diagram->showPlan();
    showLegend();
}

void PlanDiagramPage::showNode(int node) { m_diagram->setCurrent(node, true); }

QWidget *PlanDiagramPage::focusTarget() { return m_diagram; }

int PlanDiagramPage::colouring() const { return m_colouring->currentIndex(); }

void PlanDiagramPage::setColouring(int colouring)
{
    m_colouring->setCurrentIndex(qBound(0, colouring, m_colouring->count() - 1));
}

void PlanDiagramPage::showLegend()
{
    const auto colouring = items::PlanColouring(m_colouring->currentIndex());
    m_legend->setScale(colouring, items::planColourScale(model()->facts(), colouring));
}

void PlanDiagramPage::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        m_legend->update();
    PlanPage::changeEvent(event);
}

} // namespace tailscope::widgets
