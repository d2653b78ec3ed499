// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/session.h"

#include <QWidget>

#include <optional>

class QSplitter;

namespace tailscope::items {
class DistributionModel;
}

namespace tailscope::widgets {

class HeatMapCanvas;
class PlotView;

/// How the durations develop: density over time, below it P50, P95 and P99 and their ratio, on one time axis
/// with one cursor. Bins without spans are gaps; percentiles of too few samples are hollow and grey.
class OverTimePanel : public QWidget
{
    Q_OBJECT
public:
    OverTimePanel(session::Session *session, items::DistributionModel *model, QWidget *parent = nullptr);

    HeatMapCanvas *heatMap() const { return m_heat; }
    PlotView *percentiles() const { return m_lines; }
    PlotView *ratio() const { return m_ratio; }
    std::optional<TimeRange> selection() const; ///< while it is dragged, in any of the three

Q_SIGNALS:
    void selectionChanged();
    void rangeSelected(tailscope::TimeRange range);
    void rangeCleared();
    void readoutChanged(const QString &line);
    void failed(const QString &message);

protected:
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void showBins();
    void showMarkers();
    void alignAxes();
    void setCursor(std::optional<Nanos> time);
    TimeRange toRange(double low, double high) const;

    session::Session *m_session;
    items::DistributionModel *m_model;
    QSplitter *m_splitter;
    HeatMapCanvas *m_heat;
    PlotView *m_lines, *m_ratio;
};

} // namespace tailscope::widgets
