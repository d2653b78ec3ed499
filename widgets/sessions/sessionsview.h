// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

#include <QPoint>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QTableView;

namespace tailscope::items {
class SessionHistory;
class SessionModel;
} // namespace tailscope::items

namespace tailscope::widgets {

class Banner;
class CellTableView;
class ElidedLabel;
class EmptyState;
class TimeStrip;

/// Who is connected and does what, at the moment playback shows: sorted, filtered, counted by a column; the
/// chosen one with its query, whom it waits for, and what it did over the window. Keys: Ctrl+F searches,
/// Ctrl+C copies rows, the menu key opens the menu.
class SessionsView : public View
{
    Q_OBJECT
public:
    explicit SessionsView(session::Session *session, QWidget *parent = nullptr);

    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;
    QList<QAction *> viewActions() const override { return m_actions; }
    void startSearch() override;

    items::SessionModel *model() const { return m_model; }
    QTableView *table() const { return m_table; }
    CellTableView *groupTable() const { return m_groups; }
    QLineEdit *searchEdit() const { return m_search; }
    QComboBox *groupBox() const { return m_group; }
    QCheckBox *activeBox() const { return m_onlyActive; }
    QPlainTextEdit *queryText() const { return m_query; }
    TimeStrip *strip() const { return m_strip; }
    QString noteText() const;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *buildBar();
    QWidget *buildDetails();
    void buildTable();
    void buildLayout();
    void connectAll();
    void createActions();
    void refresh();
    void showEmpty();
    void showBanner();
    void showDetails();
    void showHistory();
    void applyFilter();
    void groupChosen();
    void chosenByUser();
    void followSelection();
    void copyRows();
    void copyCell();
    void copyTable();
    void explain();
    void openStatement();
    void openBlocking();
    void filterToApplication();
    void showMenu(const QPoint &position);
    void fitColumns();
    void fitQuery();
    QList<int> chosenRows() const;
    int currentRow() const;

    items::SessionModel *m_model;
    items::SessionHistory *m_history;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    Banner *m_banner;
    QLineEdit *m_search;
    QCheckBox *m_onlyActive, *m_onlyWaiting, *m_onlyInTransaction, *m_background;
    QComboBox *m_group;
    ElidedLabel *m_note;
    CellTableView *m_groups;
    QTableView *m_table;
    QLabel *m_title;
    QPlainTextEdit *m_query;
    QPushButton *m_copyQuery, *m_explain;
    TimeStrip *m_strip;
    QSplitter *m_upper = nullptr;
    QList<QAction *> m_actions;
    qint64 m_chosenPid = 0; ///< of the shared selection that was followed last
    int m_queryWidth = 0; ///< as it was fitted; another one is the user's
    bool m_fitted = false, m_following = false;
};

} // namespace tailscope::widgets
