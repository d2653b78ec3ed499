// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QStackedWidget;

namespace tailscope::session {
class Session;
}
namespace tailscope::items {
class StatementRangeModel;
}

namespace tailscope::widgets {

class CellTableView;
class ElidedLabel;
class EmptyState;
class PlotView;

/// What statements did in the chosen range, or in what the playback shows: a Pareto of the growth of their
/// counters, and calls and mean of the chosen one over time.
class StatementRangePanel : public QWidget
{
    Q_OBJECT
public:
    StatementRangePanel(session::Session *session, QWidget *parent);

    items::StatementRangeModel *model() const { return m_model; }
    CellTableView *table() const { return m_table; }
    QComboBox *serverBox() const { return m_server; }
    PlotView *callsPlot() const { return m_calls; }
    PlotView *meanPlot() const { return m_mean; }
    QString noteText() const;
    void setActive(bool active);
    void selectStatement(qint64 statement);

Q_SIGNALS:
    void statementChosen(qint64 statement); ///< by the user
    void sqlRequested();
    void busyChanged();
    void statusText(const QString &text);

private:
    void buildLayout();
    void connectPlot(PlotView *plot);
    void refresh();
    void showServers();
    void showEmpty();
    void showHistory();

    session::Session *m_session;
    items::StatementRangeModel *m_model;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    QLabel *m_serverLabel;
    QComboBox *m_server;
    ElidedLabel *m_note;
    CellTableView *m_table;
    PlotView *m_calls, *m_mean;
    Nanos m_origin = 0; ///< of the plots
    bool m_filling = false, m_fitted = false;
};

} // namespace tailscope::widgets
