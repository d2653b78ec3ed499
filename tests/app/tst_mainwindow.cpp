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
    void everyViewHasNameAndHelp();
    void shortcutsDoNotClash();
    void actionTextsFollowTheRules();
    void paletteMatchesFuzzily();
    void timezonesAndDurations();

private:
    QTemporaryDir m_folder;
};

void TestMainWindow::initTestCase()
{
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setApplicationName(QStringLiteral("tst_mainwindow"));
}

void TestMainWindow::opensFilesAndShowsTheOverview()
{
    const QString path = m_folder.filePath(QStringLiteral("a.json"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(R"([{"name":"outer","ph":"X","ts":0,"dur":100,"pid":1,"tid":1}])");
    file.close();
    app::MainWindow window;
    window.show();
    window.startEmpty();
    QVERIFY(window.session());
    window.openPaths({path});
    QTRY_VERIFY_WITH_TIMEOUT(
        window.session()->context()->columns() && window.session()->context()->columns()->size() == 1, 20000);
    const auto *overview = window.findChild<QDockWidget *>(QStringLiteral("dock.overview"));
    QVERIFY(overview);
    QTRY_VERIFY_WITH_TIMEOUT(!overview->widget()->visibleRegion().isEmpty(), 10000);
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
