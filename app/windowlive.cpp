// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The part of MainWindow that attaches to servers.
#include "app/attachdialog.h"
#include "app/livebar.h"
#include "app/mainwindow.h"
#include "session/attachservers.h"
#include "session/session.h"
#include "widgets/base/emptystate.h"

#include <QLabel>

namespace tailscope::app {

void MainWindow::openAttachDialog()
{
    if (!m_session && !newWorkspace({}))
        return;
    if (m_session->live()->state() != session::LiveSession::State::Idle) {
        m_bannerView.clear();
        m_banner->show(widgets::Banner::Level::Info,
            tr("A recording is running in this workspace. Stop it to attach to other servers."));
        return;
    }
    auto *dialog = new AttachDialog(m_openJobs, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this,
        [this, dialog] { attach(dialog->targets(), dialog->options()); });
    dialog->open();
}

void MainWindow::attach(std::vector<live::Target> targets, const live::AttachOptions &options)
{
    if (isOpening()) {
        m_whenOpened = [this, targets = std::move(targets), options] { attach(targets, options); };
        return;
    }
    if ((!m_session || m_session->workspace().isReadOnly()) && !newWorkspace({}))
        return;
    m_session->live()->start(std::move(targets), options);
    m_pendingView.clear();
    showView(QStringLiteral("live"));
}

void MainWindow::watchLive()
{
    session::LiveSession *live = m_session->live();
    live->setStarter(session::attachServers);
    m_liveBar->setSession(m_session.get());
    connect(live, &session::LiveSession::stateChanged, this, &MainWindow::updateActions);
    connect(m_session.get(), &session::Session::sourcesChanged, this, [this] {
        // Named once something is in it, as an import does.
        if (m_session->live()->isLive())
            m_status->setText(
                tr("Recording into %1").arg(QString::fromStdString(m_session->workspace().path().string())));
    });
}

} // namespace tailscope::app
