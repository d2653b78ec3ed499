// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/widgets/distributionfixture.h"

using namespace tailscope;
using namespace tailscope::widgets;
using tests::distinctColors;
using tests::drag;
using tests::Fixture;
using tests::overlap;

class TestDistributionView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void emptyStates();
    void figuresAreWritten();
    void dragNarrows();
    void keyboardNarrows();
    void selfTimeNarrowsSelf();
    void asksWhySlow();
    void groupsDrawOverlays();
    void groupFilterAndExclude();
    void followsTheSelectedOperation();
    void commandTellsTheState();
    void paintsLightAndDark();
    void stateSurvives();
    void sqlAndNames();
    void smallAndLargeFonts();
};

void TestDistributionView::initTestCase()
{
    QStandardPaths::setTestModeEnabled(true);
    applyColorScheme(ColorScheme::Light);
}

void TestDistributionView::emptyStates()
{
    Fixture f;
    QVERIFY(f.view->isReady());
    QVERIFY(!f.view->tabs()->isVisible());
    QSignalSpy commands(f.view.get(), &View::commandRequested);
    const auto buttons = f.view->findChildren<QPushButton *>();
    for (QPushButton *button : buttons) {
        if (button->isVisible())
            button->click();
    }
    QCOMPARE(commands.size(), 1);
    QCOMPARE(commands.at(0).at(0).toString(), QStringLiteral("open"));
    f.load(test::shopSpans(300));
    QVERIFY(f.view->tabs()->isVisible());
    f.context()->setFilterText(QStringLiteral("operation=nothing"));
    QTRY_VERIFY(f.view->isReady() && !f.view->tabs()->isVisible());
    for (QPushButton *button : buttons) {
        if (button->isVisible())
            button->click();
    }
    QVERIFY(f.context()->filterText().isEmpty());
    QTRY_VERIFY(f.view->isReady() && f.view->tabs()->isVisible());
    f.load({{100, kUnknownNanos}, {200, kUnknownNanos}});
    QVERIFY(!f.view->tabs()->isVisible());
    QVERIFY(f.view->basisText().contains(QStringLiteral("2 of unknown duration")));
}

void TestDistributionView::figuresAreWritten()
{
    // The known answer of the product's definition: 99 x 2 ms and one of 150 ms.
    std::vector<test::HandSpan> spans;
    for (int i = 0; i < 100; ++i)
        spans.push_back({i * kNanosPerSecond, i == 57 ? 150 * kNanosPerMilli : 2 * kNanosPerMilli});
    spans.push_back({5, kUnknownNanos});
    spans[3].status = SpanStatus::Error;
    Fixture f;
    f.load(spans);
    const QString figures = f.view->figuresText();
    QVERIFY2(figures.contains(QStringLiteral("P99 2 ms")), qPrintable(figures));
    QVERIFY2(figures.contains(QStringLiteral("P99.9 150 ms (n too small)")), qPrintable(figures));
    QVERIFY2(figures.contains(QStringLiteral("mean 3.48 ms")), qPrintable(figures));
    const QString basis = f.view->basisText();
    QVERIFY2(basis.contains(QStringLiteral("nearest rank, n = 100")), qPrintable(basis));
    QVERIFY2(basis.contains(QStringLiteral("1 of unknown duration")), qPrintable(basis));
    QVERIFY2(basis.contains(QStringLiteral("1 errors (0.99 %)")), qPrintable(basis));
    // Equal figures share one mark.
    const auto &marks = f.view->histogram()->marks();
    QCOMPARE(marks.size(), 3);
    QVERIFY(marks[0].label.startsWith(QStringLiteral("P50–P99 2 ms")));
    QVERIFY(!marks[0].weak && marks[1].isMean && marks[2].weak);
}

