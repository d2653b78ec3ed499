// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Bars, cells and sentences of BudgetModel.
#include "items/budgetmodel.h"

#include "base/budgetfile.h"
#include "base/text.h"
#include "items/budgettext.h"

#include <algorithm>

namespace tailscope::items {

using analysis::BudgetEdit;
using analysis::BudgetFigure;
using analysis::BudgetReport;
using analysis::BudgetRow;
using analysis::LatencyFloor;

namespace {

QString utf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

std::optional<double> msOf(Nanos ns)
{
    return ns == kUnknownNanos ? std::nullopt : std::optional(double(ns) / double(kNanosPerMilli));
}

Nanos valueOf(const std::shared_ptr<const analysis::BudgetWhatIf> &result)
{
    return result ? result->after.value : kUnknownNanos;
}

} // namespace

std::optional<double> BudgetModel::shown(const BudgetFigure &figure) const
{
    return msOf(m_percentile == Percentile::P50 ? figure.p50
            : m_percentile == Percentile::P95   ? figure.p95
                                                : figure.p99);
}

void BudgetModel::buildBars()
{
    m_bars.clear();
    if (!m_report)
        return;
    double now = 0; // where the next component begins
    double groupStart = 0, groupEnd = 0;
    int group = 0;
    for (int i = 0; i < int(m_report->rows.size()); ++i) {
        const BudgetRow &row = m_report->rows[std::size_t(i)];
        if (row.part == BudgetRow::Part::Phase)
            continue;
        BudgetBar bar;
        bar.row = i;
        bar.isTotal = row.part == BudgetRow::Part::Total;
        bar.isUnaccounted = row.part == BudgetRow::Part::Unaccounted;
        bar.isAsync = row.isAsync;
        bar.parallelGroup = row.parallelGroup;
        bar.length = shown(row.time);
        bar.p95 = msOf(row.time.p95);
        bar.p99 = msOf(row.time.p99);
        bar.budget = bar.isTotal ? std::nullopt : row.budgetMs;
        bar.timeout = row.timeoutMs && *row.timeoutMs > 0 ? row.timeoutMs : std::nullopt;
        bar.state = row.state;
        bar.name = m_table ? budgetCells(*m_report, i).cells[Name].text : QString();
        bar.toolTip = rowText(i);
        if (group != 0 && row.parallelGroup != group)
            now = groupEnd, group = 0;
        if (row.parallelGroup > 0 && group == 0)
            groupStart = groupEnd = now, group = row.parallelGroup;
        bar.start = bar.isTotal ? 0 : row.parallelGroup > 0 ? groupStart : now;
        // What was not measured takes its budget only where nothing was measured at all: a plan.
        const bool isPlan = m_report->requests == 0;
        const double length = bar.length.value_or(isPlan ? row.budgetMs.value_or(0) : 0);
        bar.value = bar.length && row.budgetMs ? tr("%1 of %2").arg(msText(bar.length), msText(row.budgetMs))
            : bar.length                       ? msText(bar.length)
            : row.budgetMs                     ? tr("budget %1").arg(msText(row.budgetMs))
                                               : tr("not measured");
        if (bar.isUnaccounted && row.share)
            bar.value += QStringLiteral(" · %1 %").arg(*row.share * 100, 0, 'f', 1);
        if (!bar.isTotal && !bar.isAsync) {
            if (row.parallelGroup > 0)
                groupEnd = std::max(groupEnd, groupStart + length);
            else
                now += length;
        }
        if (bar.isUnaccounted && isPlan)
            continue;
        m_bars.push_back(std::move(bar));
    }
}

void BudgetModel::buildTable()
{
    QVector<TableRow> rows;
    for (int i = 0; m_report && i < int(m_report->rows.size()); ++i)
        rows << budgetCells(*m_report, i);
    m_table->setRows(std::move(rows));
}

QString BudgetModel::rowText(int index) const
{
    const BudgetRow &row = m_report->rows[std::size_t(index)];
    QStringList lines{budgetCells(*m_report, index).cells[Name].text};
    if (row.time.isKnown()) {
        lines << tr("P50 %1 · P95 %2 · P99 %3 (nearest rank, n = %4)")
                     .arg(utf8(exactDuration(row.time.p50)),
                         row.time.p95 == kUnknownNanos ? QStringLiteral("-")
                                                       : utf8(exactDuration(row.time.p95)),
                         row.time.p99 == kUnknownNanos ? QStringLiteral("-")
                                                       : utf8(exactDuration(row.time.p99)),
                         utf8(groupedCount(row.time.n)));
        if (row.time.n < analysis::minimumSamples(analysis::kP99))
            lines << tr("n is too small for a P99 of its own: it is the largest value");
    } else {
        lines << tr("not measured: no span of the requests and no series matches its pattern");
    }
    if (row.budgetMs)
        lines << tr("budget %1 at %2: %3")
                     .arg(msText(row.budgetMs), percentileName(m_report->budget.percentile),
                         stateText(row.state));
    if (row.share)
        lines << tr("%1 % of the time of the requests").arg(*row.share * 100, 0, 'f', 2);
    if (row.path.isKnown())
        lines << tr("on the critical path: P50 %1; in %2 % of its requests none of it")
                     .arg(utf8(exactDuration(row.path.p50)))
                     .arg(row.offPath.value_or(0) * 100, 0, 'f', 1);
    if (row.slackMs && *row.slackMs > 0)
        lines << tr("%1 shorter than the longest of its parallel group").arg(msText(row.slackMs));
    if (row.floorMs)
        lines << tr("takes at least %1 (as the budget says)").arg(msText(row.floorMs));
    if (row.timeoutMs)
        lines << tr("time-out %1 (%2)")
                     .arg(msText(row.timeoutMs),
                         row.timeoutFromConfig ? tr("from the configuration") : tr("from the budget"));
    if (const QString problem = timeoutText(row, m_report->budget.targetMs); !problem.isEmpty())
        lines << problem;
    if (row.errorRate)
        lines << tr("%1 % failed").arg(*row.errorRate * 100, 0, 'g', 3);
    return lines.join(QLatin1Char('\n'));
}

QString BudgetModel::headline() const
{
    if (!m_report)
        return {};
    const BudgetRow &total = m_report->total();
    const QString percentile = percentileName(m_report->budget.percentile);
    QStringList parts;
    if (total.time.value != kUnknownNanos)
        parts << tr("%1 %2 of %3: %4")
                     .arg(percentile, nsText(total.time.value), msText(total.budgetMs),
                         stateText(total.state));
    else
        parts << tr("target %1 at %2: nothing measured").arg(msText(total.budgetMs), percentile);
    parts << tr("working budget %1 (%2 % kept free)")
                 .arg(msText(m_report->workingMs))
                 .arg(m_report->budget.margin * 100, 0, 'g', 3);
    parts << tr("%1 requests").arg(utf8(groupedCount(m_report->requests)));
    if (m_report->weighted)
        parts << tr("weighted by sampling");
    if (m_scope == Scope::OneRequest && !selectedTrace())
        parts << tr("no trace is selected: all of them");
    if (m_report->floor) {
        const LatencyFloor &floor = m_report->floor->floor;
        if (floor.verdict == LatencyFloor::Verdict::Impossible)
            parts << tr("floor %1: %2 is mathematically impossible while these calls follow each other")
                         .arg(msText(floor.lowMs), msText(m_report->budget.targetMs));
        else
            parts << tr("floor %1").arg(msText(floor.lowMs));
    }
    return parts.join(QStringLiteral(" · "));
}

QString BudgetModel::sumsText() const
{
    if (!m_report || m_report->budget.components.empty())
        return {};
    QStringList parts;
    const auto add = [&](const QString &what, const std::optional<analysis::BudgetSums> &sums) {
        if (!sums)
            return;
        QString text
            = tr("%1: plain sum %2, critical path %3").arg(what, msText(sums->plain), msText(sums->path));
        if (sums->headroom > 0)
            text += tr(" (with headroom %1 and %2)")
                        .arg(msText(sums->plainWithHeadroom()), msText(sums->pathWithHeadroom()));
        parts << text;
    };
    const auto &planned = m_report->sums[BudgetReport::Planned];
    add(tr("Plan"), planned);
    if (planned && planned->path > m_report->workingMs)
        parts << tr("the plan uses more than the working budget");
    const std::array<BudgetReport::Sum, 3> sums{BudgetReport::P50, BudgetReport::P95, BudgetReport::P99};
    const std::array<const char *, 3> names{"P50", "P95", "P99"};
    add(tr("Measured %1").arg(QLatin1String(names[std::size_t(m_percentile)])),
        m_report->sums[sums[std::size_t(m_percentile)]]);
    return parts.join(QStringLiteral(" · "));
}

QString BudgetModel::changeText(const BudgetEdit &edit) const
{
    const Budget &budget = m_report ? m_report->budget : Budget();
    const QString part = edit.component >= 0 && std::size_t(edit.component) < budget.components.size()
        ? utf8(budget.components[std::size_t(edit.component)].name)
        : QString();
    switch (edit.kind) {
    case BudgetEdit::Kind::Parallel:
        return tr("%1: its calls side by side (assumes independence)").arg(part);
    case BudgetEdit::Kind::Cap:
        return tr("%1: each call at most %2").arg(part, msText(edit.ms));
    case BudgetEdit::Kind::Cache:
        return edit.count > 0 ? tr("%1: %2 of its calls from a cache in %3")
                                    .arg(part, QString::number(edit.count), msText(edit.ms))
                              : tr("%1: from a cache in %2").arg(part, msText(edit.ms));
    case BudgetEdit::Kind::Remove:
        return tr("%1: removed").arg(part);
    case BudgetEdit::Kind::Async:
        return tr("%1: nobody waits for it").arg(part);
    case BudgetEdit::Kind::RemoveUnaccounted:
        return tr("Unaccounted time found and removed");
    case BudgetEdit::Kind::Add:
        return tr("A new call of %1 that everybody waits for").arg(msText(edit.ms));
    }
    return {};
}

QString BudgetModel::outcomeText(int change) const
{
    if (change < 0 || change >= m_outcomes.size())
        return {};
    const Outcome &outcome = m_outcomes[change];
    QStringList parts{tr("alone %1").arg(nsText(valueOf(outcome.alone)))};
    if (outcome.together)
        parts << tr("together so far %1").arg(nsText(valueOf(outcome.together)));
    if (outcome.alone && outcome.alone->changed > 0 && outcome.alone->faster == 0
        && outcome.alone->after.value <= outcome.alone->before.value)
        parts << tr("no gain: something else is waited for");
    return parts.join(QStringLiteral(" · "));
}

QString BudgetModel::whatIfText() const
{
    if (!m_report)
        return {};
    QStringList lines;
    std::vector<BudgetEdit> checked;
    std::shared_ptr<const analysis::BudgetWhatIf> last;
    double sum = 0;
    for (qsizetype i = 0; i < m_changes.size(); ++i) {
        if (!m_changes[i].isChecked)
            continue;
        checked.push_back(m_changes[i].edit);
        if (i < m_outcomes.size() && m_outcomes[i].together) {
            last = m_outcomes[i].together;
            if (const auto &alone = m_outcomes[i].alone)
                sum += double(alone->before.value - alone->after.value) / double(kNanosPerMilli);
        }
    }
    if (checked.empty())
        return tr(
            "Changes are run through every request with its dependencies kept; gains are never added up.");
    if (last) {
        const double after = double(last->after.value) / double(kNanosPerMilli);
        const double before = double(last->before.value) / double(kNanosPerMilli);
        const double target = m_report->budget.targetMs;
        lines << tr("%1 %2 → %3 of %4: %5")
                     .arg(percentileName(m_report->budget.percentile), msText(before), msText(after),
                         msText(target),
                         after <= target ? tr("inside the target") : tr("still over the target"));
        lines << tr("P50 %1 → %2 · P99 %3 → %4")
                     .arg(nsText(last->before.p50), nsText(last->after.p50), nsText(last->before.p99),
                         nsText(last->after.p99));
        if (checked.size() > 1 && sum > (before - after) * 1.1 + 0.0005)
            lines << tr("One by one they would save %1, together %2: gains overlap and are not added up.")
                         .arg(msText(sum), msText(before - after));
    }
    const analysis::BudgetSums plan = analysis::plannedSums(m_report->budget, checked);
    const auto &planned = m_report->sums[BudgetReport::Planned];
    if (planned && (plan.path != planned->path))
        lines << tr("Plan: critical path %1 → %2 of a working budget of %3")
                     .arg(msText(planned->path), msText(plan.path), msText(m_report->workingMs));
    return lines.join(QLatin1Char('\n'));
}

QString BudgetModel::sql() const
{
    const Choice *choice = current();
    if (!choice || choice->isPreset)
        return QStringLiteral("-- A preset that is not saved in the workspace has no rows.\n"
                              "SELECT * FROM budget ORDER BY id;");
    return QStringLiteral("SELECT part, name, n, p50_ms, p95_ms, p99_ms, value_ms, budget_ms, timeout_ms, "
                          "path_p50_ms, share, state, timeout_state\n"
                          "FROM budget_result WHERE budget_id = %1 ORDER BY position;")
        .arg(choice->id);
}

QString BudgetModel::toMarkdown() const
{
    QStringList lines;
    const auto row = [&](const QStringList &cells) {
        lines << QStringLiteral("| ") + cells.join(QStringLiteral(" | ")) + QStringLiteral(" |");
    };
    QStringList titles, rule;
    for (int column = 0; column < ColumnCount; ++column) {
        titles << m_table->headerData(column, Qt::Horizontal).toString();
        rule << QStringLiteral("---");
    }
    row(titles);
    row(rule);
    for (int r = 0; r < m_table->rowCount(); ++r) {
        QStringList cells;
        for (int column = 0; column < ColumnCount; ++column)
            cells << m_table->index(r, column).data().toString().replace(QLatin1Char('|'),
                QLatin1String("\\|"));
        row(cells);
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

QString BudgetModel::toToml() const
{
    const Choice *choice = current();
    return choice ? QString::fromStdString(budgetToml(choice->budget)) : QString();
}

} // namespace tailscope::items
