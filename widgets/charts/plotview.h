// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/plotcontent.h"

#include <QWidget>

class QStackedWidget;
class QTableView;

namespace tailscope::session {
class SessionContext;
}

namespace tailscope::widgets {

class PlotCanvas;
class PlotDataModel;

/// A line chart that any view can use: decimated lines with gaps, round ticks, cursor with exact values,
/// selection of a range of x, the same numbers as a table, copy and export. Follows the palette. GUI thread;
/// everything that is computed comes ready in the PlotContent.
class PlotView : public QWidget
{
    Q_OBJECT
public:
    /// context: for time axes; may be null, must outlive the view.
    explicit PlotView(const session::SessionContext *context, QWidget *parent = nullptr);

    void setContent(PlotContent content);
    const PlotContent &content() const;
    PlotCanvas *canvas() const { return m_canvas; }

    bool isShowingData() const;
    void showData(bool on); ///< 'Show Data': the table instead of the lines
    QString dataText() const; ///< tab-separated
    /// PNG or SVG by the ending. Returns an error text or nothing.
    QString exportPicture(const QString &path);
    /// Entries for a context menu, owned by the view.
    QList<QAction *> plotActions() const { return m_actions; }

Q_SIGNALS:
    void rangeSelected(double low, double high);
    void rangeCleared();
    void selectionChanged();
    void cursorMoved(std::optional<double> x);
    void readoutChanged(const QString &line);
    void failed(const QString &message); ///< an export could not be written

protected:
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    void createActions();
    void exportWithDialog();

    const session::SessionContext *m_context;
    QStackedWidget *m_stack;
    PlotCanvas *m_canvas;
    QTableView *m_table = nullptr; ///< made when first shown
    PlotDataModel *m_data;
    QAction *m_showData = nullptr;
    QList<QAction *> m_actions;
};

} // namespace tailscope::widgets
