// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTabWidget>

class QLabel;
class QListWidget;
class QPlainTextEdit;

namespace tailscope::items {
class PlanModel;
}

namespace tailscope::widgets {

/// Beside the pages of a plan: what to read first with what the tree does not hold, and the text the plan was
/// read from over its statement, both with the place of the chosen node marked.
class PlanSidePane : public QTabWidget
{
    Q_OBJECT
public:
    PlanSidePane(const items::PlanModel *model, QWidget *parent);
    void showPlan();
    void showNode(int node);
    QString planText() const;

Q_SIGNALS:
    void nodeChosen(int node);

protected:
    void changeEvent(QEvent *event) override;

private:
    void showChecklist();
    void showOutside();
    void markText(int node);
    void markStatement(int node);

    const items::PlanModel *m_model;
    QListWidget *m_checks = nullptr;
    QLabel *m_outside;
    QPlainTextEdit *m_text, *m_query;
    QLabel *m_queryNote;
};

} // namespace tailscope::widgets
