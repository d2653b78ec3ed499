// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "widgets/base/view.h"

#include <QElapsedTimer>
#include <QObject>
#include <QSize>

#include <memory>
#include <optional>

namespace tailscope::session {
class Session;
}

namespace tailscope::app {

/// What `tailscope render` was asked for.
struct RenderOrder
{
    QString view, output, filter;
    std::optional<qint64> trace; ///< selected before the view is drawn, from --trace
    QSize size{1600, 900};
    std::optional<TimeRange> range;
    QJsonObject state; ///< View::restoreState(), from --state
};

/// Draws one view of a session into a picture once everything it needs is loaded, then ends the event loop
/// with the exit code.
class RenderTask : public QObject
{
    Q_OBJECT
public:
    RenderTask(session::Session *session, RenderOrder order, QObject *parent = nullptr);
    ~RenderTask() override;
    void start();

private:
    void showView();
    void check();
    void finish();

    session::Session *m_session;
    RenderOrder m_order;
    std::unique_ptr<widgets::View> m_view;
    QElapsedTimer m_clock;
    int m_quietChecks = 0;
};

} // namespace tailscope::app
