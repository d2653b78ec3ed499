// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/mainwindow.h"

#include "app/commands/input.h"
#include "app/commands/redactplan.h"
#include "app/filterbar.h"
#include "app/jobbar.h"
#include "app/livebar.h"
#include "app/sourceopener.h"
#include "app/viewregistry.h"
#include "base/text.h"
#include "items/recentfiles.h"
#include "report/anonymiseplan.h"
#include "session/session.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"

#include <QApplication>
#include <QChildEvent>
#include <QClipboard>
#include <QDir>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLayout>
#include <QMimeData>
#include <QStatusBar>
#include <QTabBar>
#include <QTimer>
#include <QUrl>
#include <QVBoxLayout>

namespace tailscope::app {

namespace {

QString dockName(const QString &viewId) { return QStringLiteral("dock.") + viewId; }

/// Tabs behind the current one are visible to Qt, but lie outside the window.
bool isInWindow(const QWidget *widget)
{
    const QWidget *window = widget->window();
    return widget->isVisible()
        && window->rect().intersects(QRect(widget->mapTo(window, QPoint()), widget->size()));
}

} // namespace

namespace {

/// Twenty views side by side: their tabs keep their titles and scroll. The tab bars are made as they are
/// needed.
class TabsInFull : public QObject
{
public:
    using QObject::QObject;
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (event->type() == QEvent::ChildPolished) {
            if (auto *bar = qobject_cast<QTabBar *>(static_cast<QChildEvent *>(event)->child()))
                bar->setElideMode(Qt::ElideNone);
        }
        return QObject::eventFilter(watched, event);
    }
};

} // namespace

MainWindow::MainWindow(QWidget *parent)
    : QMainWindow(parent)
    , m_openJobs(new session::JobQueue(this))
    , m_openJob(m_openJobs)
    , m_recent(new items::RecentFiles(this))
    , m_filterBar(new FilterBar(this))
    , m_jobBar(new JobBar(this))
    , m_liveBar(new LiveBar(this))
    , m_banner(new widgets::Banner(this))
    , m_dockHost(new QMainWindow)
    , m_status(new QLabel(this))
    , m_autosave(new QTimer(this))
{
    setWindowTitle(tr("Tailscope"));
    setAcceptDrops(true);
    setMinimumSize(480, 320);
    resize(1400, 860);

    // The docks live in a window of their own below filter and banner, so these two keep their full width.
    auto *central = new QWidget(this);
    auto *layout = new QVBoxLayout(central);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_filterBar);
    layout->addWidget(m_liveBar);
    layout->addWidget(m_banner);
    layout->addWidget(m_dockHost, 1);
    setCentralWidget(central);
    m_dockHost->setWindowFlags(Qt::Widget);
    m_dockHost->setDockNestingEnabled(true);
    m_dockHost->setDockOptions(AllowNestedDocks | AllowTabbedDocks);
    m_dockHost->setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    m_dockHost->installEventFilter(new TabsInFull(m_dockHost));
    connect(m_banner, &widgets::Banner::actionClicked, this, [this] {
        if (!m_bannerView.isEmpty())
            showView(m_bannerView);
        else if (!m_refusedPlan.isEmpty())
            saveRefusedPlan();
    });

    statusBar()->addWidget(m_status, 1);
    statusBar()->addPermanentWidget(m_jobBar);
    m_status->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_autosave->setInterval(30'000);
    connect(m_autosave, &QTimer::timeout, this, &MainWindow::saveLayout);
    m_autosave->start();
    createActions();
}

MainWindow::~MainWindow() { closeSession(); }

void MainWindow::openPaths(const QStringList &paths)
{
    QStringList inputs;
    QString workspace;
    for (const QString &path : paths) {
        if (path.endsWith(QLatin1String(".tailscope")))
            workspace = path;
        else
            inputs << path;
    }
    if (!workspace.isEmpty())
        openWorkspace(workspace, inputs);
    else if (!inputs.isEmpty())
        importInto(inputs);
}

