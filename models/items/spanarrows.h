// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/session.h"

#include <QObject>

#include <vector>

namespace tailscope::items {

/// One thing that led to another on some other row: a flow or span link, or a call into another track.
struct SpanArrow
{
    std::uint32_t from = 0, to = 0; ///< rows of the columns; from starts first
    bool isLink = false; ///< a link or flow; else parent and child on different tracks
    friend bool operator==(const SpanArrow &, const SpanArrow &) = default;
};

/// Arrows around the selected span: its links and flows followed in both directions (a chain is seen whole),
/// its parent and its children on other tracks. At most kMaxArrows; read by a job. GUI thread.
class SpanArrows : public QObject
{
    Q_OBJECT
public:
    static constexpr std::size_t kMaxArrows = 200;

    explicit SpanArrows(session::Session *session, QObject *parent = nullptr);
    const std::vector<SpanArrow> &arrows() const { return m_arrows; }
    bool isTruncated() const { return m_isTruncated; } ///< there are more than kMaxArrows
    bool isRunning() const { return m_job.isRunning(); }

Q_SIGNALS:
    void changed();

private:
    void reload();
    void take(std::vector<SpanArrow> arrows, bool isTruncated);

    session::Session *m_session;
    session::LatestJob m_job;
    std::vector<SpanArrow> m_arrows;
    bool m_isTruncated = false;
};

} // namespace tailscope::items
