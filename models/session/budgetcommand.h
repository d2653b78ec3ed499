// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/budget.h"
#include "session/session.h"

#include <QtGui/QUndoCommand>

#include <optional>

namespace tailscope::session {

/// Makes, changes or removes a budget of the window (budget.source_id NULL), and takes that back.
class BudgetCommand : public QUndoCommand
{
public:
    /// before, after: nothing = there is none.
    BudgetCommand(Session *session, qint64 id, std::optional<Budget> before, std::optional<Budget> after);
    void undo() override;
    void redo() override;

private:
    void write(const std::optional<Budget> &budget);

    Session *m_session;
    qint64 m_id;
    std::optional<Budget> m_before, m_after;
};

/// Puts a budget with this id in place of the one that was there; nothing removes it. Only ids from
/// store::kFirstOwnId on: budgets of files are never touched.
Result<void> storeBudget(const store::Workspace &workspace, qint64 id, const std::optional<Budget> &budget);
/// The own budget of this id; nothing when there is none.
Result<std::optional<Budget>> ownBudget(const store::Workspace &workspace, qint64 id);
/// An id that no budget has.
Result<qint64> newBudgetId(const store::Workspace &workspace);

/// Saves a budget made in the window (id 0 = a new one) or removes it (nothing); undoable. The change is a
/// job: analyses and rules follow, then Session::loaded() tells the views to ask again. Returns the id, 0
/// when nothing was done (failed() says why). GUI thread; reads a few rows.
qint64 saveBudget(Session *session, qint64 id, const std::optional<Budget> &budget);

} // namespace tailscope::session
