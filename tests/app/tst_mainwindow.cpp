// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commandpalette.h"
#include "app/importarguments.h"
#include "app/mainwindow.h"
#include "app/viewregistry.h"
#include "session/session.h"

#include <QAction>
#include <QDockWidget>
#include <QFile>
#include <QLabel>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using namespace tailscope;

class TestMainWindow : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void opensFilesAndShowsTheOverview();
    void keepsANamedWorkspace();
    void comesBackToWhatWasOpen();
    void opensAWorkspaceThenImports();
    void tellsWhyAWorkspaceDoesNotOpen();
    void everyViewHasNameAndHelp();
    void shortcutsDoNotClash();
    void actionTextsFollowTheRules();
    void paletteMatchesFuzzily();
    void timezonesAndDurations();

private:
    QString traceFile(const QString &name);
    static bool isIdle(const app::MainWindow &window)
    {
        return window.session() && window.session()->jobs()->isIdle() && !window.session()->isLoading();
    }
    QTemporaryDir m_folder;
};

void TestMainWindow::initTestCase()
{
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setApplicationName(QStringLiteral("tst_mainwindow"));
}

QString TestMainWindow::traceFile(const QString &name)
{
    const QString path = m_folder.filePath(name);
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return {};
    file.write(
        QStringLiteral(R"([{"name":"%1","ph":"X","ts":0,"dur":100,"pid":1,"tid":1}])").arg(name).toUtf8());
    return path;
}

void TestMainWindow::keepsANamedWorkspace()
{
    // Empty, but the user gave it a name: opening something else must not remove it.
    const QString named = m_folder.filePath(QStringLiteral("named.tailscope"));
    QVERIFY(store::Workspace::open(named.toStdString()));
    app::MainWindow window;
    window.startEmpty();
    const QString untitled = QString::fromStdString(window.session()->workspace().path().string());
    QTRY_VERIFY(isIdle(window)); // one that is still being written is kept
    window.openPaths({named});
    QTRY_VERIFY(!window.isOpening() && isIdle(window));
    QVERIFY(QFile::exists(named));
    QVERIFY2(!QFile::exists(untitled), "an untitled workspace without anything in it is left behind");
    window.openSample(QStringLiteral("order-lookup"));
    QTRY_VERIFY_WITH_TIMEOUT(isIdle(window) && window.session()->sources().size() == 2, 30000);
    QVERIFY(QFile::exists(named));
}

void TestMainWindow::comesBackToWhatWasOpen()
{
    QString untitled;
    {
        app::MainWindow window;
        window.openPaths({traceFile(QStringLiteral("back.json"))});
        QTRY_VERIFY_WITH_TIMEOUT(isIdle(window) && window.session()->sources().size() == 1, 30000);
        untitled = QString::fromStdString(window.session()->workspace().path().string());
        window.session()->context()->setRange(TimeRange{10'000, 50'000});
        window.close();
    }
    QVERIFY(QFile::exists(untitled));
    QCOMPARE(QSettings().value(QStringLiteral("lastWorkspace")).toString(), untitled);
    app::MainWindow window;
    window.openPaths({untitled});
    QTRY_VERIFY_WITH_TIMEOUT(!window.isOpening() && isIdle(window), 30000);
    QCOMPARE(window.session()->sources().size(), 1);
    QTRY_VERIFY(window.session()->context()->range() == std::optional(TimeRange{10'000, 50'000}));
}

void TestMainWindow::opensAWorkspaceThenImports()
{
    app::MainWindow window;
    const QString path = m_folder.filePath(QStringLiteral("then.tailscope"));
    QVERIFY(store::Workspace::open(path.toStdString()));
    window.openPaths({traceFile(QStringLiteral("then.json")), path});
    QTRY_VERIFY_WITH_TIMEOUT(!window.isOpening() && isIdle(window) && window.session()->sources().size() == 1,
        30000);
    QCOMPARE(QString::fromStdString(window.session()->workspace().path().string()), path);
}

