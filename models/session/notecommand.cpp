// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/notecommand.h"

#include <QCoreApplication>

namespace tailscope::session {

NoteCommand::NoteCommand(Session *session, Action action, const Note &before, const Note &after)
    : m_session(session)
    , m_action(action)
    , m_before(before)
    , m_after(after)
{
    setText(action == Action::Add    ? QCoreApplication::translate("NoteCommand", "Add Note")
            : action == Action::Edit ? QCoreApplication::translate("NoteCommand", "Edit Note")
                                     : QCoreApplication::translate("NoteCommand", "Remove Note"));
}

void NoteCommand::undo()
{
    if (m_action == Action::Add)
        m_session->deleteNote(m_after.id);
    else
        m_session->writeNote(m_before);
}

void NoteCommand::redo()
{
    if (m_action == Action::Remove)
        m_session->deleteNote(m_before.id);
    else
        m_session->writeNote(m_after);
}

} // namespace tailscope::session
