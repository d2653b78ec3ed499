// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/sqlfunctions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <new>
#include <vector>

#include <sqlite3.h>

namespace tailscope::store {

namespace {

__extension__ typedef __int128 Int128;

constexpr std::int64_t kMaxDenominator = 1'000'000;

struct Weighted
{
    double value, weight;
    std::int64_t integer;
};

// Values stay integers as long as all of them are: nanoseconds do not fit a double.
struct Samples
{
    Ratio q;
    double given = 0; ///< q as the query wrote it
    bool allIntegers = true;
    std::vector<std::int64_t> integers;
    std::vector<double> reals;
    std::vector<Weighted> weighted;

    void add(sqlite3_value *value)
    {
        const bool integer = sqlite3_value_type(value) == SQLITE_INTEGER;
        if (allIntegers && !integer) {
            reals.assign(integers.begin(), integers.end());
            integers = {};
            allIntegers = false;
        }
        if (allIntegers)
            integers.push_back(sqlite3_value_int64(value));
        else
            reals.push_back(sqlite3_value_double(value));
    }
    void add(sqlite3_value *value, double weight)
    {
        allIntegers = allIntegers && sqlite3_value_type(value) == SQLITE_INTEGER;
        weighted.push_back({sqlite3_value_double(value), weight, sqlite3_value_int64(value)});
    }
};

Samples **slot(sqlite3_context *context, bool create)
{
    return static_cast<Samples **>(sqlite3_aggregate_context(context, create ? sizeof(Samples *) : 0));
}

bool isNumber(sqlite3_value *value)
{
    const int type = sqlite3_value_type(value);
    return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

/// The samples of this group, made on the first row; nullptr after an error was set.
Samples *samplesOf(sqlite3_context *context, double q)
{
    Samples **place = slot(context, true);
    if (!place) {
        sqlite3_result_error_nomem(context);
        return nullptr;
    }
    if (*place) {
        if ((*place)->given == q)
            return *place;
        sqlite3_result_error(context, "percentile: the quantile must be the same in every row", -1);
        return nullptr;
    }
    const std::optional<Ratio> ratio = nearestRatio(q);
    if (!ratio) {
        sqlite3_result_error(context, "percentile: the quantile must lie in (0, 1]", -1);
        return nullptr;
    }
    *place = new (std::nothrow) Samples;
    if (!*place) {
        sqlite3_result_error_nomem(context);
        return nullptr;
    }
    (*place)->q = *ratio;
    (*place)->given = q;
    return *place;
}

void addRow(sqlite3_context *context, sqlite3_value *value, double q, sqlite3_value *weight)
{
    Samples *samples = samplesOf(context, q);
    if (!samples || sqlite3_value_type(value) == SQLITE_NULL)
        return;
    if (!isNumber(value)) {
        sqlite3_result_error(context, "percentile: the values must be numbers", -1);
        return;
    }
    try {
        if (!weight) {
            samples->add(value);
            return;
        }
        // An unknown weight counts as one, as everywhere where weights are shown.
        const double w = sqlite3_value_type(weight) == SQLITE_NULL ? 1.0 : sqlite3_value_double(weight);
        if (!(w > 0) || !std::isfinite(w))
            sqlite3_result_error(context, "percentile: weights must be positive", -1);
        else
            samples->add(value, w);
    } catch (const std::bad_alloc &) {
        sqlite3_result_error_nomem(context);
    }
}

void percentileStep(sqlite3_context *context, int count, sqlite3_value **values)
{
    if (!isNumber(values[1])) {
        sqlite3_result_error(context, "percentile: the quantile must be a number in (0, 1]", -1);
        return;
    }
    addRow(context, values[0], sqlite3_value_double(values[1]), count > 2 ? values[2] : nullptr);
}

void fixedStep(sqlite3_context *context, int count, sqlite3_value **values)
{
    const double q = *static_cast<const double *>(sqlite3_user_data(context));
    addRow(context, values[0], q, count > 1 ? values[1] : nullptr);
}

template<typename T>
T nearestRankOf(std::vector<T> &values, Ratio q)
{
    const auto n = static_cast<Int128>(values.size());
    const auto rank = static_cast<std::int64_t>(
        std::max<Int128>(1, (static_cast<Int128>(q.num) * n + q.den - 1) / q.den));
    const auto place = values.begin() + (rank - 1);
    std::nth_element(values.begin(), place, values.end());
    return *place;
}

void weightedResult(sqlite3_context *context, Samples &samples)
{
    auto &rows = samples.weighted;
    if (samples.allIntegers)
        std::sort(rows.begin(), rows.end(),
            [](const auto &a, const auto &b) { return a.integer < b.integer; });
    else
        std::sort(rows.begin(), rows.end(), [](const auto &a, const auto &b) { return a.value < b.value; });
    long double total = 0;
    for (const Weighted &row : rows)
        total += row.weight;
    long double cumulative = 0;
    const Weighted *hit = &rows.back();
    for (const Weighted &row : rows) {
        cumulative += row.weight;
        if (cumulative * samples.q.den >= total * samples.q.num) {
            hit = &row;
            break;
        }
    }
    if (samples.allIntegers)
        sqlite3_result_int64(context, hit->integer);
    else
        sqlite3_result_double(context, hit->value);
}

void percentileFinal(sqlite3_context *context)
{
    Samples **place = slot(context, false);
    Samples *samples = place ? *place : nullptr;
    if (!samples)
        return; // no rows: NULL
    if (!samples->weighted.empty())
        weightedResult(context, *samples);
    else if (!samples->integers.empty())
        sqlite3_result_int64(context, nearestRankOf(samples->integers, samples->q));
    else if (!samples->reals.empty())
        sqlite3_result_double(context, nearestRankOf(samples->reals, samples->q));
    delete samples;
    *place = nullptr;
}

/// Welford's running mean and sum of squares: stable for large values with small spread.
struct Spread
{
    std::int64_t n;
    double mean, squares;
};

void stddevStep(sqlite3_context *context, int, sqlite3_value **values)
{
    if (!isNumber(values[0]))
        return;
    auto *spread = static_cast<Spread *>(sqlite3_aggregate_context(context, sizeof(Spread)));
    if (!spread) {
        sqlite3_result_error_nomem(context);
        return;
    }
    const double x = sqlite3_value_double(values[0]);
    ++spread->n;
    const double delta = x - spread->mean;
    spread->mean += delta / static_cast<double>(spread->n);
    spread->squares += delta * (x - spread->mean);
}

void stddevFinal(sqlite3_context *context)
{
    const auto *spread = static_cast<const Spread *>(sqlite3_aggregate_context(context, 0));
    if (spread && spread->n > 1)
        sqlite3_result_double(context, std::sqrt(spread->squares / static_cast<double>(spread->n - 1)));
}

constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;

} // namespace

std::optional<Ratio> nearestRatio(double q)
{
    if (!(q > 0) || !(q <= 1))
        return std::nullopt;
    // Continued fraction with the best semiconvergent at the end; q <= 1 keeps every term within int64.
    std::int64_t p0 = 0, q0 = 1, p1 = 1, q1 = 0;
    double x = q;
    for (int i = 0; i < 64; ++i) {
        const double whole = std::floor(x);
        const auto a = static_cast<std::int64_t>(std::min(whole, 2e12));
        if (q1 != 0 && a > (kMaxDenominator - q0) / q1) {
            const std::int64_t t = (kMaxDenominator - q0) / q1;
            const std::int64_t p2 = p0 + t * p1, q2 = q0 + t * q1;
            const double error1 = std::fabs(q - static_cast<double>(p1) / static_cast<double>(q1));
            const double error2 = std::fabs(q - static_cast<double>(p2) / static_cast<double>(q2));
            if (error2 < error1 && p2 > 0)
                return Ratio{p2, q2};
            break;
        }
        const std::int64_t p2 = p0 + a * p1, q2 = q0 + a * q1;
        p0 = p1, q0 = q1, p1 = p2, q1 = q2;
        const double rest = x - whole;
        // The double nearest to num/den differs from it by rounding only: terms below that are noise.
        if (p1 > 0 && std::fabs(q - static_cast<double>(p1) / static_cast<double>(q1)) <= 1e-15)
            break;
        if (rest <= 0)
            break;
        x = 1 / rest;
    }
    if (p1 <= 0)
        return Ratio{1, kMaxDenominator};
    return Ratio{p1, q1};
}

int registerAggregates(sqlite3 *database)
{
    struct Fixed
    {
        const char *name;
        double q;
    };
    static constexpr std::array kFixed{
        Fixed{"p50", 0.5},
        Fixed{"p90", 0.9},
        Fixed{"p95", 0.95},
        Fixed{"p99", 0.99},
        Fixed{"p999", 0.999},
    };
    int code = SQLITE_OK;
    for (const int arguments : {2, 3}) {
        if (code == SQLITE_OK)
            code = sqlite3_create_function_v2(database, "percentile", arguments, kFlags, nullptr, nullptr,
                percentileStep, percentileFinal, nullptr);
    }
    for (const Fixed &fixed : kFixed) {
        for (const int arguments : {1, 2}) {
            if (code == SQLITE_OK)
                code = sqlite3_create_function_v2(database, fixed.name, arguments, kFlags,
                    const_cast<double *>(&fixed.q), nullptr, fixedStep, percentileFinal, nullptr);
        }
    }
    if (code == SQLITE_OK)
        code = sqlite3_create_function_v2(database, "stddev", 1, kFlags, nullptr, nullptr, stddevStep,
            stddevFinal, nullptr);
    return code;
}

} // namespace tailscope::store
