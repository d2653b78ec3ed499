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

namespace tailscope::items {
class CriticalPathModel;
}

namespace tailscope::widgets {

/// "If this were so, the traces would take": edits for the operation that is chosen in the table, and the
/// percentiles of the traces run again with all of them.
class WhatIfPanel : public QWidget
{
    Q_OBJECT
public:
    enum class Change { Faster, Cap, Remove, Async, Parallel };

    explicit WhatIfPanel(items::CriticalPathModel *model, QWidget *parent = nullptr);
    void setRow(int row); ///< of the model; -1 = none is chosen
    void addEdit(); ///< what the fields say, for the chosen row
    void clearEdits();
    QString resultText() const;
    QJsonArray saveState() const;
    void restoreState(const QJsonArray &edits);
    QComboBox *changeBox() const { return m_change; }
    QDoubleSpinBox *amountBox() const { return m_amount; }
    QListWidget *list() const { return m_list; }

private:
    void updateFields();
    void showEdits();
    void showResult();
    void removeChosen();

    items::CriticalPathModel *m_model;
    int m_row = -1;
    QLabel *m_target, *m_result;
    QComboBox *m_change;
    QDoubleSpinBox *m_amount;
    QPushButton *m_add, *m_clear;
    QListWidget *m_list;
};

} // namespace tailscope::widgets
