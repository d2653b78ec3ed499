// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/session.h"

#include <QtGui/QUndoCommand>

namespace tailscope::session {

/// Marks a plan as the fast one of its statement, in place of the one that was marked before, or takes the
/// mark away; and takes that back. The marks lie in the workspace (plan.saved_good).
class SavedPlanCommand : public QUndoCommand
{
public:
    /// planId: any plan of the statement. before, after: the marked plan; 0 = none.
    SavedPlanCommand(Session *session, qint64 planId, qint64 before, qint64 after);
    void undo() override;
    void redo() override;

private:
    void mark(qint64 marked);

    Session *m_session;
    qint64 m_planId, m_before, m_after;
};

/// Writes the mark and counts the plans as changed. Plans without statement stand for themselves.
Result<void> storeSavedPlan(const store::Workspace &workspace, qint64 planId, qint64 marked);

/// Marks a plan as the saved fast one of its statement, or takes the mark away; undoable. The change is a
/// job: analyses of plans and rules follow, then Session::loaded() tells the views to ask again. GUI thread;
/// looks up one row.
void saveFastPlan(Session *session, qint64 planId, bool saved);

} // namespace tailscope::session
