// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/session.h"

#include <QtGui/QUndoCommand>

#include <optional>

namespace tailscope::session {

/// States how much of a source was kept, and takes it back.
class SampleCommand : public QUndoCommand
{
public:
    SampleCommand(Session *session, qint64 sourceId, std::optional<double> before,
        std::optional<double> after);
    void undo() override;
    void redo() override;

private:
    Session *m_session;
    qint64 m_sourceId;
    std::optional<double> m_before, m_after;
};

} // namespace tailscope::session
