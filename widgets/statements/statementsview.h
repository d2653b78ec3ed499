// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QBoxLayout;
class QComboBox;
class QLabel;
class QLineEdit;
class QSplitter;
class QStackedWidget;
class QTabWidget;
class QTableView;

namespace tailscope::items {
class QueryModel;
class StatementModel;
} // namespace tailscope::items

namespace tailscope::widgets {

class ElidedLabel;
class EmptyState;
class StatementDetails;
class StatementRangePanel;

/// Which statements carry the load, from counters, logs or spans: shares, cumulative shares, what each costs,
/// a verdict with its reason; who runs them; the chosen one in full with its plans; what they did in any
/// range of time. Keys: Enter opens its slowest plan, Ctrl+F searches.
class StatementsView : public View
{
    Q_OBJECT
public:
    explicit StatementsView(session::Session *session, QWidget *parent = nullptr);

    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;
    QList<QAction *> viewActions() const override { return m_actions; }
    void startSearch() override;

    items::StatementModel *model() const { return m_model; }
    QTableView *table() const { return m_table; }
    QTableView *tagTable() const { return m_tagTable; }
    QTabWidget *pages() const { return m_pages; }
    QComboBox *originBox() const { return m_origin; }
    QLineEdit *searchEdit() const { return m_search; }
    StatementDetails *details() const { return m_details; }
    StatementRangePanel *rangePanel() const { return m_range; }
    QString noteText() const;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildLayout();
    QWidget *buildStatements();
    QWidget *buildTags();
    void setUpTable(QTableView *table, const QString &name);
    void createActions();
    void refresh();
    void showOrigins();
    void showEmpty();
    void showNote();
    QString countersText() const;
    void showTags();
    void showPage();
    void connectRange();
    void followSelection();
    void fitColumns();
    void originChosen(int index);
    void openPlan(qint64 plan);
    void openSlowestPlan();
    void copyRows();
    void saveCsv();
    void showMenu(const QPoint &position);
    void showTagMenu(const QPoint &position);
    void updateReady();
    QList<int> chosenRows() const;
    int currentRow() const;

    items::StatementModel *m_model;
    items::QueryModel *m_tags;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    QComboBox *m_origin;
    QLineEdit *m_search;
    ElidedLabel *m_note;
    QTabWidget *m_pages;
    QSplitter *m_splitter;
    QTableView *m_table, *m_tagTable;
    QLabel *m_tagNote;
    StatementDetails *m_details;
    StatementRangePanel *m_range;
    QList<QAction *> m_actions;
    qint64 m_followed = 0; ///< the statement of the shared selection that was shown last
    bool m_fitted = false, m_wasReady = false, m_tagsStale = true;
    bool m_pageChosen = false; ///< by the user or a stored state
};

} // namespace tailscope::widgets
