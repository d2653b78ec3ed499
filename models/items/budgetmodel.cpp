// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/budgetmodel.h"

#include "analysis/budgetpresets.h"
#include "analysis/rowscan.h"
#include "analysis/tracepaths.h"
#include "base/budgetfile.h"
#include "base/text.h"
#include "items/budgettext.h"
#include "session/budgetcommand.h"

#include <algorithm>

namespace tailscope::items {

using analysis::BudgetReport;
using analysis::BudgetRow;
using analysis::SpanColumns;
using analysis::TraceRows;

/// What all budgets over the loaded spans share.
struct BudgetModel::Base
{
    explicit Base(std::shared_ptr<const SpanColumns> spanColumns)
        : columns(std::move(spanColumns))
        , classes(*columns)
    {}
    std::shared_ptr<const SpanColumns> columns;
    std::shared_ptr<const TraceRows> rows;
    analysis::SpanClasses classes;
};

/// One measurement.
struct BudgetModel::Answer
{
    std::shared_ptr<const Base> base; ///< null without spans
    std::optional<analysis::BudgetSpans> spans;
    std::vector<std::uint32_t> traces; ///< that were measured
    BudgetReport report;
};

namespace {

/// Requests (analysis::allRequests()) with a span in the selection, ascending.
std::vector<std::uint32_t> requestsOf(const SpanColumns &columns, const TraceRows &rows,
    const analysis::BudgetSpans &spans, const analysis::SpanSelection &selection, const CancelToken &cancel)
{
    std::vector<bool> chosen(rows.traces() + spans.looseRequests(), false);
    const analysis::RowScan scan(columns, selection);
    for (int part = 0; part < scan.parts(); ++part) {
        scan.forEachBlock(part, cancel, [&](const std::uint32_t *block, std::size_t n) {
            for (std::size_t i = 0; i < n; ++i) {
                const std::uint32_t trace = columns.trace[block[i]], loose = spans.looseOf(block[i]);
                if (trace < rows.traces())
                    chosen[trace] = true;
                else if (loose != analysis::kNoRow)
                    chosen[rows.traces() + loose] = true;
            }
        });
    }
    std::vector<std::uint32_t> traces;
    for (std::uint32_t trace = 0; trace < chosen.size(); ++trace) {
        if (chosen[trace])
            traces.push_back(trace);
    }
    return traces;
}

} // namespace

BudgetModel::BudgetModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_listJob(session->jobs())
    , m_job(session->jobs())
    , m_whatIfJob(session->jobs())
    , m_previewJob(session->jobs())
    , m_table(new CellTable(budgetColumns(), this))
{
    const session::SessionContext *context = session->context();
    connect(session, &session::Session::loaded, this, [this] {
        m_listed = false;
        invalidate();
    });
    connect(context, &session::SessionContext::dataChanged, this, &BudgetModel::invalidate);
    connect(context, &session::SessionContext::rangeChanged, this, &BudgetModel::invalidate);
    connect(context, &session::SessionContext::filterChanged, this, &BudgetModel::invalidate);
    connect(context, &session::SessionContext::filterErrorChanged, this, &BudgetModel::refresh);
    connect(context, &session::SessionContext::selectionChanged, this, [this] {
        takeSelection();
        if (m_scope == Scope::OneRequest && selectedTrace())
            invalidate();
    });
}

bool BudgetModel::hasSpans() const
{
    const auto columns = m_session->context()->columns();
    return columns && columns->size() > 0;
}

bool BudgetModel::hasStored() const
{
    return std::any_of(m_choices.begin(), m_choices.end(), [](const Choice &c) { return !c.isPreset; });
}

bool BudgetModel::isBusy() const
{
    return m_listJob.isRunning() || m_job.isRunning() || m_whatIfJob.isRunning() || (m_active && m_stale);
}

void BudgetModel::setActive(bool active)
{
    m_active = active;
    refresh();
}

void BudgetModel::invalidate()
{
    m_stale = true;
    refresh();
}

const BudgetModel::Choice *BudgetModel::current() const
{
    const auto found = std::find_if(m_choices.begin(), m_choices.end(),
        [this](const Choice &c) { return c.key == m_key; });
    return found == m_choices.end() ? nullptr : &*found;
}

void BudgetModel::setCurrent(const QString &key)
{
    if (key == m_key)
        return;
    m_key = key;
    m_changes.clear();
    m_outcomes.clear();
    m_userChanges = false;
    Q_EMIT choicesChanged();
    invalidate();
}

void BudgetModel::setScope(Scope scope)
{
    if (scope == m_scope)
        return;
    m_scope = scope;
    invalidate();
}

void BudgetModel::setPercentile(Percentile percentile)
{
    m_percentile = percentile;
    buildBars();
    Q_EMIT changed();
}

void BudgetModel::takeSelection()
{
    const session::Selection selection = m_session->context()->selection();
    const QString key = QStringLiteral("id:%1").arg(selection.id);
    if (selection.kind != session::Selection::Kind::Budget)
        return;
    for (const Choice &choice : m_choices) {
        if (choice.key == key)
            setCurrent(key);
    }
}

std::optional<qint64> BudgetModel::selectedTrace() const
{
    const session::Selection selection = m_session->context()->selection();
    const auto columns = m_session->context()->columns();
    if (selection.kind == session::Selection::Kind::Trace)
        return selection.id;
    if (selection.kind != session::Selection::Kind::Span || !columns)
        return std::nullopt;
    const std::uint32_t row = columns->rowOfId(selection.id);
    if (row == analysis::kNoRow || columns->trace[row] >= columns->traceIds.size())
        return std::nullopt;
    return columns->traceIds[columns->trace[row]];
}

void BudgetModel::readChoices()
{
    m_listed = true;
    m_listJob.start<QList<Choice>>(
        this, {},
        [workspace = m_session->workspacePtr()](const Progress &) -> Result<QList<Choice>> {
            Result<store::Database> reader = workspace->connectReader();
            if (!reader)
                return fail(std::move(reader.error()));
            const auto stored = analysis::readBudgets(*reader);
            if (!stored)
                return fail(stored.error());
            QList<Choice> choices;
            for (const analysis::StoredBudget &each : *stored)
                choices.append({QStringLiteral("id:%1").arg(each.id),
                    QString::fromStdString(each.budget.name), !each.sourceId, false, each.budget, each.id});
            for (const analysis::BudgetPreset &preset : analysis::budgetPresets())
                choices.append({QStringLiteral("preset:%1").arg(QString::fromStdString(preset.id)),
                    QString::fromStdString(preset.budget.name), false, true, preset.budget, 0});
            return choices;
        },
        [this](Result<QList<Choice>> choices) {
            if (choices)
                m_choices = std::move(*choices);
            if (m_key.isEmpty())
                takeSelection();
            // A budget of the workspace is what was asked for; a preset is chosen by hand.
            if (!current())
                m_key = hasStored() ? m_choices.first().key : QString();
            Q_EMIT choicesChanged();
            invalidate();
            Q_EMIT busyChanged();
        });
}

void BudgetModel::refresh()
{
    if (!m_active || !m_stale || m_session->context()->isFilterPending())
        return;
    if (!m_listed)
        readChoices();
    if (m_listJob.isRunning())
        return;
    m_stale = false;
    m_whatIfJob.cancel();
    const Choice *choice = current();
    if (!choice) {
        m_job.cancel();
        m_error.clear();
        adopt(nullptr);
        Q_EMIT busyChanged();
        return;
    }
    const auto columns = m_session->context()->columns();
    const analysis::SpanSelection selection = m_session->context()->spanSelection();
    const auto known = m_base && m_base->columns == columns ? m_base : nullptr;
    const std::optional<qint64> only = m_scope == Scope::OneRequest ? selectedTrace() : std::nullopt;
    m_job.start<std::shared_ptr<const Answer>>(
        this, {},
        [columns, selection, known, only, budget = choice->budget, workspace = m_session->workspacePtr()](
            const Progress &progress) -> Result<std::shared_ptr<const Answer>> {
            auto answer = std::make_shared<Answer>();
            Result<store::Database> reader = workspace->connectReader();
            if (!reader)
                return fail(std::move(reader.error()));
            const auto inputs = analysis::readBudgetInputs(*reader, budget, progress);
            if (!inputs)
                return fail(inputs.error());
            std::shared_ptr<const analysis::MeasuredBudget> measured;
            if (columns && columns->size() > 0) {
                answer->base = known;
                if (!known) {
                    auto base = std::make_shared<Base>(columns);
                    base->rows = TraceRows::build(*columns, progress.cancel);
                    if (!base->rows)
                        return fail(ErrorCode::Cancelled, "budget", "cancelled");
                    answer->base = std::move(base);
                }
                auto spans = analysis::BudgetSpans::build(*columns, budget, progress);
                if (!spans)
                    return fail(std::move(spans.error()));
                answer->spans = std::move(*spans);
                const std::uint32_t one = only ? analysis::traceIndexOf(*columns, *only) : analysis::kNoRow;
                const auto traces = one != analysis::kNoRow
                    ? std::vector<std::uint32_t>{one}
                    : requestsOf(*columns, *answer->base->rows, *answer->spans, selection, progress.cancel);
                measured = analysis::measureBudget(*columns, *answer->base->rows, answer->base->classes,
                    traces, budget, *answer->spans, analysis::componentTimeouts(budget, *inputs),
                    progress.cancel);
                if (!measured || progress.isCancelled())
                    return fail(ErrorCode::Cancelled, "budget", "cancelled");
                answer->traces = measured->traces;
            }
            answer->report = analysis::budgetReport(budget, measured.get(), columns.get(), *inputs);
            return std::shared_ptr<const Answer>(std::move(answer));
        },
        [this](Result<std::shared_ptr<const Answer>> answer) {
            m_error.clear();
            if (answer)
                adopt(std::move(*answer));
            else if (answer.error().code != ErrorCode::Cancelled) {
                m_error = QString::fromStdString(answer.error().toText());
                adopt(nullptr);
            }
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void BudgetModel::adopt(std::shared_ptr<const Answer> answer)
{
    m_answer = std::move(answer);
    m_base = m_answer ? m_answer->base : nullptr;
    m_report = m_answer ? Report(m_answer, &m_answer->report) : nullptr;
    if (m_report && !m_userChanges) {
        m_changes.clear();
        for (const analysis::BudgetEdit &edit : analysis::suggestedEdits(*m_report))
            m_changes.append({edit, true});
    }
    buildBars();
    buildTable();
    Q_EMIT changed();
    runWhatIf();
}

void BudgetModel::setChanges(const QList<Change> &changes)
{
    m_changes = changes;
    m_userChanges = true;
    runWhatIf();
}

void BudgetModel::suggest()
{
    m_userChanges = false;
    m_changes.clear();
    if (m_report) {
        for (const analysis::BudgetEdit &edit : analysis::suggestedEdits(*m_report))
            m_changes.append({edit, true});
    }
    runWhatIf();
}

void BudgetModel::runWhatIf()
{
    m_whatIfJob.cancel();
    m_outcomes.clear();
    Q_EMIT whatIfChanged();
    if (m_changes.isEmpty() || !m_answer || !m_answer->spans || m_answer->traces.empty())
        return;
    m_whatIfJob.start<QList<Outcome>>(
        this, {},
        [answer = m_answer, changes = m_changes](const Progress &progress) -> Result<QList<Outcome>> {
            const auto run = [&](const std::vector<analysis::BudgetEdit> &edits) {
                return analysis::budgetWhatIf(*answer->base->columns, *answer->base->rows, answer->traces,
                    answer->report.budget, *answer->spans, edits, progress.cancel);
            };
            QList<Outcome> outcomes;
            std::vector<analysis::BudgetEdit> all;
            for (const Change &change : changes) {
                Outcome outcome;
                outcome.alone = run({change.edit});
                if (change.isChecked) {
                    all.push_back(change.edit);
                    outcome.together = all.size() == 1 ? outcome.alone : run(all);
                }
                if (progress.isCancelled())
                    return fail(ErrorCode::Cancelled, "what if", "cancelled");
                outcomes.append(std::move(outcome));
            }
            return outcomes;
        },
        [this](Result<QList<Outcome>> outcomes) {
            if (outcomes)
                m_outcomes = std::move(*outcomes);
            Q_EMIT whatIfChanged();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

qint64 BudgetModel::exampleTrace(int row) const
{
    return m_report && row >= 0 && row < int(m_report->rows.size())
        ? qint64(m_report->rows[std::size_t(row)].exampleTraceId)
        : 0;
}

void BudgetModel::preview(const QString &pattern)
{
    m_previewJob.start<QString>(
        this, {},
        [pattern = pattern.toStdString(), columns = m_session->context()->columns()](
            const Progress &progress) -> Result<QString> {
            const auto parsed = analysis::BudgetPattern::parse(pattern);
            if (!parsed)
                return fail(parsed.error());
            if (parsed->isEmpty())
                return QString();
            if (!columns || !parsed->hasSpans())
                return BudgetModel::tr("no spans to look at");
            const auto rows = parsed->spans(*columns, progress);
            if (!rows)
                return fail(rows.error());
            std::vector<std::int64_t> counts(columns->operations.size(), 0);
            for (std::uint32_t row = 0; row < columns->size(); ++row)
                counts[columns->operation[row]] += rows->test(row) ? 1 : 0;
            return matchText(*columns, counts, std::int64_t(rows->count()));
        },
        [this, pattern](Result<QString> text) {
            if (text)
                Q_EMIT previewReady(pattern, *text, false);
            else if (text.error().code != ErrorCode::Cancelled)
                Q_EMIT previewReady(pattern, QString::fromStdString(text.error().detail), true);
        });
}

void BudgetModel::save(qint64 id, const Budget &budget)
{
    const qint64 saved = session::saveBudget(m_session, id, budget);
    if (saved != 0)
        m_key = QStringLiteral("id:%1").arg(saved);
}

void BudgetModel::remove(qint64 id) { session::saveBudget(m_session, id, std::nullopt); }

} // namespace tailscope::items
