// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QComboBox;
class QLabel;
class QSplitter;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace tailscope::items {
class CompareModel;
class CompareTable;
} // namespace tailscope::items

namespace tailscope::widgets {

class Banner;
class EmptyState;
class PlotView;

/// Two sets of spans by operation: A is the baseline (another time, source, filter or file), B the shared
/// range and filter. What got worse stands first, with a verdict in words and the percentile curves of both.
/// Enter on a row filters to its operation.
class CompareView : public View
{
    Q_OBJECT
public:
    explicit CompareView(session::Session *session, QWidget *parent = nullptr);

    QString showSql() const override;
    /// The baseline as range and filter; `before`: the first choice of the box.
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;
    QList<QAction *> viewActions() const override { return m_actions; }

    items::CompareModel *model() const { return m_model; }
    QTableView *table() const { return m_table; }
    PlotView *curves() const { return m_curves; }
    QComboBox *firstBox() const { return m_first; }
    QString verdictText() const;
    QString setsText() const;
    QString markdown() const; ///< empty while nothing is compared

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildLayout();
    void connectParts();
    void createActions();
    void fillBox();
    void choose(int index);
    void chooseFile();
    void showContent();
    void showState();
    void showCurves();
    void updateBusy();
    void filterToRow();
    void showMenu(const QPoint &position);

    items::CompareModel *m_model;
    items::CompareTable *m_rows;
    Banner *m_banner;
    QWidget *m_bar;
    QComboBox *m_first;
    QToolButton *m_keep;
    QLabel *m_verdict, *m_sets, *m_busyMark;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    QSplitter *m_splitter;
    QTableView *m_table;
    PlotView *m_curves;
    QList<QAction *> m_actions;
    enum class EmptyAction { None, Open, FirstChoice } m_emptyAction = EmptyAction::None;
    bool m_wasReady = false, m_fitted = false;
};

} // namespace tailscope::widgets
