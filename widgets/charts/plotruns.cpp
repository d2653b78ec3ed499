// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/plotruns.h"

#include "widgets/charts/plotscale.h"

#include <algorithm>
#include <cmath>

namespace tailscope::widgets {

namespace {

// Dots nearer than this to each other would merge into a band; then only the lines are drawn.
constexpr double kDotDistance = 5;

class RunBuilder
{
public:
    RunBuilder(const PlotScale &x, const PlotScale &y, int pixels)
        : m_x(x)
        , m_y(y)
        , m_left(x.toPlot(x.low()))
        , m_columnsPerUnit(pixels / std::max(1e-300, x.toPlot(x.high()) - m_left))
    {}

    void begin(bool weak)
    {
        m_run = {};
        m_run.weak = weak;
        m_column = -1;
        m_samples = 0;
    }

    void add(double x, double y)
    {
        const QPointF point(m_x.toPlot(x), m_y.toPlot(y));
        const double column = std::floor((point.x() - m_left) * m_columnsPerUnit);
        if (m_samples == 0 || column != m_column) {
            flush();
            m_column = column;
            m_low = m_high = point;
        } else if (point.y() < m_low.y()) {
            m_low = point;
        } else if (point.y() >= m_high.y()) {
            m_high = point;
        }
        m_last = point;
        ++m_samples;
        m_pending = true;
    }

    /// Ends the run; one lonely point becomes a dot.
    void end(PlotRuns &out)
    {
        flush();
        if (m_run.points.size() == 1)
            out.dots.push_back({m_last, m_run.weak});
        else if (!m_run.points.isEmpty())
            out.runs.push_back(std::move(m_run));
        m_run = {};
        m_samples = 0;
    }

private:
    void flush()
    {
        if (!m_pending)
            return;
        m_pending = false;
        const bool lowFirst = m_low.x() <= m_high.x();
        m_run.points.append(lowFirst ? m_low : m_high);
        if (m_low != m_high)
            m_run.points.append(lowFirst ? m_high : m_low);
    }

    const PlotScale &m_x, &m_y;
    double m_left, m_columnsPerUnit;
    double m_column = -1;
    QPointF m_low, m_high, m_last;
    std::size_t m_samples = 0;
    bool m_pending = false;
    PlotRun m_run;
};

} // namespace

std::pair<std::size_t, std::size_t> visiblePart(const std::vector<double> &xs, double low, double high)
{
    auto first = std::size_t(std::lower_bound(xs.begin(), xs.end(), low) - xs.begin());
    auto last = std::size_t(std::upper_bound(xs.begin(), xs.end(), high) - xs.begin());
    if (first > 0)
        --first;
    if (last < xs.size())
        ++last;
    return {first, std::max(first, last)};
}

PlotRuns plotRuns(const PlotSeries &series, const PlotScale &x, const PlotScale &y, int pixels)
{
    PlotRuns out;
    const std::size_t size = std::min(series.x.size(), series.y.size());
    const auto [first, last] = visiblePart(series.x, x.low(), x.high());
    const auto isWeak = [&](std::size_t i) { return i < series.weak.size() && series.weak[i] != 0; };
    const auto isKnown = [&](std::size_t i) { return i < size && std::isfinite(series.y[i]); };
    RunBuilder builder(x, y, pixels);
    bool open = false;
    for (std::size_t i = first; i < std::min(last, size); ++i) {
        if (!isKnown(i)) {
            if (open)
                builder.end(out);
            open = false;
            continue;
        }
        const bool joined = open && series.x[i] - series.x[i - 1] <= series.maxGap;
        if (open && !joined) {
            builder.end(out);
            open = false;
        }
        // The stretch between two points is weak when either of them is.
        if (open && isWeak(i) != isWeak(i - 1)) {
            if (isWeak(i)) {
                builder.end(out);
                builder.begin(true);
                builder.add(series.x[i - 1], series.y[i - 1]);
                builder.add(series.x[i], series.y[i]);
            } else {
                builder.add(series.x[i], series.y[i]);
                builder.end(out);
                builder.begin(false);
                builder.add(series.x[i], series.y[i]);
            }
            continue;
        }
        if (!open)
            builder.begin(isWeak(i));
        open = true;
        builder.add(series.x[i], series.y[i]);
    }
    if (open)
        builder.end(out);
    const double pixelsPerPoint = last > first ? double(pixels) / double(last - first) : pixels;
    if (pixelsPerPoint >= kDotDistance) {
        for (std::size_t i = first; i < std::min(last, size); ++i) {
            if (isKnown(i) && isWeak(i))
                out.dots.push_back({QPointF(x.toPlot(series.x[i]), y.toPlot(series.y[i])), true});
        }
    }
    return out;
}

} // namespace tailscope::widgets
