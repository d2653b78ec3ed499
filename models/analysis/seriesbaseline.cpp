// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/seriesbaseline.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>

namespace tailscope::analysis {

namespace {

constexpr Nanos kHour = 3600 * kNanosPerSecond;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Learns hour by hour.
class Learner
{
public:
    Learner(const RegularSeries &series, const BaselineOptions &options)
        : m_series(series)
        , m_options(options)
    {
        m_out.expected.assign(series.values.size(), kNone);
        m_state.assign(series.values.size(), State::None);
        m_wasFlagged.fill(true);
    }
    Baseline learn();

private:
    enum class State : std::uint8_t { None, Usual, Low, High };
    Nanos hourOf(std::size_t bin) const
    {
        const Nanos t = m_series.timeOf(bin);
        return t / kHour - (t % kHour < 0 ? 1 : 0);
    }
    double expectedAt(Nanos hour) const;
    void judgeHour(std::size_t from, std::size_t to, Nanos hour);
    void findDepartures();

    const RegularSeries &m_series;
    const BaselineOptions &m_options;
    Baseline m_out;
    std::vector<State> m_state;
    std::array<std::deque<double>, 24> m_days;
    std::array<std::deque<double>, 168> m_week; ///< the last two times that stood alone
    std::array<bool, 24> m_wasFlagged{}; ///< the day before, or unknown
};

std::size_t place(Nanos hour, Nanos length) { return std::size_t(((hour % length) + length) % length); }

double Learner::expectedAt(Nanos hour) const
{
    const auto &days = m_days[place(hour, 24)];
    if (days.size() < m_options.learning)
        return kNone;
    double expected = medianOf({days.begin(), days.end()});
    const auto &week = m_week[place(hour, 168)];
    if (week.size() == 2)
        expected = std::min(expected, std::max(week[0], week[1]));
    return expected;
}

void Learner::judgeHour(std::size_t from, std::size_t to, Nanos hour)
{
    const double expected = expectedAt(hour);
    std::vector<double> usual, all;
    for (std::size_t i = from; i < to; ++i) {
        const double value = m_series.values[i];
        m_out.expected[i] = expected;
        if (std::isnan(value))
            continue;
        all.push_back(value);
        m_state[i] = State::Usual;
        if (!std::isnan(expected)) {
            m_out.isLearning = false;
            if (expected > 0 && value < m_options.below * expected)
                m_state[i] = State::Low;
            else if (m_options.above > 0 && expected > 0 && value > m_options.above * expected)
                m_state[i] = State::High;
        }
        if (m_state[i] == State::Usual)
            usual.push_back(value);
    }
    if (all.empty())
        return;
    const bool isFlagged = usual.empty();
    auto &days = m_days[place(hour, 24)];
    if (!isFlagged) {
        days.push_back(medianOf(usual));
        if (days.size() > m_options.days)
            days.pop_front();
    }
    // What is low once a week, between days that are not, is a habit.
    if (!isFlagged || !m_wasFlagged[place(hour, 24)]) {
        auto &week = m_week[place(hour, 168)];
        week.push_back(medianOf(all));
        if (week.size() > 2)
            week.pop_front();
    }
    m_wasFlagged[place(hour, 24)] = isFlagged;
}

void Learner::findDepartures()
{
    const std::size_t n = m_state.size();
    for (std::size_t i = 0; i < n;) {
        const State state = m_state[i];
        std::size_t end = i + 1;
        while (end < n && m_state[end] == state)
            ++end;
        const Nanos needed = state == State::Low ? m_options.lowFor : m_options.highFor;
        if ((state == State::Low || state == State::High) && Nanos(end - i) * m_series.width >= needed) {
            Departure found;
            found.first = i;
            found.last = end - 1;
            const auto at
                = [](const std::vector<double> &of, std::size_t k) { return of.begin() + std::ptrdiff_t(k); };
            found.expected = medianOf({at(m_out.expected, i), at(m_out.expected, end)});
            found.value = medianOf({at(m_series.values, i), at(m_series.values, end)});
            found.kind = state == State::High ? Departure::Kind::High
                : found.value == 0            ? Departure::Kind::Zero
                                              : Departure::Kind::Low;
            found.isOpen = end == n;
            m_out.departures.push_back(found);
        }
        i = end;
    }
}

Baseline Learner::learn()
{
    const std::size_t n = m_series.values.size();
    for (std::size_t i = 0; i < n;) {
        const Nanos hour = hourOf(i);
        std::size_t end = i + 1;
        while (end < n && hourOf(end) == hour)
            ++end;
        judgeHour(i, end, hour);
        i = end;
    }
    findDepartures();
    for (std::size_t hour = 0; hour < 24; ++hour) {
        const auto &days = m_days[hour];
        m_out.hours[hour]
            = {days.size() < m_options.learning ? kNone : medianOf({days.begin(), days.end()}), days.size()};
    }
    return std::move(m_out);
}

} // namespace

Baseline learnBaseline(const RegularSeries &series, const BaselineOptions &options)
{
    if (series.width <= 0 || kHour % series.width != 0)
        return {};
    return Learner(series, options).learn();
}

RegularSeries baselineBins(const SeriesValues &values, BinValue of)
{
    if (values.size() < 24)
        return {};
    const Nanos step = usualStep(values.ts);
    const Nanos length = saturatingSub(values.ts.back(), values.ts.front());
    if (length < 24 * kHour)
        return {};
    for (const Nanos minutes : {1, 5, 10, 15, 30, 60}) {
        const Nanos width = minutes * 60 * kNanosPerSecond;
        if (width >= step - step / 50 && length / width < 100'000)
            return inBins(values, of, width);
    }
    return {};
}

} // namespace tailscope::analysis
