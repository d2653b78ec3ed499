// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/seriesfold.h"

#include "analysis/quantiles.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace tailscope::analysis {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kDay = 86'400;
constexpr std::size_t kMostDays = 400;

struct LocalTime
{
    std::int64_t day = 0, second = 0;
};
LocalTime localTime(Nanos t, int offset)
{
    const std::int64_t seconds = t / kNanosPerSecond - (t % kNanosPerSecond < 0 ? 1 : 0) + offset;
    const std::int64_t second = ((seconds % kDay) + kDay) % kDay;
    return {(seconds - second) / kDay, second};
}

// Which slots of a day stand out: in its top twentieth and above its median.
std::array<bool, DayFold::kSlots> standOut(const DayFold::Day &day)
{
    std::array<bool, DayFold::kSlots> out{};
    std::vector<double> known;
    for (const double value : day.values) {
        if (!std::isnan(value))
            known.push_back(value);
    }
    if (known.empty())
        return out;
    std::sort(known.begin(), known.end());
    const double limit = known[std::size_t(nearestRank(std::int64_t(known.size()), kP95)) - 1];
    const double median = medianOf(known);
    for (std::size_t slot = 0; slot < out.size(); ++slot)
        out[slot] = day.values[slot] >= limit && day.values[slot] > median;
    return out;
}

} // namespace

DayFold foldByDay(const SeriesValues &values, const ZoneOffset &zone)
{
    std::map<std::int64_t, DayFold::Day> days;
    std::map<std::int64_t, int> offsets;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const int offset = zone(values.ts[i]);
        const LocalTime at = localTime(values.ts[i], offset);
        const auto [place, isNew] = days.try_emplace(at.day);
        DayFold::Day &day = place->second;
        if (isNew) {
            day.number = at.day;
            day.values.fill(kNone);
            offsets[at.day] = offset;
            if (days.size() > kMostDays)
                days.erase(days.begin());
        }
        day.isClockChange = day.isClockChange || offsets[at.day] != offset;
        double &slot = day.values[std::size_t(at.second / 300)];
        day.known += std::isnan(slot) ? 1 : 0;
        slot = std::isnan(slot) ? values.values[i] : std::max(slot, values.values[i]);
    }
    DayFold fold;
    for (auto &[number, day] : days)
        fold.days.push_back(std::move(day));
    if (fold.days.size() < 3)
        return fold;
    std::vector<std::array<bool, DayFold::kSlots>> out;
    for (const DayFold::Day &day : fold.days)
        out.push_back(standOut(day));
    for (std::size_t slot = 0; slot < DayFold::kSlots; ++slot) {
        const auto n
            = std::size_t(std::count_if(out.begin(), out.end(), [slot](const auto &d) { return d[slot]; }));
        if (n * 10 < fold.days.size() * 7)
            continue;
        if (!fold.bands.empty() && fold.bands.back().last + 1 == slot)
            fold.bands.back().last = slot;
        else
            fold.bands.push_back({slot, slot, 0});
    }
    for (DayFold::Band &band : fold.bands) {
        for (const auto &day : out)
            band.recurs += std::any_of(day.begin() + std::ptrdiff_t(band.first),
                               day.begin() + std::ptrdiff_t(band.last) + 1, [](bool b) { return b; })
                ? 1
                : 0;
    }
    return fold;
}

double overlap(const DayFold &fold, const DayFold::Band &band, std::span<const Nanos> times,
    const ZoneOffset &zone)
{
    std::set<std::int64_t> hit;
    for (const Nanos t : times) {
        const LocalTime at = localTime(t, zone(t));
        const auto slot = std::size_t(at.second / 300);
        if (slot >= band.first && slot <= band.last)
            hit.insert(at.day);
    }
    std::size_t n = 0;
    for (const DayFold::Day &day : fold.days)
        n += hit.count(day.number);
    return fold.days.empty() ? 0 : double(n) / double(fold.days.size());
}

WeekFold foldByWeek(const SeriesValues &values, const ZoneOffset &zone)
{
    std::array<std::array<std::vector<double>, 24>, 7> cells;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const LocalTime at = localTime(values.ts[i], zone(values.ts[i]));
        // 1970-01-01 was a Thursday.
        const auto weekday = std::size_t((((at.day + 3) % 7) + 7) % 7);
        cells[weekday][std::size_t(at.second / 3600)].push_back(values.values[i]);
    }
    WeekFold fold;
    for (std::size_t day = 0; day < 7; ++day) {
        for (std::size_t hour = 0; hour < 24; ++hour) {
            auto &cell = cells[day][hour];
            fold.n[day][hour] = cell.size();
            const double median = fold.values[day][hour] = medianOf(std::move(cell));
            if (std::isnan(median))
                continue;
            fold.low = fold.isEmpty ? median : std::min(fold.low, median);
            fold.high = fold.isEmpty ? median : std::max(fold.high, median);
            fold.isEmpty = false;
        }
    }
    return fold;
}

} // namespace tailscope::analysis
