// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QComboBox;
class QMenu;
class QPlainTextEdit;
class QSplitter;
class QStackedWidget;
class QTableView;

namespace tailscope::items {
class ServerLogModel;
}

namespace tailscope::widgets {

class ElidedLabel;
class EmptyState;
class PlotView;
class SearchBar;

/// The lines of servers' logs in the shared range: how many over time, by pattern, and each as it was
/// written.
class ServerLogView : public View
{
    Q_OBJECT
public:
    ServerLogView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    bool isReady() const override;
    void startSearch() override;

    items::ServerLogModel *model() const { return m_model; }
    QTableView *patternTable() const { return m_patterns; }
    QTableView *lineTable() const { return m_lines; }
    QComboBox *kindBox() const { return m_kind; }
    QString recordText() const;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildLayout();
    QWidget *buildBar();
    void setUpTable(QTableView *table, const QString &name);
    void connectAll();
    void refresh();
    void showEmpty();
    void fillBox(QComboBox *box, const QString &all, bool kinds);
    void showHistogram();
    void showRecord();
    void updateNote();
    void pickPattern();
    void pickLine();
    void selectTimeOfPattern();
    void copyRows(bool patterns);
    void showMenu(QTableView *table, const QPoint &position);

    items::ServerLogModel *m_model;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    ElidedLabel *m_note;
    QComboBox *m_kind, *m_severity;
    SearchBar *m_search;
    PlotView *m_plot;
    QTableView *m_patterns, *m_lines;
    QPlainTextEdit *m_record;
    bool m_fitted = false, m_filling = false;
};

} // namespace tailscope::widgets
