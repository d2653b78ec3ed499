// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/calltreetransform.h"
#include "items/flamemodeltree.h"
#include "session/session.h"

#include <QObject>

#include <memory>
#include <optional>

namespace tailscope::items {

/// One function in the middle: who calls it and what it calls, of all places where it occurs, by a job.
/// Recursion counts once, so both halves are as wide as its total. GUI thread.
class Sandwich : public QObject
{
    Q_OBJECT
public:
    explicit Sandwich(session::Session *session, QObject *parent = nullptr);

    /// A null tree or no function empties it.
    void show(std::shared_ptr<const analysis::CallTree> tree, std::optional<analysis::FrameKey> function);
    const std::optional<analysis::FrameKey> &function() const { return m_function; }
    std::shared_ptr<const FlameTree> callers() const { return m_callers; } ///< null: nothing to draw
    std::shared_ptr<const FlameTree> callees() const { return m_callees; }
    bool isRunning() const { return m_job.isRunning(); }

Q_SIGNALS:
    void changed();

private:
    session::LatestJob m_job;
    std::shared_ptr<const analysis::CallTree> m_tree;
    std::optional<analysis::FrameKey> m_function;
    std::shared_ptr<const FlameTree> m_callers, m_callees;
};

} // namespace tailscope::items
