// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// tailscope check --budget: does every component stay inside its budget?
#include "app/commands/checkbudget.h"

#include "analysis/budgetpresets.h"
#include "base/text.h"

#include <QJsonArray>
#include <QTextStream>

#include <algorithm>
#include <array>

namespace tailscope::app {

namespace {

using analysis::BudgetGate;
using analysis::BudgetReport;
using Line = BudgetGate::Line;
using Verdict = BudgetGate::Verdict;

constexpr int kColumns = 8;
using Cells = std::array<QString, kColumns>;

QString text(std::string_view utf8) { return QString::fromUtf8(utf8.data(), qsizetype(utf8.size())); }

QString ms(std::optional<double> value) { return value ? text(humanMillis(*value)) : QStringLiteral("-"); }
QString nanos(Nanos ns)
{
    return ns == kUnknownNanos ? QStringLiteral("-") : text(humanMillis(double(ns) / double(kNanosPerMilli)));
}
QString percent(std::optional<double> share)
{
    return share ? QString::number(*share * 100, 'g', 3) + QStringLiteral(" %") : QStringLiteral("-");
}

QString verdictWord(const Line &line)
{
    switch (line.verdict) {
    case Verdict::Passed:
        return line.state == analysis::BudgetState::Warning ? QStringLiteral("warning")
                                                            : QStringLiteral("ok");
    case Verdict::Broken:
        return QStringLiteral("BROKEN");
    case Verdict::Undecided:
        return QStringLiteral("undecided");
    case Verdict::NotAsked:
        break;
    }
    return QStringLiteral("-");
}

Cells cellsOf(const Line &line)
{
    const bool isErrors = line.errorLimit.has_value();
    if (isErrors)
        return {text(line.what), QString::number(line.n), percent(line.errorRate), QString(), QString(),
            percent(line.errorLimit), QString(), verdictWord(line)};
    QString timeout = ms(line.timeoutMs);
    if (line.timeoutState == analysis::TimeoutState::Missing)
        timeout = QStringLiteral("missing");
    return {text(line.what), QString::number(line.n), nanos(line.time.p50), nanos(line.time.p95),
        nanos(line.time.p99), ms(line.limitMs), timeout, verdictWord(line)};
}

void addTable(QTextStream &out, const BudgetGate &gate)
{
    std::vector<Cells> rows{{QStringLiteral("component"), QStringLiteral("n"), QStringLiteral("P50"),
        QStringLiteral("P95"), QStringLiteral("P99"), QStringLiteral("budget"), QStringLiteral("time-out"),
        QStringLiteral("verdict")}};
    for (const Line &line : gate.lines)
        rows.push_back(cellsOf(line));
    std::array<qsizetype, kColumns> width{};
    for (const Cells &cells : rows) {
        for (std::size_t i = 0; i < cells.size(); ++i)
            width[i] = std::max(width[i], cells[i].size());
    }
    for (std::size_t r = 0; r < rows.size(); ++r) {
        QString row;
        for (std::size_t i = 0; i < rows[r].size(); ++i) {
            const bool isText = i == 0 || i + 1 == rows[r].size();
            const QString &cell = rows[r][i];
            row += (i ? QStringLiteral("  ") : QString())
                + (isText ? cell.leftJustified(width[i]) : cell.rightJustified(width[i]));
        }
        if (r > 0 && !gate.lines[r - 1].reason.empty())
            row += QStringLiteral("  ") + text(gate.lines[r - 1].reason);
        while (row.endsWith(QLatin1Char(' ')))
            row.chop(1);
        out << row << "\n";
    }
}

QString percentileName(const std::string &decimal)
{
    const std::size_t dot = decimal.find('.');
    QString digits = text(decimal).mid(dot == std::string::npos ? 0 : qsizetype(dot) + 1);
    if (digits.size() == 1)
        digits += QLatin1Char('0');
    if (digits.size() > 2)
        digits.insert(2, QLatin1Char('.'));
    return QStringLiteral("P") + digits;
}

void addSums(QTextStream &out, const BudgetReport &report, const QString &percentile)
{
    const auto line = [&](const QString &what, const std::optional<analysis::BudgetSums> &sums) {
        if (!sums)
            return;
        out << what << ": plain sum " << ms(sums->plain) << ", critical path " << ms(sums->path);
        if (sums->headroom > 0)
            out << " (with headroom " << ms(sums->plainWithHeadroom()) << " and "
                << ms(sums->pathWithHeadroom()) << ")";
        out << "\n";
    };
    if (report.budget.components.empty())
        return;
    line(QStringLiteral("planned"), report.sums[BudgetReport::Planned]);
    line(QStringLiteral("measured %1 of the components").arg(percentile), report.sums[BudgetReport::Value]);
}

void addFloor(QTextStream &out, const BudgetReport &report)
{
    if (!report.floor)
        return;
    using FloorVerdict = analysis::LatencyFloor::Verdict;
    const auto &floor = report.floor->floor;
    out << "floor: at least " << ms(floor.lowMs);
    if (report.floor->open > 0)
        out << " without " << report.floor->open << " of the components";
    if (floor.verdict == FloorVerdict::Impossible)
        out << "; " << ms(report.budget.targetMs)
            << " is mathematically impossible while these operations follow each other";
    else if (floor.verdict == FloorVerdict::NoReserve)
        out << ", more than the working budget leaves room for";
    out << "\n";
}

QJsonValue json(std::optional<double> value) { return value ? QJsonValue(*value) : QJsonValue(); }
QJsonValue json(Nanos ns)
{
    return ns == kUnknownNanos ? QJsonValue() : QJsonValue(double(ns) / double(kNanosPerMilli));
}

QJsonObject sumsJson(const analysis::BudgetSums &sums)
{
    return {{QStringLiteral("plain_sum_ms"), sums.plain}, {QStringLiteral("critical_path_ms"), sums.path},
        {QStringLiteral("headroom_ms"), sums.headroom}};
}

QString listOf(const BudgetGate &gate, Verdict verdict)
{
    QStringList names;
    for (const Line &line : gate.lines) {
        if (line.verdict == verdict)
            names << text(line.what);
    }
    return names.join(QStringLiteral(", "));
}

} // namespace

Result<BudgetCheck> checkBudget(const store::Workspace &workspace, const QString &nameOrPath)
{
    const Result<Budget> budget = analysis::budgetByName(nameOrPath.toStdString());
    if (!budget)
        return fail(budget.error());
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(std::move(reader.error()));
    const auto columns = analysis::SpanColumns::load(workspace, {});
    if (!columns)
        return fail(columns.error());
    const auto rows = analysis::TraceRows::build(**columns, {});
    Result<BudgetReport> report = analysis::evaluateBudget(*reader, columns->get(), rows.get(), *budget, {});
    if (!report)
        return fail(std::move(report.error()));
    BudgetCheck check{std::move(*report), {}};
    check.gate = analysis::budgetGate(check.report);
    return check;
}

QString budgetText(const BudgetCheck &check)
{
    QString result;
    QTextStream out(&result);
    const Budget &budget = check.report.budget;
    const QString percentile = percentileName(budget.percentile);
    out << "budget " << text(budget.name) << ": " << ms(budget.targetMs) << " at " << percentile
        << ", working budget " << ms(check.report.workingMs) << ", " << check.report.requests << " requests";
    if (check.report.weighted)
        out << " (weighted by sampling)";
    out << "\n";
    addTable(out, check.gate);
    addSums(out, check.report, percentile);
    addFloor(out, check.report);
    out << "gate: " << text(name(check.gate.verdict));
    if (check.gate.verdict == Verdict::Broken)
        out << " by " << listOf(check.gate, Verdict::Broken);
    out << "\n";
    return result;
}

QJsonObject budgetJson(const BudgetCheck &check)
{
    const Budget &budget = check.report.budget;
    QJsonArray lines;
    for (const Line &line : check.gate.lines) {
        QJsonObject row{{QStringLiteral("name"), text(line.what)}, {QStringLiteral("n"), qint64(line.n)},
            {QStringLiteral("verdict"), text(name(line.verdict))},
            {QStringLiteral("reason"), text(line.reason)}};
        if (line.errorLimit) {
            row.insert(QStringLiteral("error_rate"), json(line.errorRate));
            row.insert(QStringLiteral("error_limit"), json(line.errorLimit));
        } else {
            row.insert(QStringLiteral("p50_ms"), json(line.time.p50));
            row.insert(QStringLiteral("p95_ms"), json(line.time.p95));
            row.insert(QStringLiteral("p99_ms"), json(line.time.p99));
            row.insert(QStringLiteral("value_ms"), json(line.valueMs));
            row.insert(QStringLiteral("budget_ms"), json(line.limitMs));
            row.insert(QStringLiteral("timeout_ms"), json(line.timeoutMs));
            row.insert(QStringLiteral("state"), text(name(line.state)));
            row.insert(QStringLiteral("timeout_state"), text(name(line.timeoutState)));
        }
        lines.append(row);
    }
    QJsonObject object{{QStringLiteral("name"), text(budget.name)},
        {QStringLiteral("target_ms"), budget.targetMs},
        {QStringLiteral("working_ms"), check.report.workingMs},
        {QStringLiteral("percentile"), text(budget.percentile)},
        {QStringLiteral("requests"), qint64(check.report.requests)},
        {QStringLiteral("gate"), text(name(check.gate.verdict))}, {QStringLiteral("lines"), lines}};
    if (check.report.sums[BudgetReport::Planned])
        object.insert(QStringLiteral("planned"), sumsJson(*check.report.sums[BudgetReport::Planned]));
    if (check.report.sums[BudgetReport::Value])
        object.insert(QStringLiteral("measured"), sumsJson(*check.report.sums[BudgetReport::Value]));
    if (check.report.floor) {
        object.insert(QStringLiteral("floor_ms"), check.report.floor->floor.lowMs);
        object.insert(QStringLiteral("impossible"),
            check.report.floor->floor.verdict == analysis::LatencyFloor::Verdict::Impossible);
    }
    return object;
}

JUnitCases budgetJunit(const BudgetCheck &check)
{
    JUnitCases all;
    const QString suite = QStringLiteral("budget.") + text(check.report.budget.name).toHtmlEscaped();
    for (const Line &line : check.gate.lines) {
        ++all.cases;
        all.xml += QStringLiteral("  <testcase classname=\"%1\" name=\"%2\">")
                       .arg(suite, text(line.what).toHtmlEscaped());
        const QString measured = line.errorLimit
            ? QStringLiteral("%1 of %2 allowed").arg(percent(line.errorRate), percent(line.errorLimit))
            : QStringLiteral("%1 of %2, n = %3")
                  .arg(ms(line.valueMs), ms(line.limitMs), QString::number(line.n));
        const QString reason = line.reason.empty() ? QString() : QStringLiteral("; ") + text(line.reason);
        if (line.verdict == Verdict::Broken) {
            ++all.failures;
            all.xml += QStringLiteral("<failure type=\"budget\">%1</failure>")
                           .arg((measured + reason).toHtmlEscaped());
        } else if (line.verdict != Verdict::Passed) {
            ++all.skipped;
            all.xml += QStringLiteral("<skipped message=\"%1\"/>")
                           .arg(text(line.reason.empty() ? "no budget" : line.reason).toHtmlEscaped());
        }
        all.xml += QStringLiteral("</testcase>\n");
    }
    return all;
}

QString undecidedText(const BudgetCheck &check)
{
    const QString names = listOf(check.gate, Verdict::Undecided);
    return names.isEmpty() ? QStringLiteral("the budget asks for nothing that was measured") : names;
}

} // namespace tailscope::app
