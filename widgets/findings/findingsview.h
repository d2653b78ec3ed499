// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QLabel;
class QStackedWidget;
class QTableView;
class QTextBrowser;

namespace tailscope::items {
class QueryModel;
}

namespace tailscope::widgets {

class EmptyState;
struct FindingTarget;

/// What the rules found: a list by severity, and for the chosen one cause, evidence, fix, proof and side
/// effect. Rules that could not run are listed too, with what they need.
class FindingsView : public View
{
    Q_OBJECT
public:
    FindingsView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    QString commandLine() const override;
    bool isReady() const override;

private:
    void reload();
    void refresh();
    void showFinding(int row);
    void followSelection();
    void showNotEvaluated();
    QList<FindingTarget> targets(int row) const;
    void goTo(int row, int number); ///< the number-th place of the finding

    items::QueryModel *m_model, *m_rules;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    QTableView *m_table;
    QTextBrowser *m_detail;
    QLabel *m_footer;
};

} // namespace tailscope::widgets
