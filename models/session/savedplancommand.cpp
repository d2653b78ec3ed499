// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/savedplancommand.h"

#include "advisor/plananalyses.h"
#include "advisor/planconditions.h"
#include "advisor/rules.h"
#include "analysis/workspaceanalyses.h"

#include <QCoreApplication>

namespace tailscope::session {

namespace {

/// The plans of the same statement; of a plan without statement itself alone.
constexpr std::string_view kSiblings
    = "(id = ?1 OR statement_id = (SELECT statement_id FROM plan_raw WHERE id = ?1))";

Result<void> runAnalysesAndRules(const store::Workspace &workspace, const Progress &progress)
{
    TS_TRY(analysis::refreshWorkspaceAnalyses(workspace, analysis::workspaceAnalyses(), progress));
    TS_TRY(advisor::derivePlanConditions(workspace, progress));
    TS_TRY(analysis::refreshWorkspaceAnalyses(workspace, advisor::planAnalyses(), progress));
    std::vector<Error> bad;
    const std::vector<advisor::Rule> rules = advisor::loadRules(advisor::userRuleFolder(), bad);
    const Result<advisor::RulesOutcome> outcome = advisor::runRules(workspace, rules, progress);
    return outcome ? Result<void>() : fail(outcome.error());
}

/// The plan that is marked among those of the statement; 0 = none.
Result<qint64> markedPlan(const store::Workspace &workspace, qint64 planId)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(std::move(reader.error()));
    Result<store::Statement> query = reader->prepare("SELECT id FROM plan_raw WHERE saved_good = 1 AND "
        + std::string(kSiblings) + " ORDER BY id LIMIT 1");
    if (!query)
        return fail(std::move(query.error()));
    query->bind(0, std::int64_t(planId));
    const Result<bool> row = query->step();
    if (!row)
        return fail(row.error());
    return *row ? qint64(query->integer(0)) : 0;
}

} // namespace

Result<void> storeSavedPlan(const store::Workspace &workspace, qint64 planId, qint64 marked)
{
    Result<store::Database> writer = workspace.connectWriter();
    if (!writer)
        return fail(std::move(writer.error()));
    TS_TRY(writer->begin());
    const auto write = [&]() -> Result<void> {
        Result<store::Statement> update
            = writer->prepare("UPDATE plan_raw SET saved_good = (id = ?2) WHERE " + std::string(kSiblings));
        if (!update)
            return fail(std::move(update.error()));
        update->bind(0, std::int64_t(planId));
        update->bind(1, std::int64_t(marked));
        TS_TRY(update->run());
        if (writer->changes() == 0)
            return fail(ErrorCode::NotFound, workspace.path().string(),
                "there is no plan " + std::to_string(planId), "Its source may have been removed meanwhile");
        return writer->execute("INSERT INTO generation (table_family, n) VALUES ('plan', 1)"
                               " ON CONFLICT (table_family) DO UPDATE SET n = n + 1");
    };
    const Result<void> written = write();
    if (!written) {
        writer->rollback();
        return written;
    }
    return writer->commit();
}

SavedPlanCommand::SavedPlanCommand(Session *session, qint64 planId, qint64 before, qint64 after)
    : m_session(session)
    , m_planId(planId)
    , m_before(before)
    , m_after(after)
{
    setText(after > 0 ? QCoreApplication::translate("SavedPlanCommand", "Save as Fast Plan")
                      : QCoreApplication::translate("SavedPlanCommand", "Forget Saved Plan"));
}

void SavedPlanCommand::mark(qint64 marked)
{
    const auto workspace = m_session->workspacePtr();
    Session *session = m_session;
    session->jobs()->start<bool>(
        session, QCoreApplication::translate("SavedPlanCommand", "Saving a plan"),
        [workspace, planId = m_planId, marked](const Progress &progress) -> Result<bool> {
            TS_TRY(storeSavedPlan(*workspace, planId, marked));
            TS_TRY(runAnalysesAndRules(*workspace, progress));
            return true;
        },
        [session](Result<bool> done) {
            if (!done)
                Q_EMIT session->failed(done.error());
            // Views ask for plans and findings again; spans are the same.
            if (!session->isLoading())
                Q_EMIT session->loaded();
        },
        JobQueue::Lane::Write);
}

void SavedPlanCommand::undo() { mark(m_before); }

void SavedPlanCommand::redo() { mark(m_after); }

void saveFastPlan(Session *session, qint64 planId, bool saved)
{
    if (session->workspace().isReadOnly()) {
        Q_EMIT session->failed({ErrorCode::Locked, session->workspace().path().string(),
            "the workspace is open for reading only", std::nullopt,
            "Save a copy of it and mark the plan there"});
        return;
    }
    const Result<qint64> before = markedPlan(session->workspace(), planId);
    if (!before) {
        Q_EMIT session->failed(before.error());
        return;
    }
    const qint64 after = saved ? planId : 0;
    // Only the marked plan can lose its mark.
    if (after == *before || (!saved && *before != planId))
        return;
    session->undoStack()->push(new SavedPlanCommand(session, planId, *before, after));
}

} // namespace tailscope::session
