// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSplitter>
#include <QString>

class QComboBox;
class QLabel;
class QPlainTextEdit;
class QTableView;
class QToolButton;

namespace tailscope::session {
class Session;
}
namespace tailscope::items {
class QueryModel;
class StatementModel;
} // namespace tailscope::items

namespace tailscope::widgets {

class ElidedLabel;

/// The chosen statement: its text without values or as it was first seen, the reason of its verdict, and its
/// captured plans. Enter on a plan opens it.
class StatementDetails : public QSplitter
{
    Q_OBJECT
public:
    StatementDetails(session::Session *session, items::StatementModel *model, QWidget *parent);

    /// Row of the model; -1 = none.
    void setRow(int row);
    qint64 statement() const { return m_statement; } ///< 0 = none
    QString shownText() const;
    bool isBusy() const;
    QComboBox *textBox() const { return m_which; }
    QTableView *plans() const { return m_plans; }
    QPlainTextEdit *text() const { return m_text; }

Q_SIGNALS:
    void busyChanged();
    void planChosen(qint64 plan);

private:
    QWidget *textSide();
    QWidget *planSide();
    void showText();
    void openPlan();
    void showPlanMenu(const QPoint &position);

    session::Session *m_session;
    items::StatementModel *m_model;
    QComboBox *m_which;
    QToolButton *m_copy;
    ElidedLabel *m_reason;
    QPlainTextEdit *m_text;
    QLabel *m_plansTitle;
    items::QueryModel *m_planRows;
    QTableView *m_plans;
    qint64 m_statement = 0, m_planCount = 0;
    QString m_normalized, m_first;
};

} // namespace tailscope::widgets
