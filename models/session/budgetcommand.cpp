// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/budgetcommand.h"

#include "advisor/rules.h"
#include "analysis/budgetreport.h"
#include "analysis/workspaceanalyses.h"
#include "base/budgetfile.h"
#include "store/family.h"

#include <QCoreApplication>

#include <algorithm>

namespace tailscope::session {

namespace {

Result<void> runAnalysesAndRules(const store::Workspace &workspace, const Progress &progress)
{
    TS_TRY(analysis::refreshWorkspaceAnalyses(workspace, analysis::workspaceAnalyses(), progress));
    std::vector<Error> bad;
    const std::vector<advisor::Rule> rules = advisor::loadRules(advisor::userRuleFolder(), bad);
    const Result<advisor::RulesOutcome> outcome = advisor::runRules(workspace, rules, progress);
    return outcome ? Result<void>() : fail(outcome.error());
}

Result<void> removeRows(store::Database &writer, qint64 id)
{
    for (const char *sql : {"DELETE FROM budget_component_raw WHERE budget_id = ?1",
             "DELETE FROM budget_raw WHERE id = ?1 AND source_id IS NULL"}) {
        Result<store::Statement> remove = writer.prepare(sql);
        if (!remove)
            return fail(std::move(remove.error()));
        remove->bind(0, std::int64_t(id));
        TS_TRY(remove->run());
    }
    return {};
}

Result<void> insertRows(store::Database &writer, qint64 id, const Budget &budget)
{
    Result<store::Statement> head = writer.prepare(
        "INSERT INTO budget_raw (id, source_id, name, target_ms, percentile, margin, description, match, "
        "error_limit, min_samples) VALUES (?1, NULL, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    if (!head)
        return fail(std::move(head.error()));
    head->bind(0, std::int64_t(id));
    head->bind(1, std::string_view(budget.name));
    head->bind(2, budget.targetMs);
    head->bind(3, std::string_view(budget.percentile));
    head->bind(4, budget.margin);
    head->bindTextOrNull(5, budget.description);
    head->bindTextOrNull(6, budget.match);
    head->bindOptional(7, budget.errorLimit);
    head->bind(8, budget.minSamples);
    TS_TRY(head->run());
    Result<store::Statement> insert = writer.prepare(
        "INSERT INTO budget_component_raw (budget_id, position, parallel_group, name, match, budget_ms, "
        "timeout_ms, kind, calls, call_ms, optional) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
    if (!insert)
        return fail(std::move(insert.error()));
    std::int64_t position = 0;
    for (const BudgetComponent &part : budget.components) {
        insert->bind(0, std::int64_t(id));
        insert->bind(1, position++);
        if (part.parallelGroup > 0)
            insert->bind(2, std::int64_t(part.parallelGroup));
        else
            insert->bindNull(2);
        insert->bind(3, std::string_view(part.name));
        insert->bindTextOrNull(4, part.match);
        insert->bindOptional(5, part.budgetMs);
        insert->bindOptional(6, part.timeoutMs);
        insert->bind(7, name(part.kind));
        insert->bind(8, part.calls);
        insert->bindOptional(9, part.callMs);
        insert->bind(10, std::int64_t(part.optional));
        TS_TRY(insert->run());
    }
    return {};
}

} // namespace

Result<void> storeBudget(const store::Workspace &workspace, qint64 id, const std::optional<Budget> &budget)
{
    if (id < store::kFirstOwnId)
        return fail(ErrorCode::Usage, "budget " + std::to_string(id), "it belongs to a file",
            "Save a copy of it");
    if (budget) {
        if (const std::string problem = budgetProblem(*budget); !problem.empty())
            return fail(ErrorCode::Usage, "budget", problem, "Mend it and save it again");
    }
    Result<store::Database> writer = workspace.connectWriter();
    if (!writer)
        return fail(std::move(writer.error()));
    TS_TRY(writer->begin());
    const auto write = [&]() -> Result<void> {
        TS_TRY(removeRows(*writer, id));
        if (budget)
            TS_TRY(insertRows(*writer, id, *budget));
        return writer->execute("INSERT INTO generation (table_family, n) VALUES ('budget', 1)"
                               " ON CONFLICT (table_family) DO UPDATE SET n = n + 1");
    };
    const Result<void> written = write();
    if (!written) {
        writer->rollback();
        return written;
    }
    return writer->commit();
}

Result<std::optional<Budget>> ownBudget(const store::Workspace &workspace, qint64 id)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(std::move(reader.error()));
    const auto budgets = analysis::readBudgets(*reader);
    if (!budgets)
        return fail(budgets.error());
    for (const analysis::StoredBudget &stored : *budgets) {
        if (stored.id == id && !stored.sourceId)
            return std::optional(stored.budget);
    }
    return std::optional<Budget>();
}

Result<qint64> newBudgetId(const store::Workspace &workspace)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(std::move(reader.error()));
    const Result<std::optional<std::int64_t>> last = reader->integer("SELECT max(id) FROM budget_raw");
    if (!last)
        return fail(last.error());
    return qint64(std::max<std::int64_t>(store::kFirstOwnId, last->value_or(0) + 1));
}

BudgetCommand::BudgetCommand(Session *session, qint64 id, std::optional<Budget> before,
    std::optional<Budget> after)
    : m_session(session)
    , m_id(id)
    , m_before(std::move(before))
    , m_after(std::move(after))
{
    setText(!m_before ? QCoreApplication::translate("BudgetCommand", "New Budget")
            : m_after ? QCoreApplication::translate("BudgetCommand", "Change Budget")
                      : QCoreApplication::translate("BudgetCommand", "Remove Budget"));
}

void BudgetCommand::write(const std::optional<Budget> &budget)
{
    const auto workspace = m_session->workspacePtr();
    Session *session = m_session;
    session->jobs()->start<bool>(
        session, QCoreApplication::translate("BudgetCommand", "Saving a budget"),
        [workspace, id = m_id, budget](const Progress &progress) -> Result<bool> {
            TS_TRY(storeBudget(*workspace, id, budget));
            TS_TRY(runAnalysesAndRules(*workspace, progress));
            return true;
        },
        [session](Result<bool> done) {
            if (!done)
                Q_EMIT session->failed(done.error());
            // Views ask for budgets and findings again; spans are the same.
            if (!session->isLoading())
                Q_EMIT session->loaded();
        },
        JobQueue::Lane::Write);
}

void BudgetCommand::undo() { write(m_before); }

void BudgetCommand::redo() { write(m_after); }

qint64 saveBudget(Session *session, qint64 id, const std::optional<Budget> &budget)
{
    const auto refuse = [session](Error error) -> qint64 {
        Q_EMIT session->failed(error);
        return 0;
    };
    if (session->workspace().isReadOnly())
        return refuse({ErrorCode::Locked, session->workspace().path().string(),
            "the workspace is open for reading only", std::nullopt, "Save a copy of it and change that"});
    std::optional<Budget> before;
    if (id != 0) {
        Result<std::optional<Budget>> known = ownBudget(session->workspace(), id);
        if (!known)
            return refuse(std::move(known.error()));
        before = std::move(*known);
    } else {
        const Result<qint64> fresh = newBudgetId(session->workspace());
        if (!fresh)
            return refuse(fresh.error());
        // The job that stores it may still wait when the next one is made (GUI thread only).
        static qint64 given = 0;
        given = std::max(*fresh, given + 1);
        id = given;
    }
    if (before == budget)
        return id;
    session->undoStack()->push(new BudgetCommand(session, id, before, budget));
    return id;
}

} // namespace tailscope::session
