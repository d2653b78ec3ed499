// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/session.h"

#include <QtGui/QUndoCommand>

namespace tailscope::session {

/// Moves the clock of one source, and moves it back as it was.
class AlignCommand : public QUndoCommand
{
public:
    AlignCommand(Session *session, const Alignment &before, const Alignment &after);
    void undo() override;
    void redo() override;

private:
    Session *m_session;
    Alignment m_before, m_after;
};

} // namespace tailscope::session
