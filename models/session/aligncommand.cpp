// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/aligncommand.h"

#include <QCoreApplication>

namespace tailscope::session {

AlignCommand::AlignCommand(Session *session, const Alignment &before, const Alignment &after)
    : m_session(session)
    , m_before(before)
    , m_after(after)
{
    setText(QCoreApplication::translate("AlignCommand", "Align Clock"));
}

void AlignCommand::undo() { m_session->writeAlignment(m_before); }

void AlignCommand::redo() { m_session->writeAlignment(m_after); }

} // namespace tailscope::session
