// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/plan/planpage.h"

class QComboBox;
class QLabel;

namespace tailscope::widgets {

class PlanDiagram;
class PlanLegend;

/// The diagram with the choice of what colours it, a legend and buttons for zooming.
class PlanDiagramPage : public PlanPage
{
    Q_OBJECT
public:
    PlanDiagramPage(items::PlanModel *model, QWidget *parent);
    void showPlan() override;
    void showNode(int node) override;
    QWidget *focusTarget() override;
    PlanDiagram *diagram() const { return m_diagram; }
    int colouring() const;
    void setColouring(int colouring);

protected:
    void changeEvent(QEvent *event) override;

private:
    void showLegend();

    QComboBox *m_colouring;
    PlanLegend *m_legend;
    PlanDiagram *m_diagram;
};

} // namespace tailscope::widgets
