// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <QWidget>

#include <memory>

class QStackedWidget;

namespace tailscope::items {
class RemoteModel;
struct RemoteHeatMap;
} // namespace tailscope::items

namespace tailscope::live {
struct RemoteHistogram;
}

namespace tailscope::session {
class Session;
class SessionContext;
} // namespace tailscope::session

namespace tailscope::widgets {

class EmptyState;
class HeatMapCanvas;

/// Spans of a remote store by start and duration. One more query over all rows, hence asked when the page is
/// first shown for an answer and nothing else is asked; never again by itself after a cancel or an error.
class RemoteHeatPage : public QWidget
{
    Q_OBJECT
public:
    RemoteHeatPage(session::Session *session, items::RemoteModel *model, QWidget *parent);
    HeatMapCanvas *canvas() const { return m_canvas; }
    void askWhenShown();
    void refresh();
    void setCanGoBack(bool can) { m_canGoBack = can; }

Q_SIGNALS:
    void rangeSelected(tailscope::TimeRange range);
    /// Durations: [low, high).
    void cellsSelected(tailscope::TimeRange range, tailscope::Nanos low, tailscope::Nanos high);
    void backRequested(); ///< to what was asked before the last selection
    void readoutChanged(const QString &line);

protected:
    void showEvent(QShowEvent *event) override;

private:
    void showWhyEmpty();

    items::RemoteModel *m_model;
    session::SessionContext *m_times; ///< only says how times are written
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    HeatMapCanvas *m_canvas;
    std::shared_ptr<const items::RemoteHeatMap> m_heat; ///< what is drawn
    std::shared_ptr<const live::RemoteHistogram> m_askedFor;
    bool m_canGoBack = false;
};

} // namespace tailscope::widgets
