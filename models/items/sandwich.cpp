// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/sandwich.h"

namespace tailscope::items {

Sandwich::Sandwich(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_job(session->jobs())
{}

void Sandwich::show(std::shared_ptr<const analysis::CallTree> tree,
    std::optional<analysis::FrameKey> function)
{
    if (m_tree == tree && m_function == function)
        return;
    m_tree = std::move(tree);
    m_function = std::move(function);
    if (!m_tree || !m_function) {
        m_job.cancel();
        m_callers.reset();
        m_callees.reset();
        Q_EMIT changed();
        return;
    }
    using Halves = std::pair<std::shared_ptr<const FlameTree>, std::shared_ptr<const FlameTree>>;
    m_job.start<Halves>(
        this, {},
        [tree = m_tree, function = *m_function](const Progress &progress) -> Result<Halves> {
            using Kind = analysis::TreeTransform::Kind;
            auto callees = analysis::transformed(*tree, {Kind::FocusFunction, function, {}}, progress.cancel);
            return Halves(layOutTree(analysis::callersOf(*tree, function, progress.cancel), progress.cancel),
                layOutTree(std::move(callees), progress.cancel));
        },
        [this](Result<Halves> halves) {
            m_callers = halves ? halves->first : nullptr;
            m_callees = halves ? halves->second : nullptr;
            Q_EMIT changed();
        });
}

} // namespace tailscope::items
