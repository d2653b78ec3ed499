// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/session.h"

#include <QtGui/QUndoCommand>

namespace tailscope::session {

/// Adds, changes or removes one note, and takes it back. The note keeps its id over undo and redo.
class NoteCommand : public QUndoCommand
{
public:
    enum class Action { Add, Edit, Remove };
    NoteCommand(Session *session, Action action, const Note &before, const Note &after);
    void undo() override;
    void redo() override;

private:
    Session *m_session;
    Action m_action;
    Note m_before, m_after;
};

} // namespace tailscope::session
