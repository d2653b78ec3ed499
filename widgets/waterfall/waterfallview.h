// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/waterfallmodel.h"
#include "widgets/base/view.h"

class QBoxLayout;
class QLabel;
class QMenu;
class QSplitter;
class QStackedWidget;
class QTableView;

namespace tailscope::widgets {

class Banner;
class ElidedLabel;
class EmptyState;
class SearchBar;
class WaterfallCanvas;
class WaterfallSummary;

/// One trace as a waterfall: the tree of its spans, bars over time, critical path, gaps, repeated calls
/// folded. It shows the selected trace or the trace of the selected span, else the slowest of the list.
class WaterfallView : public View
{
    Q_OBJECT
public:
    explicit WaterfallView(session::Session *session, QWidget *parent = nullptr);

    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;
    QList<QAction *> viewActions() const override { return m_actions; }
    void startSearch() override;
    void zoomBy(double factor) override;

    items::WaterfallModel *model() const { return m_model; }
    WaterfallCanvas *canvas() const { return m_canvas; }
    WaterfallSummary *summary() const { return m_summary; }
    QTableView *gapTable() const { return m_gapTable; }
    /// The menu of the current row; owned by the view.
    QMenu *makeMenu();

protected:
    bool event(QEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildActions();
    void buildLayout();
    void addToolBar(QBoxLayout *layout);
    void connectParts();
    void takeTrace();
    void updateState();
    void updateReady();
    void updateSearch();
    void followSelection();
    void selectRow(int row);
    void selectGap(int row);
    void walkMatches(bool forward);
    void followLink(const items::WaterfallTrace::Link &link);
    void addLinks(QMenu *menu);

    items::WaterfallModel *m_model;
    items::TraceGapModel *m_gaps;
    Banner *m_banner;
    SearchBar *m_search;
    WaterfallSummary *m_summary;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    QSplitter *m_splitter;
    WaterfallCanvas *m_canvas;
    QTableView *m_gapTable;
    ElidedLabel *m_details;
    QLabel *m_place;
    QList<QAction *> m_actions;
    QAction *m_previous = nullptr, *m_next = nullptr, *m_path = nullptr, *m_showGaps = nullptr,
            *m_correct = nullptr, *m_groups = nullptr, *m_services = nullptr, *m_list = nullptr;
    enum class EmptyAction { None, Open, Reset } m_emptyAction = EmptyAction::None;
    bool m_selecting = false, m_wasReady = false;
};

} // namespace tailscope::widgets