void MainWindow::importInto(const QStringList &paths)
{
    if (!m_session && !newWorkspace({}))
        return;
    for (const QString &path : paths)
        m_recent->add(path);
    m_pendingView = QStringLiteral("overview");
    m_session->importFiles(paths);
}

void MainWindow::createDocks()
{
    for (const widgets::ViewDescriptor &row : viewRegistry()) {
        auto *dock = new QDockWidget(row.title, m_dockHost);
        dock->setObjectName(dockName(row.id));
        dock->setFeatures(QDockWidget::DockWidgetClosable | QDockWidget::DockWidgetMovable
            | QDockWidget::DockWidgetFloatable);
        widgets::View *view = row.create(m_session.get(), dock);
        view->setViewId(row.id);
        view->setAccessibleName(row.title);
        dock->setWidget(view);
        m_docks.insert(row.id, dock);
        m_views.insert(row.id, view);
        connectView(view);
        connect(dock, &QDockWidget::visibilityChanged, this, [this, view](bool visible) {
            if (visible && isInWindow(view))
                m_lastView = view;
        });
    }
    defaultLayout();
    m_askedViews.clear();
    m_shownContents.clear();
    showViewsWithData(true);
}

void MainWindow::connectView(widgets::View *view)
{
    connect(view, &widgets::View::statusText, m_status, &QLabel::setText);
    connect(view, &widgets::View::openViewRequested, this, &MainWindow::showView);
    connect(view, &widgets::View::sqlRequested, this, [this](const QString &sql) {
        showView(QStringLiteral("console"));
        if (widgets::View *console = m_views.value(QStringLiteral("console")))
            console->setSql(sql);
    });
    connect(view, &widgets::View::commandRequested, this, &MainWindow::runCommandOfView);
}

void MainWindow::runCommandOfView(const QString &command, const QString &argument)
{
    if (command == QLatin1String("open"))
        openFileDialog();
    else if (command == QLatin1String("attach"))
        openAttachDialog();
    else if (command == QLatin1String("paste"))
        pasteText();
    else if (command == QLatin1String("open-path"))
        openPaths({argument});
    else if (command == QLatin1String("sample"))
        openSample(argument);
    else if (command == QLatin1String("explain"))
        explainStatement(argument);
    else if (command == QLatin1String("align"))
        alignClock(argument.toLongLong());
    else if (command == QLatin1String("open-source")) {
        if (const Result<void> opened = openSource(argument); !opened) {
            m_bannerView.clear();
            m_banner->show(widgets::Banner::Level::Warning, QString::fromStdString(opened.error().toText()));
        }
    } else if (command == QLatin1String("sampling"))
        stateSampling(argument.toLongLong());
}

widgets::View *MainWindow::currentView() const
{
    for (QWidget *widget = QApplication::focusWidget(); widget; widget = widget->parentWidget()) {
        if (auto *view = qobject_cast<widgets::View *>(widget))
            return view;
    }
    return m_lastView;
}

void MainWindow::showView(const QString &id)
{
    QDockWidget *dock = m_docks.value(id);
    if (!dock)
        return;
    m_askedViews.insert(id);
    dock->show();
    // The tab bars are made when the layout is next at work; before that, raising a tab is lost.
    m_dockHost->layout()->activate();
    dock->raise();
    m_lastView = m_views.value(id);
    m_lastView->setFocus(Qt::OtherFocusReason);
    updateActions();
}

void MainWindow::showError(const Error &error)
{
    m_refusedPlan.clear();
    if (isRefusedPlan(error)) {
        // Whoever can mend the reader needs the text, and may not see what it names.
        m_refusedPlan = QString::fromStdString(error.subject);
        m_bannerView.clear();
        m_banner->show(widgets::Banner::Level::Critical, QString::fromStdString(error.toText()),
            tr("Save a Redacted Copy..."));
        return;
    }
    m_bannerView = QStringLiteral("report");
    m_banner->show(widgets::Banner::Level::Critical, QString::fromStdString(error.toText()),
        tr("Open Import Report"));
}

