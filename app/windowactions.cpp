// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// The part of MainWindow that makes menus, shortcuts and the dialogs behind them.
#include "app/commandpalette.h"
#include "app/filterbar.h"
#include "app/mainwindow.h"
#include "app/openoptionsdialog.h"
#include "app/version.h"
#include "app/viewregistry.h"
#include "items/recentfiles.h"
#include "items/samples.h"
#include "session/session.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"

#include <QActionGroup>
#include <QApplication>
#include <QClipboard>
#include <QDockWidget>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QSettings>
#include <QStatusBar>

namespace tailscope::app {

namespace {

QAction *add(QMenu *menu, const QString &icon, const QString &text, const QKeySequence &shortcut,
    QObject *context, std::function<void()> run, const char *name)
{
    QAction *action = menu->addAction(widgets::themedIcon(icon), text);
    action->setShortcut(shortcut);
    action->setObjectName(QString::fromLatin1(name));
    QObject::connect(action, &QAction::triggered, context, std::move(run));
    return action;
}

} // namespace

void MainWindow::createActions()
{
    const auto text = [](const char *name) { return QString::fromLatin1(name); };
    QMenu *file = menuBar()->addMenu(tr("&File"));
    add(
        file, text("open"), tr("&Open…"), QKeySequence::Open, this, [this] { openFileDialog(); }, "open");
    add(
        file, text("open"), tr("Open &with Options…"), QKeySequence(text("Ctrl+Shift+O")), this,
        [this] {
            OpenOptionsDialog dialog(this);
            if (dialog.exec() == QDialog::Accepted && !dialog.files().isEmpty()
                && (m_session || newWorkspace({}))) {
                m_pendingView = QStringLiteral("overview");
                m_session->importFiles(dialog.files(), dialog.options());
            }
        },
        "openOptions");
    add(
        file, text("live"), tr("A&ttach to PostgreSQL…"), QKeySequence(text("Ctrl+Shift+A")), this,
        [this] { openAttachDialog(); }, "attach");
    add(
        file, text("plan"), tr("&Paste Plan or Data"), QKeySequence(text("Ctrl+Shift+V")), this,
        [this] { pasteText(); }, "paste");
    QMenu *sampleMenu = file->addMenu(tr("Open S&ample"));
    for (const items::Sample &sample : items::samples())
        sampleMenu->addAction(sample.title, this, [this, id = sample.id] { openSample(id); })
            ->setToolTip(sample.story);
    m_recentMenu = file->addMenu(tr("Open &Recent"));
    connect(m_recent, &items::RecentFiles::changed, this, &MainWindow::updateRecentMenu);
    updateRecentMenu();
    file->addSeparator();
    add(
        file, text("source"), tr("&New Workspace…"), QKeySequence::New, this,
        [this] {
            const QString path = QFileDialog::getSaveFileName(this, tr("New Workspace"), QString(),
                tr("Tailscope workspaces (*.tailscope)"));
            if (!path.isEmpty())
                newWorkspace(
                    path.endsWith(QLatin1String(".tailscope")) ? path : path + QStringLiteral(".tailscope"));
        },
        "newWorkspace");
    add(
        file, text("save"), tr("Save Workspace &As…"), QKeySequence::SaveAs, this,
        [this] { saveWorkspaceAs(); }, "saveAs");
    add(
        file, text("export"), tr("&Export Picture of View…"), QKeySequence(text("Ctrl+E")), this,
        [this] { exportCurrentView(); }, "export");
    add(
        file, text("export"), tr("Export Se&lection…"), QKeySequence(text("Ctrl+Shift+E")), this,
        [this] { exportSelection(); }, "exportSelection");
    file->addSeparator();
    add(
        file, {}, tr("&Quit"), QKeySequence::Quit, this, [this] { close(); }, "quit");

    QMenu *edit = menuBar()->addMenu(tr("&Edit"));
    add(
        edit, {}, tr("&Undo"), QKeySequence::Undo, this,
        [this] {
            if (m_session)
                m_session->undoStack()->undo();
        },
        "undo");
    add(
        edit, {}, tr("&Redo"), QKeySequence::Redo, this,
        [this] {
            if (m_session)
                m_session->undoStack()->redo();
        },
        "redo");
    edit->addSeparator();
    add(
        edit, text("search"), tr("&Find in View"), QKeySequence::Find, this,
        [this] {
            if (widgets::View *view = currentView())
                view->startSearch();
        },
        "find");
    add(
        edit, text("filter"), tr("Edit F&ilter"), QKeySequence(text("Ctrl+L")), this,
        [this] { m_filterBar->activate(); }, "filter");
    edit->addSeparator();
    add(
        edit, text("console"), tr("&Show SQL of View"), QKeySequence(text("Ctrl+Shift+S")), this,
        [this] {
            if (widgets::View *view = currentView())
                Q_EMIT view->sqlRequested(view->showSql());
        },
        "showSql");
    add(
        edit, text("copy"), tr("Copy as Command &Line"), QKeySequence(text("Ctrl+Shift+C")), this,
        [this] {
            if (widgets::View *view = currentView()) {
                QApplication::clipboard()->setText(view->commandLine());
                statusBar()->showMessage(tr("Copied: %1").arg(view->commandLine()), 5000);
            }
        },
        "copyCommand");

    createViewMenu();
    createGoMenu();
    createHelpMenu();
    updateActions();
}

void MainWindow::createViewMenu()
{
    QMenu *menu = menuBar()->addMenu(tr("&View"));
    for (const widgets::ViewDescriptor &row : viewRegistry()) {
        QAction *action = menu->addAction(widgets::themedIcon(row.iconName), row.title);
        action->setShortcut(QKeySequence(row.shortcut));
        action->setObjectName(QStringLiteral("view.") + row.id);
        connect(action, &QAction::triggered, this, [this, id = row.id] { showView(id); });
    }
    menu->addSeparator();
    add(
        menu, QStringLiteral("zoom-in"), tr("Zoom &In"), QKeySequence::ZoomIn, this,
        [this] {
            if (widgets::View *view = currentView())
                view->zoomBy(0.5);
        },
        "zoomIn");
    add(
        menu, QStringLiteral("zoom-out"), tr("Zoom &Out"), QKeySequence::ZoomOut, this,
        [this] {
            if (widgets::View *view = currentView())
                view->zoomBy(2.0);
        },
        "zoomOut");
    menu->addSeparator();
    QMenu *colours = menu->addMenu(tr("&Colors"));
    auto *group = new QActionGroup(this);
    const QStringList names{tr("Follow the System"), tr("Light"), tr("Dark")};
    const int chosen = QSettings().value(QStringLiteral("colorScheme"), 0).toInt();
    for (int i = 0; i < names.size(); ++i) {
        QAction *action = colours->addAction(names.at(i), this, [i] {
            QSettings().setValue(QStringLiteral("colorScheme"), i);
            widgets::applyColorScheme(widgets::ColorScheme(i));
        });
        action->setCheckable(true);
        action->setChecked(i == chosen);
        group->addAction(action);
    }
    QAction *local = menu->addAction(tr("Show Times in &Local Zone"));
    local->setObjectName(QStringLiteral("localTime"));
    local->setCheckable(true);
    local->setShortcut(QKeySequence(QStringLiteral("Ctrl+T")));
    local->setChecked(QSettings().value(QStringLiteral("localTime"), false).toBool());
    connect(local, &QAction::toggled, this, [this](bool on) {
        QSettings().setValue(QStringLiteral("localTime"), on);
        if (m_session)
            m_session->context()->setLocalTime(on);
    });
    QAction *restore = menu->addAction(tr("Restore Last Workspace at Start"));
    restore->setCheckable(true);
    restore->setChecked(QSettings().value(QStringLiteral("restoreSession"), true).toBool());
    connect(restore, &QAction::toggled, this,
        [](bool on) { QSettings().setValue(QStringLiteral("restoreSession"), on); });
    QMenu *layouts = menu->addMenu(tr("La&youts"));
    connect(layouts, &QMenu::aboutToShow, this, [this, layouts] { fillLayoutMenu(layouts); });
}

QMenu *MainWindow::createGoMenu()
{
    QMenu *menu = menuBar()->addMenu(tr("&Go"));
    add(
        menu, QStringLiteral("back"), tr("&Back"), QKeySequence(QStringLiteral("Alt+Left")), this,
        [this] {
            if (m_session)
                m_session->context()->undo();
        },
        "back");
    add(
        menu, QStringLiteral("forward"), tr("&Forward"), QKeySequence(QStringLiteral("Alt+Right")), this,
        [this] {
            if (m_session)
                m_session->context()->redo();
        },
        "forward");
    add(
        menu, QStringLiteral("fit"), tr("Show &Everything"), QKeySequence(QStringLiteral("Ctrl+0")), this,
        [this] {
            if (m_session)
                m_session->context()->resetNavigation();
        },
        "everything");
    menu->addSeparator();
    add(
        menu, QStringLiteral("search"), tr("Command &Palette…"), QKeySequence(QStringLiteral("Ctrl+Shift+P")),
        this, [this] { showCommandPalette(); }, "palette");
    return menu;
}

void MainWindow::createHelpMenu()
{
    QMenu *menu = menuBar()->addMenu(tr("&Help"));
    add(
        menu, QStringLiteral("info"), tr("About This &View"), QKeySequence::HelpContents, this,
        [this] { showViewHelp(); }, "viewHelp");
    add(
        menu, {}, tr("&About Tailscope"), {}, this, [this] { showAbout(); }, "about");
}

void MainWindow::openFileDialog()
{
    const QStringList paths = QFileDialog::getOpenFileNames(this, tr("Open"),
        QSettings().value(QStringLiteral("lastFolder")).toString(), tr("All files (*)"));
    if (paths.isEmpty())
        return;
    QSettings().setValue(QStringLiteral("lastFolder"), QFileInfo(paths.first()).absolutePath());
    openPaths(paths);
}

void MainWindow::updateRecentMenu()
{
    m_recentMenu->clear();
    const QStringList files = m_recent->files();
    for (const QString &path : files) {
        QAction *action = m_recentMenu->addAction(path, this, [this, path] { openPaths({path}); });
        action->setEnabled(QFileInfo::exists(path));
    }
    m_recentMenu->addSeparator();
    m_recentMenu->addAction(tr("Clear List"), m_recent, &items::RecentFiles::clear)
        ->setEnabled(!files.isEmpty());
}

void MainWindow::updateActions()
{
    const auto enable = [this](const char *name, bool on) {
        if (auto *action = findChild<QAction *>(QString::fromLatin1(name)))
            action->setEnabled(on);
    };
    const session::SessionContext *context = m_session ? m_session->context() : nullptr;
    enable("back", context && context->canUndo());
    enable("forward", context && context->canRedo());
    enable("everything", context != nullptr);
    enable("undo", m_session && m_session->undoStack()->canUndo());
    enable("redo", m_session && m_session->undoStack()->canRedo());
    for (const char *name :
        {"find", "filter", "showSql", "copyCommand", "export", "saveAs", "zoomIn", "zoomOut"})
        enable(name, m_session != nullptr);
}

void MainWindow::exportCurrentView()
{
    widgets::View *view = currentView();
    if (!view)
        return;
    const QString path = QFileDialog::getSaveFileName(this, tr("Export Picture"),
        view->viewId() + QStringLiteral(".png"), tr("Pictures (*.png *.svg)"));
    if (path.isEmpty())
        return;
    const QString problem = view->exportPicture(path);
    if (!problem.isEmpty()) {
        m_bannerView.clear();
        m_banner->show(widgets::Banner::Level::Critical, problem);
    } else {
        statusBar()->showMessage(tr("Saved %1").arg(path), 5000);
    }
}

void MainWindow::showCommandPalette()
{
    QList<QAction *> actions;
    const auto all = findChildren<QAction *>();
    for (QAction *action : all) {
        if (!action->text().isEmpty() && !action->menu() && !action->isSeparator())
            actions << action;
    }
    if (widgets::View *view = currentView())
        actions << view->viewActions();
    (new CommandPalette(actions, this))->show();
}

void MainWindow::showViewHelp()
{
    const widgets::View *view = currentView();
    const widgets::ViewDescriptor *row = viewById(view ? view->viewId() : QStringLiteral("start"));
    if (!row)
        return;
    auto *box = new QMessageBox(QMessageBox::Information, row->title, row->help, QMessageBox::Close, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

void MainWindow::showAbout()
{
    auto *box = new QMessageBox(QMessageBox::NoIcon, tr("About Tailscope"),
        tr("<h3>Tailscope %1</h3><p>Finds out where the time went.</p><p>Qt %2. GPL-3.0-or-later.</p>")
            .arg(QStringLiteral(TS_VERSION), QString::fromLatin1(qVersion())),
        QMessageBox::Close, this);
    box->setIconPixmap(windowIcon().pixmap(64));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

} // namespace tailscope::app
