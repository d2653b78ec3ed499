// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

#include <QPersistentModelIndex>

#include <set>
#include <utility>

class QLabel;
class QPlainTextEdit;
class QStackedWidget;
class QTreeView;

namespace tailscope::items {
class BlockingModel;
}

namespace tailscope::widgets {

class Banner;
class ElidedLabel;
class EmptyState;
class TimeStrip;

/// Who holds up whom at the moment playback shows: root blockers with their victims below, and above it how
/// many were blocked over the window (a click holds that moment). Nothing is ever cancelled: the menu has the
/// text to copy.
class BlockingView : public View
{
    Q_OBJECT
public:
    explicit BlockingView(session::Session *session, QWidget *parent = nullptr);

    QString showSql() const override;
    bool isReady() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;

    items::BlockingModel *model() const { return m_model; }
    QTreeView *tree() const { return m_tree; }
    TimeStrip *strip() const { return m_strip; }
    QString noteText() const;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildTree();
    void buildLayout();
    void connectAll();
    void refresh();
    void showEmpty();
    void expandOpen();
    void noteClosed(const QModelIndex &index, bool isClosed);
    void showStrip();
    void showDetails();
    void chosenByUser();
    void followSelection();
    void explain();
    void openSession();
    void openStatement();
    void copyTree();
    void showMenu(const QPoint &position);

    items::BlockingModel *m_model;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    Banner *m_banner;
    ElidedLabel *m_note;
    TimeStrip *m_strip;
    QTreeView *m_tree;
    QStackedWidget *m_treeStack;
    QLabel *m_quiet;
    QPlainTextEdit *m_query;
    std::set<std::pair<qint64, qint64>> m_closed; ///< by the user: process and server
    int m_place = 0; ///< where the tree was scrolled to before its rows were replaced
    qint64 m_followed = 0; ///< process that was scrolled to last
    bool m_fitted = false, m_filling = false;
};

} // namespace tailscope::widgets