void MainWindow::saveRefusedPlan()
{
    const QString out = QFileDialog::getSaveFileName(this, tr("Save a Redacted Copy"),
        QDir::home().filePath(QStringLiteral("plan-redacted.txt")));
    if (out.isEmpty() || !m_session)
        return;
    const QString path = m_refusedPlan;
    const QByteArray pasted = path == tr("Pasted text") ? m_pastedText : QByteArray();
    m_session->jobs()->start<bool>(
        this, tr("Saving %1").arg(out.section(QLatin1Char('/'), -1)),
        [path, pasted, out](const Progress &) -> Result<bool> {
            if (pasted.isEmpty())
                TS_TRY(saveRedactedPlan(path, out));
            else
                TS_TRY(writeOutput(out,
                    report::anonymisePlanText({pasted.constData(), std::size_t(pasted.size())})));
            return true;
        },
        [this, out](Result<bool> saved) {
            if (!saved)
                return showError(saved.error());
            m_bannerView.clear();
            m_refusedPlan.clear();
            m_banner->show(widgets::Banner::Level::Info,
                tr("Saved without names and values: %1. Look at it before you pass it on.").arg(out));
        });
}

void MainWindow::showImport(const QString &path, const import::ImportOutcome &outcome)
{
    const QString name = path.section(QLatin1Char('/'), -1);
    if (outcome.duplicateOf) {
        m_bannerView = QStringLiteral("sources");
        m_banner->show(widgets::Banner::Level::Info,
            tr("%1 has the same bytes as source %2: it was noted and not imported again.")
                .arg(name)
                .arg(*outcome.duplicateOf),
            tr("Show Sources"));
    } else if (outcome.rowsSkipped > 0) {
        m_bannerView = QStringLiteral("report");
        m_banner->show(widgets::Banner::Level::Warning,
            tr("%1: %2 rows imported, %3 skipped.")
                .arg(name, QString::fromStdString(groupedCount(outcome.rows)),
                    QString::fromStdString(groupedCount(outcome.rowsSkipped))),
            tr("Open Import Report"));
    } else {
        m_status->setText(tr("%1: %2 rows in %3")
                              .arg(name, QString::fromStdString(groupedCount(outcome.rows)),
                                  QString::fromStdString(humanMillis(outcome.seconds * 1000))));
    }
}

void MainWindow::pasteText()
{
    const QString text = QApplication::clipboard()->text();
    if (text.trimmed().isEmpty()) {
        m_bannerView.clear();
        m_banner->show(widgets::Banner::Level::Info,
            tr("The clipboard holds no text. Copy an EXPLAIN output (or any known text format) first."));
        return;
    }
    if (!m_session && !newWorkspace({}))
        return;
    m_pendingView = QStringLiteral("plan");
    m_pastedText = text.toUtf8();
    m_session->importText(tr("Pasted text"), m_pastedText);
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event)
{
    if (event->mimeData()->hasUrls() || event->mimeData()->hasText())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent *event)
{
    QStringList paths;
    for (const QUrl &url : event->mimeData()->urls()) {
        if (url.isLocalFile())
            paths << url.toLocalFile();
    }
    if (!paths.isEmpty()) {
        openPaths(paths);
    } else if (event->mimeData()->hasText() && (m_session || newWorkspace({}))) {
        m_pendingView = QStringLiteral("plan");
        m_session->importText(tr("Dropped text"), event->mimeData()->text().toUtf8());
    }
    event->acceptProposedAction();
}

void MainWindow::changeEvent(QEvent *event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::ActivationChange)
        updateActions();
}

} // namespace tailscope::app
