// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/replicamodel.h"

#include <QJsonObject>
#include <QWidget>

class QDoubleSpinBox;
class QFormLayout;
class QLineEdit;

namespace tailscope::widgets {

/// Fields for what only people know: think time, rates, hops of a commit, the list of standbys.
class ReplicaInputs : public QWidget
{
    Q_OBJECT
public:
    enum class Page { Readers, Commits };
    ReplicaInputs(items::ReplicaModel *model, Page page, QWidget *parent = nullptr);

    QJsonObject saveState() const;
    void restoreState(const QJsonObject &state);
    QDoubleSpinBox *box(const QString &key) const; ///< by its objectName: "think", "flush", ...

private:
    QDoubleSpinBox *add(QFormLayout *form, const QString &key, const QString &label, const QString &suffix,
        double value, double most, const QString &toolTip);
    void apply();

    items::ReplicaModel *m_model;
    QLineEdit *m_names = nullptr;
    Page m_page;
};

} // namespace tailscope::widgets
