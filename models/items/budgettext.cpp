// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/budgettext.h"

#include "base/text.h"

#include <QCoreApplication>

#include <algorithm>
#include <numeric>

namespace tailscope::items {

using analysis::BudgetRow;
using analysis::BudgetState;
using analysis::TimeoutState;

namespace {

QString tr(const char *text) { return QCoreApplication::translate("BudgetText", text); }
QString utf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

TableCell timeCell(Nanos ns)
{
    TableCell cell;
    cell.text = nsText(ns);
    if (ns != kUnknownNanos) {
        cell.value = double(ns) / double(kNanosPerMilli);
        cell.toolTip = utf8(exactDuration(ns));
    }
    return cell;
}

TableCell msCell(std::optional<double> ms)
{
    TableCell cell;
    cell.text = msText(ms);
    if (ms)
        cell.value = *ms;
    return cell;
}

int levelOf(BudgetState state)
{
    return state == BudgetState::Over ? 3 : state == BudgetState::Warning ? 2 : 0;
}

QString kindText(const BudgetRow &row)
{
    QStringList words{utf8(name(row.kind))};
    if (row.isAsync)
        words << tr("nobody waits for it");
    if (row.parallelGroup > 0)
        words << tr("parallel group %1").arg(row.parallelGroup);
    if (row.optional)
        words << tr("optional");
    return words.join(QStringLiteral(", "));
}

} // namespace

QString msText(std::optional<double> ms) { return ms ? utf8(humanMillis(*ms)) : QStringLiteral("-"); }

QString nsText(Nanos ns)
{
    return ns == kUnknownNanos ? QStringLiteral("-") : utf8(humanMillis(double(ns) / double(kNanosPerMilli)));
}

QString percentileName(const std::string &decimal)
{
    const std::size_t dot = decimal.find('.');
    QString digits = utf8(decimal).mid(dot == std::string::npos ? 0 : qsizetype(dot) + 1);
    if (digits.size() == 1)
        digits += QLatin1Char('0');
    if (digits.size() > 2)
        digits.insert(2, QLatin1Char('.'));
    return QStringLiteral("P") + digits;
}

QString stateText(BudgetState state)
{
    switch (state) {
    case BudgetState::Ok:
        return tr("ok");
    case BudgetState::Warning:
        return tr("near its budget");
    case BudgetState::Over:
        return tr("over budget");
    case BudgetState::Unmeasured:
        break;
    }
    return tr("not measured");
}

QString timeoutText(const BudgetRow &row, double targetMs)
{
    switch (row.timeoutState) {
    case TimeoutState::Missing:
        return tr("no time-out is known for this call");
    case TimeoutState::Zero:
        return tr("time-out 0: it waits for ever");
    case TimeoutState::LibraryDefault:
        return tr("the time-out is a library's default of 30 s");
    case TimeoutState::BelowBudget:
        return tr("the time-out is below the budget");
    case TimeoutState::BelowP99:
        return tr("the time-out is below the P99: it ends calls that would have been answered");
    case TimeoutState::OverTarget:
        return tr("the time-out is longer than the whole request may take (%1)").arg(msText(targetMs));
    case TimeoutState::Loose:
        return tr("the time-out is loose: one slow call may use several budgets");
    case TimeoutState::Ok:
    case TimeoutState::Unknown:
        break;
    }
    return {};
}

QVector<CellTable::Column> budgetColumns()
{
    return {{tr("Component"), tr("A part of the budget, the rest, a phase of a load test")},
        {tr("n"), tr("Requests in which it occurs"), true},
        {tr("P50"), tr("Nearest rank of its time in a request: its spans united, cut to the request"), true},
        {tr("P95"), tr("Nearest rank"), true}, {tr("P99"), tr("Nearest rank"), true},
        {tr("Budget"), tr("What it may take at the percentile of the budget"), true},
        {tr("Used"), tr("Share of the budget that is used at that percentile"), true},
        {tr("On path"), tr("P50 of its time on the critical path: what the request waited for"), true},
        {tr("Time-out"), tr("The limit of a call, from the budget or from a configuration file"), true},
        {tr("Verdict"), tr("Near its budget from 80 % on; equal to the budget is inside")}};
}

TableRow budgetCells(const analysis::BudgetReport &report, int index)
{
    const BudgetRow &row = report.rows[std::size_t(index)];
    TableRow out;
    out.id = index;
    QString name = utf8(row.name);
    if (row.part == BudgetRow::Part::Total)
        name = tr("Request (total)");
    else if (row.part == BudgetRow::Part::Unaccounted)
        name = tr("Unaccounted");
    out.cells << TableCell{name, {}, row.part == BudgetRow::Part::Component ? kindText(row) : name};
    out.cells << TableCell{row.time.isKnown() ? utf8(groupedCount(row.time.n)) : QStringLiteral("0"),
        qlonglong(row.time.n), {}};
    out.cells << timeCell(row.time.p50) << timeCell(row.time.p95) << timeCell(row.time.p99);
    out.cells << msCell(row.budgetMs);
    TableCell used{QStringLiteral("-"), {}, {}};
    if (row.time.value != kUnknownNanos && row.budgetMs) {
        const double share = double(row.time.value) / double(kNanosPerMilli) / *row.budgetMs;
        used.text = QStringLiteral("%1 %").arg(share * 100, 0, 'f', 0);
        used.value = share;
        used.bar = std::clamp(share, 0.0, 1.0);
        used.level = levelOf(row.state);
    }
    out.cells << used << timeCell(row.path.p50);
    TableCell timeout = msCell(row.timeoutMs);
    if (row.timeoutState == TimeoutState::Missing)
        timeout.text = tr("missing");
    timeout.toolTip = timeoutText(row, report.budget.targetMs);
    timeout.level = timeout.toolTip.isEmpty() ? 0 : 2;
    if (row.overTimeout > 0)
        timeout.toolTip += (timeout.toolTip.isEmpty() ? QString() : QStringLiteral("\n"))
            + tr("%1 requests went past it").arg(utf8(groupedCount(row.overTimeout)));
    out.cells << timeout;
    TableCell verdict{stateText(row.state), {}, {}};
    if (row.part == BudgetRow::Part::Unaccounted)
        verdict.text
            = row.share ? tr("%1 % of the time").arg(*row.share * 100, 0, 'f', 1) : QStringLiteral("-");
    else if (row.kind == BudgetKind::Headroom)
        verdict.text = tr("kept free");
    else if (row.isAsync)
        verdict.text = tr("nobody waits for it");
    else if (!row.time.isKnown() && row.optional)
        verdict.text = tr("not seen (optional)");
    if (!row.isAsync)
        verdict.level = levelOf(row.state);
    out.cells << verdict;
    return out;
}

QString matchText(const analysis::SpanColumns &columns, const std::vector<std::int64_t> &counts,
    std::int64_t total)
{
    constexpr std::size_t kNamed = 3;
    if (total == 0)
        return tr("no span matches");
    std::vector<std::size_t> order(counts.size());
    std::iota(order.begin(), order.end(), 0);
    std::erase_if(order, [&](std::size_t i) { return counts[i] == 0; });
    std::stable_sort(order.begin(), order.end(),
        [&](std::size_t a, std::size_t b) { return counts[a] > counts[b]; });
    QStringList names;
    for (std::size_t i = 0; i < std::min(kNamed, order.size()); ++i)
        names << QStringLiteral("%1 (%2)").arg(utf8(columns.operations[order[i]]),
            utf8(groupedCount(counts[order[i]])));
    if (order.size() > kNamed)
        names << tr("%1 more").arg(order.size() - kNamed);
    return tr("%1 spans: %2").arg(utf8(groupedCount(total)), names.join(QStringLiteral(", ")));
}

} // namespace tailscope::items
