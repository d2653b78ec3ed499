// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The part of MainWindow that opens, closes and saves the document.
#include "app/filterbar.h"
#include "app/importarguments.h"
#include "app/jobbar.h"
#include "app/livebar.h"
#include "app/mainwindow.h"
#include "app/viewregistry.h"
#include "base/text.h"
#include "items/recentfiles.h"
#include "items/samples.h"
#include "session/livesession.h"
#include "session/session.h"
#include "store/sampling.h"
#include "widgets/base/emptystate.h"
#include "widgets/sessions/explaindialog.h"

#include <QCloseEvent>
#include <QDateTime>
#include <QDir>
#include <QDockWidget>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QStandardPaths>

#include <algorithm>
#include <utility>

namespace tailscope::app {

namespace {

QString untitledFolder()
{
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation)
        + QStringLiteral("/tailscope/workspaces");
}

bool isUntitledPath(const QString &path)
{
    return QFileInfo(path).absolutePath() == QFileInfo(untitledFolder()).absoluteFilePath();
}

void removeWorkspaceFiles(const QString &path)
{
    for (const char *suffix : {"", "-wal", "-shm", ".lock"})
        QFile::remove(path + QString::fromLatin1(suffix));
}

/// Nothing imported and nothing noted; when that cannot be told, no.
bool holdsNothing(const session::Session &session)
{
    auto database = session.workspace().connectReader();
    if (!database)
        return false;
    const auto rows
        = database->integer("SELECT (SELECT count(*) FROM source_raw) + (SELECT count(*) FROM event_raw)");
    return rows && *rows == std::optional<std::int64_t>(0) && session.undoStack()->count() == 0;
}

QString untitledPath()
{
    const QString folder = untitledFolder();
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
    if (!confirmStop())
        return;
    m_jobBar->setJobs(m_openJobs);
    m_openJob.start<OpenedWorkspace>(
        this, tr("Opening %1").arg(path.section(QLatin1Char('/'), -1)),
        [file](const Progress &) -> Result<OpenedWorkspace> {
            std::error_code ignored;
            if (!std::filesystem::exists(file, ignored))
                return fail(ErrorCode::NotFound, file, "there is no such file", "Check the name");
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
    setSession(std::make_unique<session::Session>(opened.workspace), isUntitledPath(path));
    m_recent->add(path);
    if (!m_removeWhenOpened.isEmpty() && m_removeWhenOpened != path)
        forgetUntitled();
    showOpenReport(opened.isLockedByOther);
    offerRecovery();
    checkInBackground();
    m_pendingView = QStringLiteral("overview");
    m_session->reload();
    if (const auto next = std::exchange(m_whenOpened, nullptr))
        next();
}

void MainWindow::forgetUntitled()
{
    removeWorkspaceFiles(m_removeWhenOpened);
    m_recent->remove(m_removeWhenOpened);
    m_removeWhenOpened.clear();
}

void MainWindow::showOpenReport(bool isLockedByOther)
{
    const store::OpenReport &report = m_session->workspace().openReport();
    QStringList texts;
    if (isLockedByOther)
        texts << tr("Another Tailscope owns this workspace: it is open read-only here.");
    else if (report.readOnly && report.messages.empty())
        texts << tr("This workspace is open read-only.");
    for (const std::string &message : report.messages)
        texts << QString::fromStdString(message);
    if (texts.isEmpty())
        return;
    m_bannerView.clear();
    m_banner->show(report.readOnly ? widgets::Banner::Level::Info : widgets::Banner::Level::Warning,
        texts.join(QLatin1Char('\n')));
}

void MainWindow::checkInBackground()
{
    // One that was not closed properly has been checked before it was opened.
    if (m_session->workspace().openReport().uncleanEnd)
        return;
    const auto workspace = m_session->workspacePtr();
    m_session->jobs()->start<bool>(
        m_session.get(), {},
        [workspace](const Progress &progress) -> Result<bool> {
            TS_TRY(workspace->quickCheck(progress));
            return true;
        },
        [this](Result<bool> sound) {
            if (!sound && sound.error().code != ErrorCode::Cancelled)
                showError(sound.error());
        });
}

bool MainWindow::confirmStop()
{
    if (!m_session)
        return true;
    const bool isLive = m_session->live()->isLive();
    if (!isLive && (!m_session->jobs()->isWriting() || m_session->jobs()->running().isEmpty()))
        return true;
    QMessageBox box(QMessageBox::Question, tr("Work in Progress"),
        isLive ? tr("A recording is running. It ends here; what was recorded stays.")
               : tr("An import or analysis is still running. What is committed stays and can be resumed."),
        QMessageBox::NoButton, this);
    QPushButton *stop = box.addButton(tr("Stop It"), QMessageBox::AcceptRole);
    box.addButton(tr("Keep Working"), QMessageBox::RejectRole);
    box.exec();
    return box.clickedButton() == stop;
}

void MainWindow::showOpenError(const Error &error)
{
    if (!m_session)
        newWorkspace({});
    m_removeWhenOpened.clear();
    m_jobBar->setJobs(m_session ? m_session->jobs() : nullptr);
    showError(error);
}

bool MainWindow::newWorkspace(const QString &path)
{
    if (!confirmStop())
        return false;
    const QString file = path.isEmpty() ? untitledPath() : path;
    auto workspace = store::Workspace::open(file.toStdString());
    if (!workspace) {
        showError(workspace.error());
        return false;
    }
    m_openJob.cancel(); // what was asked for last counts
    setSession(std::make_unique<session::Session>(std::move(*workspace)), path.isEmpty());
    if (!m_untitled)
        m_recent->add(file);
    // Also after the stored layout came back; what is opened next sets its own.
    m_pendingView = QStringLiteral("start");
    m_session->reload();
    return true;
}

void MainWindow::setSession(std::unique_ptr<session::Session> session, bool isUntitled)
{
    closeSession();
    m_untitled = isUntitled;
    m_session = std::move(session);
    m_layoutRestored = false;
    createDocks();
    m_session->context()->setLocalTime(QSettings().value(QStringLiteral("localTime"), false).toBool());
    m_filterBar->setContext(m_session->context());
    m_jobBar->setJobs(m_session->jobs());
    watchLive();
    const QString name = QString::fromStdString(m_session->workspace().path().filename().string());
    setWindowTitle(tr("%1 — Tailscope").arg(m_untitled ? tr("Untitled") : name));
    using session::Session;
    using session::SessionContext;
    connect(m_session.get(), &Session::failed, this, &MainWindow::showError);
    connect(m_session.get(), &Session::importFinished, this, &MainWindow::showImport);
    connect(m_session.get(), &Session::loaded, this, [this] {
        if (!m_layoutRestored)
            restoreLayout();
        else
            showViewsWithData(false);
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
    const QString path = QString::fromStdString(m_session->workspace().path().string());
    // An untitled workspace that never held anything is litter. Told before the layout is written into it.
    const bool discard = m_untitled && !m_session->jobs()->isWriting() && holdsNothing(*m_session);
    saveLayout();
    m_filterBar->setContext(nullptr);
    m_jobBar->setJobs(nullptr);
    m_liveBar->setSession(nullptr);
    m_lastView = nullptr;
    m_views.clear();
    for (QDockWidget *dock : std::as_const(m_docks))
        delete dock;
    m_docks.clear();
    m_session.reset();
    if (discard)
        removeWorkspaceFiles(path);
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

void MainWindow::alignClock(qint64 sourceId)
{
    const auto sources = m_session->sources();
    const auto source = std::find_if(sources.begin(), sources.end(),
        [sourceId](const store::SourceRecord &record) { return record.id == sourceId; });
    if (source == sources.end())
        return;
    const QString name = QString::fromStdString(source->path).section(QLatin1Char('/'), -1);
    QString text = QStringLiteral("%1ns").arg(source->offsetNs);
    for (;;) {
        bool isChosen = false;
        text = QInputDialog::getText(this, tr("Align Clock"),
            tr("Added to every time of %1 as its file has it (1.5s, -200ms, 2h):").arg(name),
            QLineEdit::Normal, text, &isChosen);
        if (!isChosen)
            return;
        if (const auto offset = parseDuration(text)) {
            m_session->alignSource(sourceId, *offset);
            return;
        }
        m_bannerView.clear();
        m_banner->show(widgets::Banner::Level::Warning,
            tr("'%1' is no duration. Give a number and a unit: ns, us, ms, s, m or h.").arg(text));
    }
}

void MainWindow::stateSampling(qint64 sourceId)
{
    const std::optional<double> before = m_session->statedSampling(sourceId);
    QString text = before ? QString::fromStdString(store::samplingText(*before)) : QString();
    for (;;) {
        bool isChosen = false;
        text = QInputDialog::getText(this, tr("State Sampling"),
            tr("So much of the traces of this source was kept (0.1, 10 %, 1 in 32); empty = unknown.\n"
               "Traces that say it themselves keep their own weight."),
            QLineEdit::Normal, text, &isChosen);
        if (!isChosen)
            return;
        const std::optional<double> probability = store::parseSampling(text.toStdString());
        if (probability || text.trimmed().isEmpty()) {
            m_session->sampleSource(sourceId, probability);
            return;
        }
        m_bannerView.clear();
        m_banner->show(widgets::Banner::Level::Warning,
            tr("'%1' is no keep probability. Give a number above 0 and at most 1, a share, or 1 in N.")
                .arg(text));
    }
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
    // An untitled one moves to its name; what has a name stays where it is.
    const QString untitled = m_untitled ? QString::fromStdString(workspace->path().string()) : QString();
    const std::string path = target.toStdString();
    m_session->jobs()->start<bool>(
        this, tr("Saving %1").arg(target.section(QLatin1Char('/'), -1)),
        [workspace, path](const Progress &progress) -> Result<bool> {
            TS_TRY(workspace->copyTo(path, progress));
            return true;
        },
        [this, target, untitled](Result<bool> saved) {
            if (!saved)
                return showError(saved.error());
            m_removeWhenOpened = untitled;
            openWorkspace(target);
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

void MainWindow::closeEvent(QCloseEvent *event)
{
    if (!confirmStop()) {
        event->ignore();
        return;
    }
    closeSession();
    event->accept();
}

void MainWindow::explainStatement(const QString &what)
{
    const QJsonObject asked = QJsonDocument::fromJson(what.toUtf8()).object();
    const qint64 statement = asked.value(QLatin1String("statement")).toInteger();
    if (!m_session || statement <= 0)
        return;
    auto *dialog = new widgets::ExplainDialog(m_session.get(), this);
    dialog->setStatement(statement, asked.value(QLatin1String("db")).toString(),
        asked.value(QLatin1String("user")).toString());
    connect(dialog, &widgets::ExplainDialog::planReady, this, [this] { showView(QStringLiteral("plan")); });
    dialog->open();
}

} // namespace tailscope::app
