// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The part of MainWindow that opens, closes, saves and restores the document and the layout.
#include "app/filterbar.h"
#include "app/jobbar.h"
#include "app/mainwindow.h"
#include "app/viewregistry.h"
#include "base/text.h"
#include "items/recentfiles.h"
#include "items/samples.h"
#include "session/session.h"
#include "widgets/base/emptystate.h"

#include <QCloseEvent>
#include <QDateTime>
#include <QDir>
#include <QDockWidget>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QStandardPaths>

namespace tailscope::app {

namespace {

constexpr int kLayoutVersion = 1;

QString untitledPath()
{
    const QString folder
        = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/workspaces");
    QDir().mkpath(folder);
    const QString stamp = QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss"));
    QString path = folder + QStringLiteral("/untitled-%1.tailscope").arg(stamp);
    for (int n = 2; QFile::exists(path); ++n)
        path = folder + QStringLiteral("/untitled-%1-%2.tailscope").arg(stamp).arg(n);
    return path;
}

} // namespace

void MainWindow::openWorkspace(const QString &path, const QStringList &thenImport)
{
    const bool isCurrent = m_session
        && QFileInfo(path) == QFileInfo(QString::fromStdString(m_session->workspace().path().string()));
    if (isCurrent) {
        if (!thenImport.isEmpty())
            importInto(thenImport);
        return;
    }
    // A job: a file that was not closed properly is checked from end to end before it is used.
    const std::string file = path.toStdString();
    m_jobBar->setJobs(m_openJobs);
    m_openJob.start<OpenedWorkspace>(
        this, tr("Opening %1").arg(path.section(QLatin1Char('/'), -1)),
        [file](const Progress &) -> Result<OpenedWorkspace> {
            auto workspace = store::Workspace::open(file);
            const bool isLocked = !workspace && workspace.error().code == ErrorCode::Locked;
            const Error locked = isLocked ? workspace.error() : Error();
            if (isLocked)
                workspace = store::Workspace::open(file, true);
            if (!workspace)
                return tl::unexpected(isLocked ? locked : workspace.error());
            return OpenedWorkspace{std::move(*workspace), isLocked};
        },
        [this, path, thenImport](Result<OpenedWorkspace> opened) {
            if (opened)
                showWorkspace(path, *opened);
            else
                showOpenError(opened.error());
            if (!thenImport.isEmpty())
                importInto(thenImport);
        });
}

void MainWindow::showWorkspace(const QString &path, const OpenedWorkspace &opened)
{
    m_untitled = false;
    setSession(std::make_unique<session::Session>(opened.workspace));
    m_recent->add(path);
    if (m_session->workspace().isReadOnly()) {
        m_bannerView.clear();
        m_banner->show(widgets::Banner::Level::Info,
            opened.isLockedByOther ? tr("Another Tailscope owns this workspace: it is open read-only here.")
                                   : tr("This workspace is open read-only."));
    }
    offerRecovery();
    m_pendingView = QStringLiteral("overview");
    m_session->reload();
}

void MainWindow::showOpenError(const Error &error)
{
    if (!m_session)
        newWorkspace({});
    m_jobBar->setJobs(m_session ? m_session->jobs() : nullptr);
    showError(error);
}

bool MainWindow::newWorkspace(const QString &path)
{
    const QString file = path.isEmpty() ? untitledPath() : path;
    auto workspace = store::Workspace::open(file.toStdString());
    if (!workspace) {
        showError(workspace.error());
        return false;
    }
    m_openJob.cancel(); // what was asked for last counts
    m_untitled = path.isEmpty();
    setSession(std::make_unique<session::Session>(std::move(*workspace)));
    if (!m_untitled)
        m_recent->add(file);
    m_session->reload();
    return true;
}

void MainWindow::setSession(std::unique_ptr<session::Session> session)
{
    closeSession();
    m_session = std::move(session);
    m_layoutRestored = false;
    createDocks();
    m_filterBar->setContext(m_session->context());
    m_jobBar->setJobs(m_session->jobs());
    const QString name = QString::fromStdString(m_session->workspace().path().filename().string());
    setWindowTitle(tr("%1 — Tailscope").arg(m_untitled ? tr("Untitled") : name));
    using session::Session;
    using session::SessionContext;
    connect(m_session.get(), &Session::failed, this, &MainWindow::showError);
    connect(m_session.get(), &Session::importFinished, this, &MainWindow::showImport);
    connect(m_session.get(), &Session::loaded, this, [this] {
        if (!m_layoutRestored)
            restoreLayout();
        // Shown again after every step of an import: what was asked for counts once the rows are there.
        if (!m_pendingView.isEmpty()) {
            showView(m_pendingView);
            if (m_session->jobs()->running().isEmpty())
                m_pendingView.clear();
        }
        updateActions();
    });
    connect(m_session->context(), &SessionContext::historyChanged, this, &MainWindow::updateActions);
    connect(m_session->undoStack(), &QUndoStack::indexChanged, this, &MainWindow::updateActions);
    showView(QStringLiteral("start"));
    updateActions();
}

void MainWindow::closeSession()
{
    if (!m_session)
        return;
    saveLayout();
    m_filterBar->setContext(nullptr);
    m_jobBar->setJobs(nullptr);
    m_lastView = nullptr;
    m_views.clear();
    for (QDockWidget *dock : std::as_const(m_docks))
        delete dock;
    m_docks.clear();
    const QString path = QString::fromStdString(m_session->workspace().path().string());
    const bool discard
        = m_untitled && m_session->sources().isEmpty() && m_session->jobs()->running().isEmpty();
    m_session.reset();
    // An untitled workspace that never held anything is litter.
    if (discard) {
        for (const char *suffix : {"", "-wal", "-shm", ".lock"})
            QFile::remove(path + QString::fromLatin1(suffix));
    }
}

void MainWindow::openSample(const QString &id)
{
    const items::Sample *sample = items::sampleById(id);
    if (!sample)
        return;
    const Result<QStringList> files = items::extractSample(*sample);
    if (!files) {
        showError(files.error());
        return;
    }
    if (!newWorkspace({}))
        return;
    m_session->importFiles(*files);
    m_pendingView = sample->firstView;
}

void MainWindow::saveWorkspaceAs()
{
    if (!m_session)
        return;
    QString target = QFileDialog::getSaveFileName(this, tr("Save Workspace As"), QDir::homePath(),
        tr("Tailscope workspaces (*.tailscope)"));
    if (target.isEmpty())
        return;
    if (!target.endsWith(QLatin1String(".tailscope")))
        target += QStringLiteral(".tailscope");
    saveLayout();
    const auto workspace = m_session->workspacePtr();
    const std::string path = target.toStdString();
    m_session->jobs()->start<bool>(
        this, tr("Saving %1").arg(target.section(QLatin1Char('/'), -1)),
        [workspace, path](const Progress &progress) -> Result<bool> {
            TS_TRY(workspace->copyTo(path, progress));
            return true;
        },
        [this, target](Result<bool> saved) {
            if (saved)
                openWorkspace(target);
            else
                showError(saved.error());
        },
        session::JobQueue::Lane::Write);
}

void MainWindow::offerRecovery()
{
    const store::OpenReport &report = m_session->workspace().openReport();
    if (report.interrupted.empty() && !report.uncleanEnd)
        return;
    m_bannerView = QStringLiteral("sources");
    if (report.interrupted.empty()) {
        m_banner->show(widgets::Banner::Level::Info,
            tr("This workspace was not closed properly. Its check found no damage."));
        return;
    }
    m_banner->show(widgets::Banner::Level::Warning,
        tr("Imports that did not finish: %1. Resume, keep what is there, or remove them in Sources.")
            .arg(report.interrupted.size()),
        tr("Show Sources"));
}

void MainWindow::saveLayout()
{
    QSettings settings;
    settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    if (!m_session || !m_layoutRestored)
        return;
    const QByteArray docks = m_dockHost->saveState(kLayoutVersion);
    settings.setValue(QStringLiteral("window/docks"), docks);
    if (!m_untitled)
        settings.setValue(QStringLiteral("lastWorkspace"),
            QString::fromStdString(m_session->workspace().path().string()));
    QJsonObject states;
    for (auto it = m_views.cbegin(); it != m_views.cend(); ++it) {
        const QJsonObject state = it.value()->saveState();
        if (!state.isEmpty())
            states.insert(it.key(), state);
    }
    m_session->setProperty(QStringLiteral("views"),
        QString::fromUtf8(QJsonDocument(states).toJson(QJsonDocument::Compact)));
    m_session->setProperty(QStringLiteral("docks"), QString::fromLatin1(docks.toBase64()));
    m_session->setProperty(QStringLiteral("filter"), m_session->context()->filterText());
}

void MainWindow::restoreLayout()
{
    m_layoutRestored = true;
    const QByteArray own = QByteArray::fromBase64(m_session->property(QStringLiteral("docks")).toLatin1());
    const QByteArray docks
        = own.isEmpty() ? QSettings().value(QStringLiteral("window/docks")).toByteArray() : own;
    // Refused when the set of docks or the version differs: then the default stays.
    if (!docks.isEmpty() && !m_dockHost->restoreState(docks, kLayoutVersion))
        defaultLayout();
    const QJsonObject states
        = QJsonDocument::fromJson(m_session->property(QStringLiteral("views")).toUtf8()).object();
    for (auto it = m_views.cbegin(); it != m_views.cend(); ++it) {
        if (states.contains(it.key()))
            it.value()->restoreState(states.value(it.key()).toObject());
    }
    const QString filter = m_session->property(QStringLiteral("filter"));
    if (!filter.isEmpty())
        m_session->context()->setFilterText(filter);
}

void MainWindow::defaultLayout()
{
    using Area = widgets::ViewDescriptor::Area;
    QHash<int, QDockWidget *> first;
    const auto place = [&](Area area, Qt::DockWidgetArea dockArea) {
        for (const widgets::ViewDescriptor &row : viewRegistry()) {
            if (row.area != area)
                continue;
            QDockWidget *dock = m_docks.value(row.id);
            dock->setFloating(false);
            dock->show();
            if (QDockWidget *anchor = first.value(int(area))) {
                m_dockHost->tabifyDockWidget(anchor, dock);
            } else {
                m_dockHost->addDockWidget(dockArea, dock);
                first.insert(int(area), dock);
            }
        }
    };
    // Centre first and to the right, so that it takes what the side panels leave.
    place(Area::Left, Qt::LeftDockWidgetArea);
    place(Area::Center, Qt::RightDockWidgetArea);
    QDockWidget *center = first.value(int(Area::Center));
    for (const Area area : {Area::Right, Area::Bottom}) {
        for (const widgets::ViewDescriptor &row : viewRegistry()) {
            if (row.area != area)
                continue;
            QDockWidget *dock = m_docks.value(row.id);
            dock->setFloating(false);
            dock->show();
            if (QDockWidget *anchor = first.value(int(area))) {
                m_dockHost->tabifyDockWidget(anchor, dock);
            } else {
                m_dockHost->splitDockWidget(center, dock,
                    area == Area::Right ? Qt::Horizontal : Qt::Vertical);
                first.insert(int(area), dock);
            }
        }
    }
    for (QDockWidget *dock : std::as_const(first))
        dock->raise();
    const int total = qMax(width(), 900);
    m_dockHost->resizeDocks({first.value(int(Area::Left)), center, first.value(int(Area::Right))},
        {total * 16 / 100, total * 64 / 100, total * 20 / 100}, Qt::Horizontal);
    const int height = qMax(this->height(), 600);
    m_dockHost->resizeDocks({center, first.value(int(Area::Bottom))}, {height * 70 / 100, height * 24 / 100},
        Qt::Vertical);
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    if (m_session && !m_session->jobs()->running().isEmpty()) {
        QMessageBox box(QMessageBox::Question, tr("Work in Progress"),
            tr("An import or analysis is still running. What is committed stays and can be resumed."),
            QMessageBox::NoButton, this);
        QPushButton *stop = box.addButton(tr("Stop and Quit"), QMessageBox::AcceptRole);
        box.addButton(tr("Keep Working"), QMessageBox::RejectRole);
        box.exec();
        if (box.clickedButton() != stop) {
            event->ignore();
            return;
        }
    }
    closeSession();
    event->accept();
}

} // namespace tailscope::app
