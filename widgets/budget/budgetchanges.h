// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonArray>
#include <QWidget>

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QListWidget;
class QPushButton;
class QSpinBox;

namespace tailscope::items {
class BudgetModel;
}

namespace tailscope::widgets {

/// "What if": changes of components with check boxes, each with what the requests would take with it alone
/// and with all checked ones above, and the whole against the target.
class BudgetChanges : public QWidget
{
    Q_OBJECT
public:
    explicit BudgetChanges(items::BudgetModel *model, QWidget *parent = nullptr);
    void setComponent(int component); ///< index in the budget; -1 = unaccounted time
    void addChange(); ///< what the fields say
    QString resultText() const;
    QListWidget *list() const { return m_list; }
    QComboBox *targetBox() const { return m_target; }
    QComboBox *changeBox() const { return m_change; }
    QDoubleSpinBox *amountBox() const { return m_amount; }
    QJsonArray saveState() const;
    void restoreState(const QJsonArray &state);

private:
    void buildLayout();
    void fillTargets();
    void updateFields();
    void showChanges();
    void removeChosen();
    void takeChecks();

    items::BudgetModel *m_model;
    QComboBox *m_target, *m_change;
    QDoubleSpinBox *m_amount;
    QSpinBox *m_count;
    QPushButton *m_add, *m_suggest;
    QListWidget *m_list;
    QLabel *m_result;
    bool m_filling = false;
};

} // namespace tailscope::widgets
