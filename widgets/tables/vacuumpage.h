// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/objectsmodel.h"

#include <QSplitter>

class QLabel;

namespace tailscope::widgets {

class CellTableView;
class CopyButtons;

/// Commands that report their progress, what holds back the oldest snapshot, ages towards the wraparound.
class VacuumPage : public QSplitter
{
    Q_OBJECT
public:
    VacuumPage(items::ObjectsModel *model, QWidget *parent);

    CellTableView *progress() const { return m_progress; }
    CellTableView *holders() const { return m_holders; }
    CellTableView *ages() const { return m_ages; }
    void refresh(); ///< the rows are new; the chosen holder stays

Q_SIGNALS:
    void copied(const QString &text);

private:
    QWidget *titled(QLabel *title, CellTableView *table, QWidget *below);

    items::ObjectsModel *m_model;
    CellTableView *m_progress, *m_holders, *m_ages;
    QLabel *m_progressTitle, *m_holderTitle, *m_ageTitle;
    CopyButtons *m_buttons;
    qint64 m_holder = -1;
};

} // namespace tailscope::widgets
