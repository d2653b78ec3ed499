// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/samplecommand.h"

#include <QCoreApplication>

namespace tailscope::session {

SampleCommand::SampleCommand(Session *session, qint64 sourceId, std::optional<double> before,
    std::optional<double> after)
    : m_session(session)
    , m_sourceId(sourceId)
    , m_before(before)
    , m_after(after)
{
    setText(QCoreApplication::translate("SampleCommand", "State Sampling"));
}

void SampleCommand::undo() { m_session->writeSampling(m_sourceId, m_before); }

void SampleCommand::redo() { m_session->writeSampling(m_sourceId, m_after); }

} // namespace tailscope::session
