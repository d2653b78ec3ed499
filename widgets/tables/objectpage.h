// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/objectsmodel.h"

#include <QSplitter>

class QHBoxLayout;
class QPlainTextEdit;

namespace tailscope::widgets {

class CellTableView;

/// Buttons that copy a text to run elsewhere. Rebuilt only when the texts change, so that the focus stays.
class CopyButtons : public QWidget
{
    Q_OBJECT
public:
    explicit CopyButtons(QWidget *parent = nullptr);
    void setTexts(const QVector<items::CopyText> &texts);

Q_SIGNALS:
    void copied(const QString &text);

private:
    QHBoxLayout *m_layout;
    QVector<items::CopyText> m_texts;
};

/// A table of objects; below it what is said of the chosen one, and texts to copy.
class ObjectPage : public QSplitter
{
    Q_OBJECT
public:
    ObjectPage(items::ObjectsModel *model, items::ObjectsModel::Page page, items::CellTable *table,
        const QString &name, QWidget *parent);

    CellTableView *table() const { return m_table; }
    QString detailsText() const;
    void refresh(); ///< the rows are new; the chosen one stays
    void select(qint64 id);

Q_SIGNALS:
    void chosen(qint64 id); ///< by the user
    void copied(const QString &text);

private:
    void showDetails();

    items::ObjectsModel *m_model;
    items::ObjectsModel::Page m_page;
    CellTableView *m_table;
    QPlainTextEdit *m_details;
    CopyButtons *m_buttons;
    QString m_chosen; ///< key of the chosen row: ids are places, which change
    bool m_filling = false;
};

/// Keeps the row whose first cell says this (text and tooltip) chosen after a table was filled anew, and the
/// place where the user reads; without such a row nothing is chosen.
void keepRow(CellTableView *table, const QString &key);

} // namespace tailscope::widgets
