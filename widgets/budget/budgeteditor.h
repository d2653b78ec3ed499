// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/budget.h"

#include <QDialog>

class QCheckBox;
class QComboBox;
class QDialogButtonBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QTableWidget;
class QTimer;

namespace tailscope::items {
class BudgetModel;
}

namespace tailscope::widgets {

/// Makes or changes a budget: its target, which requests it is for, its components in their order. Says how
/// many spans the pattern under the cursor matches, what the plan sums up to, and what is wrong with it.
class BudgetEditor : public QDialog
{
    Q_OBJECT
public:
    BudgetEditor(items::BudgetModel *model, const Budget &budget, QWidget *parent);
    Budget budget() const; ///< as the fields stand
    QTableWidget *table() const { return m_table; }
    QLineEdit *nameEdit() const { return m_name; }
    QLineEdit *matchEdit() const { return m_match; }
    QDoubleSpinBox *targetBox() const { return m_target; }
    QString previewText() const;
    QString sumsText() const;
    void addComponent();
    void removeComponent();
    void moveComponent(int step); ///< -1 = up

Q_SIGNALS:
    void saved(const tailscope::Budget &budget);

private:
    enum Column { Name, Match, BudgetMs, TimeoutMs, Group, Kind, LeastMs, Optional, ColumnCount };
    void buildLayout();
    void fill(const Budget &budget);
    void setRow(int row, const BudgetComponent &part);
    BudgetComponent rowOf(int row) const;
    void update();
    void askPreview();
    void takePreview(const QString &pattern, const QString &text, bool isBad);

    items::BudgetModel *m_model;
    Budget m_budget; ///< what no field shows
    QLineEdit *m_name, *m_match;
    QDoubleSpinBox *m_target, *m_margin, *m_errors;
    QComboBox *m_percentile;
    QCheckBox *m_hasErrors;
    QTableWidget *m_table;
    QLabel *m_preview, *m_sums, *m_problem;
    QPushButton *m_up, *m_down, *m_remove;
    QDialogButtonBox *m_buttons;
    QTimer *m_timer;
    bool m_filling = false;
};

} // namespace tailscope::widgets
