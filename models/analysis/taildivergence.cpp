// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// When the P99 of an operation left its P50 behind.
#include "analysis/cohortrequests.h"
#include "analysis/cohortstore.h"
#include "analysis/comparestats.h"

#include <algorithm>
#include <map>
#include <optional>

namespace tailscope::analysis {

namespace {

constexpr Nanos kWindow = 300 * kNanosPerSecond;
constexpr std::size_t kLeast = 1'000, kLeastWindows = 4;
constexpr double kRatioGrowth = 2, kMedianGrowth = 1.25;

struct Window
{
    Nanos begin = 0;
    std::int64_t n = 0;
    Nanos p50 = 0, p99 = 0;
    double ratio() const { return double(p99) / double(p50); }
};

struct Divergence
{
    std::string service, operation;
    Nanos begin = 0, end = 0, window = 0;
    Window usual, during; ///< medians over windows; n is their sum
    double usualRatio = 0, duringRatio = 0;
};

template<typename Figure>
auto medianOf(const std::vector<Window> &windows, Figure figure)
{
    std::vector<decltype(figure(windows.front()))> values;
    for (const Window &window : windows)
        values.push_back(figure(window));
    const auto middle = values.begin() + (nearestRank(std::int64_t(values.size()), kP50) - 1);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

Window medians(const std::vector<Window> &windows)
{
    Window result;
    result.begin = windows.front().begin;
    for (const Window &window : windows)
        result.n += window.n;
    result.p50 = medianOf(windows, [](const Window &window) { return window.p50; });
    result.p99 = medianOf(windows, [](const Window &window) { return window.p99; });
    return result;
}

Nanos floorTo(Nanos at, Nanos width)
{
    const Nanos rest = at % width;
    return at - (rest < 0 ? rest + width : rest);
}

/// Windows of one width with enough requests each.
std::vector<Window> windowsOf(const SpanColumns &columns, const std::vector<std::uint32_t> &rows, Nanos width)
{
    std::map<Nanos, std::vector<Nanos>> values;
    for (const std::uint32_t row : rows)
        values[floorTo(columns.start[row], width)].push_back(columns.duration[row]);
    std::vector<Window> windows;
    for (auto &[begin, durations] : values) {
        if (durations.size() < kLeast)
            continue;
        std::sort(durations.begin(), durations.end());
        const Window window{begin, std::int64_t(durations.size()), sortedPercentile(durations, kP50).value,
            sortedPercentile(durations, kP99).value};
        if (window.p50 > 0)
            windows.push_back(window);
    }
    return windows;
}

std::optional<Divergence> find(const SpanColumns &columns, const std::vector<std::uint32_t> &rows)
{
    Nanos first = columns.start[rows.front()], last = first;
    for (const std::uint32_t row : rows) {
        first = std::min(first, columns.start[row]);
        last = std::max(last, columns.start[row]);
    }
    // The narrowest windows that hold enough on average.
    const auto full = std::int64_t(rows.size() / kLeast);
    const Nanos length = saturatingSub(last, first);
    const Nanos width
        = kWindow * std::max<Nanos>(1, (length / std::max<std::int64_t>(1, full) + kWindow - 1) / kWindow);
    const std::vector<Window> windows = windowsOf(columns, rows, width);
    if (windows.size() < kLeastWindows)
        return std::nullopt;
    Divergence result;
    result.usual = medians(windows);
    result.usualRatio = medianOf(windows, [](const Window &window) { return window.ratio(); });
    const auto diverges = [&](const Window &window) {
        return window.ratio() >= kRatioGrowth * result.usualRatio
            && double(window.p50) <= kMedianGrowth * double(result.usual.p50);
    };
    std::vector<Window> longest, present;
    for (std::size_t i = 0; i <= windows.size(); ++i) {
        if (i < windows.size() && diverges(windows[i])) {
            present.push_back(windows[i]);
            continue;
        }
        if (present.size() > longest.size())
            longest = present;
        present.clear();
    }
    if (longest.empty())
        return std::nullopt;
    result.begin = longest.front().begin;
    result.end = saturatingAdd(longest.back().begin, width);
    result.window = width;
    result.during = medians(longest);
    result.duringRatio = medianOf(longest, [](const Window &window) { return window.ratio(); });
    return result;
}

Result<void> write(store::Database &writer, std::int64_t runId, const std::vector<Divergence> &found)
{
    TS_TRY(writer.execute("DELETE FROM tail_divergence"));
    auto insert = writer.prepare(
        "INSERT INTO tail_divergence (run_id, service, operation, start_ns, end_ns, window_ns, n, p50_ns, "
        "p99_ns, "
        "ratio, usual_p50_ns, usual_p99_ns, usual_ratio, event_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
        "?9, ?10, "
        "?11, ?12, ?13, (SELECT id FROM event WHERE ts_ns BETWEEN ?4 - ?6 AND ?4 + ?6 AND kind IN ('deploy', "
        "'config', 'flag', 'scale', 'failover', 'human', 'chaos', 'secret_rotation', 'experiment') ORDER BY "
        "abs(ts_ns - ?4), id LIMIT 1))");
    if (!insert)
        return tl::unexpected(std::move(insert.error()));
    for (const Divergence &one : found) {
        int at = 0;
        insert->bind(at++, runId);
        insert->bindTextOrNull(at++, one.service);
        insert->bind(at++, std::string_view(one.operation));
        insert->bind(at++, one.begin);
        insert->bind(at++, one.end);
        insert->bind(at++, one.window);
        insert->bind(at++, one.during.n);
        insert->bind(at++, one.during.p50);
        insert->bind(at++, one.during.p99);
        insert->bind(at++, one.duringRatio);
        insert->bind(at++, one.usual.p50);
        insert->bind(at++, one.usual.p99);
        insert->bind(at++, one.usualRatio);
        TS_TRY(insert->run());
    }
    return {};
}

} // namespace

Result<WriteRows> computeTailDivergence(const TraceInput &input)
{
    const SpanColumns &columns = input.columns;
    CohortOperations numbers(columns);
    std::vector<std::vector<std::uint32_t>> rows;
    for (const std::uint32_t row : requestRows(columns, {}, false, input.progress.cancel)) {
        if (columns.duration[row] == kUnknownNanos || columns.trace[row] == kNoRow)
            continue;
        const std::uint32_t number = numbers.of(row);
        if (number >= rows.size())
            rows.resize(number + 1);
        rows[number].push_back(row);
    }
    auto found = std::make_shared<std::vector<Divergence>>();
    const auto names = numbers.names();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].size() < kLeast * kLeastWindows)
            continue;
        if (std::optional<Divergence> one = find(columns, rows[i])) {
            std::tie(one->service, one->operation) = names[i];
            found->push_back(std::move(*one));
        }
    }
    return WriteRows(
        [found](store::Database &writer, std::int64_t runId) { return write(writer, runId, *found); });
}

} // namespace tailscope::analysis
