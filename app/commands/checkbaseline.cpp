// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope check --baseline: is the new set worse than the old one?
#include "app/commands/checkbaseline.h"

#include "app/arguments.h"
#include "base/text.h"

#include <QJsonArray>
#include <QTextStream>

#include <array>

namespace tailscope::app {

namespace {

using analysis::GateResult;
using analysis::MeasureVerdict;

constexpr std::int64_t kRatioScale = 1'000'000;

QString text(const std::string &utf8) { return QString::fromStdString(utf8); }

Result<double> decimal(const Arguments &options, const char *name, double least)
{
    const QString value = options.value(QString::fromLatin1(name));
    const std::optional<double> number = parseDouble(value.toStdString());
    if (!number || *number < least)
        return fail(ErrorCode::Usage, std::string("--") + name,
            "'" + value.toStdString() + "' is not a number of at least "
                + QString::number(least).toStdString(),
            "Write for example 1.2");
    return *number;
}

/// A ratio as whole numbers, so that exactly 20 % more passes.
Result<analysis::Quantile> ratio(const Arguments &options, const char *name)
{
    const Result<double> checked = decimal(options, name, 1);
    if (!checked)
        return tl::unexpected(checked.error());
    const auto scaled
        = parseScaledDecimal(options.value(QString::fromLatin1(name)).toStdString(), kRatioScale);
    if (!scaled)
        return fail(ErrorCode::Usage, std::string("--") + name, "the ratio is too large",
            "Write for example 1.2");
    return analysis::Quantile{*scaled, kRatioScale};
}

QString gateWord(GateResult result)
{
    switch (result) {
    case GateResult::Passed:
        return QStringLiteral("passed");
    case GateResult::Failed:
        return QStringLiteral("failed");
    case GateResult::Undecided:
        break;
    }
    return QStringLiteral("undecided");
}

QString whyWord(MeasureVerdict::Why why)
{
    constexpr std::array<const char *, 4> kWords{"measured", "too_few_samples", "may_be_chance",
        "not_judged"};
    return QString::fromLatin1(kWords[std::size_t(why)]);
}

QJsonValue millis(Nanos ns)
{
    return ns == kUnknownNanos ? QJsonValue() : QJsonValue(double(ns) / double(kNanosPerMilli));
}

QJsonValue optional(const std::optional<double> &value) { return value ? QJsonValue(*value) : QJsonValue(); }

QJsonObject operationJson(const analysis::OperationComparison &operation)
{
    constexpr std::array<const char *, 3> kNames{"p50", "p95", "p99"};
    QJsonObject json{{QStringLiteral("service"), text(operation.service)},
        {QStringLiteral("operation"), text(operation.operation)},
        {QStringLiteral("gate"), gateWord(analysis::gateResult(operation))},
        {QStringLiteral("n_baseline"), qint64(operation.first.n)},
        {QStringLiteral("n"), qint64(operation.second.n)},
        {QStringLiteral("change"), text(analysis::changeText(operation))}};
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        const analysis::PercentileRatio &figure = operation.percentiles[i];
        json.insert(QString::fromLatin1(kNames[i]),
            QJsonObject{{QStringLiteral("baseline_ms"), millis(figure.first.value)},
                {QStringLiteral("ms"), millis(figure.second.value)},
                {QStringLiteral("ratio"), optional(figure.ratio)},
                {QStringLiteral("ratio_lower95"), optional(figure.lower95)},
                {QStringLiteral("ratio_upper95"), optional(figure.upper95)},
                {QStringLiteral("verdict"), text(analysis::verdictWord(operation.measures[i].verdict))},
                {QStringLiteral("why"), whyWord(operation.measures[i].why)}});
    }
    json.insert(QStringLiteral("errors"),
        QJsonObject{{QStringLiteral("baseline"), qint64(operation.first.x)},
            {QStringLiteral("count"), qint64(operation.second.x)},
            {QStringLiteral("p"), operation.errors ? QJsonValue(operation.errors->p) : QJsonValue()},
            {QStringLiteral("verdict"), text(analysis::verdictWord(operation.measures[3].verdict))},
            {QStringLiteral("why"), whyWord(operation.measures[3].why)}});
    json.insert(QStringLiteral("rank_test_p"),
        operation.ranks ? QJsonValue(operation.adjustedP) : QJsonValue());
    return json;
}

QJsonArray names(const std::vector<std::string> &list)
{
    QJsonArray json;
    for (const std::string &name : list)
        json << text(name);
    return json;
}

} // namespace

