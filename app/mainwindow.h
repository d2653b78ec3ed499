// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/error.h"
#include "import/importjob.h"
#include "live/attachment.h"
#include "session/job.h"
#include "widgets/base/view.h"

#include <QHash>
#include <QMainWindow>
#include <QSet>
#include <QStringList>

#include <functional>
#include <memory>

class QDockWidget;
class QLabel;
class QTimer;

namespace tailscope::session {
class Session;
}

namespace tailscope::items {
class RecentFiles;
}

namespace tailscope::store {
class Workspace;
}

namespace tailscope::widgets {
class Banner;
}

namespace tailscope::app {

class FilterBar;
class JobBar;
class LiveBar;

/// What the job that opens a workspace file hands to the window.
struct OpenedWorkspace
{
    std::shared_ptr<store::Workspace> workspace;
    bool isLockedByOther = false; ///< so it is open for reading only
};

/// The window: one session, its views as docks, menus, filter bar, jobs. Composition only: what a view does
/// lives in widgets/, what the document does in models/session.
class MainWindow : public QMainWindow
{
    Q_OBJECT
public:
    explicit MainWindow(QWidget *parent = nullptr);
    ~MainWindow() override;

    /// Opens a workspace file, or imports other files into the current workspace (created when needed).
    void openPaths(const QStringList &paths);
    /// Imports a demo of resources/samples into a new workspace and raises its first view.
    void openSample(const QString &id);
    void pasteText();
    /// Asks what to add to the times of a source.
    void alignClock(qint64 sourceId);
    void stateSampling(qint64 sourceId);
    void exportSelection();
    void runExport(bool onlySelectedTrace, bool keepLiterals);
    /// A new, untitled workspace with the start view.
    void startEmpty() { newWorkspace({}); }
    void openFileDialog();
    void openAttachDialog();
    /// Begins a recording of these servers in the open workspace (a new one when none can be written).
    void attach(std::vector<live::Target> targets, const live::AttachOptions &options);
    void showView(const QString &id);
    session::Session *session() const { return m_session.get(); } ///< null before the first is open
    bool isOpening() const { return m_openJob.isRunning(); }
    items::RecentFiles *recentFiles() const { return m_recent; }

protected:
    void closeEvent(QCloseEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    // windowactions.cpp
    void createActions();
    QMenu *createGoMenu();
    void createViewMenu();
    void createHelpMenu();
    void updateRecentMenu();
    void updateActions();
    void exportCurrentView();
    void showCommandPalette();
    void showViewHelp();
    void showAbout();
    // windowsession.cpp
    /// By a job; the session changes when it is done.
    void openWorkspace(const QString &path, const QStringList &thenImport = {});
    void showWorkspace(const QString &path, const OpenedWorkspace &opened);
    void showOpenError(const Error &error);
    bool newWorkspace(const QString &path);
    void setSession(std::unique_ptr<session::Session> session, bool isUntitled);
    void showOpenReport(bool isLockedByOther);
    void checkInBackground();
    bool confirmStop(); ///< false: the user wants the running import to go on
    void forgetUntitled();
    void closeSession();
    void saveWorkspaceAs();
    void offerRecovery();
    // windowlayout.cpp
    void saveLayout();
    void restoreLayout();
    void defaultLayout();
    void showViewsWithData(bool isFirst);
    void fillLayoutMenu(QMenu *menu);
    // windowlive.cpp
    void watchLive();
    // mainwindow.cpp
    void importInto(const QStringList &paths);
    void createDocks();
    widgets::View *currentView() const;
    void connectView(widgets::View *view);
    /// what: JSON with statement, and maybe db and user of the session that runs it.
    void explainStatement(const QString &what);
    void runCommandOfView(const QString &command, const QString &argument);
    void showError(const Error &error);
    void saveRefusedPlan();
    void showImport(const QString &path, const import::ImportOutcome &outcome);

    session::JobQueue *m_openJobs; ///< for what runs before there is a session
    session::LatestJob m_openJob;
    std::unique_ptr<session::Session> m_session;
    QHash<QString, QDockWidget *> m_docks;
    QHash<QString, widgets::View *> m_views;
    widgets::View *m_lastView = nullptr;
    items::RecentFiles *m_recent;
    FilterBar *m_filterBar;
    JobBar *m_jobBar;
    LiveBar *m_liveBar;
    widgets::Banner *m_banner;
    QMainWindow *m_dockHost; ///< holds the docks, below filter bar and banner
    QLabel *m_status;
    QTimer *m_autosave;
    QMenu *m_recentMenu = nullptr;
    std::function<void()> m_whenOpened; ///< once, after the workspace that is being opened is there
    QString m_pendingView, m_bannerView;
    QString m_refusedPlan; ///< file of a plan that could not be read, or the name of what was pasted
    QByteArray m_pastedText; ///< the last one
    QSet<QString> m_askedViews; ///< shown although they may have nothing to show
    QStringList m_shownContents; ///< as of the last showViewsWithData()
    QString m_removeWhenOpened; ///< an untitled workspace that was saved under a name
    bool m_untitled = false, m_layoutRestored = false;
};

} // namespace tailscope::app
