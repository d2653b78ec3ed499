// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/tracelistmodel.h"
#include "widgets/base/view.h"

class QLineEdit;
class QMenu;
class QSplitter;
class QStackedWidget;
class QTableView;
class QTimer;

namespace tailscope::widgets {

class Banner;
class ElidedLabel;
class EmptyState;
class TraceScatterCanvas;

/// The traces of the shared range and filter: a picture over start and duration above a sortable table.
/// Dragging in the picture narrows every view; Enter or a double click opens a trace in the waterfall.
class TraceListView : public View
{
    Q_OBJECT
public:
    explicit TraceListView(session::Session *session, QWidget *parent = nullptr);
    ~TraceListView() override;

    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;
    QList<QAction *> viewActions() const override { return m_actions; }
    void startSearch() override;

    QTableView *table() const { return m_table; }
    TraceScatterCanvas *scatter() const { return m_scatter; }
    items::TraceListModel *model() const { return m_model; }
    /// The menu of the chosen rows; owned by the view.
    QMenu *makeMenu();

protected:
    bool event(QEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildLayout();
    void buildActions();
    void connectParts();
    void updateState();
    void updateCaption();
    void updateReady();
    void followSelection();
    void chooseRow(int row);
    void openTrace(qint64 id);
    void openCurrent();
    void copyRows();
    void copyKey();
    void compareWith();
    void removeArea();
    QList<int> chosenRows() const;

    items::TraceListModel *m_model;
    Banner *m_banner;
    QLineEdit *m_search;
    ElidedLabel *m_caption;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    QSplitter *m_splitter;
    TraceScatterCanvas *m_scatter;
    QTableView *m_table;
    QTimer *m_searchTimer;
    QList<QAction *> m_actions;
    QAction *m_open = nullptr, *m_copyKey = nullptr, *m_copyRow = nullptr, *m_filter = nullptr,
            *m_baseline = nullptr, *m_compare = nullptr;
    enum class EmptyAction { None, Open, Reset, Search } m_emptyAction = EmptyAction::None;
    bool m_copyWaits = false, m_following = false, m_wasReady = false;
};

} // namespace tailscope::widgets
