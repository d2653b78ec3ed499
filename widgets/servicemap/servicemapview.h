// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QComboBox;
class QStackedWidget;
class QTableView;

namespace tailscope::items {
class ServiceEdgeTable;
class ServiceMapModel;
} // namespace tailscope::items

namespace tailscope::widgets {

class Banner;
class ElidedLabel;
class EmptyState;
class SearchBar;
class ServiceMapCanvas;

/// Who calls whom over all traces of the range and filter: the map above, the same calls as a table below.
class ServiceMapView : public View
{
    Q_OBJECT
public:
    ServiceMapView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;
    QList<QAction *> viewActions() const override { return m_actions; }
    void startSearch() override;
    void zoomBy(double factor) override;

    ServiceMapCanvas *canvas() const { return m_canvas; }
    QTableView *table() const { return m_table; }

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildLayout();
    void buildActions();
    void refresh();
    void showEmpty();
    void updateNote();
    void applyShare();
    void search(int step);
    void narrow(int node);
    void openTraces(int node);
    void followTable();
    void followCanvas();
    void showMenu(const QPoint &globalPosition);
    void copyRows();
    int currentEdge() const;
    int currentNode() const;

    items::ServiceMapModel *m_model;
    items::ServiceEdgeTable *m_edges;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    Banner *m_banner;
    QComboBox *m_share;
    ServiceMapCanvas *m_canvas;
    QTableView *m_table;
    SearchBar *m_search;
    ElidedLabel *m_note;
    QList<QAction *> m_actions;
    bool m_isFollowing = false, m_fitted = false;
};

} // namespace tailscope::widgets