void TestMainWindow::tellsWhyAWorkspaceDoesNotOpen()
{
    const QString path = m_folder.filePath(QStringLiteral("broken.tailscope"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(5000, 'x'));
    file.close();
    app::MainWindow window;
    window.show();
    window.openPaths({path});
    QTRY_VERIFY(!window.isOpening() && window.session());
    bool isTold = false;
    for (const QLabel *label : window.findChildren<QLabel *>())
        isTold |= label->isVisible() && label->text().contains(QStringLiteral("broken.tailscope"));
    QVERIFY(isTold);
    window.openPaths({m_folder.filePath(QStringLiteral("nowhere.tailscope"))});
    QTRY_VERIFY(!window.isOpening());
    QVERIFY(!QFile::exists(m_folder.filePath(QStringLiteral("nowhere.tailscope"))));
}

void TestMainWindow::opensFilesAndShowsTheOverview()
{
    const QString path = traceFile(QStringLiteral("a.json"));
    QVERIFY(!path.isEmpty());
    app::MainWindow window;
    window.show();
    window.startEmpty();
    QVERIFY(window.session());
    window.openPaths({path});
    QTRY_VERIFY_WITH_TIMEOUT(
        window.session()->context()->columns() && window.session()->context()->columns()->size() == 1, 20000);
    const auto *overview = window.findChild<QDockWidget *>(QStringLiteral("dock.overview"));
    QVERIFY(overview);
    // Tabs behind the current one are visible to Qt, but lie outside the window.
    QTRY_VERIFY_WITH_TIMEOUT(window.rect().contains(overview->mapTo(&window, overview->rect().center())),
        10000);
}

void TestMainWindow::everyViewHasNameAndHelp()
{
    app::MainWindow window;
    window.startEmpty();
    QSet<QString> ids;
    for (const widgets::ViewDescriptor &row : app::viewRegistry()) {
        QVERIFY2(!ids.contains(row.id), qPrintable(row.id));
        ids.insert(row.id);
        QVERIFY2(row.help.size() > 20, qPrintable(row.id));
        const auto *dock = window.findChild<QDockWidget *>(QStringLiteral("dock.") + row.id);
        QVERIFY2(dock, qPrintable(row.id));
        QVERIFY2(!dock->widget()->accessibleName().isEmpty(), qPrintable(row.id));
        auto *view = qobject_cast<widgets::View *>(dock->widget());
        QVERIFY(view);
        QVERIFY2(!view->commandLine().isEmpty(), qPrintable(row.id));
    }
}

void TestMainWindow::shortcutsDoNotClash()
{
    app::MainWindow window;
    QHash<QString, QString> seen;
    for (const QAction *action : window.findChildren<QAction *>()) {
        const QString keys = action->shortcut().toString();
        if (keys.isEmpty())
            continue;
        QVERIFY2(!seen.contains(keys),
            qPrintable(keys + QLatin1String(": ") + seen.value(keys) + QLatin1String(", ") + action->text()));
        seen.insert(keys, action->text());
    }
    QVERIFY(seen.size() > 15);
}

void TestMainWindow::actionTextsFollowTheRules()
{
    app::MainWindow window;
    for (const QAction *action : window.findChildren<QAction *>())
        QVERIFY2(!action->text().contains(QLatin1String("...")), qPrintable(action->text()));
}

void TestMainWindow::paletteMatchesFuzzily()
{
    using app::CommandPalette;
    QVERIFY(CommandPalette::matchScore(QStringLiteral("fg"), QStringLiteral("Flame Graph")) > 0);
    QCOMPARE(CommandPalette::matchScore(QStringLiteral("xyz"), QStringLiteral("Flame Graph")), -1);
    QVERIFY(CommandPalette::matchScore(QStringLiteral("open"), QStringLiteral("Open…"))
        > CommandPalette::matchScore(QStringLiteral("open"), QStringLiteral("Copy as Command Line")));
}

void TestMainWindow::timezonesAndDurations()
{
    QCOMPARE(app::parseTimezone(QStringLiteral("+02:00"))->timezoneOffsetSeconds, 7200);
    QCOMPARE(app::parseTimezone(QStringLiteral("-0530"))->timezoneOffsetSeconds, -19800);
    QCOMPARE(app::parseTimezone(QStringLiteral("Europe/Paris"))->timezoneName, std::string("Europe/Paris"));
    QVERIFY(!app::parseTimezone(QStringLiteral("Nowhere/Land")));
    QVERIFY(!app::parseTimezone(QStringLiteral("+25:00")));
    QCOMPARE(*app::parseDuration(QStringLiteral("-1.5s")), Nanos(-1'500'000'000));
    QCOMPARE(*app::parseDuration(QStringLiteral("2h")), Nanos(7'200'000'000'000));
    QCOMPARE(*app::parseDuration(QStringLiteral("200ms")), Nanos(200'000'000));
    QVERIFY(!app::parseDuration(QStringLiteral("soon")));
    QVERIFY(!app::parseDuration(QStringLiteral("99999999999h")));
}

QTEST_MAIN(TestMainWindow)
#include "tst_mainwindow.moc"