Result<analysis::CompareLimits> gateLimits(const Arguments &options)
{
    analysis::CompareLimits limits = analysis::kGateLimits;
    const auto p95 = ratio(options, "max-p95-ratio");
    const auto p99 = ratio(options, "max-p99-ratio");
    const auto points = decimal(options, "max-error-points", 0);
    const auto times = decimal(options, "max-error-ratio", 1);
    if (!p95 || !p99)
        return tl::unexpected(p95 ? p99.error() : p95.error());
    if (!points || !times)
        return tl::unexpected(points ? times.error() : points.error());
    limits.p95 = *p95;
    limits.p99 = *p99;
    limits.errorPoints = *points;
    limits.errorRatio = *times;
    return limits;
}

Result<analysis::SetComparison> compareWorkspaces(const store::Workspace &baseline,
    const store::Workspace &workspace, const analysis::CompareLimits &limits)
{
    const auto sampled = [](const store::Workspace &from) -> Result<analysis::SetSample> {
        const auto columns = analysis::SpanColumns::load(from, {});
        if (!columns)
            return tl::unexpected(columns.error());
        return analysis::sampleSet(**columns, {}, 0, {});
    };
    const Result<analysis::SetSample> first = sampled(baseline);
    if (!first)
        return tl::unexpected(first.error());
    const Result<analysis::SetSample> second = sampled(workspace);
    if (!second)
        return tl::unexpected(second.error());
    return analysis::compareSets(*first, *second, limits);
}

QString gateText(const analysis::SetComparison &comparison)
{
    QString out;
    QTextStream stream(&out);
    for (const analysis::OperationComparison &operation : comparison.operations) {
        const GateResult result = analysis::gateResult(operation);
        const char *mark = result == GateResult::Failed ? "FAIL  "
            : result == GateResult::Passed              ? "ok    "
                                                        : "?     ";
        stream << mark << text(operation.name()) << " (" << text(groupedCount(operation.first.n)) << " -> "
               << text(groupedCount(operation.second.n))
               << " spans): " << text(analysis::changeText(operation)) << "\n";
    }
    for (const std::string &name : comparison.onlyFirst)
        stream << "      " << text(name) << ": only in the baseline\n";
    for (const std::string &name : comparison.onlySecond)
        stream << "      " << text(name) << ": not in the baseline\n";
    for (const std::string &warning : comparison.warnings)
        stream << "note  " << text(warning) << "\n";
    stream << "gate " << gateWord(analysis::gateResult(comparison)) << ": "
           << text(analysis::headline(comparison)) << "\n";
    stream.flush();
    return out;
}

QJsonObject gateJson(const analysis::SetComparison &comparison)
{
    QJsonArray operations;
    for (const analysis::OperationComparison &operation : comparison.operations)
        operations << operationJson(operation);
    return {{QStringLiteral("gate"), gateWord(analysis::gateResult(comparison))},
        {QStringLiteral("headline"), text(analysis::headline(comparison))},
        {QStringLiteral("weighted"), comparison.isWeighted}, {QStringLiteral("operations"), operations},
        {QStringLiteral("only_in_baseline"), names(comparison.onlyFirst)},
        {QStringLiteral("not_in_baseline"), names(comparison.onlySecond)},
        {QStringLiteral("warnings"), names(comparison.warnings)}};
}

JUnitCases gateJunit(const analysis::SetComparison &comparison)
{
    JUnitCases out;
    for (const analysis::OperationComparison &operation : comparison.operations) {
        const GateResult result = analysis::gateResult(operation);
        const QString change = text(analysis::changeText(operation)).toHtmlEscaped();
        out.xml += QStringLiteral("  <testcase classname=\"baseline\" name=\"%1\">")
                       .arg(text(operation.name()).toHtmlEscaped());
        if (result == GateResult::Failed)
            out.xml += QStringLiteral("<failure type=\"worse\">%1</failure>").arg(change);
        else if (result == GateResult::Undecided)
            out.xml += QStringLiteral("<skipped message=\"%1\"></skipped>").arg(change);
        out.xml += QStringLiteral("</testcase>\n");
        ++out.cases;
        out.failures += result == GateResult::Failed ? 1 : 0;
        out.skipped += result == GateResult::Undecided ? 1 : 0;
    }
    return out;
}

} // namespace tailscope::app