void TestDistributionView::dragNarrows()
{
    Fixture f;
    f.load(test::shopSpans(5'000));
    HistogramCanvas *histogram = f.view->histogram();
    const auto &bars = histogram->histogramLayout().bars;
    QVERIFY(bars.size() > 12);
    const std::size_t first = bars.size() / 3, last = bars.size() / 2;
    const Nanos low = bars[first].low, high = bars[last].high;
    std::int64_t expected = 0;
    for (std::size_t i = first; i <= last; ++i)
        expected += bars[i].count;
    const int y = histogram->plotRect().center().y();
    drag(histogram, {int(histogram->barRect(first).center().x()), y},
        {int(histogram->barRect(last).center().x()), y});
    const auto &terms = f.context()->filter().terms;
    QCOMPARE(terms.size(), std::size_t(2));
    QVERIFY(terms[0].field == analysis::FilterTerm::Field::Duration
        && terms[0].op == analysis::FilterTerm::Op::GreaterEqual);
    QVERIFY(terms[1].field == analysis::FilterTerm::Field::Duration
        && terms[1].op == analysis::FilterTerm::Op::Less);
    QCOMPARE(terms[0].number, low);
    QCOMPARE(terms[1].number, high);
    QTRY_VERIFY(f.view->isReady());
    QCOMPARE(f.view->model()->stats()->count, expected);
    QTest::mouseDClick(histogram, Qt::LeftButton, {}, histogram->plotRect().center());
    QVERIFY(f.context()->filterText().isEmpty());
    QTRY_VERIFY(f.view->isReady());
    QVERIFY(f.view->model()->stats()->count > expected);
    // A click without movement selects nothing.
    QTest::mouseClick(histogram, Qt::LeftButton, {}, histogram->plotRect().center());
    QVERIFY(f.context()->filterText().isEmpty());
}

void TestDistributionView::keyboardNarrows()
{
    Fixture f;
    f.load(test::shopSpans(5'000));
    HistogramCanvas *histogram = f.view->histogram();
    QTest::keyClick(histogram, Qt::Key_Home);
    QCOMPARE(histogram->cursorBar(), 0);
    QTest::keyClick(histogram, Qt::Key_Right);
    QTest::keyClick(histogram, Qt::Key_Right);
    QCOMPARE(histogram->cursorBar(), 2);
    QVERIFY(!histogram->accessibleValue().isEmpty());
    QTest::keyClick(histogram, Qt::Key_Right, Qt::ShiftModifier);
    QTest::keyClick(histogram, Qt::Key_Right, Qt::ShiftModifier);
    const auto bars = histogram->histogramLayout().bars;
    QVERIFY(histogram->selection() == std::pair(bars[2].low, bars[4].high));
    // The figures of the part follow.
    QTRY_VERIFY(f.view->figuresText().startsWith(QStringLiteral("Selected")));
    QTest::keyClick(histogram, Qt::Key_Escape);
    QVERIFY(!histogram->selection());
    QVERIFY(!f.view->figuresText().startsWith(QStringLiteral("Selected")));
    QTest::keyClick(histogram, Qt::Key_Left, Qt::ShiftModifier);
    QTest::keyClick(histogram, Qt::Key_Return);
    QCOMPARE(f.context()->filter().terms.at(0).number, bars[3].low);
    QCOMPARE(f.context()->filter().terms.at(1).number, bars[4].high);
    QTRY_VERIFY(f.view->isReady());
    QTest::keyClick(histogram, Qt::Key_Backspace);
    QVERIFY(f.context()->filterText().isEmpty());
    // Up and Down walk the figures.
    QTRY_VERIFY(f.view->isReady());
    QTest::keyClick(histogram, Qt::Key_Down);
    QVERIFY(histogram->accessibleValue().startsWith(QStringLiteral("P50")));
    QVERIFY(histogram->accessibleValue().contains(QStringLiteral("95 % interval")));
}

void TestDistributionView::selfTimeNarrowsSelf()
{
    Fixture f;
    f.load(test::shopSpans(2'000));
    f.view->viewActions().first()->trigger();
    QTRY_VERIFY(f.view->isReady() && f.view->model()->statsAreSelf());
    QTest::keyClick(f.view->histogram(), Qt::Key_End);
    QTest::keyClick(f.view->histogram(), Qt::Key_Return);
    QVERIFY2(f.context()->filterText().startsWith(QStringLiteral("self>=")),
        qPrintable(f.context()->filterText()));
    QVERIFY(f.view->basisText().contains(QStringLiteral("self time")));
}

void TestDistributionView::asksWhySlow()
{
    Fixture f;
    f.load(test::shopSpans(300));
    QSignalSpy opened(f.view.get(), &View::openViewRequested);
    QAction *ask = nullptr;
    for (QAction *action : f.view->viewActions()) {
        if (action->text().startsWith(QStringLiteral("Why")))
            ask = action;
    }
    QVERIFY(ask);
    // Without a choice: the slowest 1 %.
    ask->trigger();
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened.at(0).at(0).toString(), QStringLiteral("cohorts"));
    QCOMPARE(f.context()->cohort(), session::Cohort());
    // The range that was dragged lies in the filter: it becomes the question, and the others come back.
    f.context()->setFilterText(QStringLiteral("service=shop duration>=5ms duration<7ms"));
    QTRY_VERIFY(f.view->isReady());
    ask->trigger();
    QCOMPARE(f.context()->cohort().slow, session::Cohort::Slow::Durations);
    QCOMPARE(f.context()->cohort().low, Nanos(5'000'000));
    QCOMPARE(f.context()->cohort().high, Nanos(7'000'000));
    QCOMPARE(f.context()->filterText(), QStringLiteral("service=shop"));
    QCOMPARE(opened.size(), 2);
}

void TestDistributionView::groupsDrawOverlays()
{
    Fixture f;
    f.load(test::shopSpans(3'000));
    QTableView *table = f.view->groupTable()->table();
    const auto *groups = f.view->groupTable()->groups();
    QCOMPARE(groups->rowCount(), 3);
    table->selectRow(0);
    QCOMPARE(f.view->groupTable()->chosen().size(), 1);
    QCOMPARE(f.view->model()->overlays().size(), std::size_t(1));
    const QString name = groups->name(0);
    QVERIFY(f.view->histogram()->toText().section(QLatin1Char('\n'), 0, 0).endsWith(groups->title(0)));
    // The choice and its colour survive sorting and recomputing.
    table->sortByColumn(0, Qt::AscendingOrder);
    f.context()->setRange(
        TimeRange{f.context()->fullRange().begin, f.context()->fullRange().end - kNanosPerSecond});
    QTRY_VERIFY(f.view->isReady());
    QCOMPARE(f.view->groupTable()->chosen(), QStringList(name));
    QCOMPARE(groups->index(groups->rowOfName(name), 0).data(items::DistributionGroups::OverlayRole).toInt(),
        0);
    table->selectAll();
    QCOMPARE(f.view->groupTable()->chosen().first(), name);
    QCOMPARE(f.view->model()->overlays().size(), std::size_t(3));
    f.view->groupTable()->setGroupBy(analysis::GroupBy::Service);
    QTRY_VERIFY(f.view->isReady());
    QCOMPARE(groups->rowCount(), 2);
    QVERIFY(f.view->model()->overlays().empty());
}

void TestDistributionView::groupFilterAndExclude()
{
    Fixture f;
    f.load(test::shopSpans(3'000));
    GroupTable *table = f.view->groupTable();
    Q_EMIT table->excludeRequested(table->groups()->excludeTerms(0));
    QTRY_VERIFY(f.view->isReady());
    QCOMPARE(table->groups()->rowCount(), 2);
    Q_EMIT table->excludeRequested(table->groups()->excludeTerms(0));
    QTRY_VERIFY(f.view->isReady());
    QCOMPARE(table->groups()->rowCount(), 1);
    f.context()->setFilterText({});
    QTRY_VERIFY(f.view->isReady());
    const QString name = table->groups()->name(1);
    table->table()->setFocus();
    table->table()->setCurrentIndex(table->groups()->index(1, 0));
    QTest::keyClick(table->table(), Qt::Key_Return);
    QTRY_VERIFY(f.view->isReady());
    QCOMPARE(table->groups()->rowCount(), 1);
    QCOMPARE(table->groups()->name(0), name);
}

void TestDistributionView::followsTheSelectedOperation()
{
    using Kind = session::Selection::Kind;
    Fixture f;
    // Chosen before the groups are there.
    const QString name = QString::fromStdString(test::kShopOperations.front());
    f.context()->setSelection({Kind::Operation, 0, name});
    f.load(test::shopSpans(3'000));
    QTRY_COMPARE(f.view->groupTable()->chosen(), QStringList(name));
    QTRY_COMPARE(f.view->model()->overlays().size(), std::size_t(1));
    const auto *groups = f.view->groupTable()->groups();
    const int other = groups->rowOfName(name) == 0 ? 1 : 0;
    f.context()->setSelection({Kind::Operation, 0, groups->name(other)});
    QCOMPARE(f.view->groupTable()->chosen(), QStringList(groups->name(other)));
    // A row that the user selects is the operation of all views.
    f.view->groupTable()->table()->selectRow(groups->rowOfName(name));
    QCOMPARE(f.context()->selection(), (session::Selection{Kind::Operation, 0, name}));
    // Other groups stay as they are.
    f.view->groupTable()->setGroupBy(analysis::GroupBy::Service);
    QTRY_VERIFY(f.view->isReady());
    f.context()->setSelection({Kind::Operation, 0, groups->name(0)});
    QVERIFY(f.view->groupTable()->chosen().isEmpty());
}

void TestDistributionView::commandTellsTheState()
{
    Fixture f;
    f.load(test::shopSpans(300));
    f.view->setViewId(QStringLiteral("distribution"));
    f.view->groupTable()->setGroupBy(analysis::GroupBy::Service);
    QVERIFY2(f.view->commandLine().contains(QStringLiteral("\"groupBy\":1")),
        qPrintable(f.view->commandLine()));
}

void TestDistributionView::paintsLightAndDark()
{
    for (const ColorScheme scheme : {ColorScheme::Light, ColorScheme::Dark}) {
        applyColorScheme(scheme);
        Fixture f;
        f.load(test::shopSpans(3'000));
        for (const int tab : {0, 1, 2}) {
            f.view->tabs()->setCurrentIndex(tab);
            QTRY_VERIFY(f.view->isReady());
            QVERIFY(distinctColors(*f.view) > 20);
            const QImage picture = f.view->tabs()->currentWidget()->grab().toImage();
            // The margin of each picture is the background of the palette, also inside the chart.
            const QColor corner = picture.pixelColor(2, picture.height() / 3);
            QCOMPARE(corner.lightness() < 128, scheme == ColorScheme::Dark);
        }
    }
    applyColorScheme(ColorScheme::Light);
    Fixture f;
    f.load(test::shopSpans(1'000));
    f.view->tabs()->setCurrentIndex(DistributionView::CurveTab);
    QTRY_VERIFY(f.view->isReady());
    PlotCanvas *canvas = f.view->curve()->canvas();
    const QImage light = canvas->grab().toImage();
    applyColorScheme(ColorScheme::Dark);
    QCoreApplication::processEvents();
    const QImage dark = canvas->grab().toImage();
    QVERIFY(light.pixelColor(3, 60).lightness() > 128 && dark.pixelColor(3, 60).lightness() < 128);
    applyColorScheme(ColorScheme::Light);
}

void TestDistributionView::stateSurvives()
{
    QJsonObject state;
    {
        Fixture f;
        f.load(test::shopSpans(300));
        for (QAction *action : f.view->viewActions()) {
            if (action->isCheckable())
                action->toggle();
        }
        f.view->groupTable()->setGroupBy(analysis::GroupBy::Status);
        f.view->tabs()->setCurrentIndex(DistributionView::CurveTab);
        state = f.view->saveState();
    }
    Fixture f;
    f.view->restoreState(state);
    QCOMPARE(f.view->saveState().value(QStringLiteral("groupBy")), state.value(QStringLiteral("groupBy")));
    QVERIFY(f.view->model()->isSelfTime());
    QVERIFY(!f.view->histogram()->isLogarithmic() && f.view->histogram()->isSquareRoot()
        && f.view->histogram()->hasIntervals());
    QCOMPARE(f.view->tabs()->currentIndex(), int(DistributionView::CurveTab));
    // Nonsense changes nothing.
    f.view->restoreState({{QStringLiteral("tab"), 99}, {QStringLiteral("groupBy"), -7},
        {QStringLiteral("split"), QStringLiteral("x")}});
    QCOMPARE(f.view->tabs()->currentIndex(), int(DistributionView::CurveTab));
}

void TestDistributionView::sqlAndNames()
{
    Fixture f;
    f.load(test::shopSpans(300));
    f.context()->setFilterText(QStringLiteral("duration>=1ms"));
    QTRY_VERIFY(f.view->isReady());
    auto database = f.session->workspace().connectReader();
    QVERIFY(database.has_value());
    for (const int tab : {0, 1, 2}) {
        f.view->tabs()->setCurrentIndex(tab);
        QTRY_VERIFY(f.view->isReady());
        const QString sql = f.view->showSql();
        QVERIFY2(sql.contains(QStringLiteral("duration_ns >= 1000000")), qPrintable(sql));
        QVERIFY2(database->prepare(sql.toStdString()).has_value(), qPrintable(sql));
        const auto widgets = f.view->findChildren<QWidget *>();
        for (QWidget *widget : widgets) {
            if (!widget->isVisible() || !(widget->focusPolicy() & Qt::TabFocus)
                || widget->objectName() == QLatin1String("qt_tabwidget_tabbar"))
                continue;
            const QAccessibleInterface *face = QAccessible::queryAccessibleInterface(widget);
            QVERIFY2(!face->text(QAccessible::Name).isEmpty() || widget->focusProxy(),
                qPrintable(QString::fromLatin1(widget->metaObject()->className())));
        }
    }
}

void TestDistributionView::smallAndLargeFonts()
{
    Fixture f;
    f.load(test::shopSpans(3'000));
    QVERIFY2(f.view->minimumSizeHint().width() <= 700 && f.view->minimumSizeHint().height() <= 450,
        qPrintable(QStringLiteral("%1 x %2")
                       .arg(f.view->minimumSizeHint().width())
                       .arg(f.view->minimumSizeHint().height())));
    QFont font = f.view->font();
    font.setPointSize(14);
    f.view->setFont(font);
    f.view->resize(700, 450);
    for (const int tab : {0, 1, 2}) {
        f.view->tabs()->setCurrentIndex(tab);
        QTRY_VERIFY(f.view->isReady());
        QVERIFY(distinctColors(*f.view) > 20);
    }
    QVERIFY(!overlap(f.view->histogram()->markLabels()));
}

QTEST_MAIN(TestDistributionView)
#include "tst_distributionview.moc"
