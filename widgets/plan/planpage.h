// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace tailscope::items {
class PlanModel;
}

namespace tailscope::widgets {

/// A page of the plan view. All pages show the one chosen node, and a click in any of them chooses for all.
class PlanPage : public QWidget
{
    Q_OBJECT
public:
    PlanPage(items::PlanModel *model, QWidget *parent)
        : QWidget(parent)
        , m_model(model)
    {}
    items::PlanModel *model() const { return m_model; }
    virtual void showPlan() = 0; ///< the model holds another plan
    virtual void showNode(int node) = 0; ///< index in the plan; -1 = none
    virtual QWidget *focusTarget() = 0; ///< what takes the focus with the page

Q_SIGNALS:
    void nodeChosen(int node);
    void menuRequested(const QPoint &globalPosition, int node);
    void statusText(const QString &text);

private:
    items::PlanModel *m_model;
};

} // namespace tailscope::widgets
