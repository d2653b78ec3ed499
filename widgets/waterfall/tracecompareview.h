// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/tracediffmodel.h"
#include "widgets/base/view.h"

class QLabel;
class QMenu;
class QSplitter;
class QStackedWidget;
class QTableView;

namespace tailscope::widgets {

class Banner;
class ElidedLabel;
class EmptyState;
class TraceCompareCanvas;

/// Two traces compared by time: the difference in words, both waterfalls side by side, and a table by path.
class TraceCompareView : public View
{
    Q_OBJECT
public:
    explicit TraceCompareView(session::Session *session, QWidget *parent = nullptr);
    ~TraceCompareView() override;

    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;
    QList<QAction *> viewActions() const override { return m_actions; }
    void zoomBy(double factor) override;

    items::TraceDiffModel *model() const { return m_model; }
    TraceCompareCanvas *canvas() const { return m_canvas; }
    QTableView *table() const { return m_table; }
    QString words() const;
    QMenu *makeMenu(); ///< owned by the view

protected:
    bool event(QEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildLayout();
    void setUpTable();
    void buildActions();
    void connectParts();
    void updateState();
    void updateReady();
    void selectRow(int diffRow);
    QList<int> chosenRows() const;

    items::TraceDiffModel *m_model;
    Banner *m_banner;
    QLabel *m_words;
    ElidedLabel *m_a, *m_b, *m_details;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    QSplitter *m_splitter;
    TraceCompareCanvas *m_canvas;
    QTableView *m_table;
    QList<QAction *> m_actions;
    bool m_following = false, m_wasReady = false;
};

} // namespace tailscope::widgets
