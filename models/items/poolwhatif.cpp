// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/poolwhatif.h"

#include "analysis/overload.h"
#include "analysis/poolformulas.h"
#include "analysis/queueing.h"
#include "base/text.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace tailscope::items {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("PoolWhatIf", text); }
QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }
QString count(double n) { return fromUtf8(groupedCount(std::llround(n))); }
QString millis(double ms) { return fromUtf8(humanMillis(ms)); }
QString percent(double share) { return QString::number(100 * share, 'f', share < 0.9995 ? 1 : 0) + tr(" %"); }

void addConnections(QVector<WhatIfAnswer> &answers, const PoolWhatIf &input, double asked)
{
    if (!input.serverLimit) {
        answers.append({tr("Connections"),
            tr("%1 x %2 = %3").arg(count(input.instances), count(input.size), count(asked)),
            tr("The limit of the server is not known: open its configuration or a topology file.")});
        return;
    }
    const double ratio = asked / *input.serverLimit;
    const double budget = std::floor(*input.serverLimit / input.instances + 1e-9);
    answers.append({tr("Connections"),
        tr("%1 x %2 = %3 against %4 (%5 : 1)")
            .arg(count(input.instances), count(input.size), count(asked), count(*input.serverLimit))
            .arg(ratio, 0, 'f', ratio < 1 ? 2 : 1),
        tr("At most %1 an instance fit; above 70 % there is no room for deploys, jobs and consoles.")
            .arg(count(budget)),
        ratio > 1         ? 3
            : ratio > 0.7 ? 2
                          : 0});
}

