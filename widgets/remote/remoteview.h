// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "widgets/base/view.h"

#include <QList>
#include <QPair>

#include <optional>
#include <utility>

class QComboBox;
class QLineEdit;
class QCheckBox;
class QPushButton;
class QStackedWidget;
class QTabWidget;

namespace tailscope::items {
class CellTable;
class RemoteModel;
} // namespace tailscope::items

namespace tailscope::widgets {

class Banner;
class CellTableView;
class ElidedLabel;
class EmptyState;
class PlotView;
class RemoteHeatPage;

/// Spans that stay in another database: histogram and percentiles with their bounds, groups, slow against the
/// rest, slowest traces to fetch, spans by start and duration, and the queries behind it all.
class RemoteView : public View
{
    Q_OBJECT
public:
    RemoteView(session::Session *session, QWidget *parent);
    QString showSql() const override;
    QString commandLine() const override;
    bool isReady() const override;
    QJsonObject saveState() const override;
    /// "ask": a list of "ask", "exact", "cohort", "heat" is asked at once, for pictures without a window; it
    /// is never kept, so that opening a workspace asks nothing of a server. "tab": the one to show.
    void restoreState(const QJsonObject &state) override;

    items::RemoteModel *model() const { return m_model; }
    QComboBox *storeBox() const { return m_store; }
    QLineEdit *rangeEdit() const { return m_range; }
    QLineEdit *filterEdit() const { return m_filter; }
    QPushButton *askButton() const { return m_ask; }
    QPushButton *exactButton() const { return m_exact; }
    QPushButton *cohortButton() const { return m_compare; }
    QPushButton *fetchButton() const { return m_fetch; }
    QTabWidget *tabs() const { return m_tabs; }
    RemoteHeatPage *heatPage() const { return m_heat; }
    QString statusLine() const;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    QWidget *buildBars();
    QWidget *buildBody();
    void connectAll();
    void define(bool isNew);
    void refresh();
    void refreshStores();
    void refreshPlot();
    void ask();
    void askAnew(); ///< by the user: what was selected before is no place to go back to
    void askFor(TimeRange range, const std::optional<std::pair<Nanos, Nanos>> &durations);
    void goBack();
    void showFetched(qint64 trace);
    void goOn();
    void fetch();
    QStringList chosenTraces() const;

    items::RemoteModel *m_model;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    Banner *m_banner;
    QComboBox *m_store, *m_key;
    QLineEdit *m_range, *m_filter;
    QCheckBox *m_roots;
    QPushButton *m_define, *m_change, *m_forget, *m_ask, *m_cancel, *m_exact, *m_compare, *m_fetch;
    ElidedLabel *m_status, *m_note;
    PlotView *m_plot;
    CellTableView *m_percentiles, *m_groups, *m_cohort, *m_traces, *m_queries;
    QTabWidget *m_tabs;
    RemoteHeatPage *m_heat;
    QList<QPair<QString, QString>> m_before; ///< range and filter before each selection in the heat map
    QStringList m_wanted; ///< what a given state asks for one after the other
};

} // namespace tailscope::widgets
