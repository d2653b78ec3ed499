// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/recordingsmodel.h"
#include "widgets/base/view.h"

#include <array>

class QComboBox;
class QLineEdit;
class QPushButton;
class QStackedWidget;
class QTabWidget;

namespace tailscope::widgets {

class CellTableView;
class ElidedLabel;
class EmptyState;

/// Two recordings, or two ranges of one, compared: before (A) and after (B) a change. Keys: 1 to 5 choose a
/// page, Ctrl+F searches.
class RecordingsView : public View
{
    Q_OBJECT
public:
    explicit RecordingsView(session::Session *session, QWidget *parent = nullptr);

    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;
    void startSearch() override;

    items::RecordingsModel *model() const { return m_model; }
    QTabWidget *pages() const { return m_pages; }
    CellTableView *table(items::RecordingsModel::Page page) const { return m_tables[page]; }
    QComboBox *sideBox(items::RecordingsModel::Side side) const { return m_boxes[side]; }
    QPushButton *rangeButton(items::RecordingsModel::Side side) const { return m_rangeButtons[side]; }
    QPushButton *swapButton() const { return m_swap; }
    QLineEdit *searchEdit() const { return m_search; }
    QString noteText() const;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildLayout();
    void connectAll();
    void refresh();
    void showSides();
    void showEmpty();
    void takeRange(items::RecordingsModel::Side side);

    items::RecordingsModel *m_model;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    std::array<QComboBox *, 2> m_boxes;
    std::array<QPushButton *, 2> m_rangeButtons;
    QPushButton *m_swap;
    QLineEdit *m_search;
    ElidedLabel *m_note;
    QTabWidget *m_pages;
    std::array<CellTableView *, items::RecordingsModel::PageCount> m_tables;
};

} // namespace tailscope::widgets