/// While the queue grows: what happens within the limits.
void addUnstable(QVector<WhatIfAnswer> &answers, const PoolWhatIf &input, const analysis::Capacity &capacity)
{
    answers.append({tr("Wait"),
        tr("grows by %1 requests each second, up to the acquire limit of %2")
            .arg(count(capacity.deficitPerS), millis(input.acquireTimeoutMs)),
        tr("Unstable: there is no mean wait. A new request waits %1 after ten seconds of this.")
            .arg(millis(
                std::min(input.acquireTimeoutMs, 10'000 * capacity.deficitPerS / capacity.ceilingPerS))),
        3});
    answers.append(
        {tr("Time out"), tr("%1 of the requests, once the queue is full").arg(percent(capacity.deficitShare)),
            tr("Rate beyond the capacity / rate"), 3});
    if (!input.clientTimeoutMs) {
        answers.append({tr("Answers in time"), tr("unknown: the limit of the clients is not known"),
            tr("Whether anybody was still waiting depends on timeout_ms of the call in a topology file."),
            1});
        return;
    }
    const bool isLate = input.acquireTimeoutMs + input.serviceMs > *input.clientTimeoutMs;
    answers.append({tr("Answers in time"),
        isLate ? tr("0/s: whoever waits up to %1 is gone after %2")
                     .arg(millis(input.acquireTimeoutMs), millis(*input.clientTimeoutMs))
               : tr("%1/s; the others fail fast, after %2")
                     .arg(count(capacity.ceilingPerS), millis(input.acquireTimeoutMs)),
        tr("Goodput of the steady state: answers within the limit of the client"), isLate ? 3 : 2});
}

void addStable(QVector<WhatIfAnswer> &answers, const PoolWhatIf &input, double servers)
{
    const auto erlang
        = analysis::erlangC(input.ratePerS, input.serviceMs / 1000, std::int64_t(std::floor(servers)));
    if (!erlang)
        return answers.append({tr("Wait"),
            servers > 10'000 ? tr("not computed for more than 10,000 servers")
                             : tr("unstable at this very load"),
            fromUtf8(erlang.error().detail), servers > 10'000 ? 1 : 3});
    const double p99 = erlang->waitS(0.99) * 1000;
    answers.append({tr("Wait P50 / P95 / P99"),
        tr("%1 / %2 / %3")
            .arg(millis(erlang->waitS(0.5) * 1000), millis(erlang->waitS(0.95) * 1000), millis(p99)),
        tr("Erlang C: random arrivals, exponential service, one queue in order, no time-outs, no retries. "
           "%1 of the requests wait at all.")
            .arg(percent(erlang->waitProbability)),
        p99 > 200      ? 3
            : p99 > 50 ? 2
                       : 0});
    answers.append({tr("Answers in time"), tr("%1/s, all").arg(count(input.ratePerS)),
        tr("As long as nothing is slower than entered")});
}

void addSize(QVector<WhatIfAnswer> &answers, const PoolWhatIf &input)
{
    const auto needed = analysis::serversForWait(input.ratePerS, input.serviceMs / 1000, 0.05);
    if (!needed)
        return answers.append(
            {tr("Needed"), fromUtf8(needed.error().detail), fromUtf8(needed.error().hint), 3});
    const double each = std::ceil(double(*needed) / input.instances - 1e-9);
    const bool fits = !input.serverLimit || double(*needed) <= *input.serverLimit;
    answers.append({tr("Needed"),
        fits ? tr("%1 connections in all, %2 an instance").arg(count(double(*needed)), count(each))
             : tr("%1 connections in all: more than the server has. Hold them for less, or refuse.")
                   .arg(count(double(*needed))),
        tr("Smallest number whose wait P99 is at most 50 ms"), fits ? 0 : 3});
}

} // namespace

std::optional<PoolWhatIf> measuredWhatIf(const FigureRow &verdict, const std::vector<FigureRow> &fleets)
{
    const double rate = verdict.number("arrival_rate"), service = verdict.number("service_ms");
    const double capacity = verdict.number("capacity"), instances = verdict.number("instances");
    if (!(rate > 0) || !(service > 0))
        return std::nullopt;
    PoolWhatIf input;
    input.instances = std::max(1.0, instances);
    input.size
        = std::max(1.0, std::isnan(capacity) ? verdict.number("ceiling_value") : capacity / input.instances);
    input.ratePerS = rate;
    input.serviceMs = service;
    if (const double limit = verdict.number("acquire_timeout_ms"); limit > 0)
        input.acquireTimeoutMs = limit;
    if (const double limit = verdict.number("client_timeout_ms"); limit > 0)
        input.clientTimeoutMs = limit;
    for (const FigureRow &fleet : fleets) {
        if (!fleet.texts.contains("pool") && fleet.text("server") == verdict.text("server"))
            input.serverLimit = fleet.number("usable");
    }
    if (!input.serverLimit && verdict.text("ceiling").starts_with("max_connections"))
        input.serverLimit = verdict.number("ceiling_value");
    return input;
}

QVector<WhatIfAnswer> whatIfAnswers(const PoolWhatIf &input)
{
    QVector<WhatIfAnswer> answers;
    const double asked = std::round(input.size) * std::round(input.instances);
    const double servers = input.serverLimit ? std::min(asked, *input.serverLimit) : asked;
    const auto capacity = analysis::capacityOf(servers, input.serviceMs / 1000, input.ratePerS);
    if (!capacity) {
        answers.append({tr("Cannot be computed"), fromUtf8(capacity.error().detail),
            fromUtf8(capacity.error().hint), 2});
        return answers;
    }
    addConnections(answers, input, asked);
    const double need = input.ratePerS * input.serviceMs / 1000;
    answers.append({tr("Demand"),
        tr("%1/s for %2 each: %3 of %4 (%5)")
            .arg(count(input.ratePerS), millis(input.serviceMs),
                QString::number(need, 'f', need < 100 ? 1 : 0), count(servers), percent(need / servers)),
        tr("Little's law: rate x time held. Run at 60 to 70 %; as many as needed on average is unstable."),
        need >= servers            ? 3
            : need > 0.7 * servers ? 2
                                   : 0});
    answers.append({tr("Carries at most"), tr("%1/s").arg(count(capacity->ceilingPerS)),
        tr("%1 connections / %2").arg(count(servers), millis(input.serviceMs))});
    answers.append({tr("Deficit"),
        capacity->deficitPerS > 0
            ? tr("%1 connections cannot serve %2 requests/s: %3/s (%4) must be refused or answered elsewhere")
                  .arg(count(servers), count(input.ratePerS), count(capacity->deficitPerS),
                      percent(capacity->deficitShare))
            : tr("none"),
        tr("Rate beyond the capacity. No time-out and no queue removes it."),
        capacity->deficitPerS > 0 ? 3 : 0});
    if (need >= servers * (1 - 1e-9))
        addUnstable(answers, input, *capacity);
    else
        addStable(answers, input, servers);
    addSize(answers, input);
    return answers;
}

PoolCurve poolCurve(double servers, double serviceMs)
{
    PoolCurve curve;
    if (!(servers >= 1) || !(serviceMs > 0))
        return curve;
    curve.servers = std::min<qint64>(qint64(std::floor(servers)), 10'000);
    for (int i = 1; i < 400; ++i) {
        // Half of the points above 90 %, where the curve is a cliff.
        const double rho = i <= 200 ? 0.9 * i / 200 : 0.9 + 0.0995 * (i - 200) / 199;
        const auto at = analysis::erlangCAt(rho, serviceMs / 1000, curve.servers);
        if (!at)
            continue;
        curve.utilisation.push_back(rho);
        curve.waitP99Ns.push_back(at->waitS(0.99) * 1e9);
        curve.responseNs.push_back(at->responseS * 1e9);
    }
    curve.knee = analysis::erlangKnee(serviceMs / 1000, curve.servers).value_or(0);
    return curve;
}

} // namespace tailscope::items
