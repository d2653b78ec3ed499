// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A stranger's path through each demo, with the mouse, in a real window: sample, finding, where it is.
#include "app/mainwindow.h"
#include "app/viewregistry.h"
#include "session/session.h"
#include "widgets/base/theme.h"

#include <QCommandLinkButton>
#include <QDir>
#include <QDockWidget>
#include <QScrollArea>
#include <QSettings>
#include <QStandardPaths>
#include <QTableView>
#include <QTest>
#include <QTextBrowser>
#include <QTreeWidget>

using namespace tailscope;

class TestStranger : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void demos_data();
    void demos();
    void picturesOfEveryView();

private:
    static bool isIdle(const app::MainWindow &window)
    {
        return window.session() && !window.session()->sources().isEmpty()
            && window.session()->jobs()->isIdle() && !window.session()->isLoading();
    }
    static QWidget *view(const app::MainWindow &window, const QString &id)
    {
        const auto *dock = window.findChild<QDockWidget *>(QStringLiteral("dock.") + id);
        return dock ? dock->widget() : nullptr;
    }
    /// Tabs behind the current one are visible to Qt, but lie outside the window.
    static bool isSeen(const QWidget *widget)
    {
        return widget && widget->isVisible()
            && widget->window()->rect().contains(
                QRect(widget->mapTo(widget->window(), QPoint()), widget->size()).center());
    }
    static void clickSample(app::MainWindow &window, const QString &title);
};

void TestStranger::initTestCase()
{
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setApplicationName(QStringLiteral("tst_stranger"));
    QDir(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation)).removeRecursively();
    QSettings().clear();
    QDir().mkpath(QStringLiteral(TS_BINARY_DIR "/e2e"));
}

void TestStranger::clickSample(app::MainWindow &window, const QString &title)
{
    window.resize(1500, 940);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    window.startEmpty();
    QWidget *start = view(window, QStringLiteral("start"));
    QTRY_VERIFY(isSeen(start));
    QCommandLinkButton *sample = nullptr;
    for (auto *button : start->findChildren<QCommandLinkButton *>()) {
        if (button->text() == title)
            sample = button;
    }
    QVERIFY2(sample, qPrintable(title));
    start->findChild<QScrollArea *>()->ensureWidgetVisible(sample);
    QTRY_VERIFY(isSeen(sample));
    QTest::mouseClick(sample, Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(isIdle(window), 60000);
}

void TestStranger::demos_data()
{
    QTest::addColumn<QString>("sample");
    QTest::addColumn<QString>("finding"); ///< a word of the finding's title
    QTest::addColumn<QString>("advice"); ///< a word of what its text must say
    QTest::addColumn<QString>("leadsTo"); ///< the view that "Show where" opens
    QTest::newRow("order-lookup") << "The order lookup over half a billion rows"
                                  << "Missing index"
                                  << "CREATE INDEX"
                                  << "plan";
    QTest::newRow("checkout") << "Checkout in 1.2 seconds, target 500 ms"
                              << "no span"
                              << "255"
                              << "waterfall";
    QTest::newRow("flash-sale") << "Flash sale: 40 pools of 20 against 200"
                                << "28.3 s of 28.4 s"
                                << "pool.acquire"
                                << "waterfall";
    QTest::newRow("tenant") << "The average looked fine"
                            << "tenant = t-117"
                            << "480 of 500"
                            << "waterfall";
    QTest::newRow("eight-seconds") << "Eight seconds, told twice"
                                   << "in no span"
                                   << "payment wait"
                                   << "waterfall";
    QTest::newRow("death-spiral") << "The badge that took the platform down"
                                  << "calls of notification-service"
                                  << "64"
                                  << "waterfall";
    QTest::newRow("list-page") << "List page: 51 queries"
                               << "50 times"
                               << "255"
                               << "waterfall";
}

void TestStranger::demos()
{
    QFETCH(QString, sample);
    QFETCH(QString, finding);
    QFETCH(QString, advice);
    QFETCH(QString, leadsTo);
    app::MainWindow window;
    clickSample(window, sample); // first click
    window.showView(QStringLiteral("overview"));
    QWidget *overview = view(window, QStringLiteral("overview"));
    QTRY_VERIFY(isSeen(overview));
    QTreeWidget *findings = nullptr;
    for (auto *table : overview->findChildren<QTreeWidget *>()) {
        if (table->accessibleName() == QLatin1String("Findings"))
            findings = table;
    }
    QVERIFY(findings);
    QTRY_VERIFY(findings->topLevelItemCount() > 0);
    QTreeWidgetItem *row = nullptr;
    QStringList titles;
    for (int i = 0; i < findings->topLevelItemCount(); ++i) {
        titles << findings->topLevelItem(i)->text(1);
        if (!row && titles.last().contains(finding, Qt::CaseInsensitive))
            row = findings->topLevelItem(i);
    }
    QVERIFY2(row, qPrintable(titles.join(QStringLiteral(" | "))));
    findings->scrollToItem(row);
    const QPoint at = findings->visualItemRect(row).center();
    QTest::mouseClick(findings->viewport(), Qt::LeftButton, {}, at);
    QTest::mouseDClick(findings->viewport(), Qt::LeftButton, {}, at); // second click
    QWidget *list = view(window, QStringLiteral("findings"));
    QTRY_VERIFY(isSeen(list));
    auto *text = list->findChild<QTextBrowser *>();
    QTRY_VERIFY2(text->toPlainText().contains(row->text(1)), qPrintable(text->toPlainText()));
    QVERIFY2(text->toPlainText().contains(advice), qPrintable(text->toPlainText()));
    // Third click: to the place itself.
    auto *table = list->findChild<QTableView *>();
    const QRect cell = table->visualRect(table->currentIndex());
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, cell.center());
    QTest::mouseDClick(table->viewport(), Qt::LeftButton, {}, cell.center());
    QTRY_VERIFY(isSeen(view(window, leadsTo)));
    window.grab().save(
        QStringLiteral(TS_BINARY_DIR "/e2e/%1.png").arg(QString::fromLatin1(QTest::currentDataTag())));
}

void TestStranger::picturesOfEveryView()
{
    app::MainWindow window;
    clickSample(window, QStringLiteral("A tour of the views"));
    for (const auto scheme : {widgets::ColorScheme::Light, widgets::ColorScheme::Dark}) {
        widgets::applyColorScheme(scheme);
        for (const widgets::ViewDescriptor &row : app::viewRegistry()) {
            window.showView(row.id);
            QTRY_VERIFY2(isSeen(view(window, row.id)), qPrintable(row.id));
            QTRY_VERIFY_WITH_TIMEOUT(isIdle(window), 30000);
            QTest::qWait(50); // the first frame after the data
            const QImage picture = window.grab().toImage();
            QVERIFY(picture.width() >= 1400);
            const bool isDark = scheme == widgets::ColorScheme::Dark;
            const QColor corner = picture.pixelColor(picture.width() - 3, picture.height() / 2);
            QVERIFY2((corner.lightness() < 128) == isDark, qPrintable(row.id));
            picture.save(QStringLiteral(TS_BINARY_DIR "/e2e/%1-%2.png")
                             .arg(row.id, isDark ? QStringLiteral("dark") : QStringLiteral("light")));
        }
    }
    widgets::applyColorScheme(widgets::ColorScheme::System);
}

QTEST_MAIN(TestStranger)
#include "tst_stranger.moc"
